"""«Spør en fagrådgiver»: the offer, what is sent and to whom, and the sending."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from dialogs.context import Commanded, Context, Pressed
from dialogs.handovers.advisers import advisers_but
from dialogs.handovers.handover_notices import tell_new
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Facts,
    Paragraph,
    Reply,
    Suggestion,
    TextInput,
    TextReply,
)
from dialogs.pressed import new_id_in, registered, text_in
from dialogs.questions import LONGEST_QUESTION, Answered
from dialogs.steps import refusal
from dialogs.wording import read_wordings
from storage.handovers import Handover, add_handover, count_open, handovers_of
from storage.people import RegisteredPerson

MOST_OPEN = 10  # questions of one person that wait at a time
MOST_SUGGESTIONS = 3  # Teams shows no more
NAMED = 4  # fagrådgivere that the card names; more are counted


def offered(context: Context, question: str, answered: Answered) -> TextReply:
    """The reply; where the documents don't answer, with the offer beside «Send uten navn»."""
    person = context.person
    if answered.reply.answer not in ("beside", "declined") or person is None:
        return answered.reply
    if not advisers_but(context.session, person.key):
        return answered.reply
    wording, reply = context.wording, answered.reply
    title = wording.say("handover_ask")
    ask = Suggestion(title, f"{title}: {question[:LONGEST_QUESTION]}")
    suggestions = (*reply.suggestions[:1], ask, *reply.suggestions[1:])[:MOST_SUGGESTIONS]
    text = reply.text
    if reply.answer == "declined":  # beside the documents there is a way on already
        text = f"{text}\n\n{wording.say('handover_offer')}"
    return replace(reply, text=text, suggestions=suggestions)


def by_name(context: Context, rest: str) -> list[Reply]:
    """«spør en fagrådgiver: …»: exactly what would be sent; only the button on the card sends."""
    if context.person is None:
        return [TextReply(context.wording.say("handover_unknown"))]
    if not advisers_but(context.session, context.person.key):
        return [TextReply(context.wording.say("handover_nobody"))]
    if refused := refusal(context, [rest]):
        return [TextReply(refused)]
    return [_consent_card(context, context.person, rest.strip(), uuid4().hex)]


def send(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Hand the question over, as it stands in the field."""
    wording, new, text = context.wording, new_id_in(value, "new"), text_in(value, "text")
    if not new:
        return [TextReply(wording.say("old_button"))]
    if not advisers_but(context.session, person.key):
        return [TextReply(wording.say("handover_nobody"))]
    if refused := refusal(context, [text]):
        return [TextReply(refused)]
    if not text or len(text) > LONGEST_QUESTION:
        key = "handover_too_long" if text else "handover_nothing"
        error = wording.say(key, count=len(text), most=LONGEST_QUESTION)
        return [_consent_card(context, person, text, new, error)]
    own = handovers_of(context.session, person.key)
    if any(one.id == new and one.state == "trukket" for one in own):
        return [TextReply(wording.say("handover_withdrawn_before"))]
    if any(one.id == new or (one.is_open and one.question == text) for one in own):
        return [TextReply(wording.say("handover_sent_before"))]
    if count_open(context.session, person.key) >= MOST_OPEN:
        error = wording.say("handover_too_many", most=MOST_OPEN)
        return [_consent_card(context, person, text, new, error)]
    handover = Handover(
        id=new, asker=person.key, asker_name=person.name, question=text, at=context.now
    )
    if not add_handover(context.session, handover):
        return [TextReply(wording.say("old_button"))]  # somebody else's: the card isn't one of ours
    tell_new(context.session, context.sending, handover, context.now)
    return [TextReply(wording.say("handover_sent"))]


def cancel(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Avbryt»: nothing was kept, so there is nothing to undo."""
    return [TextReply(context.wording.say("handover_not_sent"))]


def _consent_card(
    context: Context, person: RegisteredPerson, text: str, new: str, error: str = ""
) -> CardReply:
    """The question to edit, and all that one should know before it is sent."""
    wording = context.wording
    if len(text) > LONGEST_QUESTION:
        error = error or wording.say("handover_too_long", count=len(text), most=LONGEST_QUESTION)
    names = [one.name for one in advisers_but(context.session, person.key)]
    who = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        who = wording.say("handover_and_more", names=who, count=len(names) - NAMED)
    facts = (
        ("handover_from", ", ".join(filter(None, (person.name, person.unit)))),
        ("handover_seen_by", wording.say("handover_seen_by_them", names=who)),
        ("handover_kept", wording.say("handover_kept_for")),
    )
    field = TextInput(
        "text",
        wording.say("handover_label"),
        # What is longer than the field may hold is more than anybody has written by hand.
        text[: LONGEST_QUESTION * 3],
        wording.say("handover_nothing"),
        LONGEST_QUESTION,
    )
    blocks: list[Block] = [Paragraph(error, "error")] if error else []
    return CardReply(
        wording.say("handover_ask_title"),
        (
            Paragraph(wording.say("handover_intro" if text else "handover_intro_empty")),
            *blocks,
            field,
            Facts(tuple((wording.say(key), said) for key, said in facts)),
            Paragraph(wording.say("handover_rewritten")),
            Paragraph(wording.say("handover_not_for"), "note"),
        ),
        (
            Button(
                wording.say("handover_send"), {"verb": "handover_send", "new": new}, weight="main"
            ),
            Button(wording.say("handover_cancel"), {"verb": "handover_cancel"}, sends_inputs=False),
        ),
        wording.language,
    )


VERBS: dict[str, Pressed] = {
    "handover_send": registered(send),
    "handover_cancel": registered(cancel),
}
# The texts of our own suggestions are among them: they arrive as if the person had written them.
COMMANDS: dict[str, Commanded] = {
    **{one.say("handover_ask").casefold(): by_name for one in read_wordings().values()},
    "spør fagrådgiver": by_name,
    "spør fagrådgivar": by_name,
    "spør ein fagrådgjevar": by_name,
}
