"""A round as everybody in it meets it: started, answered and closed in the chat, read on the page.

The chat is Playground's, the page is `app.py run`'s own, and both are shown by Chromium.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dialogs.checkins.round_planning import plan_round
from dialogs.meetings.sending_times import SendingTimes
from storage.database import open_database
from storage.rounds import change_round, list_rounds
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

SET = "Månedens refleksjon"
# Who answers, and which points on the scale; Bjørn, Geir and Olav read nynorsk.
ANSWERS = {
    "David": 4,
    "Eli": 4,
    "Torbjørn": 4,
    "Fatima": 4,
    "Samira": 4,
    "Ane": 3,
    "Bjørn": 3,
    "Geir": 3,
    "Olav": 3,
    "Anne-Margrethe": 3,
}
WRITTEN = (
    "Vi får til mer når vi planlegger sammen. Æ ø å.",
    "Felles lesestund hver onsdag har blitt noe av.",
    "Det er vanskelig å få tid til å besøke timene til hverandre.",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with running(folder) as address:
        yield address


@pytest.fixture
def browser(address: str) -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_a_round_is_started_answered_closed_and_read_on_the_page(
    browser: Browser, address: str, folder: Path
) -> None:
    """What ten people pressed is what the page shows, and only to who pressed the number."""
    chat = chat_in(browser, address)
    become(chat, "Hanne")
    _start_round(chat)
    _three_weeks_later(folder)
    for name, points in ANSWERS.items():
        _answer(chat, name, points)

    become(chat, "Hanne")
    _close_round(chat)
    result = ask(chat, "refleksjoner")
    expect(result).to_contain_text("Hele kommunen")
    _wait_for_pictures(chat, result)
    chat.set_viewport_size({"width": 1280, "height": 2400})  # so that the whole card is in view
    keep_picture(result, "reflection")
    nothing_shows_how_it_is_written(result)

    page, link = _open_page(browser, chat)
    expect(page.get_by_role("heading", level=1)).to_have_text("Oversikt")
    page.get_by_role("link", name=re.compile(f"^{SET}: ")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SET)
    page.wait_for_load_state("networkidle")  # charts that come late move what is pressed
    page.get_by_text("Tallene i en tabell").first.click()
    expect(page.locator("details").first).to_have_attribute("open", "")
    whole = page.get_by_role("row", name=re.compile("Hele kommunen")).first
    expect(whole.get_by_role("cell")).to_have_text(["0", "0", "5", "5", "0", "–"])
    if "SCREENSHOTS" in os.environ:
        _keep_pictures(browser, page)

    # The address is of no use to a lærer, nor to the same browser without its session.
    become(chat, "Ane")
    stranger = browser.new_context(locale="nb-NO").new_page()
    for refused in (page.url, link):
        stranger.goto(refused)
        expect(stranger.get_by_role("button", name="Gå inn")).to_have_count(0)
        expect(stranger.get_by_text("Hele kommunen")).to_have_count(0)
    assert stranger.context.cookies() == [] or "side" not in {
        cookie["name"] for cookie in stranger.context.cookies()
    }


# In the chat


def _start_round(chat: Page) -> None:
    chosen = ask(chat, "ny spørrerunde")
    chosen.get_by_role("combobox").click()
    chat.get_by_role("option", name=re.compile(f"^{SET}")).click()
    form = press_on(chat, chosen, "Neste")
    form.get_by_role("combobox").first.click()
    chat.get_by_role("option", name="Alle på skolene").click()
    form.get_by_label(re.compile("Drøftet med hovedtillitsvalgt")).click()
    # The calendar opens on today, and takes keys when the day has the focus.
    expect(chat.locator("[role=grid] :focus, [role=gridcell]:focus")).to_have_count(1)
    chat.keyboard.press("Enter")
    form.get_by_label("Hva skal svarene brukes til?").fill("Velge tema for fellestiden. Æ ø å.")
    preview = press_on(chat, form, "Se hvordan det blir")
    expect(preview).to_contain_text("Runden går til 10 personer på 4 skoler.")
    started = press_on(chat, preview, "Start")
    expect(started).to_contain_text("Runden er lagt inn.")


def _three_weeks_later(folder: Path) -> None:
    """The round opens now: the tillitsvalgte have had the days they are to have."""
    database, now = open_database(database_in(folder)), datetime.now(UTC)
    try:
        with database.transaction() as session:
            [planned] = [one for one in list_rounds(session) if one.opens > now]
            opened = replace(planned, opens=now + timedelta(seconds=1))
            change_round(session, opened)
            plan_round(session, SendingTimes(always=True), opened, now)
    finally:
        database.close()


def _answer(chat: Page, name: str, points: int) -> None:
    """The invitation comes by itself to who one has become; it is filled in and sent."""
    before = answers(chat).count()
    say(chat, f"bytt rolle: {name}")
    card = after(chat, before + 2)
    card.get_by_role("radio").nth(points - 1).check()
    card.get_by_role("textbox").first.fill(WRITTEN[len(name) % len(WRITTEN)])
    card.get_by_role("combobox").click()
    chat.get_by_role("option").nth(points % 2).click()
    if name == "Anne-Margrethe":
        keep_picture(card, "round-card")
    sent = press_on(chat, card, "Send")
    expect(sent).to_contain_text("Sendt.")


def _close_round(chat: Page) -> None:
    shown = ask(chat, "spørrerunder")
    shown.get_by_label(re.compile(f"^{SET}: ")).check()
    round = press_on(chat, shown, "Vis runden")
    expect(round).to_contain_text("90 % eller mer har svart.")
    closed = press_on(chat, press_on(chat, round, "Lukk nå"), "Ja, lukk runden")
    expect(closed).to_contain_text("Runden er lukket")


def _open_page(browser: Browser, chat: Page) -> tuple[Page, str]:
    """The page after its number was pressed in the chat, and the link that it was opened with."""
    card = ask(chat, "siden")
    link = str(card.get_by_role("link", name="Åpne siden").get_attribute("title"))
    page = browser.new_context(locale="nb-NO", viewport={"width": 1280, "height": 900}).new_page()
    page.goto(link)
    page.get_by_role("button", name="Gå inn").click()
    expect(page.get_by_role("alert")).to_be_visible()  # nothing is pressed in the chat yet
    number = page.locator(".tall").inner_text()
    press_on(chat, card, number)
    page.get_by_role("button", name="Gå inn").click()
    return page, link


def _wait_for_pictures(page: Page, shown: Locator) -> None:
    for picture in shown.get_by_role("img").all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function(
            "picture => picture.complete !== false && picture.naturalWidth !== 0",
            arg=picture.element_handle(),
        )


def _keep_pictures(browser: Browser, page: Page) -> None:
    """The page on the rounds of the demo kommune, which more people have answered."""
    side = page.url.partition("/side/")[0] + "/side"
    survey, round = f"{side}/undersokelse/demo-undersokelse", f"{side}/runder/demo-refleksjon-2"
    heading = "Digital kompetanse"
    for name, address, below, width, theme in (
        ("page-round", round, "", 1280, "light"),
        ("page-survey", survey, heading, 1280, "light"),
        ("page-phone", round, "Så mye har vi fått til", 375, "light"),
        ("page-dark", survey, heading, 1280, "dark"),
    ):
        context = browser.new_context(
            locale="nb-NO",
            storage_state=page.context.storage_state(),
            viewport={"width": width, "height": 1400 if width > 400 else 900},
            color_scheme="dark" if theme == "dark" else "light",
        )
        window = context.new_page()
        window.goto(address)
        _wait_for_pictures(window, window.locator("main"))
        window.evaluate("scrollTo(0, 0)")
        if below:
            found = window.get_by_role("heading", name=below, exact=True).first
            found.evaluate("heading => heading.closest('section').scrollIntoView()")
        keep_picture(window, name)
        context.close()
