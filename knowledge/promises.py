"""What the Kvalitetsplan promises, as data: documents, tools and tiltak, with their status."""

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from knowledge.documents import Document
from knowledge.rows import read_rows

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
    promises, problems = read_rows(path, "promise", Promise, "løfte", lambda promise: promise.id)
    known = {name for document in documents for name in document.by_name}
    problems += [
        f"{path.name}, «{promise.id}»: avsnittet «{name}» finnes ikke."
        for promise in promises
        for name in promise.sections
        if name not in known
    ]
    return promises, problems
