"""Links to papers: what they open, for whom, how long, and what is said when they do not."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import repeat
from typing import Any

import jwt
import pytest

from bot.links import LinkRefused, Links
from dialogs.messages import Paper, Paragraph
from tests.bot.fakes import LINKS, LOCAL, SECRET, FakeAssistant, serving
from tests.bot.papers import RICH
from tests.bot.test_pages import Parsed

PURPOSE = "kvalitetsbot:paper"
KEY = hmac.digest(SECRET.encode(), PURPOSE.encode(), hashlib.sha256)
CLAIMS: dict[str, Any] = {"paper": "draft:1", "format": "txt", "reader": "kari", "aud": PURPOSE}


def token_of(address: str) -> str:
    return address.split("/")[-2]


def signed(key: Any = KEY, **changes: Any) -> str:
    claims = {**CLAIMS, "exp": datetime.now(UTC) + timedelta(hours=1), **changes}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, key, "HS256")


def unsigned() -> str:
    """What a library that trusts the header would take."""

    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part({**CLAIMS, 'exp': 4_000_000_000})}."


def test_the_test_signs_as_the_bot_does() -> None:
    assert LINKS.read(signed()).paper == "draft:1"


def test_a_link_works_for_a_day_and_no_longer() -> None:
    for hours, works in ((23, True), (25, False)):
        then = datetime.now(UTC) - timedelta(hours=hours)
        old = Links(SECRET, "https://bot.eksempel.no", clock=partial(next, repeat(then)))
        token = token_of(old.download("draft:1", "docx", "kari"))
        if works:
            assert LINKS.read(token).reader == "kari"
        else:
            with pytest.raises(LinkRefused, match="ExpiredSignatureError"):
                LINKS.read(token)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "ÆØÅ",
        unsigned(),
        signed(SECRET.ljust(32, "!")),
        signed(hashlib.sha256(SECRET.encode()).digest()),
        signed(aud="kvalitetsbot:login"),
        signed(aud=None),
        signed(exp=None),
        signed(exp=1),
        signed(paper=None),
        signed(reader=None),
        signed()[:-2] + "AA",
    ],
)
def test_a_forged_link_or_one_for_another_purpose_is_refused(token: str) -> None:
    with pytest.raises(LinkRefused):
        LINKS.read(token)


def test_the_reader_can_not_be_changed_without_the_key() -> None:
    header, claims, signature = signed().split(".")
    read = json.loads(base64.urlsafe_b64decode(claims + "=="))
    other = json.dumps({**read, "reader": "ola"}).encode()
    forged = base64.urlsafe_b64encode(other).rstrip(b"=").decode()
    with pytest.raises(LinkRefused):
        LINKS.read(f"{header}.{forged}.{signature}")


def test_another_bot_does_not_take_our_links() -> None:
    with pytest.raises(LinkRefused):
        Links("en annen", "https://bot.eksempel.no").read(signed())


# Over HTTP


def assistant_with(paper: Paper) -> FakeAssistant:
    assistant = FakeAssistant()
    assistant.papers["draft:1", "kari"] = paper
    return assistant


async def opened(
    token: str, *, method: str = "GET", assistant: FakeAssistant | None = None, name: str = "x.txt"
) -> tuple[int, dict[str, str], bytes]:
    async with (
        serving(assistant or assistant_with(RICH), settings=LOCAL) as client,
        client.session.request(method, f"{client.url}/papir/{token}/{name}") as response,
    ):
        return response.status, dict(response.headers), await response.read()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("format", "content_type", "begins"),
    [
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml", b"PK"),
        ("txt", "text/plain; charset=utf-8", b"Planbeskrivelse 0.13"),
        ("ics", "text/calendar; charset=utf-8", b"BEGIN:VCALENDAR"),
        ("png", "image/png", b"\x89PNG"),
    ],
)
async def test_a_link_gives_the_file_that_nobody_else_keeps_a_copy_of(
    format: str, content_type: str, begins: bytes
) -> None:
    status, headers, body = await opened(signed(format=format))
    assert status == 200
    assert headers["Content-Type"].startswith(content_type)
    assert body.startswith(begins)
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    kind, ascii_name, name = headers["Content-Disposition"].split("; ")
    assert kind == ("inline" if format == "png" else "attachment")
    assert ascii_name == (
        f'filename="Planbeskrivelse 0.13 for Bjornasen skole Bjornasen skole, 2026-2027.{format}"'
    )
    assert name.startswith("filename*=UTF-8''Planbeskrivelse%200.13%20for%20Bj%C3%B8rn%C3%A5sen")


@pytest.mark.asyncio
async def test_looking_at_a_link_without_opening_it_uses_nothing_up() -> None:
    """Teams and virus scanners look at addresses before the reader does."""
    assistant = assistant_with(RICH)
    for method in ("HEAD", "HEAD", "GET", "GET"):
        status, headers, body = await opened(signed(), method=method, assistant=assistant)
        assert status == 200
        assert int(headers["Content-Length"]) > 500
        assert bool(body) is (method == "GET")


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "token",
    [signed(exp=1), unsigned(), "x", signed(reader="ola"), signed(paper="draft:2")],
    ids=["expired", "forged", "nonsense", "another reader", "withdrawn"],
)
async def test_a_link_that_does_not_work_says_what_to_do_instead(token: str, method: str) -> None:
    status, headers, body = await opened(token, method=method)
    assert status == 404
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    if method == "GET":
        page = body.decode()
        parsed = Parsed(page)
        assert parsed.language == "nb"
        assert parsed.tags.count("h1") == parsed.tags.count("main") == 1
        assert parsed.links == ["/pages.css"]
        assert "Åpne chatten med Kvalitetsbot i Teams" in page
        assert "Opne chatten med Kvalitetsbot i Teams" in page


@pytest.mark.asyncio
async def test_a_name_with_a_line_break_can_not_write_headers_of_its_own() -> None:
    paper = Paper('"Plan"\r\nSet-Cookie: a=b\x00; 👩/..\\', (Paragraph("Tekst"),))
    status, headers, _ = await opened(signed(), assistant=assistant_with(paper))
    assert status == 200
    assert "Set-Cookie" not in headers
    assert headers["Content-Disposition"].startswith(
        'attachment; filename="Plan Set-Cookie a b.txt"'
    )


@pytest.mark.asyncio
async def test_a_fault_while_a_paper_is_made_shows_nothing_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken(FakeAssistant):
        def paper(self, address: str, reader: str) -> Paper | None:
            raise RuntimeError(f"{reader} hemmelig")

    status, _, body = await opened(signed(), assistant=Broken())
    assert (status, body) == (500, b'{"error": "internal"}')
    assert "kari" not in caplog.text


def test_links_lead_to_the_public_address() -> None:
    links = Links(SECRET, "https://bot.eksempel.no/kvalitet/")
    assert links.picture("draft:1", "kari").startswith("https://bot.eksempel.no/kvalitet/papir/")
    assert LINKS.download("draft:1", "ics", "kari").endswith("/dokument.ics")
