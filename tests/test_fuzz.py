"""Whatever is written gets one answer, small enough to send and with every character literal."""

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from markdown_it import MarkdownIt

from bot.activity import clean_text, clean_value
from bot.cards import activities_for
from bot.markdown import shown_lines
from bot.sizes import message_bytes
from bot.teams import WENT_WRONG
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import CardReply, Message, MessageKind, Reply, TextInput, TextReply
from knowledge.library import Library
from storage.database import Database
from storage.people import list_people
from tests.bot.fakes import LINKS, LOCAL, FakeAssistant, serving
from tests.bot.test_cards import Visible, words
from tests.fuzz import texts

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LARGEST_MESSAGE = 28 * 1024
RENDERER = MarkdownIt("js-default", {"html": True, "linkify": False})


@pytest.fixture
def assistant(library: Library, guides: Guides, database: Database) -> Assistant:
    return Assistant(library, guides, database, read_contacts(), "hemmelig", local=True)


@pytest.fixture
def somebody(database: Database) -> str:
    """A registered person, who may send questions on."""
    with database.transaction() as session:
        return list_people(session)[0].key


def message(number: int, sender: str, **changes: Any) -> Message:
    return Message(
        id=f"activity-{number}",
        conversation=f"samtale-{number % 20}",
        sender=sender,
        arrived=START + timedelta(minutes=number),
        **changes,
    )


def check(replies: list[Reply]) -> None:
    """One reply, whose activities can be sent and show just what the reply says."""
    (reply,) = replies
    activities = activities_for(reply, LINKS)
    assert activities
    for activity in activities:
        assert message_bytes(activity) <= LARGEST_MESSAGE
        json.dumps(activity, ensure_ascii=False).encode()
    if isinstance(reply, TextReply):
        shown = [Visible(RENDERER.render(activity["text"])) for activity in activities]
        assert set().union(*(one.elements for one in shown)) <= {"p", "br"}
        assert words(" ".join(one.text for one in shown)) == words(
            "\n".join(shown_lines(reply.text))
        )
    else:
        assert "{{DATE(" not in json.dumps(without_inputs(activities))


def without_inputs(node: Any) -> Any:
    """A card without what stands in its fields, which no client reads as anything but text."""
    if isinstance(node, list):
        return [without_inputs(one) for one in node]
    if isinstance(node, dict):
        return (
            {}
            if str(node.get("type")).startswith("Input.")
            else {k: without_inputs(v) for k, v in node.items()}
        )
    return node


@pytest.mark.parametrize(
    ("count", "seed"), [(5_000, 1), pytest.param(50_000, 11, marks=pytest.mark.faults)]
)
def test_odd_messages_get_one_answer_each_that_shows_them_literally(
    assistant: Assistant, somebody: str, count: int, seed: int
) -> None:
    for number, raw in enumerate(texts(count, seed=seed)):
        text = clean_text(raw)  # as the door does first
        try:
            check(assistant.handle(message(number, somebody, text=text)))
        except Exception as error:
            raise AssertionError(f"message {number}: {raw[:300]!r}") from error


def test_what_is_to_be_sent_on_is_shown_as_it_was_written(
    assistant: Assistant, somebody: str
) -> None:
    """Nobody sends what they haven't seen."""
    for number, raw in enumerate(texts(300, seed=2)):
        text = clean_text(raw)
        asked = f"Send uten navn til skoleeierteamet: {text}"
        (card,) = assistant.handle(message(number, somebody, text=asked))
        assert isinstance(card, CardReply)
        (field,) = (block for block in card.blocks if isinstance(block, TextInput))
        assert field.value in ("", text[: field.longest])


def test_odd_buttons_and_feedback_are_taken_calmly(assistant: Assistant, somebody: str) -> None:
    chance = random.Random(3)
    odd: list[Any] = [None, True, -1, 1e300, [], {}, ["a"], {"a": {"b": []}}, *texts(200, seed=3)]
    for number in range(1_000):
        names = ("verb", "text", "person", "reaction", "reason", "about")
        value = {name: clean_value(chance.choice(odd)) for name in names}
        if chance.random() < 0.7:
            value["verb"] = chance.choice(["send_question", "act_as"])
        kind = chance.choice([MessageKind.BUTTON, MessageKind.FEEDBACK])
        replies = assistant.handle(message(number, somebody, kind=kind, value=value))
        if kind is MessageKind.BUTTON:
            check(replies)
        else:
            assert replies == []


@pytest.mark.asyncio
async def test_300_odd_messages_over_http_get_one_answer_each_and_no_server_error(
    assistant: Assistant,
) -> None:
    sent = list(texts(300, seed=4))
    async with serving(FakeAssistant(assistant.handle), settings=LOCAL) as client:
        at_once = asyncio.Semaphore(8)

        async def say(number: int, text: str) -> int:
            async with at_once:
                conversation = {"id": f"a:{number}", "conversationType": "personal"}
                changes = {"id": f"activity-{number}", "conversation": conversation}
                return (await client.say(text, **changes))[0]

        codes = await asyncio.gather(*(say(n, text) for n, text in enumerate(sent)))
        posts = client.world.posts
    assert set(codes) == {200}
    assert sorted(post["conversation"]["id"] for post in posts) == sorted(
        f"a:{number}" for number in range(len(sent))
    )
    for post in posts:
        assert message_bytes(post) <= LARGEST_MESSAGE
        assert post.get("text") != WENT_WRONG
