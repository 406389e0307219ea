"""A crowd of people who answer rounds in a known order, through the real assistant.

Each person has a text and a choice of their own, so that whoever finds the place of these has found
the person.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import inspect, text

from dialogs.checkins.closing import close_due_rounds
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Reply
from knowledge.library import Library
from storage.ballots import rewrite_open_rounds
from storage.database import Database
from storage.rounds import find_round
from tests.dialogs.checkins.asking import Asking, one_of, question_set, scale, section
from tests.dialogs.checkins.asking import text as in_own_words
from tests.dialogs.kommune import buttons
from tests.dialogs.shown import shown

REFLECTION, SURVEY = "a" * 32, "b" * 32


class Crowd:
    """People who answer both rounds, in the order of their numbers."""

    def __init__(self, library: Library, database: Database, size: int) -> None:
        options = [f"valg{number}" for number in range(size)]
        steps = (one_of("eget", *options), scale("trivsel"), in_own_words("stotte"))
        self.sets = [
            question_set("kort", section=(section("alt", *steps),)),
            question_set(
                "lang",
                kind="undersøkelse",
                minutes=7,
                background=(one_of("erfaring", "kort", "lang"),),
                section=(section("en", steps[0], steps[2]), section("to", scale("neste"))),
            ),
        ]
        self.kommune = Asking(library, database, *self.sets, colleagues=size)
        self.kommune.ask(self.sets[0], id=REFLECTION)
        self.kommune.ask(self.sets[1], id=SURVEY)
        self.database = database
        self.keys = [one.key for one in self.kommune.colleagues]

    def canary(self, number: int, round: str) -> str:
        return f"Kanarifugl {number * 7_919 + 13:08d} {round[0]}."

    def answer(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            self.reflect(number)
            assert "Sendt." in shown(self.survey(number))

    def reflect(self, number: int) -> list[Reply]:
        return self.kommune.press(
            self.keys[number],
            "round_answer",
            round=REFLECTION,
            eget__value=f"valg{number}",
            trivsel__value=str(number % 5 + 1),
            stotte__value=self.canary(number, REFLECTION),
        )

    def survey(self, number: int) -> list[Reply]:
        """Saved as one goes, and sent."""
        who = self.keys[number]
        self.kommune.press(
            who,
            "ballot_next",
            round=SURVEY,
            section="@",
            erfaring__value=("kort", "lang")[number % 2],
        )
        self.kommune.press(
            who,
            "ballot_next",
            round=SURVEY,
            section="en",
            eget__value=f"valg{number}",
            stotte__value=self.canary(number, SURVEY),
        )
        end = self.kommune.press(
            who, "ballot_next", round=SURVEY, section="to", neste__value=str(number % 5 + 1)
        )
        return self.kommune.follow(who, buttons(end)["Send"])

    def night(self) -> None:
        self.kommune.now += timedelta(hours=16)
        rewrite_open_rounds(self.database)
        self.database.sweep()

    def close(self) -> None:
        with self.database.transaction() as session:
            round = find_round(session, REFLECTION)
            assert round is not None
        self.kommune.now = round.closes + timedelta(hours=1)
        assert close_due_rounds(self.database, SendingTimes(), self.kommune.now, 5) == 2
        self.database.sweep()

    def place_of(self, found: str) -> int | None:
        """Whose canary a text is."""
        numbers = {
            self.canary(n, r): n for n in range(len(self.keys)) for r in (REFLECTION, SURVEY)
        }
        return numbers.get(found)


# Reading everything


def tables(database: Database) -> list[str]:
    with database.transaction() as session:
        return inspect(session.connection()).get_table_names()


def rows(database: Database, table: str, order: str = "", what: str = "*") -> list[dict[str, Any]]:
    with database.transaction() as session:
        by = f" ORDER BY {order}" if order else ""
        found = session.connection().execute(text(f'SELECT {what} FROM "{table}"{by}'))
        return [dict(row._mapping) for row in found]
