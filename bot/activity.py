"""JSON from the channel -> Activity, strictly: what has the wrong shape is refused at the door.

The SDK's own deserialiser takes 0.3 ms for a message, a seventh of a whole turn, and fails deep
inside on odd input; this one reads the fields that the bot uses.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from botbuilder.schema import Activity, ChannelAccount, ConversationAccount

LONGEST_TEXT = 30_000
LONGEST_ID = 1_000
LONGEST_NAME = 100
DEEPEST_VALUE = 6
MOST_ENTRIES = 200

# Control characters but tab and newline, and half characters that no database takes.
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class MalformedActivity(ValueError):
    """The JSON is not an activity; the message names the field, never its content."""


def read_activity(body: Mapping[str, Any]) -> Activity:
    """The activity with the fields that the bot uses; raises MalformedActivity."""
    conversation = _object(body, "conversation")
    return Activity(
        type=_required(body, "type"),
        id=_identifier(body, "id"),
        name=_identifier(body, "name"),
        action=_identifier(body, "action"),
        channel_id=_required(body, "channelId"),
        service_url=_required(body, "serviceUrl"),
        reply_to_id=_identifier(body, "replyToId"),
        from_property=_account(_object(body, "from"), "from"),
        recipient=_account(_object(body, "recipient"), "recipient"),
        conversation=ConversationAccount(
            id=_required(conversation, "id"),
            conversation_type=_identifier(conversation, "conversationType"),
            tenant_id=_identifier(conversation, "tenantId"),
            is_group=conversation.get("isGroup") is True,
        ),
        text=_text(body),
        value=clean_value(body.get("value")),
        entities=[entity for entity in _list(body, "entities") if isinstance(entity, dict)],
        attachments=[one for one in _list(body, "attachments") if isinstance(one, dict)],
        members_added=[
            _account(member, "membersAdded")
            for member in _list(body, "membersAdded")
            if isinstance(member, dict)
        ],
    )


def clean_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Text as people meant it: composed letters, no control characters, not endless."""
    text = text[:longest].replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))[:longest].strip()


def clean_value(value: Any, depth: int = 0) -> Any:
    """What a card sent, made safe to keep: clean texts, no bottomless nesting."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None  # 1e999: no database keeps it
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= DEEPEST_VALUE or len(value) > MOST_ENTRIES:
        raise MalformedActivity("value")
    if isinstance(value, dict):
        return {
            clean_text(key, LONGEST_ID): clean_value(item, depth + 1) for key, item in value.items()
        }
    return [clean_value(item, depth + 1) for item in value]


def without_mentions(activity: Activity) -> str:
    """The text without the places where it addresses the bot."""
    text = activity.text or ""
    bot = activity.recipient.id
    for entity in activity.entities or ():
        mentioned, shown = entity.get("mentioned"), entity.get("text")
        if (
            entity.get("type") == "mention"
            and isinstance(mentioned, dict)
            and mentioned.get("id") == bot
            and isinstance(shown, str)
            and shown
        ):
            text = text.replace(shown, " ")
    return clean_text(text.replace("&nbsp;", " "))


def _text(body: Mapping[str, Any]) -> str:
    text = body.get("text")
    if text is None:
        return ""
    if not isinstance(text, str):
        raise MalformedActivity("text")
    return text


def _identifier(body: Mapping[str, Any], field: str) -> str | None:
    value = body.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_ID or _UNWANTED.search(value):
        raise MalformedActivity(field)
    return value


def _required(body: Mapping[str, Any], field: str) -> str:
    value = _identifier(body, field)
    if not value:
        raise MalformedActivity(field)
    return value


def _object(body: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = body.get(field)
    if not isinstance(value, dict):
        raise MalformedActivity(field)
    return value


def _list(body: Mapping[str, Any], field: str) -> list[Any]:
    value = body.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MOST_ENTRIES:
        raise MalformedActivity(field)
    return value


def _account(account: Mapping[str, Any], field: str) -> ChannelAccount:
    name = account.get("name")
    if name is not None and not isinstance(name, str):
        raise MalformedActivity(field)
    return ChannelAccount(
        id=_required(account, "id"),
        name=clean_text(name or "", LONGEST_NAME),
        aad_object_id=_identifier(account, "aadObjectId"),
    )
