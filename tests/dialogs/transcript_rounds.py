"""What a transcript of a round needs beside one person's chat: colleagues, a night, a browser."""

from collections.abc import Mapping
from dataclasses import replace

from dialogs.assistant import Assistant
from dialogs.messages import CardReply, PageAddress
from storage.database import Database
from storage.people import RegisteredPerson, import_people, list_people
from storage.rounds import list_rounds

PLACE = 2  # which of the six numbers the browser shows


def add_colleagues(database: Database, schools: Mapping[str, int]) -> list[RegisteredPerson]:
    """So many lærere more at each school that has people already."""
    with database.transaction() as session:
        people = list_people(session)
        places = {one.unit: one for one in people}
        added = [
            replace(
                places[school],
                key=f"{school} {number}".casefold().replace(" ", "-"),
                name=f"Kollega {number} ved {school}",
                email="",
                role="lærer",
                language="nb",
            )
            for school, count in schools.items()
            for number in range(1, count + 1)
        ]
        import_people(session, [*people, *added], dry_run=False)
    return added


def page_as_card(
    database: Database, assistant: Assistant, path: str, reader: str
) -> list[CardReply]:
    """The page that this person (by key) sees; {round} in the path is the one that opened last."""
    with database.transaction() as session:
        newest = next(iter(list_rounds(session)), None)
    path = path.replace("{round}", newest.id if newest else "")
    page = assistant.browser.page(path, {}, reader)
    if page is None:
        return []
    return [CardReply(page.title, (), language=page.language), *page.cards]


def login_of(card: CardReply) -> str:
    """The id of the way in that the card has a link to."""
    return next(one.login for one in card.blocks if isinstance(one, PageAddress))
