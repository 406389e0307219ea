"""Changing the calendar: each change is saved and its messages planned in one transaction.

This is the only way that a meeting is changed, whether in a form, by a file or by a card.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from dialogs.meetings.planning import NOTICE_DELAY, facts_of, plan_meeting
from dialogs.meetings.sending_times import SendingTimes
from storage.database import Session
from storage.meeting_answers import clear_answers
from storage.meetings import Meeting, add_meeting, find_by_source, find_meeting, save_meeting
from storage.people import RegisteredPerson

__all__ = [
    "NOTICE_DELAY",
    "cancel_meeting",
    "change_meeting",
    "create_meeting",
    "restore_meeting",
]

# What a change may not touch: it is said by the calendar itself.
_OWN = frozenset(
    ("id", "version", "changed_at", "changed_by_name", "cancelled_at", "cancelled_because")
)


def create_meeting(
    session: Session,
    sending: SendingTimes,
    meeting: Meeting,
    *,
    by: RegisteredPerson | None,
    now: datetime,
) -> Meeting:
    """Put a meeting in the calendar. The same id or source again gives the one that is there."""
    there = _find_same(session, meeting)
    if there is not None:
        return there
    name = by.name if by else meeting.organiser_name
    meeting = replace(
        meeting,
        version=1,
        organiser=by.key if by else meeting.organiser,
        organiser_name=name,
        changed_by_name=name,
        changed_at=now,
    )
    add_meeting(session, meeting)
    saved = _find_same(session, meeting)
    if saved is None:
        raise ValueError("the meeting was not saved")
    if saved == meeting:  # else somebody else made it at this moment
        plan_meeting(session, sending, saved, before=None, now=now)
    return saved


def change_meeting(
    session: Session,
    sending: SendingTimes,
    id: str,
    changes: Mapping[str, Any],
    *,
    by: RegisteredPerson | None,
    now: datetime,
) -> Meeting | None:
    """Change these fields of a meeting; None when it is gone or cancelled.

    Who was told of it hears of what they must know: time, place, link, topic and preparation. Its
    answers are forgotten when it is moved: they were to another time.
    """
    if wrong := _OWN & changes.keys():
        raise ValueError(f"not to be changed like this: {', '.join(sorted(wrong))}")
    before = find_meeting(session, id, lock=True)
    if before is None or before.cancelled_at is not None:
        return None
    after = replace(before, **changes)
    if after == before:
        return before
    if after.starts != before.starts:
        clear_answers(session, id)
    return _save(session, sending, before, after, by, now)


def cancel_meeting(
    session: Session,
    sending: SendingTimes,
    id: str,
    because: str,
    *,
    by: RegisteredPerson | None,
    now: datetime,
) -> Meeting | None:
    """Cancel a meeting, and tell those who were told of it; None when it is gone."""
    before = find_meeting(session, id, lock=True)
    if before is None or before.cancelled_at is not None:
        return before
    after = replace(before, cancelled_at=now, cancelled_because=because)
    return _save(session, sending, before, after, by, now)


def restore_meeting(
    session: Session,
    sending: SendingTimes,
    id: str,
    *,
    by: RegisteredPerson | None,
    now: datetime,
) -> Meeting | None:
    """Undo a cancellation; who was told of it is told that the meeting is held after all."""
    before = find_meeting(session, id, lock=True)
    if before is None or before.cancelled_at is None:
        return before
    after = replace(before, cancelled_at=None, cancelled_because="")
    return _save(session, sending, before, after, by, now)


def _save(
    session: Session,
    sending: SendingTimes,
    before: Meeting,
    after: Meeting,
    by: RegisteredPerson | None,
    now: datetime,
) -> Meeting:
    bump = facts_of(before) != facts_of(after)
    after = replace(
        after,
        version=before.version + bump,
        changed_at=now,
        changed_by_name=by.name if by else "",
    )
    save_meeting(session, after)
    plan_meeting(session, sending, after, before=before, now=now)
    return after


def _find_same(session: Session, meeting: Meeting) -> Meeting | None:
    """The meeting with this id, or that came from the same entry of a file."""
    there = find_meeting(session, meeting.id, lock=True)
    if there is None and meeting.source is not None:
        there = find_by_source(session, [meeting.source]).get(meeting.source)
    return there
