"""The audit log tells of rows that were changed, deleted or moved; the oldest may be deleted."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from storage.audit import check, forget_reads, last_entry, record
from storage.database import Database
from storage.tables import AuditEntry
from tests.storage.at_once import at_once

THEN = datetime(2026, 11, 23, 12, 30, 15, 123456, tzinfo=UTC)
DAY = timedelta(days=1)


def fill(database: Database, count: int = 6) -> None:
    with database.transaction() as session:
        for day in range(count):
            record(session, THEN + day * DAY, f"leser{day}", "navngitte svar", f"round:æ{day}")


def problems(database: Database, known: tuple[int, str] | None = None) -> list[str]:
    with database.transaction() as session:
        return check(session, known)


def tamper(database: Database, statement: str) -> None:
    with database.transaction() as session:
        session.connection().execute(text(statement))


def test_a_log_that_nobody_has_touched_holds(database: Database) -> None:
    assert problems(database) == []
    fill(database)
    assert problems(database) == []
    with database.transaction() as session:
        read = select(col(AuditEntry.subject)).where(col(AuditEntry.reader) == "leser2")
        assert session.exec(read).all() == ["round:æ2"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_entry SET reader = 'en annen' WHERE number = 3", "Rad 3 er endret"),
        ("UPDATE audit_entry SET what = 'noe annet' WHERE number = 6", "Rad 6 er endret"),
        ("UPDATE audit_entry SET subject = '' WHERE number = 1", "Rad 1 er endret"),
        ("UPDATE audit_entry SET previous = '' WHERE number = 4", "Rad 4 er endret"),
        ("UPDATE audit_entry SET hash = 'x' WHERE number = 4", "Rad 4 er endret"),
        ("DELETE FROM audit_entry WHERE number = 3", "Rad 3 er slettet"),
        ("DELETE FROM audit_entry WHERE number IN (3, 4)", "Rad 3–4 er slettet"),
    ],
)
def test_what_was_changed_or_deleted_is_found(
    database: Database, statement: str, told: str
) -> None:
    fill(database)
    tamper(database, statement)
    assert any(told in problem for problem in problems(database))


def test_rows_that_change_places_are_found(database: Database) -> None:
    fill(database)
    for before, after in ((2, 99), (5, 2), (99, 5)):
        tamper(database, f"UPDATE audit_entry SET number = {after} WHERE number = {before}")
    assert len(problems(database)) >= 2


def test_rows_moved_up_over_a_deleted_one_are_found(database: Database) -> None:
    fill(database, 3)
    tamper(database, "DELETE FROM audit_entry WHERE number = 1")
    for number in (2, 3):
        tamper(database, f"UPDATE audit_entry SET number = {number - 1} WHERE number = {number}")
    assert problems(database)


def test_the_oldest_are_deleted_and_the_rest_still_holds(database: Database) -> None:
    fill(database)
    with database.transaction() as session:
        assert forget_reads(session, THEN + 2 * DAY) == 2
    assert problems(database) == []
    with database.transaction() as session:
        assert record(session, THEN + 9 * DAY, "leser", "svar", "").number == 7
    assert problems(database) == []
    tamper(database, "UPDATE audit_entry SET previous = 'x' WHERE number = 3")
    assert problems(database)


def test_a_log_that_is_all_old_is_emptied_and_begins_again(database: Database) -> None:
    fill(database)
    with database.transaction() as session:
        assert forget_reads(session, THEN + 30 * DAY) == 6
        assert record(session, THEN + 31 * DAY, "leser", "svar", "").number == 1
    assert problems(database) == []


def test_a_hash_noted_outside_finds_the_newest_rows_gone_and_a_chain_made_anew(
    database: Database,
) -> None:
    fill(database)
    with database.transaction() as session:
        last = last_entry(session)
    assert last is not None
    noted = (last.number, last.hash)
    assert problems(database, noted) == []
    tamper(database, "DELETE FROM audit_entry WHERE number >= 5")
    assert problems(database) == []  # what is left is a chain; only the note can tell
    assert problems(database, noted)
    with database.transaction() as session:
        record(session, THEN, "en annen", "svar", "")
        record(session, THEN, "en annen", "svar", "")
    assert problems(database) == []
    assert "en annen enn den som er notert" in problems(database, noted)[0]


def test_two_copies_add_to_one_chain(copies: tuple[Database, Database]) -> None:
    def add(database: Database) -> None:
        for _ in range(10):
            with database.transaction() as session:
                record(session, THEN, "leser", "svar", "")

    at_once([lambda: add(copies[0]), lambda: add(copies[1])])
    assert problems(copies[0]) == []
    with copies[0].transaction() as session:
        last = last_entry(session)
    assert last is not None
    assert last.number == 20
