"""Conversations as data: every file in tests/transcripts/ is played and must go as written."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.messages import (
    CardReply,
    Choice,
    Facts,
    Items,
    Message,
    MessageKind,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.guide_files import Guides
from knowledge.library import Library
from storage.database import Database

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


class Chat:
    """One person in one conversation, with a clock that moves a minute each turn."""

    def __init__(self, assistant: Assistant, sender: str, name: str) -> None:
        self.assistant, self.sender, self.name = assistant, sender, name
        self.turns = 0
        self.last: list[Reply] = []

    def send(self, kind: MessageKind, text: str = "", value: dict[str, Any] | None = None) -> None:
        self.turns += 1
        self.last = self.assistant.handle(
            Message(
                id=f"activity-{self.turns}",
                conversation=f"chat with {self.sender}",
                sender=self.sender,
                sender_name=self.name,
                arrived=START + timedelta(minutes=self.turns),
                kind=kind,
                text=text,
                value=value or {},
            )
        )

    def suggestions(self) -> dict[str, str]:
        return {
            s.title: s.say for r in self.last if isinstance(r, TextReply) for s in r.suggestions
        }

    def buttons(self) -> dict[str, dict[str, Any]]:
        return {
            b.title: dict(b.value) for r in self.last if isinstance(r, CardReply) for b in r.buttons
        }


def shown(replies: list[Reply]) -> str:
    """All that a person reads in the replies."""
    texts: list[str] = []
    for reply in replies:
        if isinstance(reply, TextReply):
            texts.append(reply.text)
            continue
        texts.append(reply.title)
        for block in reply.blocks:
            match block:
                case Paragraph(text=text):
                    texts.append(text)
                case Items(items=items):
                    texts += items
                case Facts(pairs=pairs):
                    texts += [f"{label}: {value}" for label, value in pairs]
                case Choice(label=label, options=options):
                    texts += [label, *(name for _, name in options)]
                case TextInput(label=label, value=value):
                    texts += [label, value]
    return "\n".join(texts)


def play(chat: Chat, turn: dict[str, Any]) -> None:
    if "says" in turn:
        chat.send(MessageKind.TEXT, turn["says"])
    elif "suggestion" in turn:
        chat.send(MessageKind.TEXT, chat.suggestions()[turn["suggestion"]])
    elif "button" in turn:
        value = {**chat.buttons()[turn["button"]], **turn.get("fills", {})}
        chat.send(MessageKind.BUTTON, value=value)
    else:
        chat.send(MessageKind(turn["happens"]))


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.toml")), ids=lambda p: p.stem)
def test_conversation_goes_as_written(
    path: Path, library: Library, guides: Guides, database: Database
) -> None:
    """Every conversation in tests/transcripts/ goes as its file says."""
    script = tomllib.loads(path.read_text(encoding="utf-8"))
    assistant = Assistant(
        library, guides, database, read_contacts(), "secret", local=script.get("local", False)
    )
    chat = Chat(assistant, script.get("sender", "somebody"), script.get("name", ""))
    for number, turn in enumerate(script["turn"], start=1):
        play(chat, turn)
        text = shown(chat.last)
        where = f"{path.name}, turn {number}: {text}"
        kinds = {"text": TextReply, "card": CardReply}
        if "reply" in turn:
            assert [type(r) for r in chat.last] == [kinds[k] for k in turn["reply"]], where
        for wanted in turn.get("shows", []):
            assert wanted in text, f"«{wanted}» is missing in {where}"
        for unwanted in turn.get("hides", []):
            assert unwanted not in text, f"«{unwanted}» is in {where}"
        for title in turn.get("suggests", []):
            assert title in chat.suggestions(), f"«{title}» is not suggested in {where}"
        if "replies" in turn:
            assert len(chat.last) == turn["replies"], where
