"""A made-up kommune that has answered: as many answers as wanted, put in as they are when sent."""

import random
from datetime import UTC, datetime, timedelta

from dialogs.question_set import QuestionSet
from storage.ballots import Place, cast, mark_answered
from storage.database import Database
from storage.people import RegisteredPerson, import_people
from storage.rounds import Round, add_round

OPENED = datetime(2026, 11, 2, 7, tzinfo=UTC)
CLOSES = datetime(2026, 11, 15, 23, tzinfo=UTC)
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
AT_A_SCHOOL = 60
SKOLEEIER = "skoleeier"
TYPES = ("barneskole", "ungdomsskole", "1–10-skole")
EXPERIENCES = ("under-2", "2-5", "6-15", "over-15")
SEED = 20261122


def people_of(count: int) -> list[RegisteredPerson]:
    """So many at schools of sixty, each with a rektor, and one of the skoleeierteam."""
    people = []
    for number in range(count):
        school, place = divmod(number, AT_A_SCHOOL)
        people.append(
            RegisteredPerson(
                key=f"person-{number:06}",
                name=f"Kari {number:06}",
                email="",
                role="lærer" if place else "rektor",
                unit=f"Skole {school:03}",
                unit_kind="skole",
                school_type=TYPES[school % len(TYPES)],
                zone=f"Sone {school % 8}",
            )
        )
    owner = RegisteredPerson(SKOLEEIER, "Hanne Myhre", "", "skoleeierteam", "", "", "", "")
    return [*people, owner]


def register(database: Database, people: list[RegisteredPerson]) -> None:
    with database.transaction() as session:
        import_people(session, people, dry_run=False)


def open_round(database: Database, asked: QuestionSet, id: str, ago: int = 0) -> Round:
    """A round for all lærere and leaders that has been open for two weeks, and is to be closed."""
    made = Round(
        id=id,
        question_set=asked.id,
        asked=asked.model_dump(mode="json"),
        title=f"{asked.title} {ago}",
        purpose="Å vite hva som trengs.",
        audience=("alle",),
        opens=OPENED - timedelta(weeks=ago),
        closes=CLOSES - timedelta(weeks=ago),
        created_by=SKOLEEIER,
        created_by_name="Hanne Myhre",
    )
    with database.transaction() as session:
        assert add_round(session, made)
    return made


def answer(
    database: Database,
    asked: QuestionSet,
    round: str,
    people: list[RegisteredPerson],
    texts: int,
) -> int:
    """Everybody answers everything, and `texts` texts are written; says how many answers it is."""
    chance = random.Random(f"{SEED} {round}")
    questions = asked.questions("nb")
    written = [step.id for step in asked.texts()]
    share = texts / (len(people) * len(written)) if written else 0
    answers = 0
    with database.transaction() as session:
        for number, one in enumerate(people):
            # Schools differ, and most answer in the middle.
            lean = (number // AT_A_SCHOOL % 5 - 2) / 2
            values = [(q.id, _category(chance, lean, len(q.categories))) for q in questions]
            said = [
                (id, f"Vi trenger mer tid til å øve sammen, og dette er nummer {number} om det.")
                for id in written
                for _ in range(_whole(chance, share))
            ]
            mark_answered(session, round, one.key)
            cast(
                session,
                round,
                values,
                said,
                place=Place(one.unit, one.zone, one.school_type),
                role="leder" if one.role == "rektor" else "lærer",
                experience=chance.choice(EXPERIENCES),
                tell_unit=chance.random() < 0.5,
            )
            answers += len(values)
    return answers


def _category(chance: random.Random, lean: float, categories: int) -> int:
    middle = (1 + categories) / 2 + lean
    return min(max(round(chance.gauss(middle, 1.1)), 1), categories)


def _whole(chance: random.Random, share: float) -> int:
    """So many times on average."""
    return int(share) + (chance.random() < share % 1)
