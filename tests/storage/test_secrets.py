"""Secrets are made once and shared."""

from functools import partial

from storage.database import Database
from storage.secrets import shared_secret
from tests.storage.at_once import at_once


def secret(database: Database, name: str) -> str:
    with database.transaction() as session:
        return shared_secret(session, name)


def test_a_secret_is_long_random_and_the_same_every_time(database: Database) -> None:
    made = secret(database, "signing")
    assert len(made) >= 43
    assert secret(database, "signing") == made
    assert secret(database, "another") != made


def test_two_copies_that_ask_at_the_same_time_get_the_same_secret(
    copies: tuple[Database, Database],
) -> None:
    one, other = copies
    for name in ("first", "second", "third"):
        seen = at_once([partial(secret, database, name) for database in (one, other) * 3])
        assert len(set(seen)) == 1
