"""What is told of questions that are handed over: to the fagrådgivere, and to who asked.

Everybody hears in their own chat, in working hours. New questions within an hour are one message to
a fagrådgiver, and it shows what is new when it is sent. When one of them takes a question, the
cards of the others are changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from dialogs.context import OSLO, Composing, Noticed
from dialogs.handovers.advisers import advisers_but, is_adviser
from dialogs.handovers.lines import (
    LONGEST_TITLE,
    Where,
    asked_blocks,
    first_words,
    line,
)
from dialogs.handovers.own_card import own_card
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Block, Button, CardReply, Choice, Items, Paragraph, Reply
from dialogs.notices import Later
from dialogs.pressed import id_in
from storage.database import Session
from storage.handovers import Handover, find_handover, handovers_in, handovers_of
from storage.outbox import Queued, lock_waiting, queue, queue_all, rows_of_person
from storage.people import RegisteredPerson
from storage.shared import cards_about

NEW, MINE, ANSWERED, CARD = (
    "handover_new",
    "handover_yours",
    "handover_answered",
    "handover_card",
)
BETWEEN = timedelta(hours=1)  # two messages about new questions to the same fagrådgiver
SHORT_WHILE = timedelta(minutes=5)
WORTH_SENDING = timedelta(days=14)
CARDS_CHANGED_FOR = 14  # days back; older cards say who has taken it when they are pressed
MOST_LISTED = 10
MOST_TAKEN_LISTED = 5


# Queueing


def tell_new(
    session: Session, sending: SendingTimes, handover: Handover, now: datetime, but: str = ""
) -> None:
    """See that every fagrådgiver (but the one with this key) hears that there is a new question."""
    told = [one for one in advisers_but(session, handover.asker) if one.key != but]
    # What waits shows this question too: it can't be sent before we are done.
    waiting = lock_waiting(session, [one.key for one in told], NEW)
    messages = []
    for person in told:
        if person.key in waiting:
            continue
        before = [row.due for row in rows_of_person(session, person.key, [NEW])]
        due = max([now + SHORT_WHILE, *(one + BETWEEN for one in before)])
        # Two who ask at the same moment come to the same time, and so to one message.
        due = sending.next(due - timedelta(minutes=due.minute % 5, seconds=due.second))
        due = due.replace(microsecond=0)
        messages.append(
            Queued(
                person=person.key,
                reason=NEW,
                occasion=due.isoformat(),
                about={},
                due=due,
                latest=due + WORTH_SENDING,
                subject="handovers",
            )
        )
    queue_all(session, messages)


def tell_adviser(
    session: Session, sending: SendingTimes, handover: Handover, now: datetime
) -> None:
    """Tell the one it is assigned to that it is passed on to them, or goes on."""
    _tell(session, sending, handover, now, handover.assigned, MINE)


def tell_asker(session: Session, sending: SendingTimes, handover: Handover, now: datetime) -> None:
    """Tell who asked that there is an answer."""
    _tell(session, sending, handover, now, handover.asker, ANSWERED)


def change_cards(session: Session, handover: Handover, now: datetime) -> None:
    """Queue a change of the cards that may show the question as new, by its new revision."""
    last = now.astimezone(OSLO).date()
    first = max(handover.at.astimezone(OSLO).date(), last - timedelta(days=CARDS_CHANGED_FOR))
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for conversation, activity in cards_about(session, f"handovers:{day.isoformat()}"):
            queue(
                session,
                person="",
                reason=CARD,
                occasion=f"{conversation} {activity} {handover.id} {handover.revision}",
                about={},
                due=now,
                latest=now + timedelta(days=7),
                conversation=conversation,
                replaces=activity,
            )


def empty_cards(session: Session, person: RegisteredPerson, now: datetime) -> None:
    """Change the cards that may show words of this person's questions; they are to be deleted."""
    for handover in handovers_of(session, person.key):
        if handover.is_open:
            # By a revision that it never gets: the cards may be changed for its last one already.
            change_cards(session, replace(handover, revision=handover.revision + 1), now)


def _tell(
    session: Session,
    sending: SendingTimes,
    handover: Handover,
    now: datetime,
    person: str,
    reason: str,
) -> None:
    due = sending.next(now)
    queue(
        session,
        person=person,
        reason=reason,
        occasion=f"{handover.id}:{handover.revision}",
        about={"handover": handover.id, "revision": handover.revision},
        due=due,
        latest=due + WORTH_SENDING,
        subject=f"handover:{handover.id}",
    )


# Composing


def new_notice(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """To a fagrådgiver: what is new now; None when somebody has taken it all."""
    new = new_for(composing)
    if not new or not is_adviser(composing.session, composing.person):
        return None
    return composing.later or _new_card(composing, new)


def changed_card(composing: Composing, about: Mapping[str, Any]) -> Reply | None:
    """What the card of a fagrådgiver is changed to."""
    if is_adviser(composing.session, composing.person):
        return _new_card(composing, new_for(composing))
    wording = composing.wording
    said = Paragraph(wording.say("handover_not_adviser"))
    return CardReply(wording.say("handover_desk_title"), (said,), (), composing.language)


def adviser_notice(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """To the fagrådgiver it is assigned to: it was passed on, or the asker wonders still."""
    handover = _as_it_was(composing, about)
    if handover is None or handover.assigned != composing.person.key:
        return None
    if not is_adviser(composing.session, composing.person):
        return None
    wording = composing.wording
    why = "handover_goes_on" if handover.answer else "handover_passed_to_you"
    value = {"verb": "handover_open", "handover": handover.id}
    write = Button(wording.say("handover_write_answer"), value, weight="main")
    return composing.later or CardReply(
        wording.say(f"{why}_title"),
        (Paragraph(wording.say(why)), *asked_blocks(composing, handover)),
        (write, desk_button(composing)),
        composing.language,
    )


def asker_notice(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """To who asked: the answer, and by whom."""
    handover = _as_it_was(composing, about)
    if handover is None or handover.asker != composing.person.key or handover.state != "besvart":
        return None
    return composing.later or own_card(composing, handover)


def new_for(where: Where) -> list[Handover]:
    """The questions that nobody has taken, but the reader's own, the oldest first."""
    reader = where.person.key if where.person else ""
    return [one for one in handovers_in(where.session, "ny") if one.asker != reader]


def desk_button(where: Where) -> Button:
    title = where.wording.say("handover_see_all")
    return Button(title, {"verb": "handover_desk"}, sends_inputs=False)


def choice_of(where: Where, handovers: Sequence[Handover], label: str) -> Choice:
    """One of several questions, as an input."""
    options = tuple((one.id, _option(one)) for one in handovers)
    wording = where.wording
    wrong = wording.say("handover_choose_error")
    return Choice("handover", wording.say(label), options, wrong, value=options[0][0])


def _option(handover: Handover) -> str:
    return f"{handover.asker_name}: {first_words(handover.question, LONGEST_TITLE)}"


def _new_card(where: Where, new: Sequence[Handover]) -> CardReply:
    """What is new; and, so that nobody wonders where the rest went, who has taken what."""
    wording = where.wording
    listed, blocks = new[:MOST_LISTED], list[Block]()
    take: dict[str, Any] = {"verb": "handover_take"}
    if len(new) == 1:
        title = wording.say("handover_new_one")
        blocks += asked_blocks(where, new[0])
        take["handover"] = new[0].id
    elif new:
        title = wording.say("handover_new_many", count=len(new))
        blocks.append(Items(tuple(line(where, one) for one in listed)))
        blocks.append(choice_of(where, listed, "handover_choose"))
    else:
        title = wording.say("handover_new_none_title")
        blocks.append(Paragraph(wording.say("handover_new_none")))
    if len(new) > MOST_LISTED:
        more = wording.say("handover_more_new", count=len(new) - MOST_LISTED)
        blocks.append(Paragraph(more, "note"))
    taken = handovers_in(where.session, "tildelt")[-MOST_TAKEN_LISTED:]
    blocks += [Paragraph(taken_line(where, one), "note") for one in taken]
    buttons = [desk_button(where)]
    if new:
        # With several to choose from, the choice goes with the button.
        main = Button(wording.say("handover_take"), take, sends_inputs=len(new) > 1, weight="main")
        buttons.insert(0, main)
    about = f"handovers:{where.today.isoformat()}"
    return CardReply(title, tuple(blocks), tuple(buttons), where.language, about)


def taken_line(where: Where, handover: Handover) -> str:
    """Who has taken it, and what it was."""
    reader = where.person.key if where.person else ""
    key = "handover_taken_by_you" if handover.assigned == reader else "handover_taken_by"
    asked = first_words(handover.question, LONGEST_TITLE)
    return where.wording.say(key, name=handover.assigned_name, question=asked)


def _as_it_was(composing: Composing, about: Mapping[str, Any]) -> Handover | None:
    """The question, unless something has happened since that makes the message untrue."""
    handover = find_handover(composing.session, id_in(about, "handover"))
    if handover is None or handover.revision != about.get("revision"):
        return None
    return handover


NOTICES: dict[str, Noticed] = {
    NEW: new_notice,
    MINE: adviser_notice,
    ANSWERED: asker_notice,
    CARD: changed_card,
}
