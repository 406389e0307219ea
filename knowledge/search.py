"""Ranks passages for a question: by curated ways of asking, by their words and by their level."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz import fuzz

from knowledge.index import best
from knowledge.library import Level, Library, Passage, level_of

NEAREST_ASKS = 60
CANDIDATES = 24  # passages that are looked at closely


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


# Fitted on tests/quality/tuning.jsonl by bench/fit.py; docs/quality.md tells what each gives.
WEIGHTS = Likeness(
    ask=0.27,
    others=0.37,
    spelled=0.46,
    everything=0.85,
    text=0.14,
    head=0.33,
    bag=0.24,
    same_kind=0.17,
    curated=-0.33,
    other_level=-0.25,
)

# What a question asks for, by its first words. Kinds that differ are rarely the same question.
_KINDS = (
    ("who", re.compile(r"\b(hvem|kven|kem|hvem sin|ansvar\w*)\b")),
    ("why", re.compile(r"\b(hvorfor|kvifor|åffer|korfor|hensikt\w*|poenget|vitsen)\b")),
    ("many", re.compile(r"\b(hvor mange|kor mange|antall|hvor mye|kor mykje|prosent)\b")),
    ("long", re.compile(r"\b(hvor lang|hvor lenge|kor lang|kor lenge|varighet)\b")),
    ("when", re.compile(r"\b(når|dato|tidspunkt|hvilken dag)\b")),
    ("how", re.compile(r"\b(hvordan|korleis|åssen|korsen)\b")),
    ("which", re.compile(r"\b(hvilke|hvilken|hvilket|kva for)\b")),
    ("what", re.compile(r"\b(hva|kva|ka)\b")),
    ("whether", re.compile(r"^(er|kan|skal|må|bør|får|har|holder|held|gjelder|finnes|finst|vil)\b")),
)
_FOLLOWS_UP = re.compile(r"^(og|enn|hva med|kva med|hva da|kva då)\b")
_POINTS_BACK = re.compile(
    r"\b(den|det|dei|de|dem|disse|desse|denne|dette|der|da|då|samme|same|dit|han|hun|neste)\b"
)
_FOLLOW_UP_WORDS = 2  # a question with no more content words than this may point back
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
    """A word of the question: its terms with weights, and how much it tells (mass)."""

    text: str
    terms: Mapping[str, float]
    mass: float
    known: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the ranking sees it."""

    text: str
    words: tuple[Word, ...]
    level: Level
    kind: str
    topic: Topic | None = None
    terms: dict[str, float] = field(default_factory=dict)

    @property
    def mass(self) -> float:
        return sum(word.mass for word in self.words)

    @property
    def unknown(self) -> float:
        """The share of the question's weight that no document or way of asking has a word for."""
        return sum(w.mass for w in self.words if not w.known) / (self.mass or 1.0)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score and what that is made of."""

    passage: Passage
    score: float
    likeness: Likeness
    question: str = ""  # the nearest curated way of asking


def kind_of(question: str) -> str:
    """What a question asks for: "who", "when", "why" ..., "" when it doesn't say."""
    folded = question.lower()
    return next((kind for kind, pattern in _KINDS if pattern.search(folded)), "")


def is_follow_up(library: Library, question: str) -> bool:
    """Whether a question leans on the one before it."""
    folded = question.lower().strip()
    content = library.words.content(folded)
    if not content or _FOLLOWS_UP.match(folded):
        return True
    return len(content) <= _FOLLOW_UP_WORDS and bool(_POINTS_BACK.search(folded))


def read_question(library: Library, question: str, topic: Topic | None = None) -> Query:
    """Turn a question (and what it follows up on) into weighted terms."""
    level = level_of(library.words, question)
    words = [_word(library, w, 1.0) for w in dict.fromkeys(library.words.content(question))]
    if topic is not None and is_follow_up(library, question):
        own = {word.text for word in words}
        for text in topic.words:
            other_level = level_of(library.words, text)
            if text not in own and not (level and other_level and other_level != level):
                words.append(_word(library, text, _FROM_BEFORE))
        level = level or level_of(library.words, " ".join(topic.words))
    else:
        topic = None
    terms: dict[str, float] = {}
    for word in words:
        for term, weight in word.terms.items():
            terms[term] = max(terms.get(term, 0.0), weight)
    return Query(question, tuple(words), level, kind_of(question), topic, terms)


def _word(library: Library, text: str, share: float) -> Word:
    idf = library.bag_index.idf
    terms = library.words.terms(text)
    # As much as the rarest thing it may mean: measured, it tells best what is not answered.
    tells = max((idf.get(term, 0.0) for term in terms), default=0.0)
    known = tells > 0.0
    mass = (tells if known else library.ceiling) * share * library.words.share_of(text)
    return Word(text, {t: w * share for t, w in terms.items()}, mass, known)


def covered(query: Query, terms: frozenset[str]) -> float:
    """The share 0..1 of the question's weight that a set of terms covers."""
    covers = total = 0.0
    for word in query.words:
        total += word.mass
        nearest = 0.0
        for term, weight in word.terms.items():
            if weight > nearest and term in terms:
                nearest = weight
        covers += word.mass * nearest
    return covers / total if total else 0.0


def search(library: Library, query: Query, count: int = 10) -> list[Hit]:
    """The best passages for a question, best first."""
    if not query.terms:
        return []
    norm = math.sqrt(sum(word.mass**2 for word in query.words)) or 1.0
    asks: dict[int, list[tuple[float, int]]] = {}
    for entry, score in best(library.ask_index.score(query.terms), NEAREST_ASKS):
        number = library.asked[entry][0]
        asks.setdefault(number, []).append((min(1.0, score / norm), entry))
    bags = library.bag_index.score(query.terms)
    numbers = list(asks)[:CANDIDATES]
    numbers += [number for number, _ in best(bags, CANDIDATES) if number not in asks]
    mass = query.mass or 1.0
    hits = [
        _hit(library, query, number, asks.get(number, []), bags.get(number, 0.0) / mass)
        for number in numbers
    ]
    hits.sort(key=lambda hit: hit.score, reverse=True)
    return hits[:count]


def _hit(
    library: Library, query: Query, number: int, asks: list[tuple[float, int]], bag: float
) -> Hit:
    passage, view = library.passages[number], library.views[number]
    ask = others = spelled = same_kind = 0.0
    question = ""
    if asks:
        ask = asks[0][0]
        others = sum(score for score, _ in asks[1:4]) / 3
        question = library.asked[asks[0][1]][1]
        spelled = fuzz.token_sort_ratio(query.text.lower(), question.lower()) / 100
        same_kind = float(kind_of(question) == query.kind)
    likeness = Likeness(
        ask=ask,
        others=others,
        spelled=spelled,
        everything=covered(query, view.all),
        text=covered(query, view.text),
        head=covered(query, view.head),
        bag=bag,
        same_kind=same_kind,
        curated=float(bool(passage.asks)),
        other_level=float(
            bool(query.level and passage.level and query.level != passage.level)
        ),
    )
    score = sum(weight * part for weight, part in zip(WEIGHTS, likeness, strict=True))
    return Hit(passage, score, likeness, question)


def topic_of(query: Query, passage: Passage) -> Topic:
    """What to remember of an answered question: only words that the library knows."""
    return Topic(tuple(word.text for word in query.words if word.known)[:12], passage.id)
