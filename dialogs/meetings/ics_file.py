"""A calendar file (.ics) -> a row for each meeting, repeated ones a row for each time.

What a calendar has no field for stands in the description, a line each: «Målgruppe: ledere».
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dialogs.meetings.file_rows import (
    MOST_ROWS,
    FileRow,
    MeetingFileError,
    Problem,
    cannot_read,
)
from dialogs.meetings.kinds import KINDS
from dialogs.meetings.sending_times import OSLO
from dialogs.wording import Wording

MOST_TIMES = 500  # that one meeting may be repeated
AHEAD = timedelta(days=2 * 366)
BACK = timedelta(days=2 * 366)  # when what is repeated may have begun
LONGEST_UID = 300
OTHER_KIND = "møte"

_COMPONENT = re.compile(rb"^BEGIN:(?!VALARM)", re.MULTILINE | re.IGNORECASE)
# Each may be repeated in many ways at once, such as at every minute of every hour.
_TOO_OFTEN = re.compile(
    rb"^RRULE[^:]*:.*(?:FREQ=(?:SECONDLY|MINUTELY|HOURLY)|BY(?:SECOND|MINUTE|HOUR)=\d+,)",
    re.MULTILINE | re.IGNORECASE,
)
_DATES = re.compile(rb"^RDATE[^\n]*", re.MULTILINE | re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")

_DESCRIBED = {
    "type": "type",
    "målgruppe": "målgruppe",
    "tema": "tema",
    "forberedelse": "forberedelse",
    "førebuing": "forberedelse",
    "mellomarbeid": "mellomarbeid",
    "svar": "svar",
    "dagen før": "dagen før",
    "dagen føre": "dagen før",
}
_LINE = re.compile(r"(\w+(?: \w+)?)\s*:\s*(.*)")
# Below this comes what Outlook says of how to join.
_OUTLOOK = re.compile(r"^\s*_{10,}.*", re.MULTILINE | re.DOTALL)
_ADDRESS = re.compile(r"https://\S+")

# What icalendar and recurring_ical_events raise for files that no calendar wrote.
_THEY_SAY = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    ArithmeticError,
    RecursionError,
)


def read_ics(content: bytes, wording: Wording, now: datetime) -> list[FileRow]:
    """The meetings of a calendar file, up to two years ahead; `MeetingFileError` when it can't."""
    plain = _FOLD.sub(b"", content)
    _check_size(plain, wording)
    from icalendar import Calendar  # takes a fifth of a second, which only this needs

    try:
        calendar = Calendar.from_ical(content)
        _check_readable(calendar, wording)
        events = [event for event in calendar.walk("VEVENT") if "DTSTART" in event]
        numbers = _numbers(events)
        _check_events(events, numbers, wording, now)
        rows = [
            _row(event, numbers, repeated)
            for event, repeated in _occurrences(calendar, events, numbers, wording, now)
        ]
    except MeetingFileError:
        raise
    except _THEY_SAY as error:
        raise cannot_read(wording.say("meeting_import_not_calendar")) from error
    if not rows:
        raise cannot_read(wording.say("meeting_import_no_events"))
    if str(calendar.get("METHOD", "")).upper() == "CANCEL":
        rows = [_cancelled(row) for row in rows]
    return sorted(rows, key=lambda row: (row.number, row.cells["start"]))


# Before anything is unfolded


def _check_size(plain: bytes, wording: Wording) -> None:
    if sum(1 for _ in _COMPONENT.finditer(plain)) > MOST_ROWS + 100:
        raise cannot_read(wording.say("meeting_import_many_rows", most=MOST_ROWS))
    often = _TOO_OFTEN.search(plain)
    dates = sum(line[0].count(b",") + 1 for line in _DATES.finditer(plain))
    if often is not None:
        number = plain.count(b"BEGIN:VEVENT", 0, often.start())
        raise cannot_read(wording.say("meeting_import_too_often"), number, is_event=True)
    if dates > MOST_TIMES:
        raise cannot_read(wording.say("meeting_import_many_times", most=MOST_TIMES))


def _check_readable(calendar: Any, wording: Wording) -> None:
    """What icalendar couldn't read it leaves out: a rule, and the meeting isn't repeated."""
    problems = [
        Problem(number, wording.say("meeting_import_unreadable", name=name), is_event=True)
        for number, event in enumerate(calendar.walk("VEVENT"), start=1)
        for name in _unreadable(event)
    ]
    if problems:
        raise MeetingFileError(problems)


def _unreadable(event: Any) -> list[str]:
    names = [name for name, _ in event.errors if name in _TIMES]
    if "RRULE" in event and not event["RRULE"]:
        names.append("RRULE")
    return names


_TIMES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")


def _numbers(events: list[Any]) -> dict[str, int]:
    """Which event of the file each uid is, counted from 1."""
    numbers: dict[str, int] = {}
    for number, event in enumerate(events, start=1):
        numbers.setdefault(_uid(event) or f"#{number}", number)
        if not _uid(event):
            event.add("UID", f"#{number}")
    return numbers


def _check_events(
    events: list[Any], numbers: Mapping[str, int], wording: Wording, now: datetime
) -> None:
    problems = []
    for event in events:
        if "RRULE" in event and _moment(event["DTSTART"].dt) < now - BACK:
            told = wording.say("meeting_import_old_series", title=_text(event, "SUMMARY")[:80])
            problems.append(Problem(numbers[_uid(event)], told, is_event=True))
    if problems:
        raise MeetingFileError(problems)


# Repetition


def _occurrences(
    calendar: Any, events: list[Any], numbers: Mapping[str, int], wording: Wording, now: datetime
) -> Iterator[tuple[Any, bool]]:
    """Each time of each meeting, and whether it is one of several."""
    repeated = {_uid(one) for one in events if {"RRULE", "RDATE", "RECURRENCE-ID"} & set(one)}
    alone = [event for event in events if _uid(event) not in repeated]
    for event in alone:
        yield event, False
    if not repeated:
        return
    import recurring_ical_events

    first = min(_moment(one["DTSTART"].dt) for one in events if _uid(one) in repeated)
    last = now + AHEAD
    times: Counter[str] = Counter()
    rows = len(alone)
    for event in recurring_ical_events.of(calendar, components=["VEVENT"]).between(first, last):
        uid = _uid(event)
        if uid not in repeated:
            continue
        times[uid] += 1
        rows += 1
        if times[uid] > MOST_TIMES:
            told = wording.say("meeting_import_many_times", most=MOST_TIMES)
            raise cannot_read(told, numbers[uid], is_event=True)
        if rows > MOST_ROWS:
            raise cannot_read(wording.say("meeting_import_many_rows", most=MOST_ROWS))
        yield event, True


# One meeting


def _row(event: Any, numbers: Mapping[str, int], repeated: bool) -> FileRow:
    starts = _moment(event["DTSTART"].dt)
    ends = _ends(event, starts)
    title = _text(event, "SUMMARY")
    cells = {"tittel": title, "start": starts.isoformat(), "slutt": ends.isoformat()}
    cells |= _described(_text(event, "DESCRIPTION"))
    cells.setdefault("type", _kind(event, title))
    place = _text(event, "LOCATION")
    link = _link(event, place)
    if place and place != link:
        cells["sted"] = place
    if link:
        cells["lenke"] = link
    if "målgruppe" not in cells and (people := _attendees(event)):
        cells["målgruppe"] = f"personer: {', '.join(people)}"
    return FileRow(
        numbers[_uid(event)],
        cells,
        _source(event, repeated),
        _text(event, "STATUS").upper() == "CANCELLED",
        is_event=True,
    )


def _cancelled(row: FileRow) -> FileRow:
    return FileRow(row.number, row.cells, row.source, cancelled=True, is_event=True)


def _described(description: str) -> dict[str, str]:
    """The lines that name a column, and the rest, which is what the meeting is about."""
    cells: dict[str, list[str]] = {}
    column = ""
    for line in _OUTLOOK.sub("", description).splitlines():
        named = _LINE.fullmatch(line.strip())
        known = _DESCRIBED.get(named[1].casefold(), "") if named else ""
        if named and known:
            column = known
            cells.setdefault(column, []).append(named[2])
        else:
            cells.setdefault(column or "tema", []).append(line)
    joined = {name: "\n".join(lines).strip() for name, lines in cells.items()}
    return {name: text for name, text in joined.items() if text}


def _kind(event: Any, title: str) -> str:
    """A category of the event that is a kind, else the kind that the title begins with."""
    for category in _categories(event):
        if category.casefold() in KINDS_FOLDED:
            return category
    found = (kind for kind in KINDS if title.casefold().startswith(kind.casefold()))
    return next(found, OTHER_KIND)


KINDS_FOLDED = frozenset(kind.casefold() for kind in KINDS)


def _categories(event: Any) -> list[str]:
    found = event.get("CATEGORIES", [])
    each = found if isinstance(found, list) else [found]
    return [str(name) for one in each for name in getattr(one, "cats", [one])]


def _link(event: Any, place: str) -> str:
    for text in (_text(event, "X-MICROSOFT-SKYPETEAMSMEETINGURL"), place, _text(event, "URL")):
        if found := _ADDRESS.search(text):
            return found[0]
    return ""


def _attendees(event: Any) -> list[str]:
    found = event.get("ATTENDEE", [])
    each = found if isinstance(found, list) else [found]
    people = [
        str(one)
        for one in each
        if str(getattr(one, "params", {}).get("CUTYPE", "")).upper() not in ("ROOM", "RESOURCE")
    ]
    return [one.casefold().removeprefix("mailto:") for one in people if "@" in one]


def _source(event: Any, repeated: bool) -> str:
    uid = _uid(event)
    if uid.startswith("#"):  # the file knows it by nothing
        return ""
    if len(uid) > LONGEST_UID:
        uid = hashlib.sha256(uid.encode("utf-8", "replace")).hexdigest()
    if not repeated:
        return f"ics:{uid}"
    original = event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else event["DTSTART"].dt
    return f"ics:{uid}:{_moment(original):%Y%m%dT%H%MZ}"


def _ends(event: Any, starts: datetime) -> datetime:
    """DTEND, else as long as DURATION says; with neither an hour, or the whole day."""
    if "DTEND" in event:
        return _moment(event["DTEND"].dt)
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return starts + length
    begins = event["DTSTART"].dt
    if not isinstance(begins, datetime):
        return _moment(begins + timedelta(days=1))
    return starts + timedelta(hours=1)


def _moment(when: date | datetime) -> datetime:
    """In UTC. A time without a zone is local, in Oslo; a whole day begins at midnight there."""
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day)  # noqa: DTZ001 – the zone comes below
    return (when if when.tzinfo else when.replace(tzinfo=OSLO)).astimezone(UTC)


def _uid(event: Any) -> str:
    return str(event.get("UID", "")).strip()


def _text(event: Any, name: str) -> str:
    found = event.get(name, "")
    return str(found[0] if isinstance(found, list) and found else found).strip()
