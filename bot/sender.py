"""A message of the outbox -> Teams: posted once, and what came of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Literal

from bot.adapter import NOT_ALLOWED, Adapter, SendFailed
from bot.conversation_locks import ConversationLocks
from bot.errors import log_error
from bot.log_lines import begin_turn
from bot.metrics import Metrics
from bot.references import addressed
from bot.sent_messages import SentMessages
from bot.sizes import Json
from dialogs.messages import Reply
from dialogs.notices import Outcome, Outgoing

log = logging.getLogger("kvalitetsbot.sender")

# What certainly was not taken, and is worth another try.
REFUSED = frozenset({412, 429, 503})
# A gateway that doesn't know what the machine behind it has done. After any other fault of theirs
# (500) it may have arrived as well, but Microsoft says not to send it again.
GATEWAY = frozenset({502, 504})
# The app has been removed or blocked there: nothing more is sent until it is installed again.
GONE = frozenset(
    {
        (403, "BotNotInConversationRoster"),
        (403, "ConversationBlockedByUser"),
        (403, "MessageWritesBlocked"),
        (404, "ConversationNotFound"),
    }
)
TOO_MANY = 429
WAIT_UNTOLD = 1.0  # when we are told that it is too much, and not for how long
# A turn in the chat may last; what waits longer for it than this waits in the outbox instead.
LONGEST_TURN = 20.0
# Between the parts of what is split: 60 in 30 seconds is the tightest limit of a conversation.
BETWEEN_PARTS = 0.6


class Sender:
    """Sends one message at a time to a conversation, never in the middle of a turn there."""

    def __init__(
        self,
        adapter: Adapter,
        sent_messages: SentMessages,
        locks: ConversationLocks,
        *,
        activities_for: Callable[[Reply], list[Json]],
        metrics: Metrics | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        longest_turn: float = LONGEST_TURN,
    ) -> None:
        self._adapter = adapter
        self._sent_messages = sent_messages
        self._locks = locks
        self._activities_for = activities_for
        self._metrics = metrics or Metrics()
        self._sleep = sleep
        self._longest_turn = longest_turn

    async def send(self, outgoing: Outgoing, allowed: Callable[[], bool]) -> Outcome | None:
        """How it went; None when nothing was posted, because it wasn't allowed any more.

        `allowed` is asked at the last moment: what waits for a turn may wait for long.
        """
        begin_turn()
        outcome = await self._send(outgoing, allowed)
        if outcome is not None:
            self._metrics.sends.labels(outcome.kind).inc()
            log.info("action=outbox_sent outcome=%s", outcome.kind)
        return outcome

    async def _send(self, outgoing: Outgoing, allowed: Callable[[], bool]) -> Outcome | None:
        try:
            activities = [
                addressed(fields, outgoing.reference)
                for fields in self._activities_for(outgoing.reply)
            ]
        except Exception as error:
            log_error("outbox_not_rendered", error)
            return Outcome("hopeless", problem=type(error).__name__)
        try:
            async with asyncio.timeout(self._longest_turn):
                await self._locks.acquire(outgoing.conversation)
        except TimeoutError:
            return None
        try:
            if not allowed():
                return None
            return await self._post(outgoing, activities)
        finally:
            self._locks.release(outgoing.conversation)

    async def _post(self, outgoing: Outgoing, activities: list[Json]) -> Outcome:
        """Each part once. Sent again, the beginning of what failed later would come twice."""
        first = ""
        for number, activity in enumerate(activities):
            try:
                if number:
                    await self._sleep(BETWEEN_PARTS)
                sent = await self._post_one(activity, "" if number else outgoing.replaces)
            except SendFailed as error:
                log.warning("action=outbox_send_failed status=%d code=%s", error.status, error.code)
                return _outcome(error, sent=first, begun=number > 0)
            self._sent_messages.note(outgoing.reply, outgoing.conversation, sent)
            first = first or sent
        return Outcome("sent", first)

    async def _post_one(self, activity: Json, replaces: str) -> str:
        url, conversation = activity["serviceUrl"], activity["conversation"]["id"]
        if replaces:
            updated = await self._adapter.update(url, conversation, replaces, activity, tries=1)
            return updated or replaces
        return await self._adapter.send(url, conversation, activity, tries=1)


def _outcome(error: SendFailed, *, sent: str, begun: bool) -> Outcome:
    wait = error.retry_after
    if wait is None and error.status == TOO_MANY:
        wait = WAIT_UNTOLD
    problem = f"{error.status} {error.code}" if error.status else error.code
    kind = "unknown" if begun else _kind(error)
    return Outcome(
        kind,
        sent,
        problem.strip(),
        wait,
        gone=(error.status, error.code) in GONE,
        final=begun or (kind == "unknown" and error.status not in (0, *GATEWAY)),
    )


def _kind(error: SendFailed) -> Literal["refused", "unknown", "hopeless"]:
    if error.status in REFUSED:
        return "refused"
    if error.may_have_arrived:
        return "unknown"
    # No answer, and nothing sent: no network, no name, no token. But an address that isn't allowed
    # is no better tomorrow.
    no_answer = error.status == 0 and error.code != NOT_ALLOWED
    return "refused" if no_answer else "hopeless"
