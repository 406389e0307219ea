"""Norwegian words: tokens, stems, compounds, nynorsk -> bokmål, synonyms and spelling.

Everything is pure and works on plain strings. `Words` is built once from the word lists and the
vocabulary of the documents; `Words.terms` is what the index and the questions both go through.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import snowballstemmer
from rapidfuzz import process
from rapidfuzz.distance import OSA

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[a-zæøåäöüéèêóòôáà]+(?:-[a-zæøåäöüéèêóòôáà]+)*")
_STEMMER = snowballstemmer.stemmer("norwegian")

# Endings that the stemmer leaves: definite plural of persons (lærerne, lærarane) and
# verbal nouns (medvirkning ~ medvirke, vurdering ~ vurdere).
_PERSONS = re.compile(r"(?:erne|arane|arar|arer|ere)$")
_NOUNS = re.compile(r"(?:(?<=\w{4})ering|(?<=\w{5})(?:ning|ing|else))$")
# Nynorsk sounds that are always the same letters in bokmål.
_SOUNDS = (("skul", "skol"), ("heit", "het"), ("leik", "lek"), ("teikn", "tegn"), ("aa", "å"))

LINK_LETTERS = ("", "s", "e")
SHORTEST_PART = 3
SHORTEST_LAST_PART = 4
SURE_STEM = 5
SURE_SPELLING = 0.75


def fold(text: str) -> str:
    """Lower case, composed letters (å as one sign), white space folded."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip().lower()


def tokens(text: str) -> list[str]:
    """The words and numbers of a text, in order, lower case."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The stem that the inflected forms of a word share, in bokmål and nynorsk."""
    for nynorsk, bokmål in _SOUNDS:
        word = word.replace(nynorsk, bokmål)
    if len(word) > 6:
        word = _PERSONS.sub("er", word)
    stemmed: str = _STEMMER.stemWord(_STEMMER.stemWord(word))
    return _NOUNS.sub("", stemmed)


@dataclass(frozen=True, slots=True)
class WordLists:
    """What people write by hand: see knowledge/words/*.toml."""

    nynorsk: Mapping[str, str] = field(default_factory=dict)
    synonyms: tuple[tuple[str, ...], ...] = ()
    stopwords: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()

    @classmethod
    def read(cls, folder: Path) -> "WordLists":
        def load(name: str) -> dict[str, object]:
            path = folder / name
            return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}

        groups: list[list[str]] = load("synonyms.toml").get("groups", [])  # type: ignore[assignment]
        nynorsk: dict[str, str] = load("nynorsk.toml").get("words", {})  # type: ignore[assignment]
        stop: list[str] = load("stopwords.toml").get("words", [])  # type: ignore[assignment]
        common: list[str] = load("common.toml").get("words", [])  # type: ignore[assignment]
        return cls(nynorsk, tuple(map(tuple, groups)), frozenset(stop), frozenset(common))


@dataclass(frozen=True, slots=True)
class Weights:
    """What a looser likeness counts beside the same word (1.0). Measured in `make bench`."""

    synonym: float = 0.55
    part: float = 0.45
    last_part: float = 0.6
    spelling: float = 0.9
    common: float = 0.35  # the mass of a word that says little, such as «bruke» and «ting»


class Words:
    """The words that the documents and the curated questions know."""

    def __init__(self, lists: WordLists, weights: Weights | None = None) -> None:
        self.lists = lists
        self.weights = weights or Weights()
        self.known: set[str] = set()  # stems of the vocabulary
        self._spellings: dict[int, list[str]] = {}  # length -> words as written
        self._seen: set[str] = set()
        self._synonyms: dict[str, set[str]] = {}
        self._nynorsk: dict[str, str] = {}
        for word, bokmål in lists.nynorsk.items():
            self._nynorsk[word] = stem(bokmål)
            # Other inflections meet by their stem; a short stem may be another word's.
            if len(stem(word)) >= SURE_STEM:
                self._nynorsk.setdefault(stem(word), stem(bokmål))
        for group in lists.synonyms:
            stems = [self.stem(w) for w in group if " " not in w]
            for one in stems:
                self._synonyms.setdefault(one, set()).update(s for s in stems if s != one)
        self._expanded: dict[str, dict[str, float]] = {}
        self._indexed: dict[str, dict[str, float]] = {}

    def learn(self, texts: Iterable[str]) -> None:
        """Add the words of `texts` to the vocabulary."""
        for text in texts:
            for word in tokens(text):
                if word in self._seen:
                    continue
                self._seen.add(word)
                self.known.add(self.stem(word))
                if len(word) > SHORTEST_PART and word.isalpha():
                    self._spellings.setdefault(len(word), []).append(word)
        self._expanded.clear()
        self._indexed.clear()

    def built(self) -> None:
        """Forget what is only needed while the documents are indexed."""
        self._indexed.clear()
        self._seen.clear()

    def stem(self, word: str) -> str:
        """The stem of a word after nynorsk has been read as bokmål."""
        if word in self._nynorsk:
            return self._nynorsk[word]
        stemmed = stem(word)
        return self._nynorsk.get(stemmed, stemmed)

    def share_of(self, word: str) -> float:
        """How much of its mass a word keeps: little for the common ones."""
        return self.weights.common if word in self.lists.common else 1.0

    def content(self, text: str) -> list[str]:
        """The words of a text that carry its meaning, as written (lower case)."""
        stopwords = self.lists.stopwords
        return [word for word in tokens(text) if word not in stopwords]

    def parts(self, stemmed: str) -> tuple[str, ...]:
        """The known parts of a compound, () when it is none: elevmedvirk -> elev, medvirk."""
        return self._split(stemmed)

    def _split(self, stemmed: str) -> tuple[str, ...]:
        """Split at the first place where both sides are known words."""
        if len(stemmed) < 2 * SHORTEST_PART + 1:
            return ()
        if "-" in stemmed:
            return tuple(self.stem(p) for p in stemmed.split("-") if len(p) >= SHORTEST_PART)
        for cut in range(SHORTEST_PART, len(stemmed) - SHORTEST_LAST_PART + 1):
            head, tail = stemmed[:cut], stemmed[cut:]
            if tail not in self.known:
                continue
            for link in LINK_LETTERS:
                first = head.removesuffix(link)
                if link and first == head:
                    continue
                first = self.stem(first)
                if len(first) >= SHORTEST_PART and first in self.known:
                    return (first, tail)
        return ()

    def indexed(self, word: str) -> dict[str, float]:
        """The terms that a word of a document stands for, with weights: itself and its parts."""
        found = self._indexed.get(word)
        if found is None:
            stemmed = self.stem(word)
            found = {stemmed: 1.0}
            self._add_parts(stemmed, found)
            self._indexed[word] = found
        return found

    def count(self, text: str, into: dict[str, float], times: float = 1.0) -> None:
        """Add the terms of a text to `into`, each by its weight."""
        for word in self.content(text):
            for term, weight in self.indexed(word).items():
                into[term] = into.get(term, 0.0) + times * weight

    def terms(self, word: str) -> dict[str, float]:
        """The terms that a word of a question may mean, with weights.

        Itself, the parts of a compound, synonyms, and where the word is unknown the nearest
        spelling. Kept for the next time, since people ask with the same words.
        """
        cached = self._expanded.get(word)
        if cached is None:
            cached = self._expand(word)
            if len(self._expanded) < 50_000:
                self._expanded[word] = cached
        return cached

    def _expand(self, word: str) -> dict[str, float]:
        stemmed = self.stem(word)
        found = {stemmed: 1.0}
        self._add_parts(stemmed, found)
        misspelled = stemmed not in self.known and stemmed not in self._synonyms
        if misspelled and len(found) == 1:
            for other, likeness in self.spellings(word):
                other_stem = self.stem(other)
                weight = self.weights.spelling * likeness
                found[other_stem] = max(found.get(other_stem, 0.0), weight)
                self._add_parts(other_stem, found, weight)
        for known, weight in list(found.items()):
            if weight < SURE_SPELLING and misspelled:
                continue  # what a guess may mean is a guess too many
            for synonym in self._synonyms.get(known, ()):
                found[synonym] = max(found.get(synonym, 0.0), weight * self.weights.synonym)
        return found

    def _add_parts(self, stemmed: str, found: dict[str, float], weight: float = 1.0) -> None:
        parts = self.parts(stemmed)
        for place, part in enumerate(parts, start=1):
            share = self.weights.last_part if place == len(parts) else self.weights.part
            found[part] = max(found.get(part, 0.0), weight * share)

    def spellings(self, word: str) -> list[tuple[str, float]]:
        """The known words nearest to a misspelled one, best first, with their likeness 0..1."""
        if len(word) <= SHORTEST_PART or not word.isalpha():
            return []
        nearby = [
            known
            for length in range(len(word) - 2, len(word) + 3)
            for known in self._spellings.get(length, ())
        ]
        furthest = 0.26 if len(word) > 5 else 0.21
        hits = process.extract(
            word,
            nearby,
            scorer=OSA.normalized_distance,
            score_cutoff=furthest,
            limit=3,
        )
        if not hits:
            return []
        best = hits[0][1]
        return [(known, 1.0 - distance) for known, distance, _ in hits if distance <= best + 0.05]
