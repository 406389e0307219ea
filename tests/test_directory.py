"""`app.py directory` and the night: a whole kommune is read, and nobody is lost on the way."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import app
from bot.graph import TRIES
from bot.settings import Settings
from dialogs.meetings.sending_times import SendingTimes
from knowledge.library import Library
from roof.directory import NightlyDirectory
from storage.database import open_database
from storage.directory import last_sync, pending_removals, read_mirror
from storage.people import RegisteredPerson, import_people, list_people
from storage.tables import AppInstallation
from tests.bot.fake_graph import FakeGraph, FakeUser
from tests.bot.fakes import APP_ID, TENANT
from tests.dialogs.access_matrix import kept
from tests.dialogs.directory.groups import file_of

SCHOOLS = 33
TEACHERS = 1_060
ADMINISTRATOR = RegisteredPerson(
    "aaaaaaaa-0000-4000-8000-000000000000", "Adm", "adm@fjordvik.example", "administrator"
)
STAFF = [
    ADMINISTRATOR,
    *(
        RegisteredPerson(
            f"{number:08}-0000-4000-8000-000000000000",
            f"Lærer Nr. {number:04}",
            f"l{number}@fjordvik.example",
            "lærer",
            f"Skole {number % SCHOOLS:02}",
            "skole",
            "barneskole",
            "Sone nord",
            "nn" if number % 10 == 0 else "nb",
        )
        for number in range(TEACHERS)
    ),
]


class World:
    """A directory with the kommune's staff, and a bot that reads it."""

    def __init__(self, folder: Path, staff: list[RegisteredPerson]) -> None:
        self.fake = FakeGraph(page=100)
        self.file, groups = file_of(staff)
        for id, people in groups.items():
            users = (FakeUser(one.key, one.name, one.email, f"{one.language}-NO") for one in people)
            self.fake.put(id, *users)
        self.group_of = {one.key: id for id, people in groups.items() for one in people}
        self.path = folder / "directory.toml"
        self.write()
        self.url = f"sqlite:///{folder / 'bot.db'}"
        self.settings = Settings(
            database_url=self.url, knowledge_dir=folder, app_id=APP_ID, tenant_id=TENANT
        )
        self.database = open_database(self.url)
        self.database.migrate()

    def write(self, *, install: bool = False) -> None:
        lines = [f"install = {'true' if install else 'false'}"]
        for what, entries in (("unit", self.file.unit), ("group", self.file.group)):
            for entry in entries:
                lines.append(f"[[{what}]]")
                lines += [f'{key} = "{value}"' for key, value in entry.model_dump().items()]
        self.path.write_text("\n".join(lines), "utf-8")

    def leave(self, *people: RegisteredPerson) -> None:
        for person in people:
            self.fake.take(self.group_of[person.key], person.key)

    def register(self) -> list[RegisteredPerson]:
        with self.database.transaction() as session:
            return list_people(session)

    def pending(self) -> list[str]:
        with self.database.transaction() as session:
            return [one.name for one in pending_removals(session)]

    def night(self, library: Library, **times: Any) -> NightlyDirectory:
        sending = SendingTimes(library.holidays, always=not times)
        return NightlyDirectory(self.database, self.settings, sending, **times)


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def world(staff: list[RegisteredPerson] = STAFF[:40]) -> World:
        made = World(tmp_path, staff)
        monkeypatch.setattr("bot.graph.open_graph", lambda settings: made.fake.running())
        for name, value in (
            ("DATABASE_URL", made.url),
            ("KNOWLEDGE_DIR", str(tmp_path)),
            ("MicrosoftAppId", APP_ID),
            ("MicrosoftAppPassword", "hemmelig"),
            ("MicrosoftAppTenantId", TENANT),
        ):
            monkeypatch.setenv(name, value)
        return made

    return world


Make = Callable[..., World]
Captured = pytest.CaptureFixture[str]


def by_name(people: list[RegisteredPerson]) -> list[RegisteredPerson]:
    return sorted(people, key=lambda one: one.name.casefold())


def test_1060_teachers_in_33_groups_are_read_and_then_only_what_changed(
    make: Make, capsys: Captured
) -> None:
    world = make(STAFF)
    assert app.main(["directory", "sync"]) == 0
    assert world.register() == by_name(STAFF)
    assert "Nye: 1061" in capsys.readouterr().out
    assert len(world.fake.requests) <= 2 * (SCHOOLS + 1)
    world.fake.requests.clear()
    world.leave(STAFF[5])
    assert app.main(["directory", "sync"]) == 0
    told = capsys.readouterr().out
    assert len(world.fake.requests) == SCHOOLS + 1
    assert "Ikke i gruppene lenger: 1\n  Lærer Nr. 0004\n" in told
    assert "Uendret: 1060" in told
    assert world.pending() == ["Lærer Nr. 0004"]
    assert len(world.register()) == len(STAFF)


def test_a_dry_run_tells_all_and_changes_nothing(make: Make, capsys: Captured) -> None:
    world = make()
    before = kept(world.database)
    assert app.main(["directory", "sync", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "Nye: 40" in told
    assert "Ingenting er lagret." in told
    assert kept(world.database) == before


def test_who_is_gone_leaves_by_remove_and_not_before(make: Make, capsys: Captured) -> None:
    world = make()
    app.main(["directory", "sync"])
    world.leave(STAFF[5])
    assert app.main(["directory", "sync"]) == 0
    assert "Ingen er tatt ut." in capsys.readouterr().out
    assert app.main(["directory", "sync", "--remove"]) == 0
    assert "Tatt ut: 1\n  Lærer Nr. 0004" in capsys.readouterr().out
    assert world.pending() == []
    assert len(world.register()) == 39


@pytest.mark.parametrize("how", ["many", "empty", "deleted", "refused"])
def test_when_a_group_is_spoilt_nobody_leaves_and_it_is_said_aloud(
    make: Make, capsys: Captured, how: str
) -> None:
    world = make()
    app.main(["directory", "sync"])
    capsys.readouterr()
    group = world.group_of[STAFF[5].key]
    told = {
        "many": "OBS! Dette er mange: 6 av 40",
        "empty": "er tom.",
        "deleted": "finnes ikke i Entra ID.",
        "refused": "Gi appen tillatelsen GroupMember.Read.All",
    }
    match how:
        case "many":
            world.leave(*STAFF[1:7])
        case "empty":
            world.leave(*(one for one in STAFF[:40] if world.group_of[one.key] == group))
        case "deleted":
            world.fake.groups[group].deleted = True
        case "refused":
            world.fake.forbidden.add("delta")
    assert app.main(["directory", "sync", "--remove"]) == 2
    assert told[how] in capsys.readouterr().out
    assert len(world.register()) == 40


def test_a_run_that_is_cut_off_has_done_nothing_and_the_next_is_right(
    make: Make, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off at every request in turn, and before the last of what is written."""
    world = make(STAFF[:20])
    before = kept(world.database)

    def cut(request: web.Request) -> None:
        night._running[1].get_loop().call_soon(night._running[1].cancel)  # type: ignore[index]

    def nothing_was_done() -> None:
        after = kept(world.database)
        after["directory_cursor"] = before["directory_cursor"]  # that it was begun
        assert after == before
        with world.database.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM directory_cursor")

    for number in range(10):
        night = world.night(library)
        world.fake.answers.clear()
        world.fake.answers += [lambda request: None] * number
        world.fake.answers.append(cut)
        night.run()
        nothing_was_done()
    with monkeypatch.context() as patch:
        patch.setattr("dialogs.directory.register_sync.plan_rounds", None)
        world.night(library).run()
        nothing_was_done()
    world.fake.answers.clear()
    world.night(library).run()
    assert world.register() == by_name(STAFF[:20])


def test_graph_that_is_down_leaves_everything_as_it_was(
    make: Make, library: Library, capsys: Captured, caplog: pytest.LogCaptureFixture
) -> None:
    world = make()
    app.main(["directory", "sync"])
    before = world.register()
    for _ in range(2 * TRIES):
        world.fake.once(503)
    assert app.main(["directory", "sync"]) == 2
    assert "Microsoft Graph svarer ikke som det skal nå." in capsys.readouterr().err
    with world.database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM directory_cursor WHERE next_link = ''")
    world.night(library).run()  # raises nothing
    assert "action=directory_not_read why=no_answer" in caplog.text
    assert world.register() == before


def test_the_csv_import_remains_and_the_next_reading_finds_both(
    make: Make, capsys: Captured
) -> None:
    world = make()
    extra = RegisteredPerson("e" * 8 + "-0000-4000-8000-000000000000", "Fra fil", "", "fagrådgiver")
    with world.database.transaction() as session:
        import_people(session, [extra, *STAFF[:10]], dry_run=False)
    assert app.main(["directory", "sync"]) == 0
    assert "Nye: 30" in capsys.readouterr().out
    assert world.pending() == ["Fra fil"]
    with world.database.transaction() as session:
        import_people(session, [extra], dry_run=False)
        assert list_people(session) == [extra]


# The night


def test_at_night_one_of_several_copies_reads(make: Make, library: Library) -> None:
    world = make()
    for _ in range(3):
        world.night(library).run()
    assert len(world.register()) == 40
    asked = world.fake.asked("$filter=id eq")
    assert asked == len(world.fake.groups)


def test_at_night_the_app_is_installed_for_who_lacks_it_once(make: Make, library: Library) -> None:
    world = make(STAFF[:8])
    world.write(install=True)
    world.fake.users[STAFF[1].key].installed = True
    world.night(library).run()
    assert all(user.installed for user in world.fake.users.values())
    with world.database.transaction() as session:
        rows = session.exec(_all_installations()).all()
        states = {row.person: row.state for row in rows}
    assert states == {one.key: "fantes" if one == STAFF[1] else "installert" for one in STAFF[:8]}
    with world.database.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM directory_cursor WHERE next_link = ''")
    world.fake.requests.clear()
    world.night(library).run()
    assert world.fake.asked("delta") > 0
    assert world.fake.asked("installedApps") == 0


def _all_installations() -> Any:
    from sqlmodel import select

    return select(AppInstallation)


@pytest.mark.parametrize(
    ("now", "slept", "installed"),
    [
        (datetime(2026, 11, 23, 2, 10, tzinfo=UTC), [(4 * 60 + 20) * 60], 3),  # Monday, to 07:30
        (datetime(2026, 11, 23, 9, tzinfo=UTC), [], 3),
        (datetime(2026, 11, 28, 2, 10, tzinfo=UTC), [], 0),  # Saturday
    ],
)
def test_nobody_gets_the_app_and_its_greeting_at_night(
    make: Make, library: Library, now: datetime, slept: list[float], installed: int
) -> None:
    world = make(STAFF[:3])
    world.write(install=True)
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        assert world.fake.asked("installedApps") == 0
        waited.append(seconds)

    world.night(library, now=lambda: now, sleep=sleep).run()
    assert waited == slept
    assert sum(user.installed for user in world.fake.users.values()) == installed


def test_a_stop_cuts_the_night_short(make: Make, library: Library) -> None:
    world, asked = make(), threading.Event()
    night = world.night(library)

    async def never(request: web.Request) -> web.StreamResponse:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    world.fake.answer = never  # type: ignore[method-assign]
    night.begin()
    night.begin()  # which is one
    assert asked.wait(10)
    asyncio.run(night.stop())
    assert "directory" not in [one.name for one in threading.enumerate()]
    night.begin()
    night.run()  # and it doesn't begin again
    assert world.register() == []


def test_a_file_with_mistakes_is_logged_and_nothing_is_done(
    make: Make, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    world = make()
    world.path.write_text("[[group]]\nrole = 3", "utf-8")
    world.night(library).run()
    assert "action=directory_problem directory.toml: [[group]] nr. 1" in caplog.text
    assert not world.fake.requests


def test_without_the_file_nothing_of_the_directory_is_kept(make: Make, library: Library) -> None:
    world = make()
    world.night(library).run()
    world.path.unlink()
    world.night(library).run()
    with world.database.transaction() as session:
        mirror = read_mirror(session)
        assert last_sync(session) is not None
    assert (mirror.groups, mirror.people) == ({}, {})
    assert len(world.register()) == 40


def test_a_local_bot_reads_no_directory(make: Make, library: Library) -> None:
    world = make()
    local = Settings(knowledge_dir=world.path.parent, local=True)
    night = NightlyDirectory(world.database, local, SendingTimes(library.holidays))
    night.begin()
    asyncio.run(night.stop())
    assert not world.fake.requests


# By hand


def test_installing_by_hand_tells_whom_and_how_it_went(make: Make, capsys: Captured) -> None:
    world = make(STAFF[:5])
    app.main(["directory", "sync"])
    capsys.readouterr()
    assert app.main(["directory", "install", "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert "Mangler appen: 5" in told
    assert "  Lærer Nr. 0001" in told
    assert not any(user.installed for user in world.fake.users.values())
    del world.fake.users[STAFF[2].key]
    assert app.main(["directory", "install"]) == 0
    told = capsys.readouterr().out
    assert "Installert: 4\nHadde appen: 0\nFeilet: 1\n  404 NotFound: 1\n" in told
    assert app.main(["directory", "install"]) == 0
    assert "Installert: 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda fake: fake.forbidden.add("installedApps"), "TeamsAppInstallation.ReadWriteSelf"),
        (lambda fake: fake.forbidden.add("appCatalogs"), "AppCatalog.Read.All"),
        (lambda fake: setattr(fake, "in_catalogue", False), "ligger ikke i kommunens appkatalog"),
        (lambda fake: fake.once(401), "Får ikke logget inn i Entra ID."),
    ],
)
def test_what_is_lacking_is_said_with_the_name_of_the_permission(
    make: Make, capsys: Captured, spoil: Any, told: str
) -> None:
    world = make(STAFF[:5])
    app.main(["directory", "sync"])
    spoil(world.fake)
    assert app.main(["directory", "install"]) == 2
    assert told in capsys.readouterr().err
    with world.database.transaction() as session:
        assert session.exec(_all_installations()).all() == []


def test_without_a_file_it_is_said_where_to_put_it(
    make: Make, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make(STAFF[:2])
    world.path.unlink()
    assert app.main(["directory", "sync"]) == 2
    assert "Lag den slik docs/directory.md viser." in capsys.readouterr().err
    monkeypatch.delenv("KNOWLEDGE_DIR")
    assert app.main(["directory", "sync"]) == 2
    assert "Sett KNOWLEDGE_DIR" in capsys.readouterr().err


def test_a_new_name_and_a_new_school_are_changed_at_once(make: Make, capsys: Captured) -> None:
    world = make(STAFF[:40])
    app.main(["directory", "sync"])
    moved = STAFF[3]
    world.leave(moved)
    other = next(one for one in STAFF[:40] if one.unit and one.unit != moved.unit)
    world.fake.put(world.group_of[other.key], world.fake.users[moved.key])
    capsys.readouterr()
    assert app.main(["directory", "sync"]) == 0
    assert f"Endret: 1\n  {moved.name} (unit)" in capsys.readouterr().out
    found = next(one for one in world.register() if one.key == moved.key)
    assert found.unit == other.unit
