"""The papers of every guide that ships, filled in earnest, and with what could break a file.

The guides are walked through the cards of the real Assistant, and the papers opened as files.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count, pairwise
from typing import Any
from unicodedata import category

import pytest
from docx import Document
from docx.oxml.ns import qn
from icalendar import Calendar

from bot.links import Format
from bot.papers.files import paper_file
from dialogs.access import owner_for
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide import LONGEST_LONG_TEXT, Guide, Step
from dialogs.guide_files import Guides, load_guides
from dialogs.messages import (
    Button,
    CardReply,
    Choice,
    DateInput,
    Input,
    Language,
    Message,
    MessageKind,
    NumberInput,
    Paper,
    TextInput,
)
from dialogs.papers import timeline_alt
from dialogs.plan_rows import PLAN
from dialogs.questions import section_address
from knowledge.library import Library
from storage.database import Database
from storage.drafts import answers_of, start_draft
from storage.people import RegisteredPerson, import_people

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday
YEAR = "2026–2027"
SHIPPED = load_guides()[0].all

EARNEST = (
    "Vi leser teksten sammen på onsdager.\n\n• To og to prøver det ut.\nVi deler etterpå. Æ ø å."
)
ANGRY = (
    '=1+1 {{DATE}} { HYPERLINK "https://eksempel.no" } <script>alert(1)</script> </w:t></w:r> '
    "https://eksempel.no [her](https://eksempel.no) **fet** &amp; \\n \x00\x07\x0b\x1b 👩🏽‍🏫🇳🇴 "
    "BEGIN:VEVENT\r\nSUMMARY:ondt;,:\\\r\n@SUM(A1)\t+1-1\u2028DDEAUTO\u202esnudd\n\n"
)
END = " slutt."
ALIVE = ("fldChar", "fldSimple", "instrText", "hyperlink", "object", "control", "drawing", "sdt")
LANGUAGES = {"nb": "nb-NO", "nn": "nn-NO"}


@dataclass(frozen=True)
class Manner:
    """How somebody writes, and the school of those who do."""

    language: Language
    words: str
    school: str

    def person(self, role: str) -> RegisteredPerson:
        at = ("", "", "", "") if role == "skoleeierteam" else (self.school, "skole", "", "Nord")
        return RegisteredPerson(
            f"{role}-{self.language}", "Kari Åsmo", "", role, *at, self.language
        )


EARNESTLY = Manner("nb", EARNEST, "Åsen skole")
ANGRILY = Manner("nn", ANGRY, "Øvre Ås skule")
MANNERS = pytest.mark.parametrize("manner", [EARNESTLY, ANGRILY], ids=["earnest", "angry"])


def role_of(guide: Guide) -> str:
    return "rektor" if "rektor" in guide.roles else guide.roles[0]


@dataclass
class Writer:
    """Somebody who fills in one guide."""

    guide: Guide
    manner: Manner
    assistant: Assistant
    database: Database
    ids: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.person = self.manner.person(role_of(self.guide))
        self.draft = f"{self.guide.id}-{self.manner.language}"

    def begin(self) -> None:
        owner = owner_for(self.guide, self.person)
        assert owner is not None
        with self.database.transaction() as session:
            start_draft(
                session,
                id=self.draft,
                guide=self.guide.id,
                owner=owner,
                year=YEAR,
                about=ABOUT.get(self.guide.id, ""),
                slot=self.draft,
                person=self.person.key,
                at=NOW,
            )

    def write(self) -> None:
        """An answer to every step on the way that has the most of them."""
        for step in self.guide.step:
            if step.kind == "table":
                for _ in range(2):
                    row = self.send(verb="row_edit", draft=self.draft, step=step.id, row="")
                    self.press(row, "row_save", **self.filled(row, step))
            if self.guide.id == PLAN:  # its rows are all of it
                continue
            card = self.send(verb="open", draft=self.draft, step=step.id)
            after = self.press(card, "answer", **self.filled(card, step))
            assert after.title != card.title, f"{step.id} refused its answer"

    def share(self) -> str:
        """The address of the paper that was shared."""
        asked = self.press(self.send(verb="preview", draft=self.draft), "share_ask")
        return self.press(asked, "share", audience=self.guide.audiences[0]).about

    def paper(self, address: str = "") -> Paper:
        paper = self.assistant.paper(address or f"draft:{self.draft}", self.person.key)
        assert paper is not None
        return paper

    def kept(self) -> Iterator[str]:
        """Every line of what is stored that somebody has written, as it must stand in the files."""
        with self.database.transaction() as session:
            values = [one.value for one in answers_of(session, self.draft).values()]
        cells = [cell for one in values if isinstance(one, Mapping) for cell in one.values()]
        for text in [*values, *cells]:
            if isinstance(text, str) and text.rstrip().endswith(END):
                yield from filter(None, map(str.strip, text.splitlines()))

    def filled(self, card: CardReply, step: Step) -> dict[str, str]:
        return {one.id: self._value(one, step) for one in inputs(card) if one.id != "row"}

    def _value(self, field: Input, step: Step) -> str:
        match field:
            case TextInput(longest=longest, lines=lines):
                # What begins and ends a text tells that none of it is lost.
                mine = f"{self.guide.id} {field.id}: {self.manner.words}"
                if self.manner is ANGRILY:
                    mine = mine * (LONGEST_LONG_TEXT // len(mine) + 1)
                mine = mine if lines else " ".join(mine.split())
                return mine[: longest - len(END)] + END
            case Choice(options=options, several=True):
                return ",".join(value for value, _ in options)
            case Choice(options=options):
                return next(value for value, _ in options if value not in step.next)
            case NumberInput(minimum=minimum):
                return str(minimum or 7)
            case DateInput():
                last = field.id.endswith(("until", "til"))
                return "2027-03-01" if last else "2027-01-12"

    def press(self, card: CardReply, verb: str, **value: Any) -> CardReply:
        buttons = [one for one in card.buttons if isinstance(one, Button)]
        button = next(one for one in buttons if one.value["verb"] == verb)
        return self.send(**{**value, **button.value})

    def send(self, **value: Any) -> CardReply:
        number = next(self.ids)
        replies = self.assistant.handle(
            Message(
                id=f"{self.draft} {number}",
                conversation=self.draft,
                sender=self.person.key,
                arrived=NOW + timedelta(minutes=number),
                kind=MessageKind.BUTTON,
                value=value,
            )
        )
        assert isinstance(replies[-1], CardReply), replies
        return replies[-1]


# What some guides are for: there is one draft for each.
ABOUT = {
    "notater": "modul-1",
    "teamtid": "Kvalitetsplanen › Del 2 › Ambisjon 2 skole › Samarbeidslæring",
}


def inputs(card: CardReply) -> list[Input]:
    return [one for one in card.blocks if isinstance(one, Input)]


def file_of(paper: Paper, format: Format) -> bytes:
    return paper_file(paper, format, "draft:d1", NOW).body


def styled(document: Any) -> list[tuple[str, str]]:
    """(style, text) of each paragraph outside the tables."""
    return [(line.style.name, line.text) for line in document.paragraphs]


def text_of(file: bytes) -> str:
    """All that is read in a Word file, a line for each line."""
    document = Document(io.BytesIO(file))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(one.text for one in [*document.paragraphs, *cells])


def faults_of_word(file: bytes, paper: Paper) -> Iterator[str]:
    """What is wrong with the Word file of the paper."""
    document = Document(io.BytesIO(file))
    headings = [(style, text) for style, text in styled(document) if style.startswith("Heading ")]
    levels = [int(style.removeprefix("Heading ")) for style, _ in headings]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"the headings are {levels}"
    if any(below > above + 1 for above, below in pairwise(levels)):
        yield f"a heading jumps: {levels}"
    if not all(text.strip() for _, text in headings):
        yield "a heading is empty"
    for table in document.tables:
        header, *rows = (row._tr.findall(f".//{qn('w:tblHeader')}") for row in table.rows)
        if not header or any(rows):
            yield f"{table.rows[0].cells[0].text}: the first row is not the only header"
    properties = document.core_properties
    if properties.title != " ".join(paper.title.split())[:255]:
        yield f"it is called {properties.title}"
    if properties.language != LANGUAGES[paper.language]:
        yield f"its language is {properties.language}"
    if properties.author != "Kvalitetsbot":
        yield f"its author is {properties.author}"
    with zipfile.ZipFile(io.BytesIO(file)) as parts:
        for name in parts.namelist():
            part = parts.read(name).decode("utf-8", "replace")
            if 'TargetMode="External"' in part:
                yield f"{name} fetches something from elsewhere"
        body = parts.read("word/document.xml").decode()
    alive = set(re.findall(r"<w:(\w+)", body)) & set(ALIVE)
    if timeline_alt(paper):
        alive ^= {"drawing"}
    if alive:
        yield f"it has {alive}"


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    database = Database("sqlite://")
    database.migrate()
    roles = {role_of(guide) for guide in SHIPPED}
    people = [manner.person(role) for manner in (EARNESTLY, ANGRILY) for role in sorted(roles)]
    with database.transaction() as session:
        import_people(session, people, dry_run=False)
    yield database
    database.close()


@pytest.fixture(scope="module")
def assistant(library: Library, guides: Guides, database: Database) -> Assistant:
    return Assistant(library, guides, database, read_contacts(), "secret", clock=lambda: NOW)


Filled = Callable[[Guide, Manner], Writer]


@pytest.fixture(scope="module")
def filled_in(assistant: Assistant, database: Database) -> Filled:
    """Each guide is walked through once in each manner, for all tests here."""

    @cache
    def walked(guide_id: str, manner: Manner) -> Writer:
        guide = next(one for one in SHIPPED if one.id == guide_id)
        writer = Writer(guide, manner, assistant, database)
        writer.begin()
        writer.write()
        return writer

    return lambda guide, manner: walked(guide.id, manner)


@MANNERS
@pytest.mark.parametrize("guide", SHIPPED, ids=lambda guide: str(guide.id))
def test_a_guide_that_is_filled_in_becomes_a_word_file_and_a_text_with_all_that_was_written(
    guide: Guide, manner: Manner, filled_in: Filled
) -> None:
    """Its headings, tables, title and language can be relied on, and nothing in it is alive."""
    writer = filled_in(guide, manner)
    paper = writer.paper()
    file = file_of(paper, "docx")
    assert list(faults_of_word(file, paper)) == []
    in_word, in_text = text_of(file), file_of(paper, "txt").decode()
    kept = list(writer.kept())
    assert kept
    for line in kept:
        assert line in in_word
        assert line in in_text
    assert not [sign for sign in in_text if sign != "\n" and category(sign) == "Cc"]
    if guide.audiences:
        assert writer.paper(writer.share()) == paper, "what is shared is another paper"


@pytest.mark.parametrize("id", ["fremdriftsplan", "utviklingsplan"])
@MANNERS
def test_the_dates_of_a_plan_can_be_put_in_a_calendar(
    id: str, manner: Manner, guides: Guides, filled_in: Filled
) -> None:
    """One entry for each row with dates, and none that was written into a text."""
    paper = filled_in(guides.by_id[id], manner).paper()
    entries = Calendar.from_ical(file_of(paper, "ics")).walk("VEVENT")
    assert len(entries) == len(paper.events) > 1
    assert not any(entry.errors for entry in entries)
    for entry, event in zip(entries, paper.events, strict=True):
        assert entry["summary"] == " ".join(event.title.split())
        assert entry.decoded("dtstart") == event.day
    assert file_of(paper, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("guide", SHIPPED, ids=lambda guide: str(guide.id))
def test_the_questions_of_a_guide_are_printed_with_room_to_write(
    guide: Guide, assistant: Assistant, database: Database
) -> None:
    """Each question stands whole, under a heading, above lines."""
    paper = Writer(guide, ANGRILY, assistant, database).paper(f"sheet:{guide.id}")
    file = file_of(paper, "docx")
    assert list(faults_of_word(file, paper)) == []
    asked = [step for step in guide.step if step.kind != "read" and step.on_sheet]
    lines = styled(Document(io.BytesIO(file)))
    assert [text for style, text in lines if style == "Heading 2"] == [
        step.heading("nn") for step in asked
    ]
    shown = text_of(file)
    assert all(step.asked("nn") in shown for step in asked)
    assert [style for style, _ in lines].count("Skrivelinje") >= 3 * len(asked)


@MANNERS
def test_every_section_can_be_printed_for_a_team(
    manner: Manner, library: Library, guides: Guides, assistant: Assistant, database: Database
) -> None:
    """The page has the section's own words and the twenty minutes, in a file and as text."""
    writer = Writer(guides.by_id["teamtid"], manner, assistant, database)
    sections = [one for document in library.documents for one in document.sections if one.path]
    assert sections
    for section in sections[::40]:
        paper = writer.paper(f"teamtid:{section_address(section)}")
        file = file_of(paper, "docx")
        assert list(faults_of_word(file, paper)) == [], section.path
        shown, text = text_of(file), file_of(paper, "txt").decode()
        for unit in section.units:
            for line in filter(None, map(str.strip, unit.text.splitlines())):
                assert line in shown, section.path
                assert line in text, section.path
        assert "20 minutt" in shown
