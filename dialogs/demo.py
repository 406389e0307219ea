"""Being somebody else in the demo: only on one's own machine (`serve --local`)."""

from dialogs.messages import Button, CardReply, Choice, Paragraph
from dialogs.wording import Wording
from storage.conversations import Turn
from storage.database import Session
from storage.people import RegisteredPerson, find_person, list_people


def choose_person(session: Session, wording: Wording) -> CardReply:
    """A card with everybody in the demo kommune."""
    options = tuple(
        (p.key, f"{p.name} – {p.role}" + (f", {p.unit}" if p.unit else ""))
        for p in list_people(session)
    )
    return CardReply(
        wording.say("act_title"),
        (
            Paragraph(wording.say("act_intro")),
            Choice("person", wording.say("act_label"), options, wording.say("act_error")),
        ),
        (Button(wording.say("act_button"), {"verb": "act_as"}),),
        wording.language,
    )


def first_person(session: Session) -> RegisteredPerson | None:
    """Who a newcomer in the demo is, until choosing somebody else."""
    lærere = [person for person in list_people(session) if person.role == "lærer"]
    return lærere[0] if lærere else None


def act_as(session: Session, turn: Turn, key: str) -> RegisteredPerson | None:
    """Make the rest of the conversation that person's; None when nobody has that key."""
    person = find_person(session, key)
    if person is not None:
        turn.acting_as, turn.person = person.key, person
        turn.language = None  # the person's own
        turn.topic = None
    return person
