"""What is kept of a turn: nothing at all of a worry, no text of anything else."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import Message
from knowledge.library import Library
from storage.database import Database


@pytest.mark.parametrize(
    ("text", "digest_is_kept"),
    [
        ("En elev i klassen min blir slått hjemme", False),
        ("Hva gjør vi med Ola Nordmann i 7B?", False),
        ("Hva er samarbeidslæring?", True),
    ],
)
def test_of_a_worry_not_even_a_digest_is_kept(
    library: Library, guides: Guides, tmp_path: Path, text: str, digest_is_kept: bool
) -> None:
    file = tmp_path / "bot.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    assistant = Assistant(library, guides, database, read_contacts(), "secret")
    arrived = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assistant.handle(Message("1", "chat", "somebody", arrived, text=text))
    with database.transaction() as session:
        rows = session.connection().exec_driver_sql("SELECT last_digest, topic FROM conversation")
        digest, topic = rows.one()
    database.close()
    assert bool(digest) is digest_is_kept
    assert text not in str(topic)
    stored = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert text.encode() not in stored
