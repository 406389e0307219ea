"""The front page: what is waiting for the person, the rounds, and where else to go."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from dialogs.access import is_school_owner
from dialogs.checkins.ballot_form import is_done
from dialogs.checkins.round_card import concerns
from dialogs.checkins.round_list import list_card
from dialogs.checkins.round_planning import last_day
from dialogs.checkins.round_words import title_in
from dialogs.collected.menu import menu_for
from dialogs.collected.picture import acts_for
from dialogs.collected.results import rounds_seen_by
from dialogs.context import Composing, Paged
from dialogs.meetings.meeting_card import day_text
from dialogs.messages import CardReply, Page, PageLinks, Paragraph
from dialogs.question_set_files import questions_of
from storage.follow_ups import follow_ups_of
from storage.rounds import list_rounds

TO_TALK_ABOUT = timedelta(days=60)  # after that, a result that nobody followed up waits no more
DUE_SOON = timedelta(days=14)
MOST_ROUNDS = 20  # whose measures are looked through


def overview_page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """What the person opens the page for."""
    if rest:
        return None
    wording, person = composing.wording, composing.person
    waiting = (*_to_answer(composing), *_to_follow_up(composing))
    block = PageLinks(waiting) if waiting else Paragraph(wording.say("collected_waiting_none"))
    cards = [
        CardReply(wording.say("collected_waiting"), (block,), language=composing.language),
        list_card(composing, person),
    ]
    if links := tuple(_links(composing)):
        title = wording.say("collected_see_also")
        cards.append(CardReply(title, (PageLinks(links),), language=composing.language))
    return Page(
        wording.say("collected_menu"),
        tuple(cards),
        menu=menu_for(wording, person),
        language=composing.language,
    )


def _to_answer(composing: Composing) -> Iterator[tuple[str, str]]:
    """The open rounds that the person is asked in and has not answered."""
    session, person, now = composing.session, composing.person, composing.now
    for round in list_rounds(session, since=now):
        if not round.is_open(now) or round.month is not None:
            continue
        if concerns(composing, person, round) and not is_done(session, round, person):
            day = day_text(composing.wording, last_day(round), composing.today)
            title = title_in(composing.language, round)
            said = composing.wording.say("collected_waiting_answer", title=title, day=day)
            yield said, f"/side/runder/{round.id}"


def _to_follow_up(composing: Composing) -> Iterator[tuple[str, str]]:
    """Results that nobody has said anything of, and measures whose deadline is near or past."""
    session, person, wording = composing.session, composing.person, composing.wording
    if not (is_school_owner(person) or person.role == "rektor"):
        return
    for round in rounds_seen_by(session, person)[:MOST_ROUNDS]:
        unit = acts_for(person, round, questions_of(round.asked).finest)
        if unit is None:
            continue
        title, path = title_in(composing.language, round), f"/side/oppfolging/{round.id}"
        measures = follow_ups_of(session, round.id, [unit])
        closed = round.closed_at or round.closes
        if not measures and round.month is None and closed > composing.now - TO_TALK_ABOUT:
            yield wording.say("collected_waiting_talk", title=title), path
        for one in measures:
            if one.deadline is None or one.effect:
                continue
            if one.deadline > composing.today + DUE_SOON:
                continue
            late = one.deadline < composing.today
            key = "collected_waiting_late" if late else "collected_waiting_follow_up"
            day = day_text(wording, one.deadline, composing.today)
            yield wording.say(key, day=day, measure=one.measure, title=title), path


def _links(composing: Composing) -> Iterator[tuple[str, str]]:
    """What the menu has no room for."""
    if is_school_owner(composing.person):
        yield composing.wording.say("collected_process_link"), "/side/prosess"
        yield composing.wording.say("collected_named_list"), "/side/navngitt"
        yield composing.wording.say("collected_yearly_link"), "/side/arsmelding"


PAGES: dict[str, Paged] = {"": overview_page}
