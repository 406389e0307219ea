"""The outbox: every message is sent to the right person, at the right time, and once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlmodel import select

from storage.database import Database
from storage.outbox import SENDING_FOR, Waiting, cancel, claim, queue, settle
from storage.tables import Conversation, OutboxRow
from tests.storage.at_once import at_once

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAVID = "00000000-0000-4000-8000-00000000000d"
HANNE = "00000000-0000-4000-8000-00000000000e"


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def chat(database: Database, id: str, sender: str, wrote: float = 0, **values: Any) -> None:
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
    reason: str = "comment",
    due: float = 0,
    latest: float = 60,
    **more: Any,
) -> None:
    values = {"about": {"version": "v1"}, "due": after(due), "latest": after(latest), **more}
    with database.transaction() as session:
        queue(session, person=person, reason=reason, occasion=occasion, **values)


def take(
    database: Database, minutes: float = 0, limit: int = 10, local: bool = False
) -> list[Waiting]:
    with database.transaction() as session:
        return claim(session, after(minutes), limit=limit, local=local)


def end(database: Database, waiting: Waiting, state: Any, **more: Any) -> None:
    with database.transaction() as session:
        settle(session, waiting.id, state, after(1), **more)


def call_off(database: Database, **which: Any) -> int:
    with database.transaction() as session:
        return cancel(session, **which)


def states(database: Database) -> dict[str, str]:
    """The state of every message, by its occasion."""
    with database.transaction() as session:
        return {row.occasion: row.state for row in session.exec(select(OutboxRow))}


def test_a_due_message_comes_with_all_that_sending_it_takes(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database)
    (waiting,) = take(database)
    assert waiting == Waiting(
        id=waiting.id,
        person=DAVID,
        reason="comment",
        occasion="c1",
        about={"version": "v1"},
        conversation="chat",
        reference={"chat": "chat"},
        replaces="",
    )
    assert states(database) == {"c1": "sendes"}


def test_a_message_is_claimed_once_and_not_before_it_is_due(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database, due=5)
    assert [len(take(database, minute)) for minute in (4, 5, 6)] == [0, 1, 0]


def test_the_first_due_are_claimed_first_no_more_than_asked_for(database: Database) -> None:
    chat(database, "chat", DAVID)
    for minute in (3, 1, 2):
        put(database, occasion=f"c{minute}", due=minute)
    assert [waiting.occasion for waiting in take(database, 5, limit=2)] == ["c1", "c2"]
    assert [waiting.occasion for waiting in take(database, 5, limit=2)] == ["c3"]


def test_two_copies_claim_each_message_once(copies: tuple[Database, Database]) -> None:
    chat(copies[0], "chat", DAVID)
    for number in range(20):
        put(copies[0], occasion=f"c{number}")
    taken = at_once([partial(take, copy, limit=20) for copy in copies])
    claimed = [waiting.occasion for some in taken for waiting in some]
    assert sorted(claimed) == sorted(f"c{number}" for number in range(20))


def test_two_copies_may_clean_up_claim_and_call_off_at_once(
    copies: tuple[Database, Database],
) -> None:
    chat(copies[0], "chat", DAVID)
    for number in range(20):
        put(copies[0], occasion=f"c{number}", latest=60 if number % 2 else 1)
    tasks: list[Any] = [partial(take, copy, 2, limit=5) for copy in copies]
    tasks += [partial(call_off, copy, reason="comment") for copy in copies]
    at_once(tasks)
    assert set(states(copies[0]).values()) <= {"sendes", "utløpt", "avlyst"}


def test_queueing_the_same_again_sends_it_once(copies: tuple[Database, Database]) -> None:
    chat(copies[0], "chat", DAVID)
    at_once([partial(put, copy) for copy in copies])
    put(copies[0], due=1)
    assert len(take(copies[0], 5)) == 1
    put(copies[0])
    assert take(copies[0], 5) == []


def test_another_person_reason_or_occasion_is_another_message(database: Database) -> None:
    chat(database, "chat1", DAVID)
    chat(database, "chat2", HANNE)
    put(database)
    put(database, person=HANNE)
    put(database, reason="useful")
    put(database, occasion="c2")
    assert len(take(database)) == 4


@pytest.mark.parametrize(
    ("which", "left"),
    [
        ({"reason": "deadline"}, {"c1"}),
        ({"reason": "deadline", "occasion": "f1"}, {"c1", "f2"}),
        ({"reason": "deadline", "person": HANNE}, {"c1", "f1"}),
        ({"reason": "deadline", "occasion": "f1", "person": HANNE}, {"c1", "f1", "f2"}),
    ],
)
def test_what_is_called_off_is_not_sent(
    database: Database, which: dict[str, str], left: set[str]
) -> None:
    chat(database, "chat1", DAVID)
    chat(database, "chat2", HANNE)
    put(database)
    put(database, reason="deadline", occasion="f1")
    put(database, reason="deadline", occasion="f2", person=HANNE)
    assert call_off(database, **which) == 3 - len(left)
    assert {waiting.occasion for waiting in take(database)} == left


def test_what_is_claimed_can_not_be_called_off(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database)
    take(database)
    assert call_off(database, reason="comment") == 0
    assert states(database) == {"c1": "sendes"}


def test_what_was_called_off_waits_again_when_it_is_queued_again(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database)
    call_off(database, reason="comment")
    put(database, due=5, about={"version": "v2"})
    assert take(database, 4) == []
    (waiting,) = take(database, 5)
    assert waiting.about == {"version": "v2"}


def test_what_was_not_worth_sending_is_not_tried_again(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database)
    end(database, take(database)[0], "avlyst")
    put(database)
    assert take(database, 5) == []


def test_what_is_too_late_is_not_sent(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database, latest=10)
    assert take(database, 10.1) == []
    assert states(database) == {"c1": "utløpt"}


def test_a_message_waits_until_the_person_has_a_conversation(database: Database) -> None:
    put(database)
    chat(database, "removed", DAVID, installed=False)
    assert take(database) == []
    assert states(database) == {"c1": "venter"}
    chat(database, "chat", DAVID)
    assert [waiting.conversation for waiting in take(database, 30)] == ["chat"]


def test_those_without_a_conversation_do_not_hold_up_the_others(database: Database) -> None:
    for number in range(5):
        put(database, person=HANNE, occasion=f"h{number}")
    put(database, due=1)
    chat(database, "chat", DAVID)
    assert [waiting.person for waiting in take(database, 2, limit=1)] == [DAVID]


def test_the_sender_is_known_in_any_case(database: Database) -> None:
    chat(database, "chat", DAVID.upper())
    put(database)
    assert [waiting.person for waiting in take(database)] == [DAVID]


def test_a_message_goes_once_to_where_the_person_last_wrote(database: Database) -> None:
    chat(database, "older", DAVID, wrote=-9)
    chat(database, "newer", DAVID, wrote=-1)
    chat(database, "removed", DAVID, installed=False)
    put(database)
    assert [waiting.conversation for waiting in take(database)] == ["newer"]


def test_a_sent_card_is_changed_in_the_conversation_where_it_stands(database: Database) -> None:
    chat(database, "older", DAVID, wrote=-9)
    chat(database, "newer", DAVID, wrote=-1)
    put(database, conversation="older", replaces="activity")
    put(database, conversation="gone", replaces="activity", occasion="c2")
    (waiting,) = take(database)
    assert (waiting.conversation, waiting.reference) == ("older", {"chat": "older"})
    assert waiting.replaces == "activity"


def test_a_demo_person_is_reached_where_somebody_acts_as_them_only_locally(
    database: Database,
) -> None:
    chat(database, "chat", "playground", acting_as=DAVID)
    put(database)
    assert take(database) == []
    assert [waiting.conversation for waiting in take(database, local=True)] == ["chat"]


def test_how_it_went_is_remembered(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database)
    (waiting,) = take(database)
    end(database, waiting, "sendt", sent="activity")
    end(database, waiting, "feilet")
    with database.transaction() as session:
        row = session.exec(select(OutboxRow)).one()
    assert (row.state, row.settled, row.sent) == ("sendt", after(1), "activity")


def test_what_nobody_knows_the_fate_of_is_never_sent_again(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database)
    take(database)
    later = SENDING_FOR / timedelta(minutes=1)
    take(database, later)
    assert states(database) == {"c1": "sendes"}
    assert take(database, later + 0.1) == []
    assert states(database) == {"c1": "ukjent"}


def test_a_slow_sender_may_say_how_it_went_after_all(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database)
    (waiting,) = take(database)
    take(database, 10)
    end(database, waiting, "sendt")
    assert states(database) == {"c1": "sendt"}


def test_what_still_waits_can_not_be_settled(database: Database) -> None:
    chat(database, "chat", DAVID)
    put(database)
    (waiting,) = take(database)
    put(database, occasion="c2")
    end(database, replace(waiting, id=waiting.id + 1), "sendt")
    assert states(database) == {"c1": "sendes", "c2": "venter"}
