"""The leaders' official answers, with names, for the skoleeierteam; each reading is recorded."""

from collections.abc import Mapping

from dialogs import answers
from dialogs.access import is_school_owner
from dialogs.checkins.round_words import title_in
from dialogs.collected.menu import menu_for, rounds_trail
from dialogs.context import Composing, Paged
from dialogs.drafts import known_for
from dialogs.messages import CardReply, Facts, Page, PageLinks, Paragraph
from dialogs.question_set_files import questions_of
from dialogs.school_year import school_year
from storage.audit import record
from storage.ballots import Named, named_answers
from storage.drafts import Owner
from storage.rounds import Round, find_round, list_rounds

READ_NAMED = "navngitte svar"  # as it stands in the audit log


def page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """/side/navngitt is the closed rounds with names, /side/navngitt/<round> one of them."""
    if not is_school_owner(composing.person):
        return None
    if not rest:
        return _list_page(composing)
    round = find_round(composing.session, rest)
    if round is None or not _is_named(round):
        return None
    found = named_answers(composing.session, round.id)
    record(composing.session, composing.now, composing.person.key, READ_NAMED, f"round:{round.id}")
    wording = composing.wording
    said = [Paragraph(wording.say("named_intro"))]
    said += [] if found else [Paragraph(wording.say("named_no_answers"))]
    cards = [CardReply(wording.say("named_title"), tuple(said), (), composing.language)]
    cards += [_card(composing, round, one) for one in found]
    title = f"{wording.say('named_title')}: {title_in(composing.language, round)}"
    here = (wording.say("named_title"), "/side/navngitt")
    return _page(composing, title, tuple(cards), rounds_trail(wording, here))


def _list_page(composing: Composing) -> Page:
    wording = composing.wording
    links = tuple(
        (title_in(composing.language, one), f"/side/navngitt/{one.id}")
        for one in list_rounds(composing.session)
        if _is_named(one)
    )
    block = PageLinks(links) if links else Paragraph(wording.say("named_none"))
    intro = Paragraph(wording.say("named_intro"))
    card = CardReply(wording.say("named_rounds"), (intro, block), (), composing.language)
    return _page(composing, wording.say("named_title"), (card,), rounds_trail(wording))


def _card(composing: Composing, round: Round, one: Named) -> CardReply:
    """A school's answer; schools stand in alphabetical order."""
    language, questions = composing.language, questions_of(round.asked)
    known = known_for(
        composing.session,
        composing.library,
        composing.person,
        Owner("school", one.unit),
        year=school_year(composing.today),
        about="",
        today=composing.today,
        language=language,
    )
    pairs = tuple(
        (step.heading(language), answers.plain(step, one.answers.get(step.id), language, known))
        for step in questions.steps()
    )
    by = Paragraph(composing.wording.say("named_by", name=one.person_name), "note")
    return CardReply(one.unit, (Facts(pairs), by), (), language)


def _is_named(round: Round) -> bool:
    """A closed round whose answers are with names: until then they may be changed."""
    if round.cancelled_at is not None or round.closed_at is None:
        return False
    return questions_of(round.asked).visibility == "navngitt"


def _page(
    composing: Composing,
    title: str,
    cards: tuple[CardReply, ...],
    trail: tuple[tuple[str, str], ...],
) -> Page:
    menu = menu_for(composing.wording, composing.person)
    return Page(title, cards, menu=menu, trail=trail, language=composing.language)


PAGES: dict[str, Paged] = {"navngitt": page}
