"""What can be worked out from a report by somebody who knows all of it and can do arithmetic.

The attacker knows every cell of every group that is told, which schools there are and where, and
that no count is negative; linear programming then gives the least and the most that any other
number can be. Means and spreads tell nothing more: test_reports.py computes them again from cells.

What must hold for each number that isn't told (a school, a role, a role in a school, one of several
merged categories ...): it may be anything in an interval at least k wide, or it is known exactly
and is nobody or at least k people. The latter is allowed since such a number could have been told
as it is: it is the difference of sums that are told, and is held to the same rule as they are.

The attacker of this test is stronger than a real one: where soner and school types are told, it is
given each school type in each sone too. Not in it: what an insider adds (their own answer, a
colleague's), and what one can guess from *that* categories are merged.
"""

import random
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from dialogs.reports import Cell, Figure, Group, Report
from storage.ballots import Place
from tests.dialogs.report_cases import (
    EXPERIENCES,
    QUESTION,
    ROLES,
    VALUES,
    Ballot,
    Case,
    case_of,
    groups_of,
    random_case,
)
from tests.faults.conftest import Tell

NEAR = 1e-6
GUESSES = 30  # of each report, drawn: all of them take a quarter of an hour
Wanted = Callable[[Ballot], bool]


class Attacker:
    """Knows what the reports tell; `unknown` are all kinds of ballots that there may be."""

    def __init__(self, case: Case, *reports: Report) -> None:
        told = [
            (group, cell)
            for report in reports
            for group, figures in report.figures.items()
            for cell in figures[QUESTION.id].cells
        ]
        self.kinds = {group.kind for group, _ in told}
        self.places = [Place(one.unit, one.zone, one.school_type) for one in case.invited]
        # A way of splitting that nothing is told of limits nothing: it would only take time.
        self.unknown = [
            Ballot(place, role, value, experience)
            for place, role, value, experience in product(
                self.places,
                ROLES if "rolle" in self.kinds else ("",),
                VALUES,
                EXPERIENCES if "erfaring" in self.kinds else ("",),
            )
        ]
        wanted = [_in(group, cell) for group, cell in told]
        if {"sone", "skoletype"} <= self.kinds:
            cells = {cell for group, cell in told if group.kind == "skoletype"}
            corners = {(place.zone, place.school_type) for place in self.places}
            for (zone, kind), cell in product(corners, {(one.first, one.last) for one in cells}):
                wanted.append(_in_corner(zone, kind, *cell))
        self._rows = np.array([self.row(is_wanted) for is_wanted in wanted])
        self._counts = [sum(map(is_wanted, case.ballots)) for is_wanted in wanted]

    def row(self, is_wanted: Wanted) -> list[float]:
        return [1.0 if is_wanted(one) else 0.0 for one in self.unknown]

    def interval(self, is_wanted: Wanted) -> tuple[float, float]:
        """The least and the most that there can be of what is wanted."""
        row = np.array(self.row(is_wanted))
        low, high = (self._least(sign * row) for sign in (1, -1))
        return low, -high

    def _least(self, row: Any) -> float:
        found = linprog(row, A_eq=self._rows, b_eq=self._counts, bounds=(0, None))
        assert found.status == 0, found.message
        return float(found.fun)

    def guesses(self) -> Iterator[tuple[str, Wanted]]:
        """The numbers it tries to find: every part of everything, down to a role in a school."""
        groups = [
            *(Group("skole", place.unit) for place in self.places),
            *(Group("sone", zone) for zone in sorted({place.zone for place in self.places})),
            *(
                Group("skoletype", kind)
                for kind in sorted({place.school_type for place in self.places})
            ),
            *(Group("rolle", role) for role in ROLES if "rolle" in self.kinds),
            *(Group("erfaring", years) for years in EXPERIENCES if "erfaring" in self.kinds),
        ]
        for group in groups:
            yield f"all of {group}", _in(group, Cell(1, QUESTION.categories, 0))
            for value in VALUES:
                yield f"{value} in {group}", _in(group, Cell(value, value, 0))
        if "rolle" in self.kinds:
            for place, role, value in product(self.places, ROLES, VALUES):
                yield f"{value} of {role} in {place.unit}", _is(place, role, value)


def _in(group: Group, cell: Cell) -> Wanted:
    return lambda one: group in groups_of(one) and cell.first <= one.value <= cell.last


def _in_corner(zone: str, kind: str, first: int, last: int) -> Wanted:
    corner = (zone, kind)
    return lambda one: (
        (one.place.zone, one.place.school_type) == corner and first <= one.value <= last
    )


def _is(place: Place, role: str, value: int) -> Wanted:
    return lambda one: (one.place, one.role, one.value) == (place, role, value)


def found_out(case: Case, smallest: int, *reports: Report) -> tuple[list[str], int, float]:
    """What the attacker finds out and mustn't, how many guesses it had, and the narrowest."""
    attacker = Attacker(case, *reports)
    slips: list[str] = []
    tried, narrowest = 0, float("inf")
    if not attacker.kinds:
        return slips, tried, narrowest  # nothing is told
    guesses = list(attacker.guesses())
    chosen = random.Random(len(case.ballots)).sample(guesses, min(len(guesses), GUESSES))
    for name, is_wanted in chosen:
        low, high = attacker.interval(is_wanted)
        truth, tried = sum(map(is_wanted, case.ballots)), tried + 1
        assert low - NEAR <= truth <= high + NEAR
        is_exact = high - low < NEAR
        if not is_exact:
            narrowest = min(narrowest, high - low)
        if high - low < smallest - NEAR and not (is_exact and not 0 < truth < smallest):
            slips.append(f"{name}: {low:.3f} to {high:.3f}, really {truth}")
    return slips, tried, narrowest


@pytest.mark.parametrize(
    "seeds", [range(15), pytest.param(range(1_000), marks=pytest.mark.faults)], ids=len
)
def test_arithmetic_finds_nothing_that_is_not_told(seeds: range, tell: Tell) -> None:
    slips: dict[int, list[str]] = {}
    guesses, narrowest = 0, float("inf")
    for seed in seeds:
        case = random_case(seed)
        found, tried, width = found_out(case, 5, case.report(5))
        guesses, narrowest = guesses + tried, min(narrowest, width)
        if found:
            slips[seed] = found
    assert not slips
    tell(f"{len(seeds)} reports, {guesses} numbers, {len(slips)} found; narrowest {narrowest:.2f}")


@pytest.mark.parametrize(
    "seeds", [range(5), pytest.param(range(300), marks=pytest.mark.faults)], ids=len
)
def test_the_report_for_all_adds_nothing_to_the_report_of_a_round(seeds: range) -> None:
    """Two reports of the same answers, for groups of 5 and of 9, read beside each other."""
    for seed in seeds:
        case = random_case(seed)
        report = case.report(5)
        slips, _, _ = found_out(case, 5, report, case.report(9, within=report))
        assert not slips, f"seed {seed}"


def test_an_attacker_finds_what_carelessness_would_tell() -> None:
    """The audit itself works: the one school that is hidden is found by subtraction."""
    place, beside = Place("liten", "nord", "barn"), Place("stor", "nord", "barn")
    case = case_of({place: (0, 0, 0, 1, 2), beside: (0, 6, 5, 9, 8)})
    careless = Report(
        5,
        {
            group: {
                QUESTION.id: Figure(
                    cells=tuple(
                        Cell(value, value, case.count(group, Cell(value, value, 0)))
                        for value in VALUES
                    )
                )
            }
            for group in (Group("kommune"), Group("skole", "stor"))
        },
    )
    slips, _, _ = found_out(case, 5, careless)
    assert "5 in Group(kind='skole', name='liten'): 2.000 to 2.000, really 2" in slips
