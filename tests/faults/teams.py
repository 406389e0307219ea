"""Teams as the bot meets it: people who write and press buttons, and a Connector for answers.

Teams sends again, under the same id, what failed or was cut off.
"""

import asyncio
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web

Json = dict[str, Any]

AGAIN_AFTER = 1.0
PATIENCE = aiohttp.ClientTimeout(total=60)
KEPT = 30  # posts of a conversation, the newest


class Connector:
    """Takes what the bot sends, `latency` seconds later."""

    def __init__(self, latency: float = 0.0) -> None:
        self.url = ""
        self.latency = latency
        self.count = 0
        self.posts: defaultdict[str, deque[Json]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._arrived = asyncio.Condition()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Connector"]:
        app = web.Application(client_max_size=1_000_000)
        app.router.add_post("/v3/conversations/{conversation}/activities", self._take)
        app.router.add_put("/v3/conversations/{conversation}/activities/{id}", self._take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
            yield self
        finally:
            await runner.cleanup()

    async def wait_until(self, holds: Callable[[], bool], patience: float = 20) -> None:
        """Until it holds; it is asked after each post."""
        async with asyncio.timeout(patience), self._arrived:
            await self._arrived.wait_for(holds)

    async def _take(self, request: web.Request) -> web.Response:
        post = await request.json()
        self.count += 1
        id = f"sent-{self.count}"
        async with self._arrived:
            self.posts[request.match_info["conversation"]].append({**post, "id": id})
            self._arrived.notify_all()
        if self.latency:
            await asyncio.sleep(self.latency)
        return web.json_response({"id": id}, status=201)


class Teams:
    """Brings the bot what people do. `times` are the seconds of each turn that was answered."""

    def __init__(self, session: aiohttp.ClientSession, bot: str, connector: Connector) -> None:
        self.bot = bot
        self.connector = connector
        self.times: list[tuple[float, float]] = []  # (when it ended, how long it took)
        self.failed: Counter[str] = Counter()  # first tries that were not answered, by status
        self.lost = 0  # not answered the second time either
        self._session = session
        self._numbers = count(1)

    def chat(self, person: str, conversation: str = "") -> "Chat":
        return Chat(self, person, conversation or f"a:{person}")

    def new_id(self) -> str:
        return f"activity-{next(self._numbers)}"

    async def bring(self, activity: Json) -> int:
        """The status of the answer, when need be to the second try; 0 for none."""
        began = time.perf_counter()
        status = await self._post(activity)
        if 200 <= status < 300:
            self.times.append((time.monotonic(), time.perf_counter() - began))
            return status
        self.failed[str(status)] += 1
        await asyncio.sleep(AGAIN_AFTER)
        status = await self._post(activity)
        self.lost += not 200 <= status < 300
        return status

    async def _post(self, activity: Json) -> int:
        try:
            async with self._session.post(
                f"{self.bot}/api/messages", json=activity, timeout=PATIENCE
            ) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0


class Chat:
    """Somebody's conversation with the bot."""

    def __init__(self, teams: Teams, person: str, id: str) -> None:
        self.teams, self.person, self.id = teams, person, id
        self._seen = 0

    async def say(self, text: str, *, id: str = "") -> list[Json]:
        """What was answered; nothing when the answer has gone lost."""
        return await self.send({"text": text}, id=id)

    async def press(self, value: Json, *, id: str = "", **filled: Any) -> list[Json]:
        """A button, by what it carries, with what is filled in on its card."""
        carried = {key: one for key, one in value.items() if key != "msteams"}
        return await self.send({"value": {**carried, **filled}}, id=id)

    async def react(self, about: str, reaction: str, text: str) -> int:
        """A thumb, and what was written in its dialog."""
        value = {
            "actionName": "feedback",
            "actionValue": {"reaction": reaction, "feedback": f'{{"feedbackText": "{text}"}}'},
        }
        fields = {"type": "invoke", "name": "message/submitAction", "value": value}
        return await self.teams.bring({**self._activity(""), **fields, "replyToId": about})

    async def send(self, fields: Json, *, id: str = "") -> list[Json]:
        before = self.newest
        status = await self.teams.bring({**self._activity(id), **fields})
        if status != 200:
            return []
        return [post for post in self.posts if number_of(post) > before]

    @property
    def posts(self) -> list[Json]:
        return list(self.teams.connector.posts[self.id])

    @property
    def newest(self) -> int:
        """The number of the last post."""
        return number_of(self.posts[-1]) if self.posts else 0

    def _activity(self, id: str) -> Json:
        return {
            "type": "message",
            "id": id or self.teams.new_id(),
            "timestamp": "2026-11-22T10:00:00.000Z",
            "serviceUrl": self.teams.connector.url,
            "channelId": "msteams",
            "from": {"id": f"29:{self.person}", "name": "Kari", "aadObjectId": self.person},
            "conversation": {"id": self.id, "conversationType": "personal", "tenantId": "t"},
            "recipient": {"id": "28:bot", "name": "Kvalitetsbot"},
            "textFormat": "plain",
            "locale": "nb-NO",
            "channelData": {"tenant": {"id": "t"}},
        }


def number_of(post: Json) -> int:
    """Which of all posts it was."""
    return int(str(post["id"]).removeprefix("sent-"))


def words(posts: list[Json]) -> str:
    """All that is to be read in them."""
    return "\n".join(_words(post) for post in posts)


def buttons(post: Json) -> dict[str, Json]:
    """What each button of a card carries, by its verb; the last of a verb."""
    return {one["verb"]: one for one in _carried(post) if isinstance(one.get("verb"), str)}


def all_buttons(post: Json) -> list[Json]:
    return [one for one in _carried(post) if isinstance(one.get("verb"), str)]


def inputs(post: Json) -> list[str]:
    """The ids of what can be filled in."""
    return [one["id"] for one in _objects(post) if str(one.get("type", "")).startswith("Input.")]


def choices(post: Json) -> dict[str, list[str]]:
    """What can be chosen, by input."""
    return {
        one["id"]: [choice["value"] for choice in one["choices"]]
        for one in _objects(post)
        if one.get("type") == "Input.ChoiceSet"
    }


def addresses(post: Json) -> list[str]:
    """Where its links lead."""
    return [one["url"] for one in _objects(post) if one.get("type") == "Action.OpenUrl"]


def _carried(post: Json) -> list[Json]:
    return [one["data"] for one in _objects(post) if isinstance(one.get("data"), dict)]


def _words(value: Any) -> str:
    return "\n".join(
        str(one[key])
        for one in _objects(value)
        for key in ("text", "title", "label", "value")
        if isinstance(one.get(key), str)
    )


def _objects(value: Any) -> list[Json]:
    if isinstance(value, dict):
        return [value, *(found for one in value.values() for found in _objects(one))]
    if isinstance(value, list):
        return [found for one in value for found in _objects(one)]
    return []
