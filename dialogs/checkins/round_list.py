"""«Spørrerunder»: those one can answer, those that are planned, open and closed; and reminders."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dialogs.access import is_leader
from dialogs.checkins import round_card
from dialogs.checkins.round_audience import may_manage, may_start
from dialogs.checkins.round_card import may_answer, rate_text, represents
from dialogs.checkins.round_notices import PREFERENCE
from dialogs.checkins.round_words import Writing, round_line, title_in
from dialogs.collected.results import rounds_seen_by
from dialogs.context import Commanded, Context, Pressed
from dialogs.meetings.audience import is_for, read_register
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Items,
    PageLinks,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.pressed import registered
from storage.people import RegisteredPerson
from storage.preferences import set_preference
from storage.rounds import Round, list_rounds

MOST_CLOSED = 5
MOST_ANSWERED = 3  # buttons to answer; nobody has more open at once by the rules


def list_card(writing: Writing, person: RegisteredPerson) -> CardReply:
    """What there is of rounds for this person."""
    wording, now = writing.wording, writing.now
    coming = list_rounds(writing.session, since=now)
    every = [one for one in reversed(coming) if one.month is None and one.closed_at is None]
    mine = [one for one in every if may_manage(person, one)]
    planned = [one for one in mine if now < one.opens]
    is_open = [one for one in mine if one.opens <= now]
    to_answer = [one for one in every if may_answer(writing, person, one)]
    register = read_register(writing.session) if person.role == "tillitsvalgt" else None
    to_come = [
        one for one in every if now < one.opens and register and represents(person, one, register)
    ]
    colleague = replace(person, role="lærer")
    for_colleagues = [
        one
        for one in every
        if is_leader(person)
        and one.opens <= now
        and one not in (*is_open, *to_answer)
        and is_for(writing.session, one.audience, colleague)
    ]
    closed = [one for one in rounds_seen_by(writing.session, person) if one.month is None]
    blocks: list[Block] = [
        *_listed(writing, "rounds_to_answer", to_answer),
        *_listed(writing, "rounds_open", is_open, rates=True),
        *_listed(writing, "rounds_for_colleagues", for_colleagues),
        *_listed(writing, "rounds_planned", planned),
        *_listed(writing, "rounds_to_come", to_come),
    ]
    if closed:
        links = tuple(
            (round_line(writing, one), f"/side/runder/{one.id}") for one in closed[:MOST_CLOSED]
        )
        blocks += [Paragraph(wording.say("rounds_closed"), "heading"), PageLinks(links)]
    if not blocks:
        key = "rounds_none_to_start" if may_start(person) else "rounds_none"
        blocks.append(Paragraph(wording.say(key)))
    buttons = [
        Button(
            wording.say(
                "rounds_answer_one" if len(to_answer) > 1 else "rounds_answer",
                title=title_in(writing.language, one),
            ),
            {"verb": "round_open", "round": one.id},
            sends_inputs=False,
            weight="main",
        )
        for one in to_answer[:MOST_ANSWERED]
    ]
    shown = _once([*is_open, *planned, *to_come])
    if len(shown) == 1:
        which = {"verb": "round_show", "round": shown[0].id}
        buttons.append(Button(wording.say("rounds_show"), which, sends_inputs=False))
    elif shown:
        options = tuple((one.id, round_line(writing, one)) for one in shown)
        blocks.append(
            Choice(
                "round",
                wording.say("rounds_choose"),
                options,
                wording.say("rounds_choose_error"),
                value=options[0][0],
            )
        )
        buttons.append(Button(wording.say("rounds_show"), {"verb": "round_show"}))
    if may_start(person):
        new = {"verb": "round_new"}
        buttons.append(Button(wording.say("rounds_new"), new, sends_inputs=False))
    return CardReply(wording.say("rounds_title"), tuple(blocks), tuple(buttons), writing.language)


def _listed(
    writing: Writing, key: str, found: Iterable[Round], *, rates: bool = False
) -> Iterable[Block]:
    lines = []
    for one in found:
        rate = rate_text(writing, one) if rates else ""
        lines.append(f"{round_line(writing, one)}. {rate}" if rate else round_line(writing, one))
    if lines:
        yield Paragraph(writing.wording.say(key), "heading")
        yield Items(tuple(lines))


def _once(found: Iterable[Round]) -> list[Round]:
    return list({one.id: one for one in found}.values())


def show_list(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Spørrerunder»."""
    return [list_card(context, person)]


def reminders(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Begin or stop being reminded of rounds that one has not answered."""
    on = value.get("on")
    if not isinstance(on, bool):
        return [TextReply(context.wording.say("old_button"))]
    set_preference(context.session, person.key, PREFERENCE, on)
    key = "rounds_reminders_on" if on else "rounds_reminders_off"
    return [TextReply(context.wording.say(key))]


def _said(context: Context, rest: str) -> list[Reply]:
    return VERBS["round_list"](context, {})


def _stop(context: Context, rest: str) -> list[Reply]:
    return VERBS["round_reminders"](context, {"on": False})


def _start(context: Context, rest: str) -> list[Reply]:
    return VERBS["round_reminders"](context, {"on": True})


VERBS: dict[str, Pressed] = {
    **round_card.VERBS,
    "round_list": registered(show_list),
    "round_reminders": registered(reminders),
}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    (
        "spørrerunder",
        "spørrerunde",
        "spørrerundar",
        "spørjerundar",
        "spørjerunde",
        "runder",
        "rundar",
    ),
    _said,
)
COMMANDS |= dict.fromkeys(
    (
        "stopp påminnelser om spørrerunder",
        "stopp påminningar om spørjerundar",
        "stopp påminningar om spørrerundar",
    ),
    _stop,
)
COMMANDS |= dict.fromkeys(
    (
        "start påminnelser om spørrerunder",
        "start påminningar om spørjerundar",
        "start påminningar om spørrerundar",
    ),
    _start,
)
PAGE_VERBS: set[str] = {*round_card.PAGE_VERBS, "round_list"}
