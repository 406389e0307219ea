"""Answers that are chosen: one of, several of, and the scales from 1 to 5."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from rapidfuzz import fuzz, process

from dialogs.actions import Options
from dialogs.answer_kind import AnswerKind, Asked, Mistakes, Read, as_number, one_line
from dialogs.dates import number_in_words
from dialogs.guide import Scale as ScaleText
from dialogs.guide import Step, in_language
from dialogs.messages import Block, Choice, Facts, Input, Items

POINTS = (1, 2, 3, 4, 5)
LONGEST_TYPED = 500  # characters of a typed choice
_MOST_LISTED = 6  # more options than this are not repeated in a sentence
_NEAR, _NEARER = 80, 8  # of 100: how like an option a slip is, and how much more than the next
_AND = re.compile(r" og | & |\+")
_OF_FIVE = re.compile(r"\s*(?:av|/)\s*5$")


class OneOf(AnswerKind):
    """One of the options, stored as its value."""

    missing: ClassVar[str] = "answer_choose"
    several: ClassVar[bool] = False

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        chosen = _values_in(texts.get(asked.input, ""), asked.options)
        return (
            Choice(
                asked.input,
                asked.label,
                asked.options,
                asked.say(self.missing),
                required=not asked.step.optional,
                value=",".join(chosen or ()),
                several=self.several,
            ),
        )

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        value = given[asked.input]
        if not isinstance(value, str) or value not in dict(asked.options):
            return self._refused(asked)
        return Read(value)

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


class Scale(AnswerKind):
    """A point from 1 to 5, stored as an int."""

    missing: ClassVar[str] = "answer_scale"

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        text = texts.get(asked.input, "")
        return (_scale_input(asked, asked.input, asked.label, self._ends(asked), text),)

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        point = _point(given[asked.input])
        return asked.wrong(self.missing) if point is None else Read(point)

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        picked = _heard_point(text, _points(*self._ends(asked)))
        return asked.wrong(self.missing) if picked is None else Read(picked)

    def fits(self, step: Step, value: Any) -> bool:
        return _point(value) == value and not isinstance(value, str | bool)

    def plain(self, asked: Asked, value: Any) -> str:
        return dict(_points(*self._ends(asked)))[str(value)]

    @staticmethod
    def _ends(asked: Asked) -> tuple[str, str]:
        step, language = asked.step, asked.language
        return in_language(language, step.low, step.low_nn), in_language(
            language, step.high, step.high_nn
        )


class TwoScales(AnswerKind):
    """Two points from 1 to 5 side by side, stored by the ids of the scales."""

    missing: ClassVar[str] = "answer_scale"

    def ids(self, asked: Asked) -> tuple[str, ...]:
        return tuple(asked.id(scale.id) for scale in asked.step.scales)

    def written(self, asked: Asked, value: Any) -> dict[str, str]:
        return {asked.id(id): str(point) for id, point in value.items()}

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        return tuple(
            _scale_input(
                asked,
                asked.id(scale.id),
                asked.labelled(in_language(asked.language, scale.text, scale.text_nn)),
                _ends_of(asked, scale),
                texts.get(asked.id(scale.id), ""),
            )
            for scale in asked.step.scales
        )

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        ids = {scale.id: asked.id(scale.id) for scale in asked.step.scales}
        points = {scale: _point(given.get(input)) for scale, input in ids.items()}
        wrong = [ids[scale] for scale, point in points.items() if point is None]
        if wrong:
            return Mistakes(dict.fromkeys(wrong, asked.say(self.missing)))
        return Read(points)

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        scales = asked.step.scales
        said = _AND.sub(",", f" {one_line(text[:LONGEST_TYPED].casefold())} ")
        parts = [part for part in re.split(r"[,;/\s]+", said) if part]
        points = [_heard_point(part, ()) for part in parts]
        if len(points) != len(scales) or None in points:
            return Mistakes({asked.id(scales[0].id): asked.say("answer_two_scales")})
        return Read({scale.id: point for scale, point in zip(scales, points, strict=True)})

    def fits(self, step: Step, value: Any) -> bool:
        ids = {scale.id for scale in step.scales}
        return (
            isinstance(value, dict)
            and value.keys() == ids
            and all(_KIND_OF_A_POINT.fits(step, point) for point in value.values())
        )

    def plain(self, asked: Asked, value: Any) -> str:
        return "; ".join(f"{text}: {point}" for text, point in self._pairs(asked, value))

    def blocks(self, asked: Asked, value: Any) -> tuple[Block, ...]:
        return (Facts(self._pairs(asked, value)),)

    @staticmethod
    def _pairs(asked: Asked, value: Any) -> tuple[tuple[str, str], ...]:
        return tuple(
            (
                in_language(asked.language, scale.text, scale.text_nn),
                dict(_points(*_ends_of(asked, scale)))[str(value[scale.id])],
            )
            for scale in asked.step.scales
        )


_KIND_OF_A_POINT = Scale()


def pick(text: str, options: Options) -> str | None:
    """The value of the option that is meant: by its text or number, a beginning, or with a slip."""
    said = _plain(text[:LONGEST_TYPED])
    if not said:
        return None
    if exact := _exact(said, options):
        return exact
    labels = {value: _plain(label) for value, label in options}
    number = _number(said)
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
    pieces = _AND.split(part)
    each = [value for value in (pick(piece, options) for piece in pieces) if value]
    if len(each) == len(pieces):
        return each
    whole = pick(part, options)
    # With more of them than the option has, one would be left out unseen.
    return [whole] if whole and len(pieces) <= len(_AND.split(dict(options)[whole])) else None


def _exact(text: str, options: Options) -> str | None:
    said = _plain(text)
    return next((value for value, label in options if said in (value, _plain(label))), None)


def _values_in(text: str, options: Options) -> list[str] | None:
    """The values of a text with commas between, where a value may have commas too."""
    by_length = sorted((value for value, _ in options), key=len, reverse=True)
    found: list[str] = []
    rest = text
    while rest:
        value = next((v for v in by_length if rest == v or rest.startswith(f"{v},")), None)
        if value is None:
            return None
        found.append(value)
        rest = rest[len(value) + 1 :]
    return found


def _label(asked: Asked, value: str) -> str:
    """The text of an option; what can no longer be chosen is said to be so, never its value."""
    return dict(asked.options).get(value) or asked.say("answer_gone")


def _scale_input(asked: Asked, id: str, label: str, ends: tuple[str, str], text: str) -> Choice:
    return Choice(
        id,
        label,
        _points(*ends),
        asked.say("answer_scale"),
        required=not asked.step.optional,
        value=text if _point(text) is not None else "",
    )


def _points(low: str, high: str) -> Options:
    texts = {1: f"1 – {low}", 5: f"5 – {high}"}
    return tuple((str(point), texts.get(point, str(point))) for point in POINTS)


def _ends_of(asked: Asked, scale: ScaleText) -> tuple[str, str]:
    language = asked.language
    return in_language(language, scale.low, scale.low_nn), in_language(
        language, scale.high, scale.high_nn
    )


def _point(value: Any) -> int | None:
    """The point that a field holds, as text or number."""
    if isinstance(value, str):
        value = int(value) if value in map(str, POINTS) else None
    number = as_number(value)
    return int(number) if number in POINTS else None


def _heard_point(text: str, options: Options) -> int | None:
    said = _OF_FIVE.sub("", _plain(text[:LONGEST_TYPED]))
    number = _number(said)
    if number is None:
        picked = pick(said, options)
        number = int(picked) if picked else None
    return number if number in POINTS else None


def _number(said: str) -> int | None:
    digits = said.removeprefix("nr ").removeprefix("nummer ").removeprefix("nr. ")
    if digits.isdecimal():
        return int(digits) if len(digits) < 4 else 0
    return number_in_words(said)


def _plain(text: str) -> str:
    return one_line(text.casefold()).strip(" .,!?«»\"'():")
