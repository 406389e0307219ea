"""Answers on scales from 1 to 5: one scale, or two side by side."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from dialogs.actions import Options
from dialogs.answer_choices import AND, LONGEST_TYPED, number_in, pick, plainly
from dialogs.answer_kind import AnswerKind, Asked, Mistakes, Read, as_number, one_line
from dialogs.guide import Scale as ScaleText
from dialogs.guide import Step, in_language
from dialogs.messages import Block, Choice, Facts, Input

POINTS = (1, 2, 3, 4, 5)
_OF_FIVE = re.compile(r"\s*(?:av|/)\s*5$")


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
        return type(value) is int and value in POINTS

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
        said = AND.sub(",", f" {one_line(text[:LONGEST_TYPED].casefold())} ")
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
        return "; ".join(
            f"{text} {point}" if text.endswith("?") else f"{text}: {point}"
            for text, point in self._pairs(asked, value)
        )

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
    said = _OF_FIVE.sub("", plainly(text[:LONGEST_TYPED]))
    number = number_in(said)
    if number is None:
        picked = pick(said, options)
        number = int(picked) if picked else None
    return number if number in POINTS else None
