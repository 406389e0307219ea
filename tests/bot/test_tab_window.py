"""The tab in Chromium, in a frame of Teams' own host: TeamsJS as it ships, real cookies over TLS.

Teams is a page of ours that answers TeamsJS' messages as Teams does. Chromium is told that every
name is this machine, and refuses the cookies of frames that are not partitioned.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Frame, expect
from playwright.sync_api import Page as Window

from bot.links import Links
from bot.pages.side_pages import add_side_pages
from bot.pages.tab import SCRIPTS
from bot.tab_tokens import TabTokenCheck
from dialogs.wording import read_wordings
from knowledge.library import Library
from storage.database import Database
from tests.bot.entra import Entra
from tests.bot.fakes import PRODUCTION, _server_context
from tests.bot.side import HTTPS, SECRET
from tests.bot.side_window import AXE, chromium, keep_picture
from tests.bot.test_side_html import RUN_AXE, WCAG
from tests.dialogs.kommune import HANNE_SKOLEEIER, Kommune

STRANGER = "77777777-7777-4777-8777-777777777777"
OURS, TEAMS, OTHER = "bot.eksempel.no", "teams.microsoft.com", "ondt.eksempel.no"
NB, NN = (read_wordings()[one] for one in ("nb", "nn"))
# What Teams answers: the frame, the client, its abilities, its SDK; and then what it is asked.
HOST = """<!doctype html><html lang="nb"><title>Teams</title>
<body style="margin:0"><iframe title="Kvalitetsbot" src="ADDRESS"
style="border:0;width:100vw;height:100vh"></iframe><script>
const given = GIVEN, asked = [];
addEventListener("message", async (event) => {
  const { id, uuid, func } = event.data;
  asked.push(func);
  if (given.silent) return;
  const answers = {
    initialize: ["content", "web", JSON.stringify({ apiVersion: 4, hostVersionsInfo: {},
      isLegacyTeams: false, supports: {} }), "2.0.0"],
    getContext: [{ theme: given.theme, locale: given.locale, hostName: "Teams",
      hostClientType: "web", sessionId: "s", frameContext: "content", entityId: "kvalitetsbot" }],
    "authentication.getAuthToken": given.token ? [true, given.token] : [false, given.problem],
  };
  if (func === "authentication.getAuthToken" && given.wait) await new Promise((go) => {
    window.answerNow = go;
  });
  if (func in answers) event.source.postMessage(
    { id, uuid, uuidAsString: event.data.uuidAsString, args: answers[func] }, event.origin);
});
</script></body></html>"""


class Stage:
    """Our bot, Entra and Teams on one https port, for a browser that thinks they are far apart."""

    def __init__(self, library: Library, database: Database) -> None:
        self.kommune = Kommune(library, database)
        self.entra = Entra()
        self.given: dict[str, Any] = {}
        self.port = 0
        self._ready, self._stop = threading.Event(), asyncio.Event()

    def token(self, who: str, **claims: Any) -> str:
        return self.entra.tab_token(oid=who, **claims)

    async def _serve(self) -> None:
        async with self.entra.running() as outside:
            ours = web.Application()
            links = Links(SECRET, HTTPS.public_url)
            tab = add_side_pages(ours, links, self.kommune.assistant, HTTPS, SECRET)
            tab.begin(TabTokenCheck(PRODUCTION, outside))
            app = web.Application()
            app.add_domain(OURS, ours)
            app.router.add_get("/vert", self._host)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_server_context()).start()
                self.port = runner.addresses[0][1]
                self._ready.set()
                await self._stop.wait()
            finally:
                await runner.cleanup()
                await tab.close()

    async def _host(self, request: web.Request) -> web.Response:
        address = f"https://{OURS}{self.given.get('path', '/fane')}"
        text = HOST.replace("ADDRESS", address).replace("GIVEN", json.dumps(self.given))
        return web.Response(text=text, content_type="text/html")

    @contextmanager
    def running(self) -> Iterator[None]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_until_complete, args=(self._serve(),))
        thread.start()
        try:
            assert self._ready.wait(10)
            yield
        finally:
            loop.call_soon_threadsafe(self._stop.set)
            thread.join(10)
            loop.close()


@pytest.fixture(scope="module")
def stage(library: Library) -> Iterator[Stage]:
    database = Database("sqlite://")
    database.migrate()
    made = Stage(library, database)
    with made.running():
        yield made
    database.close()


@pytest.fixture(scope="module")
def browser(stage: Stage) -> Iterator[Browser]:
    with chromium(
        "--ignore-certificate-errors",
        f"--host-resolver-rules=MAP * 127.0.0.1:{stage.port}",
        "--test-third-party-cookie-phaseout",
    ) as opened:
        yield opened


@contextmanager
def teams(
    browser: Browser, stage: Stage, *, host: str = TEAMS, look: Any = None, **given: Any
) -> Iterator[tuple[Window, Frame]]:
    """A window of Teams, and the frame of ours in it."""
    stage.given = {"theme": "default", "locale": "nb-no", **given}
    context = browser.new_context(ignore_https_errors=True, **(look or {}))
    try:
        window = context.new_page()
        window.goto(f"https://{host}/vert")
        yield window, window.frames[1]
    finally:
        context.close()


def assert_accessible(frame: Frame) -> None:
    frame.evaluate(f"{AXE.read_text('utf-8')}\n;undefined")
    assert frame.evaluate(RUN_AXE, WCAG) == []


def width_of(frame: Frame) -> int:
    width: int = frame.evaluate("document.documentElement.scrollWidth")
    return width


@pytest.mark.parametrize("theme", ["default", "dark", "contrast"])
def test_teams_signs_in_and_the_page_is_shown_in_its_frame(
    browser: Browser, stage: Stage, theme: str
) -> None:
    """At the width of a phone, with the theme of Teams and not of the machine."""
    size = {"width": 320, "height": 640}
    other = "light" if theme != "default" else "dark"
    look = {"viewport": size, "color_scheme": other}
    token = stage.token(HANNE_SKOLEEIER)
    with teams(browser, stage, look=look, theme=theme, token=token) as (window, frame):
        frame.wait_for_url(f"https://{OURS}/side/")
        expect(frame.get_by_text("Hanne Myhre")).to_be_visible()
        shown = "light" if theme == "default" else "dark"
        background = "getComputedStyle(document.documentElement).colorScheme"
        assert frame.evaluate(background) == shown
        assert_accessible(frame)
        assert width_of(frame) <= 320
        keep_picture(window, f"fane-{theme}-320")
        # From page to page inside the frame, and a form in it.
        frame.get_by_role("link", name=NB.say("tab_ask_title")).click()
        frame.get_by_label(NB.say("tab_ask_label")).fill("Hva er PRUVA?")
        frame.get_by_role("button", name=NB.say("tab_ask_button")).click()
        expect(frame.get_by_text("PRUVA").first).to_be_visible()
        assert frame.url == f"https://{OURS}/side/trykk"
        assert_accessible(frame)
        names = {cookie["name"]: cookie for cookie in window.context.cookies()}
        assert set(names) == {"__Host-fane", "__Host-fane-visning"}
        assert names["__Host-fane"]["partitionKey"] == "https://microsoft.com"
        # TeamsJS was told all that it wanted, and Teams that we are there.
        assert "appInitialization.success" in window.evaluate("asked")


def test_a_stranger_may_ask_and_nothing_else(browser: Browser, stage: Stage) -> None:
    with teams(browser, stage, token=stage.token(STRANGER), locale="nn-no") as (window, frame):
        frame.wait_for_url(f"https://{OURS}/side/spor")
        expect(frame.get_by_text(NN.say("tab_stranger"))).to_be_visible()
        assert_accessible(frame)
        frame.goto(f"https://{OURS}/side/runder")
        assert "Hanne" not in frame.content()
        keep_picture(window, "fane-fremmed")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"problem": "CancelledByUser"}, "tab_consent"),
        ({"problem": "resourceRequiresConsent"}, "tab_consent"),
        ({"problem": "invalid_resource"}, "tab_refused"),
        ({"token": "abc"}, "tab_refused"),
    ],
    ids=str,
)
def test_what_goes_wrong_is_told_with_another_way_in(
    browser: Browser, stage: Stage, given: Any, told: str
) -> None:
    look = {"viewport": {"width": 320, "height": 640}}
    with teams(browser, stage, look=look, theme="dark", **given) as (window, frame):
        expect(frame.get_by_role("status")).to_have_text(NB.say(told))
        expect(frame.get_by_text(NB.say("tab_way_in"))).to_be_visible()
        assert_accessible(frame)
        assert width_of(frame) <= 320
        keep_picture(window, f"fane-{told}")
        # By keyboard: the first thing after the skip link is to try again.
        frame.get_by_role("button", name=NB.say("tab_again")).focus()
        stage.given["token"] = stage.token(HANNE_SKOLEEIER)
        window.evaluate("(token) => { given.token = token; }", stage.given["token"])
        window.keyboard.press("Enter")
        frame.wait_for_url(f"https://{OURS}/side/")


def test_it_says_that_it_waits_and_that_it_takes_long(browser: Browser, stage: Stage) -> None:
    script = (SCRIPTS / "fane.js").read_text("utf-8")
    hasty = script.replace("SLOW_AFTER = 8_000", "SLOW_AFTER = 1_500")
    assert hasty != script
    token = stage.token(HANNE_SKOLEEIER)
    stage.given = {"theme": "default", "locale": "nb-no", "token": token, "wait": True}
    context = browser.new_context(ignore_https_errors=True)
    window = context.new_page()
    window.route(
        "**/fane/fane.js", lambda route: route.fulfill(body=hasty, content_type="text/javascript")
    )
    window.goto(f"https://{TEAMS}/vert")
    frame = window.frames[1]
    status = frame.get_by_role("status")
    expect(status).to_have_text(NB.say("tab_wait"))
    expect(frame.get_by_text(NB.say("tab_way_in"))).to_be_hidden()
    window.wait_for_function("!!window.answerNow")
    expect(status).to_have_text(NB.say("tab_slow"))
    expect(frame.get_by_role("button", name=NB.say("tab_again"))).to_be_visible()
    window.evaluate("answerNow()")
    frame.wait_for_url(f"https://{OURS}/side/")
    context.close()


def test_the_language_is_that_of_teams(browser: Browser, stage: Stage) -> None:
    look = {"locale": "nb-NO"}
    with teams(browser, stage, look=look, locale="nn-NO", problem="invalid") as (_, frame):
        expect(frame.get_by_role("status")).to_have_text(NN.say("tab_refused"))
        assert frame.evaluate("document.documentElement.lang") == "nn"


def test_outside_teams_it_says_where_to_go(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(ignore_https_errors=True)
    window = context.new_page()
    window.goto(f"https://{OURS}/fane")
    expect(window.get_by_role("status")).to_have_text(NB.say("tab_outside"))
    expect(window.get_by_text(NB.say("tab_way_in"))).to_be_visible()
    context.close()


def test_without_scripts_it_says_where_to_go(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=False)
    window = context.new_page()
    window.goto(f"https://{OURS}/fane")
    assert NB.say("tab_no_script") in window.content()
    expect(window.get_by_text(NB.say("tab_way_in"))).to_be_visible()
    expect(window.get_by_role("status")).to_have_count(0)
    context.close()


@pytest.mark.parametrize("path", ["/fane", "/side/", "/side/spor"])
def test_no_other_site_may_frame_it(browser: Browser, stage: Stage, path: str) -> None:
    token = stage.token(HANNE_SKOLEEIER)
    with teams(browser, stage, host=OTHER, path=path, token=token) as (window, _):
        window.wait_for_load_state()
        assert [one.url for one in window.frames[1:]] == ["chrome-error://chromewebdata/"]
        assert window.evaluate("asked") == []
