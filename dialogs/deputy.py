"""Who may share what is the school's: rektor, and the deputy that rektor names."""

from collections.abc import Mapping
from typing import Any

from dialogs.access import may_share
from dialogs.context import Commanded, Context, Pressed
from dialogs.messages import Button, CardReply, Choice, Paragraph, Reply, TextReply
from dialogs.pressed import id_in, registered
from storage.database import Session
from storage.drafts import Owner
from storage.people import RegisteredPerson, people_of_unit
from storage.shared import deputy_of, name_deputy

NOBODY = "ingen"


def can_share(session: Session, person: RegisteredPerson, owner: Owner) -> bool:
    """Whether the person may share what belongs to this owner, and withdraw it."""
    deputy = deputy_of(session, owner.name) if owner.kind == "school" else None
    return may_share(person, owner, deputy)


def deputy_ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Let rektor choose among the avdelingsledere of the school."""
    wording = context.wording
    if refused := _refused(context, person):
        return [TextReply(refused)]
    leaders = _avdelingsledere(context.session, person.unit)
    if not leaders:
        return [TextReply(wording.say("deputy_nobody", unit=person.unit))]
    now = deputy_of(context.session, person.unit)
    options = (
        *((key, name) for key, name in leaders.items()),
        (NOBODY, wording.say("deputy_none")),
    )
    choice = Choice(
        "person",
        wording.say("deputy_label"),
        options,
        wording.say("deputy_error"),
        value=now if now in leaders else NOBODY,
    )
    return [
        CardReply(
            wording.say("deputy_title"),
            (Paragraph(wording.say("deputy_intro", unit=person.unit)), choice),
            (Button(wording.say("deputy_button"), {"verb": "deputy"}, weight="main"),),
            context.language,
        )
    ]


def deputy(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Name the deputy, or none."""
    wording, chosen = context.wording, id_in(value, "person")
    if refused := _refused(context, person):
        return [TextReply(refused)]
    leaders = _avdelingsledere(context.session, person.unit)
    if chosen != NOBODY and chosen not in leaders:
        return [TextReply(wording.say("deputy_error")), *deputy_ask(context, person, {})]
    key = None if chosen == NOBODY else chosen
    name_deputy(context.session, person.unit, key, person.key, context.now)
    if key is None:
        return [TextReply(wording.say("deputy_removed", unit=person.unit))]
    return [TextReply(wording.say("deputy_done", name=leaders[key], unit=person.unit))]


def _refused(context: Context, person: RegisteredPerson) -> str:
    if person.role == "rektor" and person.unit:
        return ""
    return context.wording.say("deputy_only_rektor")


def _avdelingsledere(session: Session, unit: str) -> dict[str, str]:
    """Key -> name of those who may be named."""
    people = people_of_unit(session, unit)
    return {one.key: one.name for one in people if one.role == "avdelingsleder"}


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["deputy_ask"](context, {})


VERBS: dict[str, Pressed] = {"deputy_ask": registered(deputy_ask), "deputy": registered(deputy)}
COMMANDS: dict[str, Commanded] = {"stedfortreder": _asked, "stadfortredar": _asked}
