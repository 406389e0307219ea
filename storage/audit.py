"""The audit log: who has read named data about others. Each row seals all that came before it.

The seal is SHA-256 without a key: it finds what was changed by hand, not somebody who computes the
whole chain anew. For that, the kommune notes the last number and hash somewhere else.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, insert, text
from sqlmodel import Session, col, delete, select

from storage.tables import AuditEntry

AUDIT_LOCK = 5_847_390_114  # any number, the same in every copy of the program

_Number = col(AuditEntry.number)
_COLUMNS = [
    col(getattr(AuditEntry, name))
    for name in ("number", "at", "reader", "what", "subject", "previous", "hash")
]


@dataclass(frozen=True, slots=True)
class Entry:
    """That `reader` (a person's key) read `what` about `subject`, such as "meeting:<id>"."""

    number: int
    at: datetime
    reader: str
    what: str
    subject: str
    previous: str
    hash: str

    @property
    def seal(self) -> str:
        """The hash that the row must have."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        sealed = [self.number, at, self.reader, self.what, self.subject, self.previous]
        content = json.dumps(sealed, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()


def record(session: Session, at: datetime, reader: str, what: str, subject: str) -> Entry:
    """Add that somebody reads named data now; in the transaction of the reading itself."""
    _lock(session)
    last = _last(session)
    previous = last.hash if last else ""
    entry = Entry((last.number if last else 0) + 1, at, reader, what, subject, previous, "")
    session.connection().execute(
        insert(AuditEntry).values(
            number=entry.number,
            at=at,
            reader=reader,
            what=what,
            subject=subject,
            previous=previous,
            hash=entry.seal,
        )
    )
    return Entry(entry.number, at, reader, what, subject, previous, entry.seal)


def last_entry(session: Session) -> Entry | None:
    """The newest row; its number and hash are what is to be noted outside the database."""
    return _last(session)


def check(session: Session, known: tuple[int, str] | None = None) -> list[str]:
    """One Norwegian sentence for each thing that is wrong with the chain; [] when it holds.

    The oldest rows may be gone, as retention deletes them: the first that is left holds the hash
    of the last that was deleted. `known` is a number and hash noted earlier, outside the database.
    """
    problems: list[str] = []
    before: Entry | None = None
    seen: dict[int, str] = {}
    rows = session.connection().execute(select(*_COLUMNS).order_by(_Number))
    for row in rows:
        entry = Entry(*row)
        if entry.hash != entry.seal:
            problems.append(f"Rad {entry.number} er endret etter at den ble skrevet.")
        if before is None and entry.number == 1 and entry.previous:
            problems.append("Rad 1 er ikke den første som ble skrevet: rader er flyttet.")
        if before is not None and entry.number != before.number + 1:
            gone = _span(before.number + 1, entry.number - 1)
            problems.append(f"{gone} er slettet.")
        elif before is not None and entry.previous != before.hash:
            problems.append(
                f"Rad {entry.number} følger ikke etter rad {before.number}:"
                " en av dem er endret eller flyttet."
            )
        seen[entry.number], before = entry.hash, entry
    if known is not None:
        problems += _against(known, seen)
    return problems


def forget_reads(session: Session, before: datetime) -> int:
    """Delete the oldest rows, up to the first that is not older; says how many.

    Only from the start, so that what is left is still a chain.
    """
    _lock(session)
    young = select(func.min(_Number)).where(col(AuditEntry.at) >= before)
    first = session.connection().execute(young).scalar()
    old = delete(AuditEntry)
    return session.connection().execute(old.where(_Number < first) if first else old).rowcount


def _against(known: tuple[int, str], seen: dict[int, str]) -> list[str]:
    number, hash = known
    if number in seen:
        same = seen[number] == hash
        return [] if same else [f"Rad {number} er en annen enn den som er notert."]
    if seen and number < min(seen):  # kept long enough, and deleted since
        return []
    return [f"Rad {number}, som er notert, er slettet: de nyeste radene mangler."]


def _span(first: int, last: int) -> str:
    return f"Rad {first}" if first == last else f"Rad {first}–{last}"


def _lock(session: Session) -> None:
    """Only one adds at a time, in all copies of the program."""
    if session.connection().dialect.name == "postgresql":  # SQLite has one writer anyway
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AUDIT_LOCK}
        )


def _last(session: Session) -> Entry | None:
    newest = select(*_COLUMNS).order_by(_Number.desc()).limit(1)
    row = session.connection().execute(newest).first()
    return Entry(*row) if row is not None else None
