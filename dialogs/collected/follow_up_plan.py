"""«Legg i utviklingsplanen»: a measure after a round becomes a row of the school's plan."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from dialogs.access import is_leader, may_act_on_results
from dialogs.collected.follow_up_told import facts_of, may_read
from dialogs.collected.results import seen_by
from dialogs.context import Context
from dialogs.deadlines import plan_row_saved
from dialogs.drafts import save
from dialogs.guide import LONGEST_SHORT_TEXT
from dialogs.messages import Button, CardReply, Paragraph, Reply, TextReply
from dialogs.plan_copies import shorten
from dialogs.plan_rows import key_of
from dialogs.pressed import id_in
from dialogs.utviklingsplan import SHOW, open_plan
from storage.drafts import Conflict
from storage.follow_ups import FollowUp, find_follow_up
from storage.people import RegisteredPerson, people_of_unit

_ROWS = UUID("0b7d9a52-7c5e-4c7f-8a53-20c7f9d3ae11")  # any, but never another: row ids follow


def to_plan(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Legg i utviklingsplanen»: a row of the school's plan; again finds the same row."""
    wording = context.wording
    one = find_follow_up(context.session, id_in(value, "follow_up"))
    seen = seen_by(context.session, person, one.round) if one else None
    if one is None or seen is None or not may_read(person, one):
        return [TextReply(wording.say("follow_up_gone"))]
    if one.told_at is None and not may_act_on_results(person, one.unit):
        return [TextReply(wording.say("follow_up_gone"))]
    if not is_leader(person):
        return [TextReply(wording.say("plan_leaders_only"))]
    opened = open_plan(context)
    if isinstance(opened, str):
        return [TextReply(opened)]
    plan, row_id = opened.view, uuid5(_ROWS, f"{one.id}/{person.unit}").hex
    stored = plan.stored.get(key_of(row_id))
    if stored is not None and stored.value is not None:
        return [_plan_card(context, "follow_up_in_plan_before", one)]
    row = {"maal": seen.round.title[:LONGEST_SHORT_TEXT], "tiltak": shorten(one.measure)}
    row |= {"frist": one.deadline.isoformat()} if one.deadline else {}
    named = [
        colleague.key
        for colleague in people_of_unit(context.session, person.unit)
        if one.responsible and colleague.name.casefold() == one.responsible.casefold()
    ]
    row |= {"ansvarlig": named[0]} if len(named) == 1 else {}
    saved = save(context, plan, key_of(row_id), row, stored.revision if stored else 0)
    if isinstance(saved, Conflict):
        return [_plan_card(context, "follow_up_in_plan_before", one)]
    plan_row_saved(context.session, plan.draft, row_id, row, context.now)
    undo = {"verb": "plan_undo", "draft": plan.draft.id, "rows": {row_id: saved.revision}}
    back = Button(wording.say("plan_undo"), undo, sends_inputs=False)
    return [_plan_card(context, "follow_up_in_plan", one, back)]


def _plan_card(context: Context, key: str, one: FollowUp, *buttons: Button) -> CardReply:
    wording = context.wording
    shown_buttons = list(buttons)
    if context.turn.conversation:  # the plan's own card is one for the chat
        shown_buttons.append(Button(wording.say("plan_show"), SHOW, sends_inputs=False))
    blocks = (Paragraph(wording.say(key)), facts_of(wording, one))
    title = wording.say("follow_up_plan")
    return CardReply(title, blocks, tuple(shown_buttons), context.language)
