"""How it stands with the database and the outbox, for /ready and /metrics. Changes nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from sqlalchemy import func, literal, text, union_all
from sqlmodel import Session, col, select

from storage.attempts import State, can_be_reached
from storage.database import NEWEST_MIGRATION, Database
from storage.pace import EVERYBODY
from storage.tables import OutboxRow, Pace

# What has been sent is kept for 90 days; counting further tells nobody anything.
MOST_COUNTED = 100_000
STATES = (*get_args(State), "sendes")
# On PostgreSQL. Who asks has stopped waiting by then, and asks again soon.
LONGEST_QUESTION = "3s"


@dataclass(frozen=True, slots=True)
class DatabaseStand:
    """Whether the tables are those of this program or newer, and how far apart the clocks are.

    `apart` is in seconds; 0 for SQLite, which has no clock of its own.
    """

    migrated: bool
    apart: float


@dataclass(frozen=True, slots=True)
class OutboxStand:
    """Rows by state, at most MOST_COUNTED of each; and seconds.

    `oldest_due` is how long the message has waited that has been due the longest and could be
    sent, `closed_for` how long Teams wants us to wait yet; 0 when there is none.
    """

    rows: dict[str, int]
    oldest_due: float
    closed_for: float


class Watching:
    """Asks the database. It blocks; doors call it in threads."""

    def __init__(self, database: Database, *, local: bool) -> None:
        self._database = database
        self._local = local

    def database_stand(self) -> DatabaseStand:
        with self._database.transaction() as session:
            _hurry(session)
            connection = session.connection()
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            apart = 0.0
            if connection.dialect.name == "postgresql":
                theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
                apart = abs((theirs - datetime.now(UTC)).total_seconds())
        return DatabaseStand((found or "") >= NEWEST_MIGRATION, apart)

    def outbox_stand(self) -> OutboxStand:
        with self._database.transaction() as session:
            _hurry(session)
            return _outbox_stand(session, datetime.now(UTC), self._local)


def _outbox_stand(session: Session, now: datetime, local: bool) -> OutboxStand:
    state, next_try = col(OutboxRow.state), col(OutboxRow.next_try)
    some = [
        select(func.count()).select_from(
            select(literal(1)).where(state == one).limit(MOST_COUNTED).subquery()
        )
        for one in STATES
    ]
    counted = session.connection().execute(
        union_all(*(one.add_columns(literal(name)) for one, name in zip(some, STATES, strict=True)))
    )
    rows = {name: count for count, name in counted}
    due = (
        select(next_try)
        .where(state == "venter", next_try <= now, can_be_reached(local))
        .order_by(next_try)
        .limit(1)
    )
    oldest = session.exec(due).first()
    closed = session.exec(select(Pace.closed_until).where(col(Pace.scope) == EVERYBODY)).first()
    return OutboxStand(rows, _between(oldest, now), _between(now, closed))


def _between(first: datetime | None, second: datetime | None) -> float:
    return max(0.0, (second - first).total_seconds()) if first and second else 0.0


def _hurry(session: Session) -> None:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = '{LONGEST_QUESTION}'"))
