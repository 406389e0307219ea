"""A message of the outbox is posted once to the right place, and what came of it is told truly."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.adapter import Adapter
from bot.cards import activities_for
from bot.conversation_locks import ConversationLocks
from bot.sender import BETWEEN_PARTS, WAIT_UNTOLD, Sender
from bot.sent_messages import SentMessages
from bot.web import Send
from dialogs.messages import CardReply, Message, Paragraph, Reply, TextReply
from dialogs.notices import Outcome, Outgoing
from tests.bot.fakes import LINKS, SERVICE_URL, FakeAssistant, OutsideWorld, serving

pytestmark = pytest.mark.asyncio

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
REFERENCE = {
    "serviceUrl": SERVICE_URL,
    "channelId": "msteams",
    "conversation": {"id": "a:kari", "tenantId": "t"},
    "user": {"id": "29:kari", "aadObjectId": "aad-kari"},
    "bot": {"id": "28:bot", "name": "Kvalitetsbot"},
}
HELLO = TextReply("hei")
LONG = TextReply("ord " * 10_000)


def outgoing(reply: Reply = HELLO, **changes: Any) -> Outgoing:
    fields: dict[str, Any] = {"conversation": "a:kari", "reference": REFERENCE, "replaces": ""}
    times = {"send_at": NOW, "latest": NOW + timedelta(hours=1)}
    return Outgoing(id=1, attempt=1, reply=reply, **(fields | times | changes))


def always() -> bool:
    return True


@dataclass
class Sending:
    """A sender in a world of fakes; pauses are noted, not waited for."""

    sender: Sender
    world: OutsideWorld
    assistant: FakeAssistant
    locks: ConversationLocks
    pauses: list[float] = field(default_factory=list)

    async def send(
        self, one: Outgoing | None = None, allowed: Callable[[], bool] = always
    ) -> Outcome | None:
        return await self.sender.send(one or outgoing(), allowed)


@contextlib.asynccontextmanager
async def sending_with(*answers: web.Response, **more: Any) -> AsyncIterator[Sending]:
    world, assistant, locks = OutsideWorld(), FakeAssistant(), ConversationLocks()
    world.answers = list(answers)
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async with world.running() as session:
        sent_messages = SentMessages(assistant)
        adapter = Adapter(session, allows=lambda url: url == SERVICE_URL, **more)
        activities = partial(activities_for, links=LINKS)
        sender = Sender(
            adapter, sent_messages, locks, activities_for=activities, sleep=pause, longest_turn=0.05
        )
        yield Sending(sender, world, assistant, locks, pauses)
        await sent_messages.close()


async def outcome_of(
    *answers: web.Response, one: Outgoing | None = None, **more: Any
) -> Outcome | None:
    async with sending_with(*answers, **more) as sending:
        return await sending.send(one)


def refusal(status: int, code: str = "", **headers: str) -> web.Response:
    return web.json_response({"error": {"code": code}}, status=status, headers=headers)


# What is posted


async def test_a_message_comes_in_the_persons_own_chat() -> None:
    async with sending_with() as sending:
        assert await sending.send() == Outcome("sent", "sent-1")
        [post] = sending.world.posts
        assert post["text"] == "hei"
        assert post["recipient"] == {"id": "29:kari"}
        assert post["from"] == {"id": "28:bot", "name": "Kvalitetsbot"}
        assert post["conversation"] == {"id": "a:kari"}
        assert sending.world.requests == [("POST", "/emea/v3/conversations/a:kari/activities")]


async def test_an_empty_202_is_success() -> None:
    assert await outcome_of(web.Response(status=202)) == Outcome("sent", "")


async def test_a_card_that_has_changed_replaces_the_one_that_was_sent() -> None:
    card = CardReply("Delingen er trukket tilbake", about="version:3")
    async with sending_with() as sending:
        assert await sending.send(outgoing(card, replaces="card-5")) == Outcome("sent", "sent-1")
        [request] = sending.world.requests
    assert request == ("PUT", "/emea/v3/conversations/a:kari/activities/card-5")


async def test_a_card_that_may_have_to_change_is_remembered_in_all_its_parts() -> None:
    card = CardReply("Plan", tuple(Paragraph("ord " * 2_000) for _ in range(4)), about="draft:1")
    async with sending_with() as sending:
        assert await sending.send(outgoing(card)) == Outcome("sent", "sent-1")
        parts = len(sending.world.posts)
    assert parts > 1
    cards = [("a:kari", f"sent-{n}", "draft:1") for n in range(1, parts + 1)]
    assert sending.assistant.cards == cards
    assert sending.pauses == [BETWEEN_PARTS] * (parts - 1)


# What came of it


@pytest.mark.parametrize("status", [412, 429, 503])
async def test_what_was_not_taken_may_be_tried_again_and_is_not_tried_here(status: int) -> None:
    async with sending_with(refusal(status, "Busy", **{"Retry-After": "7"})) as sending:
        assert await sending.send() == Outcome("refused", problem=f"{status} Busy", wait=7.0)
        assert len(sending.world.requests) == 1


async def test_too_many_without_a_time_is_a_short_wait_for_everybody() -> None:
    assert await outcome_of(refusal(429)) == Outcome("refused", problem="429", wait=WAIT_UNTOLD)
    assert await outcome_of(refusal(503)) == Outcome("refused", problem="503")


@pytest.mark.parametrize(("status", "final"), [(502, False), (504, False), (500, True)])
async def test_what_may_have_come_is_unknown_and_a_fault_of_theirs_is_not_tried_again(
    status: int, final: bool
) -> None:
    expected = Outcome("unknown", problem=str(status), final=final)
    assert await outcome_of(refusal(status)) == expected


@pytest.mark.parametrize("status", [307, 400, 401, 403, 404, 413, 422])
async def test_what_can_not_succeed_is_hopeless(status: int) -> None:
    assert await outcome_of(refusal(status, "No")) == Outcome("hopeless", problem=f"{status} No")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"error": {"code": "BotNotInConversationRoster"}}),
        (403, {"error": {"code": "ConversationBlockedByUser"}}),
        (403, {"subCode": "MessageWritesBlocked", "errorCode": 209}),
        (403, {"error": {"code": "Forbidden", "subCode": "MessageWritesBlocked"}}),
        (404, {"error": {"code": "ConversationNotFound"}}),
    ],
)
async def test_who_has_removed_or_blocked_the_app_is_gone(status: int, body: Any) -> None:
    outcome = await outcome_of(web.json_response(body, status=status))
    assert outcome is not None
    assert (outcome.kind, outcome.gone) == ("hopeless", True)


async def test_a_card_that_is_gone_does_not_mean_that_the_person_is() -> None:
    outcome = await outcome_of(refusal(404, "ActivityNotFoundInConversation"))
    assert outcome is not None
    assert (outcome.kind, outcome.gone) == ("hopeless", False)


async def test_of_a_message_whose_beginning_came_nothing_is_sent_again() -> None:
    """Sent again, its beginning would come twice."""
    answers = [web.json_response({"id": "s1"}), refusal(429)]
    assert await outcome_of(*answers, one=outgoing(LONG)) == Outcome(
        "unknown", "s1", "429", WAIT_UNTOLD, final=True
    )


async def test_without_a_token_nothing_was_sent() -> None:
    async def none() -> str:
        raise OSError

    outcome = await outcome_of(token=none)
    assert outcome == Outcome("refused", problem="NoTokenOSError")


@pytest.mark.parametrize(
    "reference", [{}, {**REFERENCE, "serviceUrl": "https://ond.no/"}], ids=["none", "not allowed"]
)
async def test_an_address_that_can_not_be_used_is_hopeless(reference: Any) -> None:
    async with sending_with() as sending:
        outcome = await sending.send(outgoing(reference=reference))
        assert outcome is not None
        assert outcome.kind == "hopeless"
        assert sending.world.requests == []


# No answer at all


@contextlib.asynccontextmanager
async def server_that(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """The address of a server that answers so and then hangs up."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await over.wait()


async def raw_outcome(answer: bytes) -> Outcome | None:
    """Against a server that reads the request, and then says this and no more."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)

    async with server_that(say) as url, aiohttp.ClientSession() as session:
        return await sent_by(session, url)


async def sent_by(session: aiohttp.ClientSession, url: str) -> Outcome | None:
    sender = Sender(
        Adapter(session, allows=lambda url: True),
        SentMessages(FakeAssistant()),
        ConversationLocks(),
        activities_for=partial(activities_for, links=LINKS),
    )
    return await sender.send(outgoing(reference={**REFERENCE, "serviceUrl": url}), always)


async def test_a_connection_that_breaks_after_sending_is_unknown() -> None:
    outcome = await raw_outcome(b"")
    assert outcome is not None
    assert (outcome.kind, outcome.final) == ("unknown", False)


async def test_an_answer_that_breaks_off_after_yes_is_success() -> None:
    outcome = await raw_outcome(b"HTTP/1.1 201 Created\r\nContent-Length: 90\r\n\r\n{")
    assert outcome == Outcome("sent", "")


async def test_a_refused_connection_and_a_name_that_is_not_found_are_certain() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with aiohttp.ClientSession() as session:
        for url in (f"http://127.0.0.1:{port}/", "http://finnes-ikke.invalid/"):
            outcome = await sent_by(session, url)
            assert outcome is not None
            assert (outcome.kind, outcome.wait) == ("refused", None), outcome


async def test_an_answer_that_never_comes_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.adapter.SEND_TIMEOUT", aiohttp.ClientTimeout(total=0.2))

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with server_that(say_nothing) as url, aiohttp.ClientSession() as session:
        outcome = await sent_by(session, url)
    assert outcome is not None
    assert outcome.kind == "unknown"


# Turns in the chat


async def test_nothing_is_posted_in_the_middle_of_a_turn() -> None:
    async with sending_with() as sending:
        await sending.locks.acquire("a:kari")
        task = asyncio.create_task(sending.send())
        await asyncio.sleep(0)
        assert sending.world.requests == []
        sending.locks.release("a:kari")
        assert await task == Outcome("sent", "sent-1")
        assert len(sending.locks) == 0


async def test_what_waits_too_long_for_a_turn_waits_in_the_outbox_instead() -> None:
    async with sending_with() as sending:
        await sending.locks.acquire("a:kari")
        assert await sending.send() is None
        sending.locks.release("a:kari")
        assert len(sending.locks) == 0
        assert sending.world.requests == []


async def test_what_is_not_allowed_any_more_is_not_posted() -> None:
    async with sending_with() as sending:
        assert await sending.send(allowed=lambda: False) is None
        assert sending.world.requests == []
        assert len(sending.locks) == 0


# In the program


class OneMessage:
    """A clock that sends one message when it is started, and waits for it at the stop."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.outcome: Outcome | None = None

    def start(self) -> None:
        one = outgoing(TextReply("God morgen"), conversation="a:samtale")
        self._task = asyncio.ensure_future(self._send(one, always))

    async def stop(self) -> None:
        self.outcome = await self._task

    def since_tick(self) -> float:
        return 0.0

    def longest_send(self) -> float:
        return 0.0


async def test_the_program_sends_from_its_start_and_ends_what_it_has_begun() -> None:
    clocks: list[OneMessage] = []

    def clock_for(send: Send) -> OneMessage:
        clocks.append(OneMessage(send))
        return clocks[0]

    world = OutsideWorld()
    async with serving(FakeAssistant(), world=world, clock_for=clock_for) as client:
        await client.stop()  # type: ignore[attr-defined]
        assert clocks[0].outcome == Outcome("sent", "sent-1")
        assert world.authorizations == ["Bearer our-token"]


async def test_turns_and_messages_share_their_conversations() -> None:
    """What was begun first in a conversation is ended before the other begins."""
    clocks: list[OneMessage] = []
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def clock_for(send: Send) -> Any:
        class OnTurn(OneMessage):
            def start(self) -> None:
                pass

            def begin(self) -> None:
                super().start()
                asked.set()

        clocks.append(OnTurn(send))
        return clocks[0]

    def answer(message: Message) -> list[Reply]:
        loop.call_soon_threadsafe(clocks[0].begin)  # type: ignore[attr-defined]
        asyncio.run_coroutine_threadsafe(asked.wait(), loop).result(5)
        return [TextReply("en"), TextReply("to")]

    world = OutsideWorld()
    async with serving(FakeAssistant(answer), world=world, clock_for=clock_for) as client:
        await client.say("hei")
        await client.stop()  # type: ignore[attr-defined]
    assert world.texts() == ["en", "to", "God morgen"]
