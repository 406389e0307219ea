"""As fast as Teams allows, and no faster: the pace, each conversation's limits, and Retry-After."""

import statistics
import time
from pathlib import Path

import pytest

from storage.database import Database
from tests.faults.conftest import Tell
from tests.faults.connector import Connector, Faults
from tests.faults.processes import workers
from tests.faults.recipients import Ledger, add_people, people, queue_send
from tests.faults.verdict import (
    all_is_sent_once,
    most_within,
    one_at_a_time,
    posts_in_closed_windows,
)
from tests.faults.waiting import PATIENCE, wait_until

PACE = 45.0
RETRY_AFTER = 7
# A post is under way when the sender has not yet read the first 429, or, in another copy, when that
# copy has marked its attempt before the 429 was written in the database. Places are given at most
# 0.15 s ahead (storage/pace.py); the rest of this is for a slow machine.
UNDER_WAY = 0.5
# What the network and a slow machine may do to the distance between two posts.
JITTER = 0.25


@pytest.mark.parametrize(
    ("seconds", "retry_after"),
    [(1, 2), pytest.param(60, RETRY_AFTER, marks=pytest.mark.faults)],
)
def test_when_everybody_is_asked_to_wait_nobody_sends_meanwhile_and_all_is_sent_after(
    seconds: float,
    retry_after: int,
    sqlite: str,
    tmp_path: Path,
    connector: Connector,
    tell: Tell,
) -> None:
    recipients = 90
    ledger = _filled(sqlite, connector, recipients)
    with workers(tmp_path, database=sqlite, connector=connector.url, every=0.2) as copies:
        copies.start_ready(2)
        connector.wait_until(lambda: connector.shown >= 20, "the first are sent", PATIENCE)
        ends = connector.throttle_everybody(seconds, retry_after=retry_after)
        wait_until(lambda: not ledger.unsettled(), "all is settled", PATIENCE + 3 * seconds)
    refused = [post for post in connector.posts if post.fate.status == 429]
    again = min(post.arrived for post in connector.posts if post.fate.shown and post.arrived > ends)
    tell(f"{len(refused)} posts answered 429; sending again {again - ends:.1f} s after the last")
    assert refused
    assert not posts_in_closed_windows(connector.posts, UNDER_WAY)
    all_is_sent_once(connector, ledger, recipients)
    one_at_a_time(connector)


@pytest.mark.parametrize(
    ("messages", "people_count"), [(4, 40), pytest.param(150, 3, marks=pytest.mark.faults)]
)
def test_many_messages_to_one_conversation_come_no_faster_than_it_takes(
    messages: int, people_count: int, sqlite: str, tmp_path: Path, connector: Connector, tell: Tell
) -> None:
    database, ledger = Database(sqlite), Ledger(sqlite)
    # So long that the next would come while it is open, were it sent at the pace of all.
    connector.faults = Faults(latency=0.3)
    add_people(database, connector.url, people_count)
    for number in range(messages):
        queue_send(database, f"s{number}", people(people_count))
    database.close()
    began = time.monotonic()
    with workers(tmp_path, database=sqlite, connector=connector.url, every=0.2) as copies:
        copies.start_ready(2)
        patience = PATIENCE + 3 * messages
        wait_until(lambda: not ledger.unsettled(), "all is settled", patience)
    tell(f"{messages} messages to each conversation in {time.monotonic() - began:.0f} s")
    for conversation in {post.conversation for post in connector.posts}:
        posts = [post for post in connector.posts if post.conversation == conversation]
        for most, within in ((7, 1.0), (8, 2.0), (60, 30.0)):
            assert most_within(posts, within - JITTER) <= most
    all_is_sent_once(connector, ledger, messages * people_count)
    one_at_a_time(connector)


@pytest.mark.faults
def test_a_thousand_reminders_due_at_once_are_accepted_within_half_a_minute(
    sqlite: str, tmp_path: Path, connector: Connector, tell: Tell
) -> None:
    recipients = 1_000
    ledger = _filled(sqlite, connector, 0, recipients)
    with workers(tmp_path, database=sqlite, connector=connector.url, rate=PACE) as copies:
        copies.start_ready(2)
        database = Database(sqlite)
        due = time.monotonic()
        queue_send(database, "s1", people(recipients))
        database.close()
        wait_until(lambda: not ledger.unsettled(), "all is settled", 4 * PATIENCE)
    late = [post.answered - due for post in connector.posts if post.answered is not None]
    p95 = statistics.quantiles(late, n=20)[-1]
    tell(f"due to accepted: p50 {statistics.median(late):.1f} s, p95 {p95:.1f} s")
    all_is_sent_once(connector, ledger, recipients)
    assert p95 <= 30


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "copies_count"), [("sqlite", 1), ("postgresql", 3)])
def test_five_thousand_are_sent_at_the_configured_pace(
    kind: str,
    copies_count: int,
    tmp_path: Path,
    connector: Connector,
    tell: Tell,
    request: pytest.FixtureRequest,
) -> None:
    url, recipients = request.getfixturevalue(kind), 5_000
    ledger = _filled(url, connector, recipients)
    with workers(tmp_path, database=url, connector=connector.url, rate=PACE) as copies:
        copies.start_ready(copies_count)
        wait_until(lambda: not ledger.unsettled(), "all is settled", 10 * PATIENCE)
    times = sorted(post.arrived for post in connector.posts)
    pace = (len(times) - 1) / (times[-1] - times[0])
    fastest = most_within(connector.posts, 1.0)
    tell(f"{pace:.2f} a second on average, at most {fastest} within a second")
    all_is_sent_once(connector, ledger, recipients)
    assert pace == pytest.approx(PACE, rel=0.05)


def _filled(url: str, connector: Connector, messages: int, recipients: int | None = None) -> Ledger:
    database = Database(url)
    add_people(database, connector.url, recipients or messages)
    queue_send(database, "s1", people(messages))
    database.close()
    return Ledger(url)
