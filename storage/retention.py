"""Deletes what has been kept as long as `tables.py` promises."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, delete, select

from storage.drafts import delete_draft
from storage.meetings import forget_old_meetings
from storage.tables import (
    CalendarFeed,
    Comment,
    Conversation,
    Deputy,
    Feedback,
    GroupMember,
    GuideDraft,
    KeptQuestion,
    OutboxRow,
    Person,
    Preference,
    ReminderWish,
    SentCard,
    SharedVersion,
    UsefulMark,
)

KEPT_FOR = timedelta(days=365)  # conversations, and what is sent without a name
DRAFTS_KEPT_FOR = timedelta(days=2 * 365)  # after the last change
SHARED_KEPT_FOR = timedelta(days=5 * 365)
WITHDRAWN_KEPT_FOR = timedelta(days=365)
MESSAGES_KEPT_FOR = timedelta(days=90)
MEETING_NAMES_KEPT_FOR = timedelta(days=2 * 365)  # after the meeting, which itself stays
MEETING_ANSWERS_KEPT_FOR = timedelta(days=30)  # after the meeting
IMPORTS_KEPT_FOR = timedelta(days=1)  # of meetings, while they wait to be confirmed


def delete_expired(session: Session, today: date) -> int:
    """Delete everything that has been kept long enough; says how many rows (a draft is one)."""
    return (
        _delete_old_days(session, today - KEPT_FOR)
        + _delete_drafts(session, _start(today - DRAFTS_KEPT_FOR))
        + _delete_versions(
            session, _start(today - SHARED_KEPT_FOR), _start(today - WITHDRAWN_KEPT_FOR)
        )
        + _delete_messages(session, _start(today - MESSAGES_KEPT_FOR))
        + forget_old_meetings(
            session,
            names_before=_start(today - MEETING_NAMES_KEPT_FOR),
            answers_before=_start(today - MEETING_ANSWERS_KEPT_FOR),
            imports_before=_start(today - IMPORTS_KEPT_FOR),
        )
        + _delete_what_belonged_to_the_gone(session)
    )


def _delete_old_days(session: Session, before: date) -> int:
    return sum(
        _delete(session, table, col(day) < before)
        for table, day in (
            (Conversation, Conversation.updated),
            (KeptQuestion, KeptQuestion.day),
            (Feedback, Feedback.day),
        )
    )


def _delete_drafts(session: Session, before: datetime) -> int:
    # Locked first: a draft that is written in at this moment is no longer old.
    ids = _locked(session, col(GuideDraft.id), col(GuideDraft.changed_at) < before)
    for draft in ids:
        delete_draft(session, draft)
    return len(ids)


def _delete_versions(session: Session, shared: datetime, withdrawn: datetime) -> int:
    expired = or_(
        col(SharedVersion.shared_at) < shared, col(SharedVersion.withdrawn_at) < withdrawn
    )
    ids = _locked(session, col(SharedVersion.id), expired)
    if not ids:
        return 0
    comments = _delete(session, Comment, col(Comment.version).in_(ids))
    return comments + _delete(session, SharedVersion, col(SharedVersion.id).in_(ids))


def _delete_messages(session: Session, before: datetime) -> int:
    expired = or_(col(OutboxRow.settled) < before, col(OutboxRow.latest) < before)
    return _delete(session, OutboxRow, expired)


def _delete_what_belonged_to_the_gone(session: Session) -> int:
    """What was about a person, a conversation or something shared that isn't there any more."""
    people, shared = select(Person.aad_object_id), select(SharedVersion.draft)
    return (
        _delete(session, SentCard, col(SentCard.conversation).not_in(select(Conversation.id)))
        + _delete(session, UsefulMark, col(UsefulMark.draft).not_in(shared))
        + _delete(session, Preference, col(Preference.person).not_in(people))
        + _delete(session, Deputy, col(Deputy.person).not_in(people))
        + _delete(session, ReminderWish, col(ReminderWish.person).not_in(people))
        + _delete(session, GroupMember, col(GroupMember.person).not_in(people))
        + _delete(session, CalendarFeed, col(CalendarFeed.person).not_in(people))
    )


def _locked(session: Session, id: Any, *which: Any) -> list[str]:
    rows = session.connection().execute(select(id).where(*which).order_by(id).with_for_update())
    return list(rows.scalars())


def _delete(session: Session, table: Any, *which: Any) -> int:
    return session.connection().execute(delete(table).where(*which)).rowcount


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
