"""`directory`: the register kept in step with Entra, the app installed; by hand and at night."""

import argparse
import asyncio
import logging
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roof.parts import Stop, sending_times, settings_from_environment

if TYPE_CHECKING:
    from bot.graph import Graph
    from bot.settings import Settings
    from dialogs.directory.directory_file import DirectoryFile
    from dialogs.directory.register_sync import Sync
    from dialogs.meetings.sending_times import SendingTimes
    from storage.database import Database
    from storage.directory import Installation

log = logging.getLogger("kvalitetsbot.directory")

# Of several copies, and of several starts after each other, one reads.
NOT_AGAIN_WITHIN = timedelta(hours=1)
STOP_TIMEOUT = 10.0
NIGHT_TIMEOUT = 30 * 60.0
# Who gets the app is greeted at once, so the night waits for the morning, but not for Monday.
LONGEST_WAIT_FOR_HOURS = timedelta(hours=12)
INSTALLED_A_DAY = 300  # so that a kommune's whole staff doesn't get the app on one morning

_WHY = {
    "no_token": "Får ikke logget inn i Entra ID. Kjør «app.py doctor», som sier hva som er galt.",
    "no_answer": "Microsoft Graph svarer ikke som det skal nå. Prøv igjen senere.",
    "catalogue_refused": (
        "Boten har ikke lov til å se i appkatalogen. Gi appen tillatelsen AppCatalog.Read.All i "
        "Entra ID, og gi administratorsamtykke."
    ),
    "not_in_catalogue": (
        "Appen ligger ikke i kommunens appkatalog i Teams. Last den opp slik docs/teams.md sier, "
        "og vent til den er godkjent."
    ),
    "install_refused": (
        "Boten har ikke lov til å installere appen. Gi appen tillatelsen "
        "TeamsAppInstallation.ReadWriteSelfForUser.All i Entra ID, og gi administratorsamtykke. "
        "Har appen det, så se om en apptillatelsespolicy i Teams stenger den ute."
    ),
}


def add_commands(commands: Any) -> None:
    directory = commands.add_parser("directory", help="gruppene i Entra ID").add_subparsers(
        required=True
    )
    sync = directory.add_parser("sync", help="les gruppene, og rett personregisteret etter dem")
    sync.add_argument("--dry-run", action="store_true", help="vis bare hva som ville blitt endret")
    sync.add_argument(
        "--remove", action="store_true", help="ta ut dem som ikke er i gruppene lenger"
    )
    sync.set_defaults(command=_sync)

    install = directory.add_parser("install", help="installer appen for dem som mangler den")
    install.add_argument("--dry-run", action="store_true", help="vis bare hvem det gjelder")
    install.set_defaults(command=_install)


def _sync(arguments: argparse.Namespace) -> int:
    from bot.directory import NoDirectory
    from bot.graph import open_graph

    settings = settings_from_environment(local=False)
    file, sending = _file_of(settings), sending_times(settings)
    database = _open(settings)

    async def run() -> "Sync":
        async with open_graph(settings) as graph:
            found = await sync_register(
                graph,
                database,
                file,
                settings.sign_in_app_id,
                sending,
                dry_run=arguments.dry_run,
                remove=arguments.remove,
            )
        assert found is not None  # by hand it is always done
        return found

    try:
        found = asyncio.run(run())
    except NoDirectory as error:
        raise Stop(f"{_WHY[error.why]} Ingenting er endret.") from error
    finally:
        database.close()
    _tell_sync(found, dry_run=arguments.dry_run, remove=arguments.remove)
    unread = any(one.kind.startswith("unread_") for one in found.problems)
    return 2 if unread or (arguments.remove and found.doubts) else 0


def _tell_sync(found: "Sync", *, dry_run: bool, remove: bool) -> None:
    from dialogs.directory.removals import problem_text
    from dialogs.wording import Wording

    wording, changes = Wording("nb"), found.changes
    changed = [f"{one.after.name} ({', '.join(one.what)})" for one in changes.changed]
    _list("Nye", [one.name for one in changes.added])
    _list("Endret", changed)
    if found.removed:
        _list("Tatt ut", [one.name for one in found.removed])
    else:
        _list("Ikke i gruppene lenger", [one.name for one in changes.removed])
    sys.stdout.write(f"Uendret: {changes.unchanged}\n")
    if found.problems:
        _list("Å se på", [problem_text(wording, one) for one in found.problems])
    many = [problem_text(wording, one) for one in found.doubts if one.kind == "many"]
    sys.stdout.writelines(f"OBS! {one}\n" for one in many)
    if dry_run:
        sys.stdout.write("Ingenting er lagret. Kjør uten --dry-run for å lagre.\n")
    elif remove and found.doubts and changes.removed:
        sys.stdout.write(
            "Ingen er tatt ut, på grunn av det som står over. Er det riktig likevel, kan en "
            "administrator ta dem ut i chatten: skriv «katalogen».\n"
        )
    elif changes.removed and not found.removed:
        sys.stdout.write(
            "Ingen er tatt ut. En administrator gjør det i chatten («katalogen»), "
            "eller kjør med --remove.\n"
        )


def _install(arguments: argparse.Namespace) -> int:
    from bot.directory import NoDirectory
    from bot.graph import open_graph
    from storage.directory import people_without_app

    settings = settings_from_environment(local=False)
    database = _open(settings)
    try:
        if arguments.dry_run:
            with database.transaction() as session:
                people = people_without_app(session, datetime.now(UTC))
            _list("Mangler appen", [one.name for one in people])
            sys.stdout.write("Ingenting er gjort. Kjør uten --dry-run for å installere.\n")
            return 0

        async def run() -> list["Installation"]:
            async with open_graph(settings) as graph:
                return await install_for_those_without(graph, database, settings.app_id)

        done = asyncio.run(run())
    except NoDirectory as error:
        raise Stop(_WHY[error.why]) from error
    finally:
        database.close()
    failed = [one.problem for one in done if one.state == "feilet"]
    sys.stdout.write(
        f"Installert: {sum(one.state == 'installert' for one in done)}\n"
        f"Hadde appen: {sum(one.state == 'fantes' for one in done)}\n"
        f"Feilet: {len(failed)}\n"
    )
    for problem in sorted(set(failed)):
        sys.stdout.write(f"  {problem}: {failed.count(problem)}\n")
    if failed:
        sys.stdout.write("De som feilet, prøves igjen etter 30 dager. Se docs/directory.md.\n")
    return 0


async def sync_register(
    graph: "Graph",
    database: "Database",
    file: "DirectoryFile",
    app_id: str,
    sending: "SendingTimes",
    *,
    dry_run: bool = False,
    remove: bool = False,
    not_since: datetime | None = None,
) -> "Sync | None":
    """Read the groups, and make the register so; None when it was begun later than `not_since`.

    What is read is saved in one transaction with what it changes, so a run that is cut off has
    done nothing. Raises NoDirectory.
    """
    from bot.directory import read_directory
    from dialogs.directory.register_sync import apply_reading
    from storage.directory import begin_sync, read_mirror

    now = datetime.now(UTC)
    with database.transaction() as session:
        if not dry_run and not begin_sync(session, now, not_since):
            return None
        mirror = read_mirror(session)
    reading = await read_directory(graph, file, mirror, app_id, now)
    with database.transaction() as session:
        return apply_reading(session, file, reading, sending, now, dry_run=dry_run, remove=remove)


async def install_for_those_without(
    graph: "Graph", database: "Database", app_id: str, limit: int | None = None
) -> list["Installation"]:
    """Install the app for at most `limit` of those who lack it. Raises NoDirectory."""
    from bot.directory import find_app, install_app
    from storage.directory import note_installations, people_without_app

    now = datetime.now(UTC)
    with database.transaction() as session:
        people = [one.key for one in people_without_app(session, now)][:limit]
    if not people:
        return []
    app = await find_app(graph, app_id)
    done: list[Installation] = []
    try:
        async for one in install_app(graph, app, people):
            done.append(one)
    finally:  # what was done is done, however it ended
        with database.transaction() as session:
            note_installations(session, done, now)
    return done


class NightlyDirectory:
    """Reads the groups each night where there is a directory.toml; no fault of it stops the bot.

    It has a thread and an event loop of its own: `begin` doesn't wait for it, `stop` cuts it off.
    """

    def __init__(
        self,
        database: "Database",
        settings: "Settings",
        sending: "SendingTimes",
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database, self._settings, self._sending = database, settings, sending
        self._now, self._sleep = now, sleep
        self._thread: threading.Thread | None = None
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]] | None = None
        self._is_stopped = False

    def begin(self) -> None:
        """Begin, unless it is still at it. A local bot has no directory."""
        if self._settings.local or self._is_stopped:
            return
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self.run, name="directory", daemon=True)
            self._thread.start()

    def run(self) -> None:
        """All of it, to its end."""
        from bot.errors import log_error

        try:
            asyncio.run(self._run())
        except asyncio.CancelledError:
            log.info("action=directory_cut_off")
        except Exception as error:
            log_error("directory_failed", error)

    async def stop(self) -> None:
        self._is_stopped = True
        if self._running is not None:
            loop, task = self._running
            with suppress(RuntimeError):  # it has ended just now
                loop.call_soon_threadsafe(task.cancel)
        if self._thread is not None:  # what it writes is written before the database is closed
            await asyncio.to_thread(self._thread.join, STOP_TIMEOUT)

    async def _run(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running = asyncio.get_running_loop(), task
        try:
            if not self._is_stopped:
                await self._sync_and_install()
        finally:
            self._running = None

    async def _sync_and_install(self) -> None:
        from bot.directory import NoDirectory
        from bot.graph import open_graph
        from dialogs.directory.directory_file import NAME, read_directory_file
        from storage.directory import forget_directory

        folder = self._settings.knowledge_dir
        if folder is None or not (folder / NAME).exists():
            with self._database.transaction() as session:
                forget_directory(session)
            return
        file, mistakes = read_directory_file(folder / NAME)
        if file is None:
            for mistake in mistakes:
                log.warning("action=directory_problem %s", mistake)
            return
        try:
            async with asyncio.timeout(NIGHT_TIMEOUT), open_graph(self._settings) as graph:
                found = await sync_register(
                    graph,
                    self._database,
                    file,
                    self._settings.sign_in_app_id,
                    self._sending,
                    not_since=datetime.now(UTC) - NOT_AGAIN_WITHIN,
                )
            if found is None:
                return
            log.info(
                "action=directory_read added=%d changed=%d noted=%d problems=%d",
                len(found.changes.added),
                len(found.changes.changed),
                found.new_removals,
                len(found.problems),
            )
            if not file.install or not await self._hours_have_come():
                return
            async with asyncio.timeout(NIGHT_TIMEOUT), open_graph(self._settings) as graph:
                done = await install_for_those_without(
                    graph, self._database, self._settings.app_id, INSTALLED_A_DAY
                )
            log.info("action=app_installed count=%d", len(done))
        except NoDirectory as error:
            log.warning("action=directory_not_read why=%s", error.why)

    async def _hours_have_come(self) -> bool:
        """Wait until one may write to people; False when that is far off."""
        now = self._now()
        wait = self._sending.next(now) - now
        if wait > LONGEST_WAIT_FOR_HOURS:
            return False
        if wait > timedelta():
            await self._sleep(wait.total_seconds())
        return True


def _file_of(settings: "Settings") -> "DirectoryFile":
    from dialogs.directory.directory_file import NAME, read_directory_file

    folder = settings.knowledge_dir
    if folder is None:
        raise Stop(f"Sett KNOWLEDGE_DIR til mappen med {NAME}. Se docs/directory.md.")
    path: Path = folder / NAME
    try:
        file, mistakes = read_directory_file(path)
    except FileNotFoundError as error:
        raise Stop(f"Finner ikke «{path}». Lag den slik docs/directory.md viser.") from error
    except OSError as error:
        raise Stop(f"Får ikke lest «{path}»: {error.strerror}.") from error
    if file is None:
        raise Stop("\n".join(mistakes))
    return file


def _open(settings: "Settings") -> "Database":
    from storage.database import DatabaseError, open_database

    try:
        database = open_database(settings.database_url)
        database.migrate()
    except DatabaseError as error:
        raise Stop(str(error)) from error
    return database


def _list(title: str, lines: Iterable[str]) -> None:
    lines = list(lines)
    sys.stdout.write(f"{title}: {len(lines)}\n")
    sys.stdout.writelines(f"  {line}\n" for line in lines)
