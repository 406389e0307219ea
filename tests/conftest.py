"""What all tests share: the knowledge that ships, loaded once, and a database with demo people."""

from collections.abc import Iterator

import pytest

from knowledge.library import Library, load_library
from storage.database import Database
from storage.demo_people import load_demo_people


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()[0]


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database("sqlite://")
    database.migrate()
    with database.transaction() as session:
        load_demo_people(session)
    yield database
    database.close()
