"""Two copies of the program on one database: a round is started once and closed once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from bot.settings import Settings
from dialogs.checkins.closing import close_due_rounds
from dialogs.checkins.round_planning import subject_of
from knowledge.library import Library
from roof.serving import keep_house
from storage.database import Database
from storage.outbox import rows_of
from storage.rounds import change_round, list_rounds, result_of
from tests.dialogs.checkins.rounds_made import ROUND, Rounds
from tests.dialogs.checkins.test_rounds_sending import NIGHT
from tests.storage.at_once import at_once
from tests.storage.conftest import (  # noqa: F401
    copies,
    database,
    empty_database,
    empty_url,
    new_postgresql,
)


def test_two_copies_that_close_at_once_close_once(
    library: Library,
    copies: tuple[Database, Database],  # noqa: F811
) -> None:
    kommune = Rounds(library, copies[0])
    kommune.made()
    for who in kommune.teachers()[:7]:
        kommune.vote(who)
    closed = at_once([partial(close_due_rounds, one, kommune.sending, NIGHT, 5) for one in copies])
    assert sum(closed) == 1
    with kommune.session() as session:
        assert result_of(session, ROUND) is not None
        told = [row for row in rows_of(session, subject_of(ROUND)) if row.reason == "round_result"]
    assert len(told) == len({row.person for row in told}) > 0


def test_two_who_start_at_once_start_one_round_for_the_same_laerere(
    library: Library,
    copies: tuple[Database, Database],  # noqa: F811
) -> None:
    first = Rounds(library, copies[0])
    other = Rounds.__new__(Rounds)
    other.__dict__ = {**first.__dict__, "database": copies[1]}
    made = at_once(
        [partial(_made, first, "a" * 32), partial(_made, other, "b" * 32)],
    )
    assert sorted(made) == [False, True]


def _made(kommune: Rounds, id: str) -> bool:
    return not isinstance(kommune.make(id=id), list)


def test_the_night_closes_rounds_and_makes_the_next_of_their_series(
    library: Library,
    database: Database,  # noqa: F811
) -> None:
    kommune = Rounds(library, database)
    kommune.made(repeat="måned")
    long_ago = kommune.round()
    past = datetime.now(UTC) - timedelta(days=60)
    with kommune.session() as session:
        moved = replace(long_ago, opens=past, closes=past + timedelta(days=7))
        change_round(session, moved)
    for who in kommune.teachers()[:6]:
        kommune.vote(who)
    for _ in range(2):  # at every start too
        keep_house(database, kommune.sending, Settings(local=True))
    with kommune.session() as session:
        rounds = list_rounds(session)
        assert result_of(session, ROUND) is not None
    assert [one.closed_at is None for one in rounds] == [True, False]
    assert rounds[0].opens > datetime.now(UTC)
    assert rounds[0].series == ROUND
