"""What is due is sent once to the right place, and what became of it is noted."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from bot.adapter import Adapter
from bot.cards import activities_for
from bot.sender import Sender
from bot.sent_messages import SentMessages
from dialogs.messages import CardReply, Paragraph, Reply, TextReply
from dialogs.notices import Outgoing
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


def outgoing(id: int, reply: Reply, **changes: Any) -> Outgoing:
    fields = {"conversation": "a:kari", "reference": REFERENCE, "replaces": "", **changes}
    return Outgoing(id=id, reply=reply, **fields)


@contextlib.asynccontextmanager
async def sender_of(assistant: FakeAssistant, world: OutsideWorld) -> AsyncIterator[Sender]:
    async def no_pause(seconds: float) -> None:
        pass

    async with world.running() as session:
        sent_messages = SentMessages(assistant)
        yield Sender(
            assistant,
            Adapter(session, allows=lambda url: url == SERVICE_URL, sleep=no_pause),
            sent_messages,
            activities_for=partial(activities_for, links=LINKS),
            clock=lambda: NOW,
        )
        await sent_messages.close()


async def sent(*rows: Outgoing, answers: list[web.Response] | None = None) -> Any:
    """What the assistant has noted, and what the Connector got."""
    assistant, world = FakeAssistant(), OutsideWorld()
    assistant.outbox = list(rows)
    world.answers = answers or []
    async with sender_of(assistant, world) as sender:
        await sender.tick()
    return assistant, world


async def test_a_message_comes_in_the_persons_own_chat() -> None:
    assistant, world = await sent(outgoing(7, TextReply("Fristen er i morgen.")))
    [post] = world.posts
    assert post["text"] == "Fristen er i morgen."
    assert post["recipient"] == {"id": "29:kari"}
    assert post["from"] == {"id": "28:bot", "name": "Kvalitetsbot"}
    assert post["conversation"] == {"id": "a:kari"}
    assert world.requests == [("POST", "/emea/v3/conversations/a:kari/activities")]
    assert assistant.settled == [(7, "sendt", "sent-1")]


async def test_a_card_that_has_changed_replaces_the_one_that_was_sent() -> None:
    card = CardReply("Delingen er trukket tilbake", about="version:3")
    assistant, world = await sent(outgoing(8, card, replaces="activity-5"))
    assert world.requests == [("PUT", "/emea/v3/conversations/a:kari/activities/activity-5")]
    assert assistant.settled == [(8, "sendt", "sent-1")]


async def test_a_card_that_may_have_to_change_is_remembered_in_all_its_parts() -> None:
    card = CardReply("Plan", tuple(Paragraph("ord " * 2_000) for _ in range(4)), about="draft:1")
    assistant, world = await sent(outgoing(1, card), outgoing(2, CardReply("Annet")))
    parts = len(world.posts) - 1
    assert parts > 1
    assert assistant.cards == [("a:kari", f"sent-{n}", "draft:1") for n in range(1, parts + 1)]
    assert assistant.settled[0] == (1, "sendt", "sent-1")


@pytest.mark.parametrize(
    ("status", "state"), [(403, "feilet"), (404, "feilet"), (429, "feilet"), (500, "ukjent")]
)
async def test_what_the_connector_refuses_has_failed_and_what_it_may_have_shown_is_unknown(
    status: int, state: str
) -> None:
    answers = [web.Response(status=status, headers={"Retry-After": "0"}) for _ in range(4)]
    count = 4 if status == 429 else 1
    assistant, _ = await sent(outgoing(1, TextReply("en")), answers=answers[:count])
    assert assistant.settled == [(1, state, "")]


async def test_one_that_fails_does_not_stop_the_others() -> None:
    assistant, world = await sent(
        outgoing(1, TextReply("en")),
        outgoing(2, TextReply("to"), reference={}),
        outgoing(3, TextReply("tre"), reference={**REFERENCE, "serviceUrl": "https://ond.no/"}),
        outgoing(4, TextReply("fire")),
        answers=[web.Response(status=403)],
    )
    assert [(id, state) for id, state, _ in assistant.settled] == [
        *((1, "feilet"), (2, "feilet"), (3, "feilet"), (4, "sendt"))
    ]
    assert world.texts() == ["fire"]


async def test_a_message_of_which_only_the_beginning_came_is_not_sent_again() -> None:
    """Sent again, its beginning would come twice."""
    long = TextReply("ord " * 10_000)
    answers = [web.json_response({"id": "s1"}), web.Response(status=403)]
    assistant, _ = await sent(outgoing(1, long), answers=answers)
    assert assistant.settled == [(1, "ukjent", "s1")]


async def test_a_note_that_could_not_be_written_does_not_stop_the_others() -> None:
    class Forgetful(FakeAssistant):
        def settle(self, id: int, state: str, at: datetime, sent: str) -> None:
            if id == 1:
                raise RuntimeError
            super().settle(id, state, at, sent)

    assistant, world = Forgetful(), OutsideWorld()
    assistant.outbox = [outgoing(1, TextReply("en")), outgoing(2, TextReply("to"))]
    async with sender_of(assistant, world) as sender:
        await sender.tick()
    assert assistant.settled == [(2, "sendt", "sent-2")]


async def test_the_bot_sends_what_is_due_when_it_starts() -> None:
    assistant, world = FakeAssistant(), OutsideWorld()
    assistant.outbox = [outgoing(1, TextReply("God morgen"))]
    async with serving(assistant, world=world):
        await world.wait_for_posts(1)
    assert world.texts() == ["God morgen"]
    assert world.authorizations == ["Bearer our-token"]
    assert assistant.settled == [(1, "sendt", "sent-1")]


async def test_a_stop_ends_what_has_begun_and_takes_no_more() -> None:
    inside, may_end = threading.Event(), threading.Event()

    class Slow(FakeAssistant):
        asked = 0

        def due(self, now: datetime) -> list[Outgoing]:
            self.asked += 1
            inside.set()
            assert may_end.wait(5)
            return [outgoing(1, TextReply("en")), outgoing(2, TextReply("to"))]

    assistant = Slow()
    async with serving(assistant) as client:
        await asyncio.to_thread(inside.wait, 5)
        stop = asyncio.create_task(client.stop())  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        may_end.set()
        await stop
        assert client.world.texts() == ["en", "to"]
    assert [state for _, state, _ in assistant.settled] == ["sendt", "sendt"]
    assert assistant.asked == 1


async def test_an_outbox_that_can_not_be_read_is_asked_again() -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    class Broken(FakeAssistant):
        times = 0

        def due(self, now: datetime) -> list[Outgoing]:
            self.times += 1
            if self.times == 1:
                raise RuntimeError
            loop.call_soon_threadsafe(asked.set)
            return []

    assistant, world = Broken(), OutsideWorld()
    async with world.running() as session:
        sender = Sender(
            assistant,
            Adapter(session, allows=lambda url: True),
            SentMessages(assistant),
            activities_for=partial(activities_for, links=LINKS),
            clock=lambda: NOW,
            pause=0,
        )
        running = asyncio.create_task(sender.run())
        async with asyncio.timeout(5):
            await asked.wait()
        sender.stop()
        await running
