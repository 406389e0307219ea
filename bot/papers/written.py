"""Text as it may stand in a file."""

import re

# What XML can't hold, and what no reader shows: controls, half characters, noncharacters.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def written(text: str) -> str:
    """The text with line breaks as they are in Python, and without what files can't hold."""
    return _UNWRITABLE.sub("", "\n".join(text.splitlines()))


def one_line(text: str) -> str:
    return " ".join(written(text).split())
