"""«Refleksjon»: reflecting of one's own accord, for oneself or shared without a name.

What is kept for oneself is an own draft of the guide «refleksjonsnotat»: listed, changed and
deleted as such. What is shared goes into the month's round of that question set, once a month for
each person, and is shown for the kommune only.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import uuid4

from dialogs import answers
from dialogs.checkins.answer_card import inputs_of
from dialogs.checkins.ballot_box import is_empty, send
from dialogs.checkins.ballot_form import Form, form_of, read_steps
from dialogs.checkins.round_audience import is_staff
from dialogs.context import Commanded, Context, Pressed
from dialogs.drafts import begin, save, view_of
from dialogs.guide import LONGEST_LONG_TEXT, LONGEST_SHORT_TEXT
from dialogs.meetings.audience import is_for
from dialogs.meetings.meeting_card import day_text
from dialogs.meetings.sending_times import at
from dialogs.messages import Block, Button, CardReply, Choice, Paragraph, Reply, TextReply
from dialogs.pressed import Handler, id_in, new_id_in, registered
from dialogs.question_set import QuestionSet
from dialogs.steps import refuse
from storage.ballots import has_answered
from storage.drafts import Owner, list_drafts
from storage.people import RegisteredPerson
from storage.rounds import Round, add_round, find_round, lock_rounds, round_of_month

NOTE = "refleksjonsnotat"  # the guide of own notes
EVERYBODY = ("alle",)


def reflect(context: Context, rest: str = "") -> list[Reply]:
    """«refleksjon»: the card, or first a choice when there are several for the person's role."""
    person, wording = context.person, context.wording
    if person is None:
        return [TextReply(wording.say("share_unknown"))]
    sets = sets_for(context, person)
    if not sets:
        return [TextReply(wording.say("unasked_nothing"))]
    if len(sets) == 1:
        return [_card(context, _form(context, person, sets[0]))]
    options = tuple((one.id, one.named(context.language)) for one in sets)
    label = wording.say("unasked_choose")
    return [
        CardReply(
            wording.say("unasked_title"),
            (Choice("set", label, options, wording.say("steps_choose_error")),),
            (Button(wording.say("unasked_open"), {"verb": "unasked_show"}, weight="main"),),
            context.language,
        )
    ]


def sets_for(context: Context, person: RegisteredPerson) -> list[QuestionSet]:
    """The question sets that the person may answer unasked, by name."""
    if not is_staff(person):
        return []
    theirs = [
        one
        for one in context.guides.sets.values()
        if one.unasked and is_for(context.session, one.to, person)
    ]
    return sorted(theirs, key=lambda one: one.named(context.language))


def show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The card of the chosen question set."""
    form = _form_in(context, person, value)
    return [_card(context, form)] if form else reflect(context)


def keep(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Behold for meg selv»: own notes. Pressed again, they are the same notes."""
    found = _filled(context, person, value)
    if not isinstance(found, Form):
        return found
    guide = context.guides.get(NOTE)
    begun = begin(context, guide, id=new_id_in(value, "draft")) if guide else ""
    if isinstance(begun, str):
        return [TextReply(begun or context.wording.say("steps_gone"))]
    if not begun.stored:
        for key, text in _note(context, found).items():
            save(context, begun, key, text, None)
    wording = context.wording
    open_it = {"verb": "open", "draft": begun.draft.id}
    return [
        CardReply(
            wording.say("unasked_kept_title"),
            (Paragraph(wording.say("unasked_kept")),),
            (Button(wording.say("unasked_open_note"), open_it, sends_inputs=False),),
            context.language,
        )
    ]


def share(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Del uten navn»: into the ballot box of the month."""
    found = _filled(context, person, value)
    if not isinstance(found, Form):
        return found
    round = _round_of_this_month(context, found.questions)
    if has_answered(context.session, round.id, person.key):
        day = day_text(context.wording, _next_month(context.today), context.today)
        said = context.wording.say("unasked_shared_before", day=day)
        return [_card(context, found, said=[Paragraph(said)], given=value)]
    return send(context, replace(found, round=round))


# The card


def _card(
    context: Context,
    form: Form,
    *,
    said: list[Block] | None = None,
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> CardReply:
    """Who sees what, the questions, and the two ways on."""
    wording, smallest = context.wording, context.smallest_group
    blocks: list[Block] = [*(said or []), Paragraph(wording.say("unasked_who", smallest=smallest))]
    if form.questions.texts():
        blocks.append(Paragraph(wording.say("unasked_reads", smallest=smallest)))
    blocks += inputs_of(wording, form, form.steps, given=given, mistakes=mistakes, required=False)
    monthly = wording.say("unasked_monthly")
    blocks.append(Paragraph(f"{wording.say('steps_not_for_worries')} {monthly}", "note"))
    draft = new_id_in(given or {}, "draft") or uuid4().hex
    where = {"set": form.questions.id, "draft": draft}
    buttons = (
        Button(wording.say("unasked_keep"), {"verb": "unasked_keep", **where}, weight="main"),
        Button(wording.say("unasked_share"), {"verb": "unasked_share", **where}),
    )
    title = form.questions.named(form.language)
    return CardReply(title, tuple(blocks), buttons, context.language)


def _filled(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Form | list[Reply]:
    """The form with what the card holds; or the card again, or why none of it is kept."""
    context.turn.digest = ""
    form = _form_in(context, person, value)
    if form is None:
        return reflect(context)
    read = read_steps(form, form.steps, value)
    filled = form.with_answers(read.answers)
    if read.mistakes:
        return [_card(context, form, given=value, mistakes=read.mistakes)]
    if is_empty(filled):
        said: list[Block] = [Paragraph(context.wording.say("unasked_nothing_answered"), "error")]
        return [_card(context, form, said=said, given=value)]
    return refuse(context, read.written) or filled


def _form_in(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> Form | None:
    chosen = id_in(value, "set")
    found = next((one for one in sets_for(context, person) if one.id == chosen), None)
    return _form(context, person, found) if found else None


def _form(context: Context, person: RegisteredPerson, questions: QuestionSet) -> Form:
    """The month's questions if somebody has shared this month, else those of the set."""
    round = round_of_month(context.session, _month(context.today, questions))
    return form_of(context, person, round or _new_round(context, questions))


# Own notes


def _note(context: Context, form: Form) -> dict[str, str]:
    """The reflection as answers of the guide: what it is and of which day, and each answer."""
    day = f"{context.today:%d.%m.%Y}"
    name = context.wording.say("unasked_name", title=form.questions.named(form.language), day=day)
    note = {"refleksjon": name[:LONGEST_SHORT_TEXT]}
    answered = [step for step in form.steps if form.answers.get(step.id) is not None]
    for number, step in enumerate(answered, start=1):
        answer = form.answers[step.id]
        # A text as it was written; the rest on one line.
        plain = answers.free_texts(step, answer) or [
            answers.plain(step, answer, form.language, form.known)
        ]
        text = f"{step.asked(form.language)}\n{plain[0]}"
        note[f"svar_{number}"] = text if len(text) <= LONGEST_LONG_TEXT else plain[0]
    return note


def list_notes(context: Context, rest: str = "") -> list[Reply]:
    """«mine refleksjoner»: what the person has kept, the last first."""
    person, wording, guide = context.person, context.wording, context.guides.get(NOTE)
    if person is None or guide is None:
        return [TextReply(wording.say("share_unknown"))]
    drafts = list_drafts(context.session, [Owner("person", person.key)], guide=NOTE)
    if not drafts:
        return [TextReply(wording.say("unasked_notes_none"))]
    options = tuple(
        (f"{NOTE}|{draft.id}", view_of(context, person, guide, draft).title) for draft in drafts
    )
    label = wording.say("unasked_notes_choose")
    return [
        CardReply(
            wording.say("unasked_notes_title"),
            (
                Paragraph(wording.say("steps_seen_by_you")),
                Choice(
                    "guide",
                    label,
                    options,
                    wording.say("steps_choose_error"),
                    value=options[0][0],
                ),
            ),
            (Button(wording.say("unasked_open"), {"verb": "start"}, weight="main"),),
            context.language,
        )
    ]


# The round of the month


def _round_of_this_month(context: Context, questions: QuestionSet) -> Round:
    """The round of what is shared this month, locked; made by the first who shares."""
    lock_rounds(context.session)
    month = _month(context.today, questions)
    there = round_of_month(context.session, month)
    if there is None:
        add_round(context.session, _new_round(context, questions))
        there = round_of_month(context.session, month)
    locked = find_round(context.session, there.id, lock=True) if there else None
    assert locked is not None
    return locked


def _new_round(context: Context, questions: QuestionSet) -> Round:
    """Open from the first day of the month till the last, and shown for the kommune only."""
    wording, today = context.wordings["nb"], context.today
    first = today.replace(day=1)
    title = wording.say(
        "unasked_round_title",
        title=questions.title,
        month=wording.many("meeting_months")[today.month - 1],
        year=today.year,
    )
    return Round(
        id=uuid4().hex,
        question_set=questions.id,
        asked={**questions.model_dump(mode="json"), "finest": "kommune"},
        title=title,
        purpose=wording.say("unasked_round_purpose"),
        audience=EVERYBODY,
        month=_month(today, questions),
        opens=at(first, time()),
        closes=at(_next_month(today), time()),
    )


def _month(day: date, questions: QuestionSet) -> str:
    return f"{day:%Y-%m}:{questions.id}"


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


_HANDLERS: Mapping[str, Handler] = {
    "unasked_show": show,
    "unasked_keep": keep,
    "unasked_share": share,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
COMMANDS: dict[str, Commanded] = {
    "refleksjon": reflect,
    "mine refleksjoner": list_notes,
    "refleksjonane mine": list_notes,
    "mine refleksjonar": list_notes,
}
