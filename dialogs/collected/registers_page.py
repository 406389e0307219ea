"""Shared plans, meetings, and questions that were sent in, as pages."""

from collections.abc import Mapping
from functools import partial
from itertools import groupby
from urllib.parse import urlencode

from dialogs.access import is_school_owner, reader
from dialogs.collected.menu import menu_for, trail_for
from dialogs.context import Composing, Filed, Paged
from dialogs.meetings.limits import LONGEST_MEETING
from dialogs.meetings.meeting_card import HORIZON, day_text, find_mine, meeting_line, when_text
from dialogs.messages import (
    Block,
    CardReply,
    Choice,
    Facts,
    Input,
    Items,
    Page,
    PageLinks,
    Paper,
    Paragraph,
    Table,
    TextInput,
)
from dialogs.papers import paper_from
from dialogs.shared_version import version_line
from storage.kept_questions import list_kept_questions
from storage.shared import find_shared, list_shared

PLANS_A_PAGE = 25
QUESTIONS_A_PAGE = 100
LONGEST_SEARCH = 100
EVERY = "alle"


# Plans


def _plans(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """What the person may read of what is shared; or one of it, by the id of its version."""
    if rest:
        return _plan(composing, rest)
    wording = composing.wording
    search, guide = _search(query), query.get("hva", "")
    guide = guide if composing.guides.get(guide) else ""
    offset = _offset(query, PLANS_A_PAGE)
    find = partial(
        list_shared, composing.session, reader(composing.person), search=search, guide=guide
    )
    versions, total = find(offset=offset, limit=PLANS_A_PAGE)
    blocks: list[Block] = [Paragraph(wording.say("plans_intro"))]
    if versions:
        links = tuple((version_line(wording, one), f"/side/planer/{one.id}") for one in versions)
        blocks.append(PageLinks(links))
    else:
        searched = search or guide or offset
        blocks.append(Paragraph(wording.say("shared_no_hits" if searched else "shared_nothing")))
    kept = {"q": search, "hva": guide}
    blocks += _turning(composing, "/side/planer", kept, offset, total, PLANS_A_PAGE)
    guides = [
        (one.id, one.named(composing.language)) for one in composing.guides.all if one.audiences
    ]
    options = ((EVERY, wording.say("shared_every_guide")), *guides)
    filters = (
        _search_field(composing, search),
        Choice("hva", wording.say("shared_guide"), options, required=False, value=guide or EVERY),
    )
    return _made(composing, "collected_menu_plans", tuple(blocks), filters)


def _plan(composing: Composing, id: str) -> Page | None:
    paper = _paper(composing, id, {})
    if paper is None:
        return None
    wording = composing.wording
    byline: tuple[Block, ...] = (Paragraph(paper.byline, "note"),) if paper.byline else ()
    return Page(
        paper.title,
        (CardReply(paper.title, (*byline, *paper.blocks), language=paper.language),),
        menu_for(wording, composing.person),
        trail_for(wording, (wording.say("collected_menu_plans"), "/side/planer")),
        (("Word", f"/side/fil/planer/{id}.docx"),),
        language=composing.language,
    )


def _paper(composing: Composing, rest: str, query: Mapping[str, str]) -> Paper | None:
    """What was shared, as it was that day."""
    version = find_shared(composing.session, rest, reader(composing.person))
    return paper_from(version) if version is not None else None


def _plan_file(composing: Composing, rest: str, query: Mapping[str, str]) -> Paper | None:
    return _paper(composing, rest, query) if query.get("format") == "docx" else None


# Meetings


def _meetings(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """The meetings to come that are for the person; all of them for who keeps the calendar."""
    if rest:
        return None
    wording, search = composing.wording, _search(query)
    found = find_mine(composing, composing.now - LONGEST_MEETING, composing.now + HORIZON)
    coming = [
        one
        for one in found
        if one.ends > composing.now
        and _holds(f"{meeting_line(wording, one)} {one.kind} {one.topic}", search)
    ]
    rows = tuple(
        (when_text(wording, one, composing.today), one.title, one.place, one.topic)
        for one in coming
    )
    blocks: list[Block] = [Paragraph(wording.say("meetings_page_intro"))]
    if rows:
        blocks.append(Table(tuple(wording.many("meetings_page_columns")), rows))
    else:
        blocks.append(Paragraph(wording.say("files_no_hits" if search else "meeting_none")))
    filters = (_search_field(composing, search),)
    return _made(composing, "collected_menu_meetings", tuple(blocks), filters)


# Questions sent without a name


def _questions(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """What people have sent to the skoleeierteam, by day: for them alone, and without names."""
    if rest or not is_school_owner(composing.person):
        return None
    wording, search = composing.wording, _search(query)
    found = [one for one in list_kept_questions(composing.session) if _holds(one.text, search)]
    offset = _offset(query, QUESTIONS_A_PAGE)
    shown = found[offset : offset + QUESTIONS_A_PAGE]
    intro: list[Block] = [
        Paragraph(wording.say("sent_page_intro")),
        Facts(((wording.say("sent_page_count"), str(len(found))),)),
    ]
    if not found:
        intro.append(Paragraph(wording.say("files_no_hits" if search else "sent_page_none")))
    kept = {"q": search}
    intro += _turning(composing, "/side/sporsmal", kept, offset, len(found), QUESTIONS_A_PAGE)
    days = [
        CardReply(
            day_text(wording, day, composing.today),
            (Items(tuple(one.text for one in some)),),
            language=composing.language,
        )
        for day, some in groupby(shown, key=lambda one: one.day)
    ]
    filters = (_search_field(composing, search),)
    return _made(composing, "collected_menu_questions", tuple(intro), filters, days)


# What they share


def _made(
    composing: Composing,
    title: str,
    blocks: tuple[Block, ...],
    filters: tuple[Input, ...],
    more: list[CardReply] | None = None,
) -> Page:
    wording = composing.wording
    first = CardReply(wording.say(title), blocks, language=composing.language)
    return Page(
        wording.say(title),
        (first, *(more or [])),
        menu_for(wording, composing.person),
        trail_for(wording),
        filters=filters,
        language=composing.language,
    )


def _turning(
    composing: Composing, path: str, kept: Mapping[str, str], offset: int, total: int, size: int
) -> list[Block]:
    """The way to the page before and the one after, with the same search."""
    links = []
    for key, start in (("files_before", offset - size), ("files_after", offset + size)):
        if 0 <= start < total:
            wanted = {name: value for name, value in kept.items() if value} | {"fra": str(start)}
            links.append((composing.wording.say(key), f"{path}?{urlencode(wanted)}"))
    return [PageLinks(tuple(links))] if links else []


def _search_field(composing: Composing, search: str) -> TextInput:
    label = composing.wording.say("files_search")
    return TextInput("q", label, search, longest=LONGEST_SEARCH, required=False, lines=False)


def _search(query: Mapping[str, str]) -> str:
    return query.get("q", "").strip()[:LONGEST_SEARCH]


def _offset(query: Mapping[str, str], size: int) -> int:
    """Where the page begins: a whole number of pages in; 0 for what is no such number."""
    written = query.get("fra", "")
    if not (written.isascii() and written.isdigit() and len(written) < 9):
        return 0
    return int(written) // size * size


def _holds(text: str, search: str) -> bool:
    folded = text.casefold()
    return all(word in folded for word in search.casefold().split())


PAGES: dict[str, Paged] = {"planer": _plans, "moter": _meetings, "sporsmal": _questions}
FILES: dict[str, Filed] = {"planer": _plan_file}
