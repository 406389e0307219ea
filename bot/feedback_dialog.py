"""The dialog that asks why somebody has pressed thumb up or down, and what comes back of it."""

import json
from collections.abc import Mapping
from typing import Any

from bot.activity import clean_text
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    DialogReply,
    Language,
    Paragraph,
    TextInput,
)

REACTIONS = ("like", "dislike")
LONGEST_COMMENT = 1_000

_WORDS: dict[Language, dict[str, str]] = {
    "nb": {
        "like": "Takk! Hva var nyttig?",
        "dislike": "Hva var galt med svaret?",
        "reason": "Hva gjelder det?",
        "comment": "Kommentar (valgfritt)",
        "hint": "Ikke skriv navn eller opplysninger om enkeltpersoner.",
        "note": "Dette er ikke en varslingskanal. Svaret lagres uten navn, og ingen kan svare deg.",
        "send": "Send",
    },
    "nn": {
        "like": "Takk! Kva var nyttig?",
        "dislike": "Kva var gale med svaret?",
        "reason": "Kva gjeld det?",
        "comment": "Kommentar (valfritt)",
        "hint": "Ikkje skriv namn eller opplysningar om enkeltpersonar.",
        "note": "Dette er ikkje ein varslingskanal. Svaret blir lagra utan namn, "
        "og ingen kan svare deg.",
        "send": "Send",
    },
}
# The values are stored, so they are the same in both languages.
_REASONS: dict[Language, tuple[tuple[str, str], ...]] = {
    "nb": (
        ("feil avsnitt", "Feil avsnitt"),
        ("utdatert", "Utdatert"),
        ("mangler noe", "Mangler noe"),
        ("forstod ikke spørsmålet", "Forstod ikke spørsmålet"),
    ),
    "nn": (
        ("feil avsnitt", "Feil avsnitt"),
        ("utdatert", "Utdatert"),
        ("mangler noe", "Manglar noko"),
        ("forstod ikke spørsmålet", "Forstod ikkje spørsmålet"),
    ),
}


def feedback_dialog(reaction: str, language: Language) -> DialogReply:
    """What Teams shows; its submission carries `reaction`, `reason` (of a dislike) and `text`."""
    words = _WORDS[language]
    blocks: list[Block] = []
    if reaction == "dislike":
        blocks.append(Choice("reason", words["reason"], _REASONS[language]))
    blocks += [
        TextInput(
            "text",
            words["comment"],
            longest=LONGEST_COMMENT,
            required=False,
            hint=words["hint"],
        ),
        Paragraph(words["note"], "note"),
    ]
    button = Button(words["send"], {"reaction": reaction}, weight="main")
    return DialogReply(CardReply(words[reaction], tuple(blocks), (button,), language))


def reaction_of(value: Mapping[str, Any]) -> str | None:
    """Which thumb it was, "like" or "dislike"; None when the invoke is about something else."""
    reaction = _feedback_value(value).get("reaction", _inputs(value).get("reaction"))
    return reaction if isinstance(reaction, str) and reaction in REACTIONS else None


def feedback_of(value: Mapping[str, Any]) -> dict[str, str]:
    """{"reason", "text"} as somebody filled in our dialog, or the one of Teams itself."""
    inputs = _inputs(value)
    return {
        "reason": _word(inputs, "reason"),
        "text": _word(inputs, "text") or _word(inputs, "feedbackText"),
    }


def _feedback_value(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """{reaction, feedback}: at the root, under `data`, or under `actionValue` of either."""
    data = value.get("data")
    inner = data if isinstance(data, dict) else value
    action_value = inner.get("actionValue")
    return action_value if isinstance(action_value, dict) else inner


def _inputs(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was filled in: Teams sends it as JSON inside the JSON."""
    answer = _feedback_value(value)
    feedback = answer.get("feedback")
    if not isinstance(feedback, str):
        return feedback if isinstance(feedback, dict) else answer
    try:
        inputs = json.loads(feedback)
    except (ValueError, RecursionError):
        return {"text": feedback}
    return inputs if isinstance(inputs, dict) else {"text": feedback}


def _word(inputs: Mapping[str, Any], name: str) -> str:
    value = inputs.get(name)
    return clean_text(value, 4000) if isinstance(value, str) else ""
