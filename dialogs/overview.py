"""The overview: what one may begin, and one draft as a whole, with its history and its end."""

from collections.abc import Mapping, Sequence
from typing import Any

from dialogs import answers, engine
from dialogs.audiences import audience_of
from dialogs.context import Commanded, Context, Pressed
from dialogs.drafts import View, gone, open_view, when
from dialogs.guide import Step
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Download,
    Facts,
    Items,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.papers import paper_of
from dialogs.plan_rows import PLAN
from dialogs.pressed import number_in
from dialogs.step_card import seen_by
from storage.drafts import (
    delete_draft,
    finish_draft,
    history_of,
)
from storage.shared import Version, versions_of

LONGEST_LINE = 160


def shared_version(context: Context, view: View) -> Version | None:
    """The newest version that readers see now; None when nothing is shared."""
    if not view.guide.audiences:
        return None
    versions = versions_of(context.session, view.draft.id)
    return next((one for one in reversed(versions) if one.withdrawn_at is None), None)


def overview(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    view = open_view(context, value.get("draft"))
    if view is None:
        return gone(context, value.get("draft"))
    return [overview_card(context, view)]


def overview_card(context: Context, view: View, *, said: Sequence[Block] = ()) -> CardReply:
    """Every step with its answer in short, what is missing, and what can be done with it."""
    wording, language = context.wording, context.language
    missing = _missing(context, view)
    blocks: list[Block] = list(said)
    if view.draft.finished_at is not None:
        finished = wording.say("steps_finished", when=when(view.draft.finished_at))
        blocks.append(Paragraph(finished))
    if missing:
        blocks.append(Paragraph(wording.say("steps_overview_missing", steps=missing)))
    elif view.draft.finished_at is None:
        blocks.append(Paragraph(wording.say("steps_overview_done")))
    version = shared_version(context, view)
    if version is not None:
        shared = wording.say(
            "steps_overview_shared",
            number=version.number,
            when=when(version.shared_at),
            readers=audience_of(wording, version, view.known.person),
        )
        blocks.append(Paragraph(shared))
    path = [step for step in engine.path(view.guide, view.answers) if step.kind != "read"]
    blocks.append(
        Facts(tuple((step.heading(language), _in_short(context, view, step)) for step in path))
    )
    if lost := engine.lost(view.guide, view.answers):
        blocks.append(Paragraph(wording.say("steps_overview_lost")))
        blocks.append(Items(tuple(answers.remains(one) for one in lost.values())))
    blocks.append(Paragraph(seen_by(context, view), "note"))
    steps = tuple((step.id, step.heading(language)) for step in path)
    blocks.append(Choice("step", wording.say("steps_go_to"), steps, required=False))
    return CardReply(
        view.title, tuple(blocks), _overview_buttons(context, view, missing, version), language
    )


def _overview_buttons(
    context: Context, view: View, missing: str, version: Version | None
) -> tuple[Button | Download, ...]:
    wording = context.wording
    draft = {"draft": view.draft.id}
    paper, reader = f"draft:{view.draft.id}", view.known.person.key
    shares = bool(view.guide.audiences)
    preview = Button(
        wording.say("steps_preview" if shares else "steps_preview_own"),
        {**draft, "verb": "preview"},
        sends_inputs=False,
    )
    buttons: list[Button | Download] = [
        preview,
        Download(wording.say("steps_word"), paper, "docx", reader),
        Button(wording.say("steps_go"), {**draft, "verb": "open"}),
    ]
    if view.draft.finished_at is None and not missing:
        finish = Button(
            wording.say("steps_finish"),
            {**draft, "verb": "finish"},
            sends_inputs=False,
            weight="main",
        )
        buttons.insert(0, finish)
    if view.draft.owner.kind == "school" and view.guide.id != PLAN:
        buttons.append(Button(wording.say("steps_to_plan"), {**draft, "verb": "to_plan"}))
    if paper_of(view).events:
        buttons.append(Download(wording.say("steps_calendar"), paper, "ics", reader))
    if version is not None:
        withdraw = {"verb": "withdraw_ask", "version": version.id}
        buttons.append(Button(wording.say("steps_withdraw"), withdraw, sends_inputs=False))
    return (
        *buttons,
        Button(wording.say("steps_history"), {**draft, "verb": "history"}, sends_inputs=False),
        Download(wording.say("steps_text"), paper, "txt", reader),
        Download(wording.say("steps_sheet"), f"sheet:{view.guide.id}", "docx", reader),
        Button(
            wording.say("steps_delete"),
            {**draft, "verb": "delete_ask"},
            sends_inputs=False,
            weight="danger",
        ),
    )


def _missing(context: Context, view: View) -> str:
    """The steps that need an answer and have none, as one phrase; "" when there are none."""
    return ", ".join(f"«{step.heading(context.language)}»" for step in view.missing())


def _in_short(context: Context, view: View, step: Step) -> str:
    if step.id not in view.answers:
        return context.wording.say("steps_not_answered")
    value = view.answers[step.id]
    if engine.is_empty(value):
        return context.wording.say("steps_passed")
    if not answers.fits(step, value, view.known):
        return answers.remains(value)
    text = answers.plain(step, value, context.language, view.known)
    return cut(text)


def _written(context: Context, view: View, step: Step | None, value: Any) -> str:
    """What somebody wrote, in short."""
    if engine.is_empty(value):
        return context.wording.say("steps_history_nothing")
    if step is not None and step.kind == "table" and isinstance(value, dict):
        pairs = answers.row_pairs(step, value, context.language, view.known)
        return cut("; ".join(text for _, text in pairs))
    if step is not None and answers.fits(step, value, view.known):
        return cut(answers.plain(step, value, context.language, view.known))
    return cut(answers.remains(value))


def cut(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1].rstrip() + "…"


def finish(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    view = open_view(context, value.get("draft"))
    if view is None:
        return gone(context, value.get("draft"))
    if missing := _missing(context, view):
        said = Paragraph(context.wording.say("steps_finish_missing", steps=missing), "error")
        return [overview_card(context, view, said=[said])]
    finish_draft(context.session, view.draft.id, context.now)
    view = open_view(context, view.draft.id) or view
    said = Paragraph(context.wording.say("steps_finish_done", title=view.title), "note")
    return [overview_card(context, view, said=[said])]


def history(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """Who wrote what, and when: the newest first."""
    view = open_view(context, value.get("draft"))
    wording = context.wording
    if view is None:
        return gone(context, value.get("draft"))
    lines = []
    for one in reversed(history_of(context.session, view.draft.id)):
        step = view.guide.find(one.key.partition("/")[0])
        if step is None or step.kind != "read":
            heading = step.heading(context.language) if step else one.key
            line = wording.say(
                "steps_history_line",
                when=when(one.at),
                name=one.author_name,
                heading=heading,
                text=_written(context, view, step, one.value),
            )
            if line not in lines:
                lines.append(line)
    block: Block = Items(tuple(lines)) if lines else Paragraph(wording.say("steps_history_empty"))
    back = Button(wording.say("steps_overview"), {"verb": "overview", "draft": view.draft.id})
    title = wording.say("steps_history_title")
    return [CardReply(title, (Paragraph(view.title, "note"), block), (back,), context.language)]


# Deleting


def delete_ask(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«avbryt» asks before anything is deleted."""
    view = open_view(context, value.get("draft"))
    wording = context.wording
    if view is None:
        return gone(context, value.get("draft"))
    written = [
        one
        for one in view.stored.values()
        if (step := view.guide.find(one.key.partition("/")[0])) is None or step.kind != "read"
    ]
    names = ", ".join(dict.fromkeys(one.author_name for one in written))
    key = "steps_delete_ask" if written else "steps_delete_ask_empty"
    asked = wording.say(key, title=view.title, count=len(written), names=names)
    draft = {"draft": view.draft.id}
    return [
        CardReply(
            wording.say("steps_delete_title"),
            (Paragraph(asked),),
            (
                Button(wording.say("steps_keep_button"), {**draft, "verb": "delete_not"}),
                Button(
                    wording.say("steps_delete_button"),
                    {**draft, "verb": "delete", "revision": view.draft.revision},
                    weight="danger",
                ),
            ),
            context.language,
        )
    ]


def delete(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    view = open_view(context, value.get("draft"))
    context.turn.doing = None
    if view is None:
        return gone(context, value.get("draft"))
    if not delete_draft(context.session, view.draft.id, revision=number_in(value, "revision")):
        return delete_ask(context, value)  # somebody has written more since it was asked
    return [TextReply(context.wording.say("steps_deleted", title=view.title))]


def _delete_not(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    return [TextReply(context.wording.say("steps_kept"))]


def _cancel(context: Context, rest: str) -> list[Reply]:
    if not context.turn.doing:
        return [TextReply(context.wording.say("steps_nothing_open"))]
    return delete_ask(context, context.turn.doing)


def _overview_of_open(context: Context, rest: str) -> list[Reply]:
    if not context.turn.doing:
        return [TextReply(context.wording.say("steps_nothing_open"))]
    return overview(context, context.turn.doing)


VERBS: dict[str, Pressed] = {
    "overview": overview,
    "history": history,
    "finish": finish,
    "delete_ask": delete_ask,
    "delete_not": _delete_not,
    "delete": delete,
}
COMMANDS: dict[str, Commanded] = {"avbryt": _cancel, "oversikt": _overview_of_open}
