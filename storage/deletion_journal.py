"""The deletions in a file beside the backups, so that they outlive the database itself.

A JSON object a line: {"id", "person", "what", "at"}; no name and nothing that anybody wrote.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from storage.deletions import Noted, What

NAME = "deletions.jsonl"


def read_journal(folder: Path) -> tuple[list[Noted], int]:
    """What is noted there, the oldest first, and how many lines could not be read."""
    try:
        lines = (folder / NAME).read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return [], 0
    read = [_noted(line) for line in lines if line.strip()]
    known = {one.id: one for one in read if one is not None}
    return sorted(known.values(), key=lambda one: (one.at, one.id)), read.count(None)


def write_journal(folder: Path, noted: Iterable[Noted], oldest: datetime) -> list[Noted]:
    """Add these to what the file has, leave out what is older; what then stands in it.

    The file is written anew and put in place at once. Copies that do so at the same time both
    write all that the database has, so that it doesn't matter which of them comes last.
    """
    before, _ = read_journal(folder)
    known = {one.id: one for one in (*before, *noted) if one.at >= oldest}
    kept = sorted(known.values(), key=lambda one: (one.at, one.id))
    if kept == before:  # among them: nothing, and no file
        return kept
    folder.mkdir(parents=True, exist_ok=True)
    # Only the owner may read a temporary file.
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=f".{NAME}-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(_line(one) for one in kept)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(folder / NAME)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return kept


def _line(one: Noted) -> str:
    return json.dumps(asdict(one) | {"at": one.at.isoformat()}, ensure_ascii=False) + "\n"


def _noted(line: str) -> Noted | None:
    try:
        read: dict[str, Any] = json.loads(line)
        id, person, at = read["id"], read["person"], datetime.fromisoformat(read["at"])
        what: What = next(one for one in get_args(What) if one == read["what"])
    except (ValueError, KeyError, TypeError, StopIteration):
        return None
    if at.tzinfo is None or not (isinstance(id, str) and isinstance(person, str)):
        return None
    return Noted(id, person, what, at)
