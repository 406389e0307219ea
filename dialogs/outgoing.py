"""The outbox as those see it who send: what is due, each written when it is sent, and how it went.

A message is written in the transaction that marks the attempt, so only what is true at that moment
is sent, and nothing that was called off before it. All of this blocks: doors call it in threads.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Protocol
from uuid import uuid4

from dialogs.messages import Reply
from dialogs.notices import Later, Outcome, Outgoing, Verdict
from storage.attempts import (
    Attempted,
    State,
    Waiting,
    attempts_cut_off,
    drop,
    end_attempt,
    expire,
    lease,
    lock_attempts,
    lose_conversation,
    mark_attempt,
    put_off,
    release,
    take,
    undo_attempt,
)
from storage.database import Database, Session
from storage.pace import OpenPace, PaceLimits, close_pace, forget_posts, open_pace, save_pace

log = logging.getLogger("kvalitetsbot.outbox")

# Longer than a worker needs for what it takes at a time; a dead one's are free after this.
LEASE = timedelta(seconds=30)
# Longer than any attempt takes; after this whoever made it was killed in the middle.
CUT_OFF = timedelta(minutes=2)
LEASED_AT_ONCE = 100
# Seconds. On SQLite nobody else gets at the database meanwhile: people are waiting for answers.
LONGEST_WRITING = 0.01
SOON = timedelta(seconds=1)  # what says "later" is not asked again at once, whatever it says

CUT_OFF_PROBLEM = "avbrutt"
NOT_WRITTEN = "kunne ikke skrives"

# The message in the person's language; None when it isn't worth sending any more.
Compose = Callable[[Session, Waiting], Reply | Later | None]


class Rule(Protocol):
    """What follows an outcome; see schedule/due.py."""

    def __call__(
        self, outcome: Outcome, *, attempts: int, unknowns: int, now: datetime, latest: datetime
    ) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be sent, and what is left: when `again` says, or at once.

    Those asked for that are in neither are not to be sent by us any more.
    """

    outgoing: list[Outgoing]
    left: list[int]
    again: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went with something taken. No outcome: nothing was posted, it can wait as before."""

    outgoing: Outgoing
    outcome: Outcome | None


class Outbox:
    """The outbox as one copy of the program, `worker`, works on it."""

    def __init__(
        self,
        database: Database,
        compose: Compose,
        *,
        rule: Rule,
        limits: PaceLimits | None = None,
        local: bool = False,
        worker: str | None = None,
        lease: timedelta = LEASE,
        cut_off: timedelta = CUT_OFF,
    ) -> None:
        self._database = database
        self._compose = compose
        self._rule = rule
        self._limits = limits or PaceLimits()
        self._local = local
        self._worker = worker or uuid4().hex
        self._lease = lease
        self._cut_off = cut_off

    def claim(self, now: datetime, limit: int = LEASED_AT_ONCE) -> list[int]:
        """Take what is due, to be attempted by us within the lease; and end what is over."""
        with self._database.transaction() as session:
            expire(session, now)
            forget_posts(session, now, self._limits)
            for attempted in attempts_cut_off(session, now - self._cut_off):
                outcome = Outcome("unknown", problem=CUT_OFF_PROBLEM)
                self._end(session, attempted, outcome, now)
            return lease(
                session,
                now,
                limit=limit,
                worker=self._worker,
                until=now + self._lease,
                local=self._local,
            )

    def attempt(self, ids: Sequence[int], now: datetime) -> Taken:
        """Mark attempts of those that may be sent now, and write them. Each must be `settle`d."""
        with self._database.transaction() as session:
            waiting = take(session, ids, now, worker=self._worker, local=self._local)
            if not waiting:
                return Taken([], [])
            pace = open_pace(session, now, self._limits, {one.conversation for one in waiting})
            outgoing: list[Outgoing] = []
            left: list[int] = []
            until = perf_counter() + LONGEST_WRITING
            for one in waiting:
                if pace.is_full or (outgoing and perf_counter() > until):
                    left.append(one.id)
                elif taken := self._attempt(session, one, pace):
                    outgoing.append(taken)
            save_pace(session, pace)
            return Taken(outgoing, left, pace.again if left and pace.is_full else None)

    def settle(self, ended: Sequence[Ended], now: datetime) -> None:
        """Write down how it went."""
        with self._database.transaction() as session:
            rows = lock_attempts(session, {one.outgoing.id for one in ended})
            for one in ended:
                row = rows.get(one.outgoing.id)
                if row is not None:
                    self._settle(session, one, row, now)
            waits = [one.outcome.wait for one in ended if one.outcome and one.outcome.wait]
            if waits:
                close_pace(session, now, now + timedelta(seconds=max(waits)))

    def release(self) -> None:
        """Give back what we have claimed and not attempted."""
        with self._database.transaction() as session:
            release(session, self._worker)

    def _attempt(self, session: Session, waiting: Waiting, pace: OpenPace) -> Outgoing | None:
        wait = pace.wait_for(waiting.conversation)
        if wait is not None:
            put_off(session, waiting.id, wait)
            return None
        try:
            with session.begin_nested():
                reply = self._compose(session, waiting)
        except Exception as error:  # one that can't be written must not hold the rest
            log.error("action=compose_failed reason=%s error=%r", waiting.reason, type(error))
            drop(session, waiting.id, pace.now, "feilet", NOT_WRITTEN)
            return None
        if reply is None:
            drop(session, waiting.id, pace.now, "avlyst")
            return None
        if isinstance(reply, Later):
            put_off(session, waiting.id, max(reply.at, pace.now + SOON))
            return None
        at = pace.give(waiting.conversation)
        return Outgoing(
            id=waiting.id,
            attempt=mark_attempt(session, waiting, at),
            conversation=waiting.conversation,
            reference=waiting.reference,
            replaces=waiting.replaces,
            reply=reply,
            send_at=at,
            latest=waiting.latest,
        )

    def _settle(self, session: Session, ended: Ended, row: Attempted, now: datetime) -> None:
        outcome = ended.outcome
        if outcome is not None and outcome.gone:
            lose_conversation(session, ended.outgoing.conversation)
        if outcome is not None and outcome.kind == "sent":
            # However late it is told: what has come is sent, whatever has been thought meanwhile.
            if row.state != "sendt":
                end_attempt(session, row.id, "sendt", now, sent=outcome.sent)
            return
        if row.attempts != ended.outgoing.attempt or row.state not in ("sendes", "ukjent"):
            return  # it was taken to be cut off, and somebody has tried it again
        if outcome is None:
            undo_attempt(session, row)
        else:
            self._end(session, row, outcome, now)

    def _end(self, session: Session, row: Attempted, outcome: Outcome, now: datetime) -> None:
        verdict = self._rule(
            outcome,
            attempts=row.attempts,
            unknowns=row.unknowns,
            now=now,
            latest=row.latest,
        )
        unknown = outcome.kind == "unknown"
        state: State = verdict.state
        if row.called_off and state == "venter":
            state = "ukjent" if unknown else "avlyst"
        end_attempt(
            session,
            row.id,
            state,
            now,
            unknown=unknown and row.state == "sendes",
            next_try=verdict.next_try,
            problem=outcome.problem,
        )
