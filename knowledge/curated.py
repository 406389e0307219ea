"""Curated ways of asking: which words of a document answer which questions, as data.

A file in knowledge/questions/ names a document and lists answers. An answer is a section and a
quote ("first words … last words"), a table row, or the section's outline (its subheadings), with
the ways people ask for it. Every mistake of every file is reported at once.
"""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.documents import Document, Section
from knowledge.norwegian import fold
from knowledge.rows import mistakes


class Answer(BaseModel):
    """One entry of a question file, as a fagrådgiver writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    section: str
    quote: str = ""
    row: str = ""
    outline: bool = False
    ask: list[str]


class QuestionFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    document: str
    answer: list[Answer]


@dataclass(frozen=True, slots=True)
class Curated:
    """An answer found in its document: the units `first` to `last` of a section, or its outline."""

    section: Section
    first: int
    last: int
    outline: bool
    ask: tuple[str, ...]


def read_curated(folder: Path, documents: list[Document]) -> tuple[list[Curated], list[str]]:
    """Read every question file: (answers found in the documents, one sentence per mistake)."""
    found: list[Curated] = []
    problems: list[str] = []
    by_id = {document.id: document for document in documents}
    for path in sorted(folder.glob("*.toml")):
        try:
            file = QuestionFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{path.name}: filen er ikke gyldig TOML: {error}")
            continue
        except ValidationError as error:
            problems += [f"{path.name}: {line}" for line in mistakes(error)]
            continue
        document = by_id.get(file.document)
        if document is None:
            problems.append(f"{path.name}: dokumentet «{file.document}» finnes ikke i mappen.")
            continue
        for number, answer in enumerate(file.answer, start=1):
            try:
                found.append(_locate(answer, document))
            except LookupError as error:
                problems.append(f"{path.name}, svar {number} («{answer.ask[:1]}»): {error.args[0]}")
    return found, problems


def _locate(answer: Answer, document: Document) -> Curated:
    section = document.by_name.get(answer.section)
    if section is None:
        raise LookupError(
            f"fant ikke avsnittet «{answer.section}». Skriv overskriftene som de står."
        )
    if not answer.ask:
        raise LookupError("mangler «ask», minst én måte å spørre på.")
    ask = tuple(answer.ask)
    if answer.outline:
        return Curated(section, 0, 0, True, ask)
    if answer.row:
        for place, unit in enumerate(section.units):
            if unit.kind == "row" and fold(unit.text).startswith(fold(answer.row)):
                return Curated(section, place, place, False, ask)
        raise LookupError(f"fant ingen tabellrad som begynner med «{answer.row}».")
    first, last = _find(answer.quote, section)
    return Curated(section, first, last, False, ask)


def _find(quote: str, section: Section) -> tuple[int, int]:
    """The units that a quote begins and ends in. Raises LookupError."""
    begins, _, ends = (
        fold(part) for part in re.sub(r"\s*(…|\.\.\.)\s*", "…", quote).partition("…")
    )
    texts = [fold(unit.text) for unit in section.units]
    whole = ""
    places: list[tuple[int, int]] = []  # where each unit begins and ends in `whole`
    for text in texts:
        start = len(whole)
        whole += text + " "
        places.append((start, len(whole)))
    if not begins:
        raise LookupError("mangler «quote», «row» eller «outline».")
    start = whole.find(begins)
    if start < 0:
        raise LookupError(f"fant ikke teksten «{begins[:60]}» i avsnittet.")
    end = start + len(begins)
    if ends:
        at = whole.find(ends, start)
        if at < 0:
            raise LookupError(f"fant ikke slutten «{ends[:60]}» etter begynnelsen i avsnittet.")
        end = at + len(ends)
    first = next(i for i, (_, e) in enumerate(places) if start < e)
    last = next(i for i, (_, e) in enumerate(places) if end <= e)
    return first, last
