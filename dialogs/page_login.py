"""«Siden»: the way in to the page, the number that is pressed in the chat, and who is let in.

Who opens the page as a tab has been signed in by Teams (bot/pages/tab.py), and presses nothing.

The link alone lets nobody in, and opening it changes nothing: programs that look through messages
open links too. The browser shows one of six numbers; its person presses the same in the chat, and
then the browser asks to come in. Whoever only has the link has nobody to press for them.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from dialogs.context import Commanded, Context, Pressed
from dialogs.messages import Button, CardReply, Language, PageAddress, Paragraph, Reply, TextReply
from dialogs.pressed import id_in, number_in, registered
from dialogs.tab_visit import role_in
from dialogs.wording import read_wordings
from storage.app_roles import register_by_app_role
from storage.conversations import language_of_person
from storage.database import Database, Session
from storage.page_logins import (
    add_login,
    add_session,
    end_session,
    find_login,
    holder_of_session,
    person_of_session,
    press_number,
    use_login,
)
from storage.people import RegisteredPerson, find_person

NUMBERS = 6
ID_BYTES = 24


# In the chat


def _open(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """A new link each time: the one before may be used, too old, or somewhere else."""
    context.turn.digest = ""  # asking again at once is no repeat
    numbers = tuple(secrets.SystemRandom().sample(range(10, 100), NUMBERS))
    id = secrets.token_hex(ID_BYTES)
    add_login(context.session, id=id, person=person.key, numbers=numbers, now=context.now)
    wording = context.wording
    return [
        CardReply(
            wording.say("page_title"),
            (
                Paragraph(wording.say("page_how")),
                PageAddress(id),
                Paragraph(wording.say("page_press")),
                Paragraph(wording.say("page_yours"), "note"),
            ),
            tuple(
                Button(str(number), {"verb": "page_number", "login": id, "number": number})
                for number in numbers
            ),
            context.language,
        )
    ]


def _press(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    number = number_in(value, "number")
    pressed = press_number(context.session, id_in(value, "login"), person.key, number, context.now)
    key = "page_pressed" if pressed else "page_closed"
    return [TextReply(context.wording.say(key, number=number))]


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["page_open"](context, {})


VERBS: dict[str, Pressed] = {
    "page_open": registered(_open),
    "page_number": registered(_press),
}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    (
        "siden",
        "sida",
        "nettsiden",
        "nettsida",
        "åpne siden",
        "åpne nettsiden",
        "opne sida",
        "opne nettsida",
    ),
    _asked,
)


# At the door of the page


@dataclass(frozen=True, slots=True)
class Shown:
    """What a browser with a link shows: its number, and the language of whose the link is."""

    number: int
    language: Language


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who a browser is."""

    person: RegisteredPerson
    language: Language


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody of the kommune who came by the tab, and isn't in the register."""


class PageDoor:
    """Who is let in to the page. It blocks; doors call it in a worker thread.

    `place`, from 0 to 5, is which of the numbers a browser shows: the door works it out of a secret
    that the browser keeps, so that another browser with the same link shows another.
    """

    def __init__(
        self, database: Database, clock: Callable[[], datetime], *, local: bool = False
    ) -> None:
        self._database = database
        self._clock = clock
        self._local = local

    def shown(self, login: str, place: int) -> Shown | None:
        """What to show who opens the link; None when it can't be used. Changes nothing."""
        with self._database.transaction() as session:
            found = find_login(session, login, self._clock())
            visitor = self._visitor(session, found.person) if found else None
            if found is None or visitor is None:
                return None
            return Shown(found.numbers[place], visitor.language)

    def enter(self, login: str, place: int, browser: str) -> Literal["in", "waiting", "refused"]:
        """Let the browser in, from now on known by the digest `browser`, if it may."""
        now = self._clock()
        with self._database.transaction() as session:
            found = find_login(session, login, now)
            if found is None:
                return "refused"
            if found.pressed is None:
                return "waiting"
            person = use_login(session, login, found.numbers[place], now)
            if person is None:
                return "refused"
            add_session(session, browser, person, now)
            return "in"

    def visitor(self, browser: str) -> Visitor | None:
        """Who the browser known by this digest is; None when it is nobody, or not any more."""
        with self._database.transaction() as session:
            person = person_of_session(session, browser, self._clock())
            return self._visitor(session, person) if person else None

    def enter_by_tab(self, key: str, name: str, roles: Sequence[str], browser: str) -> bool:
        """Let in whom Teams signed in, by Entra object id; says whether they are in the register.

        Who has an app role of ours, and is in the register by nothing else, is put there with the
        role, and leaves the register when they no longer have it.
        """
        now = self._clock()
        name = name or read_wordings()["nb"].say("tab_no_name")
        with self._database.transaction() as session:
            register_by_app_role(session, key, name, role_in(roles), now)
            add_session(session, browser, key, now)
            return find_person(session, key) is not None

    def tab_visitor(self, browser: str) -> Visitor | Stranger | None:
        """Who the tab known by this digest is; None when its session has ended."""
        with self._database.transaction() as session:
            key = holder_of_session(session, browser, self._clock())
            return None if key is None else self._visitor(session, key) or Stranger()

    def leave(self, browser: str) -> None:
        with self._database.transaction() as session:
            end_session(session, browser)

    def _visitor(self, session: Session, key: str) -> Visitor | None:
        person = find_person(session, key)
        if person is None:
            return None
        chosen = language_of_person(session, key, local=self._local) or person.language
        return Visitor(person, "nn" if chosen == "nn" else "nb")
