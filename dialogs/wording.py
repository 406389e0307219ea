"""Every sentence of the bot's own, by name and language, from dialogs/texts/*.toml."""

import tomllib
from pathlib import Path
from typing import Any

from dialogs.messages import Language

_FOLDER = Path(__file__).parent / "texts"


class Wording:
    """The sentences of one language. A name that is missing is a KeyError at once."""

    def __init__(self, language: Language) -> None:
        self.language = language
        text = (_FOLDER / f"{language}.toml").read_text(encoding="utf-8")
        self._texts: dict[str, Any] = tomllib.loads(text)

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
