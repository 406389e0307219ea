"""Reminders come before the start, in allowed hours, at the hour that was wished, each once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.meetings.reminder_times import (
    MOST_DAYS_MOVED,
    Known,
    Moment,
    list_due,
    list_reaches,
    moments_to_send,
    notice_due,
    wished_moments,
)
from dialogs.meetings.sending_times import OSLO, SendingTimes, at
from knowledge.holidays import Holiday, Holidays
from storage.reminder_wishes import Wish

SUMMER = Holiday(
    name="Sommerferie", name_nn="Sommarferie", first=date(2027, 6, 19), last=date(2027, 8, 15)
)
CHRISTMAS = Holiday(
    name="Juleferie", name_nn="Juleferie", first=date(2026, 12, 19), last=date(2027, 1, 3)
)
SENDING = SendingTimes(Holidays((CHRISTMAS, SUMMER)))
ALWAYS = SendingTimes(always=True)
DEFAULT = Wish()
SOON = timedelta(minutes=2)

moments = st.timedeltas(timedelta(), timedelta(days=12 * 365)).map(
    lambda since: datetime(2024, 1, 1, tzinfo=UTC) + since
)
clocks = st.times(time(7, 30), time(15, 59)).map(lambda clock: f"{clock:%H:%M}")
wishes = st.builds(
    Wish,
    days_before=st.lists(st.integers(0, 30), max_size=4).map(tuple),
    at=clocks,
    weekly=st.booleans(),
    paused_until=st.none() | st.dates(date(2024, 1, 1), date(2035, 12, 31)),
    stopped=st.booleans(),
)
knowns = st.builds(
    Known,
    told=st.booleans(),
    noticed=st.none() | moments,
    listed=st.booleans(),
)


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


def wished(starts: str, wish: Wish = DEFAULT, *, day_before: bool = False) -> list[str]:
    """The reminders of a meeting, as days before and local time."""
    found = wished_moments(oslo(starts), wish, SENDING, day_before=day_before)
    return [f"{days}: {due.astimezone(OSLO):%Y-%m-%d %H:%M}" for days, due in found]


def to_send(
    starts: str,
    now: str,
    wish: Wish = DEFAULT,
    known: Known = Known(),  # noqa: B008 - it can't be changed
    *,
    day_before: bool = False,
) -> list[str]:
    """What waits in the outbox now: days before, when it is due, and how long it holds."""
    found = moments_to_send(
        oslo(starts),
        wish,
        SENDING,
        known,
        now=oslo(now),
        soonest=oslo(now) + SOON,
        day_before=day_before,
    )
    return [
        f"{one.days}: {one.due.astimezone(OSLO):%m-%d %H:%M}"
        f" to {one.latest.astimezone(OSLO):%m-%d %H:%M}"
        for one in found
    ]


# What was wished


@given(starts=moments, wish=wishes, day_before=st.booleans())
def test_no_reminder_is_after_the_start_or_outside_the_allowed_hours(
    starts: datetime, wish: Wish, day_before: bool
) -> None:
    for _, due in wished_moments(starts, wish, SENDING, day_before=day_before):
        assert due < starts
        assert SENDING.allows(due)


@given(starts=moments, clock=clocks)
def test_a_week_before_is_at_the_same_local_hour_whatever_the_clocks_do(
    starts: datetime, clock: str
) -> None:
    ((days, due),) = wished_moments(starts, Wish(at=clock), ALWAYS)
    here, there = due.astimezone(OSLO), starts.astimezone(OSLO)
    assert days == 7
    assert f"{here:%H:%M}" == clock
    assert (there.date() - here.date()).days == 7


@given(starts=moments, wish=wishes, day_before=st.booleans())
def test_no_two_reminders_of_a_meeting_are_on_one_day(
    starts: datetime, wish: Wish, day_before: bool
) -> None:
    found = wished_moments(starts, wish, SENDING, day_before=day_before)
    days = [due.astimezone(OSLO).date() for _, due in found]
    assert days == sorted(set(days))


@given(starts=moments)
def test_by_default_there_is_exactly_one_reminder(starts: datetime) -> None:
    assert len(wished_moments(starts, DEFAULT, SENDING)) == 1


@given(starts=moments)
def test_no_reminder_is_moved_further_back_than_two_weeks_if_it_can_come_later(
    starts: datetime,
) -> None:
    ((_, due),) = wished_moments(starts, DEFAULT, SENDING)
    wanted = at(starts.astimezone(OSLO).date() - timedelta(days=7), time(8))
    assert wanted - due <= timedelta(days=MOST_DAYS_MOVED) or SENDING.next(wanted) >= starts


def test_by_default_it_is_a_week_before_at_eight() -> None:
    assert wished("2026-12-03T12:00") == ["7: 2026-11-26 08:00"]


def test_in_a_weekend_it_moves_to_the_last_allowed_hour_before() -> None:
    assert wished("2026-11-29T12:00") == ["7: 2026-11-20 15:00"]


def test_over_christmas_it_moves_back_while_that_is_not_too_far() -> None:
    # 27 December -> the last school day, 18 December.
    assert wished("2027-01-03T12:00") == ["7: 2026-12-18 15:00"]


def test_after_the_summer_it_comes_on_the_first_school_day_rather_than_in_june() -> None:
    assert wished("2027-08-19T12:00") == ["7: 2027-08-16 07:30"]


def test_of_a_meeting_in_the_holidays_it_comes_before_them() -> None:
    assert wished("2027-08-13T12:00") == ["7: 2027-06-18 15:00"]


def test_several_wishes_and_the_organisers_day_before_are_all_kept() -> None:
    wish = Wish(days_before=(14, 3), at="10:00")
    assert wished("2026-12-03T12:00", wish, day_before=True) == [
        "14: 2026-11-19 10:00",
        "3: 2026-11-30 10:00",
        "1: 2026-12-02 10:00",
    ]


def test_no_days_at_all_is_a_wish_too_but_the_organiser_decides_on_the_day_before() -> None:
    wish = Wish(days_before=())
    assert wished("2026-12-03T12:00", wish) == []
    assert wished("2026-12-03T12:00", wish, day_before=True) == ["1: 2026-12-02 08:00"]


def test_on_the_day_itself_it_comes_before_the_start() -> None:
    wish = Wish(days_before=(0,), at="14:00")
    assert wished("2026-12-03T12:00", wish) == ["0: 2026-12-03 11:00"]
    assert wished("2026-12-03T08:00", wish) == ["0: 2026-12-02 15:00"]


def test_two_that_move_to_the_same_day_become_one() -> None:
    wish = Wish(days_before=(3, 1))
    assert wished("2026-12-07T12:00", wish) == ["1: 2026-12-04 15:00"]


def test_a_pause_moves_them_to_its_end_or_takes_them_away() -> None:
    wish = Wish(paused_until=date(2026, 12, 1))
    assert wished("2026-12-03T12:00", wish) == ["7: 2026-12-01 07:30"]
    assert wished("2026-11-30T12:00", wish) == []
    assert wished("2026-12-09T12:00", wish) == ["7: 2026-12-02 08:00"]


def test_who_has_stopped_gets_none() -> None:
    wish = Wish(stopped=True)
    assert wished("2026-12-03T12:00", wish, day_before=True) == []


def test_who_wants_a_list_gets_no_single_ones_unless_no_list_comes_before() -> None:
    wish = Wish(weekly=True)
    assert wished("2026-12-03T12:00", wish, day_before=True) == []
    # Monday 16 August is the first school day, and there is no list before it begins.
    assert wished("2027-08-16T07:00", wish, day_before=True) == ["7: 2027-06-18 15:00"]


@pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28"])
@pytest.mark.parametrize("hour", ["01:30", "02:00", "02:30", "03:00", "03:30"])
def test_on_the_nights_when_the_clocks_change_there_is_one_and_it_is_before(
    day: str, hour: str
) -> None:
    starts = oslo(f"{day}T{hour}")
    ((_, due),) = wished_moments(starts, Wish(days_before=(0,), at="00:30"), ALWAYS)
    assert f"{due.astimezone(OSLO):%Y-%m-%d %H:%M}" == f"{day} 00:30"
    wish = Wish(days_before=(7,), at="02:30")
    later = oslo(f"{day}T12:00") + timedelta(days=7)
    ((_, due),) = wished_moments(later, wish, ALWAYS)
    # What the clock skips in spring is an hour later; what it shows twice in autumn is the first.
    utc = {"2026-10-25": "00:30", "2027-03-28": "01:30"}
    assert f"{due:%Y-%m-%d %H:%M}" == f"{day} {utc[day]}"


def test_a_time_without_a_zone_is_refused() -> None:
    aware = datetime(2026, 12, 3, 12, tzinfo=UTC)
    naive = aware.replace(tzinfo=None)
    for sending in (SENDING, ALWAYS):
        with pytest.raises((ValueError, TypeError)):
            moments_to_send(naive, DEFAULT, sending, Known(), now=aware, soonest=aware)
        with pytest.raises((ValueError, TypeError)):
            moments_to_send(aware, DEFAULT, sending, Known(), now=naive, soonest=naive)
        with pytest.raises(ValueError, match="time zone"):
            notice_due(naive, aware, DEFAULT, sending)


# What is to wait in the outbox


@given(
    starts=moments,
    ahead=st.timedeltas(timedelta(days=-1), timedelta(days=40)),
    wish=wishes,
    known=knowns,
    day_before=st.booleans(),
)
def test_what_waits_is_before_the_start_and_each_holds_until_the_next(
    starts: datetime, ahead: timedelta, wish: Wish, known: Known, day_before: bool
) -> None:
    now = starts - ahead
    found = moments_to_send(
        starts, wish, SENDING, known, now=now, soonest=now + SOON, day_before=day_before
    )
    assert [one.latest for one in found] == [one.due for one in found[1:]] + [starts] * bool(found)
    for one in found:
        assert now < one.due < one.latest
        assert SENDING.allows(one.due)


@given(
    starts=moments,
    ahead=st.timedeltas(timedelta(), timedelta(days=40)),
    later=st.timedeltas(timedelta(), timedelta(days=3)),
    wish=wishes,
    day_before=st.booleans(),
)
def test_planning_again_later_puts_nothing_off(
    starts: datetime, ahead: timedelta, later: timedelta, wish: Wish, day_before: bool
) -> None:
    def plan(now: datetime, known: Known) -> list[Moment]:
        return moments_to_send(
            starts, wish, SENDING, known, now=now, soonest=now + SOON, day_before=day_before
        )

    first = plan(starts - ahead, Known())
    waiting = {one.days: one.due for one in first}
    now = starts - ahead + later
    again = {one.days: one.due for one in plan(now, Known(waiting=tuple(waiting.items())))}
    for days, due in again.items():
        if days in waiting:
            assert due == waiting[days]


def test_what_is_put_in_late_is_reminded_of_once_at_the_first_allowed_moment() -> None:
    assert to_send("2026-12-03T12:00", "2026-11-30T10:00") == ["7: 11-30 10:02 to 12-03 12:00"]
    assert to_send("2026-12-03T12:00", "2026-11-30T17:00") == ["7: 12-01 07:30 to 12-03 12:00"]
    assert to_send("2026-12-01T07:30", "2026-11-30T17:00") == []


def test_who_has_been_told_gets_no_late_reminder() -> None:
    assert to_send("2026-12-03T12:00", "2026-11-30T10:00", known=Known(told=True)) == []


def test_of_several_that_are_late_there_is_one_and_those_to_come_are_kept() -> None:
    wish = Wish(days_before=(14, 7, 1))
    assert to_send("2026-12-03T12:00", "2026-11-30T10:00", wish) == [
        "7: 11-30 10:02 to 12-02 08:00",
        "1: 12-02 08:00 to 12-03 12:00",
    ]


def test_what_has_come_due_and_waits_keeps_its_time() -> None:
    known = Known(waiting=((7, oslo("2026-11-26T08:00")),))
    assert to_send("2026-12-03T12:00", "2026-11-26T11:00", known=known) == [
        "7: 11-26 08:00 to 12-03 12:00"
    ]


def test_a_change_that_is_told_stands_for_a_reminder_within_a_week_of_it() -> None:
    known = Known(told=True, noticed=oslo("2026-11-25T10:00"))
    wish = Wish(days_before=(7, 1))
    assert to_send("2026-12-03T12:00", "2026-11-25T10:00", wish, known) == [
        "1: 12-02 08:00 to 12-03 12:00"
    ]
    assert to_send("2026-12-09T12:00", "2026-11-25T10:00", wish, known) == [
        "7: 12-02 08:00 to 12-08 08:00",
        "1: 12-08 08:00 to 12-09 12:00",
    ]


def test_who_wants_a_list_is_reminded_at_once_of_what_no_list_has() -> None:
    wish = Wish(weekly=True)
    # The list of the week before came on Monday, and another comes the next Monday.
    assert to_send("2026-12-03T12:00", "2026-11-25T10:00", wish) == []
    # This week's list has been sent without it.
    assert to_send("2026-12-03T12:00", "2026-12-01T10:00", wish) == [
        "0: 12-01 10:02 to 12-03 12:00"
    ]
    assert to_send("2026-12-03T12:00", "2026-12-01T10:00", wish, Known(listed=True)) == []


# Lists and notices


def test_the_list_is_sent_on_the_first_school_day_of_the_week_at_the_wished_hour() -> None:
    wish = Wish(weekly=True, at="10:00")
    assert list_due(date(2026, 11, 30), wish, SENDING) == oslo("2026-11-30T10:00")
    assert list_due(date(2027, 5, 17), DEFAULT, SENDING) == oslo("2027-05-18T08:00")
    assert list_due(date(2026, 12, 28), DEFAULT, SENDING) is None


def test_a_list_has_this_week_and_the_next_though_the_clocks_change() -> None:
    first, last = list_reaches(date(2026, 10, 19))
    assert (first, last) == (oslo("2026-10-19T00:00"), oslo("2026-11-02T00:00"))


def test_a_change_waits_for_an_allowed_hour_unless_that_is_too_late() -> None:
    evening = oslo("2026-12-02T20:00")
    morning = oslo("2026-12-03T07:30")
    assert notice_due(evening, oslo("2026-12-03T08:00"), DEFAULT, SENDING) == morning
    assert notice_due(evening, oslo("2026-12-03T07:45"), DEFAULT, SENDING) == evening
    paused = Wish(paused_until=date(2026, 12, 7))
    assert notice_due(evening, oslo("2026-12-10T08:00"), paused, SENDING) == oslo(
        "2026-12-07T07:30"
    )
