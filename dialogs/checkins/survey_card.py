"""The cards of a survey: the background, one theme after another, and the end before sending."""

from collections.abc import Mapping, Sequence
from typing import Any

from dialogs.checkins.answer_card import inputs_of, role_told, small_print, tick
from dialogs.checkins.ballot_form import BACKGROUND, Form, Where
from dialogs.messages import Block, Button, CardReply, Paragraph
from dialogs.question_set import WRITTEN


def section_card(
    where: Where,
    form: Form,
    section: str,
    *,
    said: Sequence[Block] = (),
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
) -> CardReply:
    """A theme with its definition beside the questions; or the background, before the themes."""
    wording = where.wording
    steps = form.steps_of(section)
    themes = [one.id for one in form.questions.section]
    blocks: list[Block] = list(said)
    if section == BACKGROUND:
        title = wording.say("round_background_title")
        blocks += [
            Paragraph(wording.say("round_progress_background", title=form.title), "note"),
            Paragraph(role_told(wording, form)),
            Paragraph(wording.say("round_background_why", smallest=where.smallest_group)),
        ]
    else:
        theme = form.questions.section[themes.index(section)]
        title, about = theme.named(form.language), theme.defined(form.language)
        number, count = themes.index(section) + 1, len(themes)
        progress = wording.say("round_progress", number=number, count=count, title=form.title)
        blocks.append(Paragraph(progress, "note"))
        blocks += [Paragraph(about)] if about else []
        if theme.source:
            blocks.append(Paragraph(wording.say("steps_source", source=theme.source), "note"))
    blocks += inputs_of(wording, form, steps, given=given, mistakes=mistakes, required=False)
    if any(step.example for step in steps):
        blocks.append(Paragraph(wording.say("round_examples"), "note"))
    if any(step.kind in WRITTEN for step in steps):
        blocks.append(Paragraph(wording.say("steps_not_for_worries"), "note"))
    return CardReply(title, tuple(blocks), _buttons(where, form, section), form.language)


def last_card(
    where: Where, form: Form, *, said: Sequence[Block] = (), given: Mapping[str, Any] | None = None
) -> CardReply:
    """All is answered: see the answers once, and send."""
    wording = where.wording
    round = {"round": form.round.id}
    blocks: list[Block] = [
        *said,
        Paragraph(wording.say("round_all_answered")),
        *tick(wording, form, given),
        *small_print(wording, form),
    ]
    back = {"verb": "ballot_show", **round, "section": form.sections[-1]}
    buttons = (
        Button(wording.say("round_send"), {"verb": "ballot_send", **round}, weight="main"),
        Button(wording.say("round_own"), {"verb": "ballot_own", **round}),
        Button(wording.say("steps_back"), back, sends_inputs=False),
        later_button(where, form),
    )
    return CardReply(wording.say("round_last_title"), tuple(blocks), buttons, form.language)


def later_button(where: Where, form: Form, section: str = "") -> Button:
    later = {"verb": "ballot_later", "round": form.round.id, "section": section}
    return Button(where.wording.say("steps_later"), later)


def _buttons(where: Where, form: Form, section: str) -> tuple[Button, ...]:
    wording = where.wording
    here = {"round": form.round.id, "section": section}
    buttons = [Button(wording.say("steps_next"), {"verb": "ballot_next", **here}, weight="main")]
    if section != form.sections[0]:
        # What is filled in is kept, so that nobody loses it by looking back.
        buttons.append(Button(wording.say("steps_back"), {"verb": "ballot_back", **here}))
    return (*buttons, later_button(where, form, section))
