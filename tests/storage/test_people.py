"""The people register: an import makes it equal to the file, and shows what that changes."""

from dataclasses import replace

import pytest
from sqlmodel import select

from storage.database import Database
from storage.demo_people import load_demo_people
from storage.people import (
    Change,
    Changes,
    RegisteredPerson,
    find_person,
    import_people,
    list_people,
    people_of_unit,
    people_with_roles,
)
from storage.tables import Unit

ANE = RegisteredPerson(
    "1a", "Ane", "ane@fjordvik.example", "lærer", "Nordlia", "skole", zone="nord"
)
ODD = RegisteredPerson("2b", "Odd", "", "rektor", "Nordlia", "skole", zone="nord", language="nn")
EVA = RegisteredPerson("3c", "Eva", "", "administrator")


def put(database: Database, *people: RegisteredPerson, dry_run: bool = False) -> Changes:
    with database.transaction() as session:
        return import_people(session, people, dry_run)


def register(database: Database) -> list[RegisteredPerson]:
    with database.transaction() as session:
        return list_people(session)


def units(database: Database) -> set[str]:
    with database.transaction() as session:
        return set(session.exec(select(Unit.name)))


def test_the_first_import_adds_everybody_in_the_order_of_names(database: Database) -> None:
    assert put(database, ODD, EVA, ANE) == Changes((ANE, EVA, ODD), (), (), 0)
    assert register(database) == [ANE, EVA, ODD]


def test_importing_the_same_again_changes_nothing(database: Database) -> None:
    put(database, ANE, EVA)
    assert put(database, EVA, ANE) == Changes((), (), (), 2)
    assert register(database) == [ANE, EVA]


def test_a_trial_run_tells_the_same_as_the_import_and_changes_nothing(database: Database) -> None:
    put(database, ANE, ODD)
    file = (replace(ANE, role="avdelingsleder"), EVA)
    told = put(database, *file, dry_run=True)
    assert register(database) == [ANE, ODD]
    assert put(database, *file) == told
    assert told == Changes((EVA,), (Change(ANE, file[0]),), (ODD,), 0)
    assert told.changed[0].what == ("role",)


def test_whoever_is_not_in_the_file_is_shown_as_removed_and_has_no_access(
    database: Database,
) -> None:
    put(database, ANE, EVA)
    assert put(database, EVA).removed == (ANE,)
    with database.transaction() as session:
        assert find_person(session, ANE.key) is None


def test_a_change_of_a_unit_is_a_change_for_everybody_there(database: Database) -> None:
    put(database, ANE, ODD, EVA)
    moved = [replace(person, zone="sør") for person in (ANE, ODD)]
    changes = put(database, *moved, EVA)
    assert [change.what for change in changes.changed] == [("zone",), ("zone",)]
    assert register(database) == [moved[0], EVA, moved[1]]


def test_a_person_may_move_and_a_unit_without_people_is_forgotten(database: Database) -> None:
    put(database, ANE)
    moved = replace(ANE, unit="Fjellheim", unit_kind="barnehage")
    put(database, moved)
    assert register(database) == [moved]
    assert units(database) == {"Fjellheim"}
    put(database, replace(ANE, unit="", unit_kind="", zone="", role="administrator"))
    assert units(database) == set()


@pytest.mark.parametrize("key", ["1a", "1A"])
def test_a_person_is_found_by_key_in_any_case(database: Database, key: str) -> None:
    put(database, ANE)
    with database.transaction() as session:
        assert find_person(session, key) == ANE


def test_somebody_unknown_is_not_found(database: Database) -> None:
    with database.transaction() as session:
        assert find_person(session, "1a") is None


def test_those_who_work_at_a_unit_are_found_by_name(database: Database) -> None:
    put(database, ODD, EVA, ANE, replace(ODD, key="4d", unit="Fjellheim"))
    with database.transaction() as session:
        assert people_of_unit(session, "Nordlia") == [ANE, ODD]
        assert people_of_unit(session, "") == []


def test_those_with_some_roles_are_found_by_name(database: Database) -> None:
    put(database, ODD, EVA, ANE)
    with database.transaction() as session:
        assert people_with_roles(session, ("administrator", "rektor")) == [EVA, ODD]
        assert people_with_roles(session, ()) == []


def test_demo_people_fill_an_empty_register_once(database: Database) -> None:
    for _ in range(2):
        with database.transaction() as session:
            load_demo_people(session)
    assert len(register(database)) == 14


def test_demo_people_never_replace_real_ones(database: Database) -> None:
    put(database, ANE)
    with database.transaction() as session:
        load_demo_people(session)
    assert register(database) == [ANE]
