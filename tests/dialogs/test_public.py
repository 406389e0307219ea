"""In a team or a group chat: what everybody may read is answered, all else is taken in private."""

from datetime import UTC, datetime
from itertools import count

import pytest
from sqlmodel import select

from dialogs.assistant import COMMANDS, Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import CardReply, Language, Message, MessageKind, Reply, TextReply
from dialogs.wording import read_wordings
from knowledge.library import Library
from storage.database import Database
from storage.tables import Conversation, KeptQuestion
from tests.dialogs.kommune import ANE_LÆRER, BJØRN_LÆRER, HANNE_SKOLEEIER, UNKNOWN

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PUBLIC = ("hva er lovet", "kva er lova", "hva lover planen", "kva lovar planen", "løfter")
HELP = {phrase for phrase, handler in COMMANDS.items() if handler is COMMANDS["hjelp"]}


class Group:
    """A group chat with the bot in it."""

    def __init__(self, library: Library, guides: Guides, database: Database) -> None:
        self.assistant = Assistant(
            library, guides, database, read_contacts(), "hemmelig", clock=lambda: NOW
        )
        self.database = database
        self.ids = count()

    def says(
        self,
        text: str = "",
        who: str = ANE_LÆRER,
        *,
        id: str = "",
        kind: MessageKind = MessageKind.TEXT,
    ) -> list[Reply]:
        message = Message(
            id or f"m{next(self.ids)}", "19:g", who, NOW, kind=kind, text=text, public=True
        )
        return self.assistant.handle(message)

    def hears(self, text: str = "", who: str = ANE_LÆRER) -> TextReply:
        (reply,) = self.says(text, who)
        assert isinstance(reply, TextReply)
        return reply

    def is_remembered(self) -> bool:
        """Whether anything was kept that belongs to a private chat, or to nobody."""
        with self.database.transaction() as session:
            kept = [session.exec(select(table)).first() for table in (Conversation, KeptQuestion)]
        return any(kept)


@pytest.fixture
def group(library: Library, guides: Guides, database: Database) -> Group:
    return Group(library, guides, database)


def text(name: str, language: Language = "nb") -> str:
    return read_wordings()[language].say(name)


def test_a_question_gets_the_quotation_of_the_private_chat(group: Group) -> None:
    """Whoever asks; without what only the asker should be offered."""
    private = group.assistant.handle(Message("1", "a", ANE_LÆRER, NOW, text="Hva er PRUVA?"))[0]
    for who in (ANE_LÆRER, HANNE_SKOLEEIER, UNKNOWN):
        reply = group.hears("Hva er PRUVA?", who)
        assert isinstance(private, TextReply)
        assert (reply.text, reply.sources, reply.passage) == (
            private.text,
            private.sources,
            private.passage,
        )
        assert (reply.suggestions, reply.asks_feedback, reply.private_chat) == ((), False, "")


def test_a_nynorsk_asker_is_answered_in_nynorsk_and_a_stranger_in_bokmål(group: Group) -> None:
    assert group.hears("mine opplysninger", BJØRN_LÆRER).text == text("group_private", "nn")
    assert group.hears("mine opplysninger", UNKNOWN).text == text("group_private")
    # Teams may write the object id in any case.
    assert group.hears("siden", BJØRN_LÆRER.upper()).text == text("group_private", "nn")


def test_who_has_chosen_a_language_in_the_private_chat_is_answered_in_it(group: Group) -> None:
    group.assistant.handle(Message("1", "a", ANE_LÆRER, NOW, text="nynorsk"))
    assert group.hears("mine opplysninger").text == text("group_private", "nn")


def test_every_command_about_the_person_is_taken_in_private(group: Group) -> None:
    personal = COMMANDS.keys() - HELP - {*PUBLIC}
    assert len(personal) > 50
    for command in sorted(personal):
        for said in (command, f"{command}: noe mer"):
            reply = group.hears(said, HANNE_SKOLEEIER)
            assert reply.text == text("group_private"), said
            assert reply.private_chat == "Åpne den private chatten"
    assert not group.is_remembered()


def test_every_guide_and_the_calendar_are_taken_in_private(group: Group, guides: Guides) -> None:
    phrases = [phrase for guide in guides.all for phrase in guide.ask]
    calendar = ["neste møte", "når er neste skoleledermøte?", "møter i vår"]
    assert len(phrases) > 10
    for said in (*phrases, *calendar, "nynorsk", "bokmål"):
        assert group.hears(said, HANNE_SKOLEEIER).text == text("group_private"), said
    assert not group.is_remembered()


@pytest.mark.parametrize("said", ["hva er lovet?", "løfter"])
def test_what_the_plan_promises_is_public_but_is_not_changed_there(group: Group, said: str) -> None:
    """Not even somebody who may set a status gets the button here."""
    (card,) = group.says(said, HANNE_SKOLEEIER)
    assert isinstance(card, CardReply)
    assert (card.title, card.buttons) == ("Hva er lovet?", ())


@pytest.mark.parametrize("said", ["", "  ", "hjelp", "Hva kan du?"])
def test_help_is_about_the_group(group: Group, said: str) -> None:
    assert group.hears(said).text == text("group_help")


@pytest.mark.parametrize(
    "worry",
    [
        "En elev i klassen min blir slått hjemme",
        "hva er PRUVA? En elev i klassen min blir slått hjemme",
        "send uten navn til skoleeierteamet: en elev i klassen min blir slått hjemme",
        "mine opplysninger: en elev i klassen min blir slått hjemme",
    ],
)
def test_a_worry_is_not_repeated_and_its_kind_not_told(group: Group, worry: str) -> None:
    reply = group.hears(worry)
    assert "slått" not in reply.text
    assert "barnevern" not in reply.text.lower()
    assert "113" in reply.text
    assert reply.private_chat
    assert not group.is_remembered()


def test_personal_data_is_refused(group: Group) -> None:
    reply = group.hears("Kari Nordmann, 01019012345, har mye fravær")
    assert "der flere leser" in reply.text
    assert "Kari" not in reply.text
    assert not group.is_remembered()


@pytest.mark.parametrize(
    ("who", "way"), [(ANE_LÆRER, "kan du stille det"), (BJØRN_LÆRER, "vidare")]
)
def test_an_answer_that_is_not_there_offers_the_private_chat(
    group: Group, who: str, way: str
) -> None:
    """What can be sent on without a name is sent from there."""
    reply = group.hears("Hva koster en kopp kaffe på lærerværelset i Bergen?", who)
    assert way in reply.text
    assert reply.private_chat
    assert reply.suggestions == ()
    assert "uten navn" not in reply.text


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_nobody_is_told_in_a_group_that_only_they_see_it(group: Group, language: Language) -> None:
    who = BJØRN_LÆRER if language == "nn" else ANE_LÆRER
    assert "Alle i denne samtalen" in group.hears("lagrer du det jeg skriver?", who).text


def test_a_follow_up_has_nothing_to_lean_on(group: Group) -> None:
    group.hears("Hvilke tiltak har ambisjon 2 for skolene?")
    alone = group.hears("og for barnehagene?", UNKNOWN)
    assert group.hears("og for barnehagene?").text == alone.text


@pytest.mark.parametrize("kind", [MessageKind.BUTTON, MessageKind.OPEN_DIALOG])
def test_a_button_of_a_card_that_was_passed_on_does_nothing(
    group: Group, kind: MessageKind
) -> None:
    (reply,) = group.says(kind=kind, who=HANNE_SKOLEEIER)
    assert reply == TextReply(text("group_button"), private_chat="Åpne den private chatten")
    assert not group.is_remembered()


def test_a_message_that_teams_sends_again_is_answered_once(group: Group) -> None:
    assert group.says("Hva er PRUVA?", id="m")
    assert group.says("Hva er PRUVA?", id="m") == []
    assert group.says("Hva er PRUVA?", id="n")


def test_a_slow_message_that_teams_sends_again_under_a_new_id_is_answered_once(
    group: Group,
) -> None:
    slow = Message("m1", "19:g", ANE_LÆRER, NOW, text="Hva er PRUVA?", public=True)
    group.assistant.handle(slow)
    group.assistant.turn_unfinished(slow)
    again = Message("m2", "19:g", ANE_LÆRER, NOW, text="Hva er PRUVA?", public=True)
    assert group.assistant.handle(again) == []
    group.assistant.turn_finished(slow, NOW)
    assert group.says("Hva er PRUVA?", BJØRN_LÆRER), "somebody else asks the same"
    assert not group.is_remembered()


def test_the_bot_greets_once_and_again_when_it_comes_back(group: Group) -> None:
    def installed() -> list[Reply]:
        return group.says(id="installed:19:g:2026-11-23", kind=MessageKind.INSTALLED)

    assert installed() == [TextReply(text("group_welcome"))]
    assert installed() == []
    assert group.says(kind=MessageKind.REMOVED) == []
    assert installed() == [TextReply(text("group_welcome"))]
