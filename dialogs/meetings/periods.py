"""The days that a question names: «i vår», «i uke 9», «før jul», «på torsdag», «3. mars».

The days themselves are read by dialogs/dates.py; here they are found within a sentence.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.easter import easter

from dialogs.dates import read_date, read_period

_DAY = timedelta(days=1)
_WEEK = timedelta(days=6)
_UKE = r"(?:uke|uka|uken|veke|veka)"
_YEAR = r"(?: (?P<year>20\d\d))?"
_AT = r"(?:(?:i|på|til|for|under|om|no|nå|utpå|gjennom) )?"
_THIS, _NEXT = r"(?:denne|denna|dette|inneværende)", r"(?:neste|komande|kommende|førstkommende)"
_SPRING, _AUTUMN = (
    r"(?:vår|våren|vårsemesteret|vårhalvåret)",
    (r"(?:høst|høsten|haust|hausten|høstsemesteret|haustsemesteret|høsthalvåret)"),
)
_JUL = r"(?:jul|jula|julen|jol|jola|juleferien|juleferia)"
_SUMMER = r"(?:sommeren|sommaren|sommerferien|sommarferien|sommarferia|sommer|sommar|ferien|feria)"
_EASTER = r"(?:påske|påska|påsken|påskeferien|påskeferia)"
_MONTH = r"[a-zæøå]{3,9}"
_SHORT = r"(?:jan|feb|mar|apr|jun|jul|aug|sep|sept|okt|nov|des)\.?"


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `first` to `last`, and how they were named."""

    first: date
    last: date
    words: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A way of naming days, and how the first and the last of them are found."""

    pattern: re.Pattern[str]
    days: Callable[[re.Match[str], date], tuple[date, date] | None]


def find_period(text: str, today: date) -> tuple[Period | None, str]:
    """The period that a sentence in small letters names, and the sentence without it."""
    for form in _FORMS:
        for found in form.pattern.finditer(text):
            days = form.days(found, today)
            if days is not None and days[0] <= days[1]:
                rest = f"{text[: found.start()]} {text[found.end() :]}"
                words = found[0].strip()
                return Period(*days, words), " ".join(rest.split())
    return None, text


def _read_between(found: re.Match[str], today: date) -> tuple[date, date] | None:
    return read_period(f"{found['first']} til {found['last']}", today)


def _read_week(found: re.Match[str], today: date) -> tuple[date, date] | None:
    year = f" {found['year']}" if found["year"] else ""
    return read_period(f"uke {found['number']}{year}", today)


def _read_day(found: re.Match[str], today: date) -> tuple[date, date] | None:
    day = read_date(found["day"], today)
    return (day, day) if day else None


def _week_of(found: re.Match[str], today: date) -> tuple[date, date] | None:
    day = read_date(found["day"], today)
    if day is None:
        return None
    monday = day - timedelta(days=day.weekday())
    return monday, monday + _WEEK


def _month(found: re.Match[str], today: date) -> tuple[date, date] | None:
    """A month of the year that is named, or the next of its name, this month included."""
    named = read_date(f"1. {found['month'].rstrip('.')} 2024", today)
    if named is None:
        return None
    year = int(found["year"] or today.year + (named.month < today.month))
    return _whole_month(year, named.month)


def _whole_month(year: int, month: int) -> tuple[date, date]:
    after = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), after - _DAY


def _this_month(found: re.Match[str], today: date) -> tuple[date, date]:
    return _whole_month(today.year, today.month)


def _next_month(found: re.Match[str], today: date) -> tuple[date, date]:
    return _whole_month(today.year + today.month // 12, today.month % 12 + 1)


def _spring(found: re.Match[str], today: date) -> tuple[date, date]:
    """This year's until the summer, then next year's."""
    year = int(found["year"] or today.year + (today.month >= 8))
    return date(year, 1, 1), date(year, 7, 31)


def _autumn(found: re.Match[str], today: date) -> tuple[date, date]:
    year = int(found["year"] or today.year)
    return date(year, 8, 1), date(year, 12, 31)


def _winter(found: re.Match[str], today: date) -> tuple[date, date]:
    year = today.year + (today.month >= 4)
    return date(year - 1, 12, 1), date(year, 3, 31)


def _until(day: date, today: date) -> tuple[date, date] | None:
    return (today, day - _DAY) if day > today else None


def _before_jul(found: re.Match[str], today: date) -> tuple[date, date] | None:
    return _until(date(today.year, 12, 25), today)


def _before_summer(found: re.Match[str], today: date) -> tuple[date, date] | None:
    return _until(date(today.year + (today.month >= 7), 7, 1), today)


def _before_easter(found: re.Match[str], today: date) -> tuple[date, date] | None:
    return _until(_next_easter(today) - timedelta(days=3), today)


def _after_easter(found: re.Match[str], today: date) -> tuple[date, date]:
    sunday = _next_easter(today)
    return sunday + 2 * _DAY, date(sunday.year, 7, 31)


def _next_easter(today: date) -> date:
    this: date = easter(today.year)
    after: date = easter(today.year + 1)
    return this if this > today else after


def _after_jul(found: re.Match[str], today: date) -> tuple[date, date]:
    year = today.year + (today.month >= 8)
    return date(year, 1, 1), date(year, 7, 31)


def _after_summer(found: re.Match[str], today: date) -> tuple[date, date]:
    year = today.year + (today.month >= 8)
    return date(year, 8, 1), date(year, 12, 31)


def _school_year(found: re.Match[str], today: date) -> tuple[date, date]:
    """What is left of it."""
    return today, date(today.year + (today.month >= 8), 7, 31)


def _next_school_year(found: re.Match[str], today: date) -> tuple[date, date]:
    year = today.year + (today.month >= 8)
    return date(year, 8, 1), date(year + 1, 7, 31)


def _form(pattern: str, days: Callable[[re.Match[str], date], tuple[date, date] | None]) -> _Form:
    return _Form(re.compile(rf"(?<![\w-]){pattern}(?![\w-])"), days)


_WEEKDAY = r"(?:m[aå]n|ti[r]?s|tys|ons|tors|fre|lør|laur|søn|sun)(?:dag)(?:en)?"
_DATE = (
    r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\s?\d{1,2}(?:[./-]\s?\d{2,4})?"
    rf"|\d{{1,2}}\.? ?(?!uke|veke|trinn|trinnet|time|klasse){_MONTH}\.?(?: \d{{4}})?)"
)
# The most telling first: «torsdag i uke 9» is a day, though «i uke 9» is a week.
_FORMS = (
    _form(
        r"(?:fra|frå|mellom) (?:og med )?(?P<first>.{2,30}?)"
        r" (?:til|og|t\.?o\.?m\.?) (?P<last>.{2,30})$",
        _read_between,
    ),
    _form(
        rf"{_AT}{_UKE} (?P<first>\d{{1,2}}) ?(?:–|-|til) ?(?P<last>\d{{1,2}})",
        lambda found, today: read_period(f"uke {found['first']} til {found['last']}", today),
    ),
    _form(rf"{_AT}(?P<day>{_WEEKDAY} i {_UKE} \d{{1,2}})", _read_day),
    _form(rf"{_AT}{_UKE} (?:nr\.? |nummer )?(?P<number>\d{{1,2}}){_YEAR}", _read_week),
    _form(rf"{_AT}(?P<day>(?:denne|denna|neste) {_UKE})", _week_of),
    _form(rf"(?P<day>om (?:\d{{1,2}}|en|ei|to|tre|fire) {_UKE}r?)", _week_of),
    _form(rf"{_AT}(?P<day>i ?dag|i ?morg[eo]n|(?:i )?overmorg[eo]n)", _read_day),
    _form(rf"{_AT}{_THIS} (?:måneden|måned|månaden|månad)", _this_month),
    _form(rf"{_AT}{_NEXT} (?:måned|månad|måneden|månaden)", _next_month),
    _form(rf"(?:{_AT}(?:{_WEEKDAY} )?(?:den )?)(?P<day>{_DATE})", _read_day),
    _form(
        rf"{_AT}(?P<day>(?:neste |førstkommende |komande )?{_WEEKDAY})(?: som kommer)?", _read_day
    ),
    _form(rf"før {_JUL}", _before_jul),
    _form(rf"(?:etter|over|på) (?:{_JUL}|nyttår|nyåret)", _after_jul),
    _form(rf"før {_SUMMER}", _before_summer),
    _form(rf"(?:etter|over) {_SUMMER}", _after_summer),
    _form(rf"før {_EASTER}", _before_easter),
    _form(rf"(?:etter|over) {_EASTER}", _after_easter),
    _form(rf"{_AT}{_NEXT} (?:skoleår|skuleår|år)", _next_school_year),
    _form(
        rf"{_AT}(?:{_THIS} |resten av )?(?:skoleåret|skuleåret|skoleår|skuleår|året|år|semesteret)",
        _school_year,
    ),
    _form(r"(?:framover|fremover|i tida framover|i tiden fremover)", _school_year),
    _form(
        rf"(?:i|til|på|utpå|om|resten av|denne|neste|komande|kommende) {_SPRING}{_YEAR}", _spring
    ),
    _form(rf"(?:våren|vårsemesteret){_YEAR}", _spring),
    _form(
        rf"(?:(?:i|til|på|utpå|om|resten av|denne|neste|komande|kommende) )?{_AUTUMN}{_YEAR}",
        _autumn,
    ),
    _form(r"(?:i|til) (?:vinter|vinteren)", _winter),
    _form(rf"(?:i|til|for|på|i løpet av|utover|ut) (?P<month>{_MONTH}|{_SHORT}){_YEAR}", _month),
    _form(
        r"(?P<month>januar|februar|mars|april|mai|juni|juli|august|september|oktober|november"
        rf"|desember){_YEAR}",
        _month,
    ),
)
