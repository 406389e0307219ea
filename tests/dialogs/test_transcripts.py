"""Conversations as data: every file in tests/transcripts/ is played and must go as written.

A file has a `title` and one `[[turn]]` after the other. `who` names who writes, by the name in
storage/demo/people.csv, for the whole file or for one turn; somebody else isn't in the register.
`done` lists guides that the school has finished before. `colleagues` adds so many lærere to each
school named, and gives everybody the app. `question_set` is one more that rounds can be made of.
`roles` gives people another role than the demo has.
In a turn, one thing happens:

    says        a text is written (`times` over, to make it long)
    suggestion  a prompt under the last answer is pressed
    button      a button is pressed, on the last card or on the `card` with that title or step
    fills       what is filled in: alone, or by input; "alle" is for every choice that stands empty
                and has that value. Without a `button`, «Neste» is pressed
    rows        rows are added to the open table, one at a time
    happens     "installed", "removed"; "outbox" is what the bot has sent by itself by then;
                "night" is when rounds and answered questions close
    answers     this round is answered by `many` colleagues `at` a school, as `fills` says
    page        what the person sees at this path of the page; {round} is the one that opened last
    number      in the chat the number is pressed that the browser with the link "shows", or another
    browser     "Gå inn" is pressed in that browser, and this is how it goes: in, waiting, refused

Before it, `days_later` moves the clock, and `step` says which step is open. After it, what the
person reads `shows` and `hides` texts; `buttons`, `no_buttons` and `suggests` name what can be
pressed, `value_is` what stands in the inputs, and `reply` and `replies` what kind it is.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialogs.access import owner_for
from dialogs.assistant import Assistant
from dialogs.checkins.nightly import keep_rounds
from dialogs.contacts import read_contacts
from dialogs.context import SMALLEST_GROUP
from dialogs.guide_files import Guides
from dialogs.handovers.nightly import keep_handovers
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import (
    Button,
    CardReply,
    DialogReply,
    Download,
    Message,
    MessageKind,
    Reply,
    TextReply,
)
from dialogs.question_set import QuestionSet
from dialogs.school_year import school_year
from knowledge.library import Library
from storage.database import Database, Session
from storage.drafts import finish_draft, start_draft
from storage.people import RegisteredPerson, import_people, list_people
from tests.dialogs.kommune import send_all
from tests.dialogs.shown import shown
from tests.dialogs.transcript_inputs import as_sent, filled_in, input_named, inputs
from tests.dialogs.transcript_rounds import (
    PLACE,
    add_colleagues,
    login_of,
    page_as_card,
)

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"
START = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday


class Chat:
    """One person's chat with the bot: what came last, and the cards that still stand in it."""

    def __init__(self, sender: str, name: str) -> None:
        self.sender, self.name = sender, name
        self.conversation = f"chat with {sender}"
        self.last: list[Reply] = []
        self.cards: list[CardReply] = []

    def read(self, replies: list[Reply]) -> None:
        self.last = replies
        self.cards += self.last_cards()

    def last_cards(self) -> list[CardReply]:
        found = (one.card if isinstance(one, DialogReply) else one for one in self.last)
        return [one for one in found if isinstance(one, CardReply)]

    def card(self, name: str = "") -> CardReply:
        """The last card; with a name, the last of that step, or with that in its title."""
        if name:
            same = (one for one in reversed(self.cards) if one.title == name)
            return next(same, None) or next(
                one for one in reversed(self.cards) if step_of(one) == name or name in one.title
            )
        assert self.last_cards(), f"no card came last, but {shown(self.last, buttons=False)}"
        return self.last_cards()[-1]

    def suggestions(self) -> dict[str, str]:
        return {
            s.title: s.say for r in self.last if isinstance(r, TextReply) for s in r.suggestions
        }

    def buttons(self) -> list[str]:
        return [button.title for card in self.last_cards() for button in card.buttons]


class Player:
    """The people of one transcript, and a clock that moves a minute each turn."""

    def __init__(
        self, script: Mapping[str, Any], library: Library, guides: Guides, database: Database
    ) -> None:
        self.now, self.count = START, 0
        self.database, self.local = database, script.get("local", False)
        self.sending = SendingTimes(library.holidays)
        give_roles(database, script.get("roles", {}))
        self.colleagues = add_colleagues(database, script.get("colleagues", {}))
        self.browser_of = ""  # the way in that a browser was opened with
        if "question_set" in script:
            own = QuestionSet.model_validate(script["question_set"])
            guides = Guides(guides.by_id, {**guides.sets, own.id: own})
        self.assistant = Assistant(
            library,
            guides,
            database,
            read_contacts(),
            "secret",
            local=self.local,
            sending=self.sending,
            clock=lambda: self.now,
        )
        with database.transaction() as session:
            self.people = {one.name: one for one in list_people(session)}
        self.chats: dict[str, Chat] = {}
        self.unread: dict[str, list[Reply]] = {}  # sent to a conversation by the bot itself
        self.main = Chat(script.get("sender", "somebody"), script.get("name", ""))
        if "who" in script:
            self.main = self.chat(script["who"])
        if self.colleagues:
            for name in self.people:
                self.send(self.chat(name), MessageKind.INSTALLED)
            self.now = START
        with database.transaction() as session:
            for guide in script.get("done", []):
                finished_guide(session, guides, guide, self.people[self.main.name], self.now)

    def chat(self, name: str) -> Chat:
        person = self.people.get(name)
        return self.chats.setdefault(name, Chat(person.key if person else name, name))

    def play(self, turn: Mapping[str, Any]) -> Chat:
        """What happens in the turn; gives the chat it happened in."""
        chat = self.chat(turn["who"]) if "who" in turn else self.main
        self.now += timedelta(days=turn.get("days_later", 0))
        if "step" in turn:
            assert step_of(chat.card()) == turn["step"], (
                f"the step isn't open in {shown(chat.last, buttons=False)}"
            )
        if "says" in turn:
            self.send(chat, MessageKind.TEXT, turn["says"] * turn.get("times", 1))
        elif "suggestion" in turn:
            self.send(chat, MessageKind.TEXT, chat.suggestions()[turn["suggestion"]])
        elif "rows" in turn:
            for row in turn["rows"]:
                self.press(chat, button_of(chat.card(), verb="row_edit", row=""), {})
                self.press(chat, button_of(chat.card(), verb="row_save"), row)
        elif "happens" in turn:
            self.happen(chat, turn["happens"])
        elif "answers" in turn:
            return self.answer(turn)
        elif "page" in turn:
            chat.last = [*page_as_card(self.database, self.assistant, turn["page"], chat.sender)]
        elif "number" in turn:
            self.press_number(chat, turn["number"] == "shows")
        elif "browser" in turn:
            came = self.assistant.page_door.enter(self.browser_of, PLACE, f"browser {self.count}")
            assert came == turn["browser"], f"the browser is {came}"
            chat.last = []
        else:
            card = chat.card(turn.get("card", ""))
            titles = {b.title: b for b in card.buttons if isinstance(b, Button)}
            self.press(chat, titles[turn.get("button", "Neste")], turn.get("fills", {}), card)
        return chat

    def press(self, chat: Chat, button: Button, fills: Any, card: CardReply | None = None) -> None:
        """Press as Teams does: with every input of the card, and not while a required is empty."""
        card = card or chat.card()
        filled = filled_in(card, fills)
        if button.sends_inputs:
            empty = [one.id for one in inputs(card) if one.required and not filled[one.id]]
            assert not empty, (
                f"«{button.title}» is held back: {empty} in {shown([card], buttons=False)}"
            )
        value = {**(filled if button.sends_inputs else {}), **button.value}
        kind = MessageKind.BUTTON
        if button.opens_dialog:
            kind = MessageKind.OPEN_DIALOG
        elif any(isinstance(one, DialogReply) and one.card is card for one in chat.last):
            kind = MessageKind.DIALOG
        self.send(chat, kind, value=value)

    def answer(self, turn: Mapping[str, Any]) -> Chat:
        """Colleagues who have not answered the round yet do; gives the chat of the last one."""
        there = [one for one in self.colleagues if one.unit == turn["at"]]
        for colleague in there[: turn["many"]]:
            self.colleagues.remove(colleague)
            chat = self.chat(colleague.name)
            self.send(chat, MessageKind.TEXT, "spørrerunder")
            titles = ("Svar", f"Svar på «{turn['answers']}»")
            answer = next(b for b in chat.card().buttons if b.title in titles)
            assert isinstance(answer, Button)
            self.press(chat, answer, {})
            send = next(b for b in chat.card().buttons if b.title == "Send")
            assert isinstance(send, Button)
            self.press(chat, send, turn["fills"])
        return chat

    def press_number(self, chat: Chat, shown_there: bool) -> None:
        """The number that the browser with the link of the last such card shows, or another."""
        card = next(one for one in reversed(chat.cards) if any(map(_is_number, one.buttons)))
        self.browser_of = login_of(card)
        there = self.assistant.page_door.shown(self.browser_of, PLACE)
        number = str(there.number) if there else ""
        found = (b for b in card.buttons if (b.title == number) == shown_there)
        button = next(b for b in found if isinstance(b, Button))
        self.press(chat, button, {}, card)

    def happen(self, chat: Chat, what: str) -> None:
        if what == "night":
            keep_rounds(self.database, self.sending, self.now, SMALLEST_GROUP)
            keep_handovers(self.database, self.sending, self.now)
            chat.last = []
            return
        if what != "outbox":
            self.send(chat, MessageKind(what))
            return
        for one in send_all(self.database, self.assistant, self.now, local=self.local):
            self.unread.setdefault(one.conversation, []).append(one.reply)
        chat.read(self.unread.pop(chat.conversation, []))

    def send(
        self, chat: Chat, kind: MessageKind, text: str = "", value: Mapping[str, Any] | None = None
    ) -> None:
        self.count += 1
        self.now += timedelta(minutes=1)
        message = Message(
            id=f"activity-{self.count}",
            conversation=chat.conversation,
            sender=chat.sender,
            sender_name=chat.name,
            arrived=self.now,
            kind=kind,
            text=text,
            value=value or {},
        )
        chat.read(self.assistant.handle(message))


def _is_number(button: Button | Download) -> bool:
    return isinstance(button, Button) and button.value.get("verb") == "page_number"


def finished_guide(
    session: Session, guides: Guides, guide_id: str, person: RegisteredPerson, at: datetime
) -> None:
    """The school of this person has been through the guide."""
    guide = guides.get(guide_id)
    owner = owner_for(guide, person) if guide else None
    assert owner is not None, f"{person.name} can't have finished {guide_id}"
    start_draft(
        session,
        id=f"done {guide_id}",
        guide=guide_id,
        owner=owner,
        year=school_year(at.date()),
        about="",
        slot=f"done {guide_id}",
        person=person.key,
        at=at,
    )
    finish_draft(session, f"done {guide_id}", at)


def give_roles(database: Database, roles: Mapping[str, str]) -> None:
    """These people (by name) have another role than the demo gives them."""
    with database.transaction() as session:
        people = [replace(one, role=roles.get(one.name, one.role)) for one in list_people(session)]
        import_people(session, people, dry_run=False)


def step_of(card: CardReply) -> str:
    """The step that a card asks; "" when it asks none."""
    found = (b for b in card.buttons if isinstance(b, Button) and b.value.get("verb") == "answer")
    return next((str(button.value["step"]) for button in found), "")


def button_of(card: CardReply, **carries: str) -> Button:
    """The button that carries this."""
    return next(
        one
        for one in card.buttons
        if isinstance(one, Button) and carries.items() <= dict(one.value).items()
    )


def check(chat: Chat, turn: Mapping[str, Any], where: str) -> None:
    """That the person sees what the turn says."""
    text, pressable = shown(chat.last, buttons=False), chat.buttons()
    where = f"{where}: {text}\n{pressable}"
    kinds = {"text": TextReply, "card": CardReply, "dialog": DialogReply}
    if "reply" in turn:
        assert [type(one) for one in chat.last] == [kinds[one] for one in turn["reply"]], where
    if "replies" in turn:
        assert len(chat.last) == turn["replies"], where
    for wanted in turn.get("shows", []):
        assert wanted in text, f"«{wanted}» is missing in {where}"
    for unwanted in turn.get("hides", []):
        assert unwanted not in text, f"«{unwanted}» is in {where}"
    for title in turn.get("suggests", []):
        assert title in chat.suggestions(), f"«{title}» is not suggested in {where}"
    for title in turn.get("buttons", []):
        assert title in pressable, f"no button «{title}» in {where}"
    for title in turn.get("no_buttons", []):
        assert title not in pressable, f"there is a button «{title}» in {where}"
    for name, value in turn.get("value_is", {}).items():
        field = input_named(chat.card(), name)
        assert field.value == as_sent(field, value), f"«{field.value}» stands in {where}"


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.toml")), ids=lambda p: p.stem)
def test_conversation_goes_as_written(
    path: Path, library: Library, guides: Guides, database: Database
) -> None:
    """Every conversation in tests/transcripts/ goes as its file says."""
    script = tomllib.loads(path.read_text(encoding="utf-8"))
    player = Player(script, library, guides, database)
    for number, turn in enumerate(script["turn"], start=1):
        where = f"{path.name}, turn {number}"
        try:
            chat = player.play(turn)
        except (AssertionError, KeyError, StopIteration, ValueError) as error:
            raise AssertionError(f"{where} can't be played: {error!r}") from error
        check(chat, turn, where)


def test_each_guide_is_walked_to_its_end_in_both_languages(guides: Guides) -> None:
    """No guide is without a transcript in bokmål and one in nynorsk."""
    wanted = {f"steg-{guide.id}-{language}" for guide in guides.all for language in ("nb", "nn")}
    assert wanted <= {path.stem for path in TRANSCRIPTS.glob("steg-*.toml")}
