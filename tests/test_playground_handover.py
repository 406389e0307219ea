"""A question that the plan doesn't answer: handed over by name, answered by a fagrådgiver, heard.

The chat is Playground's, shown by Chromium; a lærer and a fagrådgiver take turns in it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dialogs.handovers.handover_notices import NEW
from storage.database import open_database
from storage.outbox import Queued, replan, rows_of_person
from storage.people import list_people
from tests.playground_window import (
    after,
    answers,
    ask,
    become,
    chat_in,
    chromium,
    database_in,
    keep_picture,
    nothing_shows_how_it_is_written,
    press_on,
    running,
    say,
)

QUESTION = "Hvilken farge skal gardinene på personalrommet ha? Æ ø å."
ANSWER = "Det velger hver skole selv. Spør de ansatte på fellestiden."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with running(folder) as address:
        yield address


@pytest.fixture
def chat(address: str) -> Iterator[Page]:
    with chromium() as browser:
        yield chat_in(browser, address)


def test_a_question_goes_to_a_fagrådgiver_and_the_answer_comes_back_with_a_passage(
    chat: Page, folder: Path
) -> None:
    """Nothing goes before «Send»; the rest comes to each by itself, and «Takk» closes it."""
    become(chat, "Ane")
    expect(ask(chat, QUESTION)).to_contain_text("Da går navnet ditt med.")
    consent = ask(chat, f"spør en fagrådgiver: {QUESTION}")
    expect(consent.get_by_label("Spørsmålet du sender")).to_have_value(QUESTION)
    expect(consent).to_contain_text("Bare du og fagrådgiverne: Ivar Kleiva")
    become(chat, "Ivar")
    expect(ask(chat, "spørsmål til fagrådgivar")).to_contain_text("Ingen spørsmål ventar")

    become(chat, "Ane")
    expect(press_on(chat, consent, "Send")).to_contain_text("Sendt til fagrådgiverne.")

    _soon(folder)
    told = _become_who_hears(chat, "Ivar", "Nytt spørsmål")
    expect(told).to_contain_text("Ane Solbakk, Nordlia skole, i dag:")
    expect(told).to_contain_text(QUESTION)
    answering = press_on(chat, told, "Eg tek det")
    answering.get_by_label("Svaret ditt").fill(ANSWER)
    answering.get_by_role("combobox").click()
    passage = chat.get_by_role("option").nth(1)
    quoted = str(passage.inner_text()).removeprefix("1. ").partition(":")[0]
    passage.click()
    keep_picture(answering, "handover")
    sent = press_on(chat, answering, "Send svaret")
    expect(sent).to_contain_text("Svaret er sendt til Ane Solbakk")
    # The card that came by itself is changed, so that nobody takes what is answered.
    expect(told.get_by_role("button", name="Eg tek det")).to_have_count(0)

    heard = _become_who_hears(chat, "Ane", "Svar på spørsmålet ditt")
    expect(heard).to_contain_text("Ivar Kleiva svarer")
    expect(heard).to_contain_text(ANSWER)
    expect(heard).to_contain_text(re.compile(rf"Kvalitetsplanen › .*{re.escape(quoted)}"))
    closed = press_on(chat, heard, "Takk, det var svaret")
    expect(closed).to_contain_text("Da er spørsmålet lukket.")
    expect(ask(chat, "mine spørsmål")).to_contain_text("Lukket.")
    nothing_shows_how_it_is_written(chat)


def _soon(folder: Path) -> None:
    """The fagrådgiver hears now; otherwise new questions are collected for some minutes."""
    database, now = open_database(database_in(folder)), datetime.now(UTC)
    try:
        with database.transaction() as session:
            ivar = next(one for one in list_people(session) if one.name == "Ivar Kleiva")
            [row] = rows_of_person(session, ivar.key, [NEW])
            wanted = Queued(
                person=row.person,
                reason=row.reason,
                occasion=row.occasion,
                about=row.about,
                due=now,
                latest=row.latest,
                subject=row.subject,
            )
            replan(session, row.subject, [NEW], [wanted], person=ivar.key)
    finally:
        database.close()


def _become_who_hears(chat: Page, name: str, title: str) -> Locator:
    """The message with this title, which comes by itself to who one has become."""
    before = answers(chat).count()
    say(chat, f"bytt rolle: {name}")
    after(chat, before + 2)
    both = (answers(chat).nth(before), answers(chat).nth(before + 1))
    return next(one for one in both if title in one.inner_text())
