"""The library as it is published, and others beside it to try and to measure with.

Building a library takes a second, and measuring a few. That is never done within a transaction,
which on SQLite nobody else could have at the same time: who needs what isn't built yet raises
`Unready`, and is run anew by `when_ready` once it is. Nothing of the first run is left.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from dialogs.contacts import Contacts
from dialogs.learning.gain import Gain, Known, measured, to_hold_out
from dialogs.wording import Wording
from knowledge.added import Added, with_added
from knowledge.library import Library
from knowledge.veiviser import Entry
from storage.added_knowledge import (
    Asking,
    WayOn,
    knowledge_version,
    list_asks,
    list_entries,
)
from storage.database import Database, Session

log = logging.getLogger("kvalitetsbot.knowledge")

TRIES = 4  # somebody else may change what is to be measured, meanwhile
LIBRARIES_KEPT = 2
GAINS_KEPT = 4

Result = TypeVar("Result")
Key = TypeVar("Key")
Kept = TypeVar("Kept")
_GainKey = tuple[str, str, tuple[Known, ...]]  # before, after, and what was asked


class Unready(Exception):
    """What is asked for must be made first, by `prepare`, outside every transaction."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        super().__init__()
        self.prepare = prepare


def when_ready(attempt: Callable[[], Result]) -> Result:
    """What the attempt gives; it is made again each time that something had to be prepared."""
    for _ in range(TRIES):
        try:
            return attempt()
        except Unready as unready:
            unready.prepare()
    return attempt()


@dataclass(frozen=True, slots=True)
class Present:
    """What is published: the version's number, what is added, and the library with it."""

    number: int
    added: Added
    library: Library


class Workbench:
    """One for each copy of the program."""

    def __init__(self, base: Library, contacts: Contacts, wording: Wording) -> None:
        self._base = base
        self.contacts = contacts
        self._wording = wording
        self.present = Present(0, Added(), base)
        # One builds and one measures at a time: two who ask for the same get the same.
        self._building, self._measuring = Lock(), Lock()
        self._built: dict[str, Library] = {}
        self._gains: dict[_GainKey, Gain] = {}

    def read_news(self, database: Database) -> None:
        """When somebody has published, on this copy or another: build aside, then exchange."""
        with database.transaction() as session:
            number = knowledge_version(session)
            if number == self.present.number:
                return
            added = published(session)
        library = self._library(added)
        self.present = Present(number, added, library)

    def candidate(self, added: Added) -> Library:
        """The library with all that is added; raises `Unready` when it isn't built yet."""
        found = self._ready(added)
        if found is None:
            raise Unready(lambda: self._library(added))
        return found

    def gain(self, before: Added, after: Added, known: Sequence[Known]) -> Gain:
        """What `after` gives beside `before`; raises `Unready` when it isn't measured yet."""
        key = (before.key, after.key, tuple(known))
        found = self._gains.get(key)
        if found is None:
            raise Unready(lambda: self._measure(key, before, after))
        return found

    def _measure(self, key: _GainKey, before: Added, after: Added) -> None:
        with self._measuring:
            if key not in self._gains:
                gain = self._measured(before, after, key[2])
                _keep(self._gains, key, gain, GAINS_KEPT)

    def _measured(self, before: Added, after: Added, known: tuple[Known, ...]) -> Gain:
        old, new = self._library(before), self._library(after)
        changes = [one for one in after.asked() if one not in before.asked()]
        changes += [one for one in before.asked() if one not in after.asked()]
        held_out = to_hold_out(self._base, changes)
        words = frozenset(one.folded for one in held_out)
        old_without, _ = with_added(self._base, before, words)
        new_without, _ = with_added(self._base, after, words)
        return measured(
            self.contacts,
            self._wording,
            reviewed=(known, old, new),
            curated=(held_out, old_without, new_without),
            added=after.asked(),
        )

    def _ready(self, added: Added) -> Library | None:
        if not (added.asks or added.entries):
            return self._base
        present = self.present
        if added == present.added:
            return present.library
        return self._built.get(added.key)

    def _library(self, added: Added) -> Library:
        with self._building:
            found = self._ready(added)
            if found is None:
                found, missing = with_added(self._base, added)
                for target in missing:
                    log.warning("action=added_ask_ignored passage=%s", target)
                _keep(self._built, added.key, found, LIBRARIES_KEPT)
            return found


def published(session: Session) -> Added:
    """What is added and answers people."""
    return _added(
        [one for one in list_asks(session) if one.is_published],
        [one for one in list_entries(session) if one.is_published],
    )


def with_drafts(session: Session) -> Added:
    """What is published, and all drafts."""
    return _added(list_asks(session), list_entries(session))


def _added(asks: Sequence[Asking], entries: Sequence[WayOn]) -> Added:
    # In the order of their ids: what is published answers just as it did while it was tried.
    return Added(
        tuple((one.target, one.text) for one in sorted(asks, key=lambda one: one.id)),
        tuple(_entry(one) for one in sorted(entries, key=lambda one: one.id)),
    )


def _entry(way_on: WayOn) -> Entry:
    return Entry(
        id=way_on.id,
        title=way_on.title,
        title_nn=way_on.title_nn,
        text=way_on.text,
        text_nn=way_on.text_nn,
        owner=way_on.owner,
        link=way_on.link,
        checked=way_on.checked,
        ask=list(way_on.asks),
    )


def _keep(kept: dict[Key, Kept], key: Key, value: Kept, most: int) -> None:
    """The newest few."""
    kept.pop(key, None)
    kept[key] = value
    while len(kept) > most:
        del kept[next(iter(kept))]
