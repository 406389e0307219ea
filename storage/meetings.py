"""The calendar of meetings: the meetings, who answered what, groups, and how people want reminding.

Nothing is queued here: dialogs/meetings/planning.py does that in the same transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import uuid4

from sqlalchemy import bindparam, func, insert, or_, update
from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.tables import CalendarFeed, GroupMember, MeetingAnswer, MeetingGroup, MeetingImport
from storage.tables import Meeting as MeetingRow
from storage.tables import ReminderWish as WishRow

Answer = Literal["kommer", "forfall", "stedfortreder"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)


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


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """What somebody said to «Kommer du?»; `deputy` is who comes instead."""

    person: str
    answer: Answer
    deputy: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """When somebody wants to be reminded; the default is who hasn't said."""

    days_before: tuple[int, ...] = (7,)
    at: str = "08:00"
    weekly: bool = False
    paused_until: date | None = None
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class PendingImport:
    """Rows of a file that the person has yet to confirm."""

    id: str
    person: str
    file: str
    rows: list[dict[str, Any]]
    at: datetime


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
_ANSWER = select(
    col(MeetingAnswer.person),
    col(MeetingAnswer.answer),
    col(MeetingAnswer.deputy),
    col(MeetingAnswer.at),
).where(
    col(MeetingAnswer.meeting) == bindparam("meeting"),
    col(MeetingAnswer.person) == bindparam("person"),
)
_WISHES = select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
    col(WishRow.person),
    col(WishRow.days_before),
    col(WishRow.at),
    col(WishRow.weekly),
    col(WishRow.paused_until),
    col(WishRow.stopped),
)
_WISHES_OF = _WISHES.where(col(WishRow.person).in_(bindparam("people", expanding=True)))


# Meetings


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


def meetings_alike(session: Session, kinds_and_titles: Iterable[tuple[str, str]]) -> list[Meeting]:
    """The meetings that aren't cancelled with such a (kind, title), small and capital alike."""
    wanted = {(kind.casefold(), title.casefold()) for kind, title in kinds_and_titles}
    rows = session.connection().execute(
        _MEETINGS.where(col(MeetingRow.cancelled_at).is_(None)).order_by(_Id).with_for_update()
    )
    meetings = [_meeting(row) for row in rows]
    return [one for one in meetings if (one.kind.casefold(), one.title.casefold()) in wanted]


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


# Answers


def set_answer(
    session: Session, meeting: str, person: str, answer: Answer, deputy: str, at: datetime
) -> None:
    """Remember what somebody answered; the last answer holds."""
    key = {"meeting": meeting, "person": person}
    values = {"answer": answer, "deputy": deputy, "at": at}
    insert_if_absent(session, MeetingAnswer, {**key, **values})
    session.connection().execute(
        update(MeetingAnswer)
        .where(col(MeetingAnswer.meeting) == meeting, col(MeetingAnswer.person) == person)
        .values(**values)
    )


def answers_of(session: Session, meeting: str) -> dict[str, PersonAnswer]:
    """What people have answered, by person."""
    wanted = select(
        col(MeetingAnswer.person),
        col(MeetingAnswer.answer),
        col(MeetingAnswer.deputy),
        col(MeetingAnswer.at),
    ).where(col(MeetingAnswer.meeting) == meeting)
    rows = session.connection().execute(wanted)
    return {row[0]: PersonAnswer(row[0], row[1], row[2], row[3]) for row in rows}  # type: ignore[arg-type]


def answer_of(session: Session, meeting: str, person: str) -> PersonAnswer | None:
    """What the person has answered; None when they haven't."""
    asked = {"meeting": meeting, "person": person}
    row = session.connection().execute(_ANSWER, asked).first()
    return PersonAnswer(*row) if row is not None else None  # type: ignore[arg-type]


def answers_by(session: Session, person: str) -> dict[str, PersonAnswer]:
    """What the person has answered, by meeting."""
    wanted = select(
        col(MeetingAnswer.meeting),
        col(MeetingAnswer.answer),
        col(MeetingAnswer.deputy),
        col(MeetingAnswer.at),
    ).where(col(MeetingAnswer.person) == person)
    rows = session.connection().execute(wanted)
    return {row.meeting: PersonAnswer(person, row.answer, row.deputy, row.at) for row in rows}


def clear_answers(session: Session, meeting: str) -> int:
    """Forget all answers, since they were to another time; says how many."""
    gone = delete(MeetingAnswer).where(col(MeetingAnswer.meeting) == meeting)
    return session.connection().execute(gone).rowcount


# Groups


def list_groups(session: Session) -> dict[str, int]:
    """The names of the groups, in alphabetical order, and how many people are in each."""
    counted = (
        select(col(MeetingGroup.name), func.count(col(GroupMember.person)))
        .select_from(MeetingGroup)
        .outerjoin(GroupMember, col(GroupMember.group) == col(MeetingGroup.name))
        .group_by(col(MeetingGroup.name))
    )
    rows = session.connection().execute(counted)
    return dict(sorted((name, count) for name, count in rows))


def find_group(session: Session, name: str) -> str | None:
    """The group's name as it is written, whatever the case of `name`; None when there is none."""
    names = session.connection().execute(select(col(MeetingGroup.name))).scalars()
    return next((one for one in names if one.casefold() == name.casefold()), None)


def add_group(session: Session, name: str) -> None:
    insert_if_absent(session, MeetingGroup, {"name": name})


def delete_group(session: Session, name: str) -> None:
    """Delete a group and who was in it. Meetings for it reach nobody by it any more."""
    execute = session.connection().execute
    execute(delete(GroupMember).where(col(GroupMember.group) == name))
    execute(delete(MeetingGroup).where(col(MeetingGroup.name) == name))


def members_of(session: Session, group: str) -> set[str]:
    """The keys of the people in a group."""
    wanted = select(col(GroupMember.person)).where(col(GroupMember.group) == group)
    return set(session.connection().execute(wanted).scalars())


def add_members(session: Session, group: str, people: Iterable[str]) -> None:
    """Put these people in the group; who is there already stays."""
    for person in sorted(set(people)):
        insert_if_absent(session, GroupMember, {"group": group, "person": person})


def remove_members(session: Session, group: str, people: Collection[str]) -> None:
    """Take these people out of the group."""
    these = (col(GroupMember.group) == group, col(GroupMember.person).in_(people))
    session.connection().execute(delete(GroupMember).where(*these))


# Wishes


def wish_of(session: Session, person: str) -> Wish:
    """How the person wants to be reminded."""
    return wishes_of(session, [person]).get(person, Wish())


def wishes_of(session: Session, people: Collection[str]) -> dict[str, Wish]:
    """How these people want to be reminded; who hasn't said is left out."""
    if not people:
        return {}
    if len(people) <= 500:
        rows = session.connection().execute(_WISHES_OF, {"people": list(people)})
    else:
        rows = session.connection().execute(_WISHES)
    return {row.person: Wish(tuple(row.days_before), *row[2:]) for row in rows}


def set_wish(session: Session, person: str, wish: Wish) -> None:
    values = {
        "days_before": list(wish.days_before),
        "at": wish.at,
        "weekly": wish.weekly,
        "paused_until": wish.paused_until,
        "stopped": wish.stopped,
    }
    insert_if_absent(session, WishRow, {"person": person, **values})
    theirs = update(WishRow).where(col(WishRow.person) == person)
    session.connection().execute(theirs.values(**values))


# Calendar feeds


def feed_of(session: Session, person: str) -> str:
    """The id of the person's calendar, made the first time."""
    insert_if_absent(session, CalendarFeed, {"person": person, "id": uuid4().hex})
    wanted = select(col(CalendarFeed.id)).where(col(CalendarFeed.person) == person)
    return str(session.connection().execute(wanted).scalar_one())


def renew_feed(session: Session, person: str) -> str:
    """A new id; the address with the old one stops working."""
    id = uuid4().hex
    insert_if_absent(session, CalendarFeed, {"person": person, "id": id})
    theirs = update(CalendarFeed).where(col(CalendarFeed.person) == person)
    session.connection().execute(theirs.values(id=id))
    return id


def person_of_feed(session: Session, id: str) -> str | None:
    wanted = select(col(CalendarFeed.person)).where(col(CalendarFeed.id) == id)
    return session.connection().execute(wanted).scalar()


# Imports that wait to be confirmed


def keep_import(session: Session, pending: PendingImport) -> None:
    """Keep the rows of a file until the person has confirmed them; an earlier one is dropped."""
    execute = session.connection().execute
    execute(delete(MeetingImport).where(col(MeetingImport.person) == pending.person))
    execute(
        insert(MeetingImport).values(
            id=pending.id,
            person=pending.person,
            file=pending.file,
            rows=pending.rows,
            at=pending.at,
        )
    )


def take_import(session: Session, id: str, person: str) -> PendingImport | None:
    """The person's rows to import, which are then kept no longer; None when there are none."""
    mine = (col(MeetingImport.id) == id, col(MeetingImport.person) == person)
    wanted = select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
        col(MeetingImport.id),
        col(MeetingImport.person),
        col(MeetingImport.file),
        col(MeetingImport.rows),
        col(MeetingImport.at),
    )
    row = session.connection().execute(wanted.where(*mine).with_for_update()).first()
    session.connection().execute(delete(MeetingImport).where(*mine))
    return PendingImport(*row) if row is not None else None


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
