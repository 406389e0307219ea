"""A kommune where rounds are started: many lærere at the schools, and question sets to choose."""

from dataclasses import replace
from datetime import date
from typing import Any

from dialogs.assistant import Assistant
from dialogs.checkins import rounds
from dialogs.checkins.round_rules import Wanted
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.meetings.sending_times import SendingTimes
from dialogs.wording import Wording
from knowledge.library import Library
from storage.ballots import Place, cast, mark_answered
from storage.database import Database
from storage.people import RegisteredPerson, find_person, import_people
from storage.rounds import Round, find_round
from tests.dialogs.checkins.asking import question_set
from tests.dialogs.kommune import HANNE_SKOLEEIER, PEOPLE, Kommune

ROUND, OTHER = "a" * 32, "b" * 32
NORDLIA, FJELLHEIM = "Nordlia skole", "Fjellheim skole"
# Monday is 23 November 2026; the first Tuesday that tillitsvalgte have seen the questions.
TUESDAY, MONDAY_AFTER = date(2026, 11, 24), date(2026, 11, 30)
DISCUSSED = date(2026, 11, 10)
BOKMÅL = Wording("nb")

SHORT = question_set()
LEADERS = question_set("ledelse", title="Å lede", to=("ledere",), finest="kommune")
NAMED = question_set("navn", title="Skolens svar", to=("ledere",), visibility="navngitt")
SURVEY = question_set("undersokelsen", kind="undersøkelse", title="Undersøkelsen")


class Rounds(Kommune):
    """Seven lærere more at Nordlia and at Fjellheim, in the people register."""

    def __init__(self, library: Library, database: Database, colleagues: int = 7) -> None:
        super().__init__(library, database)
        self.sending = SendingTimes(library.holidays)
        self.library = library
        self.sets = {one.id: one for one in (SHORT, LEADERS, NAMED, SURVEY)}
        places = {one.unit: one for one in PEOPLE if one.unit in (NORDLIA, FJELLHEIM)}
        self.people = [
            *PEOPLE,
            *(
                replace(
                    places[unit],
                    key=f"{unit}-{n}".casefold(),
                    name=f"Lærer {unit} {n}",
                    role="lærer",
                )
                for unit in (NORDLIA, FJELLHEIM)
                for n in range(colleagues)
            ),
        ]
        self.register(self.people)
        self.use(5)

    def use(self, smallest: int) -> None:
        """Serve with these question sets, and groups of at least so many."""
        self.smallest = smallest
        self.assistant = Assistant(
            self.library,
            Guides(self.guides, self.sets),
            self.database,
            read_contacts(),
            "secret",
            smallest_group=smallest,
            sending=self.sending,
            clock=lambda: self.now,
        )

    def register(self, people: list[RegisteredPerson]) -> None:
        with self.session() as session:
            import_people(session, people, dry_run=False)

    def make(self, who: str = HANNE_SKOLEEIER, **wanted: Any) -> Round | list[str]:
        """The round that was started, or what was wrong."""
        values: dict[str, Any] = {
            "id": ROUND,
            "set": SHORT,
            "audience": ("lærere", "tillitsvalgte"),
            "first": TUESDAY,
            "last": MONDAY_AFTER,
            "discussed_on": DISCUSSED,
        }
        with self.session() as session:
            by = find_person(session, who)
            assert by is not None
            made = rounds.make_round(
                session,
                self.sending,
                Wanted(**values | wanted),
                by=by,
                wording=BOKMÅL,
                smallest=self.smallest,
                now=self.now,
            )
        return made if isinstance(made, Round) else [one.text for one in made]

    def made(self, who: str = HANNE_SKOLEEIER, **wanted: Any) -> Round:
        made = self.make(who, **wanted)
        assert isinstance(made, Round), made
        return made

    def round(self, id: str = ROUND) -> Round:
        with self.session() as session:
            found = find_round(session, id)
        assert found is not None
        return found

    def vote(self, who: str, id: str = ROUND, point: int = 4, text: str = "") -> None:
        """Somebody's answer, put in the ballot box."""
        with self.session() as session:
            person = find_person(session, who)
            assert person is not None
            mark_answered(session, id, who)
            place = Place(person.unit, person.zone, person.school_type)
            texts = [("stotte", text)] if text else []
            cast(session, id, [("trivsel", point)], texts, place=place, role="lærer")

    def teachers(self) -> list[str]:
        return [one.key for one in self.people if one.role in ("lærer", "tillitsvalgt")]
