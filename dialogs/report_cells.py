"""Which categories are told together, and of which groups, so that no small group can be found.

Pure arithmetic for reports.py. *Counts* are how many gave each answer, by category. *Cuts* are
where the categories are cut into cells: 2 among them puts categories 2 and 3 in different cells.

What may be told rests on one rule, kept everywhere: every cell that is told, and every cell of what
is left when all that is told is taken away, holds nobody or at least k people, and at least two of
them somebody. Groups inside a group are cut where it is cut, or at fewer places. Then a number that
isn't told can't be worked out closer than k people, unless it could as well have been told; the
audit in tests/faults/test_report_audit.py holds that.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

GroupKind = Literal["kommune", "sone", "skoletype", "skole", "rolle", "erfaring"]
Counts = tuple[int, ...]
Cuts = frozenset[int]

MOST_CUTS = 8  # that are tried in all combinations; a scale has 4


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """Some of those who answered; `name` is "" for the kommune."""

    kind: GroupKind
    name: str = ""


NAMELESS = Group("kommune")  # of what is left, which is never told
NO_CUTS: Cuts = frozenset()


@dataclass(frozen=True, slots=True)
class Member:
    """A group beside others: its counts, the cuts it may be told with, and the groups inside it.

    A member without a name is never told; it is part of what is left.
    """

    group: Group
    counts: Counts
    cuts: Cuts
    parts: tuple["Member", ...] = ()

    @property
    def people(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Told:
    """Which of some groups beside each other are told, all cut alike, and what is left of them."""

    cuts: Cuts
    members: tuple[Member, ...]
    rest: Member


def added(counts: Iterable[Counts], categories: int) -> Counts:
    """The sum, category by category."""
    return tuple(map(sum, zip((0,) * categories, *counts, strict=True)))


def every_cut(categories: int) -> Cuts:
    return frozenset(range(1, categories))


def cells_of(counts: Counts, cuts: Cuts) -> list[tuple[int, int, int]]:
    """The cells: first and last category, from 1, and how many there are."""
    ends = [*sorted(cuts), len(counts)]
    starts = [0, *ends[:-1]]
    return [
        (start + 1, end, sum(counts[start:end])) for start, end in zip(starts, ends, strict=True)
    ]


def may_be_told(counts: Counts, cuts: Cuts, smallest: int) -> bool:
    """Whether each cell is nobody or enough people, and not all answered alike."""
    cells = [count for _, _, count in cells_of(counts, cuts) if count]
    return len(cells) >= 2 and min(cells) >= smallest


def finest(counts: Counts, cuts: Cuts, smallest: int) -> Cuts | None:
    """Those of the cuts that give most cells, and of these the most even; None if it can't be told.

    Goes from left to right, and remembers the best way of cutting what is to the left of each cut:
    most cells, then the least sum of squares.
    """
    best: dict[int, tuple[int, int, tuple[int, ...]]] = {0: (0, 0, ())}
    for end in [*sorted(cuts), len(counts)]:
        ways = [
            (fewer - 1, squares + size * size, (*places, end))
            for start, (fewer, squares, places) in best.items()
            if not 0 < (size := sum(counts[start:end])) < smallest
        ]
        if ways:
            best[end] = min(ways)
    if len(counts) not in best:
        return None
    found = frozenset(best[len(counts)][2][:-1])
    return found if may_be_told(counts, found, smallest) else None


def common(members: Sequence[Member], cuts: Cuts, smallest: int) -> Cuts | None:
    """The cuts that all the members, those without people apart, can be told with.

    The most cuts, and of these the most even in all; None if there are no such cuts.
    """
    some = [member for member in members if member.people]
    counts = added((member.counts for member in some), _categories(members))
    found = [
        fewer
        for fewer in _fewer(cuts)
        if all(
            fewer <= member.cuts and may_be_told(member.counts, fewer, smallest) for member in some
        )
    ]

    def score(fewer: Cuts) -> tuple[int, int, list[int]]:
        squares = sum(count * count for _, _, count in cells_of(counts, fewer))
        return len(fewer), -squares, sorted(fewer)

    return max(found, key=score, default=None)


def told_of(members: Sequence[Member], cuts: Cuts, smallest: int) -> Told:
    """The members to tell of, cut at those places among `cuts` that tell most of most people.

    Together the members are a group that is told with `cuts`.
    """
    best, best_score = Told(cuts, (), _together(members)), (0, 0, [0])
    for fewer in _fewer(cuts):
        told = _told_with(members, fewer, smallest)
        people = sum(member.people for member in told.members)
        score = (people * len(fewer), len(told.members), sorted(fewer))
        if told.members and score > best_score:
            best, best_score = told, score
    return best


def beside(
    members: Sequence[Member],
    is_able: Callable[[Member], bool],
    is_fine: Callable[[Sequence[Member]], bool],
) -> tuple[list[Member], list[Member]]:
    """Which of the members are shown, and which are hidden.

    What is hidden anybody gets by subtraction. Unless it is fine together, the smallest that could
    be shown is hidden too, until it is.
    """
    shown: list[Member] = []
    hidden: list[Member] = []
    for member in sorted(members, key=lambda member: (member.people, member.group)):
        (shown if is_able(member) else hidden).append(member)
    while shown and not is_fine(hidden):
        hidden.append(shown.pop(0))
    return shown, hidden


def _told_with(members: Sequence[Member], cuts: Cuts, smallest: int) -> Told:
    def is_able(member: Member) -> bool:
        named = bool(member.group.name) and cuts <= member.cuts and not is_one(member)
        return named and may_be_told(member.counts, cuts, smallest)

    def is_fine(hidden: Sequence[Member]) -> bool:
        if not any(member.people for member in hidden):
            return True
        rest = _together(hidden)
        return may_be_told(rest.counts, cuts, smallest) and not is_one(rest)

    shown, hidden = beside(members, is_able, is_fine)
    return Told(cuts, tuple(shown), _together(hidden))


def is_one(member: Member) -> bool:
    """Whether all its people are in one of the groups inside it: then it is that group's result."""
    return sum(1 for part in member.parts if part.people) == 1


def holding(parts: Sequence[Member], group: Group = NAMELESS, cuts: Cuts = NO_CUTS) -> Member:
    """A group of these groups, which may be told with the cuts; without a name, never."""
    counts = added((part.counts for part in parts), _categories(parts))
    return Member(group, counts, cuts, tuple(parts))


def _together(members: Sequence[Member]) -> Member:
    """All that is inside the members, as one group that is never told."""
    counts = added((member.counts for member in members), _categories(members))
    return Member(NAMELESS, counts, NO_CUTS, tuple(part for one in members for part in one.parts))


def _categories(members: Sequence[Member]) -> int:
    return len(members[0].counts) if members else 0


def _fewer(cuts: Cuts) -> Iterator[Cuts]:
    """Every choice of some of the cuts."""
    places = sorted(cuts)[:MOST_CUTS]
    for size in range(1, len(places) + 1):
        yield from map(frozenset, combinations(places, size))
