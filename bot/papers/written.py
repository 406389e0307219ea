"""Texts and dates as they may stand in a file."""

import re
from datetime import date, timedelta

# What XML can't hold, and what no reader shows: controls, half characters, noncharacters. And the
# controls that turn the direction of the text, which would turn all that follows in Word.
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def written(text: str) -> str:
    """The text with line breaks as they are in Python, and without what files can't hold."""
    return _UNWRITABLE.sub("", "\n".join(text.splitlines()))


def one_line(text: str) -> str:
    return " ".join(written(text).split())


def day_after(day: date) -> date:
    """The next day, or the same where there is none: people write 31.12.9999 for never."""
    return min(day, date.max - timedelta(days=1)) + timedelta(days=1)
