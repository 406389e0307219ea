"""Copies of the program, each a process: people answer through them, rounds are closed, and killed.

What a copy is told to do comes over a pipe, and what was answered goes back by it. A copy may be
told to die at a statement of its own, by SIGKILL: nothing of it runs any more after that.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import event

from dialogs.assistant import Assistant
from dialogs.checkins.closing import close_due_rounds
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Message, MessageKind
from knowledge.library import Library
from knowledge.norwegian import WordLists
from storage.database import Database
from tests.dialogs.shown import shown
from tests.faults.waiting import PATIENCE, NotInTime

SMALLEST = 5
AT_ONCE = 20  # threads of a copy; as aiohttp's, more than the database has connections
# Forked from a process that has imported everything: importing takes far longer than starting.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["pytest", "tests.faults.answering_copy"])


class Copy:
    """One running copy."""

    def __init__(self, url: str) -> None:
        self._ours, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_run, args=(url, theirs))
        self._process.start()
        theirs.close()
        self._answer()  # it is ready

    def send(self, messages: Sequence[Message]) -> None:
        """Give it messages that come at once; `answers` has what it says to them."""
        self._ours.send(("handle", messages, 0))

    def close_rounds(self, now: datetime) -> None:
        """Let it close what is due; `answers` has how many it closed."""
        self._ours.send(("close", now, 0))

    def answers(self) -> Any:
        """What came of the last thing it was told."""
        return self._answer()

    def dies(self, message: Message | datetime, statement: int) -> bool:
        """Whether it is killed at that statement of a message, or of closing what is due."""
        what = "close" if isinstance(message, datetime) else "handle"
        given = message if isinstance(message, datetime) else [message]
        self._ours.send((what, given, statement))
        try:
            self._answer()
        except EOFError:
            self._process.join(PATIENCE)
            return self._process.exitcode == -signal.SIGKILL
        return False

    def end(self) -> None:
        self._process.kill()
        self._process.join(PATIENCE)
        self._ours.close()

    def _answer(self) -> Any:
        if not self._ours.poll(PATIENCE):
            raise NotInTime("a copy doesn't answer")
        return self._ours.recv()


@contextmanager
def copies(url: str, number: int) -> Iterator[list[Copy]]:
    """So many on one database. None outlives this."""
    started: list[Copy] = []
    try:
        for _ in range(number):
            started.append(Copy(url))
        yield started
    finally:
        for copy in started:
            copy.end()


def pressed(id: str, who: str, arrived: datetime, **value: Any) -> Message:
    """A button that somebody presses in their chat."""
    return Message(
        id=id,
        conversation=f"chat with {who}",
        sender=who,
        arrived=arrived,
        kind=MessageKind.BUTTON,
        value=value,
    )


def _run(url: str, told: Connection) -> None:
    database = Database(url)
    # Nobody asks it anything: it needs no documents.
    library = Library([], (), WordLists())
    assistant = Assistant(library, Guides({}, {}), database, read_contacts(), "secret")
    with ThreadPoolExecutor(AT_ONCE) as threads:
        told.send("ready")
        while True:
            what, given, statement = told.recv()
            if statement:
                _die_at(database, statement)
            if what == "close":
                sending = SendingTimes(always=True)
                told.send(close_due_rounds(database, sending, given, SMALLEST))
            else:
                told.send(list(threads.map(partial(_handle, assistant), given)))


def _handle(assistant: Assistant, message: Message) -> str:
    return shown(assistant.handle(message))


def _die_at(database: Database, statement: int) -> None:
    """SIGKILL instead of the n-th statement or commit from here."""
    numbers = count(1)

    def die(*_: object) -> None:
        if next(numbers) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database._engine, "before_cursor_execute", die)
    event.listen(database._engine, "commit", die)
