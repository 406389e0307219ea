"""Sends activities to the Bot Connector on one pooled aiohttp session, and runs incoming ones."""

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
from botbuilder.core import BotAdapter, TurnContext
from botbuilder.schema import Activity, ActivityTypes, ConversationReference, ResourceResponse

from bot.metrics import Metrics

log = logging.getLogger("kvalitetsbot.adapter")

# Microsoft's table of what may be tried again; everything else is final.
RETRIED = frozenset({412, 429, 502, 503, 504})
TRIES = 4
FIRST_PAUSE = 0.4
# All pauses of one send together: the person is waiting, and Teams asks again after 15 s.
LONGEST_WAIT = 5.0
SEND_TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
# Shorter than the Connector's, so that we seldom write on a connection it has just closed.
KEEP_ALIVE = 30.0
LARGEST_ANSWER = 64_000

NOT_ALLOWED = "ServiceUrlNotAllowed"

JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class SendFailed(Exception):
    """The Connector did not take the activity. `status` is 0 when it gave no answer.

    `may_have_arrived`: it may be shown all the same, so that sending it again may show it twice.
    `retry_after`: so many seconds the Connector asks us to wait.
    """

    def __init__(
        self,
        status: int,
        code: str = "",
        *,
        may_have_arrived: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"status={status} code={code or '-'}")
        self.status = status
        self.code = code
        self.may_have_arrived = may_have_arrived
        self.retry_after = retry_after


class Adapter(BotAdapter):
    """A BotAdapter without msrest: no client per turn, no thread per send."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        allows: Callable[[str], bool],
        metrics: Metrics | None = None,
        token: Callable[[], Awaitable[str]] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__()
        self._session = session
        self._allows = allows
        self._metrics = metrics or Metrics()
        self._token = token
        self._sleep = sleep

    async def process(
        self, activity: Activity, logic: Callable[[TurnContext], Awaitable[None]]
    ) -> Any:
        """Runs one incoming activity; returns the InvokeResponse, or None when none is due."""
        context = TurnContext(self, activity)
        await self.run_pipeline(context, logic)
        return context.turn_state.get(BotAdapter._INVOKE_RESPONSE_KEY)

    async def send(
        self,
        service_url: str,
        conversation: str,
        activity: Mapping[str, Any],
        *,
        tries: int = TRIES,
    ) -> str:
        """Sends one activity; returns its id, or "" when the Connector gives none (202)."""
        url = f"{_conversation_url(service_url, conversation)}/activities"
        return await self._call("POST", service_url, url, activity, tries)

    async def update(
        self,
        service_url: str,
        conversation: str,
        sent: str,
        activity: Mapping[str, Any],
        *,
        tries: int = TRIES,
    ) -> str:
        """Replaces a sent activity."""
        url = f"{_conversation_url(service_url, conversation)}/activities/{quote(sent, safe='')}"
        return await self._call("PUT", service_url, url, activity, tries)

    async def send_activities(
        self, context: TurnContext, activities: list[Activity]
    ) -> list[ResourceResponse]:
        """The SDK's way in. An invoke's response is kept for the HTTP answer."""
        responses = []
        for activity in activities:
            if activity.type == ActivityTypes.invoke_response:
                context.turn_state[BotAdapter._INVOKE_RESPONSE_KEY] = activity.value
                responses.append(ResourceResponse())
            else:
                sent = await self.send(
                    activity.service_url, activity.conversation.id, activity.serialize()
                )
                responses.append(ResourceResponse(id=sent))
        return responses

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        sent = await self.update(
            activity.service_url, activity.conversation.id, activity.id, activity.serialize()
        )
        return ResourceResponse(id=sent or activity.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:
        base = _conversation_url(reference.service_url, reference.conversation.id)
        url = f"{base}/activities/{quote(reference.activity_id, safe='')}"
        await self._call("DELETE", reference.service_url, url, None)

    async def _call(
        self,
        method: str,
        service_url: str,
        url: str,
        activity: Mapping[str, Any] | None,
        tries: int = TRIES,
    ) -> str:
        if not self._allows(service_url):
            # Our token goes with the request, so an address from a database is checked as well.
            raise SendFailed(0, NOT_ALLOWED)
        body = None if activity is None else json.dumps(activity, ensure_ascii=False).encode()
        waited, may_have_arrived = 0.0, False
        for attempt in range(1, tries + 1):
            try:
                return await self._call_once(method, url, body)
            except _TryAgain as again:
                may_have_arrived |= again.may_have_arrived
                pause = again.after
                if pause is None:
                    pause = FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)
                if attempt == tries or waited + pause > LONGEST_WAIT:
                    raise SendFailed(
                        again.status,
                        again.code,
                        may_have_arrived=may_have_arrived,
                        retry_after=again.after,
                    ) from again
            log.info("action=send_again attempt=%d", attempt)
            waited += pause
            await self._sleep(pause)
        raise AssertionError("the loop returns or raises")

    async def _call_once(self, method: str, url: str, body: bytes | None) -> str:
        headers = dict(JSON_HEADERS)
        try:
            if self._token is not None:
                headers["Authorization"] = f"Bearer {await self._token()}"
        except Exception as error:
            raise SendFailed(0, f"NoToken{type(error).__name__}") from error
        try:
            async with self._session.request(
                method,
                url,
                data=body,
                headers=headers,
                allow_redirects=False,
                timeout=SEND_TIMEOUT,
            ) as response:
                self._metrics.connector.labels(str(response.status)).inc()
                if response.status < 300:
                    return await _id_in(response)
                answer = await response.content.read(LARGEST_ANSWER)
                code = _code_of(answer)
                if response.status in RETRIED:
                    raise _TryAgain(response.status, code, _retry_after(response.headers))
                raise SendFailed(response.status, code, may_have_arrived=response.status >= 500)
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ServerDisconnectedError,
        ) as error:
            # It never got there; or a pooled connection may just have ended, before it was read.
            self._metrics.connector.labels("none").inc()
            raise _TryAgain(0, type(error).__name__, None) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self._metrics.connector.labels("none").inc()
            raise SendFailed(0, type(error).__name__, may_have_arrived=True) from error


class _TryAgain(Exception):
    def __init__(self, status: int, code: str, after: float | None) -> None:
        super().__init__(status)
        self.status = status
        self.code = code
        self.after = after
        # A gateway that gives up says nothing of what the machine behind it has done.
        self.may_have_arrived = status >= 500 or code == aiohttp.ServerDisconnectedError.__name__


def _conversation_url(service_url: str, conversation: str) -> str:
    return f"{service_url.rstrip('/')}/v3/conversations/{quote(conversation, safe='')}"


async def _id_in(response: aiohttp.ClientResponse) -> str:
    """It was taken, even if the rest of the answer is lost; then there is no id."""
    try:
        return _id_of(await response.content.read(LARGEST_ANSWER))
    except (aiohttp.ClientError, TimeoutError, OSError):
        return ""


def _id_of(answer: bytes) -> str:
    """202 with an empty body is success as well; then there is no id."""
    document = _object(answer)
    sent = document.get("id")
    return sent if isinstance(sent, str) else ""


def _code_of(answer: bytes) -> str:
    """What it calls the error; a sub-code says more, and stands beside it or around it."""
    document = _object(answer)
    error = document.get("error")
    inner = error if isinstance(error, dict) else {}
    for code in (inner.get("subCode"), document.get("subCode"), inner.get("code")):
        if isinstance(code, str) and code.isalnum():
            return code[:60]
    return ""


def _object(answer: bytes) -> dict[str, Any]:
    if not answer:
        return {}
    try:
        document = json.loads(answer)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait. A date, or nonsense, is taken as if nothing was said."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < 3600 else None
