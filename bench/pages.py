"""The page in the browser with 500,000 and 1,000,000 answers behind it, and what comes before.

A made-up kommune answers the survey, and what it wrote is 100,000 texts. How long closing takes;
then every page of the skoleeierteam, a rektor and a lærer, made by `Browser.page`, drawn as HTML,
and fetched over HTTP; and how much memory the files need. The same pages of a small kommune,
measured first, show what a page costs that has next to nothing behind it.
"""

import asyncio
import itertools
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

from bench import many_answers
from bench.many_answers import NOW, SKOLEEIER
from bench.table import Goal, goals, table
from bot.links import SIDE_PATH, Links
from bot.pages.html import Place, page_html
from bot.pages.side_pages import add_side_pages
from bot.pages.visits import digest
from bot.papers.workbook import csv, xlsx_pieces
from bot.settings import Settings
from dialogs.assistant import Assistant
from dialogs.browser import Browser
from dialogs.checkins.closing import close_due_rounds
from dialogs.contacts import read_contacts
from dialogs.guide_files import load_guides
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Workbook
from knowledge.library import Library
from knowledge.norwegian import WordLists
from storage.ballots import set_themes, texts_of
from storage.database import Database, open_database
from storage.page_logins import add_session
from storage.rounds import share_result
from storage.tables import Ballot

FEW = 5_000
SIZES = ((500_000, 500), (1_000_000, 1_000))  # answers, and the most milliseconds of a page
TEXTS = 100_000
EXPORT_MEMORY = 100  # MB
TIMES = 5
EARLIER = 24  # short reflections that were closed before
SURVEY, MONTHLY = "kompetanseundersokelsen", "manedens-refleksjon"
ROUND = "r" * 32
READERS = {"skoleeierteamet": SKOLEEIER, "rektor": "person-000000", "lærer": "person-000001"}
ALWAYS = SendingTimes(always=True)
SECRET = "bench"


@dataclass(frozen=True)
class Measured:
    """Seconds and milliseconds; `pages` is made and drawn, then over HTTP, by reader and path."""

    answers: int
    texts: int
    filling: float
    closing: float
    pages: dict[tuple[str, str], tuple[float, float]]
    exports: dict[str, tuple[float, float, float]]  # MB more than before, MB long, seconds

    @property
    def slowest(self) -> float:
        return max(one for pair in self.pages.values() for one in pair)

    @property
    def median(self) -> float:
        return statistics.median(made for made, _ in self.pages.values())


def report() -> str:
    few = measure(FEW, FEW // 5, exports=False)
    lines = [f"{yardstick():.0f} ms for a million additions in Python"]
    figures: list[Goal] = []
    for answers, bound in SIZES:
        found = measure(answers, TEXTS)
        name = f"{answers // 1_000:,},000 answers"
        figures += [
            Goal(f"{name}: slowest page", found.slowest, bound, "ms", at_most=True),
            Goal(
                f"{name}: pages beside {FEW:,} answers",
                found.median / few.median,
                3,
                "x",
                at_most=True,
            ),
        ]
        figures += [
            Goal(f"{name}: memory of {ending}", more, EXPORT_MEMORY, "MB", at_most=True)
            for ending, (more, _, _) in found.exports.items()
        ]
        lines.append(_told(found))
    return "\n\n".join([goals(figures), *lines])


def _told(found: Measured) -> str:
    head = (
        f"{found.answers:,} answers and {found.texts:,} texts: answered in {found.filling:.0f} s, "
        f"closed in {found.closing:.1f} s"
    )
    pages = table(
        ("page", "reader", "ms", "HTTP, ms"),
        [
            (path, reader, round(made), round(fetched))
            for (reader, path), (made, fetched) in found.pages.items()
        ],
    )
    files = "\n".join(
        f"{ending}: {size:.1f} MB in {took:.1f} s, {more:.0f} MB of memory"
        for ending, (more, size, took) in found.exports.items()
    )
    return "\n\n".join([head, pages, files])


def yardstick() -> float:
    """Milliseconds for a million additions: what the machine gives at this moment."""

    def once() -> float:
        began = time.perf_counter()
        total = 0
        for number in range(1_000_000):
            total += number
        return 1_000 * (time.perf_counter() - began)

    return min(once() for _ in range(5))


def measure(answers: int, texts: int, *, exports: bool = True) -> Measured:
    """Fill a database of its own, close the rounds, and look at everything."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        database = open_database(url)
        database.migrate()
        began = time.perf_counter()
        given = fill(database, answers, texts)
        filling = time.perf_counter() - began
        closing = close(database)
        pages = asyncio.run(_pages(database))
        with database.transaction() as session:
            written = len(texts_of(session, ROUND))
        database.close()
        files = {ending: _export(url, ending) for ending in ("csv", "xlsx") if exports}
    return Measured(given, written, filling, closing, pages, files)


def fill(database: Database, answers: int, texts: int) -> int:
    """The survey answered, and short reflections before it; how many answers the survey has."""
    sets = load_guides()[0].sets
    survey, monthly = sets[SURVEY], sets[MONTHLY]
    people = many_answers.people_of(answers // len(survey.questions("nb")) + 1)
    many_answers.register(database, people)
    asked = people[:-1]
    for number in range(EARLIER):
        id = f"{number:032x}"
        many_answers.open_round(database, monthly, id, ago=4 * (number + 1))
        many_answers.answer(database, monthly, id, asked[:60], 30)
    many_answers.open_round(database, survey, ROUND)
    return many_answers.answer(database, survey, ROUND, asked, texts)


def close(database: Database) -> float:
    """Close what is over, and the survey last; how many seconds the survey took.

    Then a fifth of the schools share theirs, and some texts have got themes.
    """
    earlier = NOW - timedelta(weeks=3)
    assert close_due_rounds(database, ALWAYS, earlier, 5) == EARLIER
    began = time.perf_counter()
    assert close_due_rounds(database, ALWAYS, NOW, 5) == 1
    took = time.perf_counter() - began
    with database.transaction() as session:
        assert session.get(Ballot, (ROUND, "")) is None
        for school in range(0, 200, 5):
            share_result(session, ROUND, f"Skole {school:03}", "person-000000", NOW)
        for number, text in enumerate(texts_of(session, ROUND)[:2_000]):
            set_themes(session, text.id, [f"tema {number % 9}"])
    return took


# Looking at it


def paths() -> Iterator[tuple[str, dict[str, str]]]:
    """Every page that has to do with a round, and the texts in the ways they are read."""
    for path in ("", "runder", "planer", "moter", "sporsmal", "lofter", "arsmelding", "prosess"):
        yield path, {}
    for path in ("runder", "undersokelse", "oppfolging", "navngitt"):
        yield f"{path}/{ROUND}", {}
    question = load_guides()[0].sets[SURVEY].texts()[-1].id
    for query in (
        {},
        {"side": "1900"},
        {"sporsmal": question, "side": "300"},
        {"q": "nummer 77"},
        {"q": "øve e"},
        {"q": "finnes ikke"},
        {"q": "e", "side": "1900"},
        {"tema": "tema 3"},
    ):
        yield f"tekster/{ROUND}", query


async def _pages(database: Database) -> dict[tuple[str, str], tuple[float, float]]:
    """Milliseconds of each page that the reader may see: made and drawn, and over HTTP."""
    assistant = _assistant(database)
    links = Links(SECRET, "http://127.0.0.1")
    found: dict[tuple[str, str], tuple[float, float]] = {}
    app = web.Application()
    add_side_pages(app, links, assistant, Settings(local=True), SECRET)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    root = f"http://127.0.0.1:{runner.addresses[0][1]}{SIDE_PATH}"
    numbers = itertools.count()
    try:
        for reader, key in READERS.items():
            secret = f"browser {next(numbers)}"
            with database.transaction() as session:
                add_session(session, digest(secret), key, NOW)
            async with aiohttp.ClientSession(cookies={"side": secret}) as inside:
                for path, query in paths():
                    made = _made(assistant.browser, links, path, query, key)
                    if made is None:
                        continue
                    address = f"{root}/{path}" + (f"?{urlencode(query)}" if query else "")
                    shown = address.removeprefix(root).replace(ROUND, "…")
                    found[reader, shown] = made, await _fetched(inside, address)
    finally:
        await runner.cleanup()
    return found


def _made(
    browser: Browser, links: Links, path: str, query: dict[str, str], key: str
) -> float | None:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        page = browser.page(path, query, key)
        if page is None:
            return None
        page_html(page, Place("nokkel", "navn", f"{SIDE_PATH}/{path}", query, None), links)
        took.append(1_000 * (time.perf_counter() - began))
    return statistics.median(took)


async def _fetched(inside: aiohttp.ClientSession, address: str) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        async with inside.get(address) as answer:
            await answer.read()
            assert answer.status == 200, (address, answer.status)
        took.append(1_000 * (time.perf_counter() - began))
    return statistics.median(took)


# Files


def _export(url: str, ending: str) -> tuple[float, float, float]:
    """In a process of its own, since memory that was used once isn't given back."""
    context = multiprocessing.get_context("spawn")
    result: Any = context.Queue()
    process = context.Process(target=run_export, args=(url, ending, result), daemon=True)
    process.start()
    found: tuple[float, float, float] = result.get(timeout=600)
    process.join(timeout=20)
    return found


def run_export(url: str, ending: str, result: Any) -> None:
    database = open_database(url)
    browser = _assistant(database).browser
    # What is loaded and kept once is no part of it: a small file first.
    for round in (f"{0:032x}", ROUND):
        before, began = _most_memory(), time.perf_counter()
        workbook = browser.file(f"runder/{round}", {"format": ending}, SKOLEEIER)
        assert isinstance(workbook, Workbook)
        pieces = csv(workbook) if ending == "csv" else xlsx_pieces(workbook)
        size = sum(len(piece) for piece in pieces)
        took = time.perf_counter() - began
    database.close()
    result.put((_most_memory() - before, size / 1e6, took))


def _most_memory() -> float:
    """The most that this process has held so far, in MB."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1_024
    raise RuntimeError("no VmHWM: this is measured on Linux")


def _assistant(database: Database) -> Assistant:
    # Nothing is asked, so no documents are needed.
    library = Library([], (), WordLists())
    guides = load_guides()[0]
    return Assistant(library, guides, database, read_contacts(), SECRET, clock=lambda: NOW)
