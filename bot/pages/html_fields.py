"""Input of a card -> what the templates need to show it as a field of a form."""

import math
from datetime import date
from typing import Any

from dialogs.messages import Choice, DateInput, Input, NumberInput, TextInput

MOST_RADIOS = 7


def field_of(block: Input, id: str, name: str, errors: list[str]) -> dict[str, Any]:
    """The field as the templates show it; `errors` are said with it, and tied to it."""
    shown: dict[str, Any] = {
        "id": id,
        "name": name,
        "label": block.label,
        "required": block.required,
        "value": block.value,
        "errors": [
            {"id": f"{id}-feil-{number}", "text": text} for number, text in enumerate(errors)
        ],
        "hint": "",
        "limits": [],
    }
    match block:
        case Choice():
            chosen = block.value.split(",") if block.several else [block.value]
            few = block.required and len(block.options) <= MOST_RADIOS
            shown |= {
                "kind": "checkbox" if block.several else "radio" if few else "select",
                "options": [
                    {"value": value, "label": label, "chosen": value in chosen}
                    for value, label in block.options
                ],
            }
        case TextInput():
            shown |= {
                "kind": "textarea" if block.lines else "text",
                "longest": block.longest,
                "hint": block.hint,
                "limits": [("maxlength", block.longest)],
            }
        case NumberInput() if _is_number(block.value):
            limits = [("step", "any"), ("min", block.minimum), ("max", block.maximum)]
            shown |= {"kind": "number", "limits": [one for one in limits if one[1] is not None]}
        case DateInput() if _is_date(block.value):
            shown |= {"kind": "date"}
        case _:
            # The right kind of field could not show what was written by mistake.
            shown |= {"kind": "text"}
    return shown


def _is_number(text: str) -> bool:
    try:
        return not text or math.isfinite(float(text))
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    try:
        return not text or bool(date.fromisoformat(text))
    except ValueError:
        return False
