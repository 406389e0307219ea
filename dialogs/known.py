"""What is known when a guide is run: what prefills, proposes choices and computes lean on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dialogs.messages import Language
from knowledge.library import Library
from storage.drafts import Owner
from storage.people import RegisteredPerson

Answers = Mapping[str, Any]  # by step id; the values are described in docs/guides.md


@dataclass(frozen=True, kw_only=True)
class Known:
    """About the person, whose draft it is, and what that owner has written elsewhere.

    What costs a query is a function, and is asked for only by the guides that need it.
    """

    today: date
    language: Language
    person: RegisteredPerson
    owner: Owner
    year: str  # school year, "2026–2027"
    about: str  # what the draft is for when there may be several: a section's address, or ""
    answers: Answers
    library: Library
    # The answers of this owner's newest earlier draft of a guide; {} when there is none.
    earlier: Callable[[str], Answers]
    # The answers of this owner's newest draft of another guide, this year's too; {} for none.
    newest: Callable[[str], Answers]
    plan: Callable[[], list[dict[str, Any]]]  # the rows of the school's utviklingsplan
    colleagues: Callable[[], list[RegisteredPerson]]  # everybody at the unit, by name
    # Somebody who has left the unit, but stands in what was written; None when not in the register.
    somebody: Callable[[str], RegisteredPerson | None]
    finished: Callable[[], frozenset[str]]  # the guides that the owner has finished, any year
