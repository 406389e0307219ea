"""Teams' activities -> the assistant -> replies; one turn at a time per conversation."""

import asyncio
import json
import logging
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, Protocol

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity

from bot.activity import clean_text, without_mentions
from bot.adapter import Adapter, SendFailed
from dialogs.messages import Message, MessageKind, Reply, TextReply

log = logging.getLogger("kvalitetsbot.teams")

# Teams asks again after 15 s without an answer; what lasts this long is marked in good time.
SLOW_TURN = 5.0
SENT_IS_REMEMBERED_EVERY = 0.5
WORKERS = 4

WENT_WRONG = "Noe gikk galt hos meg. Prøv igjen om litt."
PERSONAL_CHAT_ONLY = "Jeg svarer bare i den personlige chatten. Åpne en chat med meg og spør der."
RECEIVED = "Mottatt."
FEEDBACK_TITLE = "Tilbakemelding"

CARD_TYPE = "application/vnd.microsoft.card.adaptive"
MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
ERROR_TYPE = "application/vnd.microsoft.error"
REACTIONS = ("like", "dislike")


class Assistant(Protocol):
    """What the door needs of dialogs/assistant.py. All of it blocks; it runs in threads."""

    def handle(self, message: Message) -> list[Reply]: ...

    def turn_unfinished(self, message: Message) -> None: ...

    def turn_finished(self, message: Message, at: datetime) -> None: ...

    def remember_sent(self, sent: Sequence[tuple[str, str, str]]) -> None: ...

    def language_of(self, conversation: str) -> str: ...


def utc_now() -> datetime:
    return datetime.now(UTC)


class ConversationLocks:
    """One turn at a time per conversation; a lock that nobody wants is dropped."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    async def acquire(self, conversation: str) -> None:
        lock, wanted = self._locks.get(conversation) or (asyncio.Lock(), 0)
        self._locks[conversation] = lock, wanted + 1
        try:
            await lock.acquire()
        except BaseException:
            self._drop(conversation)
            raise

    def release(self, conversation: str) -> None:
        self._locks[conversation][0].release()
        self._drop(conversation)

    def _drop(self, conversation: str) -> None:
        lock, wanted = self._locks.pop(conversation)
        if wanted > 1:
            self._locks[conversation] = lock, wanted - 1


class TeamsBot(TeamsActivityHandler):
    """The bot as the SDK sees it."""

    def __init__(
        self,
        assistant: Assistant,
        adapter: Adapter,
        *,
        activities_for: Callable[[Reply], list[dict[str, Any]]],
        feedback_dialog: Callable[[str, str], dict[str, Any]],
        clock: Callable[[], datetime] = utc_now,
        slow_turn: float = SLOW_TURN,
        workers: int = WORKERS,
    ) -> None:
        self._assistant = assistant
        self._adapter = adapter
        self._activities_for = activities_for
        self._feedback_dialog = feedback_dialog
        self._clock = clock
        self._slow_turn = slow_turn
        self._locks = ConversationLocks()
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="turn")
        # Its own thread, so that a queue of slow turns does not delay the notes about them.
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="note")
        self._sent: list[tuple[str, str, str]] = []
        self._flushing: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Writes down what is left. The web application has let all turns end before this."""
        if self._flushing is not None:
            self._flushing.cancel()
            await asyncio.gather(self._flushing, return_exceptions=True)
        await self._write_sent()
        self._workers.shutdown()
        self._notes.shutdown()

    # What comes in, by kind of activity

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        activity = turn_context.activity
        text = without_mentions(activity)
        if not _is_personal(activity):
            await self._send_all(activity, [_plain(PERSONAL_CHAT_ONLY)])
        elif text:
            await self._turn(activity, MessageKind.TEXT, text=text)
        elif isinstance(activity.value, dict):
            await self._turn(activity, MessageKind.BUTTON, value=activity.value)
        # A message with neither, such as a picture or a file, is handled as an empty text.
        else:
            await self._turn(activity, MessageKind.TEXT)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        activity = turn_context.activity
        bot = activity.recipient.id
        if any(member.id == bot for member in activity.members_added or ()):
            await self._installed(activity)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        activity = turn_context.activity
        if activity.action == "add":
            await self._installed(activity)
        elif activity.action == "remove" and _is_personal(activity):
            await self._turn(activity, MessageKind.REMOVED)

    async def on_message_update_activity(self, turn_context: TurnContext) -> None:
        """An edited message is not asked again."""

    async def on_message_delete_activity(self, turn_context: TurnContext) -> None:
        """A deleted message takes nothing back: the bot keeps no text."""

    async def on_message_reaction_activity(self, turn_context: TurnContext) -> None:
        """A smile under a message says nothing that we keep."""

    async def on_event_activity(self, turn_context: TurnContext) -> None:
        """Meetings and read receipts are not for us."""

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        activity = turn_context.activity
        answer = INVOKES.get(activity.name or "")
        if answer is None or not _is_personal(activity):
            # 200, not 501: Teams sends again what fails, and nothing would change.
            log.info("action=invoke_not_known")
            return InvokeResponse(status=200, body={})
        value = activity.value if isinstance(activity.value, dict) else {}
        return await answer(self, activity, value)

    async def _pressed(self, activity: Activity, value: Mapping[str, Any]) -> InvokeResponse:
        """A button of kind Action.Execute."""
        action = value.get("action")
        data = action.get("data") if isinstance(action, dict) else None
        if not isinstance(data, dict):
            error = {"code": "BadRequest", "message": "Knappen hadde ikke noe innhold."}
            return _invoke_answer({"statusCode": 400, "type": ERROR_TYPE, "value": error})
        await self._turn(activity, MessageKind.BUTTON, value=data)
        return _invoke_answer({"statusCode": 200, "type": MESSAGE_TYPE, "value": RECEIVED})

    async def _feedback_asked(self, activity: Activity, value: Mapping[str, Any]) -> InvokeResponse:
        """A thumb under an answer: the dialog that asks why."""
        reaction = _reaction(value)
        if reaction is None:
            return InvokeResponse(status=400, body={})
        language = await asyncio.get_running_loop().run_in_executor(
            self._workers, self._assistant.language_of, activity.conversation.id
        )
        card = {"contentType": CARD_TYPE, "content": self._feedback_dialog(reaction, language)}
        task = {"title": FEEDBACK_TITLE, "height": "medium", "width": "small", "card": card}
        return _invoke_answer({"task": {"type": "continue", "value": task}})

    async def _feedback_given(self, activity: Activity, value: Mapping[str, Any]) -> InvokeResponse:
        """The dialog's answer, or that of Teams' own dialog."""
        reaction = _reaction(value)
        if reaction is None:
            return InvokeResponse(status=400, body={})
        inputs = _inputs(value)
        feedback = {
            "reaction": reaction,
            "reason": _word(inputs, "reason"),
            "text": _word(inputs, "text") or _word(inputs, "feedbackText"),
            "about": activity.reply_to_id or "",
        }
        await self._turn(activity, MessageKind.FEEDBACK, value=feedback)
        return InvokeResponse(status=200, body={})

    # The turn

    async def _installed(self, activity: Activity) -> None:
        """Teams tells of an installation twice; the id makes the second a repeat."""
        if not _is_personal(activity):
            return
        day = self._clock().date().isoformat()
        await self._turn(
            activity, MessageKind.INSTALLED, id=f"installed:{activity.conversation.id}:{day}"
        )

    async def _turn(
        self,
        activity: Activity,
        kind: MessageKind,
        *,
        id: str | None = None,
        text: str = "",
        value: Mapping[str, Any] | None = None,
    ) -> None:
        user, conversation = activity.from_property, activity.conversation.id
        message = Message(
            id=id or activity.id or str(uuid.uuid4()),
            conversation=conversation,
            sender=user.aad_object_id or user.id,
            arrived=self._clock(),
            kind=kind,
            text=text,
            value=value or {},
            sender_name=user.name or "",
            reference=_reference(activity),
        )
        began = time.monotonic()
        await self._locks.acquire(conversation)
        try:
            replies = await self._answer(activity, message)
        finally:
            self._locks.release(conversation)
        log.info(
            "action=turn kind=%s replies=%d ms=%d",
            kind.value,
            replies,
            1000 * (time.monotonic() - began),
        )

    async def _answer(self, activity: Activity, message: Message) -> int:
        loop = asyncio.get_running_loop()
        slow: list[asyncio.Future[None]] = []
        timer = loop.call_later(
            self._slow_turn,
            lambda: slow.append(asyncio.ensure_future(self._note_unfinished(message))),
        )
        try:
            replies = await loop.run_in_executor(self._workers, self._assistant.handle, message)
            activities: list[tuple[Reply | None, dict[str, Any]]] = [
                (reply, fields) for reply in replies for fields in self._activities_for(reply)
            ]
        except Exception as error:
            log_error("turn_failed", error)
            activities = [_plain(WENT_WRONG)]
        try:
            await self._send_all(activity, activities)
        finally:
            timer.cancel()
            if slow:
                await asyncio.gather(*slow)
                await self._note(self._assistant.turn_finished, message, self._clock())
        return len(activities)

    async def _note_unfinished(self, message: Message) -> None:
        await self._note(self._assistant.turn_unfinished, message)

    async def _note(self, function: Callable[..., None], *arguments: Any) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._notes, function, *arguments)
        except Exception as error:
            log_error("note_failed", error)

    async def _send_all(
        self, activity: Activity, replies: Sequence[tuple[Reply | None, Mapping[str, Any]]]
    ) -> None:
        try:
            for reply, fields in replies:
                sent = await self._send(activity, fields)
                if sent and isinstance(reply, TextReply) and reply.passage:
                    self._remember(activity.conversation.id, sent, reply.passage)
        except SendFailed as error:
            # The rest would arrive without its beginning.
            log.warning("action=send_failed status=%d code=%s", error.status, error.code or "-")

    async def _send(self, activity: Activity, fields: Mapping[str, Any]) -> str:
        conversation = activity.conversation.id
        outgoing = {
            **fields,
            "from": {"id": activity.recipient.id, "name": activity.recipient.name},
            "recipient": {"id": activity.from_property.id},
            "conversation": {"id": conversation},
            "channelId": activity.channel_id,
            "serviceUrl": activity.service_url,
        }
        return await self._adapter.send(activity.service_url, conversation, outgoing)

    # What was sent, written down in batches so that a turn costs one transaction

    def _remember(self, conversation: str, sent: str, passage: str) -> None:
        self._sent.append((conversation, sent, passage))
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.create_task(self._flush_soon())

    async def _flush_soon(self) -> None:
        while self._sent:
            await asyncio.sleep(SENT_IS_REMEMBERED_EVERY)
            await self._write_sent()

    async def _write_sent(self) -> None:
        if self._sent:
            sent, self._sent = self._sent, []
            await self._note(self._assistant.remember_sent, sent)


INVOKES = {
    "adaptiveCard/action": TeamsBot._pressed,
    "message/fetchTask": TeamsBot._feedback_asked,
    "message/submitAction": TeamsBot._feedback_given,
    "task/submit": TeamsBot._feedback_given,
}


def _plain(text: str) -> tuple[None, dict[str, Any]]:
    return None, {"type": "message", "text": text}


def log_error(action: str, error: BaseException) -> None:
    """Where it went wrong, without the error's own words: they may quote a person."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames))
    log.error("action=%s error=%s where=%s", action, type(error).__name__, where)


def _is_personal(activity: Activity) -> bool:
    """Playground leaves the type out for a personal chat."""
    kind = activity.conversation.conversation_type
    return kind in (None, "", "personal") and not activity.conversation.is_group


def _reference(activity: Activity) -> dict[str, Any]:
    """The conversation's address, so that the bot can write first. No names of people."""
    user, bot, conversation = activity.from_property, activity.recipient, activity.conversation
    return {
        "serviceUrl": activity.service_url,
        "channelId": activity.channel_id,
        "conversation": {"id": conversation.id, "tenantId": conversation.tenant_id},
        "user": {"id": user.id, "aadObjectId": user.aad_object_id},
        "bot": {"id": bot.id, "name": bot.name},
    }


def _invoke_answer(body: dict[str, Any]) -> InvokeResponse:
    return InvokeResponse(status=200, body=body)


def _feedback_value(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """{reaction, feedback}: at the root, under `data`, or under `actionValue` of either."""
    data = value.get("data")
    inner = data if isinstance(data, dict) else value
    action_value = inner.get("actionValue")
    return action_value if isinstance(action_value, dict) else inner


def _reaction(value: Mapping[str, Any]) -> str | None:
    reaction = _feedback_value(value).get("reaction", _inputs(value).get("reaction"))
    return reaction if isinstance(reaction, str) and reaction in REACTIONS else None


def _inputs(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was filled in: Teams sends it as JSON inside the JSON."""
    answer = _feedback_value(value)
    feedback = answer.get("feedback")
    if not isinstance(feedback, str):
        return feedback if isinstance(feedback, dict) else answer
    try:
        inputs = json.loads(feedback)
    except (ValueError, RecursionError):
        return {"text": feedback}
    return inputs if isinstance(inputs, dict) else {"text": feedback}


def _word(inputs: Mapping[str, Any], name: str) -> str:
    value = inputs.get(name)
    return clean_text(value, 4000) if isinstance(value, str) else ""
