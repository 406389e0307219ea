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

from bot.cards import activities_for, card_for, feedback_dialog, message_bytes
from dialogs.messages import Block, Button, CardReply, Choice, Facts, Items, Paragraph, TextInput
from tests.bot.test_cards import ANGRY_TEXTS, LONG_CARD, words

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
  const [text, subtle] = dark ? ["#ffffff", "#d6d6d6"] : ["#242424", "#595959"];
  const on = (backgroundColor) => ({
    backgroundColor,
    foregroundColors: { default: { default: text, subtle } },
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
  const active = "a, img, em, strong, code, del, table, ul, ol, blockquote, script, iframe";
  return {
    problems,
    seen: document.body.innerText,
    labels: [...document.querySelectorAll("option")].map((one) => one.text),
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


CHOICE = Choice("rolle", "Hvilken rolle?", (("l", "Lærer"), ("r", "Rektor"), ("t", "Tillitsvalgt")))
MANY = Choice("enhet", "Hvilken enhet?", tuple((str(n), f"Enhet {n}") for n in range(9)))

CARDS = {
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
            Choice("v", "**Velg** [her](https://eksempel.no)", (("a", ANGRY_TEXTS[0]),)),
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
        case Choice():
            return [block.label, *(label for _, label in block.options)]
        case TextInput():
            return [block.label]


def plain(text: str) -> str:
    """Without what a screen shows otherwise: spacing, controls, and the joiner that stops dates."""
    visible = "".join(char for char in text if char >= " " and not "\x7f" <= char <= "\x9f")
    return "".join(words(visible.replace("\u2060", "").replace("\ufffd", "")))


def render(page: Page, card: dict[str, Any], name: str) -> dict[str, Any]:
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
    seen = ""
    for number, activity in enumerate(activities_for(reply), start=1):
        assert message_bytes(activity) <= 28 * 1024
        card = activity["attachments"][0]["content"]
        assert tuple(map(int, card["version"].split("."))) <= (1, 5)
        answer = render(page, card, f"{name} {number}".replace(" ", "-"))
        assert answer["problems"] == []
        assert answer["active"] == []
        assert answer["unnamed"] == 0
        assert answer["headings"] >= 1
        assert not answer["tooWide"]
        assert "1/1/2020" not in answer["seen"], "a card must not work out a date that was typed"
        seen += plain(answer["seen"] + " ".join(answer["labels"]))
    title = re.escape(plain(reply.title))
    seen = re.sub(rf"{title}\(\d+av\d+\)", "", seen)  # each part of a large card has it
    for block in reply.blocks:
        for text in texts_of(block):
            for line in text.splitlines():
                assert plain(line) in seen
    for button in reply.buttons:
        assert plain(button.title) in seen


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("reaction", ["like", "dislike"])
def test_the_feedback_dialog_is_a_card_that_teams_can_show(
    page: Page, reaction: str, language: str
) -> None:
    answer = render(
        page, feedback_dialog(reaction, language), f"tilbakemelding-{reaction}-{language}"
    )
    assert (answer["problems"], answer["active"], answer["unnamed"]) == ([], [], 0)
    assert "varslingskanal" in answer["seen"]
    assert ("Forstod ik" in answer["seen"]) is (reaction == "dislike")


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
