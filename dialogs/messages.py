"""The words the floors exchange: who wrote what, and what is answered.

A door (Teams, the command line, a test) makes a `Message` of what came in and renders the
replies it gets back. Nothing here knows Teams, HTTP or the clock. Texts are plain text:
paragraphs are separated by a blank line, list items begin with "• ". The door escapes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
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
    OPEN_DIALOG = "open_dialog"  # a button with `opens_dialog`; answered by one DialogReply
    DIALOG = "dialog"  # what was filled in there; answered by DialogReply to go on, else it closes


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that came with a message, or why it was not fetched; then `content` is empty."""

    name: str
    content: bytes = b""
    problem: Literal["", "too large", "unreachable", "other kind", "several"] = ""


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
    file: AttachedFile | None = None
    public: bool = False  # written in a team or a group chat, where several people read

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
    """One text message. `passage` is the id of what is quoted, for feedback; "" for nothing.

    `private_chat` are the words of a link after the text, to the private chat with the bot.
    `answer` is how a question was answered, to be counted; "" for what is no answer to a question.
    """

    text: str
    sources: tuple[Source, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    asks_feedback: bool = False
    passage: str = ""
    private_chat: str = ""
    answer: Literal["", "answered", "beside", "declined", "guarded"] = field(
        default="", compare=False
    )


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text. An "error" says what is wrong with what was filled in below it."""

    text: str
    style: Literal["normal", "quote", "note", "heading", "error"] = "normal"


@dataclass(frozen=True, slots=True)
class Items:
    """A bulleted list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebLinks:
    """Pairs of text and address (https), each to be pressed."""

    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of label and value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under column headings; every row has as many cells as there are columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the bot draws of a paper. `alt` says in words all that it shows."""

    paper: str
    reader: str
    alt: str


@dataclass(frozen=True, slots=True)
class ChartPart:
    """Some of a row: how many answered one of the categories `first` to `last`, from 1."""

    label: str
    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A value on the scale, and how uncertain it is (half the interval; 0 for not told)."""

    label: str
    value: float
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class ChartRow:
    """One line of a chart: parts of a whole, or points on a scale; nothing, with `note` why."""

    label: str
    parts: tuple[ChartPart, ...] = ()
    points: tuple[ChartPoint, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows drawn by the door, with the same numbers in a table beside.

    "shares": each row's parts fill the width, in the colours of their categories. "points": each
    row's points on a scale from 1 to 5, the distance between them drawn. "change": the points of a
    row are one measure over time. `alt` says in words all that it shows.
    """

    kind: Literal["shares", "points", "change"]
    title: str
    alt: str
    rows: tuple[ChartRow, ...]
    categories: int = 5


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Pairs of text and path on the page ("/side/runder/…"); on a card, of the page's address."""

    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several, as an input of a card, or any number of them. `options` are (value, label).

    `value` is what is chosen to begin with; with `several`, values with commas between, which is
    also how the answer comes back.
    """

    id: str
    label: str
    options: tuple[tuple[str, str], ...]
    error: str = ""
    required: bool = True
    value: str = ""
    several: bool = False


@dataclass(frozen=True, slots=True)
class TextInput:
    """A field to write in, as an input of a card. `value` is what stands there to begin with."""

    id: str
    label: str
    value: str = ""
    error: str = ""
    longest: int = 1_000
    required: bool = True
    lines: bool = True  # room for several lines
    hint: str = ""  # stands in the empty field


@dataclass(frozen=True, slots=True)
class NumberInput:
    """A field for a number; both values are as written, with a decimal point."""

    id: str
    label: str
    value: str = ""
    error: str = ""
    required: bool = True
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class DateInput:
    """A field for a date, as 2026-11-22."""

    id: str
    label: str
    value: str = ""
    error: str = ""
    required: bool = True


Input = Choice | TextInput | NumberInput | DateInput


@dataclass(frozen=True, slots=True)
class FeedAddress:
    """The secret address of somebody's own calendar, to be copied. The door makes it of the id."""

    feed: str


@dataclass(frozen=True, slots=True)
class PageAddress:
    """The way in to the page, for the login with this id. The door makes the address."""

    login: str


Block = (
    Paragraph
    | Items
    | WebLinks
    | PageLinks
    | Facts
    | Table
    | Picture
    | Chart
    | FeedAddress
    | PageAddress
    | Input
)


@dataclass(frozen=True, slots=True)
class Button:
    """`value` carries all that the button acts on, so that pressing it again is harmless.

    A button sends the inputs of its card, and is held back while a required one is empty, unless
    `sends_inputs` is off.
    """

    title: str
    value: Mapping[str, Any]
    sends_inputs: bool = True
    opens_dialog: bool = False
    weight: Literal["normal", "main", "danger"] = "normal"


@dataclass(frozen=True, slots=True)
class Download:
    """A button that opens a file made of a paper, by an address that is good for a while.

    `paper` says which (dialogs/papers.py reads it), `reader` is who may open it: a person's key.
    """

    title: str
    paper: str
    format: Literal["docx", "txt", "ics", "json"]
    reader: str


@dataclass(frozen=True, slots=True)
class CardReply:
    """A card of its own, never together with a text.

    `about` names what the card shows, when it must be found again to be changed after it was sent.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button | Download, ...] = ()
    language: Language = "nb"
    about: str = ""


@dataclass(frozen=True, slots=True)
class DialogReply:
    """A card in a dialog (Teams' task module) instead of in the chat."""

    card: CardReply


Reply = TextReply | CardReply | DialogReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What a meeting has that a period of whole days has not. Both ends have a time zone.

    `version` grows with each change that people must hear of; `changed_at` is when it last did.
    """

    starts: datetime
    ends: datetime
    changed_at: datetime
    version: int = 1
    place: str = ""
    link: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something in a calendar: whole days, `until` included, unless it has `moments`.

    The id of what has moments is the same wherever it stands; others are of their own paper.
    """

    id: str
    title: str
    day: date
    until: date
    text: str = ""
    moments: Moments | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """What is read, printed or put in a calendar: the same blocks as on the card, without inputs.

    `byline` says whose it is and of which day. `events` are what the calendar file holds, and what
    the timeline draws. `data` is what a program reads instead, where there is such a file.
    """

    title: str
    blocks: tuple[Block, ...]
    byline: str = ""
    events: tuple[Event, ...] = ()
    language: Language = "nb"
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """What is shown in the browser: each card is a section, and a form where it has inputs.

    `filters` are the inputs of a form that only looks (GET), by their ids as query parameters.
    `menu` and `trail` are (title, path); `files` are (title, path) of what can be downloaded.
    """

    title: str
    cards: tuple[CardReply, ...]
    menu: tuple[tuple[str, str], ...] = ()
    trail: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    filters: tuple[Input, ...] = ()
    language: Language = "nb"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to calculate with: a name, column headings, and rows of texts, numbers and dates.

    `notes` are sentences that belong with the numbers.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float | date | None, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """Sheets that are downloaded together; as CSV, the first alone."""

    title: str
    sheets: tuple[Sheet, ...]
    language: Language = "nb"
