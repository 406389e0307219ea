"""What Teams tells us, what the assistant hears of it, and what the person sees."""

import asyncio
import datetime as dt
import json
import logging
import threading
from typing import Any

import pytest
from aiohttp import web

from bot.conversation_locks import ConversationLocks
from bot.teams import WENT_WRONG
from dialogs.messages import CardReply, Message, MessageKind, Paragraph, Reply, TextReply
from tests.bot.fakes import LOCAL, FakeAssistant, serving

pytestmark = pytest.mark.asyncio

CONVERSATION = {"id": "a:samtale", "conversationType": "personal"}


def silent() -> FakeAssistant:
    return FakeAssistant(lambda message: [])


async def heard(**changes: Any) -> Message | None:
    """What the assistant hears of a local message with these fields."""
    assistant = silent()
    async with serving(assistant, settings=LOCAL) as client:
        status, _ = await client.post(client.activity(**changes))
        assert status == 200
    return assistant.messages[0] if assistant.messages else None


async def test_a_message_carries_who_wrote_and_where_to_answer() -> None:
    message = await heard(text="Hva er PRUVA?")
    assert message is not None
    assert (message.kind, message.text) == (MessageKind.TEXT, "Hva er PRUVA?")
    assert (message.id, message.conversation) == ("activity-1", "a:samtale")
    assert (message.sender, message.sender_name) == ("aad-kari", "Kari Nordmann")
    assert message.reference["serviceUrl"] == "https://localhost/_connector"
    assert "Kari" not in json.dumps(message.reference)


async def test_somebody_without_an_entra_id_is_known_by_the_channel_id() -> None:
    message = await heard(**{"from": {"id": "29:kari"}})
    assert message is not None
    assert message.sender == "29:kari"


@pytest.mark.parametrize(
    ("text", "is_heard_as"),
    [
        ("<at>Kvalitetsbot</at> hva er PRUVA?", "hva er PRUVA?"),
        ("  hei \r\n på deg\x00\x07 ", "hei \n på deg"),
        ("bla\u030abær", "blåbær"),
        ("&nbsp;hei", "hei"),
        ("<b>hei</b> & [x](http://y)", "<b>hei</b> & [x](http://y)"),
        ("a" * 40_000, "a" * 30_000),
        ("\ud800hei", "hei"),
    ],
)
async def test_text_is_heard_as_it_was_meant(text: str, is_heard_as: str) -> None:
    mention = {
        "type": "mention",
        "mentioned": {"id": "28:bot", "name": "Kvalitetsbot"},
        "text": "<at>Kvalitetsbot</at>",
    }
    message = await heard(text=text, entities=[mention, {"type": "clientInfo"}])
    assert message is not None
    assert message.text == is_heard_as


async def test_a_pressed_button_is_heard_with_what_it_carries() -> None:
    message = await heard(text=None, value={"action": "show", "passage": "p1"})
    assert message is not None
    assert (message.kind, message.value) == (
        MessageKind.BUTTON,
        {"action": "show", "passage": "p1"},
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "installationUpdate", "action": "add", "text": None},
        {"type": "conversationUpdate", "text": None, "membersAdded": [{"id": "28:bot"}]},
    ],
)
async def test_both_ways_of_telling_of_an_installation_have_the_same_id(
    changes: dict[str, Any],
) -> None:
    message = await heard(id="whatever", **changes)
    assert message is not None
    day = dt.datetime.now(dt.UTC).date().isoformat()
    assert (message.kind, message.id) == (MessageKind.INSTALLED, f"installed:a:samtale:{day}")


async def test_removal_is_heard() -> None:
    message = await heard(type="installationUpdate", action="remove", text=None)
    assert message is not None
    assert message.kind == MessageKind.REMOVED


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "typing"},
        {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
        {"type": "messageUpdate"},
        {"type": "messageDelete"},
        {"type": "endOfConversation"},
        {"type": "event", "name": "application/vnd.microsoft.meetingStart"},
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:kari"}]},
        {"type": "installationUpdate", "action": "add-upgrade"},
        {"type": "something-new"},
    ],
)
async def test_what_is_no_concern_of_ours_is_passed_over(changes: dict[str, Any]) -> None:
    assert await heard(**changes) is None


PLAYGROUND = {
    "id": "0b6d3a1c-54b6-4a39-9f5e-1f9c4e2f5b10",
    "timestamp": "2026-11-22T10:00:00.000Z",
    "channelId": "msteams",
    "serviceUrl": "https://localhost:56150/_connector",
    "recipient": {"id": "00000000-0000-0000-0000-00000000000011", "name": "Test Bot"},
    "conversation": {"id": "personal-chat-id", "tenantId": "00000000-0000-0000-0000-0000000000001"},
    "from": {"id": "user-id-0", "aadObjectId": "00000000-0000-0000-0000-0000000000020"},
    "localTimezone": "Europe/Oslo",
    "deliveryMode": "default",
}


async def test_playground_has_no_conversation_type_in_a_personal_chat() -> None:
    assistant = FakeAssistant()
    async with serving(assistant, settings=LOCAL) as client:
        body = PLAYGROUND | {"type": "message", "text": "hei", "textFormat": "plain"}
        assert (await client.post(body))[0] == 200
        body = PLAYGROUND | {"type": "installationUpdate", "action": "add"}
        assert (await client.post(body))[0] == 200
        assert client.world.texts() == ["Svar: hei", "Svar:"]
        assert client.world.requests[0][1].startswith("/_connector/v3/conversations/personal")


# Invokes


async def invoked(name: str, value: Any, **changes: Any) -> tuple[int, Any, list[Message]]:
    assistant = silent()
    async with serving(assistant, settings=LOCAL) as client:
        activity = client.activity(type="invoke", name=name, value=value, text=None, **changes)
        status, body = await client.post(activity)
    return status, body, assistant.messages


async def test_an_executed_button_is_heard_and_acknowledged() -> None:
    value = {"action": {"type": "Action.Execute", "verb": "show", "data": {"passage": "p1"}}}
    status, body, messages = await invoked("adaptiveCard/action", value)
    assert status == 200
    assert body["type"] == "application/vnd.microsoft.activity.message"
    assert [(m.kind, m.value) for m in messages] == [(MessageKind.BUTTON, {"passage": "p1"})]


@pytest.mark.parametrize("value", [None, {}, {"action": 7}, {"action": {"data": "x"}}, [], "x"])
async def test_an_executed_button_without_content_is_a_bad_request(value: Any) -> None:
    status, body, messages = await invoked("adaptiveCard/action", value)
    assert (status, body["statusCode"], messages) == (200, 400, [])


FEEDBACK = {"actionName": "feedback", "actionValue": {"reaction": "dislike"}}


@pytest.mark.parametrize("value", [FEEDBACK, {"data": FEEDBACK}])
async def test_a_thumb_opens_the_dialog_that_asks_why(value: Any) -> None:
    status, body, messages = await invoked("message/fetchTask", value)
    assert (status, body["task"]["type"], messages) == (200, "continue", [])
    card = body["task"]["value"]["card"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["type"] == "AdaptiveCard"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (
            "message/submitAction",
            {
                "actionName": "feedback",
                "actionValue": {
                    "reaction": "dislike",
                    "feedback": '{"reason":"utdatert","text":"fra 2018"}',
                },
            },
        ),
        (
            "message/submitAction",
            {
                "actionName": "feedback",
                "actionValue": {
                    "feedback": '{"reaction":"dislike","reason":"utdatert","text":"fra 2018"}'
                },
            },
        ),
        (
            "task/submit",
            {"data": {"reaction": "dislike", "reason": "utdatert", "text": "fra 2018"}},
        ),
    ],
)
async def test_the_dialogs_answer_is_heard(name: str, value: Any) -> None:
    status, body, messages = await invoked(name, value, replyToId="sent-7")
    assert (status, body) == (200, {})
    assert [(m.kind, m.value) for m in messages] == [
        (
            MessageKind.FEEDBACK,
            {"reaction": "dislike", "reason": "utdatert", "text": "fra 2018", "about": "sent-7"},
        )
    ]


async def test_teams_own_feedback_dialog_is_heard_too() -> None:
    value = {
        "actionName": "feedback",
        "actionValue": {"reaction": "like", "feedback": '{"feedbackText":"fint"}'},
    }
    status, body, messages = await invoked("message/submitAction", value)
    assert (status, body) == (200, {})
    assert messages[0].value == {"reaction": "like", "reason": "", "text": "fint", "about": ""}


@pytest.mark.parametrize("value", [None, {}, [], {"actionValue": {"reaction": "wow"}}])
async def test_feedback_without_a_thumb_is_a_bad_request(value: Any) -> None:
    for name in ("message/fetchTask", "message/submitAction"):
        status, _, messages = await invoked(name, value)
        assert (status, messages) == (400, [])


@pytest.mark.parametrize("name", ["composeExtension/fetchTask", "signin/verifyState", "x", None])
async def test_an_unknown_invoke_is_answered_calmly(name: str | None) -> None:
    assert await invoked(name or "", {}) == (200, {}, [])


# Turns


async def test_an_error_gives_one_friendly_sentence_and_no_content_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(message: Message) -> list[Any]:
        raise RuntimeError(message.text)

    caplog.set_level(logging.DEBUG)
    async with serving(FakeAssistant(fail)) as client:
        status, _ = await client.say("hemmelig spørsmål")
        assert status == 200
        assert client.world.texts() == [WENT_WRONG]
        token = client.world.token()
    said = caplog.text
    assert "action=turn_failed error=RuntimeError" in said
    for secret in ("hemmelig", "Kari", "aad-kari", token[:20], "our-token"):
        assert secret not in said


async def test_a_connector_that_refuses_is_not_an_error_for_teams() -> None:
    async with serving(FakeAssistant()) as client:
        client.world.answers = [web.Response(status=403)]
        assert (await client.say())[0] == 200


async def test_replies_come_in_order_and_stop_at_the_first_that_fails() -> None:
    replies: list[Reply] = [TextReply("en"), CardReply("to"), TextReply("tre")]
    async with serving(FakeAssistant(lambda message: list(replies))) as client:
        await client.say()
        assert [post.get("text", "kort") for post in client.world.posts] == ["en", "kort", "tre"]
        client.world.posts.clear()
        client.world.answers = [web.Response(status=403)]
        await client.say()
        assert client.world.posts == []


async def test_messages_of_one_conversation_never_run_at_the_same_time() -> None:
    running, most, order = [0], [0], []

    def answer(message: Message) -> list[Any]:
        running[0] += 1
        most[0] = max(most[0], running[0])
        order.append(f"begin {message.text}")
        threading.Event().wait(0.01)  # lets the other thread in, if it could come in
        order.append(f"end {message.text}")
        running[0] -= 1
        return [TextReply(message.text)]

    async with serving(FakeAssistant(answer)) as client:
        await asyncio.gather(*(client.say(str(n), id=f"a{n}") for n in range(8)))
        assert most == [1]
        assert [line.split()[0] for line in order] == ["begin", "end"] * 8
        assert client.world.texts() == [line.split()[1] for line in order[::2]]


async def test_other_conversations_do_not_wait() -> None:
    both = threading.Barrier(2, timeout=5)

    def answer(message: Message) -> list[Any]:
        both.wait()  # passes only when two turns are inside
        return []

    async with serving(FakeAssistant(answer), settings=LOCAL) as client:
        statuses = await asyncio.gather(
            client.say(conversation={"id": "c1"}), client.say(conversation={"id": "c2"})
        )
        assert [status for status, _ in statuses] == [200, 200]
        assert client.world.texts() == []


async def test_locks_that_nobody_wants_are_dropped() -> None:
    locks = ConversationLocks()
    await locks.acquire("c")
    second = asyncio.create_task(locks.acquire("c"))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    assert len(locks) == 1
    locks.release("c")
    assert len(locks) == 0


async def test_a_slow_turn_is_marked_while_it_lasts_and_again_when_it_ends() -> None:
    noted = threading.Event()
    assistant = FakeAssistant()

    def wait_for_the_note(message: Message) -> list[Any]:
        assert noted.wait(5)
        return []

    def unfinished(message: Message) -> None:
        assistant.unfinished.append(message)
        noted.set()

    assistant.answer = wait_for_the_note
    assistant.turn_unfinished = unfinished  # type: ignore[method-assign]
    async with serving(assistant, slow_turn=0.05) as client:
        assert (await client.say())[0] == 200
    assert assistant.unfinished == assistant.messages
    [(message, at)] = assistant.finished
    assert message == assistant.messages[0]
    assert at >= message.arrived


async def test_a_quick_turn_leaves_no_marks() -> None:
    assistant = FakeAssistant()
    async with serving(assistant) as client:
        await client.say()
    assert (assistant.unfinished, assistant.finished) == ([], [])


async def test_what_was_quoted_is_remembered_at_the_latest_when_the_bot_stops() -> None:
    assistant = FakeAssistant(lambda m: [TextReply("svar", passage="p1", asks_feedback=True)])
    async with serving(assistant) as client:
        await client.say()
        await client.say(id="activity-2")
    assert assistant.sent == [("a:samtale", "sent-1", "p1"), ("a:samtale", "sent-2", "p1")]


async def test_a_stop_lets_turns_end() -> None:
    inside, may_end = threading.Event(), threading.Event()

    def answer(message: Message) -> list[Any]:
        inside.set()
        assert may_end.wait(5)
        return [TextReply("ferdig")]

    async with serving(FakeAssistant(answer)) as client:
        turn = asyncio.create_task(client.say())
        await asyncio.to_thread(inside.wait, 5)
        stop = asyncio.create_task(client.stop())  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        may_end.set()
        assert (await turn)[0] == 200
        await stop
        assert client.world.texts() == ["ferdig"]


async def test_a_caller_that_hangs_up_does_not_break_the_turn() -> None:
    inside, may_end = threading.Event(), threading.Event()

    def answer(message: Message) -> list[Any]:
        inside.set()
        assert may_end.wait(5)
        return [TextReply("ferdig")]

    async with serving(FakeAssistant(answer)) as client:
        turn = asyncio.create_task(client.say())
        await asyncio.to_thread(inside.wait, 5)
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)
        may_end.set()
        await client.world.wait_for_posts(1)
        assert client.world.texts() == ["ferdig"]


async def test_every_part_of_a_card_that_may_have_to_change_is_remembered() -> None:
    long = CardReply("Plan", tuple(Paragraph("ord " * 2_000) for _ in range(4)), about="draft:1")
    assistant = FakeAssistant(lambda message: [long, CardReply("Uten")])
    async with serving(assistant) as client:
        await client.say()
        count = len(client.world.posts)
    assert count > 2
    assert assistant.cards == [("a:samtale", f"sent-{n}", "draft:1") for n in range(1, count)]
