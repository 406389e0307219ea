"""Mellomarbeid: what a meeting leaves to be done before the next one of its kind."""

from collections.abc import Mapping
from typing import Any

from dialogs import guard
from dialogs.access import may_organise
from dialogs.context import OSLO, Context, Pressed
from dialogs.dates import show_date
from dialogs.meetings.calendar import change_meeting
from dialogs.meetings.meeting_card import Writing, meeting_line, show_meeting
from dialogs.messages import Button, CardReply, Paragraph, Reply, TextInput, TextReply
from dialogs.pressed import id_in, registered, text_in
from dialogs.questions import guarded
from storage.database import Session
from storage.meetings import Meeting, find_meeting, meetings_like
from storage.people import RegisteredPerson

LONGEST = 1_500
LONGEST_KEPT = 5_000  # of what is too long, what a card has room to give back


def homework_for(session: Session, meeting: Meeting) -> str:
    """What the last meeting of this kind, for some of the same people, left to be done before it.

    With which meeting that was; "" when it left nothing.
    """
    before = meetings_like(session, meeting, later=False)
    last = next((one for one in before if _for_the_same(one, meeting)), None)
    if last is None or not last.homework:
        return ""
    # No word in it belongs to one language: it is read in both.
    day = show_date(last.starts.astimezone(OSLO).date())
    return f"{last.homework}\n({last.title}, {day})"


def next_after(session: Session, meeting: Meeting) -> Meeting | None:
    """The meeting that this one's mellomarbeid follows to; None when none is in the calendar."""
    after = meetings_like(session, meeting, later=True)
    return next((one for one in after if _for_the_same(one, meeting)), None)


def _for_the_same(one: Meeting, other: Meeting) -> bool:
    return not set(one.audience).isdisjoint(other.audience)


def buttons(writing: Writing, meeting: Meeting) -> tuple[Button, ...]:
    """«Sett mellomarbeid», for those who keep the calendar."""
    person = writing.person
    if person is None or not may_organise(person) or meeting.cancelled_at:
        return ()
    title = writing.wording.say("homework_change" if meeting.homework else "homework_set")
    value = {"verb": "homework_ask", "meeting": meeting.id}
    return (Button(title, value, sends_inputs=False),)


def _ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    found = _found(context, person, value)
    if isinstance(found, TextReply):
        return [found]
    return [_card(context, found, found.homework)]


def _set(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Keep it; an empty field takes it away."""
    found = _found(context, person, value)
    if isinstance(found, TextReply):
        return [found]
    wording, text = context.wording, text_in(value, "homework")
    count, text = len(text), text[:LONGEST_KEPT]
    if finding := guard.find(text):
        context.turn.digest = ""  # not even a trace that guesses could be held against
        return [TextReply(guarded(context.contacts, wording, finding))]
    if count > LONGEST:
        error = wording.say("homework_long", count=count, longest=LONGEST)
        return [_card(context, found, text, error)]
    changed = change_meeting(
        context.session,
        context.sending,
        found.id,
        {"homework": text},
        by=person,
        now=context.now,
    )
    if changed is None:
        return [TextReply(wording.say("homework_gone"))]
    return show_meeting(context, changed.id, [Paragraph(_said(context, changed))])


def _said(context: Context, meeting: Meeting) -> str:
    wording = context.wording
    if not meeting.homework:
        return wording.say("homework_cleared")
    following = next_after(context.session, meeting)
    if following is None:
        return wording.say("homework_kept", text=meeting.homework)
    line = meeting_line(wording, following, context.today)
    return wording.say("homework_follows", text=meeting.homework, line=line)


def _card(context: Context, meeting: Meeting, text: str, error: str = "") -> CardReply:
    wording = context.wording
    field = TextInput(
        "homework",
        wording.say("homework_label"),
        text,
        error,
        LONGEST,
        required=False,
        hint=wording.say("homework_hint"),
    )
    mine = {"meeting": meeting.id}
    return CardReply(
        wording.say("homework_title"),
        (
            Paragraph(meeting_line(wording, meeting, context.today), "note"),
            Paragraph(wording.say("homework_what")),
            *([Paragraph(error, "error")] if error else []),
            field,
        ),
        (
            Button(wording.say("homework_save"), {"verb": "homework_set", **mine}, weight="main"),
            Button(
                wording.say("homework_back"),
                {"verb": "meeting_show", **mine},
                sends_inputs=False,
            ),
        ),
        context.language,
    )


def _found(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Meeting | TextReply:
    """The meeting that a button names, for those who may; else what to say."""
    if not may_organise(person):
        return TextReply(context.wording.say("homework_not_yours"))
    meeting = find_meeting(context.session, id_in(value, "meeting"))
    if meeting is None or meeting.cancelled_at:
        return TextReply(context.wording.say("homework_gone"))
    return meeting


VERBS: dict[str, Pressed] = {
    "homework_ask": registered(_ask),
    "homework_set": registered(_set),
}
