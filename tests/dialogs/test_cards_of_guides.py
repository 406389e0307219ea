"""Every card of every guide, with the longest and strangest answers, can be sent and pressed.

Each guide is walked by two people with long names, one in bokmål and one in nynorsk, at a school
with many colleagues. What each card becomes is looked at as Teams gets it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page

from bot.cards import MAX_PRIMARY_ACTIONS, activities_for, dialog_task
from bot.links import Links
from bot.sizes import message_bytes
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide import LONGEST_LONG_TEXT, Guide, Step
from dialogs.guide_files import Guides, load_guides
from dialogs.messages import (
    Button,
    CardReply,
    Choice,
    DateInput,
    DialogReply,
    Input,
    Language,
    Message,
    MessageKind,
    NumberInput,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.modules import module_of_guide, must_come_first
from dialogs.plan_rows import PLAN
from knowledge.library import Library
from storage.database import Database
from storage.people import RegisteredPerson, import_people
from tests.bot.test_card_renderer import RENDER, page
from tests.dialogs.test_transcripts import finished_guide

__all__ = ["page"]  # the fixture: a phone in Chromium

LARGEST_MESSAGE = 28_000  # bytes; Teams takes 28 KB
LINKS = Links("hemmelig", "https://kvalitetsbot.en-ganske-lang-adresse.kommune.example")

# In JSON each of these takes four bytes, in UTF-8 or in UTF-16; many lines cost most when shown.
HEAVY = ('Æøå «"' + '\\"👩🏽‍🏫' * LONGEST_LONG_TEXT)[:LONGEST_LONG_TEXT]
LINES = ("Vi øver på dette i fellestida, og elevane fortel kva dei ser.\n" * LONGEST_LONG_TEXT)[
    :LONGEST_LONG_TEXT
].rstrip()
COLLEAGUES, ROWS = 37, 6
UNIT = "Øvre Fjordvik og Nedre Åsheim barne- og ungdomsskole avdeling Kristoffersen-Høgetveit"


def person(number: int, role: str, language: Language) -> RegisteredPerson:
    name = f"Anne-Margrethe Kristoffersen-Høgetveit {number}"
    where = (UNIT, "skole", "1–10-skole", "Sone nordøst for elva")
    unit = ("", "", "", "") if role == "skoleeierteam" else where
    return RegisteredPerson(f"{number:036}", name, "", role, *unit, language)


class Walk:
    """One guide with two people who may run it; `seen` is every reply, with how it came about."""

    def __init__(self, guide: Guide, library: Library, guides: Guides, db: Database) -> None:
        self.guide = guide
        self.assistant = Assistant(library, guides, db, read_contacts(), "secret")
        self.ids = count(1)
        self.now = datetime(2026, 11, 23, 8, tzinfo=UTC)
        self.seen: list[tuple[str, Reply]] = []
        role = "rektor" if "rektor" in guide.roles else guide.roles[0]
        people = [person(1, role, "nb"), person(2, role, "nn")]
        self.main, self.other = (one.key for one in people)
        people += [person(3 + number, "lærer", "nb") for number in range(COLLEAGUES)]
        with db.transaction() as session:
            import_people(session, people, dry_run=False)
            if module := module_of_guide(guide.id):
                for before in must_come_first(module):
                    finished_guide(session, guides, before.guide, people[0], self.now)
        self.draft = ""

    def send(
        self, where: str, who: str = "", kind: MessageKind = MessageKind.BUTTON, /, **value: Any
    ) -> CardReply:
        """The card that came last of what this answers; an empty one when none came."""
        self.now += timedelta(minutes=1)
        who = who or self.main
        replies = self.assistant.handle(
            Message(
                id=str(next(self.ids)),
                conversation=f"chat with {who}",
                sender=who,
                arrived=self.now,
                kind=kind,
                text=value.pop("text", "") if kind is MessageKind.TEXT else "",
                value=value,
            )
        )
        self.seen += [(where, reply) for reply in replies]
        cards = [one.card if isinstance(one, DialogReply) else one for one in replies]
        return next((one for one in reversed(cards) if isinstance(one, CardReply)), CardReply(""))

    def say(self, where: str, text: str) -> CardReply:
        return self.send(where, self.main, MessageKind.TEXT, text=text)

    def press(self, where: str, card: CardReply, verb: str, **value: Any) -> CardReply:
        button = button_for(card, verb)
        return self.send(where, **{**value, **button.value}) if button else CardReply("")

    # The guide from beginning to end

    def all(self) -> None:
        first = self.send("begin", verb="start", guide=self.guide.id, draft=f"{1:032}")
        named = (b.value.get("draft") for b in first.buttons if isinstance(b, Button))
        self.draft = next(str(draft) for draft in named if draft)
        for step in self.guide.step:
            if step.kind == "table":
                self.table(step)
            elif self.guide.id != PLAN:  # which has a card of its own
                self.step(step)
        self.whole("of a full draft")
        self.whole_form()
        self.say("the list", "steg for steg")

    def step(self, step: Step) -> None:
        where: dict[str, Any] = {"draft": self.draft, "step": step.id}
        card = self.send(f"{step.id} empty", verb="open", **where)
        assert button_for(card, "answer"), f"{step.id} can't be opened"
        if step.kind == "read":
            self.press(f"{step.id} read", card, "answer")
            return
        if step.why:
            self.press(f"{step.id} why", card, "why")
        wrong = wrong_in(card)
        self.press(f"{step.id} with mistakes", card, "answer", **wrong)
        self.say(f"{step.id} typed wrong", HEAVY * 2)
        mine = filled_in(card, HEAVY, self.guide)
        if self.guide.owner != "person":
            theirs = {**where, **filled_in(card, LINES, self.guide, last=True)}
            self.send(f"{step.id} of another", self.other, verb="open", **where)
            self.send(f"{step.id} by another", self.other, verb="answer", base=0, **theirs)
            self.press(f"{step.id} in conflict", card, "answer", **mine)
            card = self.send(f"{step.id} of two", verb="open", **where)
        self.press(f"{step.id} answered", card, "answer", **mine)
        if self.guide.owner != "person":
            self.send(f"{step.id} in conflict again", self.other, verb="answer", base=0, **theirs)
        card = self.send(f"{step.id} with an answer", verb="open", **where)
        self.press(f"{step.id} with an answer and mistakes", card, "answer", **wrong)
        self.send(f"{step.id} in the plan", verb="to_plan", **where)

    def table(self, step: Step) -> None:
        where: dict[str, Any] = {"draft": self.draft, "step": step.id}
        card = self.send(f"{step.id} empty", verb="open", **where)
        for number in range(ROWS):
            row = self.send(f"{step.id} new row", verb="row_edit", row="", **where)
            if not number:
                said = f"{step.id} row with mistakes"
                self.press(said, row, "row_save", **wrong_in(row))
            filled = filled_in(row, HEAVY, self.guide)
            card = self.press(f"{step.id} row {number}", row, "row_save", **filled)
        options = next(one.options for one in inputs(card) if one.id == "row")  # type: ignore[union-attr]
        existing = self.send(f"{step.id} row again", verb="row_edit", row=options[0][0], **where)
        stale = {**where, "row": options[0][0], "base": 0}
        mine = filled_in(existing, LINES, self.guide, last=True)
        self.send(f"{step.id} row in conflict", verb="row_save", **stale, **mine)
        card = self.press(f"{step.id} row deleted", existing, "row_delete")
        self.press(f"{step.id} row restored", card, "row_restore")
        card = self.send(f"{step.id} once more", verb="open", **where)
        self.press(f"{step.id} passed", card, "answer")
        self.send(f"{step.id} in the plan", verb="to_plan", **where)

    def whole(self, of: str) -> None:
        """All that can be done with the draft as a whole."""
        draft = {"draft": self.draft}
        for verb in ("overview", "history", "finish", "preview", "delete_ask"):
            self.send(f"{verb} {of}", verb=verb, **draft)
        card = self.send(f"sharing {of}", verb="share_ask", **draft)
        if self.guide.audiences:
            shared = self.press("shared", card, "share", audience=self.guide.audiences[0])
            version = shared.about.removeprefix("version:")
            assert version, "it wasn't shared"
            card = self.send("comment", verb="comment_ask", version=version)
            self.press("commented", card, "comment", text=HEAVY[:1000])
            self.press("comment too long", card, "comment", text=HEAVY)
            self.send("read", verb="shared_read", version=version)
            self.send("withdrawing", verb="withdraw_ask", version=version)
            self.say("shared", "delt av skolene")
        self.say("the plan", "utviklingsplanen")

    def whole_form(self) -> None:
        """The pages of the whole form, each empty, all wrong, and with what is right saved."""
        opened, dialog = {"verb": "whole", "draft": self.draft}, MessageKind.DIALOG
        page = self.send("whole form", self.main, MessageKind.OPEN_DIALOG, **opened)
        while button := button_for(page, "whole_save"):
            where = f"whole form, page {button.value['page'] + 1}"
            for said in ("filled in", "filled in again"):
                wrong = wrong_in(page)
                self.send(f"{where} {said}", self.main, dialog, **{**wrong, **button.value})
            right = {**filled_in(page, HEAVY, self.guide), **button.value}
            page = self.send(f"{where} passed", self.main, dialog, **right)


def button_for(card: CardReply, verb: str) -> Button | None:
    found = (b for b in card.buttons if isinstance(b, Button) and b.value.get("verb") == verb)
    return next(found, None)


def inputs(card: CardReply) -> list[Input]:
    return [one for one in card.blocks if isinstance(one, Input)]


def wrong_in(card: CardReply) -> dict[str, str]:
    """As much as a client lets anybody write, and what is no number, no date and no option."""
    return {
        one.id: HEAVY[: one.longest] if isinstance(one, TextInput) else HEAVY[:10]
        for one in inputs(card)
    }


def filled_in(card: CardReply, text: str, guide: Guide, *, last: bool = False) -> dict[str, Any]:
    """The most that each input of the card takes; of two answers, the other one when `last`."""
    jumps = {step.id: step.next for step in guide.step}
    return {
        one.id: _most(one, text, jumps[one.id.partition("__")[0]], last) for one in inputs(card)
    }


def _most(field: Input, text: str, jumps: Mapping[str, str], last: bool) -> str:
    match field:
        case TextInput(longest=longest):
            return (text if field.lines else " ".join(text.split()))[:longest].strip()
        case Choice(options=options, several=True):
            return ",".join(value for value, _ in (options[1:] if last else options))
        case Choice(options=options):
            # Along the branch with the most steps.
            values = [value for value, _ in options if value not in jumps]
            return values[-1 if last else 0]
        case NumberInput(minimum=minimum, maximum=maximum):
            return str((maximum if last else minimum) or 7)
        case DateInput():
            later = "until" in field.id or field.id.endswith("til") or last
            return "2027-03-01" if later else "2027-01-12"


def faults(reply: Reply) -> Iterator[str]:
    """What is wrong with the reply as it is sent."""
    if isinstance(reply, TextReply):
        return
    card = reply.card if isinstance(reply, DialogReply) else reply
    if not card.title.strip():
        yield "the title is empty"
    bodies: list[list[Any]]
    if isinstance(reply, DialogReply):
        task = dialog_task(reply, LINKS)
        content = task["card"]["content"]
        sizes, bodies, actions = [message_bytes(task)], [content["body"]], content["actions"]
    else:
        sent = activities_for(reply, LINKS)
        contents = [one["attachments"][0]["content"] for one in sent]
        sizes, bodies = [message_bytes(one) for one in sent], [one["body"] for one in contents]
        actions = contents[-1].get("actions", [])
        if any("actions" in one for one in contents[:-1]):
            yield "there are buttons above the last message"
    if max(sizes) > LARGEST_MESSAGE:
        yield f"a message has {max(sizes)} bytes"
    fields = [[one for one in body if one["type"].startswith("Input.")] for body in bodies]
    if any(fields[:-1]):
        yield "inputs stand in another message than the buttons"
    ids = [one["id"] for one in fields[-1]]
    if len(ids) != len(set(ids)) or ids != [one.id for one in inputs(card)]:
        yield f"the inputs are {ids}"
    for one in fields[-1]:
        if not one.get("label") or (one["isRequired"] and not one.get("errorMessage")):
            yield f"{one['id']} has no label or no error message"
    primary = [one["title"] for one in actions if one.get("mode") != "secondary"]
    if len(primary) > MAX_PRIMARY_ACTIONS:
        yield f"{len(primary)} buttons are shown first"
    if any(not one["title"].strip() for one in actions):
        yield "a button has no title"


SHIPPED: Sequence[Guide] = load_guides()[0].all


@pytest.mark.parametrize("guide", SHIPPED, ids=lambda guide: str(guide.id))
def test_every_card_of_a_guide_can_be_sent_read_and_pressed(
    guide: Guide, library: Library, guides: Guides, database: Database, page: Page
) -> None:
    """However much is written in a guide, each of its cards fits, with its inputs and buttons,
    and Microsoft's own renderer shows it at a phone's width without a complaint."""
    walk = Walk(guide, library, guides, database)
    walk.all()
    found = [f"{where}: {fault}" for where, reply in walk.seen for fault in faults(reply)]
    shown = {json.dumps(card): where for where, reply in walk.seen for card in cards_of(reply)}
    for number, (card, where) in enumerate(shown.items()):
        found += [f"{where}: {fault}" for fault in render_faults(page, card, dark=number % 2 == 1)]
    assert not found, "\n".join(dict.fromkeys(found))


def cards_of(reply: Reply) -> list[dict[str, Any]]:
    if isinstance(reply, TextReply):
        return []
    if isinstance(reply, DialogReply):
        return [dialog_task(reply, LINKS)["card"]["content"]]
    return [one["attachments"][0]["content"] for one in activities_for(reply, LINKS)]


def render_faults(page: Page, card: str, *, dark: bool) -> Iterator[str]:
    """What the renderer says of the card, and what is wrong with what it shows."""
    rendered = page.evaluate(RENDER, [json.loads(card), dark])
    # It counts those behind "…" as well; `faults` counts those that are shown first.
    yield from (one for one in rendered["problems"] if "number of actions" not in one)
    if rendered["unnamed"]:
        yield f"{rendered['unnamed']} fields or buttons have no name"
    if rendered["tooWide"]:
        yield "it is wider than a phone"
