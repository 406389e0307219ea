"""The cards of a survey's process: all steps with their dates, one step with its text, or none."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeGuard
from uuid import uuid4

from dialogs.access import is_leader, is_school_owner, owner_for
from dialogs.checkins.round_audience import may_manage
from dialogs.checkins.round_planning import first_day, last_day
from dialogs.checkins.round_words import Writing, title_in
from dialogs.checkins.survey_steps import (
    STEPS,
    Planned,
    SurveyStep,
    is_marked,
    planned,
    planned_step,
)
from dialogs.context import Context
from dialogs.dates import show_date
from dialogs.meetings.meeting_card import day_text
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    DateInput,
    Facts,
    Items,
    PageLinks,
    Paragraph,
    Table,
)
from storage.people import RegisteredPerson
from storage.rounds import Round

GUIDE = "analysemote"

_MOST_OTHERS = 2  # earlier surveys with a button


def reads_steps(person: RegisteredPerson, round: Round) -> bool:
    """Who reads what a step is and its text."""
    helps = is_school_owner(person) or is_leader(person) or person.role == "tillitsvalgt"
    return helps or may_manage(person, round)


# Cards


def overview_card(
    writing: Writing,
    person: RegisteredPerson,
    round: Round,
    others: Sequence[Round] = (),
    said: Sequence[Block] = (),
) -> CardReply:
    """All steps with their dates; a way into each for those who read them."""
    wording, manages = writing.wording, may_manage(person, round)
    over = round.closed_at is not None or round.closes <= writing.now
    answering = wording.say(
        "survey_process_closed" if over else "survey_process_open",
        first=_day(writing, first_day(round)),
        last=_day(writing, last_day(round)),
        k=writing.smallest_group,
    )
    steps = planned(round, writing.sending.holidays, writing.today)
    columns = ("survey_process_date", "survey_process_step", "survey_process_state")
    rows = tuple(
        (show_date(one.day), _named(writing, one.step), _state(writing, one)) for one in steps
    )
    intro = wording.say("survey_process_intro" if manages else "survey_process_intro_all")
    blocks: list[Block] = [
        *said,
        Paragraph(answering),
        Paragraph(intro, "note"),
        Table(tuple(wording.say(key) for key in columns), rows),
    ]
    buttons: list[Button] = []
    if reads_steps(person, round) and _in_chat(writing):
        blocks.append(_choice_of_step(writing, steps))
        path = f"/side/prosess/{round.id}"
        blocks.append(PageLinks(((wording.say("survey_process_page"), path),)))
        shown = {"verb": "survey_step", "round": round.id}
        buttons.append(Button(wording.say("survey_process_show"), shown, weight="main"))
    for other in others[:_MOST_OTHERS]:
        name, year = title_in(writing.language, other), first_day(other).year
        title = wording.say("survey_process_other", title=name, year=year)
        shown = {"verb": "survey_process", "round": other.id}
        buttons.append(Button(title, shown, sends_inputs=False))
    return CardReply(title_of(writing, round), tuple(blocks), tuple(buttons), writing.language)


def step_card(
    writing: Writing,
    person: RegisteredPerson,
    round: Round,
    step: SurveyStep,
    said: str = "",
    *,
    error: str = "",
) -> CardReply:
    """What a step is, when, by whom, and the text that can be used in it."""
    wording = writing.wording
    one = planned_step(round, step, writing.sending.holidays, writing.today)
    blocks: list[Block] = [Paragraph(said)] if said else []
    blocks += [
        Facts(
            (
                (wording.say("survey_process_date"), _day(writing, one.day)),
                (wording.say("survey_process_state"), _state(writing, one)),
                (wording.say("survey_process_who"), wording.say(f"survey_step_{step.id}_who")),
            )
        ),
        Paragraph(wording.say(f"survey_step_{step.id}_what")),
        *_text_blocks(writing, step, _words(writing, round)),
    ]
    buttons: list[Button] = []
    carried = {"round": round.id, "step": step.id}
    if may_manage(person, round):
        if error:
            blocks.append(Paragraph(error, "error"))
        label = wording.say("survey_day_label")
        blocks.append(DateInput(day_id(step), label, one.day.isoformat(), error, required=False))
        save = {"verb": "survey_date", **carried}
        buttons.append(Button(wording.say("survey_day_save"), save, weight="main"))
        if is_marked(round, step) or one.state != "done":
            done = not is_marked(round, step)
            title = wording.say("survey_mark_done" if done else "survey_mark_undone")
            mark = {"verb": "survey_done", **carried, "done": done}
            buttons.append(Button(title, mark, sends_inputs=False))
    if _in_chat(writing):
        buttons += _chat_buttons(writing, person, round, step)
    title = _named(writing, step)
    return CardReply(title, tuple(blocks), tuple(buttons), writing.language)


def _chat_buttons(
    context: Context, person: RegisteredPerson, round: Round, step: SurveyStep
) -> list[Button]:
    """What belongs in the chat alone: the guide, and the way back."""
    wording, buttons = context.wording, []
    guide = context.guides.get(GUIDE) if step.id == GUIDE else None
    if guide is not None and owner_for(guide, person) is not None:
        start = {"verb": "start", "guide": GUIDE, "draft": uuid4().hex}
        buttons.append(Button(wording.say("survey_begin_guide"), start, sends_inputs=False))
    back = {"verb": "survey_process", "round": round.id}
    return [*buttons, Button(wording.say("survey_process_back"), back, sends_inputs=False)]


def none_card(writing: Writing, person: RegisteredPerson) -> CardReply:
    """There is no survey: for the skoleeierteam how to begin, with the first text."""
    wording = writing.wording
    blocks: list[Block] = [Paragraph(wording.say("survey_none"))]
    if is_school_owner(person):
        blocks = [
            Paragraph(wording.say("survey_none_begin")),
            *_text_blocks(writing, STEPS[0], {"k": writing.smallest_group}),
            Paragraph(wording.say("survey_none_steps"), "heading"),
            Items(tuple(_named(writing, step) for step in STEPS)),
        ]
    return CardReply(wording.say("survey_none_title"), tuple(blocks), (), writing.language)


def _text_blocks(
    writing: Writing, step: SurveyStep, words: Mapping[str, object]
) -> tuple[Block, ...]:
    wording = writing.wording
    return (
        Paragraph(wording.say("survey_text_heading"), "heading"),
        Paragraph(wording.say("survey_text_note"), "note"),
        Paragraph(wording.say(f"survey_step_{step.id}_text", **words), "quote"),
    )


def _choice_of_step(context: Context, steps: tuple[Planned, ...]) -> Choice:
    """Which step to open: to begin with the first that isn't done."""
    next_one = next((one for one in steps if one.state != "done"), steps[-1])
    options = tuple((one.step.id, _named(context, one.step)) for one in steps)
    label = context.wording.say("survey_process_choose")
    return Choice("step", label, options, value=next_one.step.id)


# Words


def _words(writing: Writing, round: Round) -> dict[str, object]:
    """What the texts are filled in with."""
    holidays = writing.sending.holidays
    days = {one.step.id: one.day for one in planned(round, holidays, writing.today)}
    minutes = round.asked.get("minutes", 10)
    return {
        "title": title_in(writing.language, round),
        "first": _day(writing, first_day(round)),
        "last": _day(writing, last_day(round)),
        "minutes": f"{minutes:g}".replace(".", ","),
        "k": writing.smallest_group,
        **{id: _day(writing, days[id]) for id in ("presentasjon", GUIDE, "gir_mening")},
    }


def title_of(writing: Writing, round: Round) -> str:
    return writing.wording.say("survey_process_title", title=title_in(writing.language, round))


def _named(writing: Writing, step: SurveyStep) -> str:
    return writing.wording.say(f"survey_step_{step.id}_title")


def _in_chat(writing: Writing) -> TypeGuard[Context]:
    """Whether it is a turn of a conversation, and not the page."""
    return isinstance(writing, Context) and bool(writing.message.conversation)


def _state(writing: Writing, one: Planned) -> str:
    if one.done_on is not None:
        return writing.wording.say("survey_state_done", day=show_date(one.done_on))
    return writing.wording.say(f"survey_state_{one.state}")


def _day(writing: Writing, day: date) -> str:
    return day_text(writing.wording, day, writing.today)


def day_id(step: SurveyStep) -> str:
    """Of the input: the page has one for each step."""
    return f"day_{step.id}"
