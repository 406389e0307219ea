"""What a step of a guide costs beside an answered question: whole turns of the assistant.

On an SQLite file, from a Message to its rendered activities, the two kinds in turn so that both
meet the same machine. A step is answered by its card and the next one is shown, in the 0.13 guide
and with long answers. Measured again with a thousand other drafts in the database.
"""

import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.table import Goal, goals
from bot.cards import activities_for
from bot.links import Links
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import load_guides
from dialogs.messages import (
    Button,
    CardReply,
    Choice,
    DateInput,
    Message,
    MessageKind,
    NumberInput,
    Reply,
    TextInput,
)
from knowledge.library import load_library
from storage.database import Database, open_database
from storage.demo_people import load_demo_people
from storage.drafts import Owner, save_answer, start_draft

REKTOR = "00000000-0000-4000-8000-000000000004"
QUESTION = "Hva er samarbeidslæring?"
GUIDE = "planbeskrivelse"
PAIRS = 400
OTHER_DRAFTS = 1_000
START = datetime(2026, 11, 23, 8, tzinfo=UTC)
LINKS = Links("bench", "http://localhost")


def report() -> str:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'bench.db'}")
        database.migrate()
        with database.transaction() as session:
            load_demo_people(session)
        chat = _Chat(database)
        few = _measure(chat)
        _fill(database)
        many = _measure(chat)
        database.close()
    return goals(
        [
            Goal("a question, median", few[0], 1_000, "ms", at_most=True),
            *_beside("a step", few),
            *_beside(f"a step among {OTHER_DRAFTS} drafts", many),
        ]
    )


def _beside(what: str, medians: tuple[float, float]) -> list[Goal]:
    question, step = medians
    return [
        Goal(f"{what}, beside a question", step / question, 1.3, "x", at_most=True),
        Goal(f"{what}, more than a question", step - question, 3, "ms", at_most=True),
    ]


def _measure(chat: "_Chat") -> tuple[float, float]:
    """Medians in milliseconds: an answered question, and a step."""
    questions, steps = [], []
    for _ in range(PAIRS):
        questions.append(chat.time(text=QUESTION))
        steps.append(chat.time(value=chat.next_step()))
    return statistics.median(questions), statistics.median(steps)


class _Chat:
    """A rektor who asks, and goes round and round in one guide."""

    def __init__(self, database: Database) -> None:
        guides, _ = load_guides()
        library, _ = load_library()
        self._assistant = Assistant(library, guides, database, read_contacts(), "bench")
        self._numbers = itertools.count()
        self._steps = self._walk()

    def time(self, *, text: str = "", value: dict[str, Any] | None = None) -> float:
        message = self._message(text, value)
        began = time.perf_counter()
        replies = self._assistant.handle(message)
        activities = [fields for reply in replies for fields in activities_for(reply, LINKS)]
        took = time.perf_counter() - began
        assert activities
        self._last = replies
        return 1_000 * took

    def next_step(self) -> dict[str, Any]:
        return next(self._steps)

    def _walk(self) -> Iterator[dict[str, Any]]:
        for round in itertools.count():
            self._handle(text="0.13")
            steps = [one["id"] for one in self._steps_of_guide()]
            draft = self._draft()
            for step in steps:
                card = self._handle(value={"verb": "open", "draft": draft, "step": step})
                if pressed := _filled_in(card, round):
                    yield pressed

    def _steps_of_guide(self) -> list[dict[str, str]]:
        guide = load_guides()[0].by_id[GUIDE]
        return [{"id": s.id} for s in guide.step if s.kind not in ("read", "table")]

    def _draft(self) -> str:
        card = self._last[-1]
        assert isinstance(card, CardReply)
        return next(str(b.value["draft"]) for b in card.buttons if isinstance(b, Button))

    def _handle(self, *, text: str = "", value: dict[str, Any] | None = None) -> CardReply:
        self._last = self._assistant.handle(self._message(text, value))
        card = self._last[-1]
        assert isinstance(card, CardReply)
        return card

    def _message(self, text: str, value: dict[str, Any] | None) -> Message:
        number = next(self._numbers)
        return Message(
            id=str(number),
            conversation="bench",
            sender=REKTOR,
            arrived=START + timedelta(seconds=number),
            kind=MessageKind.BUTTON if value else MessageKind.TEXT,
            text=text,
            value=value or {},
        )

    _last: list[Reply]


def _filled_in(card: CardReply, round: int) -> dict[str, Any]:
    """The «Neste» of a card with every input filled in, each round anew; {} for another card."""
    button = next(
        (b for b in card.buttons if isinstance(b, Button) and b.value.get("verb") == "answer"), None
    )
    if button is None:
        return {}
    fills: dict[str, Any] = {}
    for block in card.blocks:
        match block:
            case TextInput():
                long = f"Vi bruker fellestiden på onsdager, runde {round}. " * 20
                fills[block.id] = long[: block.longest].strip()
            case Choice():
                fills[block.id] = block.options[0][0]
            case NumberInput():
                fills[block.id] = str(3 + round % 9)
            case DateInput():
                fills[block.id] = (START + timedelta(days=round)).date().isoformat()
    return {**button.value, **fills}


def _fill(database: Database) -> None:
    """Drafts of many schools, each with a dozen answers."""
    with database.transaction() as session:
        for number in range(OTHER_DRAFTS):
            draft = start_draft(
                session,
                id=f"{number:032x}",
                guide=GUIDE,
                owner=Owner("school", f"Skole {number}"),
                year="2026–2027",
                about="",
                slot=f"bench {number}",
                person=REKTOR,
                at=START,
            )
            for step in range(12):
                save_answer(
                    session,
                    draft.id,
                    f"steg{step}",
                    "Vi bruker fellestiden på onsdager. " * 10,
                    base=0,
                    person_key=REKTOR,
                    person_name="David Lunde",
                    at=START,
                )
