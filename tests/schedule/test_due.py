"""What follows an attempt to send, whatever it was answered and whenever that was."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.notices import Outcome, Verdict
from schedule.due import FIRST_PAUSE, LONGEST_PAUSE, UNKNOWN_WAIT, after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")

outcomes = st.builds(
    Outcome,
    st.sampled_from(["sent", "refused", "unknown", "hopeless"]),
    wait=st.none() | st.floats(0, 3600),
    final=st.booleans(),
)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2035, 12, 31), timezones=st.just(OSLO))  # noqa: DTZ001
chances = st.floats(0, 1, exclude_max=True)
UNTIL_LATEST = st.timedeltas(timedelta(minutes=-5), timedelta(days=7))


def verdict(
    kind: str, *, attempts: int = 1, unknowns: int = 0, left: float = 60, **more: object
) -> Verdict:
    return after(
        Outcome(kind, **more),  # type: ignore[arg-type]
        attempts=attempts,
        unknowns=unknowns,
        now=NOW,
        latest=NOW + timedelta(minutes=left),
        jitter=lambda: 1.0,
    )


@given(outcomes, st.integers(1, 10_000), st.integers(0, 3), moments, UNTIL_LATEST, chances)
def test_what_waits_is_tried_while_it_is_worth_it_and_everything_else_is_over(
    outcome: Outcome,
    attempts: int,
    unknowns: int,
    now: datetime,
    left: timedelta,
    chance: float,
) -> None:
    latest = now.astimezone(UTC) + left
    found = after(
        outcome,
        attempts=attempts,
        unknowns=unknowns,
        now=now.astimezone(UTC),
        latest=latest,
        jitter=lambda: chance,
    )
    assert (found.next_try is not None) == (found.state == "venter")
    if found.next_try is not None:
        wait = found.next_try - now.astimezone(UTC)
        assert timedelta(0) < wait
        assert found.next_try <= latest
        if outcome.kind == "refused" and outcome.wait:
            assert wait >= timedelta(seconds=outcome.wait)
        if outcome.kind == "unknown":
            assert wait >= UNKNOWN_WAIT
            assert unknowns == 0
    if found.state == "utløpt":
        assert unknowns == 0  # what may have come is not said to be lost


@given(outcomes, moments)
def test_a_time_without_zone_is_refused(outcome: Outcome, now: datetime) -> None:
    naive = now.replace(tzinfo=None)
    for when, latest in ((naive, now), (now, naive)):
        with pytest.raises(ValueError, match="time zone"):
            after(outcome, attempts=1, unknowns=0, now=when, latest=latest)


def test_what_was_sent_is_sent_and_what_is_hopeless_has_failed() -> None:
    assert verdict("sent") == Verdict("sendt")
    assert verdict("hopeless") == Verdict("feilet")
    assert verdict("hopeless", unknowns=1) == Verdict("ukjent")  # the one before may have come


def test_what_was_refused_is_tried_at_longer_and_longer_intervals() -> None:
    waits = [verdict("refused", attempts=n).next_try for n in range(1, 12)]
    minutes = [wait - NOW for wait in waits if wait is not None]
    assert minutes[:3] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert minutes == sorted(minutes)
    assert minutes[-1] == LONGEST_PAUSE


def test_those_who_were_refused_together_do_not_come_back_together() -> None:
    tries = {
        after(
            Outcome("refused"), attempts=5, unknowns=0, now=NOW, latest=NOW + timedelta(hours=1)
        ).next_try
        for _ in range(50)
    }
    assert len(tries) > 40


def test_we_wait_at_least_as_long_as_we_are_asked_to() -> None:
    found = verdict("refused", wait=30.0)
    assert found == Verdict("venter", NOW + timedelta(seconds=30) + FIRST_PAUSE)


def test_what_would_come_too_late_has_expired() -> None:
    assert verdict("refused", left=0.01) == Verdict("utløpt")
    assert verdict("refused", left=5, wait=600.0) == Verdict("utløpt")
    assert verdict("refused", left=0.01, unknowns=1) == Verdict("ukjent")


def test_what_may_have_come_is_tried_once_more_after_five_minutes() -> None:
    assert verdict("unknown") == Verdict("venter", NOW + timedelta(minutes=5))
    assert verdict("unknown", left=5) == Verdict("venter", NOW + timedelta(minutes=5))
    assert verdict("unknown", left=4.9) == Verdict("ukjent")
    assert verdict("unknown", attempts=2, unknowns=1) == Verdict("ukjent")
    assert verdict("unknown", final=True) == Verdict("ukjent")
