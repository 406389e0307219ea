"""The floor to compare with: BM25 with Norwegian stemming over plain passages, nothing more."""

import math
import re
from collections import Counter
from collections.abc import Sequence

import snowballstemmer

_K1, _B = 1.2, 0.75


class PlainSearch:
    """Passages by their own words."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._stemmer = snowballstemmer.stemmer("norwegian")
        self._counts = [Counter(self._terms(text)) for text in texts]
        self._average = sum(c.total() for c in self._counts) / len(self._counts)
        held = Counter(term for counts in self._counts for term in counts)
        count = len(texts)
        self._idf = {t: math.log(1 + (count - n + 0.5) / (n + 0.5)) for t, n in held.items()}

    def search(self, question: str, count: int) -> list[int]:
        """The numbers of the best passages, best first."""
        terms = self._terms(question)
        ranked = sorted(
            range(len(self._counts)), key=lambda number: self._score(number, terms), reverse=True
        )
        return ranked[:count]

    def _score(self, number: int, terms: Sequence[str]) -> float:
        counts = self._counts[number]
        room = _K1 * (1 - _B + _B * counts.total() / self._average)
        return sum(
            self._idf[term] * counts[term] * (_K1 + 1) / (counts[term] + room)
            for term in terms
            if term in counts
        )

    def _terms(self, text: str) -> list[str]:
        words: list[str] = self._stemmer.stemWords(re.findall(r"\w+", text.lower()))
        return words
