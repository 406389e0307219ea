"""Whom to tell when somebody is worried: the emergency numbers, and what the kommune has set."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from dialogs.messages import Language

_FILE = Path(__file__).with_suffix(".toml")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1)
    name_nn: str = Field(min_length=1)


class Emergency(_Entry):
    """A number that is the same everywhere in Norway."""

    phone: str = Field(min_length=1)


class KommuneContact(_Entry):
    """A contact of the kommune's own. Without phone and link it is not set."""

    purpose: str = Field(min_length=1)
    purpose_nn: str = Field(min_length=1)
    phone: str = ""
    link: str = ""

    @property
    def is_set(self) -> bool:
        return bool(self.phone or self.link)


class Contacts(BaseModel):
    """All contacts, in the order they are shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    emergency: tuple[Emergency, ...] = Field(min_length=1)
    kommune: tuple[KommuneContact, ...]

    def lines(self, language: Language, unset: str) -> list[str]:
        """One plain line a contact. A contact of the kommune that is not set shows `unset`."""
        nynorsk = language == "nn"
        lines = self.emergency_lines(language)
        for contact in self.kommune:
            name = contact.name_nn if nynorsk else contact.name
            purpose = contact.purpose_nn if nynorsk else contact.purpose
            reached = ", ".join(way for way in (contact.phone, contact.link) if way)
            lines.append(f"{name}, {purpose}" + (f": {reached}" if reached else f" ({unset})"))
        return lines

    def emergency_lines(self, language: Language) -> list[str]:
        """One plain line for each number that is the same everywhere."""
        return [f"{e.name_nn if language == 'nn' else e.name} {e.phone}" for e in self.emergency]

    def missing(self) -> list[str]:
        """The names of the kommune's contacts that are not set."""
        return [contact.name for contact in self.kommune if not contact.is_set]


def read_contacts(path: Path | None = None) -> Contacts:
    """Read the contacts; unknown or missing keys are a ValidationError."""
    return Contacts.model_validate(tomllib.loads((path or _FILE).read_text(encoding="utf-8")))
