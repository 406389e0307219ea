"""The calendar: the meetings, and what is forgotten of those that were.

Nothing is queued here: dialogs/meetings/planning.py does that in the same transaction.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, update
from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.tables import Meeting as MeetingRow
from storage.tables import MeetingAnswer, MeetingImport


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A meeting. `starts` and `ends` are points in time with a time zone; the rest as in tables.py.

    `audience` is lines that dialogs/meetings/audience.py reads.
    """

    id: str
    kind: str
    title: str
    starts: datetime
    ends: datetime
    audience: tuple[str, ...]
    changed_at: datetime
    place: str = ""
    link: str = ""
    topic: str = ""
    preparation: str = ""
    asks_answer: bool = False
    day_before: bool = False
    homework: str = ""
    source: str | None = None
    series: str = ""
    version: int = 1
    cancelled_at: datetime | None = None
    cancelled_because: str = ""
    organiser: str = ""
    organiser_name: str = ""
    changed_by_name: str = ""

    def __post_init__(self) -> None:
        if self.starts.tzinfo is None or self.ends.tzinfo is None:
            raise ValueError("a meeting's times need a time zone")
        if self.ends <= self.starts:
            raise ValueError("a meeting ends after it starts")


_Id = col(MeetingRow.id)
_FIELDS = tuple(Meeting.__dataclass_fields__)
_COLUMNS = [col(getattr(MeetingRow, name)) for name in _FIELDS]
_MEETINGS = select(*_COLUMNS)
# Written once: what a reminder asks is asked a thousand times in a row, and building a statement
# takes longer than its answer.
_MEETING = _MEETINGS.where(_Id == bindparam("meeting"))
_MEETING_LOCKED = _MEETING.with_for_update()
_LIKE = _MEETINGS.where(
    col(MeetingRow.starts) > bindparam("after"),
    col(MeetingRow.starts) < bindparam("before"),
    col(MeetingRow.kind) == bindparam("like"),
    col(MeetingRow.cancelled_at).is_(None),
)
_LIKE_LATER = _LIKE.order_by(col(MeetingRow.starts), _Id)
_LIKE_BEFORE = _LIKE.order_by(col(MeetingRow.starts).desc(), _Id)


def add_meeting(session: Session, meeting: Meeting) -> None:
    """Put a new meeting in the calendar. The same id again changes nothing."""
    insert_if_absent(session, MeetingRow, _values(meeting))


def find_meeting(session: Session, id: str, *, lock: bool = False) -> Meeting | None:
    """The meeting as it is now; with `lock`, nobody changes it before this transaction ends."""
    wanted = _MEETING_LOCKED if lock else _MEETING
    row = session.connection().execute(wanted, {"meeting": id}).first()
    return _meeting(row) if row is not None else None


def find_by_source(session: Session, sources: Collection[str]) -> dict[str, Meeting]:
    """The meetings that came from these entries of files, by entry; locked."""
    found: dict[str, Meeting] = {}
    wanted = list(sources)
    for at in range(0, len(wanted), 500):
        some = _MEETINGS.where(col(MeetingRow.source).in_(wanted[at : at + 500])).order_by(_Id)
        for row in session.connection().execute(some.with_for_update()):
            meeting = _meeting(row)
            found[meeting.source or ""] = meeting
    return found


def save_meeting(session: Session, meeting: Meeting) -> None:
    """Save a meeting that was found with `lock`, changed."""
    values = _values(meeting)
    del values["id"]
    session.connection().execute(update(MeetingRow).where(_Id == meeting.id).values(**values))


def meetings_between(
    session: Session, first: datetime, last: datetime, *, cancelled: bool = False
) -> list[Meeting]:
    """The meetings that start from `first` until before `last`, in the order of their start."""
    wanted = _MEETINGS.where(col(MeetingRow.starts) >= first, col(MeetingRow.starts) < last)
    if not cancelled:
        wanted = wanted.where(col(MeetingRow.cancelled_at).is_(None))
    ordered = wanted.order_by(col(MeetingRow.starts), _Id)
    return [_meeting(row) for row in session.connection().execute(ordered)]


def meetings_of_series(session: Session, series: str) -> list[Meeting]:
    """The meetings that repeat each other, cancelled ones too; locked."""
    wanted = _MEETINGS.where(col(MeetingRow.series) == series, col(MeetingRow.series) != "")
    ordered = wanted.order_by(col(MeetingRow.starts), _Id).with_for_update()
    return [_meeting(row) for row in session.connection().execute(ordered)]


def meetings_like(session: Session, meeting: Meeting, *, later: bool) -> list[Meeting]:
    """Meetings of the same kind within a year of this one, the nearest first; none cancelled."""
    starts, year = meeting.starts, timedelta(days=366)
    if later:
        wanted, after, before = _LIKE_LATER, starts, starts + year
    else:
        wanted, after, before = _LIKE_BEFORE, starts - year, starts
    like = {"after": after, "before": before, "like": meeting.kind}
    return [_meeting(row) for row in session.connection().execute(wanted, like)]


def kinds_in_use(session: Session) -> list[str]:
    """The kinds of meeting that there are meetings of, in alphabetical order."""
    rows = session.connection().execute(select(col(MeetingRow.kind)).distinct())
    return sorted(rows.scalars())


# Groups


# Calendar feeds


# What is kept no longer


def forget_old_meetings(
    session: Session, *, names_before: datetime, answers_before: datetime, imports_before: datetime
) -> int:
    """Delete what is promised in tables.py: names on old meetings, answers, waiting imports."""
    execute = session.connection().execute
    old = select(_Id).where(col(MeetingRow.starts) < answers_before)
    count = execute(delete(MeetingAnswer).where(col(MeetingAnswer.meeting).in_(old))).rowcount
    count += execute(delete(MeetingImport).where(col(MeetingImport.at) < imports_before)).rowcount
    named = or_(col(MeetingRow.organiser_name) != "", col(MeetingRow.changed_by_name) != "")
    rows = execute(_MEETINGS.where(col(MeetingRow.starts) < names_before, named).with_for_update())
    for row in rows.all():
        meeting = _meeting(row)
        save_meeting(session, without_names(meeting))
        count += 1
    return count


def without_names(meeting: Meeting) -> Meeting:
    """The meeting without the people it names."""
    kept = tuple(line for line in meeting.audience if not line.casefold().startswith("personer"))
    return replace(meeting, organiser="", organiser_name="", changed_by_name="", audience=kept)


def _values(meeting: Meeting) -> dict[str, Any]:
    values = {name: getattr(meeting, name) for name in _FIELDS}
    values["audience"] = list(meeting.audience)
    return values


def _meeting(row: Any) -> Meeting:
    values: Mapping[str, Any] = row._mapping
    return Meeting(**{**values, "audience": tuple(values["audience"])})
