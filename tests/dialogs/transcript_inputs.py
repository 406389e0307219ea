"""What is filled in on the cards of a transcript, named as the files name it."""

from datetime import date
from typing import Any

from dialogs.messages import CardReply, Choice, Input


def inputs(card: CardReply) -> list[Input]:
    return [one for one in card.blocks if isinstance(one, Input)]


def filled_in(card: CardReply, fills: Any) -> dict[str, str]:
    """What each input holds: what stood there, or what is filled in."""
    held = {one.id: one.value for one in inputs(card)}
    if not isinstance(fills, dict):
        (only,) = inputs(card)
        fills = {only.id: fills}
    everywhere = str(fills.get("alle", ""))
    for field in inputs(card):
        if isinstance(field, Choice) and everywhere in dict(field.options) and not held[field.id]:
            held[field.id] = everywhere
    for name, value in fills.items():
        if name == "alle":
            continue
        field = input_named(card, name)
        held[field.id] = as_sent(field, value)
    return held


def input_named(card: CardReply, name: str) -> Input:
    """The input with this id, or "step__name" by its name or its step; or the only one, "svar"."""
    fields = inputs(card)
    if name == "svar" and len(fields) == 1:
        return fields[0]
    found = [one for one in fields if name in (one.id, one.id.partition("__")[2])]
    # In a round, the inputs of several steps are called the same: there the step names it.
    found = found or [one for one in fields if name == one.id.partition("__")[0]]
    assert len(found) == 1, f"{name} names {len(found)} inputs of {[one.id for one in fields]}"
    return found[0]


def as_sent(field: Input, value: Any) -> str:
    """As a client sends it. What is chosen is named in the file by the words that are seen."""
    if isinstance(field, Choice):
        return ",".join(_option(field, str(one)) for one in _listed(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _option(choice: Choice, seen: str) -> str:
    """The value of the option with these words, or of the only one that has them among others."""
    for value, label in choice.options:
        if seen in (value, label):
            return value
    found = [value for value, label in choice.options if seen in label]
    assert len(found) == 1, f"«{seen}» is {len(found)} of {[name for _, name in choice.options]}"
    return found[0]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
