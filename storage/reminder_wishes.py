"""How people want to be reminded of meetings."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from storage.database import insert_if_absent
from storage.tables import ReminderWish as WishRow


@dataclass(frozen=True, slots=True)
class Wish:
    """When somebody wants to be reminded; the default is who hasn't said."""

    days_before: tuple[int, ...] = (7,)
    at: str = "08:00"
    weekly: bool = False
    paused_until: date | None = None
    stopped: bool = False


_WISHES = select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
    col(WishRow.person),
    col(WishRow.days_before),
    col(WishRow.at),
    col(WishRow.weekly),
    col(WishRow.paused_until),
    col(WishRow.stopped),
)


_WISHES_OF = _WISHES.where(col(WishRow.person).in_(bindparam("people", expanding=True)))


def wish_of(session: Session, person: str) -> Wish:
    """How the person wants to be reminded."""
    return wishes_of(session, [person]).get(person, Wish())


def wishes_of(session: Session, people: Collection[str]) -> dict[str, Wish]:
    """How these people want to be reminded; who hasn't said is left out."""
    if not people:
        return {}
    if len(people) <= 500:
        rows = session.connection().execute(_WISHES_OF, {"people": list(people)})
    else:
        rows = session.connection().execute(_WISHES)
    return {row.person: Wish(tuple(row.days_before), *row[2:]) for row in rows}


def set_wish(session: Session, person: str, wish: Wish) -> None:
    values = {
        "days_before": list(wish.days_before),
        "at": wish.at,
        "weekly": wish.weekly,
        "paused_until": wish.paused_until,
        "stopped": wish.stopped,
    }
    insert_if_absent(session, WishRow, {"person": person, **values})
    theirs = update(WishRow).where(col(WishRow.person) == person)
    session.connection().execute(theirs.values(**values))
