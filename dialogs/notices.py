"""What the outbox holds, made into messages when it is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dialogs.messages import Reply


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send to the conversation of `reference`, or to put in place of `replaces`."""

    id: int
    conversation: str
    reference: Mapping[str, Any]
    replaces: str
    reply: Reply
