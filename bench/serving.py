"""The bot as a process of its own: start to first answer, and memory after 200 questions.

`app.py ask` is timed from an empty process to its printed answer. `app.py serve --local` is timed
from the same to the first answer that reaches a fake Connector, with a new database, so migrations
and demo people are part of it; then it is asked 200 different questions.
"""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

import aiohttp
from aiohttp import web

from bench import http_turns
from bench.quality import OWN, REPOSITORY
from bench.scoring import read_questions
from bench.table import Goal, goals
from dialogs.assistant import Assistant

QUESTIONS = 200
STARTS = 5
PATIENCE = 30.0


def report() -> str:
    ask = statistics.median(_time_ask() for _ in range(STARTS))
    questions = [str(q["question"]) for q in read_questions(OWN / "tuning.jsonl")][:QUESTIONS]
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+b") as log:
        serve, memory = asyncio.run(_serve(folder, log, questions))
    return goals(
        [
            Goal(f"app.py ask, median of {STARTS}", ask, 2, "s", at_most=True),
            Goal("app.py serve, start to first answer", serve, 2, "s", at_most=True),
            Goal(f"resident after {len(questions)} questions", memory, 150, "MB", at_most=True),
        ]
    )


def report_turns() -> str:
    """Whole turns over HTTP beside the SDK's echo bot and bare aiohttp, with the real assistant."""
    with tempfile.TemporaryDirectory() as folder:
        return http_turns.report(http_turns.measure(partial(real_assistant, folder)))


def real_assistant(folder: str) -> Assistant:
    """The assistant as `app.py serve` builds it, with an SQLite file in `folder`."""
    from dialogs.contacts import read_contacts
    from dialogs.guide_files import load_guides
    from knowledge.library import load_library
    from storage.database import open_database

    database = open_database(_database(folder))
    database.migrate()
    library, _ = load_library()
    return Assistant(library, load_guides()[0], database, read_contacts(), "bench", local=True)


def _database(folder: str) -> str:
    return f"sqlite:///{Path(folder) / 'bench.db'}"


def _time_ask() -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "app.py", "ask", "Hva er PRUVA?"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - began


async def _serve(folder: str, log: BinaryIO, questions: Sequence[str]) -> tuple[float, float]:
    """Seconds to the first answer, and megabytes after the last."""
    answers: asyncio.Queue[None] = asyncio.Queue()
    async with _connector(answers) as service_url, aiohttp.ClientSession() as session:
        port = _free_port()
        environment = {**os.environ, "PORT": str(port), "DATABASE_URL": _database(folder)}
        began = time.perf_counter()
        command = (sys.executable, "app.py", "serve", "--local")
        process = await asyncio.create_subprocess_exec(
            *command, cwd=REPOSITORY, env=environment, stdout=log, stderr=log
        )
        try:
            async with asyncio.timeout(PATIENCE):
                while not await _is_up(session, port):
                    if process.returncode is not None:
                        log.seek(0)
                        raise RuntimeError(log.read().decode())
                    await asyncio.sleep(0.01)
            took = 0.0
            for number, question in enumerate(questions):
                message = http_turns.activity(number, "samtale", "aad-1", service_url)
                message["text"] = question
                url = f"http://127.0.0.1:{port}/api/messages"
                async with asyncio.timeout(PATIENCE), session.post(url, json=message) as response:
                    response.raise_for_status()
                    await answers.get()
                took = took or time.perf_counter() - began
            return took, _resident(process.pid)
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


@asynccontextmanager
async def _connector(answers: asyncio.Queue[None]) -> AsyncIterator[str]:
    """A Connector that counts what it gets."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        answers.put_nowait(None)
        return web.json_response({"id": "sent"}, status=201)

    app = web.Application()
    app.router.add_post("/{rest:.*}", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


async def _is_up(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/health") as response:
            return response.status == 200
    except aiohttp.ClientConnectionError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _resident(pid: int) -> float:
    """VmRSS in megabytes."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
