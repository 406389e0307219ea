"""A file in the personal chat is fetched from Teams' own place, and from nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.attached_files import FILE_TYPE, fetch_file, files_of, is_allowed
from dialogs.meetings.file_rows import LARGEST_FILE
from dialogs.messages import AttachedFile, Message
from tests.bot.fakes import LOCAL, FakeAssistant, OutsideWorld, serving

pytestmark = pytest.mark.asyncio

ADDRESS = "https://fjordvik-my.sharepoint.com/personal/hanne/download.aspx?tempauth=hemmelig"


def attached(address: Any = ADDRESS, name: Any = "møter.csv") -> dict[str, Any]:
    return {
        "contentType": FILE_TYPE,
        "contentUrl": "https://fjordvik-my.sharepoint.com/møter.csv",
        "name": name,
        "content": {"downloadUrl": address, "uniqueId": "1", "fileType": "csv"},
    }


@asynccontextmanager
async def outside(*answers: web.StreamResponse) -> AsyncIterator[Any]:
    """The world, where whatever is asked for gets these answers in turn."""
    world = OutsideWorld()
    world.answers = list(answers)  # type: ignore[arg-type]
    async with world.running() as session:
        yield world, session


async def test_a_file_is_fetched_without_our_own_key() -> None:
    async with outside(web.Response(body=b"innhold")) as (world, session):
        assert await fetch_file(session, [attached()]) == AttachedFile("møter.csv", b"innhold")
        assert world.requests == [("GET", "/personal/hanne/download.aspx?tempauth=hemmelig")]
        assert world.authorizations == [None]


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        (ADDRESS, True),
        ("https://fjordvik.sharepoint.com:443/a", True),
        ("http://fjordvik.sharepoint.com/a", False),
        ("https://sharepoint.com.ond.example/a", False),
        ("https://ondsharepoint.com/a", False),
        ("https://fjordvik.sharepoint.com@ond.example/a", False),
        ("https://ond@fjordvik.sharepoint.com/a", False),
        ("https://fjordvik.sharepoint.com:8443/a", False),
        ("https://127.0.0.1/a", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
async def test_only_sharepoint_is_asked(address: str, allowed: bool) -> None:
    assert is_allowed(address) is allowed
    async with outside(web.Response(body=b"innhold")) as (world, session):
        file = await fetch_file(session, [attached(address)])
        assert file.problem == ("" if allowed else "unreachable")
        assert len(world.requests) == allowed


@pytest.mark.parametrize("address", [None, 7, [], "https://[", "https://a.sharepoint.com:x/"])
async def test_an_address_that_is_none_is_not_asked(address: Any) -> None:
    async with outside() as (world, session):
        assert (await fetch_file(session, [attached(address)])).problem == "unreachable"
        assert not world.requests


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("https://fjordvik.sharepoint.com/b", ""),
        ("/b", ""),
        ("https://ond.example/b", "unreachable"),
        ("http://fjordvik.sharepoint.com/b", "unreachable"),
    ],
)
async def test_a_redirect_is_followed_within_sharepoint_only(location: str, problem: str) -> None:
    sent_on = web.Response(status=302, headers={"Location": location})
    async with outside(sent_on, web.Response(body=b"innhold")) as (world, session):
        assert (await fetch_file(session, [attached()])).problem == problem
        assert len(world.requests) == (1 if problem else 2)


async def test_being_sent_round_ends() -> None:
    answers = [web.Response(status=302, headers={"Location": ADDRESS}) for _ in range(9)]
    async with outside(*answers) as (world, session):
        assert (await fetch_file(session, [attached()])).problem == "unreachable"
        assert len(world.requests) == 4


async def test_no_more_than_the_largest_file_is_read() -> None:
    largest = web.Response(body=b"x" * LARGEST_FILE)
    larger = web.Response(body=b"x" * (LARGEST_FILE + 1))
    async with outside(largest, larger, web.Response(status=404)) as (_, session):
        assert len((await fetch_file(session, [attached()])).content) == LARGEST_FILE
        assert await fetch_file(session, [attached()]) == AttachedFile(
            "møter.csv", problem="too large"
        )
        assert (await fetch_file(session, [attached()])).problem == "unreachable"


async def test_a_host_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.attached_files.TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    world = OutsideWorld()

    async def silent(request: web.Request) -> web.Response:
        await world.hang.wait()
        return web.Response()

    monkeypatch.setattr(world, "connector", silent)
    async with world.running() as session, asyncio.timeout(5):
        assert (await fetch_file(session, [attached()])).problem == "unreachable"


@pytest.mark.parametrize("name", ["elev.docx", "bilde.png", "uten", "", None, 7])
async def test_what_can_be_no_meetings_is_never_fetched(name: Any) -> None:
    async with outside() as (world, session):
        assert (await fetch_file(session, [attached(name=name)])).problem == "other kind"
        assert not world.requests


async def test_of_several_files_none_is_fetched() -> None:
    async with outside() as (world, session):
        file = await fetch_file(session, [attached(), attached()])
        assert file.problem == "several"
        assert not world.requests


async def test_a_messages_own_formatting_is_no_file() -> None:
    html = {"contentType": "text/html", "content": "<p>hei</p>"}
    assert files_of([html, attached()]) == [attached()]
    assert files_of(None) == []


# What the assistant hears


async def heard(**changes: Any) -> Message:
    assistant = FakeAssistant(lambda message: [])
    async with serving(assistant, settings=LOCAL) as client:
        client.world.answers = [web.Response(body=b"innhold")]
        status, _ = await client.post(client.activity(**changes))
        assert status == 200
    return assistant.messages[0]


async def test_the_assistant_gets_the_file_with_the_message() -> None:
    message = await heard(text="importer møter", attachments=[attached()])
    assert message.text == "importer møter"
    assert message.file == AttachedFile("møter.csv", b"innhold")


async def test_a_message_without_a_file_has_none() -> None:
    html = {"contentType": "text/html", "content": "<p>hei</p>"}
    assert (await heard(text="hei", attachments=[html, "tull", None])).file is None
