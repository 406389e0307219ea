"""Groups: lists of people that the skoleeierteam keeps, for meetings that are for some."""

from collections.abc import Collection, Iterable

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.tables import GroupMember, MeetingGroup


def list_groups(session: Session) -> dict[str, int]:
    """The names of the groups, in alphabetical order, and how many people are in each."""
    counted = (
        select(col(MeetingGroup.name), func.count(col(GroupMember.person)))
        .select_from(MeetingGroup)
        .outerjoin(GroupMember, col(GroupMember.group) == col(MeetingGroup.name))
        .group_by(col(MeetingGroup.name))
    )
    rows = session.connection().execute(counted)
    return dict(sorted((name, count) for name, count in rows))


def find_group(session: Session, name: str) -> str | None:
    """The group's name as it is written, whatever the case of `name`; None when there is none."""
    names = session.connection().execute(select(col(MeetingGroup.name))).scalars()
    return next((one for one in names if one.casefold() == name.casefold()), None)


def add_group(session: Session, name: str) -> None:
    insert_if_absent(session, MeetingGroup, {"name": name})


def delete_group(session: Session, name: str) -> None:
    """Delete a group and who was in it. Meetings for it reach nobody by it any more."""
    execute = session.connection().execute
    execute(delete(GroupMember).where(col(GroupMember.group) == name))
    execute(delete(MeetingGroup).where(col(MeetingGroup.name) == name))


def members_of(session: Session, group: str) -> set[str]:
    """The keys of the people in a group."""
    wanted = select(col(GroupMember.person)).where(col(GroupMember.group) == group)
    return set(session.connection().execute(wanted).scalars())


def add_members(session: Session, group: str, people: Iterable[str]) -> None:
    """Put these people in the group; who is there already stays."""
    for person in sorted(set(people)):
        insert_if_absent(session, GroupMember, {"group": group, "person": person})


def remove_members(session: Session, group: str, people: Collection[str]) -> None:
    """Take these people out of the group."""
    these = (col(GroupMember.group) == group, col(GroupMember.person).in_(people))
    session.connection().execute(delete(GroupMember).where(*these))
