"""The page in the browser, as the door sees it: what a path shows, what a press does, and files.

A press on the page runs the same handler as the button in the chat, by the same rights. Who reads
is a person's key; the door has made sure that it is theirs (bot/pages/).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from dialogs import my_data, tab_visit
from dialogs.checkins import round_form, round_list, survey_process
from dialogs.collected import (
    follow_up,
    named_page,
    overview_page,
    promises_page,
    registers_page,
    result_sharing,
    round_files,
    round_page,
    survey_page,
    texts_page,
    yearly_report,
)
from dialogs.context import Composing, Context, Filed, Paged, Pressed
from dialogs.learning import case_page, drafts_page, entry_form, gain_page, pages, try_page
from dialogs.learning.workbench import when_ready
from dialogs.messages import (
    Button,
    CardReply,
    Download,
    Language,
    Message,
    MessageKind,
    Page,
    Paper,
    Reply,
    TextReply,
    Workbook,
)
from storage.conversations import Turn
from storage.database import Database, Session
from storage.people import RegisteredPerson, find_person

# Each module says which paths, files and buttons of the page are its own.
PAGES: dict[str, Paged] = {}
FILES: dict[str, Filed] = {}
PAGE_VERBS: set[str] = set()
for module in (
    case_page,
    drafts_page,
    entry_form,
    follow_up,
    gain_page,
    my_data,
    named_page,
    overview_page,
    pages,
    promises_page,
    registers_page,
    result_sharing,
    round_files,
    round_form,
    round_list,
    round_page,
    survey_page,
    survey_process,
    tab_visit,
    texts_page,
    try_page,
    yearly_report,
):
    PAGES |= getattr(module, "PAGES", {})
    FILES |= getattr(module, "FILES", {})
    PAGE_VERBS |= getattr(module, "PAGE_VERBS", set())

ComposingFor = Callable[[Session, RegisteredPerson], Composing]
ContextFor = Callable[[Session, Turn, Message], Context]


class Browser:
    """Pages by the first word of their path, files by the first of theirs, and what is pressed."""

    def __init__(
        self,
        database: Database,
        composing_for: ComposingFor,
        context_for: ContextFor,
        verbs: Mapping[str, Pressed],
    ) -> None:
        self._database = database
        self._composing_for = composing_for
        self._context_for = context_for
        self._verbs = verbs

    def page(self, path: str, query: Mapping[str, str], reader: str) -> Page | None:
        """The page of "runder/<id>" and so on; None when it isn't there, or not theirs."""
        page = when_ready(lambda: self._page(path, query, reader))
        return page and replace(page, cards=tuple(_pressable(card) for card in page.cards))

    def _page(self, path: str, query: Mapping[str, str], reader: str) -> Page | None:
        first, _, rest = path.strip("/").partition("/")
        paged: Paged | None = PAGES.get(first)
        with self._database.transaction() as session:
            person = find_person(session, reader)
            if paged is None or person is None:
                return None
            return paged(self._composing_for(session, person), rest, query)

    def file(self, path: str, query: Mapping[str, str], reader: str) -> Workbook | Paper | None:
        """What is downloaded from a path, as `page`."""
        first, _, rest = path.strip("/").partition("/")
        filed: Filed | None = FILES.get(first)
        with self._database.transaction() as session:
            person = find_person(session, reader)
            if filed is None or person is None:
                return None
            return filed(self._composing_for(session, person), rest, query)

    def press(self, value: Mapping[str, Any], reader: str) -> list[Reply]:
        """What a button on the page does: one of those that a page may have, and no other."""
        return when_ready(lambda: self._press_as(value, reader))

    def _press_as(self, value: Mapping[str, Any], reader: str) -> list[Reply]:
        with self._database.transaction() as session:
            person = find_person(session, reader)
            if person is None:
                return []
            return self._press(session, value, person, PAGE_VERBS)

    def stranger_page(self, path: str, language: Language) -> Page | None:
        """As `page`, for somebody of the kommune who isn't in the register."""
        return tab_visit.stranger_page(path, language)

    def stranger_press(self, value: Mapping[str, Any], language: Language) -> list[Reply]:
        """As `press`, for somebody of the kommune who isn't in the register."""
        nobody = RegisteredPerson("", "", "", "", language=language)
        with self._database.transaction() as session:
            return self._press(session, value, nobody, {tab_visit.STRANGER_VERB})

    def _press(
        self,
        session: Session,
        value: Mapping[str, Any],
        person: RegisteredPerson,
        verbs: Collection[str],
    ) -> list[Reply]:
        composing = self._composing_for(session, person)
        now, id = composing.now, uuid4().hex
        message = Message(id, "", person.key, now, MessageKind.BUTTON, value=value)
        # A turn that is not kept: the page has no conversation.
        turn = Turn(
            conversation="",
            sender=person.key,
            activity=id,
            digest="",
            arrived=now,
            reference={},
            # As the page: what somebody has chosen in the chat goes before the register.
            language=composing.language if person.key else person.language,
            acting_as=None,
            topic=None,
            doing=None,
            installed=True,
            person=person if person.key else None,
            answers=[],
            recent=[],
        )
        context = self._context_for(session, turn, message)
        verb = value.get("verb")
        if not isinstance(verb, str) or verb not in verbs:
            return [TextReply(context.wording.say("old_button"))]
        return self._verbs[verb](context, value)


def _pressable(card: CardReply) -> CardReply:
    """The card without the buttons that belong in the chat alone."""
    buttons = (one for one in card.buttons if _may_stand(one))
    return replace(card, buttons=tuple(buttons))


def _may_stand(button: Button | Download) -> bool:
    return isinstance(button, Download) or button.value.get("verb") in PAGE_VERBS
