"""Paper -> a Word file with real headings, lists and tables, in its language."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.text.paragraph import CT_P
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph as Line

from bot.papers.chart_table import chart_table
from bot.papers.timeline import timeline
from bot.papers.written import one_line, written
from bot.sizes import cut
from dialogs.messages import Block, Chart, Facts, Items, Language, Paper, Paragraph, Table
from dialogs.papers import timeline_alt

A4 = Cm(21.0), Cm(29.7)
MARGIN = Cm(2.2)
# More columns than this are too narrow to read on an upright page.
MAX_UPRIGHT_COLUMNS = 4
CHART_WIDTH = Cm(12)
LONGEST_PROPERTY = 255
# A row with more text in a cell may be parted by the end of a page.
LONG_CELL = 600
LONGEST_WORD = 30
# What a letter of a cell takes at most on average, and the edges of the cell.
LETTER, PADDING = Cm(0.2), Cm(0.45)
# The title and the byline, which stand on the same page as the timeline.
TOP_OF_PAPER = Cm(5)

NOTE, CELL, ROOM = "Merknad", "Tabelltekst", "Skrivelinje"
_DARK, _GREY = RGBColor(0x1F, 0x2A, 0x44), RGBColor(0x4A, 0x4A, 0x4A)
_LANGUAGES = {"nb": "nb-NO", "nn": "nn-NO"}


def word(paper: Paper, now: datetime) -> bytes:
    """The file. All text stands as it was written: there are no fields, links or macros in it.

    The timeline stands after the byline, when the events of the paper make one.
    """
    document = Document()
    _set_properties(document, paper, now)
    _set_page(document, paper)
    _set_styles(document)
    styles = {style.name or "": style.style_id for style in document.styles}
    page = _Page(document, styles, paper.language)
    page.add_line(one_line(paper.title), "Heading 1")
    if paper.byline:
        page.add_line(one_line(paper.byline), "Subtitle")
    if alt := timeline_alt(paper):
        _add_timeline(document, timeline(paper), alt)
    for block in paper.blocks:
        _add(page, block)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Page:
    """The document, and the id of each style by its name: python-docx looks through them all."""

    document: DocumentObject
    styles: Mapping[str, str]
    language: Language

    def add_line(self, text: str, style: str = "Normal") -> Line:
        line = self.document.add_paragraph(text)
        line._p.style = self.styles[style]
        return line

    def add_lines(self, text: str, style: str) -> None:
        """A paragraph for each part between empty lines; a line break for each other."""
        for part in written(text).split("\n\n"):
            if part.strip():
                self.add_line(part.strip(), style)


def _add(page: _Page, block: Block) -> None:
    match block:
        case Paragraph(text, "heading"):
            page.add_line(one_line(text), "Heading 2")
        case Paragraph(text, "quote"):
            page.add_lines(text, "Quote")
        case Paragraph(text, "note"):
            page.add_lines(text, NOTE)
        case Paragraph(text) if text and not text.strip():
            _add_room(page, len(text.splitlines()))
        case Paragraph(text):
            page.add_lines(text, "Normal")
        case Items(items):
            for item in items:
                page.add_line(written(item.strip()), "List Bullet")
        case Facts(pairs):
            for label, value in pairs:
                line = page.add_line("")
                line.add_run(f"{one_line(label)}: ").bold = True
                line.add_run(written(value.strip()) or "–")
        case Table():
            _add_table(page, block)
        case Chart():
            _add_chart(page, block)


def _add_chart(page: _Page, chart: Chart) -> None:
    """The picture, and the same numbers in a table under it."""
    from bot.papers.chart import png

    document = page.document
    room = min(_text_width(document), CHART_WIDTH)
    shown = document.add_picture(io.BytesIO(png(chart, page.language)), width=room)
    shown._inline.docPr.set("descr", one_line(chart.alt))
    _add_table(page, chart_table(chart, page.language))


def _add_room(page: _Page, count: int) -> None:
    """Lines to write on, on the same page as the question and the note above them."""
    first, *more = [page.add_line("", ROOM) for _ in range(count)]
    for line in (first, *more)[:-1]:
        line.paragraph_format.keep_with_next = True
    for above in first._p.itersiblings(preceding=True):
        if not isinstance(above, CT_P):
            break
        above.get_or_add_pPr().get_or_add_keepNext().val = True
        if above.style == page.styles["Heading 2"]:
            break


def _add_table(page: _Page, table: Table) -> None:
    document = page.document
    shown = document.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    shown.style = "Table Grid"
    shown.autofit = False
    widths = _widths(table, _text_width(document))
    for column, width in zip(shown.columns, widths, strict=True):
        column.width = width
    for row, texts in zip(shown.rows, (table.columns, *table.rows), strict=True):
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            [line] = cell.paragraphs
            line._p.style = page.styles[CELL]
            line.add_run(written(text.strip()))
        if max(map(len, texts)) < LONG_CELL:
            _mark(row._tr.get_or_add_trPr(), "w:cantSplit")
    header = shown.rows[0]
    _mark(header._tr.get_or_add_trPr(), "w:tblHeader")
    for cell in header.cells:
        cell.paragraphs[0].runs[0].bold = True
        _mark(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill="E8EDF4")
    page.add_line("", NOTE)  # or two tables in a row grow together


def _widths(table: Table, room: int) -> list[int]:
    """The longest word of each column is whole; what is left goes to those with much text."""
    columns = list(zip(table.columns, *table.rows, strict=True))
    words = [
        max((len(word) for text in one for word in text.split()), default=1) for one in columns
    ]
    floors = [PADDING + LETTER * min(word, LONGEST_WORD) for word in words]
    left = room - sum(floors)
    if left < 0:
        return [int(floor * room / sum(floors)) for floor in floors]
    texts = [max(1.0, min(max(map(len, one)), LONG_CELL) ** 0.5) for one in columns]
    shares = [left * text / sum(texts) for text in texts]
    return [int(floor + share) for floor, share in zip(floors, shares, strict=True)]


def _add_timeline(document: DocumentObject, drawn: bytes, alt: str) -> None:
    """As wide as the text, or as tall as the first page has room for."""
    shown = document.add_picture(io.BytesIO(drawn), width=_text_width(document))
    larger = max(1.0, shown.height / (_text_height(document) - TOP_OF_PAPER))
    shown.width, shown.height = int(shown.width / larger), int(shown.height / larger)
    shown._inline.docPr.set("descr", one_line(alt))


def _text_width(document: DocumentObject) -> int:
    return (document.sections[0].page_width or A4[0]) - 2 * MARGIN


def _text_height(document: DocumentObject) -> int:
    return (document.sections[0].page_height or A4[1]) - 2 * MARGIN


def _set_properties(document: DocumentObject, paper: Paper, now: datetime) -> None:
    properties = document.core_properties
    properties.title = cut(one_line(paper.title), LONGEST_PROPERTY)
    properties.author = "Kvalitetsbot"
    properties.comments = ""
    properties.language = _LANGUAGES[paper.language]
    properties.created = properties.modified = now
    default = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    default.set(qn("w:val"), _LANGUAGES[paper.language])


def _set_page(document: DocumentObject, paper: Paper) -> None:
    section = document.sections[0]
    columns = [len(block.columns) for block in paper.blocks if isinstance(block, Table)]
    wide = max(columns, default=0) > MAX_UPRIGHT_COLUMNS
    section.page_width, section.page_height = reversed(A4) if wide else A4
    section.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = MARGIN
    section.top_margin = section.bottom_margin = MARGIN


def _set_styles(document: DocumentObject) -> None:
    styles: Any = document.styles
    _look(styles["Normal"], 10.5, after=6)
    styles["Normal"].paragraph_format.line_spacing = 1.15
    _look(styles["Heading 1"], 20, colour=_DARK, after=4)
    styles["Heading 1"].paragraph_format.space_before = Pt(0)
    _look(styles["Heading 2"], 14, colour=_DARK, before=14, after=4)
    _look(styles["Subtitle"], 12, colour=_GREY, after=14)
    styles["Subtitle"].font.italic = False
    _remove(styles["Subtitle"].element.rPr, "w:spacing")
    _look(styles["Quote"], 10.5, after=6)
    styles["Quote"].paragraph_format.left_indent = Cm(1)
    _look(styles["List Bullet"], 10.5, after=3)
    _look(styles.add_style(NOTE, WD_STYLE_TYPE.PARAGRAPH), 9.5, colour=_GREY, after=6)
    _look(styles.add_style(CELL, WD_STYLE_TYPE.PARAGRAPH), 9.5, before=2, after=2)
    room = styles.add_style(ROOM, WD_STYLE_TYPE.PARAGRAPH)
    _look(room, 14, after=6)
    borders = OxmlElement("w:pBdr")
    for side in ("w:bottom", "w:between"):
        _mark(borders, side, val="single", sz="4", space="1", color="8A8A8A")
    room.element.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc")


def _look(
    style: Any, size: float, *, colour: RGBColor | None = None, before: float = 0, after: float
) -> None:
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):  # a font of the theme would win
        del fonts.attrib[name]
    for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(name), "Arial")
    style.font.size = Pt(size)
    if colour is not None:
        style.font.color.rgb = colour
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.space_after = Pt(after)


def _mark(parent: Any, name: str, **attributes: str) -> None:
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    parent.append(element)


def _remove(parent: Any, name: str) -> None:
    for element in parent.findall(qn(name)):
        parent.remove(element)
