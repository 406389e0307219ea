"""Groups, app roles and installations are read and done as they are in the directory."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.directory import (
    IN_FULL_EVERY,
    REFUSED_IN_A_ROW,
    NoDirectory,
    find_app,
    install_app,
    read_directory,
)
from bot.graph import TRIES
from dialogs.directory.directory_file import AppRoleEntry, DirectoryFile, GroupEntry, UnitEntry
from dialogs.directory.people_of_groups import Problem
from dialogs.directory.register_sync import Reading, Unread
from storage.directory import DirectoryEntry, Installation, Mirror
from tests.bot.fake_graph import FakeGraph, FakeUser
from tests.bot.fakes import APP_ID

pytestmark = pytest.mark.asyncio

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
TEACHERS, LEADERS = (f"00000000-0000-4000-8000-0000000000a{number}" for number in (1, 2))
FILE = DirectoryFile(
    unit=[UnitEntry(name="Nordlia skole", kind="skole")],
    group=[
        GroupEntry(id=TEACHERS, name="Lærere Nordlia", role="lærer", unit="Nordlia skole"),
        GroupEntry(id=LEADERS, name="Rektor Nordlia", role="rektor", unit="Nordlia skole"),
    ],
)
IDS = [id for id, *_ in FILE.sources]
ANE, BO, CATO, DINA, EVA = (FakeUser(f"u{name.lower()}", name) for name in "ABCDE")


def filled() -> FakeGraph:
    fake = FakeGraph()
    fake.put(TEACHERS, *(FakeUser(one.id, one.name) for one in (ANE, BO, CATO)))
    fake.put(LEADERS, FakeUser(DINA.id, DINA.name))
    return fake


async def read(
    fake: FakeGraph,
    mirror: Mirror | None = None,
    now: datetime = NOW,
    file: DirectoryFile = FILE,
) -> tuple[Reading, Mirror]:
    """What is read, and what is then known."""
    before = mirror or Mirror()
    fake.requests.clear()
    async with fake.running() as graph:
        reading = await read_directory(graph, file, before, APP_ID, now)
    return reading, before.after(reading.groups, [id for id, *_ in file.sources])


def members(mirror: Mirror, group: str = TEACHERS) -> Collection[str]:
    return mirror.groups[group].members


async def test_every_group_is_read_with_its_people_and_their_languages() -> None:
    fake = filled()
    fake.users["ub"].language, fake.users["uc"].language = "nn-NO", None
    fake.users["ua"].mail = "ane@fjordvik.example"
    reading, mirror = await read(fake)
    assert not reading.unread
    assert members(mirror) == {"ua", "ub", "uc"}
    assert mirror.people["ua"] == DirectoryEntry("ua", "A", "ane@fjordvik.example", "nb")
    assert mirror.people["ub"].language == "nn"
    assert mirror.people["uc"].language == ""


async def test_the_night_after_only_changes_are_asked_for() -> None:
    fake = filled()
    _, mirror = await read(fake)
    reading, again = await read(fake, mirror, NOW + timedelta(days=1))
    assert len(fake.requests) == 2
    assert fake.asked("$deltatoken") == 2
    assert again.people == mirror.people
    assert [members(again, id) for id in IDS] == [members(mirror, id) for id in IDS]
    assert not reading.problems


async def test_who_comes_and_goes_is_found_by_the_changes() -> None:
    fake = filled()
    _, mirror = await read(fake)
    fake.put(TEACHERS, FakeUser(EVA.id, EVA.name), FakeUser("uf", "F"), FakeUser("ug", "G"))
    fake.take(TEACHERS, "ub", "uf")  # F came and went
    reading, after = await read(fake, mirror, NOW + timedelta(days=1))
    assert members(after) == {"ua", "uc", "ue", "ug"}
    assert after.people["ue"].name == "E"
    assert "ub" not in after.people
    assert fake.asked("/members/") == 0
    assert not reading.unread


async def test_who_is_in_two_groups_is_known_when_they_leave_one() -> None:
    fake = filled()
    fake.put(LEADERS, FakeUser("ua", "A"))
    _, mirror = await read(fake)
    fake.take(TEACHERS, "ua")
    _, after = await read(fake, mirror, NOW + timedelta(days=1))
    assert "ua" not in members(after)
    assert members(after, LEADERS) == {"ua", "ud"}


async def test_a_closed_account_is_nobody() -> None:
    fake = filled()
    fake.users["ub"].enabled = False
    _, mirror = await read(fake)
    assert members(mirror) == {"ua", "uc"}
    closed = FakeUser("ue", "E", enabled=False)
    fake.put(TEACHERS, closed)
    _, mirror = await read(fake, mirror, NOW + timedelta(days=1))
    assert members(mirror) == {"ua", "uc"}


async def test_names_and_closed_accounts_are_found_when_all_is_read_again() -> None:
    fake = filled()
    _, mirror = await read(fake)
    fake.users["ua"].name, fake.users["uc"].enabled = "Ane Gift", False
    _, after = await read(fake, mirror, NOW + IN_FULL_EVERY)
    assert members(after) == {"ua", "ub"}
    assert after.people["ua"].name == "Ane Gift"


@pytest.mark.parametrize("status", [400, 410])
async def test_links_that_are_too_old_lead_to_a_full_reading(status: int) -> None:
    fake = filled()
    _, mirror = await read(fake)
    fake.put(TEACHERS, FakeUser(EVA.id, EVA.name))
    if status == 410:
        fake.once(410, "resyncRequired")
    else:
        fake.forget_links()
    reading, after = await read(fake, mirror, NOW + timedelta(days=1))
    assert members(after) == {"ua", "ub", "uc", "ue"}
    assert not reading.unread


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda fake: fake.groups.pop(TEACHERS), "missing"),
        (lambda fake: setattr(fake.groups[TEACHERS], "deleted", True), "missing"),
        (lambda fake: fake.forbidden.add(TEACHERS), "refused"),
        (lambda fake: setattr(fake.users["ub"], "name", None), "nameless"),
    ],
    ids=["missing", "deleted", "refused", "nameless"],
)
async def test_a_group_that_can_not_be_read_is_told_of_and_the_rest_is_read(
    spoil: Any, why: str
) -> None:
    fake = filled()
    spoil(fake)
    reading, mirror = await read(fake)
    assert reading.unread == [Unread("Lærere Nordlia", why)]
    assert list(mirror.groups) == [LEADERS]


async def test_a_group_that_is_deleted_later_keeps_whom_we_knew() -> None:
    fake = filled()
    _, mirror = await read(fake)
    fake.groups[TEACHERS].deleted = True
    reading, after = await read(fake, mirror, NOW + timedelta(days=1))
    assert reading.unread == [Unread("Lærere Nordlia", "missing")]
    assert members(after) == {"ua", "ub", "uc"}


async def test_groups_in_a_group_are_told_of_and_not_read() -> None:
    fake = filled()
    fake.groups[TEACHERS].nested = ["g1", "g2"]
    reading, _ = await read(fake)
    expected = Problem("nested", {"group": "Lærere Nordlia", "count": 2})
    assert reading.problems == [expected]


async def test_a_directory_that_is_down_is_no_empty_directory() -> None:
    fake = filled()
    for _ in range(TRIES):
        fake.once(503)
    with pytest.raises(NoDirectory, match="no_answer"):
        await read(fake)


async def test_a_login_that_graph_does_not_take_is_told_as_such() -> None:
    fake = filled()
    fake.once(401, "InvalidAuthenticationToken")
    with pytest.raises(NoDirectory, match="no_token"):
        await read(fake)


async def test_a_foreign_link_leaves_the_group_unread() -> None:
    fake = filled()
    fake.next_links_to = "https://evil.example/v1.0"
    reading, mirror = await read(fake)
    assert reading.unread == [Unread("Lærere Nordlia", "unavailable")]
    assert members(mirror, LEADERS) == {"ud"}


# App roles

WITH_ROLES = FILE.model_copy(
    update={"app_role": [AppRoleEntry(value="Fagradgiver", role="fagrådgiver")]}
)
ROLE = "approlle:Fagradgiver"


async def test_who_has_an_app_role_directly_or_by_a_group_is_found() -> None:
    fake = filled()
    fake.app_roles = {"r1": "Fagradgiver", "r2": "Annet"}
    fake.users["ux"], other = FakeUser("ux", "X"), "00000000-0000-4000-8000-0000000000b1"
    fake.put(other, FakeUser("uy", "Y"))
    fake.assigned = [
        ("User", "ux", "r1"),
        ("User", "ua", "r1"),  # who is a teacher as well
        ("User", "ub", "r2"),
        ("Group", other, "R1"),
        ("ServicePrincipal", "program", "r1"),
    ]
    reading, mirror = await read(fake, file=WITH_ROLES)
    assert members(mirror, ROLE) == {"ua", "ux", "uy"}
    assert not reading.problems


async def test_an_app_role_that_is_not_there_is_told_of() -> None:
    reading, mirror = await read(filled(), file=WITH_ROLES)
    assert reading.problems == [Problem("no_app_role", {"role": "Fagradgiver"})]
    assert members(mirror, ROLE) == set()


async def test_app_roles_that_we_may_not_read_are_told_of() -> None:
    fake = filled()
    fake.forbidden.add("servicePrincipals")
    reading, _ = await read(fake, file=WITH_ROLES)
    assert reading.unread == [Unread("Fagradgiver", "refused")]


# Installing


async def install(fake: FakeGraph, *people: str) -> list[Installation]:
    async with fake.running() as graph:
        app = await find_app(graph, APP_ID)
        return [one async for one in install_app(graph, app, people)]


async def test_the_app_is_installed_and_who_has_it_keeps_it() -> None:
    fake = filled()
    fake.users["ub"].installed = True
    done = await install(fake, "ua", "ub", "nobody")
    assert fake.users["ua"].installed
    assert fake.asked(f"externalId eq '{APP_ID}'") == 1
    assert done == [
        Installation("ua", "installert"),
        Installation("ub", "fantes"),
        Installation("nobody", "feilet", "404 NotFound"),
    ]


async def test_an_installation_that_fails_for_a_moment_is_tried_again() -> None:
    fake = filled()
    fake.answers += [lambda request: None]  # the catalogue
    fake.once(429, "TooManyRequests", **{"Retry-After": "9"})
    fake.once(500)
    assert await install(fake, "ua") == [Installation("ua", "installert")]
    assert 9.0 in fake.slept


async def test_without_permission_nobody_is_marked_as_tried() -> None:
    fake = filled()
    fake.forbidden.add("installedApps")
    with pytest.raises(NoDirectory, match="install_refused"):
        await install(fake, *(f"u{name}" for name in "abcdefg"))
    assert not any(user.installed for user in fake.users.values())
    assert fake.asked("installedApps") == REFUSED_IN_A_ROW


async def test_one_who_is_refused_among_others_does_not_stop_them() -> None:
    fake = filled()
    fake.forbidden.add("ub")
    done = await install(fake, "ua", "ub", "uc", "ub")
    assert [(one.person, one.state) for one in done] == [
        ("ua", "installert"),
        ("ub", "feilet"),
        ("uc", "installert"),
        ("ub", "feilet"),
    ]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda fake: setattr(fake, "in_catalogue", False), "not_in_catalogue"),
        (lambda fake: fake.forbidden.add("appCatalogs"), "catalogue_refused"),
        (lambda fake: fake.once(401), "no_token"),
        (lambda fake: [fake.once(503) for _ in range(TRIES)], "no_answer"),
    ],
    ids=["not there", "refused", "no token", "down"],
)
async def test_a_catalogue_without_the_app_says_why(spoil: Any, why: str) -> None:
    fake = filled()
    spoil(fake)
    with pytest.raises(NoDirectory, match=why):
        await install(fake, "ua")
    assert not fake.users["ua"].installed
