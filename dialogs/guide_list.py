"""«steg for steg»: what one may begin, and how far what is begun has come."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import uuid4

from dialogs import engine
from dialogs.access import owner_for, owners_of
from dialogs.context import Commanded, Context
from dialogs.drafts import View, view_of
from dialogs.guide import Guide, in_language
from dialogs.messages import Block, Button, CardReply, Choice, Items, Paragraph, Reply, TextReply
from dialogs.overview import shared_version
from dialogs.school_year import school_year
from storage.drafts import Draft, list_drafts, places_of


def list_guides(context: Context, rest: str = "") -> list[Reply]:
    """«steg for steg»: every guide for the person's role, with how far it has come."""
    wording, person = context.wording, context.person
    if person is None:
        return [TextReply(wording.say("steps_unknown"))]
    drafts: dict[str, list[Draft]] = defaultdict(list)
    this_year = school_year(context.today)
    for draft in list_drafts(context.session, owners_of(person)):
        guide = context.guides.get(draft.guide)
        lasts = draft.finished_at is None or (guide is not None and guide.per == "theme")
        if draft.year == this_year or lasts:
            drafts[draft.guide].append(draft)
    groups: dict[str, list[str]] = defaultdict(list)
    options: list[tuple[str, str]] = []
    for guide in sorted(context.guides.all, key=lambda one: one.named(context.language)):
        if owner_for(guide, person) is None or not (guide.listed or drafts[guide.id]):
            continue
        group = in_language(context.language, guide.group, guide.group_nn)
        lines, choices = _guide_lines(context, guide, drafts[guide.id])
        groups[group or wording.say("steps_other")] += lines
        options += choices
    if not options:
        role = "staff" if person.role in ("lærer", "tillitsvalgt") else "others"
        return [TextReply(wording.say(f"steps_empty_{role}"))]
    blocks: list[Block] = [Paragraph(wording.say("steps_intro"))]
    for group, lines in sorted(groups.items()):
        blocks += [Paragraph(group, "heading"), Items(tuple(lines))]
    label, error = wording.say("steps_choose"), wording.say("steps_choose_error")
    blocks.append(Choice("guide", label, tuple(options), error))
    buttons = [
        Button(wording.say("steps_begin"), {"verb": "start", "draft": uuid4().hex}, weight="main")
    ]
    if places_of(context.session, person.key):
        buttons.append(
            Button(wording.say("steps_continue"), {"verb": "carry_on"}, sends_inputs=False)
        )
    title = wording.say("steps_title")
    return [CardReply(title, tuple(blocks), tuple(buttons), context.language)]


def _guide_lines(
    context: Context, guide: Guide, drafts: Sequence[Draft]
) -> tuple[list[str], list[tuple[str, str]]]:
    """The lines and the choices of one guide: itself, and each draft where there may be several."""
    wording, person = context.wording, context.person
    assert person is not None
    name = guide.named(context.language)
    lines, options = [], []
    this_year = school_year(context.today)
    for draft in drafts:
        view = view_of(context, person, guide, draft)
        title = view.title if draft.year == this_year else f"{view.title} ({draft.year})"
        lines.append(f"{title} – {_status(context, view)}")
        options.append((f"{guide.id}|{draft.id}", title))
    begun = any(draft.year == this_year for draft in drafts)
    if guide.listed and (guide.per == "theme" or not begun):
        about = wording.say("steps_minutes", minutes=guide.minutes)
        lines.append(f"{name} – {about}")
        options.append((guide.id, wording.say("steps_new", title=name) if drafts else name))
    return lines, options


def _status(context: Context, view: View) -> str:
    wording = context.wording
    if shared_version(context, view) is not None:
        return wording.say("steps_status_shared")
    if view.draft.finished_at is not None:
        return wording.say("steps_status_done")
    path = [step for step in engine.path(view.guide, view.answers) if step.kind != "read"]
    answered = sum(step.id in view.answers for step in path)
    return wording.say("steps_status_open", answered=answered, count=len(path))


COMMANDS: dict[str, Commanded] = {
    "steg for steg": list_guides,
    "veiledninger": list_guides,
    "rettleiingar": list_guides,
    "utkast": list_guides,
}
