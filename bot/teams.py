"""Teams' activities -> the assistant -> replies; one turn at a time per conversation."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity

from bot.activity import without_mentions
from bot.adapter import Adapter, SendFailed
from bot.attached_files import files_of
from bot.conversation_locks import ConversationLocks
from bot.errors import log_error
from bot.feedback_dialog import feedback_dialog, feedback_of, reaction_of
from bot.group_chats import is_for_the_bot, is_personal, with_private_chat
from bot.links import utc_now
from bot.metrics import Metrics
from bot.references import addressed, reference_of
from bot.search_results import search_message, search_query
from bot.sent_messages import SentMessages
from bot.sizes import Json
from dialogs.messages import (
    AttachedFile,
    DialogReply,
    Language,
    Message,
    MessageKind,
    Paper,
    Reply,
)
from dialogs.plan_search import FoundPassages

log = logging.getLogger("kvalitetsbot.teams")

# Teams asks again after 15 s without an answer; what lasts this long is marked in good time.
SLOW_TURN = 5.0
WORKERS = 4

WENT_WRONG = "Noe gikk galt hos meg. Prøv igjen om litt."
RECEIVED = "Mottatt."
LOOK_IN_THE_CHAT = "Svaret står i chatten."

MESSAGE_TYPE = "application/vnd.microsoft.activity.message"
ERROR_TYPE = "application/vnd.microsoft.error"


class Assistant(Protocol):
    """What the door needs of dialogs/assistant.py. All of it blocks; it runs in threads."""

    def handle(self, message: Message) -> list[Reply]: ...

    def turn_unfinished(self, message: Message) -> None: ...

    def turn_finished(self, message: Message, at: datetime) -> None: ...

    def language_of(self, conversation: str) -> Language: ...

    def find_passages(self, text: str, sender: str, *, skip: int, count: int) -> FoundPassages: ...

    def remember_sent(self, sent: Sequence[tuple[str, str, str]]) -> None: ...

    def remember_cards(self, cards: Sequence[tuple[str, str, str]]) -> None: ...

    def paper(self, address: str, reader: str) -> Paper | None: ...

    def calendar(self, feed: str) -> Paper | None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """How a turn ended: what the dialog is to show, and whether anything was sent to the chat."""

    dialog: Json | None = None
    in_chat: bool = False
    failed: bool = False
    delivered: bool = True


class TeamsBot(TeamsActivityHandler):
    """The bot as the SDK sees it."""

    def __init__(
        self,
        assistant: Assistant,
        adapter: Adapter,
        sent_messages: SentMessages,
        *,
        activities_for: Callable[[Reply], list[Json]],
        dialog_task: Callable[[DialogReply], Json],
        search_response: Callable[[FoundPassages], Json],
        fetch_file: Callable[[Sequence[Json]], Awaitable[AttachedFile]],
        locks: ConversationLocks,
        metrics: Metrics | None = None,
        clock: Callable[[], datetime] = utc_now,
        slow_turn: float = SLOW_TURN,
        workers: int = WORKERS,
    ) -> None:
        self._assistant = assistant
        self._adapter = adapter
        self._sent_messages = sent_messages
        self._activities_for = activities_for
        self._dialog_task = dialog_task
        self._search_response = search_response
        self._fetch_file = fetch_file
        self._clock = clock
        self._slow_turn = slow_turn
        self._locks = locks
        self._metrics = metrics or Metrics()
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="turn")
        # Its own thread, so that a queue of slow turns does not delay the notes about them.
        self._notes = ThreadPoolExecutor(1, thread_name_prefix="note")

    def close(self) -> None:
        """The web application has let all turns end before this."""
        self._workers.shutdown()
        self._notes.shutdown()

    # What comes in, by kind of activity

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        activity = turn_context.activity
        text = without_mentions(activity)
        if not is_personal(activity):
            await self._heard_in_group(activity, text)
        elif files := files_of(activity.attachments):
            file = await self._fetch_file(files)
            await self._turn(activity, MessageKind.TEXT, text=text, file=file)
        elif text:
            await self._turn(activity, MessageKind.TEXT, text=text)
        elif isinstance(activity.value, dict):
            await self._turn(activity, MessageKind.BUTTON, value=_carried(activity.value))
        # A message with neither, such as a picture, is handled as an empty text.
        else:
            await self._turn(activity, MessageKind.TEXT)

    async def _heard_in_group(self, activity: Activity, text: str) -> None:
        if not is_for_the_bot(activity):
            log.info("action=group_message_not_for_us")
        elif isinstance(activity.value, dict) and not text:
            await self._turn(activity, MessageKind.BUTTON, value=_carried(activity.value))
        else:
            await self._turn(activity, MessageKind.TEXT, text=text)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        activity = turn_context.activity
        bot = activity.recipient.id
        if any(member.id == bot for member in activity.members_added or ()):
            await self._installed(activity)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        activity = turn_context.activity
        if activity.action == "add":
            await self._installed(activity)
        elif activity.action == "remove":
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
        if answer is None or not (is_personal(activity) or activity.name in INVOKES_IN_GROUPS):
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
        await self._turn(activity, MessageKind.BUTTON, value=_carried(data))
        return _invoke_answer({"statusCode": 200, "type": MESSAGE_TYPE, "value": RECEIVED})

    async def _dialog_asked(self, activity: Activity, value: Mapping[str, Any]) -> InvokeResponse:
        """A button that opens a dialog."""
        data = value.get("data")
        if not isinstance(data, dict):
            return InvokeResponse(status=400, body={})
        return _in_dialog(await self._turn(activity, MessageKind.OPEN_DIALOG, value=_carried(data)))

    async def _dialog_filled_in(
        self, activity: Activity, value: Mapping[str, Any]
    ) -> InvokeResponse:
        """A button in a dialog: one of ours has a verb, the one about feedback has not."""
        data = value.get("data")
        if not isinstance(data, dict) or "verb" not in data:
            return await self._feedback_given(activity, value)
        answer = await self._turn(activity, MessageKind.DIALOG, value=_carried(data))
        if answer.in_chat and answer.dialog is None:
            return InvokeResponse(status=200)  # an empty body closes the dialog
        return _in_dialog(answer)

    async def _feedback_asked(self, activity: Activity, value: Mapping[str, Any]) -> InvokeResponse:
        """A thumb under an answer: the dialog that asks why."""
        reaction = reaction_of(value)
        if reaction is None:
            return InvokeResponse(status=400, body={})
        language = await asyncio.get_running_loop().run_in_executor(
            self._workers, self._assistant.language_of, activity.conversation.id
        )
        task = self._dialog_task(feedback_dialog(reaction, language))
        return _task("continue", {**task, "height": "medium", "width": "small"})

    async def _feedback_given(self, activity: Activity, value: Mapping[str, Any]) -> InvokeResponse:
        """The dialog's answer, or that of Teams' own dialog."""
        reaction = reaction_of(value)
        if reaction is None:
            return InvokeResponse(status=400, body={})
        about = activity.reply_to_id or ""
        feedback = {"reaction": reaction, "about": about, **feedback_of(value)}
        await self._turn(activity, MessageKind.FEEDBACK, value=feedback)
        return InvokeResponse(status=200, body={})

    async def _searched(self, activity: Activity, value: Mapping[str, Any]) -> InvokeResponse:
        """Somebody looks for a passage while writing to whomever, wherever that is."""
        query, user = search_query(value), activity.from_property

        def search() -> Json:
            found = self._assistant.find_passages(
                query.text, user.aad_object_id or user.id, skip=query.skip, count=query.count
            )
            return self._search_response(found)

        began = time.monotonic()
        try:
            body = await asyncio.get_running_loop().run_in_executor(
                self._workers, copy_context().run, search
            )
        except Exception as error:
            log_error("search_failed", error)
            body = search_message(WENT_WRONG)
        log.info("action=search ms=%d", 1000 * (time.monotonic() - began))
        return _invoke_answer(body)

    # The turn

    async def _installed(self, activity: Activity) -> None:
        """Teams tells of an installation twice; the id makes the second a repeat."""
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
        file: AttachedFile | None = None,
    ) -> Answer:
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
            reference=reference_of(activity),
            file=file,
            public=not is_personal(activity),
        )
        began = time.monotonic()
        await self._locks.acquire(conversation)
        try:
            answer = await self._answer(activity, message)
        finally:
            self._locks.release(conversation)
        took = time.monotonic() - began
        outcome = "failed" if answer.failed else "ok" if answer.delivered else "not_delivered"
        self._metrics.turns.labels(kind.value, outcome).inc()
        self._metrics.turn_seconds.observe(took)
        log.info("action=turn kind=%s outcome=%s ms=%d", kind.value, outcome, 1000 * took)
        return answer

    async def _answer(self, activity: Activity, message: Message) -> Answer:
        loop = asyncio.get_running_loop()
        slow: list[asyncio.Future[None]] = []
        timer = loop.call_later(
            self._slow_turn,
            lambda: slow.append(asyncio.ensure_future(self._note_unfinished(message))),
        )
        in_dialog = message.kind in (MessageKind.OPEN_DIALOG, MessageKind.DIALOG)
        dialog, failed = None, False
        activities: list[tuple[Reply | None, Json]] = []
        try:
            # In the turn's context, so that what is logged there carries the turn's id.
            replies = await loop.run_in_executor(
                self._workers, copy_context().run, self._assistant.handle, message
            )
            self._metrics.note_answers(replies)
            for reply in replies:
                if in_dialog and isinstance(reply, DialogReply):
                    dialog = self._dialog_task(reply)
                else:
                    shown = self._activities_for(reply)
                    shown = with_private_chat(reply, shown, activity.recipient.id)
                    activities += [(reply, fields) for fields in shown]
        except Exception as error:
            log_error("turn_failed", error)
            failed = True
            activities = [] if in_dialog else [(None, _plain(WENT_WRONG))]
        try:
            delivered = await self._send_all(activity, activities)
        finally:
            timer.cancel()
            if slow:
                await asyncio.gather(*slow)
                await self._note(self._assistant.turn_finished, message, self._clock())
        return Answer(dialog, bool(activities), failed, delivered)

    async def _note_unfinished(self, message: Message) -> None:
        await self._note(self._assistant.turn_unfinished, message)

    async def _note(self, function: Callable[..., None], *arguments: Any) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._notes, function, *arguments)
        except Exception as error:
            log_error("note_failed", error)

    async def _send_all(
        self, activity: Activity, activities: Sequence[tuple[Reply | None, Json]]
    ) -> bool:
        """Whether all of it was taken."""
        reference, conversation = reference_of(activity), activity.conversation.id
        try:
            for reply, fields in activities:
                sent = await self._adapter.send(
                    activity.service_url, conversation, addressed(fields, reference)
                )
                if reply is not None:
                    self._sent_messages.note(reply, conversation, sent)
        except SendFailed as error:
            # The rest would arrive without its beginning.
            log.warning("action=send_failed status=%d code=%s", error.status, error.code or "-")
            return False
        return True


INVOKES = {
    "adaptiveCard/action": TeamsBot._pressed,
    "composeExtension/query": TeamsBot._searched,
    "message/fetchTask": TeamsBot._feedback_asked,
    "message/submitAction": TeamsBot._feedback_given,
    "task/fetch": TeamsBot._dialog_asked,
    "task/submit": TeamsBot._dialog_filled_in,
}


# Of these, a group is answered: by what only the asker sees, or by where to go.
INVOKES_IN_GROUPS = ("composeExtension/query", "task/fetch")


def _plain(text: str) -> Json:
    return {"type": "message", "text": text}


def _carried(data: Mapping[str, Any]) -> Json:
    """What a button carries, and what was filled in: without what only Teams is to read."""
    return {name: value for name, value in data.items() if name != "msteams"}


def _invoke_answer(body: Json) -> InvokeResponse:
    return InvokeResponse(status=200, body=body)


def _in_dialog(answer: Answer) -> InvokeResponse:
    if answer.failed:
        return _task("message", WENT_WRONG)
    if answer.dialog is not None:
        return _task("continue", answer.dialog)
    # Nothing at all means that the same was answered a moment ago.
    return _task("message", LOOK_IN_THE_CHAT) if answer.in_chat else _invoke_answer({})


def _task(type: str, value: Any) -> InvokeResponse:
    """What the dialog shows: a card to go on with, or a sentence."""
    return _invoke_answer({"task": {"type": type, "value": value}})
