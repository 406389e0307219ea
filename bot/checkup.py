"""What `app.py doctor` asks of the world outside: Entra ID, the Bot Connector, our own address.

All at once, each with a time limit, so that a machine without a network is told so in seconds.
Nothing is raised, and no secret is told: a check ends in a value or in a short code.
"""

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.credentials import SCOPE, open_credential
from bot.identity import METADATA_URL
from bot.settings import Settings, SettingsError

LOGIN_URL = "https://login.microsoftonline.com"
CONNECTOR_URL = "https://smba.trafficmanager.net/"
TIME_LIMIT = 8.0
LARGEST_ANSWER = 100_000


@dataclass(frozen=True, slots=True)
class Outside:
    """What was found; a text is "" for what is right, else a short code of what is wrong.

    `token_problem` may be a whole sentence, of a certificate that can't be read. `ahead` is how
    many seconds our clock is before Microsoft's; None when nobody told the time.
    """

    token_problem: str
    keys_problem: str
    connector_problem: str
    address_problem: str
    ahead: float | None


async def look_outside(
    settings: Settings,
    *,
    session: aiohttp.ClientSession | None = None,
    open_credential: Callable[[Settings], Any] = open_credential,
    time_limit: float = TIME_LIMIT,
) -> Outside:
    """Try everything that the bot needs from others. A given session stays its owner's to close."""
    own = session or aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
    try:
        token, keys, connector, address, ahead = await asyncio.gather(
            _within(time_limit, _token_problem(settings, open_credential)),
            _within(time_limit, _keys_problem(own)),
            _within(time_limit, _connector_problem(own)),
            _within(time_limit, _address_problem(own, settings.public_url)),
            _seconds_ahead(own, time_limit),
        )
    finally:
        if session is None:
            await own.close()
    return Outside(token, keys, connector, address, ahead)


def certificate_expires(file: Path) -> datetime | None:
    """When the (first) certificate of a PEM file ends; None when there is none in it."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None


def credential_expires(settings: Settings) -> date | None:
    """The last day that the bot can sign in; None for a managed identity, and when nobody knows."""
    if settings.app_type == "UserAssignedMSI":
        return None
    if settings.app_certificate:
        expires = certificate_expires(Path(settings.app_certificate))
        return expires.date() if expires else None
    return settings.app_password_expires


async def _within(seconds: float, check: Awaitable[str]) -> str:
    try:
        async with asyncio.timeout(seconds):
            return await check
    except TimeoutError:
        return "timeout"
    except aiohttp.ClientConnectorDNSError:
        return "dns"
    except (aiohttp.ClientSSLError, ssl.SSLError):
        return "tls"
    except (aiohttp.ClientError, OSError):
        return "unreachable"


async def _token_problem(settings: Settings, open_credential: Callable[[Settings], Any]) -> str:
    """A token for the Bot Connector is really asked for, as when the bot sends."""
    from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

    try:
        credential = await asyncio.to_thread(open_credential, settings)
    except SettingsError as error:
        return str(error)
    try:
        await credential.get_token(SCOPE)
    except ServiceRequestError:
        return "unreachable"
    except ClientAuthenticationError as error:
        return _code_of(str(error))
    finally:
        # A credential that never got through may fail at closing too; there is nothing to lose.
        with suppress(Exception):
            await credential.close()
    return ""


def _code_of(message: str) -> str:
    """Entra's own code of an error ("AADSTS7000215"), which says which setting is wrong."""
    found = next((word for word in message.split() if word.startswith("AADSTS")), "")
    return "".join(letter for letter in found if letter.isalnum()) or "refused"


async def _keys_problem(session: aiohttp.ClientSession) -> str:
    async with session.get(METADATA_URL, allow_redirects=False) as response:
        return "" if response.status == 200 else f"status {response.status}"


async def _connector_problem(session: aiohttp.ClientSession) -> str:
    """Any answer will do: without a token it is a refusal."""
    async with session.get(CONNECTOR_URL, allow_redirects=False):
        return ""


async def _address_problem(session: aiohttp.ClientSession, public_url: str) -> str:
    """Whether our own address leads to a bot."""
    async with session.get(f"{public_url}/health", allow_redirects=False) as response:
        if response.status != 200:
            return f"status {response.status}"
        body = await response.content.read(LARGEST_ANSWER)
        return "" if b'"status"' in body else "someone else"


async def _seconds_ahead(session: aiohttp.ClientSession, time_limit: float) -> float | None:
    """By the time that Microsoft's login service gives with its answer; half the way is ours."""
    began = time.monotonic()
    try:
        async with (
            asyncio.timeout(time_limit),
            session.get(LOGIN_URL, allow_redirects=False) as response,
        ):
            told = parsedate_to_datetime(response.headers.get("Date", ""))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None
    if told.tzinfo is None:
        return None
    half = (time.monotonic() - began) / 2
    return (datetime.now(UTC) - told).total_seconds() - half
