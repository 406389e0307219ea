"""Every sentence of the bot's own, by name and language, from dialogs/texts/nb/ and nn/."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dialogs.messages import Language

_FOLDER = Path(__file__).parent / "texts"


class Wording:
    """The sentences of one language, a file for each thing one can talk about.

    A name that is missing is a KeyError at once; one that stands in two files is a ValueError.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self._texts = _texts_in(language)

    def say(self, key: str, /, **filled: object) -> str:
        """One sentence or text, with {names} filled in."""
        text: str = self._texts[key]
        return text.strip().format(**filled) if filled else text.strip()

    def many(self, name: str) -> list[Any]:
        """A list of texts."""
        items: list[Any] = self._texts[name]
        return items


def read_wordings() -> dict[Language, Wording]:
    return {"nb": Wording("nb"), "nn": Wording("nn")}


@cache
def _texts_in(language: Language) -> Mapping[str, Any]:
    """Read once: the files take some 40 ms a language, and several modules ask at start."""
    read: dict[str, Any] = {}
    for path in sorted((_FOLDER / language).glob("*.toml")):
        texts = tomllib.loads(path.read_text(encoding="utf-8"))
        if twice := texts.keys() & read.keys():
            raise ValueError(f"{path.name}: {', '.join(sorted(twice))} stands in two files")
        read |= texts
    return read
