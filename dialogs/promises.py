"""«Hva er lovet?»: the plan's promises with responsible, status and link."""

from collections.abc import Iterable

from dialogs.context import Commanded, Context
from dialogs.messages import CardReply, Items, Paragraph, Reply
from dialogs.questions import promise_status
from dialogs.wording import Wording
from knowledge.promises import Promise


def promises_card(promises: Iterable[Promise], wording: Wording) -> CardReply:
    """One card with all of them: documents first, then tiltak."""
    blocks: list[Paragraph | Items] = [Paragraph(wording.say("promises_intro"))]
    for kind, heading in (("dokument", "promises_documents"), ("tiltak", "promises_measures")):
        lines = tuple(_line(p, wording) for p in promises if p.kind == kind)
        if lines:
            blocks += [Paragraph(wording.say(heading), "heading"), Items(lines)]
    return CardReply(wording.say("promises_title"), tuple(blocks), language=wording.language)


def _line(promise: Promise, wording: Wording) -> str:
    who = ", ".join(promise.responsible)
    status = (
        f"({promise.status})" if promise.status == "ikke satt" else promise_status(promise, wording)
    )
    return f"{promise.title}. {who[:1].upper()}{who[1:]}. {status}"


def _show(context: Context, rest: str) -> list[Reply]:
    return [promises_card(context.library.promises, context.wording)]


COMMANDS: dict[str, Commanded] = {
    "hva er lovet": _show,
    "kva er lova": _show,
    "hva lover planen": _show,
    "kva lovar planen": _show,
    "løfter": _show,
}
