"""A directory behind Graph's addresses, over real https: it pages, throttles and fails."""

import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

import aiohttp
from aiohttp import web

from bot.graph import BASE, Graph
from tests.bot.fakes import _EverythingIs, _server_context

APP_IN_CATALOGUE = "catalogue-app"

Answer = Callable[[web.Request], web.StreamResponse | None]


@dataclass
class FakeUser:
    """A user of the directory."""

    id: str
    name: str | None
    mail: str = ""
    language: str | None = "nb-NO"
    enabled: bool | None = True
    installed: bool = False

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id.upper(),  # as no other list has it: case says nothing
            "displayName": self.name,
            "mail": self.mail or None,
            "userPrincipalName": f"{self.id}@fjordvik.example",
            "preferredLanguage": self.language,
            "accountEnabled": self.enabled,
        }


@dataclass
class FakeGroup:
    """A group: its members, what has happened to it, and who else is in it."""

    members: list[str] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)  # members@delta, in order
    nested: list[str] = field(default_factory=list)
    deleted: bool = False


class FakeGraph:
    """Groups, users, app roles and installed apps. `answers` are given before anything else.

    A delta link is the group and how much of its log has been told; `forget_links` makes them old.
    """

    def __init__(self, page: int = 2) -> None:
        self.users: dict[str, FakeUser] = {}
        self.groups: dict[str, FakeGroup] = {}
        self.app_roles: dict[str, str] = {}  # id -> value
        self.assigned: list[tuple[str, str, str]] = []  # (kind, principal, role id)
        self.page = page
        self.oldest_link = 0
        self.links = 0
        self.requests: list[str] = []
        self.slept: list[float] = []
        self.answers: list[Answer] = []
        self.forbidden: set[str] = set()  # parts of paths that are refused
        self.in_catalogue = True
        self.next_links_to = BASE

    # What happens in the directory

    def put(self, group: str, *users: FakeUser) -> None:
        known = self.groups.setdefault(group, FakeGroup())
        for user in users:
            self.users[user.id] = user
            known.members.append(user.id)
            known.log.append({"@odata.type": "#microsoft.graph.user", "id": user.id})

    def take(self, group: str, *users: str) -> None:
        for user in users:
            self.groups[group].members.remove(user)
            gone = {"@odata.type": "#microsoft.graph.user", "id": user}
            self.groups[group].log.append({**gone, "@removed": {"reason": "deleted"}})

    def forget_links(self) -> None:
        self.oldest_link = self.links + 1

    def once(self, status: int, code: str = "", **headers: str) -> None:
        """The next answer is this one."""
        self.answers.append(lambda request: refusal(status, code, headers))

    def asked(self, part: str) -> int:
        return sum(part in request for request in self.requests)

    # What Graph answers

    async def answer(self, request: web.Request) -> web.StreamResponse:
        assert request.headers["Authorization"] == "Bearer our-token"
        assert request.host == "graph.microsoft.com"
        address = unquote(request.raw_path.replace("+", "%20"))
        path, _, query = address.partition("?")
        path = path.removeprefix("/v1.0")
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        self.requests.append(f"{request.method} {address}")
        if self.answers and (answered := self.answers.pop(0)(request)) is not None:
            return answered
        if any(part in path for part in self.forbidden):
            return refusal(403, "Authorization_RequestDenied")
        match path.strip("/").split("/"):
            case ["groups", "delta"]:
                return self._delta(asked)
            case ["groups", group, "members", "microsoft.graph.user"]:
                return self._members(group, asked)
            case ["users", user] if user in self.users:
                return web.json_response(self.users[user].shown())
            case ["users", user, "teamwork", "installedApps"]:
                return await self._install(request, user)
            case ["appCatalogs", "teamsApps"]:
                apps = [{"id": APP_IN_CATALOGUE}] if self.in_catalogue else []
                return web.json_response({"value": apps})
            case [app, "appRoleAssignedTo"] if app.startswith("servicePrincipals("):
                return self._assigned(asked)
            case [app] if app.startswith("servicePrincipals("):
                roles = [{"id": id, "value": value} for id, value in self.app_roles.items()]
                return web.json_response({"id": "service", "appRoles": roles})
        return refusal(404, "Request_ResourceNotFound")

    def _delta(self, asked: dict[str, str]) -> web.Response:
        if "$filter" in asked:
            assert asked["$select"] == "members"
            id, start, number, initial = asked["$filter"].split("'")[1], 0, self.links, True
        else:
            id, at, made, kind = asked.get("$skiptoken", asked.get("$deltatoken", "")).split(".")
            start, number, initial = int(at), int(made), kind == "i"
        if "$deltatoken" in asked and number < self.oldest_link:
            return refusal(400, "syncStateNotFound")
        group = self.groups.get(id)
        if group is None:
            return web.json_response(self._end([], id, 0))
        if group.deleted:
            gone = {"id": id, "@removed": {"reason": "deleted"}}
            return web.json_response(self._end([gone], id, len(group.log)))
        told: list[dict[str, Any]]
        if initial:
            told = [{"@odata.type": "#microsoft.graph.user", "id": one} for one in group.members]
            told += [{"@odata.type": "#microsoft.graph.group", "id": one} for one in group.nested]
        else:
            told = group.log
        some = told[start : start + self.page]
        value = [{"id": id, "members@delta": some}] if some or initial else []
        if start + self.page < len(told):
            token = f"{id}.{start + self.page}.{number}.{'i' if initial else 'c'}"
            link = f"{self.next_links_to}/groups/delta?$skiptoken={token}"
            return web.json_response({"value": value, "@odata.nextLink": link})
        return web.json_response(self._end(value, id, len(group.log)))

    def _end(self, value: list[Any], id: str, at: int) -> dict[str, Any]:
        self.links += 1
        link = f"{BASE}/groups/delta?$deltatoken={id}.{at}.{self.links}.c"
        return {"value": value, "@odata.deltaLink": link}

    def _members(self, id: str, asked: dict[str, str]) -> web.Response:
        group = self.groups.get(id)
        if group is None or group.deleted:
            return refusal(404, "Request_ResourceNotFound")
        start = int(asked.get("$skiptoken", "0"))
        shown = [self.users[one].shown() for one in group.members]
        page: dict[str, Any] = {"value": shown[start : start + self.page]}
        if start + self.page < len(shown):
            path = f"/groups/{id}/members/microsoft.graph.user?$skiptoken={start + self.page}"
            page["@odata.nextLink"] = f"{self.next_links_to}{path}"
        return web.json_response(page)

    def _assigned(self, asked: dict[str, str]) -> web.Response:
        start = int(asked.get("$skiptoken", "0"))
        shown = [
            {"principalType": kind, "principalId": id, "appRoleId": role}
            for kind, id, role in self.assigned
        ]
        page: dict[str, Any] = {"value": shown[start : start + self.page]}
        if start + self.page < len(shown):
            path = f"/servicePrincipals(appId='x')/appRoleAssignedTo?$skiptoken={start + self.page}"
            page["@odata.nextLink"] = f"{BASE}{path}"
        return web.json_response(page)

    async def _install(self, request: web.Request, id: str) -> web.Response:
        bound = json.loads(await request.read())["teamsApp@odata.bind"]
        assert bound == f"{BASE}/appCatalogs/teamsApps/{APP_IN_CATALOGUE}"
        user = self.users.get(id)
        if user is None:
            return refusal(404, "NotFound")
        if user.installed:
            return refusal(409, "Conflict")
        user.installed = True
        return web.Response(status=201)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Graph]:
        """Serves, and gives a Graph that reaches it and waits for nothing."""
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_server_context()).start()
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # The certificate was made a moment ago, for here.
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        here = _EverythingIs(runner.addresses[0][1])
        connector = aiohttp.TCPConnector(resolver=here, ssl=client)
        try:
            async with aiohttp.ClientSession(connector=connector) as session:
                yield Graph(session, self._token, sleep=self._sleep, clock=lambda: self._now)
        finally:
            await runner.cleanup()

    _now = 0.0

    async def _token(self) -> str:
        return "our-token"

    async def _sleep(self, seconds: float) -> None:
        """Time passes at once, and is kept."""
        self.slept.append(seconds)
        self._now += seconds


def refusal(status: int, code: str = "", headers: dict[str, str] | None = None) -> web.Response:
    body = {"error": {"code": code, "message": "Said in English, of Kari Nordmann."}}
    return web.json_response(body, status=status, headers=headers)
