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

ENOUGH_CANDIDATES = 600  # beyond this many, a common term finds no new ones
COMMON = 300  # a term in more entries than this is common
FEW = 5_000  # so many are sorted faster than the largest are picked out
MOST_TERMS = 12  # of a long question, those that tell most: more cost time and find nothing
_K1, _B = 1.2, 0.6


class Index:
    """Entries are numbered in the order they are added."""

    def __init__(self, kind: Literal["bm25", "cosine"]) -> None:
        self.kind = kind
        self._postings: dict[str, dict[int, float]] = {}  # term -> entry -> weight, then impact
        self._lengths: list[float] = []
        self.idf: dict[str, float] = {}

    def add(self, terms: Mapping[str, float]) -> int:
        """Add an entry by its weighted terms; returns its number."""
        number = len(self._lengths)
        for term, weight in terms.items():
            entries = self._postings.get(term)
            if entries is None:
                self._postings[term] = {number: weight}
            else:
                entries[number] = weight
        self._lengths.append(sum(terms.values()))
        return number

    def __len__(self) -> int:
        return len(self._lengths)

    def holds(self, number: int, term: str) -> bool:
        """Whether an entry has a term."""
        entries = self._postings.get(term)
        return entries is not None and number in entries

    def finish(self) -> None:
        """Compute what each term adds to each entry. Call once, after the last `add`."""
        count = len(self)
        self.idf = {
            term: math.log(1 + (count - len(entries) + 0.5) / (len(entries) + 0.5))
            for term, entries in self._postings.items()
        }
        (self._finish_bm25 if self.kind == "bm25" else self._finish_cosine)()

    def _finish_bm25(self) -> None:
        average = sum(self._lengths) / max(1, len(self)) or 1.0
        rooms = [_K1 * (1 - _B + _B * length / average) for length in self._lengths]
        for term, entries in self._postings.items():
            idf = self.idf[term] * (_K1 + 1)
            for number, weight in entries.items():
                entries[number] = idf * weight / (weight + rooms[number])

    def _finish_cosine(self) -> None:
        squares = [0.0] * len(self)
        for term, entries in self._postings.items():
            idf = self.idf[term]
            for number, weight in entries.items():
                entries[number] = impact = weight * idf
                squares[number] += impact * impact
        norms = [math.sqrt(square) or 1.0 for square in squares]
        for entries in self._postings.values():
            for number, impact in entries.items():
                entries[number] = impact / norms[number]

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
            # The commoner the term, the fewer candidates are enough to do without its own.
            enough = ENOUGH_CANDIDATES * COMMON / len(postings)
            if len(postings) > COMMON and len(scores) >= enough:
                if len(scores) > 2 * ENOUGH_CANDIDATES:
                    scores = dict(best(scores, ENOUGH_CANDIDATES))
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
    if len(scores) > FEW:
        return nlargest(count, scores.items(), key=itemgetter(1))
    return sorted(scores.items(), key=itemgetter(1), reverse=True)[:count]
