"""What was read of the directory, put into the register: at once what is new, later who is gone.

Nobody leaves the register because a group has changed: they are noted, administrators are told,
and one of them lets them leave (removals.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialogs.checkins.round_planning import plan_rounds
from dialogs.directory.directory_file import DirectoryFile
from dialogs.directory.people_of_groups import Problem, people_of_groups
from dialogs.directory.removal_notices import tell_of_removals, tell_of_unread
from dialogs.meetings.planning import plan_all
from dialogs.meetings.sending_times import SendingTimes
from storage.database import Session
from storage.directory import (
    GroupReading,
    begin_sync,
    count_empty_groups,
    note_removals,
    pending_removals,
    read_mirror,
    save_mirror,
)
from storage.people import (
    Changes,
    RegisteredPerson,
    list_people,
    remove_people,
    update_people,
)

# More than this at once is likely somebody's mistake with a group, and nobody's leaving.
MANY_SHARE, MANY = 0.10, 5


@dataclass(frozen=True, slots=True)
class Unread:
    """A group that couldn't be read. `why`: missing, refused, nameless, or unavailable."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read of the directory this time; `problems` are those of the reading itself."""

    groups: Sequence[GroupReading]
    unread: Sequence[Unread] = ()
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Sync:
    """What came of it. `changes.removed` are not in the directory; `removed` have left by it.

    `doubts` are why nobody was let go without being asked for once more.
    """

    changes: Changes
    new_removals: int
    removed: tuple[RegisteredPerson, ...]
    doubts: tuple[Problem, ...]
    problems: tuple[Problem, ...]


def apply_reading(
    session: Session,
    file: DirectoryFile,
    reading: Reading,
    sending: SendingTimes,
    now: datetime,
    *,
    dry_run: bool = False,
    remove: bool = False,
) -> Sync:
    """Make the register hold everybody in the groups, and note who isn't in them any more.

    `remove` lets them leave at once, unless there are doubts. `dry_run` changes nothing.
    """
    if not dry_run:
        begin_sync(session, now)  # whoever else is here waits
    mirror = read_mirror(session).after(reading.groups, [id for id, *_ in file.sources])
    read, problems = people_of_groups(file, mirror)
    register = {one.key: one for one in list_people(session)}
    people = [_with_language(one, register.get(one.key)) for one in read]
    unread = [Problem(f"unread_{one.why}", {"group": one.name}) for one in reading.unread]
    problems = [*unread, *reading.problems, *problems]
    changes = update_people(session, people, dry_run)
    gone = {one.key for one in changes.removed}
    empty = [one for one in problems if one.kind == "empty"]
    doubts = (*unread, *empty, *_many(len(gone), len(register)))
    if dry_run:
        return Sync(changes, len(gone), (), doubts, tuple(problems))
    save_mirror(session, mirror)
    if unread:  # those in it may be there still: only who has come back is no longer noted
        gone &= {one.key for one in pending_removals(session)}
    new = note_removals(session, gone, now)
    removed: tuple[RegisteredPerson, ...] = ()
    if remove and gone and not doubts:
        removed, new = remove_people(session, gone, now), set()
        note_removals(session, (), now)
    if changes.added or changes.changed or removed:  # they have other meetings, and other rounds
        plan_all(session, sending, now)
        plan_rounds(session, sending, now)
    if new:
        tell_of_removals(session, now)
    if unread:
        tell_of_unread(session, [(one.name, one.why) for one in reading.unread], now)
    return Sync(changes, len(new), removed, doubts, tuple(problems))


def doubts_about_removing(session: Session) -> tuple[Problem, ...]:
    """Why those who are noted should perhaps not leave, as far as the database tells."""
    empty = count_empty_groups(session)
    of_empty = (Problem("empty_groups", {"count": empty}),) if empty else ()
    return (*of_empty, *_many(len(pending_removals(session)), len(list_people(session))))


def _many(gone: int, all: int) -> tuple[Problem, ...]:
    if gone > MANY and gone > MANY_SHARE * all:
        return (Problem("many", {"count": gone, "all": all}),)
    return ()


def _with_language(person: RegisteredPerson, before: RegisteredPerson | None) -> RegisteredPerson:
    """The directory often doesn't say; then it stays as it was."""
    if person.language:
        return person
    return replace(person, language=before.language if before else "nb")
