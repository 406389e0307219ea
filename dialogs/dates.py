"""Dates as people in Norway write them, in bokmål and nynorsk: text -> date.

«12.1.2027», «12/1-27», «12. januar», «i morgen», «neste fredag», «uke 3», «måndag i veke 3». A date
without a year is the next one that comes. A library was tried (dateparser): it takes «fire» for the
fourth, doesn't know weeks, «neste fredag» or «på fredag», and starts in a third of a second.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rapidfuzz import fuzz, process

FIRST_YEAR, LAST_YEAR = 1950, 2150
SHORTEST_MISSPELT = 4  # letters; shorter words have too many neighbours

_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "mandag måndag man mån ma må",
            "tirsdag tysdag tirs tys tir ti ty",
            "onsdag ons on",
            "torsdag tors tor to",
            "fredag fre fr",
            "lørdag laurdag lør lau lø la",
            "søndag sundag søn sun sø su",
        )
    )
    for name in names.split()
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jan",
            "februar feb",
            "mars mar",
            "april apr",
            "mai",
            "juni jun",
            "juli jul",
            "august aug",
            "september sept sep",
            "oktober okt",
            "november nov",
            "desember des",
        ),
        start=1,
    )
    for name in names.split()
}
_DAYS_FROM_NOW = {
    "i dag": 0,
    "idag": 0,
    "i morgen": 1,
    "i morgon": 1,
    "imorgen": 1,
    "imorgon": 1,
    "i overmorgen": 2,
    "i overmorgon": 2,
    "overmorgen": 2,
    "overmorgon": 2,
}
_NUMBERS = (
    dict.fromkeys(("en", "én", "ei", "et", "ett", "eit", "eitt", "ein"), 1)
    | dict.fromkeys(("sju", "syv"), 7)
    | {"to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "åtte": 8, "ni": 9, "ti": 10}
    | {"elleve": 11, "tolv": 12, "tretten": 13, "fjorten": 14, "femten": 15, "seksten": 16}
    | {"sytten": 17, "atten": 18, "nitten": 19, "tjue": 20}
)
_WEEK = r"(?:i )?(?:uke|uka|uken|veke|veka) (\d{1,2})(?:,? (\d{4}))?"
_YEAR = r"(\d{4}|\d{2})"

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_FIGURES = re.compile(rf"(\d{{1,2}})[./-]\s?(\d{{1,2}})(?:[./-]\s?{_YEAR})?[./-]?")
_NAMED = re.compile(rf"(?:den )?(\d{{1,2}})\.? ?([a-zæøå]{{3,}})\.?(?:,? {_YEAR})?")
_IN_WEEK = re.compile(_WEEK)
_DAY_IN_WEEK = re.compile(rf"(?:på )?([a-zæøå]+)\.?,? {_WEEK}")
_THIS_OR_NEXT_WEEK = re.compile(r"(?:denne|denna|(neste)) (?:uke|uka|uken|veke|veka)")
_COMING = re.compile(r"(?:på |(neste )|(?:først)?kom+[ae]nde )?([a-zæøå]{3,})")
_LATER = re.compile(r"om (\w+) (dag|uke|veke|måned|månad)(?:er|ar|r)?")
_WITH_WEEKDAY = re.compile(r"([a-zæøå]{2,})\.?,? (?:den )?(\d.*)")
_FROM = re.compile(r"(?:fra|frå)(?: og med)? ")
_SPLIT = re.compile(r" til(?: og med)? | t\.?o\.?m\.? | ?[–—] ?| - |-")
_DAY_ALONE = re.compile(r"(\d{1,2})\.?")

LONGEST = 80  # characters of what may be a date or a period


@dataclass(frozen=True, slots=True)
class _Meant:
    """The days a text may mean, in order: one in each year when it names no year.

    `since` is the first day that counts as to come: today, or the Monday of this week for weeks.
    """

    days: list[date]
    since: date

    @property
    def is_certain(self) -> bool:
        return len(self.days) == 1

    def first(self, since: date) -> date | None:
        return self.days[0] if self.is_certain else _next(day for day in self.days if day >= since)

    def last(self, until: date) -> date | None:
        backwards = reversed(self.days)
        return self.days[0] if self.is_certain else _next(day for day in backwards if day <= until)


def read_date(text: str, today: date) -> date | None:
    """The day that is meant; None for what is no date, or says two things («mandag 1.1.2027»)."""
    meant = _meant(_plain(text), today)
    return meant.first(meant.since) if meant else None


def read_period(text: str, today: date) -> tuple[date, date] | None:
    """The first and the last day that are meant; None for what is no period.

    A week ends on its Sunday. A period that ends before it begins is given as it stands, for the
    caller to say so.
    """
    written = _FROM.sub("", _plain(text), count=1)
    if _IN_WEEK.fullmatch(written):
        written = f"{written} – {written}"
    for split in _SPLIT.finditer(written):
        if found := _between(written[: split.start()], written[split.end() :], today):
            return found
    return None


def show_date(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def number_in_words(word: str) -> int | None:
    """The number that a word up to «tjue» names."""
    return _NUMBERS.get(word)


def _between(first: str, last: str, today: date) -> tuple[date, date] | None:
    """The two ends, where what one of them leaves out stands in the other."""
    if _IN_WEEK.fullmatch(first) and last.isdecimal():
        last = f"uke {last}"
    if _DAY_ALONE.fullmatch(first):
        first = _with_month_of(first, last)
    begins, ends = _meant(first, today), _meant(last, today)
    if begins is None or ends is None:
        return None
    end = ends.first(begins.days[0] if begins.is_certain else ends.since)
    begin = begins.last(end) if end else None
    if begin is None or end is None:
        return None
    return begin, end + timedelta(days=6) if _IN_WEEK.fullmatch(last) else end


def _with_month_of(day: str, other: str) -> str:
    """«12.» of «12.–20. januar 2027» as «12. januar 2027»."""
    if named := _NAMED.fullmatch(other):
        return " ".join(part for part in (day, named[2], named[3]) if part)
    if figures := _FIGURES.fullmatch(other):
        return ".".join(part for part in (day.rstrip("."), figures[2], figures[3]) if part)
    return day


def _meant(written: str, today: date) -> _Meant | None:
    if with_weekday := _WITH_WEEKDAY.fullmatch(written):
        weekday = _named(with_weekday[1], _WEEKDAYS)
        if weekday is not None:
            meant = _meant(with_weekday[2], today)
            # Without a year it is the next one that comes, whatever weekday it falls on then.
            day = meant.first(meant.since) if meant else None
            return _Meant([day], today) if day and day.weekday() == weekday else None
    if iso := _ISO.fullmatch(written):
        return _on(iso[1], int(iso[2]), int(iso[3]), today)
    if figures := _FIGURES.fullmatch(written):
        return _on(figures[3], int(figures[2]), int(figures[1]), today)
    if named := _NAMED.fullmatch(written):
        month = _named(named[2], _MONTHS)
        return _on(named[3], month, int(named[1]), today) if month else None
    if in_week := _IN_WEEK.fullmatch(written):
        return _in_week(in_week[2], int(in_week[1]), 0, today)
    if day_in_week := _DAY_IN_WEEK.fullmatch(written):
        weekday = _named(day_in_week[1], _WEEKDAYS)
        number = int(day_in_week[2])
        return None if weekday is None else _in_week(day_in_week[3], number, weekday, today)
    counted = _counted(written, today)
    return _Meant([counted], today) if counted else None


def _counted(written: str, today: date) -> date | None:
    """What is counted from today."""
    if written in _DAYS_FROM_NOW:
        return today + timedelta(days=_DAYS_FROM_NOW[written])
    this_monday = today - timedelta(days=today.weekday())
    if week := _THIS_OR_NEXT_WEEK.fullmatch(written):
        return this_monday + timedelta(weeks=1 if week[1] else 0)
    if later := _LATER.fullmatch(written):
        return _later(later[1], later[2], today)
    coming = _COMING.fullmatch(written)
    weekday = _named(coming[2], _WEEKDAYS) if coming else None
    if coming is None or weekday is None:
        return None
    if coming[1]:  # «neste fredag» is Friday of next week
        return this_monday + timedelta(days=7 + weekday)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _later(count: str, unit: str, today: date) -> date | None:
    number = int(count) if count.isdecimal() and len(count) < 4 else _NUMBERS.get(count)
    if number is None:
        return None
    if unit == "dag":
        return today + timedelta(days=number)
    if unit in ("uke", "veke"):
        return today + timedelta(weeks=number)
    year, month = divmod(today.year * 12 + today.month - 1 + number, 12)
    # A month after 31 January is the last day of February.
    days = range(today.day, 27, -1) if today.day > 28 else [today.day]
    return _next(found for day in days if (found := _date(year, month + 1, day)))


def _plain(text: str) -> str:
    """In small letters, with single spaces; "" for what is too long to be a date."""
    if len(text) > LONGEST:
        return ""
    return " ".join(text.casefold().split()).rstrip(" .!?")


def _named(word: str, names: Mapping[str, int]) -> int | None:
    """The number of a weekday or month, also with a small slip («janaur»)."""
    if word in names:
        return names[word]
    if len(word) < SHORTEST_MISSPELT:
        return None
    long = [name for name in names if len(name) >= SHORTEST_MISSPELT]
    near = process.extractOne(word, long, scorer=fuzz.ratio, score_cutoff=75)
    return names[near[0]] if near else None


def _on(year: str | None, month: int, day: int, today: date) -> _Meant | None:
    if year is not None:
        found = [_date(int(year) if len(year) == 4 else 2000 + int(year), month, day)]
    else:
        found = [_date(year, month, day) for year in _years(today)]
    days = [day for day in found if day]
    return _Meant(days, today) if days else None


def _in_week(year: str | None, number: int, weekday: int, today: date) -> _Meant | None:
    days = []
    for one in [int(year)] if year is not None else _years(today):
        try:
            days.append(date.fromisocalendar(one, number, weekday + 1))
        except ValueError:  # not every year has a week 53
            continue
    days = [day for day in days if FIRST_YEAR <= day.year <= LAST_YEAR]
    return _Meant(days, today - timedelta(days=today.weekday())) if days else None


def _years(today: date) -> range:
    """Years around now; 29 February is up to eight years away."""
    return range(today.year - 8, today.year + 9)


def _date(year: int, month: int, day: int) -> date | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _next(days: Iterator[date]) -> date | None:
    return next(days, None)
