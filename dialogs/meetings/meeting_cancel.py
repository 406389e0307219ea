"""Cancelling a meeting, or all that is left of its series, and undoing it."""

from collections.abc import Mapping
from typing import Any

from dialogs.context import Context, Pressed
from dialogs.meetings import calendar, planning
from dialogs.meetings.audience import read_register
from dialogs.meetings.meeting_card import show_meeting, when_text
from dialogs.meetings.meeting_form import organisers
from dialogs.meetings.meeting_preview import counted, who_hear
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.pressed import LONGEST_ID, id_in, text_in
from storage.meetings import Meeting, find_meeting, meetings_of_series
from storage.outbox import rows_of
from storage.people import RegisteredPerson

LONGEST = 500
LONGEST_KEPT = 5_000  # of what is too long, what a card has room to give back
ONE, REST = "one", "rest"
MOST_UNDONE = 100  # as many as one press may carry


def ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Avlys»: why, which of a series, and how many are told."""
    found = _find(context, value)
    return [_ask_card(context, found, value)] if isinstance(found, Meeting) else found


def cancel(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Cancel what was chosen, at once; it is told a little later, so that it can be undone."""
    wording = context.wording
    meeting = _find(context, value)
    if not isinstance(meeting, Meeting):
        return meeting
    rest = _rest(context, meeting)
    which = id_in(value, "which") if len(rest) > 1 else ONE
    because = text_in(value, "because")
    if which not in (ONE, REST) or len(because) > LONGEST:
        return [_ask_card(context, meeting, value, wrong=True)]
    chosen = rest if which == REST else [meeting]
    for one in chosen:
        calendar.cancel_meeting(
            context.session, context.sending, one.id, because, by=person, now=context.now
        )
    if len(chosen) == 1:
        return show_meeting(context, meeting.id, [_told(context, chosen)])
    done = wording.say("meeting_cancel_done_all", count=len(chosen))
    undo = {"verb": "meeting_restore", "meetings": [one.id for one in chosen]}
    button = Button(wording.say("meeting_undo"), undo)
    return [CardReply(done, (_told(context, chosen),), (button,), context.language)]


def restore(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Angre avlysningen», for each of the meetings that is still to be held."""
    wording = context.wording
    given = value.get("meetings")
    ids = given[:MOST_UNDONE] if isinstance(given, list) else []
    restored = []
    for id in dict.fromkeys(one for one in ids if isinstance(one, str) and len(one) <= LONGEST_ID):
        meeting = find_meeting(context.session, id, lock=True)
        if meeting and meeting.cancelled_at and meeting.ends > context.now:
            calendar.restore_meeting(
                context.session, context.sending, id, by=person, now=context.now
            )
            restored.append(id)
    if len(restored) == 1:
        return show_meeting(context, restored[0], [Paragraph(wording.say("meeting_undone"))])
    if restored:
        return [TextReply(wording.say("meeting_undone_all", count=len(restored)))]
    return [TextReply(wording.say("meeting_undone_none"))]


def _ask_card(
    context: Context, meeting: Meeting, given: Mapping[str, Any], *, wrong: bool = False
) -> CardReply:
    wording, rest = context.wording, _rest(context, meeting)
    because = text_in(given, "because")[:LONGEST_KEPT]
    blocks: list[Block] = [
        Paragraph(when_text(wording, meeting, context.today)),
        _told(context, [meeting]),
    ]
    if len(because) > LONGEST:
        blocks.append(Paragraph(wording.say("meeting_too_long", longest=LONGEST), "error"))
    blocks.append(
        TextInput(
            "because",
            wording.say("meeting_cancel_because"),
            because,
            longest=LONGEST,
            required=False,
        )
    )
    if len(rest) > 1:
        which = id_in(given, "which")
        error = wording.say("meeting_cancel_which_error")
        if wrong and which not in (ONE, REST):
            blocks.append(Paragraph(error, "error"))
        options = (
            (ONE, wording.say("meeting_cancel_one")),
            (REST, wording.say("meeting_cancel_rest", count=len(rest))),
        )
        label = wording.say("meeting_cancel_which")
        blocks.append(Choice("which", label, options, error, value=which or ONE))
    carried = {"meeting": meeting.id}
    buttons = (
        Button(
            wording.say("meeting_cancel_now"),
            {"verb": "meeting_cancel", **carried},
            weight="danger",
        ),
        Button(
            wording.say("meeting_cancel_keep"),
            {"verb": "meeting_show", **carried},
            sends_inputs=False,
        ),
    )
    title = wording.say("meeting_cancel_title", title=meeting.title)
    return CardReply(title, tuple(blocks), buttons, context.language)


def _told(context: Context, meetings: list[Meeting]) -> Paragraph:
    """How many get to know that the meetings are cancelled, each counted once."""
    lists = rows_of(context.session, planning.LISTS)
    register = read_register(context.session)
    told: set[str] = set()
    hear: set[str] = set()
    for one in meetings:
        rows = rows_of(context.session, planning.subject_of(one.id))
        told |= (theirs := planning.told_by(one.id, rows, lists))
        hear |= who_hear(context, one, register, theirs)
    if told and not hear:
        return Paragraph(context.wording.say("meeting_tells_nobody"))
    return Paragraph(counted(context.wording, "meeting_cancel_told", len(hear)))


def _rest(context: Context, meeting: Meeting) -> list[Meeting]:
    """What is left of the series from this meeting on; the meeting alone when it has none."""
    series = meetings_of_series(context.session, meeting.series) if meeting.series else [meeting]
    return [
        one
        for one in series
        if one.cancelled_at is None and one.ends > context.now and one.starts >= meeting.starts
    ]


def _find(context: Context, value: Mapping[str, Any]) -> Meeting | list[Reply]:
    """The meeting of a button, locked, when it can be cancelled; or what to say instead."""
    meeting = find_meeting(context.session, id_in(value, "meeting"), lock=True)
    if meeting is None:
        return [TextReply(context.wording.say("meeting_gone"))]
    if meeting.cancelled_at:
        said = [Paragraph(context.wording.say("meeting_cancel_was"))]
        return show_meeting(context, meeting.id, said)
    if meeting.ends <= context.now:
        return [TextReply(context.wording.say("meeting_cancel_over"))]
    return meeting


VERBS: dict[str, Pressed] = {
    "meeting_cancel_ask": organisers(ask),
    "meeting_cancel": organisers(cancel),
    "meeting_restore": organisers(restore),
}
