"""What a second look at the meetings found: cards that promise too much, slips, forged lengths."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.sizes import MESSAGE_BYTES, message_bytes
from dialogs.meetings.calendar import create_meeting
from dialogs.meetings.file_rows import FileRow
from dialogs.meetings.importing import apply_import, plan_import
from dialogs.meetings.limits import LONGEST_MEETING, YEARS_AHEAD
from dialogs.meetings.sending_times import OSLO, SendingTimes
from dialogs.wording import Wording
from knowledge.library import Library
from storage.database import Database
from storage.meetings import Meeting, find_meeting
from tests.bot.test_cards import activities_for
from tests.dialogs.kommune import (
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown

MEETING = "m" * 32
STARTS = datetime(2026, 12, 3, 12, tzinfo=OSLO)
REMINDED = datetime(2026, 11, 26, 8, tzinfo=OSLO)
FILLED = {
    "kind": "skoleledermøte",
    "title": "",
    "day": "2027-01-14",
    "begins": "12",
    "ends": "14",
    "audience": "ledere",
    "asks_answer": "ja",
    "day_before": "nei",
}


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def put_in(kommune: Kommune, **changes: Any) -> None:
    fields: dict[str, Any] = {
        "id": MEETING,
        "kind": "skoleledermøte",
        "title": "Skoleledermøte",
        "starts": STARTS,
        "ends": STARTS + timedelta(hours=2),
        "audience": ("ledere",),
        "changed_at": kommune.now,
        "asks_answer": True,
    }
    with kommune.session() as session:
        meeting = Meeting(**{**fields, **changes})
        create_meeting(session, SendingTimes(), meeting, by=None, now=kommune.now)


def preview(kommune: Kommune, **changes: str) -> str:
    filled = {**FILLED, **changes}
    return shown(kommune.press(HANNE_SKOLEEIER, "meeting_preview", new="9" * 32, **filled))


def test_only_those_who_hear_of_a_cancellation_are_counted(kommune: Kommune) -> None:
    put_in(kommune)
    sent = kommune.messages_at(REMINDED)
    kommune.follow(FATIMA_AVDELINGSLEDER, buttons(sent[FATIMA_AVDELINGSLEDER])["Forfall"])
    kommune.press(ELI_REKTOR, "reminder_stop")
    asked = kommune.press(HANNE_SKOLEEIER, "meeting_cancel_ask", meeting=MEETING)
    assert "3 personer har hørt om dette og får beskjed" in shown(asked)
    kommune.press(HANNE_SKOLEEIER, "meeting_cancel", meeting=MEETING, because="")
    assert len(kommune.messages_at(kommune.now + timedelta(minutes=5))) == 3


def test_a_change_of_time_is_told_those_who_would_not_have_come(kommune: Kommune) -> None:
    put_in(kommune)
    sent = kommune.messages_at(REMINDED)
    kommune.follow(FATIMA_AVDELINGSLEDER, buttons(sent[FATIMA_AVDELINGSLEDER])["Forfall"])
    moved = kommune.press(HANNE_SKOLEEIER, "meeting_preview", meeting=MEETING, **FILLED)
    assert "5 som har hørt om møtet, får beskjed" in shown(moved)
    there = {**FILLED, "day": "2026-12-03", "title": "Skoleledermøte", "place": "Rådhuset"}
    changed = kommune.press(HANNE_SKOLEEIER, "meeting_preview", meeting=MEETING, **there)
    assert "4 som har hørt om møtet, får beskjed" in shown(changed)


def test_nobody_is_said_to_hear_of_a_meeting_that_has_begun(kommune: Kommune) -> None:
    put_in(kommune)
    kommune.messages_at(REMINDED)
    kommune.now = STARTS + timedelta(minutes=10)
    asked = shown(kommune.press(HANNE_SKOLEEIER, "meeting_cancel_ask", meeting=MEETING))
    assert "Ingen får melding om dette." in asked
    assert "får beskjed" not in asked


def test_a_slip_in_the_date_makes_no_meeting_of_years(kommune: Kommune) -> None:
    days = LONGEST_MEETING.days
    assert f"høyst {days} dager" in preview(kommune, until="2028-01-14")
    assert "Slik blir møtet" in preview(kommune, until="2027-01-20")
    assert f"mer enn {YEARS_AHEAD} år fram" in preview(kommune, day="2072-01-14")
    assert "over midnatt" in preview(kommune, begins="22", ends="02")


def test_a_meeting_over_several_days_is_listed_until_it_ends(kommune: Kommune) -> None:
    put_in(kommune, ends=STARTS + timedelta(days=3))
    kommune.now = STARTS + timedelta(days=2)
    assert "torsdag 3. desember" in shown(kommune.write(DAVID_REKTOR, "mine møter"))


def test_who_keeps_the_calendar_sees_whom_a_meeting_is_for(kommune: Kommune) -> None:
    put_in(kommune)
    shows = shown(kommune.press(IVAR_FAGRÅDGIVER, "meeting_show", meeting=MEETING))
    assert "For: leiarar" in shows
    assert "For:" not in shown(kommune.press(DAVID_REKTOR, "meeting_show", meeting=MEETING))


def test_a_meeting_of_a_deleted_group_says_that_it_is_for_nobody(kommune: Kommune) -> None:
    kommune.press(HANNE_SKOLEEIER, "group_make", name="Nyutdannede")
    kommune.press(HANNE_SKOLEEIER, "group_add", group="Nyutdannede", people="Ane Solbakk")
    put_in(kommune, audience=("gruppe: Nyutdannede",))
    nobody = "Ingen i personregisteret passer med målgruppen."
    assert nobody not in shown(kommune.press(HANNE_SKOLEEIER, "meeting_show", meeting=MEETING))
    kommune.press(HANNE_SKOLEEIER, "group_delete", group="Nyutdannede")
    assert nobody in shown(kommune.press(HANNE_SKOLEEIER, "meeting_show", meeting=MEETING))


def test_what_a_file_cancels_has_no_words_in_the_importers_language(kommune: Kommune) -> None:
    put_in(kommune, source="en-hendelse")
    cells = {
        "type": "skoleledermøte",
        "tittel": "Skoleledermøte",
        "start": "03.12.2026 12:00",
        "slutt": "14:00",
        "målgruppe": "ledere",
    }
    row = FileRow(1, cells, "en-hendelse", cancelled=True, is_event=True)
    with kommune.session() as session:
        plan = plan_import(session, [row], Wording("nn"), kommune.now)
        apply_import(session, SendingTimes(), plan, by=None, now=kommune.now)
        meeting = find_meeting(session, MEETING)
    assert meeting is not None
    assert meeting.cancelled_at is not None
    assert meeting.cancelled_because == ""


@pytest.mark.parametrize(
    ("verb", "value"),
    [
        ("group_make", {"name": "{long}"}),
        ("group_add", {"group": "Nyutdannede", "people": "{long}"}),
        ("meeting_cancel_ask", {"meeting": MEETING, "because": "{long}"}),
        ("meeting_repeat_dates", {"meeting": MEETING, "how": "week", "until": "{long}"}),
        ("meeting_preview", dict.fromkeys((*FILLED, "topic", "preparation"), "{long}")),
        ("reminder_save", {"how": "hvert", "days": "7", "at": "08:00", "paused_until": "{long}"}),
    ],
)
@pytest.mark.parametrize("long", ["æ " * 20_000, "\n" * 9 + "å" * 40_000])
def test_what_is_far_too_long_still_makes_a_card_that_can_be_sent(
    kommune: Kommune, verb: str, value: dict[str, str], long: str
) -> None:
    put_in(kommune)
    kommune.press(HANNE_SKOLEEIER, "group_make", name="Nyutdannede")
    filled = {name: long if text == "{long}" else text for name, text in value.items()}
    for reply in kommune.press(HANNE_SKOLEEIER, verb, **filled):
        for activity in activities_for(reply):
            assert message_bytes(activity) <= MESSAGE_BYTES
