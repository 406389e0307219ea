"""Whom messages of a meeting reach, before any is sent."""

from collections.abc import Iterable
from dataclasses import dataclass

from dialogs.meetings.audience import Register, invited
from storage.conversations import people_reached
from storage.database import Session
from storage.people import RegisteredPerson
from storage.reminder_wishes import Wish, wishes_of


@dataclass(frozen=True, slots=True)
class Reach:
    """How many a meeting is for, and how many of them messages reach."""

    invited: int
    reachable: int
    not_installed: int
    stopped: int


def reach(session: Session, audience: Iterable[str], register: Register) -> Reach:
    """How many of these people get messages, before any is sent."""
    people: list[RegisteredPerson] = invited(audience, register)
    keys = [one.key for one in people]
    wishes, installed = wishes_of(session, keys), people_reached(session)
    missing = [key for key in keys if key not in installed]
    stopped = [key for key in keys if key in installed and wishes.get(key, Wish()).stopped]
    reachable = len(keys) - len(missing) - len(stopped)
    return Reach(len(keys), reachable, len(missing), len(stopped))
