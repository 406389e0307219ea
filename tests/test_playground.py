"""The bot as a person meets it: `app.py run`, and Playground in a real Chromium.

Set SCREENSHOTS to a folder (docs/screenshots) to keep the picture that README shows.
"""

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

import pytest
from playwright.sync_api import Locator, Page, Route, expect, sync_playwright

from bot.playground import PROGRAM, ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECONDS = 90.0
STOP_SECONDS = 20.0
PATIENCE_MS = 20_000.0


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
    _keep_picture(page)

    card = _press(page, _suggestions(page).get_by_text("Vis hele avsnittet", exact=True))
    expect(card).to_contain_text("Hjørneflaggene")
    expect(card).to_contain_text("fire nøkkelområder")

    answer = _ask(page, "Hvilke tiltak har ambisjon 2 for skolene?")
    expect(answer).to_contain_text("Prinsippene for samarbeidslæring innføres")
    expect(answer).to_contain_text("Utvikle morgendagens klasserom")
    expect(answer).to_contain_text(re.compile(r"\[1\] Kvalitetsplanen, Del 2 › Ambisjon 2 skole"))

    neighbour = _press(page, _suggestions(page).last)
    expect(neighbour).to_contain_text("[1]")
    # Nothing of how a message is written is seen by the person.
    expect(page.get_by_text(re.compile(r"\*\*|<br>|&lt;|\\\["))).to_have_count(0)


def _answers(page: Page) -> Locator:
    """The messages of the bot, with all that belongs to each."""
    return page.locator(
        "xpath=//*[@aria-label='Message author']"
        "/ancestor::*[@aria-label='Message header']/parent::*"
    )


def _suggestions(page: Page) -> Locator:
    """The prompts to press under the last message: Playground's only buttons without a type."""
    return page.locator("button:not([type])")


def _ask(page: Page, question: str) -> Locator:
    before = _answers(page).count()
    # Cards have fields of their own; where one writes to the bot is no input but a textbox.
    page.locator("div[role=textbox]").fill(question)
    page.get_by_role("button", name="Send Message").click()
    return _one_more(page, before)


def _press(page: Page, suggestion: Locator) -> Locator:
    before = _answers(page).count()
    suggestion.click()
    return _one_more(page, before)


def _one_more(page: Page, before: int) -> Locator:
    expect(_answers(page)).to_have_count(before + 1)
    return _answers(page).nth(before)


def _keep_picture(page: Page) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "playground.png")


def _this_machine_only(route: Route) -> None:
    """Playground's page asks for fonts elsewhere, which would make the test wait for the net."""
    if re.match(r"https?://(localhost|127\.0\.0\.1)[:/]", route.request.url):
        route.continue_()
    else:
        route.abort()
