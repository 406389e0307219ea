"""Into the ballot box: whether a person may answer a round now, and sending, once and for all.

The round is locked while anything is kept of it, so that nothing comes in after it has closed.
"""

from collections.abc import Mapping
from typing import Any

from dialogs.checkins.answer_card import (
    last_day_text,
    named_sent_card,
    result_day_text,
    sent_card,
)
from dialogs.checkins.ballot_form import (
    Form,
    experience_of,
    form_of,
    is_asked,
    may_answer_for_school,
    place_of,
    role_of,
    texts_of,
    values_of,
)
from dialogs.checkins.round_planning import result_at
from dialogs.context import Context
from dialogs.messages import Reply, TextReply
from dialogs.pressed import id_in
from dialogs.steps import refuse
from storage.ballots import (
    Named,
    cast,
    drop_draft,
    has_answered,
    keep_named,
    mark_answered,
)
from storage.people import RegisteredPerson
from storage.rounds import find_round


def to_answer(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> Form | list[Reply]:
    """The round that a button names, locked, with the person's draft; or why it can't be answered.

    What was filled in came with the button: nothing is kept that a guess could be held against.
    """
    context.turn.digest = ""
    wording, session = context.wording, context.session
    round = find_round(session, id_in(value, "round"), lock=True)
    # Whom it isn't for is told no more of it than that.
    if round is None or not is_asked(session, round, person):
        return _ended(context, wording.say("round_not_for_you"))
    form = form_of(context, person, round)
    if round.cancelled_at is not None:
        return _ended(context, wording.say("round_cancelled", title=form.title))
    if context.now < round.opens:
        return _ended(context, wording.say("round_not_open", title=form.title))
    if not round.is_open(context.now):
        return _ended(context, _late(context, form))
    if form.is_named:
        if not may_answer_for_school(session, person):
            return _ended(context, wording.say("round_named_not_yours", unit=person.unit))
    elif has_answered(session, round.id, person.key):
        _forget_open_question(context)
        return [sent_card(context, form, again=True)]
    return form


def send(context: Context, form: Form, *, tell_unit: bool = False) -> list[Reply]:
    """Put the answers in, and delete the draft; the caller has it from `to_answer` in this turn.

    All of it is saved, or nothing.
    """
    session, round, person = context.session, form.round, form.person
    texts = texts_of(form)
    if refused := refuse(context, [text for _, text in texts]):
        return refused
    if form.is_named:
        answer = Named(person.unit, person.key, person.name, dict(form.answers), context.now)
        keep_named(session, round.id, answer)
        mark_answered(session, round.id, person.key)  # not to be reminded
        drop_draft(session, round.id, person.key)
        _forget_open_question(context)
        return [named_sent_card(context, form)]
    if not mark_answered(session, round.id, person.key):
        return [sent_card(context, form, again=True)]
    cast(
        session,
        round.id,
        values_of(form),
        texts,
        place=place_of(form),
        role=role_of(form),
        experience=experience_of(form),
        tell_unit=tell_unit and form.tells_unit,
    )
    drop_draft(session, round.id, person.key)
    _forget_open_question(context)
    return [sent_card(context, form)]


def is_empty(form: Form) -> bool:
    """Whether nothing at all is answered."""
    return not values_of(form) and not texts_of(form)


def _late(context: Context, form: Form) -> str:
    """The round is over: its draft is gone, and when the result comes."""
    round = form.round
    drop_draft(context.session, round.id, form.person.key)
    wording = context.wording
    is_told = round.closed_at is not None and result_at(round, context.sending) <= context.now
    key = "round_late_told" if is_told else "round_late"
    if form.is_named:
        key = "round_late_named"
    return wording.say(
        key,
        title=form.title,
        day=last_day_text(context, round),
        result=result_day_text(context, round),
    )


def _ended(context: Context, text: str) -> list[Reply]:
    _forget_open_question(context)
    return [TextReply(text)]


def _forget_open_question(context: Context) -> None:
    if (context.turn.doing or {}).get("round"):
        context.turn.doing = None
