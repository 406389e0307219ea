"""Every number of a round: what is told, and that nobody can be found by subtraction."""

import json
import random
import statistics
import time
from collections.abc import Callable
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.reports import (
    Asked,
    Cell,
    Figure,
    Group,
    Invited,
    Report,
    report_from_json,
    report_of,
    report_to_json,
    texts_to_read,
)
from storage.ballots import Place, Text
from tests.dialogs.report_cases import (
    CASES,
    LARGE_CASES,
    QUESTION,
    Ballot,
    Case,
    answers,
    case_of,
    tallies_of,
)

KOMMUNE = Group("kommune")
NORDLIA = Place("Nordlia skole", "Sone nord", "barneskole")
EIKESKOGEN = Place("Eikeskogen skole", "Sone nord", "barneskole")
FJELLHEIM = Place("Fjellheim skole", "Sone sør", "barneskole")
STRANDVIK = Place("Strandvik skole", "Sone sør", "barneskole")


def figure(report: Report, group: Group = KOMMUNE, question: str = QUESTION.id) -> Figure:
    return report.figures[group][question]


def counts(figure: Figure) -> dict[str, int]:
    """«1–2»: 8 and so on."""
    return {f"{one.first}–{one.last}": one.count for one in figure.cells}


def school(place: Place) -> Group:
    return Group("skole", place.unit)


# One group


def test_a_distribution_with_five_or_more_everywhere_is_told_as_it_is() -> None:
    told = figure(case_of({NORDLIA: (6, 10, 20, 14, 10)}).report(5))
    assert counts(told) == {"1–1": 6, "2–2": 10, "3–3": 20, "4–4": 14, "5–5": 10}
    given_answers = [1] * 6 + [2] * 10 + [3] * 20 + [4] * 14 + [5] * 10
    spread = statistics.stdev(given_answers)
    assert (told.people, told.mean, told.spread) == (60, 3.2, round(spread, 1))
    assert told.margin == round(1.96 * spread / 60**0.5, 1)
    assert not told.estimated


@pytest.mark.parametrize(
    ("answered", "told"),
    [
        ((1, 4, 10, 8, 7), {"1–2": 5, "3–3": 10, "4–4": 8, "5–5": 7}),
        ((0, 4, 10, 8, 7), {"1–1": 0, "2–3": 14, "4–4": 8, "5–5": 7}),
        ((3, 3, 3, 3, 3), {"1–2": 6, "3–5": 9}),  # or 1–3 and 4–5: the same, so the last
        ((0, 0, 0, 12, 30), {"1–1": 0, "2–2": 0, "3–3": 0, "4–4": 12, "5–5": 30}),
        ((4, 0, 0, 0, 5), {}),
    ],
)
def test_neighbours_are_merged_until_each_is_nobody_or_five(
    answered: tuple[int, ...], told: dict[str, int]
) -> None:
    shown = counts(figure(case_of({NORDLIA: answered}).report(5)))
    if answered == (3, 3, 3, 3, 3):
        assert shown in ({"1–2": 6, "3–5": 9}, {"1–3": 9, "4–5": 6})
    else:
        assert shown == told


def test_where_all_answered_alike_or_nearly_nothing_is_told() -> None:
    for answered in ((0, 0, 0, 0, 40), (0, 0, 0, 4, 36)):
        assert figure(case_of({NORDLIA: answered}).report(5)) == Figure(withheld="merged")


def test_of_four_people_nothing_is_told_of_anybody() -> None:
    report = case_of({NORDLIA: (0, 1, 1, 1, 1), EIKESKOGEN: (0, 0, 0, 0, 0)}).report(5)
    assert all(figure(report, group) == Figure(withheld="few") for group in report.figures)
    assert school(EIKESKOGEN) not in report.figures  # nobody was asked there


def test_where_the_kommune_merges_the_mean_counts_the_middle_and_says_so() -> None:
    told = figure(case_of({NORDLIA: (2, 4, 0, 10, 0)}).report(5))
    assert counts(told) == {"1–2": 6, "3–3": 0, "4–4": 10, "5–5": 0}
    assert told.estimated
    assert told.mean == 3.1  # (6 · 1.5 + 10 · 4) / 16 = 3.06


def test_where_a_school_merges_the_mean_counts_what_the_kommune_answered_there() -> None:
    report = case_of({NORDLIA: (1, 8, 0, 2, 20), EIKESKOGEN: (9, 2, 0, 8, 20)}).report(5)
    told = figure(report, school(NORDLIA))
    assert told.estimated
    assert counts(figure(report)) == {"1–1": 10, "2–2": 10, "3–3": 0, "4–4": 10, "5–5": 40}
    assert counts(told) == {"1–2": 9, "3–3": 0, "4–5": 22}
    assert told.mean == 3.8  # (9 · 1.5 + 22 · 4.8) / 31


def test_a_choice_has_no_mean() -> None:
    tallies = tallies_of(answers(NORDLIA, (10, 20, 30)), "valg")
    asked = [Asked("valg", 3, False)]
    told = figure(report_of(tallies, asked, [], schools=False, smallest=5), question="valg")
    assert told == Figure(60, (Cell(1, 1, 10), Cell(2, 2, 20), Cell(3, 3, 30)))


def test_fewer_than_five_can_never_be_asked_for() -> None:
    with pytest.raises(ValueError, match="at least 5"):
        case_of({NORDLIA: (6, 10, 20, 14, 10)}).report(4)
    with pytest.raises(ValueError, match="at least 5"):
        texts_to_read([], 4)


# Groups in groups


def test_a_small_school_is_hidden_and_another_with_it_so_that_it_cannot_be_subtracted() -> None:
    sizes = {NORDLIA: (0, 0, 12, 12, 12), EIKESKOGEN: (0, 0, 9, 9, 9)}
    small = Place("Liten skole", "Sone nord", "barneskole")
    report = case_of({**sizes, small: (0, 0, 1, 1, 1)}).report(5)
    assert figure(report, school(NORDLIA)).people == 36
    for hidden in (EIKESKOGEN, small):
        assert figure(report, school(hidden)) == Figure(withheld="neighbour")
    assert figure(case_of(sizes).report(5), school(EIKESKOGEN)).people == 27


def test_why_a_school_is_hidden_is_not_told() -> None:
    """All at one answered 4, all at the other 5, and the sum of both can be found."""
    alike, other = Place("A", "Sone nord", "barneskole"), Place("B", "Sone nord", "barneskole")
    report = case_of(
        {NORDLIA: (0, 0, 9, 9, 9), alike: (0, 0, 0, 8, 0), other: (0, 0, 0, 0, 8)}
    ).report(5)
    few = case_of(
        {NORDLIA: (0, 0, 9, 9, 9), alike: (0, 0, 0, 1, 1), other: (0, 0, 0, 7, 7)}
    ).report(5)
    assert figure(report, school(NORDLIA)).people == 27
    assert {figure(one, school(place)) for one in (report, few) for place in (alike, other)} == {
        Figure(withheld="neighbour")
    }


def test_schools_side_by_side_are_merged_alike() -> None:
    report = case_of({NORDLIA: (2, 9, 9, 9, 9), EIKESKOGEN: (9, 9, 9, 9, 2)}).report(5)
    assert counts(figure(report)) == {"1–1": 11, "2–2": 18, "3–3": 18, "4–4": 18, "5–5": 11}
    for place in (NORDLIA, EIKESKOGEN):
        cells = [(one.first, one.last) for one in figure(report, school(place)).cells]
        assert cells == [(1, 2), (3, 3), (4, 5)]


@pytest.fixture
def four() -> Case:
    each = (0, 6, 7, 8, 9)
    return case_of(dict.fromkeys((NORDLIA, EIKESKOGEN, FJELLHEIM, STRANDVIK), each))


def test_soner_and_schools_are_told_where_all_are_large(four: Case) -> None:
    report = four.report(5)
    assert figure(report, Group("sone", "Sone sør")).people == 60
    assert {group.kind for group in report.figures} == {"kommune", "sone", "skole", "rolle"}
    assert all(figure(report, group).cells for group in report.figures)


def test_without_schools_only_the_kommune_and_its_roles_are_told(four: Case) -> None:
    report = report_of(
        tallies_of(four.ballots), [QUESTION], four.invited, schools=False, smallest=5
    )
    assert set(report.figures) == {KOMMUNE, Group("rolle", "lærer")}
    assert set(report.rates) == {KOMMUNE}


def test_a_sone_that_is_one_school_is_not_told_since_it_is_that_schools_own_result() -> None:
    each = (0, 6, 7, 8, 9)
    west = Place("Vest skole", "Sone vest", "barneskole")
    places = (NORDLIA, EIKESKOGEN, FJELLHEIM, STRANDVIK, west)
    report = case_of(dict.fromkeys(places, each)).report(5)
    told = {
        group.name
        for group in report.figures
        if group.kind == "sone" and counts(figure(report, group))
    }
    assert len(told) == 1
    assert "Sone vest" not in told  # and one beside it is hidden, or it would be what is left
    assert figure(report, school(west)).people == 30


def test_school_types_are_told_where_they_can_be_in_every_sone() -> None:
    each = (0, 6, 7, 8, 9)
    types = ("barneskole", "ungdomsskole")
    places = [
        Place(f"{zone} {kind} {number}", zone, kind)
        for zone in ("nord", "sør")
        for kind in types
        for number in (1, 2)
    ]
    report = case_of(dict.fromkeys(places, each)).report(5)
    assert [figure(report, Group("skoletype", kind)).people for kind in types] == [120, 120]
    assert figure(report, Group("sone", "nord")).people == 120
    few = case_of({**dict.fromkeys(places, each), places[0]: (0, 0, 0, 0, 0)} | {places[1]: (0, 2)})
    assert not figure(few.report(5), Group("skoletype", "barneskole")).cells


def test_a_school_alone_of_its_type_is_not_found_between_soner_and_school_types() -> None:
    """Sone sør less the ungdomsskoler would be the only barneskole of the sone."""
    each = (0, 6, 7, 8, 9)
    north = [Place(f"Nord {number}", "nord", "barneskole") for number in (1, 2)]
    south = [Place(f"Sør {number}", "sør", "ungdomsskole") for number in (1, 2)]
    alone = Place("Sør barneskole", "sør", "barneskole")
    report = case_of(dict.fromkeys((*north, *south, alone), each)).report(5)
    assert figure(report, Group("sone", "sør")).people == 90
    assert not figure(report, Group("skoletype", "ungdomsskole")).cells


def test_those_who_have_not_said_how_long_they_have_worked_cannot_be_subtracted() -> None:
    def report(lacking: int) -> Report:
        ballots = [
            Ballot(NORDLIA, "lærer", value, years)
            for years, people in (("0–5 år", 6), ("6–15 år", 8), ("", lacking))
            for value in (3, 4) * people
        ]
        tallies = tallies_of(ballots)
        return report_of(tallies, [QUESTION], [], schools=False, smallest=5)

    few, enough = report(1), report(5)
    assert not figure(few, Group("erfaring", "0–5 år")).cells
    assert figure(few, Group("erfaring", "6–15 år")).people == 16
    assert figure(enough, Group("erfaring", "0–5 år")).people == 12


def test_a_school_that_moved_is_where_it_is_now() -> None:
    before = Place(NORDLIA.unit, "Sone sør", "barneskole")
    ballots = [*answers(NORDLIA, (0, 0, 3, 3, 3)), *answers(before, (0, 0, 4, 4, 4))]
    invited = [Invited(NORDLIA.unit, NORDLIA.zone, NORDLIA.school_type, 30, 21)]
    assert figure(Case(tuple(ballots), tuple(invited)).report(5), school(NORDLIA)).people == 21


def test_the_report_for_all_cannot_be_subtracted_from_the_rounds_own() -> None:
    case = case_of({NORDLIA: (17, 0, 0, 3, 20)})
    first = case.report(5)
    assert counts(figure(first)) == {"1–1": 17, "2–2": 0, "3–3": 0, "4–5": 23}
    # By itself it would say 1–4: 20, and 20 - 17 = 3 people answered 4.
    assert counts(figure(case.report(20))) == {"1–4": 20, "5–5": 20}
    assert figure(case.report(20, within=first)) == Figure(withheld="merged")


# Response rates


def test_response_rates_are_told_in_tens_of_per_cent_of_five_or_more_invited() -> None:
    """That all have answered, or none, tells of each of them: 90 means 90 or more, 10 or less."""
    invited = [
        Invited("A", "nord", "barneskole", 20, 15),
        Invited("B", "nord", "barneskole", 10, 4),
        Invited("C", "sør", "barneskole", 5, 5),
        Invited("D", "vest", "barneskole", 6, 0),
    ]
    report = report_of([], [QUESTION], invited, schools=True, smallest=5)
    rates = {f"{group.kind} {group.name}".strip(): rate for group, rate in report.rates.items()}
    assert rates == {
        "kommune": 60,  # 24 of 41: 58.5 %
        "sone nord": 60,
        "sone sør": 90,
        "sone vest": 10,
        "skole A": 80,
        "skole B": 40,
        "skole C": 90,
        "skole D": 10,
    }


def test_the_rate_of_a_few_cannot_be_subtracted() -> None:
    invited = [
        Invited("A", "nord", "barneskole", 20, 15),
        Invited("B", "nord", "barneskole", 10, 4),
        Invited("C", "nord", "barneskole", 4, 4),
    ]
    report = report_of([], [QUESTION], invited, schools=True, smallest=5)
    assert set(report.rates) == {KOMMUNE, Group("skole", "A")}
    assert not report_of([], [QUESTION], invited[2:], schools=True, smallest=5).rates


# Texts


def test_texts_are_read_of_five_or_more_in_random_order_without_school() -> None:
    texts = [Text(str(number), "hva", f"Tekst {number}", "Nordlia") for number in range(4)]
    assert texts_to_read(texts, 5) == {}
    assert texts_to_read([*texts, Text("4", "hva", " \n", "")], 5) == {}
    assert texts_to_read([*texts, texts[0]], 5) == {}
    fifth = Text("4", "hva", "Tekst 4", "", ("tid",))
    read = texts_to_read([*texts, fifth, Text("x", "annet", "Alene", "Nordlia")], 5)
    assert set(read) == {"hva"}
    assert {(text.text, text.unit) for text in read["hva"]} == {
        (f"Tekst {number}", "") for number in range(5)
    }
    assert {text.themes for text in read["hva"] if text.id == "4"} == {("tid",)}
    with_school = [*texts, Text("4", "hva", "Tekst 4", "Nordlia")]
    assert {text.unit for text in texts_to_read(with_school, 5)["hva"]} == {"Nordlia"}


def test_the_order_of_texts_says_nothing() -> None:
    texts = [Text(str(number), "hva", "Tekst", "") for number in range(5)]
    orders = {tuple(text.id for text in texts_to_read(texts, 5)["hva"]) for _ in range(2_000)}
    assert len(orders) > len(list(permutations(range(5)))) * 0.9


# For every kommune


def every_kommune(cases: st.SearchStrategy[Case]) -> Callable[[Callable[..., None]], Any]:
    """Few in `make test`, 5,000 in `make test-faults`."""

    def twice(check: Callable[..., None]) -> Any:
        def run(examples: int) -> None:
            settings(max_examples=examples, deadline=None)(given(cases)(check))()

        sizes = [60, pytest.param(5_000, marks=pytest.mark.faults)]
        return pytest.mark.parametrize("examples", sizes)(run)

    return twice


def told_in(report: Report) -> dict[Group, Figure]:
    every = {group: figures[QUESTION.id] for group, figures in report.figures.items()}
    return {group: figure for group, figure in every.items() if figure.cells}


@every_kommune(LARGE_CASES)
def test_nothing_is_told_of_fewer_than_five(case: Case) -> None:
    for smallest in (5, 8):
        report = case.report(smallest)
        for group, figures in report.figures.items():
            told = figures[QUESTION.id]
            if not told.cells:
                assert told == Figure(withheld=told.withheld)
                assert told.withheld
                continue
            assert [cell.count for cell in told.cells] == [
                case.count(group, cell) for cell in told.cells
            ]
            assert told.people == sum(cell.count for cell in told.cells)
            assert all(not 0 < cell.count < smallest for cell in told.cells)
            assert sum(1 for cell in told.cells if cell.count) >= 2


@every_kommune(LARGE_CASES)
def test_nothing_less_than_five_is_left_of_a_group_when_groups_inside_it_are_taken_away(
    case: Case,
) -> None:
    """Every pair of nested groups, and every group with all that is told inside it."""
    told = told_in(case.report(5))
    places = {(one.unit, one.zone, one.school_type) for one in case.invited}
    for outer, inner in permutations(told, 2):
        if is_inside(inner, outer, places):
            check_rest(case, told, outer, [inner])
    for outer in told:
        for kind in ("skole", "sone", "skoletype", "rolle", "erfaring"):
            inside = [one for one in told if one.kind == kind and is_inside(one, outer, places)]
            check_rest(case, told, outer, inside)
            for pair in combinations(inside, 2):
                check_rest(case, told, outer, list(pair))


def is_inside(inner: Group, outer: Group, places: set[tuple[str, str, str]]) -> bool:
    if outer == KOMMUNE:
        return inner != KOMMUNE
    index = {"sone": 1, "skoletype": 2}.get(outer.kind)
    return inner.kind == "skole" and any(
        place[0] == inner.name and index and place[index] == outer.name for place in places
    )


def check_rest(case: Case, told: dict[Group, Figure], outer: Group, inside: list[Group]) -> None:
    """What is left, in every cell that the groups have in common."""
    ends = set[int].intersection(
        *({cell.last for cell in told[group].cells} for group in (outer, *inside))
    )
    first = 1
    for last in sorted(ends):
        cell = Cell(first, last, 0)
        left = case.count(outer, cell) - sum(case.count(group, cell) for group in inside)
        assert left == 0 or left >= 5, (outer, inside, cell, left)
        first = last + 1


@every_kommune(CASES)
def test_means_tell_nothing_that_the_cells_do_not(case: Case) -> None:
    """Computed again from what is told: the group's cells, and the kommune's."""
    told = told_in(case.report(5))
    for figure in told.values():
        points = []
        for cell in figure.cells:
            inside = [
                one
                for one in told[KOMMUNE].cells
                if cell.first <= one.first and one.last <= cell.last
            ]
            people = sum(one.count for one in inside) or 1
            value = sum((one.first + one.last) / 2 * one.count for one in inside) / people
            points += [value] * cell.count
        assert figure.mean == pytest.approx(statistics.mean(points), abs=0.0501)
        assert figure.spread is not None
        assert figure.margin == pytest.approx(1.96 * figure.spread / len(points) ** 0.5, abs=0.1)


@every_kommune(CASES)
def test_a_report_within_another_tells_only_sums_of_it(case: Case) -> None:
    report = case.report(5)
    first, second = told_in(report), told_in(case.report(9, within=report))
    for group, figure in second.items():
        assert {one.last for one in figure.cells} <= {one.last for one in first[group].cells}
        assert all(not 0 < cell.count < 9 for cell in figure.cells)


@every_kommune(CASES)
def test_a_report_is_the_same_whatever_the_order_and_after_it_was_kept(case: Case) -> None:
    report = case.report(5)
    tallies, invited = tallies_of(case.ballots), list(case.invited)
    shuffled = random.Random(1)
    shuffled.shuffle(tallies)
    shuffled.shuffle(invited)
    again = report_of(tallies, [QUESTION], invited, schools=True, smallest=5)
    assert again == report
    assert report_from_json(json.loads(json.dumps(report_to_json(report)))) == report


def test_a_large_kommune_takes_less_than_three_seconds() -> None:
    """1,060 people in 33 schools, 80 questions, three ways of looking at each; processor time."""
    rng = random.Random(7)
    asked = [Asked(f"spørsmål {number}", 5, True) for number in range(80)]
    places = [
        Place(f"Skole {n}", f"Sone {n % 4}", ("barn", "ung", "1–10")[n % 3]) for n in range(33)
    ]
    people = [(rng.choice(places), rng.choice(("lærer", "leder"))) for _ in range(1_060)]
    tallies = [
        tally
        for question in asked
        for tally in tallies_of(
            [
                Ballot(place, role, rng.choice((1, 2, 3, 3, 4, 4, 4, 5, 5)), rng.choice("abcd"))
                for place, role in people
            ],
            question.id,
        )
    ]
    invited = [Invited(one.unit, one.zone, one.school_type, 35, 32) for one in places]
    start = time.process_time()
    report = report_of(tallies, asked, invited, schools=True, smallest=5)
    assert time.process_time() - start < 3
    assert len(report.figures) == 1 + 2 + 4 + 4 + 3 + 33
    json.dumps(report_to_json(report))
