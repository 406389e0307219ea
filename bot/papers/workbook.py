"""Workbook -> XLSX and CSV: what people wrote is always text there, never a formula.

Rows are taken one at a time, so that a long sheet needs no more memory than a short one. openpyxl
is loaded when it is needed.
"""

import csv as comma_separated
import io
import math
import re
from collections.abc import Iterator
from datetime import date
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from bot.papers.written import one_line, written
from dialogs.messages import Sheet, Workbook

LONGEST_CELL = 16_000  # Excel takes 32,767 halves of characters
LONGEST_NAME = 31  # of a sheet
WIDEST, NARROWEST = 60, 8
MEASURED = 200  # rows that decide how wide the columns are
A4 = 9  # as Excel counts papers
ROWS_AT_ONCE = 500  # of CSV in one piece
PIECE = 64 * 1024

# Programs take what begins so for a formula, in a wide form too; some skip blanks first.
_BEGINS_FORMULA = frozenset("=+-@＝＋－＠")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
# Excel reads _x0041_ as A.
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_FORMATS = {int: "#,##0", float: "#,##0.0", date: "dd.mm.yyyy"}  # shown as the reader's Excel does

Value = str | int | float | date | None


def xlsx(workbook: Workbook) -> bytes:
    """The workbook for Excel; for a large one, `write_xlsx` to a file needs less memory."""
    file = io.BytesIO()
    write_xlsx(workbook, file)
    return file.getvalue()


def xlsx_pieces(workbook: Workbook) -> Iterator[bytes]:
    """The workbook for Excel, made in a file on the disk and given in pieces."""
    with TemporaryFile() as file:
        write_xlsx(workbook, file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def write_xlsx(workbook: Workbook, file: BinaryIO) -> None:
    """Every sheet with its columns' names on a row that stays, then the rows, then the notes."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    book.properties.title = one_line(workbook.title)
    book.properties.creator = "Kvalitetsbot"
    book.properties.language = {"nb": "nb-NO", "nn": "nn-NO"}[workbook.language]
    names: set[str] = set()
    for sheet in workbook.sheets:
        name = _sheet_name(sheet.name, names)
        names.add(name.casefold())
        _fill(book.create_sheet(name), sheet)
    if not workbook.sheets:
        book.create_sheet()
    book.save(file)


def csv(workbook: Workbook) -> Iterator[bytes]:
    """The first sheet as CSV the Norwegian way: `;`, decimal comma, CRLF, UTF-8 with BOM."""
    buffer = io.StringIO(newline="")
    writer = comma_separated.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    for number, row in enumerate(_csv_rows(workbook.sheets[:1]), start=1):
        writer.writerow(row)
        if number % ROWS_AT_ONCE == 0:
            yield _taken(buffer)
    yield _taken(buffer)


# XLSX


def _fill(shown: Any, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    rows = iter(sheet.rows)
    first = list(islice(rows, MEASURED))
    for number, width in enumerate(_widths(sheet, first), start=1):
        shown.column_dimensions[get_column_letter(number)].width = width
    shown.freeze_panes = "A2"
    shown.page_setup.orientation = "landscape"
    shown.page_setup.paperSize = A4
    shown.page_setup.fitToHeight = 0
    shown.sheet_properties.pageSetUpPr = _fit_to_page()
    cells = _Cells(shown)
    shown.append([cells.header(name) for name in sheet.columns])
    for row in chain(first, rows):
        shown.append([cells.cell(number, value) for number, value in enumerate(row)])
    if sheet.notes:
        shown.append([])
    for note in sheet.notes:
        shown.append([cells.note(note)])


class _Cells:
    """The cells of one sheet. Each is written at once, so that a column needs one of each kind."""

    def __init__(self, shown: Any) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill

        self._shown = shown
        self._made: dict[tuple[int, type], Any] = {}
        self._wrapped = Alignment(wrap_text=True, vertical="top")
        self._top = Alignment(vertical="top")
        self._bold, self._italic = Font(bold=True), Font(italic=True)
        self._fill = PatternFill("solid", fgColor="E8EDF4")

    def header(self, name: str) -> Any:
        cell = self._new()
        cell.font, cell.fill, cell.alignment = self._bold, self._fill, self._wrapped
        return _as_text(cell, name)

    def note(self, text: str) -> Any:
        cell = self._new()
        cell.font = self._italic
        return _as_text(cell, text)

    def _new(self) -> Any:
        from openpyxl.cell import WriteOnlyCell

        return WriteOnlyCell(self._shown)

    def cell(self, column: int, value: Value) -> Any:
        if value is None or (isinstance(value, float) and not math.isfinite(value)):
            return None
        kind = next((one for one in _FORMATS if isinstance(value, one)), str)
        cell = self._made.get((column, kind))
        if cell is None:
            cell = self._made[column, kind] = self._new()
            if kind is str:
                cell.alignment = self._wrapped
                cell.quotePrefix = True  # text it stays, when somebody edits it too
            else:
                cell.alignment = self._top
                cell.number_format = _FORMATS[kind]
        if isinstance(value, str):
            return _as_text(cell, value)
        cell.value = value
        return cell


def _as_text(cell: Any, text: str) -> Any:
    """The cell with the text; openpyxl would take "=1" for a formula, and "#N/A" for an error."""
    cell.value = _LOOKS_ESCAPED.sub("_x005F_", _fitting(text))
    cell.data_type = "s"
    return cell


def _fitting(text: str) -> str:
    plain = written(text)
    return plain if len(plain) <= LONGEST_CELL else f"{plain[: LONGEST_CELL - 1]}…"


def _fit_to_page() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def _widths(sheet: Sheet, rows: list[tuple[Value, ...]]) -> Iterator[float]:
    for number, name in enumerate(sheet.columns):
        texts = [name, *(_shown(row[number]) for row in rows)]
        longest = max(len(line) for text in texts for line in (text.splitlines() or [""]))
        yield max(NARROWEST, min(longest + 2, WIDEST))


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes: short, without its own signs, and another than the others'."""
    plain = one_line(_NOT_IN_NAMES.sub(" ", name)).strip("' ") or "Ark"
    number, found = 1, plain[:LONGEST_NAME].rstrip("' ")
    while found.casefold() in taken or found.casefold() == "history":  # which Excel keeps
        number += 1
        end = f" {number}"
        found = plain[: LONGEST_NAME - len(end)].rstrip("' ") + end
    return found


# CSV


def _csv_rows(sheets: tuple[Sheet, ...]) -> Iterator[list[str]]:
    for sheet in sheets:
        yield [_harmless(name) for name in sheet.columns]
        for row in sheet.rows:
            yield [_harmless(v) if isinstance(v, str) else _shown(v) for v in row]
        if sheet.notes:
            yield []
        for note in sheet.notes:
            yield [_harmless(note)]


def _harmless(text: str) -> str:
    """The text, with ' before what a spreadsheet would work out instead of showing."""
    plain = _fitting(text)
    return f"'{plain}" if _begins_formula(text) or _begins_formula(plain) else plain


def _begins_formula(text: str) -> bool:
    if text[:1] in ("\t", "\r", "\n", "\0"):
        return True
    # What isn't seen may be skipped: blanks, controls, marks of direction.
    for sign in text:
        if sign.isprintable() and not sign.isspace():
            return sign in _BEGINS_FORMULA
    return False


def _shown(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case float():
            return f"{value:.12g}".replace(".", ",") if math.isfinite(value) else ""
        case date():
            return f"{value:%d.%m.%Y}"
        case _:
            return str(value)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece
