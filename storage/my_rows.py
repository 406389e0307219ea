"""What is kept about a person: every table that knows people, how it knows them, and what may go.

`KINDS` is the registry. A table with personal columns stands there, or in `EXCUSED` with a reason;
tests/test_privacy.py holds that. People are known by their key, in a few old columns by name only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import String, and_, cast, func, or_
from sqlmodel import Session, col, select

from storage.people import RegisteredPerson
from storage.tables import (
    AddedAsk,
    AddedEntry,
    Answered,
    AppInstallation,
    AskedRound,
    AuditEntry,
    BallotDraft,
    CalendarFeed,
    Comment,
    Conversation,
    Deletion,
    Deputy,
    DirectoryMember,
    DirectoryPerson,
    DraftAnswer,
    DraftPlace,
    FollowUp,
    GroupMember,
    GuideDraft,
    Handover,
    Meeting,
    MeetingAnswer,
    MeetingImport,
    NamedAnswer,
    OutboxRow,
    PageLogin,
    PageSession,
    PendingRemoval,
    Person,
    Post,
    Preference,
    PromiseStatus,
    ReminderWish,
    ResultShare,
    ReviewedQuestion,
    SentCard,
    SharedVersion,
    UsefulMark,
)

# deleted: goes when the person asks; unnamed: stays without the name; kept: stays, with a reason.
Fate = Literal["deleted", "unnamed", "kept"]

EXCUSED = {
    "kept_question": "Har ingen person: spørsmål sendt uten navn.",
    "feedback": "Har ingen person: tilbakemelding uten navn.",
    "ballot": "Har ingen person: svar i en spørrerunde.",
    "ballot_text": "Har ingen person: tekst i en spørrerunde.",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that is kept: `mine` says which rows of the table are a person's.

    `columns` are those that are shown; what is left out is a way in, such as the id of a session,
    or about others. The texts of a kind are `my_data_kind_<name>` and, of what stays when the
    person deletes, `my_data_why_<name>`.
    """

    name: str
    table: Any
    mine: Callable[[RegisteredPerson], Any]
    fate: Fate
    columns: tuple[str, ...]


def _by(column: Any) -> Callable[[RegisteredPerson], Any]:
    return lambda person: col(column) == person.key


def _named(column: Any) -> Callable[[RegisteredPerson], Any]:
    # Somebody without a name has no rows here, and an empty column is nobody's.
    return lambda person: and_(col(column) == person.name, col(column) != "")


def own_chats(person: RegisteredPerson) -> Any:
    """Which conversations are the person's."""
    # Teams may write the key in any case; in the demo, a chat may act a person.
    return or_(
        func.lower(col(Conversation.sender)) == person.key,
        col(Conversation.acting_as) == person.key,
    )


def _remembering(person: RegisteredPerson) -> Any:
    memory = or_(col(Conversation.topic).is_not(None), col(Conversation.doing).is_not(None))
    return and_(own_chats(person), memory)


def _in_chat(column: Any) -> Callable[[RegisteredPerson], Any]:
    return lambda person: col(column).in_(select(col(Conversation.id)).where(own_chats(person)))


def own_drafts(person: RegisteredPerson) -> Any:
    """Which drafts are the person's own."""
    return and_(col(GuideDraft.owner_kind) == "person", col(GuideDraft.owner_name) == person.key)


def _in_own_drafts(person: RegisteredPerson) -> Any:
    own = select(col(GuideDraft.id)).where(own_drafts(person))
    return col(DraftAnswer.draft).in_(own)


def own_versions(person: RegisteredPerson) -> Any:
    """Which shared versions are of the person's own drafts."""
    return and_(
        col(SharedVersion.owner_kind) == "person", col(SharedVersion.owner_name) == person.key
    )


def _read_about(person: RegisteredPerson) -> Any:
    """What others have read: the person alone, or a meeting or round that has their name."""
    answered = select("meeting:" + col(MeetingAnswer.meeting)).where(
        _by(MeetingAnswer.person)(person)
    )
    named = select("round:" + col(NamedAnswer.round)).where(_by(NamedAnswer.person)(person))
    subject = col(AuditEntry.subject)
    about = or_(subject == f"person:{person.key}", subject.in_(answered), subject.in_(named))
    return and_(about, col(AuditEntry.reader) != person.key)


def _invited_by_mail(person: RegisteredPerson) -> Any:
    lines = func.lower(cast(col(Meeting.audience), String))
    if not person.email:
        return col(Meeting.id).is_(None)
    return lines.contains(person.email.lower(), autoescape=True)


def _responsible(person: RegisteredPerson) -> Any:
    return and_(
        cast(col(DraftAnswer.value), String).contains(person.key, autoescape=True),
        col(DraftAnswer.author) != person.key,
    )


KINDS: tuple[Kind, ...] = (
    Kind(
        "register",
        Person,
        _by(Person.aad_object_id),
        "kept",
        ("name", "email", "role", "language", "source"),
    ),
    Kind(
        "chat",
        Conversation,
        own_chats,
        "kept",
        ("language", "installed", "last_arrived", "updated"),
    ),
    Kind("memory", Conversation, _remembering, "deleted", ("topic", "doing", "answers")),
    Kind("card", SentCard, _in_chat(SentCard.conversation), "kept", ("about",)),
    Kind("sending", Post, _in_chat(Post.conversation), "kept", ("at",)),
    Kind("own_draft", GuideDraft, own_drafts, "deleted", ("guide", "year", "started_at")),
    Kind("own_answer", DraftAnswer, _in_own_drafts, "deleted", ("draft", "key", "value", "at")),
    Kind(
        "own_shared",
        SharedVersion,
        own_versions,
        "deleted",
        ("title", "audience", "shared_at", "withdrawn_at", "paper"),
    ),
    Kind("place", DraftPlace, _by(DraftPlace.person), "deleted", ("draft", "step", "at")),
    Kind(
        "begun",
        GuideDraft,
        lambda person: and_(col(GuideDraft.started_by) == person.key, ~own_drafts(person)),
        "unnamed",
        ("guide", "year", "owner_name", "started_at"),
    ),
    Kind(
        "written",
        DraftAnswer,
        lambda person: and_(col(DraftAnswer.author) == person.key, ~_in_own_drafts(person)),
        "unnamed",
        ("draft", "key", "value", "at"),
    ),
    Kind("responsible", DraftAnswer, _responsible, "kept", ("draft", "key", "value", "at")),
    Kind(
        "shared",
        SharedVersion,
        lambda person: and_(col(SharedVersion.shared_by) == person.key, ~own_versions(person)),
        "unnamed",
        ("title", "audience", "unit", "shared_at", "withdrawn_at"),
    ),
    Kind("comment", Comment, _by(Comment.person), "deleted", ("version", "text", "unit", "at")),
    Kind("useful", UsefulMark, _by(UsefulMark.person), "deleted", ("draft",)),
    Kind(
        "deputy",
        Deputy,
        lambda person: or_(col(Deputy.person) == person.key, col(Deputy.named_by) == person.key),
        "kept",
        ("unit", "at"),
    ),
    Kind("preference", Preference, _by(Preference.person), "deleted", ("name", "value")),
    Kind(
        "wish",
        ReminderWish,
        _by(ReminderWish.person),
        "deleted",
        ("days_before", "at", "weekly", "paused_until", "stopped"),
    ),
    Kind("feed", CalendarFeed, _by(CalendarFeed.person), "deleted", ("person",)),
    Kind(
        "message",
        OutboxRow,
        _by(OutboxRow.person),
        "deleted",
        ("reason", "about", "due", "state", "settled", "problem"),
    ),
    Kind(
        "organised",
        Meeting,
        lambda person: or_(
            col(Meeting.organiser) == person.key, _named(Meeting.changed_by_name)(person)
        ),
        "kept",
        ("title", "starts", "organiser_name", "changed_by_name"),
    ),
    Kind("invited", Meeting, _invited_by_mail, "kept", ("title", "starts")),
    Kind("group", GroupMember, _by(GroupMember.person), "kept", ("group",)),
    Kind(
        "meeting_answer",
        MeetingAnswer,
        _by(MeetingAnswer.person),
        "deleted",
        ("meeting", "answer", "deputy", "at"),
    ),
    Kind("stand_in", MeetingAnswer, _named(MeetingAnswer.deputy), "kept", ("meeting", "at")),
    Kind("import", MeetingImport, _by(MeetingImport.person), "deleted", ("file", "rows", "at")),
    Kind(
        "round",
        AskedRound,
        _by(AskedRound.created_by),
        "kept",
        ("title", "purpose", "opens", "closes", "created_by_name"),
    ),
    Kind("answered", Answered, _by(Answered.person), "kept", ("round",)),
    Kind("ballot_draft", BallotDraft, _by(BallotDraft.person), "deleted", ("round", "answers")),
    Kind(
        "named_answer",
        NamedAnswer,
        _by(NamedAnswer.person),
        "kept",
        ("round", "unit", "person_name", "answers", "at"),
    ),
    Kind("result_share", ResultShare, _by(ResultShare.by), "kept", ("round", "unit", "at")),
    Kind(
        "follow_up",
        FollowUp,
        lambda person: or_(col(FollowUp.by) == person.key, _named(FollowUp.responsible)(person)),
        "kept",
        ("round", "unit", "heard", "measure", "responsible", "deadline", "effect", "at"),
    ),
    Kind(
        "promise",
        PromiseStatus,
        _named(PromiseStatus.by_name),
        "kept",
        ("promise", "status", "note", "at"),
    ),
    Kind(
        "handover",
        Handover,
        _by(Handover.asker),
        "deleted",
        ("question", "state", "assigned_name", "answer", "at", "answered_at", "closed_at"),
    ),
    Kind(
        "handover_answer",
        Handover,
        _by(Handover.assigned),
        "kept",
        ("state", "answer", "answered_at"),
    ),
    Kind(
        "reviewed",
        ReviewedQuestion,
        _named(ReviewedQuestion.by_name),
        "kept",
        ("cause", "target", "at"),
    ),
    Kind("added_ask", AddedAsk, _named(AddedAsk.by_name), "kept", ("text", "state", "at")),
    Kind(
        "added_entry",
        AddedEntry,
        lambda person: or_(_named(AddedEntry.by_name)(person), _named(AddedEntry.owner)(person)),
        "kept",
        ("title", "owner", "state", "at"),
    ),
    Kind("login", PageLogin, _by(PageLogin.person), "deleted", ("used", "expires")),
    Kind("session", PageSession, _by(PageSession.person), "deleted", ("seen", "expires")),
    Kind(
        "directory_person",
        DirectoryPerson,
        _by(DirectoryPerson.person),
        "kept",
        ("name", "email", "language"),
    ),
    Kind("directory_member", DirectoryMember, _by(DirectoryMember.person), "kept", ("group",)),
    Kind("pending_removal", PendingRemoval, _by(PendingRemoval.person), "kept", ("noted_at",)),
    Kind(
        "app_installation",
        AppInstallation,
        _by(AppInstallation.person),
        "kept",
        ("state", "tried_at"),
    ),
    Kind("deletion", Deletion, _by(Deletion.person), "kept", ("what", "at")),
    Kind("read_by_me", AuditEntry, _by(AuditEntry.reader), "kept", ("at", "what", "subject")),
    Kind("read_about_me", AuditEntry, _read_about, "kept", ("at", "reader", "what", "subject")),
)


def purposes_of(kind: Kind) -> tuple[tuple[str, str], ...]:
    """What the table's personal columns are for and when they go, each pair once, as marked."""
    marked = (column.info for column in kind.table.__table__.columns if "purpose" in column.info)
    return tuple(dict.fromkeys((info["purpose"], info["retention"]) for info in marked))


def count_mine(session: Session, person: RegisteredPerson) -> dict[str, int]:
    """How many rows of each kind are about the person, by the kind's name; those with none too."""
    execute = session.connection().execute
    return {
        kind.name: execute(
            select(func.count()).select_from(kind.table).where(kind.mine(person))
        ).scalar_one()
        for kind in KINDS
    }


def rows_about(session: Session, person: RegisteredPerson) -> dict[str, list[dict[str, Any]]]:
    """What is kept, by kind: the columns that are shown, as JSON can hold them."""
    return {kind.name: _rows(session, kind, person) for kind in KINDS}


def _rows(session: Session, kind: Kind, person: RegisteredPerson) -> list[dict[str, Any]]:
    table = kind.table.__table__
    wanted = select(*(table.columns[name] for name in kind.columns)).where(kind.mine(person))
    rows = session.connection().execute(wanted.order_by(*table.primary_key.columns))
    return [
        {name: _plain(value) for name, value in zip(kind.columns, row, strict=True)} for row in rows
    ]


def _plain(value: Any) -> Any:
    """As JSON can hold it."""
    return value.isoformat() if isinstance(value, (datetime, date)) else value
