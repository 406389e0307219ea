"""What people thought of the passages they were shown, without their name."""

from datetime import date
from uuid import uuid4

from sqlmodel import Session, col, select

from storage.tables import Feedback


def add_feedback(
    session: Session, *, passage: str, reaction: str, reason: str, text: str, day: date
) -> None:
    """Keep one reaction ("like" or "dislike"), its reason and what was written beside it."""
    session.add(
        Feedback(
            id=uuid4().hex, passage=passage, reaction=reaction, reason=reason, text=text, day=day
        )
    )


def list_feedback(session: Session) -> list[Feedback]:
    """All feedback, newest day first; in no particular order within a day."""
    newest = select(Feedback).order_by(col(Feedback.day).desc(), col(Feedback.id))
    return list(session.exec(newest))
