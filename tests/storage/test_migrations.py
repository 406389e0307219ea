"""The migrations make the tables that the code expects, from nothing, once."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from storage.database import MIGRATIONS, NEWEST_MIGRATION, Database
from storage.secrets import shared_secret
from storage.tables import Table
from tests.storage.at_once import at_once

# SQLAlchemy can't read back an index of an expression from SQLite; from PostgreSQL it can.
pytestmark = pytest.mark.filterwarnings("ignore:.*expression-based index")


@contextmanager
def connection_to(database: Database) -> Iterator[Connection]:
    with database.transaction() as session:
        yield session.connection()


def differences(database: Database) -> list[Any]:
    with connection_to(database) as connection:
        return list(compare_metadata(MigrationContext.configure(connection), Table.metadata))


def test_the_migrations_make_exactly_the_tables_of_the_code(database: Database) -> None:
    assert differences(database) == []


def test_a_missing_table_would_have_been_noticed(empty_database: Database) -> None:
    missing = [found for found in differences(empty_database) if found[0] == "add_table"]
    assert len(missing) == len(Table.metadata.tables)


def test_migrating_again_keeps_what_is_there(database: Database) -> None:
    with database.transaction() as session:
        before = shared_secret(session, "test")
    database.migrate()
    with database.transaction() as session:
        assert shared_secret(session, "test") == before


def test_the_migrations_can_be_taken_back_and_done_again(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with connection_to(database) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    database.migrate()
    assert differences(database) == []


def test_the_code_knows_which_migration_is_the_newest() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == NEWEST_MIGRATION


def test_copies_that_start_at_the_same_time_migrate_once(empty_url: str, tmp_path: Path) -> None:
    one = Database(empty_url)
    copies = [one] * 4 if empty_url == "sqlite://" else [one, *(Database(empty_url) for _ in "123")]
    at_once([partial(Database.migrate, copy) for copy in copies])
    assert differences(one) == []
    for copy in copies:
        copy.close()
