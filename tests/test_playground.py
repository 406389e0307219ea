"""The bot as a person meets it: `app.py run`, and Playground in a real Chromium.

Set SCREENSHOTS to a folder (docs/screenshots) to keep the pictures that README and docs show.
"""

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from docx import Document
from playwright.sync_api import Locator, Page, Route, expect, sync_playwright

from bot.playground import PROGRAM, ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECONDS = 90.0
STOP_SECONDS = 20.0
PATIENCE_MS = 20_000.0
REMINDED_WITHIN_MS = 150_000.0  # the bot waits two minutes, so that slips can be undone
USE = "Hver onsdag leser vi sammen."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where Playground answers, as `app.py run` says it."""
    if not CHROMIUM or not shutil.which("node") or not PROGRAM.is_file():
        reason = "trenger Chromium, Node.js og Playground (kjør make setup)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    folder = tmp_path_factory.mktemp("run")
    with (
        (folder / "errors").open("w+") as errors,
        subprocess.Popen(
            [sys.executable, "app.py", "run"],
            cwd=ROOT,
            env={
                **os.environ,
                "PORT": str(port),
                "PUBLIC_URL": "",
                "DATABASE_URL": f"sqlite:///{folder / 'bot.db'}",
                "REMINDER_HOURS": "alltid",  # the tests are run on Sundays too
            },
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as program,
    ):
        assert program.stdout is not None
        deadline = Timer(START_SECONDS, program.kill)
        deadline.start()
        said = ""
        for line in program.stdout:
            said += line
            if found := re.search(r"http://localhost:\d+", line):
                deadline.cancel()
                yield found[0]
                break
        else:
            errors.seek(0)
            pytest.fail(f"app.py run sa ingen adresse:\n{said}{errors.read()}")
        program.send_signal(signal.SIGINT)
        assert program.wait(STOP_SECONDS) == 0


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
        opened = browser.new_page(viewport={"width": 1280, "height": 1400}, locale="nb-NO")
        opened.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        opened.route("**/*", _this_machine_only)
        opened.goto(address)
        # The log beside the chat repeats what is said in it.
        opened.get_by_title("Hide log panel").click()
        yield opened
        browser.close()


def test_a_teacher_asks_three_questions_and_presses_two_suggestions(page: Page) -> None:
    """Every question gets one answer with its source; a press gets what the button says."""
    expect(_answers(page).first).to_contain_text("Kvalitetsplan")
    expect(_answers(page)).to_have_count(1)  # greeted once, though Playground tells of two events
    expect(_suggestions(page)).to_have_count(3)

    answer = _ask(page, "Hva er PRUVA?")
    expect(answer).to_contain_text(re.compile("praktisk.*relevant.*utfordrende", re.I | re.S))
    expect(answer).to_contain_text(re.compile(r"\[1\] .*PRUVA"))

    answer = _ask(page, "hva er hjørneflaggene")
    expect(answer).to_contain_text("Engasjerende organisasjonskultur")
    expect(answer).to_contain_text(re.compile(r"\[1\] Kvalitetsplanen, Del 1 › Hjørneflaggene"))
    expect(answer.get_by_role("button", name="Like", exact=True)).to_be_visible()
    _keep_picture(page, "playground")

    card = _press(page, _suggestions(page).get_by_text("Vis hele avsnittet", exact=True))
    expect(card).to_contain_text("Hjørneflaggene")
    expect(card).to_contain_text("fire nøkkelområder")

    answer = _ask(page, "Hvilke tiltak har ambisjon 2 for skolene?")
    expect(answer).to_contain_text("Prinsippene for samarbeidslæring innføres")
    expect(answer).to_contain_text("Utvikle morgendagens klasserom")
    expect(answer).to_contain_text(re.compile(r"\[1\] Kvalitetsplanen, Del 2 › Ambisjon 2 skole"))

    neighbour = _press(page, _suggestions(page).last)
    expect(neighbour).to_contain_text("[1]")
    _nothing_shows_how_it_is_written(page)


def test_a_rektor_writes_0_13_and_shares_it_and_another_rektor_comments_on_it(page: Page) -> None:
    """Every step in turn, with a wrong date and a question in the middle; then read and fetched."""
    _become(page, "David")
    overview = _write_plan(page)
    expect(overview).to_contain_text("Alle steg som må besvares, er besvart.")
    expect(overview).to_contain_text("Forventet gjennomføringstid: 6 måneder")
    finished = _press_on(page, overview, "Merk som ferdig")
    expect(finished).to_contain_text("«0.13 Planbeskrivelse» er merket som ferdig.")
    preview = _press_on(page, finished, "Forhåndsvis og del")
    expect(preview).to_contain_text(USE)
    asked = _press_on(page, preview, "Del")
    expect(asked.get_by_label("Alle ledere")).to_be_checked()
    expect(_press_on(page, asked, "Del")).to_contain_text("Delt: 0.13 Planbeskrivelse")

    _become(page, "Eli")
    shared = _ask(page, "delt av skolene")
    expect(shared).to_contain_text("0.13 Planbeskrivelse – Nordlia skole")
    read = _press_on(page, shared, "Les")
    expect(read).to_contain_text(re.compile(r"Delt med alle ledere av David Lunde [\d.]+\."))
    expect(_press_on(page, read, "Nyttig")).to_contain_text("nyttig")
    comment = _press_on(page, read, "Kommenter")
    comment.get_by_label("Kommentaren din").fill("Fint! Hvor ofte møtes dere? Æ ø å.")
    read = _press_on(page, comment, "Send kommentaren")
    expect(read).to_contain_text("Eli Strand, Strandvik ungdomsskole")
    expect(read).to_contain_text("Fint! Hvor ofte møtes dere? Æ ø å.")
    expect(read.get_by_role("button", name="Nyttig (1)")).to_be_visible()
    _keep_picture(read, "shared")

    word = _fetch_word(page, read)
    headings = [line.text for line in word.paragraphs if line.style.name.startswith("Heading")]
    assert headings[:3] == ["0.13 Planbeskrivelse", "Skole og skoleslag", "Tidspunkt for oppstart"]
    [table] = word.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Arena", "Hvordan vi bruker arenaen"],
        ["Fellestid", USE],
    ]

    _become(page, "David")
    finished = _ask(page, "0.13")
    finished.get_by_role("combobox").click()
    page.get_by_role("option", name="Lederens oppfølging").click()
    added = _press_on(page, finished, "Legg i utviklingsplanen")
    expect(added).to_contain_text("Lagt i utviklingsplanen")
    plan = _ask(page, "utviklingsplanen")
    expect(plan).to_contain_text("Tiltak 1: Rektor er med hver gang.")
    _nothing_shows_how_it_is_written(page)


def test_a_rektor_sees_the_months_that_the_modules_take(page: Page) -> None:
    """The dates are proposed from a start and an order, and drawn as a picture that loads."""
    _become(page, "Torbjørn")
    expect(_ask(page, "fremdriftsplan")).to_contain_text("Steg 1 av 4")
    order = _ask(page, "4. januar 2027")
    order.get_by_role("combobox").click()
    page.get_by_role("option", name="Modul 2, så modul 4, så modul 3").click()
    dates = _press_on(page, order, "Neste")
    expect(dates).to_contain_text("04.01.2027")
    plan = _press_on(page, dates, "Neste")
    picture = plan.get_by_role("img", name=re.compile("Modul 0: .*04.01.2027.*Modul 5: "))
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "picture => picture.complete && picture.naturalWidth > 0", arg=picture.element_handle()
    )
    _keep_picture(picture, "timeline")


def test_a_rektor_is_reminded_of_a_meeting_and_says_forfall_and_sees_it_cancelled(
    page: Page,
) -> None:
    """The organiser puts it in, sees who comes, and cancels it: the card in the chat changes."""
    _become(page, "Hanne")
    made = _put_in_meeting(page)
    expect(made).to_contain_text("Møtet er lagt inn.")

    _become(page, "David")
    before = _answers(page).count()
    expect(_answers(page)).to_have_count(before + 1, timeout=REMINDED_WITHIN_MS)
    reminder = _answers(page).nth(before)
    expect(reminder).to_contain_text(re.compile("Du får dette fordi møtet er for ledere"))
    expect(reminder).to_contain_text("Hvor: Rådhuset, møterom Ørneredet")
    expect(reminder).to_contain_text("Forberedelse: Les avsnittet om dybdelæring.")
    _keep_picture(reminder, "reminder")
    answered = _press_on(page, reminder, "Forfall")
    expect(answered).to_contain_text("Du har svart: forfall.")

    _become(page, "Hanne")
    shown = _ask(page, "vis møtet")
    expect(shown).to_contain_text("sendt til 1")
    answers = _press_on(page, shown, "Se svar")
    expect(answers).to_contain_text(re.compile("Forfall: 1.*David Lunde", re.S))
    _keep_picture(answers, "meeting-answers")
    asked = _press_on(page, _press_on(page, shown, "Mer"), "Avlys")
    asked.get_by_role("textbox").fill("Sykdom")
    cancelled = _press_on(page, asked, "Avlys møtet")
    expect(cancelled).to_contain_text("Møtet er avlyst: Sykdom")
    expect(cancelled.get_by_role("button", name="Angre avlysningen")).to_be_visible()
    expect(reminder).to_contain_text("avlyst")
    expect(reminder.get_by_role("button", name="Kommer", exact=True)).to_have_count(0)
    _keep_picture(reminder, "reminder-cancelled")
    _nothing_shows_how_it_is_written(page)


# 0.13, a step at a time


def _write_plan(page: Page) -> Locator:
    """The card that 0.13 ends with, after every one of its steps."""
    card = _press_on(page, _ask(page, "0.13"), "Neste")
    expect(card.get_by_label("Skole og skoleslag")).to_have_value("Nordlia skole, barneskole")
    _press_on(page, card, "Neste")

    card = _ask(page, "til våren en gang")
    expect(card).to_contain_text("Feil: Skriv en dato")
    expect(card).to_contain_text("til våren en gang")
    card = _ask(page, "12. januar 2027")
    card.get_by_role("spinbutton").fill("6")
    _press_on(page, card, "Neste")

    card = _ask(page, "hva er PRUVA?", replies=2)
    expect(_answers(page).nth(-2)).to_contain_text("[1]")
    expect(card).to_contain_text("Hvordan involverer dere skoleeier, tillitsvalgte og resten")
    card = _ask(page, "fortsett")
    expect(card).to_contain_text("Steg 5 av 14")
    _keep_picture(card, "step")
    card = _write_on(page, card, "Personalet er med fra starten. Æ ø å.")

    row = _press_on(page, card, "Legg til rad")
    row.get_by_label(re.compile("^Arena")).fill("Fellestid")
    row.get_by_label("Hvordan vi bruker arenaen").fill(USE)
    card = _press_on(page, row, "Lagre raden")
    expect(card).to_contain_text(USE)
    card = _press_on(page, card, "Neste")

    card = _write_on(page, card, "Rektor er med hver gang.")
    card = _write_on(page, card, "Alle forbereder seg.")
    card = _write_on(page, card, "Vi trenger en veileder.")
    card.get_by_label("Ja", exact=True).check()
    card = _write_on(page, _press_on(page, card, "Neste"), "Sammen med Strandvik.")
    card.get_by_label("Vet ikke ennå").check()
    card = _press_on(page, card, "Neste")
    expect(card).to_contain_text("Steg 13 av 13")  # what depended on «Ja» is not asked
    return _press_on(page, card, "Hopp over")


def _write_on(page: Page, card: Locator, text: str) -> Locator:
    """The card after the one whose only field is filled in."""
    card.get_by_role("textbox").fill(text)
    return _press_on(page, card, "Neste")


def _fetch_word(page: Page, card: Locator) -> Any:
    """The Word file that the button opens: Playground has its address as the button's title."""
    address = card.get_by_role("link", name="Hent som Word").get_attribute("title")
    answer = page.request.get(str(address))
    assert answer.ok
    return Document(io.BytesIO(answer.body()))


# A meeting


def _put_in_meeting(page: Page) -> Locator:
    """What the organiser sees after putting in a meeting for tomorrow."""
    form = _press_on(page, _ask(page, "nytt møte"), "Fyll ut her i chatten")
    form.get_by_role("combobox").first.click()
    page.get_by_role("option", name="skoleledermøte").click()
    form.get_by_label("Tittel").fill("Skoleledermøte om dybdelæring")
    form.get_by_label("Dato").click()
    # The calendar opens on today, and takes keys when the day has the focus.
    expect(page.locator("[role=grid] :focus, [role=gridcell]:focus")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    form.get_by_label("Fra klokka").fill("12")
    form.get_by_label("Til klokka").fill("14.30")
    form.get_by_label("Sted").fill("Rådhuset, møterom Ørneredet")
    form.get_by_label("Tema").fill("Dybdelæring")
    form.get_by_label("Forberedelse").fill("Les avsnittet om dybdelæring.")
    form.get_by_role("combobox").last.click()
    page.get_by_role("option", name="ledere", exact=True).click()
    form.get_by_label("Ja").first.check()
    preview = _press_on(page, form, "Se hvordan det blir")
    expect(preview).to_contain_text(re.compile(r"Når:\s\w+dag\s.*kl\.\s12\.00–14\.30"))
    _keep_picture(preview, "meeting-preview")
    return _press_on(page, preview, "Legg inn møtet")


# Playground


def _answers(page: Page) -> Locator:
    """The messages of the bot, with all that belongs to each."""
    return page.locator(
        "xpath=//*[@aria-label='Message author']"
        "/ancestor::*[@aria-label='Message header']/parent::*"
    )


def _suggestions(page: Page) -> Locator:
    """The prompts to press under the last message: Playground's only buttons without a type."""
    return page.locator("button:not([type])")


def _become(page: Page, name: str) -> None:
    _say(page, f"bytt rolle: {name}")  # the first in a chat, so that a greeting may come as well
    expect(_answers(page).last).to_contain_text(f"Nå er du {name}")


def _ask(page: Page, question: str, *, replies: int = 1) -> Locator:
    """The last of the messages that answer what is written in the chat."""
    before = _answers(page).count()
    _say(page, question)
    return _after(page, before + replies)


def _say(page: Page, text: str) -> None:
    # Cards have fields of their own; where one writes to the bot is no input but a textbox.
    page.locator("div[role=textbox]").fill(text)
    page.get_by_role("button", name="Send Message").click()


def _press(page: Page, suggestion: Locator) -> Locator:
    before = _answers(page).count()
    suggestion.click()
    return _after(page, before + 1)


def _press_on(page: Page, card: Locator, title: str) -> Locator:
    """The message that a button of the card gets."""
    return _press(page, card.get_by_role("button", name=title, exact=True))


def _after(page: Page, count: int) -> Locator:
    expect(_answers(page)).to_have_count(count)
    return _answers(page).nth(count - 1)


def _nothing_shows_how_it_is_written(page: Page) -> None:
    expect(page.get_by_text(re.compile(r"\*\*|<br>|&lt;|\\\["))).to_have_count(0)


def _keep_picture(shown: Page | Locator, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        shown.screenshot(path=Path(folder) / f"{name}.png")


def _this_machine_only(route: Route) -> None:
    """Playground's page asks for fonts elsewhere, which would make the test wait for the net."""
    if re.match(r"https?://(localhost|127\.0\.0\.1)[:/]", route.request.url):
        route.continue_()
    else:
        route.abort()
