"""`backup` and `restore` say in one sentence why they can't, and never show a password."""

from pathlib import Path

import pytest

import app
from storage.database import Database

POSTGRESQL = "postgresql://kari:hemmelig@db.example:5433/kvalitet?sslmode=require&password=ogsa"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path / "kopier"))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'bot.db'}")
    return tmp_path / "kopier"


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert app.main(list(arguments)) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    ("url", "arguments", "told"),
    [
        ("", ["backup"], "Finner ikke databasen"),
        ("", ["backup", "--keep", "0"], "fra 1 til 400"),
        ("", ["backup", "--keep", "401"], "fra 1 til 400"),
        ("sqlite://", ["backup"], "bare i minnet"),
        ("", ["restore"], "Skriv hvilken sikkerhetskopi"),
        ("", ["restore", "borte.db"], "Finner ikke sikkerhetskopien"),
        ("", ["restore", "--after-pg-restore"], "er for PostgreSQL"),
        (POSTGRESQL, ["restore", "kopi.db"], "restore --after-pg-restore"),
        ("tull", ["backup"], "er ikke gyldig"),
    ],
)
def test_what_cannot_be_done_is_told(
    url: str,
    arguments: list[str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if url:
        monkeypatch.setenv("DATABASE_URL", url)
    assert told in refusal(capsys, *arguments)


def test_the_command_for_postgresql_has_all_but_the_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", POSTGRESQL)
    assert app.main(["backup"]) == 2  # there is no such server, which is told after it
    said = capsys.readouterr()
    assert '"postgresql://kari@db.example:5433/kvalitet?sslmode=require"' in said.out
    assert "hemmelig" not in said.out + said.err
    assert "ogsa" not in said.out + said.err


def test_a_backup_that_is_broken_leaves_the_database_as_it_is(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'bot.db'}")
    database.migrate()
    database.close()
    assert app.main(["backup"]) == 0
    (backup,) = folder.glob("*.db")
    backup.write_bytes(backup.read_bytes()[:-4096])
    before = (tmp_path / "bot.db").read_bytes()
    capsys.readouterr()
    assert "fingeravtrykket" in refusal(capsys, "restore", str(backup))
    assert (tmp_path / "bot.db").read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"bot.db", "kopier"}


def test_a_backup_before_anything_was_deleted_has_its_list_all_the_same(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(f"sqlite:///{folder.parent / 'bot.db'}")
    database.migrate()
    database.close()
    assert app.main(["backup"]) == 0
    (copy,) = folder.glob("*.db")
    capsys.readouterr()
    assert app.main(["restore", str(copy), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "har 0 rader" in said
    assert "Fant ingen liste" not in said
