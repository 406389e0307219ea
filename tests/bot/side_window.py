"""A page of ours in Chromium, as the door sends it: its headers, its styles and its pictures."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Browser, Route, sync_playwright
from playwright.sync_api import Page as Window

from bot.pages.html import Place, charts_of, login_html, notice_html, page_html
from bot.pages.side_handlers import PICTURE_POLICY
from bot.pages.side_pages import HEADERS, STYLE_TYPES, STYLES
from bot.papers.chart import svg
from dialogs.messages import Page
from tests.bot.side import LINKS, sample

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
HOST = "https://bot.eksempel.no"

PLACE = Place("0" * 64, "Hanne Myhre", "/side/prove", {"sok": "tid"})
SAMPLES = {
    "alt": page_html(sample(), PLACE, LINKS),
    "alt-nn": page_html(sample("nn"), PLACE, LINKS),
    "tom": page_html(Page("En tom side", ()), PLACE, LINKS),
    "svar": page_html(
        Page("Svar", sample().cards[:1]),
        Place("0" * 64, "Hanne", back=("Tilbake", "/side/prove")),
        LINKS,
    ),
    "inn": login_html("nb", 42, "0" * 64, waiting=False),
    "inn-venter": login_html("nn", 42, "0" * 64, waiting=True),
    "ikke-inne": notice_html("nb", "side_stranger"),
    "finnes-ikke": notice_html("nn", "side_missing", back=True),
}


@contextmanager
def chromium(*more: str) -> Iterator[Browser]:
    """A browser, with `more` arguments of its command line."""
    if not CHROMIUM or not AXE.is_file():
        reason = "trenger Chromium og npm-pakken axe-core (kjør make setup)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", *more]
        )
        yield browser
        browser.close()


@contextmanager
def window_of(
    browser: Browser, html: str, page: Page | None = None, *, policy: str = "", **look: Any
) -> Iterator[Window]:
    """A window that shows the HTML; `look` is its size, its theme and so on."""

    def answer(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.path.startswith("/stil/"):
            file = STYLES / address.path.rpartition("/")[2]
            route.fulfill(body=file.read_bytes(), content_type=STYLE_TYPES[file.suffix])
        elif address.path.startswith("/side/bilde/"):
            query = dict(parse_qsl(address.query))
            chart = charts_of(page or sample())[int(query["_nr"])]
            theme = "dark" if query["_tema"] == "dark" else "light"
            width = "narrow" if query["_bredde"] == "narrow" else "wide"
            route.fulfill(
                body=svg(chart, "nb", theme, width),
                headers={"Content-Security-Policy": PICTURE_POLICY},
                content_type="image/svg+xml",
            )
        elif address.path.startswith("/papir/"):
            route.fulfill(body=svg(sample_chart(), "nb"), content_type="image/svg+xml")
        else:
            headers = {**HEADERS, **({"Content-Security-Policy": policy} if policy else {})}
            route.fulfill(body=html, headers=headers, content_type="text/html; charset=utf-8")

    context = browser.new_context(**look)
    try:
        window = context.new_page()
        window.route("**/*", answer)
        window.goto(f"{HOST}/side/prove")
        yield window
    finally:
        context.close()


def sample_chart() -> Any:
    return charts_of(sample())[0]


def keep_picture(window: Window, name: str) -> None:
    """A picture of the whole page, when SIDE_SCREENSHOTS names a folder."""
    if folder := os.environ.get("SIDE_SCREENSHOTS"):
        window.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
