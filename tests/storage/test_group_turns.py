"""A message in a group is answered once, over all copies, and no longer known after a week."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlmodel import select

from storage.database import Database
from storage.group_turns import RESENT_WITHIN, first_time, forget_group, note_slow
from storage.retention import delete_expired
from storage.tables import Conversation, GroupTurn

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def asks(
    database: Database,
    activity: str,
    *,
    group: str = "19:g",
    digest: str = "d",
    at: datetime = NOW,
) -> bool:
    with database.transaction() as session:
        return first_time(session, group, activity, digest, at)


def test_the_same_message_is_answered_once_and_another_group_is_another_matter(
    copies: tuple[Database, Database],
) -> None:
    one, other = copies
    assert asks(one, "a")
    assert not asks(other, "a")
    assert asks(other, "a", group="19:other")
    assert asks(one, "b")


def test_of_many_copies_of_a_message_at_once_one_is_answered(
    copies: tuple[Database, Database],
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answered = list(pool.map(lambda n: asks(copies[n % 2], "a"), range(16)))
    assert answered.count(True) == 1


def test_a_slow_message_that_is_sent_again_under_a_new_id_is_not_answered(
    copies: tuple[Database, Database],
) -> None:
    """A person may ask the same twice: only what was slow, and only for two minutes."""
    one, other = copies
    assert asks(one, "a")
    with one.transaction() as session:
        note_slow(session, "19:g", "d", NOW)
    assert not asks(other, "b", at=NOW + 15 * SECOND)
    assert asks(other, "c", digest="something else", at=NOW + 15 * SECOND)
    assert asks(other, "d", group="19:other", at=NOW + 15 * SECOND)
    assert asks(other, "e", at=NOW + RESENT_WITHIN + SECOND)


def test_the_same_question_twice_is_answered_twice(database: Database) -> None:
    assert asks(database, "a")
    assert asks(database, "b", at=NOW + 15 * SECOND)


def test_what_a_turn_noted_is_undone_when_it_fails(database: Database) -> None:
    """So that Teams' second try is answered."""
    try:
        with database.transaction() as session:
            assert first_time(session, "19:g", "a", "d", NOW)
            raise RuntimeError("the answer went wrong")
    except RuntimeError:
        pass
    assert asks(database, "a")


def test_a_group_that_the_bot_left_is_forgotten(database: Database) -> None:
    assert asks(database, "installed")
    assert asks(database, "installed", group="19:other")
    with database.transaction() as session:
        forget_group(session, "19:g")
    assert asks(database, "installed")
    assert not asks(database, "installed", group="19:other")


def test_after_a_week_nothing_is_known_of_it(database: Database) -> None:
    asks(database, "old")
    asks(database, "new", at=NOW + timedelta(days=1))
    for days, left in ((7, 2), (8, 1), (9, 0)):
        with database.transaction() as session:
            delete_expired(session, (NOW + timedelta(days=days)).date())
            assert len(session.exec(select(GroupTurn)).all()) == left
            assert not session.exec(select(Conversation)).all()
