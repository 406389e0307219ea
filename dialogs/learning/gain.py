"""What a change gives, on questions whose right answer is known: hits, refusals, better, worse.

Known are the questions that a fagrådgiver has judged, and curated ways of asking that are near the
change. Each of the latter is asked of a library that doesn't have it: else it would be right by
itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dialogs.contacts import Contacts
from dialogs.questions import respond
from dialogs.wording import Wording
from knowledge.added import ENTRY, entry_in
from knowledge.answers import Beside, Found, Result
from knowledge.index import best
from knowledge.library import Library, Passage
from knowledge.norwegian import fold
from knowledge.search import read_question
from knowledge.veiviser import VEIVISER

MOST_HELD_OUT = 120
NEAREST = 60  # ways of asking that are looked at for each that is new
HELD_OUT_OF_ONE = 3  # passage: it must keep enough to be found by

Source = Literal["judged", "curated"]


@dataclass(frozen=True, slots=True)
class Known:
    """A question, and what should answer it: a passage, "veiviser:<id>", "" when nothing does."""

    question: str
    target: str

    @property
    def folded(self) -> str:
        return fold(self.question)


@dataclass(frozen=True, slots=True)
class Mark:
    """How it went: whether it was the right answer, and whether the documents said nothing."""

    right: bool
    declined: bool

    @property
    def kind(self) -> Literal["right", "other", "declined"]:
        if self.right:
            return "right"
        return "declined" if self.declined else "other"


@dataclass(frozen=True, slots=True)
class Compared:
    """A known question before and after. `verbatim`: just these words are what is added."""

    known: Known
    source: Source
    before: Mark
    after: Mark
    verbatim: bool = False

    @property
    def is_better(self) -> bool:
        return self.after.right and not self.before.right

    @property
    def is_worse(self) -> bool:
        return self.before.right and not self.after.right


@dataclass(frozen=True, slots=True)
class Gain:
    """All known questions that were asked, before and after."""

    compared: tuple[Compared, ...]

    @property
    def better(self) -> tuple[Compared, ...]:
        return tuple(one for one in self.compared if one.is_better)

    @property
    def worse(self) -> tuple[Compared, ...]:
        return tuple(one for one in self.compared if one.is_worse)

    @property
    def otherwise(self) -> tuple[Compared, ...]:
        """Wrong before and after, but not in the same way."""
        same = {*self.better, *self.worse}
        return tuple(
            one for one in self.compared if one not in same and one.before.kind != one.after.kind
        )

    def of(self, source: Source) -> tuple[Compared, ...]:
        return tuple(one for one in self.compared if one.source == source)


def to_hold_out(library: Library, changes: Iterable[str]) -> tuple[Known, ...]:
    """The curated ways of asking nearest to those that change, each with what answers it."""
    nearest: dict[int, float] = {}
    for text in changes:
        terms = read_question(library, text).terms
        for entry, score in best(library.ask_index.score(terms), NEAREST):
            nearest[entry] = max(score, nearest.get(entry, 0.0))
    by_likeness = sorted(nearest, key=lambda entry: (-nearest[entry], entry))
    left: dict[int, int] = {}
    picked: dict[str, Known] = {}
    for entry in by_likeness:
        number, question = library.asked[entry]
        passage = library.passages[number]
        most = min(HELD_OUT_OF_ONE, len(passage.asks) // 2)
        if left.setdefault(number, most) and fold(question) not in picked:
            left[number] -= 1
            picked[fold(question)] = Known(question, target_of(passage))
        if len(picked) == MOST_HELD_OUT:
            break
    return tuple(picked.values())


def target_of(passage: Passage) -> str:
    """How a passage is named where it should answer; an entry of the veiviser by its own id."""
    if passage.document.id == VEIVISER:
        return ENTRY + passage.section.heading
    return passage.id


def measured(
    contacts: Contacts,
    wording: Wording,
    *,
    reviewed: tuple[Sequence[Known], Library, Library],
    curated: tuple[Sequence[Known], Library, Library],
    added: Iterable[str],
) -> Gain:
    """Ask all of them before and after, as the chat does: (questions, old library, new one)."""
    words = {fold(text) for text in added}
    compared: list[Compared] = []
    sources: tuple[Source, Source] = ("judged", "curated")
    for source, (questions, old, new) in zip(sources, (reviewed, curated), strict=True):
        for known in questions:
            before = mark(old, contacts, wording, known)
            after = mark(new, contacts, wording, known)
            verbatim = source == "judged" and known.folded in words
            compared.append(Compared(known, source, before, after, verbatim))
    return Gain(tuple(compared))


def mark(library: Library, contacts: Contacts, wording: Wording, known: Known) -> Mark:
    """Ask one question by the same path as the chat."""
    result = respond(library, contacts, wording, known.question).result
    declined = not isinstance(result, Found | Beside)
    if known.target:
        return Mark(result is not None and reaches(library, result, known.target), declined)
    return Mark(not isinstance(result, Found), declined)


def reaches(library: Library, result: Result, target: str) -> bool:
    """Whether what should answer is (some of) what is quoted, or is the way on that is shown."""
    if isinstance(result, Beside):
        return result.entry == entry_in(target)
    if not isinstance(result, Found):
        return False
    wanted = library.by_id.get(target)
    for quote in result.quotes:
        if quote.passage.id == target:
            return True
        units = wanted.units if wanted and wanted.section is quote.section else ()
        if any(unit in quote.units for unit in units):
            return True
    return False
