"""The cards of steg for steg: a step with its input, and two answers that collided."""

from collections.abc import Mapping, Sequence
from typing import Any

from dialogs import answers, engine
from dialogs.actions import ACTIONS
from dialogs.context import Context
from dialogs.drafts import View, proposed, when
from dialogs.guide import Step, in_language
from dialogs.messages import Block, Button, CardReply, Choice, Facts, Paragraph, WebLinks
from dialogs.modules import TIMETABLE, seen_by_school
from dialogs.papers import on_card, paper_of
from dialogs.plan_rows import PLAN
from storage.drafts import Answer

LONGEST_TITLE = 120  # what is longer is read as a text, under a heading


def step_card(
    context: Context,
    view: View,
    step: Step,
    *,
    said: Sequence[Block] = (),
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    extra: Sequence[Button] = (),
) -> CardReply:
    """A step: how far it is, what it asks, its input, and ways on. `said` stands first.

    `given` is what was filled in, and `mistakes` what is wrong with it, by input.
    """
    wording, language = context.wording, context.language
    number, count = engine.place(view.guide, view.answers, step.id)
    progress = wording.say("steps_progress", number=number, count=count, title=view.title)
    blocks: list[Block] = [*said, Paragraph(progress, "note")]
    title = step.asked(language)
    if len(title) > LONGEST_TITLE:
        blocks.append(Paragraph(title))
        title = step.heading(language) if step.label else view.title
    if step.help:
        blocks.append(Paragraph(step.helped(language)))
    if step.example:
        blocks.append(Paragraph(wording.say("steps_example"), "note"))
    if step.links:
        links = ((in_language(language, one.text, one.text_nn), one.url) for one in step.links)
        blocks.append(WebLinks(tuple(links)))
    blocks += _body(context, view, step, given, mistakes)
    blocks.append(Paragraph(_small_print(context, view, step), "note"))
    buttons = [*extra, *_buttons(context, view, step)]
    return CardReply(title, tuple(blocks), tuple(buttons), language)


def _body(
    context: Context,
    view: View,
    step: Step,
    given: Mapping[str, Any] | None,
    mistakes: Mapping[str, str] | None,
) -> list[Block]:
    wording, language = context.wording, context.language
    if step.kind == "read":
        return _computed(view, step) if step.compute else []
    if step.kind == "table":
        return _rows(context, view, step)
    blocks: list[Block] = []
    value = view.answers.get(step.id)
    if value is not None and not answers.fits(step, value, view.known):
        blocks += [
            Paragraph(wording.say("steps_earlier_answer")),
            Paragraph(answers.remains(value), "quote"),
        ]
        value = None
    if step.id in view.stored:
        stored = view.stored[step.id]
        mine = stored.author == view.known.person.key
        name = wording.say("steps_you") if mine else stored.author_name
        said = wording.say("steps_written_by", name=name, when=when(stored.at))
        blocks.append(Paragraph(said, "note"))
    elif step.prefill and given is None:
        value = proposed(view, step)
        if value is not None:
            blocks.append(Paragraph(wording.say("steps_proposed"), "note"))
    blocks += answers.inputs(step, value, language, view.known, given=given, mistakes=mistakes)
    return blocks


def _computed(view: View, step: Step) -> list[Block]:
    """What the guide's function writes, after the timeline where there are periods to draw."""
    paper = paper_of(view)
    drawn = on_card(paper, f"draft:{view.draft.id}", view.known.person.key)
    return [*drawn[: len(drawn) - len(paper.blocks)], *ACTIONS[step.compute].call(view.known, step)]


def _rows(context: Context, view: View, step: Step) -> list[Block]:
    """Every row with all its columns, and a choice of one to change."""
    wording, language = context.wording, context.language
    table_rows = view.rows(step.id)
    if not table_rows:
        return [Paragraph(wording.say("rows_empty"))]
    blocks: list[Block] = []
    options = []
    for number, row in enumerate(table_rows, start=1):
        pairs = answers.row_pairs(step, row, language, view.known)
        blocks += [Paragraph(pairs[0][1] if pairs else "–", "heading"), Facts(tuple(pairs[1:]))]
        name = answers.row_name(step, row, language, view.known)
        options.append((row["id"], f"{number}. {name}"))
    label, error = wording.say("rows_choose"), wording.say("rows_choose_error")
    only = options[0][0] if len(options) == 1 else ""
    return [*blocks, Choice("row", label, tuple(options), error, required=False, value=only)]


def _row_buttons(context: Context, view: View, step: Step) -> list[Button]:
    wording = context.wording
    where = {"draft": view.draft.id, "step": step.id}
    add = {**where, "verb": "row_edit", "row": ""}
    buttons = [Button(wording.say("rows_add"), add, sends_inputs=False)]
    if view.rows(step.id):
        buttons.append(
            Button(wording.say("rows_edit"), {**where, "verb": "row_edit", "existing": True})
        )
    if step.prefill and ACTIONS[step.prefill].computes and view.rows(step.id):
        again = {**where, "verb": "rows_again"}
        buttons.append(Button(wording.say("rows_again"), again, sends_inputs=False))
    return buttons


def _small_print(context: Context, view: View, step: Step) -> str:
    """What stands under the input: who sees it, what it is not for, and where the step is from."""
    wording = context.wording
    seen = seen_by_school(view.guide.id, step.id)
    unit = view.draft.owner.name
    lines = [wording.say(seen, unit=unit) if seen else seen_by(context, view)]
    if step.kind in ("short_text", "long_text", "table"):
        lines.insert(0, wording.say("steps_not_for_worries"))
    if step.source and step.source != view.guide.source:
        lines.append(wording.say("steps_source", source=step.source))
    return " ".join(lines)


def seen_by(context: Context, view: View) -> str:
    """One sentence on who sees the draft."""
    wording = context.wording
    match view.draft.owner.kind:
        case "school":
            key = "steps_seen_plan" if view.guide.id == PLAN else "steps_seen_by_school"
            return wording.say(key, unit=view.draft.owner.name)
        case "skoleeierteam":
            return wording.say("steps_seen_by_team")
        case _:
            shares = bool(view.guide.audiences)
            return wording.say("steps_seen_by_you_share" if shares else "steps_seen_by_you")


def _buttons(context: Context, view: View, step: Step) -> list[Button]:
    wording = context.wording
    where = where_of(view, step)
    onwards = Button(wording.say("steps_next"), {**where, "verb": "answer"}, weight="main")
    rows = _row_buttons(context, view, step) if step.kind == "table" else []
    buttons = [*rows[:1], onwards, *rows[1:]]
    if engine.before(view.guide, view.answers, step.id) is not None:
        # A required field that is empty must not hold anybody back from going back.
        buttons.append(
            Button(wording.say("steps_back"), {**where, "verb": "back"}, sends_inputs=False)
        )
    if step.optional and step.id not in view.answers:
        buttons.append(
            Button(wording.say("steps_skip"), {**where, "verb": "skip"}, sends_inputs=False)
        )
    if step.kind != "read":
        buttons.append(Button(wording.say("steps_later"), {**where, "verb": "later"}))
    if step.why:
        buttons.append(
            Button(wording.say("steps_why"), {**where, "verb": "why"}, sends_inputs=False)
        )
    draft = {"draft": view.draft.id}
    if goes_in_plan(view, step):
        to_plan = {**draft, "verb": "to_plan", "step": step.id}
        buttons.append(Button(wording.say("steps_to_plan"), to_plan, sends_inputs=False))
    buttons.append(
        Button(wording.say("steps_overview"), {**draft, "verb": "overview"}, sends_inputs=False)
    )
    # The local chat window has no dialogs, and tables are filled in outside them.
    fields = any(step.kind not in ("read", "table") for step in view.guide.step)
    if fields and not context.local:
        buttons.append(
            Button(
                wording.say("steps_whole"),
                {**draft, "verb": "whole"},
                sends_inputs=False,
                opens_dialog=True,
            )
        )
    return buttons


def where_of(view: View, step: Step) -> dict[str, Any]:
    """What a button of the step's card carries: what is stored now is what was seen."""
    return {"draft": view.draft.id, "step": step.id, "base": view.base(step.id)}


def goes_in_plan(view: View, step: Step) -> bool:
    """Whether the step has an answer that can become a tiltak of the school's utviklingsplan."""
    answered = not engine.is_empty(view.answers.get(step.id))
    own_plan = view.guide.id in (PLAN, TIMETABLE)
    return view.draft.owner.kind == "school" and not own_plan and answered


def conflict_card(
    context: Context,
    view: View,
    step: Step,
    now: Answer,
    *,
    where: Mapping[str, Any],
    given: Mapping[str, Any] | None,
    value: Any,
) -> CardReply:
    """What was written in the meantime, beside one's own answer; `where` goes on the buttons."""
    wording, language = context.wording, context.language
    mine = now.author == view.known.person.key
    name = wording.say("steps_you_wrote") if mine else now.author_name
    shown: Sequence[Block] = [Paragraph(wording.say("steps_passed"), "quote")]
    if now.value is not None:
        shown = answers.blocks(step, now.value, language, view.known)
    blocks = [
        Paragraph(step.asked(language)),
        Paragraph(wording.say("steps_conflict", name=name, when=when(now.at))),
        *shown,
        Paragraph(wording.say("steps_conflict_yours")),
        *answers.inputs(step, value, language, view.known, given=given),
    ]
    buttons = (
        Button(wording.say("steps_conflict_use"), {**where, "verb": "answer"}, weight="main"),
        Button(wording.say("steps_conflict_keep"), {**where, "verb": "keep"}, sends_inputs=False),
    )
    return CardReply(wording.say("steps_conflict_title"), tuple(blocks), buttons, language)
