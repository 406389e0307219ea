"""Who has left the register or deleted their own, so that it is done again after a restore."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.tables import Deletion

What = Literal["register", "mine"]


@dataclass(frozen=True, slots=True)
class Noted:
    """One deletion. `id` is the same in the table and in the journal outside the database."""

    id: str
    person: str
    what: What
    at: datetime


def note_deletion(session: Session, person: str, what: What, at: datetime) -> None:
    """Note that the person left the register, or deleted what was theirs."""
    remember_deletions(session, [Noted(uuid.uuid4().hex, person, what, at)])


def list_deletions(session: Session) -> list[Noted]:
    """All that are noted, the oldest first."""
    rows = session.exec(select(Deletion).order_by(col(Deletion.at), col(Deletion.id)))
    return [Noted(row.id, row.person, _what(row.what), row.at) for row in rows]


def remember_deletions(session: Session, noted: Iterable[Noted]) -> None:
    """Keep these, whether or not they were known."""
    for one in noted:
        values = {"id": one.id, "person": one.person, "what": one.what, "at": one.at}
        insert_if_absent(session, Deletion, values)


def forget_deletions(session: Session, before: datetime) -> int:
    """Forget those from before; how many."""
    old = delete(Deletion).where(col(Deletion.at) < before)
    return session.connection().execute(old).rowcount


def _what(value: Any) -> What:
    found: What = next(one for one in get_args(What) if one == value)
    return found
