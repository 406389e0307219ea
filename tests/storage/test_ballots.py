"""Ballots: that somebody has answered, and what was answered, are two things that nothing joins."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Date, DateTime, text
from sqlmodel import Session

from storage.ballots import (
    Named,
    Place,
    answered_by,
    cast,
    draft_of,
    drop_draft,
    forget_who,
    has_answered,
    keep_named,
    mark_answered,
    named_answer_of,
    named_answers,
    rewrite_open_rounds,
    save_draft,
    set_themes,
    tallies,
    texts_of,
)
from storage.database import Database
from storage.rounds import Round, add_round, change_round
from storage.tables import Answered, Ballot, BallotText

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NORDLIA = Place("Nordlia skole", "Sone nord", "barneskole")
FJELLHEIM = Place("Fjellheim skole", "Sone sør", "1–10-skole")


def a_round(id: str = "r", **changes: Any) -> Round:
    return Round(
        **{
            "id": id,
            "question_set": "prove",
            "asked": {},
            "title": "Prøve",
            "audience": ("alle",),
            "opens": NOON,
            "closes": NOON + timedelta(days=7),
            **changes,
        }
    )


@pytest.fixture
def asked(database: Database) -> Database:
    with database.transaction() as session:
        assert add_round(session, a_round())
        assert add_round(session, a_round("other"))
    return database


def put(
    session: Session,
    values: Sequence[tuple[str, int]] = (("q", 3),),
    texts: Sequence[tuple[str, str]] = (),
    **more: Any,
) -> None:
    cast(session, "r", values, texts, **{"place": NORDLIA, "role": "lærer", **more})


def test_a_draft_is_kept_whole_changed_and_dropped(asked: Database) -> None:
    with asked.transaction() as session:
        save_draft(session, "r", "ane", {"q": 3, "t": "tekst"})
        save_draft(session, "r", "ane", {"q": 4, "t": None})
        save_draft(session, "r", "bo", {"q": 1})
        save_draft(session, "other", "ane", {"q": 2})
    with asked.transaction() as session:
        assert draft_of(session, "r", "ane") == {"q": 4, "t": None}
        drop_draft(session, "r", "ane")
    with asked.transaction() as session:
        assert draft_of(session, "r", "ane") == {}
        assert draft_of(session, "r", "bo") == {"q": 1}
        assert draft_of(session, "other", "ane") == {"q": 2}


def test_a_person_answers_a_round_once(asked: Database) -> None:
    with asked.transaction() as session:
        assert mark_answered(session, "r", "ane")
        assert not mark_answered(session, "r", "ane")
        assert mark_answered(session, "other", "ane")
        assert mark_answered(session, "r", "bo")
    with asked.transaction() as session:
        assert answered_by(session, "r") == {"ane", "bo"}
        assert has_answered(session, "other", "ane")
        assert not has_answered(session, "other", "bo")


def test_answers_are_counted_by_each_way_of_looking_at_them(asked: Database) -> None:
    with asked.transaction() as session:
        put(session, [("q", 3), ("p", 1)], experience="lang")
        put(session, [("q", 3)], place=FJELLHEIM, role="leder")
        put(session, [("q", 2)], role="")
    with asked.transaction() as session:
        found = {
            (one.question, one.value, one.facet, one.name): one for one in tallies(session, "r")
        }
    assert {key: one.count for key, one in found.items()} == {
        ("q", 3, "sted", "Nordlia skole"): 1,
        ("q", 3, "sted", "Fjellheim skole"): 1,
        ("q", 2, "sted", "Nordlia skole"): 1,
        ("p", 1, "sted", "Nordlia skole"): 1,
        ("q", 3, "rolle", "lærer"): 1,
        ("p", 1, "rolle", "lærer"): 1,
        ("q", 3, "rolle", "leder"): 1,
        ("q", 3, "erfaring", "lang"): 1,
        ("p", 1, "erfaring", "lang"): 1,
    }
    place = found["q", 3, "sted", "Fjellheim skole"]
    assert (place.zone, place.school_type) == ("Sone sør", "1–10-skole")
    role = found["q", 3, "rolle", "leder"]
    assert (role.zone, role.school_type) == ("", "")


def test_texts_tell_the_school_only_when_they_may(asked: Database) -> None:
    with asked.transaction() as session:
        put(session, texts=[("t", "uten")])
        put(session, texts=[("t", "med")], tell_unit=True)
    with asked.transaction() as session:
        assert {(one.text, one.unit) for one in texts_of(session, "r")} == {
            ("uten", ""),
            ("med", "Nordlia skole"),
        }
        assert texts_of(session, "other") == []


def test_no_table_of_answers_has_a_time_or_a_person(asked: Database) -> None:
    for table in (Answered, Ballot, BallotText):
        columns = _columns(table)
        assert not [one.name for one in columns if isinstance(one.type, DateTime | Date)]
    names = {one.name for table in (Ballot, BallotText) for one in _columns(table)}
    assert names == {
        *("id", "round", "question", "value", "facet", "name", "zone", "school_type"),
        *("text", "unit"),
    }


def test_the_night_writes_open_rounds_anew_and_loses_nothing(asked: Database) -> None:
    with asked.transaction() as session:
        for number in range(30):
            mark_answered(session, "r", f"p{number}")
            put(session, [("q", number % 5 + 1)], [("t", f"tekst {number}")])
    before = everything(asked)
    rewrite_open_rounds(asked)
    after = everything(asked)
    for table in ("ballot", "ballot_text"):
        assert not ids(before, table) & ids(after, table), table
    assert without_ids(before) == without_ids(after)


def test_the_night_leaves_closed_rounds_alone(asked: Database) -> None:
    with asked.transaction() as session:
        put(session, texts=[("t", "tekst")])
        forget_who(session, "r")
        change_round(session, a_round(closed_at=NOON))
        (read,) = texts_of(session, "r")
        set_themes(session, read.id, ["tid", "rom", "tid"])
    rewrite_open_rounds(asked)
    with asked.transaction() as session:
        (still,) = texts_of(session, "r")
    assert still.id == read.id
    assert still.themes == ("rom", "tid")


def test_at_close_who_answered_drafts_and_counted_answers_are_gone(asked: Database) -> None:
    with asked.transaction() as session:
        mark_answered(session, "r", "ane")
        mark_answered(session, "other", "ane")
        put(session, texts=[("t", "tekst")])
        save_draft(session, "r", "bo", {"q": 3})
        (before,) = texts_of(session, "r")
    with asked.transaction() as session:
        forget_who(session, "r")
    with asked.transaction() as session:
        assert answered_by(session, "r") == set()
        assert tallies(session, "r") == []
        assert draft_of(session, "r", "bo") == {}
        assert has_answered(session, "other", "ane")
        (after,) = texts_of(session, "r")
    assert (after.text, after.question) == ("tekst", "t")
    assert after.id != before.id


def test_a_named_answer_is_one_a_school_and_the_last_holds(asked: Database) -> None:
    def answer(unit: str, person: str, value: int, minutes: int) -> Named:
        return Named(unit, person, person.title(), {"q": value}, NOON + timedelta(minutes=minutes))

    with asked.transaction() as session:
        keep_named(session, "r", answer("Nordlia skole", "david", 2, 0))
        keep_named(session, "r", answer("Bakken skole", "lars", 5, 1))
        keep_named(session, "r", answer("Nordlia skole", "kari", 3, 2))
    with asked.transaction() as session:
        assert named_answers(session, "r") == [
            answer("Bakken skole", "lars", 5, 1),
            answer("Nordlia skole", "kari", 3, 2),
        ]
        assert named_answer_of(session, "r", "Nordlia skole") == answer(
            "Nordlia skole", "kari", 3, 2
        )
        assert named_answer_of(session, "other", "Nordlia skole") is None


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.transaction() as session:
        return {
            table: [
                dict(row._mapping)
                for row in session.connection().execute(text(f"SELECT * FROM {table}"))
            ]
            for table in ("answered", "ballot", "ballot_text")
        }


def ids(found: dict[str, list[dict[str, Any]]], table: str) -> set[str]:
    return {row["id"] for row in found[table]}


def without_ids(found: dict[str, list[dict[str, Any]]]) -> dict[str, Counter[Any]]:
    return {
        table: Counter(tuple(sorted((k, v) for k, v in row.items() if k != "id")) for row in rows)
        for table, rows in found.items()
    }


def _columns(table: Any) -> Any:
    return table.__table__.columns
