"""Paper -> the file of it that somebody opens."""

import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from bot.links import Format
from bot.papers.written import written
from bot.sizes import cut
from dialogs.messages import Paper

LONGEST_NAME = 80
CONTENT_TYPES: dict[Format, str] = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "txt": "text/plain; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "json": "application/json",
    "png": "image/png",
}
_ASCII = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "Æ": "Ae", "Ø": "O", "Å": "A", "–": "-"})


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A file as it is sent; `name` is what it is to be called, with any letters."""

    body: bytes
    content_type: str
    name: str


def paper_file(paper: Paper, format: Format, address: str, now: datetime) -> PaperFile:
    """The paper as a file. `address` is where the paper was found, for ids that must last."""
    return PaperFile(
        _body(paper, format, address, now), CONTENT_TYPES[format], file_name(paper, format)
    )


def _body(paper: Paper, format: Format, address: str, now: datetime) -> bytes:
    # Each brings a library that takes a while to load: not at start, but when it is first needed.
    match format:
        case "docx":
            from bot.papers.word import word

            return word(paper, now)
        case "txt":
            from bot.papers.plain import plain

            return plain(paper).encode()
        case "ics":
            from bot.papers.calendar_file import calendar_file

            return calendar_file(paper, address, now)
        case "json":
            return json.dumps(dict(paper.data), ensure_ascii=False, indent=2).encode()
        case "png":
            from bot.papers.chart import first_chart, png
            from bot.papers.timeline import timeline

            chart = first_chart(paper.blocks)
            return png(chart, paper.language) if chart else timeline(paper)


def file_name(paper: Paper, format: Format) -> str:
    """Title and byline, without what file systems and headers refuse."""
    text = f"{paper.title} {paper.byline}" if paper.byline else paper.title
    allowed = "".join(
        sign if sign.isalnum() or sign in " ().,-–_" else " " for sign in written(text)
    )
    return f"{cut(allowed, LONGEST_NAME).strip(' .…') or 'dokument'}.{format}"


def disposition(name: str, *, kind: str = "attachment") -> str:
    """The Content-Disposition header, for old readers and new."""
    decomposed = unicodedata.normalize("NFKD", name.translate(_ASCII))
    ascii_name = decomposed.encode("ascii", "ignore").decode()
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
