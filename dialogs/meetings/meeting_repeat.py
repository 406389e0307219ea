"""Repeating a meeting: on the same weekday at the same hour until a date, but on school days."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

from dialogs.context import Context, Pressed
from dialogs.dates import LONGEST as LONGEST_DATE
from dialogs.dates import read_date
from dialogs.meetings import calendar
from dialogs.meetings.audience import read_register
from dialogs.meetings.meeting_card import day_text, when_text
from dialogs.meetings.meeting_form import organisers
from dialogs.meetings.meeting_preview import collisions, counted, reach_texts
from dialogs.meetings.sending_times import OSLO, at
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    DateInput,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.pressed import id_in, text_in
from knowledge.holidays import Holidays
from storage.meetings import Meeting, find_meeting, meetings_of_series
from storage.people import RegisteredPerson

MOST = 40
LONGEST = timedelta(days=730)
WEEKS = {"week": 1, "fortnight": 2, "four_weeks": 4}
MONTH = "month"
_LAST = 5  # the fifth Thursday of a month is the last; most months have no other


@dataclass(frozen=True, slots=True)
class Dates:
    """The days that a meeting is repeated on, those left out, and whether there would be more."""

    days: tuple[date, ...]
    skipped: tuple[date, ...]
    more: bool


def dates_of(first: date, how: str, until: date, holidays: Holidays) -> Dates:
    """The days after `first` until `until`, at most `MOST`; a day without school is skipped."""
    if how == MONTH:
        on = {"byweekday": weekday(first.weekday(), _position(first))}
        rule = rrule(MONTHLY, dtstart=_moment(first), until=_moment(until), **on)
    else:
        rule = rrule(WEEKLY, interval=WEEKS[how], dtstart=_moment(first), until=_moment(until))
    days: list[date] = []
    skipped: list[date] = []
    for day in (moment.date() for moment in rule):
        if day == first:
            continue
        if holidays.is_holiday(day):
            skipped.append(day)
        elif len(days) == MOST:
            return Dates(tuple(days), tuple(skipped), True)
        else:
            days.append(day)
    return Dates(tuple(days), tuple(skipped), False)


def _position(day: date) -> int:
    """Which of its weekday in the month a day is, from 1; -1 for a fifth, which is the last."""
    position = (day.day - 1) // 7 + 1
    return -1 if position == _LAST else position


def _moment(day: date) -> datetime:
    # rrule counts in days without a time zone; the hour is put on afterwards, in Oslo.
    return datetime.combine(day, datetime.min.time())


def moved_to(meeting: Meeting, day: date) -> Meeting:
    """The meeting on another day, at the same local hours, as one of its series."""
    begins, ends = meeting.starts.astimezone(OSLO), meeting.ends.astimezone(OSLO)
    series = meeting.series or meeting.id
    last = day + (ends.date() - begins.date())
    return replace(
        meeting,
        # The same day of the same series is the same meeting, however often it is asked for.
        id=hashlib.sha256(f"{series}:{day.isoformat()}".encode()).hexdigest()[:32],
        starts=at(day, begins.time()),
        ends=at(last, ends.time()),
        series=series,
        source=None,
        homework="",
        version=1,
    )


# The cards


def ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Gjenta»: how often, and until when."""
    meeting = _meeting(context, value)
    return [_ask_card(context, meeting)] if meeting else _gone(context)


def show_dates(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The days that it comes to, each to be left out; and whom the meetings reach."""
    meeting = _meeting(context, value)
    if meeting is None:
        return _gone(context)
    dates = _new(context, meeting, _dates(context, meeting, value))
    if dates is None:
        return [_ask_card(context, meeting, value)]
    return [_dates_card(context, meeting, dates, value)]


def save(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Put in the meetings of the days that are ticked, all or none."""
    meeting = _meeting(context, value, lock=True)
    if meeting is None:
        return _gone(context)
    dates = _dates(context, meeting, value)
    if dates is None:
        return [_ask_card(context, meeting, value)]
    ticked = set(text_in(value, "days").split(","))
    days = [day for day in dates.days if day.isoformat() in ticked]
    if not days:
        said = Paragraph(context.wording.say("meeting_repeat_dates_error"), "error")
        return [_dates_card(context, meeting, dates, value, said)]
    count = _make(context, person, meeting, days)
    return [
        CardReply(
            counted(context.wording, "meeting_repeat_done", count),
            (Paragraph(context.wording.say("meeting_repeat_note"), "note"),),
            (Button(context.wording.say("meeting_all_title"), {"verb": "meeting_list"}),),
            context.language,
        )
    ]


def _make(
    context: Context, person: RegisteredPerson, meeting: Meeting, days: Sequence[date]
) -> int:
    """Make what isn't there, and say how many that were."""
    session, sending, now = context.session, context.sending, context.now
    series = meeting.series or meeting.id
    if not meeting.series:
        changes = {"series": series}
        calendar.change_meeting(session, sending, meeting.id, changes, by=person, now=now)
    # A meeting of the series that was cancelled or moved is still that one: it isn't made again.
    there = {one.id for one in meetings_of_series(session, series)}
    new = [one for day in days if (one := moved_to(meeting, day)).id not in there]
    for one in new:
        calendar.create_meeting(session, sending, one, by=person, now=now)
    return len(new)


def _ask_card(
    context: Context, meeting: Meeting, given: Mapping[str, Any] | None = None
) -> CardReply:
    """How often and until when; with what was `given`, and what was wrong with it."""
    wording, given = context.wording, given or {}
    how, until = id_in(given, "how"), text_in(given, "until")[:LONGEST_DATE]
    options = _options(context, meeting)
    how_error, until_error = wording.say("meeting_repeat_how_error"), ""
    wrong_how: list[Block] = []
    wrong_until: list[Block] = []
    if given and how not in options:
        wrong_how = [Paragraph(how_error, "error")]
    if given and _until(context, meeting, given) is None:
        until_error = wording.say("meeting_repeat_until_error")
    elif given and not wrong_how:
        until_error = wording.say("meeting_repeat_none", how=options[how])
    if until_error:
        wrong_until = [Paragraph(until_error, "error")]
    when = when_text(wording, meeting, context.today)
    blocks = [
        Paragraph(wording.say("meeting_repeat_first", when=when)),
        *wrong_how,
        Choice(
            "how",
            wording.say("meeting_repeat_how"),
            tuple(options.items()),
            how_error,
            value=how,
        ),
        *wrong_until,
        DateInput(
            "until",
            wording.say("meeting_repeat_until"),
            until,
            wording.say("meeting_repeat_until_error"),
        ),
    ]
    carried = {"verb": "meeting_repeat_dates", "meeting": meeting.id}
    button = Button(wording.say("meeting_repeat_show"), carried, weight="main")
    title = wording.say("meeting_repeat_title", title=meeting.title)
    return CardReply(title, tuple(blocks), (button,), context.language)


def _dates_card(
    context: Context,
    meeting: Meeting,
    dates: Dates,
    value: Mapping[str, Any],
    said: Block | None = None,
) -> CardReply:
    wording, today = context.wording, context.today
    register = read_register(context.session)
    notes: list[str] = []
    if dates.skipped:
        days = ", ".join(day_text(wording, day, today) for day in dates.skipped)
        notes.append(wording.say("meeting_repeat_skipped", days=days))
    if dates.more:
        notes.append(wording.say("meeting_repeat_most", most=MOST))
    first = moved_to(meeting, dates.days[0])
    options = tuple(
        (day.isoformat(), _option(context, moved_to(meeting, day), register)) for day in dates.days
    )
    blocks: list[Block] = [
        Paragraph(next(reach_texts(context, first, register))),
        *(Paragraph(text, "note") for text in notes),
        *([said] if said else []),
        Choice(
            "days",
            wording.say("meeting_repeat_dates"),
            options,
            wording.say("meeting_repeat_dates_error"),
            value="" if said else ",".join(day for day, _ in options),
            several=True,
        ),
    ]
    rule = {key: text_in(value, key) for key in ("how", "until")}
    which = {"meeting": meeting.id}
    buttons = (
        Button(
            wording.say("meeting_repeat_save"),
            {"verb": "meeting_repeat_save", **which, **rule},
            weight="main",
        ),
        Button(
            wording.say("meeting_repeat_back"),
            {"verb": "meeting_repeat", **which},
            sends_inputs=False,
        ),
    )
    title = wording.say("meeting_repeat_title", title=meeting.title)
    return CardReply(title, tuple(blocks), buttons, context.language)


def _option(context: Context, meeting: Meeting, register: Any) -> str:
    """The day, and what else the same people are invited to then."""
    wording = context.wording
    day = day_text(wording, meeting.starts.astimezone(OSLO).date(), context.today)
    there = collisions(context, meeting, register)
    if not there:
        return day
    return wording.say("meeting_repeat_collides", day=day, title=there[0][0].title)


# What was pressed


def _options(context: Context, meeting: Meeting) -> dict[str, str]:
    wording, first = context.wording, meeting.starts.astimezone(OSLO).date()
    position = wording.many("meeting_positions")[min(_position(first), _LAST) - 1]
    if _position(first) == -1:
        position = wording.many("meeting_positions")[-1]
    named = wording.many("meeting_weekdays")[first.weekday()]
    month = wording.say("meeting_repeat_month", position=position, weekday=named)
    return {**{key: wording.say(f"meeting_repeat_{key}") for key in WEEKS}, MONTH: month}


def _until(context: Context, meeting: Meeting, value: Mapping[str, Any]) -> date | None:
    until = read_date(text_in(value, "until"), context.today)
    first = meeting.starts.astimezone(OSLO).date()
    return until if until and first < until <= context.today + LONGEST else None


def _dates(context: Context, meeting: Meeting, value: Mapping[str, Any]) -> Dates | None:
    """The days that are asked for and still to come; None when there are none, or it is unclear."""
    how, until = id_in(value, "how"), _until(context, meeting, value)
    if how not in _options(context, meeting) or until is None:
        return None
    first = meeting.starts.astimezone(OSLO).date()
    found = dates_of(first, how, until, context.sending.holidays)
    coming = tuple(day for day in found.days if moved_to(meeting, day).starts > context.now)
    return replace(found, days=coming) if coming else None


def _new(context: Context, meeting: Meeting, dates: Dates | None) -> Dates | None:
    """Those of the days that the series has no meeting for yet."""
    there = {one.id for one in meetings_of_series(context.session, meeting.series)}
    days = tuple(
        day for day in (dates.days if dates else ()) if moved_to(meeting, day).id not in there
    )
    return replace(dates, days=days) if dates and days else None


def _meeting(context: Context, value: Mapping[str, Any], *, lock: bool = False) -> Meeting | None:
    meeting = find_meeting(context.session, id_in(value, "meeting"), lock=lock)
    return meeting if meeting and not meeting.cancelled_at else None


def _gone(context: Context) -> list[Reply]:
    return [TextReply(context.wording.say("meeting_too_late_to_change"))]


VERBS: dict[str, Pressed] = {
    "meeting_repeat": organisers(ask),
    "meeting_repeat_dates": organisers(show_dates),
    "meeting_repeat_save": organisers(save),
}
