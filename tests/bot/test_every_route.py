"""Whatever is sent to any route, by anybody, the bot answers without a fault of its own.

The routes are those of the router, so a new one is here too. Visitors are a rektor, a fagrådgiver,
somebody with a forged cookie, and nobody. `make test-faults` asks each route 500 times.
"""

import asyncio
import json
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
import pytest
from aiohttp import web
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from yarl import URL

from bot.pages.html import CSRF, FIELD, FROM, PRESSED, PRESSED_ALONE
from bot.pages.visits import Visits, digest
from bot.settings import Settings
from bot.web import build_app
from dialogs.assistant import VERBS, Assistant
from dialogs.browser import FILES, PAGES
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from knowledge.library import Library
from storage.database import Database
from storage.demo_people import load_demo_people
from storage.page_logins import add_session
from storage.people import list_people

SECRET = "hemmelig"
LOCAL = Settings(local=True)
OURS = "http://localhost:3978"  # where a form of the page comes from
SECRETS = {"rektor": "en-rektor", "fagrådgiver": "en-fagrådgiver"}
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH")

TEXTS = st.text(max_size=40) | st.sampled_from(["æøå", "../..", "%00", "x" * 2_000, "\u202e", "0"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
IDS = st.sampled_from(["a" * 32, "1", "", "b" * 48])
BUTTONS = st.fixed_dictionaries(
    {"verb": st.sampled_from(sorted(VERBS)) | TEXTS},
    optional=dict.fromkeys(("id", "round", "draft", "meeting", "version", "text"), IDS | VALUES),
)
ACCOUNTS = st.fixed_dictionaries(
    {"id": TEXTS}, optional={"name": VALUES, "aadObjectId": TEXTS | VALUES}
)
ACTIVITIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["message", "invoke", "conversationUpdate", "installationUpdate", "event", "typing"]
        ),
        "channelId": st.just("emulator"),
        "serviceUrl": st.sampled_from(["http://localhost:9/", "https://evil.example/"]),
        "from": ACCOUNTS,
        "recipient": ACCOUNTS,
        "conversation": st.fixed_dictionaries(
            {"id": TEXTS},
            optional={
                "conversationType": st.sampled_from(["personal", "channel", "groupChat"]) | VALUES,
                "isGroup": VALUES,
            },
        ),
    },
    optional={
        "id": TEXTS,
        "text": TEXTS,
        "name": st.sampled_from(
            [
                "adaptiveCard/action",
                "composeExtension/query",
                "message/fetchTask",
                "message/submitAction",
                "task/fetch",
                "task/submit",
            ]
        ),
        "value": VALUES
        | BUTTONS
        | st.fixed_dictionaries({"action": st.fixed_dictionaries({"data": BUTTONS})})
        | st.fixed_dictionaries({"data": BUTTONS})
        | st.fixed_dictionaries(
            {
                "commandId": TEXTS,
                "parameters": VALUES,
                "queryOptions": VALUES | st.just({"skip": 1}),
            }
        ),
        "entities": VALUES,
        "attachments": VALUES,
        "membersAdded": st.lists(ACCOUNTS, max_size=2) | VALUES,
        "replyToId": TEXTS,
        "channelData": VALUES,
    },
)
FORMS = st.dictionaries(
    st.sampled_from([CSRF, PRESSED, PRESSED_ALONE, FROM, "q", f"{FIELD}text"]) | TEXTS,
    TEXTS | BUTTONS.map(json.dumps),
    max_size=5,
)
BODIES = (
    st.tuples(st.just("application/json"), (ACTIVITIES | VALUES).map(json.dumps).map(str.encode))
    | st.tuples(st.just("application/x-www-form-urlencoded"), FORMS)
    | st.tuples(TEXTS, st.binary(max_size=200))
    | st.none()
)
HEADERS = st.dictionaries(
    st.sampled_from(["Authorization", "Accept-Language", "Sec-Fetch-Site", "Content-Encoding"]),
    st.text(string.printable.strip(), max_size=30) | st.just("Bearer a.b.c") | st.just("nn"),
    max_size=2,
)
WORDS = st.sampled_from(sorted({*PAGES, *FILES, "trykk", "inn", "ut", "fil", "bilde"})) | TEXTS


class Bot:
    """The bot on a free port, in a loop of its own, with two people who are in on the page."""

    def __init__(self, assistant: Assistant) -> None:
        self._runner = asyncio.Runner()
        app = build_app(LOCAL, assistant, secret=SECRET, site=assistant)
        self.routes = sorted(
            {
                resource.canonical
                for resource in app.router.resources()
                if isinstance(resource, web.Resource)
            }
        )
        self._visits = Visits(LOCAL, SECRET)
        self._server = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        self._runner.run(self._start())

    def ask(self, method: str, path: str, **request: Any) -> int:
        """The status of the answer."""
        return self._runner.run(self._ask(method, path, **request))

    def csrf(self, who: str) -> str:
        return self._visits.csrf(SECRETS[who])

    def close(self) -> None:
        self._runner.run(self._stop())
        self._runner.close()

    async def _start(self) -> None:
        await self._server.setup()
        await web.TCPSite(self._server, "127.0.0.1", 0).start()
        self._url = f"http://127.0.0.1:{self._server.addresses[0][1]}"
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def _ask(self, method: str, path: str, **request: Any) -> int:
        url = URL(self._url + path, encoded=True)
        async with self._session.request(method, url, allow_redirects=False, **request) as answer:
            await answer.read()
            return answer.status

    async def _stop(self) -> None:
        await self._session.close()
        await self._server.cleanup()


@pytest.fixture(scope="module")
def bot(library: Library, guides: Guides) -> Iterator[Bot]:
    database = Database("sqlite://")
    database.migrate()
    with database.transaction() as session:
        load_demo_people(session)
        people = list_people(session)
        for role, secret in SECRETS.items():
            key = next(one.key for one in people if one.role == role)
            add_session(session, digest(secret), key, datetime.now(UTC))
    assistant = Assistant(library, guides, database, read_contacts(), SECRET, local=True)
    bot = Bot(assistant)
    yield bot
    bot.close()
    database.close()


def test_every_route_is_known(bot: Bot) -> None:
    assert {"/api/messages", "/health", "/side/trykk"} <= set(bot.routes)


@pytest.mark.parametrize(
    "examples", [20, pytest.param(500, marks=pytest.mark.faults)], ids=["some", "all"]
)
def test_no_request_to_any_route_is_a_fault_of_ours(bot: Bot, examples: int) -> None:
    for route in bot.routes:
        _ask_odd_things(bot, route, examples)


def _ask_odd_things(bot: Bot, route: str, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        method = data.draw(st.sampled_from(METHODS) | st.sampled_from(["GET", "POST"]))
        path = _filled(route, data)
        query = data.draw(st.dictionaries(TEXTS, TEXTS, max_size=3))
        if query:
            path += f"?{urlencode(query, errors='replace')}"
        headers = {k: v.strip() for k, v in data.draw(HEADERS).items()}
        who = data.draw(st.sampled_from([*SECRETS, "forged", ""]))
        if who:
            headers["Cookie"] = f"side={SECRETS.get(who, 'forged')}"
        body: Any = data.draw(BODIES)
        content: bytes | aiohttp.FormData | None = None
        if body is not None:
            kind, content = body
            headers["Content-Type"] = "".join(c for c in kind if 32 < ord(c) < 127) or "text/plain"
            if isinstance(content, dict):
                headers |= {"Origin": OURS, "Sec-Fetch-Site": "same-origin"}
                if who in SECRETS and data.draw(st.booleans()):
                    content[CSRF] = bot.csrf(who)
                content = urlencode(content, errors="replace").encode()
        status = bot.ask(method, path, headers=headers, data=content)
        assert status < 500, (method, path, status)

    ask()


def _filled(route: str, data: st.DataObject) -> str:
    """The route with something in each of its places, as it is sent."""
    parts = []
    for part in route.split("/"):
        if "{" in part:
            some = data.draw(st.lists(WORDS | IDS, min_size=1, max_size=3))
            parts += [quote(one, safe="", errors="replace") for one in some]
        else:
            parts.append(part)
    return "/".join(parts) or "/"
