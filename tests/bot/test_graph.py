"""Microsoft Graph as it is on a bad day: busy, down, garbled, or leading somewhere else."""

import asyncio
import logging
from typing import Any

import pytest
from aiohttp import web

from bot.credentials import NoToken
from bot.graph import (
    LONGEST_PAUSE,
    MOST_PAGES,
    TRIES,
    Graph,
    GraphError,
    checked_link,
    open_graph,
)
from tests.bot.fake_graph import FakeGraph, FakeUser
from tests.bot.fakes import PRODUCTION, FakeToken

pytestmark = pytest.mark.asyncio

GROUP = "00000000-0000-4000-8000-0000000000aa"
MEMBERS = f"/groups/{GROUP}/members/microsoft.graph.user"


def filled(count: int = 5, page: int = 2) -> FakeGraph:
    fake = FakeGraph(page)
    fake.put(GROUP, *(FakeUser(f"u{number}", f"Nr. {number}") for number in range(count)))
    return fake


async def names(graph: Graph) -> list[str]:
    return [user["displayName"] async for page in graph.pages(MEMBERS) for user in page["value"]]


async def test_a_list_is_read_page_by_page() -> None:
    fake = filled(5)
    async with fake.running() as graph:
        assert await names(graph) == [f"Nr. {number}" for number in range(5)]
    assert len(fake.requests) == 3


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_graph_is_given_the_time_it_asks_for(status: int) -> None:
    fake = filled(1)
    fake.once(status, "TooManyRequests", **{"Retry-After": "17"})
    async with fake.running() as graph:
        assert await names(graph) == ["Nr. 0"]
    assert 17.0 in fake.slept


async def test_who_asks_for_too_long_a_time_is_left_for_another_night() -> None:
    fake = filled(1)
    fake.once(429, "TooManyRequests", **{"Retry-After": str(LONGEST_PAUSE + 1)})
    async with fake.running() as graph:
        with pytest.raises(GraphError, match="429"):
            await names(graph)
    assert len(fake.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_fault_of_theirs_is_tried_again_with_growing_pauses(status: int) -> None:
    fake = filled(1)
    for _ in range(TRIES - 1):
        fake.once(status)
    async with fake.running() as graph:
        assert await names(graph) == ["Nr. 0"]
    pauses = [one for one in fake.slept if one > 0.2]
    assert len(pauses) == TRIES - 1
    assert pauses[-1] > 3 * pauses[0]


async def test_a_graph_that_stays_down_is_given_up() -> None:
    fake = filled(1)
    for _ in range(TRIES):
        fake.once(500)
    async with fake.running() as graph:
        with pytest.raises(GraphError, match="status=500"):
            await names(graph)
    assert len(fake.requests) == TRIES


def cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.close()


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: web.Response(text="<html>Gateway</html>"),
        lambda request: web.Response(text='{"value": [', content_type="application/json"),
        lambda request: web.Response(text="[1, 2]", content_type="application/json"),
        cut,
    ],
    ids=["html", "half a JSON", "no object", "cut off"],
)
async def test_an_answer_that_can_not_be_read_is_asked_for_again(answer: Any) -> None:
    fake = filled(1)
    fake.answers.append(answer)
    async with fake.running() as graph:
        assert await names(graph) == ["Nr. 0"]
    assert len(fake.requests) == 2


async def test_a_page_without_a_list_is_no_empty_list() -> None:
    fake = filled(1)
    fake.answers.append(lambda request: web.json_response({"value": None}))
    async with fake.running() as graph:
        with pytest.raises(GraphError, match="Garbage"):
            await names(graph)


async def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import aiohttp

    monkeypatch.setattr("bot.graph.TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    fake, hang = filled(1), asyncio.Event()

    async def never(request: web.Request) -> web.StreamResponse:
        fake.requests.append("hung")
        await hang.wait()
        raise AssertionError

    monkeypatch.setattr(fake, "answer", never)
    async with fake.running() as graph:
        with pytest.raises(GraphError, match="NoAnswer"):
            await names(graph)
    # On a busy machine some of the tries end before they reach it.
    assert 1 <= len(fake.requests) <= TRIES


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_what_is_refused_is_not_asked_for_again(status: int) -> None:
    fake = filled(1)
    fake.once(status, "Authorization_RequestDenied")
    async with fake.running() as graph:
        with pytest.raises(GraphError) as raised:
            await names(graph)
    assert (raised.value.status, raised.value.code) == (status, "Authorization_RequestDenied")
    assert len(fake.requests) == 1


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com.evil.example/v1.0/groups",
        "https://evil.example/v1.0/groups",
        "http://graph.microsoft.com/v1.0/groups",
        "https://graph.microsoft.com@evil.example/v1.0/groups",
        "https://kari:ord@graph.microsoft.com/v1.0/groups",
        "https://graph.microsoft.com:444/v1.0/groups",
        "https://graph.microsoft.com/beta/groups",
        "https://graph.microsoft.com\\@evil.example/v1.0/",
        "https://[::1/v1.0/",
        "//graph.microsoft.com/v1.0/groups",
        "",
        None,
        {"a": 1},
    ],
)
async def test_a_link_to_anywhere_else_is_refused(link: object) -> None:
    with pytest.raises(GraphError, match="ForeignLink"):
        checked_link(link)


async def test_our_token_does_not_follow_a_next_link_to_another_host() -> None:
    fake = filled(5)
    fake.next_links_to = "https://evil.example/v1.0"
    async with fake.running() as graph:
        with pytest.raises(GraphError, match="ForeignLink"):
            await names(graph)
    assert len(fake.requests) == 1


async def test_nor_does_it_follow_a_redirect() -> None:
    fake = filled(1)
    away = {"Location": "https://evil.example/v1.0/groups"}
    fake.answers.append(lambda request: web.Response(status=302, headers=away))
    async with fake.running() as graph:
        with pytest.raises(GraphError, match="302"):
            await names(graph)
    assert len(fake.requests) == 1


async def test_links_in_a_ring_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.graph.MOST_PAGES", 5)
    assert MOST_PAGES > 1_000  # of 2 to 999 people each
    fake = filled(1)
    ring = {"value": [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/ring"}
    fake.answers += [lambda request: web.json_response(ring)] * 10
    async with fake.running() as graph:
        with pytest.raises(GraphError, match="TooManyPages"):
            await names(graph)


async def test_no_more_than_ten_requests_a_second_are_made() -> None:
    fake = filled(41, page=1)
    async with fake.running() as graph:
        await names(graph)
    assert len(fake.requests) == 41
    assert sum(fake.slept) == pytest.approx(4.0, abs=0.01)


async def test_a_login_that_fails_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_token() -> str:
        raise NoToken

    fake = filled(1)
    monkeypatch.setattr(fake, "_token", no_token)
    async with fake.running() as graph:
        with pytest.raises(GraphError, match="NoToken"):
            await names(graph)
    assert not fake.requests


async def test_the_bot_signs_in_to_graph_with_its_own_credential_and_closes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Noting(FakeToken):
        scopes: tuple[str, ...] = ()
        is_closed = False

        async def get_token(self, *scopes: str) -> Any:
            self.scopes = scopes
            return await super().get_token(*scopes)

        async def close(self) -> None:
            self.is_closed = True

    credential = Noting()
    monkeypatch.setattr("bot.graph.open_credential", lambda settings: credential)
    async with open_graph(PRODUCTION) as graph:
        assert await graph._token() == "our-token"
    assert credential.scopes == ("https://graph.microsoft.com/.default",)
    assert credential.is_closed


async def test_nothing_that_graph_says_of_people_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="kvalitetsbot")
    fake = filled(3)
    fake.once(503, "Kari Nordmann")
    fake.once(429, "x")
    async with fake.running() as graph:
        await names(graph)
    assert "action=graph_again" in caplog.text
    assert "Kari" not in caplog.text
    assert "u0" not in caplog.text
