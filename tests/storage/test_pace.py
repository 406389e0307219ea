"""The pace: places are given at the rate of all copies together, and within a conversation's."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

import pytest
from sqlmodel import select

from storage.database import Database
from storage.pace import AHEAD, BEHIND, PaceLimits, close_pace, forget_posts, open_pace, save_pace
from storage.tables import Post
from tests.storage.at_once import at_once

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LIMITS = PaceLimits()


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def places(
    database: Database,
    now: datetime = NOON,
    conversations: int = 1000,
    limits: PaceLimits = LIMITS,
) -> list[datetime]:
    """All places that can be had now, each for another conversation."""
    given: list[datetime] = []
    with database.transaction() as session:
        chats = [f"{now} {number}" for number in range(conversations)]
        pace = open_pace(session, now, limits, chats)
        for chat in chats:
            if pace.is_full:
                break
            assert pace.wait_for(chat) is None
            given.append(pace.give(chat))
        save_pace(session, pace)
    return given


def ask(database: Database, now: datetime, chat: str = "chat") -> datetime | None:
    """Take a place for this conversation; gives when to ask again, None when there was one."""
    with database.transaction() as session:
        pace = open_pace(session, now, LIMITS, [chat])
        wait = pace.wait_for(chat)
        if wait is None:
            pace.give(chat)
            save_pace(session, pace)
        return wait


def test_places_stand_evenly_and_no_further_ahead_than_a_moment(database: Database) -> None:
    given = places(database)
    assert given[0] == NOON
    assert given[-1] <= NOON + AHEAD
    steps = [b - a for a, b in pairwise(given)]
    assert {round(step.total_seconds() * 45, 3) for step in steps} == {1.0}


@pytest.mark.parametrize("rate", [5, 45, 500])
def test_the_rate_is_exact_over_a_minute(database: Database, rate: float) -> None:
    limits = PaceLimits(rate)
    given: list[datetime] = []
    now = NOON
    while now < after(10):
        given += places(database, now, limits=limits)
        now += timedelta(seconds=0.05)
    took = (given[-1] - given[0]).total_seconds()
    assert (len(given) - 1) / took == pytest.approx(rate, rel=0.01)
    assert given == sorted(given)


def test_only_a_moment_of_the_places_that_nobody_took_is_made_up_for(database: Database) -> None:
    places(database, conversations=1)
    given = places(database, after(60))
    assert given[0] == after(60)
    behind = BEHIND.total_seconds()
    assert len(given) == 1 + int(LIMITS.rate * (AHEAD.total_seconds() + behind))


def test_never_more_than_microsofts_limit_within_a_second_whatever_stalls(
    database: Database,
) -> None:
    given = [moment for tick in range(40) for moment in places(database, after(tick * 0.37))]
    for first in given:
        assert sum(first <= moment < first + timedelta(seconds=1) for moment in given) <= 50


def test_copies_together_get_what_one_would_get(copies: tuple[Database, Database]) -> None:
    places(copies[0], after(-120), 1)
    alone = places(copies[0], after(-60), 4)
    for number in range(5):
        now = after(number)
        given = at_once([partial(places, copy, now, 2) for copy in copies])
        both = sorted([*given[0], *given[1]])
        assert [moment - now for moment in both] == [moment - after(-60) for moment in alone[:4]]


def test_a_clock_that_went_wrong_does_not_stop_the_others(database: Database) -> None:
    places(database, NOON + timedelta(hours=2))
    assert places(database)[0] == NOON


def test_seven_in_a_second_to_a_conversation_and_then_none(database: Database) -> None:
    answers = [ask(database, after(number / 100)) for number in range(8)]
    assert answers[:7] == [None] * 7
    again = answers[7]
    assert again is not None
    assert after(1) <= again <= after(1.3)
    assert ask(database, again) is None  # the eighth
    ninth = ask(database, again)
    assert ninth is not None
    assert ninth >= after(2)


def test_sixty_in_half_a_minute_to_a_conversation(database: Database) -> None:
    now, sent = NOON, []
    while now < after(35):
        wait = ask(database, now)
        if wait is None:
            sent.append(now)
            now += timedelta(seconds=0.3)
        else:
            assert wait > now
            now = wait
    for limit, seconds in LIMITS.per_conversation:
        most = max(
            sum(at <= other < at + timedelta(seconds=seconds) for other in sent) for at in sent
        )
        assert most <= limit
    assert len(sent) > 60


def test_other_conversations_are_not_held_up(database: Database) -> None:
    for number in range(8):
        ask(database, after(number / 100))
    assert ask(database, after(0.09), "another") is None


def test_when_teams_asks_us_to_wait_nobody_gets_a_place(
    copies: tuple[Database, Database],
) -> None:
    with copies[0].transaction() as session:
        close_pace(session, NOON, after(7))
        close_pace(session, NOON, after(3))  # the longest counts
    for seconds in (0, 3.5, 6.99):
        assert places(copies[1], after(seconds)) == []
    with copies[1].transaction() as session:
        assert open_pace(session, NOON, LIMITS, []).again == after(7)
    assert places(copies[1], after(7))[0] == after(7)


def test_what_was_sent_is_forgotten_when_it_no_longer_counts(database: Database) -> None:
    ask(database, NOON)
    for seconds, left in ((59, 1), (61, 0)):
        with database.transaction() as session:
            forget_posts(session, after(seconds), LIMITS)
            assert len(session.exec(select(Post)).all()) == left
