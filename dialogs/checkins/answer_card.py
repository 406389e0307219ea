"""The card of a round: who sees what, then the questions, or the way in to a survey; and «Sendt».

Before the first question stands who sees what. All questions of a short reflection are on this card
(survey_card.py has the cards of a survey).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Any

from dialogs import answers
from dialogs.checkins.ballot_form import (
    LEADER,
    TELL_UNIT,
    Form,
    Where,
    form_of,
    is_ticked,
    named_of,
    role_of,
)
from dialogs.checkins.round_planning import last_day, result_at
from dialogs.checkins.round_words import who_sees
from dialogs.context import OSLO
from dialogs.guide import Step
from dialogs.meetings.meeting_card import day_text
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    DateInput,
    Items,
    NumberInput,
    Paragraph,
    TextInput,
)
from dialogs.question_set import QuestionSet
from dialogs.wording import Wording
from storage.rounds import Round

HALF_A_MINUTE = 0.5


def invitation(where: Where, round: Round) -> CardReply:
    """What is sent to those who are asked: the questions, or of a survey the way to begin.

    The caller has seen to it that the person is asked; `where` is theirs.
    """
    assert where.person is not None
    form = form_of(where, where.person, round)
    return begin_card(where, form) if form.is_survey else questions_card(where, form)


def questions_card(
    where: Where,
    form: Form,
    *,
    said: Sequence[Block] = (),
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> CardReply:
    """All questions on one card; `given` is what was filled in, `mistakes` what is wrong."""
    wording = where.wording
    send = {"verb": "round_answer", "round": form.round.id}
    blocks = [
        *said,
        *introduction(where, form),
        *inputs_of(wording, form, form.steps, given=given, mistakes=mistakes),
        *tick(wording, form, given),
        *small_print(wording, form),
    ]
    buttons = [
        Button(
            wording.say("round_send_named" if form.is_named else "round_send"), send, weight="main"
        )
    ]
    if not form.is_named:
        buttons.append(chat_button(wording, form))
    return CardReply(form.title, tuple(blocks), tuple(buttons), form.language)


def begin_card(where: Where, form: Form) -> CardReply:
    """What a survey is about and how long it takes; begun, it goes on where the person was."""
    wording = where.wording
    themes = tuple(section.named(form.language) for section in form.questions.section)
    begun = bool(form.answers)
    # With a background, the role is told beside it.
    role = () if form.questions.background else (Paragraph(role_told(wording, form)),)
    blocks = (
        *introduction(where, form),
        *role,
        Paragraph(form.questions.described(form.language)),
        Paragraph(wording.say("round_themes", count=len(themes)), "heading"),
        Items(themes),
        Paragraph(wording.say("round_saved_as_you_go"), "note"),
    )
    begin = {"verb": "ballot_begin", "round": form.round.id}
    title = wording.say("round_continue" if begun else "round_begin")
    buttons = (Button(title, begin, sends_inputs=False, weight="main"), chat_button(wording, form))
    return CardReply(form.title, blocks, buttons, form.language)


def sent_card(where: Where, form: Form, *, again: bool = False) -> CardReply:
    """The answers are in, and out of reach; with `again`, they were so before this press."""
    wording = where.wording
    blocks = [Paragraph(wording.say("round_sent"))]
    if again:
        blocks.append(Paragraph(wording.say("round_sent_before")))
    blocks.append(
        Paragraph(wording.say("round_result_comes", day=result_day_text(where, form.round)))
    )
    return CardReply(
        wording.say("round_sent_title", title=form.title), tuple(blocks), (), form.language
    )


def named_sent_card(where: Where, form: Form) -> CardReply:
    """The school's answer is in; it may be changed until the round closes."""
    wording = where.wording
    change = {"verb": "round_open", "round": form.round.id}
    return CardReply(
        wording.say("round_sent_title", title=form.title),
        (
            Paragraph(wording.say("round_named_sent", unit=form.person.unit)),
            Paragraph(wording.say("round_named_change", day=last_day_text(where, form.round))),
        ),
        (Button(wording.say("round_change"), change, sends_inputs=False),),
        form.language,
    )


# The parts


def introduction(where: Where, form: Form) -> list[Block]:
    """Who sees what; then what it is for, the last day, how long it takes."""
    wording, smallest = where.wording, where.smallest_group
    seen = who_sees(wording, form.questions, form.round.unit, smallest)
    blocks: list[Block] = [Paragraph(seen)]
    if form.is_named and (kept := named_of(where.session, form)):
        day = day_text(wording, kept.at.astimezone(OSLO).date(), where.today)
        blocks.append(Paragraph(wording.say("round_named_now", name=kept.person_name, day=day)))
    if form.round.purpose:
        blocks.append(Paragraph(wording.say("round_purpose", purpose=form.round.purpose)))
    if form.questions.together:
        blocks.append(Paragraph(wording.say("round_together")))
    facts = wording.say(
        "round_last_day",
        day=last_day_text(where, form.round),
        time=time_text(wording, form.questions),
    )
    voluntary = "" if form.is_named else wording.say("round_voluntary")
    blocks.append(Paragraph(f"{facts} {voluntary}".strip(), "note"))
    return blocks


def inputs_of(
    wording: Wording,
    form: Form,
    steps: Sequence[Step],
    *,
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    required: bool = True,
) -> list[Block]:
    """Each question with its inputs, holding what is filled in so far.

    Without `required`, no empty input holds a button back: the way on, which asks for what is
    missing, is then not the only way.
    """
    blocks: list[Block] = []
    for step in steps:
        shown = answers.inputs(
            step,
            form.answers.get(step.id),
            form.language,
            form.known,
            given=given,
            mistakes=mistakes,
        )
        asked = step.asked(form.language)
        if step.example:
            blocks.append(Paragraph(wording.say("round_example", text=asked), "heading"))
        elif step.label or step.kind == "two_scales":
            blocks.append(Paragraph(asked, "heading"))
        if step.help:
            blocks.append(Paragraph(step.helped(form.language), "note"))
        blocks += shown if required else map(_not_required, shown)
    return blocks


def tick(wording: Wording, form: Form, given: Mapping[str, Any] | None = None) -> list[Block]:
    """The box to tick for letting texts be read with the school's name."""
    if not form.tells_unit:
        return []
    label = wording.say("round_tell_unit_label")
    options = (("ja", wording.say("round_tell_unit", unit=form.person.unit)),)
    value = "ja" if given and is_ticked(given) else ""
    return [Choice(TELL_UNIT, label, options, required=False, value=value, several=True)]


def small_print(wording: Wording, form: Form) -> list[Block]:
    """What holds for what is sent."""
    lines = [] if form.is_named else [wording.say("round_out_of_reach")]
    if form.questions.texts():
        lines.insert(0, wording.say("steps_not_for_worries"))
    return [Paragraph(" ".join(lines), "note")] if lines else []


def role_told(wording: Wording, form: Form) -> str:
    """The role that answers are counted by, and what to do when it is wrong."""
    role = "leader" if role_of(form) == LEADER else "teacher"
    return wording.say("round_role", role=wording.say(f"round_role_{role}"))


def chat_button(wording: Wording, form: Form) -> Button:
    """For clients where a card can't be filled in."""
    chat = {"verb": "ballot_chat", "round": form.round.id}
    return Button(wording.say("round_chat"), chat, sends_inputs=False)


def last_day_text(where: Where, round: Round) -> str:
    return day_text(where.wording, last_day(round), where.today)


def result_day_text(where: Where, round: Round) -> str:
    day = result_at(round, where.sending).astimezone(OSLO).date()
    return day_text(where.wording, day, where.today)


def time_text(wording: Wording, questions: QuestionSet) -> str:
    """How long it takes to answer, in words."""
    minutes = questions.minutes
    if minutes <= HALF_A_MINUTE:
        return wording.say("round_half_a_minute")
    if minutes <= 1:
        return wording.say("round_one_minute")
    return wording.say("round_minutes", minutes=ceil(minutes))


def _not_required(block: Block) -> Block:
    if isinstance(block, Choice | TextInput | NumberInput | DateInput):
        return replace(block, required=False)
    return block
