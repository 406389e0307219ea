"""The whole form at once, in a dialog, for those who would rather have it so: page by page.

The same checks as step by step. What is right is saved even where something else on the page is
wrong; tables are filled in afterwards, in the chat.
"""

from collections.abc import Mapping
from typing import Any

from dialogs import answers
from dialogs.context import Context, Pressed
from dialogs.drafts import View, gone, open_view, proposed, save, view_of, when
from dialogs.guide import Guide, Step
from dialogs.messages import Block, Button, CardReply, DialogReply, Paragraph, Reply
from dialogs.overview import overview_card
from dialogs.pressed import number_in
from dialogs.step_card import seen_by
from dialogs.steps import refusal
from storage.drafts import Conflict

# A page is filled until it weighs this much, so that it stays small however much is written.
PAGE_WEIGHT = 6
LONG_TEXT_WEIGHT = 3


def pages_of(guide: Guide) -> list[list[Step]]:
    """The steps with inputs, in pages."""
    pages: list[list[Step]] = [[]]
    weight = 0
    for step in guide.step:
        if step.kind in ("read", "table"):
            continue
        own = LONG_TEXT_WEIGHT if step.kind == "long_text" else 1
        if pages[-1] and weight + own > PAGE_WEIGHT:
            pages.append([])
            weight = 0
        pages[-1].append(step)
        weight += own
    return pages


def open_form(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    view = open_view(context, value.get("draft"))
    if view is None:
        return gone(context, value.get("draft"))
    return [_page(context, view, 0)]


def save_page(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """Save what is right on a page; then the same page again, the next one, or the overview."""
    view = open_view(context, value.get("draft"))
    if view is None:
        return gone(context, value.get("draft"))
    pages = pages_of(view.guide)
    number = number_in(value, "page")
    if number >= len(pages):
        return [_page(context, view, 0)]
    bases = value.get("bases")
    mistakes: dict[str, str] = {}
    for step in pages[number]:
        if not answers.filled(step, value) and step.id not in view.stored:
            continue  # it can wait
        read = answers.read(step, value, context.language, view.known)
        if isinstance(read, answers.Mistakes):
            mistakes |= read.by_input
            continue
        if refused := refusal(context, answers.free_texts(step, read.value)):
            mistakes[answers.input_id(step)] = refused
            continue
        base = number_in(bases, step.id) if isinstance(bases, dict) else 0
        mistakes |= _save(context, view, step, read.value, base)
    view = view_of(context, view.known.person, view.guide, view.draft)
    if mistakes:
        return [_page(context, view, number, given=value, mistakes=mistakes)]
    if number + 1 < len(pages):
        return [_page(context, view, number + 1)]
    return [overview_card(context, view)]


def _save(context: Context, view: View, step: Step, value: Any, base: int) -> dict[str, str]:
    """Save one answer; what somebody else has written since is told as a mistake, once."""
    saved = save(context, view, step.id, value, base)
    if not isinstance(saved, Conflict):
        return {}
    theirs = (
        answers.plain(step, saved.now.value, context.language, view.known)
        if saved.now.value is not None
        else context.wording.say("steps_conflict_deleted")
    )
    told = context.wording.say(
        "whole_changed", name=saved.now.author_name, when=when(saved.now.at), value=theirs
    )
    return {answers.input_id(step): told}


def _page(
    context: Context,
    view: View,
    number: int,
    *,
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> DialogReply:
    wording, language = context.wording, context.language
    pages = pages_of(view.guide)
    page = pages[number]
    blocks: list[Block] = [
        Paragraph(wording.say("whole_page", number=number + 1, count=len(pages)), "note")
    ]
    if mistakes:
        blocks.append(Paragraph(wording.say("whole_wrong"), "error"))
    branched = {target for step in view.guide.step for target in step.next.values()}
    for step in page:
        blocks.append(Paragraph(step.asked(language), "heading"))
        if step.help:
            blocks.append(Paragraph(step.helped(language), "note"))
        if step.id in branched:
            blocks.append(Paragraph(wording.say("whole_branch"), "note"))
        value = view.answers.get(step.id)
        if value is not None and not answers.fits(step, value, view.known):
            value = None
        if step.id not in view.stored and given is None:
            value = proposed(view, step)
        blocks += answers.inputs(step, value, language, view.known, given=given, mistakes=mistakes)
    last = number + 1 == len(pages)
    if last:
        blocks += [
            Paragraph(wording.say("whole_table", heading=step.heading(language)), "note")
            for step in view.guide.step
            if step.kind == "table"
        ]
    small = f"{wording.say('steps_not_for_worries')} {seen_by(context, view)}"
    blocks.append(Paragraph(small, "note"))
    carried = {
        "verb": "whole_save",
        "draft": view.draft.id,
        "page": number,
        "bases": {step.id: view.base(step.id) for step in page},
    }
    save = Button(wording.say("whole_save" if last else "whole_next"), carried, weight="main")
    return DialogReply(CardReply(view.title, tuple(blocks), (save,), language))


VERBS: dict[str, Pressed] = {"whole": open_form, "whole_save": save_page}
