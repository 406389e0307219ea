"""Files of meetings as people have them are read; others are refused quickly, with a reason."""

import io
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as clock

import pytest
from openpyxl import Workbook

from dialogs.meetings.file_rows import FileRow, MeetingFileError
from dialogs.meetings.meeting_files import read_meeting_file, read_pasted
from dialogs.wording import Wording
from tests.dialogs.meetings.files_of_meetings import (
    HEADING,
    ROW,
    csv_of,
    ics_of,
    xlsx_of,
    xlsx_with,
    zip_bomb,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NB = Wording("nb")
CELLS = dict(zip(HEADING.split(";"), ROW.split(";"), strict=True))
SECONDS = 10.0  # generous, for a busy machine; the bad files would take minutes
MOST_MEMORY = 60_000_000


def read(content: bytes, name: str = "møter.csv") -> list[FileRow]:
    return read_meeting_file(name, content, NB, NOW)


def refused(content: bytes, name: str = "møter.csv") -> list[str]:
    with pytest.raises(MeetingFileError) as wrong:
        read(content, name)
    return [problem.line(NB) for problem in wrong.value.problems]


# CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_csv_as_programs_write_it(encoding: str, sign: str) -> None:
    text = f"{HEADING}\r\n{ROW}\r\n".replace(";", sign)
    assert [dict(row.cells) for row in read(text.encode(encoding))] == [CELLS]


def test_quoted_cells_hold_line_breaks_and_rows_are_counted_as_in_a_spreadsheet() -> None:
    content = csv_of(
        'skoleledermøte;"Vurdering; og\r\nmer";03.12.2026 12:00;14:00;ledere',
        ";;;;",
        ROW,
    )
    rows = read(content)
    assert [row.number for row in rows] == [2, 4]
    assert rows[0].cells["tittel"] == "Vurdering; og\nmer"


def test_excels_own_first_line_is_no_heading() -> None:
    assert read(b"sep=;\r\n" + csv_of(ROW))[0].number == 3


def test_columns_stand_in_any_order_in_bokmål_and_nynorsk() -> None:
    heading = "Målgruppe;START;Slutt;Stad;Lenkje;Førebuing;Dagen_før;Tittel;Type"
    row = read(csv_of("alle;1;2;her;der;les;ja;Møte;workshop", heading=heading))[0]
    assert row.cells == {
        "målgruppe": "alle",
        "start": "1",
        "slutt": "2",
        "sted": "her",
        "lenke": "der",
        "forberedelse": "les",
        "dagen før": "ja",
        "tittel": "Møte",
        "type": "workshop",
    }


def test_every_wrong_column_is_told_with_the_nearest_that_there_is() -> None:
    heading = "type;titel;start;start;slutt;farge på døra;"
    assert refused(csv_of("a;b;c;d;e;f", heading=heading)) == [
        "Rad 1: Kolonnen «titel» er ukjent. Mente du «tittel»?",
        "Rad 1: Kolonnen «farge på døra» er ukjent. Kolonnene heter type, tittel, start, slutt, "
        "målgruppe, sted, lenke, tema, forberedelse, id, svar, dagen før, mellomarbeid, merknad.",
        "Rad 1: Kolonnen «tittel» mangler.",
        "Rad 1: Kolonnen «målgruppe» mangler.",
        "Rad 1: Kolonnen «start» står flere ganger.",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "Fila er tom."),
        (b"\r\n \r\n", "Fila er tom."),
        (csv_of(), "Fila har overskrifter, men ingen møter."),
        (ROW.encode(), "Rad 1: Første rad må være overskriftene"),
        (csv_of(ROW + ";mer"), "Rad 2: Raden har 6 felt, men overskriften har 5."),
        (csv_of('a;"b'), "Rad 2: Et anførselstegn"),
        (b"a\x00b", "Dette er ikke en tekstfil"),
        (b"\x81\x8d", "Fila har ukjent tegnsett"),
        (csv_of(*[ROW] * 2_001), "Fila har for mange rader: Høyst 2000"),
        (csv_of(*["x" * 200_000]), "Rad 2: Et anførselstegn"),
    ],
)
def test_what_is_no_table_is_told(content: bytes, told: str) -> None:
    assert refused(content)[0].startswith(told)


def test_rows_that_are_pasted_from_a_spreadsheet_have_tabs() -> None:
    pasted = f"\n{HEADING}\n{ROW}\n".replace(";", "\t")
    assert [dict(row.cells) for row in read_pasted(pasted, NB)] == [CELLS]


# Excel


def test_cells_of_excel_become_what_somebody_would_have_written() -> None:
    rows = read(
        xlsx_of(
            [],
            [*HEADING.split(";"), "svar", "id", None],
            [
                "LED-skole",
                "=1+1",
                datetime(2026, 12, 3, 11, 59, 59, 999_000),  # noqa: DTZ001 – as in Excel
                clock(14),
                "ledere",
                True,
                7.0,
            ],
            [],
            ["fagsamtale", " Om\nlesing ", "3.12.2026 kl. 12.00", date(2026, 12, 3), "alle"],
        ),
        "Møter.XLSX",
    )
    assert [row.number for row in rows] == [3, 5]
    assert rows[0].cells == {
        "type": "LED-skole",
        "tittel": "",  # a formula that nobody has worked out has no value
        "start": "2026-12-03 12:00",
        "slutt": "14:00",
        "målgruppe": "ledere",
        "svar": "ja",
        "id": "7",
    }
    assert rows[1].cells["tittel"] == "Om\nlesing"
    assert rows[1].cells["slutt"] == "2026-12-03"


def test_of_a_formula_the_value_is_read() -> None:
    def with_formula(sheet: bytes) -> bytes:
        cell = b'<c r="B2" t="inlineStr"><is><t>Elevmedvirkning</t></is></c>'
        formula = b'<c r="B2" t="str"><f>"Vurde"&amp;"ring"</f><v>Vurdering</v></c>'
        assert cell in sheet or b'r="B2"' in sheet
        begin = sheet.index(b'<c r="B2"')
        return sheet[:begin] + formula + sheet[sheet.index(b"</c>", begin) + 4 :]

    content = xlsx_with("xl/worksheets/sheet1.xml", with_formula)
    assert read(content, "møter.xlsx")[0].cells["tittel"] == "Vurdering"


def test_the_first_sheet_with_something_in_it_is_read() -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.create_sheet("Møter")
    sheet.append(HEADING.split(";"))
    sheet.append(ROW.split(";"))
    book.save(out)
    assert len(read(out.getvalue(), "møter.xlsx")) == 1


def _far_row(sheet: bytes) -> bytes:
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return sheet.replace(b"</sheetData>", row)


def _empty_rows(sheet: bytes) -> bytes:
    rows = b"".join(b'<row r="%d"/>' % number for number in range(3, 100_000))
    return sheet.replace(b"</sheetData>", rows + b"</sheetData>")


def _entities(sheet: bytes) -> bytes:
    return b'<!DOCTYPE x [<!ENTITY a "bb">]>' + sheet


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("make", "name", "told"),
    [
        (zip_bomb, "møter.xlsx", "Excel-fila er for stor når den pakkes ut"),
        (lambda: xlsx_with(SHEET, _far_row), "m.xlsx", "Fila har for mange rader"),
        (lambda: xlsx_with(SHEET, _empty_rows), "m.xlsx", "Fila har for mange rader"),
        (lambda: xlsx_with(SHEET, _entities), "m.xlsx", "Excel-fila er skadet"),
        (lambda: xlsx_with(SHEET, lambda _: b"<worksheet><shee"), "m.xlsx", "Excel-fila er skadet"),
        (lambda: xlsx_with(SHEET, lambda _: b""), "m.xlsx", "Excel-fila er skadet"),
        (lambda: xlsx_with("xl/workbook.xml", lambda _: b"<x/>"), "m.xlsx", "Fila er tom"),
        (lambda: xlsx_of(HEADING.split(";"))[:2_000], "m.xlsx", "Excel-fila er skadet"),
        (lambda: csv_of(ROW), "m.xlsx", "Dette er ikke en Excel-fil"),
        (lambda: csv_of(ROW), "m.ics", "Jeg forstår ikke kalenderfila"),
        (lambda: b"\xd0\xcf\x11\xe0 gammel", "m.xls", "Dette er en Excel-fil i det gamle formatet"),
        (
            lambda: b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "m.xlsx",
            "Excel-fila er låst med passord",
        ),
        (lambda: b"%PDF-1.7", "møter.pdf", "Jeg leser ikke «møter.pdf»"),
        (lambda: b"x" * 10_000_000, "møter.csv", "Fila er for stor: Den kan være på høyst 2 MB"),
    ],
)
def test_what_is_no_honest_file_is_refused_quickly_and_in_little_memory(
    make: Callable[[], bytes], name: str, told: str
) -> None:
    content = make()
    tracemalloc.start()
    began = time.monotonic()
    try:
        assert refused(content, name)[0].startswith(told)
        assert time.monotonic() - began < SECONDS
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def test_an_excel_file_named_csv_is_read_all_the_same() -> None:
    assert len(read(xlsx_of(HEADING.split(";"), ROW.split(";")))) == 1


# Calendar files

EVENT = """
UID:a@b
SUMMARY:Skoleledermøte: Vurdering
DTSTART;TZID=Europe/Oslo:20261203T120000
DTEND;TZID=Europe/Oslo:20261203T140000
LOCATION:Rådhuset
DESCRIPTION:Underveisvurdering\\nMålgruppe: ledere\\nForberedelse: Les\\nog tenk
"""


def test_an_event_becomes_a_row_and_its_description_the_columns() -> None:
    (row,) = read(ics_of(EVENT), "møter.ics")
    assert row == FileRow(
        1,
        {
            "type": "skoleledermøte",
            "tittel": "Skoleledermøte: Vurdering",
            "start": "2026-12-03T11:00:00+00:00",
            "slutt": "2026-12-03T13:00:00+00:00",
            "sted": "Rådhuset",
            "tema": "Underveisvurdering",
            "målgruppe": "ledere",
            "forberedelse": "Les\nog tenk",
        },
        "ics:a@b",
        is_event=True,
    )


@pytest.mark.parametrize(
    ("starts", "utc"),
    [
        ("DTSTART:20261203T110000Z", "2026-12-03T11:00:00+00:00"),
        ("DTSTART:20261203T120000", "2026-12-03T11:00:00+00:00"),
        ("DTSTART;TZID=W. Europe Standard Time:20261203T120000", "2026-12-03T11:00:00+00:00"),
        ("DTSTART;TZID=Europe/London:20260703T110000", "2026-07-03T10:00:00+00:00"),
        ("DTSTART;VALUE=DATE:20261203", "2026-12-02T23:00:00+00:00"),
    ],
)
def test_times_of_any_zone_are_read(starts: str, utc: str) -> None:
    (row,) = read(ics_of(f"UID:a\nSUMMARY:Møte\n{starts}"), "møter.ics")
    assert row.cells["start"] == utc


def test_a_whole_day_lasts_until_midnight() -> None:
    (row,) = read(ics_of("UID:a\nSUMMARY:LED\nDTSTART;VALUE=DATE:20261203"), "møter.ics")
    assert row.cells["slutt"] == "2026-12-03T23:00:00+00:00"


def test_each_time_of_a_repeated_meeting_is_a_row_with_moved_and_cancelled_ones() -> None:
    weekly = """
    UID:uke
    SUMMARY:Nettverk
    DTSTART;TZID=Europe/Oslo:20261022T120000
    DURATION:PT1H
    RRULE:FREQ=WEEKLY;COUNT=4
    EXDATE;TZID=Europe/Oslo:20261029T120000
    """
    moved = """
    UID:uke
    RECURRENCE-ID;TZID=Europe/Oslo:20261105T120000
    SUMMARY:Nettverk
    DTSTART;TZID=Europe/Oslo:20261106T130000
    DURATION:PT1H
    """
    off = """
    UID:uke
    RECURRENCE-ID;TZID=Europe/Oslo:20261112T120000
    SUMMARY:Nettverk
    STATUS:CANCELLED
    DTSTART;TZID=Europe/Oslo:20261112T120000
    DURATION:PT1H
    """
    rows = read(ics_of(weekly, moved, off), "møter.ics")
    assert [(row.cells["start"], row.source, row.cancelled) for row in rows] == [
        # The clock goes back between the first two: noon stays noon.
        ("2026-10-22T10:00:00+00:00", "ics:uke:20261022T1000Z", False),
        ("2026-11-06T12:00:00+00:00", "ics:uke:20261105T1100Z", False),
        ("2026-11-12T11:00:00+00:00", "ics:uke:20261112T1100Z", True),
    ]
    assert {row.number for row in rows} == {1}


def test_what_is_repeated_without_end_is_read_two_years_ahead() -> None:
    monthly = "UID:m\nSUMMARY:Møte\nDTSTART:20261203T110000Z\nRRULE:FREQ=MONTHLY"
    rows = read(ics_of(monthly), "møter.ics")
    assert len(rows) == 24


def test_the_file_of_a_cancellation_cancels() -> None:
    assert read(ics_of(EVENT, method="CANCEL"), "m.ics")[0].cancelled


def test_how_to_join_in_outlook_is_no_topic_and_rooms_are_no_people() -> None:
    event = """
    UID:a
    SUMMARY:Møte
    DTSTART:20261203T110000Z
    LOCATION:https://teams.example/bli-med
    DESCRIPTION:Budsjett\\n________________________________\\nBli med på møtet
    ATTENDEE;CUTYPE=ROOM:mailto:rom@fjordvik.example
    ATTENDEE:MAILTO:Kari@fjordvik.example
    ATTENDEE:mailto:ola@fjordvik.example
    """
    (row,) = read(ics_of(event), "møter.ics")
    assert row.cells["tema"] == "Budsjett"
    assert row.cells["lenke"] == "https://teams.example/bli-med"
    assert "sted" not in row.cells
    assert row.cells["målgruppe"] == "personer: kari@fjordvik.example, ola@fjordvik.example"


START = "SUMMARY:Møte\nDTSTART:20261203T110000Z\nUID:a\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ics_of(START + "RRULE:FREQ=SECONDLY;COUNT=1000000"), "Hendelse 1: Gjentas hver time"),
        (ics_of(EVENT, START + "RRULE:FREQ=MINUTELY"), "Hendelse 2: Gjentas hver time"),
        (
            ics_of(START + "RRULE:FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2"),
            "Hendelse 1: Gjentas hver time",
        ),
        (
            ics_of(START + "RRULE:FREQ=SECONDLY").replace(b"SEC", b"SE\r\n C"),
            "Hendelse 1: Gjentas hver time",
        ),
        (ics_of(START + "RRULE:FREQ=DAILY;COUNT=1000000"), "Hendelse 1: Gjentas for mange"),
        (ics_of(START + "RRULE:FREQ=DAILY"), "Hendelse 1: Gjentas for mange"),
        (
            ics_of(START + "RDATE:" + ",".join(["20261204T110000Z"] * 100_000)),
            "Gjentas for mange ganger",
        ),
        (
            ics_of(START.replace("2026", "0001") + "RRULE:FREQ=DAILY"),
            "Hendelse 1: «Møte» har vært gjentatt",
        ),
        (ics_of(*["UID:a\nDTSTART:20261203T110000Z"] * 3_000), "Fila har for mange rader"),
        (ics_of(*[f"UID:{n}\n" + START[:-6] + "RRULE:FREQ=DAILY" for n in range(9)]), "Hendelse"),
        (ics_of(), "Kalenderfila har ingen møter"),
        (ics_of("UID:a\nSUMMARY:Uten tid"), "Kalenderfila har ingen møter"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART", "Jeg forstår ikke kalenderfila"),
        (ics_of(START + "RRULE:tull"), "Hendelse 1: RRULE i hendelsen er skrevet feil"),
        (ics_of(EVENT, "UID:a\nDTSTART:i morgen"), "Hendelse 2: DTSTART i hendelsen er skrevet"),
    ],
)
def test_calendars_that_nobody_keeps_are_refused_quickly(content: bytes, told: str) -> None:
    began = time.monotonic()
    assert refused(content, "møter.ics")[0].startswith(told)
    assert time.monotonic() - began < SECONDS
