"""Questions that people chose to send, without their name, to the school owner team."""

from datetime import date
from hashlib import blake2b

from sqlmodel import Session, col, select

from storage.database import insert_if_absent
from storage.tables import KeptQuestion


def keep_question(session: Session, *, text: str, language: str, day: date) -> None:
    """Keep a question; the same one again on the same day changes nothing (a button pressed twice).

    `day` is a date on purpose: a finer time would point back at a person.
    """
    # Made of what the row holds already, the id tells nothing more: not even an order.
    content = f"{day.isoformat()} {language} {text}".encode("utf-8", "replace")
    key = blake2b(content, digest_size=16).hexdigest()
    row = {"id": key, "text": text, "language": language, "day": day}
    insert_if_absent(session, KeptQuestion, row)


def list_kept_questions(session: Session) -> list[KeptQuestion]:
    """Every kept question, newest day first; in no particular order within a day."""
    newest = select(KeptQuestion).order_by(col(KeptQuestion.day).desc(), col(KeptQuestion.id))
    return list(session.exec(newest))
