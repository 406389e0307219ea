"""What one sees of a round -> a workbook: every number in a row of its own, to calculate with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from dialogs.checkins.round_words import title_in
from dialogs.collected import figures
from dialogs.collected.figures import group_name
from dialogs.collected.results import Seen
from dialogs.context import OSLO
from dialogs.meetings.audience import audience_text
from dialogs.messages import Sheet, Workbook
from dialogs.question_set import Question
from dialogs.reports import Figure, Group
from dialogs.wording import Wording
from storage.ballots import Text
from storage.rounds import Round

HIDDEN = ":"  # stands for a number that isn't shown, as in the statistics of others

Row = tuple[str | int | float | date | None, ...]


def workbook_of(
    wording: Wording, seen: Seen, texts: Mapping[str, Sequence[Text]], groups: Sequence[Group]
) -> Workbook:
    """The answers, the means, the response rates, what was asked, and the texts one may read."""
    sheets = [_answers(wording, seen, groups), _means(wording, seen, groups)]
    sheets += [_rates(wording, seen, groups), _about(wording, seen)]
    if texts:
        sheets.append(_texts(wording, seen, texts))
    sheets = [sheet for number, sheet in enumerate(sheets) if sheet.rows or number == 0]
    return Workbook(title_in(wording.language, seen.round), tuple(sheets), wording.language)


def first_and_last(round: Round) -> tuple[date, date]:
    """The days on which a closed round could be answered."""
    over = min(round.closes, round.closed_at or round.closes) - timedelta(seconds=1)
    first = round.opens.astimezone(OSLO).date()
    return first, max(first, over.astimezone(OSLO).date())


def facts_of(wording: Wording, seen: Seen) -> Iterator[tuple[str, str]]:
    """What one must know to read the numbers: (label, value)."""
    round, language = seen.round, wording.language
    first, last = first_and_last(round)
    yield wording.say("files_what"), seen.questions.named(language)
    if round.purpose:
        yield wording.say("files_purpose"), round.purpose
    yield wording.say("files_days"), f"{first:%d.%m.%Y}–{last:%d.%m.%Y}"
    yield wording.say("files_asked"), ", ".join(audience_text(wording, round.audience).split("\n"))
    yield wording.say("files_smallest"), wording.say("files_people", count=seen.report.smallest)
    yield wording.say("files_source"), seen.questions.source


def kind_of(wording: Wording, seen: Seen, group: Group) -> str:
    """«Kommune», «Skole» …: the whole of a school's own round is the school."""
    names: dict[str, str] = dict(wording.many("files_kinds"))
    return names["skole" if group.kind == "kommune" and seen.round.unit else group.kind]


def _each(
    seen: Seen, groups: Iterable[Group], questions: Iterable[Question]
) -> Iterator[tuple[Group, Question, Figure]]:
    asked = list(questions)
    for group in groups:
        for question in asked:
            figure = figures.figure_of(seen, group, question.id)
            if figure is not None:
                yield group, question, figure


def _answers(wording: Wording, seen: Seen, groups: Sequence[Group]) -> Sheet:
    sections = {one.id: one.named(wording.language) for one in seen.questions.section}
    rows: list[Row] = []
    for group, question, figure in _each(seen, groups, seen.questions.questions(wording.language)):
        name = group_name(wording, seen, group)
        what = (kind_of(wording, seen, group), name, sections[question.section], question.text)
        if not figures.is_shown(figure):
            rows.append((*what, None, None, None, HIDDEN, HIDDEN, HIDDEN))
        for cell in figure.cells:
            share = round(100 * cell.count / figure.people, 1) if figure.people else None
            answer = " / ".join(question.categories[cell.first - 1 : cell.last])
            counted = (cell.first, cell.last, cell.count, share, figure.people)
            rows.append((*what, answer, *counted))
    return Sheet(
        wording.say("files_answers"),
        tuple(wording.many("files_answers_columns")),
        tuple(rows),
        _notes(wording, rows),
    )


def _means(wording: Wording, seen: Seen, groups: Sequence[Group]) -> Sheet:
    ordered = [one for one in seen.questions.questions(wording.language) if one.ordered]
    rows: list[Row] = []
    for group, question, figure in _each(seen, groups, ordered):
        what = (kind_of(wording, seen, group), group_name(wording, seen, group), question.text)
        if figures.is_shown(figure):
            estimated = wording.say("files_yes") if figure.estimated else None
            numbers = (figure.people, figure.mean, figure.margin, figure.spread, estimated)
            rows.append((*what, *numbers))
        else:
            rows.append((*what, HIDDEN, HIDDEN, HIDDEN, HIDDEN, None))
    notes = (wording.say("files_margin"), wording.say("files_estimated"))
    return Sheet(
        wording.say("files_means"),
        tuple(wording.many("files_means_columns")),
        tuple(rows),
        (*notes, *_notes(wording, rows)),
    )


def _rates(wording: Wording, seen: Seen, groups: Sequence[Group]) -> Sheet:
    shown = [group for group in groups if group in seen.report.rates]
    rows = tuple(
        (kind_of(wording, seen, one), group_name(wording, seen, one), seen.report.rates[one])
        for one in shown
    )
    columns = tuple(wording.many("files_rates_columns"))
    return Sheet(wording.say("files_rates"), columns, rows, (wording.say("files_rates_note"),))


def _about(wording: Wording, seen: Seen) -> Sheet:
    language = wording.language
    rows: list[Row] = list(facts_of(wording, seen))
    rows.append((wording.say("files_about_set"), seen.questions.described(language)))
    for section in seen.questions.section:
        nynorsk = language == "nn"
        for label, text in (
            ("files_definition", section.defined(language)),
            ("files_used_for", section.used_for_nn if nynorsk else section.used_for),
            ("files_not_used_for", section.not_used_for_nn if nynorsk else section.not_used_for),
        ):
            if text:
                rows.append((f"{section.named(language)}: {wording.say(label)}", text))
    columns = tuple(wording.many("files_about_columns"))
    return Sheet(wording.say("files_about"), columns, tuple(rows))


def _texts(wording: Wording, seen: Seen, texts: Mapping[str, Sequence[Text]]) -> Sheet:
    rows = tuple(
        (step.heading(wording.language), one.text, one.unit or None, ", ".join(one.themes) or None)
        for step in seen.questions.texts()
        for one in texts.get(step.id, ())
    )
    columns = tuple(wording.many("files_texts_columns"))
    return Sheet(wording.say("files_texts"), columns, rows, (wording.say("files_texts_note"),))


def _notes(wording: Wording, rows: Iterable[Row]) -> tuple[str, ...]:
    if not any(HIDDEN in row for row in rows):
        return ()
    return (wording.say("files_hidden", sign=HIDDEN),)
