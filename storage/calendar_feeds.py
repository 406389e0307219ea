"""The ids of people's own calendars."""

from uuid import uuid4

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage.database import insert_if_absent
from storage.tables import CalendarFeed


def feed_of(session: Session, person: str) -> str:
    """The id of the person's calendar, made the first time."""
    insert_if_absent(session, CalendarFeed, {"person": person, "id": uuid4().hex})
    wanted = select(col(CalendarFeed.id)).where(col(CalendarFeed.person) == person)
    return str(session.connection().execute(wanted).scalar_one())


def renew_feed(session: Session, person: str) -> str:
    """A new id; the address with the old one stops working."""
    id = uuid4().hex
    insert_if_absent(session, CalendarFeed, {"person": person, "id": id})
    theirs = update(CalendarFeed).where(col(CalendarFeed.person) == person)
    session.connection().execute(theirs.values(id=id))
    return id


def person_of_feed(session: Session, id: str) -> str | None:
    wanted = select(col(CalendarFeed.person)).where(col(CalendarFeed.id) == id)
    return session.connection().execute(wanted).scalar()
