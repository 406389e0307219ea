"""Being somebody else in the demo: only on one's own machine (`serve --local`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dialogs.messages import Button, CardReply, Choice, Paragraph, Reply, TextReply
from storage.database import Session
from storage.people import RegisteredPerson, find_person, list_people

if TYPE_CHECKING:
    from dialogs.context import Commanded, Context, Pressed


def first_person(session: Session) -> RegisteredPerson | None:
    """Who a newcomer in the demo is, until choosing somebody else."""
    lærere = [person for person in list_people(session) if person.role == "lærer"]
    return lærere[0] if lærere else None


def choose_person(context: "Context", rest: str = "") -> list[Reply]:
    """A card with everybody in the demo kommune; «bytt rolle: David» is David at once."""
    wording = context.wording
    if not context.local:
        return [TextReply(wording.say("act_local"))]
    named = [
        p for p in list_people(context.session) if p.name.casefold().startswith(rest.casefold())
    ]
    if rest and len(named) == 1:
        return act_as(context, {"person": named[0].key})
    options = tuple(
        (p.key, f"{p.name} – {p.role}" + (f", {p.unit}" if p.unit else ""))
        for p in list_people(context.session)
    )
    card = CardReply(
        wording.say("act_title"),
        (
            Paragraph(wording.say("act_intro")),
            Choice("person", wording.say("act_label"), options, wording.say("act_error")),
        ),
        (Button(wording.say("act_button"), {"verb": "act_as"}),),
        wording.language,
    )
    return [card]


def act_as(context: "Context", value: Mapping[str, Any]) -> list[Reply]:
    """Make the rest of the conversation that person's."""
    person = find_person(context.session, str(value.get("person", ""))) if context.local else None
    if person is None:
        return [TextReply(context.wording.say("old_button"))]
    turn = context.turn
    turn.acting_as, turn.person = person.key, person
    turn.language = None  # the person's own
    turn.topic = None
    turn.doing = None
    said = context.wording.say(
        "act_done", name=person.name, role=person.role, unit=person.unit or "–"
    )
    return [TextReply(said)]


VERBS: dict[str, "Pressed"] = {"act_as": act_as}
COMMANDS: dict[str, "Commanded"] = {"bytt rolle": choose_person, "byt rolle": choose_person}
