"""Messages in teams and group chats: each is answered once, over all copies of the program.

No `Conversation` is made of a group: those are what the bot can write to a person in. What is kept
is that something was answered, for a week.
"""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from storage.tables import GroupTurn

# Teams sends a message again, sometimes under a new id, when a turn lasts more than about 15 s.
RESENT_WITHIN = timedelta(minutes=2)

_Conversation, _Activity = col(GroupTurn.conversation), col(GroupTurn.activity)


def first_time(
    session: Session, conversation: str, activity: str, digest: str, arrived: datetime
) -> bool:
    """Whether this message is to be answered; from now on it has been.

    Not when the same activity id was answered before, nor when the same content (`digest`) was
    noted as slow less than two minutes before it `arrived` (with time zone).
    """
    if not _noted(session, conversation, activity, arrived.date()):
        return False
    wanted = select(_Activity).where(
        _Conversation == conversation,
        _Activity.between(_slow(digest, arrived - RESENT_WITHIN), _slow(digest, arrived)),
    )
    return session.connection().execute(wanted).first() is None


def note_slow(session: Session, conversation: str, digest: str, arrived: datetime) -> None:
    """The turn with this content is taking so long that Teams may send it again."""
    _noted(session, conversation, _slow(digest, arrived), arrived.date())


def forget_group(session: Session, conversation: str) -> None:
    """The bot was removed from there: when it comes back, it greets again."""
    session.connection().execute(delete(GroupTurn).where(_Conversation == conversation))


def _slow(digest: str, at: datetime) -> str:
    """Of one digest these come in the order of time."""
    return f"slow:{digest}:{int(at.timestamp()):012d}"


def _noted(session: Session, conversation: str, activity: str, day: date) -> bool:
    """Whether the row is new; somebody else's, still being written, is waited for."""
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row: dict[str, Any] = {"conversation": conversation, "activity": activity, "day": day}
    made = insert(GroupTurn).values(**row).on_conflict_do_nothing().returning(_Activity)
    return connection.execute(made).first() is not None
