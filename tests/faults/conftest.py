"""What the proofs share: an empty database of each kind, a connector, and a place for figures."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.database import Database
from tests.faults.connector import Connector
from tests.storage.postgresql import USER, PostgresqlUnavailable, running_postgresql

Tell = Callable[[str], None]

if sys.platform == "win32":
    # The copies are forked, and stopped by a signal that Windows has not.
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Shows a measured figure in the output of the run."""

    def say(figures: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{request.node.name}: {figures}\n")

    return say


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The address of a SQLite file with all tables."""
    return migrated(f"sqlite:///{tmp_path / 'test.db'}")


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The address of a database with all tables, on a PostgreSQL of this test's own."""
    with started_postgresql() as url:
        yield migrated(url)


@contextmanager
def started_postgresql() -> Iterator[str]:
    """The address of an empty database on a PostgreSQL that is started for this."""
    server = running_postgresql()
    try:
        folder = server.__enter__()
    except PostgresqlUnavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"PostgreSQL must start in CI: {error}")
        pytest.skip(f"PostgreSQL can't be started here: {error}")
    try:
        yield f"postgresql://{USER}@/postgres?host={folder}"
    finally:
        server.__exit__(None, None, None)


@pytest.fixture
def connector() -> Iterator[Connector]:
    """A connector without faults, until the test gives it some."""
    with Connector().running() as running:
        yield running


def migrated(url: str) -> str:
    """The same address, of a database that now has all tables."""
    database = Database(url)
    try:
        database.migrate()
    finally:
        database.close()
    return url
