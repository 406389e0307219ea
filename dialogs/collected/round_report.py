"""What one sees of a round -> a report in Word: every question with its numbers, and the texts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from dialogs.checkins.round_words import title_in
from dialogs.collected import figures
from dialogs.collected.figures import group_name
from dialogs.collected.results import Seen
from dialogs.collected.round_sheets import facts_of, first_and_last
from dialogs.messages import Block, Facts, Items, Paper, Paragraph, Table
from dialogs.question_set import Question, QuestionSection
from dialogs.reports import Figure, Group
from dialogs.wording import Wording
from storage.ballots import Text


def paper_of(
    wording: Wording, seen: Seen, texts: Mapping[str, Sequence[Text]], groups: Sequence[Group]
) -> Paper:
    """The report of a round, of these groups."""
    blocks: list[Block] = [*opening(wording, seen, groups)]
    for section in seen.questions.section:
        blocks += section_blocks(wording, seen, section, groups)
    blocks += texts_blocks(wording, seen, texts)
    title = title_in(wording.language, seen.round)
    return Paper(title, tuple(blocks), byline(wording, seen), language=wording.language)


def byline(wording: Wording, seen: Seen) -> str:
    """Of whom and of which days."""
    first, last = first_and_last(seen.round)
    whose = group_name(wording, seen, Group("kommune"))
    return f"{whose}, {first:%d.%m.%Y}–{last:%d.%m.%Y}"


def opening(wording: Wording, seen: Seen, groups: Sequence[Group]) -> Iterator[Block]:
    """What one must know to read the numbers, and how many answered."""
    yield Paragraph(wording.say("files_read_this"))
    yield Facts(tuple(facts_of(wording, seen)))
    shown = (figures.is_shown(one) for group in groups for one in _figures(seen, group))
    if not all(shown):
        hidden = wording.say("files_hidden", sign=wording.say("files_not_shown"))
        yield Paragraph(hidden, "note")
    rates = tuple(
        (group_name(wording, seen, one), figures.rate(wording, seen.report.rates[one]))
        for one in groups
        if one in seen.report.rates
    )
    if rates:
        yield Paragraph(wording.say("files_rates"), "heading")
        yield Facts(rates)


def _figures(seen: Seen, group: Group) -> Iterable[Figure]:
    return seen.report.figures.get(group, {}).values()


def section_blocks(
    wording: Wording, seen: Seen, section: QuestionSection, groups: Sequence[Group]
) -> Iterator[Block]:
    """A theme with its definition, its numbers, and what they are used for and not."""
    language = wording.language
    asked = [one for one in seen.questions.questions(language) if one.section == section.id]
    tables = [(one, _table(wording, seen, one, groups)) for one in asked]
    if not any(table for _, table in tables):
        return
    yield Paragraph(section.named(language), "heading")
    if section.defined(language):
        yield Paragraph(section.defined(language), "note")
    for question, table in tables:
        if table is not None:
            yield Paragraph(question.text)
            if ends := figures.ends(wording, question):
                yield Paragraph(ends, "note")
            yield table
    yield from use_blocks(wording, section)


def use_blocks(wording: Wording, section: QuestionSection) -> Iterator[Block]:
    """What the answers to a theme are used for, and what not."""
    nynorsk = wording.language == "nn"
    used = section.used_for_nn if nynorsk else section.used_for
    not_used = section.not_used_for_nn if nynorsk else section.not_used_for
    pairs = tuple(
        (wording.say(label), text)
        for label, text in (("files_used_for", used), ("files_not_used_for", not_used))
        if text
    )
    if pairs:
        yield Facts(pairs)


def texts_blocks(
    wording: Wording, seen: Seen, texts: Mapping[str, Sequence[Text]]
) -> Iterator[Block]:
    """What people wrote, by question, without names."""
    if not any(texts.values()):
        return
    yield Paragraph(wording.say("files_texts"), "heading")
    yield Paragraph(wording.say("files_texts_note"), "note")
    for step in seen.questions.texts():
        written = texts.get(step.id, ())
        if written:
            yield Paragraph(step.heading(wording.language))
            yield Items(tuple(_text(one) for one in written))


def _text(one: Text) -> str:
    return f"{one.text} ({one.unit})" if one.unit else one.text


def _table(
    wording: Wording, seen: Seen, question: Question, groups: Sequence[Group]
) -> Table | None:
    rows = []
    for group in groups:
        figure = figures.figure_of(seen, group, question.id)
        if figure is None:
            continue
        if figures.is_shown(figure):
            said = figures.distribution(wording, question, figure)
        else:
            said = wording.say("files_not_shown")
        row = (group_name(wording, seen, group), said)
        rows.append((*row, figures.mean(wording, figure)) if question.ordered else row)
    columns = tuple(wording.many("files_report_columns"))
    return Table(columns if question.ordered else columns[:2], tuple(rows)) if rows else None
