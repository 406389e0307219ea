"""Ways in to the page, on each database: used once, also when two ask at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.page_logins import (
    IDLE_FOR,
    LOGIN_LASTS,
    add_login,
    add_session,
    delete_expired_logins,
    find_login,
    person_of_session,
    press_number,
    use_login,
)
from storage.people import RegisteredPerson, import_people

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
NUMBERS = (11, 22, 33, 44, 55, 66)


@pytest.fixture
def login(database: Database) -> str:
    with database.transaction() as session:
        import_people(session, [RegisteredPerson("kari", "Kari", "", "rektor")], False)
        add_login(session, id="a", person="kari", numbers=NUMBERS, now=NOW)
    return "a"


def test_of_two_browsers_that_ask_at_once_one_is_let_in(database: Database, login: str) -> None:
    with database.transaction() as session:
        assert press_number(session, login, "kari", 22, NOW)

    def enter(_: int) -> str | None:
        with database.transaction() as session:
            return use_login(session, login, 22, NOW)

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(enter, range(6)))
    assert sorted(map(str, outcomes)) == ["None"] * 5 + ["kari"]


def test_a_number_that_is_not_on_the_card_closes_the_link(database: Database, login: str) -> None:
    with database.transaction() as session:
        assert not press_number(session, login, "kari", 99, NOW)
        assert find_login(session, login, NOW) is None
        assert not press_number(session, login, "kari", 22, NOW)


def test_somebody_else_changes_nothing(database: Database, login: str) -> None:
    with database.transaction() as session:
        assert not press_number(session, login, "ola", 22, NOW)
        assert not press_number(session, "b", "kari", 22, NOW)
        found = find_login(session, login, NOW)
        assert found is not None
        assert found.pressed is None


def test_what_is_over_is_deleted_and_nothing_else(database: Database, login: str) -> None:
    with database.transaction() as session:
        add_session(session, "old", "kari", NOW)
        add_session(session, "new", "kari", NOW)
    later = NOW + timedelta(minutes=30)
    with database.transaction() as session:
        assert person_of_session(session, "new", later) == "kari"
    at = NOW + max(IDLE_FOR, LOGIN_LASTS)
    with database.transaction() as session:
        assert delete_expired_logins(session, at) == 2
        assert person_of_session(session, "old", at) is None
        assert person_of_session(session, "new", at) == "kari"
