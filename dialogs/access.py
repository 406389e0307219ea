"""Who may do what with guides, drafts and what is shared. One function a right, all of them pure.

A draft belongs to a school's ledergruppe, to the skoleeierteam, or to one person. Reading what is
shared is decided in storage/shared.py for the `Reader` made here, so that a list is one query.
"""

from dialogs.guide import Guide
from storage.drafts import Owner
from storage.people import RegisteredPerson
from storage.shared import Reader

LEADERS = ("rektor", "avdelingsleder")
SCHOOL_OWNER_TEAM = ("skoleeierteam", "fagrådgiver")  # kommunalsjef and rådgivere


def is_leader(person: RegisteredPerson) -> bool:
    return person.role in LEADERS and bool(person.unit)


def is_school_owner(person: RegisteredPerson) -> bool:
    return person.role in SCHOOL_OWNER_TEAM


def may_organise(person: RegisteredPerson) -> bool:
    """Who keeps the calendar: puts in, moves, cancels, imports, keeps groups, sees who comes."""
    return is_school_owner(person)


def may_see_delivery(person: RegisteredPerson) -> bool:
    """Who sees why a message did not reach a person, and what to do about it."""
    return person.role == "administrator"


def may_keep_register(person: RegisteredPerson) -> bool:
    """Who sees that people are on their way out of the register, and lets them leave."""
    return person.role == "administrator"


def owner_for(guide: Guide, person: RegisteredPerson) -> Owner | None:
    """Whose the draft becomes when this person begins the guide; None when they may not."""
    if person.role not in guide.roles:
        return None
    if guide.unit_kinds and person.unit_kind not in guide.unit_kinds:
        return None
    match guide.owner:
        case "school":
            return Owner("school", person.unit) if person.unit else None
        case "skoleeierteam":
            return Owner("skoleeierteam", "") if is_school_owner(person) else None
        case "person":
            return Owner("person", person.key)


def owners_of(person: RegisteredPerson) -> tuple[Owner, ...]:
    """Whose drafts the person may see and continue."""
    owners = [Owner("person", person.key)]
    if is_leader(person):
        owners.append(Owner("school", person.unit))
    if is_school_owner(person):
        owners.append(Owner("skoleeierteam", ""))
    return tuple(owners)


def may_edit(person: RegisteredPerson, owner: Owner) -> bool:
    return owner in owners_of(person)


def may_share(person: RegisteredPerson, owner: Owner, deputy: str | None) -> bool:
    """Sharing is by rektor or the deputy rektor has named; a team's and one's own by themselves."""
    if not may_edit(person, owner):
        return False
    return owner.kind != "school" or person.role == "rektor" or person.key == deputy


def reader(person: RegisteredPerson) -> Reader:
    """What decides which shared versions the person reads."""
    return Reader(
        key=person.key,
        unit=person.unit,
        zone=person.zone,
        leader=is_leader(person) and person.unit_kind == "skole",
        owner_team=is_school_owner(person),
    )


def may_ask_everybody(person: RegisteredPerson) -> bool:
    """Who starts spørrerunder for the kommune, and sees the kommune's results and texts."""
    return is_school_owner(person)


def may_ask_own_school(person: RegisteredPerson) -> bool:
    """Who starts spørrerunder for those who work at their own school."""
    return person.role == "rektor" and bool(person.unit)


def may_act_on_results(person: RegisteredPerson, unit: str) -> bool:
    """Who shares a school's result and says what is done about it; "" is the kommune's."""
    if not unit:
        return is_school_owner(person)
    return person.role == "rektor" and person.unit == unit


def may_teach(person: RegisteredPerson) -> bool:
    """Who judges questions sent without a name, and changes what the bot answers."""
    return person.role == "fagrådgiver"


def may_see_teaching(person: RegisteredPerson) -> bool:
    """Who sees those questions, what was found of them, and what is added."""
    return is_school_owner(person)
