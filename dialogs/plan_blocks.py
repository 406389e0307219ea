"""The rows of the utviklingsplan as they are read on a card: by goal, with names and dates."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from dialogs.actions import ACTIONS
from dialogs.context import Context
from dialogs.deadlines import frist_of
from dialogs.drafts import View
from dialogs.guide import Column, in_language
from dialogs.messages import Block, Choice, Facts, Paragraph
from dialogs.plan_rows import STEP, first_words, is_done
from storage.people import find_person

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
        self._context, self._view = context, view
        step = view.guide.find(STEP)
        self._columns = step.columns if step else ()
        self._labels: dict[str, dict[str, str]] = {}

    def of(self, row: Row, but: Container[str]) -> list[tuple[str, str]]:
        """Label and text of every cell that isn't empty, `but` some columns."""
        language = self._context.language
        return [
            (in_language(language, column.label, column.label_nn), self._text(column, row))
            for column in self._columns
            if column.id not in but and row.get(column.id)
        ]

    def _text(self, column: Column, row: Row) -> str:
        value = row[column.id]
        match column.kind:
            case "date":
                return self._date(row) if column.id == "frist" else str(value)
            case "one_of" if column.choices_from:
                labels = self._labels_of(column)
                if column.id == "ansvarlig":
                    return labels.get(value) or self._somebody_gone(str(value))
                return labels.get(value, str(value))
            case "one_of":
                language = self._context.language
                named = {o.value: in_language(language, o.text, o.text_nn) for o in column.choices}
                return named.get(value, str(value))
        return str(value)

    def _labels_of(self, column: Column) -> dict[str, str]:
        if column.id not in self._labels:
            choices = ACTIONS[column.choices_from].call(self._view.known)
            self._labels[column.id] = dict(choices)
        return self._labels[column.id]

    def _somebody_gone(self, key: str) -> str:
        wording = self._context.wording
        person = find_person(self._context.session, key)
        if person is None:
            return wording.say("plan_gone_person")
        return wording.say("plan_moved_person", name=person.name)

    def _date(self, row: Row) -> str:
        frist = frist_of(row)
        if frist is None:
            return str(row["frist"])
        shown = f"{frist:%d.%m.%Y}"
        if frist < self._context.today and not is_done(row):
            return self._context.wording.say("plan_overdue", date=shown)
        return shown
