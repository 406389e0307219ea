"""«Kommer du?»: answers to meetings that need them, what the organiser sees, and one nudge."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dialogs.access import LEADERS, may_organise
from dialogs.context import OSLO, Composing, Context, Noticed, Pressed
from dialogs.meetings.audience import invited, is_for, read_register
from dialogs.meetings.meeting_card import (
    Writing,
    about,
    day_and_clock,
    meeting_facts,
    show_meeting,
    when_text,
)
from dialogs.meetings.planning import NUDGE, moment_text, plan_person, subject_of
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
from dialogs.notices import Later
from dialogs.pressed import Handler, id_in, registered, text_in
from dialogs.wording import Wording
from storage.meetings import (
    ANSWERS,
    Answer,
    Meeting,
    PersonAnswer,
    Wish,
    answer_of,
    answers_of,
    find_meeting,
    set_answer,
    wish_of,
    wishes_of,
)
from storage.outbox import Queued, queue_all, rows_of
from storage.people import RegisteredPerson, people_of_unit

OTHER = "annen"
LONGEST_NAME = 100
MOST_COLLEAGUES = 40  # more are quicker written than found in a list
MOST_NAMES = 30
NOT_ANSWERED = "ikke_svart"


# On the card of a meeting


def buttons(writing: Writing, meeting: Meeting) -> tuple[Button, ...]:
    """The three answers for who is asked, and «Se svar» for those who keep the calendar."""
    person, wording = writing.person, writing.wording
    if person is None or not meeting.asks_answer:
        return ()
    shown: list[Button] = []
    if is_asked(writing, person, meeting):
        shown += _answer_buttons(wording, meeting)
    if may_organise(person):
        see = {"verb": "meeting_answers", "meeting": meeting.id}
        shown.append(Button(wording.say("answering_see"), see, sends_inputs=False))
    return tuple(shown)


def answer_line(writing: Writing, meeting: Meeting) -> str:
    """What the person has answered, or that an answer is wanted; "" for who isn't asked."""
    person, wording = writing.person, writing.wording
    if person is None or not is_asked(writing, person, meeting):
        return ""
    answer = answer_of(writing.session, meeting.id, person.key)
    return _said(wording, answer) if answer else wording.say("answering_wanted")


def is_asked(writing: Writing, person: RegisteredPerson, meeting: Meeting) -> bool:
    """Whether an answer of this person is wanted, and can still be given."""
    if not meeting.asks_answer or meeting.cancelled_at or meeting.starts <= writing.now:
        return False
    return is_for(writing.session, meeting.audience, person)


def _answer_buttons(wording: Wording, meeting: Meeting) -> list[Button]:
    """With the time that is answered to: after a move, the person is to be asked again."""
    asked = {"meeting": meeting.id, "starts": moment_text(meeting.starts)}
    return [
        Button(
            wording.say(f"answering_button_{answer}"),
            {"verb": "meeting_answer", "answer": answer, **asked},
            sends_inputs=False,
        )
        for answer in ANSWERS
    ]


def _said(wording: Wording, answer: PersonAnswer) -> str:
    named = bool(answer.deputy) and answer.answer == "stedfortreder"
    return wording.say(f"answering_said_{'named' if named else answer.answer}", name=answer.deputy)


# Answering


def answer(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Take an answer; the last one holds. Who sends somebody else is asked for the name first."""
    found = _to_answer(context, person, value)
    if not isinstance(found, Meeting):
        return found
    chosen = next((one for one in ANSWERS if one == value.get("answer")), None)
    if chosen is None:
        return [TextReply(context.wording.say("old_button"))]
    if chosen == "stedfortreder":
        return [_deputy_card(context, person, found)]
    return _save(context, person, found, chosen)


def deputy(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Take the name of who comes instead: a colleague of the unit, or one that is written."""
    found = _to_answer(context, person, value)
    if not isinstance(found, Meeting):
        return found
    colleagues = _colleagues(context, person)
    chosen, written = id_in(value, "colleague"), " ".join(text_in(value, "name").split())
    problem = ""
    if len(written) > LONGEST_NAME:
        problem = context.wording.say("answering_name_long", longest=LONGEST_NAME)
    elif chosen in colleagues and written:
        problem = context.wording.say("answering_name_twice")
    elif chosen not in colleagues and not written:
        problem = context.wording.say("answering_name_missing")
    if problem:
        return [_deputy_card(context, person, found, chosen, written, problem)]
    return _save(context, person, found, "stedfortreder", colleagues.get(chosen, written))


def ask_again(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Endre svaret»: the answer as it is, and the three buttons."""
    found = _to_answer(context, person, value)
    if not isinstance(found, Meeting):
        return found
    wording = context.wording
    return [
        CardReply(
            wording.say("answering_title", title=found.title),
            (
                Paragraph(when_text(wording, found, context.today)),
                Paragraph(answer_line(context, found)),
            ),
            tuple(_answer_buttons(wording, found)),
            context.language,
        )
    ]


def _save(
    context: Context,
    person: RegisteredPerson,
    meeting: Meeting,
    answer: Answer,
    name: str = "",
) -> list[Reply]:
    wording = context.wording
    set_answer(context.session, meeting.id, person.key, answer, name, context.now)
    plan_person(context.session, context.sending, person.key, context.now)
    asked = {"meeting": meeting.id, "starts": moment_text(meeting.starts)}
    said = PersonAnswer(person.key, answer, name, context.now)
    return [
        CardReply(
            wording.say("answering_title", title=meeting.title),
            (
                Paragraph(when_text(wording, meeting, context.today)),
                Paragraph(_said(wording, said)),
                Paragraph(wording.say(f"answering_means_{answer}"), "note"),
            ),
            (
                Button(
                    wording.say("answering_change"),
                    {"verb": "meeting_answer_change", **asked},
                    sends_inputs=False,
                ),
            ),
            context.language,
        )
    ]


def _to_answer(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Meeting | list[Reply]:
    """The meeting, locked so that it isn't moved meanwhile; or why there is nothing to answer."""
    wording = context.wording
    meeting = find_meeting(context.session, id_in(value, "meeting"), lock=True)
    if meeting is None:
        return [TextReply(wording.say("answering_gone"))]
    # Whom it isn't for is told no more of it than that.
    if not is_for(context.session, meeting.audience, person):
        return [TextReply(wording.say("answering_not_invited"))]
    refused = ""
    if meeting.cancelled_at:
        refused = "answering_cancelled"
    elif meeting.starts <= context.now:
        refused = "answering_started"
    elif not meeting.asks_answer:
        refused = "answering_not_needed"
    if refused:
        return [TextReply(wording.say(refused, title=meeting.title))]
    if value.get("starts") not in (None, moment_text(meeting.starts)):
        moved = Paragraph(wording.say("answering_moved"), "error")
        return show_meeting(context, meeting.id, [moved])
    return meeting


def _deputy_card(
    context: Context,
    person: RegisteredPerson,
    meeting: Meeting,
    chosen: str = "",
    written: str = "",
    problem: str = "",
) -> CardReply:
    """Who comes instead? With what was filled in, when there is a `problem` with it."""
    wording, blocks = context.wording, list[Block]()
    blocks.append(Paragraph(wording.say("answering_deputy_intro")))
    if problem:
        blocks.append(Paragraph(problem, "error"))
    if colleagues := _colleagues(context, person):
        options = (*colleagues.items(), (OTHER, wording.say("answering_other")))
        known = chosen if chosen in dict(options) else ""
        label = wording.say("answering_colleague_label")
        blocks.append(Choice("colleague", label, options, required=False, value=known))
    label = "answering_other_label" if colleagues else "answering_name_label"
    blocks.append(
        TextInput(
            "name",
            wording.say(label),
            written[:LONGEST_NAME],
            longest=LONGEST_NAME,
            required=False,
            lines=False,
        )
    )
    asked = {"meeting": meeting.id, "starts": moment_text(meeting.starts)}
    return CardReply(
        wording.say("answering_deputy_title", title=meeting.title),
        tuple(blocks),
        (
            Button(
                wording.say("answering_deputy_save"),
                {"verb": "meeting_deputy", **asked},
                weight="main",
            ),
            Button(
                wording.say("answering_back"),
                {"verb": "meeting_answer_change", **asked},
                sends_inputs=False,
            ),
        ),
        context.language,
    )


def _colleagues(context: Context, person: RegisteredPerson) -> dict[str, str]:
    """Key -> name of the others at the unit, leaders first; nobody when they are too many."""
    if not person.unit:
        return {}
    others = [one for one in people_of_unit(context.session, person.unit) if one.key != person.key]
    if len(others) > MOST_COLLEAGUES:
        return {}
    others.sort(key=lambda one: one.role not in LEADERS)  # else in the order of their names
    return {one.key: one.name for one in others}


# What the organiser sees


def see_answers(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """Who comes, who doesn't, who sends somebody else, and who hasn't answered."""
    found = _organised(context, person, value)
    if not isinstance(found, Meeting):
        return found
    return [_answers_card(context, found)]


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
    return [_answers_card(context, found, [Paragraph(said)])]


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
        tuple(_answer_buttons(wording, meeting)),
        composing.language,
        about=about(meeting.id),
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


def _answers_card(context: Context, meeting: Meeting, said: Sequence[Block] = ()) -> CardReply:
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


_HANDLERS: Mapping[str, Handler] = {
    "meeting_answer": answer,
    "meeting_answer_change": ask_again,
    "meeting_deputy": deputy,
    "meeting_answers": see_answers,
    "meeting_nudge": nudge,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
NOTICES: dict[str, Noticed] = {NUDGE: nudged}
