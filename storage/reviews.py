"""What a fagrådgiver found of kept questions and of answers with 👎: cause, and what to quote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlmodel import Session, col, delete, select

from storage.tables import Feedback, KeptQuestion, ReviewedQuestion


@dataclass(frozen=True, slots=True)
class Review:
    """`item` is the id of the kept question or of the feedback; `target` what should answer.

    `target` is the id of a passage, "veiviser:<id>", or "" for nothing. `at` has a time zone.
    """

    item: str
    cause: str
    target: str
    by_name: str
    at: datetime


def review(
    session: Session,
    items: Sequence[str],
    *,
    cause: str,
    target: str,
    by_name: str,
    now: datetime,
) -> None:
    """Keep what was found of these; the last one holds."""
    for item in items:
        session.merge(
            ReviewedQuestion(item=item, cause=cause, target=target, by_name=by_name, at=now)
        )
    session.flush()


def reviews(session: Session) -> dict[str, Review]:
    """Every review, by its item."""
    return {
        one.item: Review(one.item, one.cause, one.target, one.by_name, one.at)
        for one in session.exec(select(ReviewedQuestion).order_by(col(ReviewedQuestion.item)))
    }


def forget_reviews(session: Session, before: datetime) -> int:
    """Delete what is older, and what is about a question or a feedback that is deleted."""
    item = col(ReviewedQuestion.item)
    gone = item.not_in(select(KeptQuestion.id)) & item.not_in(select(Feedback.id))
    old = or_(col(ReviewedQuestion.at) < before, gone)
    return session.connection().execute(delete(ReviewedQuestion).where(old)).rowcount
