"""How late the event loop of one copy is while it answers people and sends 45 messages a second.

    python -m tests.faults.loop_lag [--seconds 30] [--turns-a-second 10]

An invitation goes to each of many people while others ask; the Connector takes 100 ms for each.
"""

import argparse
import asyncio
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from dialogs.checkins.round_planning import INVITATION
from storage.outbox import Queued, queue_all
from storage.tables import Conversation
from tests.faults.soak import LATENCY, QUESTIONS, loop_lag
from tests.faults.three_copies import ROUND, World, person, world
from tests.storage.postgresql import USER, running_postgresql

RATE = 45
GOAL = 0.05
ASKING = 100  # people


async def measure(running: World, *, seconds: int, turns_a_second: float) -> str:
    """One line of figures."""
    [copy] = running.copies
    _queue_invitations(running, RATE * seconds)
    before, tasks = running.teams.connector.count, set[asyncio.Task[object]]()
    for number in range(int(seconds * turns_a_second)):
        chat = running.teams.chat(person(1 + number % ASKING))
        tasks.add(asyncio.create_task(chat.say(QUESTIONS[number % len(QUESTIONS)])))
        await asyncio.sleep(1 / turns_a_second)
    await asyncio.gather(*tasks)
    async with aiohttp.ClientSession() as session:
        lag = await loop_lag(session, copy.metrics_port)
    sent = (running.teams.connector.count - before - len(tasks)) / seconds
    return (
        f"{turns_a_second:.0f} turer og {sent:.0f} utsendinger i sekundet: "
        f"etterslep p99 ≤ {1000 * lag:.0f} ms (mål {1000 * GOAL:.0f})"
    )


def _queue_invitations(running: World, number: int) -> None:
    """To people who have a conversation and don't ask anything."""
    now, connector = datetime.now(UTC), running.teams.connector
    people = [person(ASKING + one) for one in range(1, number + 1)]
    with running.database.transaction() as session:
        for key in people:
            reference = {
                "serviceUrl": connector.url,
                "channelId": "msteams",
                "conversation": {"id": f"a:{key}", "tenantId": "t"},
                "user": {"id": f"29:{key}", "aadObjectId": key},
                "bot": {"id": "28:bot", "name": "Kvalitetsbot"},
            }
            session.add(
                Conversation(
                    id=f"a:{key}",
                    sender=key,
                    reference=reference,
                    last_arrived=now,
                    updated=now.date(),
                )
            )
        session.flush()
        queue_all(
            session,
            [
                Queued(
                    person=key,
                    reason=INVITATION,
                    occasion="måling",
                    about={"round": ROUND},
                    due=now,
                    latest=now + timedelta(hours=1),
                )
                for key in people
            ],
        )


async def _run(seconds: int, turns_a_second: float) -> str:
    people = ASKING + RATE * seconds
    with running_postgresql() as server, tempfile.TemporaryDirectory() as folder:
        url = f"postgresql://{USER}@/postgres?host={server}"
        async with world(url, Path(folder), copies=1, people=people, latency=LATENCY) as running:
            return await measure(running, seconds=seconds, turns_a_second=turns_a_second)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--turns-a-second", type=float, default=10)
    arguments = parser.parse_args()
    sys.stdout.write(asyncio.run(_run(arguments.seconds, arguments.turns_a_second)) + "\n")


if __name__ == "__main__":
    main()
