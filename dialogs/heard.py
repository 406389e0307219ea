"""What is written while a step is open: an answer to it, or a question in the middle."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dialogs import answers
from dialogs.context import Commanded, Context, Pressed
from dialogs.drafts import View, open_view, proposed
from dialogs.guide import Step
from dialogs.messages import Button, CardReply, Reply, TextReply
from dialogs.pressed import number_in
from dialogs.small_talk import reply_to
from dialogs.step_card import where_of
from dialogs.steps import (
    answer,
    back,
    find,
    onwards,
    refuse,
    saved_reply,
    show_step,
    skip,
)

# Longer after a step was shown, what a person writes is taken as a question and not as its answer.
STEP_STAYS_OPEN = timedelta(hours=4)
LONGEST_ECHO = 60
LONGEST_ASIDE = 200
_ASKS = re.compile(
    r"(hva|hvem|hvor\w*|hvilke\w*|hvilken|hvilket|når|kva|kven|kor|korleis|kvifor|kva for)\b", re.I
)


def open_step(context: Context) -> tuple[View, Step] | None:
    """The step that what is written may answer; None when none is, or it was long ago."""
    doing = context.turn.doing
    if not doing or "at" not in doing:
        return None
    if context.now - datetime.fromisoformat(doing["at"]) > STEP_STAYS_OPEN:
        return None
    view = open_view(context, doing.get("draft"))
    step = view.guide.find(str(doing.get("step"))) if view else None
    return (view, step) if view and step else None


def is_aside(context: Context, view: View, step: Step, text: str) -> bool:
    """Whether what is written looks like a word to the bot rather than the step's answer."""
    if step.kind == "table":
        return True  # its rows have many cells: they are filled in on a card
    if step.kind == "read":
        return isinstance(answers.hear(step, text, context.language, view.known), answers.Mistakes)
    if step.kind not in ("short_text", "long_text"):
        heard = answers.hear(step, text, context.language, view.known)
        return isinstance(heard, answers.Mistakes) and is_question(text)
    return bool(reply_to(text, context.language)) or is_question(text)


def is_question(text: str) -> bool:
    """One short sentence that ends with a question mark, or begins as a question does."""
    text = text.strip()
    if len(text) > LONGEST_ASIDE or "\n" in text or re.search(r"[.!?]\s", text):
        return False
    return text.endswith("?") or bool(_ASKS.match(text))


def hear(context: Context, view: View, step: Step, text: str) -> list[Reply]:
    """What is written answers the open step; what can't is shown again beside what to do."""
    doing = context.turn.doing or {}
    return _heard(context, view, step, text, number_in(doing, "base"))


def _heard(context: Context, view: View, step: Step, text: str, base: int) -> list[Reply]:
    if refused := refuse(context, [text]):
        return refused
    heard = answers.hear(step, text, context.language, view.known)
    if isinstance(heard, answers.Mistakes):
        given = {answers.input_id(step): text}
        return [show_step(context, view, step, given=given, mistakes=heard.by_input)]
    return saved_reply(context, view, step, heard.value, base)


def again(context: Context, view: View, step: Step, text: str) -> CardReply:
    """The step as it was, after a question in the middle; what was written can still be used."""
    if step.kind == "table" or isinstance(
        answers.hear(step, text, context.language, view.known), answers.Mistakes
    ):
        return show_step(context, view, step)
    shown = text if len(text) <= LONGEST_ECHO else text[: LONGEST_ECHO - 1] + "…"
    use = Button(
        context.wording.say("steps_use_text", text=shown),
        {**where_of(view, step), "verb": "use_text", "text": text},
        sends_inputs=False,
    )
    return show_step(context, view, step, extra=[use])


def use_text(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """What was written was answered as a question, but was meant as the step's answer."""
    found = find(context, value)
    if isinstance(found, list):
        return found
    return _heard(context, *found, str(value.get("text", "")), number_in(value, "base"))


# Words that stand for a button of the open step


def _in_open_step(pressed: Pressed) -> Commanded:
    def handle(context: Context, rest: str) -> list[Reply]:
        if not context.turn.doing:
            return [TextReply(context.wording.say("steps_nothing_open"))]
        return pressed(context, context.turn.doing)

    return handle


def _next(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """On from what is read, answered or proposed; a step with nothing needs an answer."""
    found = find(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    if step.kind in ("read", "table"):
        return answer(context, value)
    if step.id in view.answers:
        return [onwards(context, view, step)]
    proposal = proposed(view, step)
    if proposal is not None:
        return saved_reply(context, view, step, proposal, 0)
    return skip(context, value)


def _wait(context: Context, rest: str) -> list[Reply]:
    """What stands in the field of the card is not sent with a word in the chat."""
    if not context.turn.doing:
        return [TextReply(context.wording.say("steps_nothing_open"))]
    context.turn.doing = None
    return [TextReply(context.wording.say("steps_wait"))]


VERBS: dict[str, Pressed] = {"use_text": use_text}
COMMANDS: dict[str, Commanded] = {
    "tilbake": _in_open_step(back),
    "attende": _in_open_step(back),
    "neste": _in_open_step(_next),
    "hopp over": _in_open_step(skip),
    "senere": _wait,
    "seinare": _wait,
    "lagre": _wait,
    "stopp": _wait,
    "slutt": _wait,
    "lagre og fortsett senere": _wait,
    "lagre og hald fram seinare": _wait,
}
