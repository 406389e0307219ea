"""Which messages on meetings wait in the outbox; planned with what causes them.

All planning may be done again at any time: it makes what waits equal to what is wanted, and what
was attempted is never sent twice. What is said, and whether it still is right, is decided when it
is sent (dialogs/meetings/reminders.py).
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from dialogs.meetings.audience import Register, invited, read_groups, read_register
from dialogs.meetings.reminder_times import (
    A_WEEK,
    Known,
    Moment,
    after_pause,
    list_due,
    list_reaches,
    moments_to_send,
    monday_of,
    notice_due,
)
from dialogs.meetings.sending_times import SendingTimes, at
from storage.database import Session
from storage.meeting_answers import PersonAnswer, answers_of
from storage.meetings import Meeting, meetings_between
from storage.outbox import Queued, Row, cancel, queue, replan, rows_of, rows_of_person
from storage.people import find_person
from storage.reminder_wishes import Wish, wish_of, wishes_of
from storage.shared import cards_about

REMINDER = "meeting_reminder"
WEEK = "meeting_week"
CHANGED = "meeting_changed"
CANCELLED = "meeting_cancelled"
NUDGE = "meeting_nudge"
CARD = "meeting_card"
NOTICES_OF_CHANGE = (CHANGED, CANCELLED)
OF_A_MEETING = (REMINDER, NUDGE, *NOTICES_OF_CHANGE)
LISTS = "meetings"  # the subject of the lists for the week
SNOOZED = ":snooze:"  # in the occasion of a reminder that the person put off themselves
# Changes and cancellations wait so long, so that slips are corrected and several become one.
NOTICE_DELAY = timedelta(minutes=2)
HORIZON = timedelta(days=70)  # reminders further ahead are planned by a later night
CARDS_UPDATED_WITHIN = timedelta(days=7)
# What those who were told of a meeting must hear of when it changes.
_FACTS = ("place", "link", "topic", "preparation")


def subject_of(meeting_id: str) -> str:
    """What the messages of a meeting are part of, and what its sent cards are about."""
    return f"meeting:{meeting_id}"


def facts_of(meeting: Meeting) -> dict[str, Any]:
    """What somebody who was told of the meeting as it now is knows, as it is kept in the outbox."""
    return {
        "starts": moment_text(meeting.starts),
        "ends": moment_text(meeting.ends),
        **{name: getattr(meeting, name) for name in _FACTS},
        "cancelled": meeting.cancelled_at is not None,
    }


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


# Planning


def plan_meeting(
    session: Session,
    sending: SendingTimes,
    meeting: Meeting,
    *,
    before: Meeting | None,
    now: datetime,
) -> None:
    """Plan what is sent of a meeting that is new, or was changed from `before`."""
    plan = _Plan(session, sending, now)
    plan.meeting(meeting, before)
    # Who isn't invited any more keeps no card to answer on.
    if before is not None and (before.version, before.audience) != (
        meeting.version,
        meeting.audience,
    ):
        _update_cards(session, meeting, now)
    plan.lists()


def plan_person(session: Session, sending: SendingTimes, person_key: str, now: datetime) -> None:
    """Plan anew what one person is sent: after another wish, or an answer."""
    _plan(session, sending, now, person_key)


def plan_group(session: Session, sending: SendingTimes, group: str, now: datetime) -> None:
    """Plan anew the meetings that are for this group: it has changed."""
    _plan(session, sending, now, line=f"gruppe: {group}")


def plan_all(session: Session, sending: SendingTimes, now: datetime) -> None:
    """Plan everything: each night, and when the register has changed."""
    _plan(session, sending, now)


def _plan(
    session: Session,
    sending: SendingTimes,
    now: datetime,
    person: str | None = None,
    line: str | None = None,
) -> None:
    while True:
        plan = _Plan(session, sending, now, person)
        for meeting in plan.meetings:
            if line is None or line in meeting.audience:
                plan.meeting(meeting)
        plan.lists()
        # Without a lock, somebody may have changed a meeting meanwhile, and planned it anew.
        if coming_meetings(session, now) == plan.meetings:
            return


def coming_meetings(session: Session, now: datetime) -> list[Meeting]:
    """The meetings that may be reminded of by now, cancelled ones too."""
    return meetings_between(session, now, now + HORIZON, cancelled=True)


def plan_snooze(
    session: Session, sending: SendingTimes, meeting: Meeting, person: str, day: date, now: datetime
) -> datetime | None:
    """Remind a person of a meeting once more on that day; says when, None when it is too late."""
    clock = time.fromisoformat(wish_of(session, person).at)
    due = sending.next(max(at(day, clock), now))
    if due >= meeting.starts or meeting.cancelled_at is not None:
        return None
    starts = moment_text(meeting.starts)
    queue(
        session,
        person=person,
        reason=REMINDER,
        occasion=f"{meeting.id}:{starts}{SNOOZED}{day.isoformat()}",
        about={"meeting": meeting.id, "starts": starts},
        due=due,
        latest=meeting.starts,
        subject=subject_of(meeting.id),
    )
    return due


@dataclass
class _Plan:
    """One planning. What all meetings are held against is read once, and only if needed."""

    session: Session
    sending: SendingTimes
    now: datetime
    person: str | None = None  # plans for this person alone
    _moments: dict[tuple[Any, ...], list[Moment]] = field(default_factory=dict)

    @property
    def soonest(self) -> datetime:
        return self.now + NOTICE_DELAY

    @cached_property
    def register(self) -> Register:
        if self.person is None:
            return read_register(self.session)
        alone = find_person(self.session, self.person)
        return Register((alone,) if alone else (), read_groups(self.session).groups)

    @cached_property
    def wishes(self) -> Mapping[str, Wish]:
        return wishes_of(self.session, [one.key for one in self.register.people])

    @cached_property
    def list_rows(self) -> list[Row]:
        return self.rows(LISTS)

    @cached_property
    def meetings(self) -> list[Meeting]:
        return coming_meetings(self.session, self.now)

    @cached_property
    def _rows_of_person(self) -> dict[str, list[Row]]:
        rows = rows_of_person(self.session, self.person or "", (*OF_A_MEETING, WEEK))
        return _by(rows, lambda row: row.subject)

    def rows(self, subject: str) -> list[Row]:
        """What is in the outbox of a subject, for those who are planned for."""
        if self.person is not None:
            return self._rows_of_person.get(subject, [])
        return rows_of(self.session, subject)

    def wish(self, person: str) -> Wish:
        return self.wishes.get(person, Wish())

    # One meeting

    def meeting(self, meeting: Meeting, before: Meeting | None = None) -> None:
        subject = subject_of(meeting.id)
        rows = self.rows(subject)
        theirs = _by(rows, lambda row: row.person)
        told = told_by(meeting.id, rows, self.list_rows)
        listed = _listed(meeting.id, self.list_rows)
        wanted: list[Queued] = []
        for person in self._to_write_to(meeting):
            some = theirs.get(person, [])
            notice = self._notice(meeting, before, person, some, told)
            wanted += [notice] if notice else []
            if meeting.cancelled_at is None:
                known = _known(meeting, some, notice, person in told, person in listed)
                wanted += self._reminders(meeting, person, some, known)
        if meeting.cancelled_at is not None:
            cancel(self.session, reason=NUDGE, subject=subject)
        self._replan(subject, (REMINDER, *NOTICES_OF_CHANGE), rows, wanted)

    def _replan(
        self, subject: str, reasons: Collection[str], rows: Iterable[Row], wanted: Sequence[Queued]
    ) -> None:
        """Make what waits equal to what is wanted, if it isn't: mostly, a night changes nothing."""
        waits = {_message(row) for row in rows if row.reason in reasons and _is_open(row)}
        if waits != {_message(one) for one in wanted}:
            replan(self.session, subject, reasons, wanted, person=self.person)

    def _to_write_to(self, meeting: Meeting) -> list[str]:
        """Those who are written to of the meeting at all."""
        if meeting.starts <= self.now:
            return []
        answers = answers_of(self.session, meeting.id)
        return [
            one.key
            for one in invited(meeting.audience, self.register)
            if not is_absent(answers.get(one.key)) and not self.wish(one.key).stopped
        ]

    def _reminders(
        self, meeting: Meeting, person: str, rows: Iterable[Row], known: Known
    ) -> list[Queued]:
        if meeting.starts >= self.now + HORIZON:
            return []
        starts, subject = moment_text(meeting.starts), subject_of(meeting.id)
        key = (meeting.starts, meeting.day_before, self.wish(person), known)
        if key not in self._moments:  # it is the same for most
            self._moments[key] = moments_to_send(
                meeting.starts,
                self.wish(person),
                self.sending,
                known,
                now=self.now,
                soonest=self.soonest,
                day_before=meeting.day_before,
            )
        wanted = [
            Queued(
                person=person,
                reason=REMINDER,
                occasion=f"{meeting.id}:{starts}:{moment.days}",
                about={"meeting": meeting.id, "starts": starts, "days": moment.days},
                due=moment.due,
                latest=moment.latest,
                subject=subject,
            )
            for moment in self._moments[key]
        ]
        wanted += [
            Queued(
                person=person,
                reason=REMINDER,
                occasion=row.occasion,
                about=row.about,
                due=after_pause(row.due, self.wish(person), self.sending),
                latest=row.latest,
                subject=subject,
            )
            for row in rows
            if _is_reminder(row, meeting)
            and SNOOZED in row.occasion
            and after_pause(row.due, self.wish(person), self.sending) < meeting.starts
        ]
        return wanted

    def _notice(
        self,
        meeting: Meeting,
        before: Meeting | None,
        person: str,
        rows: Iterable[Row],
        told: Collection[str],
    ) -> Queued | None:
        """The change that the person is to hear of; None when they know the meeting as it is."""
        reason = CANCELLED if meeting.cancelled_at is not None else CHANGED
        occasion = f"{meeting.id}:{meeting.version}"
        waiting = [row for row in rows if row.reason in NOTICES_OF_CHANGE and _is_open(row)]
        same = next(
            (one for one in waiting if (one.reason, one.occasion) == (reason, occasion)), None
        )
        unsent = next((one for one in waiting if not _may_have_come(one)), None)
        if (held := same or unsent) is not None:  # of an earlier change: the two become one
            was = held.about["was"]
        elif before is not None and person in told:
            was = facts_of(before)
        else:
            return None
        starts, wish = (meeting.starts, datetime.fromisoformat(was["starts"])), self.wish(person)
        first = min(one for one in starts if one > self.now)
        due = notice_due(self.soonest, first, wish, self.sending)
        if same is not None:  # it keeps its time, unless a pause has begun or ended
            due = after_pause(min(same.due, due), wish, self.sending)
        if was == facts_of(meeting) or due >= max(starts):
            return None
        return Queued(
            person=person,
            reason=reason,
            occasion=occasion,
            about={"meeting": meeting.id, "version": meeting.version, "was": was},
            due=due,
            latest=max(starts),
            subject=subject_of(meeting.id),
        )

    # The lists for the week

    def lists(self) -> None:
        """Plan the lists of those who want one each Monday instead of single reminders."""
        people = [
            one.key
            for one in self.register.people
            if self.wish(one.key).weekly and not self.wish(one.key).stopped
        ]
        waiting = {(row.person, row.occasion): row for row in self.list_rows if _is_open(row)}
        if not people and not waiting:
            return
        wanted: list[Queued] = []
        theirs = self._meetings_by_person(people)
        for monday in self._mondays():
            for person in people:
                row = waiting.get((person, week_of(monday)))
                wanted += self._list(person, monday, theirs[person], row)
        self._replan(LISTS, [WEEK], self.list_rows, wanted)

    def _meetings_by_person(self, people: Iterable[str]) -> dict[str, list[Meeting]]:
        found: dict[str, list[Meeting]] = {person: [] for person in people}
        for meeting in self.meetings:
            if meeting.cancelled_at is None:
                for one in invited(meeting.audience, self.register):
                    if one.key in found:
                        found[one.key].append(meeting)
        return found

    def _mondays(self) -> list[date]:
        first = monday_of(self.now)
        return [first + A_WEEK * weeks for weeks in range(HORIZON // A_WEEK)]

    def _list(
        self, person: str, monday: date, meetings: Sequence[Meeting], waiting: Row | None
    ) -> list[Queued]:
        usual = list_due(monday, self.wish(person), self.sending)
        if usual is None:
            return []
        due = after_pause(usual, self.wish(person), self.sending)
        if due <= self.now and waiting is None:
            return []  # it was sent, or the wish is newer than it
        first, last = list_reaches(monday)
        listed = [one for one in meetings if max(first, due) < one.starts < last]
        # The next one has what is left of it.
        latest = min([at(monday + A_WEEK, time(8)), *[one.starts for one in listed[-1:]]])
        if not listed or due >= latest:
            return []
        return [
            Queued(
                person=person,
                reason=WEEK,
                occasion=week_of(monday),
                about={"monday": monday.isoformat(), "meetings": [one.id for one in listed]},
                due=due,
                latest=latest,
                subject=LISTS,
            )
        ]


def _update_cards(session: Session, meeting: Meeting, now: datetime) -> None:
    """Queue a change of every card of the meeting that was sent. A later one replaces it."""
    subject, at = subject_of(meeting.id), moment_text(meeting.changed_at)
    wanted = [
        Queued(
            person="",
            reason=CARD,
            occasion=f"{conversation} {activity} {meeting.version} {at}",
            about={"meeting": meeting.id},
            due=now,
            latest=now + CARDS_UPDATED_WITHIN,
            subject=subject,
            conversation=conversation,
            replaces=activity,
        )
        for conversation, activity in cards_about(session, subject)
    ]
    replan(session, subject, [CARD], wanted)


# Who has been told


def told(session: Session, meeting_id: str) -> set[str]:
    """Who has been sent something of the meeting, or may have been; lists for the week too."""
    return told_by(meeting_id, rows_of(session, subject_of(meeting_id)), rows_of(session, LISTS))


def told_by(meeting_id: str, rows: Iterable[Row], lists: Iterable[Row]) -> set[str]:
    """The same, of rows that were read already."""
    sent = {row.person for row in rows if row.reason in OF_A_MEETING and _may_have_come(row)}
    listed = (row for row in lists if _may_have_come(row))
    return sent | _listed(meeting_id, listed)


def is_absent(answer: PersonAnswer | None) -> bool:
    """Whether who answered this hears no more of the meeting."""
    return answer is not None and answer.answer == "forfall"


def week_of(monday: date) -> str:
    """The occasion of a list: "2026-W49"."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def _listed(meeting_id: str, lists: Iterable[Row]) -> set[str]:
    """Whose list for a week has the meeting."""
    return {row.person for row in lists if meeting_id in row.about.get("meetings", ())}


def _known(
    meeting: Meeting, rows: Iterable[Row], notice: Queued | None, is_told: bool, is_listed: bool
) -> Known:
    waiting, noticed = list[tuple[int, datetime]](), list[datetime]()
    for row in rows:
        if _is_reminder(row, meeting) and SNOOZED not in row.occasion:
            waiting.append((int(row.about["days"]), row.due))
        elif row.reason in NOTICES_OF_CHANGE and _may_have_come(row):
            noticed.append(row.settled or row.due)
    if notice is not None:
        noticed.append(notice.due)
    return Known(is_told, tuple(waiting), max(noticed, default=None), is_told or is_listed)


def _by(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _message(one: Row | Queued) -> tuple[Any, ...]:
    """What planning decides of a message."""
    about = json.dumps(one.about, sort_keys=True)
    return (one.person, one.reason, one.occasion, one.due, one.latest, about)


def _is_open(row: Row) -> bool:
    """Whether it may still be sent."""
    return row.state in ("venter", "sendes")


def _may_have_come(row: Row) -> bool:
    return row.state in ("sendes", "sendt", "ukjent") or row.unknowns > 0


def _is_reminder(row: Row, meeting: Meeting) -> bool:
    """Whether it is a reminder of the meeting at this time that may still be sent."""
    if row.reason != REMINDER or not _is_open(row):
        return False
    return datetime.fromisoformat(row.about["starts"]) == meeting.starts
