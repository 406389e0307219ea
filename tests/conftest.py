"""What all tests share: the knowledge that ships, loaded once, and a database with demo people."""

from collections.abc import Iterator

import pytest

from dialogs.guide_files import Guides, load_guides
from knowledge.library import Library, load_library
from storage.database import Database
from storage.demo_people import load_demo_people


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()[0]


@pytest.fixture(scope="session")
def guides() -> Guides:
    guides, problems = load_guides()
    assert not problems
    return guides


@pytest.fixture
def database() -> Iterator[Database]:
    database = Database("sqlite://")
    database.migrate()
    with database.transaction() as session:
        load_demo_people(session)
    yield database
    database.close()
