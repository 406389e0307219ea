"""/ready: whether this copy can do its work, part by part, and nothing else about it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from aiohttp import web

from storage.watching import DatabaseStand, OutboxStand

log = logging.getLogger("kvalitetsbot.ready")

# However often it is asked, the database is not: anybody may ask.
KEPT_FOR = 1.0
PATIENCE = 3.0
# Seconds. Reminders and deadlines would come at the wrong time.
FURTHEST_APART = 60.0
OLDEST_TICK = 30.0
# Longer than waiting for a turn and posting many parts takes together.
LONGEST_SEND = 120.0

Result = TypeVar("Result")
# Raises, or gives False, when the part can't do its work.
Check = Callable[[], Awaitable[bool]]


class Watched(Protocol):
    """What can be told of the database. It blocks; it runs in threads of its own."""

    def database_stand(self) -> DatabaseStand: ...

    def outbox_stand(self) -> OutboxStand: ...


class Ticking(Protocol):
    """What can be told of the clock; both in seconds."""

    def since_tick(self) -> float: ...

    def longest_send(self) -> float: ...


class Question(Generic[Result]):
    """Something that blocks, asked in a thread of its own; while it hangs it isn't asked again."""

    def __init__(self, ask: Callable[[], Result], patience: float = PATIENCE) -> None:
        self._ask = ask
        self._patience = patience
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="question")
        self._asked: asyncio.Future[Result] | None = None

    async def answer(self) -> Result:
        """Raises TimeoutError when there is none in time, and whatever asking raises."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.get_running_loop().run_in_executor(self._thread, self._ask)
            # What comes when nobody waits any more is no news.
            self._asked.add_done_callback(lambda asked: asked.cancelled() or asked.exception())
        return await asyncio.wait_for(asyncio.shield(self._asked), self._patience)

    def close(self) -> None:
        self._thread.shutdown(wait=False)


class Readiness:
    """Answers /ready. From `stop` on the answer is no, so that a proxy sends people elsewhere."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.is_stopping = False
        self._clock = clock
        self._checks: Mapping[str, Check] = {}
        self._looking: asyncio.Task[dict[str, bool]] | None = None
        self._looked = -KEPT_FOR

    def begin(self, checks: Mapping[str, Check]) -> None:
        """From now on these parts are looked at, by name."""
        self._checks = checks

    def stop(self) -> None:
        self.is_stopping = True

    async def handle(self, request: web.Request) -> web.Response:
        if self.is_stopping:
            return _answer("stopping", {}, 503)
        if self._looking is None or (
            self._looking.done() and self._clock() >= self._looked + KEPT_FOR
        ):
            self._looking = asyncio.create_task(self._look())
        parts = await asyncio.shield(self._looking)
        ready = all(parts.values())
        return _answer("ready" if ready else "not ready", parts, 200 if ready else 503)

    async def _look(self) -> dict[str, bool]:
        found = await asyncio.gather(*(_works(*one) for one in self._checks.items()))
        self._looked = self._clock()
        return dict(zip(self._checks, found, strict=True))


def database_checks(question: Question[DatabaseStand]) -> dict[str, Check]:
    """That it answers, has our tables or newer, and agrees on what time it is."""

    async def database() -> bool:
        await question.answer()
        return True

    async def migrations() -> bool:
        return (await question.answer()).migrated

    async def time_agrees() -> bool:
        return (await question.answer()).apart < FURTHEST_APART

    return {"database": database, "migrations": migrations, "time": time_agrees}


def clock_checks(clock: Ticking) -> dict[str, Check]:
    """That the outbox is looked at, and no send hangs."""

    async def ticks() -> bool:
        return clock.since_tick() < OLDEST_TICK

    async def sends() -> bool:
        return clock.longest_send() < LONGEST_SEND

    return {"clock": ticks, "sender": sends}


def token_check(token: Callable[[], Awaitable[str]]) -> dict[str, Check]:
    """That we have a token for the Bot Connector, or get one."""

    async def has_token() -> bool:
        return bool(await asyncio.wait_for(token(), PATIENCE))

    return {"token": has_token}


async def _works(name: str, check: Check) -> bool:
    problem = "no"
    try:
        if await check():
            return True
    except Exception as error:
        problem = type(error).__name__
    log.warning("action=not_ready part=%s error=%s", name, problem)
    return False


def _answer(status: str, parts: Mapping[str, bool], code: int) -> web.Response:
    told = {name: "ok" if works else "fails" for name, works in parts.items()}
    headers = {"Cache-Control": "no-store"}
    return web.json_response({"status": status, **told}, status=code, headers=headers)
