"""Paper -> plain text: headings underlined, lines as long as they were written."""

from collections.abc import Iterator

from bot.papers.written import one_line, written
from dialogs.messages import Block, Facts, Items, Paper, Paragraph, Picture, Table


def plain(paper: Paper) -> str:
    """The paper's text. Parts are separated by an empty line; it ends with a line break."""
    parts = [_underlined(paper.title, "="), *([paper.byline] if paper.byline else [])]
    for block in paper.blocks:
        parts += _parts(block)
    return written("\n\n".join(part.rstrip(" ") for part in parts)) + "\n"


def _parts(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text, "heading"):
            yield "\n" + _underlined(text, "-")
        case Paragraph(text, "quote"):
            yield _indented(text, "    ")
        case Paragraph(text):
            yield text
        case Items(items):
            yield "\n".join(f"• {_indented(item, '  ').strip()}" for item in items)
        case Facts(pairs):
            yield "\n".join(_labelled(label, value) for label, value in pairs)
        case Table(columns, rows):
            for row in rows:
                yield "\n".join(map(_labelled, columns, row))
        case Picture():
            yield block.alt


def _labelled(label: str, value: str) -> str:
    return f"{label}: {_indented(value.strip() or '–', '  ').strip()}"


def _indented(text: str, by: str) -> str:
    return "\n".join(f"{by}{line}" if line else "" for line in text.splitlines())


def _underlined(text: str, line: str) -> str:
    text = one_line(text)
    return f"{text}\n{line * len(text)}"
