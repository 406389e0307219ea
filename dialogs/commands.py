"""What a person can write beside questions, in bokmål and nynorsk."""

import re
from dataclasses import dataclass
from typing import Literal

from dialogs.wording import Wording, read_wordings

Name = Literal["help", "promises", "show", "send", "act"]

_WHOLE: dict[str, Name] = {
    "hjelp": "help",
    "help": "help",
    "kommandoer": "help",
    "kommandoar": "help",
    "meny": "help",
    "hva kan jeg spørre om": "help",
    "kva kan eg spørje om": "help",
    "hva kan du": "help",
    "kva kan du": "help",
    "hva er lovet": "promises",
    "kva er lova": "promises",
    "hva lover planen": "promises",
    "kva lovar planen": "promises",
    "løfter": "promises",
    "bytt rolle": "act",
    "byt rolle": "act",
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command and what stood after its colon."""

    name: Name
    rest: str = ""


def command_in(text: str) -> Command | None:
    """The command a text is, or None for anything else."""
    folded = re.sub(r"\s+", " ", text).strip().casefold()
    if whole := _WHOLE.get(folded.rstrip("?!. ")):
        return Command(whole)
    for prefix, name in _PREFIXES.items():
        if folded.startswith(prefix):
            after = text.strip()[len(prefix) :]
            if not after.strip(" .!?"):
                return Command(name)
            if after.lstrip().startswith(":"):
                return Command(name, after.lstrip()[1:].strip())
    return None


def _prefixes(wordings: list[Wording]) -> dict[str, Name]:
    """The texts of our own buttons, which arrive as if the person had written them."""
    names: dict[str, Name] = {"show_whole": "show", "send_question": "send"}
    return {w.say(text).casefold(): name for w in wordings for text, name in names.items()}


_PREFIXES = _prefixes(list(read_wordings().values()))
