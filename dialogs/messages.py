"""The words the floors exchange: who wrote what, and what is answered.

A door (Teams, the command line, a test) makes a `Message` of what came in and renders the
replies it gets back. Nothing here knows Teams, HTTP or the clock. Texts are plain text:
paragraphs are separated by a blank line, list items begin with "• ". The door escapes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

Language = Literal["nb", "nn"]


class MessageKind(StrEnum):
    """What happened in the channel."""

    TEXT = "text"
    BUTTON = "button"  # a button of one of our cards; `value` is what it carried
    INSTALLED = "installed"  # the app was installed, or the conversation began
    REMOVED = "removed"  # the app was uninstalled: stop writing to this conversation
    # value: {"reaction": "like"|"dislike", "reason": str, "text": str, "about": sent id}
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that came in.

    `arrived` is timezone-aware. `reference` is the door's own JSON-able address of the
    conversation, kept so that the bot can write first later on.
    """

    id: str
    conversation: str
    sender: str
    arrived: datetime
    kind: MessageKind = MessageKind.TEXT
    text: str = ""
    value: Mapping[str, Any] = field(default_factory=dict)
    sender_name: str = ""
    reference: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.arrived.tzinfo is None:
            raise ValueError("Message.arrived needs a time zone")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a quotation stands: [number] in the text; `path` is the headings, outermost first."""

    number: int
    document: str
    path: tuple[str, ...]
    abstract: str = ""
    url: str = ""

    @property
    def section(self) -> str:
        return " › ".join(self.path)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A prompt to press: the person is seen to say `say`."""

    title: str
    say: str


@dataclass(frozen=True, slots=True)
class TextReply:
    """One text message. `passage` is the id of what is quoted, for feedback; "" for nothing."""

    text: str
    sources: tuple[Source, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    asks_feedback: bool = False
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    style: Literal["normal", "quote", "note", "heading"] = "normal"


@dataclass(frozen=True, slots=True)
class Items:
    """A bulleted list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of label and value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, as an input of a card. `options` are (value, label)."""

    id: str
    label: str
    options: tuple[tuple[str, str], ...]
    error: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class TextInput:
    """A field to write in, as an input of a card. `value` is what stands there to begin with."""

    id: str
    label: str
    value: str = ""
    error: str = ""
    longest: int = 1_000
    required: bool = True


Block = Paragraph | Items | Facts | Choice | TextInput


@dataclass(frozen=True, slots=True)
class Button:
    """`value` carries all that the button acts on, so that pressing it again is harmless."""

    title: str
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CardReply:
    """A card of its own, never together with a text."""

    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    language: Language = "nb"


Reply = TextReply | CardReply
