"""A kommune with rounds of every kind, and who may read each of the odd sentences in it.

Nordlia skole is the school that others try to look into. In the kommune's closed round Fjellheim
has shared its result with the skoleeierteam; Nordlia and Strandvik have not.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from dialogs.assistant import Assistant
from dialogs.checkins.closing import close_due_rounds
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.meetings.sending_times import SendingTimes
from dialogs.question_set import QuestionSet
from knowledge.library import Library
from storage.ballots import Named, Place, cast, keep_named, mark_answered, save_draft
from storage.database import Database, Session
from storage.follow_ups import FollowUp, add_follow_up
from storage.page_logins import add_login
from storage.people import RegisteredPerson, find_person, import_people
from storage.rounds import Round, add_round, share_result
from storage.tables import BallotText
from tests.dialogs.access_matrix import PEOPLE as COLUMNS
from tests.dialogs.access_matrix import Pressing
from tests.dialogs.checkins.asking import SURVEY, question_set
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    KARI_AVDELINGSLEDER,
    PEOPLE,
    Kommune,
    make_guide,
)

NORDLIA, FJELLHEIM, STRANDVIK = "Nordlia skole", "Fjellheim skole", "Strandvik ungdomsskole"
COLLEAGUES = 14  # lærere more at each of the three schools

# The rounds: the kommune's, and Nordlia's own.
OPEN, PLANNED, CLOSED = "a1" * 16, "a2" * 16, "a3" * 16
OWN_OPEN, OWN_PLANNED, OWN_CLOSED = "b1" * 16, "b2" * 16, "b3" * 16
SURVEY_OPEN, SURVEY_CLOSED, SURVEY_ALL = "c1" * 16, "c3" * 16, "c4" * 16
NAMED_OPEN, NAMED_CLOSED = "d1" * 16, "d3" * 16
ROUNDS_OF_NORDLIA = {OWN_OPEN, OWN_PLANNED, OWN_CLOSED, SURVEY_OPEN, SURVEY_CLOSED}
# Measures: Nordlia's after its own round and the kommune's, and the team's; told, and not.
TOLD_OWN, UNTOLD_OWN = "e1" * 16, "e2" * 16
TOLD_SCHOOL, UNTOLD_SCHOOL = "e3" * 16, "e4" * 16
TOLD_TEAM, UNTOLD_TEAM = "e5" * 16, "e6" * 16
LOGIN, NUMBERS = "f1" * 24, (11, 22, 33, 44, 55, 66)

_HERE = frozenset((DAVID_REKTOR, KARI_AVDELINGSLEDER, ANE_LÆRER))
_TEAM = frozenset((HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER))
_SCHOOLS = frozenset(one.key for one in PEOPLE if one.unit)
_LEADERS_HERE = frozenset((DAVID_REKTOR, KARI_AVDELINGSLEDER))
# What is written, and who may read it.
SECRETS: dict[str, frozenset[str]] = {
    "Sagt i Nordlias egen runde": _HERE,
    "Sagt i Nordlias undersøkelse": _HERE,
    "Sagt i kommunens runde": _TEAM,
    "Sagt med Nordlias navn": _HERE | _TEAM,
    "Anes kladd i undersøkelsen": frozenset((ANE_LÆRER,)),
    "Nordlias tiltak etter egen runde": _HERE,
    "Nordlias tiltak ingen har fått": frozenset((DAVID_REKTOR,)),
    "Nordlias tiltak etter kommunens runde": _HERE,
    "Nordlias kladd etter kommunens runde": frozenset((DAVID_REKTOR,)),
    "Kommunens tiltak": _SCHOOLS | _TEAM,
    "Kommunens kladd": _TEAM,
    "Davids svar for Nordlia": _LEADERS_HERE,
    "Davids lukkede svar for Nordlia": _TEAM,
}
(
    SAID_OWN,
    SAID_SURVEY,
    SAID,
    SAID_NAMED,
    DRAFT,
    MEASURE_OWN,
    MEASURE_OWN_DRAFT,
    MEASURE_SCHOOL,
    MEASURE_SCHOOL_DRAFT,
    MEASURE_TEAM,
    MEASURE_TEAM_DRAFT,
    NAMED,
    NAMED_DONE,
) = SECRETS

SHORT = question_set(unasked=True)
LONG = question_set(**SURVEY)
OFFICIAL = question_set("navn", title="Skolens svar", to=("ledere",), visibility="navngitt")
SETS = {one.id: one for one in (SHORT, LONG, OFFICIAL)}


def colleagues() -> list[RegisteredPerson]:
    """Lærere with names and keys of their own at the three schools."""
    like = {NORDLIA: ANE_LÆRER, FJELLHEIM: BJØRN_LÆRER, STRANDVIK: GEIR_TILLITSVALGT}
    by_key = {one.key: one for one in PEOPLE}
    return [
        replace(
            by_key[key],
            key=f"00000000-0000-4000-{school}000-{number:012}",
            name=f"Kollega {unit} {number}",
            role="lærer",
        )
        for school, (unit, key) in enumerate(like.items(), start=1)
        for number in range(COLLEAGUES)
    ]


class World(Pressing):
    """The kommune in memory; `again` takes it back to what it was before anybody pressed."""

    def __init__(self, library: Library, guides: Guides) -> None:
        self.library, self.guides = library, Guides({**guides.by_id, "plan": make_guide()}, SETS)
        self.database = Database("sqlite://")
        self.database.migrate()
        kommune = Kommune(library, self.database)
        self.made = kommune.now
        with kommune.session() as session:
            import_people(session, [*PEOPLE, *colleagues()], dry_run=False)
            self._rounds(session)
        closed = close_due_rounds(self.database, SendingTimes(), self.made, 5)
        assert closed == 5
        with kommune.session() as session:
            self._afterwards(session)
            self.text = self._text(session, OWN_CLOSED)
            self.text_of_all = self._text(session, CLOSED)
        # What the school has shared: with its own people, and with all leaders.
        self.for_school = kommune.share(audience="skolen")
        self.for_leaders = kommune.share(audience="ledere")
        self.assistant = Assistant(
            library,
            self.guides,
            self.database,
            read_contacts(),
            "secret",
            clock=lambda: self.now,
        )
        self.now = self._soon
        self._kept = sqlite3.connect(":memory:")
        self._copy(to=self._kept)

    def again(self) -> "World":
        self._copy(of=self._kept)
        self.now = self._soon
        return self

    def _copy(
        self, of: sqlite3.Connection | None = None, to: sqlite3.Connection | None = None
    ) -> None:
        raw = self.database._engine.raw_connection()
        try:
            live: Any = raw.driver_connection
            (of or live).backup(to or live)
        finally:
            raw.close()

    def _rounds(self, session: Session) -> None:
        own: dict[str, Any] = {"unit": NORDLIA, "audience": (f"enhet: {NORDLIA}",)}
        own |= {"created_by": DAVID_REKTOR, "created_by_name": "David Lunde"}
        for id, asked, opens, more in (
            (OPEN, SHORT, -1, {}),
            (PLANNED, SHORT, 40, {"discussed_on": date(2026, 11, 10)}),
            (CLOSED, SHORT, -60, {}),
            (OWN_OPEN, SHORT, -1, own),
            (OWN_PLANNED, SHORT, 40, {**own, "discussed_on": date(2026, 11, 10)}),
            (OWN_CLOSED, SHORT, -90, own),
            (SURVEY_OPEN, LONG, -1, own),
            (SURVEY_CLOSED, LONG, -120, own),
            (SURVEY_ALL, LONG, -150, {}),
            (NAMED_OPEN, OFFICIAL, -1, {"audience": ("ledere",)}),
            (NAMED_CLOSED, OFFICIAL, -60, {"audience": ("ledere",)}),
        ):
            add_round(session, self._round(id, asked, opens, more))
        for person in (*PEOPLE, *colleagues()):
            if not person.unit:
                continue
            here, number = person.unit == NORDLIA, int(person.key[-2:])
            self._answer(session, CLOSED, person, 1 + number % 5, SAID, SAID_NAMED if here else "")
            self._answer(session, SURVEY_ALL, person, 1 + number % 5)
            if here:
                self._answer(session, OWN_CLOSED, person, 1 + number % 5, SAID_OWN)
                self._answer(session, SURVEY_CLOSED, person, 1 + number % 5, SAID_SURVEY)
        save_draft(session, SURVEY_OPEN, ANE_LÆRER, {"erfaring": "kort", "kommentar": DRAFT})
        for round, said in ((NAMED_OPEN, NAMED), (NAMED_CLOSED, NAMED_DONE)):
            answers = {"trivsel": 4, "tid": "litt", "stotte": said}
            named = Named(NORDLIA, DAVID_REKTOR, "David Lunde", answers, self.made)
            keep_named(session, round, named)
        add_login(session, id=LOGIN, person=DAVID_REKTOR, numbers=NUMBERS, now=self._soon)

    @property
    def _soon(self) -> datetime:
        return self.made + timedelta(days=1)  # when the buttons are pressed

    def _round(self, id: str, asked: QuestionSet, opens: int, more: Mapping[str, Any]) -> Round:
        begins = self.made + timedelta(days=opens)
        values: dict[str, Any] = {
            "id": id,
            "question_set": asked.id,
            "asked": asked.model_dump(mode="json"),
            "title": asked.title,
            "purpose": "Å vite hva som trengs.",
            "audience": ("alle",),
            "opens": begins,
            "closes": begins + timedelta(days=14),
            "created_by": HANNE_SKOLEEIER,
            "created_by_name": "Hanne Myhre",
        }
        return Round(**values | dict(more))

    def _answer(
        self, session: Session, round: str, who: RegisteredPerson, point: int, *texts: str
    ) -> None:
        """Each text once: the last with the school's name."""
        mark_answered(session, round, who.key)
        place = Place(who.unit, who.zone, who.school_type)
        survey = round in (SURVEY_CLOSED, SURVEY_ALL)
        pairs = [f"{step}.{one}" for step in ("verktoy", "nettvett", "klassen") for one in _SCALES]
        questions = pairs if survey else ["trivsel"]
        values = [(question, point) for question in questions]
        step = "kommentar" if survey else "stotte"
        role = "leder" if who.role in ("rektor", "avdelingsleder") else "lærer"
        for number, text in enumerate(texts or ("",)):
            written = [(step, text)] if text else []
            counted = values if number == 0 else []
            cast(session, round, counted, written, place=place, role=role, tell_unit=number == 1)

    def _afterwards(self, session: Session) -> None:
        for round in (CLOSED, SURVEY_ALL):
            share_result(session, round, FJELLHEIM, FATIMA_AVDELINGSLEDER, self.made)
        for id, round, unit, measure, by in (
            (TOLD_OWN, OWN_CLOSED, NORDLIA, MEASURE_OWN, DAVID_REKTOR),
            (UNTOLD_OWN, OWN_CLOSED, NORDLIA, MEASURE_OWN_DRAFT, DAVID_REKTOR),
            (TOLD_SCHOOL, CLOSED, NORDLIA, MEASURE_SCHOOL, DAVID_REKTOR),
            (UNTOLD_SCHOOL, CLOSED, NORDLIA, MEASURE_SCHOOL_DRAFT, DAVID_REKTOR),
            (TOLD_TEAM, CLOSED, "", MEASURE_TEAM, HANNE_SKOLEEIER),
            (UNTOLD_TEAM, CLOSED, "", MEASURE_TEAM_DRAFT, HANNE_SKOLEEIER),
        ):
            person = find_person(session, by)
            assert person is not None
            told = self.made if id in (TOLD_OWN, TOLD_SCHOOL, TOLD_TEAM) else None
            add_follow_up(
                session,
                FollowUp(
                    id=id,
                    round=round,
                    unit=unit,
                    heard="Vi hørte noe.",
                    measure=measure,
                    by=by,
                    by_name=person.name,
                    at=self.made,
                    told_at=told,
                ),
            )

    def _text(self, session: Session, round: str) -> str:
        """One that tells no school's name."""
        wanted = select(col(BallotText.id)).where(
            col(BallotText.round) == round, col(BallotText.unit) == ""
        )
        return sorted(session.connection().execute(wanted).scalars())[0]


_SCALES = ("kompetanse", "viktighet")


def assert_keeps_secrets(who: str, text: str, where: str = "") -> None:
    """Nobody reads what isn't theirs."""
    for secret, readers in SECRETS.items():
        if who not in readers:
            assert secret not in text, f"{name_of(who)} reads «{secret}» in {where}"


def name_of(who: str) -> str:
    return next((name for name, key in COLUMNS.items() if key == who), who)
