"""People who are in the register by an app role in Entra ID alone, as long as they have it.

Only a sign-in tells that they have. So each is good for a while: who never signs in again would
else keep the role, also in the chat, after Entra has taken it away.
"""

from datetime import date, datetime

from sqlmodel import Session, col, delete, update

from storage.database import insert_if_absent
from storage.deletions import note_deletion
from storage.people import BY_APP_ROLE
from storage.tables import Person


def register_by_app_role(
    session: Session, key: str, name: str, role: str | None, now: datetime
) -> None:
    """Make the register say what a sign-in said: this role, or none that is ours (None).

    Whoever is in the register by the file or the directory is left as they are.
    """
    theirs = col(Person.aad_object_id) == key, col(Person.source).startswith(BY_APP_ROLE)
    if role is None:
        if session.connection().execute(delete(Person).where(*theirs)).rowcount:
            note_deletion(session, key, "register", now)
        return
    values = {"name": name, "role": role, "source": _signed_in(now.date())}
    new = {**values, "aad_object_id": key, "email": "", "language": "nb"}
    insert_if_absent(session, Person, new)
    session.connection().execute(update(Person).where(*theirs).values(**values))


def forget_unconfirmed(session: Session, before: date, now: datetime) -> int:
    """Take out who is there by an app role and hasn't signed in since then; says how many."""
    old = (
        col(Person.source).startswith(BY_APP_ROLE),
        col(Person.source) < _signed_in(before),
    )
    gone = delete(Person).where(*old).returning(col(Person.aad_object_id))
    keys = list(session.connection().execute(gone).scalars())
    for key in keys:
        note_deletion(session, key, "register", now)
    return len(keys)


def _signed_in(day: date) -> str:
    """The `source` of who signed in on that day; in the order of the days."""
    return f"{BY_APP_ROLE} {day.isoformat()}"
