"""Every kind of card as Microsoft's own renderer shows it, in a real Chromium.

Set CARD_SCREENSHOTS to a folder to keep a picture of each card, light and dark, 320 pixels wide.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, sync_playwright

from bot.cards import dialog_task
from bot.feedback_dialog import feedback_dialog
from bot.sizes import message_bytes
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Chart,
    Choice,
    DateInput,
    DialogReply,
    Download,
    Facts,
    FeedAddress,
    Items,
    Language,
    NumberInput,
    PageAddress,
    PageLinks,
    Paragraph,
    Picture,
    Table,
    TextInput,
    WebLinks,
)
from tests.bot.fakes import LINKS
from tests.bot.side import POINTS, SHARES
from tests.bot.test_cards import ANGRY_TEXTS, LONG_CARD, activities_for, card_for, words

NODE_MODULES = Path(__file__).parents[2] / "node_modules"
SCRIPTS = (
    NODE_MODULES / "markdown-it" / "dist" / "browser" / "markdown-it.umd.min.js",
    NODE_MODULES / "adaptivecards" / "dist" / "adaptivecards.min.js",
)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

RENDER = """
([json, dark]) => {
  const { AdaptiveCard, CardElement, HostConfig, SerializationContext, Versions } = AdaptiveCards;
  // The renderer forgets to rewind this pattern, and so refuses the language of every other card.
  CardElement.langProperty.regEx.lastIndex = 0;
  const [text, subtle, red] = dark
    ? ["#ffffff", "#d6d6d6", "#ff99a4"] : ["#242424", "#595959", "#c4314b"];
  const on = (backgroundColor) => ({
    backgroundColor,
    foregroundColors: {
      default: { default: text, subtle },
      attention: { default: red, subtle: red },
    },
  });
  AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdownit({ html: false, linkify: false }).render(text);
    result.didProcess = true;
  };
  const card = new AdaptiveCard();
  card.hostConfig = new HostConfig({
    fontFamily: "Segoe UI, Arial, sans-serif",
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 20, padding: 12 },
    actions: { maxActions: 6, actionsOrientation: "vertical", actionAlignment: "stretch" },
    containerStyles: {
      default: on(dark ? "#292929" : "#ffffff"),
      emphasis: on(dark ? "#3d3d3d" : "#f0f0f0"),
    },
  });
  const context = new SerializationContext(Versions.v1_5);
  card.parse(json, context);
  const problems = [...Array(context.eventCount).keys()].map((n) => context.getEventAt(n).message);
  problems.push(...card.validateProperties().validationEvents.map((one) => one.message));
  document.body.style.background = dark ? "#1f1f1f" : "#f5f5f5";
  document.body.replaceChildren(card.render());
  const active = "a, em, strong, code, del, table, ul, ol, blockquote, script, iframe, "
    + "img:not([src^='data:image/png'])";
  return {
    problems,
    seen: document.body.innerText,
    labels: [...document.querySelectorAll("option")].map((one) => one.text),
    pictures: [...document.querySelectorAll("img")].map((one) => one.alt),
    filled: [...document.querySelectorAll("input, textarea")].map((one) => one.value),
    active: [...document.body.querySelectorAll(active)].map((one) => one.tagName),
    headings: document.querySelectorAll("[role=heading]").length,
    unnamed: [...document.querySelectorAll("input, textarea, select, button")].filter(
      (one) => !(one.labels?.length || one.innerText || one.getAttribute("aria-label")
        || one.getAttribute("aria-labelledby"))).length,
    tooWide: document.documentElement.scrollWidth > window.innerWidth,
  };
}
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    missing = [path.name for path in SCRIPTS if not path.is_file()]
    if not CHROMIUM or missing:
        reason = "trenger Chromium og npm-pakkene adaptivecards og markdown-it (kjør make setup)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
        opened = browser.new_page(viewport={"width": 320, "height": 640})
        # Chat clients break words that are too long for the line; the renderer leaves it to them.
        style = "margin: 0; overflow-wrap: anywhere"
        opened.set_content(f"<!doctype html><html lang=nb><body style='{style}'></body></html>")
        for script in SCRIPTS:
            opened.add_script_tag(path=script)
        yield opened
        browser.close()


DOT = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhg"
    "GAWjR9awAAAABJRU5ErkJggg=="
)
CHOICE = Choice("rolle", "Hvilken rolle?", (("l", "Lærer"), ("r", "Rektor"), ("t", "Tillitsvalgt")))
MANY = Choice("enhet", "Hvilken enhet?", tuple((str(n), f"Enhet {n}") for n in range(9)))

# A guide's step with what was wrong, and every other kind of field.
STEP = CardReply(
    "Hvordan følger dere opp planen?",
    (
        Paragraph("Steg 3 av 11 – Planbeskrivelse (0.13)", "note"),
        Paragraph("Tallet må være fra 1 til 60.", "error"),
        NumberInput("uker", "Antall uker", "75", minimum=1, maximum=60),
        Paragraph("Velg en dato.", "error"),
        DateInput("dato", "Når begynner dere?", "12. januarr"),
        DateInput("slutt", "Når er dere ferdige?", "2027-03-01", required=False),
        Choice("arena", "Hvilke arenaer?", CHOICE.options, value="l,r", several=True),
        Choice("rolle", "Hvem har ansvaret?", CHOICE.options, value="r"),
        TextInput(
            "kort", "Med få ord", longest=200, lines=False, required=False, hint="For eksempel …"
        ),
        TextInput(
            "lang", "Slik gjør vi det", "Først kartlegger vi.\n\nSå velger vi.", longest=3000
        ),
        Paragraph("Dette er ikke en varslingskanal.", "note"),
    ),
    (
        Button("Neste", {"verb": "answer"}, weight="main"),
        Button("Tilbake", {"verb": "back"}, sends_inputs=False),
        Button("Åpne hele skjemaet", {"verb": "form"}, opens_dialog=True),
        Download("Word", "draft:1", "docx", "kari"),
        Download("Kalender", "draft:1", "ics", "kari"),
        Button("Slett utkastet", {"verb": "delete"}, weight="danger"),
    ),
)
TABLE = Table(
    ("Tiltak", "Ansvarlig", "Frist", "Kjennetegn"),
    (
        ("Felles økter i teamtid", "Kari Nordmann", "12.01.2027", "Elevene sier at de lærer mer."),
        ("Observasjon i par", "", "", ""),
    ),
)

CARDS = {
    "steg": STEP,
    "tabell": CardReply("Utviklingsplanen", (TABLE, Table(("A", "B"), ())), language="nn"),
    "bilde": CardReply("Fremdriftsplan", (Picture("draft:1", "kari", "Modul 0: januar"),)),
    "avsnitt": CardReply(
        "Samarbeidslæring",
        (
            Paragraph("Kvalitetsplan › Del 2 › Ambisjon 2 skole", "note"),
            Paragraph("«Skolen skal legge til rette for samarbeid.\n\nDet gjelder alle.»", "quote"),
            Paragraph("Kjennetegn", "heading"),
            Items(("Elevene samarbeider", "Lærerne planlegger sammen, også på tvers av trinn")),
            Paragraph("Planen lover en veileder."),
            Facts((("Ansvarlig", "Skoleeier"), ("Status", "ikke satt"), ("Dato", ""))),
        ),
        (Button("Vis neste avsnitt", {"vis": "neste"}),),
    ),
    "siden": CardReply(
        "Åpne siden",
        (
            PageAddress("0" * 48),
            SHARES,
            POINTS,
            PageLinks((("Runden i november", "/side/runder/1"),)),
        ),
        tuple(Button(str(n), {"verb": "page_number", "number": n}) for n in range(42, 48)),
    ),
    "valg": CardReply("Bytt rolle", (CHOICE, MANY), (Button("Bytt", {"gjør": "bytt"}),)),
    "mange knapper": CardReply(
        "Mente du …", (), tuple(Button(f"Overskrift nummer {n}", {"n": n}) for n in range(6))
    ),
    "skrivefelt": CardReply(
        "Send uten navn?",
        (TextInput("text", "Spørsmålet du sender", "Hva er *dette*?", "Skriv noe."),),
        (Button("Send", {"verb": "send_question"}),),
    ),
    "tom": CardReply("Bare en tittel"),
    "fremmed tekst": CardReply(
        "# <b>[Tittel](https://eksempel.no)</b> **fet** _kursiv_",
        (
            *(Paragraph(text) for text in ANGRY_TEXTS),
            *(Paragraph(text, "heading") for text in ANGRY_TEXTS),
            Paragraph("\n".join(ANGRY_TEXTS), "quote"),
            Items(tuple(ANGRY_TEXTS)),
            Facts(tuple((text.split()[0], text) for text in ANGRY_TEXTS)),
            *(Paragraph(text, "error") for text in ANGRY_TEXTS),
            *(Paragraph(text, "note") for text in ANGRY_TEXTS),
            Table(tuple(ANGRY_TEXTS), (tuple(reversed(ANGRY_TEXTS)),)),
            Table(("A", "B"), tuple((text, text) for text in ANGRY_TEXTS)),
            Picture("draft:1", "kari", ANGRY_TEXTS[0]),
        ),
        (Button("**Send** <b>", {"a": 1}),),
    ),
    "fremmed tekst i felt": CardReply(
        ANGRY_TEXTS[0],
        (
            Choice("v", "**Velg** [her](https://eksempel.no)", (("a", ANGRY_TEXTS[0]),)),
            Choice(
                "flere",
                "Velg **flere**",
                tuple((str(n), text) for n, text in enumerate(ANGRY_TEXTS) if "\n" not in text),
                several=True,
            ),
            *(
                TextInput(f"t{n}", f"**Felt** {n}", text, f"*{n}*", hint=text)
                for n, text in enumerate(ANGRY_TEXTS)
            ),
            NumberInput("tall", "**Tall**", ANGRY_TEXTS[0]),
            DateInput("dato", "**Dato**", ANGRY_TEXTS[0]),
        ),
        (Button("**Send** <b>", {"a": 1}),),
    ),
    "stort": LONG_CARD,
}


def texts_of(block: Block) -> list[str]:
    match block:
        case Paragraph(text):
            return [text]
        case Items(items):
            return list(items)
        case Facts(pairs):
            return [text for pair in pairs for text in pair]
        case WebLinks(links):
            return [text for text, _ in links]
        case Choice():
            return [block.label, *(label for _, label in block.options)]
        case Table(columns, rows):
            # A row begins with its first cell, which needs no name; nor does a second and last.
            named = columns[1:] if rows and len(columns) > 2 else ()
            return [*named, *(cell for row in rows for cell in row)]
        case Picture():
            return [block.alt]
        case TextInput() | NumberInput() | DateInput():
            return [block.label]
        case PageLinks(links):
            return [text for text, _ in links]
        case Chart():
            told = [text for row in block.rows for text in (row.label, row.note)]
            return [block.title, *told]
        case FeedAddress() | PageAddress():
            return []


def plain(text: str) -> str:
    """Without what a screen shows otherwise: spacing, controls, and the joiner that stops dates."""
    visible = "".join(char for char in text if char >= " " and not "\x7f" <= char <= "\x9f")
    return "".join(words(visible.replace("\u2060", "").replace("\ufffd", "")))


def with_pictures(card: dict[str, Any]) -> dict[str, Any]:
    """Every picture of the bot's as one that the browser has already."""
    body = [{**one, "url": DOT} if one["type"] == "Image" else one for one in card.get("body", ())]
    return {**card, "body": body}


def render(page: Page, card: dict[str, Any], name: str) -> dict[str, Any]:
    card = with_pictures(card)
    answer: dict[str, Any] = {}
    for theme in ("dark", "light"):
        answer = page.evaluate(RENDER, [card, theme == "dark"])
        if folder := os.environ.get("CARD_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{theme}.png", full_page=True)
    return answer


@pytest.mark.parametrize("name", CARDS)
def test_the_renderer_of_teams_shows_the_whole_card_as_it_was_written(
    page: Page, name: str
) -> None:
    """No error, at most 28 KB and version 1.5, all text there, nothing in it alive."""
    reply = CARDS[name]
    links = [text for one in reply.blocks if isinstance(one, PageLinks) for text, _ in one.links]
    seen = ""
    for number, activity in enumerate(activities_for(reply), start=1):
        assert message_bytes(activity) <= 28 * 1024
        card = activity["attachments"][0]["content"]
        assert tuple(map(int, card["version"].split("."))) <= (1, 5)
        answer = render(page, card, f"{name} {number}".replace(" ", "-"))
        assert answer["problems"] == []
        assert answer["active"] == ["A"] * len(links)
        assert answer["unnamed"] == 0
        assert answer["headings"] >= 1
        assert not answer["tooWide"]
        assert "1/1/2020" not in answer["seen"], "a card must not work out a date that was typed"
        seen += plain(" ".join([answer["seen"], *answer["labels"], *answer["pictures"]]))
    title = re.escape(plain(reply.title))
    seen = re.sub(rf"{title}\(\d+av\d+\)", "", seen)  # each part of a large card has it
    for block in reply.blocks:
        for text in texts_of(block):
            for line in text.splitlines():
                assert plain(line) in seen
    for button in reply.buttons:
        assert plain(button.title) in seen


DIALOGS = {
    "steg": DialogReply(STEP),
    "rad": DialogReply(
        CardReply(
            "Endre raden",
            tuple(TextInput(f"t{n}", f"Felt {n}", "ord " * 700, longest=3_000) for n in range(3)),
            (Button("Lagre", {"verb": "row"}, weight="main"),),
            "nn",
        )
    ),
}


@pytest.mark.parametrize("name", DIALOGS)
def test_a_dialog_is_a_card_that_teams_can_show(page: Page, name: str) -> None:
    """Its title is in the frame that Teams draws around it."""
    task = dialog_task(DIALOGS[name], LINKS)
    answer = render(page, task["card"]["content"], f"dialog-{name}")
    assert (answer["problems"], answer["active"], answer["unnamed"]) == ([], [], 0)
    assert not answer["tooWide"]
    assert task["title"] == DIALOGS[name].card.title


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("reaction", ["like", "dislike"])
def test_the_feedback_dialog_is_a_card_that_teams_can_show(
    page: Page, reaction: str, language: Language
) -> None:
    card = dialog_task(feedback_dialog(reaction, language), LINKS)["card"]["content"]
    answer = render(page, card, f"tilbakemelding-{reaction}-{language}")
    assert (answer["problems"], answer["active"], answer["unnamed"]) == ([], [], 0)
    assert "varslingskanal" in answer["seen"]
    assert ("Forstod ik" in answer["seen"]) is (reaction == "dislike")


def test_what_was_filled_in_stands_in_the_fields_also_where_it_was_wrong(page: Page) -> None:
    answer = render(page, card_for(STEP), "utfylt")
    assert {"75", "12. januarr", "2027-03-01"} <= set(answer["filled"])
    assert "Først kartlegger vi.\n\nSå velger vi." in answer["filled"]
    assert page.get_by_label("Lærer").first.is_checked()
    assert page.get_by_label("Rektor").nth(1).is_checked()


def test_a_way_back_is_open_while_a_field_that_must_be_filled_in_is_empty(page: Page) -> None:
    fields = (TextInput("a", "Svar"),)
    buttons = (Button("Neste", {"n": 1}), Button("Tilbake", {"n": 2}, sends_inputs=False))
    page.evaluate(RENDER, [card_for(CardReply("Steg", fields, buttons)), False])
    page.evaluate(
        """() => { window.sent = []; AdaptiveCards.AdaptiveCard.onExecuteAction = (action) => {
             window.sent.push(action.data); }; }"""
    )
    page.get_by_role("button", name="Neste").click()
    assert page.get_by_text("Skriv noe her.").is_visible()
    page.get_by_role("button", name="Tilbake").click()
    assert page.evaluate("window.sent") == [{"n": 2}]


def test_a_button_sends_its_value_and_the_choice_that_was_made(page: Page) -> None:
    card = card_for(CARDS["valg"])
    page.evaluate(RENDER, [card, False])
    page.evaluate(
        """() => { AdaptiveCards.AdaptiveCard.onExecuteAction = (action) => {
             window.sent = action.data; }; }"""
    )
    page.get_by_role("button", name="Bytt").click()
    assert page.get_by_text("Velg ett av alternativene.").count() == 2, "both must be chosen"
    page.get_by_label("Rektor").check()
    page.get_by_label("Hvilken enhet?").select_option("4")
    page.get_by_role("button", name="Bytt").click()
    assert page.evaluate("window.sent") == {"gjør": "bytt", "rolle": "r", "enhet": "4"}
