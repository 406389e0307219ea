"""«mine spørsmål»: what one has asked a fagrådgiver, to read, withdraw, close or go on with."""

from collections.abc import Mapping
from typing import Any

from dialogs.context import Commanded, Context, Pressed
from dialogs.handovers.advisers import advisers_but
from dialogs.handovers.handover_notices import change_cards, tell_adviser, tell_new
from dialogs.handovers.lines import LONGEST_LINE, LONGEST_TITLE, age, first_words
from dialogs.handovers.own_card import own_card, state_of
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Items,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.pressed import Handler, id_in, number_in, registered, text_in
from dialogs.questions import LONGEST_QUESTION
from dialogs.steps import refusal
from storage.handovers import Handover, change_handover, find_handover, handovers_of
from storage.people import RegisteredPerson

MOST_LISTED = 10
LONGEST_WITH_MORE = 2_500  # a question with all that was added to it


def show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The person's own questions, the newest first."""
    wording = context.wording
    own = [one for one in handovers_of(context.session, person.key) if one.state != "trukket"]
    title = wording.say("handover_own_list_title")
    if not own:
        nothing = Paragraph(wording.say("handover_own_nothing"))
        return [CardReply(title, (nothing,), (), context.language)]
    listed = own[:MOST_LISTED]
    lines = tuple(
        f"«{first_words(one.question, LONGEST_LINE)}» {age(context, one.at)}. "
        f"{state_of(context, one)}"
        for one in listed
    )
    blocks: list[Block] = [Items(lines)]
    if len(own) > MOST_LISTED:
        blocks.append(Paragraph(wording.say("handover_earlier", count=len(own) - MOST_LISTED)))
    options = tuple((one.id, first_words(one.question, LONGEST_TITLE)) for one in listed)
    wrong = wording.say("handover_choose_error")
    label = wording.say("handover_choose")
    blocks.append(Choice("handover", label, options, wrong, value=options[0][0]))
    opens = Button(wording.say("handover_open"), {"verb": "handover_mine"}, weight="main")
    return [CardReply(title, tuple(blocks), (opens,), context.language)]


def open_own(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """One of one's own questions."""
    handover = _own(context, person, value)
    return handover if isinstance(handover, list) else [own_card(context, handover)]


def withdraw(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Trekk tilbake»: while nobody has answered. The text is taken out, and nobody reads it."""
    handover = _own(context, person, value, lock=True)
    if isinstance(handover, list):
        return handover
    if not handover.is_open:
        return [own_card(context, handover)]
    wording = context.wording
    gone = change_handover(
        context.session,
        handover,
        state="trukket",
        closed_at=context.now,
        question="",
        answer="",
    )
    change_cards(context.session, gone, context.now)
    return [
        CardReply(
            wording.say("handover_withdrawn_title"),
            (
                Paragraph(wording.say("handover_withdrawn")),
                Paragraph(handover.question, "quote"),
                Paragraph(wording.say("handover_withdrawn_after"), "note"),
            ),
            (),
            context.language,
        )
    ]


def thank(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Takk, det var svaret»: it is closed."""
    handover = _own(context, person, value, lock=True)
    if isinstance(handover, list):
        return handover
    if handover.state == "besvart":
        change_handover(context.session, handover, state="lukket", closed_at=context.now)
    elif handover.state != "lukket":
        return [own_card(context, handover)]  # an old card: it has gone on since
    return [TextReply(context.wording.say("handover_closed"))]


def wonder(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Jeg lurer fortsatt»: what to add; nothing is sent before it is written."""
    handover = _own(context, person, value)
    if isinstance(handover, list):
        return handover
    if handover.state != "besvart":
        return [own_card(context, handover)]
    return [_more_card(context, handover, "")]


def send_more(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Send what is added to the one who answered; or to all, when they don't answer any more."""
    wording, text = context.wording, text_in(value, "text")
    handover = _own(context, person, value, lock=True)
    if isinstance(handover, list):
        return handover
    question = "\n\n".join([handover.question, wording.say("handover_added", text=text)])
    if handover.is_open and handover.question == question:
        return [TextReply(wording.say("handover_sent_before"))]
    if handover.state != "besvart" or handover.revision != number_in(value, "base"):
        return [own_card(context, handover)]
    if refused := refusal(context, [text]):
        return [TextReply(refused)]
    if not text:
        return [_more_card(context, handover, text, wording.say("handover_nothing"))]
    if len(text) > LONGEST_QUESTION or len(question) > LONGEST_WITH_MORE:
        error = wording.say("handover_more_too_long")
        return [_more_card(context, handover, text[: LONGEST_QUESTION * 3], error)]
    there = {one.key for one in advisers_but(context.session, person.key)}
    if not there:
        return [_more_card(context, handover, text, wording.say("handover_nobody"))]
    if handover.assigned in there:
        again = change_handover(context.session, handover, state="tildelt", question=question)
        tell_adviser(context.session, context.sending, again, context.now)
        return [TextReply(wording.say("handover_more_sent", name=again.assigned_name))]
    new = change_handover(
        context.session, handover, state="ny", question=question, assigned="", assigned_name=""
    )
    tell_new(context.session, context.sending, new, context.now)
    return [TextReply(wording.say("handover_sent"))]


def _more_card(context: Context, handover: Handover, text: str, error: str = "") -> CardReply:
    wording = context.wording
    wrong = wording.say("handover_nothing")
    field = TextInput("text", wording.say("handover_more_label"), text, wrong, LONGEST_QUESTION)
    said = [Paragraph(error, "error")] if error else []
    carried = {"handover": handover.id, "base": handover.revision}
    return CardReply(
        wording.say("handover_wonder"),
        (
            Paragraph(wording.say("handover_more_intro", name=handover.assigned_name)),
            Paragraph(handover.question, "quote"),
            *said,
            field,
            Paragraph(wording.say("handover_not_for"), "note"),
        ),
        (
            Button(
                wording.say("handover_send"),
                {"verb": "handover_send_more", **carried},
                weight="main",
            ),
            Button(wording.say("handover_cancel"), {"verb": "handover_cancel"}, sends_inputs=False),
        ),
        context.language,
    )


def _own(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any], *, lock: bool = False
) -> Handover | list[Reply]:
    """The person's own question of a button; others' are as good as gone."""
    handover = find_handover(context.session, id_in(value, "handover"), lock=lock)
    if handover is None or handover.asker != person.key:
        return [TextReply(context.wording.say("handover_gone"))]
    if handover.state == "trukket":
        return [TextReply(context.wording.say("handover_withdrawn_before"))]
    return handover


_HANDLERS: Mapping[str, Handler] = {
    "handover_own": show,
    "handover_mine": open_own,
    "handover_withdraw": withdraw,
    "handover_thanks": thank,
    "handover_wonder": wonder,
    "handover_send_more": send_more,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    ("mine spørsmål", "spørsmålene mine", "spørsmåla mine"),
    lambda context, rest: VERBS["handover_own"](context, {}),
)
