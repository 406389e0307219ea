"""The one function for every number computed from answers without names, and for the texts.

Whatever shows them, on a card, on the page, in a file, takes what `report_of` made when the round
closed, and nothing else. Every figure is a function of the counts that are published, so that what
can be worked out from all of them together is what is worked out here. What is told of whom is
decided in report_cells.py; docs/privacy.md says what that protects from, and what not.
"""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import floor, sqrt
from typing import Any, Literal

from pydantic import TypeAdapter

from dialogs.report_answers import SPLITS, Answers
from dialogs.report_cells import (
    Counts,
    Cuts,
    Group,
    GroupKind,
    Member,
    added,
    cells_of,
    every_cut,
    finest,
    told_of,
)
from dialogs.report_places import Told, told_places
from dialogs.report_rates import WHOLE, Invited, rates_of
from storage.ballots import Place, Tally, Text

__all__ = ["Asked", "Cell", "Figure", "Group", "GroupKind", "Invited", "Report", "Withheld"]

LEAST = 5  # people behind a number, whatever is asked for
# Why something isn't shown. Of the kommune: "few" people answered, or all of them would have been
# "merged" to one category. Then all its groups say the same. Of a group of a kommune that is shown,
# only "neighbour": it, or one beside it, has too few people or they answered too much alike. Which
# of these isn't told: of two schools that were hidden since all answered alike, and whose sum is
# known, the reason alone would tell what everybody in each had answered.
Withheld = Literal["", "few", "merged", "neighbour"]


@dataclass(frozen=True, slots=True)
class Cell:
    """How many answered one of the categories `first` to `last`, from 1; merged where several."""

    first: int
    last: int
    count: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One question in one group: cells that together are everybody, or why there are none.

    `mean` and `spread` (standard deviation) are of ordered categories. They are worked out from
    cells that are published: where categories are merged, each answer counts as the kommune's mean
    within them (or their middle, if the kommune has merged them too), and `estimated` says so.
    `margin` is half a 95 % interval of the mean.
    """

    people: int = 0
    cells: tuple[Cell, ...] = ()
    mean: float | None = None
    spread: float | None = None
    margin: float | None = None
    estimated: bool = False
    withheld: Withheld = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that may be shown of a round: figures by group and question, and response rates.

    `rates` are in tens of per cent, 10 (or less) to 90 (or more), of groups of at least k invited.
    `smallest` is the k.
    """

    smallest: int
    figures: Mapping[Group, Mapping[str, Figure]] = field(default_factory=dict)
    rates: Mapping[Group, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to report: how many categories it has, and whether they are points of a scale."""

    id: str
    categories: int
    ordered: bool


def report_of(
    tallies: Iterable[Tally],
    asked: Sequence[Asked],
    invited: Iterable[Invited],
    *,
    schools: bool,
    smallest: int,
    within: Report | None = None,
) -> Report:
    """Everything that may be shown, for groups of at least `smallest` people (5 or more).

    Without `schools`, only the kommune as a whole, and by role and experience. A second report of
    the same answers, of larger groups, is made `within` the first: it tells nothing that can't be
    added up from that one. Made by themselves, the two could be subtracted from each other.
    """
    if smallest < LEAST:
        raise ValueError(f"A figure needs at least {LEAST} people behind it, not {smallest}.")
    asked_of = [one for one in invited if one.invited > 0]
    answers = Answers(
        tallies,
        {question.id: question.categories for question in asked},
        [Place(one.unit, one.zone, one.school_type) for one in asked_of],
    )
    groups = {WHOLE, *answers.splits(), *(answers.places() if schools else ())}
    figures: dict[Group, dict[str, Figure]] = {group: {} for group in sorted(groups)}
    for question in asked:
        told, reason = _told(answers, question, schools, smallest, within)
        scale = cells_of(*told[WHOLE]) if told and question.ordered else []
        for group in groups:
            shown = _figure(*told[group], scale) if group in told else Figure(withheld=reason)
            figures[group][question.id] = shown
    rates = rates_of(asked_of, schools, smallest, within.rates if within else None)
    return Report(smallest, figures, rates)


def texts_to_read(texts: Iterable[Text], smallest: int) -> dict[str, list[Text]]:
    """What may be read, by question, in random order; nothing of a question that few wrote to.

    The school's name stands only where the writer ticked it, and at least `smallest` from that
    school did so for that question.
    """
    if smallest < LEAST:
        raise ValueError(f"Texts are read of at least {LEAST} people, not {smallest}.")
    written: dict[str, dict[str, Text]] = {}
    for text in texts:
        if text.text.strip():
            written.setdefault(text.question, {})[text.id] = text
    shown = {}
    for question, by_id in sorted(written.items()):
        if len(by_id) >= smallest:
            units = Counter(text.unit for text in by_id.values())
            shown[question] = [
                text if units[text.unit] >= smallest else replace(text, unit="")
                for text in by_id.values()
            ]
            _RANDOM.shuffle(shown[question])
    return shown


def report_to_json(report: Report) -> dict[str, Any]:
    """The report as it is frozen."""
    return {
        "smallest": report.smallest,
        "figures": [
            [group.kind, group.name, _FIGURES.dump_python(dict(figures), mode="json")]
            for group, figures in sorted(report.figures.items())
        ],
        "rates": [[group.kind, group.name, rate] for group, rate in sorted(report.rates.items())],
    }


def report_from_json(kept: Mapping[str, Any]) -> Report:
    return Report(
        kept["smallest"],
        {
            Group(kind, name): _FIGURES.validate_python(figures)
            for kind, name, figures in kept["figures"]
        },
        {Group(kind, name): rate for kind, name, rate in kept["rates"]},
    )


_FIGURES = TypeAdapter(dict[str, Figure])
_RANDOM = random.SystemRandom()


def _told(
    answers: Answers, question: Asked, schools: bool, smallest: int, within: Report | None
) -> tuple[Told, Withheld]:
    """What is told of a question: counts, and where they are cut; and why the rest isn't."""

    def may_cut(group: Group) -> Cuts:
        if within is None:
            return every_cut(question.categories)
        figure = within.figures.get(group, {}).get(question.id, Figure())
        return frozenset(cell.last for cell in figure.cells[:-1])

    by_place = answers.of(question.id, "sted")
    counts = added(by_place.values(), question.categories)
    cuts = finest(counts, may_cut(WHOLE), smallest)
    if cuts is None:
        return {}, "few" if sum(counts) < smallest else "merged"
    told: Told = {WHOLE: (counts, cuts)}
    for kind in SPLITS:
        by_name = answers.of(question.id, kind)
        named = [
            Member(group := Group(kind, place.unit), some, may_cut(group))
            for place, some in by_name.items()
        ]
        # Those who have told none are found by subtraction too: they are a part of what is left.
        having = added(by_name.values(), question.categories)
        lacking = tuple(every - some for every, some in zip(counts, having, strict=True))
        found = told_of([*named, Member(Group(kind), lacking, frozenset())], cuts, smallest)
        told |= {member.group: (member.counts, found.cuts) for member in found.members}
    if schools:
        told |= told_places(by_place, cuts, smallest, may_cut)
    return told, "neighbour"


def _figure(counts: Counts, cuts: Cuts, scale: Sequence[tuple[int, int, int]]) -> Figure:
    """A group that is told of; `scale` is the kommune's cells, and empty of what isn't ordered."""
    cells = tuple(Cell(*cell) for cell in cells_of(counts, cuts))
    people = sum(counts)
    if not scale:
        return Figure(people, cells)
    counted = [(cell.count, *_moments(scale, cell)) for cell in cells]
    mean = sum(count * value for count, value, _ in counted) / people
    square = sum(count * squared for count, _, squared in counted) / people
    spread = sqrt(max(0.0, square - mean * mean) * people / (people - 1))
    return Figure(
        people,
        cells,
        _in_tenths(mean),
        _in_tenths(spread),
        _in_tenths(1.96 * spread / sqrt(people)),
        estimated=len(cells) < len(counts),
    )


def _moments(scale: Sequence[tuple[int, int, int]], cell: Cell) -> tuple[float, float]:
    """What an answer in the cell counts as: the kommune's mean there, and mean of squares.

    Where the kommune has merged categories, its answers count as spread evenly over them.
    """
    inside = [
        (count / (last - first + 1), point)
        for first, last, count in scale
        if cell.first <= first and last <= cell.last
        for point in range(first, last + 1)
    ]
    people = sum(weight for weight, _ in inside)
    if not people:  # nobody in the kommune, so nobody in the cell
        return 0.0, 0.0
    mean = sum(weight * point for weight, point in inside) / people
    return mean, sum(weight * point * point for weight, point in inside) / people


def _in_tenths(number: float) -> float:
    """Rounded as people do: 3.25 is 3.3."""
    return floor(number * 10 + 0.5) / 10


_RANDOM = random.SystemRandom()
