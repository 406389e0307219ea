"""How it stands with what the plan promises, as the skoleeierteam has set it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage.database import insert_if_absent
from storage.tables import PromiseStatus


@dataclass(frozen=True, slots=True)
class SetStatus:
    """The status of a promise, who set it and when; `at` has a time zone."""

    promise: str
    status: str
    note: str
    by_name: str
    at: datetime


def set_status(session: Session, new: SetStatus) -> None:
    """Keep the status; the last one set holds. The same once more keeps who said it first."""
    values = {"status": new.status, "note": new.note, "by_name": new.by_name, "at": new.at}
    insert_if_absent(session, PromiseStatus, {"promise": new.promise, **values})
    before = statuses_set(session)[new.promise]
    if (before.status, before.note) != (new.status, new.note):
        session.connection().execute(
            update(PromiseStatus).where(col(PromiseStatus.promise) == new.promise).values(**values)
        )


def statuses_set(session: Session) -> dict[str, SetStatus]:
    """Every status that has been set, by the id of its promise."""
    wanted = select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
        col(PromiseStatus.promise),
        col(PromiseStatus.status),
        col(PromiseStatus.note),
        col(PromiseStatus.by_name),
        col(PromiseStatus.at),
    )
    return {row[0]: SetStatus(*row) for row in session.connection().execute(wanted)}
