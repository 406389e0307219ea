"""The aiohttp application: /api/messages, where Teams calls, /health, and the pages."""

import asyncio
import json
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
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
from bot.pages.calendar_page import add_calendars
from bot.pages.paper_page import add_papers
from bot.pages.side_handlers import Site
from bot.pages.side_pages import add_side_pages
from bot.pages.static_pages import add_pages
from bot.sender import Sender
from bot.sent_messages import SentMessages
from bot.settings import Settings
from bot.teams import Assistant, TeamsBot
from dialogs.notices import Outcome, Outgoing

log = logging.getLogger("kvalitetsbot.web")

LARGEST_BODY = 256 * 1024
BODY_TIMEOUT = 10.0
# A stop waits this long for the turns under way.
STOP_TIMEOUT = 20.0

BOT = web.AppKey("bot", TeamsBot)

# How what is due is sent; and what sends it (schedule/clock.py), which app.py brings with it.
Send = Callable[[Outgoing, Callable[[], bool]], Awaitable[Outcome | None]]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class CannotServe(Exception):
    """The program can't listen; the message is one Norwegian sentence saying what to do."""


class Clock(Protocol):
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
    session: aiohttp.ClientSession | None = None,
    tokens: TokenSource | None = None,
    slow_turn: float = 5.0,
) -> web.Application:
    """The whole bot as one application. A given session stays its owner's to close.

    `secret` is what all copies of the program share; it signs the links to papers. Without
    `clock_for` the bot only answers; without `site` there is no page in the browser.
    """
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_never_a_crash])
    app.router.add_get("/health", _health)
    links = Links(secret, settings.public_url)
    https = settings.public_url.startswith("https://")
    add_pages(app, https=https)
    add_papers(app, links, assistant, https=https)
    add_calendars(app, links, assistant, https=https)
    if site is not None:
        add_side_pages(app, links, site, settings, secret)

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
        adapter = Adapter(own, allows=addresses.allows, token=source.token if source else None)
        sent_messages = SentMessages(assistant)
        locks = ConversationLocks()
        activities = partial(activities_for, links=links)
        bot = TeamsBot(
            assistant,
            adapter,
            sent_messages,
            activities_for=activities,
            dialog_task=partial(dialog_task, links=links),
            fetch_file=partial(fetch_file, own),
            locks=locks,
            slow_turn=slow_turn,
        )
        sender = Sender(adapter, sent_messages, locks, activities_for=activities)
        clock = clock_for(sender.send) if clock_for else None
        if clock is not None:
            clock.start()
        messages.begin(check, adapter, bot)
        app[BOT] = bot
        # In the background: a host that does not answer must not delay the start.
        warming = asyncio.create_task(_warm(keys, source)) if not settings.local else None
        yield
        # Together: what is to be sent may wait for a turn, and a stop has only so much time.
        await asyncio.gather(messages.finish(), *([clock.stop()] if clock is not None else []))
        if warming is not None:
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)
        bot.close()
        await sent_messages.close()
        if keys is not None:
            await keys.close()
        if source is not None:
            await source.close()
        if session is None:
            await own.close()

    messages = Messages()
    app.router.add_route("*", "/api/messages", messages.handle)
    app.cleanup_ctx.append(door)
    return app


class Messages:
    """POST /api/messages: everything is checked, then the bot runs."""

    def __init__(self) -> None:
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
                return _refuse(405, "method", {"Allow": "POST"})
            if request.content_type != "application/json" or "Content-Encoding" in request.headers:
                return _refuse(415, "content_type")
            if (request.content_length or 0) > LARGEST_BODY:
                return _refuse(413, "too_large")
            caller = await self._check.check_request(request.headers, _peer(request))
            body = _parse(await _read(request))
            self._check.check_activity(caller, body)
            activity = read_activity(body)
        except Refused as refused:
            headers = {"WWW-Authenticate": "Bearer"} if refused.status == 401 else {}
            return _refuse(refused.status, refused.reason, headers)
        except web.HTTPRequestEntityTooLarge:
            return _refuse(413, "too_large")
        except TimeoutError:
            return _refuse(408, "body_too_slow")
        except MalformedActivity as error:
            return _refuse(400, f"malformed_{error}")
        # A task of its own: a caller that hangs up, or a stop, does not break the turn.
        turn = asyncio.create_task(self._adapter.process(activity, self._bot.on_turn))
        self._turns.add(turn)
        turn.add_done_callback(self._turns.discard)
        response = await asyncio.shield(turn)
        if response is None or response.body is None:
            return web.Response(status=response.status if response else 200)
        return web.json_response(response.body, status=response.status, dumps=_json)


async def serve(app: web.Application, settings: Settings) -> None:
    """Serves until SIGINT or SIGTERM, then lets turns end. Raises CannotServe."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_TIMEOUT)
    await runner.setup()
    try:
        await listen(runner, settings)
        log.info("action=serving port=%d local=%s", settings.port, settings.local)
        await stop.wait()
    finally:
        log.info("action=stopping")
        await runner.cleanup()


async def listen(runner: web.AppRunner, settings: Settings) -> None:
    """Opens the port: on loopback only when local."""
    hosts = ["127.0.0.1", "::1"] if settings.local else ["0.0.0.0"]
    for host in hosts:
        if host == "::1" and not _has_ipv6_loopback():
            continue
        try:
            await web.TCPSite(runner, host, settings.port).start()
        except OSError as error:
            _explain(error, settings.port)


def _explain(error: OSError, port: int) -> NoReturn:
    other = port + 1 if port < 65535 else 3978
    raise CannotServe(
        f"Port {port} er opptatt eller kan ikke brukes: "
        f"stopp det andre programmet, eller velg en annen port med PORT={other}."
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
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except Exception as error:
        log_error("request_failed", error)
        return web.json_response({"error": "internal"}, status=500)


async def _health(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _refuse(status: int, reason: str, headers: dict[str, str] | None = None) -> web.Response:
    log.info("action=refused status=%d reason=%s", status, reason)
    return web.Response(status=status, headers=headers)


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
