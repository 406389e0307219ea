"""Hours without power, and a database that is down, locked or full: what is said to be sent was."""

import errno
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from storage.database import Database
from tests.faults.conftest import Tell, migrated
from tests.faults.connector import Connector
from tests.faults.postgresql import stopped
from tests.faults.processes import Workers, workers
from tests.faults.recipients import Ledger, add_people, people, queue_send
from tests.faults.verdict import (
    all_is_sent_once,
    one_at_a_time,
    what_is_marked_sent_was_sent,
)
from tests.faults.waiting import PATIENCE, let_pass, wait_until

RUNNING_AGAIN = 10.0  # seconds after the fault is over
FAULTS = ("outbox_failed", "outbox_not_settled")  # what a worker's log says when it is struck
RECIPIENTS = 90  # at the pace of the program: enough to begin with, and enough for afterwards
# An attempt whose mark was written, though the worker was told that it was not, is tried again
# when it has been taken for cut off; longer than a worker needs to write down what it has sent.
CUT_OFF = {"cut_off": 10, "unknown_wait": 10}
DISK = "3m"  # more than the database, and less than what SQLite writes before it reuses any of it


def test_after_three_hours_down_what_is_still_worth_sending_is_sent_once_and_the_rest_is_not(
    sqlite: str, tmp_path: Path, connector: Connector
) -> None:
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    database, ledger = Database(sqlite), Ledger(sqlite)
    add_people(database, connector.url, 40)
    # Due while we are down; "passed" are of meetings that have begun by the time we are up.
    queue_send(database, "passed", people(40), due=now + 10 * minute, latest=now + 100 * minute)
    queue_send(database, "future", people(40), due=now + 90 * minute, latest=now + 300 * minute)
    queue_send(database, "later", people(40), due=now + 200 * minute, latest=now + 300 * minute)
    told = {"database": sqlite, "connector": connector.url, "every": 0.2, "hours_ahead": 3}
    with workers(tmp_path, **told) as copies:
        (first,) = copies.start_ready()
        waits = {"utløpt": 40, "sendt": 40, "venter": 40}
        wait_until(lambda: ledger.count() == waits, "what was due is dealt with")
        first.terminate()
        # Another start finds nothing left of it, and sends what is new.
        queue_send(database, "new", people(40), due=now + 170 * minute)
        (second,) = copies.start_ready()
        wait_until(lambda: ledger.count() == {**waits, "sendt": 80}, "what is new is sent")
        second.terminate()
    database.close()
    one_at_a_time(connector)
    expected = {"passed": "utløpt", "future": "sendt", "new": "sendt", "later": "venter"}
    assert {(occasion, state) for (occasion, _), state in ledger.states().items()} == set(
        expected.items()
    )
    assert connector.copies == dict.fromkeys(
        ((occasion, person) for occasion in ("future", "new") for person in people(40)), 1
    )


@pytest.mark.parametrize("seconds", [1, pytest.param(60, marks=pytest.mark.faults)])
def test_a_postgresql_that_was_stopped_loses_nothing(
    seconds: float, postgresql: str, tmp_path: Path, connector: Connector, tell: Tell
) -> None:
    with sending(postgresql, tmp_path, connector) as copies:
        with stopped(postgresql):
            let_pass(seconds)
        again = sends_again(connector)
        tell(f"sending again {again:.1f} s after the server")
        all_ends_well(postgresql, connector, copies)


@pytest.mark.parametrize(
    ("seconds", "busy_seconds"), [(1, 0.2), pytest.param(30, 10, marks=pytest.mark.faults)]
)
def test_a_sqlite_that_somebody_else_holds_locked_loses_nothing(
    seconds: float,
    busy_seconds: float,
    sqlite: str,
    tmp_path: Path,
    connector: Connector,
    tell: Tell,
) -> None:
    with sending(sqlite, tmp_path, connector, busy_seconds=busy_seconds) as copies:
        with locked(sqlite):
            let_pass(seconds)
            assert any(word in copies.said() for word in FAULTS)
        again = sends_again(connector)
        tell(f"sending again {again:.1f} s after the lock")
        all_ends_well(sqlite, connector, copies)


@pytest.mark.parametrize("seconds", [1, pytest.param(30, marks=pytest.mark.faults)])
def test_a_disk_that_was_full_loses_nothing(
    seconds: float, tmp_path: Path, connector: Connector, tell: Tell
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        url = migrated(f"sqlite:///{disk / 'test.db'}")
        with sending(url, tmp_path, connector) as copies:
            with full(disk):
                wait_until(
                    lambda: any(word in copies.said() for word in FAULTS), "the fault strikes"
                )
                let_pass(seconds)
                what_is_marked_sent_was_sent(connector, Ledger(url))
            again = sends_again(connector)
            tell(f"sending again {again:.1f} s after there was room")
            all_ends_well(url, connector, copies)
        assert Ledger(url).integrity() == "ok"


@contextmanager
def sending(url: str, folder: Path, connector: Connector, **arguments: object) -> Iterator[Workers]:
    """Two copies in the middle of a send that lasts longer than the fault."""
    database = Database(url)
    add_people(database, connector.url, RECIPIENTS)
    queue_send(database, "s1", people(RECIPIENTS))
    database.close()
    told = {"database": url, "connector": connector.url, "every": 0.2, **CUT_OFF, **arguments}
    with workers(folder, **told) as copies:
        copies.start_ready(2)
        connector.wait_until(lambda: connector.shown >= 20, "the first are sent", PATIENCE)
        yield copies


def sends_again(connector: Connector) -> float:
    """Seconds until the next message is shown."""
    began, before = time.monotonic(), connector.shown
    connector.wait_until(lambda: connector.shown > before, "sending again", RUNNING_AGAIN)
    return time.monotonic() - began


def all_ends_well(url: str, connector: Connector, copies: Workers) -> None:
    """The outcomes of what was sent in the fault were kept, so nothing is sent twice either."""
    ledger = Ledger(url)
    wait_until(lambda: not ledger.unsettled(), "all is settled", 2 * PATIENCE)
    for copy in copies.all:
        copy.terminate()
    all_is_sent_once(connector, ledger, RECIPIENTS)
    one_at_a_time(connector)


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody else is writing to the file, and does not end."""
    file = str(make_url(url).database)
    with closing(sqlite3.connect(file, isolation_level=None, timeout=PATIENCE)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own that is soon full; it takes root to make one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a tmpfs")
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"a tmpfs can't be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """There is no room for another byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4_096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
    try:
        yield
    finally:
        filler.unlink()
