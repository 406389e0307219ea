"""A backup is whole or it isn't there; nothing that is wrong is put back."""

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.backup import (
    BackupError,
    back_up,
    check_backup,
    copy_beside,
    delete_old,
    is_in_use,
    put_in_place,
)
from storage.database import Database, sqlite_url
from storage.preferences import set_preference

NOW = datetime.now(UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database that nobody has open."""
    path = tmp_path / "data æøå" / "bot.db"
    path.parent.mkdir()
    database = Database(sqlite_url(path))
    database.migrate()
    with database.transaction() as session:
        set_preference(session, "kari", "weekly_digest", False)
    database.close()
    return path


def rows(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        count: int = connection.execute("SELECT count(*) FROM preference").fetchone()[0]
        return count


def test_a_backup_is_whole_has_a_fingerprint_and_is_nobody_elses_to_read(
    file: Path, tmp_path: Path
) -> None:
    made = back_up(file, tmp_path / "kopier", NOW)
    assert check_backup(made.file) == made
    assert rows(made.file) == 1
    beside = Path(f"{made.file}.sha256")
    assert {path.name for path in made.file.parent.iterdir()} == {made.file.name, beside.name}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in (made.file, beside))
    assert back_up(file, tmp_path / "kopier", NOW).file != made.file  # in the same second


def test_a_backup_while_others_write_is_a_moment_of_the_database(
    file: Path, tmp_path: Path
) -> None:
    """Each writing makes two rows: a copy with an odd number would be half of one."""
    database, done = Database(sqlite_url(file)), threading.Event()

    def write() -> None:
        number = 0
        while not done.is_set():
            number += 1
            with database.transaction() as session:
                set_preference(session, f"a{number}", "weekly_digest", False)
                set_preference(session, f"b{number}", "weekly_digest", False)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [rows(back_up(file, tmp_path / "kopier", NOW).file) for _ in range(10)]
    finally:
        done.set()
        writer.join()
        database.close()
    assert all(count % 2 == 1 for count in found)  # and the one that was there before
    assert found[-1] > found[0]


def test_a_folder_that_cannot_be_written_to_is_told_and_nothing_is_left(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fil").touch()
    with pytest.raises(BackupError, match="se at det er plass"):
        back_up(file, tmp_path / "fil", NOW)
    monkeypatch.setattr("storage.backup._flush", full)
    with pytest.raises(BackupError, match="No space left"):
        back_up(file, tmp_path / "kopier", NOW)
    assert list((tmp_path / "kopier").iterdir()) == []
    with pytest.raises(BackupError, match="Finner ikke databasen"):
        back_up(tmp_path / "borte.db", tmp_path / "kopier", NOW)


def full(path: Path) -> None:
    raise OSError(28, "No space left on device")


def test_old_backups_are_deleted_and_nothing_else(file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kopier"
    old = back_up(file, folder, NOW - timedelta(days=36)).file
    new = back_up(file, folder, NOW - timedelta(days=34)).file
    cut_off = folder / f".{old.name}"
    for other in (cut_off, folder / "deletions.jsonl", folder / "viktig.db"):
        other.touch()
    assert delete_old(folder, NOW - timedelta(days=35)) == 2
    left = {path.name for path in folder.iterdir()}
    assert left == {new.name, f"{new.name}.sha256", "deletions.jsonl", "viktig.db"}


def test_what_is_wrong_with_a_file_is_told(file: Path, tmp_path: Path) -> None:
    made = back_up(file, tmp_path / "kopier", NOW).file
    changed = tmp_path / made.name
    shutil.copyfile(made, changed)
    shutil.copyfile(f"{made}.sha256", f"{changed}.sha256")
    with closing(sqlite3.connect(changed)) as connection:
        connection.execute("DELETE FROM preference")
        connection.commit()
    refused(changed, "fingeravtrykket")
    cut = tmp_path / "kuttet.db"
    cut.write_bytes(made.read_bytes()[: made.stat().st_size // 2])
    refused(cut, "skadet|kan ikke leses")
    (tmp_path / "tekst.db").write_text("ikke en database " * 100, "utf-8")
    refused(tmp_path / "tekst.db", "kan ikke leses")
    refused(tmp_path / "borte.db", "Finner ikke")
    other = tmp_path / "annet.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE notat (tekst TEXT)")
        connection.commit()
    refused(other, "er ikke en sikkerhetskopi av Kvalitetsbot")
    newer = tmp_path / "nyere.db"
    shutil.copyfile(made, newer)
    with closing(sqlite3.connect(newer)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    refused(newer, "nyere utgave")


def refused(file: Path, why: str) -> None:
    with pytest.raises(BackupError, match=why):
        check_backup(file)


def test_a_database_that_is_open_is_in_use_until_it_is_closed(file: Path, tmp_path: Path) -> None:
    assert not is_in_use(file)
    assert not is_in_use(tmp_path / "borte.db")
    database = Database(sqlite_url(file))
    with database.transaction() as session:
        set_preference(session, "ola", "weekly_digest", False)
    assert is_in_use(file)  # the program is idle, but there
    database.close()
    assert not is_in_use(file)
    assert rows(file) == 2


def test_the_old_log_is_not_taken_for_the_new_databases(file: Path, tmp_path: Path) -> None:
    """A program that was killed leaves a log of writings that belong to the lost file."""
    made = back_up(file, tmp_path / "kopier", NOW).file
    database = Database(sqlite_url(file))
    with database.transaction() as session:
        set_preference(session, "ola", "weekly_digest", False)
    log = Path(f"{file}-wal").read_bytes()
    database.close()
    Path(f"{file}-wal").write_bytes(log)
    kept = put_in_place(copy_beside(made, file), file, tmp_path / "til side", NOW)
    assert rows(file) == 1
    assert kept is not None
    assert kept.stat().st_mode & 0o777 == 0o600
    assert rows(kept) == 2
    assert sorted(path.name for path in file.parent.iterdir()) == ["bot.db"]
