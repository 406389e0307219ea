"""Our own token: what azure-identity asks for by secret, certificate and managed identity."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import web
from azure.core.pipeline.transport import AioHttpTransport
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from bot.credentials import SCOPE, NoToken, TokenSource, open_credential
from bot.settings import Settings, SettingsError
from tests.bot.fakes import APP_ID, TENANT, OutsideWorld

pytestmark = pytest.mark.asyncio

TOKEN_PATH = f"/{TENANT}/oauth2/v2.0/token"
TOKEN = {"token_type": "Bearer", "expires_in": 3599, "access_token": "vår"}
RESOURCE = SCOPE.removesuffix("/.default")


class Login(OutsideWorld):
    """Entra's token endpoint, which keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[dict[str, str]] = []
        self.status = 200

    async def connector(self, request: web.Request) -> web.Response:
        assert (request.method, request.host, request.path) == (
            "POST",
            "login.microsoftonline.com",
            TOKEN_PATH,
        )
        self.asked.append({name: str(value) for name, value in (await request.post()).items()})
        if self.status != 200:
            problem = {"error": "invalid_client", "error_description": "AADSTS7000222: too old"}
            return web.json_response(problem, status=self.status)
        return web.json_response(TOKEN)


@contextlib.asynccontextmanager
async def asking(settings: Settings) -> AsyncIterator[tuple[Login, TokenSource]]:
    login = Login()
    async with login.running() as session:
        transport = AioHttpTransport(session=session, session_owner=False)
        source = TokenSource(lambda: open_credential(settings, transport=transport))
        try:
            yield login, source
        finally:
            await source.close()


async def test_a_secret_is_sent_for_the_connectors_token() -> None:
    settings = Settings(app_id=APP_ID, app_password="p&ss ord", tenant_id=TENANT)
    async with asking(settings) as (login, source):
        assert await source.token() == "vår"
        assert await source.token() == "vår"
    [asked] = login.asked
    assert asked["grant_type"] == "client_credentials"
    assert asked["client_id"] == APP_ID
    assert asked["client_secret"] == "p&ss ord"
    assert asked["scope"] == SCOPE
    assert "client_assertion" not in asked


@pytest.mark.parametrize("password", ["", "hemmelig"])
async def test_a_certificate_signs_for_the_connectors_token(tmp_path: Path, password: str) -> None:
    key, certificate = make_certificate()
    file = tmp_path / "bot.pem"
    file.write_bytes(as_pem(key, certificate, password))
    settings = Settings(
        app_id=APP_ID,
        tenant_id=TENANT,
        app_certificate=str(file),
        app_certificate_password=password,
    )
    async with asking(settings) as (login, source):
        assert await source.token() == "vår"
    [asked] = login.asked
    assert asked["grant_type"] == "client_credentials"
    assert asked["scope"] == SCOPE
    assert asked["client_assertion_type"].endswith(":jwt-bearer")
    assert "client_secret" not in asked
    signed = asked["client_assertion"]
    algorithm = jwt.get_unverified_header(signed)["alg"]
    assert algorithm in ("RS256", "PS256")
    claims = jwt.decode(
        signed,
        key.public_key(),
        algorithms=[algorithm],
        audience=f"https://login.microsoftonline.com{TOKEN_PATH}",
    )
    assert claims["iss"] == claims["sub"] == APP_ID
    assert time.time() < claims["exp"] < time.time() + 3600


@pytest.mark.parametrize("content", [b"", b"ikke et sertifikat", None])
async def test_a_certificate_that_can_not_be_read_says_what_to_do(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "bot.pem"
    if content is not None:
        file.write_bytes(content)
    settings = Settings(app_id=APP_ID, tenant_id=TENANT, app_certificate=str(file))
    with pytest.raises(SettingsError, match="MicrosoftAppCertificatePassword"):
        open_credential(settings)


async def test_a_wrong_password_of_a_certificate_says_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "bot.pem"
    file.write_bytes(as_pem(*make_certificate(), "riktig"))
    settings = Settings(
        app_id=APP_ID, tenant_id=TENANT, app_certificate=str(file), app_certificate_password="feil"
    )
    with pytest.raises(SettingsError, match="kan ikke leses"):
        open_credential(settings)


@pytest.mark.parametrize("where", ["app service", "virtual machine"])
async def test_a_managed_identity_asks_the_machine_it_runs_on(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Container apps and app service have an address of their own; other machines have IMDS."""
    asked: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request)
        expires = int(time.time()) + 3600
        body: dict[str, Any] = {"access_token": "vår", "token_type": "Bearer", "resource": RESOURCE}
        return web.json_response({**body, "expires_on": str(expires), "expires_in": "3600"})

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET"):
            monkeypatch.delenv(name, raising=False)
        if where == "app service":
            monkeypatch.setenv("IDENTITY_ENDPOINT", f"{address}/msi/token")
            monkeypatch.setenv("IDENTITY_HEADER", "maskinens")
        else:
            monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", address)
        settings = Settings(app_id=APP_ID, tenant_id=TENANT, app_type="UserAssignedMSI")
        source = TokenSource(lambda: open_credential(settings))
        assert await source.token() == "vår"
        await source.close()
    finally:
        await runner.cleanup()
    request = asked[-1]
    assert request.query["resource"] == RESOURCE
    assert request.query["client_id"] == APP_ID
    if where == "app service":
        assert request.headers["X-IDENTITY-HEADER"] == "maskinens"
    else:
        assert request.path == "/metadata/identity/oauth2/token"
        assert request.headers["Metadata"] == "true"


async def test_a_refused_secret_gives_no_token_and_says_nothing_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = Settings(app_id=APP_ID, app_password="hemmelig", tenant_id=TENANT)
    async with asking(settings) as (login, source):
        login.status = 401
        for _ in range(5):
            with pytest.raises(NoToken):
                await source.token()
        assert len(login.asked) == 1
    assert "hemmelig" not in caplog.text
    assert "action=token_not_fetched" in caplog.text


async def test_many_who_need_the_token_at_once_fetch_it_once() -> None:
    settings = Settings(app_id=APP_ID, app_password="hemmelig", tenant_id=TENANT)
    async with asking(settings) as (login, source):
        assert set(await asyncio.gather(*(source.token() for _ in range(20)))) == {"vår"}
        assert len(login.asked) == 1


async def test_a_source_may_ask_for_another_scope() -> None:
    settings = Settings(app_id=APP_ID, app_password="hemmelig", tenant_id=TENANT)
    login = Login()
    async with login.running() as session:
        transport = AioHttpTransport(session=session, session_owner=False)
        source = TokenSource(
            lambda: open_credential(settings, transport=transport), scope="https://graf/.default"
        )
        await source.token()
        await source.close()
    assert login.asked[0]["scope"] == "https://graf/.default"


def make_certificate() -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    import datetime as dt

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kvalitetsbot")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return key, certificate


def as_pem(key: rsa.RSAPrivateKey, certificate: x509.Certificate, password: str) -> bytes:
    closed: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        closed = serialization.BestAvailableEncryption(password.encode())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closed
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + private
