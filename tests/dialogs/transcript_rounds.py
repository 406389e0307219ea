"""What a transcript of a round needs beside one person's chat: colleagues, a night, a browser."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from dialogs.assistant import Assistant
from dialogs.checkins.closing import close_due_rounds
from dialogs.checkins.round_planning import plan_rounds
from dialogs.checkins.rounds import make_repeats
from dialogs.context import SMALLEST_GROUP
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, PageAddress
from dialogs.wording import Wording
from storage.ballots import rewrite_open_rounds
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


def pass_night(database: Database, sending: SendingTimes, now: datetime) -> None:
    """What happens to rounds at night (app.py does the same)."""
    close_due_rounds(database, sending, now, SMALLEST_GROUP)
    with database.transaction() as session:
        make_repeats(session, sending, wording=Wording("nb"), smallest=SMALLEST_GROUP, now=now)
    with database.transaction() as session:
        plan_rounds(session, sending, now)
    with database.transaction() as session:
        rewrite_open_rounds(session)


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
