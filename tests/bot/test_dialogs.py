"""Dialogs in Teams (task modules): opened by a button, filled in, and closed, over HTTP."""

import asyncio
from typing import Any

import pytest

from bot.teams import LOOK_IN_THE_CHAT, WENT_WRONG
from dialogs.messages import (
    Button,
    CardReply,
    DialogReply,
    Message,
    MessageKind,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from tests.bot.fakes import LOCAL, FakeAssistant, serving

pytestmark = pytest.mark.asyncio

FORM = DialogReply(
    CardReply(
        "Planbeskrivelse",
        (TextInput("arenaer__text", "Arenaer", "Det vi skrev", longest=3_000),),
        (Button("Lagre", {"verb": "save_form", "draft": "d1"}, weight="main"),),
    )
)
MISTAKE = DialogReply(
    CardReply(
        "Planbeskrivelse",
        (Paragraph("Skriv noe.", "error"), TextInput("arenaer__text", "Arenaer", "")),
        FORM.card.buttons,
    )
)
OPEN = {"data": {"msteams": {"type": "task/fetch"}, "verb": "open_form", "draft": "d1"}}
FILLED_IN = {"data": {"verb": "save_form", "draft": "d1", "arenaer__text": "Teamtid"}}


async def invoked(
    name: str, value: Any, *replies: Reply
) -> tuple[int, Any, list[Message], list[dict[str, Any]]]:
    """Status, body, what the assistant heard, and what came in the chat."""
    assistant = FakeAssistant(lambda message: list(replies))
    async with serving(assistant, settings=LOCAL) as client:
        activity = client.activity(type="invoke", name=name, value=value, text=None)
        status, body = await client.post(activity)
        return status, body, assistant.messages, client.world.posts


async def test_a_button_opens_a_dialog_with_the_form() -> None:
    status, body, messages, chat = await invoked("task/fetch", OPEN, FORM)
    assert [(m.kind, m.value) for m in messages] == [
        (MessageKind.OPEN_DIALOG, {"verb": "open_form", "draft": "d1"})
    ]
    assert (status, body["task"]["type"], chat) == (200, "continue", [])
    task = body["task"]["value"]
    assert (task["title"], task["height"], task["width"]) == ("Planbeskrivelse", "large", "medium")
    assert task["card"]["contentType"] == "application/vnd.microsoft.card.adaptive"
    [field] = task["card"]["content"]["body"]
    assert (field["id"], field["value"]) == ("arenaer__text", "Det vi skrev")
    [button] = task["card"]["content"]["actions"]
    assert button["data"] == {"verb": "save_form", "draft": "d1"}


async def test_a_mistake_is_shown_in_the_dialog_which_stays_open() -> None:
    status, body, messages, chat = await invoked("task/submit", FILLED_IN, MISTAKE)
    assert [(m.kind, m.value) for m in messages] == [(MessageKind.DIALOG, FILLED_IN["data"])]
    assert (status, body["task"]["type"], chat) == (200, "continue", [])
    error, _ = body["task"]["value"]["card"]["content"]["body"]
    assert error["inlines"][0]["text"] == "Feil: Skriv noe."


async def test_what_is_answered_in_the_chat_closes_the_dialog() -> None:
    status, body, _, chat = await invoked("task/submit", FILLED_IN, TextReply("Lagret."))
    assert (status, body) == (200, None)
    assert [post["text"] for post in chat] == ["Lagret."]


async def test_a_dialog_that_could_not_open_says_where_the_answer_is() -> None:
    status, body, _, chat = await invoked("task/fetch", OPEN, TextReply("Utkastet er slettet."))
    assert (status, body) == (200, {"task": {"type": "message", "value": LOOK_IN_THE_CHAT}})
    assert [post["text"] for post in chat] == ["Utkastet er slettet."]


async def test_a_dialog_may_go_on_while_something_is_told_in_the_chat() -> None:
    _, body, _, chat = await invoked("task/submit", FILLED_IN, TextReply("Lagret."), FORM)
    assert body["task"]["type"] == "continue"
    assert [post["text"] for post in chat] == ["Lagret."]


@pytest.mark.parametrize(("name", "value"), [("task/fetch", OPEN), ("task/submit", FILLED_IN)])
async def test_what_teams_asks_twice_is_answered_calmly(name: str, value: Any) -> None:
    status, body, _, chat = await invoked(name, value)
    assert (status, body, chat) == (200, {}, [])


@pytest.mark.parametrize(("name", "value"), [("task/fetch", OPEN), ("task/submit", FILLED_IN)])
async def test_a_fault_is_told_in_the_dialog(name: str, value: Any) -> None:
    def fail(message: Message) -> list[Reply]:
        raise RuntimeError

    async with serving(FakeAssistant(fail), settings=LOCAL) as client:
        activity = client.activity(type="invoke", name=name, value=value, text=None)
        status, body = await client.post(activity)
        assert (status, body) == (200, {"task": {"type": "message", "value": WENT_WRONG}})
        assert client.world.posts == []


@pytest.mark.parametrize("value", [None, {}, [], {"data": None}, {"data": "x"}])
async def test_a_dialog_about_nothing_is_a_bad_request(value: Any) -> None:
    for name in ("task/fetch", "task/submit"):
        status, _, messages, _ = await invoked(name, value, FORM)
        assert (status, messages) == (400, [])


async def test_where_there_are_no_dialogs_the_form_is_a_card_in_the_chat() -> None:
    """Playground sends the button as a message, with what is meant for Teams in it."""
    assistant = FakeAssistant(lambda message: [FORM])
    async with serving(assistant, settings=LOCAL) as client:
        await client.post(client.activity(text=None, value=OPEN["data"]))
        [post] = client.world.posts
    [message] = assistant.messages
    assert (message.kind, message.value) == (
        MessageKind.BUTTON,
        {"verb": "open_form", "draft": "d1"},
    )
    assert post["attachments"][0]["content"]["body"][0]["text"] == "Planbeskrivelse"


async def test_a_dialog_waits_for_the_turn_before_it() -> None:
    order: list[MessageKind] = []

    def answer(message: Message) -> list[Reply]:
        order.append(message.kind)
        return [FORM] if message.kind == MessageKind.OPEN_DIALOG else []

    async with serving(FakeAssistant(answer), settings=LOCAL) as client:
        fetch = client.activity(type="invoke", name="task/fetch", value=OPEN, text=None)
        statuses = await asyncio.gather(client.say(), client.post(fetch), client.say(id="a2"))
        assert [status for status, _ in statuses] == [200, 200, 200]
    assert sorted(order) == ["open_dialog", "text", "text"]
