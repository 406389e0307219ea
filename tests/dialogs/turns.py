"""One turn for the tests of a single module: a Context without an Assistant around it."""

from datetime import UTC, datetime

from dialogs.contacts import read_contacts
from dialogs.context import Context
from dialogs.guide import Guide
from dialogs.guide_files import Guides
from dialogs.learning.workbench import Workbench
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import (
    Button,
    CardReply,
    Download,
    Language,
    Message,
    Reply,
)
from dialogs.wording import Wording, read_wordings
from knowledge.library import Library
from storage.conversations import Turn
from storage.database import Session
from storage.people import list_people

NOW = datetime(2026, 9, 2, 8, 0, tzinfo=UTC)


def context_for(
    session: Session,
    library: Library,
    guides: dict[str, Guide],
    name: str = "",
    *,
    now: datetime = NOW,
    language: Language = "nb",
    topic: dict[str, object] | None = None,
) -> Context:
    """A turn of the demo person with that name; "" for somebody who isn't in the register."""
    person = next((one for one in list_people(session) if one.name == name), None)
    assert person is not None or not name
    turn = Turn(
        conversation="c",
        sender="s",
        activity="a",
        digest="",
        arrived=now,
        reference={},
        language=language,
        acting_as=None,
        topic=topic,
        doing=None,
        installed=True,
        person=person,
        answers=[],
        recent=[],
    )
    return Context(
        turn=turn,
        session=session,
        message=Message("a", "c", "s", now),
        wordings=read_wordings(),
        library=library,
        contacts=read_contacts(),
        guides=Guides(guides),
        workbench=Workbench(library, read_contacts(), Wording("nb")),
        sending=SendingTimes(library.holidays),
        local=False,
    )


def card_of(replies: list[Reply]) -> CardReply:
    (card,) = replies
    assert isinstance(card, CardReply)
    return card


def button(card: CardReply, title: str) -> Button:
    (found,) = (one for one in card.buttons if one.title == title)
    assert isinstance(found, Button)
    return found


def downloads(card: CardReply) -> list[Download]:
    return [one for one in card.buttons if isinstance(one, Download)]
