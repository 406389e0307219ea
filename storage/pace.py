"""The pace: how fast all copies of the program together may send, and to one conversation.

One row says when the next message may be sent. Whoever sends holds it locked from asking for
places until they are saved, so two copies never get the same place.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert, update
from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.tables import OutboxRow, Pace, Post

EVERYBODY = "tenant"
# Places are given no further ahead: what is given is lost for the others if the program is killed.
AHEAD = timedelta(seconds=0.06)
# A place that nobody took in time may be taken so long after, or each pause would slow the whole.
# Together they let 1.11 seconds' places be used within one: 50 at 45 a second, Microsoft's limit.
BEHIND = timedelta(seconds=0.05)
# A row that says more was written by a clock that went wrong; it must not stand still for hours.
FURTHEST_AHEAD = timedelta(seconds=5)
LOOK_AGAIN = timedelta(seconds=1)
# The network may deliver the first of some messages late and the last of them at once.
SLACK = timedelta(seconds=0.1)


# Written once: they are asked some twenty times a second while much is sent.
_LOCKED = (
    select(col(Pace.next_at), col(Pace.closed_until))
    .where(col(Pace.scope) == EVERYBODY)
    .with_for_update()
)
_These: BindParameter[Any] = bindparam("conversations", expanding=True)
_BUSY = select(col(OutboxRow.conversation)).where(
    col(OutboxRow.state) == "sendes", col(OutboxRow.conversation).in_(_These)
)
_LATELY = (
    select(col(Post.conversation), col(Post.at))
    .where(col(Post.conversation).in_(_These), col(Post.at) > bindparam("since"))
    .order_by(col(Post.at))
)
_MOVE_ON = update(Pace).where(col(Pace.scope) == EVERYBODY)
_POSTED = insert(Post)


@dataclass(frozen=True, slots=True)
class PaceLimits:
    """Messages per second for everybody together, and (messages, seconds) for a conversation."""

    rate: float = 45.0
    per_conversation: tuple[tuple[int, float], ...] = ((7, 1), (8, 2), (60, 30))

    @property
    def longest(self) -> timedelta:
        """How long a message counts."""
        seconds = max((seconds for _, seconds in self.per_conversation), default=0.0)
        return timedelta(seconds=seconds) + SLACK


@dataclass(slots=True)
class OpenPace:
    """The pace while it is locked: gives places, and must be saved."""

    limits: PaceLimits
    now: datetime
    next_at: datetime
    closed_until: datetime | None
    busy: set[str]  # conversations that something is being sent to
    posts: dict[str, list[datetime]]
    given: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def is_closed(self) -> bool:
        return self.closed_until is not None and self.closed_until > self.now

    @property
    def again(self) -> datetime:
        """When there are places again, for several at a time."""
        if self.closed_until is not None and self.is_closed:
            return self.closed_until
        return self.next_at - AHEAD / 2

    @property
    def is_full(self) -> bool:
        return self.is_closed or self.next_at > self.now + AHEAD

    def wait_for(self, conversation: str) -> datetime | None:
        """When it is time to ask again for this conversation; None when it takes a message now."""
        if conversation in self.busy:
            return self.now + LOOK_AGAIN
        moment, again = self._moment(), None
        sent = self.posts.get(conversation, [])
        for most, seconds in self.limits.per_conversation:
            within = timedelta(seconds=seconds) + SLACK
            counted = [at for at in sent if at > moment - within]
            if len(counted) >= most:
                free = counted[-most] + within
                again = max(again or free, free)
        return again

    def give(self, conversation: str) -> datetime:
        """The moment from which a message may be sent to this conversation."""
        moment = self._moment()
        free = max(self.now - BEHIND, self.next_at)
        self.next_at = free + timedelta(seconds=1 / self.limits.rate)
        self.busy.add(conversation)
        self.given.append((conversation, moment))
        return moment

    def _moment(self) -> datetime:
        return max(self.now, self.next_at)


def open_pace(
    session: Session, now: datetime, limits: PaceLimits, conversations: Iterable[str]
) -> OpenPace:
    """Lock the pace, and see what goes on in these conversations."""
    connection = session.connection()
    row = connection.execute(_LOCKED).first()
    if row is None:
        insert_if_absent(session, Pace, {"scope": EVERYBODY, "next_at": now})
        row = connection.execute(_LOCKED).one()
    next_at = row.next_at if row.next_at <= now + FURTHEST_AHEAD else now
    some = list(conversations)
    # Only what is asked after the lock is held shows what the other copies have done.
    busy = set(connection.execute(_BUSY, {"conversations": some}).scalars())
    posts: dict[str, list[datetime]] = defaultdict(list)
    lately = {"conversations": some, "since": now - limits.longest}
    for conversation, at in connection.execute(_LATELY, lately):
        posts[conversation].append(at)
    return OpenPace(limits, now, next_at, row.closed_until, busy, posts)


def save_pace(session: Session, pace: OpenPace) -> None:
    """Note the places that were given."""
    if not pace.given:
        return
    connection = session.connection()
    connection.execute(_MOVE_ON, {"next_at": pace.next_at})
    connection.execute(_POSTED, [{"conversation": c, "at": at} for c, at in pace.given])


def forget_posts(session: Session, now: datetime, limits: PaceLimits) -> None:
    """Delete what doesn't count any more."""
    session.connection().execute(delete(Post).where(col(Post.at) < now - 2 * limits.longest))


def close_pace(session: Session, now: datetime, until: datetime) -> None:
    """Nobody sends anything before `until`: Teams asked us to wait."""
    insert_if_absent(session, Pace, {"scope": EVERYBODY, "next_at": now})
    everybody = update(Pace).where(col(Pace.scope) == EVERYBODY)
    connection = session.connection()
    longer = (col(Pace.closed_until).is_(None)) | (col(Pace.closed_until) < until)
    connection.execute(everybody.where(longer).values(closed_until=until))
