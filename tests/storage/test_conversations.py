"""Turns of one conversation come one at a time, and a message sent again is answered once."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest

from storage.conversations import (
    REMEMBERED,
    close_turn,
    mark_finished,
    mark_unfinished,
    open_turn,
    passage_of,
    remember_sent,
)
from storage.database import Database
from storage.people import RegisteredPerson, import_people
from storage.tables import Conversation
from tests.storage.at_once import PATIENCE_SECONDS, at_once

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANE = RegisteredPerson(
    key="00000000-0000-4000-8000-000000000001",
    name="Ane",
    email="ane@fjordvik.example",
    role="lærer",
    unit="Nordlia skole",
    unit_kind="skole",
)
HANNE = RegisteredPerson(
    key="00000000-0000-4000-8000-000000000008", name="Hanne", email="", role="skoleeierteam"
)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@dataclass
class Chat:
    """A conversation, as the door sees it; every time is in seconds after noon."""

    database: Database
    conversation: str = "chat"
    sender: str = ANE.key
    local: bool = False
    reference: dict[str, Any] = field(default_factory=dict)

    def open(self, session: Any, activity: str, says: str, at: float) -> Any:
        return open_turn(
            session,
            conversation=self.conversation,
            sender=self.sender,
            activity=activity,
            digest=says,
            arrived=after(at),
            reference=self.reference,
            local=self.local,
        )

    def turn(self, activity: str, says: str = "hei", at: float = 0, ends: float = 0.1) -> bool:
        """A whole turn; whether it was answered."""
        with self.database.transaction() as session:
            turn = self.open(session, activity, says, at)
            if turn is None:
                return False
            close_turn(session, turn, after(max(at, ends)))
            return True

    def change(self, activity: str, **changes: Any) -> None:
        """A turn that changes what the conversation remembers."""
        with self.database.transaction() as session:
            turn = self.open(session, activity, activity, 0)
            for name, value in changes.items():
                setattr(turn, name, value)
            close_turn(session, turn, NOON)

    def look(self) -> Any:
        """The turn as the next message would find it; nothing is saved."""
        with self.database.transaction() as session:
            return self.open(session, "look", "look", 0)


@pytest.fixture
def chat(database: Database) -> Chat:
    with database.transaction() as session:
        import_people(session, [ANE, HANNE], dry_run=False)
    return Chat(database)


def test_a_new_conversation_remembers_nothing(chat: Chat) -> None:
    turn = chat.look()
    assert (turn.language, turn.topic, turn.doing) == (None, None, None)
    assert (turn.acting_as, turn.answers) == (None, [])


def test_what_a_turn_changes_is_there_in_the_next(chat: Chat) -> None:
    topic = {"spørsmål": "Hva er PRUVA?", "tegn": "\x00 \ud83d 👩‍🏫"}
    doing = {"draft": "a", "step": "navn"}
    chat.change("1", language="nn", topic=topic, doing=doing, acting_as="x")
    turn = chat.look()
    assert (turn.language, turn.topic, turn.doing, turn.acting_as) == ("nn", topic, doing, "x")
    chat.change("2", language=None, topic=None, doing=None, acting_as=None)
    turn = chat.look()
    assert (turn.language, turn.topic, turn.doing, turn.acting_as) == (None, None, None, None)


def test_the_address_and_day_of_the_last_message_are_kept(chat: Chat) -> None:
    chat.turn("1")
    chat.reference = {"serviceUrl": "https://smba.example/"}
    chat.turn("2", says="igjen", at=60 * 60 * 24)
    with chat.database.transaction() as session:
        row = session.get(Conversation, "chat")
        assert row is not None
        assert row.reference == chat.reference
        assert row.updated == after(60 * 60 * 24).date()


def test_an_uninstalled_conversation_is_installed_again_by_a_message(chat: Chat) -> None:
    chat.change("1", installed=False)
    with chat.database.transaction() as session:
        row = session.get(Conversation, "chat")
        assert row is not None
        assert not row.installed
    assert chat.look().installed


def test_a_turn_that_fails_leaves_no_trace_so_that_sending_again_helps(chat: Chat) -> None:
    with suppress(ZeroDivisionError), chat.database.transaction() as session:
        close_turn(session, chat.open(session, "1", "hei", 0), NOON)
        raise ZeroDivisionError
    assert chat.turn("1")


def test_the_turn_knows_who_writes(chat: Chat) -> None:
    assert chat.look().person == ANE
    chat.sender = ANE.key.upper()
    assert chat.look().person == ANE


def test_somebody_who_is_not_in_the_register_is_nobody(chat: Chat) -> None:
    chat.sender = "somebody"
    assert chat.look().person is None


def test_leaving_the_register_ends_access_at_the_next_message(chat: Chat) -> None:
    chat.turn("1")
    with chat.database.transaction() as session:
        import_people(session, [HANNE], dry_run=False)
    assert chat.look().person is None


def test_a_demo_person_is_acted_only_where_the_bot_runs_locally(chat: Chat) -> None:
    chat.change("1", acting_as=HANNE.key)
    assert chat.look().person == ANE
    chat.local = True
    assert chat.look().person == HANNE


# Who may be answered again


def test_the_same_activity_is_answered_once_however_late_it_comes_again(chat: Chat) -> None:
    assert chat.turn("1", at=0)
    assert not chat.turn("1", at=20)
    assert not chat.turn("1", at=100_000)


def test_an_activity_is_known_again_after_other_messages(chat: Chat) -> None:
    answered = [chat.turn(str(n), says=f"nr. {n}", at=n, ends=n) for n in range(REMEMBERED)]
    assert all(answered)
    assert not chat.turn("0", says="nr. 0", at=100)


def test_a_person_may_ask_the_same_twice(chat: Chat) -> None:
    assert chat.turn("1", at=0, ends=0.1)
    assert chat.turn("2", at=0.2, ends=0.3)


def test_the_same_content_is_a_repeat_when_the_turn_before_it_was_still_going_on(
    chat: Chat,
) -> None:
    assert chat.turn("1", at=0, ends=3)
    assert not chat.turn("2", at=2.9)
    assert chat.turn("3", at=3)


def test_other_content_is_never_a_repeat(chat: Chat) -> None:
    assert chat.turn("1", says="hei", at=0, ends=30)
    assert chat.turn("2", says="hallo", at=15)


def test_another_sender_is_never_a_repeat(chat: Chat) -> None:
    assert chat.turn("1", at=0, ends=30)
    chat.sender = HANNE.key
    assert chat.turn("2", at=15)


@pytest.mark.parametrize(
    ("ends", "comes", "answered"),
    [
        (10.0, 15, True),  # ten seconds is not over ten seconds
        (10.1, 15, False),
        (10.1, 120, False),
        (10.1, 121, True),
        (200.0, 199, False),  # still going on
    ],
)
def test_after_a_slow_turn_the_same_content_is_a_repeat_for_two_minutes(
    chat: Chat, ends: float, comes: float, answered: bool
) -> None:
    chat.turn("1", at=0, ends=ends)
    assert chat.turn("2", at=comes) is answered


@pytest.mark.parametrize(("comes", "answered"), [(15, False), (599, False), (600, True)])
def test_a_turn_that_never_finished_holds_back_the_same_content_for_ten_minutes(
    chat: Chat, comes: float, answered: bool
) -> None:
    chat.turn("1", at=0)
    with chat.database.transaction() as session:
        mark_unfinished(session, "chat", after(0))
    assert chat.turn("2", at=comes) is answered


@pytest.mark.parametrize(("finished", "answered"), [(8, True), (12, False)])
def test_when_a_slow_turn_ends_its_length_decides(
    chat: Chat, finished: float, answered: bool
) -> None:
    chat.turn("1", at=0)
    with chat.database.transaction() as session:
        mark_unfinished(session, "chat", after(0))
    with chat.database.transaction() as session:
        mark_finished(session, "chat", after(0), after(finished))
    assert chat.turn("2", at=15) is answered


def test_a_slow_turn_that_is_no_longer_the_last_changes_nothing(chat: Chat) -> None:
    chat.turn("1", says="hei", at=0)
    chat.turn("2", says="hallo", at=6, ends=6.1)
    with chat.database.transaction() as session:
        mark_unfinished(session, "chat", after(0))
    with chat.database.transaction() as session:
        mark_finished(session, "chat", after(0), after(20))
    assert chat.turn("3", says="hallo", at=7)


def test_a_repeat_under_a_new_id_is_known_under_that_id_too(chat: Chat) -> None:
    chat.turn("1", says="hei", at=0, ends=20)
    assert not chat.turn("2", says="hei", at=15)
    chat.turn("3", says="hallo", at=25, ends=25)
    assert not chat.turn("2", says="hei", at=30)


# At the same time


def test_a_second_turn_of_a_conversation_waits_for_the_first(
    chat: Chat, copies: tuple[Database, Database]
) -> None:
    chat.turn("0")
    happened = []
    first_is_open, second_is_trying = Event(), Event()

    def first() -> None:
        with copies[0].transaction() as session:
            turn = chat.open(session, "1", "en", 1)
            first_is_open.set()
            second_is_trying.wait(PATIENCE_SECONDS)
            turn.topic = {"from": "first"}
            happened.append("first closes")
            close_turn(session, turn, after(1))

    def second() -> None:
        first_is_open.wait(PATIENCE_SECONDS)
        second_is_trying.set()
        with copies[1].transaction() as session:
            turn = chat.open(session, "2", "to", 1)
            happened.append(f"second sees {turn.topic}")

    threads = [Thread(target=first), Thread(target=second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert happened == ["first closes", "second sees {'from': 'first'}"]


def test_no_turn_is_lost_when_many_come_at_once(
    chat: Chat, copies: tuple[Database, Database]
) -> None:
    turns = 10

    def count_turns(database: Database, name: str) -> None:
        for number in range(turns):
            with database.transaction() as session:
                turn = chat.open(session, f"{name}{number}", f"{name}{number}", 0)
                turn.topic = {"count": (turn.topic or {"count": 0})["count"] + 1}
                close_turn(session, turn, NOON)

    at_once([partial(count_turns, copies[n % 2], str(n)) for n in range(4)])
    assert chat.look().topic == {"count": 4 * turns}


def test_the_same_activity_at_the_same_time_is_one_turn(
    chat: Chat, copies: tuple[Database, Database]
) -> None:
    for conversation in ("new", "another"):
        chats = [Chat(copies[n % 2], conversation) for n in range(6)]
        assert sum(at_once([partial(each.turn, "1") for each in chats])) == 1


def test_different_conversations_at_the_same_time_are_all_answered(
    chat: Chat, copies: tuple[Database, Database]
) -> None:
    chats = [Chat(copies[n % 2], f"chat {n}") for n in range(6)]
    assert all(at_once([partial(each.turn, "1") for each in chats]))


# What was sent


def test_the_passage_of_a_sent_answer_is_found_again(chat: Chat) -> None:
    chat.turn("1")
    with chat.database.transaction() as session:
        remember_sent(session, [("chat", "a", "plan/1"), ("gone", "b", "plan/2")])
    with chat.database.transaction() as session:
        remember_sent(session, [("chat", "c", "plan/3")])
    turn = chat.look()
    assert passage_of(turn, "a") == "plan/1"
    assert passage_of(turn, "c") == "plan/3"
    assert passage_of(turn, "b") is None


def test_only_the_last_answers_are_remembered_and_turns_leave_them_alone(chat: Chat) -> None:
    chat.turn("1")
    with chat.database.transaction() as session:
        remember_sent(session, [("chat", str(n), f"plan/{n}") for n in range(REMEMBERED + 5)])
    chat.turn("2", says="mer", at=1, ends=1)
    turn = chat.look()
    assert len(turn.answers) == REMEMBERED
    assert passage_of(turn, "4") is None
    assert passage_of(turn, "5") == "plan/5"


def test_answers_remembered_by_two_copies_at_once_are_all_remembered(
    chat: Chat, copies: tuple[Database, Database]
) -> None:
    conversations = [f"chat {n}" for n in range(5)]
    for name in conversations:
        Chat(chat.database, name).turn("1")

    def remember(database: Database, copy: str, names: list[str]) -> None:
        with database.transaction() as session:
            remember_sent(session, [(name, copy, "plan/1") for name in names])

    at_once(
        [
            partial(remember, copies[0], "one", conversations),
            partial(remember, copies[1], "other", conversations[::-1]),
        ]
    )
    for name in conversations:
        turn = Chat(chat.database, name).look()
        assert sorted(sent for sent, _ in turn.answers) == ["one", "other"]
