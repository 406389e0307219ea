"""What people have said yes or no to, such as the weekly digest."""

from typing import Any

from sqlmodel import Session, col, select, update

from storage.database import insert_if_absent
from storage.tables import Preference


def set_preference(session: Session, person: str, name: str, value: bool) -> None:
    """Remember the person's yes or no; the last one said holds."""
    insert_if_absent(session, Preference, {"person": person, "name": name, "value": value})
    session.exec(update(Preference).where(*_which(person, name)).values(value=value))


def preference(session: Session, person: str, name: str, default: bool) -> bool:
    """The person's yes or no; `default` for who hasn't said."""
    said = session.exec(select(Preference.value).where(*_which(person, name))).first()
    return default if said is None else said


def _which(person: str, name: str) -> tuple[Any, Any]:
    return col(Preference.person) == person, col(Preference.name) == name
