"""A row of a file -> what it says of a meeting, or everything that is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from dialogs import guard
from dialogs.meetings.audience import Register, parse_audience
from dialogs.meetings.file_rows import FileRow, MeetingFileError, Problem
from dialogs.meetings.kinds import kind_as_written
from dialogs.meetings.limits import LONGEST_MEETING, YEARS_AHEAD
from dialogs.meetings.sending_times import OSLO
from dialogs.wording import Wording

FIRST_YEAR = 2000
LONGEST = {
    "type": 80,
    "tittel": 200,
    "sted": 200,
    "lenke": 1_000,
    "tema": 2_000,
    "forberedelse": 4_000,
    "mellomarbeid": 4_000,
    "id": 200,
    "målgruppe": 20_000,
}
# Which part of a meeting a column says.
FIELDS = {
    "type": "kind",
    "tittel": "title",
    "start": "starts",
    "slutt": "ends",
    "sted": "place",
    "lenke": "link",
    "tema": "topic",
    "forberedelse": "preparation",
    "mellomarbeid": "homework",
    "målgruppe": "audience",
    "svar": "asks_answer",
    "dagen før": "day_before",
}
_FREE_TEXTS = ("tittel", "tema", "forberedelse", "mellomarbeid")

_CLOCK = r"(?:kl\.? ?)?(\d{1,2})(?:[:.](\d{2}))?(?:[:.]\d{2})?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})(?:[ t,]+{_CLOCK})?")
_NORWEGIAN = re.compile(rf"(\d{{1,2}})[./](\d{{1,2}})[./](\d{{4}}|\d{{2}})(?:[ ,]+{_CLOCK})?")
_CLOCK_ALONE = re.compile(r"(?:kl\.? ?)?(\d{1,2})[:.](\d{2})(?:[:.]\d{2})?|kl\.? ?(\d{1,2})")
_YES = {"ja", "j", "x", "1", "true", "sann"}
_NO = {"", "nei", "n", "0", "false", "usann"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row says: the fields that its file has, ready for a meeting."""

    row: FileRow
    fields: Mapping[str, Any]

    @property
    def name(self) -> tuple[str, str]:
        """What two meetings are the same by, besides their day."""
        return self.fields["kind"].casefold(), self.fields["title"].casefold()

    @property
    def starts(self) -> datetime:
        moment: datetime = self.fields["starts"]
        return moment

    @property
    def source(self) -> str:
        id = self.row.cells.get("id", "")
        return f"id:{id}" if id else self.row.source


class _Wrong(Exception):
    """What is wrong with a cell, said."""


def check_rows(
    rows: Sequence[FileRow], register: Register, wording: Wording, now: datetime
) -> list[Wanted]:
    """What each row says; `MeetingFileError` with everything that is wrong in any of them."""
    wanted: list[Wanted] = []
    problems: list[Problem] = []
    audiences: dict[str, tuple[tuple[str, ...], list[str]]] = {}  # most rows have the same few
    for row in rows:
        checks = _RowChecks(row, register, wording, now, audiences)
        fields = checks.fields()
        problems += [Problem(row.number, text, row.is_event) for text in checks.told]
        if not checks.told:
            wanted.append(Wanted(row, fields))
    problems += _doubles(wanted, wording)
    if problems:
        problems.sort(key=lambda problem: problem.row)
        raise MeetingFileError(problems)
    return wanted


def _doubles(wanted: Sequence[Wanted], wording: Wording) -> list[Problem]:
    problems = []
    first: dict[Any, int] = {}
    for one in wanted:
        named = ("name", *one.name, one.starts)
        keys: list[Any] = [one.source] if one.row.is_event and one.source else [named]
        if one.row.cells.get("id"):
            keys.append(one.source)
        earlier = [first.setdefault(key, one.row.number) for key in keys]
        before = [number for number in earlier if number != one.row.number]
        if before:
            key = "meeting_import_double_event" if one.row.is_event else "meeting_import_double"
            told = wording.say(key, row=before[0])
            problems.append(Problem(one.row.number, told, one.row.is_event))
    return problems


class _RowChecks:
    """The checks of one row. `told` gathers what is wrong."""

    def __init__(
        self,
        row: FileRow,
        register: Register,
        wording: Wording,
        now: datetime,
        audiences: dict[str, tuple[tuple[str, ...], list[str]]],
    ) -> None:
        self._cells = row.cells
        self._register = register
        self._wording = wording
        self._now = now
        self._audiences = audiences
        self.told: list[str] = []

    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._check_lengths()
        for column, field in FIELDS.items():
            if column not in self._cells:
                continue
            try:
                found[field] = self._read(column, self._cells[column], found)
            except _Wrong as wrong:
                if str(wrong):
                    self.told.append(str(wrong))
        return found

    def _check_lengths(self) -> None:
        for column, longest in LONGEST.items():
            length = len(self._cells.get(column, ""))
            if length > longest:
                self._tell("meeting_import_long", column=column, length=length, longest=longest)
        for column in _FREE_TEXTS:
            finding = guard.find(self._cells.get(column, ""))
            if finding is not None and finding.kind == "personal":
                self._tell("meeting_import_personal", column=column)

    def _read(self, column: str, cell: str, found: Mapping[str, Any]) -> Any:
        match column:
            case "type":
                return kind_as_written(self._filled(column, cell))
            case "tittel":
                return " ".join(self._filled(column, cell).split())
            case "start":
                return self._moment(column, self._filled(column, cell), None)
            case "slutt":
                return self._end(self._filled(column, cell), found.get("starts"))
            case "lenke":
                if cell and not re.fullmatch(r"https://[^\s/]+\S*", cell):
                    raise self._wrong("meeting_import_link", cell=cell[:80])
                return cell
            case "målgruppe":
                return self._audience(cell)
            case "svar" | "dagen før":
                return self._yes_or_no(column, cell)
            case _:
                return cell

    def _filled(self, column: str, cell: str) -> str:
        if not cell:
            raise self._wrong("meeting_import_missing", column=column)
        return cell

    def _audience(self, cell: str) -> tuple[str, ...]:
        if cell not in self._audiences:
            self._audiences[cell] = parse_audience(cell, self._register, self._wording)
        lines, problems = self._audiences[cell]
        self.told += problems
        return lines

    def _yes_or_no(self, column: str, cell: str) -> bool:
        word = cell.casefold()
        if word not in _YES | _NO:
            raise self._wrong("meeting_import_yes_or_no", column=column, cell=cell[:80])
        return word in _YES

    # Times

    def _end(self, cell: str, starts: datetime | None) -> datetime:
        ends = self._moment("slutt", cell, starts)
        if starts is None:
            raise _Wrong("")  # what is wrong with the start is told already
        if ends <= starts:
            raise self._wrong("meeting_import_ends_before")
        if ends - starts > LONGEST_MEETING:
            raise self._wrong("meeting_import_lasts", days=LONGEST_MEETING.days)
        return ends

    def _moment(self, column: str, cell: str, starts: datetime | None) -> datetime:
        """A time as people write it; an end may be a time of day alone."""
        written = " ".join(cell.split())
        if "T" in written and (exact := _with_zone(written)):
            return self._in_reach(column, cell, exact)
        alone = _CLOCK_ALONE.fullmatch(written.casefold()) if column == "slutt" else None
        day: date | None
        if alone:
            if starts is None:
                raise _Wrong("")  # without a day nothing can be said of it
            day, hour, minute = starts.astimezone(OSLO).date(), alone[1] or alone[3], alone[2]
        else:
            day, hour, minute = _day_and_clock(written.casefold())
        if day is None:
            raise self._wrong("meeting_import_time", column=column, cell=cell[:80])
        if hour is None:
            raise self._wrong("meeting_import_no_clock", column=column, cell=cell[:80])
        try:
            clock = time(int(hour), int(minute or 0))
        except ValueError as error:
            told = self._wrong("meeting_import_time", column=column, cell=cell[:80])
            raise told from error
        return self._in_reach(column, cell, self._local(column, day, clock))

    def _local(self, column: str, day: date, clock: time) -> datetime:
        """That time in Oslo, once: not the hour the clock skips, nor the one it repeats."""
        first = datetime.combine(day, clock, OSLO)
        moment = first.astimezone(UTC)
        shown = {"column": column, "clock": f"{clock:%H.%M}", "day": f"{day:%d.%m.%Y}"}
        if moment.astimezone(OSLO).replace(tzinfo=None) != first.replace(tzinfo=None):
            raise self._wrong("meeting_import_skipped", **shown)
        if first.replace(fold=1).utcoffset() != first.utcoffset():
            raise self._wrong("meeting_import_twice", **shown)
        return moment

    def _in_reach(self, column: str, cell: str, moment: datetime) -> datetime:
        last = self._now.year + YEARS_AHEAD
        if not FIRST_YEAR <= moment.year <= last:
            raise self._wrong(
                "meeting_import_year", column=column, cell=cell[:80], first=FIRST_YEAR, last=last
            )
        return moment

    def _tell(self, key: str, **values: object) -> None:
        self.told.append(self._wording.say(key, **values))

    def _wrong(self, key: str, **values: object) -> _Wrong:
        return _Wrong(self._wording.say(key, **values))


def _with_zone(written: str) -> datetime | None:
    """A moment as machines write it, with its distance from UTC."""
    try:
        moment = datetime.fromisoformat(written)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _day_and_clock(written: str) -> tuple[date | None, str | None, str | None]:
    if found := _ISO.fullmatch(written):
        year, month, day = found[1], found[2], found[3]
    elif found := _NORWEGIAN.fullmatch(written):
        day, month, year = found[1], found[2], found[3]
    else:
        return None, None, None
    try:
        full = int(year) + (2000 if len(year) == 2 else 0)
        return date(full, int(month), int(day)), found[4], found[5]
    except ValueError:  # 31 April
        return None, None, None
