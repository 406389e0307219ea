"""Picks what to quote for a question, or says honestly that the documents don't say."""

import re
from dataclasses import dataclass, replace

from knowledge.documents import Document, Section, Unit, sentences
from knowledge.library import Library, Passage
from knowledge.norwegian import stem, tokens
from knowledge.search import Hit, Query, Topic, covered, read_question, search, topic_of
from knowledge.veiviser import VEIVISER

# Below this score the documents don't answer. Fitted on tests/quality/tuning.jsonl.
ENOUGH = 0.42
# Two passages from different sections this close are both shown.
CLOSE = 0.015
# A quotation of running text is no longer than this many characters where it can be cut.
LONGEST_QUOTE = 380
LONGEST_LIST = 1_000

_ASKS_NUMBER = re.compile(
    r"\b(hvor mange|kor mange|antall|antal|prosent|kroner|hvor mye koster|kva kostar|hva koster|pris|betaler|betalar)\b"
)
_NUMBER = re.compile(
    r"\d|\b(en|ett|to|tre|fire|fem|seks|sju|syv|åtte|ni|ti|elleve|tolv|halvt)\b", re.IGNORECASE
)
WITHOUT_NUMBER = 0.6


@dataclass(frozen=True, slots=True)
class Quote:
    """The units to show of a passage, in order."""

    passage: Passage
    units: tuple[Unit, ...]

    @property
    def document(self) -> Document:
        return self.passage.document


@dataclass(frozen=True, slots=True)
class Found:
    """An answer: one quotation, or two or three where the question leaves it open."""

    quotes: tuple[Quote, ...]
    neighbours: tuple[str, ...]
    topic: Topic
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """A common question beside the documents, for which the veiviser has a way on."""

    entry: str
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """The documents don't say. `nearest` are headings worth a look."""

    nearest: tuple[Section, ...]
    hits: tuple[Hit, ...]


Result = Found | Beside | NotFound


def find_answer(library: Library, question: str, topic: Topic | None = None) -> Result:
    """Answer a question from the documents. `topic` is what the question may follow up on."""
    query = read_question(library, question, topic)
    hits = [_checked(query, hit) for hit in search(library, query, 12)]
    hits.sort(key=lambda hit: hit.score, reverse=True)
    if not hits or hits[0].score < ENOUGH:
        return NotFound(_nearest(hits), tuple(_plan(hits)))
    if hits[0].passage.document.id == VEIVISER:
        return Beside(hits[0].passage.section.path[-1], tuple(_plan(hits)))
    hits = _plan(hits)
    chosen = [hits[0], *_open_choices(query, hits)]
    quotes = tuple(Quote(hit.passage, _units(query, hit.passage)) for hit in chosen)
    return Found(
        quotes, _neighbours(library, hits), topic_of(query, hits[0].passage), tuple(hits)
    )


def _plan(hits: list[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.passage.document.id != VEIVISER]


def _checked(query: Query, hit: Hit) -> Hit:
    """A question for a number is hardly answered by a passage without one."""
    if _ASKS_NUMBER.search(query.text.lower()) and not _NUMBER.search(hit.passage.text):
        return replace(hit, score=hit.score * WITHOUT_NUMBER)
    return hit


def _nearest(hits: list[Hit]) -> tuple[Section, ...]:
    sections = dict.fromkeys(hit.passage.section for hit in _plan(hits) if hit.likeness.everything > 0.25)
    return tuple(sections)[:3]


def _open_choices(query: Query, hits: list[Hit]) -> list[Hit]:
    """What to show beside the best: its barnehage or skole twin, or what is as near as itself."""
    first = hits[0]
    more: list[Hit] = []
    for hit in hits[1:6]:
        if hit.passage.section is first.passage.section or hit.passage.outline:
            continue
        close = first.score - hit.score
        twin = (
            not query.level
            and {first.passage.level, hit.passage.level} == {"barnehage", "skole"}
            and close < 0.12
        )
        if (twin and not more) or (close < CLOSE and len(more) < 2):
            more.append(hit)
    return more


def _units(query: Query, passage: Passage) -> tuple[Unit, ...]:
    """The units that answer: all of a curated passage or a list, else the best sentences."""
    units = passage.units
    if any(unit.kind == "item" for unit in units):
        return units if len(passage.text) <= LONGEST_LIST else tuple(map(_beginning, units))
    if passage.asks or passage.outline or len(passage.text) <= LONGEST_QUOTE:
        return units
    return _best_run(query, units)


def _beginning(unit: Unit) -> Unit:
    """The first sentence of a long list item: the whole list matters more than its details."""
    first = sentences(unit.text)[0]
    return unit if first == unit.text else replace(unit, text=f"{first} …")


def _best_run(query: Query, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The run of neighbouring sentences that covers most of the question in fewest characters."""
    best_run: tuple[float, tuple[Unit, ...]] = (-1.0, units[:1])
    for start in range(len(units)):
        length = 0
        terms: set[str] = set()
        for end in range(start, len(units)):
            length += len(units[end].text)
            if length > LONGEST_QUOTE and end > start:
                break
            terms.update(stem(word) for word in tokens(units[end].text))
            worth = covered(query, frozenset(terms)) - 0.0003 * length
            if worth > best_run[0]:
                best_run = (worth, units[start : end + 1])
    return best_run[1]


def _neighbours(library: Library, hits: list[Hit]) -> tuple[str, ...]:
    """Two questions that lead on: about the same section first, then the next best passages."""
    shown = hits[0].passage
    same = [
        p
        for p in library.passages
        if p.section is shown.section and p.asks and p is not shown and p.units[0] not in shown.units
    ]
    others = [hit.passage for hit in hits[1:] if hit.passage.asks and hit.passage not in same]
    picked: list[str] = []
    for passage in [*same[:1], *others, *same[1:]]:
        question = next((q for q in passage.asks if 12 <= len(q) <= 60 and " " in q), "")
        if question and question not in picked:
            picked.append(question)
        if len(picked) == 2:
            break
    return tuple(q[0].upper() + q[1:] + ("" if q.endswith("?") else "?") for q in picked)
