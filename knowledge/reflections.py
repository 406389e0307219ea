"""Refleksjonsspørsmål to talk about in a team, by the section they belong to. Data.

`knowledge/reflections.toml` holds them; the kommune may put its own in KNOWLEDGE_DIR.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from knowledge.documents import Document, Section
from knowledge.rows import read_rows


class Reflection(BaseModel):
    """Two or three questions in both languages. `section` is "document › heading › heading"."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    section: str
    ask: tuple[str, ...] = Field(min_length=2, max_length=3)
    ask_nn: tuple[str, ...] = Field(min_length=2, max_length=3)


@dataclass(frozen=True)
class Reflections:
    """All of them, by the address of their section."""

    by_section: dict[str, Reflection] = field(default_factory=dict)

    def nearest(self, section: Section) -> Reflection | None:
        """The section's own, else those of the nearest heading above it."""
        for depth in range(len(section.path), 0, -1):
            address = _address(section.document, section.path[:depth])
            if found := self.by_section.get(address):
                return found
        return None


def read_reflections(path: Path, documents: Iterable[Document]) -> tuple[Reflections, list[str]]:
    """Read the file: (questions, one sentence per mistake). A missing file is no questions."""
    rows, problems = read_rows(
        path, "reflection", Reflection, "refleksjon", lambda row: row.section
    )
    known = {
        _address(document, section.path)
        for document in documents
        for section in document.sections
        if section.path
    }
    for row in rows:
        if row.section not in known:
            problems.append(f"{path.name}: avsnittet «{row.section}» finnes ikke.")
        if len(row.ask) != len(row.ask_nn):
            problems.append(
                f"{path.name}, «{row.section}»: «ask» og «ask_nn» må ha like mange spørsmål."
            )
    return Reflections({row.section: row for row in rows}), problems


def _address(document: Document, path: tuple[str, ...]) -> str:
    return " › ".join((document.short, *path))
