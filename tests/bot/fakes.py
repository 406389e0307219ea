"""Fakes of the outside world: the OpenID issuer, the Bot Connector, and an assistant."""

import asyncio
import contextlib
import datetime as dt
import json
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from aiohttp.abc import AbstractResolver
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bot.credentials import TokenSource
from bot.links import Links
from bot.readiness import Watched
from bot.settings import Settings
from bot.web import Clock, Send, build_app
from dialogs.messages import Language, Message, Paper, Reply, TextReply
from dialogs.plan_search import FoundPassages

APP_ID = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-8888-7777-6666-555555555555"
ISSUER_HOST = "login.botframework.com"
SERVICE_URL = "https://smba.trafficmanager.net/emea/"

PRODUCTION = Settings(app_id=APP_ID, app_password="hemmelig", tenant_id=TENANT)
LOCAL = Settings(local=True)
SECRET = "hemmelig"
LINKS = Links(SECRET, "https://bot.eksempel.no")


class Key:
    """A signing key of the fake issuer."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def public(self, endorsements: Sequence[str] = ("msteams",)) -> dict[str, Any]:
        entry = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**entry, "kid": self.kid, "use": "sig", "endorsements": list(endorsements)}


class OutsideWorld:
    """One https server that plays the OpenID issuer and the Bot Connector, whatever the host."""

    def __init__(self) -> None:
        self.key = Key("key-1")
        self.keys = [self.key.public()]
        self.algorithms = ["RS256"]
        self.fetches = 0
        self.issuer_is_dead = False
        self.posts: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.authorizations: list[str | None] = []
        self.answers: list[web.Response] = []
        self.hang = asyncio.Event()
        self.arrived = asyncio.Condition()

    async def metadata(self, request: web.Request) -> web.Response:
        self.fetches += 1
        if self.issuer_is_dead:
            await self.hang.wait()
        return web.json_response(
            {
                "issuer": "https://api.botframework.com",
                "jwks_uri": f"https://{ISSUER_HOST}/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": self.algorithms,
            }
        )

    async def jwks(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": self.keys})

    async def connector(self, request: web.Request) -> web.Response:
        self.requests.append((request.method, request.raw_path))
        self.authorizations.append(request.headers.get("Authorization"))
        if self.answers:
            return self.answers.pop(0)
        if request.method != "DELETE":
            async with self.arrived:
                self.posts.append(await request.json())
                self.arrived.notify_all()
        return web.json_response({"id": f"sent-{len(self.posts)}"}, status=201)

    async def wait_for_posts(self, count: int) -> None:
        async with asyncio.timeout(5), self.arrived:
            await self.arrived.wait_for(lambda: len(self.posts) >= count)

    def texts(self) -> list[str]:
        return [post.get("text", "") for post in self.posts]

    def token(self, *, key: Key | None = None, headers: Any = None, **changes: Any) -> str:
        """A valid token; a claim given as None is left out."""
        now = int(time.time())
        claims = {
            "iss": "https://api.botframework.com",
            "aud": APP_ID,
            "exp": now + 3600,
            "nbf": now - 10,
            "serviceurl": SERVICE_URL,
        }
        claims |= changes
        signer = key or self.key
        return jwt.encode(
            {name: value for name, value in claims.items() if value is not None},
            signer.private,
            "RS256",
            headers={"kid": signer.kid} if headers is None else headers,
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[aiohttp.ClientSession]:
        """Serves, and gives a session for which every host name leads here."""
        app = web.Application()
        app.router.add_get("/v1/.well-known/openidconfiguration", self.metadata)
        app.router.add_get("/v1/.well-known/keys", self.jwks)
        app.router.add_route("*", "/{rest:.*}", self.connector)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_server_context())
        await site.start()
        port = runner.addresses[0][1]
        # ruff would have us check the certificate; this one was made a moment ago, for here.
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        connector = aiohttp.TCPConnector(resolver=_EverythingIs(port), ssl=client)
        try:
            async with aiohttp.ClientSession(connector=connector) as session:
                yield session
        finally:
            self.hang.set()
            await runner.cleanup()


class FakeToken:
    """What an azure-identity credential answers, and how often it was asked."""

    def __init__(self, lasts: float = 3600) -> None:
        self.asked = 0
        self.lasts = lasts

    async def get_token(self, *scopes: str) -> Any:
        self.asked += 1
        return type(
            "AccessToken", (), {"token": "our-token", "expires_on": time.time() + self.lasts}
        )

    async def close(self) -> None:
        pass


class FakeAssistant:
    """Answers with what `answer` gives, and keeps all that it was told."""

    def __init__(self, answer: Callable[[Message], list[Reply]] | None = None) -> None:
        self.answer = answer or (lambda message: [TextReply(f"Svar: {message.text}")])
        self.messages: list[Message] = []
        self.unfinished: list[Message] = []
        self.finished: list[tuple[Message, dt.datetime]] = []
        self.sent: list[tuple[str, str, str]] = []
        self.cards: list[tuple[str, str, str]] = []
        self.language: Language = "nb"
        self.papers: dict[tuple[str, str], Paper] = {}  # by address and reader
        self.calendars: dict[str, Paper] = {}
        self.found: Callable[[str], FoundPassages] = lambda text: FoundPassages(instead="Ingen.")
        self.searches: list[tuple[str, str, int, int]] = []  # text, sender, skip, count
        self.looked_up: list[str] = []  # the calendars that somebody asked for
        self.lock = threading.Lock()

    def handle(self, message: Message) -> list[Reply]:
        with self.lock:
            self.messages.append(message)
        return self.answer(message)

    def turn_unfinished(self, message: Message) -> None:
        self.unfinished.append(message)

    def turn_finished(self, message: Message, at: dt.datetime) -> None:
        self.finished.append((message, at))

    def remember_sent(self, sent: Sequence[tuple[str, str, str]]) -> None:
        self.sent.extend(sent)

    def remember_cards(self, cards: Sequence[tuple[str, str, str]]) -> None:
        self.cards.extend(cards)

    def language_of(self, conversation: str) -> Language:
        return self.language

    def find_passages(self, text: str, sender: str, *, skip: int, count: int) -> FoundPassages:
        self.searches.append((text, sender, skip, count))
        return self.found(text)

    def paper(self, address: str, reader: str) -> Paper | None:
        return self.papers.get((address, reader))

    def calendar(self, feed: str) -> Paper | None:
        self.looked_up.append(feed)
        return self.calendars.get(feed)


class Client:
    """Calls our bot as Teams does (with a token) or as Playground does (local, without)."""

    app: web.Application

    def __init__(
        self, world: OutsideWorld, session: aiohttp.ClientSession, url: str, local: bool
    ) -> None:
        self.world, self.session, self.url, self.local = world, session, url, local

    async def say(self, text: str = "hei", **changes: Any) -> tuple[int, Any]:
        return await self.post(self.activity(text=text, **changes))

    def activity(self, **changes: Any) -> dict[str, Any]:
        activity = teams_message(**changes)
        if self.local and "serviceUrl" not in changes:
            activity["serviceUrl"] = "https://localhost/_connector"
        return activity

    async def post(
        self, body: Any, *, token: str | None = "", headers: Any = None, method: str = "POST"
    ) -> tuple[int, Any]:
        """token "" is a valid one, None is none at all."""
        sent = {"Content-Type": "application/json"}
        if not self.local and token is not None:
            sent["Authorization"] = f"Bearer {token or self.world.token()}"
        sent |= headers or {}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.session.request(
            method, f"{self.url}/api/messages", data=data, headers=sent
        ) as response:
            raw = await response.read()
            return response.status, json.loads(raw) if raw else None


@contextlib.asynccontextmanager
async def serving(
    assistant: FakeAssistant,
    *,
    settings: Settings = PRODUCTION,
    world: OutsideWorld | None = None,
    slow_turn: float = 5.0,
    clock_for: Callable[[Send], Clock] | None = None,
    watched: Watched | None = None,
) -> AsyncIterator[Client]:
    """Our bot on a free port, in a world of fakes."""
    world = world or OutsideWorld()
    async with world.running() as outside, aiohttp.ClientSession() as caller:
        app = build_app(
            settings,
            assistant,
            secret=SECRET,
            session=outside,
            tokens=None if settings.local else TokenSource(FakeToken),
            slow_turn=slow_turn,
            clock_for=clock_for,
            watched=watched,
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            client = Client(world, caller, url, settings.local)
            client.app = app
            client.stop = runner.cleanup  # type: ignore[attr-defined]
            yield client
        finally:
            await runner.cleanup()


def teams_message(**changes: Any) -> dict[str, Any]:
    """A message as Teams sends it; a field given as None is left out."""
    activity = {
        "type": "message",
        "id": "activity-1",
        "timestamp": "2026-11-22T10:00:00.000Z",
        "serviceUrl": SERVICE_URL,
        "channelId": "msteams",
        "from": {"id": "29:kari", "name": "Kari Nordmann", "aadObjectId": "aad-kari"},
        "conversation": {"id": "a:samtale", "conversationType": "personal", "tenantId": TENANT},
        "recipient": {"id": "28:bot", "name": "Kvalitetsbot"},
        "text": "hei",
        "textFormat": "plain",
        "channelData": {"tenant": {"id": TENANT}},
        "entities": [{"type": "clientInfo", "locale": "nb-NO", "country": "NO"}],
        "locale": "nb-NO",
    }
    activity |= changes
    return {name: value for name, value in activity.items() if value is not None}


class _EverythingIs(AbstractResolver):
    """Every name is this machine and this port."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[Any]:
        return [
            {
                "hostname": host,
                "host": "127.0.0.1",
                "port": self.port,
                "family": socket.AF_INET,
                "proto": 0,
                "flags": 0,
            }
        ]

    async def close(self) -> None:
        pass


def _server_context() -> ssl.SSLContext:
    """A certificate of our own; the key never leaves a temporary file."""
    import tempfile

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.flush()
        context.load_cert_chain(file.name)
    return context
