"""What every kind of answer can do, and what it is asked with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ClassVar

from dialogs.actions import ACTIONS, Options
from dialogs.guide import Step, in_language
from dialogs.known import Known
from dialogs.messages import Block, Input, Language, Paragraph
from dialogs.wording import Wording

_LINE_BREAK = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c]")
_UNSTORABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LARGEST = 1_000_000_000  # of a number; more is a slip, and no float or column has room for all


@dataclass(frozen=True, slots=True)
class Read:
    """An answer that fits its step, as it is stored. None: an optional step without an answer."""

    value: Any


@dataclass(frozen=True, slots=True)
class Mistakes:
    """What is wrong, as a sentence that says what to do, by the id of the input."""

    by_input: Mapping[str, str]


@dataclass(frozen=True)
class Asked:
    """A step, or a column of one, as it is asked of somebody. `input` is its input's id."""

    step: Step
    language: Language
    known: Known
    input: str

    def id(self, part: str) -> str:
        """The id of one of several inputs."""
        return f"{self.step.id}__{part}"

    @property
    def label(self) -> str:
        return self.labelled(self.step.heading(self.language))

    def labelled(self, text: str) -> str:
        """With the unit, and with (valgfritt) where nothing needs to be answered."""
        optional = self.say("answer_optional") if self.step.optional else ""
        notes = ", ".join(note for note in (self.unit, optional) if note)
        return f"{text} ({notes})" if notes else text

    @property
    def unit(self) -> str:
        return in_language(self.language, self.step.unit, self.step.unit_nn)

    @cached_property
    def options(self) -> Options:
        """What may be chosen: (value, label)."""
        if self.step.choices_from:
            offered: Options = ACTIONS[self.step.choices_from].call(self.known)
            return offered
        return tuple(
            (one.value, in_language(self.language, one.text, one.text_nn))
            for one in self.step.choices
        )

    def say(self, key: str, /, **filled: object) -> str:
        return _wording(self.language).say(key, **filled)

    def wrong(self, key: str, /, **filled: object) -> Mistakes:
        return Mistakes({self.input: self.say(key, **filled)})


class AnswerKind:
    """A kind of answer. `value` is always one that fits, and `given` holds what isn't blank."""

    missing: ClassVar[str] = "answer_missing"  # the name of what is said when nothing is answered

    def what_to_do(self, asked: Asked) -> str:
        """What is said when nothing is answered, or nothing that can be read."""
        return asked.say(self.missing)

    def ids(self, asked: Asked) -> tuple[str, ...]:
        """The ids of the inputs."""
        return (asked.input,)

    def written(self, asked: Asked, value: Any) -> dict[str, str]:
        """What stands in each input when this has been answered."""
        return {asked.input: str(value)}

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        """The inputs, with what stands in them; what can't stand in one is left out."""
        return ()

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        """The answer of what a card or dialog sent, which may be any JSON."""
        raise NotImplementedError

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        """The answer of what was written in the chat."""
        return self.read(asked, {asked.input: text})

    def fits(self, step: Step, value: Any) -> bool:
        """Whether a stored value is an answer to the step as it is now."""
        raise NotImplementedError

    def plain(self, asked: Asked, value: Any) -> str:
        """The answer on one line."""
        return one_line(str(value))

    def blocks(self, asked: Asked, value: Any) -> tuple[Block, ...]:
        """The answer as readers see it."""
        return (Paragraph(self.plain(asked, value)),)

    def free_texts(self, step: Step, value: Any) -> list[str]:
        """What people have written in their own words."""
        return []


def cleaned(text: str) -> str:
    """Without what no file or database can hold: control characters and halves of signs."""
    lines = _LINE_BREAK.sub("\n", text).replace("\t", " ")
    return _UNSTORABLE.sub("", lines).strip()


def one_line(text: str) -> str:
    return " ".join(text.split())


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not cleaned(value))


def as_number(value: Any) -> int | float | None:
    """A number of plain size; None for a bool, NaN, an infinity and all that is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # NaN is on neither side of anything.
    return value if -LARGEST <= value <= LARGEST else None


@cache
def _wording(language: Language) -> Wording:
    return Wording(language)
