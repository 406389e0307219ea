"""Questions that people ask a fagrådgiver by name, and their answers: one row a question.

`state`: ny, tildelt, besvart, lukket, trukket. `revision` grows with each change: what was shown to
somebody with an older one is shown anew before they change anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlmodel import Session, col, delete, func, select

from storage.database import insert_if_absent
from storage.tables import Handover as HandoverRow

OPEN = ("ny", "tildelt")  # somebody is to answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A question and how far it has come; see `tables.Handover`. `assigned` is a person's key."""

    id: str
    asker: str
    asker_name: str
    question: str
    state: str = "ny"
    revision: int = 0
    assigned: str = ""
    assigned_name: str = ""
    answer: str = ""
    at: datetime
    answered_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


_COLUMNS = [col(getattr(HandoverRow, name)) for name in Handover.__dataclass_fields__]
_Id, _State = col(HandoverRow.id), col(HandoverRow.state)


def add_handover(session: Session, made: Handover) -> bool:
    """Keep a new one; False when there is one with the id already: the button was pressed twice."""
    if find_handover(session, made.id) is not None:
        return False
    insert_if_absent(session, HandoverRow, _values(made))
    return True


def find_handover(session: Session, id: str, *, lock: bool = False) -> Handover | None:
    """The one with this id; with `lock`, nobody else changes it until the commit."""
    found = _found(session, [_Id == id], lock=lock)
    return found[0] if found else None


def change_handover(session: Session, before: Handover, **changed: Any) -> Handover:
    """Keep what is changed, and count it. `before` was found with a lock in this transaction."""
    after = replace(before, revision=before.revision + 1, **changed)
    session.connection().execute(
        update(HandoverRow).where(_Id == after.id).values(**_values(after))
    )
    return after


def handovers_in(session: Session, *states: str, lock: bool = False) -> list[Handover]:
    """All in these states, the oldest first."""
    return _found(session, [_State.in_(states)], lock=lock)


def handovers_of(session: Session, asker: str) -> list[Handover]:
    """What this person has asked, the newest first."""
    return _found(session, [col(HandoverRow.asker) == asker])[::-1]


def answered_since(session: Session, moment: datetime) -> list[Handover]:
    """What was answered after this and hasn't been withdrawn, the newest first."""
    answered = col(HandoverRow.answered_at) >= moment
    found = _found(session, [_State.in_(["besvart", "lukket"]), answered])
    return sorted(found, key=lambda one: (one.answered_at or moment, one.id), reverse=True)


def count_open(session: Session, asker: str) -> int:
    """How many questions of this person's wait for an answer."""
    waiting = select(func.count()).where(col(HandoverRow.asker) == asker, _State.in_(OPEN))
    return session.connection().execute(waiting).scalar_one()


def forget_handovers(session: Session, *, closed_before: datetime, asked_before: datetime) -> int:
    """Delete what was closed or withdrawn, or was asked at all, before these; says how many."""
    old = or_(col(HandoverRow.closed_at) < closed_before, col(HandoverRow.at) < asked_before)
    return session.connection().execute(delete(HandoverRow).where(old)).rowcount


def _found(session: Session, which: Sequence[Any], *, lock: bool = False) -> list[Handover]:
    # Locked in the order of their ids, so that two who lock several don't wait for each other.
    wanted = select(*_COLUMNS).where(*which).order_by(_Id)
    rows = session.connection().execute(wanted.with_for_update() if lock else wanted)
    return sorted((Handover(**row._mapping) for row in rows), key=lambda one: (one.at, one.id))


def _values(handover: Handover) -> dict[str, Any]:
    return {name: getattr(handover, name) for name in Handover.__dataclass_fields__}
