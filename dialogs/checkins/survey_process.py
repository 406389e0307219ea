"""«Undersøkelsen»: the steps of a survey around the answering, each with its date and its text.

Everybody sees the steps and their dates. School leaders and tillitsvalgte read what a step is and
its text, which their school may use. Who started the survey sets dates and says what is done.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dialogs.checkins.round_audience import may_manage
from dialogs.checkins.round_words import Writing
from dialogs.checkins.survey_process_cards import (
    day_id,
    none_card,
    overview_card,
    reads_steps,
    step_card,
    title_of,
)
from dialogs.checkins.survey_steps import (
    STEPS,
    SurveyStep,
    find_step,
    is_far,
    is_marked,
    is_survey_for,
    with_day,
    with_done,
)
from dialogs.collected.menu import menu_for, rounds_trail
from dialogs.context import Commanded, Composing, Context, Paged, Pressed
from dialogs.dates import read_date
from dialogs.meetings.meeting_card import day_text
from dialogs.messages import (
    Page,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.pressed import id_in, registered, text_in
from storage.people import RegisteredPerson
from storage.rounds import Round, change_round, find_round, list_rounds

_LONGEST_GIVEN = 40  # characters of what is no date, shown again


# Handlers


def _command(context: Context, rest: str) -> list[Reply]:
    """«Undersøkelsen»: the newest that concerns the person."""
    return registered(_show)(context, {})


def _show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    id = id_in(value, "round")
    if not id:
        surveys = _surveys(context, person)
        if not surveys:
            return [none_card(context, person)]
        return [overview_card(context, person, surveys[0], surveys[1:])]
    round = _found(context, person, id)
    if round is None:
        return [TextReply(context.wording.say("survey_gone"))]
    return [overview_card(context, person, round)]


def _step(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """One step; somebody who only follows the dates gets them again."""
    round = _found(context, person, id_in(value, "round"))
    if round is None:
        return [TextReply(context.wording.say("survey_gone"))]
    step = find_step(id_in(value, "step"))
    if step is None or not reads_steps(person, round):
        said = context.wording.say("survey_step_gone")
        note = [Paragraph(said, "note")] if step is None else []
        return [overview_card(context, person, round, said=note)]
    return [step_card(context, person, round, step)]


# What is pressed on a step by somebody who keeps the survey; it is locked for them.
_OnStep = Callable[[Context, RegisteredPerson, Round, SurveyStep, Mapping[str, Any]], list[Reply]]


def _managed(handler: _OnStep) -> Pressed:
    """The handler for those who keep the survey; anybody else is told who does."""

    def checked(
        context: Context, person: RegisteredPerson, value: Mapping[str, Any]
    ) -> list[Reply]:
        round = _found(context, person, id_in(value, "round"), lock=True)
        step = find_step(id_in(value, "step"))
        if round is None or step is None:
            return [TextReply(context.wording.say("survey_gone"))]
        if not may_manage(person, round):
            return [TextReply(context.wording.say("survey_not_yours"))]
        return handler(context, person, round, step, value)

    return registered(checked)


def _date(
    context: Context,
    person: RegisteredPerson,
    round: Round,
    step: SurveyStep,
    value: Mapping[str, Any],
) -> list[Reply]:
    """Set the date of a step; what is no date is shown again with what to do."""
    wording, given = context.wording, text_in(value, day_id(step))
    day = read_date(given, context.today)
    if day is None:
        key = "survey_day_wrong" if given else "survey_day_missing"
        error = wording.say(key, given=given[:_LONGEST_GIVEN])
        return [step_card(context, person, round, step, error=error)]
    if is_far(round, day):
        error = wording.say("survey_day_far")
        return [step_card(context, person, round, step, error=error)]
    round = with_day(round, step, day)
    change_round(context.session, round)
    said = wording.say("survey_day_saved", day=day_text(wording, day, context.today))
    return [step_card(context, person, round, step, said)]


def _done(
    context: Context,
    person: RegisteredPerson,
    round: Round,
    step: SurveyStep,
    value: Mapping[str, Any],
) -> list[Reply]:
    """Mark a step as done today, or take the mark away."""
    done = value.get("done") is True
    if done != is_marked(round, step):
        round = with_done(round, step, context.today if done else None)
        change_round(context.session, round)
    said = context.wording.say("survey_marked_done" if done else "survey_marked_undone")
    return [step_card(context, person, round, step, said)]


def _page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """The steps of a survey, and for those who read them each as a section."""
    person, wording = composing.person, composing.wording
    surveys = _surveys(composing, person)
    round = next((one for one in surveys if rest in ("", one.id)), None)
    if round is None:
        if rest:
            return None
        cards, title = [none_card(composing, person)], wording.say("survey_none_title")
    else:
        cards, title = [overview_card(composing, person, round)], title_of(composing, round)
        if reads_steps(person, round):
            cards += [step_card(composing, person, round, step) for step in STEPS]
    return Page(
        title,
        tuple(cards),
        menu=menu_for(wording, person),
        trail=rounds_trail(wording),
        language=composing.language,
    )


# Who


def _surveys(writing: Writing, person: RegisteredPerson) -> list[Round]:
    """The surveys that concern the person, those that open last first."""
    return [one for one in list_rounds(writing.session) if is_survey_for(one, person.unit)]


def _found(
    context: Context, person: RegisteredPerson, id: str, *, lock: bool = False
) -> Round | None:
    round = find_round(context.session, id, lock=lock)
    return round if round is not None and is_survey_for(round, person.unit) else None


VERBS: dict[str, Pressed] = {
    "survey_process": registered(_show),
    "survey_step": registered(_step),
    "survey_date": _managed(_date),
    "survey_done": _managed(_done),
}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    (
        "undersøkelsen",
        "undersøkinga",
        "undersøkingen",
        "prosessen for undersøkelsen",
        "prosessen for undersøkinga",
    ),
    _command,
)
PAGES: dict[str, Paged] = {"prosess": _page}
PAGE_VERBS: set[str] = {"survey_process", "survey_step", "survey_date", "survey_done"}
