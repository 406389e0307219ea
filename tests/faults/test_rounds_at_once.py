"""Rounds that are answered and closed by many at once, and by copies that are killed meanwhile."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import event

from dialogs.checkins.closing import close_due_rounds
from dialogs.meetings.sending_times import SendingTimes
from dialogs.reports import Figure, Group, report_from_json
from knowledge.library import Library
from storage.database import Database
from storage.rounds import find_round, result_of
from tests.dialogs.checkins.asking import OPTIONS, Asking, question_set
from tests.dialogs.shown import shown
from tests.faults.answering_copy import SMALLEST, copies, pressed
from tests.faults.conftest import Tell
from tests.faults.crowd import rows

Asker = Callable[[str, int], Asking]

SEED = 20261122
ROUND = "r" * 32
ANSWERED = ("Sendt.", "Det første du sendte, teller.")
CLOSED = "er lukket; siste dag å svare var"
QUESTIONS = 2  # that are counted
FACETS = 2  # place and role
SENDING = SendingTimes(always=True)
# A process is started for each kill, so the short run kills at every fifth statement.
EVERY_KILL = pytest.mark.parametrize(
    ("kind", "apart"),
    [
        ("sqlite", 5),
        ("postgresql", 5),
        pytest.param("sqlite", 1, marks=pytest.mark.faults),
        pytest.param("postgresql", 1, marks=pytest.mark.faults),
    ],
)


@pytest.fixture
def asking(library: Library) -> Iterator[Asker]:
    """Makes a kommune with so many more lærere, in the database of an address."""
    opened: list[Database] = []

    def make(url: str, people: int) -> Asking:
        opened.append(Database(url))
        return Asking(library, opened[-1], colleagues=people)

    yield make
    for database in opened:
        database.close()


def filled(number: int) -> dict[str, str]:
    return {
        "trivsel__value": str(1 + number % 2 * 4),
        "tid__value": OPTIONS[number % 2 * 2],
        "stotte__value": f"Vi trenger det som er nummer {number}.",
    }


def sends(kommune: Asking, number: int, id: str, round: str = ROUND) -> Any:
    who = kommune.colleagues[number].key
    given = filled(number)
    return pressed(id, who, kommune.now, verb="round_answer", round=round, **given)


def counts(database: Database, round: str = ROUND) -> tuple[int, int, int]:
    """Who have answered, the rows of their answers, and their texts."""
    found = [
        sum(row["round"] == round for row in rows(database, table))
        for table in ("answered", "ballot", "ballot_text")
    ]
    return found[0], found[1], found[2]


def of(people: int) -> tuple[int, int, int]:
    """What stands there when so many have answered, each once."""
    return people, people * QUESTIONS * FACETS, people


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_same_answer_delivered_four_times_is_one_ballot(
    kind: str, asking: Asker, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(kind)
    kommune = asking(url, 1)
    kommune.ask(question_set())
    told = [
        shown(kommune.assistant.handle(sends(kommune, 0, id)))
        for id in ("one", "one", "another", "a third")
    ]
    assert counts(kommune.database) == of(1)
    assert ANSWERED[0] in told[0]
    assert told[1] == ""
    assert all(ANSWERED[1] in one for one in told[2:])


@pytest.mark.parametrize(
    ("runs", "people"), [(1, 50), pytest.param(20, 50, marks=pytest.mark.faults)]
)
def test_fifty_answer_at_once_over_three_copies_and_each_answer_comes_to_all_of_them(
    runs: int, people: int, asking: Asker, postgresql: str, tell: Tell
) -> None:
    kommune, chance = asking(postgresql, people), random.Random(SEED)
    twice = 0
    with copies(postgresql, 3) as running:
        for run in range(runs):
            round = f"{run:032x}"
            kommune.ask(question_set(), id=round)
            for number, copy in enumerate(running):
                # To two of them under the same id, as when Teams sends again.
                same = [sends(kommune, n, f"{run} {n} {number // 2}", round) for n in range(people)]
                chance.shuffle(same)
                copy.send(same)
            told = Counter(one for copy in running for one in map(kind_of, copy.answers()))
            assert counts(kommune.database, round) == of(people), run
            # Each is told that it is sent, and nothing that is sent again is told anything else.
            assert told["sent"] == people
            assert told["sent"] + told["before"] + told["nothing"] == 3 * people
            twice += told["before"]
    tell(f"{runs} x {people} answers, each to three copies: {twice} were told of the first")


@pytest.mark.parametrize("runs", [4, pytest.param(60, marks=pytest.mark.faults)])
def test_who_sends_while_the_round_is_closed_is_counted_or_told_so_and_never_both(
    runs: int, asking: Asker, postgresql: str, tell: Tell
) -> None:
    before, sending = 12, 20
    kommune, chance = asking(postgresql, before + sending), random.Random(SEED)
    late = []
    with copies(postgresql, 4) as running:
        *answering, closer = running
        for run in range(runs):
            round = f"{run:032x}"
            kommune.ask(question_set(), id=round, closes=kommune.now + timedelta(minutes=1))
            messages = [sends(kommune, n, f"{run} {n}", round) for n in range(before + sending)]
            closer.send(messages[:before])
            assert all(ANSWERED[0] in one for one in closer.answers())
            now = kommune.now + timedelta(minutes=2)
            shares = [messages[before + n :: 3] for n in range(3)]
            at = chance.randrange(4)  # the round is closed before, among or after them
            for number, copy in enumerate(answering):
                if number == at:
                    closer.close_rounds(now)
                copy.send(shares[number])
            if at == 3:
                closer.close_rounds(now)
            told = Counter(kind_of(one) for copy in answering for one in copy.answers())
            assert closer.answers() == 1
            assert told["sent"] + told["closed"] == sending
            assert people_in(kommune.database, round) == before + told["sent"]
            assert counts(kommune.database, round)[:2] == (0, 0)
            assert counts(kommune.database, round)[2] == before + told["sent"]
            late.append(told["closed"])
    tell(f"{runs} rounds: {late} of {sending} came after the end")


@EVERY_KILL
def test_a_process_that_is_killed_at_any_statement_of_sending_leaves_one_ballot_or_none(
    kind: str, apart: int, asking: Asker, request: pytest.FixtureRequest, tell: Tell
) -> None:
    url = request.getfixturevalue(kind)
    kommune = asking(url, 1)
    kommune.ask(question_set())
    message = sends(kommune, 0, "the message")
    killed = 0
    for statement in count(apart, apart):
        with copies(url, 1) as (copy,):
            if not copy.dies(message, statement):
                break
        killed += 1
        assert counts(kommune.database) == (0, 0, 0), f"after statement {statement}"
    assert killed * apart > 5
    assert counts(kommune.database) == of(1)
    # Saved, and killed before it was told: told when they press again.
    with copies(url, 1) as (copy,):
        copy.send([sends(kommune, 0, "pressed again")])
        assert ANSWERED[1] in copy.answers()[0]
    assert counts(kommune.database) == of(1)
    tell(f"killed at each of {killed} statements")


@EVERY_KILL
def test_a_process_that_is_killed_at_any_statement_of_closing_leaves_one_result_or_none(
    kind: str, apart: int, asking: Asker, request: pytest.FixtureRequest, tell: Tell
) -> None:
    url = request.getfixturevalue(kind)
    kommune = asking(url, 12)
    round = kommune.ask(question_set())
    for number in range(12):
        kommune.assistant.handle(sends(kommune, number, str(number)))
    before = everything(kommune.database)
    now = round.closes + timedelta(hours=1)
    killed = 0
    for statement in count(apart, apart):
        with copies(url, 1) as (copy,):
            if not copy.dies(now, statement):
                break
        killed += 1
        if killed % 2 == 0:  # who comes in between is told that it is over
            kommune.now = now
            assert CLOSED in shown(kommune.answer(kommune.colleagues[0].key))
        assert everything(kommune.database) == before, f"after statement {statement}"
    assert killed * apart > 10
    assert_closed_once(kommune, now, 12)
    tell(f"killed at each of {killed} statements")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_error_at_any_statement_of_closing_leaves_one_result_or_none(
    kind: str, asking: Asker, request: pytest.FixtureRequest, tell: Tell
) -> None:
    kommune = asking(request.getfixturevalue(kind), 12)
    round = kommune.ask(question_set())
    for number in range(12):
        kommune.assistant.handle(sends(kommune, number, str(number)))
    before = everything(kommune.database)
    now = round.closes + timedelta(hours=1)
    for statement in count(1):
        with failing(kommune.database, statement):
            try:
                if close_due_rounds(kommune.database, SENDING, now, SMALLEST):
                    break
            except Broken:  # before any round was begun on
                pass
        assert everything(kommune.database) == before, f"after statement {statement}"
    assert statement > 10
    assert_closed_once(kommune, now, 12)
    tell(f"an error at each of {statement - 1} statements")


def test_copies_that_close_at_once_close_each_round_once(asking: Asker, postgresql: str) -> None:
    kommune = asking(postgresql, 12)
    ids = [f"{number:032x}" for number in range(6)]
    for id in ids:
        kommune.ask(question_set(), id=id)
        for number in range(12):
            kommune.assistant.handle(sends(kommune, number, f"{id} {number}", id))
    now = kommune.now + timedelta(days=30)
    with copies(postgresql, 3) as running:
        for copy in running:
            copy.close_rounds(now)
        assert sum(copy.answers() for copy in running) == len(ids)
    for id in ids:
        assert people_in(kommune.database, id) == 12
    results = [row for row in rows(kommune.database, "outbox") if row["reason"] == "round_result"]
    assert max(Counter((row["person"], row["subject"]) for row in results).values(), default=1) == 1


def assert_closed_once(kommune: Asking, now: datetime, people: int) -> None:
    """There is one result of all of them, one message a person, and nothing left to close."""
    database = kommune.database
    assert people_in(database, ROUND) == people
    assert counts(database) == (0, 0, people)
    results = [row for row in rows(database, "outbox") if row["reason"] == "round_result"]
    assert len({row["person"] for row in results}) == len(results) > people
    once = everything(database)
    assert close_due_rounds(database, SENDING, now, SMALLEST) == 0
    assert everything(database) == once


class Broken(Exception):
    """The database failed here."""


@contextmanager
def failing(database: Database, number: int) -> Iterator[None]:
    """The n-th statement or commit from here raises."""
    numbers = count(1)

    def fail(*_: object) -> None:
        if next(numbers) == number:
            raise Broken

    events = ("before_cursor_execute", "commit")
    for name in events:
        event.listen(database._engine, name, fail)
    try:
        yield
    finally:
        for name in events:
            event.remove(database._engine, name, fail)


def kind_of(told: str) -> str:
    """What somebody was told, who sent an answer; it must be one of these alone."""
    kinds = {
        "before": ANSWERED[1] in told,
        "sent": ANSWERED[0] in told and ANSWERED[1] not in told,
        "closed": CLOSED in told,
        "nothing": told == "",
    }
    (kind,) = (name for name, is_it in kinds.items() if is_it)
    return kind


def people_in(database: Database, round: str) -> int:
    """How many the frozen result is of."""
    with database.transaction() as session:
        found, kept = find_round(session, round), result_of(session, round)
        assert found is not None
        assert found.closed_at is not None
        assert kept is not None
        figures = report_from_json(kept).figures[Group("kommune")]
    people = {one.people for one in figures.values() if isinstance(one, Figure)}
    assert len(people) == 1
    return people.pop()


def everything(database: Database) -> dict[str, list[Any]]:
    """All that closing changes."""
    tables = ("round", "answered", "ballot", "ballot_text", "round_result", "outbox")
    return {one: sorted(map(repr, rows(database, one))) for one in tables}
