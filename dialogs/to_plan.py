"""«Legg i utviklingsplanen»: any answer goes into the plan with one press, and out with another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dialogs import answers, guard
from dialogs.access import is_leader
from dialogs.context import Context, Pressed
from dialogs.deadlines import plan_row_saved
from dialogs.drafts import View, open_view, save, when
from dialogs.guide import LONGEST_CELL, Step
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Items,
    Language,
    Paragraph,
    Reply,
    Suggestion,
    TextReply,
)
from dialogs.overview import overview_card
from dialogs.plan_blocks import choice_of_row, row_facts
from dialogs.plan_copies import Copy, copies_of
from dialogs.plan_rows import PLAN, STEP, first_words, key_of, newest_plan, plan_before, rows_in
from dialogs.questions import guarded
from dialogs.utviklingsplan import SHOW, OpenedPlan, carried_note, open_plan
from storage.drafts import Answer, Conflict, answers_of, history_of

Row = Mapping[str, Any]


@dataclass(slots=True)
class _Outcome:
    """What a press did: rows by id, with the revision they were seen or written at."""

    added: dict[str, int] = field(default_factory=dict)
    present: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)  # those present whose answer is newer


# Putting it in


def to_plan(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """Put the answer of {draft, step} in the plan; what is there already is shown."""
    found = _found(context, value)
    if isinstance(found, list):
        return found
    source, step, opened = found
    copies = _copies(context.language, source, step, opened)
    for copy in copies:
        if finding := guard.find(copy.measure):
            context.turn.digest = ""
            return [TextReply(guarded(context.contacts, context.wording, finding))]
    outcome = _Outcome()
    newer = _newer(context, source, step, opened, copies)
    for copy in copies:
        stored = opened.view.stored.get(key_of(copy.id))
        if stored is None or stored.value is None:
            saved = _save(context, opened.view, copy.id, copy.row, stored.revision if stored else 0)
            if isinstance(saved, Answer):
                outcome.added[copy.id] = saved.revision
                continue
            stored = saved.now
        outcome.present[copy.id] = stored.revision
        if copy.id in newer:
            outcome.changed[copy.id] = stored.revision
    return [_put_card(context, source, step, opened, copies, outcome)]


def update(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Oppdater»: the text of the answer as it is now, in the rows that were shown."""
    found = _found(context, value)
    if isinstance(found, list):
        return found
    source, step, opened = found
    seen = _revisions(value)
    updated: dict[str, int] = {}
    for copy in _copies(context.language, source, step, opened):
        stored = opened.view.stored.get(key_of(copy.id))
        if copy.id not in seen or stored is None:
            continue
        if not isinstance(stored.value, dict):
            return [_changed_since(context, opened.view, copy.id, stored)]
        row = {**stored.value, "tiltak": copy.measure}
        saved = _save(context, opened.view, copy.id, row, seen[copy.id])
        if isinstance(saved, Conflict):
            return [_changed_since(context, opened.view, copy.id, saved.now)]
        updated[copy.id] = saved.revision
    if not updated:
        return [TextReply(context.wording.say("plan_row_gone"))]
    blocks, buttons = _rows_shown(context, opened.view, list(updated))
    undo = {"verb": "plan_undo", "draft": opened.view.draft.id, "rows": updated}
    buttons.append(Button(context.wording.say("plan_undo"), undo, sends_inputs=False))
    return [_card(context, "plan_updated_title", blocks, buttons)]


def undo(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Angre»: the rows as they were before a press, unless somebody has changed them since."""
    view = open_view(context, value.get("draft"))
    seen = _revisions(value)
    if view is None or view.guide.id != PLAN or not seen:
        return [TextReply(context.wording.say("plan_row_gone"))]
    newest = newest_plan(context.session, view.draft.owner)
    written = history_of(context.session, view.draft.id)
    undone = False
    for row_id, revision in seen.items():
        mine = [one for one in written if one.key == key_of(row_id) and one.revision <= revision]
        stored = view.stored.get(key_of(row_id))
        if stored is None or not mine or mine[-1].revision != revision:
            return [TextReply(context.wording.say("plan_row_gone"))]
        before = mine[-2].value if len(mine) > 1 else None
        if stored.value == before:
            continue
        if newest is None or newest.id != view.draft.id:
            return [_changed_since(context, view, row_id, stored)]
        saved = _save(context, view, row_id, before, revision)
        if isinstance(saved, Conflict):
            return [_changed_since(context, view, row_id, saved.now)]
        undone = True
    wording = context.wording
    show = Suggestion(wording.say("plan_show"), wording.say("plan_show"))
    said = wording.say("plan_undone" if undone else "plan_undone_before")
    return [TextReply(said, suggestions=(show,))]


def _found(
    context: Context, value: Mapping[str, Any]
) -> tuple[View, Step, OpenedPlan] | list[Reply]:
    """The answer that a button names, and the plan; or what to say instead."""
    wording = context.wording
    source = open_view(context, value.get("draft"))
    step = source.guide.find(str(value.get("step", ""))) if source else None
    if source is None:
        return [TextReply(wording.say("plan_source_gone"))]
    if context.person is None or not is_leader(context.person):
        return [TextReply(wording.say("plan_leaders_only"))]
    if source.guide.id == PLAN:
        return [TextReply(wording.say("plan_from_itself"))]
    if not value.get("step"):  # pressed on the overview, where a step is to be chosen
        said = Paragraph(wording.say("plan_choose_step"), "error")
        return [overview_card(context, source, said=[said])]
    if step is None:
        return [TextReply(wording.say("plan_source_gone"))]
    answer = source.answers.get(step.id)
    if answer is None or answer is True or answer in ("", []) or not answers.fits(step, answer):
        return [TextReply(wording.say("plan_no_answer"))]
    opened = open_plan(context)
    return [TextReply(opened)] if isinstance(opened, str) else (source, step, opened)


def _copies(language: Language, source: View, step: Step, opened: OpenedPlan) -> list[Copy]:
    table = opened.view.guide.find(STEP)
    return copies_of(source, step, table.columns if table else (), language)


def _newer(
    context: Context, source: View, step: Step, opened: OpenedPlan, copies: Sequence[Copy]
) -> set[str]:
    """The rows whose answer has been changed since it was put in the plan.

    A row that people have worked on in the plan is not: its text was that of the answer once, and
    the answer hasn't been written since. Of two who write different languages, either will do.
    """
    draft = opened.view.draft
    old = plan_before(context.session, draft.owner, draft.year)
    written = [
        *(history_of(context.session, old.id) if old else ()),
        *history_of(context.session, draft.id),
    ]
    texts: dict[str, set[str]] = {copy.id: set() for copy in copies}
    languages: tuple[Language, ...] = ("nb", "nn")
    for language in languages:
        for copy in _copies(language, source, step, opened):
            texts[copy.id].add(copy.measure)

    def is_newer(copy: Copy) -> bool:
        stored = opened.view.stored.get(key_of(copy.id))
        if stored is None or _measure(stored) in texts[copy.id]:
            return False
        at = source.stored[copy.source].at
        return not any(
            one.key == key_of(copy.id) and _measure(one) in texts[copy.id] and one.at >= at
            for one in written
        )

    return {copy.id for copy in copies if is_newer(copy)}


def _measure(answer: Answer) -> str:
    return str(answer.value.get("tiltak")) if isinstance(answer.value, dict) else ""


def _save(
    context: Context, plan: View, row_id: str, row: dict[str, Any] | None, base: int
) -> Answer | Conflict:
    saved = save(context, plan, key_of(row_id), row, base)
    if isinstance(saved, Answer):
        plan_row_saved(context.session, plan.draft, row_id, row, context.now)
    return saved


def _revisions(value: Mapping[str, Any]) -> dict[str, int]:
    """The rows that a button names, each with the revision it was seen at."""
    rows = value.get("rows")
    if not isinstance(rows, Mapping):
        return {}
    return {
        str(row): revision
        for row, revision in rows.items()
        if isinstance(revision, int) and not isinstance(revision, bool)
    }


# What is answered


def _put_card(
    context: Context,
    source: View,
    step: Step,
    opened: OpenedPlan,
    copies: Sequence[Copy],
    outcome: _Outcome,
) -> CardReply:
    wording = context.wording
    plan = opened.view.draft.id
    blocks, buttons = _rows_shown(context, opened.view, list(outcome.added or outcome.present))
    notes = [carried_note(context, opened)]
    cut = any(copy.is_cut for copy in copies if copy.id in outcome.added)
    if cut:
        notes.append(wording.say("plan_cut", limit=LONGEST_CELL, title=source.title))
    if outcome.added and outcome.present:
        one = len(outcome.present) == 1
        key = "plan_also_present_one" if one else "plan_also_present"
        notes.append(wording.say(key, count=len(outcome.present)))
    if outcome.changed:
        notes.append(wording.say("plan_changed"))
        again = {"verb": "plan_update", "draft": source.draft.id, "step": step.id}
        again_rows = {**again, "rows": outcome.changed}
        buttons.append(Button(wording.say("plan_update"), again_rows, sends_inputs=False))
    if outcome.added:
        back = {"verb": "plan_undo", "draft": plan, "rows": outcome.added}
        buttons.append(Button(wording.say("plan_undo"), back, sends_inputs=False))
    blocks[0:0] = [Paragraph(note) for note in notes if note]
    title = "plan_added_title" if outcome.added else "plan_present_title"
    return _card(context, title, blocks, buttons)


def _rows_shown(
    context: Context, plan: View, ids: Sequence[str]
) -> tuple[list[Block], list[Button]]:
    """The rows as they now stand, one whole or several short, and the way to edit them."""
    stored = answers_of(context.session, plan.draft.id)
    rows = [row for row in rows_in(stored) if row["id"] in ids]
    edit: dict[str, Any] = {"verb": "row_edit", "draft": plan.draft.id, "step": STEP}
    blocks: list[Block]
    if len(rows) == 1:
        blocks = [row_facts(context, plan, rows[0])]
        edit["row"] = rows[0]["id"]
    else:
        blocks = [Items(tuple(map(first_words, rows))), choice_of_row(context, rows)]
        edit["existing"] = True
    return blocks, [Button(context.wording.say("plan_edit"), edit)]


def _changed_since(context: Context, plan: View, row_id: str, now: Answer) -> Reply:
    """Who has changed a row in the meantime, and how it stands."""
    said = {"name": now.author_name, "at": when(now.at)}
    if not isinstance(now.value, dict):
        return TextReply(context.wording.say("plan_deleted_by", **said))
    blocks, buttons = _rows_shown(context, plan, [row_id])
    blocks.insert(0, Paragraph(context.wording.say("plan_changed_by", **said)))
    return _card(context, "plan_changed_title", blocks, buttons)


def _card(
    context: Context, title: str, blocks: Sequence[Block], buttons: Sequence[Button]
) -> CardReply:
    wording = context.wording
    show = Button(wording.say("plan_show"), SHOW, sends_inputs=False)
    return CardReply(wording.say(title), tuple(blocks), (*buttons, show), context.language)


VERBS: dict[str, Pressed] = {"to_plan": to_plan, "plan_update": update, "plan_undo": undo}
