"""What is written for the bot to say or know: how long it may be, and that it makes sense."""

import re
from collections.abc import Mapping, Sequence

from dialogs.learning.targets import Writing
from knowledge.added import entry_in
from knowledge.norwegian import fold
from storage.added_knowledge import list_asks

LONGEST_ASK = 200
MOST_DRAFTS = 200
MOST_ASKS = 20  # of one entry
LONGEST = {
    "title": 80,
    "title_nn": 80,
    "text": 800,
    "text_nn": 800,
    "owner": 100,
    "link": 500,
}
_LINK = re.compile(r"https://[^\s/?#@]+\.[^\s/?#@]+([/?#]\S*)?", re.IGNORECASE)


def wrong_ask(writing: Writing, target: str, text: str, *, except_for: str = "") -> str:
    """Why this is no way of asking for it, "" when it is; `except_for` is the draft it replaces."""
    wording = writing.wording
    if wrong := _wrong_words(writing, text):
        return wrong
    same = [
        one
        for one in list_asks(writing.session)
        if one.target == target and fold(one.text) == fold(text) and one.id != except_for
    ]
    # A draft of the same words is kept once, silently: a button that was pressed twice.
    if any(one.is_published for one in same) or (except_for and same):
        return wording.say("learning_ask_known")
    if fold(text) in {fold(one) for one in _asks_of(writing, target)}:
        return wording.say("learning_ask_known")
    return ""


def wrong_entry(writing: Writing, filled: Mapping[str, str], asks: Sequence[str], id: str) -> str:
    """What is wrong with an entry; "" when nothing is. `id` is its own."""
    wording = writing.wording
    for name, longest in LONGEST.items():
        label = wording.say(f"learning_entry_{name}")
        if not filled[name] and name != "link":
            return wording.say("learning_entry_empty", field=label)
        if len(filled[name]) > longest:
            return wording.say("learning_entry_long", field=label, longest=longest)
    if filled["link"] and not _LINK.fullmatch(filled["link"]):
        return wording.say("learning_entry_link_wrong")
    titles = {fold(one.title) for one in writing.library.veiviser.values() if one.id != id}
    if fold(filled["title"]) in titles:
        return wording.say("learning_entry_title_known")
    if not 1 <= len(asks) <= MOST_ASKS:
        return wording.say("learning_entry_asks_wrong", most=MOST_ASKS)
    return next(filter(None, (_wrong_words(writing, one) for one in asks)), "")


def _wrong_words(writing: Writing, text: str) -> str:
    wording = writing.wording
    if len(text) > LONGEST_ASK:
        return wording.say("learning_ask_long", longest=LONGEST_ASK)
    if not writing.library.words.content(text):
        return wording.say("learning_ask_empty")
    return ""


def _asks_of(writing: Writing, target: str) -> Sequence[str]:
    library = writing.library
    if entry := library.veiviser.get(entry_in(target)):
        return entry.ask
    passage = library.by_id.get(target)
    return passage.asks if passage is not None else ()
