"""Deletes what has been kept as long as `tables.py` promises."""

from datetime import date, timedelta

from sqlmodel import Session, col, delete

from storage.tables import Conversation, Feedback, KeptQuestion

KEPT_FOR = timedelta(days=365)


def delete_expired(session: Session, today: date) -> int:
    """Delete conversations, kept questions and feedback of more than a year ago; says how many."""
    expired = today - KEPT_FOR
    deleted = 0
    for table, day in (
        (Conversation, Conversation.updated),
        (KeptQuestion, KeptQuestion.day),
        (Feedback, Feedback.day),
    ):
        deleted += session.exec(delete(table).where(col(day) < expired)).rowcount
    return deleted
