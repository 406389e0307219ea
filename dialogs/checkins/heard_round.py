"""Answering a round in the chat, a question at a time, where a card can't be filled in.

What is open stands in `turn.doing` as {"round", "question", "at"}, without anything of the answers:
they are in the draft, which is deleted when it is sent.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dialogs import answers, heard
from dialogs.checkins.ballot_box import is_empty, send, to_answer
from dialogs.checkins.ballot_form import Form
from dialogs.checkins.own_answers import own_lines
from dialogs.checkins.round_words import who_sees
from dialogs.context import Commanded, Context
from dialogs.guide import Scale, Step, in_language
from dialogs.messages import Button, CardReply, Facts, Paragraph, Reply, Suggestion, TextReply
from dialogs.pressed import text_in
from dialogs.question_set import POINTS, WRITTEN
from dialogs.small_talk import reply_to
from dialogs.steps import refuse
from storage.ballots import save_draft

_SENDS = ("send", "ja", "ja takk", "send inn")


def begin(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """«Svar her i chatten»: who sees what, and the first question that is not answered."""
    wording, smallest = context.wording, context.smallest_group
    seen = who_sees(wording, form.questions, form.round.unit, smallest)
    said = f"{seen}\n\n{wording.say('round_chat_stays')}"
    step = next((one for one in form.steps if one.id not in form.answers), None)
    if step is None:
        return [_end(context, form)]
    return [_question(context, form, step, said)]


def open_question(context: Context) -> Mapping[str, Any] | None:
    """What is open, as it stands in `turn.doing`; None when nothing is, or it was long ago."""
    doing = context.turn.doing or {}
    if not doing.get("round") or "at" not in doing or context.person is None:
        return None
    late = context.now - datetime.fromisoformat(doing["at"]) > heard.STEP_STAYS_OPEN
    return None if late else doing


def hear(context: Context, doing: Mapping[str, Any], text: str) -> tuple[list[Reply], bool]:
    """The answer to the open question, or to «Send?»; True when the text is no answer to it.

    Then it is a word to the bot, and the replies stand after what is answered to that.
    """
    digest = context.turn.digest
    assert context.person is not None
    form = to_answer(context, context.person, doing)
    if not isinstance(form, Form):
        return form, False
    step = form.find(doing.get("question"))
    if step is None:
        if text.casefold().rstrip(".! ") in _SENDS:
            return _sent(context, form), False
        context.turn.digest = digest
        return [_end(context, form)], True
    if not _is_aside(context, form, step, text):
        return _heard(context, form, step, text), False
    if isinstance(answers.hear(step, text, form.language, form.known), answers.Mistakes):
        context.turn.digest = digest
        return [_question(context, form, step)], True
    return [_with_use(context, form, step, text)], True


def use_text(context: Context, form: Form, value: Mapping[str, Any]) -> list[Reply]:
    """What was written was answered as a question, but was meant as the answer."""
    step = form.find(value.get("question"))
    if step is None:
        return begin(context, form, value)
    return _heard(context, form, step, text_in(value, "text"))


def _heard(context: Context, form: Form, step: Step, text: str) -> list[Reply]:
    if refused := refuse(context, [text]):
        return refused
    found = answers.hear(step, text, form.language, form.known)
    if isinstance(found, answers.Mistakes):
        return [_question(context, form, step, "\n\n".join(dict.fromkeys(found.by_input.values())))]
    return [_saved(context, form, step, found.value)]


def _saved(context: Context, form: Form, step: Step, value: Any) -> Reply:
    saved = form.with_answers({step.id: value})
    save_draft(context.session, form.round.id, form.person.key, dict(saved.answers))
    following = form.steps[form.steps.index(step) + 1 :]
    if following:
        return _question(context, saved, following[0])
    return _end(context, saved)


def _sent(context: Context, form: Form) -> list[Reply]:
    if form.missing or is_empty(form):
        return [_end(context, form)]
    return send(context, form)


# What is asked


def _question(context: Context, form: Form, step: Step, said: str = "") -> TextReply:
    """One question as a text, with what may be written."""
    _open(context, form, step.id)
    wording = context.wording
    number, count = form.steps.index(step) + 1, len(form.steps)
    parts = [
        said,
        wording.say("round_chat_progress", number=number, count=count),
        _definition(form, step),
        step.asked(form.language),
        step.helped(form.language),
        *_ways(context, form, step),
    ]
    if step.optional:
        parts.append(wording.say("round_chat_skip"))
    return TextReply("\n\n".join(filter(None, parts)), suggestions=_suggestions(form, step))


def _definition(form: Form, step: Step) -> str:
    """The theme's definition, before its first question."""
    for section in form.questions.section:
        if section.step[0].id == step.id:
            return "\n\n".join(
                filter(None, (section.named(form.language), section.defined(form.language)))
            )
    return ""


def _ways(context: Context, form: Form, step: Step) -> list[str]:
    """How each kind is answered in writing."""
    wording, language = context.wording, form.language
    match step.kind:
        case "scale":
            low, high = _ends(form, step)
            return [wording.say("round_chat_scale", low=low, high=high, points=POINTS)]
        case "two_scales":
            lines = []
            for scale in step.scales:
                low, high = _ends(form, scale)
                text = in_language(language, scale.text, scale.text_nn)
                lines.append(wording.say("round_chat_of_two", text=text, low=low, high=high))
            return ["\n".join(f"• {line}" for line in lines), wording.say("answer_two_scales")]
        case "one_of":
            options = [in_language(language, one.text, one.text_nn) for one in step.choices]
            numbered = "\n".join(f"• {n}: {text}" for n, text in enumerate(options, start=1))
            return [numbered, wording.say("round_chat_one_of")]
    return []


def _ends(form: Form, scale: Step | Scale) -> tuple[str, str]:
    return (
        in_language(form.language, scale.low, scale.low_nn),
        in_language(form.language, scale.high, scale.high_nn),
    )


def _suggestions(form: Form, step: Step) -> tuple[Suggestion, ...]:
    match step.kind:
        case "scale":
            return tuple(Suggestion(str(n), str(n)) for n in range(1, POINTS + 1))
        case "one_of":
            texts = (in_language(form.language, one.text, one.text_nn) for one in step.choices)
            return tuple(Suggestion(text, text) for text in texts)
    return ()


def _end(context: Context, form: Form) -> Reply:
    """All answers once, and «Send»; or the first question that must be answered."""
    wording = context.wording
    if form.missing:
        return _question(context, form, form.missing[0], wording.say("round_chat_missing"))
    if is_empty(form):
        return _question(context, form, form.steps[0], wording.say("round_nothing_answered"))
    _open(context, form, "")
    send_it = {"verb": "ballot_send", "round": form.round.id}
    return CardReply(
        wording.say("round_last_title"),
        (
            Facts(tuple(own_lines(wording, form, form.steps))),
            Paragraph(wording.say("round_chat_end")),
            Paragraph(wording.say("round_out_of_reach"), "note"),
        ),
        (Button(wording.say("round_send"), send_it, sends_inputs=False, weight="main"),),
        form.language,
    )


def _with_use(context: Context, form: Form, step: Step, text: str) -> CardReply:
    """The question again after a word to the bot that could be the answer as well."""
    asked = _question(context, form, step)
    shown = text if len(text) <= heard.LONGEST_ECHO else text[: heard.LONGEST_ECHO - 1] + "…"
    use = {
        "verb": "ballot_use_text",
        "round": form.round.id,
        "question": step.id,
        "text": text,
    }
    title = context.wording.say("steps_use_text", text=shown)
    return CardReply(
        form.title,
        (Paragraph(asked.text),),
        (Button(title, use, sends_inputs=False),),
        form.language,
    )


def _is_aside(context: Context, form: Form, step: Step, text: str) -> bool:
    """Whether what is written looks like a word to the bot rather than the answer."""
    if step.kind in WRITTEN:
        return bool(reply_to(text, form.language)) or heard.is_question(text)
    found = answers.hear(step, text, form.language, form.known)
    return isinstance(found, answers.Mistakes) and heard.is_question(text)


def _open(context: Context, form: Form, question: str) -> None:
    at = context.now.isoformat()
    context.turn.doing = {"round": form.round.id, "question": question, "at": at}


# Words that stand for a button


def _skip(context: Context, form: Form, step: Step) -> list[Reply]:
    if not step.optional:
        return [_question(context, form, step, context.wording.say("round_chat_required"))]
    return [_saved(context, form, step, form.answers.get(step.id))]


def _back(context: Context, form: Form, step: Step) -> list[Reply]:
    return [_question(context, form, form.steps[max(form.steps.index(step) - 1, 0)])]


def _next(context: Context, form: Form, step: Step) -> list[Reply]:
    if form.answers.get(step.id) is None:
        return _skip(context, form, step)
    return [_saved(context, form, step, form.answers[step.id])]


def _wait(context: Context, form: Form, step: Step) -> list[Reply]:
    context.turn.doing = None
    return [TextReply(context.wording.say("round_later"))]


_IN_A_ROUND = {
    "tilbake": _back,
    "attende": _back,
    "neste": _next,
    "hopp over": _skip,
    **dict.fromkeys(("senere", "seinare", "lagre", "stopp", "slutt"), _wait),
    "lagre og fortsett senere": _wait,
    "lagre og hald fram seinare": _wait,
}


def _command(word: str) -> Commanded:
    """The word as it is meant now: of the open question, else of an open step of a draft."""

    def handle(context: Context, rest: str) -> list[Reply]:
        doing = open_question(context)
        if doing is None:
            if not (context.turn.doing or {}).get("draft"):
                context.turn.doing = None
            return heard.COMMANDS[word](context, rest)
        assert context.person is not None
        form = to_answer(context, context.person, doing)
        if not isinstance(form, Form):
            return form
        step = form.find(doing.get("question")) or form.steps[-1]
        return _IN_A_ROUND[word](context, form, step)

    return handle


# These are words of heard.py as well; this module stands after it in assistant.py.
COMMANDS: dict[str, Commanded] = {word: _command(word) for word in _IN_A_ROUND}
