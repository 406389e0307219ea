"""Several copies of the program on one PostgreSQL: each message once."""

from pathlib import Path

import pytest

from storage.database import Database
from tests.faults.conftest import Tell
from tests.faults.connector import Connector
from tests.faults.processes import workers
from tests.faults.recipients import Ledger, add_people, people, queue_send
from tests.faults.verdict import all_is_sent_once, one_at_a_time
from tests.faults.waiting import PATIENCE, wait_until

RATE = 300  # raised, so that 100,000 messages take minutes and not an hour


@pytest.mark.parametrize(
    ("runs", "recipients"), [(1, 500), pytest.param(20, 5_000, marks=pytest.mark.faults)]
)
def test_three_copies_on_one_database_send_each_message_once(
    runs: int, recipients: int, postgresql: str, tmp_path: Path, connector: Connector, tell: Tell
) -> None:
    database, ledger = Database(postgresql), Ledger(postgresql)
    add_people(database, connector.url, recipients)
    for run in range(1, runs + 1):
        queue_send(database, f"s{run}", people(recipients))
        with workers(
            tmp_path, database=postgresql, connector=connector.url, rate=RATE, every=0.2
        ) as copies:
            running = copies.start_ready(3)
            patience = PATIENCE + recipients / 10
            wait_until(lambda: not ledger.unsettled(), "all is settled", patience)
            for copy in running:
                copy.terminate()
        all_is_sent_once(connector, ledger, run * recipients)
        one_at_a_time(connector)
    database.close()
    tell(f"{runs} runs, {connector.shown} shown, {connector.duplicates} twice")
