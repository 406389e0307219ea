"""CSV and Excel -> rows of text by column. What is no table is refused before it is unpacked."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zipfile import BadZipFile, ZipFile

from rapidfuzz import fuzz, process

from dialogs.meetings.file_rows import (
    COLUMNS,
    MOST_ROWS,
    REQUIRED_COLUMNS,
    FileRow,
    MeetingFileError,
    Problem,
    cannot_read,
)
from dialogs.wording import Wording

# What an .xlsx may unpack to: ten times what two thousand full rows take. The sizes in its list
# of files can't lie: no more than that is unpacked.
LARGEST_UNPACKED = 20_000_000
MOST_PARTS = 500
MOST_COLUMNS = 50
# Empty rows are counted too: a sheet may have a million of them.
MOST_SHEET_ROWS = 20_000

# Other ways of writing the columns, and nynorsk.
_OTHER_NAMES = {
    "møtetype": "type",
    "starter": "start",
    "fra": "start",
    "frå": "start",
    "slutter": "slutt",
    "sluttar": "slutt",
    "til": "slutt",
    "stad": "sted",
    "lenkje": "lenke",
    "førebuing": "forberedelse",
    "førebuingar": "forberedelse",
    "forberedelser": "forberedelse",
    "dagen føre": "dagen før",
    "merknader": "merknad",
}
_NAMES = {**{name: name for name in COLUMNS}, **_OTHER_NAMES}
_NEAR = 60

# A row with its number.
_Rows = Iterator[tuple[int, list[str]]]


def read_csv(content: bytes, wording: Wording) -> list[FileRow]:
    """Rows of a CSV file: `;`, `,` or tab between; UTF-8, UTF-16 or Windows-1252."""
    return rows_of_text(_decoded(content, wording), wording)


def rows_of_text(text: str, wording: Wording) -> list[FileRow]:
    """Rows of CSV that somebody has pasted, or copied from a spreadsheet."""
    if "\0" in text:
        raise cannot_read(wording.say("meeting_import_not_text"))
    return _by_column(_csv_rows(text, wording), wording)


def read_xlsx(content: bytes, wording: Wording) -> list[FileRow]:
    """Rows of the first sheet with something in it; of formulas, the values."""
    _check_zip(content, wording)
    return _by_column(_sheet_rows(content, wording), wording)


# Text


def _decoded(content: bytes, wording: Wording) -> str:
    # Excel writes "Unicode-tekst" as UTF-16, and plain "CSV" as Windows-1252.
    is_utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise cannot_read(wording.say("meeting_import_encoding"))


def _csv_rows(text: str, wording: Wording) -> _Rows:
    lines = io.StringIO(text, newline="")
    number = 0
    if text[:6].casefold().startswith("sep="):  # what Excel writes to itself
        lines.readline()
        number = 1
    delimiter = _delimiter(text.splitlines()[number : number + 1])
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            number += 1
            if number > MOST_SHEET_ROWS:
                raise cannot_read(wording.say("meeting_import_many_rows", most=MOST_ROWS))
            yield number, cells
    except csv.Error as error:
        raise cannot_read(wording.say("meeting_import_quotes"), number + 1) from error


def _delimiter(heading: Sequence[str]) -> str:
    """The sign that makes most of the heading columns that we know."""

    def known(sign: str) -> int:
        return sum(_plain(name.strip('"')) in _NAMES for name in heading[0].split(sign))

    return max(";,\t", key=known) if heading else ";"


# Excel


def _check_zip(content: bytes, wording: Wording) -> None:
    try:
        with ZipFile(io.BytesIO(content)) as opened:
            parts = opened.infolist()
            size = sum(part.file_size for part in parts)
            if size > LARGEST_UNPACKED or len(parts) > MOST_PARTS:
                raise cannot_read(wording.say("meeting_import_unpacked"))
            if "xl/workbook.xml" not in opened.namelist():
                raise cannot_read(wording.say("meeting_import_not_excel"))
            for part in parts:
                # Excel defines no entities of its own, so whoever does wants to blow them up.
                if part.filename.endswith((".xml", ".rels")):
                    with opened.open(part) as xml:
                        if b"<!DOCTYPE" in xml.read(2_000):
                            raise cannot_read(wording.say("meeting_import_broken_excel"))
    except MeetingFileError:
        raise
    except Exception as error:  # zipfile has many ways of saying that a file is broken
        raise cannot_read(wording.say("meeting_import_broken_excel")) from error


def _sheet_rows(content: bytes, wording: Wording) -> _Rows:
    from openpyxl import load_workbook  # takes half a second, which only this needs

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                rows = list(_filled(_values_of(sheet), wording))
                if rows:
                    yield from rows
                    return
        finally:
            book.close()
    except MeetingFileError:
        raise
    except (BadZipFile, *_OPENPYXL_SAYS) as error:
        raise cannot_read(wording.say("meeting_import_broken_excel")) from error


# What openpyxl raises for files that Excel didn't write: whatever its reading stumbles in.
_OPENPYXL_SAYS = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    EOFError,
    OSError,
    SyntaxError,  # of XML
)


def _values_of(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    sheet.reset_dimensions()  # they may claim more than there is
    rows = sheet.iter_rows(max_row=MOST_SHEET_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    yield from enumerate(rows, start=1)


def _filled(rows: Iterable[tuple[int, tuple[Any, ...]]], wording: Wording) -> _Rows:
    count = 0
    for number, values in rows:
        if number > MOST_SHEET_ROWS:
            raise cannot_read(wording.say("meeting_import_many_rows", most=MOST_ROWS))
        cells = [_written(value) for value in values]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            count += 1
            if count > MOST_ROWS + 1:
                raise cannot_read(wording.say("meeting_import_many_rows", most=MOST_ROWS))
            yield number, cells


def _written(value: Any) -> str:
    """A cell as somebody would have written it in a CSV file."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nei"
        case datetime():
            # Excel counts time in parts of a day, which seldom end at a whole minute.
            minute = value + timedelta(seconds=30)
            # A date alone is midnight to Excel; no meeting begins then.
            return f"{minute:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
        case date():
            return value.isoformat()
        case time():
            return f"{value:%H:%M}"
        case timedelta():  # a time of day in the format that goes on after 24
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60:02}:{minutes % 60:02}"
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value).strip()


# Columns


def _by_column(rows: _Rows, wording: Wording) -> list[FileRow]:
    filled = ((number, cells) for number, cells in rows if any(cell.strip() for cell in cells))
    first = next(filled, None)
    if first is None:
        raise cannot_read(wording.say("meeting_import_empty"))
    heading_row, names = first[0], list(first[1])
    while names and not names[-1].strip():
        names.pop()
    columns = [_NAMES.get(_plain(name), "") for name in names]
    if problems := _wrong_columns(names, columns, heading_row, wording):
        raise MeetingFileError(problems)
    found: list[FileRow] = []
    for number, cells in filled:
        if len(found) == MOST_ROWS:
            raise cannot_read(wording.say("meeting_import_many_rows", most=MOST_ROWS))
        if any(cell.strip() for cell in cells[len(columns) :]):
            told = wording.say("meeting_import_wide", cells=len(cells), columns=len(columns))
            problems.append(Problem(number, told))
        padded = [*cells, *[""] * len(columns)]
        found.append(FileRow(number, dict(zip(columns, map(_tidy, padded), strict=False))))
    if problems:
        raise MeetingFileError(problems)
    if not found:
        raise cannot_read(wording.say("meeting_import_no_rows"))
    return found


def _wrong_columns(
    names: Sequence[str], columns: Sequence[str], row: int, wording: Wording
) -> list[Problem]:
    if not any(columns):
        columns_told = ", ".join(REQUIRED_COLUMNS)
        return [Problem(row, wording.say("meeting_import_no_heading", columns=columns_told))]
    told: list[str] = []
    for name, column in zip(names, columns, strict=True):
        if not column:
            told.append(_unknown_column(name, wording))
    told += [
        wording.say("meeting_import_missing_column", column=column)
        for column in REQUIRED_COLUMNS
        if column not in columns
    ]
    told += [
        wording.say("meeting_import_double_column", column=column)
        for column in COLUMNS
        if columns.count(column) > 1
    ]
    return [Problem(row, one) for one in told]


def _unknown_column(name: str, wording: Wording) -> str:
    written = " ".join(name.split())[:60]
    near = process.extractOne(_plain(name), list(_NAMES), scorer=fuzz.ratio, score_cutoff=_NEAR)
    if not written:
        return wording.say("meeting_import_nameless_column")
    if near is None:
        columns = ", ".join(COLUMNS)
        return wording.say("meeting_import_unknown_column", name=written, columns=columns)
    return wording.say("meeting_import_near_column", name=written, near=_NAMES[near[0]])


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[_*:\ufeff]", " ", name).casefold().split())


def _tidy(cell: str) -> str:
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()
