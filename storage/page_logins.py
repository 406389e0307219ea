"""Ways in to the page: logins asked for in the chat, and the sessions of browsers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, delete, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.people import find_person
from storage.tables import PageLogin, PageSession, Person

LOGIN_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(hours=8)
IDLE_FOR = timedelta(hours=1)  # a session that nobody has used for so long is over
# How exactly `seen` is kept: a page with many pictures is one writing, not one a picture.
SEEN_APART = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Login:
    """A way in: the numbers of its card, and the one that the person pressed, if any."""

    id: str
    person: str
    numbers: tuple[int, ...]
    pressed: int | None = None


def add_login(
    session: Session, *, id: str, person: str, numbers: tuple[int, ...], now: datetime
) -> None:
    """A new way in for the person, good once and for ten minutes."""
    session.add(PageLogin(id=id, person=person, numbers=list(numbers), expires=now + LOGIN_LASTS))
    session.flush()


def find_login(session: Session, id: str, now: datetime) -> Login | None:
    """The login with this id while it can be used, and its person is in the register."""
    return _read(session, _usable(id, now))


def press_number(session: Session, id: str, person: str, number: int, now: datetime) -> bool:
    """Note the number that this person pressed; pressing the same again changes nothing.

    False when it can't be used: it isn't theirs, is too old, or they pressed another number, which
    closes it for good: who guesses gets one guess.
    """
    login = _read(session, _usable(id, now).with_for_update(of=PageLogin))
    if login is None or login.person != person:
        return False
    fits = number in login.numbers and login.pressed in (None, number)
    changed = {"pressed": number} if fits else {"used": True}
    session.connection().execute(update(PageLogin).where(col(PageLogin.id) == id).values(**changed))
    return fits


def use_login(session: Session, id: str, number: int, now: datetime) -> str | None:
    """Let the browser that shows `number` in: the person's key, once. None is not to be let in.

    What the person pressed must be that number; another one closes the login for good.
    """
    login = _read(session, _usable(id, now).with_for_update(of=PageLogin))
    if login is None or login.pressed is None:
        return None
    session.connection().execute(update(PageLogin).where(col(PageLogin.id) == id).values(used=True))
    return login.person if login.pressed == number else None


def add_session(session: Session, id: str, person: str, now: datetime) -> None:
    """A browser is this person's from now; `id` is the digest of what it holds."""
    session.add(PageSession(id=id, person=person, seen=now, expires=now + SESSION_LASTS))
    session.flush()


def person_of_session(session: Session, id: str, now: datetime) -> str | None:
    """Whose the browser is; None when the session has ended, or its person left the register."""
    key = holder_of_session(session, id, now)
    return key if key is not None and find_person(session, key) is not None else None


def holder_of_session(session: Session, id: str, now: datetime) -> str | None:
    """Whose the browser is, also for somebody who isn't in the register; None when it has ended."""
    row = (
        session.connection()
        .execute(
            select(PageSession.person, PageSession.seen).where(
                col(PageSession.id) == id,
                col(PageSession.expires) > now,
                col(PageSession.seen) > now - IDLE_FOR,
            )
        )
        .first()
    )
    if row is None:
        return None
    if row.seen <= now - SEEN_APART:
        session.connection().execute(
            update(PageSession).where(col(PageSession.id) == id).values(seen=now)
        )
    return str(row.person)


def end_session(session: Session, id: str) -> None:
    session.connection().execute(delete(PageSession).where(col(PageSession.id) == id))


def delete_expired_logins(session: Session, now: datetime) -> int:
    """Delete the logins and sessions that nobody can use any more; says how many."""
    people = select(Person.aad_object_id)
    return sum(
        session.connection().execute(delete(table).where(over)).rowcount
        for table, over in (
            (PageLogin, col(PageLogin.used)),
            (PageLogin, col(PageLogin.expires) <= now),
            (PageLogin, col(PageLogin.person).not_in(people)),
            (PageSession, col(PageSession.expires) <= now),
            (PageSession, col(PageSession.seen) <= now - IDLE_FOR),
            (PageSession, col(PageSession.person).not_in(people)),
        )
    )


def _usable(id: str, now: datetime) -> SelectOfScalar[PageLogin]:
    return (
        select(PageLogin)
        .join(Person, col(Person.aad_object_id) == col(PageLogin.person))
        .where(
            col(PageLogin.id) == id,
            col(PageLogin.used).is_(False),
            col(PageLogin.expires) > now,
        )
        # What this transaction has read before may have changed while it waited for the lock.
        .execution_options(populate_existing=True)
    )


def _read(session: Session, wanted: SelectOfScalar[PageLogin]) -> Login | None:
    row = session.exec(wanted).first()
    return Login(row.id, row.person, tuple(row.numbers), row.pressed) if row is not None else None
