"""One copy of the program that sends, and nothing else: what it sends names itself and its row.

    python -m tests.faults.worker --database URL --connector URL [--rate 45] …

Says "ready" when it sends; SIGTERM ends it in good order. The clock, the outbox, the sender and the
adapter are those of the program; only what is composed is not, so that it starts quickly.
"""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import aiohttp

import schedule.due
import storage.database
from bot.adapter import KEEP_ALIVE, Adapter
from bot.cards import activities_for
from bot.conversation_locks import ConversationLocks
from bot.links import Links
from bot.sender import Sender
from bot.sent_messages import SentMessages
from dialogs.messages import TextReply
from dialogs.outgoing import Outbox
from schedule.clock import Clock
from schedule.due import after
from storage.attempts import Waiting
from storage.database import Database, Session
from storage.pace import PaceLimits


class NothingToRemember:
    """A text that answers no question needs no note afterwards."""

    def remember_sent(self, sent: Sequence[tuple[str, str, str]]) -> None:
        raise AssertionError("nothing is quoted here")

    def remember_cards(self, cards: Sequence[tuple[str, str, str]]) -> None:
        raise AssertionError("no cards are sent here")


def main() -> None:
    def say_ready() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    send_until_told(sys.argv[1:], say_ready)


def send_until_told(told: Sequence[str], ready: Callable[[], None]) -> None:
    """The whole program; `told` is its command line."""
    arguments = _arguments(told)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    # The program's own choices, which a short proof can't wait for.
    storage.database.BUSY_SECONDS = arguments.busy_seconds
    schedule.due.FIRST_PAUSE = timedelta(seconds=arguments.first_pause)
    database = Database(arguments.database)
    try:
        asyncio.run(_send(arguments, _outbox(arguments, database), ready))
    finally:
        database.close()


async def _send(arguments: argparse.Namespace, outbox: Outbox, ready: Callable[[], None]) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    connections = aiohttp.TCPConnector(limit=100, keepalive_timeout=KEEP_ALIVE)
    sent_messages = SentMessages(NothingToRemember())
    async with aiohttp.ClientSession(connector=connections) as session:
        sender = Sender(
            Adapter(session, allows=lambda url: url == arguments.connector),
            sent_messages,
            ConversationLocks(),
            activities_for=partial(activities_for, links=Links("hemmelig", "http://localhost")),
        )
        clock = Clock(outbox, sender.send, now=_now(arguments), every=arguments.every)
        clock.start()
        ready()
        await told.wait()
        await clock.stop()
        await sent_messages.close()


def _outbox(arguments: argparse.Namespace, database: Database) -> Outbox:
    def compose(session: Session, waiting: Waiting) -> TextReply:
        return TextReply(f"{waiting.about['occasion']} {waiting.person} {arguments.name}")

    return Outbox(
        database,
        compose,
        rule=partial(after, unknown_wait=timedelta(seconds=arguments.unknown_wait)),
        limits=PaceLimits(rate=arguments.rate),
        worker=arguments.name,
        lease=timedelta(seconds=arguments.lease),
        cut_off=timedelta(seconds=arguments.cut_off),
    )


def _now(arguments: argparse.Namespace) -> Callable[[], datetime]:
    ahead = timedelta(hours=arguments.hours_ahead)
    return lambda: datetime.now(UTC) + ahead


def _arguments(told: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--connector", required=True)
    parser.add_argument("--name", required=True, help="what its messages carry")
    parser.add_argument("--rate", type=float, default=45.0, help="messages a second, all together")
    parser.add_argument("--every", type=float, default=1.0, help="seconds between two ticks")
    parser.add_argument("--lease", type=float, default=30.0, help="seconds")
    parser.add_argument("--cut-off", type=float, default=120.0, help="seconds")
    parser.add_argument("--unknown-wait", type=float, default=300.0, help="seconds")
    parser.add_argument("--first-pause", type=float, default=2.0, help="seconds after a refusal")
    parser.add_argument("--busy-seconds", type=float, default=10.0, help="for a locked SQLite file")
    parser.add_argument("--hours-ahead", type=float, default=0.0, help="how fast its clock is")
    return parser.parse_args(told)


if __name__ == "__main__":
    main()
