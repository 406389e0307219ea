"""Leaders of two schools work in drafts in every way at once, and nothing that was saved is lost.

The machine acts through the Assistant alone, as people do: it presses the buttons of cards that
were shown, old ones too, and writes in the chat. After every turn it reads what is stored and asks
of every change whether somebody who had seen what stood there before meant it to be so.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import count
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import delete, event, select

from dialogs import engine
from dialogs.access import may_edit, reader
from dialogs.answer_choices import handle
from dialogs.assistant import COMMANDS, Assistant
from dialogs.contacts import read_contacts
from dialogs.drafts import open_view
from dialogs.guide import Guide, Step
from dialogs.guide_files import Guides
from dialogs.messages import (
    Button,
    CardReply,
    Choice,
    DateInput,
    DialogReply,
    Message,
    MessageKind,
    NumberInput,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.papers import paper_to_json
from dialogs.whole_form import pages_of
from knowledge.library import Library
from storage.database import Database
from storage.drafts import Owner, answers_of, history_of
from storage.people import RegisteredPerson, import_people
from storage.shared import find_shared, list_shared, name_deputy
from storage.tables import (
    Comment,
    Conversation,
    DraftAnswer,
    DraftPlace,
    GuideDraft,
    OutboxRow,
    SentCard,
    SharedVersion,
    UsefulMark,
)
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    PEOPLE,
    START,
)
from tests.storage.at_once import at_once

# Of one school, and the last of another. Kari is deputy, so that two may share at once.
NILS = replace(
    next(one for one in PEOPLE if one.key == KARI_AVDELINGSLEDER),
    key="00000000-0000-4000-8000-000000000013",
    name="Nils Dahl",
)
SCHOOL = (DAVID_REKTOR, KARI_AVDELINGSLEDER, NILS.key)
WRITERS = (*SCHOOL, LARS_REKTOR)
SHARERS = (DAVID_REKTOR, KARI_AVDELINGSLEDER)
EVERYBODY = {one.key: one for one in (*PEOPLE, NILS)}
OUTSIDE = (LARS_REKTOR, HANNE_SKOLEEIER)
READERS = (*WRITERS, ANE_LÆRER, HANNE_SKOLEEIER)

STEP_WORDS = ("fortsett", "neste", "tilbake", "hopp over", "senere", "oversikt", "steg for steg")
WORDS = (*STEP_WORDS, "utviklingsplanen", "delt av skolene", "hva er dybdelæring?")
AUDIENCES = ("skolen", "sonen", "ledere", "skoleeierteamet", "alle")
# What a press of a step, a row or a form is answered by must lead on.
STEP_VERBS = {
    *("start", "open", "answer", "later", "skip", "back", "keep", "use_text", "carry_on"),
    *("row_edit", "row_save", "row_delete", "row_restore", "rows_again", "rows_again_now"),
    *("overview", "history", "finish", "delete_ask", "delete_not"),
    *("whole", "whole_save", "preview", "share_ask", "share"),
}
# These put back what was deleted: they write over a deletion, whoever made it.
RESTORING = {"row_restore", "to_plan"}

SELDOM = (
    *(
        "rows_again",
        "rows_again_now",
        "row_delete",
        "row_restore",
        "keep",
        "use_text",
        "skip",
        "delete",
    ),
    *("to_plan", "plan_update", "plan_undo"),
)

MARK = re.compile(r"merke\d+q")  # one in every text that is written, to see who can read it
MANY = 30  # cards of a person that may still be pressed


# The guides, and how they change while drafts are open


def _step(id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "text": id.capitalize(), "text_nn": id.capitalize(), **more}


def _options(*values: str) -> list[dict[str, str]]:
    return [{"value": one, "text": one.capitalize(), "text_nn": one.capitalize()} for one in values]


def _column(id: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "label": id.capitalize(), "label_nn": id.capitalize(), **more}


_ENDS = {"low": "Lite", "low_nn": "Lite", "high": "Mye", "high_nn": "Mykje"}
_TABLE = _step(
    "rader",
    "table",
    optional=True,
    columns=[
        _column("navn", "long_text"),
        _column("tid", "date", optional=True),
        _column("slag", "one_of", optional=True, choices=_options("rødt", "blått")),
        _column("antall", "number", optional=True),
    ],
)
_NEW = _step("nytt", "long_text", optional=True)


def _guide(id: str, steps: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": f"Arket {id}",
        "title_nn": f"Arket {id}",
        "about": "Et ark.",
        "about_nn": "Eit ark.",
        "source": "Prøve",
        "minutes": 5,
        "owner": "school",
        "roles": ["rektor", "avdelingsleder"],
        "audiences": list(AUDIENCES),
        "suggested": "ledere",
        "step": list(steps),
        **more,
    }


GUIDES = {
    # Every kind of step, and a branch.
    "alle": _guide(
        "alle",
        [
            _step("om", "read"),
            _step("vei", "one_of", choices=_options("kort", "lang"), next={"kort": "frist"}),
            _step("hva", "long_text"),
            _step("antall", "number", minimum=0, maximum=500),
            _step("hvor", "scale", **_ENDS),
            _step(
                "begge",
                "two_scales",
                scales=[
                    {"id": one, "text": one, "text_nn": one, **_ENDS} for one in ("bra", "viktig")
                ],
            ),
            _step("flere", "several_of", choices=_options("a", "b", "c"), optional=True),
            _step("frist", "date"),
            _step("tid", "period", optional=True),
            {**_TABLE, "optional": False},
            _step("slutt", "short_text", optional=True),
        ],
    ),
    # One for each theme: short, so that much is shared.
    "tema": _guide(
        "tema",
        [
            _step("tema", "short_text"),
            _step("hva", "long_text"),
            _step("antall", "number", optional=True),
            _TABLE,
        ],
        per="theme",
        named_by="tema",
    ),
    # A person's own.
    "eget": _guide(
        "eget",
        [_step("hva", "long_text"), _step("slutt", "short_text", optional=True)],
        owner="person",
        audiences=["skolen", "alle"],
        suggested="skolen",
    ),
}

Steps = list[dict[str, Any]]


def _kind(id: str, kind: str) -> Callable[[Steps], Steps]:
    """A step that is of another kind, as a fagrådgiver may have it one day."""
    other = {**_TABLE, "id": id} if kind == "table" else _step(id, kind)
    return lambda steps: [other if step["id"] == id else step for step in steps]


OTHER_KINDS = {
    "text to number": ("hva", "number"),
    "text to reading": ("hva", "read"),
    "text to table": ("hva", "table"),
    "number to text": ("antall", "short_text"),
    "table to text": ("rader", "long_text"),
}
CHANGES: dict[str, Callable[[Steps], Steps]] = {
    "added": lambda steps: [*steps[:1], _NEW, *steps[1:]],
    "removed": lambda steps: [step for step in steps if step["id"] not in ("hva", "antall")],
    "table removed": lambda steps: [step for step in steps if step["kind"] != "table"],
    "moved": lambda steps: [*sorted(steps, key=lambda s: s["id"] != "slutt")],
    **{change: _kind(id, kind) for change, (id, kind) in OTHER_KINDS.items()},
}


def _changed(change: str, steps: Steps) -> Steps:
    return CHANGES[change](steps) if change in CHANGES else steps


def guides_after(change: str, own: Guides) -> Guides:
    """The guides, changed; "" for as they were, "gone" when one has been taken out of use."""
    guides = {
        id: Guide.model_validate({**guide, "step": _changed(change, guide["step"])})
        for id, guide in GUIDES.items()
        if (change, id) != ("gone", "tema")
    }
    return Guides({**guides, **{id: own.by_id[id] for id in ("utviklingsplan", "fremdriftsplan")}})


# The kommune: one database, emptied between runs, and a way to fail in the middle of a turn


class Crash(Exception):
    """The program is gone in the middle of a turn."""


class Kommune:
    """A database with people, and the Assistant as it is with each change of the guides."""

    def __init__(self, database: Database, library: Library, guides: Guides) -> None:
        self.database = database
        self.now = START
        self._library, self._guides = library, guides
        self._assistants: dict[str, Assistant] = {}
        self._left = 0  # statements until the crash; 0 = none is coming
        event.listen(database._engine, "before_cursor_execute", self._before_statement)
        event.listen(database._engine, "commit", self._before_commit)
        with database.transaction() as session:
            import_people(session, list(EVERYBODY.values()), dry_run=False)
            school = EVERYBODY[DAVID_REKTOR].unit
            name_deputy(session, school, KARI_AVDELINGSLEDER, DAVID_REKTOR, START)

    def assistant(self, change: str) -> Assistant:
        if change not in self._assistants:
            self._assistants[change] = Assistant(
                self._library,
                guides_after(change, self._guides),
                self.database,
                read_contacts(),
                "secret",
                clock=lambda: self.now,
            )
        return self._assistants[change]

    def guides(self, change: str) -> Guides:
        return self.assistant(change)._guides

    def empty(self) -> None:
        """Forget all but the people."""
        self.now = START
        with self.database.transaction() as session:
            for table in (
                *(OutboxRow, SentCard, UsefulMark, Comment, SharedVersion),
                *(DraftPlace, DraftAnswer, GuideDraft, Conversation),
            ):
                session.connection().execute(delete(table))

    def crashes(self, statements: int, act: Callable[[], object]) -> bool:
        """Act until the program is gone before that statement, or before the commit."""
        self._left = statements
        try:
            act()
        except Crash:
            return True
        finally:
            self._left = 0
        return False

    def _before_statement(self, *_: object) -> None:
        if self._left == 1:
            raise Crash
        self._left = max(0, self._left - 1)

    def _before_commit(self, _: object) -> None:
        if self._left:
            raise Crash


# What is stored, read past the conversation


@dataclass(frozen=True)
class Writing:
    key: str
    value: Any
    revision: int
    author: str


@dataclass(frozen=True)
class Draft:
    """One draft and everything written in it. A deleted one that is begun anew is another."""

    id: str
    guide: str
    owner: Owner
    revision: int
    begun: datetime
    writings: tuple[Writing, ...] = ()

    @property
    def life(self) -> tuple[str, datetime]:
        return self.id, self.begun

    @cached_property
    def now(self) -> dict[str, Writing]:
        """What holds, by key, in the order of first writing."""
        return {one.key: one for one in self.writings}

    @cached_property
    def values(self) -> dict[str, Any]:
        return {key: one.value for key, one in self.now.items()}

    def base(self, key: str) -> int:
        return self.now[key].revision if key in self.now else 0


@dataclass(frozen=True)
class Version:
    id: str
    draft: str
    revision: int
    number: int
    audience: str
    owner: Owner
    zone: str
    withdrawn: bool
    paper: Mapping[str, Any]


@dataclass(frozen=True)
class Stored:
    drafts: Mapping[str, Draft]
    versions: Mapping[str, Version]

    @cached_property
    def seen(self) -> dict[tuple[tuple[str, datetime], str], int]:
        """Of every answer of every draft, the revision that one sees now."""
        return {
            (draft.life, key): one.revision
            for draft in self.drafts.values()
            for key, one in draft.now.items()
        }


def may_read(person: RegisteredPerson, version: Version, stored: Stored) -> bool:
    """What is not withdrawn, by those who read the newest of it too."""
    if version.withdrawn:
        return False
    shared = (o for o in stored.versions.values() if o.draft == version.draft and not o.withdrawn)
    newest = max(shared, key=lambda one: one.number)
    return _is_for(person, version) and _is_for(person, newest)


def _is_for(person: RegisteredPerson, version: Version) -> bool:
    owner, audience = version.owner, version.audience
    unit = owner.name if owner.kind == "school" else EVERYBODY[owner.name].unit
    leads = person.role in ("rektor", "avdelingsleder")
    team = person.role in ("skoleeierteam", "fagrådgiver")
    return (
        unit == person.unit
        or audience == "alle"
        or (audience == "sonen" and leads and person.zone == version.zone)
        or (audience == "ledere" and (leads or team))
        or (audience == "skoleeierteamet" and team)
    )


_DRAFTS = select(
    GuideDraft.id,  # type: ignore[call-overload]
    GuideDraft.guide,
    GuideDraft.owner_kind,
    GuideDraft.owner_name,
    GuideDraft.revision,
    GuideDraft.started_at,
)
_WRITINGS = select(
    DraftAnswer.draft,  # type: ignore[call-overload]
    DraftAnswer.key,
    DraftAnswer.value,
    DraftAnswer.revision,
    DraftAnswer.author,
).order_by(DraftAnswer.draft, DraftAnswer.revision)
_VERSIONS = select(
    SharedVersion.id,  # type: ignore[call-overload]
    SharedVersion.draft,
    SharedVersion.revision,
    SharedVersion.number,
    SharedVersion.audience,
    SharedVersion.owner_kind,
    SharedVersion.owner_name,
    SharedVersion.zone,
    SharedVersion.withdrawn_at,
    SharedVersion.paper,
)


def read_stored(database: Database) -> Stored:
    with database.transaction() as session:
        execute = session.connection().execute
        drafts, writings, shared = (execute(one).all() for one in (_DRAFTS, _WRITINGS, _VERSIONS))
    written: dict[str, list[Writing]] = defaultdict(list)
    for draft, *rest in writings:
        written[draft].append(Writing(*rest))
    return Stored(
        {
            id: Draft(id, guide, Owner(kind, name), revision, begun, tuple(written[id]))
            for id, guide, kind, name, revision, begun in drafts
        },
        {
            id: Version(
                *(id, draft, revision, number, audience, Owner(kind, name), zone),
                *(withdrawn is not None, paper),
            )
            for id, draft, revision, number, audience, kind, name, zone, withdrawn, paper in shared
        },
    )


# Cards, and what is filled in on them


@dataclass(frozen=True)
class Card:
    """A card as it was shown; pressed later, it acts on what stood there then."""

    reply: CardReply
    seen: Mapping[tuple[tuple[str, datetime], str], int]
    drafts: Mapping[str, int]  # the revision of each draft
    change: str
    in_dialog: bool

    @property
    def buttons(self) -> list[Button]:
        return [one for one in self.reply.buttons if isinstance(one, Button)]

    def button(self, verb: str) -> Button | None:
        return next((one for one in self.buttons if one.value.get("verb") == verb), None)


NOTHING = object()  # filled in, but no answer
UNSURE = object()


def filled(card: Card, button: Button, chance: Random, marks: Iterator[int]) -> dict[str, Any]:
    """What the card sends with the button: each input as it stands, blank, or filled in anew."""
    fields: dict[str, Any] = {}
    if not button.sends_inputs:
        return fields
    for block in card.reply.blocks:
        if not isinstance(block, Choice | TextInput | NumberInput | DateInput):
            continue
        fields[block.id] = block.value
        luck = chance.random()
        if luck < 0.05:
            fields[block.id] = ""
        elif luck < (0.7 if block.value else 0.95):
            fields[block.id] = _anew(block, chance, marks)
    return fields


def _anew(
    block: Choice | TextInput | NumberInput | DateInput, chance: Random, marks: Iterator[int]
) -> str:
    match block:
        case Choice(options=options, several=several):
            values = [value for value, _ in options]
            if not values:
                return ""
            if not several:
                return chance.choice(values)
            return ",".join(v for v in values if chance.random() < 0.6) or values[0]
        case NumberInput():
            return str(chance.randrange(0, 100))
        case DateInput(id=id):
            year = 2028 if id.endswith("__until") else 2027
            return date(year, chance.randrange(1, 13), chance.randrange(1, 28)).isoformat()
    return f"Vi skriver merke{next(marks)}q her"


def given(step: Step, fields: Mapping[str, Any]) -> Any:
    """What was filled in for a step, as it is to be stored; `NOTHING` when it can't be."""
    parts = [one.id for one in step.scales] if step.kind == "two_scales" else ["value"]
    parts = ["from", "until"] if step.kind == "period" else parts
    texts = [str(fields.get(f"{step.id}__{part}", "")).strip() for part in parts]
    if not any(texts):
        return None if step.optional else NOTHING
    if not all(texts):
        return NOTHING
    match step.kind:
        case "scale" | "number":
            return int(texts[0])
        case "two_scales":
            return {part: int(text) for part, text in zip(parts, texts, strict=True)}
        case "period":
            return dict(zip(parts, texts, strict=True))
        case "several_of":
            return texts[0].split(",")
    return texts[0]


def given_row(step: Step, fields: Mapping[str, Any]) -> Any:
    row: dict[str, Any] = {}
    for column in step.columns:
        text = str(fields.get(f"{step.id}__{column.id}", "")).strip()
        if not text and not column.optional:
            return NOTHING
        row[column.id] = (int(text) if column.kind == "number" else text) if text else None
    return NOTHING if all(value is None for value in row.values()) else row


def shown(replies: Sequence[Reply]) -> str:
    """The texts of replies that a check looks for."""
    texts = []
    for reply in replies:
        if isinstance(reply, TextReply):
            texts.append(reply.text)
            continue
        card = reply.card if isinstance(reply, DialogReply) else reply
        texts += [card.title, *(one.text for one in card.blocks if isinstance(one, Paragraph))]
    return "\n".join(texts)


def leads_on(reply: Reply) -> bool:
    """Whether there is something to press, or something to write that the bot understands."""
    if isinstance(reply, TextReply):
        named = re.findall("«([^»]+)»", reply.text)
        return bool(reply.suggestions) or any(one.casefold() in COMMANDS for one in named)
    card = reply.card if isinstance(reply, DialogReply) else reply
    return any(isinstance(one, Button) for one in card.buttons)


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(_as_on_cards(one) == _as_on_cards(other))


def _as_on_cards(value: Any) -> Any:
    """The value with what a card carries for a long choice: it is stored whole."""
    match value:
        case str():
            return handle(value)
        case dict():
            return {key: _as_on_cards(one) for key, one in value.items()}
        case list():
            return [_as_on_cards(one) for one in value]
    return value


def has_content(value: Any) -> bool:
    return value is not None and value is not True


# The machine


@dataclass(frozen=True)
class Press:
    """A button about to be pressed."""

    who: str
    card: Card
    button: Button
    fields: Mapping[str, Any]

    @property
    def value(self) -> dict[str, Any]:
        return {**self.fields, **self.button.value}

    @property
    def kind(self) -> MessageKind:
        if self.button.opens_dialog:
            return MessageKind.OPEN_DIALOG
        return MessageKind.DIALOG if self.card.in_dialog else MessageKind.BUTTON


@dataclass(frozen=True)
class Expected:
    """What is to come of a filled-in answer: it is saved, or it collides, or it can't be read."""

    draft: str
    key: str
    value: Any
    saved: bool


people = st.sampled_from(WRITERS)
colleagues = st.sampled_from(SCHOOL)
numbers = st.integers(0, 9_999)


class DraftMachine(RuleBasedStateMachine):
    """What people may do to drafts, in any order. `kommune` is set by `machine_in`."""

    kommune: Kommune

    def __init__(self) -> None:
        super().__init__()
        self.kommune.empty()
        self.stored = read_stored(self.kommune.database)
        self.cards: dict[str, list[Card]] = {who: [] for who in WRITERS}
        self.open: dict[str, Card] = {}  # the step that what is typed may answer
        self.presses: dict[str, Press] = {}  # the last one of each
        self.messages: dict[str, Message] = {}
        self.change = ""
        self.crash_after = 0
        self.loses_reply = False
        self.shared: dict[str, set[tuple[datetime, int]]] = defaultdict(set)  # lives and revisions
        self.audiences: dict[str, str] = {}  # of a version, as it was chosen last
        self.withdrawn: set[str] = set()  # versions
        self.ids, self.marks = count(1), count(1)

    def teardown(self) -> None:
        with self.kommune.database.transaction() as session:
            for draft in self.stored.drafts.values():
                history = history_of(session, draft.id)
                written = [Writing(o.key, o.value, o.revision, o.author) for o in history]
                assert tuple(written) == draft.writings
                now = {key: one.value for key, one in answers_of(session, draft.id).items()}
                assert now == draft.values
        self.everybody_reads_what_is_shared_with_them()
        self.everybody_sees_what_was_answered()

    # One turn

    def message(
        self, who: str, kind: MessageKind, text: str = "", value: Mapping[str, Any] | None = None
    ) -> Message:
        self.kommune.now += timedelta(minutes=1)
        message = Message(
            id=f"activity {next(self.ids)}",
            conversation=f"chat with {who}",
            sender=who,
            arrived=self.kommune.now,
            kind=kind,
            text=text,
            value=value or {},
        )
        self.messages[who] = message
        return message

    def handle(self, message: Message) -> list[Reply]:
        return self.kommune.assistant(self.change).handle(message)

    def turn(self, message: Message, press: Press | None = None) -> list[Reply]:
        """Send a message, over a crash if one is coming, and look at all that came of it."""
        if self.crash_after:
            crashed = self.kommune.crashes(self.crash_after, lambda: self.handle(message))
            assert crashed
            assert read_stored(self.kommune.database) == self.stored, "half a turn was saved"
            self.crash_after = 0
        expected = list(self.expected(press)) if press else []
        before = self.stored
        replies = self.handle(message)
        self.look(before, {message.sender: press})
        self.replied(message, replies, press, before)
        for one in expected:
            self.came(one, before, replies)
        if self.loses_reply:
            self.loses_reply = False
            assert self.handle(message) == []
            assert read_stored(self.kommune.database) == self.stored, "sent again, it did more"
        else:
            self.keep(message.sender, replies)
        return replies

    def press(self, press: Press) -> list[Reply]:
        self.presses[press.who] = press
        return self.turn(self.message(press.who, press.kind, value=press.value), press)

    def write(self, who: str, text: str) -> list[Reply]:
        return self.turn(self.message(who, MessageKind.TEXT, text=text))

    def pressed(self, who: str, card: Card, button: Button, seed: int) -> list[Reply]:
        fields = filled(card, button, Random(seed), self.marks)
        return self.press(Press(who, card, button, fields))

    def ask(self, who: str, verb: str, **value: Any) -> list[Reply]:
        """Press a button that stands on many cards, shown just now."""
        card = Card(CardReply(""), self.stored.seen, self.revisions(), self.change, False)
        return self.press(Press(who, card, Button("", {"verb": verb, **value}), {}))

    def revisions(self) -> dict[str, int]:
        return {draft.id: draft.revision for draft in self.stored.drafts.values()}

    def keep(self, who: str, replies: Sequence[Reply]) -> None:
        for reply in replies:
            if isinstance(reply, TextReply):
                continue
            in_dialog = isinstance(reply, DialogReply)
            shown = reply.card if isinstance(reply, DialogReply) else reply
            card = Card(shown, self.stored.seen, self.revisions(), self.change, in_dialog)
            if card.buttons:
                self.cards[who] = [*self.cards[who], card][-MANY:]
            if card.button("answer"):
                self.open[who] = card

    # What must be so after every turn

    def look(self, before: Stored, presses: Mapping[str, Press | None]) -> None:
        """Read what is stored, and ask of all that has changed whether somebody meant it."""
        self.stored = after = read_stored(self.kommune.database)
        for id, draft in before.drafts.items():
            if id not in after.drafts or after.drafts[id].life != draft.life:
                self.was_to_be_deleted(draft, presses)
        for draft in after.drafts.values():
            old = before.drafts.get(draft.id)
            written = old.writings if old and old.life == draft.life else ()
            assert draft.writings[: len(written)] == written, "a writing is gone or changed"
            for number in range(len(written), len(draft.writings)):
                self.was_to_be_written(draft, number, presses)
        if before.versions != after.versions:
            self.were_to_be_shared(before, presses)
            # Those of other schools now, everybody at the end: it costs as much as many turns.
            self.everybody_reads_what_is_shared_with_them(OUTSIDE)

    def everybody_sees_what_was_answered(self) -> None:
        """Of every step of the guide as it is now, whatever it was before."""
        assistant = self.kommune.assistant(self.change)
        with self.kommune.database.transaction() as session:
            for who in WRITERS:
                composing = assistant._composing(session, EVERYBODY[who])
                for draft in self.drafts_of(who):
                    view = open_view(composing, draft.id)
                    for step in view.guide.step if view else ():
                        value = draft.values.get(step.id)
                        if view and step.kind != "table" and has_content(value):
                            assert view.answers[step.id] == value, f"{step.id} is not seen"

    def was_to_be_deleted(self, draft: Draft, presses: Mapping[str, Press | None]) -> None:
        confirmed = [
            one
            for one in presses.values()
            if one and one.button.value.get("verb") == "delete"
            if one.card.drafts.get(draft.id) == draft.revision
            if draft.revision == 0 or any(life == draft.life for life, _ in one.card.seen)
            if may_edit(EVERYBODY[one.who], draft.owner)
        ]
        assert confirmed, f"{draft.id} was deleted by somebody who hadn't seen all that is in it"

    def was_to_be_written(
        self, draft: Draft, number: int, presses: Mapping[str, Press | None]
    ) -> None:
        one = draft.writings[number]
        assert one.author in presses, "written in somebody else's name"
        assert may_edit(EVERYBODY[one.author], draft.owner), "written by somebody who may not"
        earlier = [other for other in draft.writings[:number] if other.key == one.key]
        if not earlier:
            return
        replaced, press = earlier[-1], presses[one.author]
        verb = press.button.value.get("verb") if press else ""
        assert one.value is not True or not has_content(replaced.value), (
            f"{replaced} was lost when the step was only passed ({verb})"
        )
        if verb in RESTORING and replaced.value is None:
            return
        card = press.card if press else self.open.get(one.author)
        seen = card.seen.get((draft.life, one.key)) if card else None
        assert seen == replaced.revision, f"{replaced} was overwritten unseen by {one} ({verb})"

    def expected(self, press: Press) -> Iterator[Expected]:
        """What is to come of what is filled in, by somebody who may, for a step that is there."""
        value, guides = press.button.value, self.kommune.guides(self.change)
        draft = self.stored.drafts.get(str(value.get("draft")))
        if draft is None or not may_edit(EVERYBODY[press.who], draft.owner):
            return
        guide = guides.get(draft.guide)
        if guide is None or press.card.change != self.change:
            return
        path = engine.path(guide, engine.gather(draft.values))
        step = guide.find(str(value.get("step")))
        verb = value.get("verb")
        if verb == "whole_save":
            page = pages_of(guide)[value["page"]]
            for one in page:
                wanted = given(one, press.fields)
                if wanted is not None or one.id in draft.now:
                    yield self._expected(press, draft, one.id, wanted)
        elif step is None or step not in path:
            return
        elif verb in ("answer", "later") and step.kind not in ("read", "table"):
            yield self._expected(press, draft, step.id, given(step, press.fields))
        elif verb == "row_save" and step.kind == "table":
            key = f"{step.id}/{value['row']}"
            yield self._expected(press, draft, key, given_row(step, press.fields))
        elif verb == "row_delete" and step.kind == "table":
            key = f"{step.id}/{value['row']}"
            if key in draft.now and draft.now[key].value is not None:
                yield self._expected(press, draft, key, None)

    def _expected(self, press: Press, draft: Draft, key: str, value: Any) -> Expected:
        now = draft.now.get(key)
        free = now is None or same(now.value, value)
        seen = press.card.seen.get((draft.life, key))
        return Expected(draft.id, key, value, free or (now is not None and seen == now.revision))

    def came(self, expected: Expected, before: Stored, replies: Sequence[Reply]) -> None:
        old, new = (
            one.drafts[expected.draft].now.get(expected.key) for one in (before, self.stored)
        )
        said = shown(replies)
        if expected.value is NOTHING:
            assert old == new, "something was saved that wasn't an answer"
        elif expected.saved:
            assert new is not None
            assert same(new.value, expected.value), f"{expected} was not saved: {said}"
            assert "Noen har skrevet her" not in said
        else:
            assert old == new, f"{expected} was saved over {old}"
            assert re.search("skrev dette|endret dette", said), f"nobody was told: {said}"

    def replied(
        self, message: Message, replies: Sequence[Reply], press: Press | None, before: Stored
    ) -> None:
        assert replies, "no reply"
        verb = press.button.value.get("verb") if press else ""
        if verb in STEP_VERBS or message.text in STEP_WORDS:
            assert any(map(leads_on, replies)), f"no way on from {replies}"
        self.nobody_reads_what_is_others(message, replies, before)

    def nobody_reads_what_is_others(
        self, message: Message, replies: Sequence[Reply], before: Stored
    ) -> None:
        person = EVERYBODY[message.sender]
        marks = set(MARK.findall(repr(replies))) - set(MARK.findall(repr(message)))
        if not marks:
            return
        for draft in (*before.drafts.values(), *self.stored.drafts.values()):
            if may_edit(person, draft.owner):
                marks -= set(MARK.findall(repr(draft.writings)))
        for stored in (before, self.stored):
            for version in stored.versions.values():
                if marks and may_read(person, version, stored):
                    marks -= set(MARK.findall(repr(version.paper)))
        assert not marks, f"{person.name} was shown {marks}"

    # What is shared

    def were_to_be_shared(self, before: Stored, presses: Mapping[str, Press | None]) -> None:
        assert before.versions.keys() <= self.stored.versions.keys(), "a version is gone"
        verbs = {one.button.value["verb"]: one for one in presses.values() if one is not None}
        for version in self.stored.versions.values():
            if version == before.versions.get(version.id):
                continue
            assert verbs.keys() & {"share", "withdraw"}, f"{version} changed by itself"
            if "withdraw" in verbs:
                old = before.versions[version.id]
                assert replace(old, withdrawn=True) == version
                pressed = self.stored.versions[verbs["withdraw"].value["version"]]
                assert pressed.draft == version.draft
                self.withdrawn.add(version.id)
                continue
            draft = self.stored.drafts[version.draft]
            life = draft.begun, draft.revision
            if version.id not in before.versions:
                assert life not in self.shared[draft.id], "the same was shared twice"
                numbers = [o.number for o in before.versions.values() if o.draft == draft.id]
                assert version.number == max(numbers, default=0) + 1
                self.shared[draft.id].add(life)
            chosen = [one.value.get("audience") for one in presses.values() if one]
            assert version.audience in chosen
            self.audiences[version.id] = version.audience
            self.withdrawn.discard(version.id)
            who = next(iter(presses))
            paper = self.kommune.assistant(self.change).paper(f"draft:{draft.id}", who)
            assert paper is not None
            assert version.paper == paper_to_json(paper), "what is shared is not what was seen"
        for version in self.stored.versions.values():
            assert version.withdrawn == (version.id in self.withdrawn)
            assert version.audience == self.audiences[version.id]

    def everybody_reads_what_is_shared_with_them(self, readers: Sequence[str] = READERS) -> None:
        versions = self.stored.versions
        with self.kommune.database.transaction() as session:
            for key in readers:
                person = EVERYBODY[key]
                may = {one.id for one in versions.values() if may_read(person, one, self.stored)}
                for id in versions if readers is READERS else ():
                    found = find_shared(session, id, reader(person))
                    assert (found is not None) == (id in may), f"{person.name}: {versions[id]}"
                listed, total = list_shared(session, reader(person), limit=100)
                drafts = [one.draft for one in listed]
                assert len(drafts) == len(set(drafts)) == total, f"twice in the list: {listed}"
                assert set(drafts) == {versions[id].draft for id in may}

    # Working in drafts

    def drafts_of(self, who: str) -> list[Draft]:
        mine = (o for o in self.stored.drafts.values() if may_edit(EVERYBODY[who], o.owner))
        return sorted(mine, key=lambda one: one.begun)

    def newest(self, who: str, verb: str) -> Card | None:
        return next((one for one in reversed(self.cards[who]) if one.button(verb)), None)

    @initialize(
        who=colleagues,
        guide=st.sampled_from(["tema", "tema", "alle", "fremdriftsplan"]),
        steps=st.integers(0, 12),
        number=numbers,
    )
    def begins_with_a_draft(self, who: str, guide: str, steps: int, number: int) -> None:
        self.begin(who, guide)
        self.work(who, 0, number, steps)

    @rule(who=people, guide=st.sampled_from([*GUIDES, "tema", "fremdriftsplan"]))
    def begin(self, who: str, guide: str) -> None:
        title = f"Arket {guide}" if guide in GUIDES else guide
        self.write(who, f"start {title}")

    @rule(who=people, number=numbers)
    def begin_from_the_list(self, who: str, number: int) -> None:
        card = self.newest(who, "start")
        if card is None:
            self.write(who, "steg for steg")
        else:
            self.pressed(who, card, card.button("start") or card.buttons[0], number)

    @rule(who=people, which=numbers, number=numbers, steps=st.integers(1, 6))
    def work(self, who: str, which: int, number: int, steps: int) -> None:
        """Open a draft, and go on from step to step."""
        drafts = self.drafts_of(who)
        if not drafts:
            return
        draft = drafts[which % len(drafts)]
        guide = self.kommune.guides(self.change).get(draft.guide)
        # Where the person was, or at any step, as from the overview.
        step = guide.step[which % len(guide.step)].id if guide and which % 2 else ""
        replies = self.ask(who, "open", draft=draft.id, step=step)
        for turn in range(steps):
            card = self.cards[who][-1] if self.cards[who] else None
            if card is None or not isinstance(replies[-1], CardReply):
                return
            add = next((one for one in card.buttons if one.value.get("row") == ""), None)
            empty = not any(isinstance(one, Choice) for one in card.reply.blocks)
            button = card.button("row_save") or (add if empty else None) or card.button("answer")
            if button is None:
                return
            replies = self.pressed(who, card, button, number + turn)

    @rule(who=people, owner=people, which=numbers, button=numbers, number=numbers)
    def press_any(self, who: str, owner: str, which: int, button: int, number: int) -> None:
        """Any button of any card: an old one, on another device, or one that was passed on."""
        cards = self.cards[who if which % 5 else owner]
        if cards:
            card = cards[which % len(cards)]
            self.pressed(who, card, card.buttons[button % len(card.buttons)], number)

    @rule(who=people, number=numbers, back=st.integers(1, 8))
    def edit_from_an_old_card(self, who: str, number: int, back: int) -> None:
        cards = [one for one in self.cards[who] if one.button("answer") or one.button("row_save")]
        if cards:
            card = cards[-min(back, len(cards))]
            verb = ("answer", "later")[number % 7 == 0]
            button = card.button("row_save") or card.button(verb) or card.button("answer")
            self.pressed(who, card, button or card.buttons[0], number)

    @rule(who=colleagues, other=colleagues, which=numbers, button=numbers, number=numbers)
    def press_what_another_has_changed_since(
        self, who: str, other: str, which: int, button: int, number: int
    ) -> None:
        drafts = self.drafts_of(who)
        draft = drafts[which % len(drafts)] if drafts else None
        guide = self.kommune.guides(self.change).get(draft.guide) if draft else None
        if draft is None or guide is None or draft not in self.drafts_of(other):
            return
        opened = {"draft": draft.id, "step": guide.step[number % len(guide.step)].id}
        cards = []
        for one in (who, other):
            self.ask(one, "open", **opened)
            cards.append(self.newest(one, "answer"))
        mine, theirs = cards
        if mine is None or theirs is None:
            return
        row = next((one for one in theirs.buttons if one.value.get("existing")), None)
        self.pressed(other, theirs, row or theirs.button("answer") or theirs.buttons[0], number)
        saving = self.newest(other, "row_save")
        if row and saving:
            self.pressed(other, saving, saving.button("row_save") or saving.buttons[0], number)
        self.pressed(who, mine, mine.buttons[button % len(mine.buttons)], number + 1)

    @rule(who=people, verb=st.sampled_from(SELDOM), number=numbers)
    def press_what_is_seldom_pressed(self, who: str, verb: str, number: int) -> None:
        """On the oldest card that has it."""
        card = next((one for one in self.cards[who] if one.button(verb)), None)
        if card:
            self.pressed(who, card, card.button(verb) or card.buttons[0], number)

    @rule(who=people)
    def press_again(self, who: str) -> None:
        if who in self.presses:
            self.press(self.presses[who])

    @rule(who=people, number=numbers)
    def type_an_answer(self, who: str, number: int) -> None:
        card = self.open.get(who)
        texts = [
            f"Vi skriver merke{next(self.marks)}q selv",
            "7",
            "3",
            "12.03.2027",
            "ja",
            "b og c",
        ]
        inputs = [type(one) for one in card.reply.blocks] if card else []
        text = texts[0] if TextInput in inputs else texts[number % len(texts)]
        said = shown(self.write(who, text))
        if card and TextInput in inputs and re.search(r"Lagret: ", said):
            value = (card.button("answer") or card.buttons[0]).value
            now = self.stored.drafts[value["draft"]].now.get(value["step"])
            assert now is not None
            assert now.value in (text, 7), f"was said to be saved, and isn't: {text}"

    @rule(who=people, text=st.sampled_from(WORDS))
    def say(self, who: str, text: str) -> None:
        self.write(who, text)

    @rule(who=people, which=numbers, number=numbers)
    def fill_in_the_whole_form(self, who: str, which: int, number: int) -> None:
        drafts = self.drafts_of(who)
        if not drafts:
            return
        value = {"verb": "whole", "draft": drafts[which % len(drafts)].id}
        card = Card(CardReply(""), self.stored.seen, self.revisions(), self.change, False)
        self.press(Press(who, card, Button("", value, opens_dialog=True), {}))
        page = self.cards[who][-1] if self.cards[who] else None
        if page and (save := page.button("whole_save")):
            self.pressed(who, page, save, number)

    @rule(who=people, sure=st.integers(0, 4))
    def cancel(self, who: str, sure: int) -> None:
        self.write(who, "avbryt")
        card = self.newest(who, "delete")
        if card:
            button = card.button("delete" if sure == 0 else "delete_not")
            self.pressed(who, card, button or card.buttons[0], 0)

    @rule(which=numbers, number=numbers)
    def two_answer_at_once(self, which: int, number: int) -> None:
        drafts = self.drafts_of(DAVID_REKTOR)
        if not drafts:
            return
        opened = {"draft": drafts[which % len(drafts)].id, "step": ("hva", "antall")[number % 2]}
        pressed = []
        for place, who in enumerate(SHARERS):
            self.ask(who, "open", **opened)
            card = self.newest(who, "answer")
            button = card.button("answer") if card else None
            if card and button:
                fields = filled(card, button, Random(number + place), self.marks)
                pressed.append(Press(who, card, button, fields))
        self.at_once(pressed)

    def at_once(self, presses: Sequence[Press]) -> None:
        before = self.stored
        messages = [self.message(one.who, one.kind, value=one.value) for one in presses]
        tasks = [lambda message=one: self.handle(message) for one in messages]
        replies = at_once(tasks) if tasks else []
        self.look(before, {one.who: one for one in presses})
        for message, said, press in zip(messages, replies, presses, strict=True):
            self.replied(message, said, press, before)
        for press in presses:
            # Their cards may show what stood there before the other's; these show what does now.
            self.open.pop(press.who, None)
            self.write(press.who, "fortsett")

    # Sharing

    @rule(who=people, which=numbers, audience=st.sampled_from(AUDIENCES), times=st.integers(1, 2))
    def share(self, who: str, which: int, audience: str, times: int) -> None:
        press = self.to_share(who, which, audience)
        for _ in range(times if press else 0):
            self.press(press) if press else None

    @rule(which=numbers, one=st.sampled_from(AUDIENCES), other=st.sampled_from(AUDIENCES))
    def two_share_at_once(self, which: int, one: str, other: str) -> None:
        pairs = zip(SHARERS, (one, other), strict=True)
        presses = [self.to_share(who, which, audience) for who, audience in pairs]
        self.at_once([press for press in presses if press])

    def to_share(self, who: str, which: int, audience: str) -> Press | None:
        """The press that shares a draft, one that is ready if there is one."""
        drafts = [
            one for one in self.drafts_of(who) if one.owner.kind == "school" or which % 5 == 0
        ]
        drafts = [one for one in drafts if {"hva", "tema"} <= one.now.keys()] or drafts
        if not drafts:
            return None
        draft = drafts[which % len(drafts)].id
        self.ask(who, "share_ask", draft=draft)
        card = self.newest(who, "share")
        button = card.button("share") if card else None
        return Press(who, card, button, {"audience": audience}) if card and button else None

    @rule(who=people, which=numbers, keeps=st.booleans())
    def read_or_withdraw(self, who: str, which: int, keeps: bool) -> None:
        versions = list(self.audiences)  # in the order in which they were shared
        if not versions:
            return
        verb = "shared_read" if keeps else "withdraw_ask"
        self.ask(who, verb, version=versions[which % len(versions)])
        card = self.newest(who, "withdraw")
        if card and not keeps:
            self.pressed(who, card, card.button("withdraw") or card.buttons[0], 0)

    # What goes wrong

    @rule(who=people, new_id=st.booleans())
    def the_same_is_sent_again(self, who: str, new_id: bool) -> None:
        """As Teams does: with the same id, or with another while the turn is said to go on."""
        message = self.messages.get(who)
        if message is None:
            return
        assistant, seconds = self.kommune.assistant(self.change), timedelta(seconds=6)
        again = message
        if new_id:
            assistant.turn_unfinished(message)
            arrived = message.arrived + seconds
            again = replace(message, id=f"activity {next(self.ids)}", arrived=arrived)
        assert self.handle(again) == []
        if new_id:
            assistant.turn_finished(message, message.arrived + seconds)
        assert read_stored(self.kommune.database) == self.stored, "sent again, it did more"

    @rule(statements=st.integers(0, 40))
    def crash_in_the_next_turn(self, statements: int) -> None:
        """Before that statement or, with 0, when all is saved and only the reply is lost."""
        self.crash_after = statements
        self.loses_reply = statements == 0

    @rule(who=people, change=st.sampled_from(sorted(OTHER_KINDS)), number=numbers)
    def answer_a_step_of_another_kind(self, who: str, change: str, number: int) -> None:
        """What was answered to the step as it was is one of the drafts' answers already."""
        step = OTHER_KINDS[change][0]
        drafts = [one for one in self.drafts_of(who) if any(k.startswith(step) for k in one.now)]
        if not drafts:
            return
        self.change_the_guides(change)
        self.ask(who, "open", draft=drafts[number % len(drafts)].id, step=step)
        card = self.newest(who, "answer")
        if card:
            self.pressed(who, card, card.button("answer") or card.buttons[0], number)
        self.change_the_guides("" if number % 2 else change)

    @rule(change=st.sampled_from([*CHANGES, "gone", "", "", ""]))
    def change_the_guides(self, change: str) -> None:
        self.change = change
        self.everybody_sees_what_was_answered()


def machine_in(kommune: Kommune) -> type[DraftMachine]:
    """The machine, with a kommune to run in."""
    return type("Drafts", (DraftMachine,), {"kommune": kommune})
