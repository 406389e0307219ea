"""Workbooks as XLSX and CSV: every text stands as text, whatever it looks like."""

import csv as comma_separated
import io
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, overload

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.papers.workbook import LONGEST_CELL, csv, xlsx, xlsx_pieces
from bot.papers.written import written
from dialogs.messages import Sheet, Workbook
from tests.fuzz import ODD, texts

FORMULAS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://eksempel.no","trykk")',
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "\x0b=1+1",
    " =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\u202e=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "{=1+1}",
    "#N/A",
    "_x003D_1+1",
    '";=1+1;"',
    "a;=1+1",
    'a"\r\n=1+1',
    "1e5",
    "'=1+1",
]
LARGEST = 100 * 1024 * 1024
MANY = 500_000


def book_of(*values: Any, columns: Sequence[str] = ("Kolonne",)) -> Workbook:
    """A row for each of these."""
    return Workbook("Prøve", (Sheet("Svar", tuple(columns), tuple((one,) for one in values)),))


def opened(workbook: Workbook) -> Any:
    return openpyxl.load_workbook(io.BytesIO(xlsx(workbook)))


def read_csv(workbook: Workbook) -> list[list[str]]:
    text = b"".join(csv(workbook)).decode("utf-8-sig")
    return list(comma_separated.reader(io.StringIO(text, newline=""), delimiter=";"))


def begins_formula(text: str) -> bool:
    """As a spreadsheet would see it, with what isn't seen left out."""
    seen = "".join(sign for sign in text if sign.isprintable() and not sign.isspace())
    return seen[:1] in tuple("=+-@＝＋－＠") or text[:1] in ("\t", "\r", "\n", "\0")


def kept(value: str) -> str:
    """What can stand in a cell of it."""
    text = written(value)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def check_both(values: list[str]) -> None:
    """All of them read back as text, the same but for what no file can hold."""
    workbook = book_of(*values)
    shown = opened(workbook)["Svar"]
    cells = [cell for (cell,) in shown.iter_rows(min_row=2)]
    assert len(cells) == len(values)
    for cell, value in zip(cells, values, strict=True):
        assert cell.data_type != "f"
        if written(value) and "_x" not in value:
            assert cell.value == kept(value)
    rows = read_csv(workbook)
    assert len(rows) == 1 + len(values)
    for row, value in zip(rows[1:], values, strict=True):
        text = row[0] if row else ""
        assert not begins_formula(text), (value, text)
        assert text in (kept(value), f"'{kept(value)}")


@pytest.mark.parametrize("value", [*FORMULAS, *ODD])
def test_what_looks_like_a_formula_is_text(value: str) -> None:
    check_both([value])


@given(st.lists(st.text(max_size=40), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_whatever_is_written_is_text(values: list[str]) -> None:
    check_both(values)


def test_numbers_and_dates_are_numbers_and_dates() -> None:
    workbook = book_of(1234, -3, 2.5, date(2026, 11, 22), None, float("nan"))
    shown = opened(workbook)["Svar"]
    values = [cell for (cell,) in shown.iter_rows(min_row=2)]
    assert [cell.value for cell in values[:3]] == [1234, -3, 2.5]
    assert values[3].value.date() == date(2026, 11, 22)
    assert values[3].number_format == "dd.mm.yyyy"
    assert len(values) == 4
    rows = [row[0] if row else "" for row in read_csv(workbook)[1:]]
    assert rows == ["1234", "-3", "2,5", "22.11.2026", "", ""]


def test_the_names_of_the_columns_stay_in_view_and_columns_are_wide_enough() -> None:
    workbook = Workbook("Prøve", (Sheet("Svar", ("Kort", "Lang"), (("a", "b" * 30),)),))
    shown = opened(workbook)["Svar"]
    assert shown.freeze_panes == "A2"
    assert shown.column_dimensions["A"].width < 10
    assert shown.column_dimensions["B"].width > 30
    assert shown["A1"].font.bold


def test_a_csv_file_opens_the_norwegian_way() -> None:
    body = b"".join(csv(Workbook("P", (Sheet("S", ("Ærlig", "Tall"), (("øl\når", 1.5),)),))))
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.decode("utf-8-sig") == 'Ærlig;Tall\r\n"øl\når";1,5\r\n'


def test_notes_stand_under_the_numbers_in_both() -> None:
    workbook = Workbook("P", (Sheet("S", ("A",), ((1,),), ("=merknad",)),))
    assert [row for row in read_csv(workbook) if row][-1] == ["'=merknad"]
    last = list(opened(workbook)["S"].iter_rows())[-1][0]
    assert (last.value, last.data_type) == ("=merknad", "s")


def test_sheets_have_names_that_excel_takes() -> None:
    names = ["Svar", "svar", "a/b:c*d?[e]\\", "", "'", "x" * 40, "x" * 40, "History"]
    workbook = Workbook("P", tuple(Sheet(name, ("A",), ()) for name in names))
    found = opened(workbook).sheetnames
    assert len({name.casefold() for name in found}) == len(names)
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in found)


def test_a_workbook_without_sheets_is_a_file_all_the_same() -> None:
    assert opened(Workbook("P", ())).sheetnames
    assert b"".join(csv(Workbook("P", ()))) == b"\xef\xbb\xbf"


def test_csv_is_the_first_sheet_alone() -> None:
    sheets = (Sheet("En", ("A",), (("x",),)), Sheet("To", ("B",), (("y",),)))
    assert read_csv(Workbook("P", sheets)) == [["A"], ["x"]]


# Long runs


class Many(Sequence[tuple[Any, ...]]):
    """Rows that are made when they are asked for."""

    def __len__(self) -> int:
        return MANY

    @overload
    def __getitem__(self, at: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[Any, ...]]: ...
    def __getitem__(self, at: Any) -> Any:
        raise NotImplementedError

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for n in range(MANY):
            name = f"Nordlia skole {n % 33}"
            yield ("Skole", name, f"Spørsmål {n % 80}", n % 5, n / 7, "=1", ":", "Fem")


@pytest.mark.faults
@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_half_a_million_rows_need_little_memory(format: str) -> None:
    """Measured in a process of its own: what is held at most, above what an empty one needs."""
    script = (
        "import resource; from tests.bot.test_workbook import *\n"
        "sum(map(len, csv(book_of('a')))); xlsx(book_of('a'))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        f"size = exported({format!r})\n"
        "after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(size, (after - before) * 1024)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    size, held = map(int, ran.stdout.split())
    assert size > 1_000_000
    assert held < LARGEST, f"{held:,} bytes"


def exported(format: str) -> int:
    """How many bytes half a million rows become."""
    sheet = Sheet("Svar", tuple("ABCDEFGH"), Many())  # type: ignore[arg-type]
    pieces = csv if format == "csv" else xlsx_pieces
    return sum(map(len, pieces(Workbook("Prøve", (sheet,)))))


@pytest.mark.faults
def test_libreoffice_finds_no_formula_in_ten_thousand_odd_texts(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    values = [*FORMULAS, *ODD, *odd_texts(10_000)]
    check_both(values)
    workbook = book_of(*values)
    (tmp_path / "a.csv").write_bytes(b"".join(csv(workbook)))
    (tmp_path / "b.xlsx").write_bytes(xlsx(workbook))
    (tmp_path / "c.csv").write_text("A\r\n=1+1\r\n", encoding="utf-8")
    assert formulas(office, tmp_path, "a.csv") == []
    assert formulas(office, tmp_path, "b.xlsx") == []
    assert len(formulas(office, tmp_path, "c.csv")) == 1, "the test must find what it looks for"


def formulas(office: str, folder: Path, name: str) -> list[str]:
    """The formulas that LibreOffice finds in a file, told to work them out where it can."""
    # `;`, ", UTF-8, from line 1, Norwegian, special numbers found, and formulas worked out.
    csv_as = "--infilter=CSV:59,34,76,1,,1044,false,true,false,false,false,0,true"
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    command += [csv_as] if name.endswith(".csv") else []
    command += ["--convert-to", "fods", "--outdir", str(folder), name]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=400)
    converted = (folder / name).with_suffix(".fods")
    if not converted.exists():
        pytest.skip("LibreOffice has no Calc: install libreoffice-calc-nogui")
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    cells = list(ET.parse(converted).iter(f"{table}table-cell"))
    assert cells
    return [found for cell in cells if (found := cell.get(f"{table}formula")) is not None]


def odd_texts(count: int) -> list[str]:
    """Odd texts, each second one after something that begins a formula."""
    starts = [*"=+-@\t\r\n\0 ", "\ufeff=", "＝", "=cmd|' /C calc'!A0 ", "'=", '"=']
    made = list(texts(count, seed=5))
    return [
        starts[number // 2 % len(starts)] + text if number % 2 else text
        for number, text in enumerate(made)
    ]
