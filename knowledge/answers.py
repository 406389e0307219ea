"""Decides what to quote for a question, or says honestly that the documents don't say."""

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from knowledge.documents import Section
from knowledge.kinds import kind_of
from knowledge.library import Library
from knowledge.meetings import names_next_meeting, next_row
from knowledge.quotes import Quote, joined, quote_of
from knowledge.search import Hit, Query, Topic, read_question, search, spelled, topic_of
from knowledge.veiviser import VEIVISER

# A passage answers when text, headings and ways of asking cover this share of the question.
# Fitted on tests/quality/tuning.jsonl; docs/quality.md shows what other values give.
ENOUGH = 0.52
# ... and without any way of asking, when its own words and headings cover this share.
ENOUGH_PLAIN = 0.50
# ... in somebody's own documents, where nobody has written down ways of asking at all.
ENOUGH_UNCURATED = 0.30
# ... and for the veiviser: better no way on than one that is beside the question.
ENOUGH_BESIDE = 0.60
CLOSE = 0.15  # a passage elsewhere this near the best is shown beside it, to choose from
JOINED = 0.45  # a passage of the same section this near the best is quoted with it
TWIN = 0.35  # the barnehage or skole twin, where the question says neither
CLEARLY = 0.10  # the veiviser takes a question only when this much nearer than the documents
NEAR_ENOUGH = 0.6  # how far down the one with the number or name that is asked for may stand
LOOKED_AT = 12
NEIGHBOURS = 2
SECTIONS_AFTER = 6
SAME_QUESTION = 80  # of 100: a question whose letters are this like another is the same
ROOM = 480  # characters of quotation that an answer may fill before more is left out

# What only a number or a person's name can answer, and how these look in a text.
_ASKS_NUMBER = re.compile(
    r"\b(hvor mange|kor mange|antall|antal|prosent|kroner|koster|kostar|pris|betaler|betalar"
    r"|(hvor mye|kor mykje)\b.*\b(lønn|penger|pengar|betalt))\b"
)
_NUMBER = re.compile(
    r"\d|\b(to|tre|fire|fem|seks|sju|syv|åtte|ni|ti|elleve|tolv|halvt)\b", re.IGNORECASE
)
_ASKS_NAME = re.compile(
    r"\b(navnene|namna|(hvem|kven) (holdt|heldt|sitter|sit|leder|leier|er leder|er leiar|vant)"
    r"|(hva|kva) (heter|heiter) (kommunalsjefen|rektor\w*|lederen|leiaren|rådgiveren|sjefen))\b"
)
_NAME = re.compile(r"[A-ZÆØÅ][a-zæøå]+ [A-ZÆØÅ][a-zæøå]+")
# A capital within a sentence, then small letters: «Ingrid», «Toyota», not «KI» or «LK20».
_PROPER_NAME = re.compile(r"(?<=[a-zæøå0-9,] )[A-ZÆØÅ][a-zæøåéü]{2,}\b")


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
    next_meeting: bool = False


Result = Found | Beside | NotFound


def find_answer(library: Library, question: str, topic: Topic | None = None) -> Result:
    """Answer a question from the documents. `topic` is what the question may follow up on."""
    query = read_question(library, question, topic)
    hits = search(library, query, LOOKED_AT)
    from_plan = [hit for hit in hits if hit.passage.document.id != VEIVISER]
    row = next_row(library, question, topic)
    if row is not None:
        return Found((quote_of(query, row),), (), topic_of(query, row), tuple(from_plan))
    if names_next_meeting(question):
        return NotFound((), tuple(from_plan), next_meeting=True)
    if not from_plan or hits[0].score - from_plan[0].score > CLEARLY:
        if not hits or hits[0].likeness.everything < ENOUGH_BESIDE:
            return NotFound(_nearest(from_plan), tuple(from_plan))
        return Beside(hits[0].passage.section.heading, tuple(from_plan))
    if _names_somebody_unknown(library, question) or not _covers(library, from_plan[0]):
        return NotFound(_nearest(from_plan), tuple(from_plan))
    answering = _with_what_is_asked_for(query, from_plan)
    if not answering:
        return NotFound(_nearest(from_plan), tuple(from_plan))
    from_plan = answering
    quotes = _quotes(query, from_plan)
    return Found(
        quotes,
        _neighbours(library, query, quotes, from_plan),
        topic_of(query, from_plan[0].passage),
        tuple(from_plan),
    )


def _covers(library: Library, hit: Hit) -> bool:
    if hit.passage.asks:
        return hit.likeness.everything >= ENOUGH
    return hit.likeness.text >= (ENOUGH_PLAIN if library.asked else ENOUGH_UNCURATED)


def _with_what_is_asked_for(query: Query, hits: list[Hit]) -> list[Hit]:
    """The hits that hold the number or the name that only can answer, if they are near the best."""
    asked = query.text.lower()
    needed = [
        looks
        for asks, looks in ((_ASKS_NUMBER, _NUMBER), (_ASKS_NAME, _NAME))
        if asks.search(asked)
    ]
    able = [hit for hit in hits if all(looks.search(hit.passage.text) for looks in needed)]
    return able if able and hits[0].score - able[0].score <= NEAR_ENOUGH else []


def _names_somebody_unknown(library: Library, question: str) -> bool:
    """Whether a question has a proper name that nothing we know mentions, such as a colleague's."""
    return any(
        library.words.stem(name.lower()) not in library.words.known
        and not library.words.spellings(name.lower())
        for name in _PROPER_NAME.findall(question)
    )


def _nearest(hits: list[Hit]) -> tuple[Section, ...]:
    sections = dict.fromkeys(hit.passage.section for hit in hits if hit.likeness.everything > 0.25)
    return tuple(sections)[:3]


def _quotes(query: Query, hits: list[Hit]) -> tuple[Quote, ...]:
    """The best passage, more of its section nearly as good, and what is as near elsewhere."""
    first = hits[0]
    quotes = [quote_of(query, first.passage)]
    if first.passage.outline:
        return tuple(quotes)
    for hit in hits[1:6]:
        distance = first.score - hit.score
        if hit.passage.outline or distance >= max(CLOSE, JOINED, TWIN):
            continue
        room = ROOM - sum(quote.length for quote in quotes)
        quote = quote_of(query, hit.passage)
        sections = [shown.section for shown in quotes]
        if hit.passage.section in sections:
            place = sections.index(hit.passage.section)
            both = joined(quotes[place], quote)
            if distance < JOINED and both.length - quotes[place].length <= room:
                quotes[place] = both
        elif len(quotes) < 3 and quote.length <= room and _is_open(query, first, hit, distance):
            quotes.append(quote)
    return tuple(quotes)


def _is_open(query: Query, first: Hit, other: Hit, distance: float) -> bool:
    levels = {first.passage.level, other.passage.level}
    twins = not query.level and levels == {"barnehage", "skole"}
    return distance < (TWIN if twins else CLOSE)


def _neighbours(
    library: Library, query: Query, quotes: tuple[Quote, ...], hits: list[Hit]
) -> tuple[str, ...]:
    """Two questions that lead on: about the same section first, then the next best passages."""
    shown = {unit for quote in quotes for unit in quote.units}
    section = hits[0].passage.section
    same = library.in_section(section)
    others = [hit.passage for hit in hits[1:] if hit.passage.section is not section]
    after = [p for s in _sections_after(section) for p in library.in_section(s)[:2]]
    picked: list[str] = []
    for passage in [*same[:3], *others[:3], *same[3:], *after]:
        if shown.issuperset(passage.units):
            continue
        question = next((q for q in passage.asks if _leads_on(query, q)), "")
        if question and question not in picked:
            picked.append(question)
        if len(picked) == NEIGHBOURS:
            break
    return tuple(_as_question(question) for question in picked)


def _sections_after(section: Section) -> list[Section]:
    sections = section.document.sections
    place = sections.index(section)
    return sections[place + 1 : place + 1 + SECTIONS_AFTER]


def _leads_on(query: Query, question: str) -> bool:
    """Whether a question is short enough for a button, and not what was just asked."""
    readable = 12 <= len(question) <= 60 and kind_of(question) != ""
    return readable and fuzz.ratio(spelled(query.text), spelled(question)) < SAME_QUESTION


def _as_question(asked: str) -> str:
    return asked[0].upper() + asked[1:] + ("" if asked.endswith("?") else "?")
