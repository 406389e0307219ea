"""Files of meetings to import in tests: as Excel, calendars and people with bad intentions make."""

import io
from collections.abc import Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

HEADING = "type;tittel;start;slutt;målgruppe"
ROW = "skoleledermøte;Elevmedvirkning;03.12.2026 12:00;14:00;ledere"


def csv_of(*rows: str, heading: str = HEADING) -> bytes:
    return "\r\n".join([heading, *rows, ""]).encode()


def xlsx_of(*rows: Sequence[Any]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def xlsx_with(name: str, change: Any) -> bytes:
    """An Excel file with one of its parts changed."""
    out = io.BytesIO()
    original = xlsx_of(HEADING.split(";"), ROW.split(";"))
    with ZipFile(io.BytesIO(original)) as opened, ZipFile(out, "w", ZIP_DEFLATED) as changed:
        for part in opened.namelist():
            content = opened.read(part)
            changed.writestr(part, change(content) if part == name else content)
    return out.getvalue()


def zip_bomb() -> bytes:
    """A small file that unpacks to a sheet of a hundred megabytes."""
    out = io.BytesIO()
    original = xlsx_of(HEADING.split(";"))
    with ZipFile(io.BytesIO(original)) as opened, ZipFile(out, "w", ZIP_DEFLATED) as bomb:
        for part in opened.namelist():
            bomb.writestr(part, opened.read(part))
        with bomb.open("xl/worksheets/sheet2.xml", "w", force_zip64=True) as sheet:
            piece = b"<row/>" * 200_000
            for _ in range(85):
                sheet.write(piece)
    return out.getvalue()


def ics_of(*events: str, method: str = "") -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test"]
    lines += [f"METHOD:{method}"] if method else []
    for event in events:
        lines += ["BEGIN:VEVENT", *event.strip().splitlines(), "END:VEVENT"]
    return "\r\n".join([*(line.strip() for line in lines), "END:VCALENDAR", ""]).encode()
