"""Reads groups and app roles of the directory, by their changes; installs the app for people.

A group is first read in full, then by its changes (a delta query), and in full again every sixth
day: changes tell who came and went, but not who has another name or a closed account. Reading in
full takes the link to the next changes before the members, so that nothing falls between.
"""

import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from bot.graph import BASE, FOREIGN_LINK, GARBAGE, NO_TOKEN, Graph, GraphError
from dialogs.directory.directory_file import AppRoleEntry, DirectoryFile, GroupEntry
from dialogs.directory.people_of_groups import Problem
from dialogs.directory.register_sync import Reading, Unread
from storage.directory import DirectoryEntry, GroupReading, Installation, Mirror

log = logging.getLogger("kvalitetsbot.directory")

# Shorter than the seven days that Graph keeps what the links to changes stand for.
IN_FULL_EVERY = timedelta(days=6)
DETAILS = "id,displayName,mail,userPrincipalName,preferredLanguage,accountEnabled"
A_PAGE = "999"
USER, GROUP = "#microsoft.graph.user", "#microsoft.graph.group"

# So many refusals after each other are not about those people, but about what we may do.
REFUSED_IN_A_ROW = 3


class NoDirectory(Exception):
    """The directory can't be read at all, or nothing be installed; `why` is one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def read_directory(
    graph: Graph, file: DirectoryFile, mirror: Mirror, app_id: str, now: datetime
) -> Reading:
    """Everything that the file names. A group that can't be read is told of, and left as it was.

    Raises NoDirectory ("no_token", "no_answer") when there is no use in going on.
    """
    known = dict(mirror.people)
    readings: list[GroupReading] = []
    unread: list[Unread] = []
    problems: list[Problem] = []
    for group in file.group:
        try:
            reading, nested = await _read_group(graph, group, mirror, known, now)
        except GraphError as error:
            unread.append(Unread(group.name, _why(error)))
            continue
        readings.append(reading)
        known |= {one.key: one for one in reading.people}
        if nested:
            problems.append(Problem("nested", {"group": group.name, "count": nested}))
    if file.app_role:
        try:
            found, missing = await _read_app_roles(graph, file.app_role, known, app_id, now)
            readings += found
            problems += [Problem("no_app_role", {"role": value}) for value in missing]
        except GraphError as error:
            why = _why(error)
            unread += [Unread(one.value, why) for one in file.app_role]
    return Reading(readings, unread, problems)


def _why(error: GraphError) -> str:
    """Why a group is unread. What fails for one and will fail for all is raised instead."""
    log.warning("action=group_unread status=%d code=%s", error.status, error.code or "-")
    if error.code == NO_TOKEN or error.status == 401:
        raise NoDirectory("no_token") from error
    if error.status == 0 and error.code not in (GARBAGE, FOREIGN_LINK, _NAMELESS):
        raise NoDirectory("no_answer") from error
    if error.status >= 500 or error.status == 429:  # and it has been tried for a while
        raise NoDirectory("no_answer") from error
    named = {404: "missing", 403: "refused"}
    return "nameless" if error.code == _NAMELESS else named.get(error.status, "unavailable")


# One group


async def _read_group(
    graph: Graph,
    group: GroupEntry,
    mirror: Mirror,
    known: Mapping[str, DirectoryEntry],
    now: datetime,
) -> tuple[GroupReading, int]:
    """The group, and how many groups stand in it (told when it is read in full)."""
    before = mirror.groups.get(group.id)
    if before is not None and before.next_link and now - before.read_in_full < IN_FULL_EVERY:
        try:
            return await _read_changes(graph, before, known), 0
        except GraphError as error:
            if not error.is_expired:
                raise
            log.info("action=group_read_again")
    changes = await _changes(
        graph, "/groups/delta", **{"$filter": f"id eq '{group.id}'", "$select": "members"}
    )
    if not changes.there:
        raise GraphError(404)
    people = [one async for one in _members(graph, group.id)]
    members = frozenset(one.key for one in people)
    reading = GroupReading(group.id, members, tuple(people), changes.next_link, now)
    return reading, changes.nested


async def _read_changes(
    graph: Graph, before: GroupReading, known: Mapping[str, DirectoryEntry]
) -> GroupReading:
    changes = await _changes(graph, before.next_link)
    if changes.deleted:
        raise GraphError(404)
    members = (before.members | changes.came) - changes.went
    people = [one async for one in _details(graph, sorted(members - known.keys()))]
    members = frozenset(members & (known.keys() | {one.key for one in people}))
    return GroupReading(
        before.group, members, tuple(people), changes.next_link, before.read_in_full
    )


class _Changes:
    """What the pages of a delta query say; what is said last of somebody holds."""

    def __init__(self) -> None:
        self.came: set[str] = set()
        self.went: set[str] = set()
        self.nested = 0
        self.there = False
        self.deleted = False
        self.next_link = ""

    def take(self, page: Mapping[str, Any]) -> None:
        for group in _objects(page["value"]):
            self.deleted = "@removed" in group
            self.there = not self.deleted
            for member in _objects(group.get("members@delta")):
                self._take_member(member)
        link = page.get("@odata.deltaLink")
        self.next_link = link if isinstance(link, str) else ""

    def _take_member(self, member: Mapping[str, Any]) -> None:
        key, kind = _key(member), member.get("@odata.type", USER)
        gone = "@removed" in member
        if kind == GROUP and not gone:
            self.nested += 1
        if kind != USER or not key:
            return
        (self.went if gone else self.came).add(key)
        (self.came if gone else self.went).discard(key)


async def _changes(graph: Graph, path: str, **query: str) -> _Changes:
    changes = _Changes()
    async for page in graph.pages(path, **query):
        changes.take(page)
    if not changes.next_link:
        raise GraphError(0, GARBAGE)
    return changes


async def _members(graph: Graph, group: str) -> AsyncIterator[DirectoryEntry]:
    """The people directly in a group whose accounts are open."""
    path = f"/groups/{quote(group)}/members/microsoft.graph.user"
    async for page in graph.pages(path, **{"$select": DETAILS, "$top": A_PAGE}):
        for user in _objects(page["value"]):
            if (entry := _entry(user)) is not None:
                yield entry


async def _details(graph: Graph, keys: Iterable[str]) -> AsyncIterator[DirectoryEntry]:
    """These people, but for those who are gone or whose accounts are closed."""
    for key in keys:
        try:
            user = await graph.get(f"/users/{quote(key)}", **{"$select": DETAILS})
        except GraphError as error:
            if error.status != 404:
                raise
            continue
        if (entry := _entry(user)) is not None:
            yield entry


# App roles


async def _read_app_roles(
    graph: Graph,
    roles: Iterable[AppRoleEntry],
    known: Mapping[str, DirectoryEntry],
    app_id: str,
    now: datetime,
) -> tuple[list[GroupReading], list[str]]:
    """Who has each of the roles, themselves or by a group; and the roles that aren't there."""
    app = f"/servicePrincipals(appId='{quote(app_id)}')"
    service = await graph.get(app, **{"$select": "id,appRoles"})
    values = {
        str(one.get("id", "")).lower(): one.get("value")
        for one in _objects(service.get("appRoles"))
    }
    given: dict[str, list[tuple[str, str]]] = {}  # value -> (kind, key) of who has the role
    async for page in graph.pages(f"{app}/appRoleAssignedTo", **{"$top": A_PAGE}):
        for one in _objects(page["value"]):
            value = values.get(str(one.get("appRoleId", "")).lower())
            key = str(one.get("principalId", "")).lower()
            if isinstance(value, str) and key:
                given.setdefault(value, []).append((str(one.get("principalType")), key))
    readings = []
    for role in roles:
        who = given.get(role.value, [])
        direct = {key for kind, key in who if kind == "User"}
        people = [one async for one in _details(graph, sorted(direct - known.keys()))]
        people += [known[key] for key in sorted(direct & known.keys())]
        for group in sorted(key for kind, key in who if kind == "Group"):
            people += [one async for one in _members(graph, group)]
        members = frozenset(one.key for one in people)
        readings.append(GroupReading(role.id, members, tuple(people), "", now))
    return readings, [one.value for one in roles if one.value not in values.values()]


# What Graph says of people

_NAMELESS = "Nameless"


def _entry(user: Mapping[str, Any]) -> DirectoryEntry | None:
    """None for a closed account. Raises GraphError when we aren't let read the name."""
    key, name = _key(user), user.get("displayName")
    if not key or user.get("accountEnabled") is False:
        return None
    if not isinstance(name, str) or not name.strip():
        raise GraphError(0, _NAMELESS)
    said = str(user.get("preferredLanguage") or "").lower().partition("-")[0]
    language = {"nb": "nb", "no": "nb", "nn": "nn"}.get(said, "")
    return DirectoryEntry(key, name.strip(), _email(user), language)


def _email(user: Mapping[str, Any]) -> str:
    for address in (user.get("mail"), user.get("userPrincipalName")):
        if isinstance(address, str) and "@" in address and "#EXT#" not in address:
            return address
    return ""


def _key(thing: Mapping[str, Any]) -> str:
    key = thing.get("id")
    return key.lower() if isinstance(key, str) else ""


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


# Installing


async def find_app(graph: Graph, app_id: str) -> str:
    """The app in the kommune's catalogue, by the id of its manifest. Raises NoDirectory."""
    try:
        page = await graph.get(
            "/appCatalogs/teamsApps", **{"$filter": f"externalId eq '{app_id}'", "$select": "id"}
        )
    except GraphError as error:
        why = "catalogue_refused" if error.status == 403 else ""
        raise NoDirectory(why or ("no_token" if error.status == 401 else "no_answer")) from error
    found = [_text(one, "id") for one in _objects(page.get("value")) if _text(one, "id")]
    if not found:
        raise NoDirectory("not_in_catalogue")
    return found[0]


async def install_app(graph: Graph, app: str, people: Iterable[str]) -> AsyncIterator[Installation]:
    """Install the app for these people, by key, one at a time; gives how each went.

    Teams then tells the bot that it is installed. Raises NoDirectory ("install_refused") when the
    first ones, or several after each other, are refused: they are not given, since what is lacking
    is a permission. Raises "no_answer" and "no_token" as well.
    """
    body = {"teamsApp@odata.bind": f"{BASE}/appCatalogs/teamsApps/{quote(app, safe='')}"}
    refused: list[Installation] = []
    one_went_well = False
    for key in people:
        try:
            await graph.post(f"/users/{quote(key)}/teamwork/installedApps", body)
            done = Installation(key, "installert")
        except GraphError as error:
            if error.status == 403:
                refused.append(Installation(key, "feilet", _told(error)))
                if len(refused) >= REFUSED_IN_A_ROW:
                    raise NoDirectory("install_refused") from error
                continue
            if error.status in (0, 401, 429) or error.status >= 500:
                raise NoDirectory("no_token" if error.status == 401 else "no_answer") from error
            exists = error.status == 409
            done = Installation(
                key, "fantes" if exists else "feilet", "" if exists else _told(error)
            )
        for one in refused:  # others went well around them: it is about these people
            yield one
        refused.clear()
        one_went_well = True
        yield done
    if refused and not one_went_well:
        raise NoDirectory("install_refused")
    for one in refused:
        yield one


def _told(error: GraphError) -> str:
    return f"{error.status} {error.code}".strip()


def _text(thing: Mapping[str, Any], key: str) -> str:
    value = thing.get(key)
    return value if isinstance(value, str) else ""
