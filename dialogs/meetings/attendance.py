"""Who comes to a meeting, as those see it who keep the calendar, and the one nudge to the rest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dialogs.access import may_organise
from dialogs.context import OSLO, Composing, Context, Noticed, Pressed
from dialogs.meetings.answering import answer_buttons, is_asked
from dialogs.meetings.audience import invited, read_register
from dialogs.meetings.meeting_card import (
    Writing,
    day_and_clock,
    meeting_facts,
    when_text,
)
from dialogs.meetings.planning import NUDGE, subject_of
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.notices import Later
from dialogs.pressed import id_in, registered
from dialogs.wording import Wording
from storage.audit import record
from storage.meeting_answers import ANSWERS, answer_of, answers_of
from storage.meetings import Meeting, find_meeting
from storage.outbox import Queued, queue_all, rows_of
from storage.people import RegisteredPerson
from storage.reminder_wishes import Wish, wish_of, wishes_of

MOST_NAMES = 30
READ_ANSWERS = "hvem som kommer"  # as it stands in the audit log
NOT_ANSWERED = "ikke_svart"


def see_answers(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """Who comes, who doesn't, who sends somebody else, and who hasn't answered."""
    found = _organised(context, person, value)
    if not isinstance(found, Meeting):
        return found
    return [_answers_card(context, person, found)]


def nudge(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Ask those who haven't answered once more. Once for a meeting, whoever presses."""
    found = _organised(context, person, value)
    if not isinstance(found, Meeting):
        return found
    wording = context.wording
    if nudged := _nudged_line(context, found):
        return [TextReply(nudged)]
    due = context.sending.next(context.now)
    if found.cancelled_at or found.starts <= context.now:
        refused = "answering_cancelled" if found.cancelled_at else "answering_started"
        return [TextReply(wording.say(refused, title=found.title))]
    if due >= found.starts:
        return [TextReply(wording.say("answering_nudge_late"))]
    waiting = _by_answer(context, found)[NOT_ANSWERED]
    wishes = wishes_of(context.session, [one.key for one, _ in waiting])
    heard = [one for one, _ in waiting if _hears(wishes.get(one.key, Wish()), context)]
    queue_all(
        context.session,
        [
            Queued(
                person=one.key,
                reason=NUDGE,
                occasion=found.id,  # so once for ever, by the outbox' key
                about={"meeting": found.id},
                due=due,
                latest=found.starts,
                subject=subject_of(found.id),
            )
            for one in heard
        ],
    )
    key = "answering_nudge_done" if heard else "answering_nudge_nobody"
    said = wording.say(key, count=len(heard))
    if len(heard) < len(waiting):
        said += " " + wording.say("answering_nudge_stopped", count=len(waiting) - len(heard))
    return [_answers_card(context, person, found, [Paragraph(said)])]


def nudged(composing: Composing, told: Mapping[str, Any]) -> Reply | Later | None:
    """The nudge; None for who has answered since, isn't invited, or has stopped reminders."""
    wording, person = composing.wording, composing.person
    meeting = find_meeting(composing.session, str(told["meeting"]))
    if meeting is None or not is_asked(composing, person, meeting):
        return None
    if answer_of(composing.session, meeting.id, person.key):
        return None
    if not _hears(wish_of(composing.session, person.key), composing):
        return None
    if not composing.sending.allows(composing.now):
        return Later(composing.sending.next(composing.now))
    return CardReply(
        wording.say("answering_nudge_title", title=meeting.title),
        (
            Paragraph(wording.say("answering_nudge_why")),
            *meeting_facts(composing, meeting),
            Paragraph(wording.say("answering_nudge_once"), "note"),
        ),
        tuple(answer_buttons(wording, meeting)),
        composing.language,
        about=subject_of(meeting.id),
    )


def _organised(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Meeting | list[Reply]:
    wording = context.wording
    if not may_organise(person):
        return [TextReply(wording.say("answering_not_yours"))]
    meeting = find_meeting(context.session, id_in(value, "meeting"), lock=True)
    if meeting is None:
        return [TextReply(wording.say("answering_gone"))]
    if not meeting.asks_answer:
        return [TextReply(wording.say("answering_not_needed", title=meeting.title))]
    return meeting


def _answers_card(
    context: Context, person: RegisteredPerson, meeting: Meeting, said: Sequence[Block] = ()
) -> CardReply:
    """The invited by name and answer; that it was read stands in the audit log."""
    record(context.session, context.now, person.key, READ_ANSWERS, subject_of(meeting.id))
    wording, by_answer = context.wording, _by_answer(context, meeting)
    blocks: list[Block] = [*said, Paragraph(when_text(wording, meeting, context.today))]
    if not any(by_answer.values()):
        blocks.append(Paragraph(wording.say("answering_nobody_invited")))
    for answer, people in by_answer.items():
        if people:
            heading = wording.say(f"answering_count_{answer}", count=len(people))
            blocks += [Paragraph(heading, "heading"), Paragraph(_names(wording, people))]
    nudged = _nudged_line(context, meeting)
    if nudged and not said:
        blocks.append(Paragraph(nudged))
    blocks.append(Paragraph(wording.say("answering_kept"), "note"))
    waiting = len(by_answer[NOT_ANSWERED])
    shown: list[Button] = []
    if waiting and not nudged and not meeting.cancelled_at and meeting.starts > context.now:
        asked = {"verb": "meeting_nudge", "meeting": meeting.id}
        title = wording.say("answering_nudge", count=waiting)
        shown.append(Button(title, asked, sends_inputs=False))
    show = {"verb": "meeting_show", "meeting": meeting.id}
    shown.append(Button(wording.say("answering_to_meeting"), show, sends_inputs=False))
    title = wording.say("answering_answers_title", title=meeting.title)
    return CardReply(title, tuple(blocks), tuple(shown), context.language)


def _by_answer(context: Context, meeting: Meeting) -> dict[str, list[tuple[RegisteredPerson, str]]]:
    """The invited by what they answered, each with the name of who comes instead of them."""
    answers = answers_of(context.session, meeting.id)
    found: dict[str, list[tuple[RegisteredPerson, str]]]
    found = {answer: [] for answer in (*ANSWERS, NOT_ANSWERED)}
    for person in invited(meeting.audience, read_register(context.session)):
        said = answers.get(person.key)
        found[said.answer if said else NOT_ANSWERED].append((person, said.deputy if said else ""))
    return found


def _names(wording: Wording, people: Iterable[tuple[RegisteredPerson, str]]) -> str:
    names = [
        wording.say("answering_sends", name=one.name, deputy=deputy) if deputy else one.name
        for one, deputy in people
    ]
    more = len(names) - MOST_NAMES
    listed = ", ".join(names[:MOST_NAMES])
    return wording.say("answering_and_more", names=listed, count=more) if more > 0 else listed


def _nudged_line(context: Context, meeting: Meeting) -> str:
    """When they were nudged, or will be; "" when they haven't been."""
    rows = rows_of(context.session, subject_of(meeting.id))
    due = [row.due for row in rows if row.reason == NUDGE and row.state != "avlyst"]
    if not due:
        return ""
    key = "answering_nudged" if due[0] <= context.now else "answering_nudged_later"
    day = f"{due[0].astimezone(OSLO):%d.%m.}"
    return context.wording.say(key, day=day, moment=day_and_clock(context.wording, due[0]))


def _hears(wish: Wish, writing: Writing) -> bool:
    """Whether the person wants messages on meetings today."""
    paused = wish.paused_until is not None and wish.paused_until > writing.today
    return not wish.stopped and not paused


VERBS: dict[str, Pressed] = {
    "meeting_answers": registered(see_answers),
    "meeting_nudge": registered(nudge),
}
NOTICES: dict[str, Noticed] = {NUDGE: nudged}
