"""TOML files -> question sets, or every mistake of every file at once: where, and what to do."""

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dialogs.guide import Step
from dialogs.guide_checks import (
    Mistake,
    mistakes_in_steps,
    mistakes_of_languages,
    unknown_sections,
)
from dialogs.guide_mistakes import mistakes_of_toml, mistakes_of_values
from dialogs.question_set import QuestionSet
from dialogs.question_set_checks import mistakes_in_set

FOLDER = Path(__file__).parent / "question_sets"
OWN_FOLDER = "question_sets"  # in KNOWLEDGE_DIR


@dataclass(frozen=True, slots=True)
class _File:
    """What a file holds: a question set without mistakes, or the mistakes."""

    path: Path
    read: QuestionSet | None
    mistakes: list[str]


def load_question_sets(own: Path | None = None) -> tuple[dict[str, QuestionSet], list[str]]:
    """The question sets that ship and the kommune's own: (by id, one sentence per mistake).

    `own` is KNOWLEDGE_DIR; a set there takes the place of the one that ships with the same id. One
    with mistakes is left out, and one it would have replaced stays.
    """
    return _together(_in_use(own))


def check_question_sets(
    paths: Sequence[Path], sections: Collection[str], own: Path | None = None
) -> tuple[int, list[str]]:
    """(files, mistakes) of these files, and between them; without any, of all that are in use.

    `sections` are the addresses that `why` may name.
    """
    files = [_read(path) for path in paths] if paths else _in_use(own)
    problems = _together(files)[1]
    for file in files:
        if file.read is not None:
            unknown = unknown_sections(file.read.steps(), sections)
            problems += _in_file(file.path, unknown)
    return len(files), problems


def is_question_set(path: Path) -> bool:
    """Whether a file to check is a question set and not a guide: by its folder, or its sections."""
    if path.parent.name == OWN_FOLDER:
        return True
    with suppress(OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return "section" in tomllib.loads(path.read_text(encoding="utf-8"))
    return False


def questions_of(asked: Mapping[str, object]) -> QuestionSet:
    """The question set that a round keeps, as it was when the round was made."""
    return QuestionSet.model_validate(asked)


def _in_use(own: Path | None) -> list[_File]:
    """What ships and is not replaced, then the kommune's own."""
    ours = [_read(path) for path in sorted(FOLDER.glob("*.toml"))]
    theirs = [_read(path) for path in sorted((own / OWN_FOLDER).glob("*.toml"))] if own else []
    replaced = {file.read.id for file in theirs if file.read is not None}
    return [*(file for file in ours if file.read is None or file.read.id not in replaced), *theirs]


def _together(files: Iterable[_File]) -> tuple[dict[str, QuestionSet], list[str]]:
    found: dict[str, QuestionSet] = {}
    named: dict[str, str] = {}
    problems: list[str] = []
    for file in files:
        problems += file.mistakes
        if file.read is None:
            continue
        id, name = file.read.id, file.path.name
        if id in found:
            problems.append(f"{name}: id «{id}» står også i {named[id]}. Endre den ene.")
            continue
        found[id], named[id] = file.read, name
    return found, problems


def _read(path: Path) -> _File:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        return _File(path, None, [f"{path.name}, {mistakes_of_toml(error)}"])
    except UnicodeDecodeError:
        said = f"{path.name}: filen er ikke lagret som UTF-8. Lagre den på nytt som UTF-8."
        return _File(path, None, [said])
    except OSError as error:
        return _File(path, None, [f"{path.name}: får ikke lest filen ({error.strerror})."])
    try:
        read = QuestionSet.model_validate(written)
    except ValidationError as error:
        found = [*mistakes_of_values(error, written, QuestionSet), *_in_the_rest(written)]
        return _File(path, None, _in_file(path, found))
    steps = [*read.background, *read.steps()]
    mistakes: list[Mistake] = [("", text) for text in mistakes_of_languages(read)]
    mistakes += mistakes_in_set(read)
    mistakes += mistakes_in_steps(steps, [step.id for step in steps])
    return _File(path, None if mistakes else read, _in_file(path, mistakes))


def _in_the_rest(written: Mapping[str, Any]) -> list[Mistake]:
    """What is wrong with the steps that can be read, in a file where something can't."""
    parts = list(_steps_in(written))
    steps = []
    for part in parts:
        with suppress(ValidationError):
            steps.append(Step.model_validate(part))
    return mistakes_in_steps(steps, [str(part.get("id", "")) for part in parts])


def _steps_in(written: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    sections = _tables(written.get("section"))
    for parts in (written.get("background"), *(section.get("step") for section in sections)):
        yield from _tables(parts)


def _tables(parts: Any) -> list[Mapping[str, Any]]:
    return [one for one in parts if isinstance(one, dict)] if isinstance(parts, list) else []


def _in_file(path: Path, mistakes: Iterable[Mistake]) -> list[str]:
    """Sentences of (step id or "", what is wrong)."""
    name = path.name
    return [f"{name}, steg «{step}»: {t}" if step else f"{name}: {t}" for step, t in mistakes]
