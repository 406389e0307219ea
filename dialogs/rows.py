"""Tables of rows, a row at a time: add, change, delete, undo, and compute anew.

The rows of the utviklingsplan are such rows too. They are shown on the plan's own card, and what is
pressed on the card of a plan that is over is done in this year's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from dialogs import answers
from dialogs.answer_rows import keeping
from dialogs.context import Context, Pressed
from dialogs.deadlines import plan_row_saved
from dialogs.drafts import View, propose_rows, proposed, view_of, when
from dialogs.drafts import save as save_in_draft
from dialogs.guide import Step
from dialogs.messages import Block, Button, CardReply, Paragraph, Reply, TextReply
from dialogs.plan_rows import PLAN
from dialogs.pressed import id_in, new_id_in, number_in
from dialogs.school_year import school_year
from dialogs.step_card import seen_by
from dialogs.steps import find, refuse, show_step
from dialogs.utviklingsplan import SHOW, OpenedPlan, open_plan, plan_card
from storage.drafts import Conflict, history_of


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a button's row stands, or is to stand: `id` is "" for no row, `base` as it was seen."""

    view: View
    step: Step
    id: str
    base: int

    @property
    def key(self) -> str:
        return f"{self.step.id}/{self.id}"

    @property
    def row(self) -> Mapping[str, Any] | None:
        return next((row for row in self.view.rows(self.step.id) if row["id"] == self.id), None)


def edit(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """The card of one row. `row` is its id, "" for a new one."""
    place = _place(context, value)
    if isinstance(place, list):
        return place
    if not place.id:
        if value.get("existing"):
            return _shown(context, place, "rows_choose_error", "error")
        return [_row_card(context, replace(place, id=uuid4().hex))]
    if place.row is None:
        return _shown(context, place, "rows_gone", "error")
    return [_row_card(context, place)]


def save(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Lagre raden»: the whole row, unless somebody else has changed it since the card was made."""
    place = _place(context, value)
    if isinstance(place, list):
        return place
    view, step = place.view, place.step
    if not (place.row or new_id_in(value, "row") or place.key in view.stored):
        return _shown(context, place, "rows_gone", "error")
    table = _keeping(context, place, value)
    read = answers.read_row(table, value, context.language, view.known)
    if isinstance(read, answers.Mistakes):
        return [_row_card(context, place, given=value, mistakes=read.by_input)]
    if refused := refuse(context, answers.free_texts(step, [read.value])):
        return refused
    return _store(context, place, read.value, value)


def delete(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Slett raden», which can be undone."""
    place = _place(context, value)
    if isinstance(place, list):
        return place
    if place.row is None:
        return _shown(context, place, "rows_gone", "note")
    return _store(context, place, None, value)


def restore(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Angre»: the row as it was before it was deleted."""
    place = _place(context, value)
    if isinstance(place, list):
        return place
    stored = place.view.stored.get(place.key)
    if stored is None or stored.value is not None:
        return _shown(context, place, "rows_restored", "note")
    before = next(one for one in reversed(_written(context, place)) if one is not None)
    return _store(
        context, replace(place, base=stored.revision), dict(before), value, "rows_restored"
    )


# Computing anew


def again(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Regn ut på nytt» asks before the proposed rows come instead of those that stand there."""
    place = _place(context, value)
    if isinstance(place, list):
        return place
    view, step = place.view, place.step
    if not proposed(view, step):
        return _shown(context, place, "rows_again_nothing", "note")
    wording, where = context.wording, {"draft": view.draft.id, "step": step.id}
    now = {**where, "verb": "rows_again_now", "revision": view.draft.revision}
    return [
        CardReply(
            wording.say("rows_again_ask_title"),
            (Paragraph(wording.say("rows_again_ask")),),
            (
                Button(wording.say("rows_again_keep"), {**where, "verb": "open"}),
                Button(wording.say("rows_again"), now, weight="danger"),
            ),
            context.language,
        )
    ]


def again_now(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """It has been asked; what has been written since is asked about again."""
    place = _place(context, value)
    if isinstance(place, list):
        return place
    view, step = place.view, place.step
    if not proposed(view, step) or value.get("revision") != view.draft.revision:
        return again(context, value)
    view = propose_rows(context, view, step)
    return _shown(context, replace(place, view=view), "rows_again_done", "note")


# Saving


def _store(
    context: Context,
    place: _Place,
    row: dict[str, Any] | None,
    given: Mapping[str, Any],
    said: str = "",
) -> list[Reply]:
    view, step, person = place.view, place.step, place.view.known.person
    saved = save_in_draft(context, view, place.key, row, place.base)
    if isinstance(saved, Conflict):
        return [_collided(context, place, saved, given, deleting=row is None)]
    if view.guide.id == PLAN:
        plan_row_saved(context.session, view.draft, place.id, row, context.now)
    view = view_of(context, person, view.guide, view.draft)
    said = said or ("rows_deleted" if row is None else "rows_saved")
    undo = []
    if row is None:
        where = {"verb": "row_restore", "draft": view.draft.id, "step": step.id, "row": place.id}
        undo.append(Button(context.wording.say("rows_undo"), where, sends_inputs=False))
    return _shown(context, replace(place, view=view), said, "note", undo)


def _row_card(
    context: Context,
    place: _Place,
    *,
    said: tuple[Block, ...] = (),
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> CardReply:
    wording, language = context.wording, context.language
    view, step, row, key = place.view, place.step, place.row, place.key
    context.turn.doing = None  # what is written in the chat can't fill in a row
    blocks: list[Block] = list(said)
    if key in view.stored and row is not None:
        stored = view.stored[key]
        mine = stored.author == view.known.person.key
        name = wording.say("steps_you") if mine else stored.author_name
        written = wording.say("steps_written_by", name=name, when=when(stored.at))
        blocks.append(Paragraph(written, "note"))
    table = _keeping(context, place, given or {})
    blocks += answers.row_inputs(table, row, language, view.known, given=given, mistakes=mistakes)
    small = f"{wording.say('steps_not_for_worries')} {seen_by(context, view)}"
    blocks.append(Paragraph(small, "note"))
    where = {"draft": view.draft.id, "step": step.id, "row": place.id, "base": view.base(key)}
    back = SHOW if view.guide.id == PLAN else {**where, "verb": "open"}
    buttons = [
        Button(wording.say("rows_save"), {**where, "verb": "row_save"}, weight="main"),
        Button(wording.say("steps_back"), back, sends_inputs=False),
    ]
    if row is not None:
        buttons.append(
            Button(
                wording.say("rows_delete"),
                {**where, "verb": "row_delete"},
                sends_inputs=False,
                weight="danger",
            )
        )
    title = wording.say(
        "rows_edit_title" if row is not None else "rows_new_title", heading=step.heading(language)
    )
    return CardReply(title, tuple(blocks), tuple(buttons), language)


def _collided(
    context: Context,
    place: _Place,
    conflict: Conflict,
    given: Mapping[str, Any],
    *,
    deleting: bool,
) -> CardReply:
    """The row as somebody else has left it, beside what was just filled in."""
    wording, now, view = context.wording, conflict.now, place.view
    view = view_of(context, view.known.person, view.guide, view.draft)
    place = replace(place, view=view)
    mine = now.author == view.known.person.key
    name = wording.say("steps_you_wrote") if mine else now.author_name
    said: list[Block] = [
        Paragraph(wording.say("steps_conflict_title"), "error"),
        Paragraph(wording.say("steps_conflict", name=name, when=when(now.at))),
    ]
    if now.value is None:
        said.append(Paragraph(wording.say("steps_conflict_deleted"), "quote"))
    else:
        table = _keeping(context, place, {})
        pairs = answers.row_pairs(table, now.value, context.language, view.known)
        said.append(Paragraph("\n".join(f"{label}: {text}" for label, text in pairs), "quote"))
    said.append(Paragraph(wording.say("steps_conflict_yours")))
    return _row_card(context, place, said=tuple(said), given=None if deleting else given)


def _shown(
    context: Context, place: _Place, key: str, style: Any, extra: Sequence[Button] = ()
) -> list[Reply]:
    """The table with a sentence above it: its step, or the plan's own card."""
    view, said = place.view, [Paragraph(context.wording.say(key), style)]
    if view.guide.id == PLAN:
        context.turn.doing = None
        return [plan_card(context, OpenedPlan(view), said=said, extra=extra)]
    return [show_step(context, view, place.step, said=said, extra=extra)]


# Finding the row


def _place(context: Context, value: Mapping[str, Any]) -> _Place | list[Reply]:
    """Where the row that a button names stands; or what to say instead."""
    found = find(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    if step.kind != "table":
        return [show_step(context, view, step)]
    place = _Place(view, step, id_in(value, "row"), number_in(value, "base"))
    is_over = view.guide.id == PLAN and view.draft.year < school_year(context.today)
    return _in_this_year(context, place) if is_over else place


def _in_this_year(context: Context, old: _Place) -> _Place | list[Reply]:
    """The same row of this year's plan, for a card that is from last year; or that it isn't there.

    A row that hasn't been changed since the card was made counts as seen, though it has moved.
    """
    opened = open_plan(context)
    if isinstance(opened, str):
        return [TextReply(opened)]
    place = replace(old, view=opened.view, base=0)
    if place.row is not None:
        was = [
            one.value
            for one in history_of(context.session, old.view.draft.id)
            if one.key == old.key and one.revision == old.base
        ]
        now = place.view.stored[place.key]
        return replace(place, base=now.revision) if now.value in was else place
    if old.id and old.key in {*old.view.stored, *place.view.stored}:
        closed = context.wording.say("plan_closed", year=old.view.draft.year)
        return [plan_card(context, opened, said=[Paragraph(closed, "error")])]
    return place


def _keeping(context: Context, place: _Place, given: Mapping[str, Any]) -> Step:
    """The table as this row may be filled in: with what it holds, though it isn't offered any more.

    So too what was filled in, if it has once stood in the row: who has changed it since is told.
    """
    fields = {
        column.id: given.get(f"{place.step.id}__{column.id}") for column in place.step.columns
    }
    once = [
        {id: cell for id, cell in row.items() if cell == fields.get(id)}
        for row in _written(context, place)
        if row is not None
    ]

    rows = [*once, place.row or {}]
    return keeping(place.step, rows, context.language, place.view.known)


def _written(context: Context, place: _Place) -> list[Mapping[str, Any] | None]:
    """The row as it has been, oldest first; None where it was deleted."""
    written = history_of(context.session, place.view.draft.id)
    return [one.value for one in written if one.key == place.key]


VERBS: dict[str, Pressed] = {
    "row_edit": edit,
    "row_save": save,
    "row_delete": delete,
    "row_restore": restore,
    "rows_again": again,
    "rows_again_now": again_now,
}
