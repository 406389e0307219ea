"""`backup` and `restore`: the database kept safe, and put back."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roof.parts import Stop, sending_times, settings_from_environment

if TYPE_CHECKING:
    from bot.settings import Settings
    from dialogs.restored import Restored
    from storage.database import Database
    from storage.deletions import Noted

KEPT_DAYS = 35
MOST_DAYS = 400  # deletions are remembered for as long


def add_commands(commands: Any) -> None:
    backup = commands.add_parser("backup", help="ta en sikkerhetskopi av databasen")
    backup.add_argument(
        "folder", nargs="?", type=Path, metavar="MAPPE", help="i stedet for BACKUP_DIR"
    )
    backup.add_argument(
        "--keep",
        type=int,
        default=KEPT_DAYS,
        metavar="DAGER",
        help=f"slett kopier som er eldre (uten valg: {KEPT_DAYS})",
    )
    backup.set_defaults(command=_back_up)

    restore = commands.add_parser("restore", help="legg en sikkerhetskopi tilbake")
    restore.add_argument("file", nargs="?", type=Path, metavar="FIL", help="en SQLite-kopi")
    restore.add_argument(
        "--after-pg-restore",
        action="store_true",
        help="gjør resten når pg_restore har lagt kopien tilbake",
    )
    restore.add_argument(
        "--dry-run", action="store_true", help="vis bare hva som ville blitt gjort"
    )
    restore.set_defaults(command=_restore)


# Taking


def _back_up(arguments: argparse.Namespace) -> int:
    from storage.backup import BackupError, back_up, delete_old
    from storage.database import DatabaseError, sqlite_file
    from storage.deletion_journal import NAME

    settings, now = settings_from_environment(local=True), datetime.now(UTC)
    if not 1 <= arguments.keep <= MOST_DAYS:
        raise Stop(f"Skriv --keep som et antall dager fra 1 til {MOST_DAYS}.")
    folder = arguments.folder or settings.backup_dir
    out = sys.stdout.write
    try:
        file = sqlite_file(settings.database_url)
        folder.mkdir(parents=True, exist_ok=True)
        if file is None:
            out(_pg_dump(settings.database_url, folder, now))
        else:
            made = back_up(file, folder, now)
            gone = delete_old(folder, now - timedelta(days=arguments.keep))
            out(f"Sikkerhetskopien ligger i {made.file} ({_megabytes(made.size)}).\n")
            out(f"Slettet {gone} som var eldre enn {arguments.keep} dager.\n" if gone else "")
        database = _open(settings.database_url)
        try:
            noted = keep_journal(database, settings.backup_dir, now)
        finally:
            database.close()
        # Also when it is empty: without the file, a restore takes it for lost.
        settings.backup_dir.mkdir(parents=True, exist_ok=True)
        (settings.backup_dir / NAME).touch(mode=0o600)
    except (BackupError, DatabaseError) as error:
        raise Stop(str(error)) from error
    except OSError as error:
        raise Stop(f"Får ikke skrevet til «{settings.backup_dir}»: {error.strerror}.") from error
    out(f"Listen over det som må slettes igjen etter en gjenoppretting, har {noted} rader.\n")
    return 0


def keep_journal(database: "Database", folder: Path, now: datetime) -> int:
    """Write the deletions down outside the database; how many stand there."""
    from storage.deletion_journal import write_journal
    from storage.deletions import list_deletions
    from storage.retention import DELETIONS_KEPT_FOR

    with database.transaction() as session:
        noted = list_deletions(session)
    return len(write_journal(folder, noted, now - DELETIONS_KEPT_FOR))


def _pg_dump(url: str, folder: Path, now: datetime) -> str:
    from storage.backup import MOMENT
    from storage.database import without_password

    file = folder / f"kvalitetsbot-{now.strftime(MOMENT)}.dump"
    return (
        "PostgreSQL tar selv sikkerhetskopier. Kjør denne kommandoen; passordet leser den fra"
        f" PGPASSWORD eller ~/.pgpass:\n\n  pg_dump --format=custom --no-owner --file={file}"
        f' "{without_password(url)}"\n\nResten står i docs/backup.md.\n'
    )


# Putting back


def _restore(arguments: argparse.Namespace) -> int:
    from storage.backup import BackupError
    from storage.database import DatabaseError, sqlite_file

    settings, now = settings_from_environment(local=True), datetime.now(UTC)
    try:
        file = sqlite_file(settings.database_url)
        if arguments.after_pg_restore:
            if file is not None:
                raise Stop("--after-pg-restore er for PostgreSQL. Skriv restore FIL.")
            _after_pg_restore(settings, now, dry_run=arguments.dry_run)
        elif file is None:
            raise Stop(
                "Databasen er PostgreSQL: legg kopien tilbake med pg_restore, slik docs/backup.md"
                " sier, og kjør så restore --after-pg-restore."
            )
        elif arguments.file is None:
            raise Stop("Skriv hvilken sikkerhetskopi som skal legges tilbake: restore FIL.")
        else:
            _put_back(settings, arguments.file, file, now, dry_run=arguments.dry_run)
    except (BackupError, DatabaseError) as error:
        raise Stop(str(error)) from error
    except OSError as error:
        raise Stop(
            f"Det gikk ikke: {error.strerror or error}. Ingenting er lagt tilbake."
        ) from error
    return 0


def _put_back(
    settings: "Settings", backup: Path, database: Path, now: datetime, *, dry_run: bool
) -> None:
    """All is made right in a copy, which then takes the database's place in one stroke."""
    from storage.backup import check_backup, copy_beside, is_in_use, put_in_place, remove
    from storage.database import sqlite_url
    from storage.deletion_journal import write_journal
    from storage.retention import DELETIONS_KEPT_FOR

    found = check_backup(backup)
    if is_in_use(database):
        if not dry_run:
            raise Stop(f"Boten bruker databasen «{database}». Stopp den, og prøv igjen.")
        sys.stdout.write("Boten kjører. Den må stoppes før kopien kan legges tilbake.\n")
    noted, notes = _noted(settings, database)
    out = sys.stdout.write
    size = _megabytes(found.size)
    out(f"Kopien er hel: {backup} ({size}, tabeller på trinn {found.migration}).\n")
    out("".join(f"{note}\n" for note in notes))
    ready = copy_beside(backup, database)
    try:
        restored = _made_right(settings, sqlite_url(ready), noted, now)
        kept = None
        if not dry_run:
            kept = put_in_place(ready, database, settings.backup_dir, now)
            write_journal(settings.backup_dir, noted, now - DELETIONS_KEPT_FOR)
    finally:
        remove(ready)
    out(_told(restored, dry_run=dry_run))
    if kept is not None:
        out(f"Databasen som var der, ligger i {kept}. Slett den når alt er i orden.\n")
    out("" if dry_run else _WHAT_NOW)


def _after_pg_restore(settings: "Settings", now: datetime, *, dry_run: bool) -> None:
    from storage.database import open_database
    from storage.deletion_journal import read_journal

    noted, unreadable = read_journal(settings.backup_dir)
    database = open_database(settings.database_url)
    try:
        if others := database.other_connections():
            raise Stop(
                f"Noe annet bruker databasen ({others} forbindelser). Stopp alle kopier av boten"
                " og andre programmer som er logget inn med samme bruker, og prøv igjen."
            )
    finally:
        database.close()
    out = sys.stdout.write
    out(_about_journal(settings, len(noted), unreadable))
    if dry_run:
        out("Ingenting er endret. Kjør uten --dry-run for å gjøre databasen klar.\n")
        return
    out(_told(_made_right(settings, settings.database_url, noted, now), dry_run=False))
    out(_WHAT_NOW)


def _made_right(
    settings: "Settings", url: str, noted: "Sequence[Noted]", now: datetime
) -> "Restored":
    from dialogs.restored import make_right
    from roof.serving import keep_house
    from storage.database import open_database

    sending = sending_times(settings)
    database = open_database(url)
    try:
        database.migrate()
        return make_right(
            database,
            noted,
            sending=sending,
            keep_house=partial(keep_house, database, sending, settings),
            now=now,
        )
    finally:
        database.close()


def _noted(settings: "Settings", present: Path) -> tuple[list["Noted"], list[str]]:
    """What is to be deleted again, by the journal and the present database; and what to tell."""
    from storage.deletion_journal import read_journal
    from storage.restored import deletions_in

    journal, unreadable = read_journal(settings.backup_dir)
    notes = [_about_journal(settings, len(journal), unreadable).rstrip("\n")]
    found: Sequence[Noted] = []
    if present.is_file():
        read = deletions_in(present)
        if read is None:
            notes.append(
                "Databasen som er der nå, kan ikke leses. Det som er slettet etter at listen sist"
                " ble skrevet, må slettes igjen for hånd."
            )
        found = read or []
    known = {one.id: one for one in (*journal, *found)}
    return sorted(known.values(), key=lambda one: (one.at, one.id)), notes


def _about_journal(settings: "Settings", rows: int, unreadable: int) -> str:
    from storage.deletion_journal import NAME

    told = f"Listen over slettinger, {settings.backup_dir / NAME}, har {rows} rader.\n"
    if not (settings.backup_dir / NAME).is_file():
        told = (
            f"Fant ingen liste over slettinger ({settings.backup_dir / NAME}). Ligger den et annet"
            " sted, sett BACKUP_DIR og begynn på nytt.\n"
        )
    if unreadable:
        told += f"{unreadable} linjer i listen kunne ikke leses: se på dem.\n"
    return told


def _told(restored: "Restored", *, dry_run: bool) -> str:
    done = "Ville blitt gjort" if dry_run else "Gjort"
    nothing = "Ingenting er lagt tilbake. Kjør uten --dry-run for å gjøre det.\n" if dry_run else ""
    return (
        f"{done}:\n"
        f"  {restored.removed} tatt ut av personregisteret igjen\n"
        f"  {restored.forgotten} fikk sine egne opplysninger slettet igjen\n"
        f"  {restored.held_back} av meldingene holdt tilbake som «ukjent»: De kan være sendt\n"
        "  alle logget ut av nettsiden, og det som har stått lenge nok, slettet\n" + nothing
    )


_WHAT_NOW = (
    "Gjør så dette: les inn personregisteret på nytt (people import eller directory sync),"
    " start boten, og skriv «utboks» til den for å se hva som ble holdt tilbake.\n"
)


def _open(url: str) -> "Database":
    from storage.database import open_database

    database = open_database(url)
    database.migrate()
    return database


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB".replace(".", ",")
