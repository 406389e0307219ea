"""Rounds of made-up answers for the tests of reports: who answered what, and where."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hypothesis import strategies as st

from dialogs.reports import Asked, Cell, Group, Invited, Report, report_of
from storage.ballots import Place, Tally

QUESTION = Asked("samarbeid", 5, True)
VALUES = range(1, QUESTION.categories + 1)
ROLES = ("lærer", "leder", "")  # "" is not known
EXPERIENCES = ("0–5 år", "6–15 år", "mer", "")


@dataclass(frozen=True)
class Ballot:
    """One person's answer to one question."""

    place: Place
    role: str
    value: int
    experience: str = ""


@dataclass(frozen=True)
class Case:
    """Who answered, and how many were invited in each school."""

    ballots: tuple[Ballot, ...]
    invited: tuple[Invited, ...]

    def report(self, smallest: int, within: Report | None = None) -> Report:
        return report_of(
            tallies_of(self.ballots),
            [QUESTION],
            self.invited,
            schools=True,
            smallest=smallest,
            within=within,
        )

    def count(self, group: Group, cell: Cell) -> int:
        """How many of the group really are in the cell."""
        return sum(self._counted[group, value] for value in range(cell.first, cell.last + 1))

    @cached_property
    def _counted(self) -> Counter[tuple[Group, int]]:
        return Counter((group, one.value) for one in self.ballots for group in groups_of(one))


def groups_of(ballot: Ballot) -> Iterator[Group]:
    """All the groups that the person is in."""
    place = ballot.place
    yield Group("kommune")
    yield Group("sone", place.zone)
    yield Group("skoletype", place.school_type)
    yield Group("skole", place.unit)
    yield Group("rolle", ballot.role)
    yield Group("erfaring", ballot.experience)


def tallies_of(ballots: Iterable[Ballot], question: str = QUESTION.id) -> list[Tally]:
    """The ballots as storage/ballots.py counts them: each facet by itself."""
    counted: Counter[tuple[str, str, str, str, int]] = Counter()
    for one in ballots:
        place = one.place
        counted["sted", place.unit, place.zone, place.school_type, one.value] += 1
        if one.role:
            counted["rolle", one.role, "", "", one.value] += 1
        if one.experience:
            counted["erfaring", one.experience, "", "", one.value] += 1
    return [
        Tally(question, value, facet, name, zone, school_type, count)
        for (facet, name, zone, school_type, value), count in counted.items()
    ]


def answers(place: Place, counts: Sequence[int], role: str = "lærer") -> Iterator[Ballot]:
    """So many answered 1, so many answered 2, and so on."""
    for value, count in enumerate(counts, start=1):
        yield from [Ballot(place, role, value)] * count


def case_of(by_place: Mapping[Place, Sequence[int]]) -> Case:
    """Lærere of schools, all invited having answered."""
    ballots = [one for place, counts in by_place.items() for one in answers(place, counts)]
    invited = [
        Invited(place.unit, place.zone, place.school_type, sum(counts), sum(counts))
        for place, counts in by_place.items()
    ]
    return Case(tuple(ballots), tuple(invited))


def random_case(seed: int, most_schools: int = 6) -> Case:
    """A kommune of a few schools, from empty to large, that lean to an answer or another.

    Sizes and leanings are drawn so that many a group is near the limit: that is where it can fail.
    """
    rng = random.Random(seed)
    zones, types = (
        rng.choice((("nord",), ("nord", "sør"))),
        rng.choice((("barn",), ("barn", "ung"))),
    )
    lean = [rng.choice((0.05, 0.3, 1, 1, 2)) for _ in VALUES]
    leaders = rng.choice((0, 0.1, 0.3, 0.5))
    small = rng.choice((0.1, 0.4, 0.8))
    ballots: list[Ballot] = []
    invited: list[Invited] = []
    is_even = rng.random() < 0.5  # there is a school of each type in each sone, if there are four
    for number in range(rng.randint(1, most_schools)):
        corner = (number, number // 2) if is_even else (rng.randrange(2), rng.randrange(2))
        zone, kind = zones[corner[0] % len(zones)], types[corner[1] % len(types)]
        place = Place(f"skole {number}", zone, kind)
        people = rng.choice((0, 2, 4, 7, 12)) if rng.random() < small else rng.randint(10, 90)
        own = [weight * rng.choice((0.05, 1, 1, 1)) for weight in lean]
        for value in rng.choices(VALUES, own, k=people):
            role = "leder" if rng.random() < leaders else "lærer"
            experience = rng.choice(EXPERIENCES)
            ballots.append(Ballot(place, "" if rng.random() < 0.02 else role, value, experience))
        asked = people + rng.choice((0, 0, 1, 4, 12))
        invited.append(Invited(place.unit, place.zone, place.school_type, asked, people))
    return Case(tuple(ballots), tuple(invited))


# Rather whole kommuner by their seed than drawn person by person: it is fast, and the seed is all
# that is needed to see a failing one again.
CASES = st.integers(0, 2**32).map(random_case)
LARGE_CASES = st.integers(0, 2**32).map(lambda seed: random_case(seed, 12))
