"""The database: addresses, transactions, and sentences for what people get wrong."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import select

from storage.database import Database, DatabaseError, open_database
from storage.kept_questions import keep_question, list_kept_questions
from storage.tables import Conversation, Table

DAY = date(2026, 11, 21)


def keep(database: Database, text: str) -> None:
    with database.transaction() as session:
        keep_question(session, text=text, language="nb", day=DAY)


def kept(database: Database) -> list[str]:
    with database.transaction() as session:
        return [question.text for question in list_kept_questions(session)]


def test_what_is_written_in_a_transaction_is_there_afterwards(database: Database) -> None:
    keep(database, "Hva er PRUVA?")
    assert kept(database) == ["Hva er PRUVA?"]


def test_nothing_is_kept_of_a_transaction_that_failed(database: Database) -> None:
    with suppress(ZeroDivisionError), database.transaction() as session:
        keep_question(session, text="Hva er PRUVA?", language="nb", day=DAY)
        session.flush()
        raise ZeroDivisionError
    assert kept(database) == []


def test_what_is_read_can_be_used_after_the_transaction(database: Database) -> None:
    keep(database, "Hva er PRUVA?")
    with database.transaction() as session:
        questions = list_kept_questions(session)
    assert questions[0].day == DAY


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("æøå ÆØÅ 👩‍🏫 العربية", "æøå ÆØÅ 👩‍🏫 العربية"),
        ("'; DROP TABLE person; --", "'; DROP TABLE person; --"),
        ("null\x00tegn", "nulltegn"),
        ("halvt \ud83d tegn", "halvt ? tegn"),
    ],
)
def test_any_text_can_be_kept_and_only_what_no_database_takes_is_changed(
    database: Database, written: str, read: str
) -> None:
    keep(database, written)
    assert kept(database) == [read]


def conversation_at(moment: datetime) -> Conversation:
    return Conversation(id="a", sender="b", last_arrived=moment, updated=DAY)


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_written_in(database: Database) -> None:
    summer_in_oslo = datetime(2026, 6, 1, 14, 30, 15, 123456, timezone(timedelta(hours=2)))
    with database.transaction() as session:
        session.add(conversation_at(summer_in_oslo))
    with database.transaction() as session:
        read = session.exec(select(Conversation.last_arrived)).one()
    assert read == summer_in_oslo
    assert read is not None
    assert read.tzinfo is UTC


def test_a_moment_without_time_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 6, 1, 14, 30)  # noqa: DTZ001 - that is what is refused
    with (
        pytest.raises(StatementError, match="needs a time zone"),
        database.transaction() as session,
    ):
        session.add(conversation_at(naive))


def test_the_folder_of_a_database_file_is_made(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'ny' / 'mappe' / 'bot.db'}")
    database.migrate()
    database.close()
    assert (tmp_path / "ny" / "mappe" / "bot.db").exists()


def test_an_empty_database_of_each_kind_can_be_opened(empty_url: str) -> None:
    database = open_database(empty_url)
    database.migrate()
    database.close()


def test_postgres_and_postgresql_mean_the_same(new_postgresql: Callable[[], str]) -> None:
    open_database(new_postgresql().replace("postgresql://", "postgres://")).close()


def test_a_database_that_is_not_on_the_server_gets_a_sentence(
    new_postgresql: Callable[[], str],
) -> None:
    url = new_postgresql().replace("/test_", "/borte_")
    assert the_sentence(url).startswith("Får ikke åpnet databasen «borte_")


def the_sentence(url: str) -> str:
    with pytest.raises(DatabaseError) as raised:
        open_database(url)
    return str(raised.value)


def test_a_folder_that_cannot_be_made_gets_a_sentence_that_names_it(tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("ikke en mappe")
    assert the_sentence(f"sqlite:///{in_the_way / 'bot.db'}") == (
        f"Kan ikke skrive til mappen «{in_the_way}»; gi den som starter boten skriverett der,"
        " eller velg en annen mappe med DATABASE_URL."
    )


def test_a_file_that_is_no_database_gets_a_sentence_that_names_it(tmp_path: Path) -> None:
    file = tmp_path / "bot.db"
    file.write_text("dette er et brev, og ikke en database " * 100)
    assert the_sentence(f"sqlite:///{file}").startswith(
        f"Filen «{file}» er ikke en SQLite-database"
    )


def test_a_server_that_does_not_answer_gets_a_sentence_without_the_password() -> None:
    sentence = the_sentence("postgresql://bot:hemmelig@127.0.0.1:1/plan")
    assert sentence.startswith("Får ikke åpnet databasen «plan» på «127.0.0.1»; se at tjeneren")
    assert "hemmelig" not in sentence


@pytest.mark.parametrize(
    "url", ["", "data/bot.db", "sqlite//bot.db", "postgresql://bot@tjener:x/y"]
)
def test_something_that_is_no_address_gets_an_example_of_one(url: str) -> None:
    assert "sqlite:///data/kvalitetsbot.db" in the_sentence(url)


def test_another_kind_of_database_is_refused_by_name() -> None:
    assert the_sentence("mysql://tjener/base").startswith(
        "Databasen må være SQLite eller PostgreSQL, ikke «mysql»"
    )


NOT_PERSONAL = {
    *(("unit", column) for column in ("id", "name", "kind", "school_type", "zone")),
    ("person", "id"),
    ("conversation", "acting_as"),
    *(("kept_question", column) for column in ("id", "language", "day")),
    *(("feedback", column) for column in ("id", "passage", "reaction", "reason", "day")),
    *(("secret", column) for column in ("name", "value")),
    *(("draft", column) for column in ("id", "guide", "owner_kind", "year", "about", "revision")),
    *(("draft", column) for column in ("finished_at",)),
    *(("answer", column) for column in ("draft", "key", "revision")),
    ("place", "draft"),
    *(("shared_version", column) for column in ("id", "draft", "revision", "number", "guide")),
    *(("shared_version", column) for column in ("owner_kind", "title", "audience", "zone")),
    ("shared_version", "withdrawn_at"),
    *(("comment", column) for column in ("id", "draft", "version")),
    ("useful_mark", "draft"),
    ("deputy", "unit"),
    *(("outbox", column) for column in ("id", "due", "latest", "state", "attempted", "settled")),
    *(("outbox", column) for column in ("subject", "next_try", "attempts", "unknowns")),
    *(("outbox", column) for column in ("leased_by", "leased_until")),
    *(("pace", column) for column in ("scope", "next_at", "closed_until")),
    ("post", "id"),
    *(("meeting", column) for column in ("id", "source", "series", "kind", "title", "starts")),
    *(("meeting", column) for column in ("ends", "place", "link", "topic", "preparation")),
    *(("meeting", column) for column in ("asks_answer", "day_before", "homework", "version")),
    *(("meeting", column) for column in ("cancelled_at", "cancelled_because", "changed_at")),
    ("meeting_group", "name"),
    ("group_member", "group"),
    ("meeting_answer", "meeting"),
    *(("meeting_import", column) for column in ("id", "file")),
    *(("round", column) for column in ("id", "question_set", "asked", "title", "purpose")),
    *(("round", column) for column in ("audience", "unit", "month", "series", "repeat")),
    *(("round", column) for column in ("discussed_on", "opens", "closes", "closed_at")),
    *(("round", column) for column in ("cancelled_at", "process")),
    *((table, "round") for table in ("answered", "ballot_draft", "named_answer", "result_share")),
    *(("ballot", column) for column in ("id", "round", "question", "facet", "zone")),
    ("ballot", "school_type"),
    *(("ballot_text", column) for column in ("id", "round", "question")),
    *(("text_theme", column) for column in ("text", "theme")),
    ("named_answer", "unit"),
    *(("round_result", column) for column in ("round", "report", "public")),
    *(("result_share", column) for column in ("unit", "at")),
    *(("follow_up", column) for column in ("id", "round", "unit", "heard", "measure")),
    *(("follow_up", column) for column in ("deadline", "effect", "at", "told_at")),
    *(("promise_status", column) for column in ("promise", "status", "note", "at")),
    *(("page_login", column) for column in ("id", "numbers", "pressed", "used", "expires")),
    *(("page_session", column) for column in ("id", "expires")),
    *(("audit_entry", column) for column in ("number", "what", "previous", "hash")),
    *(("group_turn", column) for column in ("conversation", "activity", "day")),
    *(("passage_asked", column) for column in ("passage", "month", "number")),
    *(("directory_cursor", column) for column in ("group", "next_link", "read_at")),
    ("directory_member", "group"),
    ("pending_removal", "noted_at"),
    ("app_installation", "problem"),
    *(("deletion", column) for column in ("id", "what")),
    *(("reviewed_question", column) for column in ("item", "cause", "target", "at")),
    *(("added_ask", column) for column in ("id", "passage", "text", "state", "at")),
    *(("added_entry", column) for column in ("id", "title", "title_nn", "text", "text_nn")),
    *(("added_entry", column) for column in ("link", "checked", "asks", "state", "at")),
    *(("knowledge_version", column) for column in ("id", "number")),
    *(("handover", column) for column in ("id", "state", "revision", "at", "answered_at")),
    ("handover", "closed_at"),
}


def test_every_column_is_either_named_here_or_says_what_it_is_for_and_when_it_goes() -> None:
    for table in Table.metadata.tables.values():
        for column in table.columns:
            is_personal = (table.name, column.name) not in NOT_PERSONAL
            assert is_personal == (column.info.keys() == {"purpose", "retention"}), column
            assert all(sentence.endswith(".") for sentence in column.info.values()), column


@pytest.mark.parametrize("table", ["kept_question", "feedback"])
def test_what_is_sent_without_a_name_is_in_a_table_that_has_no_room_for_one(table: str) -> None:
    columns = Table.metadata.tables[table].columns
    allowed = {"id", "text", "language", "day", "passage", "reaction", "reason"}
    assert {column.name for column in columns} <= allowed
    assert str(columns["day"].type) == "DATE"
