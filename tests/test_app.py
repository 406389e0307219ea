"""The command line: what can't be done is told in one sentence, and the rest is done."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import app
from storage.database import open_database
from storage.outbox import queue
from storage.people_file import COLUMNS
from tests.knowledge.files import write

ROOT = Path(__file__).parent.parent
ID = "0a000000-0000-4000-8000-00000000000{}"
KARI = f"{ID.format(1)};Kari Li;kari@fjordvik.example;lærer;Nordlia skole;skole;barneskole;nord;nb"
OLA = f"{ID.format(2)};Ola Bø;ola@fjordvik.example;rektor;Nordlia skole;skole;barneskole;nord;nn"
SETTINGS = ("PORT", "DATABASE_URL", "PUBLIC_URL", "SECRET_KEY", "KNOWLEDGE_DIR", "SERVICE_HOSTS")


@pytest.fixture(autouse=True)
def database_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """No settings but an SQLite file of our own."""
    for name in list(os.environ):
        if name in SETTINGS or name.startswith("MicrosoftApp"):
            monkeypatch.delenv(name)
    url = f"sqlite:///{tmp_path / 'data' / 'kvalitetsbot.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    return url


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one sentence that a command ends with when it can't be done."""
    code = app.main(list(arguments))
    told = [line for line in capsys.readouterr().err.splitlines() if " action=" not in line]
    assert code == 2
    assert len(told) == 1
    return told[0]


# Serving


def test_serving_without_credentials_is_refused_with_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = refusal(capsys, "serve")
    assert told.startswith("MicrosoftAppId mangler")
    assert "--local" in told


def test_a_taken_port_is_told_with_another_to_choose(
    taken_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", str(taken_port))
    assert refusal(capsys, "serve", "--local").startswith(f"Port {taken_port} er opptatt")


@pytest.mark.parametrize("port", ["åtti", "0", "70000", "-1"])
def test_a_wrong_port_is_told(
    port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", port)
    assert refusal(capsys, "serve", "--local").startswith(f"PORT er «{port}»")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("tull", "Adressen i DATABASE_URL er ikke gyldig"),
        ("mysql://noen@vert/base", "Databasen må være SQLite eller PostgreSQL"),
        ("postgresql://ingen:hemmelig@127.0.0.1:1/base", "Får ikke åpnet databasen «base»"),
    ],
)
@pytest.mark.parametrize("command", [("serve", "--local"), ("people", "import", "personer.csv")])
def test_a_wrong_database_address_is_told_without_its_password(
    url: str,
    told: str,
    command: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    people(tmp_path, KARI)
    monkeypatch.setenv("DATABASE_URL", url)
    arguments = [str(tmp_path / one) if one.endswith(".csv") else one for one in command]
    sentence = refusal(capsys, *arguments)
    assert sentence.startswith(told)
    assert "hemmelig" not in sentence


def test_a_folder_that_cannot_be_written_to_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # A file where the folder should be: nobody can write below it, not even root.
    write(tmp_path / "opptatt", "")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'opptatt' / 'bot.db'}")
    told = refusal(capsys, "serve", "--local")
    assert told.startswith(f"Kan ikke skrive til mappen «{tmp_path / 'opptatt'}»")


def test_a_missing_knowledge_folder_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KNOWLEDGE_DIR", str(tmp_path / "finnes-ikke"))
    for arguments in (("serve", "--local"), ("documents", "check"), ("ask", "hei")):
        assert refusal(capsys, *arguments).startswith("Finner ikke mappen")


def test_serving_locally_begins_answers_and_ends_when_asked_to(
    free_port: int, tmp_path: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "app.py", "serve", "--local"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(free_port)},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as bot:
        assert bot.stderr
        try:
            assert any("action=serving" in line for line in bot.stderr)
            with urllib.request.urlopen(f"http://127.0.0.1:{free_port}/health") as health:
                assert health.status == 200
            bot.send_signal(signal.SIGTERM)
            assert "Traceback" not in bot.stderr.read()
            assert bot.wait(30) == 0
        finally:
            bot.kill()
    assert (tmp_path / "data" / "kvalitetsbot.db").is_file()


# People


def people(folder: Path, *rows: str) -> str:
    text = "\n".join([";".join(COLUMNS), *rows, ""])
    return str(write(folder / "personer.csv", text))


def imported(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert app.main(["people", "import", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_importing_tells_who_is_new_changed_and_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(capsys, people(tmp_path, KARI, OLA)) == [
        "Nye: 2",
        "  Kari Li",
        "  Ola Bø",
        "Endret: 0",
        "Fjernet: 0",
        "Uendret: 0",
    ]
    assert imported(capsys, people(tmp_path, KARI, OLA))[-1] == "Uendret: 2"
    moved = KARI.replace("lærer", "avdelingsleder")
    out = imported(capsys, people(tmp_path, moved))
    assert out[1] == "Endret: 1"
    assert out[2].startswith("  Kari Li (")
    assert out[3:] == ["Fjernet: 1", "  Ola Bø", "Uendret: 0"]


def test_a_dry_run_shows_everything_first_and_keeps_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(capsys, people(tmp_path, KARI))
    for _ in range(2):
        assert imported(capsys, people(tmp_path, OLA), "--dry-run") == [
            "Nye: 1",
            "  Ola Bø",
            "Endret: 0",
            "Fjernes: 1",
            "  Kari Li",
            "Uendret: 0",
            "Ingenting er lagret. Kjør uten --dry-run for å lagre.",
        ]
    assert imported(capsys, people(tmp_path, KARI))[-1] == "Uendret: 1"


def test_every_wrong_row_is_told_at_once_and_nobody_is_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = people(tmp_path, KARI, OLA.replace("rektor", "vaktmester"), "12;;;lærer;;;;;")
    assert app.main(["people", "import", file]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in told] == ["Rad 3", "Rad 4", "Rad 4", "Rad 4"]
    assert imported(capsys, people(tmp_path, KARI))[0] == "Nye: 1"


def test_the_outbox_tells_who_can_not_be_reached_and_what_to_do(
    tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(capsys, people(tmp_path, KARI, OLA))
    assert app.main(["outbox", "status"]) == 0
    assert "Alle som skulle få melding, kan nås." in capsys.readouterr().out
    database = open_database(database_url)
    now = datetime.now(UTC)
    with database.transaction() as session:
        queue(
            session,
            person=ID.format(2),
            reason="digest",
            occasion="2026-W48",
            about={},
            due=now - timedelta(minutes=1),
            latest=now + timedelta(days=1),
        )
    database.close()
    assert app.main(["outbox", "status"]) == 0
    out = capsys.readouterr().out
    assert "Har ikke installert appen: 1. Be IT installere" in out
    assert "  Ola Bø, Nordlia skole" in out
    assert app.main(["outbox", "status", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["states"]["venter"] == {"digest": 1}
    assert told["oldest_waiting_seconds"] == 0  # nothing that could be sent waits
    assert told["causes"] == {"not_installed": 1}
    assert [one["name"] for one in told["unreached"]] == ["Ola Bø"]


def test_a_missing_file_of_people_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(capsys, "people", "import", str(tmp_path / "nei.csv")).startswith(
        "Får ikke lest"
    )
    assert refusal(capsys, "people", "import", str(tmp_path)).startswith("Får ikke lest")


# Meetings


def meetings(folder: Path, *rows: str) -> str:
    text = "\n".join(["type;tittel;start;slutt;målgruppe", *rows, ""])
    return str(write(folder / "møter.csv", text))


def taken(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert app.main(["meetings", "import", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


NEXT_YEAR = datetime.now(UTC).year + 1
MEETING = f"fagsamtale;Lesing;03.12.{NEXT_YEAR} 12:00;14:00;ledere"


def test_importing_meetings_tells_what_is_new_changed_and_moved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(capsys, people(tmp_path, KARI, OLA))
    line = f"  03.12.{NEXT_YEAR} kl. 12.00–14.00: fagsamtale: Lesing – ledere (1 person)"
    rest = ["Flyttet: 0", "Endret: 0", "Avlyst: 0"]
    new = [
        "Nye: 1",
        line,
        *rest,
        "Inviterte til sammen: 1. Ingen kan få melding i Teams ennå.",
    ]
    dry = "Ingenting er lagret. Kjør uten --dry-run for å lagre."
    assert taken(capsys, meetings(tmp_path, MEETING), "--dry-run") == [*new, dry]
    assert taken(capsys, meetings(tmp_path, MEETING)) == new
    assert taken(capsys, meetings(tmp_path, MEETING)) == ["Nye: 0", *rest, "Uendret: 1"]
    moved = taken(capsys, meetings(tmp_path, MEETING.replace("03.12.", "04.12.")))
    assert moved[1:3] == [
        "Flyttet: 1",
        f"  fagsamtale: Lesing: fra 03.12.{NEXT_YEAR} kl. 12.00–14.00"
        f" til 04.12.{NEXT_YEAR} kl. 12.00–14.00",
    ]


def test_every_wrong_row_of_meetings_is_told_and_none_is_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    imported(capsys, people(tmp_path, OLA))
    file = meetings(tmp_path, MEETING, "fagsamtale;;i morgen;14:00;rørleggere")
    assert app.main(["meetings", "import", file]) == 2
    told = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in told] == ["Rad 3"] * 3
    assert taken(capsys, meetings(tmp_path, MEETING))[0] == "Nye: 1"


def test_a_file_of_meetings_that_cannot_be_read_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def told(name: str) -> str:
        return refusal(capsys, "meetings", "import", str(tmp_path / name))

    assert told("nei.csv").startswith("Får ikke lest")
    assert told("").startswith("Får ikke lest")
    write(tmp_path / "møter.docx", "noe")
    assert told("møter.docx").startswith("Jeg leser ikke «møter.docx»")
    write(tmp_path / "stor.csv", "x" * 10_000_000)
    assert told("stor.csv").startswith("Fila er for stor")


# Documents


def test_checking_what_ships_finds_nothing_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["documents", "check"]) == 0
    assert capsys.readouterr().out.endswith("Alt i orden.\n")


def test_checking_tells_every_mistake_of_every_file_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "kunnskap"
    (folder / "questions").mkdir(parents=True)
    write(folder / "god.md", "# God\n\nTekst her.")
    write(folder / "hode.md", "+++\ntitle =\n+++\n")
    write(folder / "ødelagt.docx", "nei")
    write(folder / "kvalitetsplan.md", "# Vår egen\n")
    write(folder / "questions" / "sporsmal.toml", 'document = "borte"\nanswer = []\n')
    write(folder / "veiviser.toml", "[[entry]]\nid = 1\n")
    write(folder / "promises.toml", "ikke toml")
    monkeypatch.setenv("KNOWLEDGE_DIR", str(folder))
    assert app.main(["documents", "check"]) == 2
    *told, last = capsys.readouterr().out.splitlines()
    for name in ("hode.md", "ødelagt.docx", "sporsmal.toml", "veiviser.toml", "promises.toml"):
        assert any(line.startswith(name) for line in told), name
    assert any("kvalitetsplan" in line and "følger med boten" in line for line in told)
    assert not any(line.startswith("god") for line in told)
    assert last.endswith(f"{len(told)} feil å rette.")


def test_a_document_in_the_kommunes_own_folder_is_answered_from_beside_the_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "kunnskap"
    folder.mkdir()
    write(folder / "badeplan.md", "# Badeplan\n\nSvømmehallen på Marienlyst er stengt i juli.\n")
    monkeypatch.setenv("KNOWLEDGE_DIR", str(folder))
    assert app.main(["ask", "når er svømmehallen på Marienlyst stengt"]) == 0
    assert "stengt i juli" in capsys.readouterr().out
    assert app.main(["ask", "Hva er samarbeidslæring?"]) == 0
    assert "Kvalitetsplanen" in capsys.readouterr().out


def test_a_file_with_mistakes_does_not_stop_the_bot_from_answering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "feil.md", "+++\ntitle =\n+++\n")
    monkeypatch.setenv("KNOWLEDGE_DIR", str(tmp_path))
    assert app.main(["ask", "Hva er PRUVA?"]) == 0
    assert "[1]" in capsys.readouterr().out
