"""Counts for organisers, and for the administrator who can't be reached, why, and what to do."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from dialogs.meetings.calendar import cancel_meeting, create_meeting
from dialogs.meetings.delivery import (
    Summary,
    read_report,
    report_as_json,
    report_as_text,
    summary,
)
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, Items
from dialogs.wording import Wording
from knowledge.library import Library
from storage.database import Database
from storage.meetings import Meeting, find_meeting
from storage.outbox import queue
from storage.people import RegisteredPerson, import_people, list_people
from storage.tables import Conversation, OutboxRow
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
)
from tests.dialogs.shown import shown

MEETING = "m" * 32
STARTS = datetime(2026, 12, 3, 11, tzinfo=UTC)  # a Thursday, 12:00 in Oslo
REMINDED = datetime(2026, 11, 26, 7, tzinfo=UTC)  # a week before, 08:00 in Oslo


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    kommune = Kommune(library, database)
    with kommune.session() as session:
        meeting = Meeting(
            id=MEETING,
            kind="skoleledermøte",
            title="Skoleledermøte",
            starts=STARTS,
            ends=STARTS + timedelta(hours=2),
            audience=("ledere",),
            changed_at=kommune.now,
        )
        create_meeting(session, SendingTimes(), meeting, by=None, now=kommune.now)
    return kommune


def becomes(kommune: Kommune, who: str, state: str, problem: str = "") -> None:
    """Let the last message to this person end so."""
    with kommune.session() as session:
        theirs = select(OutboxRow).where(col(OutboxRow.person) == who)
        row = session.exec(theirs.order_by(col(OutboxRow.due).desc())).first()
        assert row is not None
        row.state, row.problem = state, problem
        session.add(row)


def uninstall(kommune: Kommune, who: str) -> None:
    with kommune.session() as session:
        for row in session.exec(select(Conversation).where(col(Conversation.sender) == who)):
            row.installed = False
            session.add(row)


def counted(kommune: Kommune) -> Summary:
    with kommune.session() as session:
        meeting = find_meeting(session, MEETING)
        assert meeting is not None
        return summary(session, meeting, kommune.now)


# For the organiser


def test_the_last_message_to_each_counts(kommune: Kommune) -> None:
    assert counted(kommune) == Summary(waiting=5)
    kommune.messages_at(REMINDED)
    assert counted(kommune) == Summary(sent=5)
    with kommune.session() as session:
        cancel_meeting(session, SendingTimes(), MEETING, "", by=None, now=kommune.now)
    kommune.now += timedelta(minutes=5)
    assert counted(kommune) == Summary(waiting=5)
    kommune.messages_at(kommune.now)
    becomes(kommune, ELI_REKTOR, "ukjent")
    becomes(kommune, LARS_REKTOR, "feilet", "413 MessageSizeTooBig")
    becomes(kommune, DAVID_REKTOR, "utløpt")
    assert counted(kommune) == Summary(sent=2, not_sent=2, unknown=1)


def test_the_list_for_the_week_counts_too(kommune: Kommune) -> None:
    kommune.press(ELI_REKTOR, "reminder_save", how="uke", days="7", at="08:00")
    kommune.messages_at(REMINDED)
    kommune.messages_at(datetime(2026, 11, 30, 7, tzinfo=UTC))
    assert counted(kommune) == Summary(sent=5)


def test_only_organisers_see_the_counts_and_nobody_sees_names(kommune: Kommune) -> None:
    kommune.messages_at(REMINDED)
    becomes(kommune, ELI_REKTOR, "ukjent")
    card = kommune.press(HANNE_SKOLEEIER, "meeting_show", meeting=MEETING)
    assert "Siste melding om møtet: sendt til 4, ukjent 1." in shown(card)
    assert "Eli Strand" not in shown(card)
    card = kommune.press(LARS_REKTOR, "meeting_show", meeting=MEETING)
    assert "Siste melding" not in shown(card)
    assert not [title for title in buttons(card) if title.startswith("Send igjen")]


def test_what_is_unknown_is_sent_again_once(kommune: Kommune) -> None:
    kommune.messages_at(REMINDED)
    becomes(kommune, ELI_REKTOR, "ukjent", "502")
    card = kommune.press(HANNE_SKOLEEIER, "meeting_show", meeting=MEETING)
    again = buttons(card)["Send igjen der det er ukjent (1)"]
    said = kommune.follow(HANNE_SKOLEEIER, again)
    assert "sendes igjen til 1" in shown(said)
    assert "ingen å sende igjen til" in shown(kommune.follow(HANNE_SKOLEEIER, again))
    assert kommune.messages_at(kommune.now + timedelta(minutes=1)).keys() == {ELI_REKTOR}
    assert counted(kommune) == Summary(sent=5)


@pytest.mark.parametrize("who", [DAVID_REKTOR, ANE_LÆRER, JORUNN_ADMINISTRATOR, UNKNOWN])
def test_nobody_else_sends_again(kommune: Kommune, who: str) -> None:
    kommune.messages_at(REMINDED)
    becomes(kommune, ELI_REKTOR, "ukjent")
    kommune.press(who, "delivery_again", meeting=MEETING)
    assert counted(kommune).unknown == 1


def test_nothing_is_sent_again_of_a_meeting_that_has_begun_or_is_gone(kommune: Kommune) -> None:
    kommune.messages_at(REMINDED)
    becomes(kommune, ELI_REKTOR, "ukjent")
    for meeting in ("nei", ["x"]):
        told = kommune.press(HANNE_SKOLEEIER, "delivery_again", meeting=meeting)
        assert "finnes ikke lenger" in shown(told)
    kommune.now = STARTS
    told = kommune.press(HANNE_SKOLEEIER, "delivery_again", meeting=MEETING)
    assert "har begynt" in shown(told)
    assert counted(kommune).unknown == 1


# For the administrator


def test_when_all_are_reached_it_says_so(kommune: Kommune) -> None:
    assert "Alle som skulle få melding, kan nås." in shown(
        kommune.write(JORUNN_ADMINISTRATOR, "utboks")
    )
    kommune.messages_at(REMINDED)
    status = shown(kommune.write(JORUNN_ADMINISTRATOR, "leveringsstatus"))
    assert "Sendt: 5" in status
    assert "Alle som skulle få melding, kan nås." in status


@pytest.mark.parametrize(
    ("state", "problem", "installed", "why"),
    [
        ("feilet", "403 ConversationBlockedByUser", False, "Har blokkert boten"),
        ("feilet", "403 MessageWritesBlocked", False, "Har blokkert boten"),
        ("feilet", "403 BotNotInConversationRoster", False, "Har fjernet appen"),
        ("venter", "", False, "Har fjernet appen"),
        ("utløpt", "", False, "Har fjernet appen"),
        ("feilet", "403 BotDisabledByAdmin", True, "IT har slått av boten"),
        ("feilet", "403 BotDisabledByAdmin", False, "IT har slått av boten"),
        ("feilet", "404 ConversationNotFound", False, "Samtalen med boten finnes ikke lenger"),
        ("feilet", "413 MessageSizeTooBig", True, "Meldingen var for stor"),
        ("feilet", "401 BotNotRegistered", True, "Boten er ikke registrert riktig"),
        ("feilet", "500", True, "Noe gikk feil"),
        ("feilet", "kunne ikke skrives", True, "Noe gikk feil"),
        ("utløpt", "429", True, "Teams tok ikke imot i tide"),
        ("utløpt", "503", True, "Teams tok ikke imot i tide"),
        ("utløpt", "", True, "Boten var nede"),
        ("ukjent", "502", True, "Ukjent om meldingen kom fram"),
    ],
)
def test_each_cause_says_who_and_what_to_do(
    kommune: Kommune, state: str, problem: str, installed: bool, why: str
) -> None:
    kommune.messages_at(REMINDED)
    becomes(kommune, ELI_REKTOR, state, problem)
    if not installed:
        uninstall(kommune, ELI_REKTOR)
    status = shown(kommune.write(JORUNN_ADMINISTRATOR, "leveringsstatus"))
    assert why in status
    assert "Eli Strand, Strandvik ungdomsskole" in status
    assert "Lars Vik" not in status
    assert "Skoleledermøte" not in status


def test_who_has_installed_the_app_again_is_reached(kommune: Kommune) -> None:
    kommune.messages_at(REMINDED)
    becomes(kommune, ELI_REKTOR, "feilet", "403 ConversationBlockedByUser")
    assert "kan nås" in shown(kommune.write(JORUNN_ADMINISTRATOR, "utboks"))


def test_who_never_had_the_app_and_who_has_left(kommune: Kommune) -> None:
    with kommune.session() as session:
        new = RegisteredPerson("new", "Nina Ny", "", "rektor", "Bakken skole", "skole")
        import_people(session, [*list_people(session), new], dry_run=False)
        for person in ("new", "gone"):
            queue(
                session,
                person=person,
                reason="digest",
                occasion="2026-W48",
                about={},
                due=kommune.now,
                latest=kommune.now + timedelta(days=4),
            )
    status = shown(kommune.write(JORUNN_ADMINISTRATOR, "utboks"))
    assert "Har ikke installert appen: 1" in status
    assert "Nina Ny, Bakken skole" in status
    assert "Be IT installere Kvalitetsbot" in status
    assert "Har sluttet: 1" in status


def test_many_come_a_page_at_a_time(kommune: Kommune) -> None:
    with kommune.session() as session:
        many = [
            RegisteredPerson(f"many-{n:02}", f"Rektor {n:02}", "", "rektor", f"Skole {n}", "skole")
            for n in range(32)
        ]
        import_people(session, [*list_people(session), *many], dry_run=False)
        for one in many:
            queue(
                session,
                person=one.key,
                reason="digest",
                occasion="2026-W48",
                about={},
                due=kommune.now,
                latest=kommune.now + timedelta(days=4),
            )
    page = kommune.write(JORUNN_ADMINISTRATOR, "utboks")
    names: list[str] = []
    for _ in range(3):
        assert isinstance(page[0], CardReply)
        names += [n for block in page[0].blocks if isinstance(block, Items) for n in block.items]
        if "Neste side" in buttons(page):
            page = kommune.follow(JORUNN_ADMINISTRATOR, buttons(page)["Neste side"])
    assert "Side 3 av 3" in shown(page)
    assert names == [f"Rektor {n:02}, Skole {n}" for n in range(32)]


@pytest.mark.parametrize("page", [-1, 99, "x", None])
def test_a_page_that_is_not_there_is_one_that_is(kommune: Kommune, page: Any) -> None:
    status = kommune.press(JORUNN_ADMINISTRATOR, "delivery_status", page=page)
    assert "Kommer meldingene fram?" in shown(status)


@pytest.mark.parametrize(
    ("who", "told"),
    [
        (HANNE_SKOLEEIER, "ser bare administrator"),
        (IVAR_FAGRÅDGIVER, "ser berre administrator"),
        (DAVID_REKTOR, "Leveringsstatus er for administrator."),
        (ANE_LÆRER, "Leveringsstatus er for administrator."),
        (BJØRN_LÆRER, "Leveringsstatus er for administrator."),
        (UNKNOWN, "personregister"),
    ],
)
def test_others_are_told_who_sees_it(kommune: Kommune, who: str, told: str) -> None:
    kommune.messages_at(REMINDED)
    becomes(kommune, ELI_REKTOR, "feilet", "500")
    text = shown(kommune.write(who, "leveringsstatus"))
    assert told in text
    assert "Eli Strand" not in text


# The report


def test_the_report_is_the_same_for_programs_and_people(kommune: Kommune) -> None:
    kommune.messages_at(REMINDED)
    becomes(kommune, ELI_REKTOR, "utløpt", "429")
    becomes(kommune, FATIMA_AVDELINGSLEDER, "venter")
    uninstall(kommune, FATIMA_AVDELINGSLEDER)
    becomes(kommune, KARI_AVDELINGSLEDER, "venter")
    now = REMINDED + timedelta(seconds=90)
    with kommune.session() as session:
        report = read_report(session, now)
    told = json.loads(report_as_json(Wording("nb"), report, now))
    assert told["at"] == "2026-11-26T07:01:30+00:00"
    assert told["states"]["sendt"] == {"meeting_reminder": 2}
    assert told["states"]["venter"] == {"meeting_reminder": 2}
    assert told["states"]["feilet"] == {}
    assert told["oldest_waiting_seconds"] == 90
    assert told["causes"] == {"not_taken": 1, "removed": 1}
    assert [(one["name"], one["cause"]) for one in told["unreached"]] == [
        ("Eli Strand", "not_taken"),
        ("Fatima Noor", "removed"),
    ]
    assert all(one["why"] and one["do"] for one in told["unreached"])
    text = report_as_text(Wording("nb"), report, now)
    assert "Sendt: 2 (meeting_reminder 2)" in text
    assert "har ventet 90 sekunder" in text
    assert "  Fatima Noor, Fjellheim skole" in text


def test_what_waits_for_who_has_no_app_does_not_make_the_sending_look_slow(
    kommune: Kommune,
) -> None:
    uninstall(kommune, ELI_REKTOR)
    kommune.messages_at(REMINDED)
    with kommune.session() as session:
        report = read_report(session, REMINDED + timedelta(hours=1))
    assert report.waiting_since is None
    assert report.causes == {"removed": 1}
