"""The pages of the learning loop in Chromium: on a phone, in the dark, and to a screen reader."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser

from bot.pages.html import page_html
from dialogs.messages import CardReply, Page
from storage.database import Database
from tests.bot.side import LINKS
from tests.bot.side_window import AXE, PLACE, chromium, keep_picture, window_of
from tests.dialogs.learning.school_rules import MOBILE, Teaching, read_rules

LONG = "Får ungene ringe hjem fra " + "barneskoleklasseromsvindusposten" * 4 + "?"
RUN_AXE = """async () => {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
  const found = await axe.run(document, { runOnly: { type: "tag", values: tags } });
  return found.violations.map(one => one.id + ": " + one.nodes.map(n => n.html).join(" "));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def pages(tmp_path: Path, database: Database) -> dict[str, Page]:
    """Each of the pages with something on it, and what is said after trying."""
    kommune = Teaching(read_rules(tmp_path / "rules"), database)
    item = kommune.sends(LONG)
    kommune.sends(LONG.replace("?", " da?"))
    kommune.adds(item, MOBILE, "får ungene ringe hjem")
    kommune.presses("learning_add_ask", items=[item], cause="", target="-", ask="")
    tried = kommune.presses("learning_try", question="får ungene ringe hjem")
    wrong = kommune.presses("learning_entry_save", entry="b" * 32, title="x" * 200)
    cards = [one for one in (*tried, *wrong) if isinstance(one, CardReply)]
    shown = {
        name: kommune.page(path)
        for name, path in {
            "liste": "",
            "sak": f"/sak/{item}",
            "utkast": "/utkast",
            "ny": "/utkast/ny",
            "gevinst": "/gevinst",
        }.items()
    }
    return {**shown, "svar": Page("Svar", tuple(cards), language="nn")}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_is_wider_than_a_phone_and_axe_finds_no_fault(
    browser: Browser, pages: dict[str, Page], theme: Literal["light", "dark"]
) -> None:
    phone: Any = {"width": 320, "height": 640}
    for name, page in pages.items():
        html = page_html(page, PLACE, LINKS)
        with window_of(browser, html, page, viewport=phone, color_scheme=theme) as window:
            assert window.evaluate("document.documentElement.scrollWidth") <= 320, name
            keep_picture(window, f"laering-{name}-{theme}")
            window.evaluate(AXE.read_text("utf-8"))
            assert window.evaluate(RUN_AXE) == [], name
