"""Who is calling: the token and the addresses of a request are checked before the bot runs."""

import asyncio
import ipaddress
import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt

from bot.settings import Settings

log = logging.getLogger("kvalitetsbot.identity")

ISSUER = "https://api.botframework.com"
METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"
ANY_TENANT = "https://login.microsoftonline.com/{tenantid}/v2.0"  # as Entra's keys have it
ALGORITHM = "RS256"
CLOCK_SKEW = 5 * 60

KEYS_LAST = 24 * 60 * 60
# A kid that we don't know makes us fetch the keys again, but never more often than this: anybody
# can send a forged kid.
REFRESH_INTERVAL = 60.0
TRY_AGAIN_AFTER = 10.0
# The whole fetch, two documents. Requests that wait for it are answered 401 when it fails.
FETCH_TIMEOUT = 4.0
LARGEST_DOCUMENT = 1_000_000


class Refused(Exception):
    """The request is not from our Teams. `reason` is a short code for the log, never content."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Caller:
    """What a checked token says: where answers go, and which channels its key speaks for."""

    service_url: str
    endorsements: frozenset[str]


class ServiceAddresses:
    """Which service addresses the bot talks to: https hosts on a list, or loopback when local."""

    def __init__(self, settings: Settings) -> None:
        self._local = settings.local
        self._hosts = frozenset(h for h in settings.service_hosts if not h.startswith("*."))
        self._suffixes = tuple(h[1:] for h in settings.service_hosts if h.startswith("*."))
        self.allows: Callable[[str], bool] = lru_cache(maxsize=256)(self._allows)

    def _allows(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            return False
        if parts.username is not None or parts.password is not None or "\\" in url:
            return False
        if parts.query or parts.fragment or any(ord(c) <= 32 for c in url):
            return False
        if self._local:
            return parts.scheme in ("http", "https") and is_loopback(host)
        if parts.scheme != "https" or port not in (None, 443):
            return False
        return host in self._hosts or (bool(self._suffixes) and host.endswith(self._suffixes))


class SigningKeys:
    """An issuer's public keys: fetched when first needed, kept, renewed for a new kid.

    The Bot Connector's, or those that the metadata of another `issuer` leads to.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        metadata_url: str = METADATA_URL,
        issuer: str = ISSUER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._session = session
        self._metadata_url = metadata_url
        self._issuer = issuer
        self._clock = clock
        self._keys: dict[str, tuple[Any, frozenset[str]]] = {}
        self._next_fetch = clock()
        self._fetched: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str) -> tuple[Any, frozenset[str]]:
        """The key and its endorsements; raises Refused when there is no such key."""
        if kid in self._keys:
            if self._is_old() and self._may_fetch():
                self._begin_fetch()  # in the background: the old key is good until we know better
        elif self._fetching is not None or self._may_fetch():
            # Shielded, since others wait for the same fetch.
            await asyncio.shield(self._fetching or self._begin_fetch())
        if kid not in self._keys:
            raise Refused(401, "unknown_key")
        return self._keys[kid]

    async def warm(self) -> None:
        """Fetches the keys ahead of the first request."""
        if self._fetching is not None or self._may_fetch():
            await asyncio.shield(self._fetching or self._begin_fetch())

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    def _is_old(self) -> bool:
        return self._fetched is not None and self._clock() - self._fetched > KEYS_LAST

    def _may_fetch(self) -> bool:
        return self._fetching is None and self._clock() >= self._next_fetch

    def _begin_fetch(self) -> asyncio.Task[None]:
        self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                metadata = await self._get(self._metadata_url)
                if metadata.get("issuer") != self._issuer:
                    raise ValueError("the metadata is another issuer's")
                if ALGORITHM not in metadata.get("id_token_signing_alg_values_supported", ()):
                    raise ValueError("the metadata does not list RS256")
                jwks_url = metadata.get("jwks_uri")
                if not isinstance(jwks_url, str) or urlsplit(jwks_url).scheme != "https":
                    raise ValueError("the metadata's jwks_uri is not https")
                keys = _read_keys(await self._get(jwks_url), self._issuer)
            if not keys:
                raise ValueError("no usable key")
            # The first fetch is not counted, or a key that changes right after it would wait.
            if self._keys:
                self._next_fetch = self._clock() + REFRESH_INTERVAL
            self._keys, self._fetched = keys, self._clock()
            log.info("action=keys_fetched keys=%d", len(keys))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, TypeError) as error:
            # The keys we have stay good; without any, requests are refused until the next try.
            self._next_fetch = self._clock() + TRY_AGAIN_AFTER
            log.warning("action=keys_not_fetched error=%s", type(error).__name__)
        finally:
            self._fetching = None

    async def _get(self, url: str) -> dict[str, Any]:
        async with self._session.get(url, allow_redirects=False) as response:
            if response.status != 200:
                raise ValueError("unexpected status")
            body = bytearray()
            async for chunk in response.content.iter_chunked(65536):
                body += chunk
                if len(body) > LARGEST_DOCUMENT:
                    raise ValueError("too large")
        document = json.loads(body)
        if not isinstance(document, dict):
            raise ValueError("not an object")
        return document


class TokenCheck:
    """Checks requests in production: signed by the Bot Connector, for us, from our tenant."""

    def __init__(self, settings: Settings, keys: SigningKeys, addresses: ServiceAddresses) -> None:
        self._app_id = settings.app_id
        self._tenant = settings.tenant_id.lower()
        self._keys = keys
        self._addresses = addresses

    async def check_request(self, headers: Mapping[str, str], peer: str) -> Caller:
        """The token itself; the body has not been read yet."""
        claims, endorsements = await signed_claims(
            headers, self._keys, issuer=ISSUER, audience=self._app_id, required=("exp",)
        )
        service_url = claims.get("serviceurl", claims.get("serviceUrl"))
        if not isinstance(service_url, str) or not service_url:
            raise Refused(401, "token_without_service_url")
        return Caller(service_url, endorsements)

    def check_activity(self, caller: Caller, activity: Mapping[str, Any]) -> None:
        """What only the parsed body can tell; before the bot runs."""
        service_url = activity.get("serviceUrl")
        if not isinstance(service_url, str) or not service_url:
            raise Refused(403, "no_service_url")
        if service_url.rstrip("/") != caller.service_url.rstrip("/"):
            raise Refused(403, "service_url_differs_from_token")
        if not self._addresses.allows(service_url):
            raise Refused(403, "service_url_not_allowed")
        channel = activity.get("channelId")
        if not isinstance(channel, str) or not channel:
            raise Refused(403, "no_channel")
        if channel not in caller.endorsements:
            raise Refused(403, "channel_not_endorsed")
        tenants = _tenants(activity)
        if not tenants:
            raise Refused(403, "no_tenant")
        if tenants != {self._tenant}:
            raise Refused(403, "other_tenant")


class LoopbackCheck:
    """Checks requests with --local: no token, but everything stays on this machine."""

    def __init__(self, addresses: ServiceAddresses) -> None:
        self._addresses = addresses

    async def check_request(self, headers: Mapping[str, str], peer: str) -> Caller:
        """A page in a browser may reach loopback by name or by a form; it can't hide its origin."""
        if not is_loopback(peer):
            raise Refused(403, "peer_not_loopback")
        if not is_loopback(_host_of(f"//{headers.get('Host', '')}")):
            raise Refused(403, "host_not_loopback")
        origin = headers.get("Origin")
        if origin is not None and not is_loopback(_host_of(origin)):
            raise Refused(403, "origin_not_loopback")
        return Caller("", frozenset())

    def check_activity(self, caller: Caller, activity: Mapping[str, Any]) -> None:
        service_url = activity.get("serviceUrl")
        if not isinstance(service_url, str) or not self._addresses.allows(service_url):
            raise Refused(403, "service_url_not_allowed")


Check = TokenCheck | LoopbackCheck


async def signed_claims(
    headers: Mapping[str, str],
    keys: SigningKeys,
    *,
    issuer: str,
    audience: str,
    required: Sequence[str],
) -> tuple[dict[str, Any], frozenset[str]]:
    """The claims of the Bearer token, and what its key is endorsed for; raises Refused.

    It is signed by one of the keys, of this issuer, for this audience alone, and good now.
    """
    token = _bearer(headers.get("Authorization"))
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise Refused(401, "malformed_token") from error
    kid = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(kid, str) or not kid:
        raise Refused(401, "wrong_algorithm_or_no_key_id")
    key, endorsements = await keys.find(kid)
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=audience,
            issuer=issuer,
            leeway=CLOCK_SKEW,
            options={"require": ["iss", "aud", *required], "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
        raise Refused(401, f"token_{type(error).__name__}") from error
    return claims, endorsements


def is_loopback(host: str) -> bool:
    if host in ("localhost", "127.0.0.1", "::1"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _bearer(header: str | None) -> str:
    if not header:
        raise Refused(401, "no_token")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token or " " in token:
        raise Refused(401, "not_a_bearer_token")
    return token


def _read_keys(document: Mapping[str, Any], issuer: str) -> dict[str, tuple[Any, frozenset[str]]]:
    """The keys by their ids. Entra's may say which issuer they are for; others' are left out."""
    keys: dict[str, tuple[Any, frozenset[str]]] = {}
    for entry in document.get("keys", ()):
        if not isinstance(entry, dict) or entry.get("kty") != "RSA":
            continue
        kid, endorsements = entry.get("kid"), entry.get("endorsements")
        if not isinstance(kid, str) or entry.get("use", "sig") != "sig":
            continue
        if entry.get("issuer", issuer) not in (issuer, ANY_TENANT):
            continue
        try:
            key = jwt.PyJWK.from_dict(entry, algorithm=ALGORITHM)
        except (jwt.PyJWTError, ValueError, TypeError):
            continue  # one key that we can't read must not cost us the others
        names = endorsements if isinstance(endorsements, list) else []
        keys[kid] = key, frozenset(name for name in names if isinstance(name, str))
    return keys


def _tenants(activity: Mapping[str, Any]) -> set[str]:
    """Every tenant that the activity names, in lower case; "" for one that is no text."""
    channel_data, conversation = activity.get("channelData"), activity.get("conversation")
    found: list[Any] = []
    if isinstance(channel_data, dict) and isinstance(channel_data.get("tenant"), dict):
        found.append(channel_data["tenant"].get("id"))
    if isinstance(conversation, dict):
        found.append(conversation.get("tenantId"))
    return {
        tenant.lower() if isinstance(tenant, str) else "" for tenant in found if tenant is not None
    }
