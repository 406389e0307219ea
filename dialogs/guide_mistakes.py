"""What pydantic and tomllib say is wrong with a file, in sentences a fagrådgiver can act on.

Guides and question sets are told of in the same way: they have their steps in common.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import fuzz, process

from dialogs.guide import Column, Guide, Link, Option, Scale, Step
from dialogs.question_set import QuestionSection, QuestionSet

Mistake = tuple[str, str]  # (step id or "", the sentence)

_PARTS: Mapping[str, type[BaseModel]] = {
    "section": QuestionSection,
    "background": Step,
    "step": Step,
    "choices": Option,
    "links": Link,
    "scales": Scale,
    "columns": Column,
}
_NEAR = 60  # of 100: how like a key a misspelt one is
_PLACE = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)$")
_TWICE = ("Cannot overwrite a value", "Cannot declare", "Cannot mutate")


def mistakes_of_toml(error: tomllib.TOMLDecodeError) -> str:
    """Where and what: «linje 3: …». The parser's own words are in English and about itself."""
    said = str(error)
    place = _PLACE.search(said)
    where = f"linje {place[1]}" if place and place[1] else "slutten av filen"
    if said.startswith(_TWICE):
        return f"{where}: det samme står to ganger. Ta bort det ene."
    return (
        f"{where}: linjen er ikke gyldig TOML. "
        "Se etter anførselstegn, likhetstegn eller klammer som mangler, her eller like før."
    )


def mistakes_of_values(
    error: ValidationError, written: Mapping[str, Any], whole: type[BaseModel] = Guide
) -> Iterator[Mistake]:
    """Every key that is missing, unknown, or has a value it can't have.

    `written` is the file, and `whole` what it should be: a guide or a question set.
    """
    for one in error.errors(include_url=False):
        if one["type"] == "too_short" and one["input"]:
            continue  # what stands in the list is wrong, and that is told
        step, inside, key, model = _place(one["loc"], written, whole)
        yield step, inside + _sentence(one, key, model)


def _place(
    loc: tuple[int | str, ...], written: Mapping[str, Any], whole: type[BaseModel]
) -> tuple[str, str, str, type[BaseModel]]:
    """(step, which part of it, key, what the part is) of the place of a mistake."""
    step, inside, key = "", "", ""
    model = whole
    value: Any = written
    for part in loc:
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else None
            if key in _PARTS:
                model = _PARTS[key]
                name = _name_of(value, part)
                step, inside = (name, "") if model is Step else (step, f"{key} «{name}»: ")
            continue
        key = part
        value = value.get(part) if isinstance(value, dict) else None
    return step, inside, key, model


def _name_of(value: Any, number: int) -> str:
    """What a part is called: its id or value, else its number counted from one."""
    named = (value.get("id") or value.get("value")) if isinstance(value, dict) else None
    return str(named) if named else f"nr. {number + 1}"


def _sentence(error: ErrorDetails, key: str, model: type[BaseModel]) -> str:
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"nøkkelen «{key}» mangler. Legg den til."
        case "extra_forbidden":
            return _unknown_key(key, model)
        case "literal_error":
            return _unknown_value(key, error["input"], str(limits["expected"]))
        case "string_too_short":
            return f"«{key}» er tom. Skriv en tekst."
        case "too_short":
            return f"«{key}» er tom. Legg til minst én."
        case "string_pattern_mismatch" if key == "url":
            return "«url» må begynne med https://."
        case "string_pattern_mismatch":
            mark = "bindestrek" if model in (Guide, QuestionSet) else "understrek"
            return f"«{key}» kan bare ha små bokstaver, tall og {mark}, og begynner med en bokstav."
        case "greater_than_equal":
            return f"«{key}» må være minst {limits['ge']}."
        case "greater_than":
            return f"«{key}» må være mer enn {limits['gt']}."
        case "less_than_equal":
            return f"«{key}» kan ikke være mer enn {limits['le']}."
        case type:
            return f"«{key}» {_SHAPES.get(type.partition('_')[0], 'har en verdi som ikke går an.')}"


_SHAPES = {
    "string": "må være en tekst i anførselstegn.",
    "bool": "må være true eller false, uten anførselstegn.",
    "int": "må være et helt tall, uten anførselstegn.",
    "float": "må være et tall, uten anførselstegn.",
    "tuple": "må være en liste i hakeparenteser: [ … ].",
    "dict": 'må skrives i krøllparenteser: { ja = "et_senere_steg" }.',
    "model": "må skrives i krøllparenteser: { … }, eller som en egen [[step]] eller [[section]].",
}


def _unknown_key(key: str, model: type[BaseModel]) -> str:
    known = list(model.model_fields)
    near = process.extractOne(key, known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    if near:
        return f"ukjent nøkkel «{key}». Mente du «{near[0]}»?"
    return f"ukjent nøkkel «{key}». Nøklene her heter {', '.join(known)}."


def _unknown_value(key: str, value: Any, expected: str) -> str:
    known = re.findall(r"'([^']+)'", expected)
    near = process.extractOne(str(value), known, scorer=fuzz.ratio, score_cutoff=_NEAR)
    meant = f" Mente du «{near[0]}»?" if near else ""
    return f"«{key}» kan ikke være «{value}».{meant} Velg mellom {', '.join(known)}."
