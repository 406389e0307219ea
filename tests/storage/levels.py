"""A database as it was after a given migration, with rows in every table of its time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    MetaData,
    inspect,
    text,
)

from storage.database import MIGRATIONS, Database

ROWS = 3
PLACE = "alembic_version"  # where Alembic remembers how far it has come: nothing of people's

Content = dict[str, list[dict[str, Any]]]


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """One transaction on a database that is closed afterwards."""
    database = Database(url)
    try:
        with database.transaction() as session:
            yield session.connection()
    finally:
        database.close()


def upgrade_to(connection: Connection, level: str) -> None:
    """Migrate to the level, as the program did when it was the newest."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, level)


def fill(connection: Connection) -> None:
    """Put rows into every table, with every column set."""
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if table.name != PLACE:
            for row in range(1, ROWS + 1):
                connection.execute(
                    table.insert().values({c.name: _value(c, row) for c in table.columns})
                )


def content(connection: Connection, like: Content | None = None) -> Content:
    """Every row of every table; or only of the tables and columns of `like`."""
    names = list(like) if like is not None else inspect(connection).get_table_names()
    found: Content = {}
    for name in names:
        columns = ", ".join(f'"{column}"' for column in like[name][0]) if like is not None else "*"
        rows = connection.execute(text(f'SELECT {columns} FROM "{name}"')).mappings()
        found[name] = sorted((dict(row) for row in rows), key=repr)
    return found


def _value(column: Column[Any], row: int) -> Any:
    """A value of the column's kind, the same each time; of a key that of the row it points to."""
    for key in column.foreign_keys:
        return _value(key.column, row)
    match column.type:
        case Boolean():
            return bool(row % 2)
        case Integer():
            return row
        case DateTime():
            return datetime(2026, 11, row, 12, 30, tzinfo=UTC)
        case Date():
            return date(2026, 11, row)
        case JSON():
            return {"svar": [f"æøå {row}"]}
        case _:
            return f"{column} «æøå» {row}"
