"""What the matrices of rights share: the people, the cells, odd values, and a copy to press in."""

import re
import shutil
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import DialogReply, Message, MessageKind, Reply
from dialogs.wording import read_wordings
from knowledge.library import Library
from storage.database import Database
from storage.tables import Table
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    START,
    UNKNOWN,
)
from tests.dialogs.shown import shown

# The columns. Nordlia skole is what a matrix calls here.
PEOPLE = {
    "rektor": DAVID_REKTOR,
    "avd.leder": KARI_AVDELINGSLEDER,
    "lærer": ANE_LÆRER,
    "rektor i sonen": LARS_REKTOR,
    "rektor ellers": ELI_REKTOR,
    "avd.leder ellers": FATIMA_AVDELINGSLEDER,
    "lærer ellers": BJØRN_LÆRER,
    "tillitsvalgt ellers": GEIR_TILLITSVALGT,
    "skoleeier": HANNE_SKOLEEIER,
    "fagrådgiver": IVAR_FAGRÅDGIVER,
    "administrator": JORUNN_ADMINISTRATOR,
    "ukjent": UNKNOWN,
}

# The cells.
DOES = "."  # it is done, or shown
OWN = "o"  # their own school's, or what is for everybody; nothing of Nordlia's

AN_ID = "e" * 32  # as our own buttons make them

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**70,
    float("nan"),
    "",
    "x" * 10_000,
    "\x00 \ud800",
    "a/b/../c",
    AN_ID,
    [],
    [None, {"a": [1]}],
    {"a": {"b": {"c": None}}},
)

_numbers = count(1)
_WORDINGS = tuple(read_wordings().values())


class Pressing:
    """A copy of a database, so that what one person does isn't seen by the next."""

    def __init__(self, file: Path, library: Library, guides: Guides, folder: Path) -> None:
        copy = folder / f"{next(_numbers)}.db"
        shutil.copy(file, copy)
        self.database = Database(f"sqlite:///{copy}")
        self.now = START + timedelta(days=1)
        self.assistant = Assistant(
            library,
            guides,
            self.database,
            read_contacts(),
            "secret",
            clock=lambda: self.now,
        )

    def press(self, who: str, verb: str, value: Mapping[str, Any]) -> list[Reply]:
        return self._send(who, MessageKind.BUTTON, value={"verb": verb, **value})

    def write(self, who: str, text: str) -> list[Reply]:
        return self._send(who, MessageKind.TEXT, text=text)

    def kept(self) -> dict[str, list[Any]]:
        """Every row of every table but the one of the chats."""
        return kept(self.database)

    def _send(self, who: str, kind: MessageKind, **what: Any) -> list[Reply]:
        self.now += timedelta(seconds=1)
        return self.assistant.handle(
            Message(
                id=f"pressed {next(_numbers)}",
                conversation=f"chat with {who}",
                sender=who,
                arrived=self.now,
                kind=kind,
                **what,
            )
        )


def kept(database: Database) -> dict[str, list[Any]]:
    """Every row of every table but the one of the chats."""
    tables = [one for one in Table.metadata.sorted_tables if one.name != "conversation"]
    with database.transaction() as session:
        rows = {one.name: session.connection().execute(one.select()).all() for one in tables}
    return {name: sorted(map(repr, found)) for name, found in rows.items()}


def cells(row: str) -> list[tuple[str, str]]:
    """(person, cell) for everybody."""
    each = row.replace(" ", "")
    assert len(each) == len(PEOPLE)
    return list(zip(PEOPLE, each, strict=True))


def read(replies: list[Reply]) -> str:
    """All that is read in the replies."""
    return shown([one.card if isinstance(one, DialogReply) else one for one in replies])


def is_told(text: str, key: str) -> bool:
    """Whether the sentence is there, in bokmål or in nynorsk."""
    return any(sentence.search(text) for sentence in _said(key))


@cache
def _said(key: str) -> tuple[re.Pattern[str], ...]:
    """The sentence in both languages, with whatever is filled in."""
    sentences = {one.say(key) for one in _WORDINGS}
    return tuple(re.compile(re.sub(r"\\{\w+\\}", ".*", re.escape(one))) for one in sentences)
