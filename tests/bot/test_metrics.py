"""/metrics: what happened is counted, and nobody can be found in it."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest.mock import ANY

import pytest
from aiohttp import ClientSession, web

from bot.web import METRICS
from dialogs.contacts import read_contacts
from dialogs.messages import Message, Reply
from dialogs.questions import respond
from dialogs.wording import read_wordings
from knowledge.library import Library
from tests.bot.fakes import LOCAL, Client, FakeAssistant, OutsideWorld, serving
from tests.bot.test_readiness import Watched

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def scraping(client: Client) -> AsyncIterator[str]:
    """The address of the figures."""
    runner = web.AppRunner(client.app[METRICS], access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/metrics"
    finally:
        await runner.cleanup()


async def figures(client: Client) -> dict[str, float]:
    async with scraping(client) as url, ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        text = await answer.text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def turns(found: dict[str, float], kind: str, outcome: str) -> float:
    return found.get(f'kvalitetsbot_turns_total{{kind="{kind}",outcome="{outcome}"}}', 0)


async def test_turns_answers_and_refusals_are_counted() -> None:
    def answer(message: Message) -> list[Reply]:
        if message.text == "feil":
            raise RuntimeError
        return []

    async with serving(FakeAssistant(answer)) as client:
        for text in ("hei", "hallo", "feil"):
            await client.say(text)
        await client.post(b"{")
        await client.post({}, token=None)
        found = await figures(client)
    assert (turns(found, "text", "ok"), turns(found, "text", "failed")) == (2, 1)
    assert found["kvalitetsbot_turn_seconds_count"] == 3
    assert found['kvalitetsbot_refused_requests_total{reason="malformed_json"}'] == 1
    assert found['kvalitetsbot_refused_requests_total{reason="no_token"}'] == 1
    # To the one whose turn failed something was sent.
    assert found['kvalitetsbot_connector_responses_total{status="201"}'] == 1


async def test_what_teams_does_not_take_is_counted_as_not_delivered() -> None:
    world = OutsideWorld()
    world.answers = [web.Response(status=403)]
    async with serving(FakeAssistant(), world=world) as client:
        await client.say()
        found = await figures(client)
    assert turns(found, "text", "not_delivered") == 1
    assert found['kvalitetsbot_connector_responses_total{status="403"}'] == 1


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Hva er PRUVA?", "answered"),
        ("hvor er fagfornyelsen på nett?", ANY),
        ("hvem vant fotballkampen?", "declined"),
        ("en elev blir slått hjemme", "guarded"),
    ],
)
async def test_each_question_is_counted_by_how_it_was_answered(
    question: str, answer: str, library: Library
) -> None:
    reply = respond(library, read_contacts(), read_wordings()["nb"], question).reply
    assert reply.answer == answer
    assert reply.answer
    async with serving(FakeAssistant(lambda _: [reply]), settings=LOCAL) as client:
        await client.say(question)
        found = await figures(client)
    assert found[f'kvalitetsbot_answers_total{{answer="{reply.answer}"}}'] == 1


async def test_the_outbox_is_told_as_it_is_when_it_is_asked_about() -> None:
    watched = Watched()
    async with serving(FakeAssistant(), settings=LOCAL, watched=watched) as client:
        found = await figures(client)
    assert found["kvalitetsbot_database_up"] == 1
    assert found['kvalitetsbot_outbox_rows{state="venter"}'] == 3
    assert found["kvalitetsbot_outbox_oldest_due_seconds"] == 90.5


async def test_without_a_database_the_other_figures_are_told_still(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watched = Watched(error=OSError("passordet er hemmelig"))
    async with serving(FakeAssistant(), settings=LOCAL, watched=watched) as client:
        await client.say()
        with caplog.at_level(logging.INFO, "kvalitetsbot"):
            found = await figures(client)
    assert found["kvalitetsbot_database_up"] == 0
    assert not any(name.startswith("kvalitetsbot_outbox_rows") for name in found)
    assert turns(found, "text", "not_delivered") + turns(found, "text", "ok") == 1
    assert "hemmelig" not in caplog.text


async def test_no_figure_names_anybody_or_says_what_they_wrote() -> None:
    async with serving(FakeAssistant()) as client:
        await client.say("min hemmelige tekst")
        async with scraping(client) as url, ClientSession() as session, session.get(url) as answer:
            text = (await answer.text()).lower()
    for secret in ("hemmelig", "kari", "samtale", "aad-"):
        assert secret not in text


async def test_the_figures_are_not_on_the_port_that_people_reach() -> None:
    async with (
        serving(FakeAssistant()) as client,
        client.session.get(f"{client.url}/metrics") as answer,
    ):
        assert answer.status == 404
