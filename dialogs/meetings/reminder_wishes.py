"""When a person wants to be reminded: more, less, later, in one list, or not at all.

Nothing ticked is a wish too: no reminders before meetings. What is wished is kept as it is while
somebody pauses or stops, so that starting again brings it back.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from dialogs.context import OSLO, Commanded, Context, Pressed
from dialogs.dates import LONGEST as LONGEST_DATE
from dialogs.meetings.audience import is_for
from dialogs.meetings.meeting_card import Writing, day_and_clock, day_text, show_meeting
from dialogs.meetings.planning import REMINDER, WEEK, moment_text, plan_person, plan_snooze
from dialogs.meetings.sending_times import at
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
from dialogs.pressed import Handler, id_in, registered, text_in
from dialogs.wording import Wording
from storage.meetings import Meeting, find_meeting
from storage.outbox import rows_of_person
from storage.people import RegisteredPerson
from storage.reminder_wishes import Wish, set_wish, wish_of

DAYS = (14, 7, 3, 1)
MOST_DAYS = 30
HOURS = ("07:30", "08:00", "10:00", "12:00", "14:00", "15:00")
EACH, WEEKLY = "hvert", "uke"
LONGEST_PAUSE = timedelta(days=366)
_DAY = timedelta(days=1)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


# On a reminder


def buttons(writing: Writing, meeting: Meeting) -> tuple[Button, ...]:
    """«Utsett», «Stopp påminnelser» and «Endre påminnelser», for the reminder of a meeting."""
    wording, person = writing.wording, writing.person
    shown = [
        Button(wording.say("reminder_wishes_stop"), {"verb": "reminder_stop"}, sends_inputs=False),
        Button(
            wording.say("reminder_wishes_edit"), {"verb": "reminder_wishes"}, sends_inputs=False
        ),
    ]
    if person is not None and _ahead(writing, meeting, wish_of(writing.session, person.key)):
        starts = moment_text(meeting.starts)
        value = {"verb": "reminder_snooze_ask", "meeting": meeting.id, "starts": starts}
        shown.insert(0, Button(wording.say("reminder_wishes_snooze"), value, sends_inputs=False))
    return tuple(shown)


# The card


def show_wishes(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """«påminnelser»: how it is now, and what can be chosen."""
    return [_card(context, wish_of(context.session, person.key))]


def save(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """What was filled in on the card. A meeting's reminders begin again for who had stopped."""
    before = wish_of(context.session, person.key)
    filled = _filled(value, before)
    if filled is None:
        return [TextReply(context.wording.say("old_button"))]
    pause = text_in(value, "paused_until")[:LONGEST_DATE]
    until = _date(pause)
    if pause and (until is None or not _can_pause(context, until)):
        problem = context.wording.say("reminder_wishes_pause_error")
        return [_card(context, replace(filled, paused_until=None), pause, problem)]
    return _changed(context, person, before, replace(filled, paused_until=until, stopped=False))


def stop(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """No message on meetings any more, of changes neither."""
    before = wish_of(context.session, person.key)
    return _changed(context, person, before, replace(before, stopped=True))


def start(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Messages on meetings again, as they were before they were stopped or paused."""
    before = wish_of(context.session, person.key)
    return _changed(context, person, before, replace(before, stopped=False, paused_until=None))


def undo(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Back to the wish that the button carries."""
    wish = _carried(context, value)
    if wish is None:
        return [TextReply(context.wording.say("old_button"))]
    return _changed(context, person, wish_of(context.session, person.key), wish)


def _changed(context: Context, person: RegisteredPerson, before: Wish, wish: Wish) -> list[Reply]:
    """Save it, plan anew, and say how it is now and when the next message comes."""
    wording = context.wording
    set_wish(context.session, person.key, wish)
    plan_person(context.session, context.sending, person.key, context.now)
    shown = [
        Button(wording.say("reminder_wishes_edit"), {"verb": "reminder_wishes"}),
    ]
    if wish.stopped or wish.paused_until:
        shown.insert(0, Button(wording.say("reminder_wishes_start"), {"verb": "reminder_start"}))
    if before != wish and not wish.stopped:
        undone = {"verb": "reminder_undo", **_carry(before)}
        shown.append(Button(wording.say("reminder_wishes_undo"), undone))
    blocks = [Paragraph(_how_it_is(context, wish))]
    if not wish.stopped:
        blocks.append(Paragraph(_next_text(context, person)))
    title = wording.say("reminder_wishes_saved" if before != wish else "reminder_wishes_same")
    return [CardReply(title, tuple(blocks), tuple(shown), context.language)]


def _card(context: Context, wish: Wish, pause: str = "", problem: str = "") -> CardReply:
    """The wish to change; `pause` and `problem` are what was written there, and why not."""
    wording, person = context.wording, context.person
    blocks: list[Block] = [Paragraph(_how_it_is(context, wish))]
    if person is not None and not wish.stopped and not problem:
        blocks.append(Paragraph(_next_text(context, person), "note"))
    if problem:
        blocks.append(Paragraph(problem, "error"))
    days = sorted({*DAYS, *wish.days_before}, reverse=True)
    ticked = ",".join(str(one) for one in wish.days_before)
    paused = wish.paused_until
    until = pause or (paused.isoformat() if paused and paused > context.today else "")
    blocks += [
        Choice(
            "how",
            wording.say("reminder_wishes_how_label"),
            tuple((how, wording.say(f"reminder_wishes_how_{how}")) for how in (EACH, WEEKLY)),
            value=WEEKLY if wish.weekly else EACH,
        ),
        Choice(
            "days",
            wording.say("reminder_wishes_days_label"),
            tuple((str(one), _days_text(wording, one)) for one in days),
            required=False,
            value=ticked,
            several=True,
        ),
        Choice(
            "at",
            wording.say("reminder_wishes_at_label"),
            tuple((one, _clock(one)) for one in HOURS),
            value=wish.at if wish.at in HOURS else "08:00",
        ),
        DateInput(
            "paused_until", wording.say("reminder_wishes_pause_label"), until, required=False
        ),
        Paragraph(wording.say("reminder_wishes_note"), "note"),
    ]
    save = "reminder_wishes_save_start" if wish.stopped else "reminder_wishes_save"
    shown = [Button(wording.say(save), {"verb": "reminder_save"}, weight="main")]
    if wish.stopped:
        again = {"verb": "reminder_start"}
        shown.append(Button(wording.say("reminder_wishes_start"), again, sends_inputs=False))
    else:
        never = {"verb": "reminder_stop"}
        shown.append(Button(wording.say("reminder_wishes_stop_all"), never, sends_inputs=False))
    return CardReply(
        wording.say("reminder_wishes_title"), tuple(blocks), tuple(shown), context.language
    )


def _how_it_is(context: Context, wish: Wish) -> str:
    """How the person is reminded, in one sentence; for who has stopped, what that means."""
    wording = context.wording
    if wish.stopped:
        return wording.say("reminder_wishes_is_stopped")
    if wish.weekly:
        said = wording.say("reminder_wishes_is_weekly", at=_clock(wish.at))
    elif wish.days_before:
        days = _listed(wording, [_days_text(wording, one) for one in _sorted(wish.days_before)])
        said = wording.say("reminder_wishes_is_each", days=days, at=_clock(wish.at))
    else:
        said = wording.say("reminder_wishes_is_none")
    if wish.paused_until and wish.paused_until > context.today:
        day = day_text(wording, wish.paused_until, context.today)
        said += " " + wording.say("reminder_wishes_is_paused", day=day)
    return said


def _next_text(context: Context, person: RegisteredPerson) -> str:
    """When the next reminder comes, of which meeting."""
    wording = context.wording
    for row in rows_of_person(context.session, person.key, (REMINDER, WEEK)):
        if row.state != "venter" or row.latest <= (due := max(row.due, context.now)):
            continue  # too late for it, after a pause
        moment = _moment(context, due)
        if row.reason == WEEK:
            return wording.say("reminder_wishes_next_week", moment=moment)
        meeting = find_meeting(context.session, str(row.about.get("meeting", "")))
        if meeting is not None:
            return wording.say("reminder_wishes_next", moment=moment, title=meeting.title)
    return wording.say("reminder_wishes_next_none")


# Putting off


def snooze_ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Until when? Only what lies ahead."""
    meeting = _to_snooze(context, person, value)
    if not isinstance(meeting, Meeting):
        return meeting
    wording = context.wording
    ahead = _ahead(context, meeting, wish_of(context.session, person.key))
    if not ahead:
        return [TextReply(wording.say("reminder_wishes_snooze_late", title=meeting.title))]
    shown = [
        Button(
            wording.say(f"reminder_wishes_snooze_{name}", moment=_moment(context, due)),
            {
                "verb": "reminder_snooze",
                "meeting": meeting.id,
                "starts": moment_text(meeting.starts),
                "day": due.astimezone(OSLO).date().isoformat(),
            },
        )
        for name, due in ahead.items()
    ]
    title = wording.say("reminder_wishes_snooze_title", title=meeting.title)
    said = Paragraph(wording.say("reminder_wishes_snooze_intro"))
    return [CardReply(title, (said,), tuple(shown), context.language)]


def snooze(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """One more reminder of the meeting on that day."""
    meeting = _to_snooze(context, person, value)
    if not isinstance(meeting, Meeting):
        return meeting
    wording = context.wording
    ahead = _ahead(context, meeting, wish_of(context.session, person.key))
    days = {due.astimezone(OSLO).date() for due in ahead.values()}
    day = _date(id_in(value, "day"))
    due = None
    if day in days:
        due = plan_snooze(context.session, context.sending, meeting, person.key, day, context.now)
    if due is None:  # the card is old, and that day is past
        return snooze_ask(context, person, value)
    return [
        TextReply(
            wording.say(
                "reminder_wishes_snoozed", title=meeting.title, moment=_moment(context, due)
            )
        )
    ]


def _to_snooze(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Meeting | list[Reply]:
    """The meeting to be reminded of again; or why not, or the meeting as it is after a move."""
    wording = context.wording
    meeting = find_meeting(context.session, id_in(value, "meeting"), lock=True)
    if meeting is None or not is_for(context.session, meeting.audience, person):
        return [TextReply(wording.say("reminder_wishes_gone"))]
    if meeting.cancelled_at:
        return [TextReply(wording.say("reminder_wishes_cancelled", title=meeting.title))]
    if meeting.starts <= context.now:
        return [TextReply(wording.say("reminder_wishes_snooze_late", title=meeting.title))]
    if wish_of(context.session, person.key).stopped:
        return [TextReply(wording.say("reminder_wishes_is_stopped"))]
    if value.get("starts") not in (None, moment_text(meeting.starts)):
        moved = Paragraph(wording.say("reminder_wishes_moved"), "error")
        return show_meeting(context, meeting.id, [moved])
    return meeting


def _ahead(writing: Writing, meeting: Meeting, wish: Wish) -> dict[str, datetime]:
    """The moments that a reminder can be put off until, each on another day, all before the start.

    They are at the hour the person is reminded at, as `plan_snooze` has it.
    """
    sending, clock = writing.sending, time.fromisoformat(wish.at)
    day = meeting.starts.astimezone(OSLO).date()
    tomorrow, day_before = writing.today + _DAY, day - _DAY
    found = (
        (tomorrow, ("tomorrow", "next"), sending.next(at(tomorrow, clock))),
        (day_before, ("day_before", "before"), sending.latest_until(at(day_before, clock))),
        (day, ("same_day", ""), sending.next(at(day, clock))),
    )
    ahead: dict[str, datetime] = {}
    days: set[date] = set()
    for wanted, (exactly, moved), about in found:
        on = about.astimezone(OSLO).date()
        name, due = exactly if on == wanted else moved, sending.next(at(on, clock))
        if not name or on in days or (wish.paused_until and on < wish.paused_until):
            continue
        if writing.now < due < meeting.starts:
            ahead[name] = due
            days.add(on)
    return ahead


# What comes with a button


def _filled(value: Mapping[str, Any], before: Wish) -> Wish | None:
    """The wish as it is filled in on the card; None for what our card can't have sent."""
    how, clock = value.get("how"), value.get("at")
    ticked = value.get("days", "")  # Teams leaves out what has nothing ticked
    if how not in (EACH, WEEKLY) or clock not in HOURS or not isinstance(ticked, str):
        return None
    days = _days([one.strip() for one in ticked.split(",") if one.strip()])
    if days is None:
        return None
    return replace(before, days_before=days, at=clock, weekly=how == WEEKLY)


def _carry(wish: Wish) -> dict[str, Any]:
    """The wish for a button, that brings it back."""
    return {
        "days": ",".join(str(one) for one in wish.days_before),
        "at": wish.at,
        "how": WEEKLY if wish.weekly else EACH,
        "stopped": wish.stopped,
        "paused_until": wish.paused_until.isoformat() if wish.paused_until else "",
    }


def _carried(context: Context, value: Mapping[str, Any]) -> Wish | None:
    wish = _filled(value, Wish())
    stopped, pause = value.get("stopped"), text_in(value, "paused_until")
    if wish is None or not isinstance(stopped, bool):
        return None
    until = _date(pause)
    if pause and (until is None or until > context.today + LONGEST_PAUSE):
        return None
    if until is not None and not _can_pause(context, until):
        until = None  # it is over by now
    return replace(wish, stopped=stopped, paused_until=until)


def _days(texts: Sequence[str]) -> tuple[int, ...] | None:
    """Numbers of days from 1 to 30, most first; None when one is anything else."""
    known = {str(days): days for days in range(1, MOST_DAYS + 1)}
    if any(text not in known for text in texts):
        return None
    return _sorted({known[text] for text in texts})


def _sorted(days: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted(days, reverse=True))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _can_pause(context: Context, until: date) -> bool:
    return context.today < until <= context.today + LONGEST_PAUSE


# In words


def _days_text(wording: Wording, days: int) -> str:
    if days in DAYS:
        return wording.say(f"reminder_wishes_days_{days}")
    return wording.say("reminder_wishes_days_before", days=days)


def _listed(wording: Wording, parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {wording.say('reminder_wishes_and')} {parts[-1]}"


def _moment(context: Context, moment: datetime) -> str:
    return day_and_clock(context.wording, moment, context.today)


def _clock(clock: str) -> str:
    return clock.replace(":", ".")


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["reminder_wishes"](context, {})


def _stop_said(context: Context, rest: str) -> list[Reply]:
    return VERBS["reminder_stop"](context, {})


def _start_said(context: Context, rest: str) -> list[Reply]:
    return VERBS["reminder_start"](context, {})


_HANDLERS: Mapping[str, Handler] = {
    "reminder_wishes": show_wishes,
    "reminder_save": save,
    "reminder_stop": stop,
    "reminder_start": start,
    "reminder_undo": undo,
    "reminder_snooze_ask": snooze_ask,
    "reminder_snooze": snooze,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    (
        "påminnelser",
        "påminnelse",
        "påminningar",
        "påminning",
        "endre påminnelser",
        "endre påminningar",
    ),
    _asked,
)
COMMANDS |= dict.fromkeys(("stopp påminnelser", "stopp påminningar"), _stop_said)
COMMANDS |= dict.fromkeys(("start påminnelser", "start påminningar"), _start_said)
