"""Files -> documents of sections, whose sentences remember where they stand.

A document is Markdown with TOML front matter between `+++` lines (our own), or a plain .md, .txt,
.docx or .pdf file (somebody else's). A heading may carry a shorter name for the heading path,
`## Long heading {short="Short"}`, or none at all, `{short=""}`. The mark `[sic]` after a slip of
the source is taken out of the text and remembered, so that quotations stay unchanged.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pydantic import BaseModel, ConfigDict, ValidationError

Kind = Literal["heading", "sentence", "item", "row"]
ENDINGS = (".md", ".txt", ".docx", ".pdf")

_SHORT = re.compile(r'\s*\{short="([^"]*)"\}\s*$')
_SIC = re.compile(r"((?:\S+ )?\S+) ?\[sic\]")
# A sentence ends at . ! ? (and a closing quote or bracket) before a capital, but not after an
# abbreviation, an initial or a number ("jf. FNs", "1. relasjonsvarme", "f.eks. Drammen").
_SENTENCE_END = re.compile(r"(?<=[.!?])[»”\")]?\s+(?=[«“\"(]?[A-ZÆØÅ0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:jf|f\.eks|dvs|bl\.a|mv|m\.m|ca|kap|nr|evt|osv|pkt|dr|st|kl|s|ev)|\b[A-ZÆØÅ]|\b\d{1,2})\.$",
    re.IGNORECASE,
)


class DocumentError(Exception):
    """A document can't be read; the message names the file and says what to do."""


class FrontMatter(BaseModel):
    """What a document says of itself. `note` is what an answer from it must say first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    short: str = ""
    publisher: str = ""
    kommune: str = ""
    year: int | None = None
    status: Literal["gjeldende", "historisk", "opphevet"] = "gjeldende"
    quoted: bool = False
    source: str = ""
    note: str = ""
    note_nn: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing that is quoted: a sentence, a list item, a table row or a heading.

    `block` numbers the paragraph or list it belongs to within its section.
    """

    text: str
    kind: Kind
    block: int
    slips: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Section:
    """A heading and what stands under it, up to the next heading."""

    document: "Document"
    path: tuple[str, ...]
    heading: str
    level: int
    units: list[Unit] = field(default_factory=list)

    @property
    def name(self) -> str:
        return " › ".join(self.path)


@dataclass(eq=False)
class Document:
    """One file. `id` is its name without the ending."""

    id: str
    about: FrontMatter
    sections: list[Section] = field(default_factory=list)

    @property
    def short(self) -> str:
        return self.about.short or self.about.title

    @cached_property
    def by_name(self) -> dict[str, Section]:
        return {section.name: section for section in self.sections if section.path}

    def children(self, parent: Section) -> list[Section]:
        """The sections directly under `parent`, in order."""
        depth = len(parent.path)
        return [
            s
            for s in self.sections
            if len(s.path) == depth + 1 and s.path[:depth] == parent.path and s is not parent
        ]


def sentences(text: str) -> list[str]:
    """Split a paragraph into sentences."""
    parts: list[str] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        piece = text[start : match.end()].strip()
        if not _ABBREVIATION.search(piece):
            parts.append(piece)
            start = match.end()
    rest = text[start:].strip()
    return [*parts, rest] if rest else parts


def _unit(text: str, kind: Kind, block: int) -> Unit:
    slips = tuple(words.strip("«»“”(),.;:") for words in _SIC.findall(text))
    clean = _SIC.sub(r"\1", text)
    return Unit(re.sub(r"\s+", " ", clean).strip(), kind, block, slips)


class _Builder:
    """Collects sections while a file is read from top to bottom."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.trail: list[tuple[int, str]] = []  # (level, short name), names left out are ""
        self.block = 0
        self.section = self._open(0, "", ())

    def _open(self, level: int, heading: str, path: tuple[str, ...]) -> Section:
        section = Section(self.document, path, heading, level)
        self.document.sections.append(section)
        return section

    def heading(self, level: int, text: str) -> None:
        short = _SHORT.search(text)
        full = _SHORT.sub("", text).strip()
        name = short.group(1) if short else _SIC.sub(r"\1", full)
        self.trail = [(lv, n) for lv, n in self.trail if lv < level] + [(level, name)]
        path = tuple(n for _, n in self.trail if n)
        if not name:
            return  # a heading only for the eye
        self.section = self._open(level, full, path)
        self.block = 0
        self.section.units.append(_unit(full, "heading", 0))

    def paragraph(self, text: str) -> None:
        self.block += 1
        for sentence in sentences(text):
            self.section.units.append(_unit(sentence, "sentence", self.block))

    def item(self, text: str, *, first: bool) -> None:
        # A list belongs to the line that leads into it.
        last = self.section.units[-1] if self.section.units else None
        leads_in = last is not None and last.kind == "sentence" and last.text.endswith(":")
        if (first and not leads_in) or self.block == 0:
            self.block += 1
        self.section.units.append(_unit(text, "item", self.block))

    def row(self, head: list[str], cells: list[str]) -> None:
        self.block += 1
        rest = " · ".join(f"{h}: {c}" for h, c in zip(head[1:], cells[1:], strict=False) if c)
        self.section.units.append(
            _unit(" – ".join(filter(None, (cells[0], rest))), "row", self.block)
        )


def _read_markdown(text: str, builder: _Builder) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    lists = 0
    first = False
    head: list[str] = []
    cells: list[str] = []
    item: list[str] = []
    for before, token in zip([Token("", "", 0), *tokens], tokens, strict=False):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists += 1
                first = lists == 1
            case "bullet_list_close" | "ordered_list_close":
                lists -= 1
            case "list_item_open":
                if item:  # what stands before a list within a list
                    builder.item(" ".join(item), first=first)
                    first = False
                item = []
            case "list_item_close":
                if item:
                    builder.item(" ".join(item), first=first)
                    first = False
                item = []
            case "tr_open":
                cells = []
            case "thead_close":
                head = cells
            case "tr_close":
                if head and cells is not head:
                    builder.row(head, cells)
            case "inline":
                plain = _plain(token)
                if before.type == "heading_open":
                    builder.heading(int(before.tag[1]), plain)
                elif before.type in ("td_open", "th_open"):
                    cells.append(plain)
                elif lists:
                    item.append(plain)
                else:
                    builder.paragraph(plain)
            case "fence" | "code_block":
                builder.paragraph(token.content)
            case _:
                pass


def _plain(token: Token) -> str:
    """The text of an inline token without its Markdown."""
    parts = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)


def _read_plain(text: str, builder: _Builder) -> None:
    """Paragraphs are separated by blank lines; short lines without a full stop are headings."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.splitlines() if line.strip()]
        if not lines:
            continue
        one_line = len(lines) == 1 and len(lines[0]) <= 80
        if one_line and lines[0][-1] not in ".!?:,;" and not lines[0].startswith(("•", "-", "*")):
            builder.heading(2, lines[0])
            continue
        paragraph: list[str] = []
        first = True
        in_item = False
        for line in lines:
            bullet = re.match(r"[•▪*\-–]\s+(.*)", line)
            if bullet:
                if paragraph:
                    _flush(builder, paragraph, in_item, first)
                    first = first and not in_item
                paragraph, in_item = [bullet.group(1)], True
            else:
                paragraph.append(line)
        _flush(builder, paragraph, in_item, first)


def _flush(builder: _Builder, lines: list[str], is_item: bool, first: bool) -> None:
    text = re.sub(r"(\w)- (?=[a-zæøå])", r"\1", " ".join(lines))
    if is_item:
        builder.item(text, first=first)
    else:
        builder.paragraph(text)


def _read_docx(path: Path, builder: _Builder) -> None:
    import docx  # only for somebody's own folder; costs memory
    from docx.table import Table

    first = True
    for part in docx.Document(str(path)).iter_inner_content():
        if isinstance(part, Table):
            rows = [[cell.text.strip() for cell in row.cells] for row in part.rows]
            for cells in rows[1:]:
                builder.row(rows[0], cells)
            continue
        text, style = part.text.strip(), (part.style.name or "") if part.style else ""
        if not text:
            continue
        level = re.match(r"(?:Heading|Overskrift|Title|Tittel) ?(\d?)", style)
        if level:
            builder.heading(int(level.group(1) or 1), text)
        elif style.startswith("List") or style.startswith("Liste"):
            builder.item(text, first=first)
        else:
            builder.paragraph(text)
        first = not (style.startswith("List") or style.startswith("Liste"))


def _read_pdf(path: Path, builder: _Builder) -> None:
    import pypdf  # only for somebody's own folder; costs memory

    for number, page in enumerate(pypdf.PdfReader(path).pages, start=1):
        builder.heading(1, f"Side {number}")
        # Ligatures (ﬂ) become letters, and the layout keeps the blank lines between paragraphs.
        text = page.extract_text(extraction_mode="layout")
        _read_plain(unicodedata.normalize("NFKC", text), builder)


def _text(path: Path) -> str:
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def read_document(path: Path) -> Document:
    """Read one file. Raises DocumentError that names the file and what is wrong."""
    try:
        ending = path.suffix.lower()
        if ending in (".docx", ".pdf"):
            document = Document(path.stem, FrontMatter(title=path.stem))
            (_read_docx if ending == ".docx" else _read_pdf)(path, _Builder(document))
            return document
        text = _text(path).replace("\r\n", "\n")
        about = FrontMatter(title=path.stem)
        if text.startswith("+++\n"):
            front, ends, text = text[4:].partition("\n+++\n")
            if not ends:
                raise DocumentError(f"{path.name}: hodet slutter ikke. Sett +++ på en egen linje.")
            about = FrontMatter.model_validate(tomllib.loads(front))
        document = Document(path.stem, about)
        (_read_markdown if ending == ".md" else _read_plain)(text, _Builder(document))
        return document
    except DocumentError:
        raise
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"{path.name}: feil i hodet mellom +++-linjene: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"«{e['loc'][0]}»: {e['msg']}" for e in error.errors() if e["loc"])
        raise DocumentError(f"{path.name}: hodet mellom +++-linjene er feil: {wrong}") from error
    except Exception as error:  # a broken .docx or .pdf raises whatever its library likes
        raise DocumentError(f"{path.name} kan ikke leses ({error}). Lagre den på nytt.") from error


def read_documents(folder: Path) -> tuple[list[Document], list[str]]:
    """Read every document of a folder: (documents by name, one sentence per unreadable file)."""
    documents: list[Document] = []
    problems: list[str] = []
    for path in _files(folder):
        try:
            documents.append(read_document(path))
        except DocumentError as error:
            problems.append(str(error))
    return documents, problems


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and p.is_file()))
