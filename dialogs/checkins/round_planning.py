"""Which messages on rounds wait in the outbox; planned with what causes them, and every night.

As with meetings (dialogs/meetings/planning.py): planning makes what waits equal to what is wanted,
and each message decides when it is sent whether it still is right (round_notices.py).
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from dialogs.checkins.round_audience import (
    asked_people,
    owner_team,
    reaches_teachers,
    representatives,
    shown_to,
)
from dialogs.meetings.audience import Register, read_register
from dialogs.meetings.sending_times import OSLO, SendingTimes, at
from storage.database import Session
from storage.outbox import Queued, Row, replan, rows_of
from storage.round_ends import forget_messages
from storage.rounds import Round, find_round, list_rounds, lock_rounds

QUESTIONS = "round_questions"
INVITATION = "round_invitation"
REMINDER = "round_reminder"
RESULT = "round_result"
OF_A_ROUND = (QUESTIONS, INVITATION, REMINDER, RESULT)
SENT_AT = time(8)
DAYS_LEFT = 2  # school days before the last one, when those who have not answered are reminded
SHORT = 3  # days; nobody is reminded of a round that is open so shortly
RESULT_HOLDS = timedelta(days=7)
PLANNED_AFTER = timedelta(days=14)  # a closed round is planned so long after it closed
_DAY = timedelta(days=1)


def subject_of(round_id: str) -> str:
    """What the messages of a round are part of, and what its sent cards are about."""
    return f"round:{round_id}"


# Days and moments


def opens_at(day: date, sending: SendingTimes, now: datetime) -> datetime:
    """When a round opens that is to open that day: at eight, or the first allowed moment after."""
    return sending.next(max(at(day, SENT_AT), now))


def closes_at(last: date) -> datetime:
    """When a round closes whose last day to answer this is."""
    return at(last + _DAY, time())


def first_day(round: Round) -> date:
    return round.opens.astimezone(OSLO).date()


def last_day(round: Round) -> date:
    """The last day to answer; one that was closed in the middle of a day had that day."""
    return (round.closes - timedelta(microseconds=1)).astimezone(OSLO).date()


def reminder_at(round: Round, sending: SendingTimes) -> datetime | None:
    """When those who have not answered are reminded; None for a short round."""
    first, day = first_day(round), last_day(round)
    if (day - first).days + 1 <= SHORT:
        return None
    left = 0
    while left < DAYS_LEFT and day > first:
        day -= _DAY
        left += sending.always or sending.holidays.is_school_day(day)
    due = sending.next(at(day, SENT_AT))
    return due if first < due.astimezone(OSLO).date() and due < round.closes else None


def result_at(round: Round, sending: SendingTimes) -> datetime:
    """When the result is told: at eight on the first school day after the closing."""
    day = last_day(round) + _DAY
    return sending.next(at(day, SENT_AT))


# Planning


def plan_round(session: Session, sending: SendingTimes, round: Round, now: datetime) -> None:
    """Make what waits of the round right. The caller has locked it, or has just made it."""
    _plan(session, sending, round, read_register(session), now)


def plan_rounds(session: Session, sending: SendingTimes, now: datetime) -> None:
    """Plan all rounds: each night, and when the register has changed."""
    lock_rounds(session)
    register = read_register(session)
    for one in list_rounds(session, since=now - PLANNED_AFTER):
        round = find_round(session, one.id, lock=True)
        if round is not None:
            _plan(session, sending, round, register, now)


def _plan(
    session: Session, sending: SendingTimes, round: Round, register: Register, now: datetime
) -> None:
    if round.month is not None:
        return  # what is shared unasked is nobody's to be told of
    subject = subject_of(round.id)
    rows = rows_of(session, subject)
    waiting = {(row.person, row.reason): row for row in rows if row.state == "venter"}
    wanted = list(_wanted(sending, round, register, waiting, now))
    replan(session, subject, OF_A_ROUND, wanted)
    if round.closed_at is not None or round.cancelled_at is not None:
        forget_messages(session, subject, (INVITATION, REMINDER))


def _wanted(
    sending: SendingTimes,
    round: Round,
    register: Register,
    waiting: dict[tuple[str, str], Row],
    now: datetime,
) -> Iterable[Queued]:
    if round.cancelled_at is not None:
        return
    asked = asked_people(round.audience, register)
    keys = [one.key for one in asked]
    elected = representatives(asked, register) if reaches_teachers(round.audience) else []

    def message(person: str, reason: str, due: datetime, latest: datetime) -> Queued:
        row = waiting.get((person, reason))
        if due <= now and row is not None:  # it keeps its time, however often this is asked
            due = row.due
        elif due <= now:
            due = sending.next(now)
        return Queued(
            person=person,
            reason=reason,
            occasion=round.id,
            about={"round": round.id},
            due=due,
            latest=latest,
            subject=subject_of(round.id),
        )

    if round.closed_at is not None:
        due = result_at(round, sending)
        if now < due + RESULT_HOLDS:
            team = [] if round.unit else owner_team(register)
            for person in dict.fromkeys([*shown_to(round.audience, register), *team]):
                yield message(person, RESULT, due, due + RESULT_HOLDS)
        return
    if now >= round.closes:
        return
    if now < round.opens:
        for person in elected:
            yield message(person, QUESTIONS, now, round.closes)
    reminded = reminder_at(round, sending)
    for person in keys:
        yield message(person, INVITATION, round.opens, round.closes)
        if reminded is not None and (reminded > now or (person, REMINDER) in waiting):
            yield message(person, REMINDER, reminded, round.closes)
