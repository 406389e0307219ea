"""Rounds of the demo kommune, for `serve --local` and `run`: three closed ones, and one to answer.

The answers are made up: drawn by chance, always the same, from shares in storage/demo/. What may be
shown of them is decided as for any round.
"""

import csv
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fnmatch import fnmatch
from functools import cache

from dialogs.checkins.closing import freeze
from dialogs.checkins.round_planning import (
    INVITATION,
    SENT_AT,
    closes_at,
    plan_round,
    subject_of,
)
from dialogs.meetings.sending_times import OSLO, SendingTimes, at
from dialogs.question_set import QuestionSet
from dialogs.reports import Invited
from storage.attempts import end_attempt
from storage.ballots import Place, Tally, cast
from storage.database import Session
from storage.demo_people import DEMO_PEOPLE
from storage.outbox import rows_of
from storage.people import RegisteredPerson, list_people
from storage.people_file import read_people
from storage.rounds import Round, add_round, change_round, list_rounds

SEED = 7
UNEVEN = 0.35  # how far a school's shares are from those of the kommune, at most
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Demo:
    """A demo round: its question set, when it opened and closes, in days from today."""

    id: str
    set: str
    opens: int
    closes: int
    purpose: str


_DEMOS = (
    _Demo(
        "demo-undersokelse",
        "kompetanseundersokelsen",
        -103,
        -90,
        "Velge hva vi skal lære mer om sammen neste år.",
    ),
    _Demo(
        "demo-refleksjon-1",
        "manedens-refleksjon",
        -68,
        -62,
        "Skoleeierteamet tar med svarene i møtet med skolelederne.",
    ),
    _Demo(
        "demo-refleksjon-2",
        "manedens-refleksjon",
        -38,
        -32,
        "Skoleeierteamet tar med svarene i møtet med skolelederne.",
    ),
    _Demo("demo-apen", "rett-vei", -1, 6, "Vi ser på svarene sammen i neste skoleledermøte."),
)


def load_demo_rounds(
    session: Session,
    sending: SendingTimes,
    sets: Mapping[str, QuestionSet],
    smallest: int,
    now: datetime,
) -> None:
    """Make the demo rounds where there are none; a kommune with its own people gets none."""
    people = list_people(session)
    demo = {person.key for person in read_people(DEMO_PEOPLE)}
    if list_rounds(session) or {person.key for person in people} != demo:
        return
    by = next(one for one in people if one.role == "skoleeierteam")
    chance = random.Random(SEED)
    for one in _DEMOS:
        if one.set in sets:
            round = _round(one, sets[one.set], by, now)
            add_round(session, round)
            if round.closes <= now:
                _close(session, round, sets[one.set], smallest, chance)
            else:
                _invited_yesterday(session, sending, round, now)


def _round(demo: _Demo, questions: QuestionSet, by: RegisteredPerson, now: datetime) -> Round:
    today = now.astimezone(OSLO).date()
    is_open = demo.closes >= 0
    first, last = (_weekday(today + days * _DAY) for days in (demo.opens, demo.closes))
    return Round(
        id=demo.id,
        question_set=questions.id,
        asked=questions.model_dump(mode="json"),
        title=f"{questions.title} (demo)",
        purpose=demo.purpose,
        audience=("alle",),
        discussed_on=first - 14 * _DAY,
        # What is open is so from the first minute, whatever day it is tried on.
        opens=now - _DAY if is_open else at(first, SENT_AT),
        closes=closes_at(last),
        created_by=by.key,
        created_by_name=by.name,
    )


def _invited_yesterday(
    session: Session, sending: SendingTimes, round: Round, now: datetime
) -> None:
    """The invitations count as sent: who tries the bot isn't met by one before they have asked."""
    plan_round(session, sending, round, now)
    for row in rows_of(session, subject_of(round.id)):
        if row.reason == INVITATION:
            end_attempt(session, row.id, "sendt", round.opens)


def _weekday(day: date) -> date:
    return day + max(0, 7 - day.weekday()) * _DAY if day.weekday() >= 5 else day


# Answers that nobody gave


def _close(
    session: Session, round: Round, questions: QuestionSet, smallest: int, chance: random.Random
) -> None:
    counted: Counter[tuple[str, int, str, str, str, str]] = Counter()
    invited, units = [], []
    for school in _rows("schools.csv"):
        answers = _SchoolAnswers(questions, school, chance)
        counted += answers.counted
        invited.append(answers.invited)
        units.append(school["enhet"])
    for row in _rows("texts.csv"):
        if row["spørsmålssett"] == questions.id:
            place = Place(unit=chance.choice(units))
            named = row["med_skolens_navn"] == "ja"
            texts = [(row["spørsmål"], row["tekst"])]
            cast(session, round.id, [], texts, place=place, tell_unit=named)
    tallies = [Tally(*seen, count) for seen, count in counted.items()]
    freeze(session, round, tallies, invited, smallest)
    change_round(session, replace(round, closed_at=round.closes))


class _SchoolAnswers:
    """What the staff of one school answered, counted as `tallies` does."""

    def __init__(
        self, questions: QuestionSet, school: Mapping[str, str], chance: random.Random
    ) -> None:
        self.counted: Counter[tuple[str, int, str, str, str, str]] = Counter()
        self._school, self._chance = school, chance
        self._place = (school["enhet"], school["sone"], school["skoletype"])
        self._shares = {
            one.id: self._uneven(_shares(questions.id, one.id, len(one.categories)))
            for one in questions.questions("nb")
        }
        self._experience = [
            choice.value for step in questions.background for choice in step.choices
        ]
        people = {"lærer": int(school["lærere"]), "leder": int(school["ledere"])}
        if "ledere" not in questions.to:
            people.pop("leder")
        share = float(school["svarandel"].replace(",", "."))
        answered = 0
        for role, count in people.items():
            for _ in range(count):
                if chance.random() < share:
                    self._answer(role)
                    answered += 1
        self.invited = Invited(*self._place, invited=sum(people.values()), answered=answered)

    def _answer(self, role: str) -> None:
        experience = self._chance.choice(self._experience) if self._experience else ""
        for question, shares in self._shares.items():
            value = self._chance.choices(range(1, len(shares) + 1), shares)[0]
            self.counted[(question, value, "sted", *self._place)] += 1
            self.counted[(question, value, "rolle", role, "", "")] += 1
            if experience:
                self.counted[(question, value, "erfaring", experience, "", "")] += 1

    def _uneven(self, shares: Sequence[float]) -> list[float]:
        """Schools differ, but not much."""
        return [share * self._chance.uniform(1 - UNEVEN, 1 + UNEVEN) for share in shares]


def _shares(question_set: str, question: str, categories: int) -> list[float]:
    """The kommune's shares of each category: of the first row that fits."""
    row = next(
        row
        for row in _rows("answers.csv")
        if fnmatch(question_set, row["spørsmålssett"]) and fnmatch(question, row["spørsmål"])
    )
    return [float(row.get(str(one)) or 1) for one in range(1, categories + 1)]


@cache
def _rows(name: str) -> list[dict[str, str]]:
    with DEMO_PEOPLE.with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))
