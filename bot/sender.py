"""What is due in the outbox -> Teams: each message once, and what became of it."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol

from bot.adapter import Adapter, SendFailed
from bot.errors import log_error
from bot.references import addressed
from bot.sent_messages import SentMessages
from bot.sizes import Json
from dialogs.messages import Reply
from dialogs.notices import Outgoing

log = logging.getLogger("kvalitetsbot.sender")

PAUSE = 10.0

State = Literal["sendt", "feilet", "ukjent"]


class Outbox(Protocol):
    """What waits to be sent. Both block; they run in a thread."""

    def due(self, now: datetime) -> Sequence[Outgoing]:
        """What is to be sent now. An attempt is marked first, so that nobody else takes it."""

    def settle(self, id: int, state: State, at: datetime, sent: str) -> None:
        """What became of it; `sent` is the id of the sent activity, "" when it has none."""


class Sender:
    """Sends what is due, again and again."""

    def __init__(
        self,
        outbox: Outbox,
        adapter: Adapter,
        sent_messages: SentMessages,
        *,
        activities_for: Callable[[Reply], list[Json]],
        clock: Callable[[], datetime],
        pause: float = PAUSE,
    ) -> None:
        self._outbox = outbox
        self._adapter = adapter
        self._sent_messages = sent_messages
        self._activities_for = activities_for
        self._clock = clock
        self._pause = pause
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`. What has been taken from the outbox is sent first."""
        while not self._stopping.is_set():
            try:
                await self.tick()
            except Exception as error:
                log_error("outbox_failed", error)
            try:
                await asyncio.wait_for(self._stopping.wait(), self._pause)
            except TimeoutError:
                continue

    def stop(self) -> None:
        self._stopping.set()

    async def tick(self) -> None:
        """Sends what is due now, one after the other."""
        for outgoing in await asyncio.to_thread(self._outbox.due, self._clock()):
            state, sent = await self._send(outgoing)
            log.info("action=outbox_sent state=%s", state)
            try:
                await asyncio.to_thread(
                    self._outbox.settle, outgoing.id, state, self._clock(), sent
                )
            except Exception as error:
                log_error("outbox_not_settled", error)

    async def _send(self, outgoing: Outgoing) -> tuple[State, str]:
        """What became of it, and the id of the first activity."""
        first = ""
        arrived = 0
        try:
            for fields in self._activities_for(outgoing.reply):
                replaces = "" if arrived else outgoing.replaces
                sent = await self._send_one(addressed(fields, outgoing.reference), replaces)
                self._sent_messages.note(outgoing.reply, outgoing.conversation, sent)
                first = first or sent
                arrived += 1
        except SendFailed as error:
            log.warning("action=outbox_send_failed status=%d code=%s", error.status, error.code)
            return "ukjent" if arrived or error.may_have_arrived else "feilet", first
        except Exception as error:
            log_error("outbox_send_failed", error)
            return "ukjent" if arrived else "feilet", first
        return "sendt", first

    async def _send_one(self, activity: Json, replaces: str) -> str:
        url, conversation = activity["serviceUrl"], activity["conversation"]["id"]
        if replaces:
            updated = await self._adapter.update(url, conversation, replaces, activity)
            return updated or replaces
        return await self._adapter.send(url, conversation, activity)
