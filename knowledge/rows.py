"""Rows of a TOML file as strict objects, with every mistake of the file at once."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

Row = TypeVar("Row", bound=BaseModel)


def read_rows(
    path: Path, key: str, model: type[Row], what: str, id_of: Callable[[Row], str]
) -> tuple[list[Row], list[str]]:
    """Read `[[key]]` of a file: (rows, one sentence per mistake). No file is no rows.

    `what` is the Norwegian word for a row, for the sentences.
    """
    if not path.exists():
        return [], []
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8")).get(key, [])
    except tomllib.TOMLDecodeError as error:
        return [], [f"{path.name}: filen er ikke gyldig TOML: {error}"]
    rows: list[Row] = []
    problems: list[str] = []
    for number, one in enumerate(written, start=1):
        try:
            row = model.model_validate(one)
        except ValidationError as error:
            problems += [f"{path.name}, {what} {number}: {line}" for line in mistakes(error)]
            continue
        if any(id_of(other) == id_of(row) for other in rows):
            problems.append(f"{path.name}: «{id_of(row)}» står to ganger.")
        rows.append(row)
    return rows, problems


def mistakes(error: ValidationError) -> list[str]:
    """Where each mistake stands and what it is."""
    return [f"«{'.'.join(str(part) for part in e['loc'])}»: {e['msg']}" for e in error.errors()]
