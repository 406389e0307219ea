"""A survey's result: the gap by theme and sub-theme, strengths first.

The gap is how important development is, less how good the competence is. Everything stands in the
survey's own order. «undersokelse/<id>» is the main report with one's own school beside the kommune;
«?skole=» shows another school that has shared its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from dialogs.checkins.round_words import title_in
from dialogs.collected import charts, figures, gaps
from dialogs.collected.figures import group_name
from dialogs.collected.gaps import Gap, gap_of, gap_of_theme
from dialogs.collected.menu import menu_for, rounds_trail
from dialogs.collected.results import WHOLE, Seen, readable_by, seen_by
from dialogs.collected.round_page import files_of, opening
from dialogs.collected.survey_report import is_strength, pair_of
from dialogs.context import Composing, Paged
from dialogs.guide import Step, in_language
from dialogs.messages import (
    Block,
    CardReply,
    Chart,
    ChartRow,
    Choice,
    Facts,
    Items,
    Page,
    PageLinks,
    Paragraph,
    Table,
)
from dialogs.question_set import QuestionSection
from dialogs.reports import Group
from dialogs.wording import Wording

MAIN = "-"  # the main report alone, in the choice of school


def survey_page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """The gap picture of a survey; None when it isn't one, or not theirs."""
    seen = seen_by(composing.session, composing.person, rest)
    if seen is None or not any(pair_of(step) for step in seen.questions.steps()):
        return None
    wording, person = composing.wording, composing.person
    school, filters = _school(composing, seen, query)
    groups = [WHOLE, *([Group("skole", school)] if school else [])]
    cards = [_what(composing, seen), _strengths(wording, seen, groups)]
    cards += [_theme(wording, seen, groups, one) for one in seen.questions.section]
    name = title_in(composing.language, seen.round)
    title = wording.say("collected_survey", title=name)
    files = files_of("undersokelse", wording, seen)
    if school:
        path = f"/side/fil/undersokelse/{seen.round.id}.docx?skole={quote(school, safe='')}"
        files = (*files, (wording.say("collected_word_school"), path))
    return Page(
        title,
        tuple(card for card in cards if card.blocks),
        menu=menu_for(wording, person),
        trail=rounds_trail(wording, (name, f"/side/runder/{seen.round.id}")),
        files=files,
        filters=filters,
        language=composing.language,
    )


def _school(
    composing: Composing, seen: Seen, query: Mapping[str, str]
) -> tuple[str, tuple[Choice, ...]]:
    """The school beside the kommune ("" for none), and the filter where there are several."""
    wording, own = composing.wording, composing.person.unit
    there = figures.in_order(
        seen, (group for group in seen.report.figures if group.kind == "skole"), own
    )
    names = [group.name for group in there]
    chosen = query.get("skole", "")
    if chosen != MAIN and chosen not in names:
        chosen = own if own in names else MAIN
    if not names:
        return "", ()
    options = ((MAIN, wording.say("collected_survey_main")), *((name, name) for name in names))
    label = wording.say("collected_survey_choose")
    filters = (Choice("skole", label, options, required=False, value=chosen),)
    return ("" if chosen == MAIN else chosen), filters


def _what(composing: Composing, seen: Seen) -> CardReply:
    """What the report is, how the gap is worked out, and what it is not for."""
    wording = composing.wording
    blocks = list(opening(composing, seen))
    keys = ["collected_survey_gap", "collected_survey_margin", "collected_survey_theme"]
    keys += ["collected_how_estimated", "collected_survey_use"]
    if not seen.round.unit:
        keys.append("collected_survey_reports")
    blocks += [Paragraph(wording.say(key)) for key in keys]
    links = [(wording.say("collected_to_round"), f"/side/runder/{seen.round.id}")]
    if readable_by(composing.session, composing.person, seen).counts:
        links.append((wording.say("collected_texts_link"), f"/side/tekster/{seen.round.id}"))
    blocks.append(PageLinks(tuple(links)))
    return CardReply(
        wording.say("collected_survey_what"), tuple(blocks), language=composing.language
    )


def _strengths(wording: Wording, seen: Seen, groups: Sequence[Group]) -> CardReply:
    blocks: list[Block] = [Paragraph(wording.say("files_strength_is"), "note")]
    for group in groups:
        name = group_name(wording, seen, group)
        found = [
            _strength(wording, seen, group, section, step)
            for section in seen.questions.section
            for step in section.step
            if is_strength(seen, group, step)
        ]
        if found:
            blocks += [Paragraph(name, "heading"), Items(tuple(found))]
        else:
            blocks.append(Paragraph(wording.say("collected_strengths_none", group=name)))
    title = wording.say("collected_strengths")
    return CardReply(title, tuple(blocks), language=wording.language)


def _strength(
    wording: Wording, seen: Seen, group: Group, section: QuestionSection, step: Step
) -> str:
    language = wording.language
    gap = gap_of(seen, group, step, step.heading(language))
    said = gaps.in_words(wording, gap) if gap else step.heading(language)
    return f"{section.named(language)} – {said}"


def _theme(
    wording: Wording, seen: Seen, groups: Sequence[Group], section: QuestionSection
) -> CardReply:
    """A theme with its definition: each group's picture, roles, experience, and what it's for."""
    language = wording.language
    blocks: list[Block] = []
    if section.defined(language):
        blocks.append(Paragraph(section.defined(language)))
    steps = [step for step in section.step if pair_of(step)]
    if not steps:
        return CardReply(section.named(language), language=language)
    for group in groups:
        blocks += _picture(wording, seen, group, steps)
    for kind in ("rolle", "erfaring"):
        blocks += _split(wording, seen, kind, steps)
    uses = (
        ("collected_used_for", in_language(language, section.used_for, section.used_for_nn)),
        (
            "collected_not_used_for",
            in_language(language, section.not_used_for, section.not_used_for_nn),
        ),
    )
    facts = tuple((wording.say(key), text) for key, text in uses if text)
    blocks += [Facts(facts)] if facts else []
    return CardReply(section.named(language), tuple(blocks), language=language)


def _picture(wording: Wording, seen: Seen, group: Group, steps: Sequence[Step]) -> Iterator[Block]:
    """The points of both scales in each sub-theme, and the theme as a whole, with the numbers."""
    rows: list[ChartRow] = []
    said: list[str] = []
    found: list[Gap] = []
    for step in steps:
        name = _named(wording, step)
        gap = gap_of(seen, group, step, name)
        if gap is None:
            hidden = wording.say("collected_not_shown")
            rows.append(ChartRow(name, note=hidden))
            said.append(f"{name}: {hidden}")
        else:
            found.append(gap)
            rows.append(gaps.chart_row(wording, gap))
            said.append(gaps.in_words(wording, gap))
    whole = gap_of_theme(wording.say("collected_gap_whole"), found)
    if whole is not None:
        found.append(whole)
        rows.append(gaps.chart_row(wording, whole))
        said.append(gaps.in_words(wording, whole))
    title = wording.say("collected_gap_title", group=group_name(wording, seen, group))
    why = figures.withheld(wording, seen.report.smallest)
    if not found:
        yield Paragraph(f"{title}. {why}")
        return
    hides = any(row.note for row in rows)
    said += [why] if hides else []
    yield Chart("points", title, charts.alt(title, said), tuple(rows))
    columns = tuple(str(one) for one in wording.many("collected_gap_columns"))
    yield Table(columns, tuple(gaps.cells(wording, gap) for gap in found))
    if hides:
        yield Paragraph(why, "note")


def _split(wording: Wording, seen: Seen, kind: str, steps: Sequence[Step]) -> Iterator[Block]:
    """A table of the gaps by role or experience, of the whole; nothing where no group is shown."""
    groups = figures.in_order(seen, (group for group in seen.report.figures if group.kind == kind))
    hidden = wording.say("collected_hidden")
    rows = [
        (
            _named(wording, step),
            *(
                gaps.apart(gap) if (gap := gap_of(seen, group, step, "")) else hidden
                for group in groups
            ),
        )
        for step in steps
    ]
    every = [cell for row in rows for cell in row[1:]]
    if set(every) <= {hidden}:
        return
    names = dict(wording.many("collected_gap_kinds"))
    yield Paragraph(wording.say("collected_gap_split", kind=names[kind]), "heading")
    columns = (
        str(wording.many("collected_gap_columns")[0]),
        *(group_name(wording, seen, group) for group in groups),
    )
    yield Table(columns, tuple(rows))
    if hidden in every:
        why = figures.withheld(wording, seen.report.smallest)
        yield Paragraph(f"{hidden} {why}", "note")


def _named(wording: Wording, step: Step) -> str:
    name = step.heading(wording.language)
    return wording.say("collected_survey_example", name=name) if step.example else name


PAGES: dict[str, Paged] = {"undersokelse": survey_page}
