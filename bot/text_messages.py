"""TextReply -> the JSON fields of the text messages that show it, with sources and suggestions."""

from collections.abc import Iterator
from dataclasses import replace

from bot.markdown import markdown
from bot.sizes import MESSAGE_BYTES, SURELY_SMALL, Json, cut, halves, message_bytes
from dialogs.messages import Source, Suggestion, TextReply

MAX_CITATIONS = 20
MAX_NAME = 80
MAX_ABSTRACT = 160
MAX_SUGGESTIONS = 3
MAX_SUGGESTION_TITLE = 80


def text_activities(reply: TextReply) -> list[Json]:
    """The messages to send, in order; more than one only when a message would be too large."""
    return [_text_activity(part) for part in _parts(reply)]


def _parts(reply: TextReply) -> Iterator[TextReply]:
    if len(reply.text) <= SURELY_SMALL or message_bytes(_text_activity(reply)) <= MESSAGE_BYTES:
        yield reply
        return
    head, tail = halves(reply.text)
    yield from _parts(replace(reply, text=head, suggestions=(), asks_feedback=False))
    yield from _parts(replace(reply, text=tail))


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
