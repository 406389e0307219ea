"""The gain of all drafts, measured on what is known, and publishing them."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from dialogs import guard
from dialogs.access import may_teach
from dialogs.context import Composing, Context, Pressed
from dialogs.learning.causes import MISSING
from dialogs.learning.gain import Compared, Gain, Known, Mark
from dialogs.learning.shell import PATH, page_of, teaching
from dialogs.learning.targets import Writing, target_name
from dialogs.learning.workbench import published, with_drafts
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Items,
    Page,
    PageLinks,
    Paragraph,
    Reply,
    Table,
    TextReply,
)
from dialogs.pressed import id_in
from dialogs.wording import Wording
from knowledge.added import Added
from storage.added_knowledge import hold_still, list_added, publish
from storage.database import Session
from storage.kept_questions import list_kept_questions
from storage.people import RegisteredPerson
from storage.reviews import reviews

MOST_JUDGED = 300  # the newest: asking one takes some milliseconds
MOST_LISTED = 100  # of those that change


def gain_page(composing: Composing) -> Page:
    """Measured when it is opened; the same drafts are measured once."""
    wording, person = composing.wording, composing.person
    title = wording.say("learning_gain")
    before, after = published(composing.session), with_drafts(composing.session)
    if before == after:
        none = (
            Paragraph(wording.say("learning_gain_none")),
            PageLinks(((wording.say("learning_title"), PATH),)),
        )
        return page_of(composing, title, (CardReply(title, none, language=composing.language),))
    gain = _measured(composing, before, after)
    cards = [
        _counted(composing, gain),
        _changed(composing, "learning_worse", gain.worse),
        _changed(composing, "learning_better", gain.better),
    ]
    if gain.otherwise:
        cards.append(_changed(composing, "learning_otherwise", gain.otherwise))
    if may_teach(person):
        about = Paragraph(wording.say("learning_publish_about"))
        value = {"verb": "learning_publish", "measured": _key(before, after)}
        button = Button(wording.say("learning_publish"), value, weight="main")
        publishing = wording.say("learning_publish_title")
        cards.append(CardReply(publishing, (about,), (button,), composing.language))
    return page_of(composing, title, tuple(cards))


def _measured(writing: Writing, before: Added, after: Added) -> Gain:
    return writing.workbench.gain(before, after, known_questions(writing.session))


def known_questions(session: Session) -> tuple[Known, ...]:
    """What was judged and says what is right: what should answer, or that the plan doesn't say."""
    found = reviews(session)
    known: dict[str, Known] = {}
    for question in list_kept_questions(session):
        judged = found.get(question.id)
        if judged is None or not (judged.target or judged.cause == MISSING):
            continue
        if guard.find(question.text) is None:
            known.setdefault(question.text, Known(question.text, judged.target))
        if len(known) == MOST_JUDGED:
            break
    return tuple(known.values())


def _key(before: Added, after: Added) -> str:
    """The same drafts beside the same published, on whichever copy of the program."""
    return hashlib.sha256(f"{before.key} {after.key}".encode()).hexdigest()


def _counted(writing: Writing, gain: Gain) -> CardReply:
    wording = writing.wording
    judged, curated = gain.of("judged"), gain.of("curated")
    verbatim = sum(one.verbatim for one in judged)
    blocks: list[Block] = [Paragraph(wording.say("learning_gain_about"))]
    for key, some in (("learning_gain_judged", judged), ("learning_gain_curated", curated)):
        if some:
            blocks.append(Paragraph(wording.say(key, count=len(some)), "heading"))
            blocks.append(Table(tuple(wording.many("learning_gain_columns")), _rows(wording, some)))
    if verbatim:
        blocks.append(Paragraph(wording.say("learning_verbatim", count=verbatim), "note"))
    if not judged:
        blocks.append(Paragraph(wording.say("learning_none_judged"), "note"))
    return CardReply(wording.say("learning_gain"), tuple(blocks), language=writing.language)


def _rows(wording: Wording, some: Sequence[Compared]) -> tuple[tuple[str, ...], ...]:
    """How many of them had each kind of answer, before and after."""
    return tuple(
        (
            wording.say(f"learning_gain_{kind}"),
            str(sum(one.before.kind == kind for one in some)),
            str(sum(one.after.kind == kind for one in some)),
        )
        for kind in ("right", "other", "declined")
    )


def _changed(writing: Writing, key: str, changed: Sequence[Compared]) -> CardReply:
    wording = writing.wording
    lines = tuple(
        wording.say(
            "learning_change_line",
            question=one.known.question,
            before=_said(writing, one.before),
            after=_said(writing, one.after),
            target=_wanted(writing, one),
        )
        for one in changed[:MOST_LISTED]
    )
    block = Items(lines) if lines else Paragraph(wording.say("learning_change_none"))
    title = wording.say(key, count=len(changed))
    return CardReply(title, (block,), language=writing.language)


def _said(writing: Writing, mark: Mark) -> str:
    return writing.wording.say(f"learning_mark_{mark.kind}")


def _wanted(writing: Writing, one: Compared) -> str:
    if one.known.target:
        return target_name(writing, one.known.target)
    return writing.wording.say("learning_mark_nothing")


# Publishing


def _publish(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Publish just the drafts that were measured; with something worse, only when sure."""
    wording, session = context.wording, context.session
    hold_still(session)
    before, after = published(session), with_drafts(session)
    key = _key(before, after)
    if before == after:
        return [TextReply(wording.say("learning_gain_none"))]
    if id_in(value, "measured") != key:
        return [_told(context, "learning_measure_again", "learning_gain", "gevinst")]
    worse = _measured(context, before, after).worse
    if worse and value.get("sure") is not True:
        sure = {"verb": "learning_publish", "measured": key, "sure": True}
        about = Paragraph(wording.say("learning_sure", count=len(worse)))
        listed = _changed(context, "learning_worse", worse).blocks
        title = wording.say("learning_sure_title")
        button = Button(wording.say("learning_sure_button"), sure, weight="danger")
        return [CardReply(title, (about, *listed), (button,), context.language)]
    drafts = [one.id for one in list_added(session) if not one.is_published]
    publish(session, drafts, by_name=person.name, now=context.now)
    return [_told(context, "learning_is_published", "learning_drafts", "utkast")]


def _told(context: Context, key: str, link: str, path: str) -> CardReply:
    wording = context.wording
    blocks = (Paragraph(wording.say(key)), PageLinks(((wording.say(link), f"{PATH}/{path}"),)))
    title = wording.say("learning_publish_title")
    return CardReply(title, blocks, language=context.language)


VERBS: dict[str, Pressed] = {"learning_publish": teaching(_publish)}
PAGE_VERBS: set[str] = set(VERBS)
