"""The rows of the utviklingsplan as they are read on a card: by goal, with names and dates."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from dialogs.answer_kind import Asked
from dialogs.answer_rows import cell_text, cells_of
from dialogs.context import Context
from dialogs.deadlines import frist_of
from dialogs.drafts import View
from dialogs.messages import Block, Choice, Facts, Paragraph
from dialogs.plan_rows import STEP, first_words, is_done

Row = Mapping[str, Any]

_ABOVE = ("maal", "tiltak")  # what stands above the other cells of a row


def choice_of_row(context: Context, rows: Sequence[Row]) -> Choice:
    """The input "row", which «Endre» sends; numbered as on the card."""
    options = tuple(
        (str(row["id"]), f"{number}. {first_words(row)}")
        for number, row in enumerate(rows, start=1)
    )
    wording = context.wording
    return Choice("row", wording.say("plan_choose"), options, wording.say("plan_choose_error"))


def by_goal(rows: Sequence[Row]) -> list[Row]:
    """The rows of each goal together, however it is spaced or cased; those without one last."""
    goals: dict[str, list[Row]] = {}
    for row in rows:
        goals.setdefault(_goal(row).casefold(), []).append(row)
    without = goals.pop("", [])
    return [row for together in (*goals.values(), without) for row in together]


def plan_blocks(context: Context, view: View, rows: Sequence[Row]) -> list[Block]:
    """The rows, in the order of `by_goal`, each goal as the heading of its own."""
    cells = _Cells(context, view)
    blocks: list[Block] = []
    before: str | None = None
    for number, row in enumerate(rows, start=1):
        goal = _goal(row)
        if goal.casefold() != before:
            heading = goal or context.wording.say("plan_no_goal")
            blocks.append(Paragraph(heading, "heading"))
            before = goal.casefold()
        name = context.wording.say("plan_row", number=number)
        blocks.append(Facts(((name, str(row.get("tiltak") or "")), *cells.of(row, _ABOVE))))
    return blocks


def row_facts(context: Context, view: View, row: Row) -> Facts:
    """One row by itself, whole."""
    return Facts(tuple(_Cells(context, view).of(row, ())))


def _goal(row: Row) -> str:
    return " ".join(str(row.get("maal") or "").split())


class _Cells:
    """What rows say, as people read it. Asks for each list of names once."""

    def __init__(self, context: Context, view: View) -> None:
        self._context = context
        step = view.guide.find(STEP)
        self._cells = cells_of(step, context.language, view.known) if step else ()

    def of(self, row: Row, but: Container[str]) -> list[tuple[str, str]]:
        """Label and text of every cell that isn't empty, `but` some columns."""
        return [
            (cell.step.heading(cell.language), text)
            for cell in self._cells
            if cell.step.id not in but and (text := self._text(cell, row))
        ]

    def _text(self, cell: Asked, row: Row) -> str:
        text = cell_text(cell, row)
        return self._with_overdue(text, row) if cell.step.id == "frist" else text

    def _with_overdue(self, date: str, row: Row) -> str:
        frist = frist_of(row)
        if frist is not None and frist < self._context.today and not is_done(row):
            return self._context.wording.say("plan_overdue", date=date)
        return date
