"""What is asked most is counted by passage and month, by all copies at once, for 13 months."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

from sqlmodel import select

from storage.database import Database
from storage.passages_asked import count_asked, most_asked
from storage.retention import delete_expired
from storage.tables import PassageAsked

NOVEMBER = date(2026, 11, 23)


def count(database: Database, *passages: str, day: date = NOVEMBER) -> None:
    with database.transaction() as session:
        count_asked(session, passages, day)


def asked(database: Database, since: date = date(2026, 9, 23)) -> list[str]:
    with database.transaction() as session:
        return most_asked(session, since)


def numbers(database: Database) -> dict[tuple[str, str], int]:
    with database.transaction() as session:
        found = session.exec(select(PassageAsked)).all()
        return {(one.passage, one.month): one.number for one in found}


def test_each_answer_counts_in_its_month(database: Database) -> None:
    count(database, "a", "b", "a")
    count(database, "a", day=date(2026, 12, 1))
    count(database)
    assert numbers(database) == {("a", "2026-11"): 2, ("b", "2026-11"): 1, ("a", "2026-12"): 1}


def test_what_is_asked_most_comes_first_and_old_months_do_not_count(database: Database) -> None:
    count(database, "once")
    count(database, *["often"] * 2, day=date(2026, 9, 1))
    count(database, "often")
    count(database, *["long ago"] * 9, day=date(2026, 8, 31))
    count(database, "also once")
    assert asked(database) == ["often", "also once", "once"]
    assert asked(database, date(2026, 8, 1))[0] == "long ago"


def test_nothing_is_lost_when_copies_count_the_same_at_once(
    copies: tuple[Database, Database],
) -> None:
    """Each takes the passages in another order; none waits for the other for ever."""
    names = [f"p{n}" for n in range(8)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: count(copies[n % 2], *names[n:], *names[:n]), range(8)))
    assert numbers(copies[0]) == {(name, "2026-11"): 8 for name in names}


def test_after_thirteen_months_a_month_is_forgotten(database: Database) -> None:
    count(database, "a")
    with database.transaction() as session:
        delete_expired(session, date(2027, 12, 1))
    assert numbers(database)
    with database.transaction() as session:
        delete_expired(session, date(2028, 1, 1) + timedelta(days=1))
    assert not numbers(database)
