"""The search extension: while writing to a colleague, find a passage and insert it with its source.

The same ranking as for questions, but several passages to choose from, and also for a single word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dialogs import guard
from dialogs.contacts import Contacts
from dialogs.messages import Block, CardReply, Paragraph
from dialogs.questions import (
    LONGEST_QUESTION,
    quotation,
    section_address,
    slip_lines,
    source_line,
    warning_line,
)
from dialogs.wording import Wording
from knowledge.answers import Found, find_answer
from knowledge.library import Library, Passage
from knowledge.norwegian import tokens
from knowledge.quotes import Quote
from knowledge.search import Hit, best_of_each_section, read_question, search
from knowledge.veiviser import VEIVISER

MOST = 25  # what Teams asks for, and shows, at a time
SHORTEST = 2
LOOKED_AT = 100
# A passage is offered when its own words and headings cover this share of what was written ...
ENOUGH = 0.25
# ... or when people have asked for it in such words, and most of what was written is known of it.
ENOUGH_ASKED = 0.6
ENOUGH_KNOWN = 0.5


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage to insert: what the list shows of it, and the card."""

    title: str
    text: str
    card: CardReply


@dataclass(frozen=True, slots=True)
class FoundPassages:
    """What a search gives, best first; when that is nothing, `instead` says what to do."""

    passages: tuple[FoundPassage, ...] = ()
    instead: str = ""


def find_passages(
    library: Library,
    contacts: Contacts,
    wording: Wording,
    text: str,
    *,
    most_asked: Sequence[str] = (),
    skip: int = 0,
    count: int = MOST,
) -> FoundPassages:
    """The passages for what was written, `count` of them after the first `skip`.

    For nothing written: what is `most_asked` (ids of passages). Nothing is kept.
    """
    text = text.strip()[:LONGEST_QUESTION]
    finding = guard.find(text)
    if finding is not None:
        return FoundPassages(instead=_guarded(contacts, wording, finding))
    found = _like(library, text) if is_search(text) else _often_asked(library, wording, most_asked)
    shown = tuple(_shown(library, wording, one) for one in found[skip : skip + count])
    if not shown and not skip:
        return FoundPassages(instead=wording.say("search_nothing"))
    return FoundPassages(shown)


def is_search(text: str) -> bool:
    """Whether something is asked for; one letter is no search yet."""
    return len(text.strip()) >= SHORTEST


def _guarded(contacts: Contacts, wording: Wording, finding: guard.Finding) -> str:
    """One line: Teams shows this text without line breaks."""
    if finding.kind == "personal":
        return wording.say("personal")
    numbers = ", ".join(contacts.emergency_lines(wording.language))
    return wording.say("search_worry", numbers=numbers)


def _like(library: Library, text: str) -> list[Passage]:
    """The best passage of each section."""
    hits = _hits(library, text) or _hits(library, _completed(library, text))
    return [hit.passage for hit in best_of_each_section(hits)]


def _hits(library: Library, text: str) -> list[Hit]:
    hits = search(library, read_question(library, text), LOOKED_AT)
    return [hit for hit in hits if _is_offered(hit.passage) and _is_near(hit)]


def _is_near(hit: Hit) -> bool:
    like = hit.likeness
    return like.text >= ENOUGH or (like.ask >= ENOUGH_ASKED and like.everything >= ENOUGH_KNOWN)


def _is_offered(passage: Passage) -> bool:
    """Ways on from the veiviser and lists of headings are no paragraphs to quote."""
    return passage.document.id != VEIVISER and not passage.outline


def _completed(library: Library, text: str) -> str:
    """With the last word as the shortest that we know and that begins so: «tidl» as «tidlig».

    Teams searches while people are still writing.
    """
    words = tokens(text)
    if not words or len(words[-1]) < SHORTEST:
        return ""
    begun = words[-1]
    known = (word for word in library.words.known if word.startswith(begun))
    whole = min(known, key=lambda word: (len(word), word), default="")
    return " ".join([*words[:-1], whole]) if whole else ""


def _often_asked(library: Library, wording: Wording, asked: Sequence[str]) -> list[Passage]:
    """What is asked most and is still in the library, then the answers to the first suggestions."""
    often = [library.by_id[id] for id in asked if id in library.by_id]
    suggested = [
        quote.passage
        for question in wording.many("search_first")
        if isinstance(found := find_answer(library, question), Found)
        for quote in found.quotes
    ]
    return [one for one in dict.fromkeys([*often, *suggested]) if _is_offered(one)]


def _shown(library: Library, wording: Wording, passage: Passage) -> FoundPassage:
    section, about = passage.section, passage.document.about
    # A document of the kommune's own may have no headings at all.
    title = section.path[-1] if section.path else section.document.short
    quote = Quote(passage, passage.units)
    blocks: list[Block] = [Paragraph(section_address(section), "note")]
    if warning := warning_line(wording, quote, library.kommune):
        blocks.append(Paragraph(warning))
    blocks.append(Paragraph(quotation(quote), "quote" if about.quoted else "normal"))
    notes = [*slip_lines(wording, [quote]), source_line(wording, about)]
    blocks += [Paragraph(note, "note") for note in notes if note]
    card = CardReply(section.heading or title, tuple(blocks), language=wording.language)
    return FoundPassage(title, f"{section.document.short}: {passage.text}", card)
