"""What comes with a button: it came from outside, so only what has the right shape is used."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from dialogs.context import Context, Pressed
from dialogs.messages import Reply, TextReply
from storage.people import RegisteredPerson

LONGEST_ID = 200
_NEW_ID = re.compile(r"[0-9a-f]{32}")

# What a handler of `registered` people is: the person, beside what every handler gets.
Handler = Callable[[Context, RegisteredPerson, Mapping[str, Any]], list[Reply]]


def registered(handler: Handler) -> Pressed:
    """The handler for people in the register; anybody else is told that it is for them."""

    def pressed(context: Context, value: Mapping[str, Any]) -> list[Reply]:
        if context.person is None:
            return [TextReply(context.wording.say("share_unknown"))]
        return handler(context, context.person, value)

    return pressed


def id_in(value: Mapping[str, Any], key: str) -> str:
    """An id or another short word; "" when it is missing, no text, or too long to be one."""
    found = value.get(key)
    return found if isinstance(found, str) and len(found) <= LONGEST_ID else ""


def new_id_in(value: Mapping[str, Any], key: str) -> str:
    """The id that a card proposed for what its button makes; "" when it isn't one of ours."""
    found = id_in(value, key)
    return found if _NEW_ID.fullmatch(found) else ""


def text_in(value: Mapping[str, Any], key: str) -> str:
    """What somebody wrote in a field, without blanks around it; "" when it is no text."""
    found = value.get(key)
    return found.strip() if isinstance(found, str) else ""


def number_in(value: Mapping[str, Any], key: str) -> int:
    """A count from 0; 0 when it is missing or no such number."""
    found = value.get(key)
    return max(found, 0) if type(found) is int and found < 2**31 else 0
