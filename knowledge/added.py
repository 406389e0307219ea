"""What people add to the knowledge while the bot runs: ways of asking, and entries of the veiviser.

A library never changes: `with_added` builds another one beside it.
"""

import hashlib
import json
from collections.abc import Iterable, Set
from dataclasses import dataclass, replace

from knowledge.curated import Curated
from knowledge.library import Library
from knowledge.norwegian import fold
from knowledge.veiviser import VEIVISER, Entry

ENTRY = f"{VEIVISER}:"  # before the id of an entry, where what answers is named


@dataclass(frozen=True, slots=True)
class Added:
    """Ways of asking, as (what should answer, the way of asking), and entries of the veiviser.

    What should answer is the id of a passage, or "veiviser:<id>" for an entry.
    """

    asks: tuple[tuple[str, str], ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same content."""
        content = [self.asks, [entry.model_dump(mode="json") for entry in self.entries]]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def asked(self) -> tuple[str, ...]:
        """Every way of asking."""
        return (
            *(text for _, text in self.asks),
            *(text for entry in self.entries for text in entry.ask),
        )


def entry_in(target: str) -> str:
    """The id of the entry that is named, "" when it is a passage."""
    return target.removeprefix(ENTRY) if target.startswith(ENTRY) else ""


def is_there(library: Library, target: str) -> bool:
    """Whether the library has what should answer: documents change, and passages with them."""
    if entry := entry_in(target):
        return entry in library.veiviser
    passage = library.by_id.get(target)
    return passage is not None and passage.document.id != VEIVISER


def with_added(
    library: Library, added: Added, held_out: Set[str] = frozenset()
) -> tuple[Library, list[str]]:
    """The library with what is added, and what of the targets isn't there (which is left out).

    `held_out` are folded ways of asking that are taken out of the library first, for measuring.
    """
    veiviser = {id: _entry_without(one, held_out) for id, one in library.veiviser.items()}
    veiviser |= {entry.id: entry for entry in added.entries}
    curated = [replace(one, ask=_without(one.ask, held_out)) for one in library.curated]
    missing: list[str] = []
    for target, text in added.asks:
        entry = veiviser.get(entry_in(target))
        if entry is not None:
            veiviser[entry.id] = entry.model_copy(update={"ask": [*entry.ask, text]})
        elif is_there(library, target):
            passage = library.by_id[target]
            place = (passage.section, passage.first, passage.last, passage.outline)
            curated.append(Curated(*place, (text,)))
        else:
            missing.append(target)
    built = Library(
        library.documents,
        curated,
        library.words.lists,
        veiviser,
        library.promises,
        library.holidays,
        library.reflections,
    )
    return built, missing


def _entry_without(entry: Entry, held_out: Set[str]) -> Entry:
    return entry.model_copy(update={"ask": [*_without(entry.ask, held_out)]})


def _without(asks: Iterable[str], held_out: Set[str]) -> tuple[str, ...]:
    return tuple(one for one in asks if fold(one) not in held_out) if held_out else tuple(asks)
