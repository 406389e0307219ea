"""Texts of a closed round are found by question, school, words and theme, a page at a time."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.ballots import Place, cast, set_themes
from storage.database import Database
from storage.round_texts import count_found, count_texts, count_themes, find_text, find_texts
from storage.rounds import Round, add_round

NOW = datetime(2026, 11, 2, 7, tzinfo=UTC)
TEXTS = ("Mer TID til oss", "Øving og ÅPEN dør", "100 % enig", "a_b/c", "Ro", " ", "")


@pytest.fixture
def written(database: Database) -> Database:
    with database.transaction() as session:
        for id in ("runde", "annen"):
            made = Round(
                id=id,
                question_set="a",
                asked={},
                title="A",
                audience=("alle",),
                opens=NOW,
                closes=NOW + timedelta(days=7),
            )
            add_round(session, made)
        for number, text in enumerate(TEXTS):
            place = Place("Nordlia skole" if number == 0 else "Bakken skole")
            cast(session, "runde", (), [("en", text)], place=place, tell_unit=number < 2)
        cast(session, "runde", (), [("to", "Ro her også")], place=Place())
        cast(session, "annen", (), [("en", "Ro i en annen runde")], place=Place())
    return database


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("tid", ["Mer TID til oss"]),
        ("OSS mer", ["Mer TID til oss"]),
        ("øving", ["Øving og ÅPEN dør"]),
        ("åpen DØR", ["Øving og ÅPEN dør"]),
        ("%", ["100 % enig"]),
        ("a_b", ["a_b/c"]),
        ("B/C", ["a_b/c"]),
        ("_", ["a_b/c"]),
        ("\\", []),
        ("æving", []),
        ("ro", ["Ro", "Ro her også"]),
        ("mer øving", []),
    ],
)
def test_words_are_found_in_any_case(written: Database, search: str, found: list[str]) -> None:
    with written.transaction() as session:
        texts = find_texts(session, "runde", ["en", "to"], search=search)
        assert [one.text for one in texts] == found
        counted = count_found(session, "runde", ["en", "to"], search=search)
        assert counted == {id: [one.question for one in texts].count(id) for id in ("en", "to")}


def test_the_questions_stand_in_the_order_that_is_asked_for(written: Database) -> None:
    with written.transaction() as session:
        first = find_texts(session, "runde", ["to", "en"], limit=2)
        assert [one.question for one in first] == ["to", "en"]
        pages = [find_texts(session, "runde", ["en"], offset=at, limit=2) for at in (0, 2, 4)]
        every = [one.text for page in pages for one in page]
        assert sorted(every) == sorted(text for text in TEXTS if text.strip())


def test_counts_are_by_question_and_named_school_without_what_is_empty(written: Database) -> None:
    with written.transaction() as session:
        assert count_texts(session, "runde") == {
            ("en", ""): 3,
            ("en", "Nordlia skole"): 1,
            ("en", "Bakken skole"): 1,
            ("to", ""): 1,
        }
        (own,) = find_texts(session, "runde", ["en"], unit="Nordlia skole")
        assert own.text == "Mer TID til oss"


def test_themes_are_of_their_own_round(written: Database) -> None:
    with written.transaction() as session:
        (ro,) = find_texts(session, "runde", ["en"], search="ro")
        (other,) = find_texts(session, "annen", ["en"])
        set_themes(session, ro.id, ["uro", "arbeid"])
        set_themes(session, other.id, ["uro"])
        assert count_themes(session, "runde", ["en", "to"]) == {"arbeid": 1, "uro": 1}
        assert count_themes(session, "runde", ["to"]) == {}
        (again,) = find_texts(session, "runde", ["en"], theme="uro")
        assert again.themes == ("arbeid", "uro")
        assert find_text(session, ro.id) == ("runde", again)
        assert find_text(session, "finnes ikke") is None
