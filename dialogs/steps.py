"""Steg for steg: begin, continue, answer and go back, a step at a time.

A card carries the revision of the answer it showed. Saving compares: what somebody else has written
since is shown, and nothing is overwritten unseen. Every handler may be called with anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dialogs import answers, engine, guard
from dialogs.context import Commanded, Context, Pressed
from dialogs.drafts import View, begin, gone, open_view, save, with_proposed_rows
from dialogs.guide import LONGEST_LONG_TEXT, Guide, Step
from dialogs.messages import Block, Button, CardReply, Paragraph, Reply, TextReply
from dialogs.overview import overview_card
from dialogs.plan_rows import PLAN
from dialogs.pressed import new_id_in, number_in
from dialogs.questions import find_section, guarded, section_card
from dialogs.step_card import conflict_card, goes_in_plan, step_card
from dialogs.utviklingsplan import show_plan
from storage.drafts import (
    Answer,
    Conflict,
    Place,
    place_of,
    places_of,
    remember_place,
)

# Beginning, continuing


def show_step(
    context: Context,
    view: View,
    step: Step,
    *,
    said: Sequence[Block] = (),
    given: Mapping[str, Any] | None = None,
    mistakes: Mapping[str, str] | None = None,
    extra: Sequence[Button] = (),
    after: Sequence[Button] = (),
) -> CardReply:
    """The card of a step, which becomes the open one; `said` stands above everything else.

    Of the buttons, `extra` come before the step's own and `after` come after them.
    """
    context.turn.doing = {
        "draft": view.draft.id,
        "step": step.id,
        "base": view.base(step.id),
        "at": context.now.isoformat(),
    }
    place = place_of(context.session, view.draft.id, view.known.person.key)
    said = [*_news(context, view, place), *said]
    ids = tuple(one.id for one in view.guide.step)
    person = view.known.person.key
    remember_place(context.session, view.draft.id, person, step.id, ids, context.now)
    if step.kind == "table" and step.prefill:
        view = with_proposed_rows(context, view, step)
    card = step_card(context, view, step, said=said, given=given, mistakes=mistakes, extra=extra)
    return replace(card, buttons=(*card.buttons, *after))


def show_current(context: Context, view: View, said: Sequence[Block] = ()) -> CardReply:
    """The step where the person was; else the first that lacks an answer; else the overview."""
    place = place_of(context.session, view.draft.id, view.known.person.key)
    current = engine.current(view.guide, view.answers)
    step = None
    if place is not None and not view.draft.finished_at:
        step = next((one for one in path_of(view) if one.id == place.step), None)
    step = step or current
    if step is None:
        return overview_card(context, view, said=said)
    return show_step(context, view, step, said=said)


def start(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """Begin a guide, or continue what is begun: `guide` is its id, or "id|draft" of a list."""
    chosen = str(value.get("guide", ""))
    guide_id, _, draft_id = chosen.partition("|")
    guide = context.guides.get(guide_id)
    if guide is None:
        return [TextReply(context.wording.say("steps_gone"))]
    if draft_id:
        return open_draft(context, {"draft": draft_id})
    about = str(value.get("about", ""))[:500]
    return start_guide(context, guide, id=new_id_in(value, "draft"), about=about)


def start_guide(context: Context, guide: Guide, *, id: str = "", about: str = "") -> list[Reply]:
    """Begin the guide, or continue it; or say why not."""
    if guide.id == PLAN:
        return show_plan(context, {})
    began = begin(context, guide, id=id, about=about)
    if isinstance(began, str):
        return [TextReply(began)]
    said = [] if began.stored else [Paragraph(guide.described(context.language), "note")]
    return [show_current(context, began, said)]


def open_draft(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    view = open_view(context, value.get("draft"))
    if view is None:
        return gone(context, value.get("draft"))
    if view.guide.id == PLAN:
        return show_plan(context, {"year": view.draft.year})
    step = view.guide.find(str(value.get("step", "")))
    if step is not None and step in path_of(view):
        return [show_step(context, view, step)]
    return [show_current(context, view)]


def carry_on(context: Context, _: object = "") -> list[Reply]:
    """«fortsett»: where the person was, on whatever device."""
    if context.person is None:
        return [TextReply(context.wording.say("steps_unknown"))]
    for place in places_of(context.session, context.person.key):
        if open_view(context, place.draft) is not None:
            return open_draft(context, {"draft": place.draft})
    return [TextReply(context.wording.say("steps_nothing_open"))]


# Answering


def answer(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Neste» on a card: save what is filled in, and go on."""
    return _answered(context, value, stay=False)


def later(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Lagre og fortsett senere» on a card."""
    return _answered(context, value, stay=True)


def _answered(context: Context, value: Mapping[str, Any], *, stay: bool) -> list[Reply]:
    found = find(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    if step.kind in ("read", "table") and stay:
        return later_reply(context)
    if step.kind == "table" and not step.optional and not view.rows(step.id):
        return [show_step(context, view, step, said=[_error(context, "rows_required")])]
    if step.kind in ("read", "table"):
        if step.id in view.stored and view.stored[step.id].value is not None:
            # Passed already; or it was of another kind, and what was answered then is kept.
            return [onwards(context, view, step)]
        return saved_reply(context, view, step, True, view.base(step.id))
    read = answers.read(step, value, context.language, view.known)
    if isinstance(read, answers.Mistakes):
        if stay and step.id not in view.stored and not answers.filled(step, value):
            return later_reply(context)
        return [show_step(context, view, step, given=value, mistakes=read.by_input)]
    return saved_reply(
        context, view, step, read.value, number_in(value, "base"), stay=stay, given=value
    )


def skip(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Hopp over»: nothing is answered, but the step has been passed."""
    found = find(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    if not step.optional:
        return [show_step(context, view, step, said=[_error(context, "steps_required")])]
    if step.id in view.answers:
        return [onwards(context, view, step)]
    return saved_reply(context, view, step, None, 0)


def back(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    found = find(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    before = engine.before(view.guide, view.answers, step.id)
    if before is None:
        said = [Paragraph(context.wording.say("steps_first"), "note")]
        return [show_step(context, view, step, said=said)]
    return [show_step(context, view, before)]


def keep(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Behold det som står»: go on without saving one's own."""
    found = find(context, value)
    if isinstance(found, list):
        return found
    return [onwards(context, *found)]


def saved_reply(
    context: Context,
    view: View,
    step: Step,
    value: Any,
    base: int,
    *,
    stay: bool = False,
    given: Mapping[str, Any] | None = None,
) -> list[Reply]:
    """Save and go on (with `stay`, leave it there); `given` is shown again if it collides."""
    if refused := refuse(context, answers.free_texts(step, value)):
        return refused
    saved = save(context, view, step.id, value, base)
    if isinstance(saved, Conflict):
        return [_collided(context, view, step, saved.now, given, value)]
    if stay:
        return later_reply(context)
    return [onwards(context, view.with_saved(saved), step, saved=saved)]


def _collided(
    context: Context,
    view: View,
    step: Step,
    now: Answer,
    given: Mapping[str, Any] | None,
    value: Any,
) -> CardReply:
    where = {"draft": view.draft.id, "step": step.id, "base": now.revision}
    context.turn.doing = {**where, "at": context.now.isoformat()}
    return conflict_card(context, view, step, now, where=where, given=given, value=value)


def onwards(context: Context, view: View, step: Step, saved: Answer | None = None) -> CardReply:
    said: list[Block] = []
    if saved is not None and saved.value is not None and step.kind != "read":
        heading = step.heading(context.language)
        said.append(Paragraph(context.wording.say("steps_saved", heading=heading), "note"))
    following = engine.after(view.guide, view.answers, step.id)
    if following is None:
        context.turn.doing = None
        return overview_card(context, view, said=said)
    extra = []
    if saved is not None and step.kind == "long_text" and goes_in_plan(view, step):
        title = context.wording.say("steps_that_to_plan")
        to_plan = {"verb": "to_plan", "draft": view.draft.id, "step": step.id}
        extra.append(Button(title, to_plan, sends_inputs=False))
    return show_step(context, view, following, said=said, after=extra)


def later_reply(context: Context) -> list[Reply]:
    """ "Alt er lagret", and what is written next is no answer."""
    context.turn.doing = None
    return [TextReply(context.wording.say("steps_later_done"))]


# Why it is asked


def why(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    found = find(context, value)
    if isinstance(found, list):
        return found
    view, step = found
    section = find_section(context.library, step.why) if step.why else None
    if section is None:
        return [TextReply(context.wording.say("steps_why_gone"))]
    card = section_card(context.wording, section)
    way_back = Button(
        context.wording.say("steps_return"),
        {"verb": "open", "draft": view.draft.id, "step": step.id},
    )
    return [CardReply(card.title, card.blocks, (way_back,), card.language)]


def _news(context: Context, view: View, place: Place | None) -> list[Block]:
    """What the guide has gained since the person was last here."""
    if place is None:
        return []
    new = engine.new_steps(view.guide, place.steps)
    if not new:
        return []
    steps = ", ".join(f"«{one.heading(context.language)}»" for one in new)
    return [Paragraph(context.wording.say("steps_new_steps", steps=steps), "note")]


def find(context: Context, value: Mapping[str, Any]) -> tuple[View, Step] | list[Reply]:
    """The draft and step that a button names; or what to say when they are gone."""
    view = open_view(context, value.get("draft"))
    if view is None:
        return gone(context, value.get("draft"))
    step = view.guide.find(str(value.get("step", "")))
    if step is None or step not in path_of(view):
        # The guide has changed, or an answer that led there has.
        return [show_current(context, view, _unsaved(context, value))]
    return view, step


def _unsaved(context: Context, value: Mapping[str, Any]) -> list[Block]:
    """What was filled in on a card whose step is gone, to be used elsewhere."""
    inputs = f"{value.get('step', '')}__"
    texts = [t for id, t in value.items() if id.startswith(inputs) and isinstance(t, str) and t]
    if not texts or any(guard.find(text) for text in texts):
        return []
    said = Paragraph(context.wording.say("steps_off_path"), "error")
    return [said, *(Paragraph(text[:LONGEST_LONG_TEXT], "quote") for text in texts)]


def path_of(view: View) -> tuple[Step, ...]:
    return engine.path(view.guide, view.answers)


def refuse(context: Context, texts: Sequence[str]) -> list[Reply]:
    """What to say instead of keeping a text that tells of harm or names somebody; [] if it is fine.

    Nothing of it is repeated: the card it was written in still holds it.
    """
    said = refusal(context, texts)
    return [TextReply(f"{said}\n\n{context.wording.say('steps_keep_typed')}")] if said else []


def refusal(context: Context, texts: Sequence[str]) -> str:
    """Why none of it is kept, where to go with a worry; "" when the texts may be kept."""
    for text in texts:
        finding = guard.find(text)
        if finding is not None:
            context.turn.digest = ""
            return guarded(context.contacts, context.wording, finding)
    return ""


def _error(context: Context, key: str) -> Paragraph:
    return Paragraph(context.wording.say(key), "error")


VERBS: dict[str, Pressed] = {
    "start": start,
    "open": open_draft,
    "answer": answer,
    "later": later,
    "skip": skip,
    "back": back,
    "keep": keep,
    "why": why,
    "carry_on": carry_on,
}
COMMANDS: dict[str, Commanded] = {
    "fortsett": carry_on,
    "fortset": carry_on,
    "hald fram": carry_on,
}
