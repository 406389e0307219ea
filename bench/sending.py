"""The chat while 1,000 reminders of a meeting are sent, beside the chat alone.

The bot is a process of its own, put together as app.py does, on an SQLite file, with a register of
1,000 more people. This process is Teams: it asks a question every tenth of a second, and its fake
Connector takes a tenth of a second to take each message. An answer is timed from the question
until it reaches the Connector, a reminder from when it is due until the Connector has taken it.
"""

import asyncio
import gc
import itertools
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from aiohttp import web

from bench import http_turns
from bench.table import Goal, goals
from dialogs.meetings.calendar import NOTICE_DELAY, create_meeting
from dialogs.meetings.sending_times import SendingTimes
from storage.database import Database, open_database
from storage.meetings import Meeting
from storage.people import RegisteredPerson, import_people
from storage.tables import Conversation

REMINDED = 1_000
ASKERS = 16
QUESTIONS = 200  # they last a little less than the reminders do at 45 a second
WARM_UP = 50
EVERY = 0.1
LATENCY = 0.1
PATIENCE = 120.0
HEAD_START = timedelta(seconds=2)  # for the planning, which isn't measured
ALWAYS = SendingTimes(always=True)


def report() -> str:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.db'}"
        alone, beside, sent = asyncio.run(_measure(url))
    took = sorted(sent)
    before, during = _cuts(alone), _cuts(beside)
    allowed = max(1.5 * before[94], before[94] + 20)
    due = _cuts(took)
    figures = goals(
        [
            Goal("a question beside reminders, p95", during[94], allowed, "ms", at_most=True),
            Goal("a reminder, due until taken, p95", due[94] / 1_000, 30, "s", at_most=True),
        ]
    )
    rate = (len(took) - 1) / (took[-1] - took[0]) * 1_000
    return (
        f"{figures}\n\n"
        f"{len(alone)} questions alone: p50 {before[49]:.1f} ms, p95 {before[94]:.1f} ms\n"
        f"{len(beside)} beside reminders: p50 {during[49]:.1f} ms, p95 {during[94]:.1f} ms\n"
        f"{len(took)} reminders: p50 {due[49] / 1_000:.1f} s, p95 {due[94] / 1_000:.1f} s, "
        f"{rate:.1f} a second"
    )


async def _measure(url: str) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds a question alone and beside reminders; and from due until taken."""
    teams = _Teams()
    async with teams.serving() as service_url, aiohttp.ClientSession() as session:
        database = open_database(url)
        try:
            _fill(database, service_url)
            with _bot(url) as port:
                ask = _Asking(teams, session, port, service_url)
                await ask.questions(WARM_UP)
                alone = await ask.questions(QUESTIONS)
                due = datetime.now(UTC) + HEAD_START
                await asyncio.to_thread(_remind, database, due)
                await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
                beside = await ask.questions(QUESTIONS)
                during = not teams.all_taken.is_set()
                async with asyncio.timeout(PATIENCE):
                    await teams.all_taken.wait()
        finally:
            database.close()
    if not during:
        raise RuntimeError("the reminders were sent before the last question")
    sent = [1_000 * (at - due.timestamp()) for at in teams.taken.values()]
    return alone, beside, sent


def _cuts(milliseconds: Sequence[float]) -> list[float]:
    return statistics.quantiles(milliseconds, n=100)


# Teams


class _Teams:
    """The Connector: when each answer came, by conversation, and when each reminder was taken."""

    def __init__(self) -> None:
        self.answers: dict[str, asyncio.Future[float]] = {}
        self.taken: dict[str, float] = {}
        self.all_taken = asyncio.Event()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_post("/v3/conversations/{conversation}/activities", self._take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        conversation = request.match_info["conversation"]
        await request.read()
        answer = self.answers.get(conversation)
        if answer is not None and not answer.done():
            answer.set_result(time.perf_counter())
        await asyncio.sleep(LATENCY)
        if answer is None:
            if conversation in self.taken:
                raise RuntimeError("a reminder came twice")
            self.taken[conversation] = time.time()
            if len(self.taken) == REMINDED:
                self.all_taken.set()
        return web.json_response({"id": uuid4().hex}, status=201)


class _Asking:
    """People who ask in turn, whether or not the one before has been answered."""

    def __init__(
        self, teams: _Teams, session: aiohttp.ClientSession, port: int, service_url: str
    ) -> None:
        self._teams = teams
        self._session = session
        self._url = f"http://127.0.0.1:{port}/api/messages"
        self._service_url = service_url
        self._numbers = itertools.count()

    async def questions(self, count: int) -> list[float]:
        """Milliseconds until each is answered."""
        began = time.perf_counter()
        asked = []
        for place in range(count):
            await asyncio.sleep(began + place * EVERY - time.perf_counter())
            asked.append(asyncio.create_task(self._question(next(self._numbers))))
        return await asyncio.gather(*asked)

    async def _question(self, number: int) -> float:
        asker = f"asker-{number % ASKERS}"
        message = http_turns.activity(number, f"a:{asker}", asker, self._service_url)
        answer = self._teams.answers[f"a:{asker}"] = asyncio.Future()
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE), self._session.post(self._url, json=message) as posted:
            posted.raise_for_status()
            return 1_000 * (await answer - began)


# What the bot knows


def _fill(database: Database, service_url: str) -> None:
    """Those who are to be reminded, each with a conversation; those who ask begin their own."""
    keys = [f"p{number:05}" for number in range(REMINDED)]
    people = [_person(key, "lærer") for key in keys]
    people += [_person(f"asker-{number}", "rektor") for number in range(ASKERS)]
    now = datetime.now(UTC)
    database.migrate()
    with database.transaction() as session:
        import_people(session, people, dry_run=False)
        session.add_all(
            Conversation(
                id=f"a:{key}",
                sender=key,
                reference=_reference(key, service_url),
                last_arrived=now,
                updated=now.date(),
            )
            for key in keys
        )


def _person(key: str, role: str) -> RegisteredPerson:
    return RegisteredPerson(
        key=key,
        name=f"Kari {key}",
        email=f"{key}@example.no",
        role=role,
        unit="Øst skole",
        unit_kind="skole",
        school_type="barneskole",
        zone="Sone nord",
    )


def _reference(key: str, service_url: str) -> dict[str, Any]:
    return {
        "serviceUrl": service_url,
        "channelId": "msteams",
        "conversation": {"id": f"a:{key}", "tenantId": "t"},
        "user": {"id": f"29:{key}", "aadObjectId": key},
        "bot": {"id": "28:bot", "name": "Kvalitetsbot"},
    }


def _remind(database: Database, due: datetime) -> None:
    """Put a meeting in the calendar that everybody is to be reminded of at `due`."""
    starts = due + timedelta(days=3)
    planned = due - NOTICE_DELAY
    meeting = Meeting(
        id=uuid4().hex,
        kind="nettverk",
        title="Nettverksmøte om samarbeidslæring",
        starts=starts,
        ends=starts + timedelta(hours=2),
        audience=("lærere",),
        changed_at=planned,
        place="Kulturhuset, møterom 2",
        topic="Overgangen fra barnehage til skole",
        preparation="Les del 2 av planen.",
        asks_answer=True,
        organiser_name="Anne Berg",
    )
    with database.transaction() as session:
        create_meeting(session, ALWAYS, meeting, by=None, now=planned)


# The bot


@contextmanager
def _bot(url: str) -> Iterator[int]:
    """The bot in a process of its own; gives its port."""
    context = multiprocessing.get_context("spawn")
    port: Any = context.Queue()
    stop = context.Event()
    process = context.Process(target=run_bot, args=(url, port, stop), daemon=True)
    process.start()
    try:
        yield port.get(timeout=60)
    finally:
        stop.set()
        process.join(timeout=30)
        if process.is_alive():
            process.terminate()


def run_bot(url: str, port: Any, stop: Event) -> None:
    """All that `app.py serve --local` runs, but nobody acts as somebody else."""
    from bot.settings import Settings
    from bot.web import build_app
    from dialogs.assistant import Assistant
    from dialogs.contacts import read_contacts
    from dialogs.guide_files import load_guides
    from dialogs.outgoing import Outbox
    from knowledge.library import load_library
    from schedule.clock import Clock
    from schedule.due import after
    from storage.pace import PaceLimits

    settings = Settings(local=True)
    database = open_database(url)
    gc.disable()
    library, _ = load_library()
    gc.freeze()
    gc.enable()
    guides, _ = load_guides()
    assistant = Assistant(library, guides, database, read_contacts(), "bench", sending=ALWAYS)
    outbox = Outbox(
        database,
        assistant.compose,
        rule=after,
        limits=PaceLimits(settings.send_rate, settings.conversation_limits),
    )
    app = build_app(settings, assistant, secret="bench", clock_for=lambda send: Clock(outbox, send))
    asyncio.run(_serve(app, port, stop))
    database.close()


async def _serve(app: web.Application, port: Any, stop: Event) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port.put(runner.addresses[0][1])
    await asyncio.to_thread(stop.wait)
    await runner.cleanup()
