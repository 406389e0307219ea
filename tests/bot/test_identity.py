"""Who may call: every forged request is turned away, and the bot never runs."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest

from bot.identity import REFRESH_INTERVAL, TRY_AGAIN_AFTER, Refused, ServiceAddresses, SigningKeys
from bot.settings import Settings
from tests.bot.fakes import (
    APP_ID,
    LOCAL,
    SERVICE_URL,
    TENANT,
    FakeAssistant,
    Key,
    OutsideWorld,
    serving,
)

pytestmark = pytest.mark.asyncio


@dataclass
class Forgery:
    """A request that differs from a good one in one thing."""

    what: str
    status: int
    token: Callable[[OutsideWorld], str | None] = lambda world: world.token()
    activity: dict[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "POST"


def unsigned(world: OutsideWorld) -> str:
    return jwt.encode({"iss": "https://api.botframework.com", "aud": APP_ID}, "", "none")


def symmetric(world: OutsideWorld) -> str:
    """Signed with HMAC, to be mistaken for RSA by who believes the header."""
    claims = {"iss": "https://api.botframework.com", "aud": APP_ID, "exp": time.time() + 600}
    return jwt.encode(claims, "k" * 64, "HS256", headers={"kid": world.key.kid})


def tampered(world: OutsideWorld) -> str:
    header, payload, signature = world.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["serviceurl"] = "https://smba.trafficmanager.net/other/"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{header}.{forged}.{signature}"


def emulator(world: OutsideWorld) -> str:
    """As the Emulator makes them: issued by our own registration."""
    return world.token(
        iss=f"https://login.microsoftonline.com/{TENANT}/v2.0",
        azp=APP_ID,
        appid=APP_ID,
        tid=TENANT,
        ver="2.0",
    )


def with_claims(**claims: Any) -> Callable[[OutsideWorld], str]:
    return lambda world: world.token(**claims)


def with_serviceurl(url: str) -> dict[str, Any]:
    return {"token": with_claims(serviceurl=url), "activity": {"serviceUrl": url}}


FORGERIES = [
    Forgery("no token", 401, token=lambda world: None),
    Forgery("Basic", 401, token=lambda w: None, headers={"Authorization": "Basic a2FyaTpr"}),
    Forgery("Bearer and nothing", 401, token=lambda w: None, headers={"Authorization": "Bearer"}),
    Forgery("two tokens", 401, token=lambda world: f"{world.token()} {world.token()}"),
    Forgery("not a JWT", 401, token=lambda world: "abc"),
    Forgery("three dots of nonsense", 401, token=lambda world: "a.b.c"),
    Forgery("cut token", 401, token=lambda world: world.token()[:-20]),
    Forgery("alg none", 401, token=unsigned),
    Forgery("HS256", 401, token=symmetric),
    Forgery("no kid", 401, token=lambda world: world.token(headers={})),
    Forgery("empty kid", 401, token=lambda world: world.token(headers={"kid": ""})),
    Forgery("unknown kid", 401, token=lambda world: world.token(headers={"kid": "other"})),
    Forgery("another's key under our kid", 401, token=lambda w: w.token(key=Key("key-1"))),
    Forgery("changed claims", 401, token=tampered),
    Forgery("wrong issuer", 401, token=with_claims(iss="https://evil.example")),
    Forgery("no issuer", 401, token=with_claims(iss=None)),
    Forgery("emulator token", 401, token=emulator),
    Forgery("wrong audience", 401, token=with_claims(aud="another-bot")),
    Forgery("audience list", 401, token=with_claims(aud=[APP_ID, "another-bot"])),
    Forgery("no audience", 401, token=with_claims(aud=None)),
    Forgery("no expiry", 401, token=with_claims(exp=None)),
    Forgery("expiry is a word", 401, token=with_claims(exp="i morgen")),
    Forgery("expired 6 min ago", 401, token=lambda w: w.token(exp=int(time.time()) - 360)),
    Forgery("valid in 6 min", 401, token=lambda w: w.token(nbf=int(time.time()) + 360)),
    Forgery("no serviceurl claim", 401, token=with_claims(serviceurl=None)),
    Forgery("serviceurl claim is no text", 401, token=with_claims(serviceurl=["x"])),
    Forgery("service address differs", 403, activity={"serviceUrl": "https://evil.example/"}),
    Forgery("no service address", 403, activity={"serviceUrl": None}),
    Forgery("service address is no text", 403, activity={"serviceUrl": 7}),
    Forgery("service address elsewhere", 403, **with_serviceurl("https://evil.example/")),
    Forgery("http", 403, **with_serviceurl("http://smba.trafficmanager.net/emea/")),
    Forgery("user@host", 403, **with_serviceurl("https://smba.trafficmanager.net@evil.example/")),
    Forgery("host as prefix", 403, **with_serviceurl("https://smba.trafficmanager.net.evil.no/")),
    Forgery("host as suffix", 403, **with_serviceurl("https://evilbotframework.com/")),
    Forgery("other port", 403, **with_serviceurl("https://smba.trafficmanager.net:8443/")),
    Forgery("loopback", 403, **with_serviceurl("http://localhost:56150/_connector")),
    Forgery("no channel", 403, activity={"channelId": None}),
    Forgery("empty channel", 403, activity={"channelId": ""}),
    Forgery("channel that the key does not speak for", 403, activity={"channelId": "webchat"}),
    Forgery("emulator channel", 403, activity={"channelId": "emulator"}),
    Forgery("other tenant in channelData", 403, activity={"channelData": {"tenant": {"id": "x"}}}),
    Forgery(
        "other tenant in conversation",
        403,
        activity={"conversation": {"id": "c", "tenantId": "x"}},
    ),
    Forgery("no tenant at all", 403, activity={"channelData": None, "conversation": {"id": "c"}}),
    Forgery("tenant is no text", 403, activity={"channelData": {"tenant": {"id": {}}}}),
    Forgery("GET", 405, method="GET"),
    Forgery("PUT", 405, method="PUT"),
    Forgery("DELETE", 405, method="DELETE"),
    Forgery("HEAD", 405, method="HEAD"),
    Forgery("form", 415, headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Forgery("text", 415, headers={"Content-Type": "text/plain"}),
    Forgery("compressed", 415, headers={"Content-Encoding": "gzip"}),
    Forgery("too large", 413, body=b" " * (256 * 1024 + 1)),
    Forgery("too large, no token", 413, token=lambda w: None, body=b" " * (256 * 1024 + 1)),
    Forgery("not JSON, no token", 401, token=lambda world: None, body=b"{"),
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.what)
async def test_a_forged_request_is_refused_and_the_bot_never_runs(forgery: Forgery) -> None:
    assistant = FakeAssistant()
    async with serving(assistant) as client:
        body = forgery.body if forgery.body is not None else client.activity(**forgery.activity)
        status, _ = await client.post(
            body,
            token=forgery.token(client.world),
            headers=forgery.headers,
            method=forgery.method,
        )
        assert status == forgery.status
        assert assistant.messages == []
        assert client.world.posts == []


GOOD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("as Teams sends it", {}, {}),
    ("expired 4 minutes ago, within the skew", {"exp": -240}, {}),
    ("claim spelled serviceUrl", {"serviceurl": None, "serviceUrl": SERVICE_URL}, {}),
    ("service address without the last slash", {}, {"serviceUrl": SERVICE_URL[:-1]}),
    ("tenant in capitals", {}, {"channelData": {"tenant": {"id": TENANT.upper()}}}),
    ("tenant in the conversation alone", {}, {"channelData": None}),
]


@pytest.mark.parametrize(("what", "claims", "changes"), GOOD, ids=[row[0] for row in GOOD])
async def test_a_true_request_is_answered(
    what: str, claims: dict[str, Any], changes: dict[str, Any]
) -> None:
    if "exp" in claims:  # seconds from now, which is not when the table was read
        claims = {**claims, "exp": int(time.time()) + claims["exp"]}
    async with serving(FakeAssistant()) as client:
        token = client.world.token(**claims)
        status, _ = await client.post(client.activity(**changes), token=token)
        assert status == 200
        assert client.world.texts() == ["Svar: hei"]
        assert client.world.authorizations == ["Bearer our-token"]


async def test_missing_content_type_is_415() -> None:
    async with serving(FakeAssistant()) as client:
        status, _ = await client.post({}, headers={"Content-Type": ""})
        assert status == 415


async def test_a_large_body_of_undeclared_length_is_413() -> None:
    async def chunks() -> Any:
        for _ in range(300):
            yield b" " * 1024

    assistant = FakeAssistant()
    async with serving(assistant) as client:
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {client.world.token()}",
        }
        async with client.session.post(
            f"{client.url}/api/messages", data=chunks(), headers=headers
        ) as response:
            assert response.status == 413
        assert assistant.messages == []


async def test_a_rotated_key_needs_exactly_one_refresh() -> None:
    async with serving(FakeAssistant()) as client:
        assert (await client.say())[0] == 200
        assert client.world.fetches == 1
        client.world.key = Key("key-2")
        client.world.keys = [client.world.key.public()]
        statuses = await asyncio.gather(
            *(client.say(id=f"a{n}", conversation=_conversation(n)) for n in range(20))
        )
        assert {status for status, _ in statuses} == {200}
        assert client.world.fetches == 2


async def test_forged_key_ids_cannot_make_us_fetch_again_and_again() -> None:
    async with serving(FakeAssistant()) as client:
        for n in range(30):
            token = client.world.token(headers={"kid": f"forged-{n}"})
            assert (await client.post(client.activity(), token=token))[0] == 401
        assert client.world.fetches <= 2
        assert (await client.say())[0] == 200


async def test_a_dead_metadata_host_refuses_callers_and_blocks_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.identity.FETCH_TIMEOUT", 0.3)
    world = OutsideWorld()
    world.issuer_is_dead = True
    assistant = FakeAssistant()
    async with serving(assistant, world=world) as client:
        waiting = [asyncio.create_task(client.say()) for _ in range(10)]
        began = time.monotonic()
        async with client.session.get(f"{client.url}/health") as response:
            assert response.status == 200
        assert time.monotonic() - began < 0.25
        assert {status for status, _ in await asyncio.gather(*waiting)} == {401}
        assert (await client.say())[0] == 401
        assert world.fetches == 1
        assert assistant.messages == []


async def test_keys_outlive_an_issuer_that_goes_down() -> None:
    async with serving(FakeAssistant()) as client:
        assert (await client.say())[0] == 200
        client.world.issuer_is_dead = True
        assert (await client.say(id="activity-2"))[0] == 200


async def test_refreshes_keep_their_distance_by_the_clock() -> None:
    """After a failure we wait a little, after an unknown key id longer."""
    world, now = OutsideWorld(), [1000.0]
    async with world.running() as session:
        keys = SigningKeys(session, clock=lambda: now[0])
        world.algorithms = ["ES256"]
        for seconds, fetches in [(0, 1), (1, 1), (TRY_AGAIN_AFTER, 2)]:
            now[0] += seconds
            with pytest.raises(Refused):
                await keys.find("key-1")
            assert world.fetches == fetches
        world.algorithms = ["RS256"]
        now[0] += TRY_AGAIN_AFTER
        await keys.find("key-1")
        assert world.fetches == 3
        for seconds, fetches in [(0, 4), (1, 4), (REFRESH_INTERVAL, 5)]:
            now[0] += seconds
            with pytest.raises(Refused):
                await keys.find("unknown")
            assert world.fetches == fetches


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://webchat.botframework.com/", True),
        ("https://SMBA.trafficmanager.net:443/no/", True),
        ("https://botframework.com/", False),
        ("https://smba.trafficmanager.net\\.evil.example/", False),
        ("https://smba.trafficmanager.net/?x=1", False),
        ("https://smba.trafficmanager.net/\r\nX: y", False),
        ("https://[::1", False),
        ("https://smba.trafficmanager.net:x/", False),
        ("", False),
    ],
)
async def test_only_known_https_hosts_get_our_answers(url: str, allowed: bool) -> None:
    assert ServiceAddresses(Settings()).allows(url) is allowed


@pytest.mark.parametrize(
    ("changes", "headers", "status"),
    [
        ({}, {}, 200),
        ({"serviceUrl": "http://localhost:1/_connector"}, {"Host": "localhost:3978"}, 200),
        ({"serviceUrl": "https://smba.trafficmanager.net/emea/"}, {}, 403),
        ({"serviceUrl": "https://localhost.evil.example/"}, {}, 403),
        ({"serviceUrl": None}, {}, 403),
        ({}, {"Host": "evil.example"}, 403),
        ({}, {"Host": "localhost.evil.example:3978"}, 403),
        ({}, {"Host": ""}, 403),
        ({}, {"Origin": "https://evil.example"}, 403),
        ({}, {"Origin": "null"}, 403),
        ({}, {"Origin": "http://localhost:56150"}, 200),
    ],
)
async def test_local_talks_to_this_machine_only(
    changes: dict[str, Any], headers: dict[str, str], status: int
) -> None:
    assistant = FakeAssistant(lambda message: [])
    async with serving(assistant, settings=LOCAL) as client:
        got, _ = await client.post(client.activity(**changes), headers=headers)
        assert got == status
        assert len(assistant.messages) == (status == 200)


def _conversation(number: int) -> dict[str, Any]:
    return {"id": f"c{number}", "conversationType": "personal", "tenantId": TENANT}
