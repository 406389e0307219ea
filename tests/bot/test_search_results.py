"""The search extension over HTTP: what Teams sends, and what it can show."""

import asyncio
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.search_results import search_query, search_response
from bot.sizes import message_bytes
from bot.teams import WENT_WRONG
from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import CardReply, Paragraph
from dialogs.plan_search import FoundPassage, FoundPassages
from knowledge.library import Library
from storage.database import Database
from tests.bot.fakes import LINKS, Client, FakeAssistant, serving

CHATS = [
    {"id": "a:samtale", "conversationType": "personal"},
    {"id": "19:kanal@thread.tacv2;messageid=1", "conversationType": "channel", "isGroup": True},
    {"id": "19:gruppe@thread.v2", "conversationType": "groupChat", "isGroup": True},
    {"id": "19:kari_ola@unq.gbl.spaces"},
]
PASSAGE = FoundPassage("Fravær", "Kvalitetsplanen: Fravær", CardReply("Fravær", (Paragraph("Å"),)))


def query(text: str, skip: int = 0, count: int = 25) -> dict[str, Any]:
    parameter = {"name": "tekst", "value": text}
    return {
        "commandId": "finn",
        "parameters": [parameter],
        "queryOptions": {"skip": skip, "count": count},
    }


def invoke(client: Client, value: Any, **changes: Any) -> dict[str, Any]:
    changes = {"name": "composeExtension/query", "value": value, "text": None} | changes
    return client.activity(type="invoke", **changes)


@pytest.mark.asyncio
@pytest.mark.parametrize("conversation", CHATS)
async def test_what_is_written_is_searched_for_in_every_kind_of_chat(
    conversation: dict[str, Any],
) -> None:
    """Whoever is in the chat: the bot needs not be."""
    assistant = FakeAssistant()
    assistant.found = lambda text: FoundPassages((PASSAGE,))
    async with serving(assistant) as client:
        conversation = conversation | {"tenantId": client.activity()["conversation"]["tenantId"]}
        body = invoke(client, query(" fravær ", 25, 10), conversation=conversation)
        status, answer = await client.post(body)
        assert client.world.posts == []
    assert (assistant.searches, assistant.messages) == ([("fravær", "aad-kari", 25, 10)], [])
    (attachment,) = answer["composeExtension"].pop("attachments")
    assert (status, answer) == (
        200,
        {"composeExtension": {"type": "result", "attachmentLayout": "list"}},
    )
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["version"] == "1.5"
    assert attachment["preview"] == {
        "contentType": "application/vnd.microsoft.card.thumbnail",
        "content": {"title": "Fravær", "text": "Kvalitetsplanen: Fravær"},
    }


@pytest.mark.asyncio
@pytest.mark.parametrize("changes", [{}, {"token": None}, {"token": "ikke et token"}])
async def test_only_teams_may_search(changes: dict[str, Any]) -> None:
    assistant = FakeAssistant()
    async with serving(assistant) as client:
        other = "00000000-8888-7777-6666-555555555555"
        body = invoke(client, query("fravær"))
        if not changes:
            body["conversation"]["tenantId"] = other
            body["channelData"]["tenant"]["id"] = other
        status, _ = await client.post(body, **changes)
    assert status in (401, 403)
    assert assistant.searches == []


@pytest.mark.parametrize(
    ("value", "reads"),
    [
        ({"parameters": [{"name": "initialRun", "value": "true"}]}, ("", 0, 25)),
        ({"parameters": [{"name": "initialRun", "value": True}]}, ("", 0, 25)),
        ({}, ("", 0, 25)),
        ({"parameters": "x", "queryOptions": [1]}, ("", 0, 25)),
        ({"parameters": [None, 3, {"name": "tekst"}]}, ("", 0, 25)),
        ({"parameters": [{"name": "tekst", "value": {"a": 1}}]}, ("", 0, 25)),
        (query("a", -5, 0), ("a", 0, 25)),
        (query("a", 10**30, 10**30), ("a", 10**30, 25)),
        ({**query("a"), "queryOptions": {"skip": "5", "count": 2.5}}, ("a", 0, 25)),
        ({**query("a"), "queryOptions": {"skip": None, "count": 3}}, ("a", 0, 3)),
    ],
)
def test_what_has_the_wrong_shape_is_as_if_it_were_not_there(
    value: dict[str, Any], reads: tuple[str, int, int]
) -> None:
    read = search_query(value)
    assert (read.text, read.skip, read.count) == reads


@pytest.mark.asyncio
async def test_a_fault_is_told_in_a_sentence_and_nothing_of_the_search_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assistant = FakeAssistant()

    def broken(text: str) -> FoundPassages:
        raise RuntimeError(text)

    assistant.found = broken
    async with serving(assistant) as client:
        status, answer = await client.post(invoke(client, query("hemmelig ord")))
    assert (status, answer) == (200, {"composeExtension": {"type": "message", "text": WENT_WRONG}})
    assert "hemmelig ord" not in caplog.text


def test_of_a_preview_no_text_is_read_as_html() -> None:
    angry = FoundPassage("<b>A</b>", "<img src=x onerror=alert(1)> & «x»", PASSAGE.card)
    body = search_response(FoundPassages((angry,)), LINKS)
    shown = body["composeExtension"]["attachments"][0]["preview"]["content"]["text"]
    assert shown == "&lt;img src=x onerror=alert(1)&gt; &amp; «x»"


def test_every_passage_that_can_be_inserted_fits_in_a_search_result(
    library: Library, guides: Guides, database: Database
) -> None:
    """Microsoft's limit for a card of a search is 28 KB. Asked for by each heading of the plan."""
    assistant = Assistant(library, guides, database, read_contacts(), "hemmelig")
    sections = [section for one in library.documents for section in one.sections]
    headings = {section.path[-1] for section in sections if section.path}
    cards: list[int] = []
    for heading in sorted(headings):
        found = assistant.find_passages(heading, "x", skip=0, count=25)
        response = search_response(found, LINKS)["composeExtension"]
        attachments = response.get("attachments", [])
        assert len(attachments) <= 25
        cards += [message_bytes(one["content"]) for one in attachments]
    assert len(cards) > 500
    assert max(cards) <= 28 * 1024


class Searching(FakeAssistant):
    """Searches as the real assistant."""

    def __init__(self, real: Assistant) -> None:
        super().__init__()
        self.real = real

    def find_passages(self, text: str, sender: str, *, skip: int, count: int) -> FoundPassages:
        return self.real.find_passages(text, sender, skip=skip, count=count)


@pytest.mark.asyncio
async def test_answers_come_within_a_second_when_many_search_at_once(
    library: Library, guides: Guides, database: Database
) -> None:
    """Twenty people who type a word, letter by letter, and each letter is a search."""
    real = Assistant(library, guides, database, read_contacts(), "hemmelig")
    took: list[float] = []

    async def type_word(client: Client, word: str) -> None:
        for length in range(len(word) + 1):
            began = time.perf_counter()
            status, _ = await client.post(invoke(client, query(word[:length])))
            took.append(time.perf_counter() - began)
            assert status == 200

    words = ["elevmedvirkning", "tidlig innsats", "fravær", "samarbeidslæring"] * 5
    async with serving(Searching(real)) as client:
        await asyncio.gather(*(type_word(client, word) for word in words))
    assert len(took) > 200
    assert sorted(took)[int(0.95 * len(took))] < 1


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(
        ["tekst", "initialRun", "fravær", "en elev blir slått", "\ud800", "a" * 9999]
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["parameters", "queryOptions", "name", "value", "skip", "count"])
            | st.text(),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def test_no_query_is_a_fault_of_ours(library: Library, guides: Guides, database: Database) -> None:
    """500 of any shape, over HTTP: a result or a sentence, or refused as malformed."""
    real = Assistant(library, guides, database, read_contacts(), "hemmelig")

    async def play() -> list[tuple[Any, int, Any]]:
        answers = []
        async with serving(Searching(real)) as client:
            for value in values:
                answers.append((value, *await client.post(invoke(client, value))))
        return answers

    values: list[Any] = []

    @settings(
        max_examples=500, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        ANYTHING
        | st.fixed_dictionaries(
            {
                "parameters": st.lists(
                    st.fixed_dictionaries(
                        {"name": st.sampled_from(["tekst", "x"]), "value": ANYTHING}
                    )
                ),
                "queryOptions": ANYTHING,
            }
        )
    )
    def collect(value: Any) -> None:
        values.append(value)

    collect()
    for value, status, answer in asyncio.run(play()):
        assert status in (200, 400), value
        if status == 200:
            told = answer["composeExtension"]
            assert told["type"] in ("result", "message")
            assert told.get("text") != WENT_WRONG, value
