"""What the outbox holds, made into messages when it is due, and what became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dialogs.messages import Reply


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to send to the conversation of `reference`, or to put in place of `replaces`.

    It may be sent from `send_at` on: that is the pace of all copies together; and until `latest`.
    `attempt` counts from 1; it names the attempt when the outcome is told.
    """

    id: int
    attempt: int
    conversation: str
    reference: Mapping[str, Any]
    replaces: str
    reply: Reply
    send_at: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Later:
    """Not now, but at this moment."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went.

    "sent" is certain; "refused" certainly didn't arrive and may be tried again; "unknown" may have
    arrived; "hopeless" can't succeed. `sent` is the activity's id, "" when the Connector gave none.
    `problem` is status and code ("403 ConversationBlockedByUser"). `wait` is how many seconds Teams
    asked everybody to wait. `gone` means that the person can't be written to in this conversation
    before the app is installed again, `final` that what is unknown must not be tried again.
    """

    kind: Literal["sent", "refused", "unknown", "hopeless"]
    sent: str = ""
    problem: str = ""
    wait: float | None = None
    gone: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows an outcome: the message ends in this state, or waits for another try."""

    state: Literal["venter", "sendt", "ukjent", "feilet", "utløpt"]
    next_try: datetime | None = None
