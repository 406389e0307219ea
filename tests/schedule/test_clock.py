"""The clock: what is due is sent at its time, and no fault of the database loses or doubles it."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import schedule.clock
from dialogs.messages import TextReply
from dialogs.notices import Outcome, Outgoing
from dialogs.outgoing import Ended, Taken
from schedule.clock import NIGHT, Clock, Send

pytestmark = pytest.mark.asyncio

PATIENCE = 10  # seconds; nothing here takes nearly as long
SENT = Outcome("sent")


def now() -> datetime:
    return datetime.now(UTC)


def outgoing(id: int, *, seconds: float = 0, latest: float = 3600) -> Outgoing:
    return Outgoing(
        id=id,
        attempt=1,
        conversation=f"chat {id}",
        reference={},
        replaces="",
        reply=TextReply("hei"),
        send_at=now() + timedelta(seconds=seconds),
        latest=now() + timedelta(seconds=latest),
    )


class FakeOutbox:
    """Ids that are due, and what was settled; each of its three ways can be made to fail."""

    def __init__(self, *due: int) -> None:
        self.due = set(due)
        self.settled: list[tuple[int, Outcome | None]] = []
        self.attempts: list[list[int]] = []
        self.released = 0
        self.faults: dict[str, int] = {}  # how many times each is still to fail
        self.make: Callable[[int], Outgoing] = outgoing
        self.put_back_waits = False
        self._changed = threading.Condition()

    def claim(self, when: datetime) -> list[int]:
        self._fail("claim")
        with self._changed:
            return sorted(self.due)

    def attempt(self, ids: Sequence[int], when: datetime) -> Taken:
        self._fail("attempt")
        with self._changed:
            self.attempts.append(list(ids))
            self.due -= set(ids)
            self._changed.notify_all()
        return Taken([self.make(id) for id in ids], [])

    def settle(self, ended: Sequence[Ended], when: datetime) -> None:
        self._fail("settle")
        with self._changed:
            for one in ended:
                self.settled.append((one.outgoing.id, one.outcome))
                if one.outcome is None and not self.put_back_waits:
                    self.due.add(one.outgoing.id)
            self._changed.notify_all()

    def release(self) -> None:
        self.released += 1

    def _fail(self, what: str) -> None:
        with self._changed:
            left = self.faults.get(what, 0)
            self.faults[what] = left - 1
            self._changed.notify_all()
        if left > 0:
            raise OSError("the database is gone")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until this is so; looked at whenever something has happened."""

        def wait() -> bool:
            with self._changed:
                return self._changed.wait_for(condition, PATIENCE)

        assert await asyncio.to_thread(wait)

    def ids(self, outcome: Outcome | None = SENT) -> list[int]:
        return sorted(id for id, found in self.settled if found == outcome)


@contextlib.asynccontextmanager
async def running(
    outbox: FakeOutbox, send: Send, keep_house: Callable[[], None] | None = None, **more: Any
) -> AsyncIterator[Clock]:
    clock = Clock(outbox, send, keep_house=keep_house, every=0.05, **more)
    clock.start()
    try:
        yield clock
    finally:
        async with asyncio.timeout(PATIENCE):
            await clock.stop()


async def sent(outgoing: Outgoing, allowed: Callable[[], bool]) -> Outcome | None:
    return SENT if allowed() else None


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AFTER_A_FAULT", "HOUSE_PAUSE", "LOOK_EVERY"):
        monkeypatch.setattr(schedule.clock, name, 0.02)


async def test_what_is_due_is_sent_in_small_batches_and_settled() -> None:
    outbox = FakeOutbox(*range(12))
    async with running(outbox, sent, batch=5):
        await outbox.until(lambda: len(outbox.settled) == 12)
    assert outbox.ids() == list(range(12))
    assert [len(some) for some in outbox.attempts] == [5, 5, 2]
    assert outbox.released == 1


async def test_what_becomes_due_later_is_sent_at_a_later_tick() -> None:
    outbox = FakeOutbox()
    async with running(outbox, sent):
        await outbox.until(lambda: outbox.faults.get("claim", 0) < -1)
        outbox.due.add(7)
        await outbox.until(lambda: outbox.ids() == [7])


async def test_nothing_is_sent_before_its_place() -> None:
    outbox = FakeOutbox(1)
    outbox.make = lambda id: outgoing(id, seconds=0.2)
    early: list[float] = []

    async def send(one: Outgoing, allowed: Callable[[], bool]) -> Outcome:
        early.append((one.send_at - now()).total_seconds())
        return SENT

    async with running(outbox, send):
        await outbox.until(lambda: outbox.ids() == [1])
    assert early[0] <= 0.005


async def test_no_more_is_sent_at_once_than_there_is_room_for() -> None:
    outbox, go = FakeOutbox(*range(10)), asyncio.Event()
    inside, most = 0, 0

    async def send(one: Outgoing, allowed: Callable[[], bool]) -> Outcome:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        if inside == 3:
            go.set()
        await go.wait()
        inside -= 1
        return SENT

    async with running(outbox, send, at_once=3):
        await outbox.until(lambda: len(outbox.settled) == 10)
    assert most == 3


async def test_one_slow_message_does_not_hold_up_the_others() -> None:
    outbox, go = FakeOutbox(*range(8)), asyncio.Event()

    async def send(one: Outgoing, allowed: Callable[[], bool]) -> Outcome:
        if one.id == 0:
            await go.wait()
        return SENT

    async with running(outbox, send):
        await outbox.until(lambda: outbox.ids() == list(range(1, 8)))
        go.set()
        await outbox.until(lambda: outbox.ids() == list(range(8)))


async def test_a_fault_of_the_sender_is_an_unknown_outcome() -> None:
    outbox = FakeOutbox(1)

    async def send(one: Outgoing, allowed: Callable[[], bool]) -> Outcome:
        raise RuntimeError

    async with running(outbox, send):
        await outbox.until(lambda: len(outbox.settled) == 1)
    assert outbox.settled == [(1, Outcome("unknown", problem="RuntimeError"))]


async def test_what_is_too_late_when_its_turn_comes_is_not_posted() -> None:
    outbox = FakeOutbox(1)
    outbox.put_back_waits = True
    outbox.make = lambda id: outgoing(id, latest=-1)
    async with running(outbox, sent):
        await outbox.until(lambda: len(outbox.settled) == 1)
    assert outbox.settled == [(1, None)]


# Teams asks everybody to wait


async def test_when_teams_asks_us_to_wait_what_is_not_posted_is_put_back() -> None:
    outbox, refused = FakeOutbox(*range(5)), asyncio.Event()
    wait = 0.3
    posted: list[tuple[int, datetime]] = []
    closed = now()

    async def send(one: Outgoing, allowed: Callable[[], bool]) -> Outcome | None:
        nonlocal closed
        if one.id == 0 and not refused.is_set():
            refused.set()
            closed = now()
            return Outcome("refused", problem="429", wait=wait)
        await refused.wait()
        if not allowed():
            return None
        posted.append((one.id, now()))
        return SENT

    async with running(outbox, send):
        await outbox.until(lambda: len(outbox.ids()) == 4)
    assert len(outbox.ids(None)) >= 1
    assert min(when for _, when in posted) >= closed + timedelta(seconds=wait)


# Stopping


async def test_a_stop_ends_what_is_being_sent_and_puts_back_the_rest() -> None:
    outbox, inside, go = FakeOutbox(1, 2), asyncio.Event(), asyncio.Event()
    outbox.put_back_waits = True
    outbox.make = lambda id: outgoing(id, seconds=0 if id == 1 else 3600)

    async def send(one: Outgoing, allowed: Callable[[], bool]) -> Outcome | None:
        assert one.id == 1
        inside.set()
        await go.wait()
        return SENT

    clock = Clock(outbox, send)
    clock.start()
    await inside.wait()
    stopping = asyncio.create_task(clock.stop())
    await outbox.until(lambda: outbox.settled == [(2, None)])
    go.set()
    async with asyncio.timeout(PATIENCE):
        await stopping
    assert outbox.settled == [(2, None), (1, SENT)]
    assert outbox.released == 1


async def test_what_is_taken_during_a_stop_is_put_back() -> None:
    inside, go = threading.Event(), threading.Event()

    class Slow(FakeOutbox):
        def attempt(self, ids: Sequence[int], when: datetime) -> Taken:
            inside.set()
            assert go.wait(PATIENCE)
            return super().attempt(ids, when)

    outbox = Slow(1, 2)
    outbox.put_back_waits = True
    clock = Clock(outbox, sent)
    clock.start()
    await asyncio.to_thread(inside.wait, PATIENCE)
    stopping = asyncio.create_task(clock.stop())
    await asyncio.sleep(0)
    go.set()
    async with asyncio.timeout(PATIENCE):
        await stopping
    assert sorted(outbox.settled, key=lambda one: one[0]) == [(1, None), (2, None)]


async def test_a_stop_before_anything_is_due_is_quick() -> None:
    async with running(FakeOutbox(), sent):
        pass


# Faults of the database


@pytest.mark.parametrize("what", ["claim", "attempt", "settle"])
async def test_a_database_that_is_gone_for_a_while_loses_and_doubles_nothing(what: str) -> None:
    outbox = FakeOutbox(*range(7))
    outbox.faults[what] = 5
    calls: list[int] = []

    async def send(one: Outgoing, allowed: Callable[[], bool]) -> Outcome | None:
        calls.append(one.id)
        return SENT

    async with running(outbox, send):
        await outbox.until(lambda: len(outbox.settled) == 7)
    assert sorted(calls) == outbox.ids() == list(range(7))


async def test_one_outcome_that_can_not_be_written_stops_no_other() -> None:
    class Picky(FakeOutbox):
        refuses = True

        def settle(self, ended: Sequence[Ended], when: datetime) -> None:
            if self.refuses and any(one.outgoing.id == 0 for one in ended):
                raise ValueError
            super().settle(ended, when)

    outbox = Picky(*range(6))
    async with running(outbox, sent):
        await outbox.until(lambda: outbox.ids() == [1, 2, 3, 4, 5])
        outbox.refuses = False
        await outbox.until(lambda: outbox.ids() == list(range(6)))


async def test_what_others_hold_is_not_asked_for_all_the_time() -> None:
    class Held(FakeOutbox):
        def attempt(self, ids: Sequence[int], when: datetime) -> Taken:
            with self._changed:
                self.attempts.append(list(ids))
                self._changed.notify_all()
            return Taken([], [])

    outbox = Held(1)
    clock = Clock(outbox, sent, every=3600)
    clock.start()
    # After this it is only asked for at the next tick, an hour from now.
    await outbox.until(lambda: outbox.faults.get("claim") == -2)
    await clock.stop()
    assert len(outbox.attempts) == 1


# The house


async def test_the_house_is_kept_at_the_start_and_again_until_it_is_done() -> None:
    outbox, done, tries = FakeOutbox(), threading.Event(), [3]

    def keep() -> None:
        tries[0] -= 1
        if tries[0]:
            raise OSError
        done.set()

    async with running(outbox, sent, keep_house=keep):
        assert await asyncio.to_thread(done.wait, PATIENCE)
    assert tries == [0]


async def test_the_house_is_kept_once_every_night_of_the_year() -> None:
    from apscheduler.triggers.cron import CronTrigger

    trigger, when = CronTrigger(**NIGHT), datetime(2026, 1, 1, tzinfo=UTC)
    days: list[str] = []
    for _ in range(3 * 365):
        when = trigger.get_next_fire_time(None, when + timedelta(seconds=1))
        days.append(when.date().isoformat())
    assert len(set(days)) == len(days)
    first, last = datetime.fromisoformat(days[0]), datetime.fromisoformat(days[-1])
    assert (last - first).days == len(days) - 1


async def test_the_clock_looks_again_and_again_one_at_a_time_and_survives_faults() -> None:
    looks, overlaps = 0, 0
    busy, enough = threading.Lock(), threading.Event()

    def look() -> None:
        nonlocal looks, overlaps
        overlaps += busy.locked()
        with busy:
            looks += 1
        if looks > 5:
            enough.set()
        if looks % 2:
            raise OSError("the database is gone")

    outbox = FakeOutbox(1)
    async with running(outbox, sent, look=look):
        assert await asyncio.to_thread(enough.wait, PATIENCE)
        await outbox.until(lambda: outbox.ids() == [1])
    assert overlaps == 0
