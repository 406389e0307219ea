"""When somebody is reminded of a meeting: the meeting, a wish and the allowed hours -> moments.

Pure: `now` is an argument, and what is in the outbox already comes as `Known`. Days and times of
day are local in Oslo, so that «en uke før» keeps its hour when the clocks change between.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from dialogs.meetings.sending_times import OSLO, SendingTimes, at
from storage.reminder_wishes import Wish

DAY_BEFORE = 1
A_WEEK = timedelta(days=7)
LIST_REACHES = 2 * A_WEEK  # this week and the next
# Of a meeting in August, people would be reminded in June: further back than this, it comes after
# the holidays instead.
MOST_DAYS_MOVED = 14
# A change or a cancellation may come at any hour when it would else come later than this before.
NOTICE_AHEAD = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Moment:
    """A reminder: sent at `due`, and no later than `latest`. `days` is how many days before."""

    days: int
    due: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """What has become of the reminders of a meeting so far, for one person.

    `waiting` is what waits: (days before, when it is due). `noticed` is the last change they are
    told of. `listed` says that a list for the week, sent or waiting, has the meeting.
    """

    told: bool = False
    waiting: tuple[tuple[int, datetime], ...] = ()
    noticed: datetime | None = None
    listed: bool = False


def wished_moments(
    starts: datetime, wish: Wish, sending: SendingTimes, *, day_before: bool = False
) -> list[tuple[int, datetime]]:
    """The reminders of a meeting in their order, as (days before, moment); whatever time it is.

    `day_before` is the organiser's, and is for everybody but those with no single reminders.
    """
    if wish.stopped or (wish.weekly and has_list(starts, wish, sending)):
        return []
    wanted = set(Wish().days_before if wish.weekly else wish.days_before)
    if day_before and not wish.weekly:
        wanted.add(DAY_BEFORE)
    moments = (
        (days, after_pause(_days_before(starts, days, wish.at, sending), wish, sending))
        for days in sorted(wanted, reverse=True)
    )
    return _one_a_day((days, due) for days, due in moments if due < starts)


def moments_to_send(
    starts: datetime,
    wish: Wish,
    sending: SendingTimes,
    known: Known,
    *,
    now: datetime,
    soonest: datetime,
    day_before: bool = False,
) -> list[Moment]:
    """The reminders that are to wait in the outbox now.

    Who should have been reminded by now and hasn't been told of the meeting (it was put in late, or
    the person is new) is reminded once, at the first allowed moment from `soonest`.
    """
    if starts <= now or wish.stopped:
        return []
    wished = [
        (days, due)
        for days, due in wished_moments(starts, wish, sending, day_before=day_before)
        if not _is_told(known, days, due)
    ]
    coming = [(days, due) for days, due in wished if due > now]
    passed = [days for days, due in wished if due <= now]
    if wish.weekly and has_list(starts, wish, sending):
        # No list is to come that has it: else it would have been listed.
        passed = [] if known.listed or _lists_to_come(starts, wish, sending, now) else [0]
    due = _due_at_once(passed, known, sending.next(soonest))
    if due is not None:
        coming = [(min(passed), after_pause(due, wish, sending)), *coming]
    coming = [(days, due) for days, due in coming if due < starts]
    return _with_latest(starts, _one_a_day(coming))


def _due_at_once(passed: Collection[int], known: Known, soonest: datetime) -> datetime | None:
    """When what should have been sent by now is sent; None when there is nothing to send."""
    if not passed:
        return None
    waiting = dict(known.waiting)
    if min(passed) in waiting:  # it keeps its time, however often this is asked
        return min(waiting[min(passed)], soonest)
    return None if known.told else soonest


def _days_before(starts: datetime, days: int, clock: str, sending: SendingTimes) -> datetime:
    day = starts.astimezone(OSLO).date() - timedelta(days=days)
    wanted = at(day, time.fromisoformat(clock))
    if wanted >= starts:  # on the same day, at an hour after it has begun
        wanted = starts - timedelta(hours=1)
    earlier = sending.latest_until(wanted)
    if wanted - earlier > timedelta(days=MOST_DAYS_MOVED):
        later = sending.next(wanted)
        if later < starts:
            return later
    return earlier


def after_pause(due: datetime, wish: Wish, sending: SendingTimes) -> datetime:
    """`due`, or the first allowed moment after the pause when it is due in it."""
    if wish.paused_until is None:
        return due
    ends = at(wish.paused_until, time())
    return sending.next(ends) if due < ends else due


def notice_due(soonest: datetime, before: datetime, wish: Wish, sending: SendingTimes) -> datetime:
    """When a change or a cancellation is told: in an allowed hour, if that is in time.

    Else at once, at any hour: nobody should travel to a meeting that isn't held. Not in a pause.
    """
    due = sending.next(soonest)
    if due > before - NOTICE_AHEAD:
        due = soonest
    return after_pause(due, wish, sending)


def _is_told(known: Known, days: int, due: datetime) -> bool:
    """Whether a change that they are told of stands so near that it reminds them as well."""
    if known.noticed is None:
        return False
    between = due.astimezone(OSLO).date() - known.noticed.astimezone(OSLO).date()
    return between < min(timedelta(days=days), A_WEEK)


def _one_a_day(moments: Iterable[tuple[int, datetime]]) -> list[tuple[int, datetime]]:
    """Of several that were moved to the same day the last, when most is known of the meeting."""
    by_day = {due.astimezone(OSLO).date(): (days, due) for days, due in moments}
    return sorted(by_day.values(), key=lambda one: one[1])


def _with_latest(starts: datetime, moments: Sequence[tuple[int, datetime]]) -> list[Moment]:
    """After the bot has been down, two don't come at once: one holds until the next is due."""
    ends = [*(due for _, due in moments), starts][1:]
    return [Moment(days, due, latest) for (days, due), latest in zip(moments, ends, strict=True)]


# The list for the week


def list_due(monday: date, wish: Wish, sending: SendingTimes) -> datetime | None:
    """When the list of that week is sent: on its first school day, None in a week without any."""
    first = sending.next(at(monday, time()))
    day = first.astimezone(OSLO).date()
    if day >= monday + A_WEEK:
        return None
    due = at(day, time.fromisoformat(wish.at))
    return due if sending.allows(due) else first


def list_reaches(monday: date) -> tuple[datetime, datetime]:
    """What the list of that week has: meetings from the one until before the other."""
    return at(monday, time()), at(monday + LIST_REACHES, time())


def has_list(starts: datetime, wish: Wish, sending: SendingTimes) -> bool:
    """Whether the meeting is on a list before it begins; in the holidays there may be none."""
    return any(True for _ in _lists_of(starts, wish, sending))


def _lists_of(starts: datetime, wish: Wish, sending: SendingTimes) -> Iterator[datetime]:
    """When the lists are sent that have the meeting: of the week before, and of its own."""
    monday = monday_of(starts)
    for week in (monday - A_WEEK, monday):
        due = list_due(week, wish, sending)
        if due is not None and due < starts:
            yield due


def _lists_to_come(starts: datetime, wish: Wish, sending: SendingTimes, now: datetime) -> bool:
    moments = (after_pause(due, wish, sending) for due in _lists_of(starts, wish, sending))
    return any(now < due < starts for due in moments)


def monday_of(moment: datetime) -> date:
    day = moment.astimezone(OSLO).date()
    return day - timedelta(days=day.weekday())
