"""The gap between how good the competence is and how important it is to develop it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dialogs.collected import figures
from dialogs.collected.charts import Difference, difference
from dialogs.collected.figures import decimal, figure_of, signed
from dialogs.collected.results import Seen
from dialogs.collected.survey_report import pair_of
from dialogs.guide import Step
from dialogs.messages import ChartPoint, ChartRow
from dialogs.reports import Figure, Group
from dialogs.wording import Wording


@dataclass(frozen=True, slots=True)
class Gap:
    """A sub-theme, or a theme as a whole, in one group: both means, and what is between them."""

    name: str
    competence: Figure
    importance: Figure
    apart: Difference


def gap_of(seen: Seen, group: Group, step: Step, name: str) -> Gap | None:
    """The gap of a sub-theme; None where either mean isn't shown."""
    pair = pair_of(step)
    if pair is None:
        return None
    competence, importance = (figure_of(seen, group, id) for id in pair)
    apart = difference(competence, importance)
    if apart is None or competence is None or importance is None:
        return None
    return Gap(name, competence, importance, apart)


def gap_of_theme(name: str, gaps: Sequence[Gap]) -> Gap | None:
    """The mean of the sub-themes that are shown, each counting the same; None for fewer than two.

    The margins are the mean of theirs, which is as wide as they could be together.
    """
    if len(gaps) < 2:
        return None
    competence = _mean_of([gap.competence for gap in gaps])
    importance = _mean_of([gap.importance for gap in gaps])
    apart = difference(competence, importance)
    return Gap(name, competence, importance, apart) if apart else None


def chart_row(wording: Wording, gap: Gap) -> ChartRow:
    """Both means as points on the scale."""
    named = (("collected_competence", gap.competence), ("collected_importance", gap.importance))
    points = tuple(
        ChartPoint(wording.say(key), one.mean or 0.0, one.margin or 0.0) for key, one in named
    )
    return ChartRow(gap.name, points=points)


def cells(wording: Wording, gap: Gap) -> tuple[str, ...]:
    """The same in a row of a table."""
    means = (figures.mean(wording, one) for one in (gap.competence, gap.importance))
    return (gap.name, *means, apart(gap))


def apart(gap: Gap) -> str:
    """«+0,7 (± 0,4)»."""
    return f"{signed(gap.apart.value)} (± {decimal(gap.apart.margin)})"


def in_words(wording: Wording, gap: Gap) -> str:
    """The gap with both means, and whether it is within its uncertainty."""
    key = "collected_gap_row" if gap.apart.is_certain else "collected_gap_row_uncertain"
    return wording.say(
        key,
        name=gap.name,
        competence=decimal(gap.competence.mean or 0.0),
        importance=decimal(gap.importance.mean or 0.0),
        gap=signed(gap.apart.value),
        margin=decimal(gap.apart.margin),
    )


def _mean_of(found: Sequence[Figure]) -> Figure:
    def over(values: Iterable[float | None]) -> float:
        return round(sum(value or 0.0 for value in values) / len(found), 1)

    return Figure(
        mean=over(one.mean for one in found),
        margin=over(one.margin for one in found),
        estimated=any(one.estimated for one in found),
    )
