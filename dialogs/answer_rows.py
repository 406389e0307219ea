"""Answers that are rows of a table: [{"id": …, <column>: …}]. Rows are filled in one at a time."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dialogs.answer_choices import OneOf, gone_label
from dialogs.answer_dates import Date
from dialogs.answer_kind import AnswerKind, Asked, Mistakes, Read, is_blank, one_line
from dialogs.answer_texts import CellText, Number, ShortText
from dialogs.guide import Column, Option, Step
from dialogs.known import Known
from dialogs.messages import Block, Language, Table

COLUMN_KINDS: Mapping[str, AnswerKind] = {
    "short_text": ShortText(),
    "long_text": CellText(),
    "one_of": OneOf(),
    "number": Number(),
    "date": Date(),
}
EMPTY_CELL = "–"
_LONGEST_NAME = 60


class Rows(AnswerKind):
    """A table. Its card has buttons for the rows; going on from it is an answer in itself."""

    missing: ClassVar[str] = "answer_table"

    def ids(self, asked: Asked) -> tuple[str, ...]:
        return ()

    def written(self, asked: Asked, value: Any) -> dict[str, str]:
        return {}

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        return Read(True)

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        return asked.wrong(self.missing)

    def fits(self, step: Step, value: Any) -> bool:
        if value is True or value == []:  # gone on from without a row
            return step.optional
        return isinstance(value, list) and all(_row_fits(step, row) for row in value)

    def plain(self, asked: Asked, value: Any) -> str:
        cells = _cells(asked)
        return "; ".join(name_of(cells, row) for row in _rows(value))

    def blocks(self, asked: Asked, value: Any) -> tuple[Block, ...]:
        cells = _cells(asked)
        if not _rows(value):
            return ()
        headings = tuple(one.step.heading(asked.language) for one in cells)
        rows = tuple(
            tuple(cell_text(one, row) or EMPTY_CELL for one in cells) for row in _rows(value)
        )
        return (Table(headings, rows),)

    def free_texts(self, step: Step, value: Any) -> list[str]:
        return [
            text
            for row in _rows(value)
            for column in step.columns
            for text in COLUMN_KINDS[column.kind].free_texts(step, row.get(column.id))
        ]


def cells_of(step: Step, language: Language, known: Known) -> tuple[Asked, ...]:
    """Each column as it is asked, with an input of its own."""
    return tuple(
        Asked(_as_step(column), language, known, f"{step.id}__{column.id}")
        for column in step.columns
    )


def keeping(
    step: Step,
    rows: Sequence[Mapping[str, Any]],
    language: Language,
    known: Known,
) -> Step:
    """The table with what stands in the rows among its choices, though it isn't offered any more.

    So a row keeps what nobody has changed, and still takes nothing that has never stood there.
    """
    cells = cells_of(step, language, known)
    columns = [
        _keeping(column, asked, [row.get(column.id) for row in rows])
        for column, asked in zip(step.columns, cells, strict=True)
    ]
    return step.model_copy(update={"columns": tuple(columns)})


def _keeping(column: Column, asked: Asked, values: Sequence[Any]) -> Column:
    if not column.choices_from:
        return column
    texts = {value for value in values if isinstance(value, str) and value}
    gone = sorted(texts - dict(asked.options).keys())
    if not gone:
        return column
    options = (*asked.options, *((value, gone_label(asked, value)) for value in gone))
    choices = tuple(
        Option.model_construct(value=value, text=text, text_nn=text) for value, text in options
    )
    return column.model_copy(update={"choices": choices, "choices_from": ""})


def read_cells(cells: tuple[Asked, ...], fields: Mapping[str, Any]) -> Read | Mistakes:
    """A row without its id, with None where an optional column is empty."""
    row: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for asked in cells:
        kind = COLUMN_KINDS[asked.step.kind]
        value = fields.get(asked.input)
        if not is_blank(value):
            read = kind.read(asked, {asked.input: value})
        else:
            read = _empty(kind, asked)
        if isinstance(read, Mistakes):
            wrong |= read.by_input
        else:
            row[asked.step.id] = read.value
    if not wrong and all(value is None for value in row.values()):
        return cells[0].wrong("answer_row_empty")
    return Mistakes(wrong) if wrong else Read(row)


def _empty(kind: AnswerKind, asked: Asked) -> Read | Mistakes:
    if asked.step.optional:
        return Read(None)
    return Mistakes({asked.input: kind.what_to_do(asked)})


def pairs_of(cells: tuple[Asked, ...], row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(heading, value) of each column of the row that is filled in."""
    pairs = ((one.step.heading(one.language), cell_text(one, row)) for one in cells)
    return tuple(pair for pair in pairs if pair[1])


def name_of(cells: tuple[Asked, ...], row: Mapping[str, Any]) -> str:
    """What a row is called in a list of rows: the first of it that is filled in."""
    name = next((one_line(shown) for _, shown in pairs_of(cells, row)), EMPTY_CELL)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1].rstrip()}…"


def _cells(asked: Asked) -> tuple[Asked, ...]:
    return cells_of(asked.step, asked.language, asked.known)


def cell_text(asked: Asked, row: Mapping[str, Any]) -> str:
    """The text of a cell, with its line breaks; "" for an empty one and for what doesn't fit."""
    value = row.get(asked.step.id)
    kind = COLUMN_KINDS[asked.step.kind]
    if value is None or not kind.fits(asked.step, value):
        return ""
    return value if asked.step.kind == "long_text" else kind.plain(asked, value)


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def _row_fits(step: Step, row: Any) -> bool:
    return isinstance(row, Mapping) and all(
        _cell_fits(one, row.get(one.id)) for one in step.columns
    )


def _cell_fits(column: Column, value: Any) -> bool:
    if value is None:
        return column.optional
    return COLUMN_KINDS[column.kind].fits(_as_step(column), value)


def _as_step(column: Column) -> Step:
    """A column is asked as a step of its kind is."""
    return Step.model_construct(
        id=column.id,
        kind=column.kind,
        text=column.label,
        text_nn=column.label_nn,
        optional=column.optional,
        choices=column.choices,
        choices_from=column.choices_from,
    )
