"""One round as a card, and what those who started it can do: close, put off, cancel, stop.

What is irreversible asks once. Each button says which round it acts on, and pressing twice is
harmless.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dialogs.checkins import rounds
from dialogs.checkins.ballot_form import is_done
from dialogs.checkins.closing import invited_by_school
from dialogs.checkins.round_audience import (
    asked_people,
    is_staff,
    may_manage,
    reaches_teachers,
)
from dialogs.checkins.round_planning import last_day
from dialogs.checkins.round_rules import LONGEST_OPEN, Problem
from dialogs.checkins.round_words import (
    Writing,
    question_blocks,
    round_facts,
    title_in,
    who_sees,
)
from dialogs.collected.results import seen_by
from dialogs.context import Context, Pressed
from dialogs.dates import LONGEST as LONGEST_DATE
from dialogs.dates import read_date
from dialogs.meetings.audience import Register, is_for, read_register
from dialogs.meetings.meeting_card import day_text
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    DateInput,
    PageLinks,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.pressed import Handler, id_in, registered, text_in
from dialogs.question_set_files import questions_of
from dialogs.report_rates import LEAST_RATE, MOST_RATE
from dialogs.reports import Group, report_of
from storage.people import RegisteredPerson
from storage.rounds import Round, find_round

__all__ = ["PAGE_VERBS", "VERBS", "round_card"]


# Who sees the round itself; not its results


def concerns(writing: Writing, person: RegisteredPerson, round: Round) -> bool:
    """Whether the person is asked in the round, as the register is now."""
    return is_staff(person) and is_for(writing.session, round.audience, person)


def may_answer(writing: Writing, person: RegisteredPerson, round: Round) -> bool:
    """Whether an answer of this person is wanted now."""
    if not round.is_open(writing.now) or not concerns(writing, person, round):
        return False
    return not is_done(writing.session, round, person)


def represents(person: RegisteredPerson, round: Round, register: Register) -> bool:
    """Whether the person is tillitsvalgt at a school where lærere are asked."""
    if person.role != "tillitsvalgt" or not reaches_teachers(round.audience):
        return False
    return any(one.unit == person.unit for one in asked_people(round.audience, register))


def may_see(writing: Writing, person: RegisteredPerson, round: Round) -> bool:
    """Who may know of the round: who started it, who is asked, and the tillitsvalgte there.

    Those who are asked know of it when it opens.
    """
    if round.month is not None or round.cancelled_at is not None:
        return False
    if may_manage(person, round):
        return True
    if concerns(writing, person, round) and round.opens <= writing.now:
        return True
    return represents(person, round, read_register(writing.session))


# The card


def round_card(
    writing: Writing, person: RegisteredPerson, round: Round, said: Sequence[Block] = ()
) -> CardReply:
    """The round as it stands, with its questions, and what this person can do with it."""
    wording, now = writing.wording, writing.now
    questions, manages = questions_of(round.asked), may_manage(person, round)
    blocks: list[Block] = [
        *said,
        Paragraph(state_text(writing, round)),
        round_facts(writing, round),
    ]
    if manages and round.is_open(now) and (rate := rate_text(writing, round)):
        blocks.append(Paragraph(rate))
    blocks.append(
        Paragraph(who_sees(wording, questions, round.unit, writing.smallest_group), "note")
    )
    if round.closed_at is None:
        blocks += question_blocks(wording, questions)
    elif seen_by(writing.session, person, round.id) is not None:
        link = (wording.say("rounds_result_link"), f"/side/runder/{round.id}")
        blocks.append(PageLinks((link,)))
    buttons: list[Button] = []
    if may_answer(writing, person, round):
        answer = {"verb": "round_open", "round": round.id}
        buttons.append(
            Button(wording.say("rounds_answer"), answer, sends_inputs=False, weight="main")
        )
    if manages and round.closed_at is None and now < round.closes:
        buttons += _managing(writing, round)
    return CardReply(
        title_in(writing.language, round), tuple(blocks), tuple(buttons), writing.language
    )


def _managing(writing: Writing, round: Round) -> list[Button]:
    wording, which = writing.wording, {"round": round.id}
    verbs = ["round_later_ask", "round_cancel_ask"]
    if round.opens <= writing.now:
        verbs.insert(0, "round_close_ask")
    if round.repeat:
        verbs.append("round_stop_repeat")
    return [
        Button(wording.say(f"rounds_button_{verb}"), {"verb": verb, **which}, sends_inputs=False)
        for verb in verbs
    ]


def state_text(writing: Writing, round: Round) -> str:
    """Planned, open or closed, with the day that matters."""
    wording = writing.wording
    if round.closed_at is not None or writing.now >= round.closes:
        return wording.say("rounds_state_closed")
    if writing.now < round.opens:
        return wording.say("rounds_state_planned")
    day = day_text(wording, last_day(round), writing.today)
    return wording.say("rounds_state_open", day=day)


def rate_text(writing: Writing, round: Round) -> str:
    """How many of the kommune have answered an open round, in tens of per cent; "" for too few.

    Of a single school's round nothing is told while it is open: each answer would be seen to come.
    """
    if round.unit or round.month is not None:
        return ""
    invited = invited_by_school(writing.session, round)
    report = report_of([], [], invited, schools=False, smallest=writing.smallest_group)
    rate = report.rates.get(Group("kommune"))
    if rate is None:
        return ""
    ends = {LEAST_RATE: "rounds_rate_least", MOST_RATE: "rounds_rate_most"}
    return writing.wording.say(ends.get(rate, "rounds_rate"), rate=rate)


def show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The card of a round."""
    round = find_round(context.session, id_in(value, "round"))
    if round is None or not may_see(context, person, round):
        return [TextReply(context.wording.say("rounds_not_there"))]
    return [round_card(context, person, round)]


# Asking once


def close_ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Lukk nå»: what that means."""
    return _asked(context, person, value, "close")


def cancel_ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Avlys»: what that means."""
    return _asked(context, person, value, "cancel")


def _asked(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any], what: str
) -> list[Reply]:
    round = _managed(context, person, value)
    if isinstance(round, list):
        return round
    wording, which = context.wording, {"round": round.id}
    said = [Paragraph(wording.say(f"rounds_{what}_means"))]
    if what == "cancel" and round.repeat:
        said.append(Paragraph(wording.say("rounds_cancel_repeat")))
    title = wording.say(f"rounds_{what}_title", title=title_in(context.language, round))
    buttons = (
        Button(
            wording.say(f"rounds_{what}_yes"),
            {"verb": f"round_{what}", **which},
            sends_inputs=False,
            weight="danger",
        ),
        Button(wording.say("rounds_keep"), {"verb": "round_show", **which}, sends_inputs=False),
    )
    return [CardReply(title, tuple(said), buttons, context.language)]


def later_ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Utsett fristen»: a new last day."""
    round = _managed(context, person, value)
    return round if isinstance(round, list) else [_later_card(context, round)]


def _later_card(
    context: Context, round: Round, written: str = "", problems: Sequence[str] = ()
) -> CardReply:
    wording = context.wording
    day = day_text(wording, last_day(round), context.today)
    blocks: list[Block] = [
        Paragraph(wording.say("rounds_later_now", day=day, longest=LONGEST_OPEN)),
        *(Paragraph(problem, "error") for problem in problems),
        DateInput(
            "last",
            wording.say("rounds_field_last"),
            written or last_day(round).isoformat(),
            wording.say("rounds_day_error"),
        ),
    ]
    which = {"round": round.id}
    buttons = (
        Button(wording.say("rounds_later_save"), {"verb": "round_later", **which}, weight="main"),
        Button(wording.say("rounds_keep"), {"verb": "round_show", **which}, sends_inputs=False),
    )
    title = wording.say("rounds_later_title", title=title_in(context.language, round))
    return CardReply(title, tuple(blocks), buttons, context.language)


# Doing it


def close(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Close the round now; its result is there at once, and is told next morning."""
    done = rounds.close_now(
        context.session,
        context.sending,
        id_in(value, "round"),
        by=person,
        wording=context.wording,
        smallest=context.smallest_group,
        now=context.now,
    )
    return _done(context, person, done, "rounds_closed_now")


def later(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Move the last day to answer."""
    round = _managed(context, person, value)
    if isinstance(round, list):
        return round
    written = text_in(value, "last")[:LONGEST_DATE]
    day = read_date(written, context.today)
    if day is None:
        return [_later_card(context, round, written, [context.wording.say("rounds_day_error")])]
    done = rounds.change(
        context.session,
        context.sending,
        round.id,
        by=person,
        wording=context.wording,
        smallest=context.smallest_group,
        now=context.now,
        last=day,
    )
    if isinstance(done, list):
        return [_later_card(context, round, written, [one.text for one in done])]
    return _done(context, person, done, "rounds_later_done")


def cancel(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Cancel the round; what was answered is deleted."""
    done = rounds.cancel_round(
        context.session,
        context.sending,
        id_in(value, "round"),
        by=person,
        wording=context.wording,
        now=context.now,
    )
    if isinstance(done, list):
        return [TextReply(" ".join(one.text for one in done))]
    said = context.wording.say("rounds_cancelled", title=title_in(context.language, done))
    return [TextReply(said)]


def stop_repeat(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """No more rounds of the series after this one."""
    done = rounds.change(
        context.session,
        context.sending,
        id_in(value, "round"),
        by=person,
        wording=context.wording,
        smallest=context.smallest_group,
        now=context.now,
        repeat="",
    )
    return _done(context, person, done, "rounds_repeat_stopped")


def _done(
    context: Context, person: RegisteredPerson, done: Round | list[Problem], key: str
) -> list[Reply]:
    if isinstance(done, list):
        return [TextReply(" ".join(one.text for one in done))]
    return [round_card(context, person, done, [Paragraph(context.wording.say(key))])]


def _managed(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Round | list[Reply]:
    """The round of a button, if this person may still change it; or what to say instead."""
    round, say = find_round(context.session, id_in(value, "round")), context.wording.say
    if round is None or not may_manage(person, round):
        return [TextReply(say("rounds_not_there"))]
    if round.cancelled_at is not None:
        return [TextReply(say("rounds_is_cancelled"))]
    if round.closed_at is not None or round.closes <= context.now:
        return [round_card(context, person, round, [Paragraph(say("rounds_is_closed"))])]
    return round


_HANDLERS: Mapping[str, Handler] = {
    "round_show": show,
    "round_close_ask": close_ask,
    "round_close": close,
    "round_later_ask": later_ask,
    "round_later": later,
    "round_cancel_ask": cancel_ask,
    "round_cancel": cancel,
    "round_stop_repeat": stop_repeat,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
PAGE_VERBS: set[str] = set(VERBS)
