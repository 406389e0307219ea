"""What must not live on in a database that has been put back from a backup."""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, inspect, or_, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, delete, select

from storage.database import Database, sqlite_url
from storage.deletions import Noted, list_deletions
from storage.tables import OutboxRow, PageLogin, PageSession, Person

AT_ONCE = 500


def deletions_in(database: Path) -> list[Noted] | None:
    """What an SQLite file has noted as deleted; None when it can't be read."""
    opened = Database(sqlite_url(database))
    try:
        with opened.transaction() as session:
            if not inspect(session.connection()).has_table("deletion"):
                return []
            return list_deletions(session)
    except DBAPIError:
        return None
    finally:
        opened.close()


def newest_message(session: Session) -> int:
    """The id of the message that was queued last; 0 for none."""
    return session.connection().execute(select(func.max(col(OutboxRow.id)))).scalar() or 0


def hold_back(session: Session, now: datetime, until: datetime, queued_after: int = 0) -> int:
    """Let nothing be sent that may have been sent already: what was to go `until` then.

    It becomes "ukjent", so that whoever it belongs to sees that, and can send it again. Changes of
    cards that lie in chats still go: they are no message, and the second is like the first.
    """
    waiting = (col(OutboxRow.state) == "venter") & (col(OutboxRow.next_try) <= until)
    doubtful = or_(waiting, col(OutboxRow.state) == "sendes")
    held = update(OutboxRow).where(
        doubtful, col(OutboxRow.replaces) == "", col(OutboxRow.id) > queued_after
    )
    values = {"state": "ukjent", "settled": now, "leased_by": "", "leased_until": None}
    return session.connection().execute(held.values(problem="gjenopprettet", **values)).rowcount


def end_logins(session: Session) -> None:
    """Nobody is logged in on the page any more; who was let out since would be in again."""
    for table in (PageLogin, PageSession):
        session.connection().execute(delete(table))


def remove_people(session: Session, keys: Collection[str]) -> int:
    """Take these out of the register; how many were in it."""
    listed, gone = sorted(keys), 0
    for at in range(0, len(listed), AT_ONCE):
        some = col(Person.aad_object_id).in_(listed[at : at + AT_ONCE])
        gone += session.connection().execute(delete(Person).where(some)).rowcount
    return gone
