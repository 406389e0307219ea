"""A round in words: its title, its days, who sees what, and what it asks."""

from collections.abc import Iterator, Mapping

from dialogs.checkins.round_planning import first_day, last_day
from dialogs.context import Composing, Context
from dialogs.meetings.audience import audience_text
from dialogs.meetings.meeting_card import day_text
from dialogs.messages import Block, Facts, Items, Language, Paragraph
from dialogs.question_set import QuestionSet
from dialogs.question_set_files import questions_of
from dialogs.wording import Wording
from storage.rounds import Round

Writing = Context | Composing

# The name of each rhythm in words.
REPEATS: Mapping[str, str] = {
    "måned": "rounds_repeat_month",
    "halvår": "rounds_repeat_half",
    "år": "rounds_repeat_year",
}


def title_in(language: Language, round: Round) -> str:
    """The round's title; the question set's own in the reader's language when it is the same."""
    questions = questions_of(round.asked)
    if round.title in ("", questions.title):
        return questions.named(language)
    return round.title


def days_text(writing: Writing, round: Round) -> str:
    """«mandag 7. – fredag 11. desember»: the first and the last day to answer."""
    first, last = first_day(round), last_day(round)
    if first == last:
        return day_text(writing.wording, first, writing.today)
    return " – ".join(day_text(writing.wording, day, writing.today) for day in (first, last))


def round_line(writing: Writing, round: Round) -> str:
    """The round on one line, in lists and choices."""
    line = f"{title_in(writing.language, round)}: {days_text(writing, round)}"
    return f"{line} ({round.unit})" if round.unit else line


def who_sees(wording: Wording, questions: QuestionSet, unit: str, smallest: int) -> str:
    """Who sees what of the answers, as those read it who are asked."""
    if questions.visibility == "navngitt":
        return wording.say("round_who_named")
    if unit:
        said = wording.say("round_who_school", unit=unit, smallest=smallest)
        reads = wording.say("round_reads_school", unit=unit, smallest=smallest)
    else:
        said = wording.say(f"round_who_{questions.finest}", smallest=smallest)
        reads = wording.say(f"round_reads_{questions.finest}", smallest=smallest)
    return f"{said} {reads}" if questions.texts() else said


def round_facts(writing: Writing, round: Round) -> Facts:
    """When, for whom, why, by whom, and when it was discussed."""
    wording = writing.wording
    pairs = [
        (wording.say("rounds_days"), days_text(writing, round)),
        (wording.say("rounds_for"), audience_text(wording, round.audience).replace("\n", " + ")),
    ]
    if round.purpose:
        pairs.append((wording.say("rounds_purpose"), round.purpose))
    if round.created_by_name:
        pairs.append((wording.say("rounds_asked_by"), round.created_by_name))
    if round.discussed_on is not None:
        day = day_text(wording, round.discussed_on, writing.today)
        pairs.append((wording.say("rounds_discussed"), day))
    if round.repeat:
        pairs.append((wording.say("rounds_repeat"), wording.say(REPEATS[round.repeat])))
    return Facts(tuple(pairs))


def question_blocks(wording: Wording, questions: QuestionSet) -> Iterator[Block]:
    """All that is asked, by theme."""
    language = wording.language
    asked = [step.asked(language) for step in questions.background]
    if asked:
        yield Items(tuple(asked))
    several = len(questions.section) > 1
    for section in questions.section:
        if several:
            yield Paragraph(section.named(language), "heading")
            if about := section.defined(language):
                yield Paragraph(about, "note")
        yield Items(tuple(step.asked(language) for step in section.step))
    # The two scales are the same for every theme: told once.
    pairs = {(scale.text, scale.text_nn) for step in questions.steps() for scale in step.scales}
    if pairs:
        index = 1 if language == "nn" else 0
        yield Paragraph(wording.say("rounds_each_theme"), "heading")
        yield Items(tuple(sorted(pair[index] for pair in pairs)))
