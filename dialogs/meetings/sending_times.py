"""When the bot may write to people unasked: on school days, in working hours.

Times of day are local in Oslo; moments go in and out with a time zone, out as UTC.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from knowledge.holidays import Holidays

OSLO = ZoneInfo("Europe/Oslo")
# What must be moved forward goes to the beginning of the last hour, so that all is sent within it.
LAST_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class SendingTimes:
    """From `first` until before `last` on school days; with `always`, at any time."""

    holidays: Holidays = field(default_factory=Holidays)
    first: time = time(7, 30)
    last: time = time(16)
    always: bool = False

    def allows(self, moment: datetime) -> bool:
        here = _here(moment)
        if self.always:
            return True
        return self.holidays.is_school_day(here.date()) and self.first <= here.time() < self.last

    def next(self, moment: datetime) -> datetime:
        """`moment` itself when it is allowed, else the first moment after it that is."""
        if self.allows(moment):
            return moment.astimezone(UTC)
        here = _here(moment)
        day = here.date()
        if here.time() >= self.first or not self.holidays.is_school_day(day):
            day = self.holidays.next_school_day(day)
        return at(day, self.first)

    def latest_until(self, moment: datetime) -> datetime:
        """`moment` itself when it is allowed, else the start of the last allowed hour before."""
        if self.allows(moment):
            return moment.astimezone(UTC)
        here = _here(moment)
        day = here.date()
        if here.time() < self.first or not self.holidays.is_school_day(day):
            day -= _DAY
            while not self.holidays.is_school_day(day):
                day -= _DAY
        return at(day, self.last) - LAST_HOUR


def at(day: date, clock: time) -> datetime:
    """That time of day in Oslo, in UTC. A time that the clock skips in spring is an hour later."""
    return datetime.combine(day, clock, OSLO).astimezone(UTC)


def _here(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(OSLO)
