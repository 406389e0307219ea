"""A Bot Connector that fails as the real one does, and remembers every post it got."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.faults.waiting import PATIENCE, NotInTime


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The share of posts that go wrong in each way, and how long an answer takes."""

    busy: float = 0.0  # 429 without a Retry-After
    busy_for: float = 0.0  # 429 with a Retry-After of `wait` seconds
    wait: int = 1
    away: float = 0.0  # 503
    shown_but_502: float = 0.0  # the person has got it, and we are told that the gateway failed
    latency: float = 0.0


NO_FAULTS = Faults()
AS_IN_THE_ISSUE = Faults(busy=0.05, away=0.02, shown_but_502=0.01, latency=0.01)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a post: its answer, and whether the person was shown it."""

    status: int
    shown: bool
    retry_after: int | None = None


@dataclass(slots=True)
class Post:
    """One request: what it carried, when it came, and what became of it."""

    conversation: str
    occasion: str
    person: str
    worker: str
    arrived: float  # time.monotonic(), as all moments here
    fate: Fate
    answered: float | None = None  # None when whoever sent it was gone before the answer

    @property
    def message(self) -> tuple[str, str]:
        """Which row of the outbox it was: occasion and person."""
        return self.occasion, self.person


class Connector:
    """Takes posts in a thread of its own. What it tells may be read from any thread."""

    def __init__(self, faults: Faults = NO_FAULTS, *, seed: int = 1) -> None:
        self.faults = faults
        self.url = ""
        self.posts: list[Post] = []
        self.copies: Counter[tuple[str, str]] = Counter()  # how often each message was shown
        self.shown_by: Counter[str] = Counter()  # how many messages each worker has sent
        self.ambiguous: set[tuple[str, str]] = set()  # messages shown, and answered 502
        self.two_at_once: list[str] = []  # conversations that got a post before the last was done
        self._random = random.Random(seed)
        self._open: Counter[str] = Counter()
        self._throttled_until = 0.0
        self._throttled_for = 0
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._stopped = asyncio.Event()

    @contextmanager
    def running(self) -> Iterator["Connector"]:
        """Serves on a free port of this machine."""
        started = threading.Event()
        thread = threading.Thread(target=self._run, args=(started,), name="connector")
        thread.start()
        try:
            if not started.wait(PATIENCE):
                raise NotInTime("the connector did not start")
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stopped.set)
            thread.join()

    def throttle_everybody(self, seconds: float, *, retry_after: int) -> float:
        """Answer 429 to all for so long. Returns when that ends."""
        self._throttled_for = retry_after
        self._throttled_until = time.monotonic() + seconds
        return self._throttled_until

    @property
    def shown(self) -> int:
        """How many posts were shown to somebody, copies included."""
        return sum(self.shown_by.values())

    @property
    def duplicates(self) -> int:
        """How many of them the person had got before."""
        return self.shown - len(self.copies)

    def wait_until(self, condition: Callable[[], bool], what: str, patience: float) -> None:
        """Until it holds; it is asked after each post."""
        with self._changed:
            if not self._changed.wait_for(condition, patience):
                raise NotInTime(f"{what}: not within {patience:.0f} s; {self.shown} were shown")

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve(started))
        finally:
            self._loop.close()

    async def _serve(self, started: threading.Event) -> None:
        app = web.Application()
        app.router.add_post("/v3/conversations/{conversation}/activities", self._take)
        app.router.add_put("/v3/conversations/{conversation}/activities/{activity}", self._take)
        # A post of a worker that was killed is over when its connection is.
        runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            started.set()
            await self._stopped.wait()
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        conversation = request.match_info["conversation"]
        if self._open[conversation]:
            self.two_at_once.append(conversation)
        self._open[conversation] += 1
        try:
            post = self._note(conversation, await request.json())
            await asyncio.sleep(self.faults.latency)
            post.answered = time.monotonic()
            return _answer(post.fate, len(self.posts))
        finally:
            self._open[conversation] -= 1

    def _note(self, conversation: str, activity: dict[str, Any]) -> Post:
        occasion, person, worker = activity["text"].split()
        arrived = time.monotonic()
        fate = self._fate(arrived)
        post = Post(conversation, occasion, person, worker, arrived, fate)
        with self._changed:
            self.posts.append(post)
            if fate.shown:
                self.copies[post.message] += 1
                self.shown_by[worker] += 1
                if fate.status == 502:
                    self.ambiguous.add(post.message)
            self._changed.notify_all()
        return post

    def _fate(self, now: float) -> Fate:
        if now < self._throttled_until:
            return Fate(429, shown=False, retry_after=self._throttled_for)
        drawn = self._random.random()
        faults = self.faults
        for share, fate in (
            (faults.busy, Fate(429, shown=False)),
            (faults.busy_for, Fate(429, shown=False, retry_after=faults.wait)),
            (faults.away, Fate(503, shown=False)),
            (faults.shown_but_502, Fate(502, shown=True)),
        ):
            if drawn < share:
                return fate
            drawn -= share
        return Fate(201, shown=True)


def _answer(fate: Fate, number: int) -> web.Response:
    if fate.status == 201:
        return web.json_response({"id": f"activity-{number}"}, status=201)
    headers = {} if fate.retry_after is None else {"Retry-After": str(fate.retry_after)}
    return web.Response(status=fate.status, headers=headers)
