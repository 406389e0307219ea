"""Answering a round with cards: a short reflection at once, a survey theme by theme.

Every handler may be called with anything: an old card, somebody else's, or the same one again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dialogs.checkins import heard_round
from dialogs.checkins.answer_card import invitation, questions_card
from dialogs.checkins.ballot_box import is_empty, send, to_answer
from dialogs.checkins.ballot_form import Form, is_ticked, read_steps
from dialogs.checkins.own_answers import own_picture
from dialogs.checkins.survey_card import last_card, section_card
from dialogs.context import Commanded, Context, Pressed
from dialogs.messages import Button, CardReply, Paragraph, Reply
from dialogs.pressed import Handler, id_in, registered
from dialogs.steps import refuse
from storage.ballots import save_draft
from storage.people import RegisteredPerson

# What a handler of an open round is: the form with the draft, beside what was sent.
Answering = Callable[[Context, Form, Mapping[str, Any]], list[Reply]]


def open_round(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Svar» in a list: the same card as was sent."""
    return [invitation(context, form.round)]


def answer(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Send» on the card of a short reflection; in a named round, the school's answer."""
    if form.is_survey:
        return [current_card(context, form)]
    read = read_steps(form, form.steps, value)
    filled = form.with_answers(read.answers)
    if read.mistakes:
        return [questions_card(context, form, given=value, mistakes=read.mistakes)]
    if is_empty(filled):
        said = [Paragraph(context.wording.say("round_nothing_answered"), "error")]
        return [questions_card(context, form, said=said, given=value)]
    return send(context, filled, tell_unit=is_ticked(value))


# A survey, card by card


def begin(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Begynn» and «Fortsett»: where the person was."""
    return [current_card(context, form)]


def current_card(context: Context, form: Form) -> CardReply:
    """The first card with something that has not been passed; when there is none, the end."""
    if not form.is_survey:
        return questions_card(context, form)
    if form.current:
        return section_card(context, form, form.current)
    return last_card(context, form)


def show(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """One card of the survey, as it is filled in so far."""
    section = id_in(value, "section")
    if section not in form.sections:
        return [current_card(context, form)]
    return [section_card(context, form, section)]


def onwards(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Neste»: keep what is filled in, and go on when nothing is missing."""
    section = id_in(value, "section")
    if section not in form.sections:
        return [current_card(context, form)]
    saved, mistakes = _keep(context, form, section, value)
    if isinstance(saved, list):
        return saved
    if mistakes:
        return [section_card(context, saved, section, given=value, mistakes=mistakes)]
    following = form.sections[form.sections.index(section) + 1 :]
    if following:
        return [section_card(context, saved, following[0])]
    return [_end(context, saved)]


def back(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Tilbake»: what is filled in is kept, as far as it can be read."""
    section = id_in(value, "section")
    if section not in form.sections:
        return [current_card(context, form)]
    saved, _ = _keep(context, form, section, value)
    if isinstance(saved, list):
        return saved
    before = max(form.sections.index(section) - 1, 0)
    return [section_card(context, saved, form.sections[before])]


def later(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Lagre og fortsett senere»: the way back to it stands on the answer."""
    section = id_in(value, "section")
    if section in form.sections:
        saved, _ = _keep(context, form, section, value)
        if isinstance(saved, list):
            return saved
    wording = context.wording
    return [
        CardReply(
            wording.say("round_later_title"),
            (Paragraph(wording.say("round_later")),),
            (
                Button(
                    wording.say("round_continue"),
                    {"verb": "ballot_begin", "round": form.round.id},
                    sends_inputs=False,
                ),
            ),
            context.language,
        )
    ]


def own(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Vis mine svar én gang», and then the end of the survey again."""
    if not form.is_survey or form.missing:
        return [current_card(context, form)]
    shown = own_picture(context, form)
    return [last_card(context, form, said=shown, given=value)]


def send_survey(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Send» at the end of a survey, or of a question at a time; what is missing comes first."""
    if form.missing:
        return [_end(context, form)]
    if is_empty(form):
        return [current_card(context, form)]
    return send(context, form, tell_unit=is_ticked(value))


def _end(context: Context, form: Form) -> CardReply:
    """The end of the survey, or the first card where something is missing."""
    if not form.missing:
        return last_card(context, form)
    if not form.is_survey:
        return questions_card(context, form)
    said = [Paragraph(context.wording.say("round_missing"), "error")]
    return section_card(context, form, form.section_of(form.missing[0]), said=said)


def _keep(
    context: Context, form: Form, section: str, value: Mapping[str, Any]
) -> tuple[Form | list[Reply], Mapping[str, str]]:
    """The form with what the card holds, saved in the draft; and what could not be read.

    Nothing of a card is saved when it tells of harm or names somebody.
    """
    read = read_steps(form, form.steps_of(section), value)
    if refused := refuse(context, read.written):
        return refused, {}
    saved = form.with_answers(read.answers)
    save_draft(context.session, form.round.id, form.person.key, dict(saved.answers))
    return saved, read.mistakes


def _answering(handler: Answering) -> Handler:
    """The handler for those who may answer the round now; others are told why not."""

    def pressed(
        context: Context, person: RegisteredPerson, value: Mapping[str, Any]
    ) -> list[Reply]:
        found = to_answer(context, person, value)
        return handler(context, found, value) if isinstance(found, Form) else found

    return pressed


_HANDLERS: Mapping[str, Answering] = {
    "round_open": open_round,
    "round_answer": answer,
    "ballot_begin": begin,
    "ballot_show": show,
    "ballot_next": onwards,
    "ballot_back": back,
    "ballot_later": later,
    "ballot_own": own,
    "ballot_send": send_survey,
    "ballot_chat": heard_round.begin,
    "ballot_use_text": heard_round.use_text,
}
VERBS: dict[str, Pressed] = {
    verb: registered(_answering(handler)) for verb, handler in _HANDLERS.items()
}
COMMANDS: dict[str, Commanded] = heard_round.COMMANDS
