"""The tick: what is due is claimed, attempted at its pace, and sent. At night the house is kept.

APScheduler only ticks: what is due stands in the outbox. The clock's own loop does the work, so a
tick never comes too late and never comes on top of another. No fault of the database ends it: it
tries again at the next tick, and what was sent while the database was gone is kept in memory until
that can be written down.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from dialogs.notices import Outcome, Outgoing
from dialogs.outgoing import Ended, Taken

log = logging.getLogger("kvalitetsbot.clock")

EVERY = 1.0
# Small, so that on SQLite, which has one writer at a time, no answer in the chat waits for long.
BATCH = 5
AT_ONCE = 60
SETTLED_AT_ONCE = 10
AFTER_A_FAULT = 1.0
LONGEST_PAUSE = 1.0
# A send takes at most this long; a stop waits for it.
STOP_TIMEOUT = 18.0
LAST_TRIES = 3
NIGHT = {"hour": 3, "minute": 10, "timezone": ZoneInfo("Europe/Oslo")}  # once a night, all year
HOUSE_PAUSE = 60.0
LOOK_EVERY = 2.0

Result = TypeVar("Result")

# Sends one message when the callable still allows it; None when nothing was posted.
Send = Callable[[Outgoing, Callable[[], bool]], Awaitable[Outcome | None]]


class Outbox(Protocol):
    """What the clock needs of dialogs/outgoing.py. All of it blocks; it runs in threads."""

    def claim(self, now: datetime) -> list[int]: ...

    def attempt(self, ids: Sequence[int], now: datetime) -> Taken: ...

    def settle(self, ended: Sequence[Ended], now: datetime) -> None: ...

    def release(self) -> None: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


class Clock:
    """Sends what is due, from `start` until `stop`."""

    def __init__(
        self,
        outbox: Outbox,
        send: Send,
        *,
        keep_house: Callable[[], None] | None = None,
        look: Callable[[], None] | None = None,
        now: Callable[[], datetime] = utc_now,
        at_once: int = AT_ONCE,
        batch: int = BATCH,
        every: float = EVERY,
    ) -> None:
        self._outbox = outbox
        self._send = send
        self._keep_house = keep_house
        self._look = look  # for what other copies have changed
        self._now = now
        self._at_once = at_once
        self._batch = batch
        self._every = every
        self._closed_until: datetime | None = None  # the gate: Teams asked everybody to wait
        self._ticked = time.monotonic()  # when it last went on with what is due
        self._begun: dict[tuple[int, int], float] = {}  # sends that are not written down yet
        self._ended: deque[Ended] = deque()
        self._sending: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake, self._settle_now = asyncio.Event(), asyncio.Event()
        self._room, self._stopping = asyncio.Event(), asyncio.Event()
        # Their own threads, so that what has been sent is noted while more is being taken.
        self._taker = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._noter = ThreadPoolExecutor(1, thread_name_prefix="outcome")

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        once = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._scheduler.add_job(self._tick, "interval", seconds=self._every, **once)
        self._begin(self._take_again_and_again())
        self._begin(self._settle_again_and_again())
        if self._keep_house is not None:
            self._scheduler.add_job(self._begin_keeping_house, "cron", **NIGHT, **once)
            self._begin(self._keep_house_until_done(self._keep_house))
        if self._look is not None:
            self._begin(self._look_again_and_again(self._look))
        self._wake.set()
        self._scheduler.start()

    def since_tick(self) -> float:
        """Seconds since it last saw to what is due."""
        return time.monotonic() - self._ticked

    def longest_send(self) -> float:
        """For how many seconds the longest of what is being sent has been so; 0 for nothing.

        It is being sent until what became of it is written down.
        """
        return time.monotonic() - min(self._begun.values()) if self._begun else 0.0

    async def stop(self) -> None:
        """End what is being sent, and give back the rest."""
        self._stopping.set()
        for event in (self._wake, self._settle_now, self._room):
            event.set()
        self._scheduler.shutdown(wait=False)
        await asyncio.wait(set(self._tasks), timeout=STOP_TIMEOUT)
        await self._settle_what_is_left()
        try:
            await self._in(self._taker, self._outbox.release)
        except Exception as error:  # then the leases run out
            _log_fault("outbox_not_released", error)
        self._taker.shutdown(wait=False)
        self._noter.shutdown(wait=False)

    # Ticking. Coroutines, since the scheduler runs anything else in a thread.

    async def _tick(self) -> None:
        self._wake.set()

    async def _begin_keeping_house(self) -> None:
        if self._keep_house is not None:
            self._begin(self._keep_house_until_done(self._keep_house))

    async def _keep_house_until_done(self, keep_house: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(keep_house)
            except Exception as error:
                _log_fault("house_not_kept", error)
                await self._pause(HOUSE_PAUSE)
            else:
                return

    async def _look_again_and_again(self, look: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                await asyncio.to_thread(look)
            except Exception as error:
                _log_fault("look_failed", error)
            await self._pause(LOOK_EVERY)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # Taking

    async def _take_again_and_again(self) -> None:
        while not self._stopping.is_set():
            await self._wake.wait()
            self._wake.clear()
            self._ticked = time.monotonic()
            try:
                await self._take_all()
            except Exception as error:
                _log_fault("outbox_failed", error)
                await self._pause(AFTER_A_FAULT)
        while self._sending:
            await asyncio.wait(set(self._sending))

    async def _take_all(self) -> None:
        """Until nothing is due, or what is due can't be had."""
        before: list[int] = []
        while not self._stopping.is_set():
            ids = await self._in(self._taker, self._outbox.claim, self._now())
            if not ids or ids == before:  # others hold them; at the next tick they may be done
                return
            before, waiting = ids, deque(ids)
            while waiting and not self._stopping.is_set():
                await self._take_some(waiting)

    async def _take_some(self, ids: deque[int]) -> None:
        """Begin to send the first of these."""
        self._ticked = time.monotonic()
        if len(self._sending) >= self._at_once:
            self._room.clear()
            await self._room.wait()
            return
        if self._closed_until is not None and self._is_closed():
            await self._pause_until(self._closed_until)
            return
        most = min(len(ids), self._batch, self._at_once - len(self._sending))
        some = [ids.popleft() for _ in range(most)]
        taken = await self._in(self._taker, self._outbox.attempt, some, self._now())
        for outgoing in taken.outgoing:
            self._begun[outgoing.id, outgoing.attempt] = time.monotonic()
            task = asyncio.create_task(self._send_at_its_time(outgoing))
            self._sending.add(task)
            task.add_done_callback(self._sent)
        ids.extendleft(reversed(taken.left))
        if taken.again is not None:
            await self._pause_until(taken.again)

    # Sending

    async def _send_at_its_time(self, outgoing: Outgoing) -> None:
        outcome: Outcome | None = Outcome("unknown", problem="avbrutt")
        try:
            await self._pause_until(outgoing.send_at)
            may_post = partial(self._may_post, outgoing.latest)
            outcome = await self._send(outgoing, may_post) if may_post() else None
        except Exception as error:
            outcome = Outcome("unknown", problem=type(error).__name__)
            _log_fault("send_failed", error)
        finally:
            if outcome is not None and outcome.wait:
                self._close_for(outcome.wait)
            self._ended.append(Ended(outgoing, outcome))
            self._settle_now.set()

    def _close_for(self, seconds: float) -> None:
        """Our own gate closes at once; that of all copies when the outcome is written down."""
        until = self._now() + timedelta(seconds=seconds)
        self._closed_until = max(until, self._closed_until or until)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._room.set()

    def _may_post(self, latest: datetime) -> bool:
        return not (self._stopping.is_set() or self._is_closed() or self._now() > latest)

    def _is_closed(self) -> bool:
        return self._closed_until is not None and self._now() < self._closed_until

    # What became of it

    async def _settle_again_and_again(self) -> None:
        while not self._stopping.is_set() or self._sending:
            await self._settle_now.wait()
            self._settle_now.clear()
            await self._settle_all()

    async def _settle_all(self) -> None:
        """One by one after a fault: if only one of them can't be written, it stops no other."""
        size = SETTLED_AT_ONCE
        while self._ended:
            some = [self._ended.popleft() for _ in range(min(size, len(self._ended)))]
            try:
                await self._in(self._noter, self._outbox.settle, some, self._now())
            except Exception as error:
                _log_fault("outbox_not_settled", error)
                self._ended.extend(some)
                size = 1
                if self._stopping.is_set():
                    break
                await self._pause(AFTER_A_FAULT)
            else:
                for one in some:
                    self._begun.pop((one.outgoing.id, one.outgoing.attempt), None)

    async def _settle_what_is_left(self) -> None:
        """At a stop. What can't be written down is taken for cut off by whoever comes after."""
        for _ in range(LAST_TRIES):
            await self._settle_all()
            if not self._ended:
                return
            await asyncio.sleep(AFTER_A_FAULT)
        log.error("action=outcomes_lost count=%d", len(self._ended))

    # Waiting

    async def _pause_until(self, moment: datetime) -> None:
        seconds = (moment - self._now()).total_seconds()
        await self._pause(min(seconds, LONGEST_PAUSE))

    async def _pause(self, seconds: float) -> None:
        """Shorter when the clock is stopped."""
        if seconds > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _in(
        self, thread: ThreadPoolExecutor, function: Callable[..., Result], *arguments: Any
    ) -> Result:
        return await asyncio.get_running_loop().run_in_executor(thread, function, *arguments)


def _log_fault(action: str, error: Exception) -> None:
    # Not the error's own words: they may quote a person.
    log.error("action=%s error=%s", action, type(error).__name__)
