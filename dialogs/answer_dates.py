"""Answers that are dates and periods, stored as ISO dates."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from dialogs.answer_kind import AnswerKind, Asked, Mistakes, Read
from dialogs.dates import FIRST_YEAR, LAST_YEAR, read_date, read_period, show_date
from dialogs.guide import Step
from dialogs.messages import DateInput, Input


class Date(AnswerKind):
    """A day."""

    missing: ClassVar[str] = "answer_date"

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        return (_date_input(asked, asked.input, asked.label, texts),)

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        day = _day(given[asked.input], asked.known.today)
        return Read(day.isoformat()) if day else asked.wrong(self.missing)

    def fits(self, step: Step, value: Any) -> bool:
        return _stored(value) is not None

    def plain(self, asked: Asked, value: Any) -> str:
        return show_date(date.fromisoformat(value))


class Period(AnswerKind):
    """From one day to another, both of them included: {"from": …, "until": …}."""

    missing: ClassVar[str] = "answer_date"

    def ids(self, asked: Asked) -> tuple[str, ...]:
        return asked.id("from"), asked.id("until")

    def written(self, asked: Asked, value: Any) -> dict[str, str]:
        return {asked.id("from"): value["from"], asked.id("until"): value["until"]}

    def inputs(self, asked: Asked, texts: Mapping[str, str]) -> tuple[Input, ...]:
        heading = asked.step.heading(asked.language)
        return tuple(
            _date_input(asked, id, asked.labelled(f"{heading} – {asked.say(name)}"), texts)
            for id, name in zip(self.ids(asked), ("answer_from", "answer_until"), strict=True)
        )

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        first, last = (_day(given.get(id), asked.known.today) for id in self.ids(asked))
        if first and last:
            return self._read(asked, first, last)
        pairs = zip(self.ids(asked), (first, last), strict=True)
        return Mistakes({id: asked.say(self.missing) for id, day in pairs if day is None})

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        found = read_period(text, asked.known.today)
        if found is None:
            return Mistakes({asked.id("from"): asked.say("answer_period")})
        return self._read(asked, *found)

    def fits(self, step: Step, value: Any) -> bool:
        if not isinstance(value, dict) or value.keys() != {"from", "until"}:
            return False
        first, last = _stored(value["from"]), _stored(value["until"])
        return first is not None and last is not None and first <= last

    def plain(self, asked: Asked, value: Any) -> str:
        return "–".join(show_date(date.fromisoformat(value[end])) for end in ("from", "until"))

    @staticmethod
    def _read(asked: Asked, first: date, last: date) -> Read | Mistakes:
        if last < first:
            said = asked.say("answer_backwards", first=show_date(first))
            return Mistakes({asked.id("until"): said})
        return Read({"from": first.isoformat(), "until": last.isoformat()})


def _date_input(asked: Asked, id: str, label: str, texts: Mapping[str, str]) -> DateInput:
    day = _stored(texts.get(id))
    return DateInput(
        id,
        label,
        day.isoformat() if day else "",
        asked.say("answer_date"),
        required=not asked.step.optional,
    )


def _day(value: Any, today: date) -> date | None:
    """Of a field, or of what somebody wrote."""
    return read_date(value, today) if isinstance(value, str) else None


def _stored(value: Any) -> date | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None
    return day if day and FIRST_YEAR <= day.year <= LAST_YEAR else None
