"""A meeting is changed in one place; every change is saved with what it causes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dialogs.meetings.calendar import (
    cancel_meeting,
    change_meeting,
    create_meeting,
    restore_meeting,
)
from dialogs.meetings.sending_times import OSLO, SendingTimes
from storage.database import Database, Session
from storage.meeting_answers import answers_of, set_answer
from storage.meetings import Meeting, find_meeting
from storage.outbox import rows_of
from storage.people import RegisteredPerson, import_people

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
LATER = NOW + timedelta(hours=1)
STARTS = datetime(2026, 12, 10, 12, tzinfo=OSLO)
SENDING = SendingTimes()
HANNE = RegisteredPerson("hanne", "Hanne Myhre", "", "skoleeierteam")
DAVID = RegisteredPerson("david", "David Lunde", "", "rektor")
MEETING = Meeting(
    id="m1",
    kind="skoleledermøte",
    title="Skoleledermøte",
    starts=STARTS,
    ends=STARTS + timedelta(hours=2),
    audience=("ledere",),
    changed_at=NOW,
)


@pytest.fixture
def session() -> Iterator[Session]:
    database = Database("sqlite://")
    database.migrate()
    with database.transaction() as session:
        import_people(session, [HANNE, DAVID], dry_run=False)
        create_meeting(session, SENDING, MEETING, by=HANNE, now=NOW)
        yield session
    database.close()


def change(session: Session, **changes: object) -> Meeting | None:
    return change_meeting(session, SENDING, "m1", changes, by=HANNE, now=LATER)


def test_a_new_meeting_says_who_put_it_in_and_is_planned(session: Session) -> None:
    meeting = find_meeting(session, "m1")
    assert meeting is not None
    assert (meeting.organiser, meeting.organiser_name) == ("hanne", "Hanne Myhre")
    assert (meeting.version, meeting.changed_by_name) == (1, "Hanne Myhre")
    assert [(row.person, row.reason) for row in rows_of(session, "meeting:m1")] == [
        ("david", "meeting_reminder")
    ]


def test_putting_in_the_same_id_or_entry_again_gives_what_is_there(session: Session) -> None:
    again = create_meeting(session, SENDING, replace(MEETING, title="Et annet"), by=None, now=NOW)
    assert again.title == "Skoleledermøte"
    entry = replace(MEETING, id="m2", source="fil:1")
    first = create_meeting(session, SENDING, entry, by=None, now=NOW)
    second = create_meeting(session, SENDING, replace(entry, id="m3"), by=None, now=NOW)
    assert first.id == second.id == "m2"
    assert find_meeting(session, "m3") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"starts": STARTS + timedelta(minutes=30)},
        {"ends": STARTS + timedelta(hours=3)},
        {"place": "Rådhuset"},
        {"link": "https://teams.example/møte"},
        {"topic": "Dybdelæring"},
        {"preparation": "Les kapittel 2."},
    ],
)
def test_what_people_must_hear_of_is_a_new_version(
    session: Session, changes: dict[str, object]
) -> None:
    meeting = change(session, **changes)
    assert meeting is not None
    assert (meeting.version, meeting.changed_at) == (2, LATER)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Møte"},
        {"kind": "LED-skole"},
        {"homework": "Prøv ut."},
        {"asks_answer": True},
        {"day_before": True},
        {"audience": ("alle",)},
    ],
)
def test_what_else_is_changed_is_not(session: Session, changes: dict[str, object]) -> None:
    meeting = change(session, **changes)
    assert meeting is not None
    assert meeting.version == 1
    assert meeting == find_meeting(session, "m1")


def test_a_change_to_what_it_was_changes_nothing(session: Session) -> None:
    meeting = change(session, title="Skoleledermøte", starts=STARTS)
    assert meeting is not None
    assert meeting.changed_at == NOW


def test_moving_it_forgets_the_answers_since_they_were_to_another_time(session: Session) -> None:
    set_answer(session, "m1", "david", "forfall", "", NOW)
    change(session, ends=STARTS + timedelta(hours=3))
    assert answers_of(session, "m1")
    change(session, starts=STARTS + timedelta(hours=1))
    assert not answers_of(session, "m1")


def test_what_is_gone_or_cancelled_is_not_changed(session: Session) -> None:
    assert change_meeting(session, SENDING, "m9", {"title": "x"}, by=None, now=NOW) is None
    cancel_meeting(session, SENDING, "m1", "Sykdom", by=HANNE, now=LATER)
    assert change(session, title="Møte") is None


def test_what_the_calendar_says_itself_is_not_to_be_changed(session: Session) -> None:
    with pytest.raises(ValueError, match="version"):
        change(session, version=7)


def test_cancelling_and_undoing_it_are_versions_and_twice_is_once(session: Session) -> None:
    for _ in range(2):
        meeting = cancel_meeting(session, SENDING, "m1", "Sykdom", by=HANNE, now=LATER)
        assert meeting is not None
        assert (meeting.version, meeting.cancelled_because) == (2, "Sykdom")
        assert meeting.cancelled_at == LATER
    for _ in range(2):
        meeting = restore_meeting(session, SENDING, "m1", by=HANNE, now=LATER)
        assert meeting is not None
        assert (meeting.version, meeting.cancelled_because) == (3, "")
        assert meeting.cancelled_at is None
    assert cancel_meeting(session, SENDING, "m9", "", by=None, now=NOW) is None
    assert restore_meeting(session, SENDING, "m9", by=None, now=NOW) is None


def test_a_meeting_that_ends_before_it_starts_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="ends after"):
        change(session, ends=STARTS - timedelta(hours=1))
