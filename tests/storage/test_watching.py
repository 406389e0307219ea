"""How the outbox and the database stand, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from storage.attempts import lose_conversation
from storage.database import Database
from storage.outbox import Queued, queue_all
from storage.pace import close_pace
from storage.tables import Conversation
from storage.watching import Watching

LONG_AGO = timedelta(minutes=10)


def queued(person: str, due: datetime) -> Queued:
    latest = due + timedelta(days=1)
    values: dict[str, Any] = {"reason": "r", "occasion": "o", "about": {}}
    return Queued(person=person, due=due, latest=latest, **values)


@pytest.fixture
def watching(database: Database) -> Watching:
    now = datetime.now(UTC)
    with database.transaction() as session:
        for key in ("a", "b"):
            session.add(
                Conversation(id=key, sender=key, reference={}, last_arrived=now, updated=now.date())
            )
        session.flush()
        lose_conversation(session, "b")
        hour = timedelta(hours=1)
        queue_all(session, [queued("a", now - LONG_AGO), queued("b", now - hour)])
        queue_all(session, [queued("c", now + hour)])
    return Watching(database, local=False)


def test_the_oldest_is_the_one_that_could_be_sent(watching: Watching) -> None:
    """Whoever can't be reached waits, and that is no reason to wake anybody."""
    stand = watching.outbox_stand()
    assert stand.rows["venter"] == 3
    assert stand.rows["sendt"] == stand.rows["sendes"] == 0
    assert stand.oldest_due == pytest.approx(LONG_AGO.total_seconds(), abs=30)
    assert stand.closed_for == 0


def test_a_closed_gate_is_told_for_as_long_as_it_is_closed(
    watching: Watching, database: Database
) -> None:
    now = datetime.now(UTC)
    with database.transaction() as session:
        close_pace(session, now, now + timedelta(seconds=300))
    assert watching.outbox_stand().closed_for == pytest.approx(300, abs=30)


def test_the_tables_are_ours_or_newer(watching: Watching, database: Database) -> None:
    for version, migrated in (("0001", False), ("9999", True)):
        with database.transaction() as session:
            session.connection().execute(
                text("UPDATE alembic_version SET version_num = :v"), {"v": version}
            )
        assert watching.database_stand().migrated is migrated


def test_a_database_on_the_same_machine_has_our_time(watching: Watching) -> None:
    stand = watching.database_stand()
    assert stand.migrated
    assert stand.apart < 5
