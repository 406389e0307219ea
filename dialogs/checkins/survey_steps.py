"""The steps of a survey from forankring to evaluering: their dates, and what is done of them.

The order and the months are those of source 003 (January to June); the days are proposals, moved to
school days, until the skoleeierteam sets a date.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from dialogs.checkins.round_planning import first_day, last_day
from knowledge.holidays import Holidays
from storage.rounds import Round

State = Literal["done", "set", "proposed", "passed"]

DONE = "done"  # in Round.process, beside the dates: on which day each step was done
_DAY = timedelta(days=1)
_LONGEST_AWAY = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class SurveyStep:
    """A step, and how many days it is from the first or the last day to answer."""

    id: str
    days: int
    counted_from: Literal["first", "last"] = "first"
    answering: bool = False  # over when the answering is


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of one round: its day, and whether that is a proposal, set, passed or done."""

    step: SurveyStep
    day: date
    state: State
    done_on: date | None = None


STEPS = (
    SurveyStep("forankring", -56),
    SurveyStep("lister", -28),
    SurveyStep("rektorer", -21),
    SurveyStep("informasjon", -14),
    SurveyStep("fellestid", 0, answering=True),
    SurveyStep("feil", 1, answering=True),
    SurveyStep("paminnelse", -2, "last", answering=True),
    SurveyStep("presentasjon", 5 * 7),
    SurveyStep("analysemote", 9 * 7),
    SurveyStep("prioritering", 13 * 7),
    SurveyStep("forslag", 17 * 7),
    SurveyStep("gir_mening", 21 * 7),
    SurveyStep("tiltak", 32 * 7),
    SurveyStep("evaluering", 52 * 7),
)
_BEFORE_RESULTS = 7  # days after the last day to answer, at least, until something is presented


def find_step(id: str) -> SurveyStep | None:
    return next((step for step in STEPS if step.id == id), None)


def planned(round: Round, holidays: Holidays, today: date) -> tuple[Planned, ...]:
    """All steps in order, with their days as they now are."""
    return tuple(planned_step(round, step, holidays, today) for step in STEPS)


def planned_step(round: Round, step: SurveyStep, holidays: Holidays, today: date) -> Planned:
    """One step with its day."""
    was_set = _day_in(round.process, step.id)
    done = _done_on(round, step, today)
    if done is not None and not step.answering:
        return Planned(step, was_set or done, "done", done)
    day = was_set or proposed_day(round, step, holidays)
    if done is not None:
        return Planned(step, day, "done", done)
    if day < today:
        return Planned(step, day, "passed")
    return Planned(step, day, "set" if was_set else "proposed")


def proposed_day(round: Round, step: SurveyStep, holidays: Holidays) -> date:
    """A school day: before the answering not later than counted, after it not earlier."""
    first, last = first_day(round), last_day(round)
    counted = (first if step.counted_from == "first" else last) + timedelta(days=step.days)
    if step.answering:
        counted = min(max(counted, first), last)
        day = holidays.first_school_day(counted)
        return day if day <= last else counted
    if step.days < 0:
        while not holidays.is_school_day(counted):
            counted -= _DAY
        return counted
    return holidays.first_school_day(max(counted, last + timedelta(days=_BEFORE_RESULTS)))


def is_far(round: Round, day: date) -> bool:
    """Whether a day is so far from the answering that its year must be a slip."""
    return abs(day - first_day(round)) > _LONGEST_AWAY


def with_day(round: Round, step: SurveyStep, day: date) -> Round:
    """The round with the date of a step set."""
    return replace(round, process={**round.process, step.id: day.isoformat()})


def with_done(round: Round, step: SurveyStep, day: date | None) -> Round:
    """The round with a step marked as done on a day; None takes the mark away."""
    marks = {id: at for id, at in _marks(round).items() if id != step.id}
    if day is not None:
        marks[step.id] = day.isoformat()
    return replace(round, process={**round.process, DONE: marks})


def is_marked(round: Round, step: SurveyStep) -> bool:
    """Whether somebody has marked the step as done; others are done of themselves."""
    return step.id in _marks(round)


def is_survey_for(round: Round, unit: str) -> bool:
    """Whether it is a survey, and the kommune's or of this unit; "" is no unit."""
    kind = round.asked.get("kind")
    return kind == "undersøkelse" and round.cancelled_at is None and round.unit in ("", unit)


def _done_on(round: Round, step: SurveyStep, today: date) -> date | None:
    if marked := _day_in(_marks(round), step.id):
        return marked
    if step.id == "forankring":
        return round.discussed_on
    if step.answering and (round.closed_at is not None or last_day(round) < today):
        return last_day(round)
    return None


def _marks(round: Round) -> Mapping[str, Any]:
    marks = round.process.get(DONE)
    return marks if isinstance(marks, dict) else {}


def _day_in(written: Mapping[str, Any], id: str) -> date | None:
    with suppress(ValueError, TypeError):
        return date.fromisoformat(written[id]) if id in written else None
    return None
