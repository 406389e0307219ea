"""`app.py ask`: the same answers as in the chat, as text and as JSON, and errors said once."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import app
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import Message, TextReply
from knowledge.library import Library
from roof import parts
from storage.database import Database
from tests.knowledge.files import write, write_docx, write_pdf

ROOT = Path(__file__).parent.parent
KEYS = {"id", "answered", "answer", "citations", "passages"}


def run(*arguments: str, lines: bytes = b"") -> tuple[int, str, str]:
    """Run `app.py ask` as somebody at a terminal does: (exit code, output, errors)."""
    environment = {name: value for name, value in os.environ.items() if name != "KNOWLEDGE_DIR"}
    done = subprocess.run(
        [sys.executable, "app.py", "ask", *arguments],
        cwd=ROOT,
        env={**environment, "PYTHONUTF8": "1"},
        input=lines,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def check_shape(answer: dict[str, Any]) -> None:
    assert set(answer) == KEYS
    assert isinstance(answer["answered"], bool)
    assert 0 < len(answer["answer"]) <= 1_200
    assert all(set(one) == {"document", "section"} for one in answer["citations"])
    assert len(answer["passages"]) <= 10
    for passage in answer["passages"]:
        assert set(passage) == {"text", "document", "section", "score"}
        assert 0 < len(passage["text"]) <= 1_200
    scores = [passage["score"] for passage in answer["passages"]]
    assert scores == sorted(scores, reverse=True)


# As a process


def test_a_question_is_answered_with_its_source() -> None:
    code, out, errors = run("Hva er PRUVA?")
    assert (code, errors) == (0, "")
    assert "[1] " in out
    assert out.endswith("PRUVA\n")


def test_json_is_one_object() -> None:
    code, out, errors = run("--json", "Hva er samarbeidslæring?")
    answer = json.loads(out)
    check_shape(answer)
    assert (code, errors) == (0, "")
    assert answer["answered"] is True
    assert answer["citations"] == [
        {"document": "Kvalitetsplanen", "section": "Del 2 › Ambisjon 2 skole › Samarbeidslæring"}
    ]
    assert answer["passages"][0]["section"] == "Del 2 › Ambisjon 2 skole › Samarbeidslæring"


def test_every_line_gets_a_line_and_a_broken_one_is_told_without_stopping_the_others() -> None:
    lines = [
        {"id": 1, "question": "Hva er PRUVA?"},
        "dette er ikke JSON",
        {
            "id": "to",
            "question": "og for barnehagene?",
            "context": "Hvilke tiltak har ambisjon 2 for skolene?",
        },
        "",
        {"id": 3, "question": "Hva er hovedstaden i Frankrike?"},
    ]
    text = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
    code, out, errors = run("--jsonl", lines=text.encode())
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 2
    assert errors.count("\n") == 1
    assert "Linje 2" in errors
    assert [answer["id"] for answer in answers] == [1, "to", 3]
    assert [answer["answered"] for answer in answers] == [True, True, False]
    assert answers[1]["citations"][0]["section"] == "Del 2 › Ambisjon 2 barnehage"
    for answer in answers:
        check_shape(answer)


def test_another_folder_is_answered_from_and_an_unreadable_file_is_told(tmp_path: Path) -> None:
    write(tmp_path / "skyss.md", "# Skyss\n\nElever får skyss når veien er over fire kilometer.\n")
    write(tmp_path / "sfo.txt", "SFO er åpen fra klokka 07.15.\n", "cp1252")
    write_docx(tmp_path / "regler.docx")
    write_pdf(tmp_path / "permisjon.pdf", ["Permisjon innvilges av rektor."])
    write(tmp_path / "feil.pdf", "ikke en pdf")
    question = "Når får elevene skyss?"
    code, out, errors = run("--documents", str(tmp_path), "--json", question)
    answer = json.loads(out)
    check_shape(answer)
    assert code == 0
    assert "feil.pdf kan ikke leses" in errors
    assert answer["answered"] is True
    assert answer["citations"][0] == {"document": "skyss", "section": "Skyss"}
    assert {one["document"] for one in answer["passages"]} <= {
        "skyss",
        "sfo",
        "regler",
        "permisjon",
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Skriv et spørsmål"),
        (("--documents", "finnes-ikke", "hei"), "Finner ikke mappen «finnes-ikke»"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence_with_exit_code_2(
    arguments: tuple[str, ...], told: str
) -> None:
    code, out, errors = run(*arguments)
    assert (code, out) == (2, "")
    assert errors.count("\n") == 1
    assert errors.startswith(told)


# In this process, where the knowledge is loaded already


@pytest.fixture
def loaded(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "load_library", lambda folder: (library, []))
    monkeypatch.delenv("KNOWLEDGE_DIR", raising=False)


def ask_lines(content: bytes, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), "utf-8"))
    return app.main(["ask", "--jsonl"])


def test_an_empty_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["ask", "--documents", str(tmp_path), "hei"]) == 2
    assert capsys.readouterr().err.startswith("Det er ingen .md-, .txt-, .docx- eller .pdf-filer")


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"Hva er PRUVA?"',
        b'{"id": 1}',
        b'{"question": "Hva er PRUVA?"}',
        b'{"id": 1, "question": null}',
        b'{"id": 1, "question": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
@pytest.mark.usefixtures("loaded")
def test_whatever_a_line_holds_the_next_one_is_answered(
    line: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = json.dumps({"id": "neste", "question": "Hva er PRUVA?"}).encode()
    code = ask_lines(line + b"\n" + good + b"\n", monkeypatch)
    out, errors = capsys.readouterr()
    assert code == 2
    assert errors.startswith("Linje 1 er ikke")
    assert errors.count("\n") == 1
    assert json.loads(out)["id"] == "neste"


@pytest.mark.parametrize(
    "asked",
    [
        {"id": "\ud800", "question": "Hva er PRUVA?"},
        {"id": 1, "question": "\ud800 hva er PRUVA?"},
        {"id": 1, "question": "\x00"},
        {"id": None, "question": ""},
        {"id": [1], "question": "Hva er PRUVA?", "context": ""},
        {"id": {"a": 1}, "question": "hei", "context": None},
        {"id": 1, "question": "ord " * 10_000, "context": "\u202e" * 100},
    ],
)
def test_odd_but_right_lines_are_answered_in_utf_8(
    asked: dict[str, Any], library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "load_library", lambda folder: (library, []))
    monkeypatch.delenv("KNOWLEDGE_DIR", raising=False)
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "utf-8", write_through=True))
    assert ask_lines(json.dumps(asked).encode(), monkeypatch) == 0
    answer = json.loads(written.getvalue().decode())
    assert answer["id"] == asked["id"]
    check_shape(answer)


@pytest.fixture
def chat(library: Library, guides: Guides) -> Iterator[Assistant]:
    database = Database("sqlite://")
    database.migrate()
    yield Assistant(library, guides, database, read_contacts(), "hemmelig")
    database.close()


def say(chat: Assistant, conversation: str, number: int, text: str) -> TextReply:
    message = Message(
        id=f"{conversation}-{number}",
        conversation=conversation,
        sender="noen",
        arrived=datetime(2026, 11, 23, 8, number, tzinfo=UTC),
        text=text,
    )
    (reply,) = chat.handle(message)
    assert isinstance(reply, TextReply)
    return reply


@pytest.mark.parametrize(
    ("question", "context"),
    [
        ("Hva er PRUVA?", ""),
        ("korleis legg de opp til elevmedverknad", ""),
        ("Når var møtet om elevmedvirkning?", ""),
        ("Hva er hovedstaden i Frankrike?", ""),
        ("når starter vinterferien", ""),
        ("hei", ""),
        ("en elev i klassen min blir slått hjemme", ""),
        ("ring meg på 912 34 567", ""),
        ("og for barnehagene?", "Hva er ambisjon 4 for skolene?"),
        ("og neste?", "Når var møtet om elevmedvirkning?"),
    ],
)
@pytest.mark.usefixtures("loaded")
def test_the_terminal_answers_what_the_chat_shows(
    question: str,
    context: str,
    chat: Assistant,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = {"id": 1, "question": question, **({"context": context} if context else {})}
    assert ask_lines(json.dumps(line).encode(), monkeypatch) == 0
    answer = json.loads(capsys.readouterr().out)
    if context:
        say(chat, "samtale", 1, context)
    reply = say(chat, "samtale", 2, question)
    assert answer["answer"] == reply.text
    assert answer["citations"] == [
        {"document": source.document, "section": source.section} for source in reply.sources
    ]
