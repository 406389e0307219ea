"""Paper -> a Word file with real headings, lists and tables, in its language."""

import io
from datetime import datetime
from typing import Any

from docx import Document
from docx.document import Document as DocumentObject
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from bot.papers.timeline import timeline
from bot.papers.written import one_line, written
from bot.sizes import cut
from dialogs.messages import Block, Facts, Items, Paper, Paragraph, Picture, Table

A4 = Cm(21.0), Cm(29.7)
MARGIN = Cm(2.2)
# More columns than this are too narrow to read on an upright page.
MAX_UPRIGHT_COLUMNS = 4
LONGEST_PROPERTY = 255
# A row with more text in a cell may be parted by the end of a page.
LONG_CELL = 600
LONGEST_WORD = 30

NOTE, CELL, ROOM = "Merknad", "Tabelltekst", "Skrivelinje"
_DARK, _GREY = RGBColor(0x1F, 0x2A, 0x44), RGBColor(0x4A, 0x4A, 0x4A)
_LANGUAGES = {"nb": "nb-NO", "nn": "nn-NO"}


def word(paper: Paper, now: datetime) -> bytes:
    """The file. All text stands as it was written: there are no fields, links or macros in it."""
    document = Document()
    _set_properties(document, paper, now)
    _set_page(document, paper)
    _set_styles(document)
    document.add_heading(one_line(paper.title), level=1)
    if paper.byline:
        document.add_paragraph(one_line(paper.byline), style="Subtitle")
    for block in paper.blocks:
        _add(document, block, paper)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add(document: DocumentObject, block: Block, paper: Paper) -> None:
    match block:
        case Paragraph(text, "heading"):
            document.add_heading(one_line(text), level=2)
        case Paragraph(text, "quote"):
            _add_lines(document, text, "Quote")
        case Paragraph(text, "note"):
            _add_lines(document, text, NOTE)
        case Paragraph(text) if text and not text.strip():
            for _ in text.splitlines():
                document.add_paragraph(style=ROOM)
        case Paragraph(text):
            _add_lines(document, text, "Normal")
        case Items(items):
            for item in items:
                document.add_paragraph(written(item.strip()), style="List Bullet")
        case Facts(pairs):
            for label, value in pairs:
                line = document.add_paragraph()
                line.add_run(f"{one_line(label)}: ").bold = True
                line.add_run(written(value.strip()) or "–")
        case Table():
            _add_table(document, block)
        case Picture():
            _add_timeline(document, block, paper)


def _add_lines(document: DocumentObject, text: str, style: str) -> None:
    """A paragraph for each part between empty lines; a line break for each other."""
    for part in written(text).split("\n\n"):
        if part.strip():
            document.add_paragraph(part.strip(), style=style)


def _add_table(document: DocumentObject, table: Table) -> None:
    shown = document.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    shown.style = "Table Grid"
    shown.autofit = False
    widths = _widths(table, _text_width(document))
    for column, width in zip(shown.columns, widths, strict=True):
        column.width = width
    for row, texts in zip(shown.rows, (table.columns, *table.rows), strict=True):
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = width
            cell.paragraphs[0].style = CELL
            cell.paragraphs[0].add_run(written(text.strip()))
        if max(map(len, texts)) < LONG_CELL:
            _mark(row._tr.get_or_add_trPr(), "w:cantSplit")
    header = shown.rows[0]
    _mark(header._tr.get_or_add_trPr(), "w:tblHeader")
    for cell in header.cells:
        cell.paragraphs[0].runs[0].bold = True
        _mark(cell._tc.get_or_add_tcPr(), "w:shd", val="clear", color="auto", fill="E8EDF4")
    document.add_paragraph(style=NOTE)  # or two tables in a row grow together


def _widths(table: Table, room: int) -> list[int]:
    """Room for the longest word of each column, and more for those with much text."""
    needs = []
    for texts in zip(table.columns, *table.rows, strict=True):
        word = max((len(word) for text in texts for word in text.split()), default=1)
        text = max(map(len, texts))
        needs.append(max(min(word, LONGEST_WORD), 2 * min(text, LONG_CELL) ** 0.5, 4))
    return [int(room * need / sum(needs)) for need in needs]


def _add_timeline(document: DocumentObject, picture: Picture, paper: Paper) -> None:
    width = _text_width(document)
    document.add_picture(io.BytesIO(timeline(paper)), width=min(width, Cm(13)))
    shown = document.inline_shapes[len(document.inline_shapes) - 1]
    shown._inline.docPr.set("descr", written(picture.alt))


def _text_width(document: DocumentObject) -> int:
    section = document.sections[0]
    width, left, right = section.page_width, section.left_margin, section.right_margin
    return int((width or A4[0]) - (left or MARGIN) - (right or MARGIN))


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
