"""Closing a round: its results are computed once and frozen, and who answered is forgotten.

One transaction, with the round locked: killed in the middle, it is open as before, and is closed
by the next night or the next start.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dialogs.checkins.round_audience import asked_people
from dialogs.checkins.round_planning import plan_round
from dialogs.meetings.audience import Register, read_register
from dialogs.meetings.sending_times import SendingTimes
from dialogs.question_set_files import questions_of
from dialogs.reports import Asked, Invited, report_of, report_to_json
from storage.ballots import Tally, answered_by, forget_who, tallies
from storage.database import Database, Session
from storage.rounds import Round, change_round, find_round, keep_result, rounds_to_close

PUBLIC = 20  # people behind a number that the public sees

log = logging.getLogger("kvalitetsbot.rounds")


def close_due_rounds(
    database: Database, sending: SendingTimes, now: datetime, smallest: int
) -> int:
    """Close all rounds whose time is over, each by itself; says how many were closed."""
    with database.transaction() as session:
        ids = rounds_to_close(session, now)
    closed = 0
    for id in ids:
        try:
            with database.transaction() as session:
                is_closed = close_round(session, sending, id, now, smallest)
            closed += is_closed  # now that it is saved
        except Exception as error:  # one that can't be closed must not hold the rest open
            log.error("action=round_not_closed round=%s error=%r", id, type(error))
    return closed


def close_round(
    session: Session, sending: SendingTimes, id: str, now: datetime, smallest: int
) -> bool:
    """Close a round whose time is over; False when there is nothing to close."""
    round = find_round(session, id, lock=True)
    if round is None or round.cancelled_at is not None or round.closed_at is not None:
        return False
    if round.closes > now:
        return False
    close_locked(session, sending, round, now, smallest)
    return True


def close_locked(
    session: Session, sending: SendingTimes, round: Round, now: datetime, smallest: int
) -> Round:
    """Close a round that the caller has locked, and tell its result when there is school again."""
    counted = tallies(session, round.id)
    freeze(session, round, counted, invited_by_school(session, round), smallest)
    closed = replace(round, closed_at=now)
    change_round(session, closed)
    forget_who(session, round.id)
    plan_round(session, sending, closed, now)
    return closed


def freeze(
    session: Session,
    round: Round,
    counted: Sequence[Tally],
    invited: Sequence[Invited],
    smallest: int,
) -> None:
    """Compute the results of a round, and keep them for good."""
    questions = questions_of(round.asked)
    asked = [Asked(one.id, len(one.categories), one.ordered) for one in questions.questions("nb")]
    if round.unit:
        # The whole of it is the school; its ledergruppe is never shown, nor what is left of it.
        counted = [tally for tally in counted if tally.facet == "sted"]
    schools = questions.finest == "skole" and not round.unit
    report = report_of(counted, asked, invited, schools=schools, smallest=smallest)
    larger = max(PUBLIC, smallest)
    public = report_of(counted, asked, invited, schools=schools, smallest=larger, within=report)
    keep_result(session, round.id, report_to_json(report), report_to_json(public))


def invited_by_school(
    session: Session, round: Round, register: Register | None = None
) -> list[Invited]:
    """How many are asked in each school, and how many of them have answered; [] for no rates.

    Unasked, nobody was invited; a team answers as one; of a school's leaders one answers for it.
    """
    questions = questions_of(round.asked)
    if round.month is not None or questions.together or questions.visibility == "navngitt":
        return []
    people = asked_people(round.audience, register or read_register(session))
    answered = answered_by(session, round.id)
    places = [(one.unit, one.zone, one.school_type) for one in people]
    theirs = Counter((one.unit, one.zone, one.school_type) for one in people if one.key in answered)
    return [
        Invited(*place, invited=count, answered=theirs[place])
        for place, count in sorted(Counter(places).items())
    ]
