"""People to send to, messages to them in the outbox, and what became of those.

Also fills the outbox of a running bot, to see how its answers fare while it sends:

    python -m tests.faults.recipients --database URL --connector URL [--count 5000]
"""

import argparse
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import NullPool, create_engine, make_url, text

from storage.database import Database
from storage.outbox import Queued, queue_all
from storage.tables import Conversation, Person

REASON = "faults"
AN_HOUR = timedelta(hours=1)

Message = tuple[str, str]  # occasion and person: which row of the outbox

# How a message may stand when all is over, whether or not somebody has seen it.
KNOWN_NOT_TO_BE_SENT = frozenset({"ukjent", "feilet", "utløpt"})


def add_people(database: Database, connector_url: str, count: int) -> None:
    """So many people, each with a conversation that is kept at the connector."""
    now = datetime.now(UTC)
    with database.transaction() as session:
        for key in people(count):
            session.add(Person(aad_object_id=key, name=f"Kari {key}", role="lærer"))
            session.add(
                Conversation(
                    id=f"a:{key}",
                    sender=key,
                    reference=_reference(key, connector_url),
                    last_arrived=now,
                    updated=now.date(),
                )
            )


def queue_send(
    database: Database,
    occasion: str,
    persons: Iterable[str],
    *,
    due: datetime | None = None,
    latest: datetime | None = None,
) -> None:
    """A message to each of them, due now and worth sending for an hour, unless said otherwise."""
    due = due or datetime.now(UTC)
    messages = [
        Queued(
            person=person,
            reason=REASON,
            occasion=occasion,
            about={"occasion": occasion},
            due=due,
            latest=latest or due + AN_HOUR,
            subject=occasion,
        )
        for person in persons
    ]
    with database.transaction() as session:
        queue_all(session, messages)


def people(count: int) -> list[str]:
    """The keys of the first so many people."""
    return [f"p{number:05}" for number in range(count)]


def fill_outbox(database_url: str, connector_url: str, count: int) -> None:
    """So many people with a message each that is due now."""
    database = Database(database_url)
    try:
        database.migrate()
        add_people(database, connector_url, count)
        queue_send(database, "s1", people(count))
    finally:
        database.close()


class Ledger:
    """Reads how the outbox stands, beside the program: takes no lock that it would wait for."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        if address.get_backend_name() == "postgresql":
            address = address.set(drivername="postgresql+psycopg")
        # A connection that is kept may have been broken by the fault that is being proved.
        self._engine = create_engine(address, poolclass=NullPool)

    def states(self) -> dict[Message, str]:
        """The state of every message."""
        rows = self._read("SELECT occasion, person, state FROM outbox")
        return {(occasion, person): state for occasion, person, state in rows}

    def count(self) -> Counter[str]:
        """How many messages are in each state."""
        counted = self._read("SELECT state, count(*) FROM outbox GROUP BY state")
        return Counter({state: int(number) for state, number in counted})

    def unsettled(self) -> int:
        """How many messages wait or are being sent."""
        counts = self.count()
        return counts["venter"] + counts["sendes"]

    def in_flight(self, worker: str) -> set[Message]:
        """The messages that this worker is sending, or was when it died."""
        rows = self._read("SELECT occasion, person, leased_by FROM outbox WHERE state = 'sendes'")
        return {(occasion, person) for occasion, person, by in rows if by == worker}

    def integrity(self) -> str:
        """What SQLite says of its own file: "ok"."""
        return str(self._read("PRAGMA integrity_check")[0][0])

    def _read(self, statement: str) -> list[tuple[str, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]


def _reference(key: str, connector_url: str) -> dict[str, object]:
    return {
        "serviceUrl": connector_url,
        "channelId": "msteams",
        "conversation": {"id": f"a:{key}", "tenantId": "t"},
        "user": {"id": f"29:{key}", "aadObjectId": key},
        "bot": {"id": "28:bot", "name": "Kvalitetsbot"},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True)
    parser.add_argument("--connector", required=True)
    parser.add_argument("--count", type=int, default=5_000)
    arguments = parser.parse_args()
    fill_outbox(arguments.database, arguments.connector, arguments.count)


if __name__ == "__main__":
    main()
