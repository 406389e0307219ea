"""Inserted passages as Microsoft's own renderer shows them: light and dark, 320 pixels wide."""

import pytest
from playwright.sync_api import Page

from bot.search_results import search_response
from dialogs.contacts import read_contacts
from dialogs.messages import Language
from dialogs.plan_search import find_passages
from dialogs.wording import read_wordings
from knowledge.library import Library
from tests.bot.fakes import LINKS
from tests.bot.test_card_renderer import page, plain, render

__all__ = ["page"]  # the fixture


@pytest.mark.parametrize("language", ["nb", "nn"])
@pytest.mark.parametrize("written", ["", "PRUVA", "fravær", "møteplan", "Haugesund", "ambisjon 2"])
def test_an_inserted_passage_is_shown_whole_with_its_source(
    page: Page,
    library: Library,
    written: str,
    language: Language,
) -> None:
    found = find_passages(library, read_contacts(), read_wordings()[language], written)
    response = search_response(found, LINKS)["composeExtension"]
    assert found.passages
    for passage, attachment in zip(found.passages, response["attachments"], strict=True):
        answer = render(page, attachment["content"], f"søk-{language}-{written}")
        assert (answer["problems"], answer["active"], answer["unnamed"]) == ([], [], 0)
        assert answer["headings"] >= 1
        assert not answer["tooWide"]
        for block in passage.card.blocks:
            for line in getattr(block, "text", "").splitlines():
                assert plain(line) in plain(answer["seen"])
        assert attachment["content"]["lang"] == language
