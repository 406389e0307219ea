"""«Kommer du?»: each person's answer to a meeting that needs one."""

from collections.abc import Mapping
from typing import Any

from dialogs.access import LEADERS, may_organise
from dialogs.context import Context, Pressed
from dialogs.meetings.audience import is_for
from dialogs.meetings.meeting_card import (
    Writing,
    show_meeting,
    when_text,
)
from dialogs.meetings.planning import moment_text, plan_person
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
from dialogs.pressed import Handler, id_in, registered, text_in
from dialogs.wording import Wording
from storage.meeting_answers import ANSWERS, Answer, PersonAnswer, answer_of, set_answer
from storage.meetings import Meeting, find_meeting
from storage.people import RegisteredPerson, people_of_unit

OTHER = "annen"
LONGEST_NAME = 100
MOST_COLLEAGUES = 40  # more are quicker written than found in a list


# On the card of a meeting


def buttons(writing: Writing, meeting: Meeting) -> tuple[Button, ...]:
    """The three answers for who is asked, and «Se svar» for those who keep the calendar."""
    person, wording = writing.person, writing.wording
    if person is None or not meeting.asks_answer:
        return ()
    shown: list[Button] = []
    if is_asked(writing, person, meeting):
        shown += answer_buttons(wording, meeting)
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


def answer_buttons(wording: Wording, meeting: Meeting) -> list[Button]:
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
            tuple(answer_buttons(wording, found)),
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


_HANDLERS: Mapping[str, Handler] = {
    "meeting_answer": answer,
    "meeting_answer_change": ask_again,
    "meeting_deputy": deputy,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
