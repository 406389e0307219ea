"""What is deleted is noted in the database and beside it, so that it outlives both."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.database import Database
from storage.deletion_journal import NAME, read_journal, write_journal
from storage.deletions import (
    Noted,
    forget_deletions,
    list_deletions,
    note_deletion,
    remember_deletions,
)
from storage.people import RegisteredPerson, import_people

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=500)
KARI = RegisteredPerson("kari", "Kari", "", "lærer")
OLA = RegisteredPerson("ola", "Ola", "", "lærer")


def test_who_leaves_the_register_is_noted_and_who_stays_is_not(database: Database) -> None:
    with database.transaction() as session:
        import_people(session, [KARI, OLA], dry_run=False)
        import_people(session, [OLA], dry_run=True)
        assert list_deletions(session) == []
        import_people(session, [OLA], dry_run=False)
    with database.transaction() as session:
        assert [(one.person, one.what) for one in list_deletions(session)] == [("kari", "register")]


def test_deletions_are_remembered_once_and_forgotten_in_time(database: Database) -> None:
    with database.transaction() as session:
        note_deletion(session, "kari", "mine", LONG_AGO)
        note_deletion(session, "ola", "register", NOW)
        noted = list_deletions(session)
        remember_deletions(session, noted)
        assert list_deletions(session) == noted
        assert [one.person for one in noted] == ["kari", "ola"]
        assert forget_deletions(session, NOW - timedelta(days=400)) == 1
        assert [one.person for one in list_deletions(session)] == ["ola"]


def test_the_journal_keeps_what_it_had_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    old, kari, ola = (
        Noted("1", "gamle", "mine", LONG_AGO),
        Noted("2", "kari", "mine", NOW),
        Noted("3", "ola", "register", NOW),
    )
    assert read_journal(tmp_path) == ([], 0)
    write_journal(tmp_path, [], LONG_AGO)
    assert not (tmp_path / NAME).exists()  # nothing to tell, no file
    write_journal(tmp_path, [old, kari], LONG_AGO)
    # Another copy knows another one; what is too old goes.
    assert write_journal(tmp_path, [ola], NOW - timedelta(days=400)) == [kari, ola]
    assert read_journal(tmp_path) == ([kari, ola], 0)
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [NAME]


def test_a_line_that_cannot_be_read_is_told_and_stops_no_other(tmp_path: Path) -> None:
    kari = Noted("2", "kari", "mine", NOW)
    write_journal(tmp_path, [kari], LONG_AGO)
    known = {"id": "9", "person": "x", "what": "annet", "at": NOW.isoformat()}
    with (tmp_path / NAME).open("a", encoding="utf-8") as file:
        file.write('{"id": "3", "per\n')
        file.write(json.dumps(known) + "\n")
        file.write(json.dumps(known | {"what": "mine", "at": "2026-11-23T12:00:00"}) + "\n")
        file.write("[]\n")
    assert read_journal(tmp_path) == ([kari], 4)
