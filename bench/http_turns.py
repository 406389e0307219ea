"""Whole turns over HTTP: question in, answer out to a fake Connector. Prints turns/s and ratios.

In the same run, one after the other: our bot, the echo bot of botbuilder-integration-aiohttp, and
bare aiohttp, which is the limit. The load generator and the fake Connector share a process of
their own; each bot has one process.

    python -m bench.http_turns [--turns 2000] [--at-once 32] [--assistant module:factory]
"""

import argparse
import asyncio
import importlib
import json
import multiprocessing
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from multiprocessing.synchronize import Event
from typing import Any

import aiohttp
from aiohttp import web

from dialogs.messages import Message, Reply, Source, Suggestion, TextReply

AssistantFactory = Callable[[], Any]
Figures = dict[str, dict[str, float]]

QUESTIONS = (
    "Hva er PRUVA?",
    "Hva er samarbeidslæring?",
    "hvor lang tid tar modul 2?",
    "Hva sier planen om overgangen fra barnehage til skole?",
    "Hvilke tiltak har ambisjon 2 for skolene?",
)
WARM_UP = 100


class FixedAssistant:
    """Answers at once, with as much as a real answer holds; measures the door alone."""

    def handle(self, message: Message) -> list[Reply]:
        return [
            TextReply(
                text="«Samarbeidslæring er å lære av og med hverandre i det daglige arbeidet.» [1]",
                sources=(Source(1, "Kvalitetsplanen", ("Del 2", "Ambisjon 2 skole")),),
                suggestions=(Suggestion("Vis hele avsnittet", "vis hele avsnittet"),),
                asks_feedback=True,
                passage="del-2/ambisjon-2",
            )
        ]

    def turn_unfinished(self, message: Message) -> None: ...

    def turn_finished(self, message: Message, at: datetime) -> None: ...

    def remember_sent(self, sent: Sequence[tuple[str, str, str]]) -> None: ...

    def remember_cards(self, cards: Sequence[tuple[str, str, str]]) -> None: ...

    def language_of(self, conversation: str) -> str:
        return "nb"


def fixed_assistant() -> FixedAssistant:
    return FixedAssistant()


def measure(
    factory: AssistantFactory = fixed_assistant, *, turns: int = 2000, at_once: int = 32
) -> Figures:
    """Turns a second, and milliseconds a turn, of each bot. `factory` must be importable."""
    figures = {}
    for name, run in (("bare", run_bare), ("ours", run_ours), ("echo", run_echo)):
        # The echo bot is slow enough that a fifth of the turns tells as much.
        count = turns // 5 if name == "echo" else turns
        figures[name] = _measure_one(run, factory, count, at_once)
    return figures


def report(figures: Figures) -> str:
    lines = ["bot                       turns/s   p50 ms   p99 ms   CPU ms a turn"]
    names = {"ours": "Kvalitetsbot", "echo": "botbuilder echo", "bare": "bare aiohttp (limit)"}
    for key, name in names.items():
        row = figures[key]
        lines.append(
            f"{name:24} {row['rate']:8.0f} {row['p50']:8.1f} {row['p99']:8.1f} {row['cpu']:15.2f}"
        )
    ours, echo, bare = (figures[key]["rate"] for key in names)
    lines.append(f"Kvalitetsbot is {ours / echo:.1f} x the echo bot (goal 4, aim 6)")
    lines.append(f"and {100 * ours / bare:.0f} % of the bare aiohttp limit")
    return "\n".join(lines)


def _measure_one(
    run: Callable[..., None], factory: AssistantFactory, turns: int, at_once: int
) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    port: Any = context.Queue()
    stop = context.Event()
    bot = context.Process(target=run, args=(factory, port, stop), daemon=True)
    bot.start()
    result: Any = context.Queue()
    load = context.Process(target=run_load, args=(port.get(timeout=60), turns, at_once, result))
    load.start()
    try:
        figures: dict[str, float] = result.get(timeout=600)
    finally:
        stop.set()
        cpu = port.get(timeout=60)
        for process in (load, bot):
            process.join(timeout=20)
            if process.is_alive():
                process.terminate()
    return {**figures, "cpu": 1000 * cpu / (turns + WARM_UP)}


# The load: Teams and the Connector


def run_load(bot_port: int, turns: int, at_once: int, result: Any) -> None:
    result.put(asyncio.run(_load(bot_port, turns, at_once)))


async def _load(bot_port: int, turns: int, at_once: int) -> dict[str, float]:
    """HTTP by hand: a client library would take more time than the bots that it measures."""
    arrived: dict[str, asyncio.Event] = {}
    loop = asyncio.get_running_loop()
    connector = await loop.create_server(lambda: Connector(arrived), "127.0.0.1", 0)
    service_url = f"http://127.0.0.1:{connector.sockets[0].getsockname()[1]}/"
    numbers = iter(range(turns + WARM_UP))
    times: list[float] = []
    ends: list[float] = []

    async def person(worker: int) -> None:
        """Somebody who asks, waits for the answer, and asks again."""
        conversation = f"samtale-{worker}"
        reader, writer = await asyncio.open_connection("127.0.0.1", bot_port)
        for number in numbers:
            arrived[conversation] = asyncio.Event()
            body = json.dumps(activity(number, conversation, f"aad-{worker}", service_url))
            began = time.perf_counter()
            writer.write(_request(body.encode()))
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(_content_length(head))
            if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
                raise RuntimeError(head[:30].decode())
            await asyncio.wait_for(arrived[conversation].wait(), 10)
            if number >= WARM_UP:
                times.append(time.perf_counter() - began)
                ends.append(time.perf_counter())
        writer.close()

    await asyncio.gather(*(person(worker) for worker in range(at_once)))
    connector.close()
    cuts = statistics.quantiles(times, n=100)
    rate = (len(ends) - 1) / (ends[-1] - ends[0])
    return {"rate": rate, "p50": 1000 * cuts[49], "p99": 1000 * cuts[98]}


class Connector(asyncio.Protocol):
    """Takes activities and gives each an id."""

    ANSWER = (
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
        b'Content-Length: 13\r\n\r\n{"id":"sent"}'
    )

    def __init__(self, arrived: dict[str, asyncio.Event]) -> None:
        self.arrived = arrived
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            size = end + 4 + _content_length(head + b"\r\n")
            if len(self.buffer) < size:
                return
            self.buffer = self.buffer[size:]
            self.transport.write(self.ANSWER)
            conversation = head.split(b"/conversations/")[1].split(b"/")[0].decode()
            self.arrived[conversation].set()


def _request(body: bytes) -> bytes:
    return (
        b"POST /api/messages HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Type: application/json; charset=utf-8\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )


def _content_length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return int(lowered[at + 15 : lowered.index(b"\r\n", at)]) if at >= 0 else 0


def activity(number: int, conversation: str, sender: str, service_url: str) -> dict[str, Any]:
    """A message as Teams sends it."""
    return {
        "type": "message",
        "id": f"activity-{number}",
        "timestamp": "2026-11-22T10:00:00.000Z",
        "serviceUrl": service_url,
        "channelId": "msteams",
        "from": {"id": f"29:{sender}", "name": "Kari Nordmann", "aadObjectId": sender},
        "conversation": {"id": conversation, "conversationType": "personal", "tenantId": "t"},
        "recipient": {"id": "28:bot", "name": "Kvalitetsbot"},
        "text": QUESTIONS[number % len(QUESTIONS)],
        "textFormat": "plain",
        "locale": "nb-NO",
        "channelData": {"tenant": {"id": "t"}},
        "entities": [{"type": "clientInfo", "locale": "nb-NO", "country": "NO"}],
    }


# The bots


def run_ours(factory: AssistantFactory, port: Any, stop: Event) -> None:
    from bot.settings import Settings
    from bot.web import build_app

    asyncio.run(
        _run(lambda: build_app(Settings(local=True), factory(), secret="bench"), port, stop)
    )


def run_bare(factory: AssistantFactory, port: Any, stop: Event) -> None:
    asyncio.run(_run(_bare_app, port, stop))


def run_echo(factory: AssistantFactory, port: Any, stop: Event) -> None:
    asyncio.run(_run(_echo_app, port, stop))


def _bare_app() -> web.Application:
    """The least that a bot can do: read the activity, post one back."""

    async def session(app: web.Application) -> Any:
        app["session"] = aiohttp.ClientSession()
        yield
        await app["session"].close()

    async def messages(request: web.Request) -> web.Response:
        incoming = json.loads(await request.read())
        conversation = incoming["conversation"]["id"]
        url = f"{incoming['serviceUrl']}v3/conversations/{conversation}/activities"
        reply = {"type": "message", "text": incoming["text"]}
        async with request.app["session"].post(url, json=reply) as response:
            await response.read()
        return web.Response()

    app = web.Application()
    app.router.add_post("/api/messages", messages)
    app.cleanup_ctx.append(session)
    return app


def _echo_app() -> web.Application:
    """The SDK's own echo bot, without credentials, so without any token check."""
    from botbuilder.core import ActivityHandler, TurnContext
    from botbuilder.core.integration import aiohttp_error_middleware
    from botbuilder.integration.aiohttp import CloudAdapter, ConfigurationBotFrameworkAuthentication

    class Echo(ActivityHandler):
        async def on_message_activity(self, turn_context: TurnContext) -> None:
            await turn_context.send_activity(turn_context.activity.text)

    class Configuration:
        APP_ID = ""
        APP_PASSWORD = ""

    adapter, bot = CloudAdapter(ConfigurationBotFrameworkAuthentication(Configuration())), Echo()

    async def messages(request: web.Request) -> web.Response:
        return await adapter.process(request, bot) or web.Response()

    app = web.Application(middlewares=[aiohttp_error_middleware])
    app.router.add_post("/api/messages", messages)
    return app


async def _run(build: Callable[[], web.Application], port: Any, stop: Event) -> None:
    runner = web.AppRunner(build(), access_log=None, shutdown_timeout=2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    began = time.process_time()
    port.put(runner.addresses[0][1])
    await asyncio.to_thread(stop.wait)
    port.put(time.process_time() - began)
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=32)
    parser.add_argument("--assistant", default="bench.http_turns:fixed_assistant")
    arguments = parser.parse_args()
    module, _, name = arguments.assistant.partition(":")
    factory = getattr(importlib.import_module(module), name)
    print(report(measure(factory, turns=arguments.turns, at_once=arguments.at_once)))  # noqa: T201


if __name__ == "__main__":
    main()
