"""The bot as a person meets it: `app.py run`, and Playground in a real Chromium."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from docx import Document
from playwright.sync_api import Locator, Page, expect

from tests.playground_window import (
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
    suggestions,
)

REMINDED_WITHIN_MS = 150_000.0  # the bot waits two minutes, so that slips can be undone
USE = "Hver onsdag leser vi sammen."


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(tmp_path_factory.mktemp("run")) as address:
        yield address


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with chromium() as browser:
        yield chat_in(browser, address)


def test_a_teacher_asks_three_questions_and_presses_two_suggestions(page: Page) -> None:
    """Every question gets one answer with its source; a press gets what the button says."""
    expect(answers(page).first).to_contain_text("Kvalitetsplan")
    expect(answers(page)).to_have_count(1)  # greeted once, though Playground tells of two events
    expect(suggestions(page)).to_have_count(3)

    answer = ask(page, "Hva er PRUVA?")
    expect(answer).to_contain_text(re.compile("praktisk.*relevant.*utfordrende", re.I | re.S))
    expect(answer).to_contain_text(re.compile(r"\[1\] .*PRUVA"))

    answer = ask(page, "hva er hjørneflaggene")
    expect(answer).to_contain_text("Engasjerende organisasjonskultur")
    expect(answer).to_contain_text(re.compile(r"\[1\] Kvalitetsplanen, Del 1 › Hjørneflaggene"))
    expect(answer.get_by_role("button", name="Like", exact=True)).to_be_visible()
    keep_picture(page, "playground")

    card = press(page, suggestions(page).get_by_text("Vis hele avsnittet", exact=True))
    expect(card).to_contain_text("Hjørneflaggene")
    expect(card).to_contain_text("fire nøkkelområder")

    answer = ask(page, "Hvilke tiltak har ambisjon 2 for skolene?")
    expect(answer).to_contain_text("Prinsippene for samarbeidslæring innføres")
    expect(answer).to_contain_text("Utvikle morgendagens klasserom")
    expect(answer).to_contain_text(re.compile(r"\[1\] Kvalitetsplanen, Del 2 › Ambisjon 2 skole"))

    neighbour = press(page, suggestions(page).last)
    expect(neighbour).to_contain_text("[1]")
    nothing_shows_how_it_is_written(page)


def test_a_rektor_writes_0_13_and_shares_it_and_another_rektor_comments_on_it(page: Page) -> None:
    """Every step in turn, with a wrong date and a question in the middle; then read and fetched."""
    become(page, "David")
    overview = _write_plan(page)
    expect(overview).to_contain_text("Alle steg som må besvares, er besvart.")
    expect(overview).to_contain_text("Forventet gjennomføringstid: 6 måneder")
    finished = press_on(page, overview, "Merk som ferdig")
    expect(finished).to_contain_text("«0.13 Planbeskrivelse» er merket som ferdig.")
    preview = press_on(page, finished, "Forhåndsvis og del")
    expect(preview).to_contain_text(USE)
    asked = press_on(page, preview, "Del")
    expect(asked.get_by_label("Alle ledere")).to_be_checked()
    expect(press_on(page, asked, "Del")).to_contain_text("Delt: 0.13 Planbeskrivelse")

    become(page, "Eli")
    shared = ask(page, "delt av skolene")
    expect(shared).to_contain_text("0.13 Planbeskrivelse – Nordlia skole")
    read = press_on(page, shared, "Les")
    expect(read).to_contain_text(re.compile(r"Delt med alle ledere av David Lunde [\d.]+\."))
    expect(press_on(page, read, "Nyttig")).to_contain_text("nyttig")
    comment = press_on(page, read, "Kommenter")
    comment.get_by_label("Kommentaren din").fill("Fint! Hvor ofte møtes dere? Æ ø å.")
    read = press_on(page, comment, "Send kommentaren")
    expect(read).to_contain_text("Eli Strand, Strandvik ungdomsskole")
    expect(read).to_contain_text("Fint! Hvor ofte møtes dere? Æ ø å.")
    expect(read.get_by_role("button", name="Nyttig (1)")).to_be_visible()
    keep_picture(read, "shared")

    word = _fetch_word(page, read)
    headings = [line.text for line in word.paragraphs if line.style.name.startswith("Heading")]
    assert headings[:3] == ["0.13 Planbeskrivelse", "Skole og skoleslag", "Tidspunkt for oppstart"]
    [table] = word.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["Arena", "Hvordan vi bruker arenaen"],
        ["Fellestid", USE],
    ]

    become(page, "David")
    finished = ask(page, "0.13")
    finished.get_by_role("combobox").click()
    page.get_by_role("option", name="Lederens oppfølging").click()
    added = press_on(page, finished, "Legg i utviklingsplanen")
    expect(added).to_contain_text("Lagt i utviklingsplanen")
    plan = ask(page, "utviklingsplanen")
    expect(plan).to_contain_text("Tiltak 1: Rektor er med hver gang.")
    nothing_shows_how_it_is_written(page)


def test_a_rektor_sees_the_months_that_the_modules_take(page: Page) -> None:
    """The dates are proposed from a start and an order, and drawn as a picture that loads."""
    become(page, "Torbjørn")
    expect(ask(page, "fremdriftsplan")).to_contain_text("Steg 1 av 4")
    order = ask(page, "4. januar 2027")
    order.get_by_role("combobox").click()
    page.get_by_role("option", name="Modul 2, så modul 4, så modul 3").click()
    dates = press_on(page, order, "Neste")
    expect(dates).to_contain_text("04.01.2027")
    plan = press_on(page, dates, "Neste")
    picture = plan.get_by_role("img", name=re.compile("Modul 0: .*04.01.2027.*Modul 5: "))
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "picture => picture.complete && picture.naturalWidth > 0", arg=picture.element_handle()
    )
    keep_picture(picture, "timeline")


def test_a_rektor_is_reminded_of_a_meeting_and_says_forfall_and_sees_it_cancelled(
    page: Page,
) -> None:
    """The organiser puts it in, sees who comes, and cancels it: the card in the chat changes."""
    become(page, "Hanne")
    made = _put_in_meeting(page)
    expect(made).to_contain_text("Møtet er lagt inn.")

    become(page, "David")
    before = answers(page).count()
    expect(answers(page)).to_have_count(before + 1, timeout=REMINDED_WITHIN_MS)
    reminder = answers(page).nth(before)
    expect(reminder).to_contain_text(re.compile("Du får dette fordi møtet er for ledere"))
    expect(reminder).to_contain_text("Hvor: Rådhuset, møterom Ørneredet")
    expect(reminder).to_contain_text("Forberedelse: Les avsnittet om dybdelæring.")
    keep_picture(reminder, "reminder")
    answered = press_on(page, reminder, "Forfall")
    expect(answered).to_contain_text("Du har svart: forfall.")

    become(page, "Hanne")
    shown = ask(page, "vis møtet")
    expect(shown).to_contain_text("sendt til 1")
    given = press_on(page, shown, "Se svar")
    expect(given).to_contain_text(re.compile("Forfall: 1.*David Lunde", re.S))
    keep_picture(given, "meeting-answers")
    asked = press_on(page, press_on(page, shown, "Mer"), "Avlys")
    asked.get_by_role("textbox").fill("Sykdom")
    cancelled = press_on(page, asked, "Avlys møtet")
    expect(cancelled).to_contain_text("Møtet er avlyst: Sykdom")
    expect(cancelled.get_by_role("button", name="Angre avlysningen")).to_be_visible()
    expect(reminder).to_contain_text("avlyst")
    expect(reminder.get_by_role("button", name="Kommer", exact=True)).to_have_count(0)
    keep_picture(reminder, "reminder-cancelled")
    nothing_shows_how_it_is_written(page)


# 0.13, a step at a time


def _write_plan(page: Page) -> Locator:
    """The card that 0.13 ends with, after every one of its steps."""
    card = press_on(page, ask(page, "0.13"), "Neste")
    expect(card.get_by_label("Skole og skoleslag")).to_have_value("Nordlia skole, barneskole")
    press_on(page, card, "Neste")

    card = ask(page, "til våren en gang")
    expect(card).to_contain_text("Feil: Skriv en dato")
    expect(card).to_contain_text("til våren en gang")
    card = ask(page, "12. januar 2027")
    card.get_by_role("spinbutton").fill("6")
    press_on(page, card, "Neste")

    card = ask(page, "hva er PRUVA?", replies=2)
    expect(answers(page).nth(-2)).to_contain_text("[1]")
    expect(card).to_contain_text("Hvordan involverer dere skoleeier, tillitsvalgte og resten")
    card = ask(page, "fortsett")
    expect(card).to_contain_text("Steg 5 av 14")
    keep_picture(card, "step")
    card = _write_on(page, card, "Personalet er med fra starten. Æ ø å.")

    row = press_on(page, card, "Legg til rad")
    row.get_by_label(re.compile("^Arena")).fill("Fellestid")
    row.get_by_label("Hvordan vi bruker arenaen").fill(USE)
    card = press_on(page, row, "Lagre raden")
    expect(card).to_contain_text(USE)
    card = press_on(page, card, "Neste")

    card = _write_on(page, card, "Rektor er med hver gang.")
    card = _write_on(page, card, "Alle forbereder seg.")
    card = _write_on(page, card, "Vi trenger en veileder.")
    card.get_by_label("Ja", exact=True).check()
    card = _write_on(page, press_on(page, card, "Neste"), "Sammen med Strandvik.")
    card.get_by_label("Vet ikke ennå").check()
    card = press_on(page, card, "Neste")
    expect(card).to_contain_text("Steg 13 av 13")  # what depended on «Ja» is not asked
    return press_on(page, card, "Hopp over")


def _write_on(page: Page, card: Locator, text: str) -> Locator:
    """The card after the one whose only field is filled in."""
    card.get_by_role("textbox").fill(text)
    return press_on(page, card, "Neste")


def _fetch_word(page: Page, card: Locator) -> Any:
    """The Word file that the button opens: Playground has its address as the button's title."""
    address = card.get_by_role("link", name="Hent som Word").get_attribute("title")
    answer = page.request.get(str(address))
    assert answer.ok
    return Document(io.BytesIO(answer.body()))


# A meeting


def _put_in_meeting(page: Page) -> Locator:
    """What the organiser sees after putting in a meeting for tomorrow."""
    form = press_on(page, ask(page, "nytt møte"), "Fyll ut her i chatten")
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
    preview = press_on(page, form, "Se hvordan det blir")
    expect(preview).to_contain_text(re.compile(r"Når:\s\w+dag\s.*kl\.\s12\.00–14\.30"))
    keep_picture(preview, "meeting-preview")
    return press_on(page, preview, "Legg inn møtet")
