"""The whole program as it is run: copies of `app.py serve`, a proxy before them, one database.

The copies run with --local, since nobody signs tokens for us; each is whom they say they are.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from storage.database import Database
from storage.people import RegisteredPerson, import_people
from storage.rounds import Round, add_round
from tests.dialogs.checkins.asking import question_set
from tests.faults.round_robin import RoundRobin
from tests.faults.teams import Connector, Teams
from tests.faults.waiting import LOOK_EVERY, PATIENCE, NotInTime

REPOSITORY = Path(__file__).parents[2]
ROUND = "r" * 32
WRITERS = 20  # leaders of one school
TOGETHER = "Fellesskapet skole"
TO_START = 90  # seconds: all copies start at once, on few cores


class Copy:
    """One copy: a process that is started, stopped and killed. It keeps its port."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.port, self.metrics_port = _free_ports(2)
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        ports = {"PORT": str(self.port), "METRICS_PORT": str(self.metrics_port)}
        self._environment = {**os.environ, **environment, **ports}

    async def start(self) -> None:
        """Until it says that it is ready."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "app.py", "serve", "--local"),
                cwd=REPOSITORY,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        async with aiohttp.ClientSession() as session:
            for _ in range(int(TO_START / LOOK_EVERY)):
                if self.process.returncode is not None:
                    break
                if await status_of(session, f"{self.url}/ready") == 200:
                    return
                await asyncio.sleep(LOOK_EVERY)
        raise NotInTime(f"the copy did not start:\n{self.said()}")

    async def kill(self) -> None:
        """As when the machine loses power."""
        self.process.kill()
        await self.process.wait()

    def begin_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    async def end(self) -> int:
        """Wait for it; returns the exit code."""
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    def resident(self) -> float:
        """Megabytes of memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text("ascii").splitlines()
        return int(next(one for one in lines if one.startswith("VmRSS")).split()[1]) / 1024

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text("utf-8", "replace")[-4_000:] if self.log.exists() else ""


class World:
    """Copies, what is before and behind them, and the people who use them."""

    def __init__(
        self, copies: list[Copy], proxy: RoundRobin, teams: Teams, database: Database
    ) -> None:
        self.copies, self.proxy, self.teams, self.database = copies, proxy, teams, database

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """What the database holds, read beside the program."""
        from sqlalchemy import text

        with self.database.transaction() as session:
            return [tuple(row) for row in session.connection().execute(text(statement), values)]


def person(number: int) -> str:
    """The key of the rektor of a school of their own."""
    return f"00000000-0000-4000-8000-{number:012x}"


def writer(number: int) -> str:
    """The key of one of the leaders of the same school."""
    return person(900_000 + number)


@asynccontextmanager
async def world(
    database_url: str,
    folder: Path,
    *,
    copies: int = 3,
    people: int = 200,
    latency: float = 0.0,
) -> AsyncIterator[World]:
    """All of it, with so many rektorer and a round that is open to them. Nothing outlives this."""
    database = Database(database_url)
    async with AsyncExitStack() as stack:
        stack.callback(database.close)
        database.migrate()
        _fill(database, people)
        connector = await stack.enter_async_context(Connector(latency).running())
        all_copies: list[Copy] = []
        proxy = RoundRobin()
        await stack.enter_async_context(proxy.running())
        environment = {
            "DATABASE_URL": database_url,
            "PUBLIC_URL": proxy.url,
            "REMINDER_HOURS": "alltid",
            "LOG_FORMAT": "json",
        }
        for number in range(copies):
            copy = Copy(f"copy{number}", folder, environment)
            all_copies.append(copy)
            stack.push_async_callback(_end, copy)
        proxy.copies = [copy.url for copy in all_copies]
        await asyncio.gather(*(copy.start() for copy in all_copies))
        unlimited = aiohttp.TCPConnector(limit=0)
        client = await stack.enter_async_context(
            aiohttp.ClientSession(connector=unlimited, cookie_jar=aiohttp.DummyCookieJar())
        )
        yield World(all_copies, proxy, Teams(client, proxy.url, connector), database)


async def status_of(session: aiohttp.ClientSession, url: str) -> int:
    """0 when nobody answers."""
    try:
        async with session.get(url) as response:
            return response.status
    except (aiohttp.ClientError, OSError):
        return 0


async def _end(copy: Copy) -> None:
    if hasattr(copy, "process") and copy.process.returncode is None:
        await copy.kill()


def _fill(database: Database, people: int) -> None:
    rektorer = [
        RegisteredPerson(
            person(number),
            f"Rektor {number}",
            "",
            "rektor",
            *(f"Skole {number}", "skole", "barneskole", "Sone nord"),
        )
        for number in range(1, people + 1)
    ]
    leaders = [
        RegisteredPerson(
            writer(number),
            f"Leder {number}",
            "",
            "avdelingsleder",
            *(TOGETHER, "skole", "barneskole", "Sone nord"),
        )
        for number in range(1, WRITERS + 1)
    ]
    asked, now = question_set(to=("lærere", "ledere")), datetime.now(UTC)
    with database.transaction() as session:
        import_people(session, [*rektorer, *leaders], dry_run=False)
        add_round(
            session,
            Round(
                id=ROUND,
                question_set=asked.id,
                asked=asked.model_dump(mode="json"),
                title=asked.title,
                purpose="Å vite hva som trengs.",
                audience=("alle",),
                opens=now - timedelta(hours=1),
                closes=now + timedelta(days=5),
                created_by="x",
                created_by_name="Hanne Myhre",
            ),
        )


def _free_ports(number: int) -> list[int]:
    """All held at once while they are found, so that they differ."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in held]
