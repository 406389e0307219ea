"""An answer of a guide as rows of the utviklingsplan, so that nobody writes twice.

A row's id follows from the draft and the step, so that the same answer is always the same row. A
table gives a row for each of its rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from dialogs import answers
from dialogs.drafts import View
from dialogs.guide import LONGEST_CELL, LONGEST_SHORT_TEXT, Column, Step
from dialogs.messages import Language

Row = Mapping[str, Any]

_IDS = UUID(
    "6f2d4c0e-31a5-4b7e-9a57-5c8f0f6c1d20"
)  # any, but never another: row ids follow from it
_LEFT_OUT = " […]"


@dataclass(frozen=True, slots=True)
class Copy:
    """A row as an answer makes it. `source` is what its answer is stored under."""

    id: str
    row: dict[str, Any]
    source: str
    is_cut: bool

    @property
    def measure(self) -> str:
        return str(self.row["tiltak"])


def copies_of(
    view: View, step: Step, plan_columns: Sequence[Column], language: Language
) -> list[Copy]:
    """The rows that the answer of a step makes."""
    value = view.answers[step.id]
    if step.kind != "table":
        text = value if step.kind in ("short_text", "long_text") else ""
        if not text:
            said = answers.plain(step, value, language, view.known)
            text = f"{step.heading(language)}: {said}"
        return [_copy(view, step.id, text.strip(), {})]
    return [
        _copy(view, f"{step.id}/{row['id']}", _row_text(view, step, row, taken, language), taken)
        for row in value
        for taken in [_taken(step, row, plan_columns)]
    ]


def _copy(view: View, source: str, text: str, taken: Mapping[str, Any]) -> Copy:
    short = shorten(text)
    row = {"maal": _goal(view), **taken, "tiltak": short}
    return Copy(uuid5(_IDS, f"{view.draft.id}/{source}").hex, row, source, short != text)


def _goal(view: View) -> str:
    """What the draft is about, else the guide it follows."""
    about = view.answers.get(view.guide.named_by) if view.guide.named_by else None
    goal = about if isinstance(about, str) and about else view.guide.named(view.known.language)
    return goal[:LONGEST_SHORT_TEXT]


def _row_text(view: View, step: Step, row: Row, taken: Row, language: Language) -> str:
    """A row of a table as one text: its tiltak, if it has one, and what has no column there."""
    first = str(row.get("tiltak") or "").strip()
    rest = {column.id: row.get(column.id) for column in step.columns}
    rest = {id: cell for id, cell in rest.items() if id != "tiltak" and id not in taken}
    named: list[tuple[str, str]] = list(answers.row_pairs(step, rest, language, view.known))
    pairs = [(label, text) for label, text in named if text]
    if not first and len(pairs) == 1:
        return pairs[0][1]
    return "\n".join([*([first] if first else []), *(f"{label}: {text}" for label, text in pairs)])


def _taken(step: Step, row: Row, plan_columns: Sequence[Column]) -> dict[str, Any]:
    """The cells that the plan has the same column for, such as a deadline."""
    mine = {column.id: column for column in plan_columns}
    return {
        column.id: row[column.id]
        for column in step.columns
        if row.get(column.id) and column.id in mine and _is_same(column, mine[column.id])
    }


def _is_same(one: Column, other: Column) -> bool:
    kind = (one.kind, one.choices_from, {option.value for option in one.choices})
    return kind == (other.kind, other.choices_from, {option.value for option in other.choices})


def shorten(text: str) -> str:
    """What a tiltak has room for: whole sentences where it can be, with a mark where it ends."""
    if len(text) <= LONGEST_CELL:
        return text
    head = text[: LONGEST_CELL - len(_LEFT_OUT)]
    sentence = max(head.rfind(mark) for mark in (". ", "! ", "? ", ".\n", "\n"))
    word = head.rfind(" ")
    end = next((at + 1 for at in (sentence, word) if at > len(head) // 2), len(head))
    return head[:end].rstrip() + _LEFT_OUT
