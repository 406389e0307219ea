"""Deleting what is kept about a person who asks for it, as far as it is theirs (my_rows.py)."""

from sqlalchemy import update
from sqlmodel import Session, col, delete, select

from storage.drafts import delete_draft
from storage.my_rows import KINDS, count_mine, own_chats, own_drafts, own_versions
from storage.people import RegisteredPerson
from storage.shared import folded
from storage.tables import Conversation, DraftAnswer, GuideDraft, OutboxRow, SharedVersion

COLLEAGUE = "en kollega"  # whose name was taken out of what a school owns

# Deleted in their own way, below.
_SPECIAL = (Conversation, GuideDraft, DraftAnswer, SharedVersion)


def drafts_shared_by(session: Session, person: RegisteredPerson) -> list[str]:
    """The ids of the drafts of their own that the person shares with others now."""
    shared = select(col(SharedVersion.draft)).where(
        own_versions(person), col(SharedVersion.withdrawn_at).is_(None)
    )
    return sorted(session.connection().execute(shared.distinct()).scalars())


def delete_mine(session: Session, person: RegisteredPerson) -> dict[str, int]:
    """Delete what may go and take the name out of what stays without it: how many, by kind.

    Of the conversation itself only the memory goes, so that the person can still be written to.
    What the person has shared of their own must be withdrawn first; what is left of it is emptied.
    """
    counted = count_mine(session, person)
    execute = session.connection().execute
    owned = select(col(GuideDraft.id)).where(own_drafts(person)).order_by(col(GuideDraft.id))
    for draft in list(execute(owned).scalars()):
        delete_draft(session, draft)
    _empty_versions(session, person)
    _forget_conversations(session, person)
    _take_out_names(session, person)
    for kind in KINDS:
        if kind.fate == "deleted" and kind.table not in _SPECIAL:
            gone = delete(kind.table).where(kind.mine(person))
            if kind.table is OutboxRow:  # what is being sent at this moment settles itself
                gone = gone.where(col(OutboxRow.state) != "sendes")
            execute(gone)
    return {kind.name: counted[kind.name] for kind in KINDS if kind.fate != "kept"}


def _empty_versions(session: Session, person: RegisteredPerson) -> None:
    """The shell of a withdrawn version stays for a while, so that sent cards can be changed."""
    emptied = update(SharedVersion).where(
        own_versions(person), col(SharedVersion.withdrawn_at).is_not(None)
    )
    session.connection().execute(
        emptied.values(
            owner_name="",
            title=COLLEAGUE,
            paper={},
            search="",
            unit="",
            shared_by="",
            shared_by_name=COLLEAGUE,
        )
    )


def _forget_conversations(session: Session, person: RegisteredPerson) -> None:
    """What was last talked of. The turn that asks for it must clear its own as well."""
    session.connection().execute(
        update(Conversation)
        .where(own_chats(person))
        .values(topic=None, doing=None, recent=[], answers=[], last_digest="")
    )


def _take_out_names(session: Session, person: RegisteredPerson) -> None:
    execute = session.connection().execute
    begun = update(GuideDraft).where(col(GuideDraft.started_by) == person.key)
    execute(begun.values(started_by=""))
    written = update(DraftAnswer).where(col(DraftAnswer.author) == person.key)
    execute(written.values(author="", author_name=COLLEAGUE))
    mine = col(SharedVersion.shared_by) == person.key
    search = select(col(SharedVersion.id), col(SharedVersion.search)).where(mine)
    for id, words in execute(search.order_by(col(SharedVersion.id)).with_for_update()).all():
        without = words.replace(folded(person.name), "") if person.name else words
        execute(
            update(SharedVersion)
            .where(col(SharedVersion.id) == id)
            .values(shared_by="", shared_by_name=COLLEAGUE, search=without)
        )
