"""Microsoft 365 Agents Playground beside the bot: the chat that `app.py run` shows in a browser."""

import asyncio
import os
import shutil
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import aiohttp

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "node_modules" / "@microsoft" / "m365agentsplayground" / "cli.js"
PEOPLE = ROOT / "m365agentsplayground.yml"
USUAL_PORT = 56150
OLDEST_NODE = 20
POLL_SECONDS = 0.1
STOP_SECONDS = 3.0

# Playground listens on every network interface, and goes on when the bot has been killed. Loaded
# before it, this keeps it to this machine and ends it when the pipe from the bot is closed.
GUARD = """
import { Server } from "node:net";
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  const here = typeof port === "number" ? [port, "127.0.0.1"] : [port];
  return listen.call(this, ...here, ...rest);
};
process.stdin.on("end", () => process.exit()).resume();
"""


@asynccontextmanager
async def playground(bot_port: int) -> AsyncIterator[None]:
    """Playground runs as long as the block; says which address to open, or what is missing."""
    chat = asyncio.create_task(_chat(bot_port))
    try:
        yield
    finally:
        chat.cancel()
        with suppress(asyncio.CancelledError):
            await chat


async def _chat(bot_port: int) -> None:
    node = shutil.which("node")
    if missing := await _what_is_missing(node):
        _say(missing)
        return
    port = _free_port()
    with TemporaryDirectory(prefix="playground-") as folder:
        log = Path(folder) / "playground.log"
        process = await _start(str(node), port, bot_port, log)
        ended = asyncio.create_task(process.wait())
        ready = asyncio.create_task(_until_ready(port, bot_port))
        try:
            await asyncio.wait({ended, ready}, return_when=asyncio.FIRST_COMPLETED)
            if ready.done():
                _say(f"Åpne http://localhost:{port} for å prøve boten. Stopp med Ctrl-C.")
            await ended
            _say(f"Chatvinduet stoppet. Boten kjører videre. {_reason(log)}".strip())
        finally:
            ended.cancel()
            ready.cancel()
            await _stop(process)


async def _what_is_missing(node: str | None) -> str:
    if node is None:
        version = ""
    else:
        asked = await asyncio.create_subprocess_exec(node, "--version", stdout=PIPE)
        version = (await asked.communicate())[0].decode().strip()
    major = version.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        found = f"denne maskinen har {version}" if version else "det finnes ikke på denne maskinen"
        return (
            f"Chatvinduet trenger Node.js {OLDEST_NODE} eller nyere, og {found}. "
            "Installer Node.js og kjør «make run» igjen. Boten kjører uten chatvindu."
        )
    if not PROGRAM.is_file():
        return "Chatvinduet er ikke installert: kjør «make setup». Boten kjører uten chatvindu."
    return ""


async def _start(node: str, port: int, bot_port: int, log: Path) -> Process:
    return await asyncio.create_subprocess_exec(
        node,
        *("--import", f"data:text/javascript,{quote(GUARD)}"),
        *(str(PROGRAM), "start", "--disable-telemetry"),
        *("--app-endpoint", f"http://127.0.0.1:{bot_port}/api/messages"),
        *("--channel-id", "msteams"),
        *("--port", str(port)),
        *("--service-url", f"http://127.0.0.1:{port}/_connector"),
        env={
            **os.environ,
            "TEAMSAPPTESTER_BROWSER": "none",
            "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str(PEOPLE),
            "M365_AGENTS_PLAYGROUND_LOGFILE": str(log),
        },
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=DEVNULL,
        # Ctrl-C is for the bot alone, which then stops this.
        start_new_session=True,
    )


async def _until_ready(port: int, bot_port: int) -> None:
    patience = aiohttp.ClientTimeout(total=1.0)
    async with aiohttp.ClientSession(timeout=patience) as session:
        for url in (f"http://127.0.0.1:{bot_port}/health", f"http://127.0.0.1:{port}/_debug/ping"):
            await _until_answered(session, url)


async def _until_answered(session: aiohttp.ClientSession, url: str) -> None:
    while True:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with session.get(url) as response:
                if response.status == 200:
                    return
        await asyncio.sleep(POLL_SECONDS)


async def _stop(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


def _free_port() -> int:
    for port in (USUAL_PORT, 0):
        with socket.socket() as trial, suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(("127.0.0.1", port))
            return int(trial.getsockname()[1])
    raise OSError("no free port")


def _reason(log: Path) -> str:
    """What Playground wrote of its own failure, in English."""
    lines = log.read_text("utf-8", "replace").splitlines() if log.is_file() else []
    errors = [line.removeprefix("error ") for line in lines if line.startswith("error ")]
    return " ".join(errors)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
