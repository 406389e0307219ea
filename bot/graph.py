"""Microsoft Graph on one pooled session: pages, retries and a pace; Microsoft's host only."""

import asyncio
import json
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from yarl import URL

from bot.credentials import NoToken, TokenSource, open_credential
from bot.settings import Settings

log = logging.getLogger("kvalitetsbot.graph")

HOST = "graph.microsoft.com"
BASE = f"https://{HOST}/v1.0"
SCOPE = f"https://{HOST}/.default"

# Far below what Graph takes of an app, so that the kommune's other programs are not slowed down.
PER_SECOND = 10.0
TRIES = 6
FIRST_PAUSE = 0.5
# What Graph asks us to wait when it is busy; longer than this, and we come back another night.
LONGEST_PAUSE = 150.0
TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
RETRIED = frozenset({429, 500, 502, 503, 504})
LARGEST_ANSWER = 20_000_000
MOST_PAGES = 2_000  # of one list; links that lead in a ring must end

FOREIGN_LINK, NO_ANSWER, GARBAGE, NO_TOKEN = "ForeignLink", "NoAnswer", "Garbage", "NoToken"
_EXPIRED = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired"})


class GraphError(Exception):
    """Graph did not do it. `status` is 0 when it gave no answer that could be used."""

    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(f"status={status} code={code or '-'}")
        self.status = status
        self.code = code

    @property
    def is_expired(self) -> bool:
        """The link to the next changes is too old: all must be read again."""
        return self.status == 410 or (self.status >= 400 and self.code.lower() in _EXPIRED)


class Graph:
    """One caller at a time is enough: what is read and installed is paced anyway."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: Callable[[], Awaitable[str]],
        *,
        per_second: float = PER_SECOND,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._token = token
        self._between = 1 / per_second
        self._sleep = sleep
        self._clock = clock
        self._next = 0.0
        self._lock = asyncio.Lock()

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """One object, by its path ("/users/…") or by a link that Graph gave. Raises GraphError."""
        address = path if path.startswith("https:") else f"{BASE}{path}"
        if query:
            address += "?" + urlencode(query, quote_via=quote, safe="$,'")
        return await self._call("GET", address, None)

    async def pages(self, path: str, **query: str) -> AsyncIterator[dict[str, Any]]:
        """The pages of a list, each with its `value`; the last may have "@odata.deltaLink"."""
        link, parameters = path, query
        for _ in range(MOST_PAGES):
            page = await self.get(link, **parameters)
            if not isinstance(page.get("value"), list):
                raise GraphError(0, GARBAGE)
            yield page
            following = page.get("@odata.nextLink")
            if following is None:
                return
            link, parameters = checked_link(following), {}
        raise GraphError(0, "TooManyPages")

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Do something that may be done twice without harm: it is tried again after a fault."""
        return await self._call("POST", f"{BASE}{path}", body)

    async def _call(
        self, method: str, address: str, body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        checked_link(address)  # our token goes with the request, also to a link from the database
        for attempt in range(1, TRIES + 1):
            await self._wait_for_turn()
            try:
                return await self._call_once(method, address, body)
            except _TryAgain as again:
                pause = again.after
                if pause is None:
                    pause = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
                if attempt == TRIES or pause > LONGEST_PAUSE:
                    raise again.error from again
                log.info("action=graph_again attempt=%d status=%d", attempt, again.error.status)
            await self._sleep(pause)
        raise AssertionError("the loop returns or raises")

    async def _call_once(
        self, method: str, address: str, body: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        try:
            headers = {"Authorization": f"Bearer {await self._token()}"}
        except NoToken as error:
            raise GraphError(0, NO_TOKEN) from error
        try:
            async with self._session.request(
                method,
                URL(address, encoded=True),  # what Graph gave is sent back as it was
                json=body,
                headers=headers,
                allow_redirects=False,
                timeout=TIMEOUT,
            ) as response:
                content = await _read(response)
                document = _object(content)
                if response.status < 300:
                    if document is None and content:
                        raise _TryAgain(GraphError(0, GARBAGE))
                    return document or {}
                failed = GraphError(response.status, _code_of(document or {}))
                if response.status in RETRIED:
                    raise _TryAgain(failed, _retry_after(response.headers))
                raise failed
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _TryAgain(GraphError(0, NO_ANSWER)) from error

    async def _wait_for_turn(self) -> None:
        async with self._lock:
            wait = self._next - self._clock()
            if wait > 0:
                await self._sleep(wait)
            self._next = max(self._clock(), self._next) + self._between


class _TryAgain(Exception):
    def __init__(self, error: GraphError, after: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.after = after


@asynccontextmanager
async def open_graph(settings: Settings) -> AsyncIterator[Graph]:
    """A Graph for a while, signed in as the bot."""
    source = TokenSource(lambda: open_credential(settings), scope=SCOPE)
    async with aiohttp.ClientSession() as session:
        try:
            yield Graph(session, source.token)
        finally:
            await source.close()


def checked_link(link: object) -> str:
    """The link, if it leads to Graph; raises GraphError for any other."""
    try:
        parts = urlsplit(link if isinstance(link, str) else "")
        place = (parts.scheme, parts.netloc.lower())
    except ValueError:
        place = ("", "")
    if place != ("https", HOST) or not str(link).startswith(f"{BASE}/"):
        raise GraphError(0, FOREIGN_LINK)
    return str(link)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for some in response.content.iter_any():
        content += some
        if len(content) > LARGEST_ANSWER:
            raise GraphError(0, "TooLarge")
    return bytes(content)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(content) if content else None
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _code_of(document: Mapping[str, Any]) -> str:
    error = document.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code[:60] if isinstance(code, str) and code.replace("_", "").isalnum() else ""


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait. A date, or nonsense, is taken as if nothing was said."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86_400 else None
