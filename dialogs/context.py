"""What the handlers of one turn are given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from dialogs.contacts import Contacts
from dialogs.demo import first_person
from dialogs.guide_files import Guides
from dialogs.learning.workbench import Workbench
from dialogs.meetings.sending_times import OSLO, SendingTimes
from dialogs.messages import Language, Message, Page, Paper, Reply, Workbook
from dialogs.notices import Later
from dialogs.reports import LEAST
from dialogs.wording import Wording
from knowledge.library import Library
from storage.conversations import Turn
from storage.database import Session
from storage.people import RegisteredPerson

__all__ = [
    "OSLO",
    "SMALLEST_GROUP",
    "Commanded",
    "Composing",
    "Context",
    "Filed",
    "Noticed",
    "Opened",
    "Paged",
    "Pressed",
]

SMALLEST_GROUP = LEAST  # people behind a number; a setting that can only be raised


@dataclass(kw_only=True)
class Context:
    """One turn: what came in, who wrote, and what may be needed to answer."""

    turn: Turn
    session: Session
    message: Message
    wordings: Mapping[Language, Wording]
    library: Library
    contacts: Contacts
    guides: Guides
    workbench: Workbench
    sending: SendingTimes
    local: bool
    smallest_group: int = SMALLEST_GROUP

    @property
    def language(self) -> Language:
        chosen = self.turn.language or (self.turn.person.language if self.turn.person else "nb")
        return "nn" if chosen == "nn" else "nb"

    @property
    def wording(self) -> Wording:
        return self.wordings[self.language]

    @property
    def now(self) -> datetime:
        return self.message.arrived

    @property
    def today(self) -> date:
        return self.now.astimezone(OSLO).date()

    @cached_property
    def person(self) -> RegisteredPerson | None:
        """Who writes; None for somebody who isn't in the register. In the demo, somebody always."""
        if self.turn.person is None and self.local:
            return first_person(self.session)
        return self.turn.person

    @property
    def is_registered(self) -> bool:
        """Whether the person may do more than ask."""
        return self.person is not None or self.local


@dataclass(frozen=True, slots=True, kw_only=True)
class Composing:
    """What is needed to write for a person outside their own turn: a notice, or a paper to open."""

    session: Session
    person: RegisteredPerson
    wording: Wording
    library: Library
    guides: Guides
    workbench: Workbench
    sending: SendingTimes
    now: datetime
    local: bool
    smallest_group: int = SMALLEST_GROUP

    @property
    def language(self) -> Language:
        return self.wording.language

    @property
    def today(self) -> date:
        return self.now.astimezone(OSLO).date()

    @property
    def later(self) -> Later | None:
        """When one may write to people unasked again; None when that is now."""
        allowed = self.sending.next(self.now)
        return Later(allowed) if allowed > self.now else None


# A button of a card: what it carries came from outside, and is checked like any text.
Pressed = Callable[[Context, Mapping[str, Any]], list[Reply]]
# A command, and what stood after its colon.
Commanded = Callable[[Context, str], list[Reply]]
# A message to a person, made when it is due, of what was noted when it was queued; None when it is
# no longer worth sending, `Later` when this is no hour to send it.
Noticed = Callable[[Composing, Mapping[str, Any]], Reply | Later | None]
# A paper by what stands after the prefix of its address; None when it is gone, or not theirs.
Opened = Callable[[Composing, str], Paper | None]
# A page of the browser by what stands after its first word ("/side/runder/<rest>") and its query
# parameters; None when it isn't there, or not theirs.
Paged = Callable[[Composing, str, Mapping[str, str]], Page | None]
# What a page lets one download: a workbook (XLSX, CSV) or a paper (Word); None as for a page.
Filed = Callable[[Composing, str, Mapping[str, str]], Workbook | Paper | None]
