"""Administrators are told that the bot's secret or certificate ends: 60, 30 and 7 days before.

A bot that can't sign in can't say so either. Which day it is comes from the settings; it is looked
at every night, so a bot that was down on the day itself tells the next night.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from dialogs.access import may_see_delivery
from dialogs.context import OSLO, Composing, Noticed
from dialogs.messages import CardReply, Paragraph, Reply
from dialogs.notices import Later
from storage.database import Session
from storage.outbox import Queued, replan
from storage.people import people_with_roles

REASON = "expiry"
DAYS_BEFORE = (7, 30, 60)

Credential = Literal["secret", "certificate"]


def plan_warnings(session: Session, what: Credential, expires: date | None, now: datetime) -> None:
    """Queue the warning that it is time for; what was planned for another day is called off."""
    wanted: list[Queued] = []
    threshold = _threshold(expires, now)
    if expires is not None and threshold is not None:
        wanted = [
            Queued(
                person=person.key,
                reason=REASON,
                occasion=f"{expires}:{threshold}",
                about={"what": what, "expires": expires.isoformat()},
                due=now,
                latest=datetime.combine(expires, time.max, OSLO).astimezone(UTC),
                subject=REASON,
            )
            for person in people_with_roles(session, ("administrator",))
        ]
    replan(session, REASON, (REASON,), wanted)


def _threshold(expires: date | None, now: datetime) -> int | None:
    """The narrowest of the warnings that we are within; None when it is far off, or too late."""
    if expires is None:
        return None
    left = (expires - now.astimezone(OSLO).date()).days
    return next((days for days in DAYS_BEFORE if 0 <= left <= days), None)


def warning(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """What is sent; None for who is no administrator any more, or when the day is past."""
    wording = composing.wording
    try:
        expires = date.fromisoformat(str(about.get("expires")))
    except ValueError:
        return None
    left = (expires - composing.today).days
    if not may_see_delivery(composing.person) or left < 0:
        return None
    if composing.later is not None:
        return composing.later
    what = "certificate" if about.get("what") == "certificate" else "secret"
    day = f"{expires:%d.%m.%Y}"
    return CardReply(
        wording.say(f"expiry_{what}_title", day=day),
        (
            Paragraph(wording.say("expiry_left_one" if left == 1 else "expiry_left", days=left)),
            Paragraph(wording.say(f"expiry_{what}_do")),
            Paragraph(wording.say("expiry_check")),
            Paragraph(wording.say("expiry_why"), "note"),
        ),
        language=composing.language,
    )


NOTICES: dict[str, Noticed] = {REASON: warning}
