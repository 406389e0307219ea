"""The n-th call to the Connector fails, for every n: what was saved is saved, and told or not told.

A turn is saved before anything of it is sent. So a call that fails costs the person an answer,
never what they entered; and the same activity again, as Teams sends it, changes nothing.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import func, select

from bot.settings import Settings
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from knowledge.library import Library
from storage.database import Database
from storage.drafts import answers_of
from storage.people import import_people
from storage.tables import GuideDraft, Table
from tests.bot.fakes import PRODUCTION, OutsideWorld, serving
from tests.dialogs.kommune import DAVID_REKTOR, PEOPLE

pytestmark = pytest.mark.asyncio

MOST_CALLS = 40
OF_WHAT_CAME = {"sent_card", "passage_asked"}  # notes of what was really sent
WRITTEN = "Vi leser i alle fag."
SAID = (
    "Hva er PRUVA?",
    "0.13",
    "Neste",  # taken for an answer or not, it is the same with and without failures
    WRITTEN,
    "møter",
    "Send uten navn til skoleeierteamet: Når kommer neste plan?",
    "siden",
    "mine opplysninger",
)


def saved(database: Database) -> tuple[Mapping[str, int], list[Any]]:
    """How many rows each table has, and what was written in drafts."""
    with database.transaction() as session:
        execute = session.connection().execute
        counts = {
            name: execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Table.metadata.tables.items()
            if name not in OF_WHAT_CAME
        }
        drafts = execute(select(GuideDraft.__table__.c.id)).scalars()  # type: ignore[attr-defined]
        written = [a.value for draft in drafts for a in answers_of(session, draft).values()]
    return counts, written


async def talk(
    library: Library, guides: Guides, fails_at: int, status: int, settings: Settings = PRODUCTION
) -> tuple[Database, list[int], int]:
    """A conversation in which every message comes twice: (database, statuses, calls)."""
    database = Database("sqlite://")
    database.migrate()
    with database.transaction() as session:
        import_people(session, PEOPLE, dry_run=False)
    assistant = Assistant(library, guides, database, read_contacts(), "hemmelig")
    world = OutsideWorld()
    world.answers = [web.json_response({"id": "sent"}, status=201) for _ in range(fails_at - 1)]
    if fails_at:
        world.answers.append(web.Response(status=status))
    statuses = []
    async with serving(assistant, settings=settings, world=world) as client:  # type: ignore[arg-type]
        for number, text in enumerate(SAID):
            who = {"id": "29:david", "name": "David", "aadObjectId": DAVID_REKTOR}
            for _ in range(2):
                told = await client.say(text, id=f"activity-{number}", **{"from": who})
                statuses.append(told[0])
    return database, statuses, len(world.requests)


@pytest.mark.parametrize("status", [500, pytest.param(403, marks=pytest.mark.faults)])
async def test_a_call_that_fails_loses_an_answer_and_nothing_that_was_entered(
    library: Library, guides: Guides, status: int
) -> None:
    database, statuses, calls = await talk(library, guides, 0, status)
    expected = saved(database)
    database.close()
    assert WRITTEN in expected[1]
    assert len(SAID) <= calls < MOST_CALLS
    for n in range(1, calls + 1):
        database, statuses, _ = await talk(library, guides, n, status)
        found = saved(database)
        database.close()
        assert set(statuses) == {200}, n
        assert found == expected, n
