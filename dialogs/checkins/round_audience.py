"""Whom a round is for: its lines over the register as it is now, and nobody outside the schools."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dialogs.access import LEADERS, SCHOOL_OWNER_TEAM, may_ask_everybody, may_ask_own_school
from dialogs.meetings.audience import Register, concerns, invited, read_register
from storage.database import Session
from storage.people import RegisteredPerson
from storage.rounds import Round

TEACHERS = ("lærer", "tillitsvalgt")  # a tillitsvalgt teaches too
STAFF = (*LEADERS, *TEACHERS)
_ALONE = ("gruppe:", "personer:")  # lines that single people out


def invited_to(session: Session, round: Round) -> list[RegisteredPerson]:
    """Who is asked in the round: those of the schools' staff whom its lines stand for now."""
    return asked_people(round.audience, read_register(session))


def asked_people(audience: Iterable[str], register: Register) -> list[RegisteredPerson]:
    """The same, of lines and a register that was read already."""
    return [one for one in invited(audience, register) if is_staff(one)]


def is_staff(person: RegisteredPerson) -> bool:
    """Whether the person works at a school, in a role that rounds are for."""
    return person.unit_kind == "skole" and bool(person.unit) and person.role in STAFF


def school_of(person: RegisteredPerson) -> str:
    """The school whose results are the person's own; "" for who isn't of a school's staff.

    A rådgiver may be registered at a school too, and reads its result when the school shares it.
    """
    return person.unit if is_staff(person) else ""


def reaches_teachers(audience: Iterable[str]) -> bool:
    """Whether the lines may stand for lærere, whoever is in the register today."""
    return any(not line.startswith("ledere") for line in audience)


def singles_out(audience: Iterable[str]) -> bool:
    """Whether a line names people or a group of them instead of a role or a place."""
    return any(line.startswith(_ALONE) for line in audience)


def representatives(people: Sequence[RegisteredPerson], register: Register) -> list[str]:
    """The keys of the tillitsvalgte at the schools of these people."""
    units = {one.unit for one in people}
    return [one.key for one in register.people if one.role == "tillitsvalgt" and one.unit in units]


def shown_to(audience: Sequence[str], register: Register) -> list[str]:
    """The keys of the staff who see the result: who is asked, and who works among them.

    Leaders and tillitsvalgte see what the lærere of their school see (collected/results.py).
    """
    return [
        one.key
        for one in register.people
        if is_staff(one)
        and any(concerns(audience, who, register) for who in (one, replace(one, role="lærer")))
    ]


def owner_team(register: Register) -> list[str]:
    """The keys of the skoleeierteam."""
    return [one.key for one in register.people if one.role in SCHOOL_OWNER_TEAM]


def may_start(person: RegisteredPerson) -> bool:
    """Who starts rounds: the skoleeierteam, and a rektor at their own school."""
    if may_ask_everybody(person):
        return True
    return may_ask_own_school(person) and person.unit_kind == "skole"


def may_manage(person: RegisteredPerson, round: Round) -> bool:
    """Who closes, puts off and cancels a round: those who may start one like it."""
    if round.month is not None:
        return False
    if round.unit:
        return may_ask_own_school(person) and person.unit == round.unit
    return may_ask_everybody(person)
