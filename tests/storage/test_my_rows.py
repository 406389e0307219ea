"""What is kept about a person is found, and deleted, on every database."""

from datetime import UTC, datetime

from sqlalchemy import insert

from storage.audit import record
from storage.ballots import save_draft
from storage.database import Database
from storage.drafts import Owner, history_of, save_answer, start_draft
from storage.my_deletion import COLLEAGUE, delete_mine
from storage.my_rows import KINDS, count_mine, rows_about
from storage.people import RegisteredPerson, import_people
from storage.preferences import set_preference
from storage.rounds import Round, add_round
from storage.tables import Conversation

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANNE = RegisteredPerson("anne", "Anne", "anne@fjordvik.no", "rektor", "Nordlia skole", "skole")
OLAV = RegisteredPerson("olav", "Olav", "", "lærer", "Nordlia skole", "skole")


def fill(database: Database) -> None:
    with database.transaction() as session:
        import_people(session, [ANNE, OLAV], dry_run=False)
        session.connection().execute(
            insert(Conversation).values(
                id="chat", sender="ANNE", updated=NOW.date(), topic={"words": ["pruva"]}
            )
        )
        for id, owner in (
            ("own", Owner("person", "anne")),
            ("school", Owner("school", "Nordlia skole")),
        ):
            start_draft(
                session,
                id=id,
                guide="sot",
                owner=owner,
                year="2026–2027",
                about="",
                slot=id,
                person="anne",
                at=NOW,
            )
            for writer in (ANNE, OLAV):
                save_answer(
                    session,
                    id,
                    writer.key,
                    {"ansvarlig": "anne"},
                    base=None,
                    person_key=writer.key,
                    person_name=writer.name,
                    at=NOW,
                )
        made = Round(
            id="r1",
            question_set="s",
            asked={},
            title="Runde",
            audience=("alle",),
            opens=NOW,
            closes=NOW,
        )
        add_round(session, made)
        for person in ("anne", "olav"):
            save_draft(session, "r1", person, {"a": 1})
            set_preference(session, person, "weekly_digest", False)
        record(session, NOW, "olav", "prøve", "person:anne")


def test_what_is_kept_is_counted_read_and_deleted(database: Database) -> None:
    fill(database)
    with database.transaction() as session:
        before, olavs = count_mine(session, ANNE), count_mine(session, OLAV)
        rows = rows_about(session, ANNE)
        assert before == {kind.name: len(rows[kind.name]) for kind in KINDS}
        expected = ("register", "chat", "memory", "own_draft", "begun", "written", "responsible")
        assert {name: before[name] for name in expected} == dict.fromkeys(expected, 1) | {
            "responsible": 2
        }
        assert before["own_answer"] == 2
        assert before["read_about_me"] == 1
        delete_mine(session, ANNE)
        after = count_mine(session, ANNE)
        assert [k.name for k in KINDS if k.fate != "kept" and after[k.name]] == []
        assert after["register"] == after["chat"] == after["read_about_me"] == 1
        assert {one.author_name for one in history_of(session, "school")} == {COLLEAGUE, "Olav"}
        # Olav loses only what he wrote in a draft that was hers.
        assert count_mine(session, OLAV) == olavs | {"written": olavs["written"] - 1}
