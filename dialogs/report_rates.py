"""Response rates: how many of those who were asked have answered, in tens of per cent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialogs.report_cells import NO_CUTS, Group, Member, beside, holding

WHOLE = Group("kommune")
# What is told of those below and above too: that nobody answered, or everybody, tells of each one.
LEAST_RATE, MOST_RATE = 10, 90


@dataclass(frozen=True, slots=True)
class Invited:
    """How many were asked in a school, and how many of them have answered."""

    unit: str
    zone: str
    school_type: str
    invited: int
    answered: int


def rates_of(
    asked: Sequence[Invited], schools: bool, smallest: int, within: Mapping[Group, int] | None
) -> dict[Group, int]:
    """The rates of groups of at least `smallest` invited; `within`, only of groups told there.

    What is left of the kommune, or of a sone, is nobody or at least as many, so that the rate of a
    few can't be found by subtraction.
    """

    def is_able(member: Member) -> bool:
        told = bool(member.group.name) and (within is None or member.group in within)
        return told and member.people >= smallest

    def is_fine(hidden: Sequence[Member]) -> bool:
        return not 0 < sum(member.people for member in hidden) < smallest

    def tell(members: Sequence[Member]) -> tuple[list[Member], list[Member]]:
        shown, hidden = beside(members, is_able, is_fine)
        told.extend(shown)
        return shown, hidden

    by_zone: dict[str, list[Member]] = {}
    for one in sorted(asked, key=lambda one: (one.zone, one.unit)):
        counts = (one.answered, one.invited - one.answered)
        school = Member(Group("skole", one.unit), counts, NO_CUTS)
        by_zone.setdefault(one.zone, []).append(school)
    zones = [holding(inside, Group("sone", name)) for name, inside in by_zone.items()]
    whole = holding(zones, WHOLE)
    if whole.people < smallest or (within is not None and WHOLE not in within):
        return {}
    told = [whole]
    if schools:
        shown, hidden = tell(zones) if len(zones) > 1 else ([], zones)
        tell([school for zone in hidden for school in zone.parts])
        for zone in shown:
            tell(zone.parts)
    return {member.group: _in_tens(member) for member in told}


def _in_tens(member: Member) -> int:
    answered, invited = member.counts[0], member.people
    tens = (20 * answered + invited) // (2 * invited) * 10
    return max(LEAST_RATE, min(MOST_RATE, tens))
