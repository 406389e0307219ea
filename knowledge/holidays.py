"""The school holidays, and plans in school weeks that step over them.

`knowledge/holidays.toml` ships an example; the kommune puts its own holidays.toml in
KNOWLEDGE_DIR. The public holidays are the same everywhere and are computed.

A school week is a week, Monday to Friday, with at least three school days.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from dateutil.easter import easter
from pydantic import BaseModel, ConfigDict, Field

from knowledge.rows import read_rows

SCHOOL_DAYS_OF_A_WEEK = 3  # so many make it a week that something can be planned in
_DAY = timedelta(days=1)
_FIXED = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
# Skjærtorsdag, langfredag, 1. and 2. påskedag, Kristi himmelfartsdag, 1. and 2. pinsedag.
_FROM_EASTER = (-3, -2, 0, 1, 39, 49, 50)


class Holiday(BaseModel):
    """Days without school for everybody, the first and the last of them included."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1)
    name_nn: str = Field(min_length=1)
    first: date
    last: date
    demo: bool = False


@dataclass(frozen=True)
class Holidays:
    """The school holidays that are known, in the order of their days."""

    all: tuple[Holiday, ...] = ()

    @property
    def is_demo(self) -> bool:
        """Whether these are the example that ships, and not the kommune's own."""
        return any(holiday.demo for holiday in self.all)

    @property
    def known_until(self) -> date | None:
        """The last day that the file says something about; None for a file without holidays."""
        return max((holiday.last for holiday in self.all), default=None)

    def on(self, day: date) -> Holiday | None:
        """The school holiday that a day lies in."""
        return next((one for one in self.all if one.first <= day <= one.last), None)

    def is_holiday(self, day: date) -> bool:
        """Whether a day is in a school holiday or is a public holiday; Saturdays are not."""
        return day in public_holidays(day.year) or self.on(day) is not None

    def is_school_day(self, day: date) -> bool:
        return day.weekday() < 5 and not self.is_holiday(day)

    def next_school_day(self, day: date) -> date:
        """The first school day after `day`."""
        day += _DAY
        while not self.is_school_day(day):
            day += _DAY
        return day

    def first_school_day(self, day: date) -> date:
        """`day` itself when there is school, else the next school day."""
        return self.next_school_day(day - _DAY)

    def add_school_weeks(self, start: date, weeks: int) -> date:
        """The last school day of what begins at `start` and takes so many school weeks (1 or more).

        The week of `start` counts when three school days are left of it; in a week that doesn't
        count, people may work, but nothing is planned there.
        """
        if weeks < 1:
            raise ValueError("add_school_weeks needs at least one week")
        day = start
        while True:
            left = self._school_days_left(day)
            if len(left) >= SCHOOL_DAYS_OF_A_WEEK:
                weeks -= 1
                if weeks == 0:
                    return left[-1]
            day += timedelta(days=7 - day.weekday())

    def school_weeks(self, first: date, last: date) -> int:
        """How many school weeks there are from `first` to `last`, both included."""
        weeks = 0
        while first <= last:
            weeks += sum(d <= last for d in self._school_days_left(first)) >= SCHOOL_DAYS_OF_A_WEEK
            first += timedelta(days=7 - first.weekday())
        return weeks

    def _school_days_left(self, day: date) -> list[date]:
        """The school days from `day` to the Friday of its week."""
        week = (day + timedelta(days=ahead) for ahead in range(7 - day.weekday()))
        return [one for one in week if self.is_school_day(one)]


def read_holidays(path: Path) -> tuple[Holidays, list[str]]:
    """Read the file: (holidays, one sentence per mistake). A missing file is no holidays."""
    rows, problems = read_rows(path, "holiday", Holiday, "ferie", _named)
    rows.sort(key=lambda holiday: holiday.first)
    problems += [
        f"{path.name}, «{_named(one)}»: siste dag er før første dag. Bytt om på dem."
        for one in rows
        if one.last < one.first
    ]
    return Holidays(tuple(rows)), [*problems, *_overlaps(path.name, rows)]


def _named(holiday: Holiday) -> str:
    return f"{holiday.name} {holiday.first:%d.%m.%Y}"


def _overlaps(file: str, holidays: Iterable[Holiday]) -> list[str]:
    problems: list[str] = []
    before: Holiday | None = None
    for one in holidays:
        if before is not None and one.first <= before.last and _named(one) != _named(before):
            problems.append(f"{file}: «{_named(one)}» begynner før «{_named(before)}» er slutt.")
        before = one
    return problems


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of a year (1. og 17. mai too), by law the same in all of Norway."""
    first = easter(year)
    fixed = {date(year, month, day) for month, day in _FIXED}
    return frozenset(fixed | {first + timedelta(days=days) for days in _FROM_EASTER})
