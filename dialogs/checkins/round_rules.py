"""What protects those who are asked: what is wrong with a round, each as a sentence to act on.

The rules hold for every sender, a rektor as well as the skoleeierteam. They read the database; the
caller holds `lock_rounds` where the answer must still be true when the round is saved.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from dialogs.access import may_ask_everybody
from dialogs.checkins.round_audience import (
    TEACHERS,
    asked_people,
    may_start,
    reaches_teachers,
    singles_out,
)
from dialogs.checkins.round_planning import first_day, last_day, opens_at
from dialogs.meetings.audience import Register, read_register
from dialogs.meetings.meeting_card import day_text
from dialogs.meetings.sending_times import OSLO, SendingTimes
from dialogs.question_set import QuestionSet, Rhythm
from dialogs.wording import Wording
from storage.database import Session
from storage.people import RegisteredPerson
from storage.rounds import Round, list_rounds

BETWEEN = 21  # days at least from one question set opens to the next, for the same lærer
LONGEST_OPEN = 28  # days from the first to the last day to answer, put off or not
DAYS = {"refleksjon": 7, "undersøkelse": 14, "sjekk": 7}  # how long one is open, proposed
FURTHEST = timedelta(days=366)
LONGEST_PURPOSE = 500
DISCUSSED_WITHIN = timedelta(days=366)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A round that somebody wants to start; `first` and `last` are the days to answer on."""

    id: str
    set: QuestionSet
    audience: tuple[str, ...]
    first: date
    last: date
    repeat: Rhythm = ""
    discussed_on: date | None = None
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field of a round ("" is all of it), and what to do about it."""

    field: str
    text: str


@dataclass(frozen=True)
class Rules:
    """What rounds are held against: the register and the other rounds as they now are.

    `except_for` is the id of a round that is to be changed.
    """

    session: Session
    sending: SendingTimes
    wording: Wording
    smallest: int
    now: datetime
    except_for: str = ""

    @cached_property
    def register(self) -> Register:
        return read_register(self.session)

    @cached_property
    def others(self) -> list[Round]:
        """The rounds that may come too near; what is shared unasked is nobody's being asked."""
        since = self.now - timedelta(days=LONGEST_OPEN + 2 * BETWEEN)
        found = list_rounds(self.session, since=since)
        return [one for one in found if one.month is None and one.id != self.except_for]

    @property
    def today(self) -> date:
        return self.now.astimezone(OSLO).date()

    def problems(self, wanted: Wanted, by: RegisteredPerson | None) -> list[Problem]:
        """All that is wrong with what is wanted; `by` None is the program itself (a repeat)."""
        refused = self._refused(wanted, by) if by is not None else None
        if refused is not None:
            return [refused]
        found = [*self._about_people(wanted), *self._about_days(wanted)]
        if reaches_teachers(wanted.audience):
            found += self._discussed(wanted)
            if not found:
                found += self._too_near(wanted)
        return found

    def opens(self, first: date) -> datetime:
        """When a round opens that is to open that day."""
        return opens_at(first, self.sending, self.now)

    def free_from(
        self, first: date, days: int, audience: Sequence[str], within: int = 120
    ) -> date | None:
        """The first school day from `first` on when these people may be asked for so many days."""
        rivals = self._rivals(audience)
        for ahead in range(within):
            day = first + ahead * _DAY
            period = day, day + (days - 1) * _DAY
            if self._opens_on(day) == day and not any(
                _is_near(period, (first_day(one), last_day(one))) for one in rivals
            ):
                return day
        return None

    def near(self, first: date, last: date, audience: Sequence[str]) -> Round | None:
        """Another round that is too near these days for a lærer who would get both."""
        rivals = self._rivals(audience)
        near = (one for one in rivals if _is_near((first, last), (first_day(one), last_day(one))))
        return next(near, None)

    def _rivals(self, audience: Sequence[str]) -> list[Round]:
        """The other rounds that a lærer of these would get too."""
        people = self._teachers(audience)
        return [one for one in self.others if people & self._teachers(one.audience)]

    # One rule each

    def _refused(self, wanted: Wanted, by: RegisteredPerson) -> Problem | None:
        """Why the person may not ask this, of these people."""
        if may_ask_everybody(by):
            return None
        if not may_start(by):
            return self._problem("", "rounds_not_yours")
        if wanted.set.finest == "kommune" or wanted.set.visibility == "navngitt":
            return self._problem("set", "rounds_only_owner", set=wanted.set.title)
        own = {f"{role}enhet: {by.unit}" for role in ("", "lærere i ", "tillitsvalgte i ")}
        if not set(wanted.audience) <= own:
            return self._problem("audience", "rounds_own_school", unit=by.unit)
        return None

    def _about_people(self, wanted: Wanted) -> Iterator[Problem]:
        people = asked_people(wanted.audience, self.register)
        if wanted.set.visibility == "navngitt":
            if not wanted.audience or reaches_teachers(wanted.audience):
                yield self._problem("audience", "rounds_named_only_leaders")
            elif not people:
                yield self._problem("audience", "rounds_nobody")
            return
        if singles_out(wanted.audience):
            yield self._problem("audience", "rounds_no_groups")
        elif len(people) < self.smallest:
            yield self._problem("audience", "rounds_too_few", count=len(people), k=self.smallest)

    def about_schools(self, wanted: Wanted) -> Iterator[Problem]:
        """A school's result is its own: nobody else asks one school alone, or all but alone.

        With only a few from other schools, the kommune's result would be that school's.
        """
        if wanted.set.visibility != "samlet":
            return
        people = asked_people(wanted.audience, self.register)
        for unit, asked in Counter(one.unit for one in people).most_common(1):
            others = len(people) - asked
            if others == 0 or (asked >= self.smallest and others < self.smallest):
                yield self._problem("audience", "rounds_one_school", unit=unit)

    def _about_days(self, wanted: Wanted) -> Iterator[Problem]:
        if wanted.first < self.today:
            yield self._problem("first", "rounds_past")
            return
        if wanted.first > self.today + FURTHEST:
            yield self._problem("first", "rounds_far_ahead")
            return
        opens = self._opens_on(wanted.first)
        # The tillitsvalgte are to have seen the questions before their colleagues get them.
        beforehand = reaches_teachers(wanted.audience) and (
            wanted.first <= self.today or self.opens(wanted.first) <= self.sending.next(self.now)
        )
        if beforehand:
            day = self._opens_on(self.today + _DAY)
            if self.opens(day) <= self.sending.next(self.now):
                day = self._opens_on(day + _DAY)
            yield self._problem("first", "rounds_beforehand", day=self._day(day))
        if wanted.last < opens:
            yield self._problem("last", "rounds_last_before", day=self._day(opens))
        elif (wanted.last - opens).days + 1 > LONGEST_OPEN:
            last = opens + (LONGEST_OPEN - 1) * _DAY
            yield self._problem("last", "rounds_too_long_open", day=self._day(last))

    def _discussed(self, wanted: Wanted) -> Iterator[Problem]:
        day = wanted.discussed_on
        if day is None:
            yield self._problem("discussed_on", "rounds_not_discussed")
        elif day > self.today:
            yield self._problem("discussed_on", "rounds_discussed_later")
        elif day < self.today - DISCUSSED_WITHIN:
            yield self._problem("discussed_on", "rounds_discussed_long_ago")

    def _too_near(self, wanted: Wanted) -> Iterator[Problem]:
        other = self.near(self._opens_on(wanted.first), wanted.last, wanted.audience)
        if other is None:
            return
        days = (wanted.last - wanted.first).days + 1
        free = self.free_from(wanted.first, days, wanted.audience)
        yield self._problem(
            "first",
            "rounds_too_near",
            title=other.title,
            day=self._day(first_day(other)),
            free=self._day(free) if free else self.wording.say("rounds_other_month"),
        )

    def _opens_on(self, day: date) -> date:
        return self.opens(day).astimezone(OSLO).date()

    def _teachers(self, audience: Sequence[str]) -> set[str]:
        people = asked_people(audience, self.register)
        return {one.key for one in people if one.role in TEACHERS}

    def _day(self, day: date) -> str:
        return day_text(self.wording, day, self.today)

    def _problem(self, field: str, key: str, **filled: object) -> Problem:
        return Problem(field, self.wording.say(key, **filled))


def _is_near(one: tuple[date, date], other: tuple[date, date]) -> bool:
    """Whether two rounds are too near each other, by their first and last days.

    They open in the same calendar month, or within three weeks, or are open on the same day.
    """
    (first, last), (first_other, last_other) = one, other
    if (first.year, first.month) == (first_other.year, first_other.month):
        return True
    return abs((first - first_other).days) < BETWEEN or (
        first <= last_other and first_other <= last
    )
