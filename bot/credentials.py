"""The bot's own tokens, for the Bot Connector first: fetched ahead of need and shared by all."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from bot.settings import Settings, SettingsError

log = logging.getLogger("kvalitetsbot.credentials")

SCOPE = "https://api.botframework.com/.default"
# Renewed this long before it ends; a token lasts an hour or more.
RENEW_BEFORE = 5 * 60
# A login service that is down must not hold up every turn in a row.
FETCH_TIMEOUT = 8.0
TRY_AGAIN_AFTER = 10.0


class NoToken(Exception):
    """The login service gave us no token; the cause was logged when it happened."""


class Credential(Protocol):
    """An azure-identity credential, or a test's own."""

    async def get_token(self, *scopes: str) -> Any: ...

    async def close(self) -> None: ...


class TokenSource:
    """Hands out the token that is kept; asks for a new one once, whoever needs it."""

    def __init__(
        self,
        open_credential: Callable[[], Credential],
        *,
        scope: str = SCOPE,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._open = open_credential
        self._scope = scope
        self._clock = clock
        self._credential: Credential | None = None
        self._token = ""
        self._expires = 0.0
        self._failed = -TRY_AGAIN_AFTER
        self._lock = asyncio.Lock()

    async def token(self) -> str:
        """The token, renewed when it is about to end."""
        if self._clock() < self._expires - RENEW_BEFORE:
            return self._token
        async with self._lock:
            now = self._clock()
            if now < self._expires - RENEW_BEFORE:
                return self._token
            if now < self._failed + TRY_AGAIN_AFTER:
                return self._what_is_left(now)
            try:
                if self._credential is None:
                    # azure.identity takes half a second to import: not in the event loop.
                    self._credential = await asyncio.to_thread(self._open)
                async with asyncio.timeout(FETCH_TIMEOUT):
                    fresh = await self._credential.get_token(self._scope)
            except Exception as error:
                log.warning("action=token_not_fetched error=%s", type(error).__name__)
                self._failed = self._clock()
                return self._what_is_left(self._failed)
            self._token, self._expires = fresh.token, float(fresh.expires_on)
            return self._token

    def _what_is_left(self, now: float) -> str:
        if now < self._expires:
            return self._token
        raise NoToken

    async def close(self) -> None:
        if self._credential is not None:
            await self._credential.close()


def open_credential(settings: Settings, **options: Any) -> Credential:
    """The azure-identity credential that the settings ask for. Slow to import: call in a thread.

    `options` are azure-identity's own, such as another `transport`. Raises SettingsError.
    """
    from azure.identity import aio

    if settings.app_type == "UserAssignedMSI":
        return aio.ManagedIdentityCredential(client_id=settings.app_id, **options)
    if not settings.app_certificate:
        return aio.ClientSecretCredential(
            settings.tenant_id, settings.app_id, settings.app_password, **options
        )
    try:
        return aio.CertificateCredential(
            settings.tenant_id,
            settings.app_id,
            certificate_path=settings.app_certificate,
            password=settings.app_certificate_password or None,
            **options,
        )
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"Sertifikatfilen «{settings.app_certificate}» kan ikke leses: "
            "kontroller filen og MicrosoftAppCertificatePassword."
        ) from error
