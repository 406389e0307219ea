"""What was sent where, written down in batches so that a turn costs one transaction."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from bot.errors import log_error
from dialogs.messages import CardReply, Reply, TextReply

WRITTEN_EVERY = 0.5

Row = tuple[str, str, str]


class Remembering(Protocol):
    """What the assistant wants to know. Both block; they run in a thread."""

    def remember_sent(self, sent: Sequence[Row]) -> None:
        """(conversation, activity id, passage) of quotations, for feedback."""

    def remember_cards(self, cards: Sequence[Row]) -> None:
        """(conversation, activity id, about) of cards that may have to be changed."""


class SentMessages:
    """Notes on what was sent."""

    def __init__(self, assistant: Remembering) -> None:
        self._assistant = assistant
        # Its own thread, so that slow turns do not delay the notes, nor the notes a turn.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sent")
        self._passages: list[Row] = []
        self._cards: list[Row] = []
        self._writing: asyncio.Task[None] | None = None

    def note(self, reply: Reply, conversation: str, sent: str) -> None:
        """One part of a reply was sent, and has this id; "" when the Connector gave none."""
        if not sent:
            return
        if isinstance(reply, TextReply) and reply.passage:
            self._passages.append((conversation, sent, reply.passage))
        elif isinstance(reply, CardReply) and reply.about:
            self._cards.append((conversation, sent, reply.about))
        else:
            return
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_soon())

    async def close(self) -> None:
        """Writes down what is left."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self._write()
        self._thread.shutdown()

    async def _write_soon(self) -> None:
        while self._passages or self._cards:
            await asyncio.sleep(WRITTEN_EVERY)
            await self._write()

    async def _write(self) -> None:
        passages, self._passages = self._passages, []
        cards, self._cards = self._cards, []
        await self._tell(self._assistant.remember_sent, passages)
        await self._tell(self._assistant.remember_cards, cards)

    async def _tell(self, function: Callable[[Sequence[Row]], Any], rows: list[Row]) -> None:
        if not rows:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, function, rows)
        except Exception as error:
            log_error("note_failed", error)
