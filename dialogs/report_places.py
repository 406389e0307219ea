"""What is told of soner, school types and schools: one question, the kommune's answers by place."""

from collections.abc import Callable, Mapping, Sequence

from dialogs.report_cells import (
    Counts,
    Cuts,
    Group,
    Member,
    common,
    holding,
    is_one,
    told_of,
)
from storage.ballots import Place

CutsOf = Callable[[Group], Cuts]
Told = dict[Group, tuple[Counts, Cuts]]


def told_places(
    by_place: Mapping[Place, Counts], cuts: Cuts, smallest: int, may_cut: CutsOf
) -> Told:
    """The groups to tell of, each with its counts and where they are cut.

    `cuts` are the kommune's; `may_cut` gives those that a group may be told with. First what is
    between the kommune and the schools, then the schools within each part of it.
    """
    schools = {
        place: Member(group := Group("skole", place.unit), counts, may_cut(group))
        for place, counts in sorted(by_place.items(), key=lambda item: _in_order(item[0]))
    }
    zones = _gathered(schools, lambda place: Group("sone", place.zone), may_cut)
    types = _gathered(schools, lambda place: Group("skoletype", place.school_type), may_cut)
    told, parts = _crossed(schools, zones, types, cuts, smallest) or _beside(
        zones if len(zones) > 1 else types, cuts, smallest
    )
    for part, part_cuts in parts:
        found = told_of(part.parts, part_cuts, smallest)
        told |= {school.group: (school.counts, found.cuts) for school in found.members}
    return told


Parts = list[tuple[Member, Cuts]]


def _crossed(
    schools: Mapping[Place, Member],
    zones: Sequence[Member],
    types: Sequence[Member],
    cuts: Cuts,
    smallest: int,
) -> tuple[Told, Parts] | None:
    """Both soner and school types, if each school type in each sone could be told; else None."""
    corners: dict[tuple[str, str], list[Member]] = {}
    for place, school in schools.items():
        corners.setdefault((place.zone, place.school_type), []).append(school)
    shown = [
        group
        for groups in (zones, types)
        if len(groups) > 1
        for group in groups
        if group.group.name and group.people
    ]
    for group in shown:
        cuts &= group.cuts
    parts = {corner: holding(inside, cuts=cuts) for corner, inside in corners.items()}
    found = common(list(parts.values()), cuts, smallest)
    if found is None or _tells_of_one(parts):
        return None
    told = {group.group: (group.counts, found) for group in shown}
    return told, [(part, found) for part in parts.values()]


def _beside(groups: Sequence[Member], cuts: Cuts, smallest: int) -> tuple[Told, Parts]:
    """One kind of groups beside each other; what is left of them is a part to look into too."""
    if len(groups) == 1:
        return {}, [(groups[0], cuts)]
    found = told_of(groups, cuts, smallest)
    told = {group.group: (group.counts, found.cuts) for group in found.members}
    return told, [(part, found.cuts) for part in (*found.members, found.rest) if part.parts]


def _tells_of_one(parts: Mapping[tuple[str, str], Member]) -> bool:
    """Whether soner and school types, subtracted from each other, give a single school's answers.

    They give that of a corner (a school type in a sone) just when there is no other way from its
    sone to its school type, over the corners that hold anybody.
    """
    held = {corner for corner, part in parts.items() if part.people}
    return any(
        is_one(parts[corner]) and not _is_connected(corner, held - {corner}) for corner in held
    )


def _is_connected(corner: tuple[str, str], ways: set[tuple[str, str]]) -> bool:
    zones, types = {corner[0]}, set[str]()
    while True:
        near = {way for way in ways if way[0] in zones or way[1] in types}
        grown = zones | {zone for zone, _ in near}, types | {kind for _, kind in near}
        if grown == (zones, types):
            return corner[1] in types
        zones, types = grown


def _gathered(
    schools: Mapping[Place, Member], group_of: Callable[[Place], Group], may_cut: CutsOf
) -> list[Member]:
    inside: dict[Group, list[Member]] = {}
    for place, school in schools.items():
        inside.setdefault(group_of(place), []).append(school)
    return [holding(parts, group, may_cut(group)) for group, parts in sorted(inside.items())]


def _in_order(place: Place) -> tuple[str, str, str]:
    return place.unit, place.zone, place.school_type
