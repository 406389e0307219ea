"""«Hva er lovet?»: the plan's promises with responsible, status and link."""

from collections.abc import Iterable

from dialogs.access import is_school_owner
from dialogs.context import OSLO, Commanded, Context
from dialogs.messages import Block, Button, CardReply, Choice, Items, Paragraph, Reply
from dialogs.questions import promise_status, status_name
from dialogs.wording import Wording
from knowledge.promises import Promise
from storage.database import Session
from storage.promise_statuses import statuses_set

NOT_SET = "ikke satt"


def promises_now(session: Session, promises: Iterable[Promise]) -> list[Promise]:
    """The promises with the status that the skoleeierteam has set; else the one of the file."""
    found = statuses_set(session)
    return [
        promise.model_copy(update={"status": new.status, "updated": new.at.astimezone(OSLO).date()})
        if (new := found.get(promise.id)) is not None
        else promise
        for promise in promises
    ]


def promises_card(
    promises: Iterable[Promise], wording: Wording, *, may_set: bool = False
) -> CardReply:
    """One card with all of them: documents first, then tiltak; with `may_set`, a way to set one."""
    promises = list(promises)
    blocks: list[Block] = [Paragraph(wording.say("promises_intro"))]
    for kind, heading in (("dokument", "promises_documents"), ("tiltak", "promises_measures")):
        lines = tuple(_line(p, wording) for p in promises if p.kind == kind)
        if lines:
            blocks += [Paragraph(wording.say(heading), "heading"), Items(lines)]
    buttons: tuple[Button, ...] = ()
    if may_set and promises:
        options = tuple((promise.id, promise.title) for promise in promises)
        blocks.append(Choice("promise", wording.say("promise_choose"), options))
        buttons = (Button(wording.say("promise_change"), {"verb": "promise_form"}),)
    return CardReply(wording.say("promises_title"), tuple(blocks), buttons, wording.language)


def _line(promise: Promise, wording: Wording) -> str:
    who = ", ".join(promise.responsible)
    status = (
        f"({status_name(wording, NOT_SET)})"
        if promise.status == NOT_SET
        else promise_status(promise, wording)
    )
    return f"{promise.title}. {who[:1].upper()}{who[1:]}. {status}"


def _show(context: Context, rest: str) -> list[Reply]:
    promises = promises_now(context.session, context.library.promises)
    may_set = context.person is not None and is_school_owner(context.person)
    return [promises_card(promises, context.wording, may_set=may_set)]


COMMANDS: dict[str, Commanded] = {
    "hva er lovet": _show,
    "kva er lova": _show,
    "hva lover planen": _show,
    "kva lovar planen": _show,
    "løfter": _show,
}
