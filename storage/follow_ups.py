"""What was heard in a round and what is done about it: one row a measure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.tables import FollowUp as FollowUpRow


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One measure after a round, of a school or (`unit` "") the kommune; see `tables.FollowUp`."""

    id: str
    round: str
    unit: str = ""
    heard: str
    measure: str
    responsible: str = ""
    deadline: date | None = None
    effect: str = ""
    by: str
    by_name: str
    at: datetime
    told_at: datetime | None = None


_FIELDS = tuple(FollowUp.__dataclass_fields__)
_COLUMNS = [col(getattr(FollowUpRow, name)) for name in _FIELDS]
_Id = col(FollowUpRow.id)


def add_follow_up(session: Session, made: FollowUp) -> None:
    """Keep a new one; one with the same id is left as it is: the button was pressed twice."""
    insert_if_absent(session, FollowUpRow, _values(made))


def change_follow_up(session: Session, changed: FollowUp) -> None:
    """Keep it as it is given."""
    session.connection().execute(
        update(FollowUpRow).where(_Id == changed.id).values(**_values(changed))
    )


def delete_follow_up(session: Session, id: str) -> None:
    session.connection().execute(delete(FollowUpRow).where(_Id == id))


def find_follow_up(session: Session, id: str, *, lock: bool = False) -> FollowUp | None:
    """The one with this id; with `lock`, nobody else changes it until the commit."""
    wanted = select(*_COLUMNS).where(_Id == id)
    row = session.connection().execute(wanted.with_for_update() if lock else wanted).first()
    return FollowUp(**row._mapping) if row is not None else None


def follow_ups_of(
    session: Session, round: str, units: Sequence[str], *, told: bool = False, lock: bool = False
) -> list[FollowUp]:
    """Those of a round by these units ("" is the kommune), in the order they were made.

    With `told`, only what has been sent to those who were asked.
    """
    wanted = select(*_COLUMNS).where(
        col(FollowUpRow.round) == round, col(FollowUpRow.unit).in_(list(units))
    )
    if told:
        wanted = wanted.where(col(FollowUpRow.told_at).is_not(None))
    ordered = wanted.order_by(col(FollowUpRow.unit), col(FollowUpRow.at), _Id)
    rows = session.connection().execute(ordered.with_for_update() if lock else ordered)
    return [FollowUp(**row._mapping) for row in rows]


def _values(follow_up: FollowUp) -> dict[str, Any]:
    return {name: getattr(follow_up, name) for name in _FIELDS}
