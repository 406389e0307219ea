"""Sending: what is tried again, what is final, and what our token is never sent to."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from botbuilder.core import TurnContext
from botbuilder.schema import Activity, ConversationAccount, ConversationReference

from bot.adapter import TRIES, Adapter, SendFailed
from bot.credentials import TRY_AGAIN_AFTER, NoToken, TokenSource
from bot.identity import ServiceAddresses
from tests.bot.fakes import PRODUCTION, SERVICE_URL, FakeToken, OutsideWorld

pytestmark = pytest.mark.asyncio

MESSAGE = {"type": "message", "text": "hei"}


class Sending:
    """An adapter in a world of fakes; pauses are noted, not waited for."""

    def __init__(self, world: OutsideWorld, session: aiohttp.ClientSession) -> None:
        self.world = world
        self.pauses: list[float] = []
        self.adapter = Adapter(
            session, allows=ServiceAddresses(PRODUCTION).allows, sleep=self._pause
        )

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    async def send(self, service_url: str = SERVICE_URL) -> str:
        return await self.adapter.send(service_url, "a:samtale/1", MESSAGE)


@pytest_asyncio.fixture
async def sending() -> AsyncIterator[Sending]:
    world = OutsideWorld()
    async with world.running() as session:
        yield Sending(world, session)


def refusal(status: int, code: str = "", **headers: str) -> web.Response:
    return web.json_response({"error": {"code": code}}, status=status, headers=headers)


async def test_a_message_goes_to_its_conversation_and_gives_its_id(sending: Sending) -> None:
    assert await sending.send() == "sent-1"
    assert sending.world.requests == [("POST", "/emea/v3/conversations/a:samtale%2F1/activities")]


async def test_202_without_body_or_id_is_success(sending: Sending) -> None:
    sending.world.answers = [web.Response(status=202)]
    assert await sending.send() == ""
    assert len(sending.world.requests) == 1


@pytest.mark.parametrize("status", [412, 429, 502, 503, 504])
async def test_what_passes_is_tried_again(sending: Sending, status: int) -> None:
    sending.world.answers = [refusal(status), refusal(status)]
    assert await sending.send() == "sent-1"
    assert len(sending.pauses) == 2
    assert 0.2 <= sending.pauses[0] <= 0.4 <= sending.pauses[1] <= 0.8


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 500])
async def test_what_is_final_is_not_tried_again(sending: Sending, status: int) -> None:
    sending.world.answers = [refusal(status, "SomeCode")]
    with pytest.raises(SendFailed) as raised:
        await sending.send()
    assert (raised.value.status, raised.value.code) == (status, "SomeCode")
    assert len(sending.world.requests) == 1


async def test_we_wait_as_long_as_the_connector_asks(sending: Sending) -> None:
    sending.world.answers = [refusal(429, **{"Retry-After": "2"})]
    await sending.send()
    assert sending.pauses == [2.0]


async def test_we_give_up_rather_than_wait_past_the_turn(sending: Sending) -> None:
    sending.world.answers = [refusal(429, **{"Retry-After": "60"})]
    with pytest.raises(SendFailed):
        await sending.send()
    assert sending.pauses == []


async def test_tries_are_counted(sending: Sending) -> None:
    sending.world.answers = [refusal(503) for _ in range(10)]
    with pytest.raises(SendFailed):
        await sending.send()
    assert len(sending.world.requests) == TRIES


async def test_a_send_that_may_be_tried_once_is_tried_once(sending: Sending) -> None:
    sending.world.answers = [refusal(429, **{"Retry-After": "2"})]
    with pytest.raises(SendFailed) as raised:
        await sending.adapter.send(SERVICE_URL, "c", MESSAGE, tries=1)
    assert (raised.value.status, raised.value.retry_after) == (429, 2.0)
    assert len(sending.world.requests) == 1
    assert sending.pauses == []


@pytest.mark.parametrize(
    "url", ["http://smba.trafficmanager.net/", "https://evil.example/", "https://localhost/"]
)
async def test_our_token_goes_to_no_other_host(sending: Sending, url: str) -> None:
    with pytest.raises(SendFailed):
        await sending.send(url)
    assert sending.world.requests == []


async def test_a_redirect_is_not_followed(sending: Sending) -> None:
    sending.world.answers = [
        web.Response(status=307, headers={"Location": "https://evil.example/"})
    ]
    with pytest.raises(SendFailed):
        await sending.send()
    assert len(sending.world.requests) == 1


async def test_the_sdk_can_send_update_and_delete(sending: Sending) -> None:
    incoming = Activity(
        type="message",
        id="in-1",
        channel_id="msteams",
        service_url=SERVICE_URL,
        conversation=ConversationAccount(id="c"),
    )
    context = TurnContext(sending.adapter, incoming)
    sent = await context.send_activity("hei")
    assert sent.id == "sent-1"
    await context.update_activity(Activity(type="message", id="sent-1", text="hei igjen"))
    await context.delete_activity(
        ConversationReference(
            activity_id="sent-1",
            service_url=SERVICE_URL,
            conversation=ConversationAccount(id="c"),
        )
    )
    assert sending.world.requests == [
        ("POST", "/emea/v3/conversations/c/activities"),
        ("PUT", "/emea/v3/conversations/c/activities/sent-1"),
        ("DELETE", "/emea/v3/conversations/c/activities/sent-1"),
    ]
    assert sending.world.texts() == ["hei", "hei igjen"]


async def test_letters_arrive_as_they_are(sending: Sending) -> None:
    await sending.adapter.send(SERVICE_URL, "c", {"type": "message", "text": "æøå «👩‍🏫»"})
    assert sending.world.texts() == ["æøå «👩‍🏫»"]
    assert json.dumps(sending.world.posts[0])


async def test_one_token_serves_many_turns() -> None:
    credential, now = FakeToken(lasts=3600), [0.0]
    tokens = TokenSource(lambda: credential, clock=lambda: now[0])
    assert set(await asyncio.gather(*(tokens.token() for _ in range(50)))) == {"our-token"}
    assert credential.asked == 1


async def test_a_token_that_ends_is_renewed() -> None:
    credential = FakeToken(lasts=60)  # within the margin at once
    tokens = TokenSource(lambda: credential)
    await tokens.token()
    await tokens.token()
    assert credential.asked == 2


async def test_a_login_service_that_is_down_is_not_asked_each_turn() -> None:
    asked, now = [0], [1000.0]

    class Down(FakeToken):
        async def get_token(self, *scopes: str) -> Any:
            asked[0] += 1
            raise OSError

    tokens = TokenSource(Down, clock=lambda: now[0])
    for seconds, expected in [(0, 1), (1, 1), (TRY_AGAIN_AFTER, 2)]:
        now[0] += seconds
        with pytest.raises(NoToken):
            await tokens.token()
        assert asked[0] == expected
