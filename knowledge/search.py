"""Ranks passages for a question: by curated ways of asking, by their words and by their level."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter, mul
from typing import NamedTuple

from rapidfuzz import fuzz

from knowledge.documents import Section
from knowledge.index import best
from knowledge.kinds import kind_of
from knowledge.library import Asked, Level, Library, Passage, Terms, level_of
from knowledge.norwegian import fold

NEAREST_ASKS = 100
FROM_ASKS = 16  # passages that are looked at closely, for a way of asking
FROM_BAGS = 8  # ... and for their words


class Likeness(NamedTuple):
    """How a passage is like a question; each about 0..1."""

    ask: float  # cosine to the nearest curated way of asking
    others: float  # mean cosine to the three next nearest
    spelled: float  # likeness of the letters to the nearest way of asking
    everything: float  # share of the question's weight that text, headings and asks cover
    text: float  # ... that text and headings cover
    head: float  # ... that the headings cover
    bag: float  # BM25 over text, headings and asks, per unit of the question's weight
    same_kind: float  # 1 when the nearest way of asking asks for the same: who, when, why ...
    curated: float  # 1 when the passage has ways of asking
    other_level: float  # 1 for a barnehage passage where the school is asked about, or the reverse
    number: float  # 1 when the headings have the question's number, -1 when they have another
    thread: float  # 1 in the section of the last answer, for a question that follows it up
    plan: float  # 1 for the plan that is quoted, which comes before our own pages


# Fitted as bench/fit.py does, on tests/quality/tuning.jsonl and the half of the shared questions
# that was looked at, and rounded; docs/quality.md tells what each part gives.
WEIGHTS = Likeness(
    ask=0.30,
    others=0.34,
    spelled=0.55,
    everything=0.80,
    text=0.20,
    head=0.24,
    bag=0.20,
    same_kind=0.16,
    curated=-0.48,
    other_level=-0.29,
    number=0.25,
    thread=0.12,
    plan=0.22,
)

# A question that somebody has written down as it stands gets that answer.
SAME_LETTERS = 0.96
WRITTEN_FOR_IT = 0.5

_FOLLOWS_UP = re.compile(r"^(og|enn|hva med|kva med|hva da|kva då)\b")
_POINTS_BACK = re.compile(
    r"\b(den|dei|de|dem|disse|desse|denne|dette|der|da|då|samme|same|dit|han|hun|neste)\b"
)
_MAY_POINT_BACK = re.compile(r"\b(det|slik|sånn)\b")  # «det» is mostly only grammar
_FOLLOW_UP_WORDS = 2  # a question with no more telling words than this may point back
_FROM_BEFORE = 0.6  # what a word of the question before counts


@dataclass(frozen=True, slots=True)
class Topic:
    """What the last answer was about, so that a follow-up can lean on it. JSON-able."""

    words: tuple[str, ...] = ()
    passage: str = ""

    def to_json(self) -> dict[str, object]:
        return {"words": list(self.words), "passage": self.passage}

    @classmethod
    def from_json(cls, data: Mapping[str, object] | None) -> "Topic | None":
        if not data:
            return None
        words = data.get("words")
        return cls(tuple(words) if isinstance(words, list) else (), str(data.get("passage", "")))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the question: its terms with weights, heaviest first; how much it tells (mass)."""

    text: str
    terms: tuple[tuple[str, float], ...]
    mass: float
    known: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the ranking sees it."""

    text: str
    words: tuple[Word, ...]
    terms: Mapping[str, float]
    mass: float
    level: Level
    kind: str
    numbers: frozenset[str]  # «modul 3» is not «modul 4»
    section: str = ""  # of the answer that the question follows up on


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score and what that is made of."""

    passage: Passage
    score: float
    likeness: Likeness
    question: str = ""  # the nearest curated way of asking


def is_follow_up(library: Library, question: str) -> bool:
    """Whether a question leans on the one before it."""
    folded = question.lower().strip()
    content = library.words.content(folded)
    if not content or _FOLLOWS_UP.match(folded):
        return True
    telling = [word for word in content if word not in library.words.lists.common]
    if len(telling) <= 1 and _MAY_POINT_BACK.search(folded):
        return True
    return len(telling) <= _FOLLOW_UP_WORDS and bool(_POINTS_BACK.search(folded))


def read_question(library: Library, question: str, topic: Topic | None = None) -> Query:
    """Turn a question (and what it follows up on) into weighted terms."""
    level = level_of(library.words, question)
    words = [_word(library, w, 1.0) for w in dict.fromkeys(library.words.content(question))]
    if topic is not None and is_follow_up(library, question):
        own = {word.text for word in words}
        for text in topic.words:
            other_level = level_of(library.words, text)
            if text[0].isdigit() and any(word[0].isdigit() for word in own):
                continue  # «og modul 4?» after modul 2
            if text not in own and not (level and other_level and other_level != level):
                words.append(_word(library, text, _FROM_BEFORE))
        level = level or level_of(library.words, " ".join(topic.words))
    else:
        topic = None
    terms: dict[str, float] = {}
    for word in words:
        for term, weight in word.terms:
            terms[term] = max(terms.get(term, 0.0), weight)
    mass = sum(word.mass for word in words)
    shown = library.by_id.get(topic.passage) if topic else None
    section = shown.section.name if shown else ""
    numbers = frozenset(word.text for word in words if word.text[0].isdigit())
    return Query(question, tuple(words), terms, mass, level, kind_of(question), numbers, section)


def _word(library: Library, text: str, share: float) -> Word:
    idf = library.bag_index.idf
    terms = library.words.terms(text)
    # As much as the rarest thing it may mean: measured, it tells best what is not answered.
    tells = max((idf.get(term, 0.0) for term in terms), default=0.0)
    known = tells > 0.0
    mass = (tells if known else library.ceiling) * share * library.words.share_of(text)
    weighted = sorted(terms.items(), key=itemgetter(1), reverse=True)
    return Word(text, tuple((term, weight * share) for term, weight in weighted), mass, known)


@lru_cache(maxsize=20_000)
def spelled(question: str) -> str:
    """The words of a question in the order of the alphabet, for comparing letters."""
    return " ".join(sorted(fold(question).rstrip("?").split()))


def covered(query: Query, terms: frozenset[str]) -> float:
    """The share 0..1 of the question's weight that a set of terms covers."""
    covers = 0.0
    for word in query.words:
        for term, weight in word.terms:
            if term in terms:
                covers += word.mass * weight
                break
    return covers / query.mass if query.mass else 0.0


def _covered_in_all(library: Library, query: Query, number: int) -> float:
    """The share that a passage's text, headings and ways of asking cover together."""
    covers = 0.0
    for word in query.words:
        for term, weight in word.terms:
            if library.bag_index.holds(number, term):
                covers += word.mass * weight
                break
    return covers / query.mass if query.mass else 0.0


def search(library: Library, query: Query, count: int = 10) -> list[Hit]:
    """The best passages for a question, best first."""
    if not query.terms:
        return []
    norm = math.sqrt(sum(word.mass**2 for word in query.words)) or 1.0
    asks: dict[int, list[tuple[float, Asked]]] = {}
    for entry, score in best(library.ask_index.score(query.terms), NEAREST_ASKS):
        asked = library.asked[entry]
        asks.setdefault(asked.passage, []).append((min(1.0, score / norm), asked))
    bags = library.bag_index.score(query.terms)
    numbers = list(asks)[:FROM_ASKS]
    numbers += [number for number, _ in best(bags, FROM_BAGS) if number not in asks]
    letters = spelled(query.text)
    mass = query.mass or 1.0
    hits = [
        _hit(library, query, letters, number, asks.get(number, []), bags.get(number, 0.0) / mass)
        for number in numbers
    ]
    hits.sort(key=lambda hit: hit.score, reverse=True)
    return hits[:count]


def _hit(
    library: Library,
    query: Query,
    letters: str,
    number: int,
    asks: list[tuple[float, Asked]],
    bag: float,
) -> Hit:
    passage, view = library.passages[number], library.views[number]
    ask = others = likeness_of_letters = same_kind = 0.0
    question = ""
    if asks:
        ask, nearest = asks[0]
        others = sum(score for score, _ in asks[1:4]) / 3
        question = nearest.question
        likeness_of_letters = fuzz.ratio(letters, spelled(nearest.question)) / 100
        same_kind = float(kind_of(nearest.question) == query.kind)
    likeness = Likeness(
        ask,
        others,
        likeness_of_letters,
        _covered_in_all(library, query, number),
        covered(query, view.text),
        covered(query, view.head),
        bag,
        same_kind,
        float(bool(passage.asks)),
        float(bool(query.level and passage.level and query.level != passage.level)),
        _number(query, view),
        float(query.section == passage.section.name != ""),
        float(passage.document.about.quoted),
    )
    score = sum(map(mul, WEIGHTS, likeness))
    if likeness.spelled >= SAME_LETTERS:
        score += WRITTEN_FOR_IT
    return Hit(passage, score, likeness, question)


def best_of_each_section(hits: Sequence[Hit]) -> list[Hit]:
    """The first hit of each section, in their order."""
    first: dict[Section, Hit] = {}
    for hit in hits:
        first.setdefault(hit.passage.section, hit)
    return list(first.values())


def _number(query: Query, view: Terms) -> float:
    """«Modul 3» is neither «Modul 4» nor all the modules."""
    if not query.numbers:
        return 0.0
    if view.head_numbers:
        return 1.0 if query.numbers <= view.head_numbers else -1.0
    return 0.0 if query.numbers <= view.text else -1.0


def topic_of(query: Query, passage: Passage) -> Topic:
    """What to remember of an answered question: only words that the library knows."""
    return Topic(tuple(word.text for word in query.words if word.known)[:12], passage.id)
