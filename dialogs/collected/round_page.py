"""The rounds on the page, and one of them: distributions, means, change since last time.

"runder" is the list; "runder/<id>" is one, with a section for each question. A survey has many
questions, and shows those of one theme at a time.
"""

from collections.abc import Iterator, Mapping

from dialogs.access import is_school_owner
from dialogs.checkins.round_card import may_answer, may_see, round_card
from dialogs.checkins.round_list import MOST_CLOSED, list_card
from dialogs.checkins.round_words import round_facts, round_line, title_in, who_sees
from dialogs.collected import charts, figures
from dialogs.collected.follow_up_told import blocks_for, told_to
from dialogs.collected.menu import menu_for, rounds_trail, trail_for
from dialogs.collected.picture import acting_buttons
from dialogs.collected.results import (
    Seen,
    readable_by,
    rounds_seen_by,
    seen_before,
    seen_by,
)
from dialogs.context import Composing, Paged
from dialogs.messages import (
    Block,
    CardReply,
    Choice,
    Facts,
    Items,
    Page,
    PageLinks,
    Paragraph,
)
from dialogs.question_set import Question
from dialogs.reports import Group
from dialogs.wording import Wording
from storage.rounds import find_round

MOST_AT_ONCE = 6  # questions on a page; of more, those of one theme are shown


def _rounds(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    if not rest:
        return rounds_page(composing)
    seen = seen_by(composing.session, composing.person, rest)
    if seen is not None:
        return round_page(composing, seen, query)
    return _without_result(composing, rest)


def rounds_page(composing: Composing) -> Page:
    """All rounds that the person knows of: the card of the chat, and those that don't fit on it."""
    wording, person = composing.wording, composing.person
    seen = rounds_seen_by(composing.session, person)
    asked = [one for one in seen if one.month is None]
    unasked = [one for one in seen if one.month is not None]
    cards = [list_card(composing, person)]
    for title, found in (
        ("collected_older", asked[MOST_CLOSED:]),
        ("collected_unasked", unasked),
    ):
        if found:
            links = tuple((round_line(composing, one), f"/side/runder/{one.id}") for one in found)
            cards.append(
                CardReply(wording.say(title), (PageLinks(links),), language=composing.language)
            )
    return Page(
        wording.say("collected_menu_rounds"),
        tuple(cards),
        menu=menu_for(wording, person),
        trail=trail_for(wording),
        language=composing.language,
    )


def _without_result(composing: Composing, id: str) -> Page | None:
    """A round that is planned or open, to those who know of it: its card."""
    person = composing.person
    round = find_round(composing.session, id)
    if round is None or not may_see(composing, person, round):
        return None
    # The card's button for answering belongs in the chat.
    answers = may_answer(composing, person, round)
    said = [Paragraph(composing.wording.say("collected_answer_in_chat"))] if answers else []
    return Page(
        title_in(composing.language, round),
        (round_card(composing, person, round, said),),
        menu=menu_for(composing.wording, person),
        trail=rounds_trail(composing.wording),
        language=composing.language,
    )


# One that is closed


def round_page(composing: Composing, seen: Seen, query: Mapping[str, str]) -> Page:
    """The result of a round, as the person may see it."""
    wording, language = composing.wording, composing.language
    section, filters = _section_wanted(composing, seen, query)
    asked = [one for one in seen.questions.questions(language) if section in ("", one.section)]
    before = seen_before(composing.session, composing.person, seen)
    cards = [_about(composing, seen)]
    cards += [question_section(composing, seen, before, one) for one in asked]
    cards += [*_told(composing, seen), _who_sees(composing, seen)]
    cards += _how_to_read(composing, asked)
    return Page(
        title_in(language, seen.round),
        tuple(cards),
        menu=menu_for(wording, composing.person),
        trail=rounds_trail(wording),
        files=files_of("runder", wording, seen),
        filters=filters,
        language=language,
    )


def files_of(first: str, wording: Wording, seen: Seen) -> tuple[tuple[str, str], ...]:
    """What can be downloaded of a result."""
    path = f"/side/fil/{first}/{seen.round.id}"
    kinds = (("collected_excel", "xlsx"), ("collected_csv", "csv"), ("collected_word", "docx"))
    return tuple((wording.say(key), f"{path}.{ending}") for key, ending in kinds)


def _section_wanted(
    composing: Composing, seen: Seen, query: Mapping[str, str]
) -> tuple[str, tuple[Choice, ...]]:
    """The theme to show, "" for all, and the filter that chooses it."""
    counted = seen.questions.questions(composing.language)
    there = dict.fromkeys(one.section for one in counted)
    if len(counted) <= MOST_AT_ONCE or len(there) == 1:
        return "", ()
    chosen = query.get("tema", "")
    chosen = chosen if chosen in there else next(iter(there))
    options = tuple(
        (one.id, one.named(composing.language)) for one in seen.questions.section if one.id in there
    )
    label = composing.wording.say("collected_section")
    return chosen, (Choice("tema", label, options, required=False, value=chosen),)


def opening(composing: Composing, seen: Seen) -> Iterator[Block]:
    """What the round was for, who was asked, when, and how many answered."""
    wording = composing.wording
    yield round_facts(composing, seen.round)
    if rates := figures.rates(wording, seen, composing.person.unit):
        yield Paragraph(wording.say("collected_answered"), "heading")
        yield Facts(rates)


def _about(composing: Composing, seen: Seen) -> CardReply:
    wording, person = composing.wording, composing.person
    blocks = list(opening(composing, seen))
    links = []
    readable = readable_by(composing.session, person, seen)
    if readable.counts:
        links.append((wording.say("collected_texts_link"), f"/side/tekster/{seen.round.id}"))
    if seen.questions.visibility == "navngitt" and is_school_owner(person):
        links.append((wording.say("collected_named_link"), f"/side/navngitt/{seen.round.id}"))
    if any(step.kind == "two_scales" for step in seen.questions.steps()):
        survey = f"/side/undersokelse/{seen.round.id}"
        links.append((wording.say("collected_survey_link"), survey))
    if links:
        blocks.append(PageLinks(tuple(links)))
    return CardReply(
        wording.say("collected_round_about"),
        tuple(blocks),
        tuple(acting_buttons(wording, person, seen)),
        composing.language,
    )


def question_section(
    composing: Composing, seen: Seen, before: Seen | None, question: Question
) -> CardReply:
    """One question: in every group the person sees, with the means, and the change since last."""
    wording, person = composing.wording, composing.person
    there = [group for group, by in seen.report.figures.items() if question.id in by]
    groups = figures.in_order(seen, there, person.unit)
    blocks: list[Block] = []
    if said := figures.ends(wording, question):
        blocks.append(Paragraph(said, "note"))
    chart = charts.shares(wording, seen, question, groups)
    if any(row.parts for row in chart.rows):
        blocks.append(chart)
    if not chart.rows or any(row.note for row in chart.rows):
        blocks.append(Paragraph(figures.withheld(wording, seen.report.smallest), "note"))
    if means := charts.means(wording, seen, question, groups):
        blocks.append(means)
    if before is not None:
        blocks += _change(composing, before, seen, question)
    return CardReply(question.text, tuple(blocks), language=composing.language)


def _change(composing: Composing, before: Seen, seen: Seen, question: Question) -> Iterator[Block]:
    if not question.ordered:
        return
    wording, own = composing.wording, Group("skole", composing.person.unit)
    if not charts.comparable(before, seen, question):
        yield Paragraph(wording.say("collected_not_comparable"), "note")
        return
    chart = charts.change(wording, before, seen, question, (Group("kommune"), own))
    if chart is not None:
        month = charts.month(wording, before.round.opens)
        yield Paragraph(wording.say("collected_change_title"), "heading")
        yield Paragraph(wording.say("collected_before", month=month), "note")
        yield chart
        # The first line of the words is the title, which stands above.
        yield Items(tuple(chart.alt.splitlines()[1:]))


def _told(composing: Composing, seen: Seen) -> Iterator[CardReply]:
    """What was heard and what is done, as it was told to those who were asked."""
    session, person, round = composing.session, composing.person, seen.round
    units = dict.fromkeys(one.unit for one in told_to(session, person, round.id))
    blocks = [block for unit in units for block in blocks_for(composing, round, unit)]
    if blocks:
        title = composing.wording.say("collected_done")
        yield CardReply(title, tuple(blocks), language=composing.language)


def _who_sees(composing: Composing, seen: Seen) -> CardReply:
    """What those who were asked were told before they answered, and why some numbers are merged."""
    wording, round = composing.wording, seen.round
    smallest = seen.report.smallest
    blocks: list[Block] = [
        Paragraph(who_sees(wording, seen.questions, round.unit, smallest)),
        Paragraph(wording.say("collected_smallest", smallest=smallest)),
    ]
    if seen.sharing and is_school_owner(composing.person):
        names = ", ".join(figures.alphabetical(seen.sharing))
        blocks.append(Facts(((wording.say("collected_sharing"), names),)))
    return CardReply(wording.say("collected_sees"), tuple(blocks), language=composing.language)


def _how_to_read(composing: Composing, asked: list[Question]) -> Iterator[CardReply]:
    if any(one.ordered for one in asked):
        wording = composing.wording
        said = ("collected_how_mean", "collected_how_estimated")
        blocks = tuple(Paragraph(wording.say(key)) for key in said)
        yield CardReply(wording.say("collected_how"), blocks, language=composing.language)


PAGES: dict[str, Paged] = {"runder": _rounds}
