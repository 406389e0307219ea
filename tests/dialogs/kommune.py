"""A small kommune to try sharing in: people of every role, their chats, drafts, and the outbox."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from dialogs.access import owner_for
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide import Guide
from dialogs.guide_files import Guides
from dialogs.messages import (
    Button,
    CardReply,
    Choice,
    Message,
    MessageKind,
    Reply,
)
from dialogs.notices import Outcome, Outgoing
from dialogs.outgoing import Ended, Outbox
from knowledge.library import Library
from schedule.due import after
from storage.database import Database, Session
from storage.drafts import save_answer, start_draft
from storage.pace import PaceLimits
from storage.people import RegisteredPerson, find_person, import_people
from tests.dialogs.shown import shown

START = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday

_KEY = "00000000-0000-4000-8000-0000000000"
ANE_LÆRER = _KEY + "01"  # Nordlia skole, Sone nord
DAVID_REKTOR = _KEY + "04"  # Nordlia
KARI_AVDELINGSLEDER = _KEY + "11"  # Nordlia
LARS_REKTOR = _KEY + "12"  # Bakken skole, Sone nord
BJØRN_LÆRER = _KEY + "02"  # Fjellheim skole, Sone sør, nynorsk
FATIMA_AVDELINGSLEDER = _KEY + "06"  # Fjellheim
ELI_REKTOR = _KEY + "05"  # Strandvik ungdomsskole, Sone sør
GEIR_TILLITSVALGT = _KEY + "07"  # Strandvik, nynorsk
HANNE_SKOLEEIER = _KEY + "08"
IVAR_FAGRÅDGIVER = _KEY + "09"  # nynorsk
JORUNN_ADMINISTRATOR = _KEY + "10"
UNKNOWN = "somebody who isn't in the register"

_NORDLIA = ("Nordlia skole", "skole", "barneskole", "Sone nord")
_BAKKEN = ("Bakken skole", "skole", "barneskole", "Sone nord")
_FJELLHEIM = ("Fjellheim skole", "skole", "1–10-skole", "Sone sør")
_STRANDVIK = ("Strandvik ungdomsskole", "skole", "ungdomsskole", "Sone sør")
_NOWHERE = ("", "", "", "")
PEOPLE = [
    RegisteredPerson(key, name, "", role, *unit, language)
    for key, name, role, unit, language in (
        (ANE_LÆRER, "Ane Solbakk", "lærer", _NORDLIA, "nb"),
        (DAVID_REKTOR, "David Lunde", "rektor", _NORDLIA, "nb"),
        (KARI_AVDELINGSLEDER, "Kari Moen", "avdelingsleder", _NORDLIA, "nb"),
        (LARS_REKTOR, "Lars Vik", "rektor", _BAKKEN, "nb"),
        (BJØRN_LÆRER, "Bjørn Åsheim", "lærer", _FJELLHEIM, "nn"),
        (FATIMA_AVDELINGSLEDER, "Fatima Noor", "avdelingsleder", _FJELLHEIM, "nb"),
        (ELI_REKTOR, "Eli Strand", "rektor", _STRANDVIK, "nb"),
        (GEIR_TILLITSVALGT, "Geir Øyen", "tillitsvalgt", _STRANDVIK, "nn"),
        (HANNE_SKOLEEIER, "Hanne Myhre", "skoleeierteam", _NOWHERE, "nb"),
        (IVAR_FAGRÅDGIVER, "Ivar Kleiva", "fagrådgiver", _NOWHERE, "nn"),
        (JORUNN_ADMINISTRATOR, "Jorunn Berge", "administrator", _NOWHERE, "nb"),
    )
]


def make_guide(id: str = "plan", **changes: Any) -> Guide:
    """A guide with a required step and an optional one."""
    return Guide.model_validate(
        {
            "id": id,
            "title": "Plan for skolen",
            "title_nn": "Plan for skulen",
            "about": "En plan.",
            "about_nn": "Ein plan.",
            "source": "Prøve",
            "minutes": 5,
            "owner": "school",
            "roles": ("rektor", "avdelingsleder"),
            "audiences": ("skolen", "sonen", "ledere", "skoleeierteamet", "alle"),
            "suggested": "ledere",
            "step": (
                {
                    "id": "maal",
                    "kind": "long_text",
                    "text": "Hva vil dere?",
                    "text_nn": "Kva vil de?",
                    "label": "Mål",
                    "label_nn": "Mål",
                },
                {
                    "id": "frist",
                    "kind": "short_text",
                    "text": "Når?",
                    "text_nn": "Når?",
                    "optional": True,
                },
            ),
        }
        | changes
    )


class Kommune:
    """Everybody has a chat with the bot; the clock moves a minute for each thing that happens."""

    def __init__(self, library: Library, database: Database, *guides: Guide) -> None:
        self.database = database
        self.now = START
        self.guides = {guide.id: guide for guide in (make_guide(), *guides)}
        self.assistant = Assistant(
            library,
            Guides(self.guides),
            database,
            read_contacts(),
            "secret",
            clock=lambda: self.now,
        )
        self._ids = count(1)
        with self.session() as session:
            import_people(session, PEOPLE, dry_run=False)
        for person in PEOPLE:
            self._send(person.key, MessageKind.INSTALLED)

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.database.transaction() as session:
            yield session

    def press(self, who: str, verb: str, **value: Any) -> list[Reply]:
        return self._send(who, MessageKind.BUTTON, value={"verb": verb, **value})

    def follow(self, who: str, button: Button, **filled: Any) -> list[Reply]:
        """Press a button of a card, with what is filled in on the card."""
        return self._send(who, MessageKind.BUTTON, value={**button.value, **filled})

    def write(self, who: str, text: str) -> list[Reply]:
        return self._send(who, MessageKind.TEXT, text=text)

    def draft(
        self,
        who: str = DAVID_REKTOR,
        *,
        guide: str = "plan",
        answer: str = "Vi vil lykkes med dybdelæring.",
        about: str = "",
    ) -> str:
        """The id of a draft that this person began, with an answer to the required step."""
        id = f"draft{next(self._ids)}"
        with self.session() as session:
            person = find_person(session, who)
            assert person is not None
            owner = owner_for(self.guides[guide], person)
            assert owner is not None
            start_draft(
                session,
                id=id,
                guide=guide,
                owner=owner,
                year="2026–2027",
                about=about,
                slot=id,
                person=who,
                at=self.now,
            )
        if answer:
            self.answer(id, answer, who)
        return id

    def answer(self, draft: str, text: str, who: str = DAVID_REKTOR, step: str = "maal") -> None:
        self.now += timedelta(minutes=1)
        with self.session() as session:
            person = find_person(session, who)
            assert person is not None
            save_answer(
                session,
                draft,
                step,
                text,
                base=None,
                person_key=person.key,
                person_name=person.name,
                at=self.now,
            )

    def share(
        self, draft: str | None = None, audience: str = "ledere", who: str = DAVID_REKTOR
    ) -> str:
        """Share a draft through its cards; gives the id of the version."""
        draft = draft or self.draft(who)
        asked = self.press(who, "share_ask", draft=draft)
        replies = self.follow(who, buttons(asked)["Del"], audience=audience)
        about = replies[0].about if isinstance(replies[0], CardReply) else ""
        assert about.startswith("version:"), shown(replies)
        return about.removeprefix("version:")

    def messages_at(self, when: datetime) -> dict[str, list[Reply]]:
        """What the outbox sends then, by receiver; and the clock is moved there."""
        sent: dict[str, list[Reply]] = {}
        for one in self.outgoing_at(when):
            sent.setdefault(one.conversation.removeprefix("chat with "), []).append(one.reply)
        return sent

    def outgoing_at(self, when: datetime) -> list[Outgoing]:
        """What the outbox sends then, each as it is sent; and the clock is moved there."""
        self.now = when
        return send_all(self.database, self.assistant, when)

    def _send(self, who: str, kind: MessageKind, **what: Any) -> list[Reply]:
        self.now += timedelta(minutes=1)
        return self.assistant.handle(
            Message(
                id=f"activity {next(self._ids)}",
                conversation=f"chat with {who}",
                sender=who,
                arrived=self.now,
                kind=kind,
                **what,
            )
        )


def send_all(
    database: Database, assistant: Assistant, when: datetime, *, local: bool = False
) -> list[Outgoing]:
    """Send all that is due, as fast as can be."""
    limits = PaceLimits(rate=1_000_000, per_conversation=())
    outbox = Outbox(database, assistant.compose, rule=after, limits=limits, local=local)
    sent = []
    while due := outbox.claim(when):
        for id in due:
            for one in outbox.attempt([id], when).outgoing:
                outbox.settle([Ended(one, Outcome("sent"))], when)
                sent.append(one)
    return sent


def buttons(replies: list[Reply]) -> dict[str, Button]:
    """The buttons of the cards, by title."""
    return {
        button.title: button
        for reply in replies
        if isinstance(reply, CardReply)
        for button in reply.buttons
        if isinstance(button, Button)
    }


def choice(replies: list[Reply], id: str) -> Choice:
    """The choice with this id on the cards."""
    return next(
        block
        for reply in replies
        if isinstance(reply, CardReply)
        for block in reply.blocks
        if isinstance(block, Choice) and block.id == id
    )
