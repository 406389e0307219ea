"""Teams and group chats over HTTP: who is answered, where, and what is never written there."""

import asyncio
import datetime as dt
import re
from typing import Any

import pytest
from sqlmodel import select

from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import Message, MessageKind, Reply, TextReply
from knowledge.library import Library
from storage.database import Database
from storage.tables import Conversation, PassageAsked
from tests.bot.fakes import APP_ID, FakeAssistant, serving
from tests.dialogs.kommune import ANE_LÆRER, BJØRN_LÆRER, HANNE_SKOLEEIER

pytestmark = pytest.mark.asyncio

BOT = {"id": f"28:{APP_ID}", "name": "Kvalitetsbot"}
CHANNEL = {
    "id": "19:kanal@thread.tacv2;messageid=1763900000000",
    "conversationType": "channel",
    "isGroup": True,
    "tenantId": "99999999-8888-7777-6666-555555555555",
}
GROUP_CHAT = {**CHANNEL, "id": "19:gruppe@thread.v2", "conversationType": "groupChat"}
LINK = f"https://teams.microsoft.com/l/chat/0/0?users=28:{APP_ID}"


def mentioned(text: str, **changes: Any) -> dict[str, Any]:
    """A message in a channel in which the bot is mentioned, as Teams sends it."""
    entity = {"type": "mention", "mentioned": BOT, "text": "<at>Kvalitetsbot</at>"}
    html = {"contentType": "text/html", "content": f"<div><at>Kvalitetsbot</at> {text}</div>"}
    return {
        "text": f"<at>Kvalitetsbot</at> {text}",
        "entities": [entity, {"type": "clientInfo"}],
        "attachments": [html],
        "conversation": CHANNEL,
        "recipient": BOT,
        **changes,
    }


async def heard(**changes: Any) -> tuple[list[Message], list[dict[str, Any]]]:
    """What the assistant hears of an activity, and what is sent."""
    assistant = FakeAssistant(lambda message: [TextReply("Svar.", private_chat="Til chatten")])
    async with serving(assistant) as client:
        status, _ = await client.post(client.activity(**changes))
        assert status == 200
        return assistant.messages, client.world.posts


@pytest.mark.parametrize("conversation", [CHANNEL, GROUP_CHAT])
async def test_who_mentions_the_bot_is_answered_in_the_thread(conversation: dict[str, Any]) -> None:
    (message,), (post,) = await heard(**mentioned("hva er PRUVA?", conversation=conversation))
    assert (message.kind, message.text, message.public) == (
        MessageKind.TEXT,
        "hva er PRUVA?",
        True,
    )
    assert post["conversation"] == {"id": conversation["id"]}
    assert post["text"] == f"Svar.<br><br>[Til chatten]({LINK})"


@pytest.mark.parametrize("kind", [None, "personal", "Personal", "channel"])
@pytest.mark.parametrize("id", [CHANNEL["id"], GROUP_CHAT["id"]])
async def test_where_several_read_is_known_by_the_place_itself(id: str, kind: str | None) -> None:
    """Whatever else is said of it: what is personal must not depend on an optional field."""
    where = {"id": id, "conversationType": kind, "tenantId": CHANNEL["tenantId"]}
    (message,), _ = await heard(**mentioned("mine opplysninger", conversation=where))
    assert message.public
    assert await heard(text="hei alle", conversation=where, recipient=BOT) == ([], [])


@pytest.mark.parametrize(
    "entities",
    [
        None,
        [],
        [{"type": "clientInfo"}],
        [{"type": "mention"}],
        [{"type": "mention", "mentioned": {"id": "29:kari"}, "text": "<at>Kari</at>"}],
        [{"type": "mention", "mentioned": "28:bot", "text": "x"}],
        [{"type": "mention", "mentioned": {"id": "28:another-bot"}, "text": "<at>Bot</at>"}],
    ],
)
async def test_what_people_say_to_each_other_is_not_heard(entities: Any) -> None:
    """Also where the app has been given leave to read everything."""
    assert await heard(**mentioned("hva er PRUVA?", entities=entities)) == ([], [])


async def test_a_private_chat_needs_no_mention_and_gets_no_link() -> None:
    (message,), _ = await heard(text="hva er PRUVA?", recipient=BOT)
    assert not message.public


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "installationUpdate", "action": "add", "text": None},
        {"type": "conversationUpdate", "text": None, "membersAdded": [BOT]},
    ],
)
async def test_both_ways_of_telling_that_the_bot_was_added_have_the_same_id(
    changes: dict[str, Any],
) -> None:
    (message,), _ = await heard(conversation=GROUP_CHAT, recipient=BOT, **changes)
    day = dt.datetime.now(dt.UTC).date().isoformat()
    assert (message.kind, message.public) == (MessageKind.INSTALLED, True)
    assert message.id == f"installed:{GROUP_CHAT['id']}:{day}"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "conversationUpdate", "membersAdded": [{"id": "29:kari"}]},
        {"type": "conversationUpdate", "membersRemoved": [BOT]},
        {"type": "messageUpdate", "text": "rettet"},
        {"type": "messageReaction", "reactionsAdded": [{"type": "like"}]},
    ],
)
async def test_what_else_happens_in_a_group_is_no_concern_of_ours(changes: dict[str, Any]) -> None:
    assert await heard(conversation=GROUP_CHAT, recipient=BOT, **changes) == ([], [])


async def test_a_button_of_a_forwarded_card_is_heard_as_pressed_in_public() -> None:
    changes = {"text": None, "value": {"verb": "share"}, "conversation": GROUP_CHAT}
    (message,), _ = await heard(recipient=BOT, **changes)
    assert (message.kind, message.public) == (MessageKind.BUTTON, True)


@pytest.mark.parametrize(
    ("name", "hears"),
    [
        ("task/fetch", [MessageKind.OPEN_DIALOG]),
        ("task/submit", []),
        ("adaptiveCard/action", []),
        ("message/fetchTask", []),
        ("message/submitAction", []),
        ("signin/verifyState", []),
    ],
)
async def test_of_invokes_in_a_group_only_a_dialog_is_told_of(
    name: str, hears: list[MessageKind]
) -> None:
    value = {"data": {"verb": "form"}, "actionName": "feedback", "action": {"data": {}}}
    assistant = FakeAssistant(lambda message: [TextReply("Bare i den private chatten.")])
    async with serving(assistant) as client:
        body = client.activity(
            type="invoke", name=name, value=value, text=None, conversation=GROUP_CHAT, recipient=BOT
        )
        status, _ = await client.post(body)
    assert status == 200
    assert [message.kind for message in assistant.messages] == hears


class Real(FakeAssistant):
    """The real assistant, at work under HTTP."""

    def __init__(self, library: Library, guides: Guides, database: Database) -> None:
        super().__init__()
        self.real = Assistant(library, guides, database, read_contacts(), "hemmelig")

    def handle(self, message: Message) -> list[Reply]:
        return self.real.handle(message)

    def remember_sent(self, sent: Any) -> None:
        self.real.remember_sent(sent)

    def turn_unfinished(self, message: Message) -> None:
        self.real.turn_unfinished(message)


def by(key: str) -> dict[str, Any]:
    return {"from": {"id": "29:x", "name": "Ane Solbakk", "aadObjectId": key}}


async def test_a_channel_as_people_see_it(
    library: Library, guides: Guides, database: Database
) -> None:
    """Questions are answered, the rest is taken in private; nothing personal is kept."""
    said = [
        (ANE_LÆRER, "Hva er PRUVA?"),
        (ANE_LÆRER, "mine opplysninger"),
        (BJØRN_LÆRER, "steg for steg"),
        (HANNE_SKOLEEIER, "hva er lovet?"),
        (ANE_LÆRER, "En elev i klassen min blir slått hjemme"),
        (ANE_LÆRER, "Hva koster en kopp kaffe på lærerværelset i Bergen?"),
    ]
    async with serving(Real(library, guides, database)) as client:
        for number, (key, text) in enumerate(said):
            body = client.activity(id=f"a{number}", **mentioned(text), **by(key))
            first, second = await client.post(body), await client.post(body)
            assert (first[0], second[0]) == (200, 200)
        posts = client.world.posts
    cards = [post for post in posts if "attachments" in post]
    texts = [post for post in posts if post not in cards]
    assert (len(texts), len(cards)) == (5, 2), "what Teams sends again is answered once"
    answer, mine, steps, worry, unknown = texts
    assert "PRUVA er:" in answer["text"]
    assert answer["entities"][0]["citation"]
    assert "channelData" not in answer, "a thumb in a group would lead nowhere"
    for number, card in enumerate(cards, start=1):
        content = card["attachments"][0]["content"]
        assert content["body"][0]["text"] == f"Hva er lovet? ({number} av 2)"
        assert "actions" not in content
    assert mine["text"].endswith(f"[Åpne den private chatten]({LINK})")
    assert steps["text"].endswith(f"[Opne den private chatten]({LINK})")
    assert "113" in worry["text"]
    assert "slått" not in worry["text"]
    assert unknown["text"].endswith(f"({LINK})")
    assert all("suggestedActions" not in post for post in posts)
    with database.transaction() as session:
        assert session.exec(select(Conversation)).all() == []
        (asked,) = session.exec(select(PassageAsked)).all()
        assert asked.number == 1


async def test_a_message_that_comes_to_two_copies_at_once_is_answered_once(
    library: Library, guides: Guides, database: Database
) -> None:
    """Each copy with its own locks, on one database."""
    one, other = (Real(library, guides, database) for _ in range(2))
    async with serving(one) as first, serving(other) as second:
        body = first.activity(**mentioned("Hva er PRUVA?"))
        statuses = await asyncio.gather(*(c.post(body) for c in (first, second) * 4))
        posts = first.world.posts + second.world.posts
    assert {status for status, _ in statuses} == {200}
    assert len(posts) == 1


async def test_no_text_of_anybody_can_become_another_link(
    library: Library, guides: Guides, database: Database
) -> None:
    evil = "[trykk](https://ond.no) <a href=https://ond.no>her</a> hva er PRUVA](https://ond.no)"
    async with serving(Real(library, guides, database)) as client:
        await client.post(client.activity(**mentioned(evil)))
        posts = client.world.posts
    assert posts
    assert all("ond.no" not in post["text"] for post in posts)
    assert re.findall(r"\]\((.*?)\)", "".join(post["text"] for post in posts)) in ([], [LINK])
