"""Questions on the dated rows of a meeting calendar: «og den neste?», and what it can't answer."""

import re

from knowledge.library import Library, Passage
from knowledge.search import Topic

_NEXT = re.compile(r"\b(den neste|neste|den etter|etter den|etter det|påfølgende)\b")
_BEFORE = re.compile(r"\b(den forrige|forrige|den før|før den)\b")
# «Neste møte», «møter i år»: only the calendar in storage answers these, never a document.
_NOW = re.compile(
    r"\b(neste|komande|kommende|denne veka|denne uka|denne uken|i dag|i morgen|i morgon|i år)\b"
    r".*\b(\w*møte\w*|led-skole\w*|\w*samling\w*)\b"
    r"|\b(\w*møte\w*|led-skole\w*)\b"
    r".*\b(i dag|i morgen|i morgon|i år|igjen|denne uka|denne veka|framover)\b"
)
_DATED = re.compile(r"\d{2}\.\d{2}\.\d{4} – ")


def names_next_meeting(question: str) -> bool:
    """Whether a question is about meetings that lie ahead, which no historical calendar knows."""
    return bool(_NOW.search(question.lower()))


def next_row(library: Library, question: str, topic: Topic | None) -> Passage | None:
    """The row after (or before) the one just shown, of the same kind of meeting."""
    folded = question.lower()
    shown = library.by_id.get(topic.passage) if topic else None
    if shown is None or not _is_dated(shown):
        return None
    step = 1 if _NEXT.search(folded) else -1 if _BEFORE.search(folded) else 0
    if step == 0:
        return None
    rows = [p for p in library.in_section(shown.section) if _is_dated(p)]
    rows.sort(key=lambda passage: passage.first)
    same = [row for row in rows if _kind(row) == _kind(shown)]
    place = same.index(shown) + step
    return same[place] if 0 <= place < len(same) else None


def _is_dated(passage: Passage) -> bool:
    unit = passage.units[0]
    return len(passage.units) == 1 and unit.kind == "row" and bool(_DATED.match(unit.text))


def _kind(passage: Passage) -> str:
    return passage.text.split(" · ")[0].split(" – ", 1)[1]
