"""The pages that the Teams app links to: what they say, how they are sent, how they look."""

import os
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser

import aiohttp
import pytest
from aiohttp import web
from playwright.sync_api import Browser, Route, sync_playwright

from bot.pages.static_pages import FOLDER, PAGES, STYLE, add_pages
from storage.tables import Table

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
VOID = {"meta", "link", "br", "hr", "img"}


class Parsed(HTMLParser):
    """A page as tags: fails on a tag that is closed wrongly."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.language = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "html":
            self.language = found.get("lang") or ""
        for name in ("href", "src"):
            if link := found.get(name):
                self.links.append(link)
        assert not any(name.startswith("on") or name == "style" for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(address: str) -> str:
    return (FOLDER / PAGES[address]).read_text("utf-8")


async def answers(path: str, *, https: bool) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of one address."""
    app = web.Application()
    add_pages(app, https=https)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}{path}", allow_redirects=False) as response,
        ):
            return response.status, dict(response.headers), await response.text()
    finally:
        await runner.cleanup()


@pytest.mark.asyncio
@pytest.mark.parametrize("path", [*PAGES, STYLE, "/"])
async def test_every_page_is_sent_with_headers_that_let_it_run_and_load_nothing(path: str) -> None:
    status, headers, _ = await answers(path, https=True)
    assert status == (302 if path == "/" else 200)
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; frame-ancestors 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.asyncio
async def test_a_bot_on_plain_http_does_not_ask_browsers_for_https() -> None:
    _, headers, _ = await answers("/personvern", https=False)
    assert "Strict-Transport-Security" not in headers


@pytest.mark.asyncio
async def test_the_root_which_teams_calls_our_website_leads_to_a_page() -> None:
    _, headers, _ = await answers("/", https=False)
    assert headers["Location"] in PAGES


@pytest.mark.asyncio
async def test_a_page_comes_as_html_in_utf_8() -> None:
    _, headers, body = await answers("/vilkar", https=False)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Vilkår for Kvalitetsbot" in body


@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_sound_html_in_its_language_without_scripts(address: str) -> None:
    parsed = Parsed(page(address))
    assert parsed.language == ("nn" if address.endswith("nynorsk") else "nb")
    assert parsed.tags.count("h1") == parsed.tags.count("main") == 1
    assert "script" not in parsed.tags


@pytest.mark.parametrize("address", PAGES)
def test_no_link_between_the_pages_leads_nowhere(address: str) -> None:
    known = {*PAGES, STYLE}
    own = [link for link in Parsed(page(address)).links if link.startswith("/")]
    assert own
    assert set(own) <= known


@pytest.mark.parametrize("address", ["/personvern", "/vilkar"])
def test_the_nynorsk_page_has_all_that_the_bokmål_page_has(address: str) -> None:
    assert Parsed(page(address)).tags == Parsed(page(f"{address}/nynorsk")).tags


def test_the_privacy_page_gives_every_purpose_and_retention_that_the_tables_promise() -> None:
    said = page("/personvern")
    promised = {
        column.info[key]
        for table in Table.metadata.tables.values()
        for column in table.columns
        for key in ("purpose", "retention")
        if key in column.info
    }
    assert len(promised) > 5
    assert not [sentence for sentence in promised if f"<dd>{sentence}</dd>" not in said]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        if os.environ.get("CI") == "true":
            pytest.fail("trenger Chromium")
        pytest.skip("trenger Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def _from_files(route: Route) -> None:
    address = re.sub(r"^http://pages\.test", "", route.request.url)
    style = address == STYLE
    path = FOLDER / ("pages.css" if style else PAGES[address])
    kind = "text/css" if style else "text/html; charset=utf-8"
    route.fulfill(body=path.read_bytes(), content_type=kind)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_fits_a_window_of_320_pixels_in_light_and_dark(
    chromium: Browser, address: str
) -> None:
    grounds = set()
    for theme in ("light", "dark"):
        window = chromium.new_page(
            viewport={"width": 320, "height": 640},
            color_scheme=theme,
        )
        window.route("**/*", _from_files)
        window.goto(f"http://pages.test{address}")
        assert window.evaluate("document.documentElement.scrollWidth") <= 320
        grounds.add(window.evaluate("getComputedStyle(document.body).backgroundColor"))
        window.close()
    assert len(grounds) == 2
