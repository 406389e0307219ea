"""Shared plans, meetings and sent questions as pages: each sees what is theirs, and no more."""

from datetime import date, timedelta

import pytest

from dialogs.meetings.calendar import create_meeting
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Page, Paper
from knowledge.library import Library
from storage.database import Database
from storage.kept_questions import keep_question
from storage.meetings import Meeting
from storage.shared import withdraw
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    LARS_REKTOR,
    START,
    UNKNOWN,
    Kommune,
)
from tests.dialogs.shown import shown


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def found(kommune: Kommune, path: str, who: str, **query: str) -> Page | None:
    return kommune.assistant.browser.page(path, query, who)


def page(kommune: Kommune, path: str, who: str, **query: str) -> str:
    opened = found(kommune, path, who, **query)
    assert opened is not None
    return f"{shown(opened.cards)}\n{opened}"


# Plans


def test_a_plan_is_listed_and_read_by_those_it_is_shared_with(kommune: Kommune) -> None:
    version = kommune.share(audience="sonen")
    path = f"planer/{version}"
    for who in (DAVID_REKTOR, LARS_REKTOR):  # of the school, and of the same zone
        assert f"/side/{path}" in page(kommune, "planer", who)
        assert "Vi vil lykkes med dybdelæring." in page(kommune, path, who)
        file = kommune.assistant.browser.file(path, {"format": "docx"}, who)
        assert isinstance(file, Paper)
    for who in (ELI_REKTOR, HANNE_SKOLEEIER, JORUNN_ADMINISTRATOR):
        assert f"/side/{path}" not in page(kommune, "planer", who)
        assert found(kommune, path, who) is None
        assert kommune.assistant.browser.file(path, {"format": "docx"}, who) is None
    assert found(kommune, "planer", UNKNOWN) is None


def test_a_withdrawn_plan_is_gone(kommune: Kommune) -> None:
    version = kommune.share()
    with kommune.session() as session:
        withdraw(session, version, kommune.now)
    assert found(kommune, f"planer/{version}", LARS_REKTOR) is None
    assert f"/side/planer/{version}" not in page(kommune, "planer", LARS_REKTOR)


def test_plans_are_searched_and_turned_page_by_page(kommune: Kommune) -> None:
    for number in range(27):
        kommune.share(kommune.draft(answer=f"Plan nummer {number} om skriving"))
    first = page(kommune, "planer", LARS_REKTOR)
    assert first.count("/side/planer/") == 25
    assert "Neste side" in first
    second = page(kommune, "planer", LARS_REKTOR, fra="25")
    assert second.count("/side/planer/") == 2
    assert "Forrige side" in second
    assert page(kommune, "planer", LARS_REKTOR, q="NUMMER 13").count("/side/planer/") == 1
    for odd in ("-1", "²", "x", "9" * 30, ""):
        assert "/side/planer/" in page(kommune, "planer", LARS_REKTOR, fra=odd)
    assert "Neste side" in page(kommune, "planer", LARS_REKTOR, q="skriving")


# Meetings


def test_one_sees_the_meetings_that_are_for_one(kommune: Kommune) -> None:
    starts = START + timedelta(days=10)
    with kommune.session() as session:
        for id, title, audience in (
            ("m1", "Skoleledermøte om lesing", ("ledere",)),
            ("m2", "Møte på Nordlia", ("enhet: Nordlia skole",)),
        ):
            meeting = Meeting(
                id=id,
                kind="skoleledermøte",
                title=title,
                starts=starts,
                ends=starts + timedelta(hours=2),
                audience=audience,
                changed_at=START,
            )
            create_meeting(session, SendingTimes(), meeting, by=None, now=START)
    teacher, owner = page(kommune, "moter", ANE_LÆRER), page(kommune, "moter", HANNE_SKOLEEIER)
    assert "Skoleledermøte om lesing" not in teacher
    assert "Møte på Nordlia" in teacher
    assert "Skoleledermøte om lesing" in owner
    assert "Møte på Nordlia" in owner
    assert "Møte på Nordlia" not in page(kommune, "moter", HANNE_SKOLEEIER, q="lesing")
    kommune.now = starts + timedelta(days=1)
    assert "Møte på Nordlia" not in page(kommune, "moter", ANE_LÆRER)
    assert found(kommune, "moter/noe", ANE_LÆRER) is None


# Questions


def test_only_the_school_owner_reads_questions_sent_in(kommune: Kommune) -> None:
    with kommune.session() as session:
        keep_question(session, text="Når får vi tid?", language="nb", day=date(2026, 11, 20))
    assert "Når får vi tid?" in page(kommune, "sporsmal", HANNE_SKOLEEIER)
    assert "Når får vi tid?" in page(kommune, "sporsmal", IVAR_FAGRÅDGIVER)
    for who in (ANE_LÆRER, DAVID_REKTOR, JORUNN_ADMINISTRATOR, UNKNOWN):
        assert found(kommune, "sporsmal", who) is None


def test_questions_stand_by_day_the_newest_first_and_can_be_searched(kommune: Kommune) -> None:
    with kommune.session() as session:
        for day in (18, 20, 19):
            for number in range(50):
                text = f"Spørsmål {number} den {day}."
                keep_question(session, text=text, language="nb", day=date(2026, 11, day))
    opened = found(kommune, "sporsmal", HANNE_SKOLEEIER)
    assert opened is not None
    titles = [card.title for card in opened.cards]
    assert titles == ["Spørsmål uten navn", "fredag 20. november", "torsdag 19. november"]
    assert "onsdag 18. november" in page(kommune, "sporsmal", HANNE_SKOLEEIER, fra="100")
    assert "150" in shown(opened.cards[:1])
    hits = page(kommune, "sporsmal", HANNE_SKOLEEIER, q="spørsmål 7 DEN 19.")
    assert "Spørsmål 7 den 19." in hits
    assert "Spørsmål 7 den 18." not in hits
    assert "Ingen treff" in page(kommune, "sporsmal", HANNE_SKOLEEIER, q="finnes ikke")
