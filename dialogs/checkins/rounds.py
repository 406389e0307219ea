"""Making and changing rounds: each change is saved and its messages planned in one transaction.

This is the only way that a round changes, whether in a form, on a card or in the night. What is
asked, and whether answers are with names, are the question set's as it was when the round was made,
and never change.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from dialogs.checkins.closing import close_locked
from dialogs.checkins.round_audience import (
    asked_people,
    invited_to,
    may_manage,
    reaches_teachers,
)
from dialogs.checkins.round_planning import (
    closes_at,
    first_day,
    last_day,
    plan_round,
    subject_of,
)
from dialogs.checkins.round_rules import LONGEST_OPEN, Problem, Rules, Wanted
from dialogs.meetings.sending_times import SendingTimes
from dialogs.question_set import QuestionSet, Rhythm
from dialogs.question_set_files import questions_of
from dialogs.wording import Wording
from storage.database import Session
from storage.people import RegisteredPerson, find_person
from storage.round_ends import forget_answers
from storage.rounds import (
    Round,
    add_round,
    change_round,
    find_round,
    list_rounds,
    lock_rounds,
    rounds_of_series,
)

__all__ = [
    "Problem",
    "Rules",
    "Wanted",
    "cancel_round",
    "change",
    "close_now",
    "invited_to",
    "make_repeats",
    "make_round",
    "problems_with",
    "round_of",
    "subject_of",
]

_MONTHS: dict[str, int] = {"måned": 1, "halvår": 6, "år": 12}
_DAY = timedelta(days=1)


def problems_with(rules: Rules, wanted: Wanted, by: RegisteredPerson) -> list[Problem]:
    """All that is wrong with a round that the person wants to start."""
    problems = rules.problems(wanted, by)
    if not problems and not _unit_of(by):
        problems += rules.about_schools(wanted)
    return problems


def make_round(
    session: Session,
    sending: SendingTimes,
    wanted: Wanted,
    *,
    by: RegisteredPerson,
    wording: Wording,
    smallest: int,
    now: datetime,
) -> Round | list[Problem]:
    """Start a round, or say what is wrong. The same id again gives the one that is there."""
    lock_rounds(session)
    there = find_round(session, wanted.id, lock=True)
    if there is not None:
        return there
    rules = Rules(session, sending, wording, smallest, now)
    if problems := problems_with(rules, wanted, by):
        return problems
    made = round_of(rules, wanted, by)
    add_round(session, made)
    plan_round(session, sending, made, now)
    return made


def round_of(rules: Rules, wanted: Wanted, by: RegisteredPerson) -> Round:
    """The round that is wanted, as it would be; it is not saved."""
    return Round(
        id=wanted.id,
        question_set=wanted.set.id,
        asked=_asked(wanted.set, wanted.audience),
        title=wanted.set.title,
        purpose=wanted.purpose,
        audience=wanted.audience,
        unit=_unit_of(by),
        series=wanted.id if wanted.repeat else "",
        repeat=wanted.repeat,
        discussed_on=wanted.discussed_on,
        opens=rules.opens(wanted.first),
        closes=closes_at(wanted.last),
        created_by=by.key,
        created_by_name=by.name,
    )


def change(
    session: Session,
    sending: SendingTimes,
    id: str,
    *,
    by: RegisteredPerson,
    wording: Wording,
    smallest: int,
    now: datetime,
    last: date | None = None,
    first: date | None = None,
    audience: tuple[str, ...] | None = None,
    repeat: Rhythm | None = None,
) -> Round | list[Problem]:
    """Change what is given of a round, or say what is wrong.

    A planned one may change in all of this. Of one that has opened, the last day may be moved to
    later, and its repeating stopped: what people were told, holds.
    """
    lock_rounds(session)
    round = find_round(session, id, lock=True)
    if wrong := _not_to_change(wording, round, by, now):
        return wrong
    assert round is not None
    rules = Rules(session, sending, wording, smallest, now, except_for=id)
    if round.opens <= now:
        if first is not None or audience is not None or repeat:
            return [Problem("", wording.say("rounds_has_opened"))]
        problems = _later(rules, round, last)
        after = round
    else:
        wanted = Wanted(
            id=id,
            set=questions_of(round.asked),
            audience=audience if audience is not None else round.audience,
            first=first or first_day(round),
            last=last or last_day(round),
            repeat=_rhythm(repeat if repeat is not None else round.repeat),
            discussed_on=round.discussed_on,
        )
        # What stands on the round is not asked for again: not a date that has passed meanwhile.
        moved = (first, audience, last) != (None, None, None)
        problems = problems_with(rules, wanted, by) if moved else []
        opens = round.opens if first is None else rules.opens(first)
        series = round.series or (id if wanted.repeat else "")
        asked = _asked(wanted.set, wanted.audience)
        after = replace(round, asked=asked, audience=wanted.audience, opens=opens, series=series)
    if problems:
        return problems
    if last is not None:
        after = replace(after, closes=closes_at(last))
    if repeat is not None:
        after = replace(after, repeat=repeat)
    if after != round:
        change_round(session, after)
        plan_round(session, sending, after, now)
    return after


def cancel_round(
    session: Session,
    sending: SendingTimes,
    id: str,
    *,
    by: RegisteredPerson,
    wording: Wording,
    now: datetime,
) -> Round | list[Problem]:
    """Cancel a round that isn't closed, and its repeating: nobody sees what was answered."""
    lock_rounds(session)
    round = find_round(session, id, lock=True)
    if round is not None and round.cancelled_at is not None and may_manage(by, round):
        return round
    if wrong := _not_to_change(wording, round, by, now):
        return wrong
    assert round is not None
    after = replace(round, cancelled_at=now, repeat="")
    change_round(session, after)
    forget_answers(session, id)
    plan_round(session, sending, after, now)
    return after


def close_now(
    session: Session,
    sending: SendingTimes,
    id: str,
    *,
    by: RegisteredPerson,
    wording: Wording,
    smallest: int,
    now: datetime,
) -> Round | list[Problem]:
    """Close an open round before its time; its results are there at once, and told next morning."""
    lock_rounds(session)
    round = find_round(session, id, lock=True)
    if round is not None and round.closed_at is not None and may_manage(by, round):
        return round
    if wrong := _not_to_change(wording, round, by, now):
        return wrong
    assert round is not None
    if round.opens > now:
        return [Problem("", wording.say("rounds_not_open_yet"))]
    return close_locked(
        session, sending, replace(round, closes=min(round.closes, now)), now, smallest
    )


# Repeating


def make_repeats(
    session: Session, sending: SendingTimes, *, wording: Wording, smallest: int, now: datetime
) -> list[Round]:
    """Make the next round of each series whose last one has closed; gives those that were made.

    The questions are the same, so that what was discussed before the first still holds. A series
    whose audience is too small by now waits; a rektor's ends when they aren't rektor there.
    """
    lock_rounds(session)
    made = []
    for one in list_rounds(session, since=now - timedelta(days=2 * 366)):
        if one.repeat and one.closed_at is not None:
            series = rounds_of_series(session, one.series)
            if series and series[-1].id == one.id and _may_go_on(session, one):
                rules = Rules(session, sending, wording, smallest, now)
                next = _next(rules, series)
                if next is not None and add_round(session, next):
                    plan_round(session, sending, next, now)
                    made.append(next)
    return made


def _asked(questions: QuestionSet, audience: tuple[str, ...]) -> dict[str, Any]:
    """The question set as the round keeps it. A ledergruppe is shown for the kommune only."""
    kept = questions.model_dump(mode="json")
    if questions.visibility == "samlet" and not reaches_teachers(audience):
        kept["finest"] = "kommune"
    return kept


def _next(rules: Rules, series: list[Round]) -> Round | None:
    """The round after the last of the series, on the first day that is free for it."""
    begun, before = series[0], series[-1]
    days = (last_day(begun) - first_day(begun)).days + 1
    soonest = max(first_day(before), rules.today) + _DAY
    ahead = _MONTHS[before.repeat]
    start = first_day(begun)
    while start <= first_day(before):
        start = _months_after(first_day(begun), ahead)
        ahead += _MONTHS[before.repeat]
    first = rules.free_from(max(start, soonest), days, before.audience)
    questions = questions_of(before.asked)
    least = 1 if questions.visibility == "navngitt" else rules.smallest
    if first is None or len(asked_people(before.audience, rules.register)) < least:
        return None
    opens = rules.opens(first)
    return replace(
        before,
        id=uuid4().hex,
        opens=opens,
        closes=closes_at(first + (days - 1) * _DAY),
        closed_at=None,
        process={},
    )


def _may_go_on(session: Session, round: Round) -> bool:
    """The skoleeierteam's go on whoever began them; a rektor's while they are rektor there."""
    if not round.unit:
        return True
    person = find_person(session, round.created_by)
    return person is not None and may_manage(person, round)


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):  # 31 January, and then the last of February
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))


# Helpers


def _not_to_change(
    wording: Wording, round: Round | None, by: RegisteredPerson, now: datetime
) -> list[Problem]:
    if round is None or not may_manage(by, round):
        return [Problem("", wording.say("rounds_not_there"))]
    if round.cancelled_at is not None:
        return [Problem("", wording.say("rounds_is_cancelled"))]
    if round.closed_at is not None or round.closes <= now:
        return [Problem("", wording.say("rounds_is_closed"))]
    return []


def _later(rules: Rules, round: Round, last: date | None) -> list[Problem]:
    """What is wrong with another last day of a round that is open."""
    say = rules.wording.say
    if last is None or last == last_day(round):
        return []
    if last < last_day(round):
        return [Problem("last", say("rounds_only_later"))]
    if (last - first_day(round)).days + 1 > LONGEST_OPEN:
        return [Problem("last", say("rounds_open_longest", days=LONGEST_OPEN))]
    other = rules.near(first_day(round), last, round.audience)
    if other is not None:
        return [Problem("last", say("rounds_other_begins", title=other.title))]
    return []


def _unit_of(by: RegisteredPerson) -> str:
    """The school whose round it becomes; "" for the skoleeierteam's."""
    return by.unit if by.role == "rektor" else ""


def _rhythm(written: str) -> Rhythm:
    match written:
        case "måned" | "halvår" | "år":
            return written
    return ""
