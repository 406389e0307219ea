"""What is deleted when a round ends: what a cancelled one was told, and who was written to."""

from collections.abc import Collection

from sqlmodel import Session, col, delete, select

from storage.ballots import forget_who
from storage.tables import BallotText, NamedAnswer, OutboxRow, TextTheme


def forget_answers(session: Session, round: str) -> None:
    """Delete everything that was answered in a round: it is cancelled, and nobody sees any of it.

    The caller has locked the round.
    """
    forget_who(session, round)
    texts = select(col(BallotText.id)).where(col(BallotText.round) == round)
    connection = session.connection()
    connection.execute(delete(TextTheme).where(col(TextTheme.text).in_(texts)))
    for table in (BallotText, NamedAnswer):
        connection.execute(delete(table).where(col(table.round) == round))


def forget_messages(session: Session, subject: str, reasons: Collection[str]) -> None:
    """Delete the messages of a subject with these reasons, but for what is sent at this moment.

    A reminder that was called off tells that its receiver had answered, and one that was sent that
    they hadn't; nobody needs to know that when the round is over.
    """
    session.connection().execute(
        delete(OutboxRow).where(
            col(OutboxRow.subject) == subject,
            col(OutboxRow.reason).in_(list(reasons)),
            col(OutboxRow.state) != "sendes",
        )
    )
