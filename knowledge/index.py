"""An inverted index in memory: weighted terms -> the best entries, by BM25 or by cosine.

Scores are computed term by term, the rarest first. Once there are enough candidates, a common
term only adds to those that rarer terms have found, so that a question over 100,000 passages
still takes milliseconds.
"""

import math
from collections.abc import Mapping
from heapq import nlargest
from operator import itemgetter
from typing import Literal

ENOUGH_CANDIDATES = 400  # beyond this many, common terms find no new ones
COMMON = 500  # a term in more entries than this is common
MOST_TERMS = 12  # of a long question, those that tell most: more cost time and find nothing
_K1, _B = 1.2, 0.6


class Index:
    """Entries are numbered in the order they are added."""

    def __init__(self, kind: Literal["bm25", "cosine"]) -> None:
        self.kind = kind
        self._entries: list[Mapping[str, float]] = []
        self._postings: dict[str, dict[int, float]] = {}
        self.idf: dict[str, float] = {}

    def add(self, terms: Mapping[str, float]) -> int:
        self._entries.append(terms)
        return len(self._entries) - 1

    def __len__(self) -> int:
        return len(self._entries)

    def finish(self) -> None:
        """Compute what each term adds to each entry. Call once, after the last `add`."""
        self.idf = idf = self._rarity()
        postings: dict[str, dict[int, float]] = {term: {} for term in idf}
        lengths = [sum(entry.values()) for entry in self._entries]
        average = sum(lengths) / max(1, len(lengths)) or 1.0
        for number, entry in enumerate(self._entries):
            if self.kind == "bm25":
                room = _K1 * (1 - _B + _B * lengths[number] / average)
                for term, weight in entry.items():
                    postings[term][number] = idf[term] * weight * (_K1 + 1) / (weight + room)
            else:
                norm = math.sqrt(sum((w * idf[t]) ** 2 for t, w in entry.items())) or 1.0
                for term, weight in entry.items():
                    postings[term][number] = weight * idf[term] / norm
        self._postings = postings
        self._entries = []  # the postings say it all

    def _rarity(self) -> dict[str, float]:
        count = len(self._entries)
        frequency: dict[str, int] = {}
        for entry in self._entries:
            for term in entry:
                frequency[term] = frequency.get(term, 0) + 1
        return {t: math.log(1 + (count - n + 0.5) / (n + 0.5)) for t, n in frequency.items()}

    def score(self, query: Mapping[str, float]) -> dict[int, float]:
        """Entry -> score for the entries that share a term with the query."""
        cosine = self.kind == "cosine"
        known = [
            (self.idf[t], t, w * self.idf[t] if cosine else w)
            for t, w in query.items()
            if t in self._postings
        ]
        if len(known) > MOST_TERMS:
            known = nlargest(MOST_TERMS, known, key=lambda one: one[0] * one[2])
        known.sort(reverse=True)
        scores: dict[int, float] = {}
        for _, term, weight in known:
            postings = self._postings[term]
            if len(postings) > COMMON and len(scores) >= ENOUGH_CANDIDATES:
                adds = postings.get
                for entry in scores:
                    scores[entry] += weight * adds(entry, 0.0)
                continue
            if not scores:
                scores = {entry: weight * impact for entry, impact in postings.items()}
                continue
            for entry, impact in postings.items():
                scores[entry] = scores.get(entry, 0.0) + weight * impact
        return scores


def best(scores: Mapping[int, float], count: int) -> list[tuple[int, float]]:
    """The `count` entries with the highest scores, best first."""
    return nlargest(count, scores.items(), key=itemgetter(1))
