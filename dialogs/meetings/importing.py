"""A file of meetings against the calendar: what is new, moved or changed, and making it so.

A row is the meeting that its `id` (or a calendar file's own id) names. Without one it is the
meeting of the same type and title on the same day; else the only one left of that name is moved.
Nothing is imported of a file with anything wrong, and what has been held is never changed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from dialogs.meetings.audience import Register, invited, read_register
from dialogs.meetings.calendar import cancel_meeting, change_meeting, create_meeting
from dialogs.meetings.file_rows import FileRow, MeetingFileError, Problem
from dialogs.meetings.reach import Reach, reach
from dialogs.meetings.row_checks import FIELDS, Wanted, check_rows
from dialogs.meetings.sending_times import OSLO, SendingTimes
from dialogs.wording import Wording
from storage.database import Session
from storage.meetings import Meeting, meetings_between
from storage.people import RegisteredPerson

_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_COLUMN_OF = {name: column for column, name in FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """A meeting that the file says something else of."""

    before: Meeting
    fields: Mapping[str, Any]  # only what is different

    @property
    def is_moved(self) -> bool:
        return "starts" in self.fields

    @property
    def what(self) -> tuple[str, ...]:
        """The columns that differ, besides the times of a meeting that is moved."""
        times = ("starts", "ends") if self.is_moved else ()
        names = (name for name in self.fields if name not in ("source", *times))
        return tuple(_COLUMN_OF[name] for name in names)

    @property
    def is_seen(self) -> bool:
        return self.is_moved or bool(self.what)


@dataclass(frozen=True, slots=True)
class NewMeeting:
    meeting: Meeting
    people: int  # that it is for


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What importing a file would do; `told` is how many its meetings' messages will reach."""

    new: Sequence[NewMeeting]
    changes: Sequence[Change]
    cancelled: Sequence[Meeting]  # which the calendar file says are called off
    unchanged: int
    held: int  # rows of meetings that have been, which are left alone
    stay_cancelled: int  # rows of meetings that were cancelled here
    not_in_file: int  # coming meetings that the file doesn't mention
    told: Reach | None

    @property
    def moved(self) -> list[Change]:
        return [change for change in self.changes if change.is_moved]

    @property
    def changed(self) -> list[Change]:
        return [change for change in self.changes if change.is_seen and not change.is_moved]

    @property
    def size(self) -> int:
        return len(self.new) + len(self.moved) + len(self.changed) + len(self.cancelled)

    def seal(self) -> str:
        """The same for two plans that do the same."""
        parts = [
            *((_facts(one.meeting), one.people) for one in self.new),
            *((one.before.id, one.before.version, sorted(one.fields)) for one in self.changes),
            *(one.id for one in self.cancelled),
        ]
        return hashlib.sha256(repr(parts).encode("utf-8", "replace")).hexdigest()[:32]


def plan_import(
    session: Session, rows: Sequence[FileRow], wording: Wording, now: datetime
) -> ImportPlan:
    """What importing the rows would do; `MeetingFileError` with every row that is wrong."""
    register = read_register(session)
    wanted = check_rows(rows, register, wording, now)
    calendar = meetings_between(session, _FIRST, _LAST, cancelled=True)
    return _Matching(wanted, calendar, wording, now).plan(register, session)


def apply_import(
    session: Session,
    sending: SendingTimes,
    plan: ImportPlan,
    *,
    by: RegisteredPerson | None,
    now: datetime,
) -> None:
    """Make the calendar what the plan says, in the transaction of the session."""
    for one in plan.new:
        create_meeting(session, sending, one.meeting, by=by, now=now)
    for change in plan.changes:
        change_meeting(session, sending, change.before.id, change.fields, by=by, now=now)
    for meeting in plan.cancelled:
        # The file doesn't say why, and words of ours would be in one language for everybody.
        cancel_meeting(session, sending, meeting.id, "", by=by, now=now)


@dataclass
class _Matching:
    """Which row is which meeting of the calendar."""

    wanted: Sequence[Wanted]
    calendar: Sequence[Meeting]
    wording: Wording
    now: datetime
    meeting_of: dict[int, Meeting] = field(default_factory=dict)  # by place of the row

    def plan(self, register: Register, session: Session) -> ImportPlan:
        self._by_source()
        self._by_name_and_moment()
        self._by_name_and_day()
        self._by_name_alone()
        new, changes, cancelled = self._new(register), [], []
        unchanged = held = stay_cancelled = 0
        for place, meeting in self.meeting_of.items():
            row = self.wanted[place]
            if meeting.cancelled_at is not None:
                stay_cancelled += 1
            elif meeting.starts <= self.now:
                held += 1
            elif row.row.cancelled:
                cancelled.append(meeting)
            else:
                change = _change(meeting, row)
                unchanged += not change.is_seen
                if change.fields:
                    changes.append(change)
        seen = {meeting.id for meeting in self.meeting_of.values()}
        left = [m for m in self._to_come() if m.id not in seen]
        to_come = [one.meeting for one in new if one.meeting.starts > self.now]
        lines = {line for meeting in to_come for line in meeting.audience}
        for one in changes:
            if one.is_seen:
                lines |= {*one.fields.get("audience", one.before.audience)}
        return ImportPlan(
            new=new,
            changes=changes,
            cancelled=cancelled,
            unchanged=unchanged,
            held=held,
            stay_cancelled=stay_cancelled,
            not_in_file=len(left),
            told=reach(session, tuple(sorted(lines)), register) if lines else None,
        )

    # Which is which

    def _by_source(self) -> None:
        by_source = {meeting.source: meeting for meeting in self.calendar if meeting.source}
        for place, one in enumerate(self.wanted):
            if one.source in by_source:
                self.meeting_of[place] = by_source[one.source]

    def _by_name_and_moment(self) -> None:
        self._pair(
            lambda one: (*one.name, one.starts),
            lambda meeting: (*_name(meeting), meeting.starts),
            self._free(self.calendar),
        )

    def _by_name_and_day(self) -> None:
        self._pair(
            lambda one: (*one.name, _day(one.starts)),
            lambda meeting: (*_name(meeting), _day(meeting.starts)),
            self._free(one for one in self.calendar if one.cancelled_at is None),
        )

    def _pair(self, key_of_row: Any, key_of_meeting: Any, meetings: Iterable[Meeting]) -> None:
        """Pair what is alike when there is one of each; a meeting not called off goes first."""
        by_key: dict[Any, list[Meeting]] = defaultdict(list)
        for meeting in meetings:
            by_key[key_of_meeting(meeting)].append(meeting)
        rows: dict[Any, list[int]] = defaultdict(list)
        for place in self._unmatched():
            rows[key_of_row(self.wanted[place])].append(place)
        for key, places in rows.items():
            alike = by_key.get(key, [])
            if self.wanted[places[0]].source:  # another id is another meeting
                alike = [one for one in alike if not one.source]
            standing = [one for one in alike if one.cancelled_at is None] or alike[:1]
            if len(places) == 1 and len(standing) == 1:
                self.meeting_of[places[0]] = standing[0]

    def _by_name_alone(self) -> None:
        """The only one left of a name has been moved; of several nobody can tell which."""
        rows: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place in self._unmatched():
            one = self.wanted[place]
            # Who gives ids says that an unknown one is another meeting.
            if not one.source and one.starts > self.now:
                rows[one.name].append(place)
        left: dict[tuple[str, str], list[Meeting]] = defaultdict(list)
        for meeting in self._free(self._to_come()):
            left[_name(meeting)].append(meeting)
        problems = []
        for name, places in rows.items():
            meetings = left.get(name, [])
            if len(places) == 1 and len(meetings) == 1:
                self.meeting_of[places[0]] = meetings[0]
            elif meetings:
                problems += [self._ambiguous(place, len(meetings)) for place in places]
        if problems:
            raise MeetingFileError(problems)

    def _ambiguous(self, place: int, count: int) -> Problem:
        row = self.wanted[place]
        told = self.wording.say("meeting_import_ambiguous", title=row.fields["title"], count=count)
        return Problem(row.row.number, told, row.row.is_event)

    def _unmatched(self) -> list[int]:
        return [place for place in range(len(self.wanted)) if place not in self.meeting_of]

    def _free(self, meetings: Iterable[Meeting]) -> list[Meeting]:
        taken = {meeting.id for meeting in self.meeting_of.values()}
        return [meeting for meeting in meetings if meeting.id not in taken]

    def _to_come(self) -> list[Meeting]:
        return [m for m in self.calendar if m.starts > self.now and m.cancelled_at is None]

    # What is new

    def _new(self, register: Register) -> list[NewMeeting]:
        new: list[NewMeeting] = []
        problems: list[Problem] = []
        counted: dict[tuple[str, ...], int] = {}
        for place in self._unmatched():
            one = self.wanted[place]
            if one.row.cancelled:
                continue
            if "audience" not in one.fields:  # a calendar file says so in its description
                told = self.wording.say("meeting_import_no_audience", title=one.fields["title"])
                problems.append(Problem(one.row.number, told, one.row.is_event))
                continue
            meeting = Meeting(
                id=uuid4().hex, changed_at=self.now, source=one.source or None, **one.fields
            )
            if meeting.audience not in counted:
                counted[meeting.audience] = len(invited(meeting.audience, register))
            new.append(NewMeeting(meeting, counted[meeting.audience]))
        if problems:
            raise MeetingFileError(problems)
        return sorted(new, key=lambda one: one.meeting.starts)


def _change(meeting: Meeting, row: Wanted) -> Change:
    fields = {name: value for name, value in row.fields.items() if getattr(meeting, name) != value}
    if row.source and meeting.source != row.source:
        fields["source"] = row.source
    return Change(meeting, fields)


def _facts(meeting: Meeting) -> tuple[Any, ...]:
    return tuple(getattr(meeting, name) for name in FIELDS.values())


def _name(meeting: Meeting) -> tuple[str, str]:
    return meeting.kind.casefold(), meeting.title.casefold()


def _day(moment: datetime) -> date:
    return moment.astimezone(OSLO).date()


def when_short(starts: datetime, ends: datetime) -> str:
    """03.12.2026 kl. 12.00–14.00, in both languages."""
    first, last = starts.astimezone(OSLO), ends.astimezone(OSLO)
    if last - first >= timedelta(days=1) or first.date() != last.date():
        return f"{first:%d.%m.%Y} kl. {first:%H.%M} – {last:%d.%m.%Y} kl. {last:%H.%M}"
    return f"{first:%d.%m.%Y} kl. {first:%H.%M}–{last:%H.%M}"
