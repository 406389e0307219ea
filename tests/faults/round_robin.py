"""A reverse proxy before copies of the program: each request to the next of them in turn.

What a copy doesn't take at all (the port is closed) goes to the next. What has been sent to one is
never sent again: when that copy dies, the caller gets 502.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

# Headers of one connection, which are not for the next.
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "te"})
PATIENCE = aiohttp.ClientTimeout(total=60, connect=5)


@dataclass(frozen=True, slots=True)
class CutOff:
    """A request that a copy had taken and didn't answer; moments of time.monotonic()."""

    copy: str
    began: float
    ended: float


class RoundRobin:
    """Serves on a free port of this machine while `running`."""

    def __init__(self, copies: Sequence[str] = ()) -> None:
        self.url = ""
        self.statuses: Counter[int] = Counter()
        self.cut_off: list[CutOff] = []
        self.passed = 0
        self.copies = copies

    @asynccontextmanager
    async def running(self) -> AsyncIterator["RoundRobin"]:
        # A connection for each request: one that is kept may be to a copy that has died since.
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        jar = aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(
            connector=connector, cookie_jar=jar, timeout=PATIENCE, auto_decompress=False
        ) as self._session:
            app = web.Application(client_max_size=1_000_000)
            app.router.add_route("*", "/{rest:.*}", self._pass_on)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
            await runner.setup()
            try:
                await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
                self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                yield self
            finally:
                await runner.cleanup()

    async def _pass_on(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in HOP_BY_HOP]
        answer = await self._ask_next(request, headers, body)
        self.statuses[answer.status] += 1
        return answer

    async def _ask_next(
        self, request: web.Request, headers: list[tuple[str, str]], body: bytes
    ) -> web.Response:
        # Each of them once, whatever other requests do meanwhile.
        first = self.passed % len(self.copies)
        self.passed += 1
        for copy in (*self.copies[first:], *self.copies[:first]):
            began = time.monotonic()
            try:
                async with self._session.request(
                    request.method,
                    copy + request.raw_path,
                    headers=headers,
                    data=body,
                    allow_redirects=False,
                ) as found:
                    kept = [(k, v) for k, v in found.headers.items() if _is_kept(k)]
                    answer = web.Response(status=found.status, body=await found.read())
                    for name, value in kept:
                        answer.headers.add(name, value)
                    return answer
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                continue  # nothing was sent
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.cut_off.append(CutOff(copy, began, time.monotonic()))
                return web.Response(status=502)
        return web.Response(status=503)


def _is_kept(name: str) -> bool:
    return name.lower() not in {*HOP_BY_HOP, "content-length", "date", "server"}
