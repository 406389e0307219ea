"""What should answer a question: found by words, chosen from a list, and named for people."""

from collections.abc import Iterable

from dialogs.context import Composing, Context
from dialogs.learning.gain import target_of
from dialogs.questions import section_address
from knowledge.added import ENTRY, entry_in, is_there
from knowledge.library import Library
from knowledge.search import read_question, search
from storage.added_knowledge import WayOn, list_entries

FOUND_AT_ONCE = 6
LONGEST_BEGINNING = 90
NOTHING = "-"  # what the choice says when nothing should answer

Writing = Composing | Context


def options(writing: Writing, texts: Iterable[str], chosen: str) -> tuple[tuple[str, str], ...]:
    """(target, name): what is nearest to the texts, the one that is chosen, and our own entries."""
    found: dict[str, str] = {}
    for text in texts:
        for target in nearest(writing.library, text):
            found.setdefault(target, target_name(writing, target))
    for entry in list_entries(writing.session):
        found.setdefault(ENTRY + entry.id, target_name(writing, ENTRY + entry.id))
    if chosen:
        found.setdefault(chosen, target_name(writing, chosen))
    return ((NOTHING, writing.wording.say("learning_target_none")), *found.items())


def nearest(library: Library, text: str) -> list[str]:
    """What is most like a text, best first."""
    hits = search(library, read_question(library, text), FOUND_AT_ONCE)
    return list(dict.fromkeys(target_of(hit.passage) for hit in hits))


def target_name(writing: Writing, target: str) -> str:
    """Where it stands, and how it begins; or that it is gone."""
    library, wording = writing.library, writing.wording
    if id := entry_in(target):
        entry = library.veiviser.get(id) or _draft(writing, id)
        if entry is not None:
            title = entry.title_nn if writing.language == "nn" else entry.title
            return wording.say("learning_target_entry", title=title)
    elif is_there(library, target):
        passage = library.by_id[target]
        text = passage.text
        if len(text) > LONGEST_BEGINNING:
            text = text[:LONGEST_BEGINNING].rsplit(" ", 1)[0] + " …"
        return f"{section_address(passage.section)}: {text}"
    return wording.say("learning_target_gone")


def may_be_chosen(writing: Writing, target: str) -> bool:
    """Whether there is such a passage or entry; drafts too."""
    return is_there(writing.library, target) or _draft(writing, entry_in(target)) is not None


def _draft(writing: Writing, id: str) -> WayOn | None:
    return next((one for one in list_entries(writing.session) if one.id == id), None)
