"""/ready: what it says of each part, how often it asks, and that a stop is told at once."""

import asyncio
import threading
from dataclasses import dataclass

import pytest

from bot.readiness import Question
from bot.web import READINESS
from storage.watching import DatabaseStand, OutboxStand
from tests.bot.fakes import LOCAL, Client, FakeAssistant, serving

pytestmark = pytest.mark.asyncio


WELL_STAND = DatabaseStand(migrated=True, apart=0.2)


@dataclass
class Watched:
    """A database that answers as it is told to."""

    stand: DatabaseStand = WELL_STAND
    error: Exception | None = None
    asked: int = 0

    def database_stand(self) -> DatabaseStand:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.stand

    def outbox_stand(self) -> OutboxStand:
        if self.error is not None:
            raise self.error
        return OutboxStand({"venter": 3, "sendt": 7}, oldest_due=90.5, closed_for=0.0)


@dataclass
class FakeClock:
    tick: float = 0.5
    send: float = 0.0

    def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass

    def since_tick(self) -> float:
        return self.tick

    def longest_send(self) -> float:
        return self.send


async def ready(client: Client) -> tuple[int, dict[str, str]]:
    async with client.session.get(f"{client.url}/ready") as answer:
        return answer.status, await answer.json()


WELL = {"status": "ready", "database": "ok", "migrations": "ok", "time": "ok"}


async def test_all_is_well() -> None:
    clock = FakeClock()
    async with serving(FakeAssistant(), watched=Watched(), clock_for=lambda _: clock) as client:
        told = {**WELL, "clock": "ok", "sender": "ok", "token": "ok"}
        assert await ready(client) == (200, told)


@pytest.mark.parametrize(
    ("watched", "failing"),
    [
        (Watched(error=OSError("passordet er hemmelig")), {"database", "migrations", "time"}),
        (Watched(DatabaseStand(migrated=False, apart=0)), {"migrations"}),
        (Watched(DatabaseStand(migrated=True, apart=61)), {"time"}),
    ],
)
async def test_it_says_which_part_of_the_database_fails_and_not_why(
    watched: Watched, failing: set[str]
) -> None:
    async with serving(FakeAssistant(), settings=LOCAL, watched=watched) as client:
        status, told = await ready(client)
    assert (status, told.pop("status")) == (503, "not ready")
    assert {part for part, state in told.items() if state == "fails"} == failing
    assert set(told.values()) <= {"ok", "fails"}


@pytest.mark.parametrize(
    ("clock", "part"), [(FakeClock(tick=31), "clock"), (FakeClock(send=121), "sender")]
)
async def test_a_clock_that_stands_still_is_not_ready(clock: FakeClock, part: str) -> None:
    async with serving(FakeAssistant(), settings=LOCAL, clock_for=lambda _: clock) as client:
        status, told = await ready(client)
    assert status == 503
    assert told[part] == "fails"


async def test_however_often_it_is_asked_the_database_is_asked_once_a_second() -> None:
    watched = Watched()
    async with serving(FakeAssistant(), settings=LOCAL, watched=watched) as client:
        answers = await asyncio.gather(*(ready(client) for _ in range(50)))
    assert answers == [(200, WELL)] * 50
    assert watched.asked <= 3  # parts share an answer; and the fifty may take a second


async def test_a_copy_that_stops_says_so_at_once_and_lets_go_of_its_connections() -> None:
    watched = Watched()
    async with serving(FakeAssistant(), settings=LOCAL, watched=watched) as client:
        client.app[READINESS].stop()
        async with client.session.get(f"{client.url}/ready") as answer:
            assert (answer.status, await answer.json()) == (503, {"status": "stopping"})
            assert answer.headers["Connection"] == "close"
        assert (await client.say())[0] == 200  # until its port is closed, it works
    assert watched.asked == 0


async def test_what_hangs_is_not_asked_again_and_holds_up_nobody() -> None:
    answered, asked = threading.Event(), 0

    def hang() -> str:
        nonlocal asked
        asked += 1
        answered.wait(5)
        return "endelig"

    question = Question(hang, patience=0.3)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await question.answer()
    assert asked == 1
    answered.set()
    assert await question.answer() == "endelig"
    question.close()
