"""SIGTERM to a real process: what is under way ends, nothing new begins, and the exit code is 0."""

import asyncio
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from tests.faults.teams import buttons, words
from tests.faults.three_copies import Copy, World, person, status_of, world

pytestmark = pytest.mark.asyncio

SLOW = 2.0  # how long the Connector takes for each post
ANSWER = "PRUVA er:"


async def test_a_turn_under_way_is_answered_whole(tmp_path: Path) -> None:
    async with world(_sqlite(tmp_path), tmp_path, copies=1, people=1, latency=SLOW) as running:
        chat, [copy] = running.teams.chat(person(1)), running.copies
        await chat.say("skrive kjennetegn")
        # In the middle of a step: the answer, and the step again.
        turn = asyncio.create_task(chat.say("Hva er PRUVA?"))
        await running.teams.connector.wait_until(lambda: ANSWER in words(chat.posts))
        copy.begin_stop()
        posts = await turn
        assert ANSWER in words(posts)
        assert any("answer" in buttons(post) for post in posts)
        assert running.proxy.statuses == {200: 2}
        assert await copy.end() == 0
        await _nobody_answers(copy)


async def test_a_message_being_sent_is_noted_as_sent(tmp_path: Path) -> None:
    async with world(_sqlite(tmp_path), tmp_path, copies=1, people=1, latency=SLOW) as running:
        chat, [copy] = running.teams.chat(person(1)), running.copies
        # From now on the bot can write to them, and they are invited to a round.
        await chat.say("hei")
        await running.teams.connector.wait_until(
            lambda: any("round_answer" in buttons(post) for post in chat.posts)
        )
        assert _states(running)["sendes"] == 1
        copy.begin_stop()
        assert await copy.end() == 0
        assert (_states(running)["sendes"], _states(running)["sendt"]) == (0, 1)


async def _nobody_answers(copy: Copy) -> None:
    async with aiohttp.ClientSession() as session:
        assert await status_of(session, f"{copy.url}/ready") == 0


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'test.db'}"


def _states(running: World) -> Counter[str]:
    return Counter(state for (state,) in running.rows("SELECT state FROM outbox"))
