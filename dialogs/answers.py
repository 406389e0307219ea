"""Answers: the inputs of a step, what comes back of them or of a typed text, and how it is shown.

What a kind of answer can do is one object in `KINDS`; docs/guides.md shows them all. A value is
JSON and fits its step, or counts as no answer: a guide may change while drafts are open.
"""

from collections.abc import Mapping
from typing import Any

from dialogs.actions import ACTIONS
from dialogs.answer_choices import OneOf, SeveralOf
from dialogs.answer_dates import Date, Period
from dialogs.answer_kind import (
    AnswerKind,
    Asked,
    Mistakes,
    Read,
    as_number,
    cleaned,
    is_blank,
    one_line,
)
from dialogs.answer_rows import COLUMN_KINDS, Rows, cells_of, name_of, pairs_of, read_cells
from dialogs.answer_scales import Scale, TwoScales
from dialogs.answer_texts import LongText, Number, ShortText
from dialogs.guide import LONGEST_CELL, Step
from dialogs.known import Known
from dialogs.messages import Block, Input, Language, Paragraph

__all__ = ["KINDS", "AnswerKind", "Mistakes", "Read"]

LONGEST_GIVEN = 6_000  # characters of what was filled in that are shown again
_LONGEST_ECHO = 200
_GOES_ON = ("ja", "ok", "greit", "neste", "lest", "videre", "vidare", "ferdig")


class Reading(AnswerKind):
    """Something to read. Having read it is the answer."""

    missing = "answer_read"

    def ids(self, asked: Asked) -> tuple[str, ...]:
        return ()

    def written(self, asked: Asked, value: Any) -> dict[str, str]:
        return {}

    def read(self, asked: Asked, given: Mapping[str, Any]) -> Read | Mistakes:
        return Read(True)

    def hear(self, asked: Asked, text: str) -> Read | Mistakes:
        read = one_line(text.casefold()).rstrip(".!") in _GOES_ON
        return Read(True) if read else asked.wrong(self.missing)

    def fits(self, step: Step, value: Any) -> bool:
        return value is True

    def blocks(self, asked: Asked, value: Any) -> tuple[Block, ...]:
        return ()


KINDS: Mapping[str, AnswerKind] = {
    "read": Reading(),
    "short_text": ShortText(),
    "long_text": LongText(),
    "one_of": OneOf(),
    "several_of": SeveralOf(),
    "number": Number(),
    "scale": Scale(),
    "two_scales": TwoScales(),
    "date": Date(),
    "period": Period(),
    "table": Rows(),
}


# Asking and answering


def inputs(
    step: Step,
    value: Any,
    language: Language,
    known: Known,
    *,
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> tuple[Block, ...]:
    """The step's inputs, holding `value`, or what was `given`; each mistake before its input.

    The rows of a table, and what is read, have none. A value that doesn't fit is shown as nothing.
    """
    kind, asked = KINDS[step.kind], _asked(step, language, known)
    texts = kind.written(asked, value) if value is not None and kind.fits(step, value) else {}
    texts |= _texts(given or {}, kind.ids(asked))
    shown = kind.inputs(asked, texts)
    mine = {asked.input, *kind.ids(asked)}
    wrong = {id: said for id, said in (mistakes or {}).items() if id in mine}
    return _with_mistakes(asked, shown, given or {}, wrong)


def read(
    step: Step, fields: Mapping[str, Any], language: Language, known: Known
) -> Read | Mistakes:
    """The answer of what a card or a dialog sent: any JSON at all, by the ids of the inputs."""
    kind, asked = KINDS[step.kind], _asked(step, language, known)
    ids = kind.ids(asked)
    given = {id: fields[id] for id in ids if not is_blank(fields.get(id))}
    if ids and not given:
        return Read(None) if step.optional else _missing(kind, asked)
    return kind.read(asked, given)


def hear(step: Step, text: str, language: Language, known: Known) -> Read | Mistakes:
    """The answer of a text that was typed in the chat."""
    kind, asked = KINDS[step.kind], _asked(step, language, known)
    return _missing(kind, asked) if is_blank(text) else kind.hear(asked, cleaned(text))


def filled(step: Step, fields: Mapping[str, Any]) -> bool:
    """Whether anything at all stands in the inputs of the step."""
    return any(id.startswith(f"{step.id}__") and not is_blank(fields[id]) for id in fields)


# Showing


def blocks(step: Step, value: Any, language: Language, known: Known) -> tuple[Block, ...]:
    """The answer as readers see it, without a heading."""
    kind, asked = KINDS[step.kind], _asked(step, language, known)
    shown = kind.blocks(asked, value) if value is not None and kind.fits(step, value) else ()
    if not shown and step.kind != "read":
        return (Paragraph(asked.say("answer_none"), "note"),)
    return shown


def plain(step: Step, value: Any, language: Language, known: Known) -> str:
    """The answer on one line; "" for what is read."""
    kind, asked = KINDS[step.kind], _asked(step, language, known)
    if step.kind == "read":
        return ""
    shown = kind.plain(asked, value) if value is not None and kind.fits(step, value) else ""
    return shown or asked.say("answer_none")


def fits(step: Step, value: Any, known: Known | None = None) -> bool:
    """Whether a stored value is an answer to the step as it is now.

    With `known`, what is chosen of `choices_from` must be among what is offered today as well.
    """
    if value is None:
        return step.optional
    if not KINDS[step.kind].fits(step, value):
        return False
    if known is None or not step.choices_from:
        return True
    offered = {one for one, _ in ACTIONS[step.choices_from].call(known)}
    return offered >= set(value if isinstance(value, list) else [value])


def free_texts(step: Step, value: Any) -> list[str]:
    """What people have written in their own words: what the guard must read."""
    return KINDS[step.kind].free_texts(step, value)


def remains(value: Any) -> str:
    """An answer whose step no longer tells how to show it, on one line."""
    match value:
        case str():
            return one_line(value)
        case list():
            return "; ".join(filter(None, map(remains, value)))
        case dict():
            return ", ".join(filter(None, (remains(one) for k, one in value.items() if k != "id")))
        case _:
            return "" if as_number(value) is None else str(value).replace(".", ",")


# The rows of a table, one at a time


def row_inputs(
    step: Step,
    row: Mapping[str, Any] | None,
    language: Language,
    known: Known,
    *,
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> tuple[Block, ...]:
    """The inputs of one row, as `inputs` are those of a step. None: a new row."""
    shown: list[Block] = []
    for asked in cells_of(step, language, known):
        kind = COLUMN_KINDS[asked.step.kind]
        value = (row or {}).get(asked.step.id)
        fitting = value is not None and kind.fits(asked.step, value)
        texts = kind.written(asked, value) if fitting else {}
        texts |= {id: one[:LONGEST_CELL] for id, one in _texts(given or {}, (asked.input,)).items()}
        mine = {id: said for id, said in (mistakes or {}).items() if id == asked.input}
        shown += _with_mistakes(asked, kind.inputs(asked, texts), given or {}, mine)
    return tuple(shown)


def read_row(
    step: Step, fields: Mapping[str, Any], language: Language, known: Known
) -> Read | Mistakes:
    """One row without its id, by the ids of its inputs: "step__column"."""
    return read_cells(cells_of(step, language, known), fields)


def row_pairs(
    step: Step, row: Mapping[str, Any], language: Language, known: Known
) -> tuple[tuple[str, str], ...]:
    """(heading, value) of each column that is filled in."""
    return pairs_of(cells_of(step, language, known), row)


def row_name(step: Step, row: Mapping[str, Any], language: Language, known: Known) -> str:
    """What a row is called in a list to choose from."""
    return name_of(cells_of(step, language, known), row)


def input_id(step: Step) -> str:
    """The id of the step's input, and of what is said of the whole step when it has several."""
    return f"{step.id}__value"


def _asked(step: Step, language: Language, known: Known) -> Asked:
    return Asked(step, language, known, input_id(step))


def _missing(kind: AnswerKind, asked: Asked) -> Mistakes:
    return Mistakes(dict.fromkeys(kind.ids(asked) or (asked.input,), kind.what_to_do(asked)))


def _texts(given: Mapping[str, Any], ids: tuple[str, ...]) -> dict[str, str]:
    """What was filled in, as it can stand in an input again."""
    return {id: _as_text(given[id]) for id in ids if id in given}


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return cleaned(value[:LONGEST_GIVEN])
    if isinstance(value, list):
        return ",".join(one for one in value if isinstance(one, str))[:LONGEST_GIVEN]
    return "" if as_number(value) is None else str(value)


def _with_mistakes(
    asked: Asked,
    shown: tuple[Input, ...],
    given: Mapping[str, Any],
    mistakes: Mapping[str, str],
) -> tuple[Block, ...]:
    """Each input after what is wrong with it, and after what was written and can't stand in it."""
    ids = {one.id for one in shown}
    blocks: list[Block] = [Paragraph(t, "error") for id, t in mistakes.items() if id not in ids]
    if shown and asked.input not in ids:  # one text was typed for all of the inputs
        blocks += _typed(asked, given.get(asked.input))
    for one in shown:
        if one.id in mistakes:
            blocks.append(Paragraph(mistakes[one.id], "error"))
        if not one.value:
            blocks += _typed(asked, given.get(one.id))
        blocks.append(one)
    return tuple(blocks)


def _typed(asked: Asked, value: Any) -> tuple[Paragraph, ...]:
    """What was written, where no input can hold it."""
    echo = one_line(_as_text(value))[:_LONGEST_ECHO]
    return (Paragraph(asked.say("answer_typed", text=echo), "note"),) if echo else ()
