"""A directory.toml and groups for people that we have already."""

from collections.abc import Iterable

from dialogs.directory.directory_file import DirectoryFile, GroupEntry, UnitEntry
from storage.people import RegisteredPerson


def file_of(
    people: Iterable[RegisteredPerson],
) -> tuple[DirectoryFile, dict[str, list[RegisteredPerson]]]:
    """The file with a group for each role and unit, and who is in each group, by its id."""
    places: dict[tuple[str, str], list[RegisteredPerson]] = {}
    units = {}
    for person in people:
        places.setdefault((person.role, person.unit), []).append(person)
        if person.unit:
            units[person.unit] = UnitEntry(
                name=person.unit,
                kind=person.unit_kind,
                school_type=person.school_type,
                zone=person.zone,
            )
    groups = {
        (role, unit): GroupEntry(
            id=f"{number:08}-0000-4000-8000-0000000000aa",
            name=f"{role} {unit}".strip(),
            role=role,
            unit=unit,
        )
        for number, (role, unit) in enumerate(places)
    }
    file = DirectoryFile(unit=list(units.values()), group=list(groups.values()))
    return file, {group.id: places[place] for place, group in groups.items()}
