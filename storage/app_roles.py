"""People who are in the register by an app role in Entra ID alone, as long as they have it."""

from datetime import datetime

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
    theirs = col(Person.aad_object_id) == key, col(Person.source) == BY_APP_ROLE
    if role is None:
        if session.connection().execute(delete(Person).where(*theirs)).rowcount:
            note_deletion(session, key, "register", now)
        return
    values = {"aad_object_id": key, "name": name, "role": role, "source": BY_APP_ROLE}
    insert_if_absent(session, Person, {**values, "email": "", "language": "nb"})
    session.connection().execute(update(Person).where(*theirs).values(name=name, role=role))
