"""What administrators are sent of the directory: who is on their way out, what can't be read."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from storage.database import Session
from storage.outbox import Queued, queue_all
from storage.people import people_with_roles

REMOVALS = "directory_removals"
UNREAD = "directory_unread"
SUBJECT = "directory"
WORTH_SENDING = timedelta(days=7)


def tell_of_removals(session: Session, now: datetime) -> None:
    """One message about all who were noted now; it is written of how it stands when it is sent."""
    _tell(session, REMOVALS, now.isoformat(), {}, now)


def tell_of_unread(session: Session, groups: Sequence[tuple[str, str]], now: datetime) -> None:
    """That groups, given as (name, why), can't be read: of the same groups once a week."""
    year, week, _ = now.isocalendar()
    digest = hashlib.sha256(repr(sorted(groups)).encode()).hexdigest()[:16]
    about = {"groups": [list(one) for one in groups]}
    _tell(session, UNREAD, f"{year}-{week}:{digest}", about, now)


def _tell(
    session: Session, reason: str, occasion: str, about: dict[str, Any], now: datetime
) -> None:
    messages = [
        Queued(
            person=person.key,
            reason=reason,
            occasion=occasion,
            about=about,
            due=now,
            latest=now + WORTH_SENDING,
            subject=SUBJECT,
        )
        for person in people_with_roles(session, ("administrator",))
    ]
    if messages:
        queue_all(session, messages)
