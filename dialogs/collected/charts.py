"""What one sees of a round -> charts, each with all its numbers in words beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dialogs.collected import figures
from dialogs.collected.figures import decimal, figure_of, group_name, signed
from dialogs.collected.results import Seen
from dialogs.context import OSLO
from dialogs.messages import Chart, ChartPart, ChartPoint, ChartRow, Table
from dialogs.question_set import Question
from dialogs.reports import Figure, Group
from dialogs.wording import Wording


@dataclass(frozen=True, slots=True)
class Difference:
    """From one mean to another. The margin is the sum of both: cautious, since they may covary."""

    value: float
    margin: float

    @property
    def is_certain(self) -> bool:
        """Whether it is larger than its uncertainty."""
        return abs(self.value) > self.margin


def difference(before: Figure | None, after: Figure | None) -> Difference | None:
    """From the mean of one figure to that of the other; None unless both have one."""
    if before is None or after is None or before.mean is None or after.mean is None:
        return None
    margin = (before.margin or 0.0) + (after.margin or 0.0)
    return Difference(round(after.mean - before.mean, 1), round(margin, 1))


def month(wording: Wording, moment: datetime) -> str:
    """«november 2026»."""
    day = moment.astimezone(OSLO)
    return f"{wording.many('meeting_months')[day.month - 1]} {day.year}"


def shares(wording: Wording, seen: Seen, question: Question, groups: Iterable[Group]) -> Chart:
    """How the answers to a question are distributed in each of the groups."""
    rows: list[ChartRow] = []
    said: list[str] = []
    for group in groups:
        name, figure = group_name(wording, seen, group), figure_of(seen, group, question.id)
        if figure is None:
            continue
        parts = tuple(
            ChartPart(figures.category(question, cell), cell.count, cell.first, cell.last)
            for cell in figure.cells
        )
        note = "" if parts else wording.say("collected_not_shown")
        rows.append(ChartRow(name, parts, note=note))
        said.append(f"{name}: {figures.in_words(wording, question, figure)}")
    if any(row.note for row in rows):
        said.append(figures.withheld(wording, seen.report.smallest))
    return Chart(
        "shares", question.text, alt(question.text, said), tuple(rows), len(question.categories)
    )


def means(
    wording: Wording, seen: Seen, question: Question, groups: Iterable[Group]
) -> Table | None:
    """The mean, its uncertainty and the spread of each group; None where no group has a mean."""
    rows = [
        (
            group_name(wording, seen, group),
            str(figure.people),
            _mean(wording, figure),
            f"± {decimal(figure.margin)}" if figure.margin is not None else "",
            decimal(figure.spread) if figure.spread is not None else "",
        )
        for group in groups
        if (figure := figure_of(seen, group, question.id)) is not None and figure.mean is not None
    ]
    columns = tuple(str(heading) for heading in wording.many("collected_mean_columns"))
    return Table(columns, tuple(rows)) if rows else None


def change(
    wording: Wording, before: Seen, now: Seen, question: Question, groups: Iterable[Group]
) -> Chart | None:
    """The means of last time and this time; None where no group has both."""
    rows: list[ChartRow] = []
    said: list[str] = []
    for group in groups:
        old, new = (figure_of(seen, group, question.id) for seen in (before, now))
        moved = difference(old, new)
        if moved is None or old is None or new is None:
            continue
        name = group_name(wording, now, group)
        points = tuple(
            ChartPoint(month(wording, seen.round.opens), one.mean or 0.0, one.margin or 0.0)
            for seen, one in ((before, old), (now, new))
        )
        rows.append(ChartRow(name, points=points))
        said.append(
            wording.say(
                "collected_change" if moved.is_certain else "collected_change_uncertain",
                group=name,
                before=decimal(points[0].value),
                after=decimal(points[1].value),
                difference=signed(moved.value),
                margin=decimal(moved.margin),
            )
        )
    if not rows:
        return None
    title = wording.say("collected_change_title")
    return Chart("change", title, alt(title, said), tuple(rows), len(question.categories))


def comparable(before: Seen, now: Seen, question: Question) -> bool:
    """Whether the question was the same last time: its words, its categories."""
    if not question.ordered:
        return False
    same = [
        {one.id: (one.text, one.categories) for one in seen.questions.questions("nb")}.get(
            question.id
        )
        for seen in (before, now)
    ]
    return same[0] is not None and same[0] == same[1]


def alt(title: str, said: Iterable[str]) -> str:
    """All of a chart in words: its title, and a line for each row."""
    stop = "" if title.endswith(("?", ".", "!")) else "."
    return "\n".join([f"{title}{stop}", *said])


def _mean(wording: Wording, figure: Figure) -> str:
    value = decimal(figure.mean or 0.0)
    return wording.say("collected_estimated", value=value) if figure.estimated else value
