"""Rows of files of meetings that somebody has yet to confirm."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, delete, select

from storage.tables import MeetingImport


@dataclass(frozen=True, slots=True)
class PendingImport:
    """Rows of a file that the person has yet to confirm."""

    id: str
    person: str
    file: str
    rows: list[dict[str, Any]]
    at: datetime


def keep_import(session: Session, pending: PendingImport) -> None:
    """Keep the rows of a file until the person has confirmed them; an earlier one is dropped."""
    execute = session.connection().execute
    execute(delete(MeetingImport).where(col(MeetingImport.person) == pending.person))
    execute(
        insert(MeetingImport).values(
            id=pending.id,
            person=pending.person,
            file=pending.file,
            rows=pending.rows,
            at=pending.at,
        )
    )


def take_import(session: Session, id: str, person: str) -> PendingImport | None:
    """The person's rows to import, which are then kept no longer; None when there are none."""
    mine = (col(MeetingImport.id) == id, col(MeetingImport.person) == person)
    wanted = select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
        col(MeetingImport.id),
        col(MeetingImport.person),
        col(MeetingImport.file),
        col(MeetingImport.rows),
        col(MeetingImport.at),
    )
    row = session.connection().execute(wanted.where(*mine).with_for_update()).first()
    session.connection().execute(delete(MeetingImport).where(*mine))
    return PendingImport(*row) if row is not None else None
