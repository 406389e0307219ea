"""Deletes what has been kept as long as `tables.py` promises."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, or_, update
from sqlmodel import Session, col, delete, select

from storage.added_knowledge import forget_old_drafts
from storage.app_roles import forget_unconfirmed
from storage.audit import forget_reads
from storage.deletions import forget_deletions
from storage.drafts import delete_draft
from storage.handovers import forget_handovers
from storage.meetings import forget_old_meetings
from storage.page_logins import delete_expired_logins
from storage.passages_asked import month_of
from storage.reviews import forget_reviews
from storage.tables import (
    Answered,
    AppInstallation,
    AskedRound,
    Ballot,
    BallotDraft,
    BallotText,
    CalendarFeed,
    Comment,
    Conversation,
    Deputy,
    Feedback,
    FollowUp,
    GroupMember,
    GroupTurn,
    GuideDraft,
    KeptQuestion,
    NamedAnswer,
    OutboxRow,
    PassageAsked,
    PendingRemoval,
    Person,
    Preference,
    PromiseStatus,
    ReminderWish,
    ResultShare,
    SentCard,
    SharedVersion,
    TextTheme,
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
ROUNDS_KEPT_FOR = timedelta(days=2 * 365)  # names and texts, after the round; the numbers stay
PROMISES_KEPT_FOR = timedelta(days=5 * 365)  # who set the status, which itself stays
READS_KEPT_FOR = timedelta(days=5 * 365)  # the audit log
GROUP_TURNS_KEPT_FOR = timedelta(days=7)  # that a message in a team or a group chat was answered
ASKED_KEPT_FOR = timedelta(days=396)  # thirteen months of how often a passage was the answer
HANDOVERS_KEPT_FOR = timedelta(days=365)  # after they are closed or withdrawn
HANDOVERS_KEPT_AT_MOST = timedelta(days=2 * 365)  # after they were asked
APP_ROLE_GOOD_FOR = timedelta(days=30)  # after the last sign-in that had it
DELETIONS_KEPT_FOR = timedelta(days=400)  # longer than any backup

# Messages of a round that are not sent to who has answered: what became of them tells who had.
_REVEALING = ("round_invitation", "round_reminder")


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
        + _delete_of_ended_rounds(session)
        + _forget_old_rounds(session, _start(today - ROUNDS_KEPT_FOR))
        + _forget_who_set_promises(session, _start(today - PROMISES_KEPT_FOR))
        + forget_reads(session, _start(today - READS_KEPT_FOR))
        + forget_unconfirmed(session, today - APP_ROLE_GOOD_FOR, _start(today))
        + delete_expired_logins(session, _start(today))
        + forget_reviews(session, _start(today - KEPT_FOR))
        + forget_old_drafts(session, _start(today - KEPT_FOR))
        + _delete(session, GroupTurn, col(GroupTurn.day) < today - GROUP_TURNS_KEPT_FOR)
        + _delete(session, PassageAsked, col(PassageAsked.month) < month_of(today - ASKED_KEPT_FOR))
        + forget_handovers(
            session,
            closed_before=_start(today - HANDOVERS_KEPT_FOR),
            asked_before=_start(today - HANDOVERS_KEPT_AT_MOST),
        )
        + forget_deletions(session, _start(today - DELETIONS_KEPT_FOR))
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


def _delete_of_ended_rounds(session: Session) -> int:
    """Closing and cancelling delete this; here it is made sure that none of it is left."""
    ended = select(col(AskedRound.id)).where(_ended())
    cancelled = select(col(AskedRound.id)).where(col(AskedRound.cancelled_at).is_not(None))
    revealing = and_(
        col(OutboxRow.reason).in_(_REVEALING),
        col(OutboxRow.subject).in_(select("round:" + col(AskedRound.id)).where(_ended())),
        col(OutboxRow.state) != "sendes",  # what is being sent at this moment settles itself
    )
    return sum(
        _delete(session, table, col(table.round).in_(ended))
        for table in (Answered, BallotDraft, Ballot)
    ) + (
        _delete_texts(session, col(BallotText.round).in_(cancelled))
        + _delete(session, OutboxRow, revealing)
    )


def _ended() -> Any:
    return or_(col(AskedRound.closed_at).is_not(None), col(AskedRound.cancelled_at).is_not(None))


def _forget_old_rounds(session: Session, before: datetime) -> int:
    """Texts and official answers go; the round, its numbers and what was done stay, unnamed."""
    old = select(col(AskedRound.id)).where(
        or_(
            col(AskedRound.closed_at) < before,
            col(AskedRound.cancelled_at) < before,
            # One that was never closed, whatever the reason.
            and_(col(AskedRound.closed_at).is_(None), col(AskedRound.closes) < before),
        )
    )
    named = and_(col(AskedRound.created_by) != "", col(AskedRound.id).in_(old))
    shared = and_(col(ResultShare.by) != "", col(ResultShare.round).in_(old))
    of_follow_up = [getattr(FollowUp, name) for name in ("by", "by_name", "responsible")]
    followed = and_(or_(*(col(one) != "" for one in of_follow_up)), col(FollowUp.round).in_(old))
    return (
        _delete_texts(session, col(BallotText.round).in_(old))
        + sum(
            _delete(session, table, col(table.round).in_(old))
            for table in (NamedAnswer, Answered, BallotDraft, Ballot)
        )
        + _blank(session, AskedRound, named, "created_by", "created_by_name")
        + _blank(session, ResultShare, shared, "by")
        + _blank(session, FollowUp, followed, "by", "by_name", "responsible")
    )


def _delete_texts(session: Session, which: Any) -> int:
    ids = select(col(BallotText.id)).where(which)
    themes = _delete(session, TextTheme, col(TextTheme.text).in_(ids))
    return themes + _delete(session, BallotText, which)


def _forget_who_set_promises(session: Session, before: datetime) -> int:
    old = and_(col(PromiseStatus.at) < before, col(PromiseStatus.by_name) != "")
    return _blank(session, PromiseStatus, old, "by_name")


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
        + _delete(session, BallotDraft, col(BallotDraft.person).not_in(people))
        + _delete(session, PendingRemoval, col(PendingRemoval.person).not_in(people))
        + _delete(session, AppInstallation, col(AppInstallation.person).not_in(people))
    )


def _locked(session: Session, id: Any, *which: Any) -> list[str]:
    rows = session.connection().execute(select(id).where(*which).order_by(id).with_for_update())
    return list(rows.scalars())


def _blank(session: Session, table: Any, which: Any, *columns: str) -> int:
    """Take names out of rows that stay."""
    emptied = update(table).where(which).values(**dict.fromkeys(columns, ""))
    return session.connection().execute(emptied).rowcount


def _delete(session: Session, table: Any, *which: Any) -> int:
    return session.connection().execute(delete(table).where(*which)).rowcount


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
