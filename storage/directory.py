"""The directory (Entra) as it was last read, who is on their way out, and who got the app."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from storage.database import insert_if_absent
from storage.people import RegisteredPerson, list_people
from storage.tables import (
    AppInstallation,
    Conversation,
    DirectoryCursor,
    DirectoryMember,
    DirectoryPerson,
    PendingRemoval,
)

# The row of directory_cursor that is no group: when reading it all was last begun.
SYNC = "sync"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
TRIED_AGAIN_AFTER = timedelta(days=30)  # an installation that failed


@dataclass(frozen=True, slots=True)
class DirectoryEntry:
    """Somebody as the directory has them. `language` is "nb", "nn", or "" when it doesn't say."""

    key: str
    name: str
    email: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class GroupReading:
    """A group after it was read: all its members, by key, and those whose details were read.

    `group` is its object id, or "approlle:<value>". `next_link` is where its next changes are, ""
    for what is always read in full; `read_in_full` is when that was last done.
    """

    group: str
    members: frozenset[str]
    people: tuple[DirectoryEntry, ...]
    next_link: str
    read_in_full: datetime


@dataclass(frozen=True, slots=True)
class Mirror:
    """What is known of the directory: groups, their members, and people, by their ids."""

    groups: Mapping[str, GroupReading] = field(default_factory=dict)
    people: Mapping[str, DirectoryEntry] = field(default_factory=dict)

    def after(self, readings: Iterable[GroupReading], keep: Collection[str]) -> "Mirror":
        """As it is with these read, of the groups to keep."""
        groups = dict(self.groups) | {one.group: one for one in readings}
        groups = {id: group for id, group in groups.items() if id in keep}
        people = dict(self.people)
        for group in groups.values():
            people |= {one.key: one for one in group.people}
        there = frozenset[str]().union(*(group.members for group in groups.values()))
        return Mirror(groups, {key: one for key, one in people.items() if key in there})


@dataclass(frozen=True, slots=True)
class Installation:
    """How it went to install the app for somebody; "fantes" is that they had it already."""

    person: str
    state: Literal["installert", "fantes", "feilet"]
    problem: str = ""


# The mirror


def read_mirror(session: Session) -> Mirror:
    """The directory as it was last read; the groups without the details of their people."""
    execute = session.connection().execute
    members: dict[str, set[str]] = {}
    for group, person in execute(select(col(DirectoryMember.group), col(DirectoryMember.person))):
        members.setdefault(group, set()).add(person)
    cursors = execute(
        select(
            col(DirectoryCursor.group), col(DirectoryCursor.next_link), col(DirectoryCursor.read_at)
        ).where(col(DirectoryCursor.group) != SYNC)
    )
    groups = {
        group: GroupReading(group, frozenset(members.get(group, ())), (), link, at)
        for group, link, at in cursors
    }
    people = execute(
        select(
            col(DirectoryPerson.person),
            col(DirectoryPerson.name),
            col(DirectoryPerson.email),
            col(DirectoryPerson.language),
        )
    )
    return Mirror(groups, {row[0]: DirectoryEntry(*row) for row in people})


def save_mirror(session: Session, mirror: Mirror) -> None:
    """Put this in place of what was known."""
    _empty(session)
    groups = mirror.groups.values()
    _insert(
        session,
        DirectoryCursor,
        [
            {"group": one.group, "next_link": one.next_link, "read_at": one.read_in_full}
            for one in groups
        ],
    )
    _insert(
        session,
        DirectoryPerson,
        [
            {"person": key, "name": one.name, "email": one.email, "language": one.language}
            for key, one in sorted(mirror.people.items())
        ],
    )
    _insert(
        session,
        DirectoryMember,
        [{"group": one.group, "person": key} for one in groups for key in sorted(one.members)],
    )


def forget_directory(session: Session) -> None:
    """The directory isn't read any more: nothing of it is kept, and nobody is on their way out."""
    _empty(session)
    session.connection().execute(delete(PendingRemoval))


def begin_sync(session: Session, now: datetime, not_since: datetime | None = None) -> bool:
    """Note that somebody begins to read; False when another has begun later than `not_since`.

    Locks out others until the end of the transaction.
    """
    values = {"group": SYNC, "next_link": "", "read_at": _NEVER}
    insert_if_absent(session, DirectoryCursor, values)
    last = last_sync(session, lock=True)
    if not_since is not None and last is not None and last > not_since:
        return False
    mark = update(DirectoryCursor).where(col(DirectoryCursor.group) == SYNC)
    session.connection().execute(mark.values(read_at=now))
    return True


def last_sync(session: Session, *, lock: bool = False) -> datetime | None:
    """When reading was last begun; None for never."""
    wanted = select(col(DirectoryCursor.read_at)).where(col(DirectoryCursor.group) == SYNC)
    if lock:
        wanted = wanted.with_for_update()
    found: datetime | None = session.connection().execute(wanted).scalar()
    return found


def count_empty_groups(session: Session) -> int:
    """How many groups are read and have nobody in them; app roles don't count."""
    filled = select(col(DirectoryMember.group))
    wanted = select(col(DirectoryCursor.group)).where(
        col(DirectoryCursor.group) != SYNC,
        col(DirectoryCursor.next_link) != "",
        col(DirectoryCursor.group).not_in(filled),
    )
    return len(session.connection().execute(wanted).all())


# Who is on their way out


def pending_removals(session: Session) -> list[RegisteredPerson]:
    """Who is in the register and not in the directory any more, in the order of their names."""
    keys = _pending(session)
    return [person for person in list_people(session) if person.key in keys] if keys else []


def note_removals(session: Session, keys: Collection[str], now: datetime) -> set[str]:
    """Let these, and nobody else, be on their way out; gives those who were not so before."""
    before = _pending(session)
    back = before - set(keys)
    session.connection().execute(
        delete(PendingRemoval).where(col(PendingRemoval.person).in_(list(back)))
    )
    new = set(keys) - before
    _insert(session, PendingRemoval, [{"person": key, "noted_at": now} for key in sorted(new)])
    return new


def _pending(session: Session) -> set[str]:
    return set(session.connection().execute(select(col(PendingRemoval.person))).scalars())


# The app


def people_without_app(session: Session, now: datetime) -> list[RegisteredPerson]:
    """Whom the bot has never talked to and the app isn't tried for, in the order of their names.

    Who has removed the app has a conversation, and is left in peace.
    """
    execute = session.connection().execute
    known = {sender.lower() for sender in execute(select(col(Conversation.sender))).scalars()}
    tried = select(col(AppInstallation.person)).where(
        (col(AppInstallation.state) != "feilet")
        | (col(AppInstallation.tried_at) > now - TRIED_AGAIN_AFTER)
    )
    known |= set(execute(tried).scalars())
    return [person for person in list_people(session) if person.key not in known]


def note_installations(session: Session, tried: Iterable[Installation], now: datetime) -> None:
    """Note how it went, in place of what was noted before."""
    rows = [
        {"person": one.person, "state": one.state, "problem": one.problem, "tried_at": now}
        for one in tried
    ]
    keys = [row["person"] for row in rows]
    session.connection().execute(
        delete(AppInstallation).where(col(AppInstallation.person).in_(keys))
    )
    _insert(session, AppInstallation, rows)


def _empty(session: Session) -> None:
    for table in (DirectoryMember, DirectoryPerson):
        session.connection().execute(delete(table))
    groups = delete(DirectoryCursor).where(col(DirectoryCursor.group) != SYNC)
    session.connection().execute(groups)


def _insert(session: Session, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        session.connection().execute(insert(table), rows)
