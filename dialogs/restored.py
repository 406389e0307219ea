"""After a backup is put back: what was deleted is deleted again, and nothing is sent twice."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialogs.meetings.sending_times import SendingTimes
from dialogs.my_data import forget
from storage.database import Database, Session
from storage.deletions import Noted, list_deletions, remember_deletions
from storage.people import RegisteredPerson, find_person
from storage.restored import end_logins, hold_back, newest_message, remove_people

# What house-keeping queues is due at once, or soon after the next moment that the bot may write.
SOON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was done: people out of the register, people's own data, messages held back."""

    removed: int
    forgotten: int
    held_back: int


def make_right(
    database: Database,
    noted: Iterable[Noted],
    *,
    sending: SendingTimes,
    keep_house: Callable[[], None],
    now: datetime,
) -> Restored:
    """Do again what is noted and the backup doesn't know of, before anybody uses the database.

    A deletion is noted in the transaction that makes it: one that the backup knows of is done.
    House is kept in between, since a round that has ended closes, and plans messages that have
    come before.
    """
    with database.transaction() as session:
        known = {one.id for one in list_deletions(session)}
        again = [one for one in noted if one.id not in known]
        forgotten = {one.person for one in again if one.what == "mine"}
        for key in sorted(forgotten):
            forget(session, _person(session, key), now)
        removed = remove_people(session, {one.person for one in again if one.what == "register"})
        remember_deletions(session, again)
        end_logins(session)
        held = hold_back(session, now, until=now)
        newest = newest_message(session)
    keep_house()
    with database.transaction() as session:
        held += hold_back(session, now, until=now)  # what was called off may wait again
        held += hold_back(session, now, sending.next(now) + SOON, queued_after=newest)
    return Restored(removed, len(forgotten), held)


def _person(session: Session, key: str) -> RegisteredPerson:
    """Of somebody who isn't in the register, what is theirs is known by the key alone."""
    return find_person(session, key) or RegisteredPerson(key, "", "", "")
