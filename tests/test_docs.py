"""What the documentation says is so: settings, commands, examples, links, words and retention."""

import argparse
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

import app
from bot.settings import SETTINGS
from dialogs.assistant import COMMANDS
from dialogs.contacts import Contacts, read_contacts
from dialogs.guide import Audience
from dialogs.guide_files import FOLDER, Guides
from dialogs.questions import respond
from dialogs.wording import read_wordings
from knowledge.library import Library, load_library
from knowledge.norwegian import WordLists
from storage import retention
from storage.database import Database
from storage.drafts import Owner, start_draft
from storage.shared import Reader, find_shared, share
from storage.tables import Table

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
CODE = ("app.py", "bot", "dialogs", "knowledge", "roof", "storage")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


@pytest.mark.parametrize(("name", "default", "help"), SETTINGS, ids=[s[0] for s in SETTINGS])
def test_every_setting_is_explained(name: str, default: str, help: str) -> None:
    shown = f"`{default}`" if default else "–"
    assert f"| `{name}` | {shown} | {help} |" in read("docs/settings.md").splitlines()


def test_no_setting_is_explained_that_is_gone() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", read("docs/settings.md"), re.MULTILINE)
    assert explained == [name for name, _, _ in SETTINGS]


def test_every_command_and_option_of_the_program_is_in_the_readme() -> None:
    readme = read("README.md")
    commands = dict(_commands(app._parser()))
    assert {"ask", "people import", "documents check"} <= commands.keys()
    for command, options in commands.items():
        assert f"app.py {command}" in readme
        for option in options:
            assert option in readme


def test_every_command_that_hjelp_shows_is_explained() -> None:
    explained = read("README.md") + read("docs/content.md")
    wording = read_wordings()["nb"]
    shown = [pair[0] for pair in wording.many("help_commands")] + wording.many("help_local")[:1]
    told = [command for _, command, _ in wording.many("help_for_roles")]
    shown += [one for command in told for one in command.split(" / ")]
    assert len(shown) > 12
    assert not [command for command in shown if f"«{command}»" not in explained]


def test_every_command_that_is_explained_is_heard(guides: Guides) -> None:
    table = read("docs/content.md").partition("I chatten har folk disse kommandoene")[2]
    cells = re.findall(r"^\| («.+?) \|", table, re.MULTILINE)
    told = [
        word.split(":")[0].rstrip("?") for cell in cells for word in re.findall("«(.+?)»", cell)
    ]
    assert len(told) > 20
    heard = {*COMMANDS, *(phrase for guide in guides.all for phrase in guide.ask)}
    others = {"hva betyr …", "neste møte", "nynorsk / bokmål"}  # two questions, and two words
    assert not {*told} - heard - others


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_link_leads_to_a_file_that_is_not_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s#]+)", page.read_text("utf-8"))
    own = [link for link in links if "://" not in link]
    assert not [link for link in own if not (page.parent / link).exists()]


def test_the_code_uses_the_words_of_the_glossary() -> None:
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|", read("docs/glossary.md"), re.MULTILINE)
    words = [word for cell in rows for word in re.findall(r"`(\w+)`", cell)]
    assert len(words) > 60
    files = [p for name in CODE for p in [ROOT / name, *(ROOT / name).rglob("*.py")] if p.is_file()]
    code = "\n".join(path.read_text("utf-8") for path in files)
    names = "\n".join(str(path) for path in (ROOT / "knowledge").rglob("*.*"))
    assert not [w for w in words if not re.search(rf"\b{w}\b", code + names)]


def test_every_personal_column_is_in_the_security_page_with_purpose_and_retention() -> None:
    rows = read("docs/security.md").splitlines()
    personal = [
        (f"`{table.name}.{column.name}`", column.info["purpose"], column.info["retention"])
        for table in Table.metadata.tables.values()
        for column in table.columns
        if "purpose" in column.info
    ]
    assert personal
    for told in personal:
        assert any(all(part in row for part in told) for row in rows), told


def test_every_file_that_quotes_or_retells_is_in_the_notice() -> None:
    notice = read("NOTICE")
    files = [*(ROOT / "knowledge" / "documents").iterdir(), *FOLDER.iterdir()]
    assert not [path.name for path in sorted(files) if path.name not in notice]


def test_the_drawing_of_the_house_has_every_file_and_none_that_is_gone() -> None:
    drawn = _drawn()
    assert not [path for path in drawn if "*" not in path.name and not path.exists()]
    files = [path for floor in CODE[1:] for path in (ROOT / floor).glob("[a-z]*.py")]
    assert not [path for path in files if not any(path.match(str(one)) for one in drawn)]


def _drawn() -> list[Path]:
    """The files and folders that docs/architecture.md draws; answer_*.py is a family of them."""
    floor, drawn = ROOT, []
    for line in read("docs/architecture.md").split("```")[1].splitlines():
        if found := re.match(r"(\w+)/ ", line):
            floor = ROOT / found[1]
        elif line.startswith(" "):
            drawn += [
                floor / name for name in re.findall(r"(?<![`\w])[\w*]+(?:\.py|\.toml|/(?= ))", line)
            ]
    return drawn


# docs/sharing.md

NORDLIA = Reader("1", "Nordlia skole", "Sone nord", leader=False, owner_team=False)
READERS = (
    NORDLIA,
    Reader("2", "Eikeskogen skole", "Sone nord", leader=True, owner_team=False),
    Reader("3", "Fjellheim skole", "Sone sør", leader=True, owner_team=False),
    Reader("4", "", "", leader=False, owner_team=True),
    Reader("5", "Fjellheim skole", "Sone sør", leader=False, owner_team=False),
)


@pytest.mark.parametrize("audience", get_args(Audience))
def test_those_read_what_is_shared_who_are_said_to(database: Database, audience: str) -> None:
    label = read_wordings()["nb"].say(f"audience_{audience}", unit="", zone="").partition(":")[0]
    (row,) = re.findall(rf"^\| {label} \| (.+) \|$", read("docs/sharing.md"), re.MULTILINE)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    with database.transaction() as session:
        owner = Owner("school", NORDLIA.unit)
        draft = start_draft(
            session,
            id="d",
            guide="sot",
            owner=owner,
            year="2026–2027",
            about="",
            slot="d",
            person="0",
            at=now,
        )
        version = share(
            session,
            draft=draft,
            title="SØT",
            audience=audience,
            zone=NORDLIA.zone,
            paper={},
            text="",
            person_key="0",
            person_name="Rektor",
            at=now,
        )
        reads = [find_shared(session, version.id, reader) is not None for reader in READERS]
    assert [cell == "ja" for cell in row.split(" | ")] == reads


def test_what_schools_write_is_kept_as_long_as_they_are_told() -> None:
    page, days = read("docs/sharing.md"), {"to år": 730, "tolv måneder": 365, "fem år": 5 * 365}
    kept = {
        "to år": retention.DRAFTS_KEPT_FOR,
        "tolv måneder": retention.WITHDRAWN_KEPT_FOR,
        "fem år": retention.SHARED_KEPT_FOR,
    }
    assert {told: time.days for told, time in kept.items()} == days
    assert all(told in page for told in kept)
    assert f"etter {retention.MESSAGES_KEPT_FOR.days} dager" in page


# The examples of docs/content.md


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every example as the file that stands after ```."""
    folder = tmp_path_factory.mktemp("kommune")
    for name, content in _blocks(read("docs/content.md")):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
    return folder


@pytest.fixture(scope="module")
def extended(examples: Path) -> Library:
    library, problems = load_library(examples)
    assert not problems
    return library


def test_every_example_is_named_so_that_it_can_be_tested() -> None:
    named = [name for name, _ in _blocks(read("docs/content.md"))]
    fences = re.findall(r"^```(?:toml|markdown)", read("docs/content.md"), re.MULTILINE)
    assert len(named) == len(fences) == 9


def test_the_examples_are_what_the_bot_reads(examples: Path, extended: Library) -> None:
    assert "mobilregler" in {document.id for document in extended.documents}
    assert list(extended.veiviser) == ["parkering"]
    assert [promise.id for promise in extended.promises] == ["mobilhotell"]
    assert [holiday.name for holiday in extended.holidays.all] == ["Høstferie", "Planleggingsdag"]
    assert list(extended.reflections.by_section) == ["Mobilregler › Friminutt"]
    lists = WordLists.read(examples / "words")
    assert len(lists.synonyms) == 2
    assert lists.nynorsk
    assert isinstance(read_contacts(examples / "contacts.toml"), Contacts)


def test_an_example_file_has_no_key_that_nobody_reads(examples: Path) -> None:
    for path in (examples / "words").iterdir():
        ours = tomllib.loads((ROOT / "knowledge" / "words" / path.name).read_text("utf-8"))
        assert tomllib.loads(path.read_text("utf-8")).keys() == ours.keys()


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("Kan elevene bruke mobil i friminuttet?", "«Mobilen ligger i mobilhotellet hele"),
        ("hvem får ha mobilen på seg?", "• til elever som bruker den som hjelpemiddel»"),
        ("hvor kan ansatte parkere?", "Servicetorget"),
    ],
)
def test_the_examples_answer_what_they_say_they_do(
    extended: Library, examples: Path, question: str, shown: str
) -> None:
    contacts = read_contacts(examples / "contacts.toml")
    reply = respond(extended, contacts, read_wordings()["nb"], question).reply
    assert shown in reply.text


def _blocks(page: str) -> list[tuple[str, str]]:
    """(file name, content) of every fenced block that names a file."""
    return re.findall(r"^```\w+ (\S+)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def _commands(
    parser: argparse.ArgumentParser, before: tuple[str, ...] = ()
) -> Iterator[tuple[str, list[str]]]:
    """Every command with its long options."""
    below = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
    for action in below:
        for name, command in action.choices.items():
            yield from _commands(command, (*before, name))
    if not below:
        options = [o for a in parser._actions for o in a.option_strings if o.startswith("--")]
        yield " ".join(before), [option for option in options if option != "--help"]
