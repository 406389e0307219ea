"""«Send uten navn til skoleeierteamet»: a question that somebody chooses to pass on."""

from collections.abc import Mapping
from typing import Any

from dialogs import guard
from dialogs.context import Commanded, Context, Pressed
from dialogs.messages import Button, CardReply, Paragraph, Reply, TextInput, TextReply
from dialogs.questions import LONGEST_QUESTION, guarded
from dialogs.wording import read_wordings
from storage.kept_questions import keep_question


def confirm(context: Context, text: str) -> list[Reply]:
    """Show exactly what would be sent, to change or send; only the button on this card sends it."""
    wording = context.wording
    if not context.is_registered:
        return [TextReply(wording.say("send_unknown"))]
    if guard.find(text) is not None:
        text = ""
    field = TextInput(
        "text",
        wording.say("send_label"),
        text.strip()[:LONGEST_QUESTION],
        wording.say("send_nothing"),
        LONGEST_QUESTION,
    )
    card = CardReply(
        wording.say("send_title"),
        (Paragraph(wording.say("send_intro")), field),
        (Button(wording.say("send_button"), {"verb": "send_question"}),),
        wording.language,
    )
    return [card]


def send(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    wording = context.wording
    text = str(value.get("text", "")).strip()[:LONGEST_QUESTION]
    if not context.is_registered:
        return [TextReply(wording.say("send_unknown"))]
    if not text:
        return [TextReply(wording.say("send_nothing"))]
    finding = guard.find(text)
    if finding is not None:
        return [TextReply(guarded(context.contacts, wording, finding))]
    keep_question(
        context.session,
        text=text,
        language=wording.language,
        day=context.message.arrived.date(),
    )
    return [TextReply(wording.say("send_done"))]


VERBS: dict[str, Pressed] = {"send_question": send}
# The texts of our own suggestions, which arrive as if the person had written them.
COMMANDS: dict[str, Commanded] = {
    wording.say("send_question").casefold(): confirm for wording in read_wordings().values()
}
