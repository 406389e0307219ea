"""What a file of meetings is read as: rows of text by column, or all that is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialogs.wording import Wording

LARGEST_FILE = 2_000_000  # bytes; two thousand rows of long texts are half of that
MOST_ROWS = 2_000

# The columns by their names in bokmål, which is also what a row's cells are known by.
REQUIRED_COLUMNS = ("type", "tittel", "start", "slutt", "målgruppe")
OPTIONAL_COLUMNS = (
    "sted",
    "lenke",
    "tema",
    "forberedelse",
    "id",
    "svar",
    "dagen før",
    "mellomarbeid",
    "merknad",  # for those who keep the file; nobody reads it here
)
COLUMNS = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row of a table, counted as in a spreadsheet, or an event of a calendar file.

    `cells` has only the columns that the file has: what it doesn't say is not changed. `source` is
    what the file itself knows the meeting by; "" for nothing.
    """

    number: int
    cells: Mapping[str, str]
    source: str = ""
    cancelled: bool = False
    is_event: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "cells": dict(self.cells),
            "source": self.source,
            "cancelled": self.cancelled,
            "is_event": self.is_event,
        }


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row; with the whole file when `row` is 0."""

    row: int
    text: str
    is_event: bool = False

    def line(self, wording: Wording) -> str:
        if not self.row:
            return self.text
        key = "meeting_import_event" if self.is_event else "meeting_import_row"
        return wording.say(key, row=self.row, text=self.text)


class MeetingFileError(Exception):
    """The file can't be imported; `problems` is everything that is wrong, in order of rows."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(problem.text for problem in problems))


def cannot_read(text: str, row: int = 0, *, is_event: bool = False) -> MeetingFileError:
    """One thing is wrong, and nothing more can be said of the file."""
    return MeetingFileError([Problem(row, text, is_event)])
