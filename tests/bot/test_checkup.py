"""What `app.py doctor` finds outside: each thing that can be wrong there is seen as what it is."""

import asyncio
import contextlib
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from azure.core.exceptions import ClientAuthenticationError

from bot.checkup import Outside, certificate_expires, credential_expires, look_outside
from bot.settings import Settings
from tests.bot.fakes import PRODUCTION, FakeToken, _EverythingIs, _server_context

pytestmark = pytest.mark.asyncio

OURS = replace(PRODUCTION, public_url="https://bot.eksempel.no")


class World:
    """Every host at once; `hang` lets none of them answer."""

    def __init__(self) -> None:
        self.health: web.Response | None = None
        self.metadata = 200
        self.date = datetime.now(UTC)
        self.hang: asyncio.Event | None = None

    async def answer(self, request: web.Request) -> web.Response:
        if self.hang is not None:
            await self.hang.wait()
        if request.path == "/health":
            return self.health or web.json_response({"status": "ok"})
        if request.path.endswith("openidconfiguration"):
            return web.Response(status=self.metadata)
        return web.Response(status=401, headers={"Date": format_datetime(self.date, usegmt=True)})

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[aiohttp.ClientSession]:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_server_context()).start()
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        connector = aiohttp.TCPConnector(resolver=_EverythingIs(runner.addresses[0][1]), ssl=client)
        try:
            async with aiohttp.ClientSession(connector=connector) as session:
                yield session
        finally:
            if self.hang is not None:
                self.hang.set()
            await runner.cleanup()


async def look(world: World, token: Any = None, **changes: Any) -> Outside:
    async with world.running() as session:
        return await look_outside(
            OURS, session=session, open_credential=lambda _: token or FakeToken(), **changes
        )


async def test_where_all_is_well_nothing_is_said() -> None:
    outside = await look(World())
    assert outside == Outside("", "", "", "", outside.ahead)
    assert outside.ahead is not None
    assert abs(outside.ahead) < 5


async def test_a_clock_that_is_behind_is_seen_by_how_much() -> None:
    world = World()
    world.date = datetime.now(UTC) + timedelta(minutes=6)
    ahead = (await look(world)).ahead
    assert ahead is not None
    assert -370 < ahead < -350


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("AADSTS7000215: Invalid client secret provided. Trace ID: 1", "AADSTS7000215"),
        ("noe helt annet", "refused"),
    ],
)
async def test_entras_own_code_says_why_there_is_no_token(message: str, code: str) -> None:
    class Refusing(FakeToken):
        async def get_token(self, *scopes: str) -> Any:
            raise ClientAuthenticationError(message)

    assert (await look(World(), Refusing())).token_problem == code


async def test_another_program_at_our_address_is_no_bot() -> None:
    world = World()
    world.health = web.Response(text="<h1>Velkommen til nginx</h1>", content_type="text/html")
    assert (await look(world)).address_problem == "someone else"


async def test_an_address_that_gives_an_error_is_told_with_its_status() -> None:
    world = World()
    world.health, world.metadata = web.Response(status=502), 503
    outside = await look(world)
    assert (outside.address_problem, outside.keys_problem) == ("status 502", "status 503")


async def test_hosts_that_never_answer_take_no_longer_than_one_of_them() -> None:
    world = World()
    world.hang = asyncio.Event()

    class Slow(FakeToken):
        async def get_token(self, *scopes: str) -> Any:
            assert world.hang is not None
            await world.hang.wait()

    began = time.monotonic()
    outside = await look(world, Slow(), time_limit=0.5)
    assert time.monotonic() - began < 3
    assert outside == Outside("timeout", "timeout", "timeout", "timeout", None)


async def test_when_the_credential_ends_is_what_the_settings_or_the_certificate_say(
    tmp_path: Path,
) -> None:
    with_password = replace(PRODUCTION, app_password_expires=datetime(2027, 5, 1).date())  # noqa: DTZ001
    assert credential_expires(with_password) == with_password.app_password_expires
    assert credential_expires(Settings(app_type="UserAssignedMSI")) is None
    empty = tmp_path / "tom.pem"
    empty.write_text("ingenting")
    assert certificate_expires(empty) is None
    assert credential_expires(replace(PRODUCTION, app_certificate=str(empty))) is None
