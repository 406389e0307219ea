"""A kommune where rounds are open: small question sets of each kind, and what cards hold."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides, load_guides
from dialogs.messages import CardReply, Choice, Reply, TextInput
from dialogs.question_set import QuestionSet
from knowledge.library import Library
from storage.ballots import Tally, Text, draft_of, tallies, texts_of
from storage.database import Database
from storage.people import RegisteredPerson, import_people
from storage.rounds import Round, add_round
from tests.dialogs.kommune import PEOPLE, Kommune

ROUND = "r" * 32
OPTIONS = ("ja", "litt", "nei")


def scale(id: str, **more: Any) -> dict[str, Any]:
    texts = {"text": f"Hvordan går det med {id}?", "text_nn": f"Korleis går det med {id}?"}
    ends = {"low": "dårlig", "low_nn": "dårleg", "high": "godt", "high_nn": "godt"}
    return {"id": id, "kind": "scale", **texts, **ends, **more}


def one_of(id: str, *values: str, **more: Any) -> dict[str, Any]:
    choices = tuple(
        {"value": one, "text": one.capitalize(), "text_nn": one.capitalize()} for one in values
    )
    texts = {"text": f"Velg {id}.", "text_nn": f"Vel {id}."}
    return {"id": id, "kind": "one_of", **texts, "choices": choices, **more}


def text(id: str, **more: Any) -> dict[str, Any]:
    texts = {"text": f"Hva tenker du om {id}?", "text_nn": f"Kva tenkjer du om {id}?"}
    return {"id": id, "kind": "long_text", **texts, "optional": True, **more}


def pair(id: str, **more: Any) -> dict[str, Any]:
    """A sub-theme with the two scales of the survey."""
    scales = tuple(
        {
            "id": name,
            "text": f"{name.capitalize()}?",
            "text_nn": f"{name.capitalize()}?",
            "low": "liten",
            "low_nn": "liten",
            "high": "stor",
            "high_nn": "stor",
        }
        for name in ("kompetanse", "viktighet")
    )
    texts = {"text": f"Om {id}", "text_nn": f"Om {id}"}
    return {"id": id, "kind": "two_scales", **texts, "scales": scales, **more}


def section(id: str, *steps: dict[str, Any]) -> dict[str, Any]:
    title = f"Tema {id.capitalize()}"
    return {
        "id": id,
        "title": title,
        "title_nn": title,
        "about": f"{title} handler om noe.",
        "about_nn": f"{title} handlar om noko.",
        "step": steps,
    }


def question_set(id: str = "prove", **changes: Any) -> QuestionSet:
    """A short reflection: a scale, a choice, and a text that may be left out."""
    return QuestionSet.model_validate(
        {
            "id": id,
            "kind": "refleksjon",
            "title": "Hvordan går det?",
            "title_nn": "Korleis går det?",
            "about": "En kort refleksjon.",
            "about_nn": "Ein kort refleksjon.",
            "source": "Prøve",
            "minutes": 0.5,
            "to": ("lærere",),
            "section": (section("alt", scale("trivsel"), one_of("tid", *OPTIONS), text("stotte")),),
        }
        | changes
    )


SURVEY: Mapping[str, Any] = {
    "id": "undersokelsen",
    "kind": "undersøkelse",
    "title": "Undersøkelsen",
    "title_nn": "Undersøkinga",
    "minutes": 7,
    "background": (one_of("erfaring", "kort", "lang"),),
    "section": (
        section("digital", pair("verktoy", example=True), pair("nettvett"), text("kommentar")),
        section("ledelse", pair("klassen")),
    ),
}


class Asking(Kommune):
    """A kommune with these question sets, and a round that is open to all until Friday."""

    def __init__(
        self,
        library: Library,
        database: Database,
        *sets: QuestionSet,
        colleagues: int = 0,
        shipped: bool = False,
    ) -> None:
        super().__init__(library, database)
        guides = load_guides()[0]
        known = {one.id: one for one in sets} | (dict(guides.sets) if shipped else {})
        self.assistant = Assistant(
            library,
            Guides({**guides.by_id, **self.guides}, known),
            database,
            read_contacts(),
            "secret",
            clock=lambda: self.now,
        )
        self.colleagues = [
            RegisteredPerson(
                f"00000000-0000-4000-8000-{number:012x}",
                f"Kollega {number}",
                "",
                "lærer",
                *("Nordlia skole", "skole", "barneskole", "Sone nord"),
                "nb",
            )
            for number in range(1_000, 1_000 + colleagues)
        ]
        if self.colleagues:
            with self.session() as session:
                import_people(session, [*PEOPLE, *self.colleagues], dry_run=False)

    def ask(self, asked: QuestionSet, **changes: Any) -> Round:
        """A round that opened an hour ago and closes on Friday night."""
        made = Round(
            **{
                "id": ROUND,
                "question_set": asked.id,
                "asked": asked.model_dump(mode="json"),
                "title": asked.title,
                "purpose": "Å vite hva som trengs.",
                "audience": ("alle",),
                "opens": self.now - timedelta(hours=1),
                "closes": datetime(2026, 11, 27, 23, tzinfo=self.now.tzinfo),
                "created_by": "x",
                "created_by_name": "Hanne Myhre",
                **changes,
            }
        )
        with self.session() as session:
            assert add_round(session, made)
        return made

    def open(self, who: str, round: str = ROUND) -> list[Reply]:
        return self.press(who, "round_open", round=round)

    def answer(self, who: str, *, round: str = ROUND, **filled: Any) -> list[Reply]:  # type: ignore[override]
        """Send the short reflection with these answers, by step."""
        given = {**FILLED, **{f"{id}__value": value for id, value in filled.items()}}
        return self.press(who, "round_answer", round=round, **given)

    def counted(self, facet: str = "sted", round: str = ROUND) -> dict[tuple[str, int], int]:
        """How many gave each answer to each question."""
        found: dict[tuple[str, int], int] = {}
        for one in self.tallies(round):
            if one.facet == facet:
                found[one.question, one.value] = found.get((one.question, one.value), 0) + one.count
        return found

    def tallies(self, round: str = ROUND) -> list[Tally]:
        with self.session() as session:
            return tallies(session, round)

    def texts(self, round: str = ROUND) -> list[Text]:
        with self.session() as session:
            return texts_of(session, round)

    def draft(self, who: str, round: str = ROUND) -> dict[str, Any]:  # type: ignore[override]
        with self.session() as session:
            return draft_of(session, round, who)

    def remembered(self, who: str) -> tuple[str, Any]:
        """What the conversation remembers of the last message, and of what is going on."""
        from storage.tables import Conversation

        with self.session() as session:
            row = session.get(Conversation, f"chat with {who}")
            assert row is not None
            return row.last_digest, row.doing


FILLED = {"trivsel__value": "4", "tid__value": "litt", "stotte__value": ""}


def inputs(replies: list[Reply]) -> dict[str, str]:
    """What stands in the inputs of the cards, by id."""
    return {
        block.id: block.value
        for reply in replies
        if isinstance(reply, CardReply)
        for block in reply.blocks
        if isinstance(block, Choice | TextInput)
    }
