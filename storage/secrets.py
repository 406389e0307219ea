"""Secrets that are made at first start and shared by all copies of the program."""

import secrets

from sqlmodel import Session, col, select

from storage.database import insert_if_absent
from storage.tables import Secret

RANDOM_BYTES = 32


def shared_secret(session: Session, name: str) -> str:
    """The secret with this name; made by whoever asks first, the same for everybody after."""
    made = {"name": name, "value": secrets.token_urlsafe(RANDOM_BYTES)}
    insert_if_absent(session, Secret, made)
    return session.exec(select(Secret.value).where(col(Secret.name) == name)).one()
