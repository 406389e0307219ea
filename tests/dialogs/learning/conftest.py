"""A kommune that learns with a small library."""

from pathlib import Path

import pytest

from storage.database import Database
from tests.dialogs.learning.school_rules import Teaching, read_rules


@pytest.fixture
def kommune(tmp_path: Path, database: Database) -> Teaching:
    return Teaching(read_rules(tmp_path / "rules"), database)
