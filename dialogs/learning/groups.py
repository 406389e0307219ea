"""Questions sent without a name, and answers with 👎, put together: alike with alike.

The same questions always make the same groups: each joins the oldest group whose first question is
like it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rapidfuzz import fuzz

from dialogs import guard
from knowledge.library import Library
from knowledge.search import Query, covered, read_question, spelled
from storage.database import Session
from storage.feedback import list_feedback
from storage.kept_questions import list_kept_questions
from storage.reviews import Review

MOST = 2_000  # of each kind, the newest: what is older and untreated has waited for nothing
ALIKE = 0.66  # of the weight of both questions: two words of three
SAME_LETTERS = 88  # of 100

DISLIKE = "dislike"


@dataclass(frozen=True, slots=True)
class Item:
    """A question, or what was said of an answer; "" where nothing was, or it may not be shown."""

    id: str
    text: str
    day: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Items that are about the same, the oldest first.

    `passage` is what was quoted and disliked; "" for a group of questions.
    """

    kind: Literal["questions", "answers"]
    items: tuple[Item, ...]
    passage: str = ""

    @property
    def id(self) -> str:
        return self.items[0].id

    @property
    def last(self) -> date:
        return max(one.day for one in self.items)

    def untreated(self, reviews: Mapping[str, Review]) -> tuple[Item, ...]:
        return tuple(one for one in self.items if one.id not in reviews)

    def causes(self, reviews: Mapping[str, Review]) -> tuple[str, ...]:
        """Each cause that was found, once."""
        found = (reviews[one.id].cause for one in self.items if one.id in reviews)
        return tuple(dict.fromkeys(found))


def groups_of(session: Session, library: Library) -> list[Group]:
    """All groups, those with the newest first, of the same day the largest first."""
    groups = [*_of_questions(session, library), *_of_answers(session)]
    groups.sort(key=lambda one: (-one.last.toordinal(), -len(one.items), one.id))
    return groups


def _of_questions(session: Session, library: Library) -> Iterable[Group]:
    kept = list_kept_questions(session)[:MOST]
    kept.sort(key=lambda one: (one.day, one.id))
    # They were looked at when they were sent; the rules may have become stricter since.
    items = [Item(one.id, one.text, one.day) for one in kept if guard.find(one.text) is None]
    for some in alike(library, items):
        yield Group("questions", tuple(some))


def alike(library: Library, items: Sequence[Item]) -> list[list[Item]]:
    """The items in groups, in the order that their first ones come."""
    groups: list[list[Item]] = []
    firsts: list[_Read] = []
    by_term: dict[str, list[int]] = {}
    for item in items:
        read = _Read(library, item.text)
        near = {number for term in read.own for number in by_term.get(term, ())}
        found = next((one for one in sorted(near) if read.is_like(firsts[one])), None)
        if found is not None:
            groups[found].append(item)
            continue
        for term in read.own:
            by_term.setdefault(term, []).append(len(groups))
        firsts.append(read)
        groups.append([item])
    return groups


class _Read:
    """A question as the ranking reads it, and its own terms."""

    def __init__(self, library: Library, text: str) -> None:
        self._query: Query = read_question(library, text)
        self._letters = spelled(text)
        self.own = frozenset(
            term
            for word in self._query.words
            for term, _ in word.terms[:1]  # the heaviest: the word itself, or its nearest spelling
        ) or frozenset([self._letters])

    def is_like(self, other: "_Read") -> bool:
        if fuzz.ratio(self._letters, other._letters) >= SAME_LETTERS:
            return True
        if self._query.numbers != other._query.numbers or self._query.level != other._query.level:
            return False
        both = covered(self._query, other.own) + covered(other._query, self.own)
        return both / 2 >= ALIKE


def _of_answers(session: Session) -> Iterable[Group]:
    disliked = [one for one in list_feedback(session) if one.reaction == DISLIKE][:MOST]
    disliked.sort(key=lambda one: (one.day, one.id))
    by_passage: dict[str, list[Item]] = {}
    for one in disliked:
        text = one.text if guard.find(one.text) is None else ""
        item = Item(one.id, text, one.day, one.reason)
        by_passage.setdefault(one.passage, []).append(item)
    for passage, items in by_passage.items():
        yield Group("answers", tuple(items), passage)
