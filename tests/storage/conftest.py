"""Every test that asks for `database` runs on SQLite in memory, in a file, and on PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from storage.database import Database
from tests.storage.postgresql import USER, PostgresqlUnavailable, running_postgresql

NewPostgresql = Callable[[], str]


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[NewPostgresql]:
    """Makes a new, empty PostgreSQL database and gives its address."""
    server = running_postgresql()
    try:
        folder = server.__enter__()
    except PostgresqlUnavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"PostgreSQL must start in CI: {error}")
        pytest.skip(f"PostgreSQL can't be started here: {error}")
    numbers = count(1)

    def new() -> str:
        name = f"test_{next(numbers)}"
        server_url = f"postgresql://{USER}@/postgres?host={folder}"
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{USER}@/{name}?host={folder}"

    try:
        yield new
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(params=["memory", "file", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, one of each kind in turn."""
    if request.param == "memory":
        return "sqlite://"
    if request.param == "file":
        return f"sqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("new_postgresql")()
    return url


@pytest.fixture
def empty_database(empty_url: str) -> Iterator[Database]:
    """A database without tables."""
    database = Database(empty_url)
    yield database
    database.close()


@pytest.fixture
def database(empty_database: Database) -> Database:
    """A database ready for use."""
    empty_database.migrate()
    return empty_database


@pytest.fixture
def copies(empty_url: str, database: Database) -> Iterator[tuple[Database, Database]]:
    """Two copies of the program on one database; memory can't be shared, so there it is one."""
    if empty_url == "sqlite://":
        yield database, database
    else:
        other = Database(empty_url)
        yield database, other
        other.close()
