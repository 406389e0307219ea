"""«spørsmål til fagrådgiver»: what is new, whose the rest is, and who takes what."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from dialogs.context import Commanded, Context, Pressed
from dialogs.handovers.adviser_answer import answer_card, answered_card
from dialogs.handovers.advisers import advisers_but, for_advisers
from dialogs.handovers.handover_notices import (
    change_cards,
    choice_of,
    desk_button,
    new_for,
    taken_line,
    tell_adviser,
    tell_new,
)
from dialogs.handovers.lines import asked_blocks, line
from dialogs.messages import Block, Button, CardReply, Choice, Items, Paragraph, Reply, TextReply
from dialogs.pressed import Handler, id_in
from storage.handovers import (
    Handover,
    answered_since,
    change_handover,
    find_handover,
    handovers_in,
)
from storage.people import RegisteredPerson

LATELY = timedelta(days=14)
# How many are listed, so that the card is one message.
MOST_TO_DO, MOST_OTHERS = 6, 4


def show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The desk: new, one's own, what others have taken, and what was answered lately."""
    wording = context.wording
    new = new_for(context)
    taken = [one for one in handovers_in(context.session, "tildelt") if one.asker != person.key]
    mine = [one for one in taken if one.assigned == person.key]
    others = [one for one in taken if one.assigned != person.key]
    answered = [
        one
        for one in answered_since(context.session, context.now - LATELY)
        if one.asker != person.key
    ]
    blocks: list[Block] = []
    listed: list[Handover] = []
    for key, part, most in (
        ("handover_desk_new", new, MOST_TO_DO),
        ("handover_desk_mine", mine, MOST_TO_DO),
        ("handover_desk_others", others, MOST_OTHERS),
        ("handover_desk_answered", answered, MOST_OTHERS),
    ):
        if not part:
            continue
        some = part[:most]
        listed += some
        blocks.append(Paragraph(wording.say(key, count=len(part)), "heading"))
        blocks.append(Items(tuple(_line(context, one) for one in some)))
        if len(part) > most:
            count = len(part) - most
            blocks.append(Paragraph(wording.say("handover_more_new", count=count), "note"))
    buttons: tuple[Button, ...] = ()
    if listed:
        blocks.append(choice_of(context, listed, "handover_choose"))
        opens = {"verb": "handover_open"}
        buttons = (Button(wording.say("handover_open"), opens, weight="main"),)
    else:
        blocks.append(Paragraph(wording.say("handover_desk_empty")))
    title = wording.say("handover_desk_title")
    return [CardReply(title, tuple(blocks), buttons, context.language)]


def _line(context: Context, handover: Handover) -> str:
    said = line(context, handover)
    if handover.state == "ny" or not context.person:
        return said
    if handover.assigned == context.person.key and handover.state == "tildelt":
        return said
    return f"{said} ({handover.assigned_name})"


def open_one(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """One question: to answer, to take, or to read."""
    handover = _theirs(context, person, value)
    if isinstance(handover, list):
        return handover
    return [_card(context, person, handover)]


def take(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Jeg tar det»: it is theirs to answer, and the others' cards say so."""
    handover = _theirs(context, person, value, lock=True)
    if isinstance(handover, list):
        return handover
    if handover.state == "ny":
        handover = change_handover(
            context.session,
            handover,
            state="tildelt",
            assigned=person.key,
            assigned_name=person.name,
        )
        change_cards(context.session, handover, context.now)
    return [_card(context, person, handover)]


def give_back(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Legg tilbake»: it is new again, and the others hear of it."""
    handover = _assigned(context, person, value)
    if isinstance(handover, list):
        return handover
    put_back(context, handover, but=person.key)
    return [TextReply(context.wording.say("handover_given_back"))]


def put_back(context: Context, handover: Handover, but: str) -> None:
    """Make it new, and tell everybody but the one with this key."""
    new = change_handover(context.session, handover, state="ny", assigned="", assigned_name="")
    tell_new(context.session, context.sending, new, context.now, but=but)
    change_cards(context.session, new, context.now)


def pass_ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Gi videre»: to whom?"""
    handover = _assigned(context, person, value)
    if isinstance(handover, list):
        return handover
    return [_pass_card(context, person, handover)]


def pass_on(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """It is another's to answer, and they hear of it."""
    handover = _assigned(context, person, value)
    if isinstance(handover, list):
        return handover
    wording, key = context.wording, id_in(value, "to")
    there = {one.key: one for one in _others(context, person, handover)}
    if key not in there:
        return [_pass_card(context, person, handover, wording.say("handover_pass_error"))]
    passed = change_handover(context.session, handover, assigned=key, assigned_name=there[key].name)
    tell_adviser(context.session, context.sending, passed, context.now)
    change_cards(context.session, passed, context.now)
    return [TextReply(wording.say("handover_passed", name=passed.assigned_name))]


def _pass_card(
    context: Context, person: RegisteredPerson, handover: Handover, error: str = ""
) -> CardReply:
    wording, carried = context.wording, {"handover": handover.id}
    blocks = asked_blocks(context, handover)
    options = tuple((one.key, one.name) for one in _others(context, person, handover))
    title = wording.say("handover_pass")
    if not options:
        blocks.append(Paragraph(wording.say("handover_pass_nobody")))
        return CardReply(title, tuple(blocks), (desk_button(context),), context.language)
    if error:
        blocks.append(Paragraph(error, "error"))
    wrong = wording.say("handover_pass_error")
    blocks.append(Choice("to", wording.say("handover_pass_label"), options, wrong))
    give = {"verb": "handover_pass_on", **carried}
    keep = {"verb": "handover_open", **carried}
    return CardReply(
        title,
        tuple(blocks),
        (
            Button(title, give, weight="main"),
            Button(wording.say("handover_keep"), keep, sends_inputs=False),
        ),
        context.language,
    )


def _others(
    context: Context, person: RegisteredPerson, handover: Handover
) -> Sequence[RegisteredPerson]:
    there = advisers_but(context.session, handover.asker)
    return [one for one in there if one.key != person.key]


def _card(context: Context, person: RegisteredPerson, handover: Handover) -> CardReply:
    """What a fagrådgiver sees of a question, by how far it has come and whose it is."""
    wording = context.wording
    is_theirs = handover.assigned == person.key
    if handover.state == "tildelt" and is_theirs:
        return answer_card(context, handover)
    if not handover.is_open and is_theirs:
        return answered_card(context, handover)
    blocks = asked_blocks(context, handover)
    if handover.state == "ny":
        value = {"verb": "handover_take", "handover": handover.id}
        main = Button(wording.say("handover_take"), value, weight="main")
        title = wording.say("handover_new_one")
        return CardReply(title, tuple(blocks), (main, desk_button(context)), context.language)
    if handover.is_open:
        blocks.append(Paragraph(taken_line(context, handover)))
    title = wording.say("handover_others_title", name=handover.assigned_name)
    return CardReply(title, tuple(blocks), (desk_button(context),), context.language)


def _theirs(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any], *, lock: bool = False
) -> Handover | list[Reply]:
    """A question that the fagrådgiver may see: everybody's but their own, unless withdrawn."""
    handover = find_handover(context.session, id_in(value, "handover"), lock=lock)
    if handover is None or handover.asker == person.key or handover.state == "trukket":
        return [TextReply(context.wording.say("handover_gone"))]
    return handover


def _assigned(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Handover | list[Reply]:
    """A question that is theirs to answer, locked; else how it stands with it."""
    handover = _theirs(context, person, value, lock=True)
    if isinstance(handover, list):
        return handover
    if handover.state != "tildelt" or handover.assigned != person.key:
        return [_card(context, person, handover)]
    return handover


_HANDLERS: Mapping[str, Handler] = {
    "handover_desk": show,
    "handover_open": open_one,
    "handover_take": take,
    "handover_give_back": give_back,
    "handover_pass": pass_ask,
    "handover_pass_on": pass_on,
}
VERBS: dict[str, Pressed] = {verb: for_advisers(handler) for verb, handler in _HANDLERS.items()}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    ("spørsmål til fagrådgiver", "spørsmål til fagrådgivar", "innboks"),
    lambda context, rest: VERBS["handover_desk"](context, {}),
)
