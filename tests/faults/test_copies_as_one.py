"""Three copies behind a proxy that gives each request to the next: people notice nothing."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.faults.conftest import started_postgresql
from tests.faults.soak import browse, log_in
from tests.faults.teams import Chat, Json, addresses, all_buttons, buttons, inputs, words
from tests.faults.three_copies import ROUND, WRITERS, World, person, world, writer

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Nobody has an answer to these; each stands in the button that sends it on.
TOWNS = ("Voss", "Hamar", "Bodø", "Moss", "Røros", "Molde", "Alta", "Gol", "Narvik", "Egersund")
QUESTIONS = [f"Hvem vant fotballkampen i {town}?" for town in TOWNS]
STEP = "delingskultur"
FILLED = {"trivsel__value": "5", "tid__value": "ja", "stotte__value": ""}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def three(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder: Path = tmp_path_factory.mktemp("copies")
    with started_postgresql() as url:
        async with world(url, folder, people=30) as running:
            yield running


def with_button(verb: str, posts: list[Json]) -> Json:
    """The card with this button. An invitation to the round may have come as well."""
    return next(post for post in posts if verb in buttons(post))


def answers_to(question: str, posts: list[Json]) -> int:
    return sum(question in str(post.get("suggestedActions", "")) for post in posts)


async def test_what_is_asked_one_after_the_other_is_answered_in_that_order(three: World) -> None:
    chat = three.teams.chat(person(1))
    for question in QUESTIONS:
        assert answers_to(question, await chat.say(question)) == 1
    assert three.proxy.passed >= 10


async def test_what_is_asked_at_once_is_answered_once_each(three: World) -> None:
    chat = three.teams.chat(person(2))
    await asyncio.gather(*(chat.say(question) for question in QUESTIONS))
    assert [answers_to(question, chat.posts) for question in QUESTIONS] == [1] * len(QUESTIONS)


async def test_what_comes_to_all_three_at_once_is_answered_by_one(three: World) -> None:
    chat = three.teams.chat(person(3))
    await asyncio.gather(*(chat.say(QUESTIONS[0], id="the same") for _ in three.copies))
    # And later, when another message stands last.
    await chat.say(QUESTIONS[1])
    await chat.say(QUESTIONS[0], id="the same")
    assert answers_to(QUESTIONS[0], chat.posts) == 1


async def test_a_login_begins_at_one_copy_and_holds_at_all(three: World) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as page:
        cookies = await log_in(three.teams.chat(person(4)), page)
        for _ in three.copies:
            url = f"{three.proxy.url}/side/"
            assert (await browse(page, "GET", url, cookies))[0] == 200
            assert (await browse(page, "GET", url, {}))[0] == 401


async def test_a_paper_that_one_copy_has_signed_is_opened_by_all(three: World) -> None:
    chat = three.teams.chat(person(5))
    card = with_button("overview", await chat.say("skrive kjennetegn"))
    overview = with_button("open", await chat.press(buttons(card)["overview"]))
    paper = next(one for one in addresses(overview) if "/papir/" in one)
    async with aiohttp.ClientSession() as outside:
        for _ in three.copies:
            async with outside.get(paper) as file:
                assert file.status == 200
                assert (await file.read()).startswith(b"PK")  # Word


async def test_a_round_is_answered_once_whichever_copies_are_told(three: World) -> None:
    value = {"verb": "round_answer", "round": ROUND}
    chats = [three.teams.chat(person(number)) for number in range(10, 20)]
    # Each sends three times, under ids of their own: to all copies at once.
    told = await asyncio.gather(*(chat.press(value, **FILLED) for chat in chats for _ in range(3)))
    sent = sum("Sendt." in words(posts) for posts in told)
    assert sent >= len(chats)
    assert three.rows("SELECT count(*) FROM answered WHERE round = :round", round=ROUND) == [(10,)]
    assert three.rows("SELECT count(*) FROM ballot WHERE round = :round", round=ROUND) == [(40,)]


async def test_of_twenty_who_write_the_same_at_once_each_is_kept_or_told(three: World) -> None:
    chats = [three.teams.chat(writer(number)) for number in range(1, WRITERS + 1)]
    card = with_button("answer", await chats[0].say("skrive kjennetegn"))
    opened = {"verb": "open", "draft": buttons(card)["answer"]["draft"], "step": STEP}
    cards = {chat: with_button("answer", await chat.press(opened)) for chat in chats}
    texts = {chat: f"Vi deler {town(number)}" for number, chat in enumerate(chats)}

    told = await asyncio.gather(*(write(chat, cards[chat], texts[chat]) for chat in chats))
    kept = {text for text in texts.values() if text in stored(three, opened["draft"])}
    assert len(kept) == 1  # all had seen that nobody had written
    [first] = kept
    for chat, posts in zip(chats, told, strict=True):
        if texts[chat] not in kept:
            assert first in words(posts)
            assert texts[chat] in words(posts)
            cards[chat] = next(post for post in posts if "answer" in buttons(post))

    # «Bruk mitt», until it is kept: who is overtaken again is told again.
    left = [chat for chat in chats if texts[chat] not in kept]
    for _ in chats:
        told = await asyncio.gather(*(write(chat, cards[chat], texts[chat]) for chat in left))
        history = stored(three, opened["draft"])
        for chat, posts in zip(left, told, strict=True):
            if texts[chat] not in history:
                assert texts[chat] in words(posts)
                cards[chat] = with_button("answer", posts)
        left = [chat for chat in left if texts[chat] not in history]
        if not left:
            break
    history = stored(three, opened["draft"])
    assert sorted(history) == sorted(texts.values())  # every one, and once


async def write(chat: Chat, card: Json, text: str) -> list[Json]:
    """Press «Neste», or «Bruk mitt», with this text in the field."""
    carried = next(one for one in all_buttons(card) if one["verb"] == "answer")
    [field] = inputs(card)
    return await chat.press(carried, **{field: text})


def stored(three: World, draft: str) -> list[str]:
    """Every text that has stood in the step."""
    found = three.rows(
        "SELECT value FROM answer WHERE draft = :draft AND key = :key", draft=draft, key=STEP
    )
    return [text for (value,) in found for text in re.findall(r"Vi deler [a-z]+", str(value))]


def town(number: int) -> str:
    """A word of letters alone: numbers may be taken for somebody's."""
    return "abcdefghijklmnopqrstuvwxyz"[number] * 3
