"""School holidays: plans in school weeks step over them, and every mistake of a file is told."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from knowledge.holidays import Holiday, Holidays, public_holidays, read_holidays
from knowledge.library import HOME

GOOD = """
[[holiday]]
name = "Høstferie"
name_nn = "Haustferie"
first = 2026-09-28
last = 2026-10-02
"""


@pytest.fixture(scope="module")
def shipped() -> Holidays:
    holidays, problems = read_holidays(HOME / "holidays.toml")
    assert problems == []
    return holidays


def mistakes(folder: Path, text: str) -> list[str]:
    file = folder / "holidays.toml"
    file.write_text(text, encoding="utf-8")
    return read_holidays(file)[1]


def test_what_ships_is_marked_as_an_example_and_covers_four_school_years(
    shipped: Holidays,
) -> None:
    assert shipped.is_demo
    assert all(holiday.demo for holiday in shipped.all)
    for year in (2025, 2026, 2027, 2028):
        names = [h.name for h in shipped.all if date(year, 8, 1) <= h.first < date(year + 1, 8, 1)]
        assert names == ["Høstferie", "Juleferie", "Vinterferie", "Påskeferie", "Sommerferie"]
    assert shipped.known_until == date(2029, 8, 19)


def test_the_holidays_that_ship_stand_around_the_days_they_are_named_after(
    shipped: Holidays,
) -> None:
    named = {(holiday.name, holiday.last.year): holiday for holiday in shipped.all}
    for year in (2026, 2027, 2028, 2029):
        assert shipped.on(date(year - 1, 12, 24)) == named["Juleferie", year]
        easter = named["Påskeferie", year]
        # From the Saturday before the week of skjærtorsdag to 2. påskedag.
        assert (easter.first.weekday(), easter.last.weekday()) == (5, 0)
        assert {easter.last - timedelta(days=n) for n in (0, 1, 3, 4)} <= public_holidays(year)


@pytest.mark.parametrize(
    ("day", "free"),
    [
        (date(2026, 9, 28), True),  # the first day of høstferien
        (date(2026, 10, 2), True),  # and its last
        (date(2026, 10, 5), False),
        (date(2027, 5, 6), True),  # Kristi himmelfartsdag
        (date(2027, 5, 7), False),
        (date(2027, 5, 17), True),
        (date(2028, 5, 1), True),
        (date(2028, 6, 5), True),  # 2. pinsedag
        (date(2026, 12, 24), True),  # in juleferien
    ],
)
def test_a_day_is_free_in_a_school_holiday_or_on_a_public_one(
    shipped: Holidays, day: date, free: bool
) -> None:
    assert shipped.is_holiday(day) is free


@pytest.mark.parametrize(
    ("year", "easter"),
    [
        (2008, date(2008, 3, 23)),
        (2011, date(2011, 4, 24)),
        (2026, date(2026, 4, 5)),
        (2029, date(2029, 4, 1)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_easter_falls_where_the_almanac_has_it(year: int, easter: date) -> None:
    days = public_holidays(year)
    assert {easter - timedelta(days=3), easter - timedelta(days=2), easter} <= days
    assert {easter + timedelta(days=n) for n in (1, 39, 49, 50)} <= days


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2026, 8, 17), date(2026, 8, 18)),
        (date(2026, 8, 21), date(2026, 8, 24)),  # over a weekend
        (date(2026, 9, 25), date(2026, 10, 5)),  # over høstferien
        (date(2027, 5, 14), date(2027, 5, 18)),  # over 17. mai on a Monday
        (date(2027, 6, 18), date(2027, 8, 16)),  # over the summer
    ],
)
def test_the_next_school_day_steps_over_weekends_and_holidays(
    shipped: Holidays, day: date, following: date
) -> None:
    assert shipped.next_school_day(day) == following


@pytest.mark.parametrize(
    ("start", "weeks", "last"),
    [
        (date(2026, 8, 17), 1, date(2026, 8, 21)),
        (date(2026, 9, 14), 2, date(2026, 9, 25)),
        (date(2026, 9, 14), 3, date(2026, 10, 9)),  # høstferien is no school week
        (date(2026, 12, 7), 3, date(2027, 1, 8)),  # nor are the two of juleferien
        (date(2026, 8, 19), 1, date(2026, 8, 21)),  # three days are left of the week
        (date(2026, 8, 20), 1, date(2026, 8, 28)),  # two are not enough
        (date(2027, 5, 3), 1, date(2027, 5, 7)),  # Kristi himmelfart leaves four days
        (date(2027, 6, 14), 2, date(2027, 8, 20)),  # the summer is stepped over
        (date(2026, 8, 22), 1, date(2026, 8, 28)),  # a Saturday
    ],
)
def test_school_weeks_are_counted_without_the_weeks_of_holidays(
    shipped: Holidays, start: date, weeks: int, last: date
) -> None:
    assert shipped.add_school_weeks(start, weeks) == last
    assert shipped.school_weeks(start, last) == weeks


def test_no_weeks_at_all_can_not_be_added(shipped: Holidays) -> None:
    with pytest.raises(ValueError, match="at least one"):
        shipped.add_school_weeks(date(2026, 8, 17), 0)


def test_what_begins_after_the_known_holidays_is_counted_all_the_same() -> None:
    unknown = Holidays()
    assert unknown.add_school_weeks(date(2031, 3, 3), 2) == date(2031, 3, 14)
    assert unknown.known_until is None


def test_planned_periods_follow_each_other_without_overlap(shipped: Holidays) -> None:
    first, periods = date(2026, 8, 17), []
    for weeks in (1, 4, 6, 4, 4, 4):
        last = shipped.add_school_weeks(first, weeks)
        periods.append((first, last))
        first = shipped.next_school_day(last)
    assert all(before[1] < after[0] for before, after in pairwise(periods))
    assert not any(shipped.is_holiday(day) for period in periods for day in period)


def test_a_good_file_has_no_problems_and_is_no_example(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD) == []
    assert not read_holidays(tmp_path / "holidays.toml")[0].is_demo


def test_no_file_is_no_holidays(tmp_path: Path) -> None:
    assert read_holidays(tmp_path / "holidays.toml") == (Holidays(), [])


def test_a_holiday_of_one_day_is_possible(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD.replace("2026-10-02", "2026-09-28")) == []


def test_holidays_are_read_in_the_order_of_their_days(tmp_path: Path) -> None:
    later = GOOD.replace("2026", "2027")
    assert mistakes(tmp_path, later + GOOD) == []
    holidays = read_holidays(tmp_path / "holidays.toml")[0]
    assert [holiday.first.year for holiday in holidays.all] == [2026, 2027]
    assert isinstance(holidays.on(date(2027, 9, 29)), Holiday)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (GOOD.replace('name = "Høstferie"\n', ""), "holidays.toml, ferie 1: «name»: "),
        (GOOD.replace("2026-09-28", '"i høst"'), "holidays.toml, ferie 1: «first»: "),
        (GOOD + 'uke = "40"\n', "holidays.toml, ferie 1: «uke»: "),
        (GOOD + GOOD, "holidays.toml: «Høstferie 28.09.2026» står to ganger."),
        (
            GOOD.replace("2026-10-02", "2026-09-02"),
            "holidays.toml, «Høstferie 28.09.2026»: siste dag er før første dag.",
        ),
        (
            GOOD + GOOD.replace("Høst", "Fag").replace("2026-09-28", "2026-10-01"),
            "holidays.toml: «Fagferie 01.10.2026» begynner før «Høstferie 28.09.2026» er slutt.",
        ),
        ("[[holiday]\n", "holidays.toml: filen er ikke gyldig TOML: "),
    ],
)
def test_a_mistake_gets_one_sentence_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    (problem,) = mistakes(tmp_path, text)
    assert problem.startswith(told)


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    wrong = GOOD.replace("name_nn", "nynorsk").replace("2026-10-02", '"?"')
    assert len(mistakes(tmp_path, wrong + GOOD + GOOD)) == 4
