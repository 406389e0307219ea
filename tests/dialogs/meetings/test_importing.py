"""Rows against the calendar: all that is wrong at once, and importing again updates."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialogs.meetings.calendar import cancel_meeting, change_meeting, create_meeting
from dialogs.meetings.demo_calendar import DEMO_MEETINGS, load_demo_calendar
from dialogs.meetings.file_rows import COLUMNS, FileRow, MeetingFileError
from dialogs.meetings.importing import ImportPlan, apply_import, plan_import
from dialogs.meetings.kinds import KINDS
from dialogs.meetings.meeting_files import read_meeting_file
from dialogs.meetings.sending_times import OSLO, SendingTimes
from dialogs.wording import Wording
from knowledge.library import Library
from storage.database import Database, Session
from storage.meetings import Meeting, meetings_between
from storage.people import import_people, list_people
from tests.dialogs.meetings.files_of_meetings import HEADING, csv_of, ics_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NB, NN = Wording("nb"), Wording("nn")
SENDING = SendingTimes(always=True)
ALL_OF_HEADING = HEADING + ";sted;lenke;tema;forberedelse;svar;dagen før;mellomarbeid;id;merknad"


def row_of(title: str = "Vurdering", start: str = "03.12.2026 12:00", end: str = "14:00") -> str:
    return f"skoleledermøte;{title};{start};{end};ledere"


class Calendar:
    """A database with the demo people, and files imported into it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.database.transaction() as session:
            yield session

    def read(self, *rows: str, heading: str = HEADING) -> list[FileRow]:
        return read_meeting_file("møter.csv", csv_of(*rows, heading=heading), NB, NOW)

    def take(self, *rows: str, heading: str = HEADING, now: datetime = NOW) -> ImportPlan:
        return self.take_rows(self.read(*rows, heading=heading), now)

    def take_ics(self, *events: str) -> ImportPlan:
        return self.take_rows(read_meeting_file("m.ics", ics_of(*events), NB, NOW))

    def take_rows(self, rows: list[FileRow], now: datetime = NOW) -> ImportPlan:
        with self.session() as session:
            plan = plan_import(session, rows, NB, now)
            apply_import(session, SENDING, plan, by=None, now=now)
        return plan

    def refused(self, *rows: str, heading: str = HEADING, wording: Wording = NB) -> list[str]:
        with self.session() as session, pytest.raises(MeetingFileError) as wrong:
            plan_import(session, self.read(*rows, heading=heading), wording, NOW)
        return [problem.line(wording) for problem in wrong.value.problems]

    @property
    def meetings(self) -> list[Meeting]:
        first, last = NOW - timedelta(days=9_999), NOW + timedelta(days=9_999)
        with self.session() as session:
            return meetings_between(session, first, last, cancelled=True)

    @property
    def shown(self) -> list[str]:
        return [f"{one.starts.astimezone(OSLO):%d.%m. %H:%M} {one.title}" for one in self.meetings]


@pytest.fixture
def calendar(database: Database) -> Calendar:
    return Calendar(database)


def size(plan: ImportPlan) -> tuple[int, int, int, int]:
    return len(plan.new), len(plan.moved), len(plan.changed), plan.unchanged


# What a row says


def test_a_row_with_everything_becomes_a_meeting(calendar: Calendar) -> None:
    plan = calendar.take(
        "Skoleledermøte;Vurdering;03.12.2026 kl. 12.00;14:30;ledere i sone: nord + tillitsvalgte;"
        "Rådhuset;https://teams.example/a;Tema;Les;ja;nei;Prøv selv;møte-1;til oss",
        heading=ALL_OF_HEADING,
    )
    (meeting,) = calendar.meetings
    assert meeting.kind == "skoleledermøte"
    assert (meeting.starts, meeting.ends) == (
        datetime(2026, 12, 3, 11, tzinfo=UTC),
        datetime(2026, 12, 3, 13, 30, tzinfo=UTC),
    )
    assert meeting.audience == ("ledere i sone: Sone nord", "tillitsvalgte")
    assert (meeting.place, meeting.link) == ("Rådhuset", "https://teams.example/a")
    assert (meeting.topic, meeting.preparation, meeting.homework) == ("Tema", "Les", "Prøv selv")
    assert (meeting.asks_answer, meeting.day_before) == (True, False)
    assert meeting.source == "id:møte-1"
    assert [one.people for one in plan.new] == [4]
    assert plan.told is not None
    assert (plan.told.invited, plan.told.reachable) == (4, 0)


@pytest.mark.parametrize(
    "start",
    [
        "2026-12-03 12:00",
        "2026-12-03T12:00",
        "2026-12-03 12:00:00",
        "2026-12-03T11:00:00Z",
        "03.12.2026 12:00",
        "3.12.2026 kl. 12.00",
        "3.12.26 kl 12",
        "3/12/2026 12.00",
        " 03.12.2026,  12:00 ",
    ],
)
def test_times_are_read_as_people_write_them(calendar: Calendar, start: str) -> None:
    calendar.take(row_of(start=start))
    assert calendar.meetings[0].starts == datetime(2026, 12, 3, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("", "14:00", ["start mangler."]),
        ("i morgen", "14:00", ["start «i morgen» er ikke et tidspunkt."]),
        ("31.11.2026 12:00", "14:00", ["start «31.11.2026 12:00» er ikke et tidspunkt."]),
        ("03.12.2026 25:00", "14:00", ["start «03.12.2026 25:00» er ikke et tidspunkt."]),
        ("03.12.2026", "14:00", ["start «03.12.2026» mangler klokkeslett."]),
        ("03.12.2026 12:00", "", ["slutt mangler."]),
        ("03.12.2026 12:00", "12:00", ["slutt må være etter start."]),
        ("03.12.2026 12:00", "03.12.2027 13:00", ["Møtet varer i over 7 dager."]),
        ("03.12.1926 12:00", "13:00", ["start «03.12.1926 12:00» er utenfor årene 2000–2031."]),
        ("03.12.2926 12:00", "13:00", ["start «03.12.2926 12:00» er utenfor årene 2000–2031."]),
        ("28.03.2027 02:30", "05:00", ["start: Klokka 02.30 finnes ikke 28.03.2027"]),
        ("31.10.2027 02:30", "05:00", ["start: Klokka er 02.30 to ganger 31.10.2027"]),
        ("0001-01-01T00:00:00+14:00", "05:00", ["start «0001-01-01T00:00:00+14:00» er ikke"]),
    ],
)
def test_a_time_that_cannot_be_is_told(
    calendar: Calendar, start: str, end: str, told: list[str]
) -> None:
    found = calendar.refused(row_of(start=start, end=end))
    assert len(found) == len(told)
    assert all(line.startswith(f"Rad 2: {one}") for line, one in zip(found, told, strict=True))


def test_every_wrong_row_is_told_at_once_and_nothing_is_imported(calendar: Calendar) -> None:
    found = calendar.refused(
        row_of(),
        ";;03.12.2026 12:00;13:00;rørleggere;;http://usikker;;;kanskje;;;;",
        row_of("x" * 201) + ";;;;;;;;;",
        row_of() + ";;;;;;;;;",
        row_of("Kari Nordmann 010190 12345") + ";;;;;;;a;;",
        row_of("Med id") + ";;;;;;;;7;",
        row_of("Samme id") + ";;;;;;;;7;",
        heading=ALL_OF_HEADING,
    )
    assert [line.split(" er ukjent")[0] for line in found] == [
        "Rad 3: type mangler.",
        "Rad 3: tittel mangler.",
        "Rad 3: Lenken «http://usikker» må være en adresse som begynner med https://.",
        "Rad 3: Målgruppen «rørleggere»",
        "Rad 3: «kanskje» i svar",
        "Rad 4: tittel er på 201 tegn, men kan være på høyst 200.",
        "Rad 5: Samme møte som i rad 2.",
        "Rad 6: tittel ser ut til å ha opplysninger om enkeltpersoner. Ta dem ut.",
        "Rad 8: Samme møte som i rad 7.",
    ]
    assert not calendar.meetings


def test_what_is_wrong_is_told_in_nynorsk(calendar: Calendar) -> None:
    assert calendar.refused(row_of(start=""), wording=NN) == ["Rad 2: start manglar."]


# Importing again


def test_importing_again_changes_nothing(calendar: Calendar) -> None:
    rows = [row_of(), row_of(start="10.12.2026 12:00"), row_of("Lesing")]
    assert size(calendar.take(*rows)) == (3, 0, 0, 0)
    before = calendar.meetings
    assert size(calendar.take(*rows)) == (0, 0, 0, 3)
    assert calendar.meetings == before


def test_what_the_file_has_no_column_for_is_left_alone(calendar: Calendar) -> None:
    calendar.take(row_of() + ";Rådhuset;Prøv selv", heading=HEADING + ";sted;mellomarbeid")
    plan = calendar.take(row_of() + ";", heading=HEADING + ";sted")
    assert [change.what for change in plan.changed] == [("sted",)]
    assert (calendar.meetings[0].place, calendar.meetings[0].homework) == ("", "Prøv selv")


def test_another_time_on_the_same_day_moves_the_meeting(calendar: Calendar) -> None:
    calendar.take(row_of(), row_of(start="10.12.2026 12:00"))
    plan = calendar.take(
        row_of(start="03.12.2026 09:00", end="11:00"), row_of(start="10.12.2026 12:00")
    )
    assert size(plan) == (0, 1, 0, 1)
    assert calendar.shown == ["03.12. 09:00 Vurdering", "10.12. 12:00 Vurdering"]
    assert calendar.meetings[0].version == 2


def test_the_only_one_left_of_a_name_is_moved(calendar: Calendar) -> None:
    calendar.take(row_of(), row_of(start="10.12.2026 12:00"), row_of("Lesing"))
    id = calendar.meetings[-1].id
    plan = calendar.take(row_of(), row_of(start="17.12.2026 12:00"))
    assert size(plan) == (0, 1, 0, 1)
    assert plan.not_in_file == 1
    moved = calendar.meetings[-1]
    assert (moved.id, moved.starts) == (id, datetime(2026, 12, 17, 11, tzinfo=UTC))


def test_when_nobody_can_tell_which_is_moved_an_id_is_asked_for(calendar: Calendar) -> None:
    calendar.take(row_of(), row_of(start="10.12.2026 12:00"))
    later = [row_of(start="04.12.2026 12:00"), row_of(start="11.12.2026 12:00")]
    told = calendar.refused(*later)
    assert [line.split(" Jeg kan ikke vite")[0] for line in told] == ["Rad 2:", "Rad 3:"]
    assert "kolonne «id»" in told[0]
    # As it says: first with the old times, then with the new ones.
    heading = HEADING + ";id"
    adopted = calendar.take(
        row_of() + ";a", row_of(start="10.12.2026 12:00") + ";b", heading=heading
    )
    assert (size(adopted), adopted.size) == ((0, 0, 0, 2), 0)
    assert size(calendar.take(later[0] + ";a", later[1] + ";b", heading=heading)) == (0, 2, 0, 0)
    assert calendar.shown == ["04.12. 12:00 Vurdering", "11.12. 12:00 Vurdering"]
    assert [one.source for one in calendar.meetings] == ["id:a", "id:b"]


def test_an_unknown_id_is_a_new_meeting(calendar: Calendar) -> None:
    calendar.take(row_of(), row_of(start="10.12.2026 12:00"))
    plan = calendar.take(row_of(start="14.01.2027 12:00") + ";vår-1", heading=HEADING + ";id")
    assert size(plan) == (1, 0, 0, 0)
    assert plan.not_in_file == 2


def test_an_id_follows_its_meeting_whatever_it_is_called(calendar: Calendar) -> None:
    heading = HEADING + ";id"
    calendar.take(row_of() + ";a", row_of("Lesing") + ";b", heading=heading)
    plan = calendar.take(
        row_of("Lesing", "04.12.2026 12:00") + ";a", row_of("Lesing") + ";b", heading=heading
    )
    assert size(plan) == (0, 1, 0, 1)
    assert plan.moved[0].what == ("tittel",)
    other = calendar.take(row_of("Lesing") + ";c", heading=heading)
    assert size(other) == (1, 0, 0, 0)  # the same name and time, but another id


def test_what_has_been_held_is_not_changed(calendar: Calendar) -> None:
    calendar.take(row_of(start="12.11.2026 12:00") + ";a", heading=HEADING + ";id")
    plan = calendar.take(row_of("Noe annet") + ";a", heading=HEADING + ";id")
    assert (plan.held, plan.size) == (1, 0)
    assert calendar.shown == ["12.11. 12:00 Vurdering"]


def test_a_coming_meeting_is_not_moved_into_the_past(calendar: Calendar) -> None:
    calendar.take(row_of())
    plan = calendar.take(row_of(start="03.12.2020 12:00"))
    assert size(plan) == (1, 0, 0, 0)
    assert plan.told is None  # nobody is told of what has been


def test_what_was_cancelled_here_does_not_come_back(calendar: Calendar) -> None:
    calendar.take(row_of())
    with calendar.session() as session:
        cancel_meeting(session, SENDING, calendar.meetings[0].id, "", by=None, now=NOW)
    plan = calendar.take(row_of())
    assert (plan.stay_cancelled, plan.size) == (1, 0)
    assert len(calendar.meetings) == 1


def test_a_meeting_put_in_by_hand_is_found_by_its_name(calendar: Calendar) -> None:
    with calendar.session() as session:
        meeting = Meeting(
            id="hånd",
            kind="Skoleledermøte",
            title="vurdering",
            starts=datetime(2026, 12, 3, 11, tzinfo=UTC),
            ends=datetime(2026, 12, 3, 13, tzinfo=UTC),
            audience=("ledere",),
            changed_at=NOW,
        )
        create_meeting(session, SENDING, meeting, by=None, now=NOW)
    assert [change.what for change in calendar.take(row_of()).changed] == [("type", "tittel")]
    assert len(calendar.meetings) == 1


def test_a_wrong_row_leaves_the_calendar_as_it_was(calendar: Calendar) -> None:
    calendar.take(row_of())
    calendar.refused(row_of(end="15:00"), row_of("Ny", start="tull"))
    assert calendar.meetings[0].ends == datetime(2026, 12, 3, 13, tzinfo=UTC)


# Calendar files

EVENT = """
UID:a
SUMMARY:Skoleledermøte: Vurdering
DTSTART;TZID=Europe/Oslo:{start}
DURATION:PT2H
DESCRIPTION:Målgruppe: ledere
"""


def test_an_event_is_known_by_its_uid_when_it_moves(calendar: Calendar) -> None:
    calendar.take_ics(EVENT.format(start="20261203T120000"))
    plan = calendar.take_ics(EVENT.format(start="20261210T120000"))
    assert size(plan) == (0, 1, 0, 0)
    assert calendar.shown == ["10.12. 12:00 Skoleledermøte: Vurdering"]


def test_each_time_of_a_series_is_known_when_one_of_them_moves(calendar: Calendar) -> None:
    series = EVENT.format(start="20261203T120000") + "RRULE:FREQ=WEEKLY;COUNT=3"
    calendar.take_ics(series)
    moved = EVENT.format(start="20261211T120000")
    moved += "RECURRENCE-ID;TZID=Europe/Oslo:20261210T120000"
    assert size(calendar.take_ics(series, moved)) == (0, 1, 0, 2)


def test_an_event_that_is_called_off_cancels_its_meeting(calendar: Calendar) -> None:
    event = EVENT.format(start="20261203T120000")
    calendar.take_ics(event)
    plan = calendar.take_ics(event + "STATUS:CANCELLED")
    assert [one.title for one in plan.cancelled] == ["Skoleledermøte: Vurdering"]
    assert calendar.meetings[0].cancelled_at == NOW
    assert not calendar.take_ics(event.replace("UID:a", "UID:b") + "STATUS:CANCELLED").size


def test_an_event_needs_an_audience_the_first_time(calendar: Calendar) -> None:
    event = EVENT.format(start="20261203T120000")
    without = event.replace("DESCRIPTION:Målgruppe: ledere", "DESCRIPTION:Noe")
    with pytest.raises(MeetingFileError, match="«Skoleledermøte: Vurdering» mangler målgruppe"):
        calendar.take_ics(without)
    calendar.take_ics(event)
    with calendar.session() as session:
        change_meeting(
            session, SENDING, calendar.meetings[0].id, {"audience": ("alle",)}, by=None, now=NOW
        )
    assert calendar.take_ics(without).changed[0].what == ("tema",)
    assert calendar.meetings[0].audience == ("alle",)


# Two thousand rows, and the calendars that come with the bot


def test_two_thousand_rows_are_held_against_the_calendar_in_a_second(calendar: Calendar) -> None:
    rows = calendar.read(*(row_of(f"Møte {n}") for n in range(2_000)))
    began = time.monotonic()
    with calendar.session() as session:
        assert len(plan_import(session, rows, NB, NOW).new) == 2_000
    assert time.monotonic() - began < 5


def test_the_demo_calendar_is_loaded_once(calendar: Calendar, library: Library) -> None:
    sending = SendingTimes(library.holidays)
    for _ in range(2):
        with calendar.session() as session:
            load_demo_calendar(session, sending, NOW)
    meetings = calendar.meetings
    assert 18 <= len(meetings) <= 24
    assert {one.kind for one in meetings} == set(KINDS)
    assert any(one.asks_answer for one in meetings)
    assert sum(NOW < one.starts < NOW + timedelta(weeks=3) for one in meetings) >= 3
    assert sum(one.starts < NOW for one in meetings) >= 5
    for one in meetings:
        begins = one.starts.astimezone(OSLO)
        assert library.holidays.is_school_day(begins.date()), one.title
        assert 8 <= begins.hour < 16
        assert one.topic


def test_a_kommune_with_its_own_people_gets_no_demo_meetings(calendar: Calendar) -> None:
    with calendar.session() as session:
        import_people(session, list_people(session)[:5], dry_run=False)
        load_demo_calendar(session, SENDING, NOW)
    assert not calendar.meetings


def test_the_example_of_the_documentation_can_be_imported(calendar: Calendar) -> None:
    page = Path("docs/meetings.md").read_text("utf-8")
    example = page.split("```csv meetings.csv\n")[1].split("```")[0]
    rows = read_meeting_file("meetings.csv", example.encode(), NB, NOW)
    assert [one.people for one in calendar.take_rows(rows).new] == [6, 4]


def test_every_column_is_explained() -> None:
    page = Path("docs/meetings.md").read_text("utf-8")
    assert not [column for column in COLUMNS if f"\n| `{column}` | " not in page]


def test_the_historical_calendar_is_the_one_of_the_source(calendar: Calendar) -> None:
    path = DEMO_MEETINGS.with_name("meetings-2020-2021.csv")
    plan = calendar.take_rows(read_meeting_file(path.name, path.read_bytes(), NB, NOW))
    assert size(plan) == (11, 0, 0, 0)
    page = (Path("knowledge/documents") / "moteplan-2020-2021.md").read_text("utf-8")
    for one in calendar.meetings:
        kind = "Skoleledermøte" if one.kind == "skoleledermøte" else "LED-skole"
        assert f"| {one.starts:%d.%m.%Y} | {kind}" in page
