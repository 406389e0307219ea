"""The outbox: messages that wait to be sent, each to one person, each once.

A message is "venter" until it is sent, and "sendes" while that goes on (storage/attempts.py). It
ends as "sendt", "feilet" (it can't succeed), "utløpt" (too late to be worth sending), "avlyst", or
"ukjent": it was sent, and nobody knows whether it came. There is one for each person, reason and
occasion, for ever: queueing the same again never sends it twice.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from storage.tables import OutboxRow

AT_ONCE = 500  # rows in one statement: databases have a limit of what one may carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """A message to queue: sent at `due` or soon after, and no later than `latest`.

    It is composed from `about` when it is sent. `subject` is what it is part of ("meeting:<id>").
    `conversation` and `replaces` (an activity id) are for a sent card that is to be changed.
    """

    person: str
    reason: str
    occasion: str
    about: dict[str, Any]
    due: datetime
    latest: datetime
    subject: str = ""
    conversation: str = ""
    replaces: str = ""

    def __post_init__(self) -> None:
        if self.due.tzinfo is None or self.latest.tzinfo is None:
            raise ValueError("a message's times need a time zone")


@dataclass(frozen=True, slots=True)
class Row:
    """A message and how it stands with it."""

    id: int
    person: str
    reason: str
    occasion: str
    subject: str
    state: str
    problem: str
    about: dict[str, Any]
    due: datetime
    latest: datetime
    settled: datetime | None
    attempts: int
    unknowns: int


_Id = col(OutboxRow.id)
_State = col(OutboxRow.state)
_Person = col(OutboxRow.person)
_Reason = col(OutboxRow.reason)
_Subject = col(OutboxRow.subject)
_KEY = ("person", "reason", "occasion")
_KEY_COLUMNS = [col(getattr(OutboxRow, name)) for name in _KEY]
_PLAN = ("about", "due", "latest", "subject", "conversation", "replaces")
_COLUMNS = [col(getattr(OutboxRow, name)) for name in Row.__dataclass_fields__]

# Nobody holds it, and what held it may not try it again.
_NO_LEASE = {"leased_by": "", "leased_until": None}


# Queueing


def queue(
    session: Session,
    *,
    person: str,
    reason: str,
    occasion: str,
    about: dict[str, Any],
    due: datetime,
    latest: datetime,
    subject: str = "",
    conversation: str = "",
    replaces: str = "",
) -> None:
    """Put a message in the outbox, to be sent at `due` and no later than `latest`.

    The same person, reason and occasion again changes nothing; if the message was called off
    before any attempt to send it, it waits again, as it is now.
    """
    message = Queued(
        person=person,
        reason=reason,
        occasion=occasion,
        about=about,
        due=due,
        latest=latest,
        subject=subject,
        conversation=conversation,
        replaces=replaces,
    )
    queue_all(session, [message])


def queue_all(session: Session, messages: Sequence[Queued]) -> None:
    """Queue many messages at once, each as `queue` does."""
    by_key = {_key(message): message for message in messages}
    # In the order of their keys, so that two copies queueing the same don't wait for each other.
    for some in _batches(sorted(by_key)):
        _insert(session, [by_key[key] for key in some])
        called_off = (
            select(_Id, *_KEY_COLUMNS)
            .where(tuple_(*_KEY_COLUMNS).in_(some), *_called_off())
            .order_by(_Id)
            .with_for_update()
        )
        rows = session.connection().execute(called_off).all()
        _plan_again(session, [(row.id, by_key[tuple(row[1:])]) for row in rows])


def replan(
    session: Session,
    subject: str,
    reasons: Collection[str],
    wanted: Sequence[Queued],
    *,
    person: str | None = None,
) -> None:
    """Make what waits for this subject, with these reasons (and to this person), equal to `wanted`.

    What has been attempted keeps its time, and what is over is not touched: nothing is sent twice,
    however often this is called. What was called off without an attempt is revived.
    """
    by_key = {_key(message): message for message in wanted}
    rows = _locked(session, subject, reasons, person)
    unwanted, changed = [], []
    for row in rows:
        message = by_key.pop((row.person, row.reason, row.occasion), None)
        if message is None:
            unwanted.append(row.id)
        elif row.state == "avlyst" and row.attempted is None:
            changed.append((row.id, message))
        elif row.state == "venter" and any(
            getattr(row, name) != getattr(message, name) for name in _PLAN
        ):
            if row.due == message.due or row.attempts:
                _change(session, row, message)
            else:
                changed.append((row.id, message))
    _call_off(session, unwanted)
    _plan_again(session, changed)
    queue_all(session, list(by_key.values()))


def cancel(
    session: Session,
    *,
    reason: str,
    occasion: str | None = None,
    person: str | None = None,
    subject: str | None = None,
) -> int:
    """Call off what waits for this reason, occasion, person and subject; says how many messages.

    One that is being sent at this moment is not tried again if it isn't taken.
    """
    wanted = select(_Id, _State).where(_State.in_(["venter", "sendes"]), _Reason == reason)
    for column, value in (
        (col(OutboxRow.occasion), occasion),
        (_Person, person),
        (_Subject, subject),
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    rows = session.connection().execute(wanted.order_by(_Id).with_for_update()).all()
    _call_off(session, [row.id for row in rows])
    return sum(row.state == "venter" for row in rows)


def send_again(session: Session, id: int, now: datetime, latest: datetime) -> bool:
    """Let a message that nobody knows the fate of wait again; False if it is known by now."""
    unknown = update(OutboxRow).where(_Id == id, _State == "ukjent")
    again = unknown.values(
        state="venter", next_try=now, latest=latest, settled=None, problem="", **_NO_LEASE
    )
    return session.connection().execute(again).rowcount == 1


# Looking


def rows_of(session: Session, subject: str, *, person: str | None = None) -> list[Row]:
    """The messages of a subject (to this person), in the order they are due."""
    wanted = select(*_COLUMNS).where(_Subject == subject)
    if person is not None:
        wanted = wanted.where(_Person == person)
    return _rows(session, wanted)


def rows_of_person(session: Session, person: str, reasons: Collection[str]) -> list[Row]:
    """The messages to a person with these reasons, in the order they are due."""
    return _rows(session, select(*_COLUMNS).where(_Person == person, _Reason.in_(list(reasons))))


def lock_waiting(session: Session, people: Collection[str], reason: str) -> set[str]:
    """Those of these people for whom a message with this reason waits; it does so until our commit.

    So what is committed now is there when the message is composed.
    """
    waiting = select(_Person).where(
        _Person.in_(list(people)), _Reason == reason, _State == "venter"
    )
    rows = session.connection().execute(waiting.order_by(_Id).with_for_update())
    return set(rows.scalars())


def _rows(session: Session, wanted: Any) -> list[Row]:
    ordered = wanted.order_by(col(OutboxRow.due), _Id)
    return [Row(*row) for row in session.connection().execute(ordered)]


def _locked(
    session: Session, subject: str, reasons: Collection[str], person: str | None
) -> Sequence[Any]:
    names = ("id", "state", "attempted", "attempts", "next_try", *_KEY, *_PLAN)
    wanted = select(*(col(getattr(OutboxRow, name)) for name in names)).where(
        _Subject == subject, _Reason.in_(list(reasons))
    )
    if person is not None:
        wanted = wanted.where(_Person == person)
    return session.connection().execute(wanted.order_by(_Id).with_for_update()).all()


def _insert(session: Session, messages: Sequence[Queued]) -> None:
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    new = {"attempts": 0, "unknowns": 0, "problem": "", "sent": "", **_NO_LEASE}
    values = [
        {name: getattr(message, name) for name in (*_KEY, *_PLAN)} | new | _waiting(message)
        for message in messages
    ]
    connection.execute(insert(OutboxRow).on_conflict_do_nothing(), values)


def _plan_again(session: Session, changed: Sequence[tuple[int, Queued]]) -> None:
    """These wait anew, as they now are."""
    if not changed:
        return
    values = [
        {name: getattr(message, name) for name in _PLAN} | _waiting(message) | {"row": id}
        for id, message in changed
    ]
    anew = update(OutboxRow).where(_Id == bindparam("row")).values(settled=None, **_NO_LEASE)
    session.connection().execute(anew, values)


def _change(session: Session, row: Any, message: Queued) -> None:
    """What has been tried, or put off until later, is not hurried by a new plan."""
    values: dict[str, Any] = {name: getattr(message, name) for name in _PLAN}
    values["next_try"] = max(row.next_try, message.due)
    session.connection().execute(update(OutboxRow).where(_Id == row.id).values(values))


def _call_off(session: Session, ids: Iterable[int]) -> None:
    for some in _batches(ids):
        these = update(OutboxRow).where(_Id.in_(some))
        waiting = these.where(_State == "venter").values(state="avlyst", **_NO_LEASE)
        sending = these.where(_State == "sendes").values(**_NO_LEASE)
        session.connection().execute(sending)
        session.connection().execute(waiting)


def _called_off() -> tuple[Any, ...]:
    """Called off before any attempt. One that turned out not to be worth sending has had one."""
    return (_State == "avlyst", col(OutboxRow.attempted).is_(None))


def _waiting(message: Queued) -> dict[str, Any]:
    return {"state": "venter", "next_try": message.due}


def _key(message: Queued) -> tuple[str, ...]:
    return (message.person, message.reason, message.occasion)


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while some := list(islice(rest, AT_ONCE)):
        yield some
