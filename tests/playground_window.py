"""`app.py run` and its chat in Chromium, for tests of the bot as a person meets it.

Set SCREENSHOTS to a folder (docs/screenshots) to keep the pictures that README and docs show.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect, sync_playwright

from bot.playground import PROGRAM, ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BROWSER_ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START_SECONDS = 90.0
STOP_SECONDS = 20.0
PATIENCE_MS = 20_000.0


def database_in(folder: Path) -> str:
    """The address of the database of the bot that runs in this folder."""
    return f"sqlite:///{folder / 'bot.db'}"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Where Playground answers, as `app.py run` says it; all that it keeps is in the folder."""
    if not CHROMIUM or not shutil.which("node") or not PROGRAM.is_file():
        reason = "trenger Chromium, Node.js og Playground (kjør make setup)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    with (
        (folder / "errors").open("w+") as errors,
        subprocess.Popen(
            [sys.executable, "app.py", "run"],
            cwd=ROOT,
            env={
                **os.environ,
                "PORT": str(port),
                "PUBLIC_URL": "",
                "DATABASE_URL": database_in(folder),
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


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, which keeps no window open behind the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGS)
        expect.set_options(timeout=PATIENCE_MS)
        yield browser
        browser.close()


def chat_in(browser: Browser, address: str) -> Page:
    """A window with Playground's chat."""
    opened = browser.new_page(viewport={"width": 1280, "height": 1400}, locale="nb-NO")
    opened.set_default_timeout(PATIENCE_MS)
    opened.route("**/*", _this_machine_only)
    opened.goto(address)
    # The log beside the chat repeats what is said in it.
    opened.get_by_title("Hide log panel").click()
    return opened


# What is said in it


def answers(page: Page) -> Locator:
    """The messages of the bot, with all that belongs to each."""
    return page.locator(
        "xpath=//*[@aria-label='Message author']"
        "/ancestor::*[@aria-label='Message header']/parent::*"
    )


def suggestions(page: Page) -> Locator:
    """The prompts to press under the last message: Playground's only buttons without a type."""
    return page.locator("button:not([type])")


def become(page: Page, name: str) -> None:
    say(page, f"bytt rolle: {name}")  # the first in a chat, so that a greeting may come as well
    expect(answers(page).last).to_contain_text(re.compile(f"N[åo] er du {name}"))


def ask(page: Page, question: str, *, replies: int = 1) -> Locator:
    """The last of the messages that answer what is written in the chat."""
    before = answers(page).count()
    say(page, question)
    return after(page, before + replies)


def say(page: Page, text: str) -> None:
    # Cards have fields of their own; where one writes to the bot is no input but a textbox.
    page.locator("div[role=textbox]").fill(text)
    page.get_by_role("button", name="Send Message").click()


def press(page: Page, suggestion: Locator) -> Locator:
    before = answers(page).count()
    suggestion.click()
    return after(page, before + 1)


def press_on(page: Page, card: Locator, title: str) -> Locator:
    """The message that a button of the card gets."""
    return press(page, card.get_by_role("button", name=title, exact=True))


def after(page: Page, count: int) -> Locator:
    expect(answers(page)).to_have_count(count)
    return answers(page).nth(count - 1)


def nothing_shows_how_it_is_written(shown: Page | Locator) -> None:
    expect(shown.get_by_text(re.compile(r"\*\*|<br>|&lt;|\\\["))).to_have_count(0)


def keep_picture(shown: Page | Locator, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        shown.screenshot(path=Path(folder) / f"{name}.png")


def _this_machine_only(route: Route) -> None:
    """Playground's page asks for fonts elsewhere, which would make the test wait for the net."""
    if re.match(r"https?://(localhost|127\.0\.0\.1)[:/]", route.request.url):
        route.continue_()
    else:
        route.abort()
