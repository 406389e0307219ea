"""How large a message may be, and how a text is made to fit."""

import json
from typing import Any

Json = dict[str, Any]

# A message may be 28 KB; the rest is for the address fields that the door adds.
MESSAGE_BYTES = 25_000
PIECE_BYTES = 8_000
# JSON spends at most 12 bytes on a character (a control, as UTF-16): shorter needs no measuring.
SURELY_SMALL = PIECE_BYTES // 12


def message_bytes(fields: Any) -> int:
    """The size by the stricter of the two ways of counting: as sent, which is UTF-8, and UTF-16."""
    text = json.dumps(fields, ensure_ascii=False)
    return max(
        len(text.encode("utf-8", "surrogatepass")), len(text.encode("utf-16-le", "surrogatepass"))
    )


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ending in "…" after a whole word when something is left out."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if text[limit - 1] != " " and head.rfind(" ") > limit // 2:
        head = head[: head.rfind(" ")]
    return head.rstrip(" ,.;:–-") + "…"


def halves(text: str) -> tuple[str, str]:
    """Two parts, parted at a line break near the middle, or a space, or wherever it must be."""
    middle = len(text) // 2
    for mark in ("\n", " "):
        at = text.rfind(mark, middle // 2, middle + 1)
        if at > 0:
            return text[:at], text[at + 1 :]
    return text[:middle], text[middle:]
