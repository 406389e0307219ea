"""How it stands with the database, for `app.py doctor`. Nothing is changed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect, text
from sqlmodel import Session

from storage.database import NEWEST_MIGRATION

OLDEST_POSTGRESQL = 13  # VACUUM of what was deleted needs it


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What a database is and holds. `migration` is "" before the first start.

    `ahead` is how many seconds its clock is before ours, negative when it is behind; None for
    SQLite, which has no clock of its own. `size` is in bytes.
    """

    kind: str  # "sqlite" or "postgresql"
    version: tuple[int, ...]
    migration: str
    ahead: float | None
    size: int

    @property
    def is_behind(self) -> bool:
        """Whether the next start will change its tables."""
        return self.migration < NEWEST_MIGRATION

    @property
    def is_newer_than_the_program(self) -> bool:
        return self.migration > NEWEST_MIGRATION

    @property
    def is_too_old(self) -> bool:
        return self.kind == "postgresql" and self.version < (OLDEST_POSTGRESQL,)


def read_facts(session: Session, now: datetime | None = None) -> DatabaseFacts:
    """Ask the database about itself."""
    connection = session.connection()
    kind = connection.dialect.name
    migration: str | None = None
    if inspect(connection).has_table("alembic_version"):
        migration = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    ahead: float | None = None
    if kind == "postgresql":
        moment = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        ahead = (moment - (now or datetime.now(UTC))).total_seconds()
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    else:
        file = connection.engine.url.database or ""
        size = Path(file).stat().st_size if file and Path(file).is_file() else 0
    version = tuple(int(part) for part in connection.dialect.server_version_info or ())
    return DatabaseFacts(kind, version, migration or "", ahead, size)
