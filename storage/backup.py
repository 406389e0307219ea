"""Backups of an SQLite database: taken while it is in use, looked through, and put back.

PostgreSQL has its own (docs/backup.md).
"""

import hashlib
import os
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from storage.database import MIGRATIONS

MOMENT = "%Y%m%dT%H%M%SZ"
_NAMED = re.compile(r"\.?kvalitetsbot-(?:for-)?(\d{8}T\d{6}Z)(?:-\d+)?\.db(?:-wal|\.sha256)?")
_SHA256 = ".sha256"
_OURS = {"alembic_version", "person", "conversation", "draft"}
_WAIT_SECONDS = 2


class BackupError(Exception):
    """It could not be done; the message is Norwegian and says what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that has been looked through. `migration` is how new its tables are."""

    file: Path
    size: int
    migration: str


def back_up(database: Path, folder: Path, now: datetime) -> Backup:
    """Copy the database as it is at this moment, also while the bot writes to it.

    The copy has its name only when it is whole: before that it is a hidden file.
    """
    if not database.is_file():
        raise BackupError(f"Finner ikke databasen «{database}»: rett DATABASE_URL.")
    hidden = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        target = _free_name(folder, now, "")
        hidden = folder / f".{target.name}"
        _private_file(hidden)
        # In one go: with pauses, SQLite begins anew each time that the bot writes.
        with closing(_open(database)) as source, closing(sqlite3.connect(hidden)) as copy:
            source.backup(copy)
        made = check_backup(hidden)
        _flush(hidden)
        beside = Path(f"{target}{_SHA256}")
        _private_file(beside)
        beside.write_text(f"{_sha256(hidden)}  {target.name}\n", "utf-8")
        hidden.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise BackupError(
            f"Sikkerhetskopien ble ikke ferdig ({_cause(error)}): se at det er plass i mappen"
            f" «{folder}», og at den som kjører kommandoen, kan skrive der."
        ) from error
    finally:
        if hidden is not None:
            hidden.unlink(missing_ok=True)
    return Backup(target, made.size, made.migration)


def check_backup(file: Path) -> Backup:
    """See that the file is whole, is ours and isn't newer than this program."""
    if not file.is_file():
        raise BackupError(f"Finner ikke sikkerhetskopien «{file}».")
    beside = Path(f"{file}{_SHA256}")
    if beside.is_file() and beside.read_text("utf-8").split()[:1] != [_sha256(file)]:
        raise BackupError(
            f"«{file}» er ikke lenger slik den ble skrevet (fingeravtrykket i «{beside.name}» er"
            " et annet). Bruk en annen sikkerhetskopi."
        )
    try:
        # Nothing is written beside it, and what is read is the file alone.
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)) as copy:
            said = [row[0] for row in copy.execute("PRAGMA integrity_check")]
            listed = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in listed}
            ours = tables >= _OURS
            migration = str(_first(copy, "SELECT version_num FROM alembic_version")) if ours else ""
    except sqlite3.DatabaseError as error:
        raise BackupError(
            f"«{file}» kan ikke leses som en SQLite-database. Bruk en annen sikkerhetskopi."
        ) from error
    if said != ["ok"]:
        raise BackupError(f"«{file}» er skadet. Bruk en annen sikkerhetskopi.")
    if not ours:
        raise BackupError(f"«{file}» er ikke en sikkerhetskopi av Kvalitetsbot. Velg en annen fil.")
    if migration not in _migrations():
        raise BackupError(
            f"«{file}» er fra en nyere utgave av boten (tabellene er på trinn {migration}). Legg"
            " inn den utgaven først, og prøv igjen."
        )
    return Backup(file, file.stat().st_size, migration)


def is_in_use(database: Path) -> bool:
    """Whether some program has the database open. Of one that can't be read, nobody knows: False.

    What the log of SQLite holds is at the same time written to the file itself.
    """
    if not database.is_file():
        return False
    try:
        with closing(sqlite3.connect(database, timeout=_WAIT_SECONDS)) as connection:
            # Possible only for who is alone; the bot sets it back when it opens the file.
            return bool(_first(connection, "PRAGMA journal_mode = DELETE") != "delete")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    except sqlite3.DatabaseError:
        return False


def copy_beside(backup: Path, database: Path) -> Path:
    """A copy of the backup beside the database, to be made ready there."""
    target = database.with_name(f".{database.name}.gjenopprettes")
    remove(target)
    database.parent.mkdir(parents=True, exist_ok=True)
    _private_file(target)
    shutil.copyfile(backup, target)
    return target


def put_in_place(ready: Path, database: Path, aside: Path, now: datetime) -> Path | None:
    """Copy the present database to the folder `aside`, and put the ready one in its place.

    Gives the copy, None when there was no database. Nothing may have either of them open.
    """
    kept = None
    _flush(ready)
    if database.exists():
        aside.mkdir(parents=True, exist_ok=True)
        kept = _free_name(aside, now, "for-")
        for end in ("", "-wal"):
            if Path(f"{database}{end}").exists():
                _private_file(Path(f"{kept}{end}"))
                shutil.copyfile(f"{database}{end}", f"{kept}{end}")
    # The log belongs to the old file: the new one must not be taken for what it goes on from.
    for end in ("-wal", "-shm", "-journal"):
        Path(f"{database}{end}").unlink(missing_ok=True)
    ready.replace(database)
    return kept


def remove(database: Path) -> None:
    """Remove an SQLite file and its log."""
    for end in ("", "-wal", "-shm", "-journal"):
        Path(f"{database}{end}").unlink(missing_ok=True)


def delete_old(folder: Path, before: datetime) -> int:
    """Delete the backups from before, and what was left when one was cut off; how many backups."""
    gone = 0
    for file in sorted(folder.iterdir()) if folder.is_dir() else []:
        found = _NAMED.fullmatch(file.name)
        if found is None:
            continue
        taken = datetime.strptime(found[1], MOMENT).replace(tzinfo=UTC)
        cut_off = file.name.startswith(".") and taken < datetime.now(UTC) - timedelta(days=1)
        if taken < before or cut_off:
            file.unlink(missing_ok=True)
            gone += file.suffix == ".db"
    return gone


def _open(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True, timeout=60)


def _first(connection: sqlite3.Connection, query: str) -> Any:
    return connection.execute(query).fetchone()[0]


def _free_name(folder: Path, now: datetime, kind: str) -> Path:
    stem = f"kvalitetsbot-{kind}{now.astimezone(UTC).strftime(MOMENT)}"
    number, path = 1, folder / f"{stem}.db"
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.db"
    return path


def _private_file(path: Path) -> None:
    """An empty file that nobody else may read: a database is full of names."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _migrations() -> set[str]:
    return {path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}


def _cause(error: Exception) -> str:
    # Neither has anything in it but the disk's own words.
    return getattr(error, "strerror", None) or str(error)
