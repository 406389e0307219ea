"""Members of groups -> people of the register, and everything that is odd about it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.directory.directory_file import DirectoryFile
from storage.directory import Mirror
from storage.people import RegisteredPerson
from storage.people_file import ROLES_WITH_UNIT

# Which role somebody has who is in groups of several: the first of these.
RANK = (
    "skoleeierteam",
    "fagrådgiver",
    "administrator",
    "rektor",
    "avdelingsleder",
    "tillitsvalgt",
    "lærer",
)
# A group this large is everybody, named by a slip: it makes nobody an administrator.
MOST_IN_A_WIDE_ROLE = 50
WIDE_ROLES = ("skoleeierteam", "fagrådgiver", "administrator")
# Roles that go together, of which nobody need be told.
_USUAL = (frozenset(("rektor", "avdelingsleder", "lærer")), frozenset(("tillitsvalgt", "lærer")))


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to look into; the sentence is `directory_problem_<kind>`, filled with `values`."""

    kind: str
    values: Mapping[str, object] = field(default_factory=dict)


def people_of_groups(
    file: DirectoryFile, mirror: Mirror
) -> tuple[list[RegisteredPerson], list[Problem]]:
    """Everybody in the groups of the file, in the order of their keys; "" for unknown language.

    A leader's role goes before a teacher's (`RANK`); of several units with the same role, the one
    that stands first in the file.
    """
    of_person: dict[str, list[tuple[str, str]]] = {}  # (role, unit), in the order of the file
    problems = []
    for id, name, role, unit in file.sources:
        group = mirror.groups.get(id)
        if group is not None and not group.members:
            problems.append(Problem("empty", {"group": name}))
        if group is not None and role in WIDE_ROLES and len(group.members) > MOST_IN_A_WIDE_ROLE:
            values = {"group": name, "count": len(group.members), "role": role}
            problems.append(Problem("too_many", values))
            continue
        for key in group.members if group else ():
            of_person.setdefault(key, []).append((role, unit))
    units = {unit.name: unit for unit in file.unit}
    people = []
    for key, places in sorted(of_person.items()):
        entry = mirror.people.get(key)
        if entry is None:  # gone between the reading of the group and of the person
            continue
        role, unit_name = _wins(places)
        problems += _odd(entry.name, places, role, unit_name)
        place = units.get(unit_name)
        people.append(
            RegisteredPerson(
                key=key,
                name=entry.name,
                email=entry.email,
                role=role,
                unit=place.name if place else "",
                unit_kind=place.kind if place else "",
                school_type=place.school_type if place else "",
                zone=place.zone if place else "",
                language=entry.language,
            )
        )
    return people, problems


def _wins(places: list[tuple[str, str]]) -> tuple[str, str]:
    """The role, and its unit; a tillitsvalgt whose group has none works where they teach."""
    role = min((role for role, _ in places), key=RANK.index)
    unit = next((unit for one, unit in places if one == role and unit), "")
    if not unit and role == "tillitsvalgt":
        unit = next((unit for _, unit in places if unit), "")
    return role, unit


def _odd(name: str, places: list[tuple[str, str]], role: str, unit: str) -> list[Problem]:
    problems = []
    roles = sorted({one for one, _ in places}, key=RANK.index)
    if not any(usual.issuperset(roles) for usual in _USUAL) and len(roles) > 1:
        values = {"name": name, "roles": ", ".join(roles), "role": role}
        problems.append(Problem("several_roles", values))
    units = list(dict.fromkeys(unit for one, unit in places if unit))
    if len(units) > 1 and (role in ROLES_WITH_UNIT or role == "tillitsvalgt"):
        values = {"name": name, "units": ", ".join(units), "unit": unit}
        problems.append(Problem("several_units", values))
    return problems
