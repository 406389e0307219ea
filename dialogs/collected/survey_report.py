"""What one sees of a survey -> the main report for all, or a school's own: strengths, then gaps.

The gap is how important a theme is, less how good the competence is. Themes stand in the survey's
own order, and no school beside another.
"""

from collections.abc import Iterator, Mapping, Sequence

from dialogs.checkins.round_words import title_in
from dialogs.collected import charts, figures
from dialogs.collected.charts import difference
from dialogs.collected.figures import figure_of, group_name, signed
from dialogs.collected.results import WHOLE, Seen
from dialogs.collected.round_report import (
    byline,
    opening,
    section_blocks,
    texts_blocks,
    use_blocks,
)
from dialogs.guide import Step
from dialogs.messages import Block, Chart, ChartPoint, ChartRow, Items, Paper, Paragraph, Table
from dialogs.question_set import QuestionSection
from dialogs.reports import Group
from dialogs.wording import Wording
from storage.ballots import Text

_MEASURES = ("collected_competence", "collected_importance")


def survey_paper(
    wording: Wording,
    seen: Seen,
    texts: Mapping[str, Sequence[Text]],
    groups: Sequence[Group],
    school: str = "",
) -> Paper:
    """The report; with `school`, what its people read beside the kommune's."""
    subject = Group("skole", school) if school and not seen.round.unit else WHOLE
    blocks: list[Block] = [*opening(wording, seen, groups), *_strengths(wording, seen, subject)]
    blocks.append(Paragraph(wording.say("files_gap_is"), "note"))
    for section in seen.questions.section:
        gaps = [
            *_picture(wording, seen, section, subject),
            *_gaps(wording, seen, section, groups),
        ]
        if gaps:
            blocks.append(Paragraph(section.named(wording.language), "heading"))
            if section.defined(wording.language):
                blocks.append(Paragraph(section.defined(wording.language), "note"))
            blocks += [*gaps, *use_blocks(wording, section)]
        else:
            blocks += section_blocks(wording, seen, section, groups)
    blocks += texts_blocks(wording, seen, texts)
    key = "files_school_report" if school else "files_main_report"
    name = title_in(wording.language, seen.round)
    title = wording.say(key, title=name, school=school)
    return Paper(title, tuple(blocks), byline(wording, seen), language=wording.language)


def pair_of(step: Step) -> tuple[str, str] | None:
    """The ids of the questions on competence and on importance; None for another kind of step."""
    if step.kind != "two_scales" or len(step.scales) != 2:
        return None
    competence, importance = (f"{step.id}.{scale.id}" for scale in step.scales)
    return competence, importance


def is_strength(seen: Seen, group: Group, step: Step) -> bool:
    """Whether competence is above the middle for certain, and no gap is certain."""
    pair = pair_of(step)
    if pair is None:
        return False
    competence, importance = (figure_of(seen, group, one) for one in pair)
    gap = difference(competence, importance)
    if gap is None or competence is None or competence.mean is None:
        return False
    certain = competence.mean - (competence.margin or 0.0) > 3
    return certain and not (gap.is_certain and gap.value > 0)


def _strengths(wording: Wording, seen: Seen, group: Group) -> Iterator[Block]:
    yield Paragraph(wording.say("files_strengths"), "heading")
    yield Paragraph(wording.say("files_strength_is"), "note")
    found = tuple(
        f"{section.named(wording.language)}: {step.heading(wording.language)}"
        for section in seen.questions.section
        for step in section.step
        if is_strength(seen, group, step)
    )
    yield Items(found) if found else Paragraph(wording.say("files_no_strengths"))


def _picture(
    wording: Wording, seen: Seen, section: QuestionSection, group: Group
) -> Iterator[Chart]:
    """Competence and importance of each sub-theme, with the distance between them."""
    rows: list[ChartRow] = []
    for step in section.step:
        pair = pair_of(step)
        found = [figure_of(seen, group, id) for id in pair] if pair else []
        points = tuple(
            ChartPoint(wording.say(key), one.mean, one.margin or 0.0)
            for key, one in zip(_MEASURES, found, strict=False)
            if one is not None and one.mean is not None
        )
        if len(points) == 2:
            rows.append(ChartRow(step.heading(wording.language), points=points))
    if rows:
        name = group_name(wording, seen, group)
        title = f"{section.named(wording.language)}, {name}"
        said = [
            f"{row.label}: "
            + ", ".join(f"{p.label} {figures.uncertain(p.value, p.margin)}" for p in row.points)
            for row in rows
        ]
        yield Chart("points", title, charts.alt(title, said), tuple(rows))


def _gaps(
    wording: Wording, seen: Seen, section: QuestionSection, groups: Sequence[Group]
) -> Iterator[Block]:
    for step in section.step:
        pair = pair_of(step)
        rows = [_row(wording, seen, group, pair) for group in groups] if pair else []
        shown = tuple(row for row in rows if row is not None)
        if shown:
            yield Paragraph(step.heading(wording.language))
            yield Table(tuple(wording.many("files_gap_columns")), shown)


def _row(
    wording: Wording, seen: Seen, group: Group, pair: tuple[str, str]
) -> tuple[str, ...] | None:
    first, second = (figure_of(seen, group, one) for one in pair)
    if first is None and second is None:
        return None
    gap = difference(first, second)
    hidden = wording.say("files_not_shown")
    means = (
        figures.mean(wording, one) if one is not None and figures.is_shown(one) else hidden
        for one in (first, second)
    )
    said = f"{signed(gap.value)} (± {figures.decimal(gap.margin)})" if gap else hidden
    return (group_name(wording, seen, group), *means, said)
