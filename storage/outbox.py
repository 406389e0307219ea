"""The outbox: messages that wait to be sent, each to one person, each once.

A row is "venter" until it is claimed, then "sendes", and ends as "sendt", "feilet", "avlyst",
"utløpt" (too late to be worth sending) or "ukjent" (nobody knows whether it was sent: the program
stopped in the middle). A row in the end state never moves again, but that one given up as unknown
may turn out to have been sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Select, Update, case, func, union_all, update
from sqlmodel import Session, col, select

from storage.database import insert_if_absent
from storage.tables import Conversation, OutboxRow

SENDING_FOR = timedelta(minutes=5)  # longer than any attempt takes

Settled = Literal["sendt", "feilet", "avlyst", "ukjent"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is now to be sent.

    `about` is what was noted when it was queued, `reference` the door's address of the
    conversation. `replaces` is the activity id of a sent card to change, "" to post a new one.
    """

    id: int
    person: str
    reason: str
    occasion: str
    about: dict[str, Any]
    conversation: str
    reference: dict[str, Any]
    replaces: str


_Id = col(OutboxRow.id)
_State = col(OutboxRow.state)


def queue(
    session: Session,
    *,
    person: str,
    reason: str,
    occasion: str,
    about: dict[str, Any],
    due: datetime,
    latest: datetime,
    conversation: str = "",
    replaces: str = "",
) -> None:
    """Put a message in the outbox, to be sent at `due` and no later than `latest`.

    The same person, reason and occasion again changes nothing; if the message was called off
    before it was claimed, it waits again, as it is now.
    """
    key = {"person": person, "reason": reason, "occasion": occasion}
    values = {
        "about": about,
        "due": due,
        "latest": latest,
        "conversation": conversation,
        "replaces": replaces,
        "state": "venter",
    }
    insert_if_absent(session, OutboxRow, {**key, **values, "sent": ""})
    called_off = (
        update(OutboxRow)
        .where(*(col(getattr(OutboxRow, name)) == value for name, value in key.items()))
        .where(_State == "avlyst", col(OutboxRow.attempted).is_(None))
    )
    session.connection().execute(called_off.values(**values))


def cancel(
    session: Session, *, reason: str, occasion: str | None = None, person: str | None = None
) -> int:
    """Call off what waits for this reason, occasion and person; says how many messages."""
    wanted = select(_Id).where(_State == "venter", col(OutboxRow.reason) == reason)
    if occasion is not None:
        wanted = wanted.where(col(OutboxRow.occasion) == occasion)
    if person is not None:
        wanted = wanted.where(col(OutboxRow.person) == person)
    ids = _ids(session, wanted.order_by(_Id).with_for_update())
    session.connection().execute(_rows(ids).values(state="avlyst"))
    return len(ids)


def claim(session: Session, now: datetime, *, limit: int, local: bool) -> list[Waiting]:
    """Take at most `limit` due messages to send; whoever claims one must `settle` it.

    Each is claimed once, by one copy of the program. One whose person has no conversation with the
    bot installed keeps waiting. With `local`, whoever acts as a person is that person.
    """
    late = now - SENDING_FOR
    _end(session, "ukjent", now, _State == "sendes", col(OutboxRow.attempted) < late)
    _end(session, "utløpt", now, _State == "venter", col(OutboxRow.latest) < now)
    rows = session.connection().execute(_due(now, local).limit(limit)).all()
    claimed = [Waiting(*row) for row in rows]
    sending = _rows([waiting.id for waiting in claimed]).values(state="sendes", attempted=now)
    session.connection().execute(sending)
    return claimed


def settle(session: Session, id: int, state: Settled, at: datetime, sent: str = "") -> None:
    """Say how it went with a claimed message; `sent` is the id of the activity that it became."""
    claimed = _rows([id]).where(_State.in_(["sendes", "ukjent"]))
    session.connection().execute(claimed.values(state=state, settled=at, sent=sent))


def _due(now: datetime, local: bool) -> Any:
    """The due messages and where each goes, locked, leaving out those that another copy holds."""
    due = (_State == "venter", col(OutboxRow.due) <= now)
    people = select(OutboxRow.person).where(*due)
    newest = _newest_conversations(people, local).subquery()
    target = case(
        (col(OutboxRow.conversation) != "", col(OutboxRow.conversation)), else_=newest.c.id
    )
    return (
        select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
            _Id,
            col(OutboxRow.person),
            col(OutboxRow.reason),
            col(OutboxRow.occasion),
            col(OutboxRow.about),
            col(Conversation.id),
            col(Conversation.reference),
            col(OutboxRow.replaces),
        )
        .select_from(OutboxRow)
        .outerjoin(newest, newest.c.person == col(OutboxRow.person))
        .join(Conversation, col(Conversation.id) == target)
        .where(*due, col(Conversation.installed))
        .order_by(col(OutboxRow.due), _Id)
        .with_for_update(of=OutboxRow, skip_locked=True)
    )


def _newest_conversations(people: Any, local: bool) -> Select[Any]:
    """The installed conversation that each of these people wrote in last: (person, id)."""
    ways: list[Any] = [func.lower(col(Conversation.sender))]
    if local:
        ways.append(col(Conversation.acting_as))
    every = union_all(
        *(
            select(way.label("person"), col(Conversation.id), col(Conversation.last_arrived)).where(
                col(Conversation.installed), way.in_(people)
            )
            for way in ways
        )
    ).subquery()
    latest_first = func.row_number().over(
        partition_by=every.c.person, order_by=(every.c.last_arrived.desc(), every.c.id)
    )
    ranked = select(every.c.person, every.c.id, latest_first.label("rank")).subquery()
    return select(ranked.c.person, ranked.c.id).where(ranked.c.rank == 1)


def _end(session: Session, state: str, now: datetime, *which: Any) -> None:
    # What another copy holds is ended there: waiting for each other, two could stand still.
    ids = _ids(session, select(_Id).where(*which).with_for_update(skip_locked=True))
    session.connection().execute(_rows(ids).values(state=state, settled=now))


def _ids(session: Session, wanted: Any) -> list[int]:
    return list(session.connection().execute(wanted).scalars())


def _rows(ids: Sequence[int]) -> Update:
    return update(OutboxRow).where(_Id.in_(ids))
