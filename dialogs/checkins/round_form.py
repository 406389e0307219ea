"""«Ny spørrerunde»: which questions, whom, when; then «Slik blir det», and «Start».

The same cards in the chat and on the page. Nothing is kept before «Start»: the buttons carry what
was filled in, and the id that the round gets.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from dialogs.checkins import rounds
from dialogs.checkins.answer_card import time_text
from dialogs.checkins.round_audience import (
    asked_people,
    may_start,
    reaches_teachers,
    representatives,
)
from dialogs.checkins.round_card import round_card
from dialogs.checkins.round_fields import RoundFields, filled_in
from dialogs.checkins.round_planning import reminder_at, result_at
from dialogs.checkins.round_rules import Problem, Rules, Wanted
from dialogs.checkins.round_words import Writing, question_blocks, round_facts, who_sees
from dialogs.collected.menu import menu_for
from dialogs.context import Commanded, Composing, Context, Paged, Pressed
from dialogs.meetings.meeting_card import day_and_clock
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Page,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.pressed import Handler, id_in, new_id_in, registered
from dialogs.question_set import QuestionSet
from storage.conversations import people_reached
from storage.people import RegisteredPerson
from storage.rounds import Round, find_round

PATH = "ny-runde"


def starters(handler: Handler) -> Pressed:
    """The handler for those who may start rounds; anybody else is told who does."""

    def checked(
        context: Context, person: RegisteredPerson, value: Mapping[str, Any]
    ) -> list[Reply]:
        if not may_start(person):
            return [TextReply(context.wording.say("rounds_not_yours"))]
        return handler(context, person, value)

    return registered(checked)


# Which questions


def new_card(writing: Writing, person: RegisteredPerson, *, wrong: bool = False) -> CardReply:
    """The question sets to choose between."""
    wording, language = writing.wording, writing.language
    sets = sets_for(writing, person)
    title = wording.say("rounds_new_title")
    if not sets:
        said = Paragraph(wording.say("rounds_no_sets"))
        return CardReply(title, (said,), (), language)
    options = tuple(
        (
            one.id,
            wording.say(
                f"rounds_set_{'survey' if one.kind == 'undersøkelse' else 'short'}",
                title=one.named(language),
                time=time_text(wording, one),
            ),
        )
        for one in sets
    )
    error = wording.say("rounds_choose_set")
    blocks: list[Block] = [Paragraph(wording.say("rounds_new_intro"))]
    if wrong:
        blocks.append(Paragraph(error, "error"))
    blocks.append(
        Choice("set", wording.say("rounds_which_set"), options, error, value=options[0][0])
    )
    value = {"verb": "round_form", "new": uuid4().hex}
    button = Button(wording.say("rounds_next"), value, weight="main")
    return CardReply(title, tuple(blocks), (button,), language)


def sets_for(writing: Writing, person: RegisteredPerson) -> list[QuestionSet]:
    """The question sets that this person may put to people."""
    sets = writing.guides.sets.values()
    if person.role != "rektor":
        return list(sets)
    return [one for one in sets if one.finest == "skole" and one.visibility == "samlet"]


def new(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Ny spørrerunde»."""
    return [new_card(context, person)]


# Filling it in


def form(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The form: as proposed, or with what was filled in («Rett opp»)."""
    fields = _fields(context, person, value)
    if fields is None:
        return [new_card(context, person, wrong=True)]
    given = value.get("filled")
    filled = filled_in(given) if isinstance(given, Mapping) else fields.proposed()
    return [_form_card(fields, _new_id(value), filled)]


def preview(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Slik blir det», or all that is wrong with what was filled in."""
    fields = _fields(context, person, value)
    if fields is None:
        return [new_card(context, person, wrong=True)]
    filled, id = filled_in(value), _new_id(value)
    wanted = fields.read(id, filled)
    if isinstance(wanted, list):
        return [_form_card(fields, id, filled, wanted)]
    if problems := rounds.problems_with(fields.rules, wanted, person):
        return [_form_card(fields, id, filled, problems)]
    return [_preview_card(context, fields, wanted, filled)]


def start(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Start what was seen in the preview; the same again shows the round that was started."""
    there = find_round(context.session, new_id_in(value, "new"))
    if there is not None:
        return _started(context, person, there, "rounds_started_already")
    fields, given = _fields(context, person, value), value.get("filled")
    if fields is None or not isinstance(given, Mapping):
        return [new_card(context, person, wrong=True)]
    filled, id = filled_in(given), _new_id(value)
    wanted = fields.read(id, filled)
    made = (
        wanted
        if isinstance(wanted, list)
        else rounds.make_round(
            context.session,
            context.sending,
            wanted,
            by=person,
            wording=context.wording,
            smallest=context.smallest_group,
            now=context.now,
        )
    )
    if isinstance(made, list):
        return [_form_card(fields, id, filled, made)]
    return _started(context, person, made, "rounds_started")


def _started(context: Context, person: RegisteredPerson, round: Round, key: str) -> list[Reply]:
    if round.created_by != person.key:  # an id that somebody else's card carried
        return [TextReply(context.wording.say("rounds_not_there"))]
    if round.cancelled_at is not None:
        return [TextReply(context.wording.say("rounds_is_cancelled"))]
    return [round_card(context, person, round, [Paragraph(context.wording.say(key))])]


def _fields(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> RoundFields | None:
    """The form for the question set of a button; None when there is no such set for them."""
    wanted = id_in(value, "set")
    found = next((one for one in sets_for(context, person) if one.id == wanted), None)
    if found is None:
        return None
    rules = Rules(
        context.session, context.sending, context.wording, context.smallest_group, context.now
    )
    return RoundFields(context.wording, rules, person, found)


def _new_id(value: Mapping[str, Any]) -> str:
    return new_id_in(value, "new") or uuid4().hex


# The cards


def _form_card(
    fields: RoundFields, id: str, filled: Mapping[str, str], problems: Sequence[Problem] = ()
) -> CardReply:
    wording, questions = fields.wording, fields.set
    wrong: dict[str, str] = {}
    for one in problems:
        wrong[one.field] = f"{wrong[one.field]} {one.text}" if one.field in wrong else one.text
    # What is wrong with all of it comes first: what stands right above a field is the field's.
    blocks: list[Block] = []
    if wrong:
        blocks.append(Paragraph(wording.say("rounds_correct"), "error"))
    blocks += [Paragraph(wrong[field], "error") for field in ("", "set") if field in wrong]
    blocks.append(Paragraph(questions.described(wording.language)))
    blocks += fields.inputs(filled, wrong)
    blocks.append(Paragraph(wording.say("rounds_form_note"), "note"))
    shown = {"verb": "round_preview", "new": id, "set": questions.id}
    button = Button(wording.say("rounds_show_preview"), shown, weight="main")
    title = wording.say("rounds_form_title", title=questions.named(wording.language))
    return CardReply(title, tuple(blocks), (button,), wording.language)


def _preview_card(
    context: Context, fields: RoundFields, wanted: Wanted, filled: Mapping[str, str]
) -> CardReply:
    wording, questions = context.wording, wanted.set
    round = rounds.round_of(fields.rules, wanted, fields.person)
    blocks: list[Block] = [
        round_facts(context, round),
        *(Paragraph(text) for text in _reach_texts(context, fields, round)),
        Paragraph(wording.say("rounds_preview_sees"), "heading"),
        Paragraph(who_sees(wording, questions, round.unit, context.smallest_group)),
    ]
    if questions.kind != "undersøkelse":
        blocks.append(Paragraph(wording.say("rounds_preview_questions"), "heading"))
        blocks += question_blocks(wording, questions)
    blocks.append(Paragraph(wording.say("rounds_preview_holds"), "note"))
    carried = {"new": wanted.id, "set": questions.id, "filled": dict(filled)}
    buttons = (
        Button(
            wording.say("rounds_start"),
            {"verb": "round_start", **carried},
            sends_inputs=False,
            weight="main",
        ),
        Button(wording.say("rounds_edit"), {"verb": "round_form", **carried}, sends_inputs=False),
    )
    title = wording.say("rounds_preview_title", title=questions.named(context.language))
    return CardReply(title, tuple(blocks), buttons, context.language)


def _reach_texts(context: Context, fields: RoundFields, round: Round) -> list[str]:
    """Who gets it, how many have the bot, and when each message goes."""
    wording, register = context.wording, fields.rules.register
    people = asked_people(round.audience, register)
    schools = {one.unit for one in people}
    where = {"schools": len(schools), "school": round.unit or next(iter(schools), "")}
    key = "rounds_reach" if len(schools) > 1 else "rounds_reach_one"
    texts = [wording.say(key, count=len(people), **where)]
    missing = len({one.key for one in people} - people_reached(context.session))
    if missing:
        texts.append(wording.say("rounds_reach_missing", count=missing))
    if reaches_teachers(round.audience):
        elected = len(representatives(people, register))
        key = "rounds_reach_elected" if elected else "rounds_reach_no_elected"
        texts.append(wording.say(key, count=elected))
    times = [wording.say("rounds_sent_at", at=_moment(context, round.opens))]
    if (reminded := reminder_at(round, context.sending)) is not None:
        times.append(wording.say("rounds_reminded_at", at=_moment(context, reminded)))
    times.append(
        wording.say("rounds_result_at", at=_moment(context, result_at(round, context.sending)))
    )
    texts.append(" ".join(times))
    if round.repeat:
        texts.append(wording.say("rounds_repeat_told"))
    return texts


def _moment(context: Context, moment: Any) -> str:
    return day_and_clock(context.wording, moment, context.today)


def page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """The form on the page, for those who may start rounds."""
    person = composing.person
    if rest or not may_start(person):
        return None
    return Page(
        composing.wording.say("rounds_new_title"),
        (new_card(composing, person),),
        menu=menu_for(composing.wording, person),
        language=composing.language,
    )


def _said(context: Context, rest: str) -> list[Reply]:
    return VERBS["round_new"](context, {})


_HANDLERS: Mapping[str, Handler] = {
    "round_new": new,
    "round_form": form,
    "round_preview": preview,
    "round_start": start,
}
VERBS: dict[str, Pressed] = {verb: starters(handler) for verb, handler in _HANDLERS.items()}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    (
        "ny spørrerunde",
        "ny spørjerunde",
        "nye spørrerunder",
        "start spørrerunde",
        "start en spørrerunde",
        "start ei spørjerunde",
    ),
    _said,
)
PAGES: dict[str, Paged] = {PATH: page}
PAGE_VERBS: set[str] = set(VERBS)
