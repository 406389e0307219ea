"""What was heard in a round and what is done about it: back to those who were asked.

The skoleeierteam follows up for the kommune, rektor for the school. Several measures a round; they
are written, sent to those who were asked, put in the utviklingsplan, and later evaluated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from dialogs.access import is_leader
from dialogs.checkins.round_words import title_in
from dialogs.collected import follow_up_told
from dialogs.collected.follow_up_form import filled_of, form_card, read
from dialogs.collected.follow_up_plan import to_plan
from dialogs.collected.follow_up_told import (
    Side,
    Where,
    blocks_for,
    facts_of,
    forget_deadline,
    newest_told,
    people_told,
    plan_deadline,
    shown,
    side_of,
    tell,
)
from dialogs.collected.menu import menu_for, rounds_trail
from dialogs.collected.results import rounds_seen_by, seen_by
from dialogs.context import Commanded, Composing, Context, Noticed, Paged, Pressed
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Page,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.pressed import Handler, id_in, new_id_in, registered
from dialogs.steps import refusal
from storage.follow_ups import (
    FollowUp,
    add_follow_up,
    change_follow_up,
    delete_follow_up,
    find_follow_up,
    follow_ups_of,
)
from storage.people import RegisteredPerson

__all__ = ["blocks_for", "side_of"]  # what the pages of rounds show, and who may follow up

MOST_ROUNDS = 5
MOST_SHOWN = 12  # measures on a card


# The list


def show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Følg opp»: what has been written, and what can be done with it; to others, what was told."""
    side = side_of(context, person, id_in(value, "round"))
    if isinstance(side, str):
        return _to_read(context, person, id_in(value, "round")) or [TextReply(side)]
    return [list_card(context, side)]


def list_card(where: Where, side: Side, said: Sequence[Block] = ()) -> CardReply:
    """The measures of one side, as a card and as a section of a page."""
    wording, round = where.wording, side.seen.round
    found = follow_ups_of(where.session, round.id, [side.unit])
    untold = [one.id for one in found if one.told_at is None]
    blocks: list[Block] = list(said)
    blocks.append(Paragraph(wording.say("follow_up_intro" if found else "follow_up_empty")))
    if len(found) > MOST_SHOWN:
        count = len(found) - MOST_SHOWN
        blocks.append(Paragraph(wording.say("follow_up_earlier", count=count), "note"))
    for one in found[-MOST_SHOWN:]:
        state = "follow_up_is_told" if one.told_at else "follow_up_is_not_told"
        blocks += [facts_of(wording, one), Paragraph(wording.say(state), "note")]
    if untold:
        people = len(people_told(where.session, round, side.unit))
        key = "follow_up_goes_to_school" if side.unit else "follow_up_goes_to"
        blocks.append(Paragraph(wording.say(key, count=people, unit=side.unit)))
    if found:
        options = tuple((one.id, _first_words(one.measure)) for one in reversed(found))
        label = wording.say("follow_up_choose")
        wrong = wording.say("follow_up_choose_error")
        blocks.append(Choice("follow_up", label, options, wrong, value=options[0][0]))
    buttons = _buttons(where, side, found, untold)
    title = wording.say("follow_up_title", title=title_in(where.language, round))
    return CardReply(title, tuple(blocks), buttons, where.language)


def _buttons(
    where: Where, side: Side, found: Sequence[FollowUp], untold: Sequence[str]
) -> tuple[Button, ...]:
    wording, carried = where.wording, {"round": side.seen.round.id}
    new = {"verb": "follow_up_edit", **carried, "new": uuid4().hex}
    made = [Button(wording.say("follow_up_new"), new, sends_inputs=False, weight="main")]
    if untold:
        value = {"verb": "follow_up_send", **carried, "follow_ups": list(untold)}
        made.append(Button(wording.say("follow_up_send"), value, sends_inputs=False))
    if found:
        made.append(Button(wording.say("follow_up_edit"), {"verb": "follow_up_edit", **carried}))
        if where.person and is_leader(where.person):
            plan = {"verb": "follow_up_plan", **carried}
            made.append(Button(wording.say("follow_up_plan"), plan))
    if untold:
        made.append(
            Button(
                wording.say("follow_up_delete"),
                {"verb": "follow_up_delete", **carried},
                weight="danger",
            )
        )
    return tuple(made)


# One measure


def edit(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The form of a new measure, or of one that is there."""
    opened = _opened(context, person, value)
    if isinstance(opened, list):
        return opened
    side, one = opened
    return [
        form_card(context, one, filled_of(one), title=title_in(context.language, side.seen.round))
    ]


def save_measure(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """What was filled in; or the form again."""
    proposed = new_id_in(value, "follow_up")
    opened = _opened(context, person, {**value, "new": proposed}, lock=True)
    if isinstance(opened, list):
        return opened
    side, one = opened
    filled = read(context, value)
    if refused := refusal(context, filled.texts):
        return [TextReply(refused)]
    if filled.errors:
        return [form_card(context, one, filled, title=title_in(context.language, side.seen.round))]
    kept = filled.into(one)
    add_follow_up(context.session, kept)
    change_follow_up(context.session, kept)
    plan_deadline(context.session, context.sending, kept, context.today)
    return [list_card(context, side, [Paragraph(context.wording.say("follow_up_saved"))])]


def delete(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Delete one that hasn't been sent; asks once."""
    opened = _opened(context, person, value, lock=True)
    if isinstance(opened, list):
        return opened
    (side, one), wording = opened, context.wording
    if one.told_at is not None:
        return [list_card(context, side, [Paragraph(wording.say("follow_up_sent_stays"), "error")])]
    carried = {"round": one.round, "follow_up": one.id}
    if value.get("sure") is not True:
        sure = {"verb": "follow_up_delete", **carried, "sure": True}
        keep = {"verb": "follow_up", **carried}
        return [
            CardReply(
                wording.say("follow_up_delete_title"),
                (facts_of(wording, one),),
                (
                    Button(
                        wording.say("follow_up_delete_now"),
                        sure,
                        sends_inputs=False,
                        weight="danger",
                    ),
                    Button(wording.say("follow_up_keep"), keep, sends_inputs=False),
                ),
                context.language,
            )
        ]
    delete_follow_up(context.session, one.id)
    forget_deadline(context.session, one.id)
    return [list_card(context, side, [Paragraph(wording.say("follow_up_deleted"))])]


def send(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Send til dem som ble spurt»: what the card showed, and isn't sent already."""
    side = side_of(context, person, id_in(value, "round"))
    if isinstance(side, str):
        return [TextReply(side)]
    wording, round, wanted = context.wording, side.seen.round, value.get("follow_ups")
    found = follow_ups_of(context.session, round.id, [side.unit], lock=True)
    now = [
        replace(one, told_at=context.now)
        for one in found
        if one.told_at is None and isinstance(wanted, list) and one.id in wanted
    ]
    if not now:
        return [list_card(context, side, [Paragraph(wording.say("follow_up_sent_before"))])]
    for one in now:
        change_follow_up(context.session, one)
    count = tell(context.session, context.sending, round, now, context.now)
    said = wording.say("follow_up_sent", count=count)
    return [list_card(context, side, [Paragraph(said)])]


def _opened(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any], *, lock: bool = False
) -> tuple[Side, FollowUp] | list[Reply]:
    """The measure of a button, to be changed; a new one when the button proposes its id."""
    one = find_follow_up(context.session, id_in(value, "follow_up"), lock=lock)
    side = side_of(context, person, one.round if one else id_in(value, "round"))
    if isinstance(side, str):
        return [TextReply(side)]
    if one is not None and one.unit == side.unit:
        return side, one
    new = new_id_in(value, "new")
    if one is not None or not new:
        return [list_card(context, side, [_wrong(context, "follow_up_choose_error")])]
    if already := find_follow_up(context.session, new):  # an old card, pressed again
        return (side, already) if already.unit == side.unit else [_not_yours(context)]
    before = follow_ups_of(context.session, side.seen.round.id, [side.unit])
    return side, FollowUp(
        id=new,
        round=side.seen.round.id,
        unit=side.unit,
        heard=before[-1].heard if before else "",  # several measures for one thing heard
        measure="",
        by=person.key,
        by_name=person.name,
        at=context.now,
    )


# Reading


def by_name(context: Context, rest: str) -> list[Reply]:
    """«hva ble gjort»: what has been told after the rounds the person was asked in."""
    person, wording = context.person, context.wording
    if person is None:
        return [TextReply(wording.say("share_unknown"))]
    blocks: list[Block] = []
    for told in newest_told(context.session, person, MOST_ROUNDS):
        blocks.append(Paragraph(title_in(context.language, told.round), "heading"))
        blocks += shown(wording, told.follow_ups)
    buttons = []
    for round in rounds_seen_by(context.session, person)[:MOST_ROUNDS]:
        if not isinstance(side_of(context, person, round.id), str):
            title = wording.say("follow_up_button", title=title_in(context.language, round))
            value = {"verb": "follow_up", "round": round.id}
            buttons.append(Button(title, value, sends_inputs=False))
    if not blocks:
        blocks.append(Paragraph(wording.say("follow_up_nothing")))
    title = wording.say("follow_up_done_title")
    return [CardReply(title, tuple(blocks), tuple(buttons), context.language)]


def page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """/side/oppfolging/<round>: the card above; to those who only read, what was told."""
    person, wording = composing.person, composing.wording
    seen = seen_by(composing.session, person, rest)
    if seen is None:
        return None
    name = title_in(composing.language, seen.round)
    side = side_of(composing, person, rest)
    if isinstance(side, str):
        units = dict.fromkeys(("", person.unit))
        blocks = [one for unit in units for one in blocks_for(composing, seen.round, unit)]
        nothing = Paragraph(wording.say("follow_up_nothing"))
        title = wording.say("follow_up_title", title=name)
        card = CardReply(title, tuple(blocks or [nothing]), (), composing.language)
    else:
        card = list_card(composing, side)
    return Page(
        card.title,
        (card,),
        menu=menu_for(wording, person),
        trail=rounds_trail(wording, (name, f"/side/runder/{seen.round.id}")),
        language=composing.language,
    )


def _to_read(context: Context, person: RegisteredPerson, round_id: str) -> list[Reply]:
    seen = seen_by(context.session, person, round_id)
    if seen is None:
        return []
    units = dict.fromkeys(("", person.unit))
    blocks = [one for unit in units for one in blocks_for(context, seen.round, unit)]
    name = title_in(context.language, seen.round)
    title = context.wording.say("follow_up_title", title=name)
    return [CardReply(title, tuple(blocks), (), context.language)] if blocks else []


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:79].rstrip() + "…"


def _wrong(context: Context, key: str) -> Paragraph:
    return Paragraph(context.wording.say(key), "error")


def _not_yours(context: Context) -> Reply:
    return TextReply(context.wording.say("follow_up_not_yours"))


_HANDLERS: Mapping[str, Handler] = {
    "follow_up": show,
    "follow_up_edit": edit,
    "follow_up_save": save_measure,
    "follow_up_delete": delete,
    "follow_up_send": send,
    "follow_up_plan": to_plan,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
PAGE_VERBS: set[str] = {*_HANDLERS, "plan_undo"}
COMMANDS: dict[str, Commanded] = dict.fromkeys(("hva ble gjort", "kva vart gjort"), by_name)
PAGES: dict[str, Paged] = {"oppfolging": page}
NOTICES: dict[str, Noticed] = follow_up_told.NOTICES
