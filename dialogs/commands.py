"""What a person can write beside questions and answers: a phrase, or a phrase, a colon and more."""

import re
from collections.abc import Mapping
from typing import TypeVar

Handler = TypeVar("Handler")


def command_in(text: str, commands: Mapping[str, Handler]) -> tuple[Handler, str] | None:
    """The handler of the command a text is, and what stood after its colon; None for the rest.

    `commands` are phrases in lower case. Spaces, case and a question mark at the end don't matter.
    """
    folded = re.sub(r"\s+", " ", text).strip().casefold()
    if handler := commands.get(folded.rstrip("?!. ")):
        return handler, ""
    phrase, colon, rest = text.partition(":")
    handler = commands.get(re.sub(r"\s+", " ", phrase).strip().casefold()) if colon else None
    return (handler, rest.strip()) if handler else None
