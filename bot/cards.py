"""Reply -> the JSON fields of the activities that show it: text messages or Adaptive Cards 1.5."""

from collections.abc import Iterable

from bot.card_elements import belongs_to_the_next, elements, heading, is_input
from bot.links import Links
from bot.sizes import MESSAGE_BYTES, Json, cut, message_bytes
from bot.text_messages import text_activities
from dialogs.messages import Button, CardReply, DialogReply, Download, Reply, TextReply

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
MAX_SUMMARY = 80
MAX_PRIMARY_ACTIONS = 6

_FALLBACK = {
    "nb": "Kortet kan ikke vises her. Åpne Teams på nytt eller oppdater appen.",
    "nn": "Kortet kan ikkje visast her. Opne Teams på nytt eller oppdater appen.",
}
_STYLES = {"normal": {}, "main": {"style": "positive"}, "danger": {"style": "destructive"}}


def activities_for(reply: Reply, links: Links) -> list[Json]:
    """The activities to send, in order; more than one only when a message would be too large.

    A dialog becomes a card in the chat: for a client that has no dialogs.
    """
    if isinstance(reply, TextReply):
        return text_activities(reply)
    card = reply.card if isinstance(reply, DialogReply) else reply
    return [
        {
            "type": "message",
            "summary": cut(card.title, MAX_SUMMARY),  # what a notification shows
            "attachments": [_attachment(part)],
        }
        for part in parts_of(card_for(card, links))
    ]


def dialog_task(
    reply: DialogReply, links: Links, *, height: str = "large", width: str = "medium"
) -> Json:
    """What opens a dialog in Teams, or shows another card in the open one.

    The dialog has the title in its frame. It can't be parted, so it may be larger than a message.
    """
    card = card_for(reply.card, links)
    return {
        "title": cut(reply.card.title, MAX_SUMMARY),
        "height": height,
        "width": width,
        "card": _attachment({**card, "body": card["body"][1:]}),
    }


def _attachment(card: Json) -> Json:
    return {"contentType": CARD_TYPE, "content": card}


def card_for(reply: CardReply, links: Links) -> Json:
    """The Adaptive Card, whole: nothing in it is cut."""
    body = [heading(reply.title, "Medium")]
    for block in reply.blocks:
        body.extend(elements(block, reply.language, links))
    card: Json = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "lang": reply.language,
        "fallbackText": f"{reply.title}. {_FALLBACK[reply.language]}",
        "body": body,
    }
    if reply.buttons:
        card["actions"] = [
            {**_action(button, links), **({} if n < MAX_PRIMARY_ACTIONS else {"mode": "secondary"})}
            for n, button in enumerate(reply.buttons)
        ]
    return card


def _action(button: Button | Download, links: Links) -> Json:
    if isinstance(button, Download):
        url = links.download(button.paper, button.format, button.reader)
        return {"type": "Action.OpenUrl", "title": button.title, "url": url}
    data = dict(button.value)
    if button.opens_dialog:
        data["msteams"] = {"type": "task/fetch"}
    action: Json = {"type": "Action.Submit", "title": button.title, "data": data}
    if not button.sends_inputs:
        action["associatedInputs"] = "none"
    return {**action, **_STYLES[button.weight]}


# Cards that are too large for one message


def parts_of(card: Json) -> list[Json]:
    """The card, or several that together hold all of it when one would be too large.

    Inputs and buttons stay together in the last, since a button sends the inputs of its own card.
    """
    if message_bytes(card) <= MESSAGE_BYTES:
        return [card]
    title, *content = card["body"]
    shell = {key: value for key, value in card.items() if key not in ("body", "actions")}
    begin = _ending_begins(content)
    ending = content[begin:]
    room = MESSAGE_BYTES - message_bytes({**shell, "body": [title, title]})
    last_room = room - message_bytes({"body": ending, "actions": card.get("actions", [])})
    groups = _packed(content[:begin], room)
    if ending or "actions" in card:
        if groups and sum(map(message_bytes, groups[-1])) <= last_room:
            groups[-1].extend(ending)
        else:
            groups.append(ending)
    parts = [
        {**shell, "body": [_numbered(title, number, len(groups)), *group]}
        for number, group in enumerate(groups, start=1)
    ]
    if "actions" in card:
        parts[-1]["actions"] = card["actions"]
    return parts


def _numbered(title: Json, number: int, count: int) -> Json:
    return {**title, "text": f"{title['text']} ({number} av {count})"} if count > 1 else title


def _ending_begins(content: list[Json]) -> int:
    """Where the inputs begin, with the heading and the errors that stand right above them."""
    begin = next((at for at, one in enumerate(content) if is_input(one)), len(content))
    while 0 < begin < len(content) and belongs_to_the_next(content[begin - 1]):
        begin -= 1
    return begin


def _packed(content: Iterable[Json], room: int) -> list[list[Json]]:
    groups: list[list[Json]] = [[]]
    used = 0
    for element in content:
        size = message_bytes(element) + 4
        if groups[-1] and used + size > room:
            # A heading goes with what it is the heading of.
            heads: list[Json] = []
            if len(groups[-1]) > 1 and belongs_to_the_next(groups[-1][-1]):
                heads = [groups[-1].pop()]
            groups.append(heads)
            used = sum(message_bytes(one) + 4 for one in heads)
        groups[-1].append(element)
        used += size
    return groups if groups[0] else []
