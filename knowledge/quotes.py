"""What of a passage is shown: whole where it is short, else the sentences that answer."""

from dataclasses import dataclass, replace
from itertools import pairwise

from knowledge.documents import Document, Section, Unit, sentences
from knowledge.library import Passage
from knowledge.norwegian import stem, tokens
from knowledge.search import Query, covered

# A quotation of running text is no longer than this many characters where it can be cut.
LONGEST_QUOTE = 380
LONGEST_LIST = 850
ALWAYS_SHOWN = 60  # characters of each item of a list, however long
_PRICE_OF_LENGTH = 0.0003  # of a question's cover, for each character more


@dataclass(frozen=True, slots=True)
class Quote:
    """The units to show of a section, in the order they stand."""

    passage: Passage
    units: tuple[Unit, ...]

    @property
    def document(self) -> Document:
        return self.passage.document

    @property
    def section(self) -> Section:
        return self.passage.section

    @property
    def length(self) -> int:
        return sum(len(unit.text) + 1 for unit in self.units)

    def gaps(self) -> list[bool]:
        """For each unit, whether something of the section is left out before it."""
        places = [self._place(unit) for unit in self.units]
        return [False] + [b - a > 1 for a, b in pairwise(places)]

    def _place(self, unit: Unit) -> int:
        units = self.section.units
        return units.index(unit) if unit in units else -1


def quote_of(query: Query, passage: Passage) -> Quote:
    """All of a curated passage or a list; of other long text the best run of sentences."""
    units = passage.units
    if any(unit.kind == "item" for unit in units):
        if len(passage.text) > LONGEST_LIST:
            room = LONGEST_LIST // len(units) - 2
            units = tuple(_beginning(unit, room) for unit in units)
    elif not passage.asks and len(passage.text) > LONGEST_QUOTE:
        units = _best_run(query, units)
    return Quote(passage, units)


def surroundings(passage: Passage, longest: int) -> str:
    """The passage with as much of its section around it as there is room for."""
    if passage.outline:
        return passage.text[:longest]
    units = passage.section.units
    first, last = passage.first, passage.last
    room = longest - len(passage.text)
    while True:
        after = len(units[last + 1].text) + 1 if last + 1 < len(units) else room + 1
        before = len(units[first - 1].text) + 1 if first > 0 else room + 1
        if after <= room:
            last, room = last + 1, room - after
        elif before <= room:
            first, room = first - 1, room - before
        else:
            return " ".join(unit.text for unit in units[first : last + 1])[:longest]


def joined(one: Quote, other: Quote) -> Quote:
    """Two quotations from the same section as one, each unit once and in its place."""
    units = {*one.units, *other.units}
    ordered = [unit for unit in one.section.units if unit in units]
    return Quote(one.passage, tuple(dict.fromkeys(ordered)))


def _beginning(unit: Unit, room: int) -> Unit:
    """The beginning of a long list item: the whole list matters more than its details."""
    if len(unit.text) <= room:
        return unit
    first = sentences(unit.text)[0]
    if len(first) > max(room, ALWAYS_SHOWN):
        first = first[: max(room, ALWAYS_SHOWN)].rsplit(" ", 1)[0]
    return unit if first == unit.text else replace(unit, text=f"{first} …")


def _best_run(query: Query, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The run of neighbouring sentences that covers most of the question in fewest characters."""
    best, best_worth = units[:1], -1.0
    for start in range(len(units)):
        length = 0
        terms: set[str] = set()
        for end in range(start, len(units)):
            length += len(units[end].text)
            if length > LONGEST_QUOTE and end > start:
                break
            terms.update(stem(word) for word in tokens(units[end].text))
            worth = covered(query, frozenset(terms)) - _PRICE_OF_LENGTH * length
            if worth > best_worth:
                best, best_worth = units[start : end + 1], worth
    return best
