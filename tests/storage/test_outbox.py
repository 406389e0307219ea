"""The outbox: what is queued waits once for each person, reason and occasion, as planned last."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import pytest
from sqlmodel import col, select, update

from storage.database import Database
from storage.outbox import (
    Queued,
    cancel,
    queue,
    queue_all,
    replan,
    rows_of,
    rows_of_person,
    send_again,
)
from storage.tables import OutboxRow
from tests.storage.at_once import at_once

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAVID = "00000000-0000-4000-8000-00000000000d"
HANNE = "00000000-0000-4000-8000-00000000000e"
MEETING = "meeting:m1"
REMINDER = "meeting_reminder"


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def message(
    person: str = DAVID,
    occasion: str = "c1",
    reason: str = REMINDER,
    due: float = 0,
    latest: float = 60,
    **more: Any,
) -> Queued:
    values: dict[str, Any] = {"about": {"version": 1}, "subject": MEETING, **more}
    return Queued(
        person=person,
        reason=reason,
        occasion=occasion,
        due=after(due),
        latest=after(latest),
        **values,
    )


def put(database: Database, *messages: Queued) -> None:
    with database.transaction() as session:
        queue_all(session, messages)


def plan(
    database: Database,
    *wanted: Queued,
    reasons: Sequence[str] = (REMINDER,),
    person: str | None = None,
) -> None:
    with database.transaction() as session:
        replan(session, MEETING, reasons, wanted, person=person)


def call_off(database: Database, **which: Any) -> int:
    with database.transaction() as session:
        return cancel(session, **which)


def become(database: Database, occasion: str, **values: Any) -> None:
    """The message of this occasion is now so, as if it had been sent, or tried."""
    with database.transaction() as session:
        one = update(OutboxRow).where(col(OutboxRow.occasion) == occasion)
        session.connection().execute(one.values(**values))


def rows(database: Database) -> dict[str, OutboxRow]:
    with database.transaction() as session:
        return {row.occasion: row for row in session.exec(select(OutboxRow))}


def states(database: Database) -> dict[str, str]:
    """The state of every message, by its occasion."""
    return {occasion: row.state for occasion, row in rows(database).items()}


# Queueing


def test_what_is_queued_waits_until_it_is_due(database: Database) -> None:
    put(database, message(due=5, conversation="chat", replaces="card"))
    row = rows(database)["c1"]
    assert (row.state, row.due, row.next_try) == ("venter", after(5), after(5))
    assert (row.latest, row.about, row.subject) == (after(60), {"version": 1}, MEETING)
    assert (row.conversation, row.replaces) == ("chat", "card")
    assert (row.attempts, row.unknowns, row.leased_by, row.attempted) == (0, 0, "", None)


def test_queueing_the_same_again_changes_nothing(copies: tuple[Database, Database]) -> None:
    at_once([partial(put, copy, message()) for copy in copies])
    put(copies[0], message(due=9, about={"version": 2}))
    row = rows(copies[0])["c1"]
    assert (row.due, row.about) == (NOON, {"version": 1})


def test_another_person_reason_or_occasion_is_another_message(database: Database) -> None:
    put(
        database,
        *(message(), message(person=HANNE), message(reason="useful"), message(occasion="c2")),
    )
    with database.transaction() as session:
        assert Counter(row.state for row in rows_of(session, MEETING)) == {"venter": 4}


def test_a_thousand_are_queued_in_well_under_a_second(database: Database) -> None:
    many = [message(person=f"person {number}") for number in range(1000)]
    began = perf_counter()
    put(database, *many)
    put(database, *many)
    assert perf_counter() - began < 3  # twice, on a machine that does other things too
    with database.transaction() as session:
        assert Counter(row.state for row in rows_of(session, MEETING)) == {"venter": 1000}


def test_copies_that_queue_the_same_people_in_another_order_do_not_stand_still(
    copies: tuple[Database, Database],
) -> None:
    many = [message(person=f"person {number}") for number in range(300)]
    at_once([partial(put, copies[0], *many), partial(put, copies[1], *reversed(many))])
    assert len(rows_in(copies[0])) == 300


def rows_in(database: Database) -> list[Any]:
    with database.transaction() as session:
        return rows_of(session, MEETING)


@pytest.mark.parametrize("which", ["due", "latest"])
def test_a_time_without_zone_is_refused_at_the_door(database: Database, which: str) -> None:
    times: dict[str, Any] = {"due": NOON, "latest": after(60), which: datetime(2026, 11, 23, 12)}  # noqa: DTZ001
    with database.transaction() as session, pytest.raises(ValueError, match="time zone"):
        queue(session, person=DAVID, reason="r", occasion="o", about={}, **times)


# Calling off


@pytest.mark.parametrize(
    ("which", "left"),
    [
        ({"reason": "deadline"}, {"c1"}),
        ({"reason": "deadline", "occasion": "f1"}, {"c1", "f2", "f3"}),
        ({"reason": "deadline", "person": HANNE}, {"c1", "f1", "f3"}),
        ({"reason": "deadline", "subject": "other"}, {"c1", "f1", "f2"}),
        ({"reason": "deadline", "occasion": "f1", "person": HANNE}, {"c1", "f1", "f2", "f3"}),
    ],
)
def test_what_is_called_off_is_what_was_meant(
    database: Database, which: dict[str, str], left: set[str]
) -> None:
    put(
        database,
        message(),
        message(reason="deadline", occasion="f1"),
        message(reason="deadline", occasion="f2", person=HANNE),
        message(reason="deadline", occasion="f3", subject="other"),
    )
    assert call_off(database, **which) == 4 - len(left)
    waiting = {occasion for occasion, state in states(database).items() if state == "venter"}
    assert waiting == left


@pytest.mark.parametrize("state", ["sendes", "sendt", "ukjent", "feilet", "utløpt", "avlyst"])
def test_what_does_not_wait_can_not_be_called_off(database: Database, state: str) -> None:
    put(database, message())
    become(database, "c1", state=state)
    assert call_off(database, reason=REMINDER) == 0
    assert states(database) == {"c1": state}


def test_what_was_called_off_waits_again_when_it_is_queued_again(database: Database) -> None:
    put(database, message())
    call_off(database, reason=REMINDER)
    put(database, message(due=5, about={"version": 2}))
    row = rows(database)["c1"]
    assert (row.state, row.next_try, row.about) == ("venter", after(5), {"version": 2})


def test_what_was_tried_and_called_off_does_not_wait_again(database: Database) -> None:
    put(database, message())
    become(database, "c1", attempted=NOON, attempts=1)
    call_off(database, reason=REMINDER)
    put(database, message(due=5))
    plan(database, message(due=5))
    assert states(database) == {"c1": "avlyst"}


# Planning anew


def test_what_waits_becomes_what_is_wanted(database: Database) -> None:
    put(database, message(occasion="old"), message(occasion="same"), message(occasion="moved"))
    plan(database, message(occasion="same"), message(occasion="moved", due=9), message())
    assert states(database) == {
        **{"old": "avlyst", "same": "venter"},
        **{"moved": "venter", "c1": "venter"},
    }
    assert rows(database)["moved"].next_try == after(9)


def test_what_is_called_off_is_revived_when_it_is_wanted_again(database: Database) -> None:
    plan(database, message())
    plan(database)
    assert states(database) == {"c1": "avlyst"}
    plan(database, message(due=3, about={"version": 2}))
    row = rows(database)["c1"]
    assert (row.state, row.next_try, row.about) == ("venter", after(3), {"version": 2})


def test_planning_the_same_again_changes_nothing(database: Database) -> None:
    plan(database, message())
    become(database, "c1", next_try=after(7), leased_by="w", leased_until=after(8))
    before = rows(database)["c1"].model_dump()
    plan(database, message())
    assert rows(database)["c1"].model_dump() == before


@pytest.mark.parametrize("state", ["sendes", "sendt", "ukjent", "feilet", "utløpt"])
def test_what_was_attempted_or_is_over_is_not_touched(database: Database, state: str) -> None:
    put(database, message(), message(occasion="c2"))
    for occasion in ("c1", "c2"):
        become(database, occasion, state=state, attempted=NOON, attempts=1, settled=NOON)
    before = {key: row.model_dump() for key, row in rows(database).items()}
    plan(database, message(due=9, about={"version": 2}))
    after_it = {key: row.model_dump() for key, row in rows(database).items()}
    assert after_it["c1"] == before["c1"]
    # One that is being sent and isn't wanted any more is only not tried again.
    assert after_it["c2"] == before["c2"] | {"leased_by": "", "leased_until": None}


def test_what_waits_between_two_attempts_is_not_hurried_and_can_be_called_off(
    database: Database,
) -> None:
    put(database, message(), message(occasion="c2"))
    for occasion in ("c1", "c2"):
        become(database, occasion, attempted=NOON, attempts=1, next_try=after(5))
    plan(database, message(due=1, about={"version": 2}))
    found = rows(database)
    assert (found["c1"].next_try, found["c1"].about) == (after(5), {"version": 2})
    assert found["c2"].state == "avlyst"


def test_what_was_put_off_stays_so_when_only_its_content_changes(database: Database) -> None:
    put(database, message())
    become(database, "c1", next_try=after(30))
    plan(database, message(about={"version": 2}))
    assert rows(database)["c1"].next_try == after(30)


def test_a_new_plan_of_one_person_leaves_the_others_alone(database: Database) -> None:
    put(database, message(), message(person=HANNE, occasion="h1"))
    plan(database, person=HANNE)
    assert states(database) == {"c1": "venter", "h1": "avlyst"}


def test_other_reasons_and_subjects_are_left_alone(database: Database) -> None:
    put(
        database,
        message(occasion="nudge", reason="meeting_nudge"),
        message(occasion="other", subject="meeting:m2"),
    )
    plan(database)
    assert states(database) == {"nudge": "venter", "other": "venter"}


def test_two_copies_that_plan_the_same_make_it_once(copies: tuple[Database, Database]) -> None:
    wanted = [message(person=f"person {number}") for number in range(50)]
    at_once([partial(plan, copy, *wanted) for copy in copies])
    assert len(rows_in(copies[0])) == 50


# Sending again, and looking


def test_what_nobody_knows_the_fate_of_can_be_sent_again(database: Database) -> None:
    put(database, message())
    become(database, "c1", state="ukjent", unknowns=1, settled=NOON, problem="504")
    id = rows(database)["c1"].id
    assert id is not None
    with database.transaction() as session:
        assert send_again(session, id, after(5), after(99))
        assert not send_again(session, id, after(5), after(99))
    row = rows(database)["c1"]
    assert (row.state, row.next_try, row.latest) == ("venter", after(5), after(99))
    assert (row.settled, row.problem, row.unknowns) == (None, "", 1)


def test_rows_come_in_the_order_they_are_due(database: Database) -> None:
    put(
        database,
        message(occasion="c2", due=2),
        message(occasion="c1", due=1),
        message(occasion="h1", person=HANNE),
        message(occasion="other", subject="", reason="meeting_week"),
    )
    become(database, "c2", state="feilet", problem="403 X", attempts=2, unknowns=1, settled=NOON)
    with database.transaction() as session:
        assert [row.occasion for row in rows_of(session, MEETING)] == ["h1", "c1", "c2"]
        mine = rows_of(session, MEETING, person=DAVID)
        weekly = rows_of_person(session, DAVID, ["meeting_week"])
    assert [row.occasion for row in mine] == ["c1", "c2"]
    assert [row.occasion for row in weekly] == ["other"]
    last = mine[1]
    assert (last.state, last.problem, last.attempts, last.unknowns) == ("feilet", "403 X", 2, 1)
    assert replace(last, id=0).settled == NOON
