"""Entra ID as the tab meets it: the keys of our tenant, and the tokens that Teams is given."""

import time
from functools import cache
from typing import Any

import jwt
from aiohttp import web

from bot.tab_tokens import AUTHORITY
from tests.bot.fakes import APP_ID, TENANT, Key, OutsideWorld

ISSUER = f"{AUTHORITY}/{TENANT}/v2.0"
TEAMS_IN_A_BROWSER = "5e3ce6c0-2b1f-4285-8d4b-75ee78787346"
TEAMS_ON_A_COMPUTER = "1fec8e78-bce4-4aaf-ab1b-5451cc387264"
METADATA = f"/{TENANT}/v2.0/.well-known/openid-configuration"
KEYS = f"/{TENANT}/discovery/v2.0/keys"


@cache
def _first_key() -> Key:
    return Key("entra-1")  # it takes a while to make


class Entra(OutsideWorld):
    """The world of fakes, with our tenant's login service in it."""

    def __init__(self) -> None:
        super().__init__()
        self.entra_key = _first_key()
        self.entra_keys = [self.key_entry(self.entra_key)]
        self.entra_issuer = ISSUER
        self.entra_fetches = 0

    @staticmethod
    def key_entry(key: Key, issuer: str = AUTHORITY + "/{tenantid}/v2.0") -> dict[str, Any]:
        entry = key.public()
        del entry["endorsements"]
        return {**entry, "issuer": issuer}

    async def connector(self, request: web.Request) -> web.Response:
        if request.path == METADATA:
            self.entra_fetches += 1
            return web.json_response(
                {
                    "issuer": self.entra_issuer,
                    "jwks_uri": f"{AUTHORITY}{KEYS}",
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        if request.path == KEYS:
            return web.json_response({"keys": self.entra_keys})
        return await super().connector(request)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a good token says; a claim given as None is left out."""
        now = int(time.time())
        claims = {
            "aud": APP_ID,
            "iss": ISSUER,
            "iat": now,
            "nbf": now,
            "exp": now + 4000,
            "azp": TEAMS_IN_A_BROWSER,
            "azpacr": "0",
            "name": "Hanne Myhre",
            "oid": "00000000-0000-4000-8000-000000000008",
            "preferred_username": "hanne@fjordvik.eksempel.no",
            "scp": "access_as_user",
            "sub": "parvis",
            "tid": TENANT,
            "ver": "2.0",
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def tab_token(self, *, key: Key | None = None, headers: Any = None, **changes: Any) -> str:
        signer = key or self.entra_key
        return jwt.encode(
            self.claims(**changes),
            signer.private,
            "RS256",
            headers={"kid": signer.kid} if headers is None else headers,
        )
