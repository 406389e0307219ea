"""What the Kvalitetsplan promises, as data: documents, tools and tiltak, with their status."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.documents import Document

Status = Literal["ikke satt", "ikke startet", "under arbeid", "finnes"]


class Promise(BaseModel):
    """One promise. `sections` are heading paths; `responsible` stands as the plan names them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    kind: Literal["dokument", "tiltak"]
    title: str
    sections: list[str]
    responsible: list[str]
    status: Status = "ikke satt"
    link: str = ""
    owner: str = ""
    updated: date | None = None


def read_promises(path: Path, documents: list[Document]) -> tuple[list[Promise], list[str]]:
    """Read the file: (promises, one sentence per mistake). A missing file is no promises."""
    if not path.exists():
        return [], []
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("promise", [])
    except tomllib.TOMLDecodeError as error:
        return [], [f"{path.name}: filen er ikke gyldig TOML: {error}"]
    promises: list[Promise] = []
    problems: list[str] = []
    known = {name for document in documents for name in document.by_name}
    for number, row in enumerate(rows, start=1):
        try:
            promise = Promise.model_validate(row)
        except ValidationError as error:
            for e in error.errors():
                where = ".".join(str(part) for part in e["loc"])
                problems.append(f"{path.name}, løfte {number}: «{where}»: {e['msg']}")
            continue
        if any(p.id == promise.id for p in promises):
            problems.append(f"{path.name}: to løfter heter «{promise.id}».")
        problems.extend(
            f"{path.name}, «{promise.id}»: avsnittet «{name}» finnes ikke."
            for name in promise.sections
            if name not in known
        )
        promises.append(promise)
    return promises, problems
