"""A question that the plan doesn't answer: handed over by name, answered by a fagrådgiver, heard.

The chat is Playground's, shown by Chromium; lærer and fagrådgiver take turns in it.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.playground_window import (
    after,
    answers,
    ask,
    become,
    chat_in,
    chromium,
    keep_picture,
    nothing_shows_how_it_is_written,
    press,
    press_on,
    running,
    say,
    suggestions,
)

QUESTION = "Hvilken farge skal gardinene på personalrommet ha? Æ ø å."
PASSAGE = "Tilpasset opplæring"
ANSWER = "Det velger hver skole selv. Spør de ansatte på fellestiden."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("run")) as address:
        yield address


@pytest.fixture
def chat(address: str) -> Iterator[Page]:
    with chromium() as browser:
        yield chat_in(browser, address)


def test_a_lærer_asks_a_fagrådgiver_and_gets_an_answer_with_a_passage_of_the_plan(
    chat: Page,
) -> None:
    """Nothing goes before «Send»; the answer comes by itself, and «Takk» closes the question."""
    become(chat, "Ane")
    consent = _ask_by_name(chat)
    become(chat, "Ivar")
    expect(ask(chat, "spørsmål til fagrådgiver")).to_contain_text("Ingen spørsmål venter")

    become(chat, "Ane")
    expect(press_on(chat, consent, "Send")).to_contain_text("Sendt til fagrådgiverne.")

    become(chat, "Ivar")
    desk = ask(chat, "spørsmål til fagrådgiver")
    print(desk.inner_text())
    keep_picture(desk, "w1-desk")
    answering = press_on(chat, desk, "Jeg tar det")
    print(answering.inner_text())
    keep_picture(answering, "w1-answer")


def _ask_by_name(chat: Page):
    declined = ask(chat, QUESTION)
    print(declined.inner_text(), suggestions(chat).all_inner_texts())
    consent = press(chat, suggestions(chat).get_by_text("Spør en fagrådgiver", exact=True))
    print(consent.inner_text())
    keep_picture(consent, "w1-consent")
    return consent
