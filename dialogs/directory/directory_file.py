"""directory.toml: which groups of the directory give which role and unit. Data, read strictly.

The kommune's IT writes it in KNOWLEDGE_DIR; docs/directory.md explains it.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from dialogs.guide_mistakes import mistakes_of_toml
from storage.people_file import ROLES, ROLES_WITH_UNIT, UNIT_KINDS

NAME = "directory.toml"
_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NEAR = 60  # of 100: how like a word a misspelt one is


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, strict=True)


class UnitEntry(_Part):
    """A school, or another place where people work."""

    name: str = Field(min_length=1)
    kind: str = Field(min_length=1)
    school_type: str = ""
    zone: str = ""


class GroupEntry(_Part):
    """A group: everybody in it has the role, at the unit. `name` is for people to know it by."""

    id: str
    name: str = Field(min_length=1)
    role: str
    unit: str = ""


class AppRoleEntry(_Part):
    """One of our app's roles in Entra: whoever is given it has the role here."""

    value: str = Field(min_length=1)
    role: str

    @property
    def id(self) -> str:
        """What it is called among the groups."""
        return f"approlle:{self.value}"


class DirectoryFile(_Part):
    """The whole file. What stands first wins when somebody is in several groups of one role."""

    install: bool = False
    unit: list[UnitEntry] = []
    group: list[GroupEntry] = []
    app_role: list[AppRoleEntry] = []

    @property
    def sources(self) -> list[tuple[str, str, str, str]]:
        """(id, name, role, unit) of every group and app role, in the order of the file."""
        groups = [(one.id, one.name, one.role, one.unit) for one in self.group]
        return groups + [(one.id, one.value, one.role, "") for one in self.app_role]


def read_directory_file(path: Path) -> tuple[DirectoryFile | None, list[str]]:
    """The file, or None and one sentence for each mistake in it. Raises OSError."""
    content = path.read_bytes()
    try:
        written = tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        return None, [f"{path.name}: filen er ikke UTF-8. Lagre den som UTF-8."]
    except tomllib.TOMLDecodeError as error:
        return None, [f"{path.name}, {mistakes_of_toml(error)}"]
    try:
        file = DirectoryFile.model_validate(written)
    except ValidationError as error:
        found = [_sentence(one, written) for one in error.errors(include_url=False)]
        return None, [f"{path.name}: {one}" for one in found]
    file = _normal(file)
    mistakes = [f"{path.name}: {one}" for one in _mistakes(file)]
    return (None, mistakes) if mistakes else (file, [])


def _normal(file: DirectoryFile) -> DirectoryFile:
    """Ids and words of our own as the rest of the program writes them."""
    return DirectoryFile(
        install=file.install,
        unit=[
            one.model_copy(update={"kind": UNIT_KINDS.get(one.kind.casefold(), one.kind)})
            for one in file.unit
        ],
        group=[
            one.model_copy(update={"id": one.id.lower(), "role": one.role.casefold()})
            for one in file.group
        ],
        app_role=[one.model_copy(update={"role": one.role.casefold()}) for one in file.app_role],
    )


def _mistakes(file: DirectoryFile) -> Iterator[str]:
    if not file.group and not file.app_role:
        yield "filen har ingen [[group]]. Legg til minst én."
    units = [one.name for one in file.unit]
    for name in _twice(units):
        yield f"enheten «{name}» står to ganger. Ta bort den ene."
    for id in _twice([one.id for one in file.group]):
        yield f"gruppen {id} står to ganger. Ta bort den ene."
    for value in _twice([one.value for one in file.app_role]):
        yield f"approllen «{value}» står to ganger. Ta bort den ene."
    for group in file.group:
        where = f"gruppen «{group.name}»: "
        if not _OBJECT_ID.fullmatch(group.id):
            yield (
                f"{where}id «{group.id}» er ikke en objekt-id fra Entra, som ser slik ut: "
                "01234567-89ab-cdef-0123-456789abcdef."
            )
        if group.role not in ROLES:
            yield f"{where}{_unknown_role(group.role)}"
        if group.role in ROLES_WITH_UNIT and not group.unit:
            yield f"{where}en {group.role} må ha en enhet. Legg til unit."
        if group.unit and group.unit not in units:
            told = f"enheten «{group.unit}» har ingen [[unit]].{_meant(group.unit, units)}"
            yield f"{where}{told} Legg den til, eller rett navnet."
    for one in file.app_role:
        where = f"approllen «{one.value}»: "
        if one.role not in ROLES:
            yield f"{where}{_unknown_role(one.role)}"
        elif one.role in ROLES_WITH_UNIT:
            yield (
                f"{where}en {one.role} må ha en enhet, og det har ikke en approlle. "
                "Bruk en [[group]] for hver enhet."
            )


def _twice(values: Sequence[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})


def _unknown_role(role: str) -> str:
    return f"rollen «{role}» finnes ikke.{_meant(role, ROLES)} Velg en av: {', '.join(ROLES)}."


def _meant(word: str, known: Sequence[str]) -> str:
    near = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    return f" Mente du «{near[0]}»?" if near else ""


_PARTS: dict[str, type[BaseModel]] = {
    "unit": UnitEntry,
    "group": GroupEntry,
    "app_role": AppRoleEntry,
}


def _sentence(error: ErrorDetails, written: dict[str, Any]) -> str:
    """What is wrong, and where: a key of the file, or of its n-th [[group]]."""
    *place, key = error["loc"] or ("",)
    model: type[BaseModel] = DirectoryFile
    where = ""
    if place:
        part, *number = place
        model = _PARTS.get(str(part), DirectoryFile)
        where = f"[[{part}]] nr. {int(number[0]) + 1}: " if number else ""
    elif isinstance(key, int):
        key = ""
    match error["type"]:
        case "missing":
            return f"{where}nøkkelen «{key}» mangler. Legg den til."
        case "extra_forbidden":
            known = list(model.model_fields)
            told = f"{where}ukjent nøkkel «{key}».{_meant(str(key), known)}"
            return f"{told} Nøklene her heter {', '.join(known)}."
        case "string_too_short":
            return f"{where}«{key}» er tom. Skriv en tekst."
        case "bool_type":
            return f"{where}«{key}» må være true eller false, uten anførselstegn."
        case "list_type" | "model_type":
            name = next((one for one in (key, *place) if one in _PARTS), key)
            return f"«{name}» må skrives som [[{name}]] på en egen linje."
        case _:
            return f"{where}«{key}» må være en tekst i anførselstegn."
