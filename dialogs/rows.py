"""Tables of rows, a row at a time: add, change, delete and undo."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from dialogs import answers
from dialogs.context import Context, Pressed
from dialogs.deadlines import plan_row_saved
from dialogs.drafts import View, propose_rows, view_of, when
from dialogs.guide import Step
from dialogs.messages import Block, Button, CardReply, Paragraph, Reply
from dialogs.plan_rows import PLAN
from dialogs.step_card import seen_by
from dialogs.steps import base_of, find, new_id, refuse, show_step
from storage.drafts import Conflict, history_of, save_answer


def edit(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """The card of one row. `row` is its id, "" for a new one."""
    found = _table(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    row_id = str(value.get("row", ""))
    if not row_id:
        if value.get("existing"):
            return [_table_again(context, view, step, "rows_choose_error", "error")]
        return [_row_card(context, view, step, uuid4().hex, None)]
    row = _row(view, step, row_id)
    if row is None:
        return [_table_again(context, view, step, "rows_gone", "error")]
    return [_row_card(context, view, step, row_id, row)]


def save(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Lagre raden»: the whole row, unless somebody else has changed it since the card was made."""
    found = _table(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    row_id = str(value.get("row", ""))
    if not (_row(view, step, row_id) or new_id(row_id) or _key(step, row_id) in view.stored):
        return [_table_again(context, view, step, "rows_gone", "error")]
    read = answers.read_row(step, value, context.language, view.known)
    if isinstance(read, answers.Mistakes):
        row = _row(view, step, row_id)
        return [_row_card(context, view, step, row_id, row, given=value, mistakes=read.by_input)]
    if refused := refuse(context, [one for one in read.value.values() if isinstance(one, str)]):
        return refused
    return _store(context, view, step, row_id, read.value, base_of(value.get("base")), value)


def delete(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Slett raden», which can be undone."""
    found = _table(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    row_id = str(value.get("row", ""))
    if _row(view, step, row_id) is None:
        return [_table_again(context, view, step, "rows_gone", "note")]
    return _store(context, view, step, row_id, None, base_of(value.get("base")), value)


def restore(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Angre»: the row as it was before it was deleted."""
    found = _table(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    row_id = str(value.get("row", ""))
    key = _key(step, row_id)
    if key not in view.stored or view.stored[key].value is not None:
        return [_table_again(context, view, step, "rows_restored", "note")]
    written = [one for one in history_of(context.session, view.draft.id) if one.key == key]
    before = next(one.value for one in reversed(written) if one.value is not None)
    return _store(context, view, step, row_id, before, view.base(key), value, "rows_restored")


def again(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Regn ut på nytt»: the proposed rows instead of those that stand there."""
    found = _table(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    if step.prefill:
        view = propose_rows(context, view, step)
    return [show_step(context, view, step)]


def _store(
    context: Context,
    view: View,
    step: Step,
    row_id: str,
    row: dict[str, Any] | None,
    base: int,
    given: Mapping[str, Any],
    said: str = "",
) -> list[Reply]:
    person = view.known.person
    saved = save_answer(
        context.session,
        view.draft.id,
        _key(step, row_id),
        row,
        base=base,
        person_key=person.key,
        person_name=person.name,
        at=context.now,
    )
    if isinstance(saved, Conflict):
        return [_collided(context, view, step, row_id, saved, given, deleting=row is None)]
    if view.guide.id == PLAN:
        plan_row_saved(context.session, view.draft, row_id, row, context.now)
    view = view_of(context, person, view.guide, view.draft)
    said = said or ("rows_deleted" if row is None else "rows_saved")
    undo = []
    if row is None:
        where = {"draft": view.draft.id, "step": step.id, "row": row_id}
        undo.append(
            Button(
                context.wording.say("rows_undo"),
                {**where, "verb": "row_restore"},
                sends_inputs=False,
            )
        )
    note = Paragraph(context.wording.say(said), "note")
    return [show_step(context, view, step, said=[note], extra=undo)]


def _row_card(
    context: Context,
    view: View,
    step: Step,
    row_id: str,
    row: Mapping[str, Any] | None,
    *,
    said: tuple[Block, ...] = (),
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> CardReply:
    wording, language = context.wording, context.language
    context.turn.doing = None  # what is written in the chat can't fill in a row
    blocks: list[Block] = list(said)
    key = _key(step, row_id)
    if key in view.stored and row is not None:
        stored = view.stored[key]
        mine = stored.author == view.known.person.key
        name = wording.say("steps_you") if mine else stored.author_name
        written = wording.say("steps_written_by", name=name, when=when(stored.at))
        blocks.append(Paragraph(written, "note"))
    blocks += answers.row_inputs(step, row, language, view.known, given=given, mistakes=mistakes)
    small = f"{wording.say('steps_not_for_worries')} {seen_by(context, view)}"
    blocks.append(Paragraph(small, "note"))
    where = {"draft": view.draft.id, "step": step.id, "row": row_id, "base": view.base(key)}
    buttons = [
        Button(wording.say("rows_save"), {**where, "verb": "row_save"}, weight="main"),
        Button(wording.say("steps_back"), {**where, "verb": "open"}, sends_inputs=False),
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
    view: View,
    step: Step,
    row_id: str,
    conflict: Conflict,
    given: Mapping[str, Any],
    *,
    deleting: bool,
) -> CardReply:
    """The row as somebody else has left it, beside what was just filled in."""
    wording, now = context.wording, conflict.now
    view = view_of(context, view.known.person, view.guide, view.draft)
    mine = now.author == view.known.person.key
    name = wording.say("steps_you_wrote") if mine else now.author_name
    said: list[Block] = [
        Paragraph(wording.say("steps_conflict_title"), "error"),
        Paragraph(wording.say("steps_conflict", name=name, when=when(now.at))),
    ]
    if now.value is None:
        said.append(Paragraph(wording.say("steps_conflict_deleted"), "quote"))
    else:
        pairs = answers.row_pairs(step, now.value, context.language, view.known)
        said.append(Paragraph("\n".join(f"{label}: {text}" for label, text in pairs), "quote"))
    said.append(Paragraph(wording.say("steps_conflict_yours")))
    return _row_card(
        context,
        view,
        step,
        row_id,
        now.value,
        said=tuple(said),
        given=None if deleting else given,
    )


def _table_again(context: Context, view: View, step: Step, key: str, style: Any) -> CardReply:
    return show_step(context, view, step, said=[Paragraph(context.wording.say(key), style)])


def _table(context: Context, value: Mapping[str, Any]) -> tuple[View, Step] | list[Reply]:
    found = find(context, value)
    if isinstance(found, list) or found[1].kind == "table":
        return found
    view, step = found
    return [show_step(context, view, step)]


def _row(view: View, step: Step, row_id: str) -> Mapping[str, Any] | None:
    return next((row for row in view.rows(step.id) if row["id"] == row_id), None)


def _key(step: Step, row_id: str) -> str:
    return f"{step.id}/{row_id}"


VERBS: dict[str, Pressed] = {
    "row_edit": edit,
    "row_save": save,
    "row_delete": delete,
    "row_restore": restore,
    "rows_again": again,
}
