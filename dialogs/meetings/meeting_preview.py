"""What is told before a meeting is saved: whom it reaches, when, and what may be unwise."""

from collections.abc import Collection, Iterator
from datetime import datetime, time

from dialogs.context import OSLO, Context
from dialogs.meetings import planning
from dialogs.meetings.audience import Register, audience_text, invited
from dialogs.meetings.limits import LONGEST_MEETING
from dialogs.meetings.meeting_card import day_and_clock, day_text, meeting_facts, meeting_line
from dialogs.meetings.meeting_fields import capital
from dialogs.meetings.reach import reach
from dialogs.meetings.reminder_times import Known, moments_to_send, wished_moments
from dialogs.messages import Block, Facts, Paragraph
from dialogs.wording import Wording
from knowledge.holidays import Holidays, public_holidays
from storage.meeting_answers import answers_of
from storage.meetings import Meeting, meetings_between
from storage.reminder_wishes import Wish, wishes_of

EARLY, LATE = time(7), time(17)  # what begins before, or ends after, is told of
MOST_COLLISIONS = 3


def preview_blocks(context: Context, meeting: Meeting, register: Register) -> list[Block]:
    """The meeting as people will see it, who gets to know of it, and what to note."""
    wording = context.wording
    yes_no = {True: wording.say("meeting_yes"), False: wording.say("meeting_no")}
    pairs = (
        (wording.say("meeting_field_kind"), meeting.kind),
        (wording.say("meeting_for"), audience_text(wording, meeting.audience)),
        (wording.say("meeting_field_asks_answer"), yes_no[meeting.asks_answer]),
        (wording.say("meeting_field_day_before"), yes_no[meeting.day_before]),
    )
    return [
        *meeting_facts(context, meeting),
        Facts(pairs),
        *(Paragraph(text) for text in reach_texts(context, meeting, register)),
        *(Paragraph(text, "note") for text in warnings(context, meeting, register)),
    ]


def counted(wording: Wording, key: str, count: int) -> str:
    """The sentence for that many: none, one or more."""
    special = {0: f"{key}_none", 1: f"{key}_one"}
    return wording.say(special.get(count, key), count=count)


def reach_texts(context: Context, meeting: Meeting, register: Register) -> Iterator[str]:
    """How many are reminded, who can't be, and when."""
    wording = context.wording
    reached = reach(context.session, meeting.audience, register)
    if not reached.invited:
        yield wording.say("meeting_invited_none")
        return
    parts = [counted(wording, "meeting_reach", reached.reachable)]
    if reached.not_installed:
        parts.append(counted(wording, "meeting_not_installed", reached.not_installed))
    if reached.stopped:
        parts.append(counted(wording, "meeting_stopped", reached.stopped))
    yield " ".join(parts)
    if reached.reachable:
        yield reminder_text(context, meeting)


def reminder_text(context: Context, meeting: Meeting) -> str:
    """When those are reminded who haven't chosen otherwise."""
    wording, today = context.wording, context.today
    now, sending = context.now, context.sending
    usual = [due for _, due in wished_moments(meeting.starts, Wish(), sending) if due > now]
    if usual:
        return wording.say("meeting_reminder_goes", when=day_and_clock(wording, usual[0], today))
    soon = moments_to_send(meeting.starts, Wish(), sending, Known(), now=now, soonest=now)
    if soon:
        return wording.say("meeting_reminder_soon", when=day_and_clock(wording, soon[0].due, today))
    return wording.say("meeting_reminder_never")


def who_hear(
    context: Context,
    meeting: Meeting,
    register: Register,
    told: Collection[str],
    *,
    moved: bool = False,
) -> set[str]:
    """Those of the `told` who are written to when the meeting is changed or cancelled.

    Not those who have stopped messages, nor, unless it is moved, those who don't come.
    """
    if meeting.starts <= context.now:
        return set()
    answers = {} if moved else answers_of(context.session, meeting.id)
    hear = {one.key for one in invited(meeting.audience, register)} & set(told)
    wishes = wishes_of(context.session, hear)
    return {
        key
        for key in hear
        if not planning.is_absent(answers.get(key)) and not wishes.get(key, Wish()).stopped
    }


# What may be unwise


def warnings(context: Context, meeting: Meeting, register: Register) -> Iterator[str]:
    """A sentence for each thing that the organiser may not have thought of."""
    wording = context.wording
    begins, ends = meeting.starts.astimezone(OSLO), meeting.ends.astimezone(OSLO)
    yield from _about_the_day(context, begins, context.sending.holidays)
    if begins.date() == ends.date() and (begins.time() < EARLY or ends.time() > LATE):
        yield wording.say("meeting_at_odd_hours")
    for other, count in collisions(context, meeting, register)[:MOST_COLLISIONS]:
        line = meeting_line(wording, other, context.today)
        yield wording.say("meeting_collides", count=count, line=line)


def _about_the_day(context: Context, begins: datetime, holidays: Holidays) -> Iterator[str]:
    wording, day = context.wording, begins.date()
    named = capital(day_text(wording, day, context.today))
    if day in public_holidays(day.year):
        yield wording.say("meeting_on_public_holiday", day=named)
    elif holiday := holidays.on(day):
        name = holiday.name_nn if context.language == "nn" else holiday.name
        yield wording.say("meeting_on_holiday", day=named, name=name)
    elif day.weekday() >= 5:
        yield wording.say("meeting_on_weekend", day=named)


def collisions(context: Context, meeting: Meeting, register: Register) -> list[tuple[Meeting, int]]:
    """Other meetings at the same time, and how many people are invited to both."""
    found = meetings_between(context.session, meeting.starts - LONGEST_MEETING, meeting.ends)
    others = [one for one in found if one.ends > meeting.starts and one.id != meeting.id]
    if not others:
        return []
    people = {one.key for one in invited(meeting.audience, register)}
    shared = ((one, invited(one.audience, register)) for one in others)
    counts = [(one, sum(person.key in people for person in theirs)) for one, theirs in shared]
    return [(one, count) for one, count in counts if count]
