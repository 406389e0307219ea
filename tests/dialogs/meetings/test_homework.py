"""Mellomarbeid: who sets it, and which meeting it follows to."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dialogs.context import OSLO
from dialogs.meetings.calendar import cancel_meeting, create_meeting
from dialogs.meetings.homework import LONGEST, homework_for
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, Paragraph, TextInput
from knowledge.library import Library
from storage.database import Database
from storage.meetings import Meeting, find_meeting
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    START,
    UNKNOWN,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown

SENDING = SendingTimes()
TEXT = "Prøv ut elevsamtalen i to klasser.\nTa med det dere så."


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    kommune = Kommune(library, database)
    put_in(kommune, "first", 3)
    put_in(kommune, "second", 30)
    put_in(kommune, "third", 60)
    return kommune


def put_in(kommune: Kommune, id: str, days: int, **more: Any) -> None:
    starts = datetime(2026, 11, 23, 12, tzinfo=OSLO) + timedelta(days=days)
    fields: dict[str, Any] = {
        "id": id,
        "kind": "skoleledermøte",
        "title": "Skoleledermøte",
        "starts": starts,
        "ends": starts + timedelta(hours=2),
        "audience": ("ledere",),
        "changed_at": START,
    }
    with kommune.session() as session:
        create_meeting(session, SENDING, Meeting(**(fields | more)), by=None, now=kommune.now)


def set_homework(
    kommune: Kommune, id: str = "first", text: str = TEXT, who: str = HANNE_SKOLEEIER
) -> str:
    return shown(kommune.press(who, "homework_set", meeting=id, homework=text))


def follows(kommune: Kommune, id: str) -> str:
    with kommune.session() as session:
        meeting = find_meeting(session, id)
        assert meeting is not None
        return homework_for(session, meeting)


def test_it_is_set_after_the_meeting_and_stands_on_the_next_with_where_it_is_from(
    kommune: Kommune,
) -> None:
    kommune.now += timedelta(days=4)
    card = kommune.press(HANNE_SKOLEEIER, "meeting_show", meeting="first")
    asked = kommune.follow(HANNE_SKOLEEIER, buttons(card)["Sett mellomarbeid"])
    saved = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Lagre"], homework=TEXT)
    assert "følger med til onsdag 23. desember" in shown(saved)
    assert follows(kommune, "second") == f"{TEXT}\n(Skoleledermøte, 26.11.2026)"
    assert follows(kommune, "first") == ""
    assert follows(kommune, "third") == ""
    on_card = shown(kommune.press(DAVID_REKTOR, "meeting_show", meeting="second"))
    assert f"Mellomarbeid: {TEXT}\n(Skoleledermøte, 26.11.2026)" in on_card


def test_it_can_be_set_before_the_meeting_changed_and_taken_away(kommune: Kommune) -> None:
    set_homework(kommune)
    card = kommune.press(IVAR_FAGRÅDGIVER, "meeting_show", meeting="first")
    [asked] = kommune.follow(IVAR_FAGRÅDGIVER, buttons(card)["Endre mellomarbeid"])
    assert isinstance(asked, CardReply)
    [field] = [one for one in asked.blocks if isinstance(one, TextInput)]
    assert field.value == TEXT
    kommune.follow(IVAR_FAGRÅDGIVER, buttons([asked])["Lagre"], homework="Noe annet.")
    assert follows(kommune, "second").startswith("Noe annet.")
    assert "ikke noe mellomarbeid" in set_homework(kommune, text="  ")
    assert follows(kommune, "second") == ""


def test_it_follows_past_a_meeting_that_is_cancelled(kommune: Kommune) -> None:
    set_homework(kommune)
    with kommune.session() as session:
        cancel_meeting(session, SENDING, "second", "", by=None, now=kommune.now)
    assert follows(kommune, "third").startswith(TEXT)


def test_it_follows_only_to_the_same_kind_for_the_same_people(kommune: Kommune) -> None:
    put_in(kommune, "other kind", 10, kind="LED-skole")
    put_in(kommune, "other people", 11, audience=("lærere",))
    put_in(kommune, "some of them", 12, audience=("tillitsvalgte", "ledere"))
    set_homework(kommune)
    assert follows(kommune, "other kind") == ""
    assert follows(kommune, "other people") == ""
    assert follows(kommune, "some of them").startswith(TEXT)


def test_without_a_next_meeting_it_waits_for_one(kommune: Kommune) -> None:
    assert "når det står i kalenderen" in set_homework(kommune, "third")
    put_in(kommune, "later", 90)
    assert follows(kommune, "later").startswith(TEXT)


@pytest.mark.parametrize("who", [DAVID_REKTOR, ANE_LÆRER, JORUNN_ADMINISTRATOR, UNKNOWN])
def test_only_those_who_keep_the_calendar_set_it(kommune: Kommune, who: str) -> None:
    assert "Sett mellomarbeid" not in buttons(kommune.press(who, "meeting_show", meeting="first"))
    for verb in ("homework_ask", "homework_set"):
        replies = kommune.press(who, verb, meeting="first", homework=TEXT)
        assert TEXT not in shown(replies)
    assert follows(kommune, "second") == ""


@pytest.mark.parametrize(
    "value", [{}, {"meeting": "x"}, {"meeting": 7}, {"meeting": ["first"], "homework": TEXT}]
)
def test_a_forged_value_changes_nothing(kommune: Kommune, value: dict[str, Any]) -> None:
    for verb in ("homework_ask", "homework_set"):
        assert "Skriv «møter»" in shown(kommune.press(HANNE_SKOLEEIER, verb, **value))


def test_a_text_that_is_no_text_clears_nothing_but_itself(kommune: Kommune) -> None:
    kommune.press(HANNE_SKOLEEIER, "homework_set", meeting="first", homework={"a": 1})
    assert follows(kommune, "second") == ""


def test_what_is_too_long_is_given_back_with_what_to_do(kommune: Kommune) -> None:
    text = "ord " * 500
    [card] = kommune.press(HANNE_SKOLEEIER, "homework_set", meeting="first", homework=text)
    assert isinstance(card, CardReply)
    [error] = [b for b in card.blocks if isinstance(b, Paragraph) and b.style == "error"]
    assert f"kan være på {LONGEST}" in error.text
    [field] = [one for one in card.blocks if isinstance(one, TextInput)]
    assert field.value == text.strip()
    assert follows(kommune, "second") == ""


def test_what_must_not_be_kept_is_not(kommune: Kommune) -> None:
    set_homework(kommune, text="Eleven Per 010112 12345 blir slått hjemme")
    assert follows(kommune, "second") == ""


def test_a_cancelled_meeting_leaves_nothing_to_do(kommune: Kommune) -> None:
    with kommune.session() as session:
        cancel_meeting(session, SENDING, "first", "", by=None, now=kommune.now)
    assert "avlyst" in set_homework(kommune)


def test_setting_it_twice_is_the_same(kommune: Kommune) -> None:
    assert set_homework(kommune) == set_homework(kommune)


def test_it_bumps_no_version_so_nobody_is_told_that_the_meeting_changed(kommune: Kommune) -> None:
    set_homework(kommune)
    with kommune.session() as session:
        meeting = find_meeting(session, "first")
    assert meeting is not None
    assert meeting.version == 1
