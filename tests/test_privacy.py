"""docs/privacy.md tells of every column about people, and people find every table of theirs."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Column

from storage import retention
from storage.my_rows import EXCUSED, KINDS
from storage.tables import Table

ROOT = Path(__file__).parent.parent
TABLES = list(Table.metadata.tables.values())
PERSONAL = [
    (table.name, column)
    for table in TABLES
    for column in table.columns
    if "purpose" in column.info or "retention" in column.info
]

# What a column about a person is called here.
_OF_PEOPLE = re.compile(
    r"(^|_)(person|sender|author|reader|by|organiser|owner|responsible|email|deputy|started_by)"
    r"(_name|_key)?$"
)
# Columns that are called so and say nothing about anybody.
_NOT_OF_PEOPLE = {"outbox.leased_by"}  # which copy of the program


def _page() -> list[str]:
    return (ROOT / "docs" / "privacy.md").read_text("utf-8").splitlines()


@pytest.mark.parametrize(
    ("table", "column"), PERSONAL, ids=[f"{table}.{column.name}" for table, column in PERSONAL]
)
def test_a_personal_column_has_purpose_and_retention_and_is_told(
    table: str, column: "Column[object]"
) -> None:
    for mark in ("purpose", "retention"):
        assert column.info.get(mark, "").strip().endswith("."), f"{table}.{column.name}: {mark}"
    told = (f"`{table}.{column.name}`", column.info["purpose"], column.info["retention"])
    rows = [row for row in _page() if all(part in row for part in told)]
    assert rows, told
    # Formål, sletting og hvem som ser det: no cell is left empty.
    assert all(cell.strip() for cell in rows[0].strip("|").split("|"))


def test_no_column_is_told_that_is_gone() -> None:
    told = set(re.findall(r"`(\w+\.\w+)`", "\n".join(row for row in _page() if row[:2] == "| ")))
    there = {f"{table.name}.{column.name}" for table in TABLES for column in table.columns}
    assert told - there == set()


def test_a_column_that_is_named_after_people_is_marked() -> None:
    unmarked = [
        name
        for table in TABLES
        for column in table.columns
        if (name := f"{table.name}.{column.name}") not in _NOT_OF_PEOPLE
        and _OF_PEOPLE.search(column.name)
        and "purpose" not in column.info
    ]
    assert unmarked == []


def test_every_table_that_knows_people_shows_them_theirs_or_is_excused_with_a_reason() -> None:
    known = {kind.table.__tablename__ for kind in KINDS}
    personal = {table for table, _ in PERSONAL}
    assert personal - known - EXCUSED.keys() == set()
    assert EXCUSED.keys() & known == set()
    assert EXCUSED.keys() <= personal  # no excuse for what isn't there
    assert all(reason.endswith(".") for reason in EXCUSED.values())


def test_what_is_excused_has_no_column_that_could_name_anybody() -> None:
    for table in TABLES:
        if table.name in EXCUSED:
            assert not [one.name for one in table.columns if _OF_PEOPLE.search(one.name)]
            assert not [
                one.name for one in table.columns if one.foreign_keys and "person" in one.name
            ]


def test_every_kind_has_a_name_of_its_own_and_shows_columns_that_are_there() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    for kind in KINDS:
        columns = kind.table.__table__.columns
        assert kind.columns
        assert not [name for name in kind.columns if name not in columns], kind.name


def test_what_was_answered_and_that_somebody_answered_share_nothing_but_the_round() -> None:
    tables = Table.metadata.tables
    answered = {column.name for column in tables["answered"].columns}
    assert answered == {"round", "person"}
    for name in ("ballot", "ballot_text"):
        columns = tables[name].columns
        assert {column.name for column in columns} & answered == {"round"}
        kinds = {column.name: column.type.python_type.__name__ for column in columns}
        assert not [one for one, kind in kinds.items() if kind in ("datetime", "date", "time")]
        assert not tables[name].dialect_options["sqlite"]["with_rowid"]


def test_the_years_of_the_page_are_those_that_are_kept() -> None:
    page = "\n".join(_page())
    assert "to år etter runden" in page
    assert retention.ROUNDS_KEPT_FOR.days == 2 * 365
    assert "lesejournalen etter fem år" in page
    assert retention.READS_KEPT_FOR.days == 5 * 365
