"""Sending: each message is taken by one copy, goes to the right place, and is never lost."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, select, update

from storage.attempts import (
    Waiting,
    attempts_cut_off,
    drop,
    end_attempt,
    expire,
    lease,
    lock_attempts,
    lose_conversation,
    mark_attempt,
    put_off,
    release,
    take,
    undo_attempt,
)
from storage.database import Database
from storage.outbox import cancel, queue
from storage.tables import Conversation, OutboxRow
from tests.storage.at_once import at_once

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAVID = "00000000-0000-4000-8000-00000000000d"
HANNE = "00000000-0000-4000-8000-00000000000e"


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def chat(
    database: Database, id: str = "chat", sender: str = DAVID, wrote: float = 0, **values: Any
) -> None:
    """A conversation, last written in so many minutes after noon."""
    with database.transaction() as session:
        session.add(
            Conversation(
                id=id,
                sender=sender,
                reference={"chat": id},
                last_arrived=after(wrote),
                updated=NOON.date(),
                **values,
            )
        )


def put(
    database: Database,
    person: str = DAVID,
    occasion: str = "c1",
    due: float = 0,
    latest: float = 60,
    **more: Any,
) -> None:
    values = {"about": {"version": "v1"}, "due": after(due), "latest": after(latest), **more}
    with database.transaction() as session:
        queue(session, person=person, reason="comment", occasion=occasion, **values)


def lease_all(
    database: Database,
    minutes: float = 0,
    *,
    worker: str = "w",
    limit: int = 100,
    local: bool = False,
) -> list[int]:
    now = after(minutes)
    with database.transaction() as session:
        return lease(
            session, now, limit=limit, worker=worker, until=now + timedelta(minutes=1), local=local
        )


def begin(
    database: Database, minutes: float = 0, *, worker: str = "w", local: bool = False, **more: Any
) -> list[Waiting]:
    """Lease all that is due, and mark an attempt of each."""
    ids = lease_all(database, minutes, worker=worker, local=local, **more)
    with database.transaction() as session:
        taken = take(session, ids, after(minutes), worker=worker, local=local)
        for one in taken:
            mark_attempt(session, one, after(minutes))
        return taken


def took(database: Database, ids: list[int], minutes: float = 0, worker: str = "w") -> list[int]:
    with database.transaction() as session:
        taken = take(session, ids, after(minutes), worker=worker, local=False)
        return [one.id for one in taken]


def row(database: Database, occasion: str = "c1") -> OutboxRow:
    with database.transaction() as session:
        return session.exec(select(OutboxRow).where(OutboxRow.occasion == occasion)).one()


def occasions(taken: list[Waiting]) -> list[str]:
    return [one.occasion for one in taken]


# Leases


def test_a_message_is_leased_once_and_not_before_it_is_due(database: Database) -> None:
    chat(database)
    put(database, due=5)
    assert [len(lease_all(database, m, worker=f"w{m}")) for m in (4, 5, 5.5)] == [0, 1, 0]


def test_the_longest_due_are_leased_first_no_more_than_asked_for(database: Database) -> None:
    chat(database)
    for minute in (3, 1, 2):
        put(database, occasion=f"c{minute}", due=minute)
    assert occasions(begin(database, 5, limit=2)) == ["c1", "c2"]
    assert occasions(begin(database, 5, limit=2)) == ["c3"]


def test_two_copies_lease_each_message_once(copies: tuple[Database, Database]) -> None:
    chat(copies[0])
    for number in range(40):
        put(copies[0], occasion=f"c{number}")
    tasks = [partial(lease_all, copy, worker=f"w{n}", limit=20) for n, copy in enumerate(copies)]
    first, second = at_once(tasks)
    assert not set(first) & set(second)
    rest = lease_all(copies[0], worker="w3")
    assert len(first) + len(second) + len(rest) == 40


def test_what_another_copy_is_changing_is_passed_over(copies: tuple[Database, Database]) -> None:
    one, other = copies
    if one is other or "sqlite" in str(one._engine.url):
        pytest.skip("SQLite has one writer at a time")
    chat(one)
    for number in range(3):
        put(one, occasion=f"c{number}")
    with one.transaction() as session:
        held = session.connection().execute(
            select(col(OutboxRow.id)).where(col(OutboxRow.occasion) == "c1").with_for_update()
        )
        assert len(held.all()) == 1
        ids = lease_all(other)
    assert len(ids) == 2
    again = lease_all(other)
    assert len(again) == 3
    with one.transaction() as session:
        session.connection().execute(
            select(col(OutboxRow.id)).where(col(OutboxRow.id) == again[0]).with_for_update()
        )
        assert took(other, again) == again[1:]


def test_a_lease_that_has_run_out_is_free_for_others(database: Database) -> None:
    chat(database)
    put(database)
    ids = lease_all(database, worker="killed")
    assert lease_all(database, 0.9, worker="w") == []
    assert lease_all(database, 1, worker="w") == ids
    assert took(database, ids, 1, worker="killed") == []
    assert took(database, ids, 1) == ids


def test_what_one_holds_itself_is_leased_again(database: Database) -> None:
    chat(database)
    put(database)
    assert lease_all(database) == lease_all(database, 0.1) != []


def test_what_is_given_back_is_free_at_once(database: Database) -> None:
    chat(database)
    put(database)
    ids = lease_all(database, worker="stopped")
    with database.transaction() as session:
        release(session, "stopped")
    assert lease_all(database) == ids


# Taking


def test_a_message_comes_with_all_that_sending_it_takes(database: Database) -> None:
    chat(database)
    put(database)
    (waiting,) = begin(database)
    assert waiting == Waiting(
        id=waiting.id,
        person=DAVID,
        reason="comment",
        occasion="c1",
        about={"version": "v1"},
        conversation="chat",
        reference={"chat": "chat"},
        replaces="",
        attempts=0,
        latest=after(60),
    )
    found = row(database)
    assert (found.state, found.attempts, found.attempted) == ("sendes", 1, NOON)
    assert found.conversation == "chat"


def test_what_was_called_off_since_it_was_leased_is_not_taken(database: Database) -> None:
    chat(database)
    put(database)
    ids = lease_all(database)
    with database.transaction() as session:
        assert cancel(session, reason="comment") == 1
    assert took(database, ids) == []


@pytest.mark.parametrize(
    ("values", "minutes"),
    [({"next_try": after(1)}, 0.5), ({}, 61), ({"state": "sendes"}, 0), ({"leased_by": "x"}, 0)],
)
def test_what_is_put_off_late_begun_or_anothers_is_not_taken(
    database: Database, values: dict[str, Any], minutes: float
) -> None:
    chat(database)
    put(database)
    ids = lease_all(database)
    if values:
        with database.transaction() as session:
            session.connection().execute(update(OutboxRow).values(**values))
    assert took(database, ids, minutes) == []


def test_what_is_put_off_is_free_and_waits(database: Database) -> None:
    chat(database)
    put(database)
    (id,) = lease_all(database, worker="another")
    with database.transaction() as session:
        put_off(session, id, after(3))
    assert lease_all(database, 2.9) == []
    assert lease_all(database, 3) == [id]


def test_what_was_not_worth_sending_is_not_tried_again(database: Database) -> None:
    chat(database)
    put(database)
    (id,) = lease_all(database)
    with database.transaction() as session:
        drop(session, id, NOON, "avlyst")
    put(database)
    assert row(database).state == "avlyst"
    assert lease_all(database, 5) == []


# Where it goes


def test_a_message_waits_until_the_person_has_a_conversation(database: Database) -> None:
    put(database)
    chat(database, "removed", installed=False)
    assert lease_all(database) == []
    chat(database, "chat")
    assert [one.conversation for one in begin(database, 30)] == ["chat"]


def test_those_without_a_conversation_do_not_hold_up_the_others(database: Database) -> None:
    for number in range(5):
        put(database, person=HANNE, occasion=f"h{number}")
    put(database, due=1)
    chat(database)
    assert [one.person for one in begin(database, 2, limit=1)] == [DAVID]


def test_the_sender_is_known_in_any_case(database: Database) -> None:
    chat(database, sender=DAVID.upper())
    put(database)
    assert [one.person for one in begin(database)] == [DAVID]


def test_a_message_goes_once_to_where_the_person_last_wrote(database: Database) -> None:
    chat(database, "older", wrote=-9)
    chat(database, "newer", wrote=-1)
    chat(database, "removed", installed=False)
    put(database)
    assert [one.conversation for one in begin(database)] == ["newer"]


def test_a_sent_card_is_changed_in_the_conversation_where_it_stands(database: Database) -> None:
    chat(database, "older", wrote=-9)
    chat(database, "newer", wrote=-1)
    put(database, conversation="older", replaces="activity")
    put(database, conversation="gone", replaces="activity", occasion="c2")
    (waiting,) = begin(database)
    assert (waiting.conversation, waiting.reference) == ("older", {"chat": "older"})
    assert waiting.replaces == "activity"


def test_a_demo_person_is_reached_where_somebody_acts_as_them_only_locally(
    database: Database,
) -> None:
    chat(database, sender="playground", acting_as=DAVID)
    put(database)
    assert begin(database) == []
    assert [one.conversation for one in begin(database, local=True)] == ["chat"]


def test_nothing_goes_to_a_conversation_that_was_lost_until_it_is_back(database: Database) -> None:
    chat(database)
    put(database)
    ids = lease_all(database)
    with database.transaction() as session:
        lose_conversation(session, "chat")
    assert took(database, ids) == []
    assert lease_all(database) == []
    with database.transaction() as session:
        session.connection().execute(update(Conversation).values(installed=True))
    assert lease_all(database) == ids


# How it went


def end(database: Database, id: int, state: Any, minutes: float = 1, **more: Any) -> None:
    with database.transaction() as session:
        end_attempt(session, id, state, after(minutes), **more)


def test_how_it_went_is_remembered(database: Database) -> None:
    chat(database)
    put(database)
    (waiting,) = begin(database)
    end(database, waiting.id, "sendt", sent="activity")
    found = row(database)
    assert (found.state, found.settled, found.sent) == ("sendt", after(1), "activity")
    assert (found.conversation, found.leased_by) == ("chat", "")


def test_what_is_tried_again_goes_to_where_the_person_is_by_then(database: Database) -> None:
    chat(database, "older", wrote=-9)
    put(database)
    put(database, occasion="card", conversation="older", replaces="activity")
    first, second = begin(database)
    for one in (first, second):
        end(database, one.id, "venter", next_try=after(3), problem="503", unknown=True)
    assert row(database).problem == "503"
    assert row(database).unknowns == 1
    assert lease_all(database, 2.9, worker="another") == []
    chat(database, "newer", wrote=-1)
    again = begin(database, 3, worker="another")
    assert [(one.conversation, one.attempts) for one in again] == [("newer", 1), ("older", 1)]


def test_an_attempt_in_which_nothing_was_posted_does_not_count(database: Database) -> None:
    chat(database)
    put(database)
    (waiting,) = begin(database)
    undo(database, waiting.id)
    found = row(database)
    assert (found.state, found.attempts, found.attempted) == ("venter", 0, None)
    assert found.conversation == ""
    assert len(begin(database, worker="another")) == 1


def undo(database: Database, id: int) -> None:
    with database.transaction() as session:
        undo_attempt(session, lock_attempts(session, [id])[id])


def test_what_is_called_off_while_it_is_being_sent_is_known_and_not_tried_again(
    database: Database,
) -> None:
    chat(database)
    put(database)
    (waiting,) = begin(database)
    with database.transaction() as session:
        assert cancel(session, reason="comment") == 0
        assert lock_attempts(session, [waiting.id])[waiting.id].called_off
    undo(database, waiting.id)
    assert row(database).state == "avlyst"


def test_only_what_nobody_ended_in_time_was_cut_off(database: Database) -> None:
    chat(database)
    for occasion in ("c1", "c2"):
        put(database, occasion=occasion)
    first, second = begin(database)
    end(database, second.id, "sendt")
    with database.transaction() as session:
        assert attempts_cut_off(session, NOON) == []
        (found,) = attempts_cut_off(session, after(0.1))
    assert (found.id, found.attempts, found.called_off) == (first.id, 1, False)


def test_what_is_too_late_ends_and_what_may_have_come_is_not_said_to_be_lost(
    database: Database,
) -> None:
    for occasion, latest in (("late", 10), ("unknown", 10), ("good", 11)):
        put(database, occasion=occasion, latest=latest)
    with database.transaction() as session:
        one = update(OutboxRow).where(col(OutboxRow.occasion) == "unknown")
        session.connection().execute(one.values(unknowns=1))
        expire(session, after(10))
    assert row(database, "late").state == "venter"
    with database.transaction() as session:
        expire(session, after(10.1))
    found = {name: row(database, name).state for name in ("late", "unknown", "good")}
    assert found == {"late": "utløpt", "unknown": "ukjent", "good": "venter"}


def test_copies_may_end_lease_and_call_off_at_once(copies: tuple[Database, Database]) -> None:
    chat(copies[0])
    for number in range(20):
        put(copies[0], occasion=f"c{number}", latest=60 if number % 2 else 1)

    def clean_and_begin(copy: Database, worker: str) -> int:
        with copy.transaction() as session:
            expire(session, after(2))
        return len(begin(copy, 2, worker=worker, limit=5))

    def call_off(copy: Database) -> int:
        with copy.transaction() as session:
            return cancel(session, reason="comment")

    tasks = [partial(clean_and_begin, copy, str(n)) for n, copy in enumerate(copies)]
    tasks += [partial(call_off, copy) for copy in copies]
    at_once(tasks)
    with copies[0].transaction() as session:
        found = {one.state for one in session.exec(select(OutboxRow))}
    assert found <= {"sendes", "utløpt", "avlyst"}
