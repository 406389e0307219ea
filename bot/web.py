"""The aiohttp application: /api/messages, where Teams calls, /health, /ready, and the pages."""

import asyncio
import json
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, NoReturn, Protocol

import aiohttp
from aiohttp import web

from bot.activity import MalformedActivity, read_activity
from bot.adapter import KEEP_ALIVE, Adapter
from bot.attached_files import fetch_file
from bot.cards import activities_for, dialog_task
from bot.conversation_locks import ConversationLocks
from bot.credentials import TokenSource, open_credential
from bot.errors import log_error
from bot.identity import Check, LoopbackCheck, Refused, ServiceAddresses, SigningKeys, TokenCheck
from bot.links import Links
from bot.log_lines import begin_turn
from bot.metrics import Metrics, metrics_app
from bot.pages.calendar_page import add_calendars
from bot.pages.paper_page import add_papers
from bot.pages.side_handlers import Site
from bot.pages.side_pages import add_side_pages
from bot.pages.static_pages import add_pages
from bot.readiness import (
    Question,
    Readiness,
    Ticking,
    Watched,
    clock_checks,
    database_checks,
    token_check,
)
from bot.search_results import search_response
from bot.sender import Sender
from bot.sent_messages import SentMessages
from bot.settings import Settings
from bot.tab_tokens import TabTokenCheck
from bot.teams import Assistant, TeamsBot
from dialogs.notices import Outcome, Outgoing

log = logging.getLogger("kvalitetsbot.web")

LARGEST_BODY = 256 * 1024
BODY_TIMEOUT = 10.0
# A stop waits this long for the turns under way.
STOP_TIMEOUT = 20.0
# A proxy that asks /ready has this long to send people to another copy, before the port is closed.
TIME_TO_LEAVE = 3.0

BOT = web.AppKey("bot", TeamsBot)
READINESS = web.AppKey("readiness", Readiness)
METRICS = web.AppKey("metrics", web.Application)
# Each ends a kind of work that is under way.
End = Callable[[], Awaitable[None]]
UNDER_WAY = web.AppKey("under_way", list[End])

# How what is due is sent; and what sends it (schedule/clock.py), which app.py brings with it.
Send = Callable[[Outgoing, Callable[[], bool]], Awaitable[Outcome | None]]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotServe(Exception):
    """The program can't listen; the message is one Norwegian sentence saying what to do."""


class Clock(Ticking, Protocol):
    """What sends when its time has come, from `start` until `stop`."""

    def start(self) -> None: ...

    async def stop(self) -> None: ...


def build_app(
    settings: Settings,
    assistant: Assistant,
    *,
    secret: str,
    site: Site | None = None,
    clock_for: Callable[[Send], Clock] | None = None,
    watched: Watched | None = None,
    session: aiohttp.ClientSession | None = None,
    tokens: TokenSource | None = None,
    slow_turn: float = 5.0,
) -> web.Application:
    """The whole bot as one application. A given session stays its owner's to close.

    `secret` is what all copies of the program share; it signs the links to papers. Without
    `clock_for` the bot only answers; without `site` there is no page in the browser; without
    `watched` nothing is told of the database.
    """
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_never_a_crash])
    app.router.add_get("/health", _health)
    metrics, readiness = Metrics(), Readiness()
    app[METRICS], app[READINESS] = metrics_app(metrics, watched), readiness
    app.router.add_get("/ready", readiness.handle)
    app.on_response_prepare.append(_close_at_a_stop)
    links = Links(secret, settings.public_url)
    https = settings.public_url.startswith("https://")
    add_pages(app, https=https)
    add_papers(app, links, assistant, https=https)
    add_calendars(app, links, assistant, https=https)
    tab = add_side_pages(app, links, site, settings, secret) if site is not None else None

    async def door(app: web.Application) -> AsyncIterator[None]:
        """What lives as long as the application."""
        own = session or _open_session()
        addresses = ServiceAddresses(settings)
        source: TokenSource | None = None
        keys: SigningKeys | None = None
        check: Check
        if settings.local:
            check = LoopbackCheck(addresses)
        else:
            source = tokens or TokenSource(lambda: open_credential(settings))
            keys = SigningKeys(own)
            check = TokenCheck(settings, keys, addresses)
            if tab is not None:
                tab.begin(TabTokenCheck(settings, own))
        token = source.token if source else None
        adapter = Adapter(own, allows=addresses.allows, metrics=metrics, token=token)
        sent_messages = SentMessages(assistant)
        locks = ConversationLocks()
        activities = partial(activities_for, links=links)
        bot = TeamsBot(
            assistant,
            adapter,
            sent_messages,
            activities_for=activities,
            dialog_task=partial(dialog_task, links=links),
            search_response=partial(search_response, links=links),
            fetch_file=partial(fetch_file, own),
            locks=locks,
            metrics=metrics,
            slow_turn=slow_turn,
        )
        sender = Sender(adapter, sent_messages, locks, activities_for=activities, metrics=metrics)
        clock = clock_for(sender.send) if clock_for else None
        question = Question(watched.database_stand) if watched else None
        readiness.begin(
            {
                **(database_checks(question) if question else {}),
                **(clock_checks(clock) if clock else {}),
                **(token_check(token) if token else {}),
            }
        )
        if clock is not None:
            clock.start()
            app[UNDER_WAY].append(clock.stop)
        messages.begin(check, adapter, bot)
        app[BOT] = bot
        # In the background: a host that does not answer must not delay the start.
        warming = asyncio.create_task(_warm(keys, source)) if not settings.local else None
        yield
        await messages.finish()  # those that came while the others ended
        if warming is not None:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)
        bot.close()
        if question is not None:
            question.close()
        await sent_messages.close()
        if tab is not None:
            await tab.close()
        if keys is not None:
            await keys.close()
        if source is not None:
            await source.close()
        if session is None:
            await own.close()

    messages = Messages(metrics)
    ends: list[End] = [messages.finish]
    app[UNDER_WAY] = ends
    app.on_shutdown.append(_finish)
    app.router.add_route("*", "/api/messages", messages.handle)
    app.cleanup_ctx.append(door)
    return app


class Messages:
    """POST /api/messages: everything is checked, then the bot runs."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._turns: set[asyncio.Task[Any]] = set()

    def begin(self, check: Check, adapter: Adapter, bot: TeamsBot) -> None:
        self._check, self._adapter, self._bot = check, adapter, bot

    async def finish(self) -> None:
        """Lets the turns under way end."""
        if self._turns:
            await asyncio.wait(self._turns, timeout=STOP_TIMEOUT)

    async def handle(self, request: web.Request) -> web.Response:
        try:
            if request.method != "POST":
                return self._refuse(405, "method", {"Allow": "POST"})
            if request.content_type != "application/json" or "Content-Encoding" in request.headers:
                return self._refuse(415, "content_type")
            if (request.content_length or 0) > LARGEST_BODY:
                return self._refuse(413, "too_large")
            caller = await self._check.check_request(request.headers, _peer(request))
            body = _parse(await _read(request))
            self._check.check_activity(caller, body)
            activity = read_activity(body)
        except Refused as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
            return self._refuse(refused.status, refused.reason, headers)
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(413, "too_large")
        except TimeoutError:
            return self._refuse(408, "body_too_slow")
        except MalformedActivity as error:
            return self._refuse(400, f"malformed_{error}")
        # A task of its own: a caller that hangs up, or a stop, does not break the turn.
        turn = asyncio.create_task(self._adapter.process(activity, self._bot.on_turn))
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)
        response = await asyncio.shield(turn)
        if response is None or response.body is None:
            return web.Response(status=response.status if response else 200)
        return web.json_response(response.body, status=response.status, dumps=_json)

    def _refuse(
        self, status: int, reason: str, headers: dict[str, str] | None = None
    ) -> web.Response:
        log.info("action=refused status=%d reason=%s", status, reason)
        self._metrics.refused.labels(reason).inc()
        return web.Response(status=status, headers=headers)


async def serve(app: web.Application, settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM, then lets turns and sends end. Raises CannotServe."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as open:
        if settings.metrics_port is not None:
            await open.enter_async_context(_on_port(app[METRICS], settings, settings.metrics_port))
        await open.enter_async_context(_on_port(app, settings, settings.port))
        log.info("action=serving port=%d local=%s", settings.port, settings.local)
        await stop.wait()
        log.info("action=stopping")
        app[READINESS].stop()
        if not settings.local:
            await asyncio.sleep(TIME_TO_LEAVE)


@asynccontextmanager
async def _on_port(app: web.Application, settings: Settings, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_TIMEOUT)
    await runner.setup()
    try:
        await listen(runner, settings, port)
        yield
    finally:
        await runner.cleanup()


async def listen(runner: web.AppRunner, settings: Settings, port: int) -> None:
    """Opens the port: on loopback only when local."""
    hosts = ["127.0.0.1", "::1"] if settings.local else ["0.0.0.0"]
    for host in hosts:
        if host == "::1" and not _has_ipv6_loopback():
            continue
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            _explain(error, "PORT" if port == settings.port else "METRICS_PORT", port)


def _explain(error: OSError, setting: str, port: int) -> NoReturn:
    other = port + 1 if port < 65535 else 3978
    raise CannotServe(
        f"Port {port} er opptatt eller kan ikke brukes: "
        f"stopp det andre programmet, eller velg en annen port med {setting}={other}."
    ) from error


def _has_ipv6_loopback() -> bool:
    """Some containers have no IPv6 at all; "localhost" then means 127.0.0.1 alone."""
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _open_session() -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=100, keepalive_timeout=KEEP_ALIVE)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=10, connect=5),
    )


async def _warm(keys: SigningKeys | None, source: TokenSource | None) -> None:
    """Fetches the keys and the token before anybody asks; failing is no matter yet."""
    waiting: list[Awaitable[Any]] = []
    if keys is not None:
        waiting.append(keys.warm())
    if source is not None:
        waiting.append(source.token())
    for result in await asyncio.gather(*waiting, return_exceptions=True):
        if isinstance(result, BaseException):
            log.warning("action=not_warmed error=%s", type(result).__name__)


@web.middleware
async def _never_a_crash(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A fault of ours is logged without content; the caller learns nothing of it."""
    begin_turn()
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        log_error("request_failed", error)
        return web.json_response({"error": "internal"}, status=500)


async def _close_at_a_stop(request: web.Request, response: web.StreamResponse) -> None:
    """Who has a connection to a copy that stops, opens the next one to another."""
    if request.app[READINESS].is_stopping:
        response.force_close()
        response.headers["Connection"] = "close"


async def _finish(app: web.Application) -> None:
    """Together: what is to be sent may wait for a turn, and a stop has only so much time."""
    await asyncio.gather(*(finish() for finish in app[UNDER_WAY]))


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _peer(request: web.Request) -> str:
    peer = request.transport.get_extra_info("peername") if request.transport else None
    return str(peer[0]) if isinstance(peer, tuple) else ""


async def _read(request: web.Request) -> bytes:
    async with asyncio.timeout(BODY_TIMEOUT):
        return await request.read()


def _parse(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise MalformedActivity("json") from error
    if not isinstance(document, dict):
        raise MalformedActivity("json")
    return document


def _json(body: Any) -> str:
    """As small as it can be: letters like æ are not escaped."""
    return json.dumps(body, ensure_ascii=False)


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)  # NaN and Infinity, which Python reads and JSON has not
