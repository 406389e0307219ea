"""The veiviser: common questions beside the documents, and where to go with them. Data.

`knowledge/veiviser.toml` holds the entries. For the ranking each is a passage of a document of
its own, so that it competes with the plan on equal terms.
"""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from knowledge.curated import Curated
from knowledge.documents import Document, FrontMatter, Section, Unit
from knowledge.rows import read_rows

VEIVISER = "veiviser"


class Entry(BaseModel):
    """A way on. `owner` keeps it right, `checked` is when somebody last did; `demo` is made up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    title_nn: str
    text: str
    text_nn: str
    owner: str
    link: str = ""
    checked: date
    demo: bool = False
    ask: list[str]


def read_veiviser(path: Path) -> tuple[dict[str, Entry], list[str]]:
    """Read the file: (entries by id, one sentence per mistake). A missing file is no entries."""
    entries, problems = read_rows(path, "entry", Entry, "oppføring", lambda entry: entry.id)
    return {entry.id: entry for entry in entries}, problems


def as_document(entries: dict[str, Entry]) -> tuple[Document, list[Curated]]:
    """The veiviser as a document and its curated questions, for the ranking.

    The heading of each section is the entry's id, its path the title that the ranking reads.
    """
    document = Document(VEIVISER, FrontMatter(title="Veiviser"))
    curated: list[Curated] = []
    for entry in entries.values():
        section = Section(document, (entry.title,), entry.id, 2)
        section.units.append(Unit(entry.title, "heading", 0))
        document.sections.append(section)
        curated.append(Curated(section, 0, 0, False, tuple(entry.ask)))
    return document, curated
