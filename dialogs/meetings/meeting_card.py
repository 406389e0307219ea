"""A meeting as people see it, and the list of one's own.

It is shown to those whom it is for and to those who keep the calendar, and to nobody else.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from dialogs.access import may_organise
from dialogs.context import OSLO, Commanded, Composing, Context, Pressed
from dialogs.meetings.audience import (
    audience_text,
    concerns,
    invited,
    is_for,
    read_groups,
    read_register,
)
from dialogs.meetings.limits import LONGEST_MEETING
from dialogs.meetings.planning import subject_of
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Download,
    Facts,
    Items,
    Paragraph,
    Reply,
    TextReply,
    WebLinks,
)
from dialogs.pressed import id_in, registered
from dialogs.school_year import school_year
from dialogs.wording import Wording
from storage.meetings import Meeting, find_meeting, meetings_between
from storage.people import RegisteredPerson

Writing = Context | Composing  # what is needed to write of a meeting: in a turn, or outside one
MOST_LISTED = 10
MOST_BUTTONS = 6  # more don't fit on a phone; «Mer» shows the rest
HORIZON = timedelta(days=400)  # the rest of this school year, and the next as it is put in
_MIDNIGHT = (0, 0)
_MORE = {"verb": "meeting_more"}
_DAY = timedelta(days=1)


# In words


def when_text(wording: Wording, meeting: Meeting, today: date | None = None) -> str:
    """«torsdag 3. desember kl. 12–14»; with the year when `today` is in another school year."""
    begins, ends = meeting.starts.astimezone(OSLO), meeting.ends.astimezone(OSLO)
    clocks = [(one.hour, one.minute) for one in (begins, ends)]
    whole_days = clocks == [_MIDNIGHT, _MIDNIGHT]
    # What ends at midnight is over with the day before.
    last = ends.date() - _DAY if clocks[1] == _MIDNIGHT else ends.date()
    first_day, last_day = (day_text(wording, day, today) for day in (begins.date(), last))
    if whole_days:
        if begins.date() == last:
            return wording.say("meeting_whole_day", day=first_day)
        return f"{first_day} – {last_day}"
    exact = any(minute for _, minute in clocks)
    begin, end = (_clock(hour, minute, exact) for hour, minute in clocks)
    end = _clock(24, 0, exact) if clocks[1] == _MIDNIGHT else end
    if begins.date() == last:
        return f"{first_day} kl. {begin}–{end}"
    return f"{first_day} kl. {begin} – {last_day} kl. {end}"


def day_text(wording: Wording, day: date, today: date | None = None) -> str:
    """«torsdag 3. desember»; with the year when `today` is in another school year."""
    weekday = wording.many("meeting_weekdays")[day.weekday()]
    month = wording.many("meeting_months")[day.month - 1]
    elsewhen = today is not None and school_year(day) != school_year(today)
    return f"{weekday} {day.day}. {month}" + (f" {day.year}" if elsewhen else "")


def day_and_clock(wording: Wording, moment: datetime, today: date | None = None) -> str:
    """«torsdag 26. november kl. 08.00»: when a message is sent."""
    here = moment.astimezone(OSLO)
    return f"{day_text(wording, here.date(), today)} kl. {here:%H.%M}"


def _clock(hour: int, minute: int, exact: bool) -> str:
    return f"{hour:02}.{minute:02}" if exact else str(hour)


def meeting_line(wording: Wording, meeting: Meeting, today: date | None = None) -> str:
    """The meeting on one line, in lists."""
    line = f"{when_text(wording, meeting, today)}: {meeting.title}"
    if meeting.place:
        line += f" ({meeting.place})"
    return wording.say("meeting_line_cancelled", line=line) if meeting.cancelled_at else line


def meeting_facts(writing: Writing, meeting: Meeting) -> tuple[Block, ...]:
    """When, where and about what: the short body that cards and reminders share."""
    # Those who hang something on the card know the card; so it gets to know them when it is shown.
    from dialogs.meetings.homework import homework_for

    wording = writing.wording
    facts = (
        ("meeting_when", when_text(wording, meeting, writing.today)),
        ("meeting_where", meeting.place),
        ("meeting_topic", meeting.topic),
        ("meeting_preparation", meeting.preparation),
        ("meeting_homework", homework_for(writing.session, meeting)),
    )
    blocks: list[Block] = [
        Facts(tuple((wording.say(label), text) for label, text in facts if text))
    ]
    if meeting.link.startswith("https://"):
        blocks.append(WebLinks(((wording.say("meeting_link"), meeting.link),)))
    return tuple(blocks)


# The card


def meeting_card(writing: Writing, meeting: Meeting, said: Sequence[Block] = ()) -> CardReply:
    """The meeting with all that the person may do with it; `said` stands above it."""
    from dialogs.meetings import answering, delivery  # see meeting_facts

    wording = writing.wording
    blocks: list[Block] = list(said)
    if meeting.cancelled_at:
        because = meeting.cancelled_because
        cancelled = "meeting_cancelled_because" if because else "meeting_cancelled"
        blocks.append(Paragraph(wording.say(cancelled, because=because), "heading"))
    elif meeting.ends <= writing.now:
        blocks.append(Paragraph(wording.say("meeting_over"), "note"))
    if meeting.kind.casefold() not in meeting.title.casefold():
        blocks.append(Paragraph(meeting.kind, "note"))
    blocks += meeting_facts(writing, meeting)
    blocks += _whom_for(writing, meeting)
    if meeting.organiser_name:
        put_in_by = wording.say("meeting_put_in_by", name=meeting.organiser_name)
        blocks.append(Paragraph(put_in_by, "note"))
    if answered := answering.answer_line(writing, meeting):
        blocks.append(Paragraph(answered))
    if delivered := delivery.delivery_line(writing, meeting):
        blocks.append(Paragraph(delivered, "note"))
    return CardReply(
        meeting.title,
        tuple(blocks),
        buttons_for(writing, meeting),
        writing.language,
        about=subject_of(meeting.id),
    )


def _whom_for(writing: Writing, meeting: Meeting) -> list[Block]:
    """Whom it is for, to who keeps the calendar; and that this is nobody, when it has become so."""
    wording, person = writing.wording, writing.person
    if person is None or not may_organise(person):
        return []
    who = audience_text(wording, meeting.audience) or wording.say("meeting_emptied")
    blocks: list[Block] = [Facts(((wording.say("meeting_for"), who),))]
    if not invited(meeting.audience, read_register(writing.session)):
        blocks.append(Paragraph(wording.say("meeting_invited_none"), "note"))
    return blocks


def buttons_for(writing: Writing, meeting: Meeting) -> tuple[Button | Download, ...]:
    """What this person can do with the meeting; when that is much, the last button is «Mer»."""
    buttons = _all_buttons(writing, meeting)
    if len(buttons) <= MOST_BUTTONS:
        return buttons
    more = Button(writing.wording.say("meeting_more_buttons"), {**_MORE, "meeting": meeting.id})
    return (*buttons[: MOST_BUTTONS - 1], more)


def _all_buttons(writing: Writing, meeting: Meeting) -> tuple[Button | Download, ...]:
    """From all that hang something on the card of a meeting."""
    from dialogs.meetings import (  # see meeting_facts
        answering,
        calendar_links,
        delivery,
        homework,
        meeting_form,
        meeting_questions,
    )

    return (
        *answering.buttons(writing, meeting),
        *calendar_links.buttons(writing, meeting),
        *meeting_questions.topic_button(writing, meeting),
        *meeting_form.buttons(writing, meeting),
        *homework.buttons(writing, meeting),
        *delivery.buttons(writing, meeting),
    )


def show_meeting(context: Context, meeting_id: str, said: Sequence[Block] = ()) -> list[Reply]:
    """The card of a meeting, to those whom it is for."""
    wording, person = context.wording, context.person
    if person is None:
        return [TextReply(wording.say("share_unknown"))]
    meeting = find_meeting(context.session, meeting_id)
    if meeting is None:
        return [TextReply(wording.say("meeting_gone"))]
    if not may_see(context, person, meeting):
        return [TextReply(wording.say("meeting_not_for_you"))]
    return [meeting_card(context, meeting, said)]


def may_see(writing: Writing, person: RegisteredPerson, meeting: Meeting) -> bool:
    """Whether the meeting is for the person, or theirs to keep."""
    if may_organise(person):
        return True
    return is_for(writing.session, meeting.audience, person)


# One's own


def find_mine(writing: Writing, first: datetime, last: datetime) -> list[Meeting]:
    """The meetings that start from `first` until before `last` and are for the person.

    Those who keep the calendar get all of them.
    """
    person = writing.person
    if person is None:
        return []
    meetings = meetings_between(writing.session, first, last)
    if may_organise(person):
        return meetings
    groups = read_groups(writing.session)
    return [one for one in meetings if concerns(one.audience, person, groups)]


def list_mine(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Mine møter»: the next ones, one of them to be opened."""
    wording, organises = context.wording, may_organise(person)
    # A meeting that has begun is still of interest until it is over.
    found = find_mine(context, context.now - LONGEST_MEETING, context.now + HORIZON)
    coming = [one for one in found if one.ends > context.now]
    blocks: list[Block] = []
    buttons: list[Button] = []
    if coming:
        options = tuple(
            (one.id, meeting_line(wording, one, context.today)) for one in coming[:MOST_LISTED]
        )
        blocks.append(Items(tuple(line for _, line in options)))
        label = wording.say("meeting_choose_label")
        blocks.append(Choice("meeting", label, options, wording.say("meeting_choose_error")))
        if len(coming) > MOST_LISTED:
            more = wording.say("meeting_more", shown=MOST_LISTED, count=len(coming))
            blocks.append(Paragraph(more, "note"))
        buttons.append(Button(wording.say("meeting_open"), {"verb": "meeting_show"}, weight="main"))
    else:
        empty = "meeting_none_organiser" if organises else "meeting_none"
        blocks.append(Paragraph(wording.say(empty)))
    if organises:
        buttons += [
            Button(wording.say(f"meeting_{key}"), {"verb": verb}, sends_inputs=False)
            for key, verb in (
                ("new", "meeting_new"),
                ("import", "meeting_import"),
                ("groups", "group_list"),
            )
        ]
    title = wording.say("meeting_all_title" if organises else "meeting_mine_title")
    return [CardReply(title, tuple(blocks), tuple(buttons), context.language)]


def _show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    meeting = id_in(value, "meeting")
    if not meeting:
        return list_mine(context, person, value)
    return show_meeting(context, meeting)


def _more(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Mer»: the buttons that had no room on the card."""
    shown = show_meeting(context, id_in(value, "meeting"))
    meeting = find_meeting(context.session, id_in(value, "meeting"))
    if meeting is None or not may_see(context, person, meeting):
        return shown
    rest = _all_buttons(context, meeting)[MOST_BUTTONS - 1 :]
    when = Paragraph(when_text(context.wording, meeting, context.today))
    return [CardReply(meeting.title, (when,), rest, context.language)] if rest else shown


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["meeting_list"](context, {})


VERBS: dict[str, Pressed] = {
    "meeting_show": registered(_show),
    "meeting_list": registered(list_mine),
    "meeting_more": registered(_more),
}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    ("mine møter", "mine møte", "møta mine", "møtene mine", "møter", "møte", "møta", "møtene"),
    _asked,
)
