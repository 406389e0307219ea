"""Plain text -> Markdown that shows exactly that text, whatever it holds.

A message becomes one Markdown line with `<br>` for every line break: Teams on phones shows no
Markdown lists, and Playground shows a message with suggestions unrendered unless it holds a tag.
What is not active in Markdown is left alone, so that hardly any text needs a visible escape.
"""

import re

# C0 and C1 controls and lone surrogates: no renderer shows them, and the latter can't be sent.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
_ACTIVE = re.compile(
    r"(?P<backslash>[\\`*_~]|^(?:[-+](?=[\s+-]|$)|[#>]))"
    r"|(?P<less><)"
    r"|(?P<ampersand>&(?=#?\w))"
    r"|(?P<after>\](?=[(:])|^\d{1,9}(?=[.)](?:\s|$)))"
)
_WITH = {"less": "&lt;", "ampersand": "&amp;"}


def shown_lines(text: str) -> list[str]:
    """The lines a person is to see; at most one empty line between two."""
    lines = [_UNSHOWABLE.sub("\ufffd", line).strip() for line in text.strip().splitlines()]
    return [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]


def escape_line(line: str) -> str:
    """One line, with its active characters made literal; `[1]` stays a citation mark."""
    return _ACTIVE.sub(_escaped, line)


def markdown(text: str) -> str:
    """The whole text as Markdown."""
    return "<br>".join(map(escape_line, shown_lines(text)))


def _escaped(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    if kind == "backslash":
        return "\\" + found[0]
    if kind == "after":
        return found[0] + "\\"
    return _WITH[kind]
