"""The outbox as those see it who send: only what is true at that moment is sent, and once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select, update

import dialogs.outgoing
from dialogs.messages import Reply, TextReply
from dialogs.notices import Later, Outcome, Outgoing
from dialogs.outgoing import CUT_OFF, LEASE, NOT_WRITTEN, Ended, Outbox
from schedule.due import UNKNOWN_WAIT, after
from storage.attempts import Waiting
from storage.database import Database, Session
from storage.outbox import cancel, queue, send_again
from storage.pace import PaceLimits, close_pace
from storage.tables import Conversation, OutboxRow, Pace

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SENT = Outcome("sent", "activity")
FAST = PaceLimits(rate=1_000_000)
Written = Reply | Later | None


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Sending:
    """A database with people who have a chat, and an outbox that writes what `write` says."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.write: Callable[[Waiting], Written] = lambda one: TextReply(one.about["text"])
        self.outbox = self.copy("one")

    def copy(self, worker: str, limits: PaceLimits = FAST) -> Outbox:
        return Outbox(self.database, self.compose, rule=after, limits=limits, worker=worker)

    def compose(self, session: Session, waiting: Waiting) -> Written:
        return self.write(waiting)

    def put(self, person: str = "kari", occasion: str = "c1", text: str = "hei") -> None:
        with self.database.transaction() as session:
            if session.get(Conversation, person) is None:
                session.add(Conversation(id=person, sender=person, updated=NOON.date()))
                session.flush()
            queue(
                session,
                person=person,
                reason="r",
                occasion=occasion,
                about={"text": text},
                due=NOON,
                latest=NOON + timedelta(hours=1),
            )

    def begin(self, when: datetime = NOON, outbox: Outbox | None = None) -> list[Outgoing]:
        outbox = outbox or self.outbox
        ids, begun = outbox.claim(when), []
        while ids:
            taken = outbox.attempt(ids, when)
            begun += taken.outgoing
            ids = taken.left if taken.again is None else []
        return begun

    def end(self, outgoing: Outgoing, outcome: Outcome | None, when: datetime = NOON) -> None:
        self.outbox.settle([Ended(outgoing, outcome)], when)

    def row(self, occasion: str = "c1") -> OutboxRow:
        with self.database.transaction() as session:
            return session.exec(select(OutboxRow).where(OutboxRow.occasion == occasion)).one()

    def change(self, **values: Any) -> None:
        with self.database.transaction() as session:
            session.connection().execute(update(OutboxRow).values(**values))


@pytest.fixture
def sending(database: Database) -> Sending:
    return Sending(database)


# Attempts


def test_what_is_due_is_written_marked_and_sent_once(sending: Sending) -> None:
    sending.put()
    (outgoing,) = sending.begin()
    assert (outgoing.reply, outgoing.attempt) == (TextReply("hei"), 1)
    assert (outgoing.conversation, outgoing.send_at) == ("kari", NOON)
    assert outgoing.latest == NOON + timedelta(hours=1)
    assert sending.row().state == "sendes"
    assert sending.begin(at(1)) == []
    sending.end(outgoing, SENT, at(2))
    row = sending.row()
    assert (row.state, row.sent, row.settled) == ("sendt", "activity", at(2))


def test_what_was_called_off_after_it_was_claimed_is_not_sent(sending: Sending) -> None:
    sending.put()
    ids = sending.outbox.claim(NOON)
    with sending.database.transaction() as session:
        cancel(session, reason="r")
    assert sending.outbox.attempt(ids, NOON).outgoing == []


def test_only_the_newest_version_is_sent(sending: Sending) -> None:
    sending.put()
    ids = sending.outbox.claim(NOON)
    sending.change(about={"text": "nytt rom"})
    (outgoing,) = sending.outbox.attempt(ids, NOON).outgoing
    assert outgoing.reply == TextReply("nytt rom")


def test_what_is_not_worth_sending_is_called_off_for_good(sending: Sending) -> None:
    sending.put()
    sending.write = lambda one: None
    assert sending.begin() == []
    assert (sending.row().state, sending.row().attempts) == ("avlyst", 0)
    sending.put()
    assert sending.begin(at(1)) == []


def test_what_says_later_waits_till_then_and_has_not_been_tried(sending: Sending) -> None:
    sending.put()
    sending.write = lambda one: Later(at(60))
    assert sending.begin() == []
    assert (sending.row().next_try, sending.row().attempts) == (at(60), 0)
    sending.write = lambda one: TextReply("nå")
    assert sending.begin(at(59)) == []
    assert len(sending.begin(at(60))) == 1


def test_what_says_later_without_meaning_it_is_not_asked_again_at_once(sending: Sending) -> None:
    sending.put()
    sending.write = lambda one: Later(at(-60))
    sending.begin()
    assert sending.row().next_try == at(1)


def test_one_that_can_not_be_written_does_not_stop_the_others(sending: Sending) -> None:
    for number in range(3):
        sending.put(f"person {number}", f"c{number}")

    def write(one: Waiting) -> Reply:
        if one.occasion == "c1":
            raise RuntimeError("feil")
        return TextReply("hei")

    sending.write = write
    assert [one.conversation for one in sending.begin()] == ["person 0", "person 2"]
    row = sending.row("c1")
    assert (row.state, row.problem, row.attempts) == ("feilet", NOT_WRITTEN, 0)


def test_what_it_wrote_before_it_failed_is_undone(sending: Sending) -> None:
    sending.put()

    def write(session: Session, one: Waiting) -> Reply:
        session.add(Conversation(id="halvferdig", sender="x", updated=NOON.date()))
        session.flush()
        raise RuntimeError

    outbox = Outbox(sending.database, write, rule=after)
    sending.begin(outbox=outbox)
    with sending.database.transaction() as session:
        assert session.get(Conversation, "halvferdig") is None


# Pace


def test_a_conversation_gets_one_at_a_time(sending: Sending) -> None:
    for occasion in ("c1", "c2"):
        sending.put(occasion=occasion)
    (first,) = sending.begin()
    assert sending.begin(at(2), sending.copy("other")) == []
    sending.end(first, SENT, at(2.5))
    (second,) = sending.begin(at(3.1), sending.copy("another"))
    assert second.id != first.id


def test_what_the_pace_has_no_place_for_is_kept_for_a_moment(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        sending.put(f"person {number}", f"c{number}")
    monkeypatch.setattr(dialogs.outgoing, "LONGEST_WRITING", 60)
    outbox = sending.copy("slow", PaceLimits(rate=20))
    taken = outbox.attempt(outbox.claim(NOON), NOON)
    assert [one.send_at for one in taken.outgoing] == [NOON, at(0.05)]
    assert len(taken.left) == 18
    assert taken.again is not None
    assert NOON < taken.again <= at(0.1)
    again = outbox.attempt(taken.left, taken.again)
    assert again.outgoing[0].send_at == at(0.1)


def test_nothing_is_sent_before_teams_has_said_we_may(sending: Sending) -> None:
    for number in range(2):
        sending.put(f"person {number}", f"c{number}")
    ids = sending.outbox.claim(NOON)
    (first,) = sending.outbox.attempt(ids[:1], NOON).outgoing
    sending.end(first, Outcome("refused", problem="429", wait=7.0))
    row = sending.row("c0")
    assert (row.state, row.problem) == ("venter", "429")
    assert row.next_try > at(7)
    other = sending.copy("other")
    for outbox, when in ((sending.outbox, at(0.1)), (other, at(6.9))):
        taken = outbox.attempt(outbox.claim(when), when)
        assert taken.outgoing == []
    taken = sending.outbox.attempt(sending.outbox.claim(at(6.99)), at(6.99))
    assert taken == type(taken)([], taken.left, at(7))
    assert len(sending.begin(at(60), other)) == 2


def test_the_pace_can_be_closed_for_all(sending: Sending) -> None:
    sending.put()
    with sending.database.transaction() as session:
        close_pace(session, NOON, at(30))
    assert sending.begin(at(29)) == []
    with sending.database.transaction() as session:
        assert session.exec(select(Pace)).one().closed_until == at(30)


def test_those_who_wait_for_answers_get_their_turn_between_what_takes_long_to_write(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs.outgoing, "LONGEST_WRITING", 0)
    for number in range(3):
        sending.put(f"person {number}", f"c{number}")
    ids = sending.outbox.claim(NOON)
    taken = sending.outbox.attempt(ids, NOON)
    assert [one.id for one in taken.outgoing] == ids[:1]
    assert (taken.left, taken.again) == (ids[1:], None)


# How it went


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome("sent"), "sendt"),  # an empty 202
        (Outcome("refused", problem="503"), "venter"),
        (Outcome("unknown", problem="504"), "venter"),
        (Outcome("unknown", problem="500", final=True), "ukjent"),
        (Outcome("hopeless", problem="413"), "feilet"),
    ],
)
def test_what_follows_an_outcome_is_written_down(
    sending: Sending, outcome: Outcome, state: str
) -> None:
    sending.put()
    (outgoing,) = sending.begin()
    sending.end(outgoing, outcome)
    row = sending.row()
    assert (row.state, row.problem) == (state, outcome.problem)
    assert row.unknowns == (outcome.kind == "unknown")


def test_what_may_have_come_is_tried_once_more_and_then_left(sending: Sending) -> None:
    sending.put()
    (first,) = sending.begin()
    sending.end(first, Outcome("unknown", problem="502"))
    assert sending.begin(at(299)) == []
    when = NOON + UNKNOWN_WAIT
    (second,) = sending.begin(when)
    assert second.attempt == 2
    sending.end(second, Outcome("unknown", problem="502"), when)
    row = sending.row()
    assert (row.state, row.unknowns) == ("ukjent", 2)
    assert sending.begin(when + UNKNOWN_WAIT) == []


def test_what_is_sent_again_by_hand_is_tried_once(sending: Sending) -> None:
    sending.put()
    (first,) = sending.begin()
    sending.end(first, Outcome("unknown", final=True))
    with sending.database.transaction() as session:
        assert send_again(session, first.id, at(60), at(3600))
    (again,) = sending.begin(at(60))
    sending.end(again, Outcome("unknown"), at(60))
    assert sending.row().state == "ukjent"


def test_what_was_refused_is_tried_until_it_is_too_late(sending: Sending) -> None:
    sending.put()
    now, tries = NOON, 0
    while sending.row().state == "venter":
        for outgoing in sending.begin(now):
            tries += 1
            sending.end(outgoing, Outcome("refused", problem="503"), now)
        now = sending.row().next_try if sending.row().state == "venter" else now
    assert sending.row().state == "utløpt"
    assert 10 < tries < 60
    assert now <= NOON + timedelta(hours=1)


def test_an_attempt_cut_off_by_a_crash_may_have_come(sending: Sending) -> None:
    sending.put()
    sending.begin(outbox=sending.copy("killed"))
    when = NOON + CUT_OFF
    assert sending.outbox.claim(when) == []
    assert sending.row().state == "sendes"
    when += timedelta(seconds=1)
    sending.outbox.claim(when)
    row = sending.row()
    assert (row.state, row.unknowns, row.problem) == ("venter", 1, "avbrutt")
    (again,) = sending.begin(when + UNKNOWN_WAIT)
    sending.begin(when + UNKNOWN_WAIT + 2 * CUT_OFF)
    assert (again.attempt, sending.row().state) == (2, "ukjent")


def test_a_late_word_that_it_was_sent_wins(sending: Sending) -> None:
    sending.put()
    (first,) = sending.begin()
    sending.outbox.claim(NOON + 2 * CUT_OFF)
    assert sending.row().state == "venter"
    sending.end(first, SENT)
    assert sending.row().state == "sendt"
    assert sending.begin(NOON + timedelta(minutes=30)) == []


def test_a_late_word_that_it_was_sent_wins_over_a_later_attempt(sending: Sending) -> None:
    sending.put()
    (first,) = sending.begin()
    later = NOON + 2 * CUT_OFF + UNKNOWN_WAIT
    sending.outbox.claim(NOON + 2 * CUT_OFF)
    (second,) = sending.begin(later)
    sending.end(first, SENT, later)
    sending.end(second, Outcome("refused"), later)
    assert sending.row().state == "sendt"


def test_a_late_word_of_failure_says_nothing_of_a_later_attempt(sending: Sending) -> None:
    sending.put()
    (first,) = sending.begin()
    later = NOON + 2 * CUT_OFF + UNKNOWN_WAIT
    sending.outbox.claim(NOON + 2 * CUT_OFF)
    (second,) = sending.begin(later)
    for outcome in (Outcome("hopeless"), Outcome("refused"), None):
        sending.end(first, outcome, later)
        assert (sending.row().state, sending.row().attempts) == ("sendes", 2)
    sending.end(second, SENT, later)
    assert sending.row().state == "sendt"


def test_what_was_not_posted_is_put_back_uncounted(sending: Sending) -> None:
    sending.put()
    (outgoing,) = sending.begin()
    sending.end(outgoing, None)
    row = sending.row()
    assert (row.state, row.attempts, row.attempted) == ("venter", 0, None)
    (again,) = sending.begin(at(1), sending.copy("other"))
    assert again.attempt == 1


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (SENT, "sendt"),
        (Outcome("refused"), "avlyst"),
        (Outcome("unknown"), "ukjent"),
        (Outcome("hopeless"), "feilet"),
        (None, "avlyst"),
    ],
)
def test_what_is_called_off_while_it_is_sent_is_not_tried_again(
    sending: Sending, outcome: Outcome | None, state: str
) -> None:
    sending.put()
    (outgoing,) = sending.begin()
    with sending.database.transaction() as session:
        cancel(session, reason="r")
    sending.end(outgoing, outcome)
    assert sending.row().state == state
    assert sending.begin(NOON + timedelta(minutes=30)) == []


def test_who_can_not_be_written_to_gets_no_more_until_they_are_back(sending: Sending) -> None:
    for occasion in ("c1", "c2"):
        sending.put(occasion=occasion)
    (first,) = sending.begin()
    sending.end(first, Outcome("hopeless", problem="403 ConversationBlockedByUser", gone=True))
    assert sending.row("c1").state == "feilet"
    assert sending.outbox.claim(at(10)) == []
    with sending.database.transaction() as session:
        session.connection().execute(update(Conversation).values(installed=True))
    assert len(sending.begin(at(10))) == 1


# Leases


def test_a_stopped_copy_gives_back_what_it_has_not_begun(sending: Sending) -> None:
    sending.put()
    stopped = sending.copy("stopped")
    assert len(stopped.claim(NOON)) == 1
    assert sending.begin(at(1)) == []
    stopped.release()
    assert len(sending.begin(at(1))) == 1


def test_what_a_killed_copy_had_claimed_is_free_when_the_lease_runs_out(sending: Sending) -> None:
    sending.put()
    killed = sending.copy("killed")
    ids = killed.claim(NOON)
    assert sending.begin(at(1)) == []
    assert len(sending.begin(NOON + LEASE)) == 1
    assert killed.attempt(ids, NOON + LEASE).outgoing == []


def test_down_for_three_hours_over_many_due_times(sending: Sending) -> None:
    for number in range(4):
        sending.put(f"person {number}", f"c{number}")
    sending.change(latest=NOON + timedelta(hours=2))
    sending.put("person 5", "future")
    with sending.database.transaction() as session:
        future = update(OutboxRow).where(OutboxRow.occasion == "future")  # type: ignore[arg-type]
        session.connection().execute(future.values(latest=NOON + timedelta(days=2)))
    when = NOON + timedelta(hours=3)
    assert [one.conversation for one in sending.begin(when)] == ["person 5"]
    assert sending.row("c1").state == "utløpt"
