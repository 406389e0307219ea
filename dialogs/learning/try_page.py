"""A question to try: what the bot answers now, and what it would with all drafts."""

from collections.abc import Mapping
from typing import Any

from dialogs.access import may_see_teaching
from dialogs.context import Composing, Context, Pressed
from dialogs.learning.shell import answer_blocks, answered_by, page_of
from dialogs.learning.targets import Writing
from dialogs.learning.workbench import with_drafts
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Page,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.pressed import registered, text_in
from dialogs.questions import LONGEST_QUESTION
from storage.people import RegisteredPerson


def try_page(composing: Composing) -> Page:
    wording = composing.wording
    return page_of(composing, wording.say("learning_try"), (_form(composing, ""),))


def _form(writing: Writing, question: str) -> CardReply:
    wording = writing.wording
    field = TextInput(
        "question",
        wording.say("learning_try_question"),
        question,
        wording.say("learning_try_empty"),
        LONGEST_QUESTION,
        lines=False,
    )
    about = Paragraph(wording.say("learning_try_about"))
    button = Button(wording.say("learning_try_button"), {"verb": "learning_try"}, weight="main")
    return CardReply(wording.say("learning_try"), (about, field), (button,), writing.language)


def _try(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Nothing is kept of the question."""
    wording, question = context.wording, text_in(value, "question")[:LONGEST_QUESTION]
    if not may_see_teaching(person):
        return [TextReply(wording.say("learning_not_yours"))]
    if not question:
        return [TextReply(wording.say("learning_try_empty"))]
    before = answered_by(context, context.library, question)
    if before.guarded:
        context.turn.digest = ""
        return [TextReply(before.reply.text)]
    candidate = context.workbench.candidate(with_drafts(context.session))
    after = answered_by(context, candidate, question)
    blocks: list[Block] = [Paragraph(f"«{question}»")]
    if before.reply == after.reply:
        blocks.append(Paragraph(wording.say("learning_try_same")))
        blocks += answer_blocks(before)
    else:
        blocks.append(Paragraph(wording.say("learning_now"), "heading"))
        blocks += answer_blocks(before)
        blocks.append(Paragraph(wording.say("learning_with_drafts"), "heading"))
        blocks += answer_blocks(after)
    title = wording.say("learning_tried")
    return [CardReply(title, tuple(blocks), language=context.language), _form(context, question)]


VERBS: dict[str, Pressed] = {"learning_try": registered(_try)}
PAGE_VERBS: set[str] = set(VERBS)
