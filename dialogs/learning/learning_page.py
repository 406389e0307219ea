"""«Lær boten»: the list of what people asked in vain or gave 👎, and how much is drafted."""

from collections.abc import Mapping, Sequence

from dialogs.access import may_see_teaching
from dialogs.context import Commanded, Composing, Context
from dialogs.dates import show_date
from dialogs.learning.causes import CAUSES, cause_name
from dialogs.learning.groups import Group, groups_of
from dialogs.learning.shell import PATH, offset_in, page_of, turning
from dialogs.learning.targets import Writing, target_name
from dialogs.messages import (
    Block,
    CardReply,
    Choice,
    Facts,
    Page,
    PageLinks,
    Paragraph,
    Reply,
    TextReply,
)
from storage.added_knowledge import count_drafts, list_added
from storage.reviews import Review, reviews

A_PAGE = 25
UNTREATED, EVERY = "ubehandlet", "alle"


def list_page(composing: Composing, query: Mapping[str, str]) -> Page:
    """What isn't treated yet; by the filter, everything or what has one cause."""
    wording = composing.wording
    wanted = query.get("hva", "")
    wanted = wanted if wanted in (EVERY, *CAUSES) else UNTREATED
    found, done = groups_of(composing.session, composing.library), reviews(composing.session)
    shown = [one for one in found if _is_wanted(one, done, wanted)]
    offset = offset_in(query, A_PAGE)
    here = shown[offset : offset + A_PAGE]
    blocks: list[Block] = [
        Paragraph(wording.say("learning_intro")),
        _counted(composing, found, done),
        PageLinks(_links(composing)),
    ]
    cards = [CardReply(wording.say("learning_title"), tuple(blocks), language=composing.language)]
    for kind in ("questions", "answers"):
        links = tuple(_link(composing, one, done) for one in here if one.kind == kind)
        if links:
            title = wording.say(f"learning_{kind}")
            cards.append(CardReply(title, (PageLinks(links),), language=composing.language))
    if not shown:
        none = wording.say("learning_none" if found else "learning_nothing_yet")
        cards.append(CardReply("", (Paragraph(none),), language=composing.language))
    turn = turning(composing, PATH, {"hva": wanted}, offset, len(shown), A_PAGE)
    if turn:
        cards.append(CardReply("", tuple(turn), language=composing.language))
    choices = (
        (UNTREATED, wording.say("learning_untreated")),
        *((one, cause_name(wording, one)) for one in CAUSES),
        (EVERY, wording.say("learning_every")),
    )
    shows = Choice("hva", wording.say("learning_show"), choices, required=False, value=wanted)
    return page_of(composing, wording.say("learning_title"), tuple(cards), filters=(shows,))


def _is_wanted(group: Group, done: Mapping[str, Review], wanted: str) -> bool:
    if wanted == EVERY:
        return True
    if wanted == UNTREATED:
        return bool(group.untreated(done))
    return wanted in group.causes(done)


def _link(composing: Composing, group: Group, done: Mapping[str, Review]) -> tuple[str, str]:
    wording = composing.wording
    said = [wording.say("learning_count", count=len(group.items), day=show_date(group.last))]
    if untreated := group.untreated(done):
        said.append(
            wording.say("learning_group_untreated")
            if len(untreated) == len(group.items)
            else wording.say("learning_group_partly", count=len(untreated))
        )
    said += [cause_name(wording, one) for one in group.causes(done)]
    return f"{group_title(composing, group)} ({', '.join(said)})", f"{PATH}/sak/{group.id}"


def group_title(writing: Writing, group: Group) -> str:
    """The first question; for answers, what was quoted."""
    if group.kind == "questions":
        return f"«{group.items[0].text}»"
    if not group.passage:
        return writing.wording.say("learning_unknown_answer")
    return target_name(writing, group.passage)


def _links(writing: Writing) -> tuple[tuple[str, str], ...]:
    wording = writing.wording
    return tuple(
        (wording.say(key), f"{PATH}/{path}")
        for key, path in (
            ("learning_drafts", "utkast"),
            ("learning_try", "prov"),
            ("learning_gain", "gevinst"),
        )
    )


def _counted(writing: Writing, groups: Sequence[Group], done: Mapping[str, Review]) -> Facts:
    wording, session = writing.wording, writing.session
    untreated = sum(len(one.untreated(done)) for one in groups)
    drafts = count_drafts(session)
    added = sum(one.is_published for one in list_added(session))
    pairs = (
        ("learning_untreated", untreated),
        ("learning_count_drafts", drafts),
        ("learning_count_published", added),
    )
    return Facts(tuple((wording.say(key), str(count)) for key, count in pairs))


# In the chat


def _card(context: Context, rest: str) -> list[Reply]:
    """How much waits, and the way to the page."""
    wording, person = context.wording, context.person
    if person is None or not may_see_teaching(person):
        return [TextReply(wording.say("learning_not_yours"))]
    counted = _counted(
        context, groups_of(context.session, context.library), reviews(context.session)
    )
    links = PageLinks(((wording.say("learning_open"), PATH), *_links(context)))
    note = Paragraph(wording.say("learning_way_in"), "note")
    card = CardReply(
        wording.say("learning_title"), (counted, links, note), language=context.language
    )
    return [card]


COMMANDS: dict[str, Commanded] = {"lær boten": _card, "lære boten": _card, "lær opp boten": _card}
