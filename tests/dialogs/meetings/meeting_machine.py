"""What happens to meetings, in any order, and what must hold of every message that is sent.

Meetings are made, moved, edited, cancelled and restored; people answer and change their wishes; the
outbox is sent with every outcome, and the program is killed in the middle. Each message is held
against the calendar as it is at the moment it is sent.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from sqlalchemy import delete
from sqlmodel import col, select

from dialogs.meetings.calendar import (
    cancel_meeting,
    change_meeting,
    create_meeting,
    restore_meeting,
)
from dialogs.meetings.planning import plan_all, plan_person
from dialogs.meetings.sending_times import OSLO, SendingTimes
from dialogs.notices import Outcome, Outgoing
from dialogs.outgoing import Ended, Outbox
from knowledge.library import Library
from schedule.due import after
from storage.database import Database, Session
from storage.meeting_answers import Answer, answers_of, set_answer
from storage.meetings import Meeting, find_meeting
from storage.pace import PaceLimits
from storage.people import find_person, import_people
from storage.reminder_wishes import Wish, set_wish
from storage.tables import OutboxRow, Table
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    HANNE_SKOLEEIER,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    PEOPLE,
    Kommune,
)

LEADERS = (DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR, FATIMA_AVDELINGSLEDER, ELI_REKTOR)
INVITED = {
    "ledere": set(LEADERS),
    "sone: Sone nord": {ANE_LÆRER, DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR},
    "lærere": {ANE_LÆRER, BJØRN_LÆRER},
}
REMINDERS = ("meeting_reminder", "meeting_nudge")
NEWS = ("meeting_changed", "meeting_cancelled")
SINGLE = (*REMINDERS, *NEWS)
WISHES = (
    Wish(stopped=True),
    Wish(weekly=True),
    Wish(days_before=(14, 7, 1), at="14:00"),
    Wish(days_before=()),
    Wish(),
)
CUT_OFF = timedelta(minutes=2)
Kind = Literal["sent", "refused", "unknown", "hopeless"]
OUTCOMES: tuple[Kind, ...] = ("sent", "sent", "sent", "refused", "unknown", "hopeless")


@dataclass
class Told:
    """What was posted to a person of a meeting, and may have come."""

    reason: str
    starts: datetime
    version: int


@dataclass
class Model:
    """What the test remembers by itself."""

    meetings: list[str] = field(default_factory=list)
    wishing: set[str] = field(default_factory=set)  # who has changed a wish: fewer promises hold
    day_before: set[str] = field(default_factory=set)
    copies: Counter[int] = field(default_factory=Counter)  # posts that may have come, by row
    reminders: Counter[tuple[str, str, datetime]] = field(default_factory=Counter)
    told: dict[tuple[str, str], list[Told]] = field(default_factory=dict)


class MeetingWorld:
    """One kommune, emptied before each run."""

    def __init__(self, library: Library, database: Database) -> None:
        self.kommune = Kommune(library, database)
        self.sending = SendingTimes(library.holidays)
        self.began = self.kommune.now

    def empty(self) -> None:
        self.kommune.now = self.began
        with self.kommune.session() as session:
            for table in reversed(Table.metadata.sorted_tables):
                if table.name not in ("person", "unit", "conversation", "alembic_version"):
                    session.connection().execute(delete(table))


class MeetingMachine(RuleBasedStateMachine):
    """Every rule is one thing that somebody, or time, does."""

    world: MeetingWorld

    def __init__(self) -> None:
        super().__init__()
        self.world.empty()
        self.kommune, self.sending = self.world.kommune, self.world.sending
        self.model = Model()
        self._start_program()

    # What people do

    @initialize(days=st.integers(8, 30), audience=st.sampled_from(sorted(INVITED)))
    def begin_with_a_meeting(self, days: int, audience: str) -> None:
        self._create(days, 12, audience, False)

    @rule(
        days=st.integers(0, 45),
        hour=st.integers(8, 18),
        audience=st.sampled_from(sorted(INVITED)),
        day_before=st.booleans(),
    )
    def create(self, days: int, hour: int, audience: str, day_before: bool) -> None:
        self._create(days, hour, audience, day_before)

    @rule(which=st.integers(0, 9), days=st.integers(-10, 20), hour=st.integers(8, 18))
    def move(self, which: int, days: int, hour: int) -> None:
        with self._meeting(which) as found:
            session, meeting = found
            day = meeting.starts.astimezone(OSLO).date() + timedelta(days=days)
            starts = datetime(day.year, day.month, day.day, hour, tzinfo=OSLO)
            if starts > self.now:
                changes = {"starts": starts, "ends": starts + timedelta(hours=2)}
                self._change(session, meeting, changes)

    @rule(which=st.integers(0, 9), topic=st.sampled_from(["Dybdelæring", "Vurdering", ""]))
    def edit(self, which: int, topic: str) -> None:
        with self._meeting(which) as found:
            session, meeting = found
            self._change(session, meeting, {"topic": topic})

    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        with self._meeting(which) as found:
            session, meeting = found
            by = find_person(session, HANNE_SKOLEEIER)
            cancel_meeting(session, self.sending, meeting.id, "Sykdom", by=by, now=self.now)

    @rule(which=st.integers(0, 9))
    def restore(self, which: int) -> None:
        with self._meeting(which) as found:
            session, meeting = found
            by = find_person(session, HANNE_SKOLEEIER)
            restore_meeting(session, self.sending, meeting.id, by=by, now=self.now)

    @rule(
        which=st.integers(0, 9),
        who=st.sampled_from(LEADERS),
        answer=st.sampled_from(["kommer", "forfall", "stedfortreder"]),
    )
    def answer(self, which: int, who: str, answer: Answer) -> None:
        with self._meeting(which) as found:
            session, meeting = found
            set_answer(session, meeting.id, who, answer, "", self.now)
            plan_person(session, self.sending, who, self.now)

    @rule(who=st.sampled_from((*LEADERS, ANE_LÆRER)), wish=st.sampled_from(WISHES))
    def wish(self, who: str, wish: Wish) -> None:
        self.model.wishing.add(who)
        with self.kommune.session() as session:
            set_wish(session, who, wish)
            plan_person(session, self.sending, who, self.now)

    # What time does

    @rule(minutes=st.sampled_from([1, 3, 10, 60, 360, 1440, 3 * 1440, 7 * 1440]))
    def wait(self, minutes: int) -> None:
        self.kommune.now += timedelta(minutes=minutes)

    @rule()
    def wait_until_something_is_due(self) -> None:
        if (due := self._next_due()) is not None:
            self.kommune.now = max(self.now, due)

    @rule()
    def a_night_passes(self) -> None:
        with self.kommune.session() as session:
            plan_all(session, self.sending, self.now)

    @rule(outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=7, max_size=7))
    def send(self, outcomes: list[Kind]) -> None:
        # By message: in how many goes they are taken depends on how fast the machine is.
        self._send(lambda outgoing: outcomes[(outgoing.id + outgoing.attempt) % len(outcomes)])

    @rule(posted=st.booleans())
    def be_killed_in_the_middle(self, posted: bool) -> None:
        for outgoing in self._attempt():
            self._note(outgoing, posted=posted)
        self._start_program()

    @precondition(lambda self: bool(self.model.meetings))
    @rule()
    def read_the_register_again(self) -> None:
        with self.kommune.session() as session:
            import_people(session, PEOPLE, dry_run=False)
            plan_all(session, self.sending, self.now)

    # In the end

    def teardown(self) -> None:
        """Time goes on until all is over; then nobody may have been left in ignorance."""
        expected = self._who_must_know()
        self._send(lambda _: "sent")
        last = max((self._find(id).starts for id in self.model.meetings), default=self.now)
        for _ in range(300):
            due = self._next_due()
            if due is not None:
                self.kommune.now = max(self.now, due) + timedelta(seconds=1)
                self._send(lambda _: "sent")
            elif self.now < last:  # what lies far ahead is planned by and by
                self.kommune.now += timedelta(days=7)
                self.a_night_passes()
            else:
                break
        else:
            raise AssertionError("something waits for ever")
        given_up = self._given_up()
        for person, meeting in expected:
            if (person, meeting.id) in given_up:
                continue  # the organiser sees that it isn't known to have come
            told = self.model.told.get((person, meeting.id), [])
            assert told, f"{person} was never told of {meeting.title}"
            assert told[-1].starts == meeting.starts, f"{person} has an old time of {meeting.title}"

    def _given_up(self) -> set[tuple[str, str]]:
        """For whom, and of which meeting, a message is not known to have come."""
        ends = ("ukjent", "feilet", "utløpt")
        with self.kommune.session() as session:
            rows = session.exec(select(OutboxRow).where(col(OutboxRow.state).in_(ends))).all()
        return {(row.person, str(row.about.get("meeting"))) for row in rows}

    def _who_must_know(self) -> list[tuple[str, Meeting]]:
        """Those with the usual wishes, of meetings with an allowed hour left before them."""
        found = []
        with self.kommune.session() as session:
            for id in self.model.meetings:
                meeting = find_meeting(session, id)
                assert meeting is not None
                soonest = self.sending.next(self.now + timedelta(minutes=10))
                if meeting.cancelled_at is not None or soonest >= meeting.starts:
                    continue
                absent = {
                    person
                    for person, one in answers_of(session, id).items()
                    if one.answer == "forfall"
                }
                people = INVITED[meeting.audience[0]] - absent - self.model.wishing
                found += [(person, meeting) for person in sorted(people)]
        return found

    # Sending

    def _start_program(self) -> None:
        self.outbox = Outbox(
            self.kommune.database,
            self.kommune.assistant.compose,
            rule=partial(after, jitter=lambda: 0.5),
            limits=PaceLimits(rate=100_000.0, per_conversation=()),
            cut_off=CUT_OFF,
        )

    def _attempt(self) -> list[Outgoing]:
        ids = self.outbox.claim(self.now)
        return self.outbox.attempt(ids, self.now).outgoing if ids else []

    def _send(self, outcome: Callable[[Outgoing], Kind]) -> None:
        for _ in range(100):
            taken = self._attempt()
            if not taken:
                return
            ended = []
            for outgoing in taken:
                kind = outcome(outgoing)
                self._note(outgoing, posted=kind in ("sent", "unknown"))
                ended.append(Ended(outgoing, Outcome(kind, "id" if kind == "sent" else "")))
            self.outbox.settle(ended, self.now)
        raise AssertionError("the same is sent again and again")

    def _note(self, outgoing: Outgoing, *, posted: bool) -> None:
        """Hold what is being sent against the calendar as it is now."""
        row = self._row(outgoing)
        if not posted or row.reason not in (*SINGLE, "meeting_week"):
            return
        self.model.copies[row.id or 0] += 1
        assert self.model.copies[row.id or 0] <= 2, "a third copy"
        if row.reason in (*REMINDERS, "meeting_week"):
            assert self.sending.allows(self.now), "a reminder outside working hours"
        if row.reason == "meeting_week":
            return
        meeting = self._find(row.about["meeting"])
        with self.kommune.session() as session:
            said = answers_of(session, meeting.id).get(row.person)
        if row.reason == "meeting_cancelled":
            assert meeting.cancelled_at is not None, "told that a meeting is cancelled that isn't"
        else:
            assert meeting.cancelled_at is None, "sent after the cancellation"
            assert meeting.starts > self.now, "sent after the start"
        assert said is None or said.answer != "forfall", "sent to who said forfall"
        told = self.model.told.setdefault((row.person, meeting.id), [])
        told.append(Told(row.reason, meeting.starts, meeting.version))
        if row.reason == "meeting_reminder":
            assert row.about["starts"] == meeting.starts.isoformat(), "a reminder of an old time"
            if self.model.copies[row.id or 0] == 1 and row.person not in self.model.wishing:
                key = (row.person, meeting.id, meeting.starts)
                self.model.reminders[key] += 1
                most = 1 + (meeting.id in self.model.day_before)
                assert self.model.reminders[key] <= most, "reminded too often"

    # The world

    @property
    def now(self) -> datetime:
        return self.kommune.now

    def _create(self, days: int, hour: int, audience: str, day_before: bool) -> None:
        day = self.now.astimezone(OSLO).date() + timedelta(days=days)
        starts = datetime(day.year, day.month, day.day, hour, tzinfo=OSLO)
        if starts <= self.now or len(self.model.meetings) >= 6:
            return
        id = UUID(int=len(self.model.meetings) + 1).hex
        meeting = Meeting(
            id=id,
            kind="skoleledermøte",
            title=f"Møte {len(self.model.meetings) + 1}",
            starts=starts,
            ends=starts + timedelta(hours=2),
            audience=(audience,),
            changed_at=self.now,
            day_before=day_before,
            asks_answer=True,
        )
        with self.kommune.session() as session:
            by = find_person(session, HANNE_SKOLEEIER)
            create_meeting(session, self.sending, meeting, by=by, now=self.now)
        self.model.meetings.append(id)
        if day_before:
            self.model.day_before.add(id)

    def _change(self, session: Session, meeting: Meeting, changes: dict[str, Any]) -> None:
        by = find_person(session, HANNE_SKOLEEIER)
        change_meeting(session, self.sending, meeting.id, changes, by=by, now=self.now)

    def _meeting(self, which: int) -> "_Opened":
        return _Opened(self, self.model.meetings[which % len(self.model.meetings)])

    def _find(self, id: str) -> Meeting:
        with self.kommune.session() as session:
            meeting = find_meeting(session, id)
        assert meeting is not None
        return meeting

    def _row(self, outgoing: Outgoing) -> OutboxRow:
        with self.kommune.session() as session:
            return session.exec(select(OutboxRow).where(col(OutboxRow.id) == outgoing.id)).one()

    def _next_due(self) -> datetime | None:
        """When the next message may be sent, or the fate of one be settled."""
        with self.kommune.session() as session:
            waiting = session.exec(
                select(OutboxRow.next_try).where(col(OutboxRow.state) == "venter")
            ).all()
            sending = session.exec(
                select(OutboxRow.attempted).where(col(OutboxRow.state) == "sendes")
            ).all()
        cut_off = [at + CUT_OFF + timedelta(seconds=1) for at in sending if at is not None]
        return min([*waiting, *cut_off], default=None)


class _Opened:
    """A meeting that has not begun, and a transaction to change it in."""

    def __init__(self, machine: MeetingMachine, id: str) -> None:
        self._machine, self._id = machine, id

    def __enter__(self) -> tuple[Session, Meeting]:
        self._transaction = self._machine.kommune.session()
        session = self._transaction.__enter__()
        meeting = find_meeting(session, self._id)
        assert meeting is not None
        return session, meeting

    def __exit__(self, *raised: Any) -> None:
        self._transaction.__exit__(*raised)


def machine_in(world: MeetingWorld) -> type[MeetingMachine]:
    """The machine that plays in this kommune."""
    return type("MeetingMachineHere", (MeetingMachine,), {"world": world})
