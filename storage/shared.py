"""What is shared of drafts: versions, who may read them, comments, and who may share for a school.

A version is a paper as it was on the day; it needs neither the draft nor the person any more.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, func, insert, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.drafts import Draft, DraftGone, Owner
from storage.people import find_person
from storage.tables import Comment as CommentRow
from storage.tables import Deputy, GuideDraft, SentCard, SharedVersion, UsefulMark

MOST_WORDS = 20  # of a search; the rest of a long one is left out


@dataclass(frozen=True, slots=True)
class Version:
    """A draft as it was shared; `number` counts a draft's versions from 1.

    `audience` is "skolen", "sonen", "ledere", "skoleeierteamet" or "alle"; what it means is said
    by `audiences_read_by`. `paper` is what is read, as JSON.
    """

    id: str
    draft: str
    guide: str
    owner: Owner
    number: int
    title: str
    audience: str
    paper: dict[str, Any]
    shared_by: str
    shared_by_name: str
    shared_at: datetime
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """What decides what a registered person may read; `unit` and `zone` are "" for none."""

    key: str
    unit: str
    zone: str
    leader: bool
    owner_team: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """What a colleague wrote about a version, and where they worked then."""

    id: str
    version: str
    person_key: str
    person_name: str
    unit: str
    text: str
    at: datetime


_DraftId = col(GuideDraft.id)
_Id = col(SharedVersion.id)
_Draft = col(SharedVersion.draft)
_Number = col(SharedVersion.number)
_Open = col(SharedVersion.withdrawn_at).is_(None)
_VERSIONS = select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
    _Id,
    _Draft,
    col(SharedVersion.guide),
    col(SharedVersion.owner_kind),
    col(SharedVersion.owner_name),
    _Number,
    col(SharedVersion.title),
    col(SharedVersion.audience),
    col(SharedVersion.paper),
    col(SharedVersion.shared_by),
    col(SharedVersion.shared_by_name),
    col(SharedVersion.shared_at),
    col(SharedVersion.withdrawn_at),
)
_COMMENTS = select(  # type: ignore[call-overload]
    col(CommentRow.id),
    col(CommentRow.version),
    col(CommentRow.person),
    col(CommentRow.person_name),
    col(CommentRow.unit),
    col(CommentRow.text),
    col(CommentRow.at),
)


def share(
    session: Session,
    *,
    draft: Draft,
    title: str,
    audience: str,
    zone: str,
    paper: dict[str, Any],
    text: str,
    person_key: str,
    person_name: str,
    at: datetime,
) -> Version:
    """Share the draft as it is at its revision; raises `DraftGone`.

    The same revision shared again is the same version. For another audience, or after it was
    withdrawn, it counts as shared anew. `zone` is the school's, `text` is what is searched in.
    """
    execute = session.connection().execute
    locked = select(_DraftId).where(_DraftId == draft.id).with_for_update()
    if execute(locked).first() is None:
        raise DraftGone(draft.id)
    same = and_(_Draft == draft.id, col(SharedVersion.revision) == draft.revision)
    row = execute(_VERSIONS.where(same)).first()
    if row is not None:
        again = _version(row)
        values: dict[str, Any] = {"audience": audience, "zone": zone, "withdrawn_at": None}
        # The guide may have changed since, and so what its readers see of the same answers.
        search = folded("\n".join((title, _unit(session, draft.owner), person_name, text)))
        values |= {"title": title, "paper": paper, "search": search}
        # New readers, or readers again: for them it is shared now, and is news in the digest.
        if again.withdrawn_at is not None or again.audience != audience:
            values |= {"shared_by": person_key, "shared_by_name": person_name, "shared_at": at}
        execute(update(SharedVersion).where(_Id == again.id).values(**values))
    else:
        last = execute(select(func.max(_Number)).where(_Draft == draft.id)).scalar()
        unit = _unit(session, draft.owner)
        new = {
            "id": uuid4().hex,
            "draft": draft.id,
            "revision": draft.revision,
            "number": (last or 0) + 1,
            "guide": draft.guide,
            "owner_kind": draft.owner.kind,
            "owner_name": draft.owner.name,
            "title": title,
            "audience": audience,
            "unit": unit,
            "zone": zone,
            "paper": paper,
            "search": folded("\n".join((title, unit, person_name, text))),
            "shared_by": person_key,
            "shared_by_name": person_name,
            "shared_at": at,
        }
        execute(insert(SharedVersion).values(**new))
    return _version(execute(_VERSIONS.where(same)).one())


def withdraw(session: Session, version_id: str, at: datetime) -> None:
    """Withdraw every version of the draft that this is a version of."""
    ids = _lock_versions(session, _draft_of(version_id))
    withdrawn = update(SharedVersion).where(_Id.in_(ids), _Open).values(withdrawn_at=at)
    session.connection().execute(withdrawn)


def versions_of(session: Session, draft_id: str) -> list[Version]:
    """Every version of the draft, withdrawn ones too, in the order of their numbers."""
    found = _VERSIONS.where(_Draft == draft_id).order_by(_Number)
    return [_version(row) for row in session.connection().execute(found)]


def audiences_read_by(reader: Reader, version: Any = SharedVersion) -> ColumnElement[bool]:
    """Whether the reader belongs to the audience of a version, as part of a query.

    The school reads all that it has shared, and the team what is the team's. Besides: "sonen" is
    school leaders of the zone, "ledere" all school leaders and the team, "skoleeierteamet" the
    team, "alle" everybody in the register. "skolen" of somebody's own is where they work.
    """
    audience = col(version.audience)
    ways = [
        audience == "alle",
        and_(col(version.owner_kind) == "person", col(version.owner_name) == reader.key),
    ]
    if reader.unit:
        ways.append(col(version.unit) == reader.unit)
    if reader.leader:
        ways.append(audience == "ledere")
    if reader.leader and reader.zone:
        ways.append(and_(audience == "sonen", col(version.zone) == reader.zone))
    if reader.owner_team:
        ways.append(audience.in_(["ledere", "skoleeierteamet"]))
        ways.append(col(version.owner_kind) == "skoleeierteam")
    return or_(*ways)


def list_shared(
    session: Session,
    reader: Reader,
    *,
    search: str = "",
    guide: str = "",
    offset: int = 0,
    limit: int = 10,
) -> tuple[list[Version], int]:
    """The newest version of every draft shared with the reader, last shared first; and how many.

    Every word of `search` must occur, in any case: in the title, the text, or the name of the
    school or of who shared it.
    """
    wanted = [_is_newest(), audiences_read_by(reader)]
    if guide:
        wanted.append(col(SharedVersion.guide) == guide)
    for word in list(dict.fromkeys(folded(search).split()))[:MOST_WORDS]:
        wanted.append(col(SharedVersion.search).contains(word, autoescape=True))
    execute = session.connection().execute
    total = execute(select(func.count()).select_from(SharedVersion).where(*wanted)).scalar_one()
    page = (
        _VERSIONS.where(*wanted)
        .order_by(col(SharedVersion.shared_at).desc(), _Id)
        .offset(offset)
        .limit(limit)
    )
    return [_version(row) for row in execute(page)], total


def find_shared(session: Session, version_id: str, reader: Reader) -> Version | None:
    """The version, if it is shared with the reader; None too when it is withdrawn.

    Of an older version the newest decides as well, so that a draft shared with fewer than before
    is out of reach for the others.
    """
    newest = aliased(SharedVersion)
    found = (
        _VERSIONS.join(newest, col(newest.draft) == _Draft)
        .where(_Id == version_id, _Open, audiences_read_by(reader))
        .where(_is_newest(newest), audiences_read_by(reader, newest))
    )
    row = session.connection().execute(found).first()
    return _version(row) if row is not None else None


def add_comment(
    session: Session,
    version_id: str,
    *,
    id: str,
    person_key: str,
    person_name: str,
    unit: str,
    text: str,
    at: datetime,
) -> None:
    """Add a comment; the same id again changes nothing, and so does a version that is gone."""
    draft = session.connection().execute(select(_Draft).where(_Id == version_id)).scalar()
    if draft is None:
        return
    row = {
        "id": id,
        "draft": draft,
        "version": version_id,
        "person": person_key,
        "person_name": person_name,
        "unit": unit,
        "text": text,
        "at": at,
    }
    insert_if_absent(session, CommentRow, row)


def comments_of(session: Session, draft_id: str) -> list[Comment]:
    """The comments on all versions of the draft, oldest first."""
    found = _COMMENTS.where(col(CommentRow.draft) == draft_id)
    oldest = found.order_by(col(CommentRow.at), col(CommentRow.id))
    return [Comment(*row) for row in session.connection().execute(oldest)]


def delete_comment(session: Session, id: str, person_key: str) -> bool:
    """Delete a comment of one's own; False when there is none."""
    own = delete(CommentRow).where(col(CommentRow.id) == id, col(CommentRow.person) == person_key)
    return session.connection().execute(own).rowcount == 1


def mark_useful(session: Session, draft_id: str, person_key: str) -> bool:
    """Count the person among those who found it useful; False for who is counted already."""
    _lock_versions(session, draft_id)
    marked = and_(col(UsefulMark.draft) == draft_id, col(UsefulMark.person) == person_key)
    if session.connection().execute(select(UsefulMark.draft).where(marked)).first() is not None:
        return False
    insert_if_absent(session, UsefulMark, {"draft": draft_id, "person": person_key})
    return True


def useful_count(session: Session, draft_id: str) -> int:
    """How many have found it useful."""
    counted = select(func.count()).where(col(UsefulMark.draft) == draft_id)
    return session.connection().execute(counted).scalar_one()


def name_deputy(session: Session, unit: str, person_key: str | None, by: str, at: datetime) -> None:
    """Let this person share for the school, instead of whoever could; None: only rektor can."""
    execute = session.connection().execute
    if person_key is None:
        execute(delete(Deputy).where(col(Deputy.unit) == unit))
        return
    values = {"person": person_key, "named_by": by, "at": at}
    insert_if_absent(session, Deputy, {"unit": unit, **values})
    execute(update(Deputy).where(col(Deputy.unit) == unit).values(**values))


def deputy_of(session: Session, unit: str) -> str | None:
    """The key of the school's deputy, who may have got another role or place of work since."""
    named = select(Deputy.person).where(col(Deputy.unit) == unit)
    return session.connection().execute(named).scalar()


def remember_cards(session: Session, cards: Iterable[tuple[str, str, str]]) -> None:
    """Remember cards as (conversation, activity id, what the card is about)."""
    for conversation, activity, about in cards:
        card = {"conversation": conversation, "activity": activity, "about": about}
        insert_if_absent(session, SentCard, card)


def cards_about(session: Session, about: str) -> list[tuple[str, str]]:
    """The cards about this that were sent: (conversation, activity id)."""
    found = (
        select(SentCard.conversation, SentCard.activity)
        .where(col(SentCard.about) == about)
        .order_by(col(SentCard.conversation), col(SentCard.activity))
    )
    return [(conversation, activity) for conversation, activity in session.exec(found)]


def _unit(session: Session, owner: Owner) -> str:
    """The school that "skolen" means."""
    if owner.kind == "school":
        return owner.name
    person = find_person(session, owner.name) if owner.kind == "person" else None
    return person.unit if person is not None else ""


def folded(text: str) -> str:
    """Text for comparing: é may come as one letter or as two, in any case."""
    return unicodedata.normalize("NFC", text).casefold()


def _draft_of(version_id: str) -> Any:
    return select(_Draft).where(_Id == version_id).scalar_subquery()


def _lock_versions(session: Session, draft: Any) -> list[str]:
    """Lock every version of the draft, always in the same order; gives their ids."""
    locked = select(_Id).where(_Draft == draft).order_by(_Number).with_for_update()
    return list(session.connection().execute(locked).scalars())


def _is_newest(version: Any = SharedVersion) -> ColumnElement[bool]:
    """Whether a version is the newest of its draft that isn't withdrawn."""
    other = aliased(SharedVersion)
    newest = (
        select(func.max(other.number))
        .where(col(other.draft) == col(version.draft), col(other.withdrawn_at).is_(None))
        .correlate(version)
        .scalar_subquery()
    )
    return and_(col(version.withdrawn_at).is_(None), col(version.number) == newest)


def _version(row: Sequence[Any]) -> Version:
    id, draft, guide, owner_kind, owner_name, *rest = row
    return Version(id, draft, guide, Owner(owner_kind, owner_name), *rest)
