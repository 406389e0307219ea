"""From a full copy of the database nobody can be joined to what they answered.

People answer in a known order through the real assistant. The one who looks has everything: all
tables in the order they are stored, the ids, PostgreSQL's xmin and ctid, the bytes of SQLite's
file, and the order that people answered in. Each person has a text and a choice of their own, so
that whoever finds the place of these has found the person.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from knowledge.library import Library
from storage.database import Database
from tests.faults.conftest import Tell
from tests.faults.crowd import REFLECTION, SURVEY, Crowd, rows, tables

# So far from 0 does the rank correlation of a random order not come once in a million times.
SIGMAS = 5.0
PAGE = 4_096  # bytes of SQLite's file


@pytest.fixture(
    params=[
        ("sqlite", 40),
        ("postgresql", 40),
        pytest.param(("sqlite", 400), marks=pytest.mark.faults),
        pytest.param(("postgresql", 400), marks=pytest.mark.faults),
    ],
    ids=lambda param: f"{param[0]}-{param[1]}",
)
def crowd(request: pytest.FixtureRequest, library: Library) -> Iterator[Crowd]:
    kind, size = request.param
    database = Database(request.getfixturevalue(kind))
    yield Crowd(library, database, size)
    database.close()


def test_nobody_is_found_in_an_open_round_after_the_night_nor_in_a_closed_one(
    crowd: Crowd, tell: Tell
) -> None:
    size = len(crowd.keys)
    crowd.answer(range(size // 2))
    assert_the_attack_would_find_them_the_same_day(crowd, size // 2)
    crowd.night()
    crowd.answer(range(size // 2, size))
    first_night = ids_of(crowd.database)
    crowd.night()
    second_night = ids_of(crowd.database)
    assert not first_night & second_night, "rows can be followed from copy to copy"

    worst = assert_order_tells_nothing(crowd)
    assert_the_moment_tells_nothing(crowd)
    assert_no_row_has_both(crowd)
    assert_nothing_is_shared(crowd)

    crowd.close()
    assert not second_night & ids_of(crowd.database)
    for table in ("answered", "ballot", "ballot_draft"):
        assert rows(crowd.database, table) == []
    assert len(rows(crowd.database, "ballot_text")) == 2 * size
    worst = max(worst, assert_order_tells_nothing(crowd))
    assert_the_moment_tells_nothing(crowd)
    assert_no_row_has_both(crowd)
    assert_only_texts_hold_texts(crowd)
    assert_conversations_remember_nothing(crowd)
    assert_nothing_deleted_is_left(crowd)
    tell(f"{size} people, largest rank correlation {worst:.2f} (bound {bound(size):.2f})")


# What the one who looks tries


def assert_order_tells_nothing(crowd: Crowd) -> float:
    """The stored order, the order of ids and of ctid have nothing to do with people's."""
    worst = 0.0
    for table, number_of in (("ballot_text", number_in_text), ("ballot", number_in_choice)):
        for order in orders(crowd.database, table):
            for round in (REFLECTION, SURVEY):
                found = [
                    number
                    for row in rows(crowd.database, table, order)
                    if row["round"] == round and (number := number_of(crowd, row)) is not None
                ]
                worst = max(worst, assert_uncorrelated(found, f"{table} by {order or 'scan'}"))
    for order in orders(crowd.database, "answered"):
        for round in (REFLECTION, SURVEY):
            who = [
                crowd.keys.index(row["person"])
                for row in rows(crowd.database, "answered", order)
                if row["round"] == round
            ]
            # By its key is how a table of keys is stored; that is no order of arrival.
            if order == "ctid":
                worst = max(worst, assert_uncorrelated(who, f"answered by {order}"))
    return worst


def assert_uncorrelated(found: list[int], what: str) -> float:
    if not found:
        return 0.0
    correlation = abs(rank_correlation(found))
    assert correlation < bound(len(found)), f"{what}: {correlation:.2f}"
    return correlation


def assert_the_moment_tells_nothing(crowd: Crowd) -> None:
    """On PostgreSQL all rows of a round were written by one transaction, which is nobody's own."""
    if not is_postgresql(crowd.database):
        return
    own = {row["xmin"] for row in rows(crowd.database, "conversation", "", "xmin::text, id")}
    for table in ("ballot_text", "ballot", "answered"):
        for round in (REFLECTION, SURVEY):
            found = {
                row["xmin"]
                for row in rows(crowd.database, table, "", "xmin::text, round")
                if row["round"] == round
            }
            assert len(found) <= 1, table
            assert not found & own, table


def assert_no_row_has_both(crowd: Crowd) -> None:
    """No row of any table has something of a person and something that one person wrote."""
    for table in tables(crowd.database):
        for row in rows(crowd.database, table):
            held = json.dumps(row, default=str, ensure_ascii=False)
            assert not ("Kanarifugl" in held and any(key in held for key in crowd.keys)), table


def assert_nothing_is_shared(crowd: Crowd) -> None:
    """Beside the round, no value of who has answered stands among the answers."""
    who = {value for row in rows(crowd.database, "answered") for value in row.values()}
    for table in ("ballot", "ballot_text"):
        for row in rows(crowd.database, table):
            assert not (who - {REFLECTION, SURVEY}) & set(row.values()), table
    if not is_postgresql(crowd.database):
        with crowd.database.transaction() as session:
            for table in ("ballot", "ballot_text", "answered", "ballot_draft"):
                with pytest.raises(Exception, match="no such column"):
                    session.connection().execute(text(f"SELECT rowid FROM {table}"))


def assert_only_texts_hold_texts(crowd: Crowd) -> None:
    """What people wrote stands in the table of texts, and the results tell nobody's key."""
    for table in tables(crowd.database):
        held = json.dumps(rows(crowd.database, table), default=str, ensure_ascii=False)
        assert ("Kanarifugl" in held) == (table == "ballot_text"), table
        if table in ("ballot_text", "round_result", "round"):
            assert not [key for key in crowd.keys if key in held], table


def assert_conversations_remember_nothing(crowd: Crowd) -> None:
    """No digest that a guess could be held against, nothing open, and ids of activities only."""
    for row in rows(crowd.database, "conversation"):
        if row["sender"] in crowd.keys:
            assert row["last_digest"] == ""
            assert row["doing"] in (None, "null")
            assert row["topic"] in (None, "null")
            recent = row["recent"] if isinstance(row["recent"], list) else json.loads(row["recent"])
            assert all(one.startswith("activity ") for one in recent)


def assert_nothing_deleted_is_left(crowd: Crowd) -> None:
    """Not on the disk either: drafts had both a person and what they wrote."""
    postgresql = is_postgresql(crowd.database)
    with crowd.database.transaction() as session:
        connection = session.connection()
        if postgresql:
            for table in ("answered", "ballot", "ballot_draft"):
                size = text(f"SELECT pg_relation_size('{table}')")
                assert connection.execute(size).scalar() == 0, table
            return
        file = connection.execute(text("PRAGMA database_list")).one()[2]
    # The file is copied while the bot runs, and its log with it.
    for path in (Path(file), Path(f"{file}-wal")):
        content = path.read_bytes()
        for start in range(0, len(content), PAGE):
            page = content[start : start + PAGE]
            if b"Kanarifugl" in page:
                assert not [key for key in crowd.keys if key.encode() in page], path.name


def assert_the_attack_would_find_them_the_same_day(crowd: Crowd, answered: int) -> None:
    """The trial is worth something: before the first night PostgreSQL's xmin gives everybody away.

    docs/privacy.md says so.
    """
    if not is_postgresql(crowd.database):
        return
    who = {
        row["xmin"]: crowd.keys.index(row["person"])
        for row in rows(crowd.database, "answered", "", "xmin::text, *")
    }
    texts = rows(crowd.database, "ballot_text", "", "xmin::text, *")
    found = [who.get(row["xmin"]) == crowd.place_of(row["text"]) for row in texts]
    assert len(found) == 2 * answered
    assert all(found)


def orders(database: Database, table: str) -> list[str]:
    by_id = [] if table == "answered" else ["id"]
    return ["", *by_id, *(["ctid"] if is_postgresql(database) else [])]


def ids_of(database: Database) -> set[str]:
    return {row["id"] for table in ("ballot", "ballot_text") for row in rows(database, table)}


def is_postgresql(database: Database) -> bool:
    with database.transaction() as session:
        return session.connection().dialect.name == "postgresql"


def number_in_text(crowd: Crowd, row: dict[str, Any]) -> int | None:
    return crowd.place_of(row["text"])


def number_in_choice(crowd: Crowd, row: dict[str, Any]) -> int | None:
    """Whose own choice it is; one row of those that an answer becomes."""
    own = row["question"] == "eget" and row["facet"] == "sted"
    return int(row["value"]) - 1 if own else None


def rank_correlation(order: list[int]) -> float:
    """Spearman's: how like the order is to that of the numbers, from -1 to 1."""
    size = len(order)
    ranks = {number: rank for rank, number in enumerate(sorted(order))}
    apart = sum((place - ranks[number]) ** 2 for place, number in enumerate(order))
    return 1 - 6 * apart / (size * (size * size - 1))


def bound(size: int) -> float:
    """The correlation of a random order has a standard deviation of 1 / √(n - 1)."""
    return SIGMAS / math.sqrt(size - 1)
