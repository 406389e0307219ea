"""School years: from 1 August to 31 July, written "2026–2027"."""

import re
from datetime import date

_WRITTEN = re.compile(r"(\d{4})–(\d{4})")
FIRST_MONTH = 8


def school_year(day: date) -> str:
    """The school year a day is in. Of a moment, ask with its day in Oslo."""
    begins = day.year if day.month >= FIRST_MONTH else day.year - 1
    return _written(begins)


def year_before(year: str) -> str:
    """The school year before; ValueError for what isn't written as `school_year` writes it."""
    return _written(first_day(year).year - 1)


def first_day(year: str) -> date:
    """1 August of the school year; ValueError as in `year_before`."""
    found = _WRITTEN.fullmatch(year)
    if found is None or int(found[2]) != int(found[1]) + 1:
        raise ValueError(f"{year!r} is no school year")
    return date(int(found[1]), FIRST_MONTH, 1)


def _written(begins: int) -> str:
    return f"{begins}–{begins + 1}"
