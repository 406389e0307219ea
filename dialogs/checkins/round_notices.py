"""What is sent of a round: the questions beforehand, the invitation, one reminder, the result.

A message was planned when the round was made; whether it still is right to send is decided here,
from the round and the register as they are now.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dialogs.checkins.answer_card import invitation as invitation_card
from dialogs.checkins.ballot_form import is_done
from dialogs.checkins.round_audience import asked_people, is_staff, reaches_teachers
from dialogs.checkins.round_planning import (
    INVITATION,
    QUESTIONS,
    REMINDER,
    RESULT,
    last_day,
    subject_of,
)
from dialogs.checkins.round_words import question_blocks, round_facts, title_in, who_sees
from dialogs.collected.results import is_named, seen_by
from dialogs.context import Composing, Noticed
from dialogs.meetings.audience import is_for, read_register
from dialogs.meetings.meeting_card import day_text
from dialogs.messages import Block, Button, CardReply, PageLinks, Paragraph, Reply
from dialogs.notices import Later
from dialogs.question_set_files import questions_of
from storage.outbox import rows_of
from storage.preferences import preference
from storage.rounds import Round, find_round

PREFERENCE = "rounds"  # a yes or no to being reminded of rounds


def questions_beforehand(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """To a tillitsvalgt: what their colleagues will be asked, why, and who sees what."""
    round = _round(composing, about)
    if round is None or composing.now >= round.opens or not _represents(composing, round):
        return None
    if composing.later is not None:
        return composing.later
    wording, questions = composing.wording, questions_of(round.asked)
    blocks: list[Block] = [
        Paragraph(wording.say("rounds_beforehand_intro")),
        round_facts(composing, round),
        Paragraph(who_sees(wording, questions, round.unit, composing.smallest_group)),
        *question_blocks(wording, questions),
        Paragraph(wording.say("rounds_beforehand_next"), "note"),
    ]
    title = wording.say("rounds_beforehand_title", title=title_in(composing.language, round))
    return CardReply(title, tuple(blocks), (), composing.language)


def invitation(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """The questions to answer; None for who has answered, or isn't asked any more."""
    round = _to_answer(composing, about)
    if round is None:
        return None
    return composing.later or invitation_card(composing, round)


def reminder(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """The one reminder, to who was invited and has not answered and wants to be reminded."""
    round = _to_answer(composing, about)
    if round is None or not _was_invited(composing, round):
        return None
    if not preference(composing.session, composing.person.key, PREFERENCE, True):
        return None
    if composing.later is not None:
        return composing.later
    wording = composing.wording
    card = invitation_card(composing, round)
    day = day_text(wording, last_day(round), composing.today)
    said = Paragraph(wording.say("rounds_reminder", day=day))
    stop = {"verb": "round_reminders", "on": False}
    button = Button(wording.say("rounds_reminders_stop"), stop, sends_inputs=False)
    return replace(
        card,
        title=wording.say("rounds_reminder_title", title=card.title),
        blocks=(said, *card.blocks),
        buttons=(*card.buttons, button),
    )


def result(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """That the result is there, whose it is, and where it is read."""
    found = find_round(composing.session, str(about.get("round", "")))
    if found is None or found.closed_at is None or found.cancelled_at is not None:
        return None
    if seen_by(composing.session, composing.person, found.id) is None:
        return None
    if composing.later is not None:
        return composing.later
    wording, title = composing.wording, title_in(composing.language, found)
    at_school = is_staff(composing.person)
    own_school = at_school and (found.unit or questions_of(found.asked).finest == "skole")
    key = "rounds_result_school" if own_school else "rounds_result_kommune"
    path = f"/side/runder/{found.id}"
    if is_named(found):
        key, path = "rounds_result_named", f"/side/navngitt/{found.id}"
    blocks: list[Block] = [Paragraph(wording.say(key, unit=composing.person.unit))]
    if own_school and composing.person.role in ("rektor", "tillitsvalgt"):
        blocks.append(Paragraph(wording.say("rounds_result_together")))
    if not is_named(found):
        blocks.append(Paragraph(wording.say("rounds_result_read")))
    blocks.append(PageLinks(((wording.say("rounds_result_link"), path),)))
    return CardReply(
        wording.say("rounds_result_title", title=title),
        tuple(blocks),
        (),
        composing.language,
    )


def _round(composing: Composing, about: Mapping[str, Any]) -> Round | None:
    """The round of a message that can still be answered, or is to come."""
    found = find_round(composing.session, str(about.get("round", "")))
    over = found is None or found.cancelled_at is not None or found.closed_at is not None
    return None if over else found


def _to_answer(composing: Composing, about: Mapping[str, Any]) -> Round | None:
    """The round, if it is open, and something is awaited of the person."""
    round, person = _round(composing, about), composing.person
    if round is None or not round.is_open(composing.now) or not is_staff(person):
        return None
    if not is_for(composing.session, round.audience, person):
        return None
    return None if is_done(composing.session, round, person) else round


def _represents(composing: Composing, round: Round) -> bool:
    """Whether the person is tillitsvalgt where lærere are asked."""
    person = composing.person
    if person.role != "tillitsvalgt" or not reaches_teachers(round.audience):
        return False
    people = asked_people(round.audience, read_register(composing.session))
    return any(one.unit == person.unit for one in people)


def _was_invited(composing: Composing, round: Round) -> bool:
    """Whether the invitation came, or may have."""
    rows = rows_of(composing.session, subject_of(round.id), person=composing.person.key)
    return any(
        row.reason == INVITATION
        and (row.state in ("sendes", "sendt", "ukjent") or row.unknowns > 0)
        for row in rows
    )


NOTICES: dict[str, Noticed] = {
    QUESTIONS: questions_beforehand,
    INVITATION: invitation,
    REMINDER: reminder,
    RESULT: result,
}
