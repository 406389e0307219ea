"""Whom the tab lets in: every token but that of a person in our tenant, by Teams, is refused."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import jwt
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bot.identity import Refused
from bot.settings import Settings
from bot.tab_tokens import TabTokenCheck, TabUser
from tests.bot.entra import ISSUER, TEAMS_ON_A_COMPUTER, Entra
from tests.bot.fakes import APP_ID, PRODUCTION, TENANT, Key

pytestmark = pytest.mark.asyncio

OTHER_TENANT = "12121212-8888-7777-6666-555555555555"
OTHER_ISSUER = f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"
FOREIGN_KEY = Key("foreign")
HANNE = "00000000-0000-4000-8000-000000000008"


def with_claims(**claims: Any) -> Callable[[Entra], str]:
    return lambda entra: entra.tab_token(**claims)


def now(seconds: int) -> int:
    return int(time.time()) + seconds


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unsigned(entra: Entra) -> str:
    return f"{encoded({'alg': 'none', 'kid': 'entra-1'})}.{encoded(entra.claims())}."


def by_the_public_key(entra: Entra) -> str:
    """HS256 with our issuer's public key as the secret, for who believes the header."""
    public = entra.entra_key.private.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{encoded({'alg': 'HS256', 'kid': 'entra-1'})}.{encoded(entra.claims())}"
    mac = hmac.digest(secret, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def tampered(entra: Entra) -> str:
    header, _, signature = entra.tab_token().split(".")
    return f"{header}.{encoded(entra.claims(roles=['administrator']))}.{signature}"


def pss(entra: Entra) -> str:
    return jwt.encode(
        entra.claims(), entra.entra_key.private, "PS256", headers={"kid": entra.entra_key.kid}
    )


REFUSED: dict[str, Callable[[Entra], str]] = {
    "another tenant": with_claims(tid=OTHER_TENANT, iss=OTHER_ISSUER),
    "tid and iss differ: another's iss": with_claims(iss=OTHER_ISSUER),
    "tid and iss differ: another's tid": with_claims(tid=OTHER_TENANT),
    "no tid": with_claims(tid=None),
    "tid is no text": with_claims(tid=[TENANT]),
    "the issuer for any tenant": with_claims(iss="https://login.microsoftonline.com/common/v2.0"),
    "Graph's audience": with_claims(aud="00000003-0000-0000-c000-000000000000"),
    "Graph's audience as an address": with_claims(aud="https://graph.microsoft.com"),
    "the v1 audience": with_claims(aud=f"api://bot.eksempel.no/{APP_ID}"),
    "the v1 issuer": with_claims(iss=f"https://sts.windows.net/{TENANT}/"),
    "version 1": with_claims(ver="1.0"),
    "no version": with_claims(ver=None),
    "a whole v1 token": with_claims(
        ver="1.0",
        iss=f"https://sts.windows.net/{TENANT}/",
        aud=f"api://bot.eksempel.no/{APP_ID}",
        appid=TEAMS_ON_A_COMPUTER,
        azp=None,
    ),
    "several audiences": with_claims(aud=[APP_ID, "00000003-0000-0000-c000-000000000000"]),
    "no audience": with_claims(aud=None),
    "an id token": with_claims(scp=None, azp=None, azpacr=None, nonce="n"),
    "an id token without a nonce": with_claims(scp=None, azp=None),
    "a nonce": with_claims(nonce="n"),
    "another scope": with_claims(scp="User.Read"),
    "a scope that only begins so": with_claims(scp="access_as_user_all"),
    "the scope in a list": with_claims(scp=["access_as_user"]),
    "no scope": with_claims(scp=None),
    "another client": with_claims(azp="00000002-0000-0ff1-ce00-000000000000"),
    "our own app as the client": with_claims(azp=APP_ID),
    "no client": with_claims(azp=None),
    "the client in the v1 claim": with_claims(azp=None, appid=TEAMS_ON_A_COMPUTER),
    "alg none": unsigned,
    "HS256 with the public key": by_the_public_key,
    "PS256": pss,
    "expired 6 minutes ago": lambda entra: entra.tab_token(exp=now(-360)),
    "not valid for 6 minutes": lambda entra: entra.tab_token(nbf=now(360)),
    "issued in 6 minutes": lambda entra: entra.tab_token(iat=now(360)),
    "no expiry": with_claims(exp=None),
    "no nbf": with_claims(nbf=None),
    "no iat": with_claims(iat=None),
    "expiry is a word": with_claims(exp="i morgen"),
    "unknown kid": lambda entra: entra.tab_token(headers={"kid": "other"}),
    "no kid": lambda entra: entra.tab_token(headers={}),
    "another's key under our kid": lambda entra: entra.tab_token(key=Key("entra-1")),
    "the Connector's key": lambda entra: entra.tab_token(key=entra.key),
    "a key of another tenant": lambda entra: entra.tab_token(key=FOREIGN_KEY),
    "changed claims": tampered,
    "app-only": with_claims(scp=None, roles=["administrator"], idtyp="app"),
    "app-only by its idtyp alone": with_claims(idtyp="app"),
    "no oid": with_claims(oid=None),
    "oid is an e-mail": with_claims(oid="hanne@fjordvik.eksempel.no"),
    "oid is a list": with_claims(oid=[HANNE]),
    "oid with a tail": with_claims(oid=f"{HANNE}\n"),
    "a Connector token": lambda entra: entra.token(),
    "not a JWT": lambda entra: "abc",
    "three dots of nonsense": lambda entra: "a.b.c",
    "five parts": lambda entra: "a.b.c.d.e",
    "cut": lambda entra: entra.tab_token()[:-20],
    "two tokens": lambda entra: f"{entra.tab_token()} {entra.tab_token()}",
    "nothing": lambda entra: "",
}


@pytest_asyncio.fixture
async def entra() -> AsyncIterator[Entra]:
    world = Entra()
    world.entra_keys.append(world.key_entry(FOREIGN_KEY, OTHER_ISSUER))
    async with world.running() as session:
        world.session = session  # type: ignore[attr-defined]
        yield world


def check_of(entra: Entra, settings: Settings = PRODUCTION) -> TabTokenCheck:
    session: aiohttp.ClientSession = entra.session  # type: ignore[attr-defined]
    return TabTokenCheck(settings, session)


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("what", REFUSED)
async def test_a_token_is_refused(entra: Entra, what: str) -> None:
    check = check_of(entra)
    with pytest.raises(Refused) as refused:
        await check.check(bearing(REFUSED[what](entra)))
    assert refused.value.status == 401
    assert refused.value.reason
    # So it was the token that was wrong, and not the world it was tried in.
    assert (await check.check(bearing(entra.tab_token()))).key == HANNE


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic a2FyaTpr"}])
async def test_a_request_without_a_token_is_refused(entra: Entra, headers: dict[str, str]) -> None:
    with pytest.raises(Refused):
        await check_of(entra).check(headers)


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"azp": TEAMS_ON_A_COMPUTER},
        {"scp": "User.Read access_as_user"},
        {"idtyp": "user"},
        {"tid": TENANT.upper()},
        {"oid": HANNE.upper()},
        {"exp": -240},
        {"nbf": 240},
        {"preferred_username": "somebody.else@fjordvik.eksempel.no", "email": "x@y.no"},
    ],
    ids=str,
)
async def test_a_person_of_ours_is_known_by_the_object_id(
    entra: Entra, claims: dict[str, Any]
) -> None:
    changes: dict[str, Any] = {n: now(v) if n in ("exp", "nbf") else v for n, v in claims.items()}
    user = await check_of(entra).check(bearing(entra.tab_token(**changes)))
    assert user == TabUser(HANNE, "Hanne Myhre", ())


async def test_app_roles_and_the_name_are_read_as_they_should_be(entra: Entra) -> None:
    token = entra.tab_token(
        roles=["fagradgiver", 7, None], name=" Kari\n Nordmann\x00 " + "x" * 500
    )
    user = await check_of(entra).check(bearing(token))
    assert user.roles == ("fagradgiver",)
    assert user.name.startswith("Kari Nordmann")
    assert len(user.name) == 200
    nameless = await check_of(entra).check(
        bearing(entra.tab_token(name=None, roles="administrator"))
    )
    assert (nameless.name, nameless.roles) == ("", ())


async def test_ids_in_the_settings_may_be_in_capitals(entra: Entra) -> None:
    settings = Settings(app_id=APP_ID.upper(), tenant_id=TENANT.upper())
    assert (await check_of(entra, settings).check(bearing(entra.tab_token()))).key == HANNE


async def test_with_an_app_of_its_own_the_tab_takes_tokens_for_that_alone(entra: Entra) -> None:
    tab = "22222222-3333-4444-5555-666666666666"
    check = check_of(entra, replace(PRODUCTION, tab_app_id=tab))
    assert (await check.check(bearing(entra.tab_token(aud=tab)))).key == HANNE
    with pytest.raises(Refused):
        await check.check(bearing(entra.tab_token()))


async def test_metadata_of_another_issuer_gives_no_keys(entra: Entra) -> None:
    entra.entra_issuer = OTHER_ISSUER
    with pytest.raises(Refused):
        await check_of(entra).check(bearing(entra.tab_token()))


async def test_a_new_key_of_entra_is_fetched_once(entra: Entra) -> None:
    check = check_of(entra)
    await check.check(bearing(entra.tab_token()))
    entra.entra_key = Key("entra-2")
    entra.entra_keys = [entra.key_entry(entra.entra_key, ISSUER)]
    for _ in range(3):
        assert (await check.check(bearing(entra.tab_token()))).key == HANNE
    assert entra.entra_fetches == 2
