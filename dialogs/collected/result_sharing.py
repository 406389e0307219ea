"""A school shares its result with the skoleeierteam: asked once, and taken back when rektor wants.

Only rektor does it. Until then nobody outside the school sees the school's numbers.
"""

from collections.abc import Mapping
from typing import Any

from dialogs.access import may_act_on_results
from dialogs.checkins.round_words import title_in
from dialogs.collected.results import Seen, seen_by
from dialogs.context import Context, Pressed
from dialogs.messages import Button, CardReply, Paragraph, Reply, TextReply
from dialogs.pressed import Handler, id_in, registered
from storage.people import RegisteredPerson
from storage.rounds import share_result, withdraw_result


def share(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Del med skoleeierteamet»: says who sees what then, and does it when pressed again."""
    seen = _found(context, person, value)
    if isinstance(seen, list):
        return seen
    if person.unit in seen.sharing:
        return [_shared_card(context, person, seen)]
    if value.get("sure") is not True:
        return [_ask_card(context, person, seen)]
    share_result(context.session, seen.round.id, person.unit, person.key, context.now)
    return [_shared_card(context, person, seen)]


def withdraw(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Trekk tilbake»: the skoleeierteam sees it no longer."""
    seen = _found(context, person, value)
    if isinstance(seen, list):
        return seen
    withdraw_result(context.session, seen.round.id, person.unit)
    return [TextReply(context.wording.say("result_share_withdrawn", unit=person.unit))]


def keep(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Ikke del»."""
    seen = _found(context, person, value)
    if isinstance(seen, list):
        return seen
    if person.unit in seen.sharing:
        return [_shared_card(context, person, seen)]
    return [TextReply(context.wording.say("result_share_kept"))]


def _found(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Seen | list[Reply]:
    """The round of a button, when its result is this person's to share; or what to say instead."""
    wording = context.wording
    seen = seen_by(context.session, person, id_in(value, "round"))
    if seen is None:
        return [TextReply(wording.say("result_share_gone"))]
    if not person.unit or not may_act_on_results(person, person.unit):
        return [TextReply(wording.say("result_share_not_yours"))]
    if seen.questions.finest == "kommune" and not seen.round.unit:
        return [TextReply(wording.say("result_share_no_school"))]
    return seen


def _ask_card(context: Context, person: RegisteredPerson, seen: Seen) -> CardReply:
    wording, carried = context.wording, {"round": seen.round.id}
    told = {"title": title_in(context.language, seen.round), "unit": person.unit}
    return CardReply(
        wording.say("result_share_title"),
        (
            Paragraph(wording.say("result_share_intro", **told)),
            Paragraph(wording.say("result_share_not", smallest=seen.report.smallest)),
            Paragraph(wording.say("result_share_talk"), "note"),
        ),
        (
            Button(
                wording.say("result_share_button"),
                {"verb": "result_share", **carried, "sure": True},
                sends_inputs=False,
                weight="main",
            ),
            Button(
                wording.say("result_share_keep"),
                {"verb": "result_share_keep", **carried},
                sends_inputs=False,
            ),
        ),
        context.language,
    )


def _shared_card(context: Context, person: RegisteredPerson, seen: Seen) -> CardReply:
    wording = context.wording
    value = {"verb": "result_unshare", "round": seen.round.id}
    done = wording.say(
        "result_share_done", unit=person.unit, title=title_in(context.language, seen.round)
    )
    return CardReply(
        wording.say("result_share_done_title"),
        (Paragraph(done),),
        (Button(wording.say("result_share_withdraw"), value, sends_inputs=False),),
        context.language,
    )


_HANDLERS: Mapping[str, Handler] = {
    "result_share": share,
    "result_share_keep": keep,
    "result_unshare": withdraw,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
PAGE_VERBS: set[str] = {*_HANDLERS}
