"""«Kommer du?»: each answer, what the organiser sees of them, and the one nudge."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dialogs.meetings.calendar import cancel_meeting, change_meeting, create_meeting
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Button, CardReply, TextInput
from knowledge.library import Library
from storage.database import Database
from storage.meeting_answers import PersonAnswer, answers_of
from storage.meetings import Meeting
from storage.outbox import rows_of
from storage.people import RegisteredPerson, import_people, list_people
from storage.reminder_wishes import Wish, set_wish
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
)
from tests.dialogs.shown import shown

MEETING = "m" * 32
STARTS = datetime(2026, 12, 3, 11, tzinfo=UTC)  # a Thursday, 12:00 in Oslo
REMINDED = datetime(2026, 11, 26, 7, tzinfo=UTC)  # a week before, 08:00 in Oslo
LEADERS = {
    DAVID_REKTOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    FATIMA_AVDELINGSLEDER,
    ELI_REKTOR,
}


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    kommune = Kommune(library, database)
    plan(kommune)
    return kommune


def plan(kommune: Kommune, **changes: Any) -> None:
    meeting = {
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
        create_meeting(
            session, SendingTimes(), Meeting(**{**meeting, **changes}), by=None, now=kommune.now
        )


def change(kommune: Kommune, **changes: Any) -> None:
    with kommune.session() as session:
        change_meeting(session, SendingTimes(), MEETING, changes, by=None, now=kommune.now)


def answers(kommune: Kommune) -> Mapping[str, PersonAnswer]:
    with kommune.session() as session:
        return answers_of(session, MEETING)


def card_of(kommune: Kommune, who: str) -> dict[str, Button]:
    return buttons(kommune.press(who, "meeting_show", meeting=MEETING))


def test_an_answer_is_saved_and_says_what_it_means(kommune: Kommune) -> None:
    comes = kommune.follow(ELI_REKTOR, card_of(kommune, ELI_REKTOR)["Kommer"])
    assert "Du har svart: kommer." in shown(comes)
    assert "De som holder møtet, ser svaret ditt." in shown(comes)
    assert answers(kommune)[ELI_REKTOR].answer == "kommer"
    assert "Du har svart: kommer." in shown(
        kommune.press(ELI_REKTOR, "meeting_show", meeting=MEETING)
    )


def test_the_last_answer_holds_and_pressing_twice_is_harmless(kommune: Kommune) -> None:
    comes = card_of(kommune, ELI_REKTOR)["Kommer"]
    replies = [kommune.follow(ELI_REKTOR, comes) for _ in range(2)]
    assert shown(replies[0]) == shown(replies[1])
    again = kommune.follow(ELI_REKTOR, buttons(replies[1])["Endre svaret"])
    assert "Du har svart: kommer." in shown(again)
    kommune.follow(ELI_REKTOR, buttons(again)["Forfall"])
    assert [one.answer for one in answers(kommune).values()] == ["forfall"]


def test_who_said_forfall_is_not_reminded_and_is_again_after_a_change_of_mind(
    kommune: Kommune,
) -> None:
    card = card_of(kommune, ELI_REKTOR)
    said = kommune.follow(ELI_REKTOR, card["Forfall"])
    assert "Du får ikke flere påminnelser om dette møtet." in shown(said)
    kommune.follow(LARS_REKTOR, card_of(kommune, LARS_REKTOR)["Forfall"])
    kommune.follow(LARS_REKTOR, card_of(kommune, LARS_REKTOR)["Kommer"])
    assert kommune.messages_at(REMINDED).keys() == LEADERS - {ELI_REKTOR}


def test_a_deputy_is_a_colleague_with_leaders_first(kommune: Kommune) -> None:
    asked = kommune.follow(DAVID_REKTOR, card_of(kommune, DAVID_REKTOR)["Stedfortreder"])
    assert "Boten skriver ikke til stedfortrederen." in shown(asked)
    assert not answers(kommune)
    assert [name for _, name in choice(asked, "colleague").options] == [
        "Kari Moen",
        "Ane Solbakk",
        "Annen",
    ]
    save = buttons(asked)["Lagre svaret"]
    said = kommune.follow(DAVID_REKTOR, save, colleague=KARI_AVDELINGSLEDER, name="")
    assert "Du har svart: stedfortreder, Kari Moen." in shown(said)
    assert "Si fra selv." in shown(said)
    assert answers(kommune)[DAVID_REKTOR].deputy == "Kari Moen"
    assert KARI_AVDELINGSLEDER not in answers(kommune)


@pytest.mark.parametrize(
    ("filled", "told"),
    [
        ({}, "Velg en kollega, eller skriv navnet"),
        ({"colleague": "annen", "name": "  "}, "Velg en kollega, eller skriv navnet"),
        ({"colleague": KARI_AVDELINGSLEDER, "name": "Siri Dal"}, "både valgt en kollega"),
        ({"colleague": "annen", "name": "x" * 101}, "høyst 100 tegn"),
        ({"colleague": LARS_REKTOR, "name": ""}, "Velg en kollega, eller skriv navnet"),
        ({"colleague": {"a": 1}, "name": ["b"]}, "Velg en kollega, eller skriv navnet"),
    ],
)
def test_a_deputy_without_a_clear_name_is_asked_for_again(
    kommune: Kommune, filled: dict[str, Any], told: str
) -> None:
    asked = kommune.follow(DAVID_REKTOR, card_of(kommune, DAVID_REKTOR)["Stedfortreder"])
    again = kommune.follow(DAVID_REKTOR, buttons(asked)["Lagre svaret"], **filled)
    assert told in shown(again)
    assert not answers(kommune)
    assert isinstance(again[0], CardReply)
    written = next(one.value for one in again[0].blocks if isinstance(one, TextInput))
    assert written == str(filled.get("name", "")).strip()[:100] or isinstance(
        filled.get("name"), list
    )


def test_another_name_may_be_written_and_stands_on_one_line(kommune: Kommune) -> None:
    asked = kommune.follow(DAVID_REKTOR, card_of(kommune, DAVID_REKTOR)["Stedfortreder"])
    save = buttons(asked)["Lagre svaret"]
    kommune.follow(DAVID_REKTOR, save, colleague="annen", name=" Siri\n Dal ")
    assert answers(kommune)[DAVID_REKTOR].deputy == "Siri Dal"


def test_at_a_large_unit_the_name_is_written(kommune: Kommune) -> None:
    with kommune.session() as session:
        many = [
            RegisteredPerson(f"many-{n}", f"Lærer {n}", "", "lærer", "Nordlia skole", "skole")
            for n in range(45)
        ]
        import_people(session, [*list_people(session), *many], dry_run=False)
    asked = kommune.follow(DAVID_REKTOR, card_of(kommune, DAVID_REKTOR)["Stedfortreder"])
    assert "Kollega" not in shown(asked)
    assert "Navnet til den som kommer" in shown(asked)


def test_after_a_move_an_old_button_shows_the_meeting_and_asks_again(kommune: Kommune) -> None:
    old = card_of(kommune, ELI_REKTOR)
    kommune.follow(ELI_REKTOR, old["Kommer"])
    change(kommune, starts=STARTS + timedelta(days=1), ends=STARTS + timedelta(days=1, hours=2))
    assert not answers(kommune)
    moved = kommune.follow(ELI_REKTOR, old["Kommer"])
    assert "Møtet er flyttet siden du fikk kortet." in shown(moved)
    assert "fredag 4. desember" in shown(moved)
    assert not answers(kommune)
    kommune.follow(ELI_REKTOR, buttons(moved)["Kommer"])
    assert answers(kommune)[ELI_REKTOR].answer == "kommer"


def test_what_can_not_be_answered_any_more_is_told(kommune: Kommune) -> None:
    old = card_of(kommune, ELI_REKTOR)
    change(kommune, asks_answer=False)
    assert "trenger ikke svar" in shown(kommune.follow(ELI_REKTOR, old["Kommer"]))
    change(kommune, asks_answer=True, audience=("sone: Sone nord",))
    assert "ikke invitert" in shown(kommune.follow(ELI_REKTOR, old["Kommer"]))
    change(kommune, audience=("ledere",))
    with kommune.session() as session:
        cancel_meeting(session, SendingTimes(), MEETING, "", by=None, now=kommune.now)
    assert "er avlyst" in shown(kommune.follow(ELI_REKTOR, old["Kommer"]))
    gone = kommune.press(ELI_REKTOR, "meeting_answer", meeting="nei", answer="kommer")
    assert "finnes ikke lenger" in shown(gone)
    assert not answers(kommune)


def test_it_is_too_late_to_answer_when_the_meeting_has_begun(kommune: Kommune) -> None:
    old = card_of(kommune, ELI_REKTOR)
    kommune.now = STARTS
    assert "har begynt" in shown(kommune.follow(ELI_REKTOR, old["Kommer"]))
    assert "Kommer" not in card_of(kommune, ELI_REKTOR)


@pytest.mark.parametrize(
    "value",
    [
        {"meeting": MEETING, "answer": "kanskje"},
        {"meeting": MEETING, "answer": ["kommer"]},
        {"meeting": ["x"], "answer": "kommer"},
        {},
    ],
)
def test_a_forged_answer_is_no_answer(kommune: Kommune, value: dict[str, Any]) -> None:
    assert kommune.press(ELI_REKTOR, "meeting_answer", **value)
    assert not answers(kommune)


@pytest.mark.parametrize("who", [ANE_LÆRER, JORUNN_ADMINISTRATOR, UNKNOWN, HANNE_SKOLEEIER])
def test_who_is_not_invited_can_not_answer(kommune: Kommune, who: str) -> None:
    kommune.press(who, "meeting_answer", meeting=MEETING, answer="kommer")
    kommune.press(who, "meeting_deputy", meeting=MEETING, name="Siri Dal")
    assert not answers(kommune)


def test_a_meeting_that_needs_no_answer_asks_for_none(kommune: Kommune) -> None:
    change(kommune, asks_answer=False)
    assert "Kommer" not in card_of(kommune, ELI_REKTOR)
    assert "Se svar" not in card_of(kommune, HANNE_SKOLEEIER)
    assert "Kommer du?" not in shown(kommune.press(ELI_REKTOR, "meeting_show", meeting=MEETING))


# What the organiser sees


def test_the_organiser_sees_names_by_answer(kommune: Kommune) -> None:
    kommune.press(ELI_REKTOR, "meeting_answer", meeting=MEETING, answer="kommer")
    kommune.press(LARS_REKTOR, "meeting_answer", meeting=MEETING, answer="forfall")
    kommune.press(DAVID_REKTOR, "meeting_deputy", meeting=MEETING, name="Siri Dal")
    text = shown(kommune.follow(HANNE_SKOLEEIER, card_of(kommune, HANNE_SKOLEEIER)["Se svar"]))
    assert "Kommer: 1\nEli Strand" in text
    assert "Forfall: 1\nLars Vik" in text
    assert "Stedfortreder: 1\nDavid Lunde (sender Siri Dal)" in text
    assert "Ikke svart: 2\nFatima Noor, Kari Moen" in text
    assert "Svarene slettes 30 dager etter møtet." in text


def test_a_long_list_is_shortened(kommune: Kommune) -> None:
    with kommune.session() as session:
        many = [
            RegisteredPerson(f"many-{n:02}", f"Rektor {n:02}", "", "rektor", f"Skole {n}", "skole")
            for n in range(40)
        ]
        import_people(session, [*list_people(session), *many], dry_run=False)
    text = shown(kommune.press(HANNE_SKOLEEIER, "meeting_answers", meeting=MEETING))
    assert "Ikke svart: 45" in text
    assert "og 15 til" in text


@pytest.mark.parametrize(
    "who", [DAVID_REKTOR, ANE_LÆRER, BJØRN_LÆRER, JORUNN_ADMINISTRATOR, UNKNOWN]
)
def test_nobody_else_sees_the_answers_or_nudges(kommune: Kommune, who: str) -> None:
    kommune.press(ELI_REKTOR, "meeting_answer", meeting=MEETING, answer="kommer")
    for verb in ("meeting_answers", "meeting_nudge"):
        assert "Eli" not in shown(kommune.press(who, verb, meeting=MEETING))
    with kommune.session() as session:
        rows = rows_of(session, f"meeting:{MEETING}")
    assert "meeting_nudge" not in {row.reason for row in rows}


# The nudge


def nudged(kommune: Kommune, when: datetime) -> set[str]:
    """Who gets the nudge then."""
    sent = kommune.messages_at(when)
    return {who for who, replies in sent.items() if "har ikke svart. De som" in shown(replies)}


def test_those_who_have_not_answered_are_nudged_once_for_ever(kommune: Kommune) -> None:
    kommune.press(ELI_REKTOR, "meeting_answer", meeting=MEETING, answer="kommer")
    with kommune.session() as session:
        set_wish(session, LARS_REKTOR, Wish(stopped=True))
    seen = kommune.press(HANNE_SKOLEEIER, "meeting_answers", meeting=MEETING)
    nudge = buttons(seen)["Purr dem som ikke har svart (4)"]
    done = shown(kommune.follow(HANNE_SKOLEEIER, nudge))
    assert "Purringen går til 3." in done
    assert "1 har stoppet påminnelser" in done
    # Another organiser, with a card from before.
    assert "Purra 23.11." in shown(kommune.follow(IVAR_FAGRÅDGIVER, nudge))
    kommune.press(KARI_AVDELINGSLEDER, "meeting_answer", meeting=MEETING, answer="forfall")
    assert nudged(kommune, kommune.now + timedelta(minutes=1)) == {
        DAVID_REKTOR,
        FATIMA_AVDELINGSLEDER,
    }
    seen = kommune.press(HANNE_SKOLEEIER, "meeting_answers", meeting=MEETING)
    assert "Purret 23.11." in shown(seen)
    assert not [title for title in buttons(seen) if title.startswith("Purr ")]
    kommune.follow(HANNE_SKOLEEIER, nudge)
    assert not nudged(kommune, kommune.now + timedelta(minutes=1))


def test_the_nudge_has_the_three_buttons(kommune: Kommune) -> None:
    kommune.press(HANNE_SKOLEEIER, "meeting_nudge", meeting=MEETING)
    card = kommune.messages_at(kommune.now + timedelta(minutes=1))[ELI_REKTOR]
    assert list(buttons(card)) == ["Kommer", "Forfall", "Stedfortreder"]
    assert isinstance(card[0], CardReply)
    assert card[0].about == f"meeting:{MEETING}"
    kommune.follow(ELI_REKTOR, buttons(card)["Kommer"])
    assert answers(kommune)[ELI_REKTOR].answer == "kommer"


def test_a_nudge_in_the_evening_waits_for_the_morning(kommune: Kommune) -> None:
    kommune.now = datetime(2026, 11, 23, 19, tzinfo=UTC)
    kommune.press(HANNE_SKOLEEIER, "meeting_nudge", meeting=MEETING)
    assert not nudged(kommune, kommune.now + timedelta(hours=1))
    seen = shown(kommune.press(HANNE_SKOLEEIER, "meeting_answers", meeting=MEETING))
    assert "Purringen blir sendt tirsdag 24. november kl. 07.30." in seen
    assert nudged(kommune, datetime(2026, 11, 24, 6, 30, tzinfo=UTC)) == LEADERS


def test_a_nudge_that_would_come_too_late_is_refused(kommune: Kommune) -> None:
    change(
        kommune,
        starts=datetime(2026, 11, 24, 6, 15, tzinfo=UTC),
        ends=datetime(2026, 11, 24, 8, tzinfo=UTC),
    )
    kommune.now = datetime(2026, 11, 23, 19, tzinfo=UTC)
    told = kommune.press(HANNE_SKOLEEIER, "meeting_nudge", meeting=MEETING)
    assert "Møtet begynner før boten får sende." in shown(told)


def test_no_nudge_for_a_meeting_that_is_cancelled_before_it_is_sent(kommune: Kommune) -> None:
    kommune.press(HANNE_SKOLEEIER, "meeting_nudge", meeting=MEETING)
    with kommune.session() as session:
        cancel_meeting(session, SendingTimes(), MEETING, "", by=None, now=kommune.now)
    assert not nudged(kommune, kommune.now + timedelta(minutes=1))
    told = kommune.press(HANNE_SKOLEEIER, "meeting_nudge", meeting=MEETING)
    assert "er avlyst" in shown(told)
