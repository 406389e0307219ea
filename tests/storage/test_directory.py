"""The mirror of the directory, who is on their way out, and who got the app."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
from sqlmodel import col, select

from storage.database import Database
from storage.deletions import list_deletions
from storage.directory import (
    TRIED_AGAIN_AFTER,
    DirectoryEntry,
    GroupReading,
    Installation,
    Mirror,
    begin_sync,
    count_empty_groups,
    forget_directory,
    last_sync,
    note_installations,
    note_removals,
    pending_removals,
    people_without_app,
    read_mirror,
    save_mirror,
)
from storage.people import (
    BY_APP_ROLE,
    RegisteredPerson,
    import_people,
    list_people,
    remove_people,
    update_people,
)
from storage.retention import delete_expired
from storage.tables import (
    AppInstallation,
    Conversation,
    DirectoryPerson,
    PendingRemoval,
    Person,
    Unit,
)
from tests.storage.at_once import at_once

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ANE = RegisteredPerson("ane", "Ane", "", "lærer", "Nordlia", "skole")
BO = RegisteredPerson("bo", "Bo", "", "rektor", "Bakken", "skole")
EVA = RegisteredPerson("eva", "Eva", "", "administrator")


def group(id: str, *people: str, link: str = "link") -> GroupReading:
    entries = tuple(DirectoryEntry(one, one.title(), "", "nb") for one in people)
    return GroupReading(id, frozenset(people), entries, link, NOW)


def test_a_mirror_is_read_as_it_was_saved(database: Database) -> None:
    mirror = Mirror().after([group("g", "ane", "bo"), group("h", "bo"), group("e")], "ghe")
    with database.transaction() as session:
        save_mirror(session, mirror)
    with database.transaction() as session:
        found = read_mirror(session)
        assert count_empty_groups(session) == 1
    assert found.people == mirror.people
    assert {id: one.members for id, one in found.groups.items()} == {
        "g": {"ane", "bo"},
        "h": {"bo"},
        "e": set(),
    }
    assert found.groups["g"].next_link == "link"
    assert found.groups["g"].read_in_full == NOW


def test_who_is_in_no_group_any_more_is_forgotten(database: Database) -> None:
    before = Mirror().after([group("g", "ane", "bo"), group("h", "bo")], "gh")
    assert before.after([group("g", "ane")], "gh").people.keys() == {"ane", "bo"}
    after = before.after([group("g", "ane")], "g")  # the other isn't in the file any more
    with database.transaction() as session:
        save_mirror(session, before)
        save_mirror(session, after)
        assert set(session.exec(select(col(DirectoryPerson.person)))) == {"ane"}


def test_of_several_that_begin_one_reads(database: Database) -> None:
    hour = timedelta(hours=1)
    with database.transaction() as session:
        assert last_sync(session) is None
        assert begin_sync(session, NOW, NOW - hour)
    with database.transaction() as session:
        later = NOW + timedelta(minutes=5)
        assert not begin_sync(session, later, later - hour)
        assert begin_sync(session, later)  # by hand
        assert last_sync(session) == later
    with database.transaction() as session:
        save_mirror(session, Mirror())  # which doesn't forget when
        assert last_sync(session) == later
        assert begin_sync(session, later + 2 * hour, later + hour)


def test_who_comes_back_is_not_on_their_way_out(database: Database) -> None:
    with database.transaction() as session:
        import_people(session, [ANE, BO, EVA], dry_run=False)
        assert note_removals(session, {"bo", "ane"}, NOW) == {"ane", "bo"}
        assert pending_removals(session) == [ANE, BO]
        assert note_removals(session, {"bo", "eva"}, NOW) == {"eva"}
        assert pending_removals(session) == [BO, EVA]
        forget_directory(session)
        assert pending_removals(session) == []


def test_updating_adds_and_changes_and_lets_nobody_go(database: Database) -> None:
    moved = RegisteredPerson("ane", "Ane", "", "lærer", "Nytt", "skole")
    with database.transaction() as session:
        import_people(session, [ANE, BO], dry_run=False)
        told = update_people(session, [moved, EVA], dry_run=True)
        assert list_people(session) == [ANE, BO]
        assert update_people(session, [moved, EVA], dry_run=False) == told
        assert told.removed == (BO,)
        assert list_people(session) == [moved, BO, EVA]
        assert set(session.exec(select(col(Unit.name)))) == {"Nytt", "Bakken"}


def test_who_is_there_by_an_app_role_is_left_until_the_directory_has_them(
    database: Database,
) -> None:
    eva = {"aad_object_id": "eva", "name": "Eva", "role": "administrator", "source": BY_APP_ROLE}
    with database.transaction() as session:
        session.connection().execute(insert(Person).values(email="", language="nb", **eva))
        assert update_people(session, [ANE], dry_run=False).removed == ()
        update_people(session, [ANE, EVA], dry_run=False)
        assert set(session.exec(select(col(Person.source)))) == {""}
        assert update_people(session, [ANE], dry_run=False).removed == (EVA,)


def test_who_is_let_go_leaves_with_their_unit_and_it_is_noted_for_backups(
    database: Database,
) -> None:
    with database.transaction() as session:
        import_people(session, [ANE, BO], dry_run=False)
        assert remove_people(session, ["bo", "nobody"], NOW) == (BO,)
        assert remove_people(session, ["bo"], NOW) == ()
        assert list_people(session) == [ANE]
        assert set(session.exec(select(col(Unit.name)))) == {"Nordlia"}
        noted = [(one.person, one.what, one.at) for one in list_deletions(session)]
        assert noted == [("bo", "register", NOW)]


def test_the_app_is_tried_once_and_again_after_a_month_where_it_failed(
    database: Database,
) -> None:
    month = NOW + TRIED_AGAIN_AFTER + timedelta(days=1)
    with database.transaction() as session:
        import_people(session, [ANE, BO, EVA], dry_run=False)
        assert people_without_app(session, NOW) == [ANE, BO, EVA]
        tried = [Installation("ane", "installert"), Installation("bo", "feilet", "404 x")]
        note_installations(session, tried, NOW)
        assert people_without_app(session, NOW) == [EVA]
        assert people_without_app(session, month) == [BO, EVA]
        note_installations(session, [Installation("bo", "fantes")], month)
        assert people_without_app(session, month + TRIED_AGAIN_AFTER) == [EVA]


@pytest.mark.parametrize("installed", [True, False])
def test_who_has_or_has_removed_the_app_is_left_in_peace(
    database: Database, installed: bool
) -> None:
    with database.transaction() as session:
        import_people(session, [ANE, EVA], dry_run=False)
        row = {"id": "chat", "sender": "ANE", "updated": NOW.date(), "installed": installed}
        session.connection().execute(insert(Conversation).values(**row))
        assert people_without_app(session, NOW) == [EVA]


def test_what_is_noted_of_somebody_goes_when_they_leave_the_register(database: Database) -> None:
    with database.transaction() as session:
        import_people(session, [ANE, BO], dry_run=False)
        note_removals(session, {"ane", "bo"}, NOW)
        note_installations(session, [Installation(one, "installert") for one in ("ane", "bo")], NOW)
        remove_people(session, ["bo"], NOW)
        delete_expired(session, NOW.date())
        for table in (PendingRemoval, AppInstallation):
            assert set(session.exec(select(col(table.person)))) == {"ane"}


def test_of_two_copies_that_begin_at_once_one_reads(copies: tuple[Database, Database]) -> None:
    first, second = copies

    def begin(database: Database) -> bool:
        with database.transaction() as session:
            return begin_sync(session, NOW, NOW - timedelta(hours=1))

    assert sorted(at_once([lambda: begin(first), lambda: begin(second)])) == [False, True]
