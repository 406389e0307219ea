"""What is added: drafts to change or delete, and what is published, to take back with one press."""

from collections.abc import Mapping
from typing import Any

from dialogs.access import may_teach
from dialogs.context import OSLO, Composing, Context, Pressed
from dialogs.dates import show_date
from dialogs.learning.checks import LONGEST_ASK, wrong_ask
from dialogs.learning.shell import PATH, offset_in, page_of, teaching, turning
from dialogs.learning.targets import Writing, target_name
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Facts,
    Page,
    PageLinks,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.pressed import id_in, text_in
from dialogs.steps import refusal
from storage.added_knowledge import (
    Asking,
    WayOn,
    change_ask,
    delete_draft,
    list_added,
    take_back,
)
from storage.people import RegisteredPerson

A_PAGE = 20


def drafts_page(composing: Composing, query: Mapping[str, str]) -> Page:
    """Drafts first, then what is published; the newest first."""
    wording = composing.wording
    every = sorted(list_added(composing.session), key=lambda one: one.is_published)
    offset = offset_in(query, A_PAGE)
    blocks: list[Block] = [Paragraph(wording.say("learning_drafts_intro"))]
    if not every:
        blocks.append(Paragraph(wording.say("learning_drafts_none")))
    links = [(wording.say("learning_gain"), f"{PATH}/gevinst")] if every else []
    if may_teach(composing.person):
        links.append((wording.say("learning_new_entry"), f"{PATH}/utkast/ny"))
    blocks += [PageLinks(tuple(links))] if links else []
    blocks += turning(composing, f"{PATH}/utkast", {}, offset, len(every), A_PAGE)
    title = wording.say("learning_drafts")
    cards = [CardReply(title, tuple(blocks), language=composing.language)]
    cards += [
        added_card(composing, composing.person, one) for one in every[offset : offset + A_PAGE]
    ]
    return page_of(composing, title, tuple(cards))


def added_card(
    writing: Writing,
    person: RegisteredPerson,
    one: Asking | WayOn,
    *,
    written: str | None = None,
    error: str = "",
) -> CardReply:
    """One of them; to who may write, with a form or a button."""
    wording = writing.wording
    day = show_date(one.at.astimezone(OSLO).date())
    state = wording.say("learning_published" if one.is_published else "learning_draft")
    pairs = [
        (wording.say("learning_state"), state),
        (wording.say("learning_changed_by"), ", ".join(filter(None, (one.by_name, day)))),
    ]
    if isinstance(one, WayOn):
        title, pairs = one.title, [*pairs, *_entry_pairs(writing, one)]
    else:
        title = one.text
        pairs.append((wording.say("learning_target"), target_name(writing, one.target)))
    blocks: list[Block] = [Facts(tuple(pairs))]
    buttons: tuple[Button, ...] = ()
    if may_teach(person):
        more, buttons = _ways(writing, one, written, error)
        blocks += more
    return CardReply(title, tuple(blocks), buttons, writing.language)


def _entry_pairs(writing: Writing, entry: WayOn) -> list[tuple[str, str]]:
    wording = writing.wording
    values = (
        ("learning_entry_text", entry.text),
        ("learning_entry_text_nn", entry.text_nn),
        ("learning_entry_owner", entry.owner),
        ("learning_entry_link", entry.link),
        ("learning_entry_asks", "\n".join(entry.asks)),
    )
    return [(wording.say(key), value) for key, value in values if value]


def _ways(
    writing: Writing, one: Asking | WayOn, written: str | None, error: str
) -> tuple[list[Block], tuple[Button, ...]]:
    wording = writing.wording
    if one.is_published:
        value = {"verb": "learning_take_back", "added": one.id}
        return [], (Button(wording.say("learning_take_back"), value),)
    delete = Button(
        wording.say("learning_delete"),
        {"verb": "learning_delete", "added": one.id},
        sends_inputs=False,
        weight="danger",
    )
    if isinstance(one, WayOn):
        links = ((wording.say("learning_change"), f"{PATH}/utkast/{one.id}"),)
        return [PageLinks(links)], (delete,)
    field = TextInput(
        "ask",
        wording.say("learning_ask"),
        one.text if written is None else written[:LONGEST_ASK],
        wording.say("learning_ask_empty"),
        LONGEST_ASK,
        lines=False,
    )
    keep = Button(
        wording.say("learning_keep"), {"verb": "learning_ask_save", "added": one.id}, weight="main"
    )
    wrong: list[Block] = [Paragraph(error, "error")] if error else []
    return [*wrong, field], (keep, delete)


# What is pressed


def _save(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Write a draft of a way of asking anew."""
    wording = context.wording
    found = _find(context, value)
    if not isinstance(found, Asking) or found.is_published:
        return [TextReply(wording.say("learning_added_gone"))]
    written = " ".join(text_in(value, "ask").split())
    if refused := refusal(context, [written]):
        return [TextReply(refused)]
    if error := wrong_ask(context, found.target, written, except_for=found.id):
        return [added_card(context, person, found, written=written, error=error)]
    change_ask(context.session, found.id, text=written, by_name=person.name, now=context.now)
    return [_said(context, "learning_changed")]


def _delete(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Ask once more; then it is gone."""
    wording = context.wording
    found = _find(context, value)
    if found is None or found.is_published:
        return [TextReply(wording.say("learning_added_gone"))]
    title = found.title if isinstance(found, WayOn) else found.text
    if value.get("sure") is not True:
        sure = {"verb": "learning_delete", "added": found.id, "sure": True}
        button = Button(wording.say("learning_delete_sure"), sure, weight="danger")
        about = Paragraph(wording.say("learning_delete_about", title=title))
        return [
            CardReply(wording.say("learning_delete_ask"), (about,), (button,), context.language)
        ]
    delete_draft(context.session, found.id)
    return [_said(context, "learning_deleted")]


def _take_back(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The bot answers without it from now on; it is a draft again."""
    id = id_in(value, "added")
    if not take_back(context.session, id, by_name=person.name, now=context.now):
        return [TextReply(context.wording.say("learning_added_gone"))]
    return [_said(context, "learning_taken_back")]


def _said(context: Context, key: str) -> CardReply:
    wording = context.wording
    links = PageLinks(((wording.say("learning_drafts"), f"{PATH}/utkast"),))
    blocks = (Paragraph(wording.say(key)), links)
    return CardReply(wording.say("learning_kept"), blocks, language=context.language)


def _find(context: Context, value: Mapping[str, Any]) -> Asking | WayOn | None:
    id = id_in(value, "added")
    return next((one for one in list_added(context.session) if one.id == id), None)


VERBS: dict[str, Pressed] = {
    "learning_ask_save": teaching(_save),
    "learning_delete": teaching(_delete),
    "learning_take_back": teaching(_take_back),
}
PAGE_VERBS: set[str] = set(VERBS)
