"""Old and new copies of the program beside each other while it is upgraded."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage import database as module
from storage.database import MIGRATIONS, NEWEST_MIGRATION, Database, DatabaseError
from storage.secrets import shared_secret
from tests.storage.at_once import at_once
from tests.storage.levels import connected, upgrade_to

# SQLAlchemy can't read back an index of an expression from SQLite; from PostgreSQL it can.
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")

LATER = "9999"
FIRST_THAT_ONLY_ADDS = "0005"  # until then the program ran in one copy, stopped while upgraded


def secret(database: Database) -> str:
    with database.transaction() as session:
        return shared_secret(session, "test")


def migrate_further(database: Database) -> None:
    """As the next version of the program would: a column and a table more."""
    with database.transaction() as session:
        connection = session.connection()
        connection.execute(text("ALTER TABLE secret ADD COLUMN later TEXT NOT NULL DEFAULT ''"))
        connection.execute(text("CREATE TABLE later (id TEXT PRIMARY KEY)"))
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{LATER}'"))


def test_a_copy_restarts_on_tables_of_a_later_version_and_leaves_them(
    copies: tuple[Database, Database], caplog: pytest.LogCaptureFixture
) -> None:
    database, other = copies
    before = secret(database)
    migrate_further(other)
    database.migrate()
    assert secret(database) == before
    with database.transaction() as session:
        session.execute(text("SELECT later FROM secret JOIN later ON id = name"))
        found = session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    assert found == LATER
    assert f"action=tables_newer found={LATER} known={NEWEST_MIGRATION}" in caplog.text


def test_a_copy_that_runs_goes_on_when_another_has_upgraded(
    copies: tuple[Database, Database],
) -> None:
    database, other = copies
    migrate_further(other)
    made = secret(database)
    assert secret(other) == made


def test_migrations_are_numbered_so_that_a_later_one_is_greater() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    chain = [revision.revision for revision in script.walk_revisions()][::-1]
    assert chain == [f"{number:04}" for number in range(1, len(chain) + 1)]


def test_a_migration_takes_nothing_from_the_copies_of_the_version_before(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'test.db'}"
    script = ScriptDirectory(str(MIGRATIONS))
    for revision in list(script.walk_revisions())[::-1]:
        with connected(url) as connection:
            before = columns(connection)
            upgrade_to(connection, revision.revision)
            after = columns(connection)
        if revision.revision < FIRST_THAT_ONLY_ADDS:
            continue
        for name, old in before.items():
            assert old.items() <= after[name].items(), f"{revision.revision}: {name} is changed"
            for column in after[name].keys() - old.keys():
                _, nullable, default = after[name][column]
                # The version before inserts rows without it.
                assert nullable or default is not None, f"{revision.revision}: {name}.{column}"


def columns(connection: Connection) -> dict[str, dict[str, tuple[str, bool, str | None]]]:
    """(type, may be null, default) of every column of every table."""
    inspector = inspect(connection)
    return {
        table: {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in inspector.get_columns(table)
        }
        for table in inspector.get_table_names()
    }


def test_who_holds_a_table_stops_the_upgrade_and_not_the_people_who_wait(
    new_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TABLE_LOCK_SECONDS", 1)
    url = new_postgresql()
    with connected(url) as connection:
        upgrade_to(connection, "0004")
    database = Database(url)
    with connected(url) as backup:
        backup.execute(text("LOCK TABLE person IN ACCESS SHARE MODE"))  # as pg_dump does
        with pytest.raises(DatabaseError, match="Ingenting er endret; start boten på nytt"):
            database.migrate()
    with connected(url) as connection:
        assert "source" not in columns(connection)["person"]
    database.migrate()
    with connected(url) as connection:
        assert "source" in columns(connection)["person"]
    database.close()


def test_a_copy_waits_for_another_that_takes_long_to_upgrade(
    new_postgresql: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TABLE_LOCK_SECONDS", 1)
    url = new_postgresql()
    waited = Event()
    slow, other = Database(url), Database(url)

    def upgrade_slowly() -> None:
        with slow.transaction() as session:
            lock = {"lock": module.MIGRATION_LOCK}
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), lock)
            waited.set()
            # Longer than a table is waited for.
            session.execute(text("SELECT pg_sleep(2)"))
            upgrade_to(session.connection(), "head")

    def start() -> None:
        assert waited.wait(30)
        other.migrate()

    at_once([upgrade_slowly, start])
    assert secret(other) == secret(slow)
    slow.close()
    other.close()
