"""The search extension: what Teams asks with `composeExtension/query`, and what it is answered."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cards import CARD_TYPE, card_for
from bot.links import Links
from bot.sizes import Json, cut
from dialogs.plan_search import MOST, FoundPassage, FoundPassages

PARAMETER = "tekst"  # as in the manifest; the first search of all has "initialRun" instead
PREVIEW_TYPE = "application/vnd.microsoft.card.thumbnail"
MAX_PREVIEW_TITLE = 80
MAX_PREVIEW_TEXT = 160


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What was written, "" for nothing yet, and which of the results are to be shown."""

    text: str
    skip: int
    count: int


def search_query(value: Mapping[str, Any]) -> SearchQuery:
    """The query of an invoke; what has the wrong shape is as if it weren't there."""
    given = value.get("parameters")
    parameters = given if isinstance(given, list) else []
    texts = (
        one.get("value")
        for one in parameters
        if isinstance(one, dict) and one.get("name") == PARAMETER
    )
    text = next(texts, "")
    options = value.get("queryOptions")
    options = options if isinstance(options, dict) else {}
    skip, count = _number(options.get("skip")), _number(options.get("count"))
    return SearchQuery(text if isinstance(text, str) else "", skip, min(count or MOST, MOST))


def search_response(found: FoundPassages, links: Links) -> Json:
    """The body of the answer: a list to choose from, or one sentence."""
    if found.instead:
        return search_message(found.instead)
    attachments = [_attachment(passage, links) for passage in found.passages]
    return {
        "composeExtension": {
            "type": "result",
            "attachmentLayout": "list",
            "attachments": attachments,
        }
    }


def search_message(text: str) -> Json:
    return {"composeExtension": {"type": "message", "text": text}}


def _attachment(passage: FoundPassage, links: Links) -> Json:
    # Of a preview Teams reads the text as HTML.
    preview = {
        "title": cut(passage.title, MAX_PREVIEW_TITLE),
        "text": html.escape(cut(passage.text, MAX_PREVIEW_TEXT), quote=False),
    }
    return {
        "contentType": CARD_TYPE,
        "content": card_for(passage.card, links),
        "preview": {"contentType": PREVIEW_TYPE, "content": preview},
    }


def _number(value: Any) -> int:
    """A whole number from 0; 0 for everything else."""
    return value if isinstance(value, int) and value > 0 else 0
