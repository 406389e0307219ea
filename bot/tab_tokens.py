"""Who opens the page as a tab in Teams: the token that Entra ID gives the Teams client for us.

Only the access token of a person in our tenant, for our app, asked for by Teams itself, lets
anybody in. What people are called (e-mail, user name) is never read: names change hands.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.identity import Refused, SigningKeys, signed_claims
from bot.settings import Settings

AUTHORITY = "https://login.microsoftonline.com"
SCOPE = "access_as_user"
# Microsoft's own ids of the clients that may ask for a token on our behalf.
TEAMS_CLIENTS = frozenset(
    {
        "1fec8e78-bce4-4aaf-ab1b-5451cc387264",  # Teams on a computer or a phone
        "5e3ce6c0-2b1f-4285-8d4b-75ee78787346",  # Teams in a browser
    }
)
LONGEST_NAME = 200
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class TabUser:
    """Who a token is of. `key` is the Entra object id, in lower case; `roles` are app roles."""

    key: str
    name: str
    roles: tuple[str, ...]


class TabTokenCheck:
    """Checks the tokens of the tab."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession) -> None:
        self._app_id = settings.sign_in_app_id.lower()
        self._tenant = settings.tenant_id.lower()
        self._issuer = f"{AUTHORITY}/{self._tenant}/v2.0"
        metadata = f"{self._issuer}/.well-known/openid-configuration"
        self._keys = SigningKeys(session, metadata_url=metadata, issuer=self._issuer)

    async def close(self) -> None:
        await self._keys.close()

    async def check(self, headers: Mapping[str, str]) -> TabUser:
        """Whose the token of these headers is. Raises Refused with 401, whatever was wrong."""
        claims, _ = await signed_claims(
            headers,
            self._keys,
            issuer=self._issuer,
            audience=self._app_id,
            required=("exp", "nbf", "iat"),
        )
        if claims.get("ver") != "2.0":
            raise Refused(401, "tab_version")
        if _lower(claims.get("tid")) != self._tenant:
            raise Refused(401, "tab_tenant")
        if "nonce" in claims:
            raise Refused(401, "tab_id_token")
        if claims.get("idtyp", "user") != "user":
            raise Refused(401, "tab_app_only")
        if SCOPE not in str(claims.get("scp", "")).split():
            raise Refused(401, "tab_scope")
        if claims.get("azp") not in TEAMS_CLIENTS:
            raise Refused(401, "tab_client")
        key = _lower(claims.get("oid"))
        if not _GUID.fullmatch(key):
            raise Refused(401, "tab_object_id")
        return TabUser(key, _name(claims.get("name")), _roles(claims.get("roles")))


def _lower(claim: Any) -> str:
    return claim.lower() if isinstance(claim, str) else ""


def _name(claim: Any) -> str:
    name = " ".join(claim.split()) if isinstance(claim, str) else ""
    return "".join(one for one in name if one.isprintable())[:LONGEST_NAME]


def _roles(claim: Any) -> tuple[str, ...]:
    roles = claim if isinstance(claim, list) else []
    return tuple(role for role in roles if isinstance(role, str))
