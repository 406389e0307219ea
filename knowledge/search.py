"""Ranks passages for a question: by curated ways of asking, by their words, by who asks for whom."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.index import best
from knowledge.library import Level, Library, Passage, level_of
from knowledge.norwegian import tokens

# How much each likeness counts. Fitted on tests/quality/tuning.jsonl, see docs/quality.md.
WEIGHT_ASK = 0.50  # nearest curated way of asking
WEIGHT_COVER = 0.30  # share of the question's weight that passage, headings and asking cover
WEIGHT_TEXT = 0.20  # share of the question's weight that the passage's own words cover
OTHER_LEVEL = 0.75  # a barnehage passage for a school question, or the other way round
CANDIDATES = 30

_FOLLOWS_UP = re.compile(
    r"^(og|men|enn|så|hva med|kva med|hva da|gjelder det|gjeld det|skal d|må d|kan d|er d|hvem|kven|når|hvorfor|kvifor|hvordan|korleis)\b"
)
_POINTS_BACK = re.compile(r"\b(den|det|dei|de|dem|disse|desse|denne|dette|der|da|då|samme|same)\b")


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
    """A word of the question: its terms with weights, and how much it says (mass)."""

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
    topic: Topic | None = None
    terms: dict[str, float] = field(default_factory=dict)

    @property
    def mass(self) -> float:
        return sum(word.mass for word in self.words)


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score 0..1, and the parts the score is made of."""

    passage: Passage
    score: float
    ask: float
    cover: float
    text: float
    question: str = ""


def is_follow_up(library: Library, question: str) -> bool:
    """Whether a question leans on the one before it."""
    folded = question.lower().strip()
    content = library.words.content(folded)
    if not content:
        return True
    short = len(content) <= 2
    return (short and bool(_FOLLOWS_UP.match(folded) or _POINTS_BACK.search(folded))) or bool(
        re.match(r"(og|enn|hva med|kva med)\b", folded)
    )


def read_question(library: Library, question: str, topic: Topic | None = None) -> Query:
    """Turn a question (and what it follows up on) into weighted terms."""
    level = level_of(library.words, question)
    words = [_word(library, w, 1.0) for w in dict.fromkeys(library.words.content(question))]
    follows = topic is not None and is_follow_up(library, question)
    if topic is not None and follows:
        own = {w.text for w in words}
        for text in topic.words:
            other_level = level_of(library.words, text)
            if text in own or (level and other_level and other_level != level):
                continue
            words.append(_word(library, text, 0.6))
        if not level:
            level = level_of(library.words, " ".join(topic.words))
    terms: dict[str, float] = {}
    for word in words:
        for term, weight in word.terms.items():
            if word.mass:
                terms[term] = max(terms.get(term, 0.0), weight)
    return Query(question, tuple(words), level, topic if follows else None, terms)


def _word(library: Library, text: str, share: float) -> Word:
    terms = library.words.terms(text)
    idf, ceiling = library.ask_index.idf, library.ceiling
    best_idf = max(
        (max(idf.get(t, 0.0), library.text_index.idf.get(t, 0.0)) for t in terms), default=0.0
    )
    known = best_idf > 0.0
    mass = min(best_idf if known else ceiling, ceiling) * share
    return Word(text, {t: w * share for t, w in terms.items()}, mass, known)


def covered(query: Query, terms: frozenset[str]) -> float:
    """The share 0..1 of the question's weight that a set of terms covers."""
    total = 0.0
    for word in query.words:
        total += word.mass * max((w for t, w in word.terms.items() if t in terms), default=0.0)
    return total / query.mass if query.mass else 0.0


def search(library: Library, query: Query, count: int = 10) -> list[Hit]:
    """The best passages for a question, best first."""
    if not query.terms:
        return []
    asks = library.ask_index.score(query.terms)
    norm = math.sqrt(sum(word.mass**2 for word in query.words)) or 1.0
    nearest: dict[int, tuple[float, int]] = {}
    for entry, score in best(asks, CANDIDATES * 3):
        number = library.asked[entry]
        likeness = score / norm
        if number not in nearest or likeness > nearest[number][0]:
            nearest[number] = (likeness, entry)
    texts = library.text_index.score(query.terms)
    numbers = dict.fromkeys(list(nearest)[:CANDIDATES])
    numbers.update(dict.fromkeys(n for n, _ in best(texts, CANDIDATES)))
    hits = [_hit(library, query, number, nearest.get(number)) for number in numbers]
    hits.sort(key=lambda hit: hit.score, reverse=True)
    return hits[:count]


def _hit(
    library: Library, query: Query, number: int, nearest: tuple[float, int] | None
) -> Hit:
    passage = library.passages[number]
    own = library.terms[number]
    text = covered(query, own)
    ask, question, both = 0.0, "", own
    if nearest is not None:
        ask = nearest[0]
        question = library.ask_texts[nearest[1]]
        both = own | library.ask_terms[nearest[1]]
    cover = covered(query, both)
    score = WEIGHT_ASK * ask + WEIGHT_COVER * cover + WEIGHT_TEXT * text
    if query.level and passage.level and query.level != passage.level:
        score *= OTHER_LEVEL
    return Hit(passage, score, ask, cover, text, question)


def topic_of(library: Library, query: Query, passage: Passage) -> Topic:
    """What to remember of an answered question: only words that the library knows."""
    known = [w.text for w in query.words if w.known and tokens(w.text)]
    return Topic(tuple(known[:12]), passage.id)
