"""Answers in one's own words, and numbers."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from rapidfuzz import fuzz

from dialogs.answer_kind import (
    AnswerKind,
    Asked,
    Mistakes,
    Read,
    as_number,
    cleaned,
    one_line,
)
from dialogs.dates import number_in_words
from dialogs.guide import LONGEST_CELL, LONGEST_LONG_TEXT, LONGEST_SHORT_TEXT, Step
from dialogs.messages import Block, Input, NumberInput, Paragraph, TextInput

_WRITTEN = re.compile(
    r"(?:ca\.?|cirka|omtrent|om lag|rundt)?\s*"
    r"([-−]?)(\d{1,3}(?:[ .\u00a0\u202f]\d{3})+|\d+)(?:[.,](\d{1,9}))?\s*([^\d\s].*)?"
)
_SAME_UNIT = 65  # of 100: how like the unit a word after the number is («uke» for «uker»)
_EXAMPLE = 6


class LongText(AnswerKind):
    """A text of several lines, kept as it was written."""

    longest: ClassVar[int] = LONGEST_LONG_TEXT
    lines: ClassVar[bool] = True

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        return (
            TextInput(
                asked.input,
                asked.label,
                texts.get(asked.input, ""),
                asked.say(self.missing),
                self.longest,
                required=not asked.step.optional,
                lines=self.lines,
            ),
        )

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        value = given[asked.input]
        if not isinstance(value, str):
            return asked.wrong(self.missing)
        text = self.tidied(value)
        if over := max(0, len(text) - self.longest):
            return asked.wrong("answer_too_long", over=over, longest=self.longest)
        return Read(text)

    def tidied(self, text: str) -> str:
        return cleaned(text)

    def fits(self, step: Step, value: Any) -> bool:
        return isinstance(value, str) and bool(value.strip()) and len(value) <= self.longest

    def blocks(self, asked: Asked, value: Any) -> tuple[Block, ...]:
        parts = re.split(r"\n\s*\n", value)
        return tuple(Paragraph(part.strip()) for part in parts if part.strip())

    def free_texts(self, step: Step, value: Any) -> list[str]:
        return [value] if isinstance(value, str) else []


class CellText(LongText):
    """A text of several lines in a row of a table."""

    longest: ClassVar[int] = LONGEST_CELL


class ShortText(LongText):
    """A text of one line."""

    longest: ClassVar[int] = LONGEST_SHORT_TEXT
    lines: ClassVar[bool] = False

    def tidied(self, text: str) -> str:
        return one_line(cleaned(text))


class Number(AnswerKind):
    """A number; a whole one is stored as an int."""

    missing: ClassVar[str] = "answer_number"

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        number = _of_field(texts.get(asked.input))
        return (
            NumberInput(
                asked.input,
                asked.label,
                "" if number is None else str(number),
                self.what_to_do(asked),
                required=not asked.step.optional,
                minimum=asked.step.minimum,
                maximum=asked.step.maximum,
            ),
        )

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        number = _of_field(given[asked.input])
        if number is None and isinstance(given[asked.input], str):
            return self.hear(asked, given[asked.input])
        return self._within(asked, number)

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        return self._within(asked, _as_written(text, asked.step))

    def fits(self, step: Step, value: Any) -> bool:
        number = as_number(value)
        return number is not None and _is_within(step, number)

    def plain(self, asked: Asked, value: Any) -> str:
        return f"{_shown(value)} {asked.unit}".strip()

    def _within(self, asked: Asked, number: int | float | None) -> Read | Mistakes:
        if number is None or not _is_within(asked.step, number):
            return Mistakes({asked.input: self.what_to_do(asked)})
        return Read(int(number) if number == int(number) else number)

    def what_to_do(self, asked: Asked) -> str:
        least, most = asked.step.minimum, asked.step.maximum
        if least is not None and most is not None:
            return asked.say("answer_number_between", least=_shown(least), most=_shown(most))
        if least is not None:
            return asked.say("answer_number_least", least=_shown(least))
        if most is not None:
            return asked.say("answer_number_most", most=_shown(most))
        return asked.say(self.missing, example=f"{_EXAMPLE} {asked.unit}".strip())


def _is_within(step: Step, number: int | float) -> bool:
    return (step.minimum is None or number >= step.minimum) and (
        step.maximum is None or number <= step.maximum
    )


def _of_field(value: Any) -> int | float | None:
    """What a field for numbers holds: a number, or one with a decimal point as text."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    number = as_number(value)
    return int(number) if number is not None and number == int(number) else number


def _as_written(text: str, step: Step) -> int | float | None:
    """«6 uker», «1,5», «ca. 1 000», «seks»: None for what is no number, or is of another unit."""
    said = one_line(text.casefold()[:80]).rstrip(" .!")
    word, _, rest = said.partition(" ")
    in_words = number_in_words(word)
    if in_words is not None:
        return in_words if _is_unit(rest, step) else None
    found = _WRITTEN.fullmatch(said)
    if found is None or not _is_unit(found[4] or "", step):
        return None
    digits = re.sub(r"\D", "", found[2])
    return as_number(float(f"{'-' if found[1] else ''}{digits}.{found[3] or 0}"))


def _is_unit(word: str, step: Step) -> bool:
    if not word or (word == "%" and "prosent" in (step.unit, step.unit_nn)):
        return True
    units = [unit.casefold() for unit in (step.unit, step.unit_nn) if unit]
    return any(fuzz.ratio(word, unit) >= _SAME_UNIT for unit in units)


def _shown(number: int | float) -> str:
    """With a decimal comma, and without one where there are no decimals."""
    return f"{number:.10g}".replace(".", ",")
