"""Who answers what is handed over: the fagrådgivere; without any, the skoleeierteam."""

from collections.abc import Mapping
from typing import Any

from dialogs.access import SCHOOL_OWNER_TEAM
from dialogs.context import Context, Pressed
from dialogs.messages import Reply, TextReply
from dialogs.pressed import Handler, registered
from storage.database import Session
from storage.people import RegisteredPerson, people_with_roles


def advisers(session: Session) -> list[RegisteredPerson]:
    """Those who answer, in the order of their names."""
    return people_with_roles(session, ["fagrådgiver"]) or people_with_roles(
        session, SCHOOL_OWNER_TEAM
    )


def advisers_but(session: Session, person: str) -> list[RegisteredPerson]:
    """Those who answer, without the person with this key: nobody answers their own question."""
    return [one for one in advisers(session) if one.key != person]


def is_adviser(session: Session, person: RegisteredPerson) -> bool:
    # Most people have another role, and cost no query.
    if person.role not in SCHOOL_OWNER_TEAM:
        return False
    return person.key in {one.key for one in advisers(session)}


def for_advisers(handler: Handler) -> Pressed:
    """The handler for those who answer; anybody else is told who does."""

    def checked(
        context: Context, person: RegisteredPerson, value: Mapping[str, Any]
    ) -> list[Reply]:
        if not is_adviser(context.session, person):
            return [TextReply(context.wording.say("handover_not_adviser"))]
        return handler(context, person, value)

    return registered(checked)
