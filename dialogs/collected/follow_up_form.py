"""The form of a measure after a round: what was heard, what is done, by whom, when, the effect."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dialogs.context import Composing, Context
from dialogs.messages import Block, Button, CardReply, DateInput, Paragraph, TextInput
from dialogs.pressed import text_in
from storage.follow_ups import FollowUp

LONGEST = 1_000
LONGEST_NAME = 100

_FIELDS = ("heard", "measure", "responsible", "deadline", "effect")
_LONGEST = {"heard": LONGEST, "measure": LONGEST, "responsible": LONGEST_NAME, "effect": LONGEST}
_REQUIRED = ("heard", "measure")


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form, as written, and what is wrong with it by field."""

    values: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def texts(self) -> list[str]:
        """What is to be looked through before anything is kept."""
        return [self.values[name] for name in _LONGEST]

    def into(self, follow_up: FollowUp) -> FollowUp:
        """The measure as it was filled in; only when nothing is wrong."""
        values: dict[str, Any] = dict(self.values)
        values["deadline"] = (
            date.fromisoformat(deadline) if (deadline := values["deadline"]) else None
        )
        return replace(follow_up, **values)


def filled_of(follow_up: FollowUp) -> Filled:
    """The form of a measure as it stands."""
    values = {name: str(getattr(follow_up, name) or "") for name in _FIELDS}
    return Filled(values, {})


def read(context: Context, value: Mapping[str, Any]) -> Filled:
    """What was filled in; nothing of it is trusted."""
    values = {name: text_in(value, name) for name in _FIELDS}
    errors = {}
    for name, longest in _LONGEST.items():
        if name in _REQUIRED and not values[name]:
            errors[name] = context.wording.say(f"follow_up_{name}_missing")
        elif len(values[name]) > longest:
            errors[name] = context.wording.say("follow_up_too_long", longest=longest)
            values[name] = values[name][: 2 * longest]
    if values["deadline"] and not _is_date(values["deadline"]):
        errors["deadline"] = context.wording.say("follow_up_deadline_error")
        values["deadline"] = ""
    return Filled(values, errors)


def form_card(
    where: Context | Composing, follow_up: FollowUp, filled: Filled, *, title: str
) -> CardReply:
    """The form, with what was written, and a sentence above each field that is wrong."""
    wording = where.wording
    # What is wrong with all of it comes first: what stands right above a field is the field's.
    blocks: list[Block] = []
    if filled.errors:
        blocks.append(Paragraph(wording.say("follow_up_errors"), "error"))
    blocks.append(Paragraph(wording.say("follow_up_form_intro", title=title)))
    if follow_up.told_at is not None:
        blocks.append(Paragraph(wording.say("follow_up_form_told"), "note"))
    for name in _FIELDS:
        if name == "effect" and follow_up.told_at is None and not filled.values["effect"]:
            continue  # nothing has been done yet
        if name in filled.errors:
            blocks.append(Paragraph(filled.errors[name], "error"))
        blocks.append(_input(where, name, filled.values[name]))
    carried = {"round": follow_up.round, "follow_up": follow_up.id}
    return CardReply(
        wording.say("follow_up_form_title"),
        tuple(blocks),
        (
            Button(
                wording.say("follow_up_save"), {"verb": "follow_up_save", **carried}, weight="main"
            ),
            Button(
                wording.say("follow_up_back"), {"verb": "follow_up", **carried}, sends_inputs=False
            ),
        ),
        where.language,
    )


def _input(where: Context | Composing, name: str, value: str) -> Block:
    label = where.wording.say(f"follow_up_{name}_label")
    if name == "deadline":
        return DateInput(name, label, value, required=False)
    return TextInput(
        name,
        label,
        value,
        where.wording.say(f"follow_up_{name}_missing") if name in _REQUIRED else "",
        longest=_LONGEST[name],
        required=name in _REQUIRED,
        lines=name != "responsible",
    )


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).year < 2_100
    except ValueError:
        return False
