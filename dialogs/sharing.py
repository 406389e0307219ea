"""Sharing a draft: seeing it as its readers will, and choosing who they are.

Sharing is an act of its own. A card that shares carries the revision it was shown for, so that
nothing is shared that nobody has seen.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dialogs.audiences import audience_options
from dialogs.context import Context, Pressed
from dialogs.deputy import can_share
from dialogs.digest import queue_digest
from dialogs.drafts import View, open_view, when
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
from dialogs.papers import on_card, paper_of, paper_to_json, words_of
from dialogs.pressed import id_in, registered
from dialogs.withdrawing import update_cards
from storage.drafts import DraftGone, find_draft
from storage.people import RegisteredPerson
from storage.shared import Version, versions_of
from storage.shared import share as store_version

MOST_LINKS = 5


# Seeing it


def preview(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The draft exactly as its readers will see it."""
    view = open_view(context, value.get("draft"))
    if view is None:
        return [TextReply(context.wording.say("steps_gone"))]
    return [_preview_card(context, person, view)]


def _preview_card(
    context: Context, person: RegisteredPerson, view: View, *, changed: bool = False
) -> CardReply:
    wording, paper, address = context.wording, paper_of(view), f"draft:{view.draft.id}"
    blocks: list[Block] = []
    if changed:
        last = max(view.stored.values(), key=lambda one: one.revision, default=None)
        said = (
            wording.say("share_changed_by", name=last.author_name, when=when(last.at))
            if last
            else wording.say("share_changed")
        )
        blocks.append(Paragraph(said, "error"))
    blocks += [Paragraph(paper.byline, "note")] if paper.byline else []
    blocks += on_card(paper, address, person.key)
    if not paper.blocks:
        blocks.append(Paragraph(wording.say("share_empty"), "note"))
    draft = {"draft": view.draft.id}
    buttons: list[Button | Download] = []
    if view.guide.audiences:
        seen = {"verb": "share_ask", **draft, "revision": view.draft.revision}
        wish = {"verb": "tell_rektor", **draft}
        buttons.append(
            Button(wording.say("share_button"), seen, weight="main")
            if can_share(context.session, person, view.draft.owner)
            else Button(wording.say("share_wish_button"), wish)
        )
    buttons += [
        Download(wording.say("share_word"), address, "docx", person.key),
        Download(wording.say("share_text"), address, "txt", person.key),
        Button(wording.say("share_back"), {"verb": "overview", **draft}),
    ]
    return CardReply(paper.title, tuple(blocks), tuple(buttons), context.language)


# Sharing it


def share_ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Ask with whom, each audience said as exactly who reads."""
    found = _to_share(context, person, value)
    if isinstance(found, list):
        return found
    if "revision" in value and value["revision"] != found.draft.revision:
        return [_preview_card(context, person, found, changed=True)]
    return [_ask_card(context, person, found)]


def share(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Share what was seen with those who were chosen. The same again is one sharing."""
    view = _to_share(context, person, value)
    if isinstance(view, list):
        return view
    paper = paper_of(view)
    draft = find_draft(context.session, view.draft.id)
    # Read again: somebody may have written while the answers were read.
    if draft is None or not draft.revision == view.draft.revision == value.get("revision"):
        view = open_view(context, view.draft.id) or view
        return [_preview_card(context, person, view, changed=True)]
    audience = id_in(value, "audience")
    options = dict(audience_options(context.wording, view.guide, view.draft.owner, person))
    if audience not in options:
        return [_ask_card(context, person, view, wrong=True)]
    before = versions_of(context.session, draft.id)
    try:
        version = store_version(
            context.session,
            draft=draft,
            title=paper.title,
            audience=audience,
            zone=person.zone,
            paper=paper_to_json(paper),
            text=" ".join([words_of(paper), paper.byline]),
            person_key=person.key,
            person_name=person.name,
            at=context.now,
        )
    except DraftGone:
        return [TextReply(context.wording.say("steps_gone"))]
    queue_digest(context, version)
    if any(one.audience != audience for one in before):
        update_cards(context.session, before, context.now)
    return [_shared_card(context, person, version, options[audience])]


def _to_share(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> View | list[Reply]:
    """The draft, when it is ready and this person may share it; or what to say."""
    wording = context.wording
    view = open_view(context, value.get("draft"))
    if view is None:
        return [TextReply(wording.say("steps_gone"))]
    if not audience_options(wording, view.guide, view.draft.owner, person):
        return [TextReply(wording.say("share_not_this", title=view.title))]
    if not can_share(context.session, person, view.draft.owner):
        return [_ask_rektor_card(context, view)]
    if missing := view.missing():
        return [_missing_card(context, view, missing)]
    return view


def _missing_card(context: Context, view: View, missing: Sequence[Step]) -> CardReply:
    wording, language = context.wording, context.language
    headings = tuple(step.heading(language) for step in missing)
    buttons = tuple(
        Button(
            wording.say("share_missing_open", heading=step.heading(language)),
            {"verb": "open", "draft": view.draft.id, "step": step.id},
        )
        for step in missing[:MOST_LINKS]
    )
    return CardReply(
        wording.say("share_missing_title"),
        (Paragraph(wording.say("share_missing", title=view.title)), Items(headings)),
        buttons,
        language,
    )


def _ask_card(
    context: Context, person: RegisteredPerson, view: View, *, wrong: bool = False
) -> CardReply:
    wording, draft = context.wording, view.draft
    options = audience_options(wording, view.guide, draft.owner, person)
    suggested = view.guide.suggested or ""
    blocks: list[Block] = [Paragraph(wording.say("share_intro", title=view.title))]
    if wrong:
        blocks.append(Paragraph(wording.say("share_choose"), "error"))
    blocks += [
        Choice(
            "audience",
            wording.say("share_label"),
            options,
            wording.say("share_choose"),
            value=suggested if suggested in dict(options) else "",
        ),
        Paragraph(wording.say("share_note"), "note"),
    ]
    seen = {"verb": "share", "draft": draft.id, "revision": draft.revision}
    look = {"verb": "preview", "draft": draft.id}
    return CardReply(
        wording.say("share_title"),
        tuple(blocks),
        (
            Button(wording.say("share_button"), seen, weight="main"),
            Button(wording.say("share_look"), look, sends_inputs=False),
        ),
        context.language,
    )


def _shared_card(
    context: Context, person: RegisteredPerson, version: Version, readers: str
) -> CardReply:
    wording, address = context.wording, f"version:{version.id}"
    withdraw = {"verb": "withdraw_ask", "version": version.id}
    facts = (
        (wording.say("share_done_readers"), readers),
        (wording.say("share_done_version"), str(version.number)),
    )
    return CardReply(
        wording.say("share_done", title=version.title),
        (Facts(facts), Paragraph(wording.say("share_done_note"), "note")),
        (
            Download(wording.say("share_word"), address, "docx", person.key),
            Button(wording.say("withdraw_button"), withdraw, weight="danger"),
        ),
        context.language,
        address,
    )


def _ask_rektor_card(context: Context, view: View) -> CardReply:
    wording = context.wording
    wish = {"verb": "tell_rektor", "draft": view.draft.id}
    return CardReply(
        wording.say("share_title"),
        (Paragraph(wording.say("share_only_rektor")),),
        (Button(wording.say("share_wish_button"), wish),),
        context.language,
    )


VERBS: dict[str, Pressed] = {
    "preview": registered(preview),
    "share_ask": registered(share_ask),
    "share": registered(share),
}
