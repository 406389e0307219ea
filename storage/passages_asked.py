"""How often each passage was the answer, by month: never who asked."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from storage.tables import PassageAsked

_Passage, _Month, _Number = (
    col(PassageAsked.passage),
    col(PassageAsked.month),
    col(PassageAsked.number),
)


def count_asked(session: Session, passages: Iterable[str], day: date) -> None:
    """Count each passage (by id) that was the answer on that day, as often as it stands there."""
    counted = Counter(passages)
    if not counted:
        return
    month = month_of(day)
    # In the order of their ids, so that two copies doing this at once don't wait for each other.
    rows: list[dict[str, Any]] = [
        {"passage": passage, "month": month, "number": counted[passage]}
        for passage in sorted(counted)
    ]
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    add = insert(PassageAsked)
    added = add.on_conflict_do_update(
        index_elements=["passage", "month"],
        set_={"number": _Number + add.excluded.number},
    )
    connection.execute(added, rows)


def most_asked(session: Session, since: date) -> list[str]:
    """The passages that were answers since the month of that day, what was asked most first."""
    wanted = (
        select(_Passage)
        .where(_Month >= month_of(since))
        .group_by(_Passage)
        .order_by(func.sum(_Number).desc(), _Passage)
    )
    return list(session.connection().execute(wanted).scalars())


def month_of(day: date) -> str:
    """As it is stored: "2026-11"."""
    return f"{day:%Y-%m}"
