"""Warnings that the bot's secret ends: to administrators, once each, in time and in their words."""

from datetime import UTC, date, datetime, timedelta

import pytest

from dialogs.expiry import Credential, plan_warnings
from dialogs.guide_files import Guides
from knowledge.library import Library
from storage.database import Database
from tests.dialogs.kommune import JORUNN_ADMINISTRATOR, Kommune
from tests.dialogs.shown import shown

EXPIRES = date(2027, 6, 4)  # a Friday: 60, 30 and 7 days before are school days


@pytest.fixture
def kommune(library: Library, database: Database, guides: Guides) -> Kommune:
    return Kommune(library, database, *guides.all)


def morning(days_before: int) -> datetime:
    """About nine o'clock in Oslo, so many days before it ends."""
    day = EXPIRES - timedelta(days=days_before)
    return datetime(day.year, day.month, day.day, 7, tzinfo=UTC)


def told(
    kommune: Kommune,
    now: datetime,
    expires: date | None = EXPIRES,
    what: Credential = "secret",
) -> dict[str, str]:
    """What is sent to each after the night's planning."""
    with kommune.session() as session:
        plan_warnings(session, what, expires, now)
    return {who: shown(replies) for who, replies in kommune.messages_at(now).items()}


def test_it_is_told_three_times_to_administrators_alone(kommune: Kommune) -> None:
    sent = {days: told(kommune, morning(days)) for days in range(64, -3, -1)}
    days = [days for days, messages in sent.items() if messages]
    assert days == [60, 30, 7]
    assert all(set(sent[day]) == {JORUNN_ADMINISTRATOR} for day in days)
    assert "går ut 04.06.2027" in sent[30][JORUNN_ADMINISTRATOR]
    assert "30 dager igjen" in sent[30][JORUNN_ADMINISTRATOR]


def test_a_bot_that_was_down_on_the_day_tells_once_the_next_night(kommune: Kommune) -> None:
    assert told(kommune, morning(64)) == {}
    late = told(kommune, morning(25))
    assert "25 dager igjen" in late[JORUNN_ADMINISTRATOR]
    assert told(kommune, morning(24)) == {}


def test_at_the_weekend_it_waits_for_a_school_day(kommune: Kommune) -> None:
    saturday, monday = morning(55), morning(53)
    assert saturday.weekday() == 5
    assert told(kommune, saturday) == {}
    assert "53 dager igjen" in told(kommune, monday)[JORUNN_ADMINISTRATOR]


def test_renewed_in_time_nothing_is_told_of_the_old_one(kommune: Kommune) -> None:
    saturday, monday = morning(55), morning(53)
    assert told(kommune, saturday) == {}
    assert told(kommune, monday, EXPIRES + timedelta(days=365)) == {}


def test_nobody_is_told_when_the_day_is_not_known(kommune: Kommune) -> None:
    assert told(kommune, morning(7), None) == {}


def test_a_certificate_is_told_with_what_to_do_in_nynorsk(kommune: Kommune) -> None:
    kommune.write(JORUNN_ADMINISTRATOR, "nynorsk")
    message = told(kommune, morning(1), what="certificate")[JORUNN_ADMINISTRATOR]
    assert "Sertifikatet til Kvalitetsbot går ut 04.06.2027" in message
    assert "1 dag igjen" in message
    assert "MicrosoftAppCertificate" in message
