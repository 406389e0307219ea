"""Sending what is in the outbox: who has taken a message, each attempt, and how it went.

A copy of the program first leases what is due, then marks an attempt, then sends, then says how it
went. A lease that runs out is free again; an attempt that nobody ends was cut off, and nobody
knows whether it came. Every step is a small transaction of its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    case,
    exists,
    func,
    or_,
    union_all,
    update,
)
from sqlmodel import Session, col, select

from storage.tables import Conversation, OutboxRow

State = Literal["venter", "sendt", "ukjent", "feilet", "utløpt", "avlyst"]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that is now to be sent.

    `about` is what was noted when it was queued, `reference` the door's address of the
    conversation. `replaces` is the activity id of a sent card to change, "" to post a new one.
    `attempts` are those before this one.
    """

    id: int
    person: str
    reason: str
    occasion: str
    about: dict[str, Any]
    conversation: str
    reference: dict[str, Any]
    replaces: str
    attempts: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class Attempted:
    """A message that an attempt was made to send.

    `called_off`: it isn't wanted any more, and must not be tried again.
    """

    id: int
    state: str
    conversation: str
    replaces: str
    attempts: int
    unknowns: int
    latest: datetime
    called_off: bool


_Id = col(OutboxRow.id)
_State = col(OutboxRow.state)
_Attempted = col(OutboxRow.attempted)
_LeasedBy = col(OutboxRow.leased_by)
_ATTEMPTED: tuple[Any, ...] = (
    _Id,
    _State,
    col(OutboxRow.conversation),
    col(OutboxRow.replaces),
    col(OutboxRow.attempts),
    col(OutboxRow.unknowns),
    col(OutboxRow.latest),
    (_State == "sendes") & (_LeasedBy == ""),
)
# Written once, since a thousand may be sent in a row: building one takes longer than its answer.
_Some: BindParameter[Any] = bindparam("some", expanding=True)
# By id alone: else SQLite looks through all that waits. What somebody holds is being changed; it is
# looked at when they are done.
_WANTED = (
    select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
        _Id,
        col(OutboxRow.person),
        _State,
        _LeasedBy,
        col(OutboxRow.next_try),
        col(OutboxRow.latest),
    )
    .where(_Id.in_(_Some))
    .with_for_update(skip_locked=True)
)
_STAND = select(*_ATTEMPTED).where(_Id.in_(_Some)).order_by(_Id).with_for_update()
_CHANGE = update(OutboxRow).where(_Id.in_(_Some))
_NO_LEASE = {"leased_by": "", "leased_until": None}
# A card to change stays where it is; a new message goes to where the person is by then.
_FREE = {
    "conversation": case((col(OutboxRow.replaces) == "", ""), else_=col(OutboxRow.conversation)),
    **_NO_LEASE,
}


# Before


def expire(session: Session, now: datetime) -> None:
    """End what is too late to be worth sending. What may have come is not said to be lost."""
    # What another copy holds is ended there: waiting for each other, two could stand still.
    late = select(_Id).where(_State == "venter", col(OutboxRow.latest) < now)
    ids = _ids(session, late.with_for_update(skip_locked=True))
    state = case((col(OutboxRow.unknowns) > 0, "ukjent"), else_="utløpt")
    _change(session, ids, state=state, settled=now, **_NO_LEASE)


def lease(
    session: Session, now: datetime, *, limit: int, worker: str, until: datetime, local: bool
) -> list[int]:
    """Take what is due for this worker, the longest due first; nobody else takes it meanwhile.

    What it has taken before and not attempted is taken again. One whose person has no conversation
    with the bot installed keeps waiting. With `local`, whoever acts as a person is that person.
    """
    ended = or_(col(OutboxRow.leased_until).is_(None), col(OutboxRow.leased_until) <= now)
    free = or_(ended, _LeasedBy == worker)
    due = (
        select(_Id)
        .where(_State == "venter", col(OutboxRow.next_try) <= now, free, can_be_reached(local))
        .order_by(col(OutboxRow.next_try), _Id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = _ids(session, due)
    _change(session, ids, leased_by=worker, leased_until=until)
    return ids


def release(session: Session, worker: str) -> None:
    """Give back what this worker has leased and not begun to send."""
    mine = select(_Id).where(_State == "venter", _LeasedBy == worker).order_by(_Id)
    _change(session, _ids(session, mine.with_for_update()), **_NO_LEASE)


def take(
    session: Session, ids: Sequence[int], now: datetime, *, worker: str, local: bool
) -> list[Waiting]:
    """Those of these that are still to be sent by this worker, locked, in the order given.

    What was called off, put off or taken by another since it was leased is left out.
    """
    rows = [
        row
        for row in session.connection().execute(_WANTED, {"some": list(ids)})
        if (row.state, row.leased_by) == ("venter", worker) and row.next_try <= now <= row.latest
    ]
    if not rows:
        return []
    these = {"some": [row.id for row in rows], "people": list({row.person for row in rows})}
    taken = [Waiting(*row) for row in session.connection().execute(_targets(local), these)]
    return sorted(taken, key=lambda waiting: ids.index(waiting.id))


def mark_attempt(session: Session, waiting: Waiting, at: datetime) -> int:
    """Note that it is being sent from `at` on; gives the number of the attempt."""
    attempt = waiting.attempts + 1
    _change(
        session,
        [waiting.id],
        state="sendes",
        attempted=at,
        attempts=attempt,
        conversation=waiting.conversation,
    )
    return attempt


def put_off(session: Session, id: int, until: datetime) -> None:
    """Let it wait until then; anybody may take it."""
    _change(session, [id], next_try=until, **_NO_LEASE)


def drop(
    session: Session, id: int, now: datetime, state: Literal["avlyst", "feilet"], problem: str = ""
) -> None:
    """It isn't worth sending, or can't be written: that counts as tried, and isn't done again."""
    _change(session, [id], state=state, attempted=now, settled=now, problem=problem, **_NO_LEASE)


# After


def attempts_cut_off(session: Session, before: datetime) -> list[Attempted]:
    """What nobody has ended since `before`, locked: whoever sent it was stopped in the middle."""
    cut_off = select(*_ATTEMPTED).where(_State == "sendes", _Attempted < before).order_by(_Id)
    return _attempted(session, cut_off.with_for_update(skip_locked=True))


def lock_attempts(session: Session, ids: Collection[int]) -> dict[int, Attempted]:
    """How these stand now, locked, by id."""
    rows = session.connection().execute(_STAND, {"some": list(ids)})
    return {row[0]: Attempted(*row) for row in rows}


def end_attempt(
    session: Session,
    id: int,
    state: State,
    now: datetime,
    *,
    unknown: bool = False,
    next_try: datetime | None = None,
    problem: str = "",
    sent: str = "",
) -> None:
    """Note how an attempt went; `sent` is the id of the activity that it became."""
    values: dict[str, Any] = {"state": state, "problem": problem, "sent": sent}
    if unknown:
        values["unknowns"] = col(OutboxRow.unknowns) + 1
    if state == "venter":
        values |= {"next_try": next_try or now, "settled": None, **_FREE}
    else:
        values |= {"settled": now, **_NO_LEASE}
    _change(session, [id], **values)


def undo_attempt(session: Session, attempted: Attempted) -> None:
    """Nothing was posted: it waits as before, and this attempt isn't counted."""
    attempts = attempted.attempts - 1
    first = {"attempted": None} if attempts == 0 else {}
    state = "avlyst" if attempted.called_off else "venter"
    values = {"state": state, "attempts": attempts, "settled": None}
    _change(session, [attempted.id], **values, **first, **_FREE)


def lose_conversation(session: Session, conversation: str) -> None:
    """The person can't be written to here before the app is installed again."""
    this = update(Conversation).where(col(Conversation.id) == conversation)
    session.connection().execute(this.values(installed=False))


# Where a message goes


def can_be_reached(local: bool) -> Any:
    """The conversation that was given, or any of the person's, has the bot installed."""
    # Both in lower case, though a key always is: SQLite takes its index for nothing else.
    theirs = func.lower(col(Conversation.sender)) == func.lower(col(OutboxRow.person))
    if local:
        theirs = or_(theirs, col(Conversation.acting_as) == col(OutboxRow.person))
    given = col(OutboxRow.conversation) != ""
    return or_(
        given
        & exists().where(
            col(Conversation.id) == col(OutboxRow.conversation), col(Conversation.installed)
        ),
        ~given & exists().where(theirs, col(Conversation.installed)),
    )


@cache
def _targets(local: bool) -> Any:
    """`some` messages to `people`, each with the conversation that it goes to."""
    newest = _newest_conversations(local).subquery()
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
            col(OutboxRow.attempts),
            col(OutboxRow.latest),
        )
        .select_from(OutboxRow)
        .outerjoin(newest, newest.c.person == col(OutboxRow.person))
        .join(Conversation, col(Conversation.id) == target)
        .where(_Id.in_(_Some), col(Conversation.installed))
    )


def _newest_conversations(local: bool) -> Select[Any]:
    """The installed conversation that each of `people` wrote in last: (person, id)."""
    people: BindParameter[Any] = bindparam("people", expanding=True)
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


def _attempted(session: Session, wanted: Any) -> list[Attempted]:
    return [Attempted(*row) for row in session.connection().execute(wanted)]


def _ids(session: Session, wanted: Any) -> list[int]:
    return list(session.connection().execute(wanted).scalars())


def _change(session: Session, ids: Sequence[int], **values: Any) -> None:
    reckoned = {name: one for name, one in values.items() if isinstance(one, ColumnElement)}
    plain = {name: one for name, one in values.items() if name not in reckoned}
    change = _CHANGE.values(**reckoned) if reckoned else _CHANGE
    for at in range(0, len(ids), 500):
        session.connection().execute(change, {"some": list(ids[at : at + 500]), **plain})
