"""What has become of the messages in the outbox, and who can't be written to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.tables import Conversation, OutboxRow


@dataclass(frozen=True, slots=True)
class Fate:
    """How it stands with a message to a person: its state, and why it failed if it did."""

    person: str
    reason: str
    state: str
    problem: str
    due: datetime


_Person = col(OutboxRow.person)
_State = col(OutboxRow.state)
_Due = col(OutboxRow.due)
_Conversation = col(OutboxRow.conversation)


def count_messages(session: Session, since: datetime, now: datetime) -> dict[str, dict[str, int]]:
    """How many messages that were due from `since` until `now`: by state, then by reason."""
    reason = col(OutboxRow.reason)
    counted = (
        select(_State, reason, func.count())
        .where(_Due >= since, _Due <= now)
        .group_by(_State, reason)
        .order_by(_State, reason)
    )
    found: dict[str, dict[str, int]] = {}
    for state, why, count in session.connection().execute(counted):
        found.setdefault(state, {})[why] = count
    return found


def count_planned(session: Session, now: datetime) -> int:
    """How many messages wait for a time that is still to come."""
    planned = select(func.count()).where(_State == "venter", _Due > now)
    return session.connection().execute(planned).scalar_one()


def last_of_each(session: Session, since: datetime, now: datetime) -> list[Fate]:
    """The last message to each person that was due in that time, in the order of their keys.

    Those called off don't count, nor changes of sent cards: those nobody waits for.
    """
    last_first = func.row_number().over(
        partition_by=_Person, order_by=(_Due.desc(), col(OutboxRow.id).desc())
    )
    ranked = (
        select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
            _Person,
            col(OutboxRow.reason),
            _State,
            col(OutboxRow.problem),
            _Due,
            last_first.label("rank"),
        )
        .where(_Due >= since, _Due <= now, _State != "avlyst")
        .where(col(OutboxRow.replaces) == "")
        .subquery()
    )
    wanted: Any = select(*[one for one in ranked.c if one.name != "rank"])
    rows = session.connection().execute(wanted.where(ranked.c.rank == 1).order_by(ranked.c.person))
    return [Fate(*row) for row in rows]


def chats(session: Session) -> dict[str, bool]:
    """Who has had a conversation with the bot, and whether the app is still installed there."""
    wanted = select(
        func.lower(col(Conversation.sender)),
        col(Conversation.acting_as),
        col(Conversation.installed),
    )
    found: dict[str, bool] = {}
    for sender, acting_as, installed in session.connection().execute(wanted):
        for key in (sender, acting_as):
            if key:
                found[key] = found.get(key, False) or installed
    return found


def longest_waiting(session: Session, now: datetime) -> datetime | None:
    """Since when the message has waited that is longest due and could be sent; None for none.

    What waits for a person without the app is left out: it says nothing of how the sending goes.
    """
    waiting = (
        select(_Person, _Conversation, func.min(_Due))
        .where(_State == "venter", _Due <= now)
        .group_by(_Person, _Conversation)
    )
    reached = chats(session)
    rows = session.connection().execute(waiting).all()
    named = [conversation for _, conversation, _ in rows if conversation]
    open_ = select(col(Conversation.id)).where(col(Conversation.installed))
    if len(named) <= 500:
        open_ = open_.where(col(Conversation.id).in_(named))
    there = set(session.connection().execute(open_).scalars())
    due = [
        since
        for person, conversation, since in rows
        if (conversation in there if conversation else reached.get(person))
    ]
    return min(due, default=None)
