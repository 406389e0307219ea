"""A small library, so that building one takes no time, and a kommune that learns with it."""

from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from dialogs.messages import Button, CardReply, Page, PageLinks, Reply
from knowledge.curated import read_curated
from knowledge.documents import read_documents
from knowledge.library import HOME, Library
from knowledge.norwegian import WordLists
from storage.database import Database
from storage.kept_questions import keep_question, list_kept_questions
from tests.dialogs.kommune import IVAR_FAGRÅDGIVER, Kommune
from tests.dialogs.shown import shown
from tests.knowledge.files import write

DOCUMENT = """# Regler

## Mobil

Mobilen skal være avslått i timen. Læreren tar vare på den.

## Frukt

Elevene får et eple hver fredag.

## Tilsyn

To voksne er ute i hvert friminutt.

## Sykkel

Elever fra femte trinn kan sykle til skolen med hjelm.
"""
QUESTIONS = """document = "regler"

[[answer]]
section = "Regler › Mobil"
quote = "Mobilen skal … vare på den."
ask = [
  "får elevene bruke mobilen",
  "når kan eleven bruke mobilen",
  "hvem tar vare på mobilen",
  "må mobilen være avslått i timen",
]

[[answer]]
section = "Regler › Frukt"
quote = "Elevene får et eple hver fredag."
ask = [
  "får elevene frukt",
  "når deles det ut frukt",
  "hva slags frukt får elevene",
  "er frukten gratis for elevene",
]

[[answer]]
section = "Regler › Tilsyn"
quote = "To voksne er ute i hvert friminutt."
ask = [
  "hvor mange voksne er ute",
  "hvem passer på i friminuttet",
  "er det tilsyn i friminuttet",
  "hvor mange voksne har tilsyn",
]
"""
MOBILE, FRUIT, WATCH = "Mobil", "Frukt", "Tilsyn"

_numbers = count(1)


def read_rules(folder: Path, mobile: str = MOBILE) -> Library:
    """The rules of a school, with four ways of asking for three of its passages.

    `mobile` is what the first heading is called.
    """
    (folder / "questions").mkdir(parents=True)
    write(folder / "regler.md", DOCUMENT.replace(f"## {MOBILE}", f"## {mobile}"))
    asks = QUESTIONS.replace(f"› {MOBILE}", f"› {mobile}")
    write(folder / "questions" / "regler.toml", asks)
    documents, problems = read_documents(folder)
    curated, wrong = read_curated(folder / "questions", documents)
    assert not [*problems, *wrong]
    return Library(documents, curated, WordLists.read(HOME / "words"))


def passage(library: Library, heading: str) -> str:
    """The id of the passage with ways of asking under a heading."""
    return next(one.id for one in library.passages if one.asks and one.section.heading == heading)


class Teaching(Kommune):
    """The kommune, and what a fagrådgiver does on the page."""

    def __init__(self, library: Library, database: Database) -> None:
        super().__init__(library, database)
        self.library = library

    def sends(self, text: str, day: date = date(2026, 11, 20)) -> str:
        """Somebody sends a question without a name; gives its id."""
        with self.session() as session:
            keep_question(session, text=text, language="nb", day=day)
            return next(one.id for one in list_kept_questions(session) if one.text == text)

    def page(self, path: str, who: str = IVAR_FAGRÅDGIVER, **query: str) -> Page:
        found = self.assistant.browser.page(f"laering{path}", query, who)
        assert found is not None
        return found

    def reads(self, path: str, who: str = IVAR_FAGRÅDGIVER, **query: str) -> str:
        return shown(self.page(path, who, **query).cards)

    def presses(self, verb: str, who: str = IVAR_FAGRÅDGIVER, **value: Any) -> list[Reply]:
        self.now = self.now.replace(microsecond=next(_numbers))
        return self.assistant.browser.press({"verb": verb, **value}, who)

    def judges(self, item: str, cause: str, heading: str = "") -> None:
        """What should have answered, if anything."""
        target = passage(self.library, heading) if heading else "-"
        replies = self.presses("learning_review", items=[item], cause=cause, target=target)
        assert "lagra" in shown(replies).lower(), shown(replies)

    def adds(self, item: str, heading: str, ask: str) -> list[Reply]:
        """A way of asking for a passage, as a draft."""
        return self.presses(
            "learning_add_ask",
            items=[item],
            cause="formulert annerledes",
            target=passage(self.library, heading),
            ask=ask,
        )

    def publishes(self, **more: Any) -> list[Reply]:
        """What the button on the page of the gain does."""
        button = button_of(self.page("/gevinst"), "learning_publish")
        return self.presses(**{**button.value, **more})


def button_of(page: Page, verb: str) -> Button:
    """The first button with this verb."""
    return next(one for one in buttons_of(page.cards) if one.value.get("verb") == verb)


def buttons_of(cards: tuple[CardReply, ...]) -> Iterator[Button]:
    for card in cards:
        yield from (one for one in card.buttons if isinstance(one, Button))


def links_of(page: Page) -> dict[str, str]:
    """Path by text."""
    return {
        text: path
        for card in page.cards
        for block in card.blocks
        if isinstance(block, PageLinks)
        for text, path in block.links
    }
