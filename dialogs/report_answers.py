"""The answers of a round, counted by question and group; every school in one place."""

from collections.abc import Iterable, Mapping
from typing import Literal

from dialogs.report_cells import Counts, Group
from storage.ballots import Place, Tally

Split = Literal["rolle", "erfaring"]
SPLITS: tuple[Split, ...] = ("rolle", "erfaring")


class Answers:
    """Counts of tallies; `categories` of each question, and the schools that were asked."""

    def __init__(
        self, tallies: Iterable[Tally], categories: Mapping[str, int], asked: Iterable[Place]
    ) -> None:
        self._categories = categories
        self._places = {place.unit: place for place in asked}
        self._counts: dict[tuple[str, str], dict[Place, list[int]]] = {}
        # In an order of their own, so that the order they come in is of no consequence.
        for tally in sorted(tallies, key=lambda one: (one.name, one.zone, one.school_type)):
            self._add(tally)

    def _add(self, tally: Tally) -> None:
        """Count it; an answer to what isn't asked is left out."""
        categories = self._categories.get(tally.question, 0)
        if not 1 <= tally.value <= categories:
            return
        place = Place(tally.name, tally.zone, tally.school_type)
        if tally.facet == "sted":  # a school that has moved is where it is now
            place = self._places.setdefault(tally.name, place) if tally.name else place
        by_place = self._counts.setdefault((tally.question, tally.facet), {})
        by_place.setdefault(place, [0] * categories)[tally.value - 1] += tally.count

    def of(self, question: str, facet: str) -> dict[Place, Counts]:
        """The counts of each place; `unit` is the name of a role, or an experience."""
        found = self._counts.get((question, facet), {})
        return {place: tuple(counts) for place, counts in found.items()}

    def splits(self) -> set[Group]:
        """The roles and lengths of experience that somebody has."""
        return {
            Group(kind, place.unit)
            for kind in SPLITS
            for (_, facet), found in self._counts.items()
            if facet == kind
            for place in found
            if place.unit
        }

    def places(self) -> set[Group]:
        """The schools, and the soner and school types unless there is only one."""
        nameless = {
            place
            for (_, facet), found in self._counts.items()
            if facet == "sted"
            for place in found
            if not place.unit
        }
        places = nameless.union(self._places.values())
        zones = {place.zone for place in places}
        types = {place.school_type for place in places}
        return {
            *(Group("skole", place.unit) for place in places if place.unit),
            *(Group("sone", name) for name in zones if name and len(zones) > 1),
            *(Group("skoletype", name) for name in types if name and len(types) > 1),
        }
