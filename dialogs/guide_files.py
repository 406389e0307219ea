"""TOML files -> guides, or every mistake of every file at once: where it is, and what to do."""

import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rapidfuzz import fuzz, process

from dialogs.guide import Guide, Step
from dialogs.guide_checks import (
    Mistake,
    mistakes_between,
    mistakes_in,
    mistakes_in_head,
    mistakes_in_steps,
    unknown_sections,
)
from dialogs.guide_mistakes import mistakes_of_toml, mistakes_of_values
from dialogs.question_set import QuestionSet
from dialogs.question_set_files import load_question_sets

FOLDER = Path(__file__).parent / "guides"
OWN_FOLDER = "guides"  # in KNOWLEDGE_DIR

_BEGIN = ("start ", "start på ", "begynn ", "begynn på ", "åpne ", "opne ")
_SURE = 85  # of 100: how like a name what is written after "start " must be


@dataclass(frozen=True)
class Guides:
    """All guides that can be run, by id and in the order of their files; and the question sets."""

    by_id: Mapping[str, Guide]
    sets: Mapping[str, QuestionSet] = field(default_factory=dict)

    @cached_property
    def all(self) -> tuple[Guide, ...]:
        return tuple(self.by_id.values())

    def get(self, id: str) -> Guide | None:
        return self.by_id.get(id)

    def begun_by(self, text: str) -> Guide | None:
        """The guide that a person asks to begin, by one of its phrases.

        After "start " or "åpne " its title will do, and a small slip is read too. Without that,
        anything else is a question: a title may be the very word that somebody looks up.
        """
        said = _plain(text)
        if said in self._by_ask:
            return self._by_ask[said]
        begin = max((word for word in _BEGIN if said.startswith(word)), key=len, default="")
        if not begin:
            return None
        wanted = said.removeprefix(begin)
        near = process.extractOne(
            wanted, list(self._by_phrase), scorer=fuzz.ratio, score_cutoff=_SURE
        )
        return self._by_phrase[near[0]] if near else self.by_id.get(wanted)

    @cached_property
    def _by_ask(self) -> Mapping[str, Guide]:
        return {_plain(phrase): guide for guide in reversed(self.all) for phrase in guide.ask}

    @cached_property
    def _by_phrase(self) -> Mapping[str, Guide]:
        return {
            _plain(phrase): guide
            for guide in reversed(self.all)
            for phrase in (*guide.ask, guide.title, guide.title_nn)
        }


@dataclass(frozen=True, slots=True)
class _File:
    """What a file holds: a guide without mistakes, or the mistakes."""

    name: str
    guide: Guide | None
    mistakes: list[str]


def load_guides(own: Path | None = None) -> tuple[Guides, list[str]]:
    """The guides that ship and the kommune's own: (guides, one sentence per mistake).

    `own` is KNOWLEDGE_DIR. A guide in its folder guides/ takes the place of the one that ships with
    the same id. A guide with mistakes is left out, and one it would have replaced stays.
    """
    files = _in_use(own)
    problems = [mistake for file in files for mistake in file.mistakes]
    by_id = {file.guide.id: file.guide for file in files if file.guide is not None}
    sets, mistakes = load_question_sets(own)
    return Guides(by_id, sets), problems + _between(files) + mistakes


def check_guides(
    paths: Sequence[Path], sections: Collection[str], own: Path | None = None
) -> tuple[int, list[str]]:
    """(files, mistakes) of these files, and between them; without any, of all that are in use.

    `sections` are the addresses that `why` may name.
    """
    files = [_read(path) for path in paths] if paths else _in_use(own)
    problems: list[str] = []
    for file in files:
        problems += file.mistakes
        if file.guide is not None:
            problems += _in_file(file.name, unknown_sections(file.guide.step, sections))
    return len(files), problems + _between(files)


def _in_use(own: Path | None) -> list[_File]:
    """What ships and is not replaced, then the kommune's own."""
    ours = [_read(path) for path in sorted(FOLDER.glob("*.toml"))]
    theirs = [_read(path) for path in sorted((own / OWN_FOLDER).glob("*.toml"))] if own else []
    replaced = {file.guide.id for file in theirs if file.guide is not None}
    kept = [file for file in ours if file.guide is None or file.guide.id not in replaced]
    return [*kept, *theirs]


def _between(files: Iterable[_File]) -> list[str]:
    return mistakes_between([(file.name, file.guide) for file in files if file.guide is not None])


def _read(path: Path) -> _File:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        return _File(path.name, None, [f"{path.name}, {mistakes_of_toml(error)}"])
    except UnicodeDecodeError:
        said = f"{path.name}: filen er ikke lagret som UTF-8. Lagre den på nytt som UTF-8."
        return _File(path.name, None, [said])
    except OSError as error:
        return _File(path.name, None, [f"{path.name}: får ikke lest filen ({error.strerror})."])
    try:
        guide = Guide.model_validate(written)
    except ValidationError as error:
        mistakes = [*mistakes_of_values(error, written), *_mistakes_in_the_rest(written)]
        return _File(path.name, None, _in_file(path.name, mistakes))
    mistakes = mistakes_in(guide)
    return _File(path.name, None if mistakes else guide, _in_file(path.name, mistakes))


def _mistakes_in_the_rest(written: Mapping[str, Any]) -> list[Mistake]:
    """What is wrong with the parts that can be read, in a file where something can't."""
    parts = written["step"] if isinstance(written.get("step"), list) else []
    ids = [str(one.get("id", "")) for one in parts if isinstance(one, dict)]
    steps = []
    for one in parts:
        with suppress(ValidationError):
            steps.append(Step.model_validate(one))
    mistakes = mistakes_in_steps(steps, ids)
    with suppress(ValidationError):
        mistakes += mistakes_in_head(Guide.model_validate({**written, "step": steps}), ids)
    return mistakes


def _in_file(name: str, mistakes: Iterable[Mistake]) -> list[str]:
    """Sentences of (step id or "", what is wrong)."""
    return [f"{name}, steg «{step}»: {t}" if step else f"{name}: {t}" for step, t in mistakes]


def _plain(text: str) -> str:
    return " ".join(text.casefold().strip(" .!?«»\"'").split())
