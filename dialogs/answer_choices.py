"""Answers that are chosen among options: one of them, or several."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from rapidfuzz import fuzz, process

from dialogs.actions import Options
from dialogs.answer_kind import AnswerKind, Asked, Mistakes, Read, one_line
from dialogs.dates import number_in_words
from dialogs.guide import Step
from dialogs.messages import Block, Choice, Input, Items, TextInput

LONGEST_TYPED = 500  # characters of a typed choice
MOST_TO_CHOOSE = 40  # of more than this a card would grow too large: the name is written instead
_LONGEST_VALUE = 12  # of an option; a longer one is a handle on the card, to keep it small
_MOST_LISTED = 6  # more options than this are not repeated in a sentence
_NEAR, _NEARER = 80, 8  # of 100: how like an option a slip is, and how much more than the next
AND = re.compile(r" og | & |\+")


class OneOf(AnswerKind):
    """One of the options, stored as its value."""

    missing: ClassVar[str] = "answer_choose"
    several: ClassVar[bool] = False

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        required = not asked.step.optional
        chosen = _values_in(texts.get(asked.input, ""), asked.options)
        if len(asked.options) > MOST_TO_CHOOSE and not self.several:
            shown = _label(asked, chosen[0]) if chosen else texts.get(asked.input, "")
            missing = asked.say("answer_choose_typed")
            return (
                TextInput(asked.input, asked.label, shown, missing, required=required, lines=False),
            )
        return (
            Choice(
                asked.input,
                asked.label,
                tuple((handle(value), label) for value, label in asked.options),
                asked.say(self.missing),
                required=required,
                value=",".join(map(handle, chosen or ())),
                several=self.several,
            ),
        )

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        value = given[asked.input]
        found = _by_handle(asked.options).get(value) if isinstance(value, str) else None
        if found is None and isinstance(value, str) and len(asked.options) > MOST_TO_CHOOSE:
            found = pick(value, asked.options)
            return asked.wrong("answer_choose_typed") if found is None else Read(found)
        return self._refused(asked) if found is None else Read(found)

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        picked = pick(text, asked.options)
        return self._refused(asked) if picked is None else Read(picked)

    def fits(self, step: Step, value: Any) -> bool:
        if not isinstance(value, str) or not value:
            return False
        return bool(step.choices_from) or value in {option.value for option in step.choices}

    def plain(self, asked: Asked, value: Any) -> str:
        return _label(asked, value)

    def _refused(self, asked: Asked) -> Mistakes:
        if not 0 < len(asked.options) <= _MOST_LISTED:
            return asked.wrong(self.missing)
        listed = "; ".join(f"{n}. {label}" for n, (_, label) in enumerate(asked.options, start=1))
        return asked.wrong(f"{self.missing}_from", options=listed)


class SeveralOf(OneOf):
    """Any number of the options, at least one, stored as a list in the order of the options."""

    missing: ClassVar[str] = "answer_choose_several"
    several: ClassVar[bool] = True

    def written(self, asked: Asked, value: Any) -> dict[str, str]:
        return {asked.input: ",".join(value)}

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        value = given[asked.input]
        chosen = _values_in(value, asked.options) if isinstance(value, str) else None
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            chosen = value if set(value) <= dict(asked.options).keys() else None
        return self._in_order(asked, chosen)

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        said = text[:LONGEST_TYPED]
        if one_line(said.casefold()).rstrip(".!") == "alle":
            return Read([value for value, _ in asked.options])
        return self._in_order(asked, _picked(said, asked.options))

    def fits(self, step: Step, value: Any) -> bool:
        return (
            isinstance(value, list)
            and bool(value)
            and all(super(SeveralOf, self).fits(step, one) for one in value)
        )

    def plain(self, asked: Asked, value: Any) -> str:
        return ", ".join(_label(asked, one) for one in value)

    def blocks(self, asked: Asked, value: Any) -> tuple[Block, ...]:
        return (Items(tuple(_label(asked, one) for one in value)),)

    def _in_order(self, asked: Asked, chosen: list[str] | None) -> Read | Mistakes:
        if not chosen:
            return self._refused(asked)
        return Read([value for value, _ in asked.options if value in chosen])


def pick(text: str, options: Options) -> str | None:
    """The value of the option that is meant: by its text or number, a beginning, or with a slip."""
    said = plainly(text[:LONGEST_TYPED])
    if not said:
        return None
    if exact := _exact(said, options):
        return exact
    labels = {value: plainly(label) for value, label in options}
    number = number_in(said)
    if number is not None:
        return options[number - 1][0] if 0 < number <= len(options) else None
    found = [value for value, label in labels.items() if label.startswith(said)]
    if not found and len(said) > 3:
        found = [value for value, label in labels.items() if f" {said}" in f" {label}"]
    if len(found) == 1:
        return found[0]
    near = process.extract(said, labels, scorer=fuzz.ratio, score_cutoff=_NEAR - _NEARER, limit=2)
    sure = near and near[0][1] >= _NEAR
    alone = len(near) == 1 or (len(near) > 1 and near[0][1] - near[1][1] >= _NEARER)
    return str(near[0][2]) if sure and alone and not found else None


def _picked(text: str, options: Options) -> list[str] | None:
    """The options of a list («1, 3 og 4»); None when any of them is not recognised."""
    if exact := _exact(text, options):
        return [exact]
    values: list[str] = []
    for part in filter(str.strip, re.split(r"[,;\n•]", text)):
        found = _of_part(part, options)
        if found is None:
            return None
        values += found
    return values


def _of_part(part: str, options: Options) -> list[str] | None:
    """What stands between two commas: an option that may have «og» in it, or several with «og»."""
    if exact := _exact(part, options):
        return [exact]
    pieces = AND.split(part)
    each = [value for value in (pick(piece, options) for piece in pieces) if value]
    if len(each) == len(pieces):
        return each
    whole = pick(part, options)
    # With more of them than the option has, one would be left out unseen.
    return [whole] if whole and len(pieces) <= len(AND.split(dict(options)[whole])) else None


def _exact(text: str, options: Options) -> str | None:
    said = plainly(text)
    return next((value for value, label in options if said in (value, plainly(label))), None)


def _values_in(text: str, options: Options) -> list[str] | None:
    """The values of a text with commas between, where a value may have commas too."""
    by_handle = _by_handle(options)
    by_length = sorted(by_handle, key=len, reverse=True)
    found: list[str] = []
    rest = text
    while rest:
        value = next((v for v in by_length if rest == v or rest.startswith(f"{v},")), None)
        if value is None:
            return None
        found.append(by_handle[value])
        rest = rest[len(value) + 1 :]
    return found


def handle(value: str) -> str:
    """What stands for the value of an option on a card: itself, or something shorter."""
    if len(value) <= _LONGEST_VALUE:
        return value
    return hashlib.sha256(value.encode()).hexdigest()[:_LONGEST_VALUE]


def _by_handle(options: Options) -> dict[str, str]:
    """The value of what a card sent, by the handle or by the value itself."""
    return {handle(value): value for value, _ in options} | {value: value for value, _ in options}


def gone_label(asked: Asked, value: str) -> str:
    """What stands for a choice that is no longer offered. The key of a person is never shown."""
    match asked.step.choices_from:
        case "colleagues":
            person = asked.known.somebody(value)
            if person is None:
                return asked.say("plan_gone_person")
            return f"{person.name} ({asked.say('plan_moved')})"
        case "plan_sections":
            short = " › ".join(value.split(" › ")[2:]) or value  # as it was offered
            return f"{short} {asked.say('answer_gone')}"
    return asked.say("answer_gone")


def _label(asked: Asked, value: str) -> str:
    return dict(asked.options).get(value) or gone_label(asked, value)


def number_in(said: str) -> int | None:
    """The number that «3», «nr. 3» or «tre» names, 0 for one that is out of all bounds."""
    digits = said.removeprefix("nr ").removeprefix("nummer ").removeprefix("nr. ")
    if digits.isdecimal():
        return int(digits) if len(digits) < 4 else 0
    return number_in_words(said)


def plainly(text: str) -> str:
    """In small letters, without the marks around it."""
    return one_line(text.casefold()).strip(" .,!?«»\"'():")
