"""«Ta med i teamtid»: one page to talk about in a team, of any section of the documents.

The page is public content, so anybody may read it. A paper or an opplegg of the team's own is for
those in the register. Its paper address is "teamtid:<section address>".
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from dialogs.access import owner_for
from dialogs.context import Commanded, Composing, Context, Opened, Pressed
from dialogs.guide import in_language
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Download,
    Items,
    Paper,
    Paragraph,
    Reply,
    Table,
    TextReply,
)
from dialogs.pressed import text_in
from dialogs.questions import find_section, section_address, section_card
from dialogs.wording import Wording
from knowledge.documents import Section
from knowledge.library import Library
from knowledge.search import Topic

GUIDE = "teamtid"
LONGEST_ECHO = 120


def team_time(context: Context, address: str) -> list[Reply]:
    """The page of the section at this address; without one, of the last answer's section."""
    wording, library = context.wording, context.library
    if address:
        section = find_section(library, address)
        if section is None:
            missing = wording.say("section_missing", section=address[:LONGEST_ECHO])
            return [TextReply(missing)]
    else:
        topic = Topic.from_json(context.turn.topic)
        passage = library.by_id.get(topic.passage) if topic else None
        if passage is None:
            return [TextReply(wording.say("teamtid_what"))]
        section = passage.section
    title, blocks = _page(library, wording, section)
    return [CardReply(title, blocks, _buttons(context, section), wording.language)]


def _page(library: Library, wording: Wording, section: Section) -> tuple[str, tuple[Block, ...]]:
    """Title and blocks of the page: the text word for word, the questions, the 20 minutes."""
    name, about = section.path[-1], section.document.about
    blocks: list[Block] = []
    if note := in_language(wording.language, about.note, about.note_nn):
        blocks.append(Paragraph(note))
    if section.heading != name:  # long headings have a shorter name for the title
        blocks.append(Paragraph(section.heading, "heading"))
    blocks += section_card(wording, section).blocks
    if all(unit.kind == "heading" for unit in section.units):
        blocks += _headings(wording, section)
    blocks.append(Paragraph(wording.say("teamtid_questions"), "heading"))
    reflection = library.reflections.nearest(section)
    if reflection is None:
        blocks.append(Paragraph(wording.say("teamtid_no_questions")))
    else:
        blocks.append(Items(reflection.ask_nn if wording.language == "nn" else reflection.ask))
        if reflection.section != section_address(section):
            above = reflection.section.rpartition(" › ")[2]
            blocks.append(Paragraph(wording.say("teamtid_questions_above", above=above), "note"))
    minutes = tuple((minutes, what) for minutes, what in wording.many("teamtid_minutes"))
    blocks += [
        Paragraph(wording.say("teamtid_plan"), "heading"),
        Table(tuple(wording.many("teamtid_columns")), minutes),
        Paragraph(wording.say("teamtid_ours"), "note"),
    ]
    return wording.say("teamtid_title", title=name), tuple(blocks)


def _headings(wording: Wording, section: Section) -> list[Block]:
    """What can be read where there is only a heading: those below it, else the heading itself."""
    below = tuple(one.heading for one in section.document.children(section))
    if below:
        return [Paragraph(wording.say("teamtid_only_headings")), Items(below)]
    return [Paragraph(section.heading, "quote")]


def _buttons(context: Context, section: Section) -> tuple[Button | Download, ...]:
    person, wording = context.person, context.wording
    if person is None:
        return ()
    address = section_address(section)
    paper = f"teamtid:{address}"
    buttons: list[Button | Download] = [
        Download(wording.say("teamtid_docx"), paper, "docx", person.key),
        Download(wording.say("teamtid_txt"), paper, "txt", person.key),
    ]
    guide = context.guides.get(GUIDE)
    if guide is not None and owner_for(guide, person) is not None:
        begins = {"verb": "start", "guide": GUIDE, "draft": uuid4().hex, "about": address}
        buttons.append(Button(wording.say("teamtid_own"), begins))
    shared = {"verb": "shared_list", "search": "", "guide": GUIDE, "offset": 0}
    return (*buttons, Button(wording.say("teamtid_shared"), shared))


def _pressed(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    return team_time(context, text_in(value, "section"))


def _paper(composing: Composing, address: str) -> Paper | None:
    section = find_section(composing.library, address)
    if section is None:
        return None
    title, blocks = _page(composing.library, composing.wording, section)
    byline = f"Kvalitetsbot, {composing.today:%d.%m.%Y}"
    return Paper(title, blocks, byline, language=composing.language)


VERBS: dict[str, Pressed] = {"teamtid": _pressed}
COMMANDS: dict[str, Commanded] = {"ta med i teamtid": team_time, "teamtid": team_time}
PAPERS: dict[str, Opened] = {"teamtid": _paper}
