"""What waits in the outbox for meetings is what should be sent, whatever has happened."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from dialogs.meetings.audience import read_register
from dialogs.meetings.calendar import (
    cancel_meeting,
    change_meeting,
    create_meeting,
    restore_meeting,
)
from dialogs.meetings.planning import (
    HORIZON,
    plan_all,
    plan_person,
    plan_snooze,
    told,
)
from dialogs.meetings.reach import Reach, reach
from dialogs.meetings.sending_times import OSLO, SendingTimes
from storage.database import Database, Session
from storage.meeting_answers import set_answer
from storage.meetings import Meeting, find_meeting
from storage.outbox import rows_of, rows_of_person
from storage.people import RegisteredPerson, import_people
from storage.reminder_wishes import Wish, set_wish
from storage.shared import remember_cards
from storage.tables import Conversation, OutboxRow

SENDING = SendingTimes()
MONDAY = datetime(2026, 11, 23, 10, tzinfo=OSLO).astimezone(UTC)
HANNE = RegisteredPerson("hanne", "Hanne", "", "skoleeierteam")
DAVID = RegisteredPerson("david", "David", "", "rektor")
ELI = RegisteredPerson("eli", "Eli", "", "rektor")
ANE = RegisteredPerson("ane", "Ane", "", "lærer")
PEOPLE = [HANNE, DAVID, ELI, ANE]
ALL = ("meeting_reminder", "meeting_week", "meeting_changed", "meeting_cancelled")


class Calendar:
    """One calendar with one outbox; nothing is sent unless a test says so."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.now = MONDAY

    def create(self, id: str = "m1", starts: str = "2026-12-10T12:00", **fields: Any) -> Meeting:
        begins = oslo(starts)
        values: dict[str, Any] = {
            "id": id,
            "kind": "skoleledermøte",
            "title": f"Møte {id}",
            "starts": begins,
            "ends": begins + timedelta(hours=2),
            "audience": ("ledere",),
            "changed_at": self.now,
        }
        meeting = Meeting(**values | fields)
        return create_meeting(self.session, SENDING, meeting, by=HANNE, now=self.now)

    def change(self, id: str = "m1", **changes: Any) -> None:
        assert change_meeting(self.session, SENDING, id, changes, by=HANNE, now=self.now)

    def move(self, starts: str, id: str = "m1") -> None:
        begins = oslo(starts)
        self.change(id, starts=begins, ends=begins + timedelta(hours=2))

    def cancel(self, id: str = "m1") -> None:
        assert cancel_meeting(self.session, SENDING, id, "Sykdom", by=HANNE, now=self.now)

    def restore(self, id: str = "m1") -> None:
        assert restore_meeting(self.session, SENDING, id, by=HANNE, now=self.now)

    def wish(self, person: str, **wish: Any) -> None:
        set_wish(self.session, person, Wish(**wish))
        plan_person(self.session, SENDING, person, self.now)

    def answer(self, person: str, answer: Any, id: str = "m1") -> None:
        set_answer(self.session, id, person, answer, "", self.now)
        plan_person(self.session, SENDING, person, self.now)

    def night(self) -> None:
        plan_all(self.session, SENDING, self.now)

    def at(self, moment: str) -> "Calendar":
        self.now = oslo(moment)
        return self

    def mark(self, state: str, person: str | None = None, **also: Any) -> None:
        """Say of all that is due by now and waits (for this person) that it came to this."""
        wanted = select(OutboxRow).where(
            col(OutboxRow.state) == "venter", col(OutboxRow.due) <= self.now
        )
        for row in self.session.exec(wanted):
            if person in (None, row.person):
                row.state, row.attempted, row.attempts = state, self.now, 1
                row.settled = None if state in ("sendes", "venter") else self.now
                for name, value in also.items():
                    setattr(row, name, value)
                self.session.add(row)
        self.session.flush()

    def waiting(self, person: str = "david") -> list[str]:
        """What waits for a person: reason, meeting and local time."""
        return [
            f"{row.reason.removeprefix('meeting_')}"
            f" {row.subject.removeprefix('meeting:')}"
            f" {row.due.astimezone(OSLO):%m-%d %H:%M}"
            for row in rows_of_person(self.session, person, ALL)
            if row.state == "venter"
        ]

    def about(self, person: str = "david") -> list[dict[str, Any]]:
        rows = rows_of_person(self.session, person, ALL)
        return [row.about for row in rows if row.state == "venter"]


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


@pytest.fixture
def calendar() -> Iterator[Calendar]:
    database = Database("sqlite://")
    database.migrate()
    with database.transaction() as session:
        import_people(session, PEOPLE, dry_run=False)
        yield Calendar(session)
    database.close()


# A new meeting


def test_everybody_it_is_for_is_reminded_once_a_week_before(calendar: Calendar) -> None:
    calendar.create()
    for person in ("david", "eli"):
        assert calendar.waiting(person) == ["reminder m1 12-03 08:00"]
    assert calendar.waiting("ane") == calendar.waiting("hanne") == []


def test_planning_again_changes_nothing(calendar: Calendar) -> None:
    calendar.wish("eli", weekly=True)
    calendar.create()
    calendar.create("m2", "2026-11-25T12:00")
    before = [rows_of(calendar.session, s) for s in ("meeting:m1", "meeting:m2", "meetings")]
    for minutes in (0, 1, 5, 600):
        calendar.now = MONDAY + timedelta(minutes=minutes)
        calendar.night()
        calendar.wish("david")
        after = [rows_of(calendar.session, s) for s in ("meeting:m1", "meeting:m2", "meetings")]
        assert after == before


def test_what_is_far_ahead_is_planned_by_a_later_night(calendar: Calendar) -> None:
    meeting = calendar.create(starts="2027-05-20T12:00")
    assert calendar.waiting() == []
    calendar.now = meeting.starts - HORIZON + timedelta(days=1)
    calendar.night()
    assert calendar.waiting() == ["reminder m1 05-13 08:00"]


def test_a_meeting_put_in_late_is_told_of_at_once_and_only_once(calendar: Calendar) -> None:
    calendar.create(starts="2026-11-25T12:00")
    assert calendar.waiting() == ["reminder m1 11-23 10:02"]
    calendar.at("2026-11-23T10:03").mark("sendt")
    calendar.night()
    assert calendar.waiting() == []


def test_one_that_failed_is_not_tried_again_by_planning(calendar: Calendar) -> None:
    calendar.create(starts="2026-11-25T12:00")
    calendar.at("2026-11-23T10:03").mark("feilet")
    calendar.night()
    assert calendar.waiting() == []
    assert told(calendar.session, "m1") == set()


def test_the_organisers_day_before_comes_in_addition(calendar: Calendar) -> None:
    calendar.create(day_before=True)
    assert calendar.waiting() == ["reminder m1 12-03 08:00", "reminder m1 12-09 08:00"]
    calendar.change(day_before=False)
    assert calendar.waiting() == ["reminder m1 12-03 08:00"]


def test_after_a_long_stop_the_first_of_two_holds_only_until_the_next(calendar: Calendar) -> None:
    calendar.create(day_before=True)
    week_before, day_before = rows_of(calendar.session, "meeting:m1", person="david")
    assert week_before.latest == day_before.due
    assert day_before.latest == oslo("2026-12-10T12:00")


# People


def test_who_is_new_is_told_at_once_and_who_has_left_is_not(calendar: Calendar) -> None:
    calendar.create(starts="2026-11-26T12:00")
    calendar.at("2026-11-23T11:00").mark("sendt")
    geir = RegisteredPerson("geir", "Geir", "", "rektor")
    import_people(calendar.session, [HANNE, DAVID, ANE, geir], dry_run=False)
    calendar.night()
    assert calendar.waiting("geir") == ["reminder m1 11-23 11:02"]
    assert calendar.waiting("david") == []
    calendar.create("m2")
    import_people(calendar.session, [HANNE, replace(DAVID, role="lærer"), ANE], dry_run=False)
    calendar.night()
    assert calendar.waiting("david") == calendar.waiting("geir") == []


def test_another_audience_is_another_set_of_reminders(calendar: Calendar) -> None:
    calendar.create()
    calendar.change(audience=("lærere",))
    assert calendar.waiting("david") == []
    assert calendar.waiting("ane") == ["reminder m1 12-03 08:00"]


def test_who_said_forfall_hears_no_more_until_the_meeting_moves(calendar: Calendar) -> None:
    calendar.create(day_before=True)
    calendar.at("2026-12-03T09:00").mark("sendt")
    calendar.answer("david", "forfall")
    assert calendar.waiting("david") == []
    assert calendar.waiting("eli") == ["reminder m1 12-09 08:00"]
    calendar.change(place="Rådhuset")
    assert calendar.waiting("david") == []
    calendar.move("2026-12-17T12:00")
    assert calendar.waiting("david") == calendar.waiting("eli")
    assert calendar.waiting("david")[0] == "changed m1 12-03 09:02"


def test_who_regrets_forfall_is_reminded_again(calendar: Calendar) -> None:
    calendar.create()
    calendar.answer("david", "forfall")
    calendar.answer("david", "stedfortreder")
    assert calendar.waiting("david") == ["reminder m1 12-03 08:00"]


def test_a_wish_changes_what_waits(calendar: Calendar) -> None:
    calendar.create()
    calendar.wish("david", days_before=(14, 1), at="14:00")
    assert calendar.waiting("david") == ["reminder m1 11-26 14:00", "reminder m1 12-09 14:00"]
    calendar.wish("david", paused_until=date(2026, 12, 7))
    assert calendar.waiting("david") == ["reminder m1 12-07 07:30"]
    calendar.wish("david", stopped=True)
    assert calendar.waiting("david") == []
    calendar.wish("david")
    assert calendar.waiting("david") == ["reminder m1 12-03 08:00"]
    assert calendar.waiting("eli") == ["reminder m1 12-03 08:00"]


def test_what_waited_for_a_pause_to_end_comes_when_it_is_ended_early(calendar: Calendar) -> None:
    calendar.create()
    calendar.wish("david", paused_until=date(2026, 12, 9))
    calendar.at("2026-12-04T10:00").wish("david")
    assert calendar.waiting("david") == ["reminder m1 12-04 10:02"]


def test_what_was_put_off_stays_until_the_meeting_moves(calendar: Calendar) -> None:
    meeting = calendar.create()
    due = plan_snooze(calendar.session, SENDING, meeting, "david", date(2026, 12, 8), calendar.now)
    assert due == oslo("2026-12-08T08:00")
    calendar.night()
    assert calendar.waiting() == ["reminder m1 12-03 08:00", "reminder m1 12-08 08:00"]
    calendar.move("2026-12-11T12:00")
    assert calendar.waiting() == ["reminder m1 12-04 08:00"]
    late = date(2026, 12, 24)
    moved = find_meeting(calendar.session, "m1")
    assert moved is not None
    assert plan_snooze(calendar.session, SENDING, moved, "david", late, calendar.now) is None


# Changes


def test_who_has_not_been_told_only_gets_the_reminder_of_the_new_time(calendar: Calendar) -> None:
    calendar.create()
    calendar.move("2026-12-14T12:00")
    assert calendar.waiting() == ["reminder m1 12-07 08:00"]
    calendar.cancel()
    assert calendar.waiting() == []
    calendar.restore()
    assert calendar.waiting() == ["reminder m1 12-07 08:00"]


@pytest.mark.parametrize(
    ("state", "also"),
    [("sendt", {}), ("sendes", {}), ("ukjent", {}), ("venter", {"unknowns": 1})],
)
def test_who_may_have_been_told_hears_of_a_change(
    calendar: Calendar, state: str, also: dict[str, Any]
) -> None:
    calendar.create()
    calendar.at("2026-12-03T08:05").mark(state, "david", **also)
    assert told(calendar.session, "m1") == {"david"}
    calendar.move("2026-12-17T12:00")
    assert calendar.waiting("david")[0] == "changed m1 12-03 08:07"
    assert calendar.waiting("eli") == ["reminder m1 12-10 08:00"]


def test_the_week_before_is_left_out_when_the_change_is_told_less_than_a_week_before_it(
    calendar: Calendar,
) -> None:
    calendar.create()
    calendar.at("2026-12-03T09:00").mark("sendt")
    calendar.move("2026-12-14T12:00")
    assert calendar.waiting() == ["changed m1 12-03 09:02"]
    calendar.move("2026-12-17T12:00")
    assert calendar.waiting() == ["changed m1 12-03 09:02", "reminder m1 12-10 08:00"]
    calendar.at("2026-12-03T09:03").mark("sendt")
    calendar.night()
    assert calendar.waiting() == ["reminder m1 12-10 08:00"]


def test_several_changes_become_one_and_back_again_is_none(calendar: Calendar) -> None:
    meeting = calendar.create()
    calendar.at("2026-12-03T09:00").mark("sendt")
    calendar.move("2026-12-11T12:00")
    calendar.at("2026-12-03T09:01").change(place="Rådhuset")
    assert calendar.waiting() == ["changed m1 12-03 09:03"]
    (about,) = calendar.about()
    assert about["was"]["starts"] == meeting.starts.isoformat()
    assert (about["was"]["place"], about["version"]) == ("", 3)
    calendar.change(place="", starts=meeting.starts, ends=meeting.ends)
    assert calendar.waiting() == []


def test_what_may_be_on_its_way_is_counted_as_told(calendar: Calendar) -> None:
    meeting = calendar.create()
    calendar.at("2026-12-03T09:00").mark("sendt")
    calendar.move("2026-12-11T12:00")
    calendar.at("2026-12-03T09:02").mark("sendes", "david")
    calendar.move("2026-12-10T12:00")
    assert calendar.waiting("david") == ["changed m1 12-03 09:04"]
    assert calendar.about("david")[0]["was"]["starts"] != meeting.starts.isoformat()
    assert calendar.waiting("eli") == []


def test_a_change_in_the_evening_waits_for_the_morning_unless_that_is_too_late(
    calendar: Calendar,
) -> None:
    calendar.create(starts="2026-12-10T07:45")
    calendar.create("m2", "2026-12-10T12:00")
    calendar.at("2026-12-09T20:00").mark("sendt")
    calendar.cancel("m1")
    calendar.cancel("m2")
    assert calendar.waiting() == ["cancelled m1 12-09 20:02", "cancelled m2 12-10 07:30"]


def test_who_was_told_hears_of_the_cancellation_and_of_its_undoing(calendar: Calendar) -> None:
    calendar.create(day_before=True)
    calendar.at("2026-12-03T09:00").mark("sendt", "david")
    calendar.cancel()
    assert calendar.waiting("david") == ["cancelled m1 12-03 09:02"]
    assert calendar.waiting("eli") == []
    calendar.restore()
    assert calendar.waiting("david") == ["reminder m1 12-09 08:00"]
    calendar.cancel()
    calendar.at("2026-12-03T09:03").mark("sendt", "david")
    calendar.restore()
    assert calendar.waiting("david") == ["changed m1 12-03 09:05", "reminder m1 12-09 08:00"]
    assert calendar.about("david")[0]["was"]["cancelled"] is True


def test_a_change_that_was_not_yet_told_survives_a_cancellation_that_is_undone(
    calendar: Calendar,
) -> None:
    meeting = calendar.create()
    calendar.at("2026-12-03T09:00").mark("sendt")
    calendar.move("2026-12-11T12:00")
    calendar.cancel()
    (about,) = calendar.about()
    assert about["was"]["starts"] == meeting.starts.isoformat()
    calendar.restore()
    assert calendar.waiting() == ["changed m1 12-03 09:02"]
    assert calendar.about()[0]["was"]["starts"] == meeting.starts.isoformat()


def test_who_has_stopped_hears_of_no_change_and_a_pause_holds_it_back(calendar: Calendar) -> None:
    calendar.create()
    calendar.at("2026-12-03T09:00").mark("sendt")
    calendar.wish("david", stopped=True)
    calendar.wish("eli", paused_until=date(2026, 12, 7))
    calendar.change(place="Rådhuset")
    assert calendar.waiting("david") == []
    assert calendar.waiting("eli") == ["changed m1 12-07 07:30"]
    calendar.wish("eli")
    assert calendar.waiting("eli") == ["changed m1 12-03 09:02"]


def test_cards_that_were_sent_are_changed_at_once_and_only_to_the_newest(
    calendar: Calendar,
) -> None:
    calendar.create()
    calendar.session.add(Conversation(id="chat", sender="david", updated=MONDAY.date()))
    calendar.session.flush()
    remember_cards(calendar.session, [("chat", "activity", "meeting:m1")])
    calendar.change(place="Rådhuset")
    calendar.change(title="Et annet navn")
    calendar.change(place="Skolen")
    rows = [row for row in rows_of(calendar.session, "meeting:m1") if row.reason == "meeting_card"]
    assert [(row.state, row.due) for row in rows] == [
        ("avlyst", calendar.now),
        ("venter", calendar.now),
    ]


def test_of_a_meeting_that_has_begun_nothing_is_sent(calendar: Calendar) -> None:
    calendar.create(day_before=True)
    calendar.at("2026-12-09T09:00").mark("sendt", "david")
    calendar.at("2026-12-10T13:00").change(place="Rådhuset", homework="Prøv ut.")
    assert calendar.waiting("david") == calendar.waiting("eli") == []


# Lists for the week


def test_a_list_has_the_meetings_of_two_weeks_and_takes_the_place_of_reminders(
    calendar: Calendar,
) -> None:
    calendar.wish("david", weekly=True, at="10:00")
    calendar.create("m1", "2026-12-10T12:00")
    calendar.create("m2", "2026-12-16T12:00", day_before=True)
    assert calendar.waiting("david") == [
        "week meetings 11-30 10:00",
        "week meetings 12-07 10:00",
        "week meetings 12-14 10:00",
    ]
    assert [about["meetings"] for about in calendar.about("david")] == [
        ["m1"],
        ["m1", "m2"],
        ["m2"],
    ]
    calendar.cancel("m1")
    assert [about["meetings"] for about in calendar.about("david")] == [["m2"], ["m2"]]


def test_who_was_told_by_a_list_hears_of_a_change(calendar: Calendar) -> None:
    calendar.wish("david", weekly=True)
    calendar.create()
    calendar.at("2026-11-30T08:01").mark("sendt", "david")
    assert told(calendar.session, "m1") == {"david"}
    calendar.move("2026-12-11T12:00")
    assert calendar.waiting("david") == ["changed m1 11-30 08:03", "week meetings 12-07 08:00"]


def test_what_no_list_has_is_told_of_at_once(calendar: Calendar) -> None:
    calendar.wish("david", weekly=True)
    calendar.at("2026-12-08T10:00").create()
    assert calendar.waiting("david") == ["reminder m1 12-08 10:02"]
    calendar.at("2026-12-08T10:05").mark("sendt")
    calendar.night()
    assert calendar.waiting("david") == []


def test_back_to_single_reminders_calls_the_lists_off(calendar: Calendar) -> None:
    calendar.wish("david", weekly=True)
    calendar.create()
    calendar.wish("david")
    assert calendar.waiting("david") == ["reminder m1 12-03 08:00"]
    calendar.wish("david", weekly=True, stopped=True)
    assert calendar.waiting("david") == []


def test_a_list_waits_for_the_end_of_a_pause_if_that_is_in_its_week(calendar: Calendar) -> None:
    calendar.create()
    calendar.wish("david", weekly=True, paused_until=date(2026, 12, 9))
    assert calendar.waiting("david") == ["week meetings 12-09 07:30"]


# Before a send


def test_the_reach_counts_who_gets_messages_and_why_others_do_not(calendar: Calendar) -> None:
    def chat(person: str, *, installed: bool = True) -> None:
        there = Conversation(
            id=person, sender=person.upper(), updated=MONDAY.date(), installed=installed
        )
        calendar.session.add(there)
        calendar.session.flush()

    chat("david")
    chat("eli", installed=False)
    chat("ane")
    set_wish(calendar.session, "ane", Wish(stopped=True))
    register = read_register(calendar.session)
    found = reach(calendar.session, ("ledere", "lærere"), register)
    assert found == Reach(invited=3, reachable=1, not_installed=1, stopped=1)


def test_a_thousand_people_and_many_meetings_are_planned_at_once(calendar: Calendar) -> None:
    teachers = [RegisteredPerson(f"t{n}", f"T {n}", "", "lærer") for n in range(1_060)]
    import_people(calendar.session, [*PEOPLE, *teachers], dry_run=False)
    for n in range(3):
        calendar.create(f"m{n}", f"2026-12-1{n}T12:00", audience=("lærere",))
    for n in range(3):
        rows = rows_of(calendar.session, f"meeting:m{n}")
        assert len({row.person for row in rows}) == len(rows) == 1_061
    calendar.night()
    assert len(rows_of(calendar.session, "meeting:m0")) == 1_061
