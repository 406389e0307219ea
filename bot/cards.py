"""Reply -> the JSON fields of the activities that show it: a text message or Adaptive Cards 1.5.

Card text stands in TextRuns, which are never read as Markdown: phones show the backslashes of an
escaped TextBlock. Only headings are TextBlocks, since only those have the heading role.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, assert_never

from bot.markdown import escape_line, markdown, shown_lines
from dialogs.messages import (
    Block,
    CardReply,
    Choice,
    Facts,
    Items,
    Language,
    Paragraph,
    Reply,
    Source,
    Suggestion,
    TextInput,
    TextReply,
)

Json = dict[str, Any]

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
# A message may be 28 KB; the rest is for the address fields that the adapter adds.
MESSAGE_BYTES = 25_000
PIECE_BYTES = 8_000
# JSON spends at most 12 bytes on a character (an emoji), so shorter text needs no measuring.
SURELY_SMALL = PIECE_BYTES // 12
MAX_CITATIONS = 20
MAX_NAME = 80
MAX_ABSTRACT = 160
MAX_SUGGESTIONS = 3
MAX_SUGGESTION_TITLE = 80
MAX_PRIMARY_ACTIONS = 6
MAX_EXPANDED_CHOICES = 5

_WORDS = {
    "nb": {
        "fallback": "Kortet kan ikke vises her. Åpne Teams på nytt eller oppdater appen.",
        "choose": "Velg ett av alternativene.",
        "write": "Skriv noe her.",
        "part": "{title} ({number} av {count})",
        "like": "Takk! Hva var nyttig?",
        "dislike": "Hva var galt med svaret?",
        "reason": "Hva gjelder det?",
        "comment": "Kommentar (valgfritt)",
        "placeholder": "Ikke skriv navn eller opplysninger om enkeltpersoner.",
        "note": "Dette er ikke en varslingskanal. Svaret lagres uten navn, og ingen kan svare deg.",
        "send": "Send",
    },
    "nn": {
        "fallback": "Kortet kan ikkje visast her. Opne Teams på nytt eller oppdater appen.",
        "choose": "Vel eitt av alternativa.",
        "write": "Skriv noko her.",
        "part": "{title} ({number} av {count})",
        "like": "Takk! Kva var nyttig?",
        "dislike": "Kva var gale med svaret?",
        "reason": "Kva gjeld det?",
        "comment": "Kommentar (valfritt)",
        "placeholder": "Ikkje skriv namn eller opplysningar om enkeltpersonar.",
        "note": "Dette er ikkje ein varslingskanal. Svaret blir lagra utan namn, "
        "og ingen kan svare deg.",
        "send": "Send",
    },
}
# The values are stored, so they are the same in both languages.
_REASONS = {
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
_DATE_FUNCTION = re.compile(r"\{(?=\{(?:DATE|TIME)\()")


def activities_for(reply: Reply) -> list[Json]:
    """The activities to send, in order; more than one only when a message would be too large."""
    if isinstance(reply, TextReply):
        return [_text_activity(part) for part in _text_parts(reply)]
    cards = parts_of(card_for(reply), reply.language)
    return [_card_activity(card, reply.title) for card in cards]


def activity_for(reply: Reply) -> Json:
    """The whole reply as one activity, however large."""
    if isinstance(reply, TextReply):
        return _text_activity(reply)
    return _card_activity(card_for(reply), reply.title)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ending in "…" after a whole word when something is left out."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1] != " " and head.rfind(" ") > limit // 2:
        head = head[: head.rfind(" ")]
    return head.rstrip(" ,.;:–-") + "…"


def message_bytes(fields: Json) -> int:
    """The size by the stricter of the two ways of counting: as sent, and as UTF-16."""
    return max(len(json.dumps(fields)), 2 * len(json.dumps(fields, ensure_ascii=False)))


# Text messages


def _text_activity(reply: TextReply) -> Json:
    activity: Json = {"type": "message", "text": markdown(reply.text), "textFormat": "markdown"}
    citations = _citations(reply)
    if citations:
        activity["entities"] = [
            {
                "type": "https://schema.org/Message",
                "@type": "Message",
                "@context": "https://schema.org",
                "@id": "",
                "citation": citations,
            }
        ]
    if reply.asks_feedback:
        activity["channelData"] = {"feedbackLoop": {"type": "custom"}}
    if reply.suggestions:
        shown = reply.suggestions[:MAX_SUGGESTIONS]
        activity["suggestedActions"] = {"to": [], "actions": [_suggestion(one) for one in shown]}
    return activity


def _citations(reply: TextReply) -> list[Json]:
    """One for each source that the text marks; a position without its mark makes Teams refuse."""
    marked = {one.number: one for one in reply.sources if f"[{one.number}]" in reply.text}
    return [_citation(marked[number]) for number in sorted(marked)[:MAX_CITATIONS]]


def _citation(source: Source) -> Json:
    appearance = {
        "@type": "DigitalDocument",
        "name": _citation_name(source),
        "abstract": cut(source.abstract or source.section or source.document, MAX_ABSTRACT),
    }
    if source.url.startswith("https://"):
        appearance["url"] = source.url
    return {"@type": "Claim", "position": source.number, "appearance": appearance}


def _citation_name(source: Source) -> str:
    """Document and headings; when too long the outer headings go first, they say least."""
    name = " › ".join((source.document, *source.path))
    for left_out in range(1, len(source.path)):
        if len(name) <= MAX_NAME:
            break
        name = " › ".join((source.document, "…", *source.path[left_out:]))
    return cut(name, MAX_NAME)


def _suggestion(suggestion: Suggestion) -> Json:
    title = cut(suggestion.title, MAX_SUGGESTION_TITLE)
    return {"type": "imBack", "title": title, "value": suggestion.say}


def _text_parts(reply: TextReply) -> Iterator[TextReply]:
    if len(reply.text) <= SURELY_SMALL or message_bytes(_text_activity(reply)) <= MESSAGE_BYTES:
        yield reply
        return
    head, tail = _halves(reply.text)
    yield from _text_parts(replace(reply, text=head, suggestions=(), asks_feedback=False))
    yield from _text_parts(replace(reply, text=tail))


def _halves(text: str) -> tuple[str, str]:
    """Two parts, parted at a line break near the middle, or a space, or wherever it must be."""
    middle = len(text) // 2
    for mark in ("\n", " "):
        at = text.rfind(mark, middle // 2, middle + 1)
        if at > 0:
            return text[:at], text[at + 1 :]
    return text[:middle], text[middle:]


# Cards


def card_for(reply: CardReply) -> Json:
    """The Adaptive Card, whole: nothing in it is cut."""
    words = _WORDS[reply.language]
    body = [_heading(reply.title, "Medium")]
    for block in reply.blocks:
        body.extend(_elements(block, words))
    card: Json = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "lang": reply.language,
        "fallbackText": f"{reply.title}. {words['fallback']}",
        "body": body,
    }
    if reply.buttons:
        card["actions"] = [
            _submit(button.title, dict(button.value), primary=number < MAX_PRIMARY_ACTIONS)
            for number, button in enumerate(reply.buttons)
        ]
    return card


def parts_of(card: Json, language: Language = "nb") -> list[Json]:
    """The card, or several that together hold all of it when one would be too large.

    Inputs and buttons stay together in the last, since a button sends the inputs of its own card.
    """
    if message_bytes(card) <= MESSAGE_BYTES:
        return [card]
    title, *content = card["body"]
    first_input = next(
        (at for at, one in enumerate(content) if one["type"].startswith("Input.")), len(content)
    )
    shell = {key: value for key, value in card.items() if key not in ("body", "actions")}
    ending = content[first_input:]
    room = MESSAGE_BYTES - message_bytes({**shell, "body": [title, title]})
    last_room = room - message_bytes({"body": ending, "actions": card.get("actions", [])})
    groups = _packed(content[:first_input], room)
    if ending or "actions" in card:
        if groups and sum(map(message_bytes, groups[-1])) <= last_room:
            groups[-1].extend(ending)
        else:
            groups.append(ending)
    parts = []
    for number, group in enumerate(groups, start=1):
        numbered = _WORDS[language]["part"].format(
            title=title["text"], number=number, count=len(groups)
        )
        parts.append({**shell, "body": [{**title, "text": numbered}, *group]})
    if "actions" in card:
        parts[-1]["actions"] = card["actions"]
    return parts


def _packed(elements: Iterable[Json], room: int) -> list[list[Json]]:
    groups: list[list[Json]] = [[]]
    used = 0
    for element in elements:
        size = message_bytes(element) + 4
        if groups[-1] and used + size > room:
            # A heading goes with what it is the heading of.
            heads = groups[-1][-1:] if groups[-1][-1].get("style") == "heading" else []
            if heads and len(groups[-1]) > 1:
                groups[-1].pop()
            else:
                heads = []
            groups.append(heads)
            used = sum(message_bytes(one) + 4 for one in heads)
        groups[-1].append(element)
        used += size
    return groups if groups[0] else []


def _card_activity(card: Json, title: str) -> Json:
    return {
        "type": "message",
        "summary": cut(title, MAX_NAME),  # what a notification shows
        "attachments": [{"contentType": CARD_TYPE, "content": card}],
    }


def _elements(block: Block, words: dict[str, str]) -> Iterator[Json]:
    match block:
        case Paragraph(text, "heading"):
            yield _heading(text, "Default")
        case Paragraph(text, style):
            yield from _paragraph(text, style)
        case Items(items):
            for item in items:
                for number, piece in enumerate(_pieces(item)):
                    yield {**_rich(_run(piece if number else f"• {piece}")), "spacing": "Small"}
        case Facts(pairs):
            for label, value in pairs:
                first, *rest = _pieces(value) or ["–"]
                bold = _run(f"{label}: ", weight="Bolder")
                yield {**_rich(bold, _run(first)), "spacing": "Small"}
                for piece in rest:
                    yield {**_rich(_run(piece)), "spacing": "Small"}
        case Choice():
            yield _choice(block, words["choose"])
        case TextInput():
            yield {
                "type": "Input.Text",
                "id": block.id,
                "label": block.label,
                "value": block.value,
                "isMultiline": True,
                "maxLength": block.longest,
                "isRequired": block.required,
                "errorMessage": block.error or words["write"],
            }
        case _:
            assert_never(block)


def _heading(text: str, size: str) -> Json:
    line = " ".join(one for one in shown_lines(text) if one)
    return {
        "type": "TextBlock",
        "text": escape_line(_without_functions(line)),
        "style": "heading",
        "weight": "Bolder",
        "size": size,
        "wrap": True,
    }


def _paragraph(text: str, style: str) -> Iterator[Json]:
    if style == "quote":
        for pieces in _packed([_rich(_run(piece)) for piece in _pieces(text)], PIECE_BYTES):
            yield {"type": "Container", "style": "emphasis", "items": pieces}
        return
    look = {"size": "Small", "isSubtle": True} if style == "note" else {}
    for piece in _pieces(text):
        yield _rich(_run(piece, **look))


def _pieces(text: str) -> list[str]:
    """The lines of a text, each short enough to share a card with others."""
    pieces: list[str] = []
    waiting = [line for line in reversed(shown_lines(text)) if line]
    while waiting:
        line = waiting.pop()
        if len(line) > SURELY_SMALL and len(json.dumps(line)) > PIECE_BYTES:
            waiting.extend(reversed(_halves(line)))
        else:
            pieces.append(line)
    return pieces


def _rich(*runs: Json) -> Json:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: Any) -> Json:
    return {"type": "TextRun", "text": _without_functions(text), **style}


def _without_functions(text: str) -> str:
    """Cards replace {{DATE(…)}} by a date; a word joiner, which is invisible, stops that."""
    return _DATE_FUNCTION.sub("{\u2060", text)


def _choice(choice: Choice, choose: str) -> Json:
    # Some clients read the titles of expanded choices as Markdown; a list to pull down never is.
    plain = all(escape_line(label) == label for _, label in choice.options)
    expanded = plain and len(choice.options) <= MAX_EXPANDED_CHOICES
    return {
        "type": "Input.ChoiceSet",
        "id": choice.id,
        "label": choice.label,
        "style": "expanded" if expanded else "compact",
        "wrap": True,
        "isRequired": choice.required,
        "errorMessage": choice.error or choose,
        "choices": [{"title": label, "value": value} for value, label in choice.options],
    }


def _submit(title: str, data: Json, *, primary: bool = True) -> Json:
    mode = {} if primary else {"mode": "secondary"}
    return {"type": "Action.Submit", "title": title, "data": data, **mode}


# The feedback dialog


def feedback_dialog(reaction: str, language: str = "nb") -> Json:
    """The card that Teams shows when somebody has pressed thumb up or down.

    Its submission carries `reaction`, `reason` (only for a dislike) and `text`.
    """
    spoken: Language = "nn" if language == "nn" else "nb"
    words = _WORDS[spoken]
    liked = reaction == "like"
    reaction = "like" if liked else "dislike"
    reply = CardReply(
        title=words[reaction],
        blocks=() if liked else (Choice("reason", words["reason"], _REASONS[spoken]),),
        language=spoken,
    )
    card = card_for(reply)
    card["body"] += [
        {
            "type": "Input.Text",
            "id": "text",
            "label": words["comment"],
            "isMultiline": True,
            "maxLength": 1000,
            "placeholder": words["placeholder"],
        },
        *_paragraph(words["note"], "note"),
    ]
    card["actions"] = [_submit(words["send"], {"reaction": reaction})]
    return card
