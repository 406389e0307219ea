"""Workers that are killed in the middle, or restarted: nothing is lost, and nobody is nagged."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from storage.database import Database
from tests.faults.conftest import Tell
from tests.faults.connector import AS_IN_THE_ISSUE, Connector, Faults
from tests.faults.processes import Worker, workers
from tests.faults.recipients import Ledger, Message, add_people, people, queue_send
from tests.faults.verdict import (
    all_is_sent_once,
    nobody_is_nagged,
    nothing_is_lost,
    one_at_a_time,
    what_is_marked_sent_was_sent,
)
from tests.faults.waiting import PATIENCE, wait_until

SEED = 20261122
# A worker that has not sent anything of its own by then never will.
TO_SEND_SOMETHING = 60.0
# Raised: at the pace of the program 200 kills would take a night.
RATE = 200
# Short, so that what was cut off is tried again in the same run; but no post that is under way may
# be taken for cut off, however slow the machine.
IMPATIENT = {"rate": RATE, "every": 0.2, "lease": 1, "cut_off": 3, "unknown_wait": 1}
# A short proof has no time for refusals that stop everybody for a second; and in so few messages
# that one is in doubt twice only happens when many are.
HURRIED = {**IMPATIENT, "first_pause": 0.2}
MUCH_IN_DOUBT = replace(AS_IN_THE_ISSUE, busy=0.0, busy_for=0.05, wait=0, shown_but_502=0.15)


class Sends:
    """Messages to the same people, again and again, as long as the run needs any."""

    def __init__(self, database: Database, recipients: int, ledger: Ledger) -> None:
        self._database = database
        self._people = people(recipients)
        self._ledger = ledger
        self.count = 0

    def keep_some_waiting(self) -> None:
        """So many that none of the workers is without work before the next look."""
        if self._ledger.count()["venter"] < len(self._people) // 2:
            self.count += 1
            queue_send(self._database, f"s{self.count}", self._people)

    def wait_until_all_is_over(self) -> None:
        """Each Retry-After stops everybody for a second, so the last of it takes its time."""
        left = self._ledger.unsettled()
        wait_until(lambda: not self._ledger.unsettled(), "all is settled", PATIENCE + left / 5)


@pytest.mark.parametrize(
    ("kind", "kills", "recipients"),
    [
        ("sqlite", 3, 250),
        pytest.param("sqlite", 200, 5_000, marks=pytest.mark.faults),
        pytest.param("postgresql", 200, 5_000, marks=pytest.mark.faults),
    ],
)
def test_workers_that_are_killed_lose_nothing_and_send_twice_only_what_is_in_doubt(
    kind: str,
    kills: int,
    recipients: int,
    tmp_path: Path,
    connector: Connector,
    tell: Tell,
    request: pytest.FixtureRequest,
) -> None:
    url = request.getfixturevalue(kind)
    database, ledger, chance = Database(url), Ledger(url), random.Random(SEED)
    add_people(database, connector.url, recipients)
    sends = Sends(database, recipients, ledger)
    connector.faults, pauses = _faults_and_pauses(kills)
    in_flight: list[Message] = []
    with workers(tmp_path, database=url, connector=connector.url, **pauses) as copies:
        running = [copies.start(), copies.start()]
        for _ in range(kills):
            sends.keep_some_waiting()
            victim = chance.choice(running)
            _wait_until_it_has_sent(victim, connector)
            victim.kill()
            in_flight += ledger.in_flight(victim.name)
            if kind == "sqlite":
                assert ledger.integrity() == "ok"
            running[running.index(victim)] = copies.start()
        sends.wait_until_all_is_over()
        _end(running)
    database.close()
    tell(
        f"{kills} kills over {sends.count} sends to {recipients}: {connector.shown} shown,"
        f" {connector.duplicates} twice; {len(in_flight)} in flight at the kills,"
        f" {len(connector.ambiguous)} shown and answered 502; {dict(ledger.count())}"
    )
    nothing_is_lost(connector, ledger)
    what_is_marked_sent_was_sent(connector, ledger)
    nobody_is_nagged(connector, in_flight)
    one_at_a_time(connector)


@pytest.mark.parametrize(
    ("restarts", "recipients"), [(3, 250), pytest.param(50, 5_000, marks=pytest.mark.faults)]
)
def test_workers_that_are_restarted_in_turn_lose_nothing_and_send_nothing_twice(
    restarts: int, recipients: int, sqlite: str, tmp_path: Path, connector: Connector, tell: Tell
) -> None:
    database, ledger = Database(sqlite), Ledger(sqlite)
    add_people(database, connector.url, recipients)
    sends = Sends(database, recipients, ledger)
    # Refusals are certain, so they are no reason to send anything twice either.
    faults, pauses = _faults_and_pauses(restarts)
    connector.faults = replace(faults, shown_but_502=0.0)
    with workers(tmp_path, database=sqlite, connector=connector.url, **pauses) as copies:
        running = [copies.start(), copies.start()]
        for number in range(restarts):
            sends.keep_some_waiting()
            oldest = running[number % 2]
            _wait_until_it_has_sent(oldest, connector)
            oldest.terminate()
            running[number % 2] = copies.start()
        sends.wait_until_all_is_over()
        _end(running)
    database.close()
    tell(f"{restarts} restarts over {sends.count} sends to {recipients}: {connector.shown} shown")
    all_is_sent_once(connector, ledger, sends.count * recipients)
    one_at_a_time(connector)


def _faults_and_pauses(times: int) -> tuple[Faults, dict[str, float]]:
    if times < 10:
        return MUCH_IN_DOUBT, HURRIED
    return AS_IN_THE_ISSUE, IMPATIENT


def _wait_until_it_has_sent(worker: Worker, connector: Connector) -> None:
    def has_sent() -> bool:
        return connector.shown_by[worker.name] > 0

    connector.wait_until(has_sent, f"{worker.name} sends something", TO_SEND_SOMETHING)


def _end(running: list[Worker]) -> None:
    for worker in running:
        worker.wait_until_ready()
        worker.terminate()
