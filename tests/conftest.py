"""What all tests share: the knowledge that ships, loaded once."""

import pytest

from knowledge.library import Library, load_library


@pytest.fixture(scope="session")
def library() -> Library:
    return load_library()[0]
