"""What people have said yes or no to holds until they say otherwise."""

from functools import partial

from storage.database import Database
from storage.preferences import preference, set_preference
from tests.storage.at_once import at_once


def say(database: Database, value: bool) -> None:
    with database.transaction() as session:
        set_preference(session, "ane", "weekly_digest", value)


def said(database: Database, person: str = "ane", default: bool = True) -> bool:
    with database.transaction() as session:
        return preference(session, person, "weekly_digest", default)


def test_who_has_said_nothing_gets_what_is_usual(database: Database) -> None:
    assert said(database)
    assert not said(database, default=False)


def test_the_last_said_holds_for_that_person(database: Database) -> None:
    for value in (False, True, True, False):
        say(database, value)
        assert said(database) is value
    assert said(database, person="odd")


def test_saying_it_on_two_devices_at_once_is_saying_it_once(
    copies: tuple[Database, Database],
) -> None:
    at_once([partial(say, copy, False) for copy in copies])
    assert not said(copies[0])
