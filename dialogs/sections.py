"""«Vis hele avsnittet»: the whole text around an answer."""

from dataclasses import replace

from dialogs.context import Commanded, Context
from dialogs.messages import Button, CardReply, Reply, TextReply
from dialogs.questions import find_section, section_address, section_card
from dialogs.wording import read_wordings
from knowledge.documents import Section
from knowledge.search import Topic


def show(context: Context, address: str) -> list[Reply]:
    """The section with that address, or the one that the last answer stood in."""
    wording = context.wording
    if address:
        section = find_section(context.library, address)
        if section is None:
            return [TextReply(wording.say("section_missing", section=address[:120]))]
        return [_card(context, section)]
    topic = Topic.from_json(context.turn.topic)
    passage = context.library.by_id.get(topic.passage) if topic else None
    if passage is None:
        return [TextReply(wording.say("show_what"))]
    return [_card(context, passage.section)]


def _card(context: Context, section: Section) -> CardReply:
    teamtid = Button(
        context.wording.say("teamtid_take"),
        {"verb": "teamtid", "section": section_address(section)},
    )
    return replace(section_card(context.wording, section), buttons=(teamtid,))


# The texts of our own suggestions, which arrive as if the person had written them.
COMMANDS: dict[str, Commanded] = {
    wording.say("show_whole").casefold(): show for wording in read_wordings().values()
}
