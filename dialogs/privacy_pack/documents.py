"""The documents of the privacy pack: texts from nb.toml and nn.toml, filled from the settings."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from dialogs.messages import Block, Facts, Items, Language, Paper, Paragraph, Table
from dialogs.privacy_pack.kept_tables import INSERTS
from dialogs.privacy_pack.running import Running
from dialogs.wording import Wording

# What the documents are called, and the files.
Document = Literal["record", "assessment", "retention", "accessibility", "information"]
FILES: dict[Document, str] = {
    "record": "behandlingsprotokoll",
    "assessment": "dpia-innspill",
    "retention": "slettefrister",
    "accessibility": "tilgjengelighetserklæring",
    "information": "informasjon",
}


def read_texts(language: Language) -> dict[str, Any]:
    """The texts of a language."""
    return tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text("utf-8"))


def paper_of(document: Document, language: Language, running: Running) -> Paper:
    """One document in one language. What isn't set is asked for, marked with square brackets."""
    texts, wording = read_texts(language), Wording(language)
    marks: dict[str, str] = dict(wording.many("my_data_marks"))
    filled = _filled(texts["words"], running)
    there = {"directory" if running.directory else "no_directory"}
    blocks: list[Block] = []
    for part in texts[document]:
        if part.get("when") is None or part["when"] in there:
            blocks += _blocks(part, texts, marks, filled)
    byline = texts["words"]["byline"].format(**filled)
    return Paper(texts["titles"][document], tuple(blocks), byline, language=language)


def _blocks(
    part: Mapping[str, Any],
    texts: Mapping[str, Any],
    marks: Mapping[str, str],
    filled: Mapping[str, str],
) -> Iterator[Block]:
    if "heading" in part:
        yield Paragraph(part["heading"], "heading")
    for text in part.get("text", ()):
        yield Paragraph(text.format(**filled))
    if "items" in part:
        yield Items(tuple(item.format(**filled) for item in part["items"]))
    rows = [tuple(cell.format(**filled) for cell in row) for row in part.get("rows", ())]
    if "columns" in part:
        yield Table(tuple(part["columns"]), tuple(rows))
    elif rows:
        yield Facts(tuple((label, value) for label, value in rows))
    if "insert" in part:
        yield INSERTS[part["insert"]](texts, marks)


def _filled(words: Mapping[str, str], running: Running) -> dict[str, str]:
    def said(value: str, what: str) -> str:
        return value or words["fill_in"].format(what=words[what])

    hours = words["always"]
    if running.hours is not None:
        first, last = (f"{one:%H.%M}" for one in running.hours)
        hours = words["hours"].format(first=first, last=last)
    return {
        "kommune": said(running.kommune, "kommune"),
        "contact": said(running.contact, "contact"),
        "hosting": said(running.hosting, "hosting"),
        "address": said(running.address, "address"),
        "database": words["postgresql" if running.postgresql else "sqlite"],
        "smallest": str(running.smallest),
        "hours": hours,
        "day": f"{running.day:%d.%m.%Y}",
    }
