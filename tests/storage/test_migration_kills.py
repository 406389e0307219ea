"""The machine loses power in the middle of an upgrade: the next start does it, and no row is gone.

The program is killed before each statement of each migration, after its last, and before the
commit. Every table of the time has rows.
"""

import multiprocessing
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, select

from storage.database import NEWEST_MIGRATION, Database
from storage.tables import Table
from tests.storage.levels import ROWS, connected, content, fill, upgrade_to

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="a process is forked, and killed by signal"),
    # SQLAlchemy can't read back an index of an expression from SQLite; from PostgreSQL it can.
    pytest.mark.filterwarnings("ignore:.*expression-based index"),
]

MIGRATIONS = tuple(f"{number:04}" for number in range(1, int(NEWEST_MIGRATION) + 1))
PATIENCE = 60
AFTER = 2  # moments after the note: a commit, and the first statement of the next migration
_IS_NOTED = re.compile("(INSERT INTO|UPDATE) alembic_version")

# Forked from one process that has imported everything: it is killed some hundred times.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["alembic.command", "tests.storage.test_migration_kills"])


@pytest.fixture(params=["file", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return f"sqlite:///{tmp_path / 'test.db'}"
    made: str = request.getfixturevalue("new_postgresql")()
    return made


@pytest.mark.parametrize("migration", MIGRATIONS)
def test_killed_before_any_statement_the_next_start_upgrades_and_no_row_is_gone(
    url: str, migration: str
) -> None:
    with connected(url) as connection:
        if migration != MIGRATIONS[0]:
            upgrade_to(connection, MIGRATIONS[MIGRATIONS.index(migration) - 1])
            fill(connection)
        before = content(connection)
    moments = _moments_of(url)
    assert len(moments) > 3
    # A migration that was kept by itself would show one moment later.
    further = 0 if migration == NEWEST_MIGRATION else 1
    for number in range(len(moments) + further):
        _start_and_kill(url, number)
        with connected(url) as connection:
            assert content(connection) == before, f"killed before {moments[number:][:1]}"
    _start(url)
    before.pop("alembic_version", None)
    with connected(url) as connection:
        assert content(connection)["alembic_version"] == [{"version_num": NEWEST_MIGRATION}]
        assert content(connection, like=before) == before
        # As the program reads them, with what the later migrations added.
        read = {name: connection.execute(select(Table.metadata.tables[name])) for name in before}
        assert {len(rows.all()) for rows in read.values()} <= {ROWS}


def _moments_of(url: str) -> list[str]:
    """What a start asks of the database until the first migration is noted as done, and a little
    after. Nothing is kept.
    """
    said: list[str] = []
    database = Database(url)

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    def refuse(_connection: object) -> None:
        said.append("COMMIT")
        if any(map(_IS_NOTED.match, said)):
            raise _NotKept

    event.listen(database._engine, "before_cursor_execute", note)
    event.listen(database._engine, "commit", refuse)
    try:
        with pytest.raises(_NotKept):
            database.migrate()
    finally:
        database.close()
    noted = next(n for n, one in enumerate(said) if _IS_NOTED.match(one))
    return said[: noted + 1 + AFTER]


class _NotKept(Exception):
    """Instead of a commit."""


def _start_and_kill(url: str, number: int) -> None:
    """A copy of the program that is killed before its statement with this number, from 0."""
    process = _CONTEXT.Process(target=_start_until, args=(url, number))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL


def _start_until(url: str, number: int) -> None:
    """Runs in the process that is killed."""
    database = Database(url)
    left = number

    def count(*_: object) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    event.listen(database._engine, "before_cursor_execute", count)
    event.listen(database._engine, "commit", count)
    database.migrate()


def _start(url: str) -> None:
    database = Database(url)
    try:
        database.migrate()
    finally:
        database.close()
