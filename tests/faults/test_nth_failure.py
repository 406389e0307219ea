"""The n-th statement or commit fails, for every n, in the flows that matter: nothing is half done.

What was told as done is done, what failed has left the database as it was, and the same message
sent again (as Teams does) then does it all.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from sqlalchemy import event, select

from dialogs.guide_files import Guides
from dialogs.messages import Message, MessageKind, Reply
from dialogs.page_login import VERBS as PAGE_LOGIN
from knowledge.library import Library
from storage.database import Database
from storage.people import import_people
from storage.tables import Table
from tests.dialogs.checkins.asking import FILLED as BALLOT
from tests.dialogs.checkins.asking import Asking, question_set
from tests.dialogs.checkins.rounds_made import Rounds
from tests.dialogs.checkins.test_answering import SENT
from tests.dialogs.checkins.test_rounds_form import fill
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    HANNE_SKOLEEIER,
    PEOPLE,
    Kommune,
    buttons,
)
from tests.dialogs.meetings.test_meeting_form import fill_in
from tests.dialogs.shown import shown
from tests.dialogs.test_my_data import NOTES, TEAM, everything_of
from tests.storage.conftest import empty_url, new_postgresql  # noqa: F401  # fixtures

MOST_CALLS = 300

Rows = dict[str, list[tuple[Any, ...]]]
# What is done, and words of the answer that tells that it is done.
Flow = Callable[[Library, Database, Guides], tuple[Callable[[], Any], str]]


class Fault(Exception):
    """What a database that is gone raises."""


class Failing:
    """Lets the call with a number fail, counted from when it is set."""

    def __init__(self, database: Database) -> None:
        self.at = 0
        self.calls = 0
        event.listen(database._engine, "before_cursor_execute", self._call)
        event.listen(database._engine, "commit", self._call)

    def set(self, at: int) -> None:
        self.at, self.calls = at, 0

    def _call(self, *_: object) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise Fault


def same_message(kommune: Kommune, who: str, kind: MessageKind, **what: Any) -> Callable[[], Any]:
    """Hands over one message, the same each time."""
    message = Message("the-one", f"chat with {who}", who, kommune.now, kind, **what)
    return lambda: kommune.assistant.handle(message)


def pressed(kommune: Kommune, who: str, replies: Sequence[Reply], title: str, **filled: Any) -> Any:
    value = {**buttons(list(replies))[title].value, **filled}
    return same_message(kommune, who, MessageKind.BUTTON, value=value)


def a_question(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Kommune(library, database, *guides.all)
    return same_message(kommune, ANE_LÆRER, MessageKind.TEXT, text="Hva er PRUVA?"), "PRUVA"


def beginning_a_guide(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Kommune(library, database, *guides.all)
    return same_message(kommune, DAVID_REKTOR, MessageKind.TEXT, text="0.13"), "0.13"


def answering_a_step(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Kommune(library, database, *guides.all)
    first = kommune.write(DAVID_REKTOR, "0.13")
    kommune.follow(DAVID_REKTOR, buttons(first)["Neste"])
    text = "Vi leser i alle fag."
    return same_message(kommune, DAVID_REKTOR, MessageKind.TEXT, text=text), "Steg 3 av 14"


def sharing(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Kommune(library, database)
    asked = kommune.press(DAVID_REKTOR, "share_ask", draft=kommune.draft())
    return pressed(kommune, DAVID_REKTOR, asked, "Del", audience="ledere"), "Delt"


def withdrawing(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Kommune(library, database)
    version = kommune.share()
    kommune.press(ELI_REKTOR, "shared_read", version=version)
    asked = kommune.press(DAVID_REKTOR, "withdraw_ask", version=version)
    return pressed(kommune, DAVID_REKTOR, asked, "Trekk tilbake"), "rukket"


def putting_in_a_meeting(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Kommune(library, database)
    return pressed(kommune, HANNE_SKOLEEIER, fill_in(kommune), "Legg inn møtet"), "lagt inn"


def starting_a_round(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Rounds(library, database)
    return pressed(kommune, HANNE_SKOLEEIER, fill(kommune), "Start"), "Runden er lagt inn"


def sending_a_ballot(library: Library, database: Database, guides: Guides) -> Any:
    asked = question_set()
    kommune = Asking(library, database, asked)
    kommune.ask(asked)
    card = kommune.open(ANE_LÆRER)
    return pressed(kommune, ANE_LÆRER, card, "Send", **BALLOT), SENT


def deleting_my_data(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Kommune(library, database, NOTES, TEAM)
    everything_of(kommune, ANE_LÆRER)
    shown_first = kommune.write(ANE_LÆRER, "mine opplysninger")
    asked = kommune.follow(ANE_LÆRER, buttons(shown_first)["Slett …"])
    return pressed(kommune, ANE_LÆRER, asked, "Ja, slett"), "lettet"


def a_way_in_to_the_page(library: Library, database: Database, guides: Guides) -> Any:
    kommune = Kommune(library, database)
    assert "page_open" in PAGE_LOGIN
    return same_message(kommune, HANNE_SKOLEEIER, MessageKind.TEXT, text="siden"), "siden"


def importing_people(library: Library, database: Database, guides: Guides) -> Any:
    Kommune(library, database)

    def import_fewer() -> str:
        with database.transaction() as session:
            import_people(session, PEOPLE[:5], dry_run=False)
        return "registeret"

    return import_fewer, "registeret"


FLOWS: tuple[Flow, ...] = (
    a_question,
    beginning_a_guide,
    answering_a_step,
    sharing,
    withdrawing,
    putting_in_a_meeting,
    starting_a_round,
    sending_a_ballot,
    deleting_my_data,
    a_way_in_to_the_page,
    importing_people,
)


@pytest.mark.parametrize("empty_url", ["memory", "postgresql"], indirect=True)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_a_call_that_fails_leaves_nothing_half_done(
    flow: Flow,
    empty_url: str,  # noqa: F811
    library: Library,
    guides: Guides,
) -> None:
    database = Database(empty_url)
    try:
        database.migrate()
        act, done = flow(library, database, guides)
        failing = Failing(database)
        before = rows(database)
        for n in range(1, MOST_CALLS):
            failing.set(n)
            try:
                answer = act()
            except Fault:
                failing.set(0)
                assert rows(database) == before, f"call {n} left something behind"
                continue
            finally:
                failing.set(0)
            break
        assert n > 3
        assert n < MOST_CALLS - 1
        assert done in (answer if isinstance(answer, str) else shown(answer))
        assert rows(database) != before
    finally:
        database.close()


def rows(database: Database) -> Rows:
    """All that the database holds."""
    with database.transaction() as session:
        return {
            name: sorted(map(tuple, session.connection().execute(select(table))), key=repr)
            for name, table in Table.metadata.tables.items()
        }
