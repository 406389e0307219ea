"""What the pages of learning share: their frame, turning pages, and who may write."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from dialogs import promises
from dialogs.access import may_teach
from dialogs.collected.menu import menu_for, trail_for
from dialogs.context import Composing, Context, Pressed
from dialogs.learning.targets import Writing
from dialogs.messages import Block, CardReply, Input, Page, PageLinks, Paragraph, Reply, TextReply
from dialogs.pressed import Handler, registered
from dialogs.questions import Answered, respond
from knowledge.library import Library
from storage.people import RegisteredPerson

PATH = "/side/laering"


def page_of(
    composing: Composing,
    title: str,
    cards: tuple[CardReply, ...],
    *,
    filters: tuple[Input, ...] = (),
) -> Page:
    """A page below the list; the list itself has `title` of its own."""
    wording = composing.wording
    here = wording.say("learning_title")
    trail = trail_for(wording) if title == here else trail_for(wording, (here, PATH))
    return Page(
        title,
        cards,
        menu_for(wording, composing.person),
        trail,
        filters=filters,
        language=composing.language,
    )


def turning(
    writing: Writing, path: str, kept: Mapping[str, str], offset: int, total: int, size: int
) -> list[Block]:
    """The way to the page before and the one after."""
    links = []
    for key, start in (("files_before", offset - size), ("files_after", offset + size)):
        if 0 <= start < total:
            wanted = {name: value for name, value in kept.items() if value} | {"fra": str(start)}
            links.append((writing.wording.say(key), f"{path}?{urlencode(wanted)}"))
    return [PageLinks(tuple(links))] if links else []


def offset_in(query: Mapping[str, str], size: int) -> int:
    """Where the page begins: a whole number of pages in; 0 for what is no such number."""
    written = query.get("fra", "")
    if not (written.isascii() and written.isdigit() and len(written) < 9):
        return 0
    return int(written) // size * size


def teaching(handler: Handler) -> Pressed:
    """The handler for who may change what the bot answers; others are told whose it is."""

    def pressed(
        context: Context, person: RegisteredPerson, value: Mapping[str, Any]
    ) -> list[Reply]:
        if not may_teach(person):
            return [TextReply(context.wording.say("learning_not_yours"))]
        return handler(context, person, value)

    return registered(pressed)


def answered_by(writing: Writing, library: Library, question: str) -> Answered:
    """What the chat answers with this library, by the same path."""
    standing = partial(promises.promises_now, writing.session)
    return respond(
        library, writing.workbench.contacts, writing.wording, question, standing=standing
    )


def answer_blocks(answered: Answered) -> list[Block]:
    """An answer as it is read in the chat."""
    return [Paragraph(answered.reply.text, "quote")]
