"""The web application: its answers to odd requests, its start and its port."""

import json
import random
import socket
from typing import Any

import pytest
from aiohttp import web

from bot.settings import Settings
from bot.web import CannotServe, build_app, listen
from tests.bot.fakes import LOCAL, SECRET, FakeAssistant, serving, teams_message

pytestmark = pytest.mark.asyncio

ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    1e308,
    "",
    "\x00",
    "\ud800",
    "æ" * 2000,
    "<script>",
    [],
    [[]],
    {},
    {"id": {}},
    {"id": None},
    {"tenant": []},
    [None, 1, {"type": "mention"}],
    [{"type": "mention", "mentioned": 7, "text": []}],
    {"action": {"data": {"x": [{}] * 300}}},
    {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}},
]
FIELDS = [
    *("type", "id", "name", "action", "channelId", "serviceUrl", "replyToId", "from", "text"),
    *("recipient", "conversation", "value", "entities", "membersAdded", "channelData", "extra"),
]
TYPES = ["message", "invoke", "conversationUpdate", "installationUpdate", "typing", "odd"]
INVOKES = [
    *("adaptiveCard/action", "message/fetchTask", "message/submitAction"),
    *("task/fetch", "task/submit"),
]


def malformed(seed: int) -> bytes:
    """A message with some fields gone wrong, and now and then broken as text."""
    chance = random.Random(seed)
    activity = teams_message(serviceUrl="https://localhost/_connector")
    activity["type"] = chance.choice(TYPES)
    activity["name"] = chance.choice(INVOKES)
    for field in chance.sample(FIELDS, chance.randint(1, 4)):
        activity[field] = chance.choice(ODD)
    for part in ("from", "conversation", "recipient"):
        if chance.random() < 0.2 and isinstance(activity[part], dict):
            activity[part] = {**activity[part], "id": chance.choice(ODD)}
    body = bytearray(json.dumps(activity).encode())
    if chance.random() < 0.3:
        for _ in range(chance.randint(1, 8)):
            body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body[: chance.randrange(len(body))] if chance.random() < 0.1 else body)


async def test_no_malformed_body_is_a_server_error() -> None:
    async with serving(FakeAssistant(), settings=LOCAL) as client:
        answers: dict[int, int] = {}
        for seed in range(400):
            status, _ = await client.post(malformed(seed))
            answers.setdefault(status, seed)
        assert set(answers) == {200, 400, 403}
        assert (await client.say())[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"hei"',
        b"null",
        b"NaN",
        b'{"a": NaN}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 40_000,
        b"1" * 5000,
        b"[" + b"{}," * 60_000 + b"{}]",
    ],
)
async def test_what_is_not_a_json_object_is_a_bad_request(body: bytes) -> None:
    async with serving(FakeAssistant()) as client:
        assert (await client.post(body))[0] == 400


async def test_health_answers_without_credentials() -> None:
    async with (
        serving(FakeAssistant()) as client,
        client.session.get(f"{client.url}/health") as response,
    ):
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_unknown_pages_are_not_found() -> None:
    async with (
        serving(FakeAssistant()) as client,
        client.session.get(f"{client.url}/ukjent") as response,
    ):
        assert response.status == 404


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_local_listens_on_loopback_only(free_port: int) -> None:
    settings = Settings(local=True, port=free_port)
    runner = web.AppRunner(build_app(settings, FakeAssistant(), secret=SECRET))
    await runner.setup()
    try:
        await listen(runner, settings, settings.port)
        assert {address[0] for address in runner.addresses} <= {"127.0.0.1", "::1"}
        assert runner.addresses
    finally:
        await runner.cleanup()


async def test_a_taken_port_gets_one_sentence_that_says_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = Settings(local=True, port=other.getsockname()[1])
        runner = web.AppRunner(build_app(settings, FakeAssistant(), secret=SECRET))
        await runner.setup()
        try:
            with pytest.raises(CannotServe, match=r"^Port \d+ er opptatt.*PORT=\d+\.$"):
                await listen(runner, settings, settings.port)
        finally:
            await runner.cleanup()
