"""A veiviser entry, new or a draft: what the bot says of a thing the plan doesn't tell of."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from dialogs.access import may_teach
from dialogs.context import Composing, Context, Pressed
from dialogs.learning.checks import LONGEST, LONGEST_ASK, MOST_ASKS, MOST_DRAFTS, wrong_entry
from dialogs.learning.groups import groups_of
from dialogs.learning.shell import PATH, page_of, teaching
from dialogs.learning.targets import Writing
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Page,
    PageLinks,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.pressed import new_id_in, text_in
from dialogs.steps import refusal
from storage.added_knowledge import WayOn, add_entry, change_entry, count_drafts, list_entries
from storage.people import RegisteredPerson

NEW = "ny"
_LINES = ("text", "text_nn")


def entry_page(composing: Composing, id: str, query: Mapping[str, str]) -> Page | None:
    """The form of a draft, or of a new entry ("ny"), begun with the questions of a group."""
    if not may_teach(composing.person):
        return None
    if id == NEW:
        filled = {"asks": "\n".join(_questions(composing, query.get("fra", "")))}
        card = entry_form(composing, uuid4().hex, filled)
    else:
        entry = _find(composing, id)
        if entry is None or entry.is_published:
            return None
        card = entry_form(composing, id, _filled(entry))
    return page_of(composing, card.title, (card,))


def _questions(composing: Composing, item: str) -> list[str]:
    groups = groups_of(composing.session, composing.library) if item else []
    for group in groups:
        if group.kind == "questions" and any(one.id == item for one in group.items):
            asked = dict.fromkeys(" ".join(one.text.split()) for one in group.items)
            return [one for one in asked if len(one) <= LONGEST_ASK][:MOST_ASKS]
    return []


def entry_form(writing: Writing, id: str, filled: Mapping[str, str], error: str = "") -> CardReply:
    """`filled` is by the names of the fields; "asks" is a way of asking a line."""
    wording = writing.wording
    blocks: list[Block] = [Paragraph(wording.say("learning_entry_intro"))]
    blocks += [Paragraph(error, "error")] if error else []
    for name, longest in LONGEST.items():
        blocks.append(
            TextInput(
                name,
                wording.say(f"learning_entry_{name}"),
                filled.get(name, ""),
                longest=longest,
                required=name != "link",
                lines=name in _LINES,
            )
        )
    blocks.append(
        TextInput(
            "asks",
            wording.say("learning_entry_asks"),
            filled.get("asks", ""),
            longest=MOST_ASKS * (LONGEST_ASK + 1),
        )
    )
    value = {"verb": "learning_entry_save", "entry": id}
    keep = Button(wording.say("learning_entry_keep"), value, weight="main")
    return CardReply(wording.say("learning_new_entry"), tuple(blocks), (keep,), writing.language)


def _save(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Keep the draft; the card has proposed its id, so that pressing twice is one entry."""
    wording, id = context.wording, new_id_in(value, "entry")
    before = _find(context, id)
    if not id or (before is not None and before.is_published):
        return [TextReply(wording.say("learning_added_gone"))]
    filled = {name: text_in(value, name) for name in (*LONGEST, "asks")}
    asks = tuple(
        dict.fromkeys(
            line for one in filled["asks"].splitlines() if (line := " ".join(one.split()))
        )
    )
    if refused := refusal(context, [*filled.values()]):
        return [TextReply(refused)]
    error = wrong_entry(context, filled, asks, id)
    if not error and before is None and count_drafts(context.session) >= MOST_DRAFTS:
        error = wording.say("learning_too_many", most=MOST_DRAFTS)
    if error:
        return [entry_form(context, id, filled, error)]
    fields = {name: filled[name] for name in LONGEST}
    said = {"asks": asks, "by_name": person.name, "now": context.now}
    if before is None:
        add_entry(context.session, id=id, **fields, **said)  # type: ignore[arg-type]
    else:
        change_entry(context.session, id, **fields, **said)  # type: ignore[arg-type]
    links = (
        (wording.say("learning_try"), f"{PATH}/prov"),
        (wording.say("learning_gain"), f"{PATH}/gevinst"),
    )
    blocks = (Paragraph(wording.say("learning_entry_kept")), PageLinks(links))
    return [CardReply(wording.say("learning_kept"), blocks, language=context.language)]


def _find(writing: Writing, id: str) -> WayOn | None:
    return next((one for one in list_entries(writing.session) if one.id == id), None)


def _filled(entry: WayOn) -> dict[str, str]:
    filled = {name: getattr(entry, name) for name in LONGEST}
    return {**filled, "asks": "\n".join(entry.asks)}


VERBS: dict[str, Pressed] = {"learning_entry_save": teaching(_save)}
PAGE_VERBS: set[str] = set(VERBS)
