"""What fagrådgivere add to the knowledge: ways of asking, entries of the veiviser, and the version.

Both are drafts ("utkast") until they are published. The version grows in the same transaction as
what is published or taken back, so that every copy of the program knows when to read anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import uuid4

from sqlalchemy import update
from sqlmodel import Session, col, delete, func, select

from storage.database import insert_if_absent
from storage.tables import AddedAsk, AddedEntry, KnowledgeVersion

State = Literal["utkast", "publisert"]
_DRAFT, _PUBLISHED = "utkast", "publisert"
_ONLY_ROW = 1


@dataclass(frozen=True, slots=True)
class Asking:
    """A way of asking for a passage, or for an entry ("veiviser:<id>"); `at` has a time zone."""

    id: str
    target: str
    text: str
    state: str
    by_name: str
    at: datetime

    @property
    def is_published(self) -> bool:
        return self.state == _PUBLISHED


@dataclass(frozen=True, slots=True)
class WayOn:
    """An entry of the veiviser; `owner` is the contact that people are shown."""

    id: str
    title: str
    title_nn: str
    text: str
    text_nn: str
    owner: str
    link: str
    checked: date
    asks: tuple[str, ...]
    state: str
    by_name: str
    at: datetime

    @property
    def is_published(self) -> bool:
        return self.state == _PUBLISHED


def add_ask(session: Session, *, target: str, text: str, by_name: str, now: datetime) -> str:
    """A draft of a way of asking; gives its id."""
    id = uuid4().hex
    session.add(AddedAsk(id=id, passage=target, text=text, state=_DRAFT, by_name=by_name, at=now))
    session.flush()
    return id


def add_entry(
    session: Session,
    *,
    title: str,
    title_nn: str,
    text: str,
    text_nn: str,
    owner: str,
    link: str,
    asks: Sequence[str],
    by_name: str,
    now: datetime,
    id: str = "",
) -> str:
    """A draft of an entry, checked today; gives its id. Nobody is answered with it as yet.

    `id` is what a form has proposed for it, so that a button pressed twice is one entry.
    """
    hold_still(session)
    id = id or uuid4().hex
    session.add(
        AddedEntry(
            id=id,
            title=title,
            title_nn=title_nn,
            text=text,
            text_nn=text_nn,
            owner=owner,
            link=link,
            checked=now.date(),
            asks=list(asks),
            state=_DRAFT,
            by_name=by_name,
            at=now,
        )
    )
    session.flush()
    return id


def change_ask(session: Session, id: str, *, text: str, by_name: str, now: datetime) -> bool:
    """Write a draft anew; False when there is no such draft (any more)."""
    hold_still(session)
    done = session.connection().execute(
        update(AddedAsk)
        .where(col(AddedAsk.id) == id, col(AddedAsk.state) == _DRAFT)
        .values(text=text, by_name=by_name, at=now)
    )
    return bool(done.rowcount)


def change_entry(
    session: Session,
    id: str,
    *,
    title: str,
    title_nn: str,
    text: str,
    text_nn: str,
    owner: str,
    link: str,
    asks: Sequence[str],
    by_name: str,
    now: datetime,
) -> bool:
    """As `change_ask`."""
    hold_still(session)
    done = session.connection().execute(
        update(AddedEntry)
        .where(col(AddedEntry.id) == id, col(AddedEntry.state) == _DRAFT)
        .values(
            title=title,
            title_nn=title_nn,
            text=text,
            text_nn=text_nn,
            owner=owner,
            link=link,
            checked=now.date(),
            asks=list(asks),
            by_name=by_name,
            at=now,
        )
    )
    return bool(done.rowcount)


def delete_draft(session: Session, id: str) -> bool:
    """Delete a draft of either kind; False when there is no such draft."""
    hold_still(session)
    deleted = 0
    for table in (AddedAsk, AddedEntry):
        which = (col(table.id) == id, col(table.state) == _DRAFT)
        deleted += session.connection().execute(delete(table).where(*which)).rowcount
    return bool(deleted)


def list_asks(session: Session) -> list[Asking]:
    """All of them, the newest first."""
    newest = select(AddedAsk).order_by(col(AddedAsk.at).desc(), col(AddedAsk.id))
    return [
        Asking(one.id, one.passage, one.text, one.state, one.by_name, one.at)
        for one in session.exec(newest)
    ]


def list_entries(session: Session) -> list[WayOn]:
    """All of them, the newest first."""
    newest = select(AddedEntry).order_by(col(AddedEntry.at).desc(), col(AddedEntry.id))
    return [
        WayOn(
            one.id,
            one.title,
            one.title_nn,
            one.text,
            one.text_nn,
            one.owner,
            one.link,
            one.checked,
            tuple(one.asks),
            one.state,
            one.by_name,
            one.at,
        )
        for one in session.exec(newest)
    ]


def list_added(session: Session) -> list[Asking | WayOn]:
    """Both kinds, the newest first."""
    every: list[Asking | WayOn] = [*list_asks(session), *list_entries(session)]
    return sorted(every, key=lambda one: (-one.at.timestamp(), one.id))


def publish(session: Session, ids: Sequence[str], *, by_name: str, now: datetime) -> int:
    """Publish these drafts; gives how many. What is published already isn't published again."""
    return _move(session, ids, _DRAFT, _PUBLISHED, by_name, now)


def take_back(session: Session, id: str, *, by_name: str, now: datetime) -> bool:
    """Make a draft of what is published; False when it isn't published (any more)."""
    return bool(_move(session, [id], _PUBLISHED, _DRAFT, by_name, now))


def hold_still(session: Session) -> None:
    """Until the end of the transaction nobody else writes, publishes or takes back anything.

    So what is published is what was measured, and of two who publish at once one does.
    """
    insert_if_absent(session, KnowledgeVersion, {"id": _ONLY_ROW, "number": 0})
    only = col(KnowledgeVersion.id) == _ONLY_ROW
    session.connection().execute(select(KnowledgeVersion.number).where(only).with_for_update())


def knowledge_version(session: Session) -> int:
    """How many times something has been published or taken back."""
    found = session.exec(
        select(KnowledgeVersion.number).where(col(KnowledgeVersion.id) == _ONLY_ROW)
    ).first()
    return found or 0


def _move(
    session: Session, ids: Sequence[str], old: str, new: str, by_name: str, now: datetime
) -> int:
    hold_still(session)
    moved = 0
    for table in (AddedAsk, AddedEntry):
        which = (col(table.id).in_(ids), col(table.state) == old)
        changed = update(table).where(*which).values(state=new, by_name=by_name, at=now)
        moved += session.connection().execute(changed).rowcount
    if moved:
        session.connection().execute(
            update(KnowledgeVersion)
            .where(col(KnowledgeVersion.id) == _ONLY_ROW)
            .values(number=col(KnowledgeVersion.number) + 1)
        )
    return moved


def forget_old_drafts(session: Session, before: datetime) -> int:
    """Delete the drafts that nobody has changed since."""
    return sum(
        session.connection()
        .execute(delete(table).where(col(table.state) == _DRAFT, col(table.at) < before))
        .rowcount
        for table in (AddedAsk, AddedEntry)
    )


def count_drafts(session: Session) -> int:
    """How many drafts wait to be published."""
    return sum(
        session.connection()
        .execute(select(func.count()).select_from(table).where(col(table.state) == _DRAFT))
        .scalar_one()
        for table in (AddedAsk, AddedEntry)
    )
