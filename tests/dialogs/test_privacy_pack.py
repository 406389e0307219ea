"""The privacy pack tells of every column about people, in both languages, as the bot is set up."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

import app
from bot.papers.plain import plain
from bot.papers.word import word
from dialogs.messages import Language
from dialogs.privacy_pack.documents import FILES, Document, paper_of, read_texts
from dialogs.privacy_pack.kept_tables import STORED, marked
from dialogs.privacy_pack.running import Running
from dialogs.wording import Wording

RUNNING = Running(
    kommune="Fjordvik kommune",
    contact="Personvernombudet Åse Bjørk-Hansen, ase@fjordvik.example, 12 34 56 78",
    hosting="Azure, Norway East",
    address="https://kvalitetsbot.fjordvik.example",
    postgresql=True,
    directory=True,
    smallest=7,
    hours=(time(7, 30), time(16)),
    day=date(2026, 11, 23),
)
NOTHING_SET = Running("", "", "", "", False, False, 5, None, date(2026, 11, 23))
NOW = datetime(2026, 11, 23, tzinfo=UTC)
LANGUAGES: tuple[Language, ...] = ("nb", "nn")

both = pytest.mark.parametrize("language", LANGUAGES)


def text_of(document: Document, language: Language, running: Running = RUNNING) -> str:
    return plain(paper_of(document, language, running))


@both
def test_every_column_about_people_is_in_the_protocol_with_purpose_and_retention(
    language: Language,
) -> None:
    texts, said = read_texts(language), text_of("record", language)
    marks = dict(Wording(language).many("my_data_marks"))
    for name, table in STORED.items():
        columns = marked(table)
        told = texts["columns"].get(name, {})
        assert told.keys() == columns.keys(), name  # none is missing, and none has gone
        for column, sentences in columns.items():
            assert told[column] in said
            assert all(marks.get(one, one) in said for one in sentences)


@both
def test_every_table_is_in_the_retention_list_or_said_to_be_about_nobody(
    language: Language,
) -> None:
    texts, said = read_texts(language), text_of("retention", language)
    about = {name for name, table in STORED.items() if marked(table)}
    assert texts["tables"].keys() == about
    assert texts["others"].keys() == STORED.keys() - about
    assert texts["deleted"].keys() - {"otherwise"} <= about
    for label in (*texts["tables"].values(), *(one for one, _ in texts["others"].values())):
        assert label in said


def test_all_sentences_of_the_tables_are_there_in_nynorsk() -> None:
    marks = dict(Wording("nn").many("my_data_marks"))
    sentences = {
        one for table in STORED.values() for pair in marked(table).values() for one in pair
    }
    assert sentences - marks.keys() == set()
    for document in FILES:
        assert not [one for one in sentences if one in text_of(document, "nn")]


def test_both_languages_have_the_same_parts() -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(one) for key, one in value.items()}
        if isinstance(value, list):
            return [shape(one) for one in value]
        return re.findall(r"\{\w+\}", value)

    nb, nn = read_texts("nb"), read_texts("nn")
    assert shape(nb) == shape(nn)


@both
@pytest.mark.parametrize("document", FILES)
def test_what_is_not_set_is_asked_for_and_what_is_set_is_not(
    document: Document, language: Language
) -> None:
    said, unset = text_of(document, language), text_of(document, language, NOTHING_SET)
    assert not re.search(r"\((KOMMUNE|PRIVACY_CONTACT|HOSTING|PUBLIC_URL)\)", said)
    assert unset.splitlines()[3].startswith("[fyll inn: ")  # whose it is
    assert "{" not in said + unset
    assert "Fjordvik" in said


def test_the_documents_follow_how_the_bot_is_set_up() -> None:
    said, unset = text_of("record", "nb"), text_of("record", "nb", NOTHING_SET)
    assert "grupper på minst 7" in said
    assert "PostgreSQL" in said
    assert "directory.toml" in said
    assert "SQLite" in unset
    assert "fra en fil som kommunen lager" in unset
    assert "klokka 07.30–16.00 på skoledager" in text_of("information", "nb")
    assert "hele døgnet" in text_of("information", "nb", NOTHING_SET)


@both
def test_what_the_kommune_decides_is_marked(language: Language) -> None:
    decides = "[kommunen avgjør" if language == "nb" else "[kommunen avgjer"
    for document in ("record", "assessment", "retention", "accessibility"):
        assert decides in text_of(document, language)
    assert "[kommunen avgjør" not in text_of("record", "nn")


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice says how many pages it is")
@both
@pytest.mark.parametrize("running", [RUNNING, NOTHING_SET], ids=["set", "unset"])
def test_the_information_fits_one_page(
    language: Language, running: Running, tmp_path: Path
) -> None:
    long = replace(running, kommune=running.kommune and "Stor-Elvdal og Nordre Land kommune")
    file = tmp_path / "informasjon.docx"
    file.write_bytes(word(paper_of("information", language, long), NOW))
    home = f"-env:UserInstallation={(tmp_path / 'home').as_uri()}"
    convert = f"soffice {home} --headless --convert-to pdf --outdir {tmp_path} {file}"
    subprocess.run(convert.split(), check=True, capture_output=True, timeout=120)
    pdf = (tmp_path / "informasjon.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1


def test_the_command_writes_all_of_it_and_says_what_is_not_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("PRIVACY_CONTACT", "HOSTING", "PUBLIC_URL", "KNOWLEDGE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KOMMUNE", "Fjordvik kommune")
    assert app.main(["privacy", str(tmp_path)]) == 0
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    kinds = ("docx", "txt")
    names = FILES.values()
    assert written == {
        f"{one}/{name}.{kind}" for one in LANGUAGES for name in names for kind in kinds
    }
    said = capsys.readouterr().out
    assert "PRIVACY_CONTACT er ikke satt" in said
    assert "KOMMUNE er ikke satt" not in said
    assert "Fjordvik kommune" in (tmp_path / "nn" / "informasjon.txt").read_text("utf-8")
