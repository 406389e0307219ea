"""What is added to the knowledge, what was found of questions, and how long both are kept."""

from datetime import UTC, date, datetime, timedelta
from threading import Thread

import pytest

from storage.added_knowledge import (
    add_ask,
    add_entry,
    change_ask,
    change_entry,
    count_drafts,
    delete_draft,
    knowledge_version,
    list_added,
    list_asks,
    list_entries,
    publish,
    take_back,
)
from storage.database import Database, Session
from storage.feedback import add_feedback, list_feedback
from storage.kept_questions import keep_question, list_kept_questions
from storage.retention import delete_expired
from storage.reviews import review, reviews

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ENTRY = {
    "title": "Parkering",
    "title_nn": "Parkering",
    "text": "Spør vaktmesteren.",
    "text_nn": "Spør vaktmeisteren.",
    "owner": "Eiendom",
    "link": "https://eksempel.no/p",
}


def ask(session: Session, text: str = "hvor er det", now: datetime = NOW) -> str:
    return add_ask(session, target="plan/A/1-1", text=text, by_name="Ivar", now=now)


def entry(session: Session, id: str = "", now: datetime = NOW) -> str:
    return add_entry(session, **ENTRY, asks=["å", "ø"], by_name="Ivar", now=now, id=id)


def test_a_draft_comes_back_as_it_was_written(database: Database) -> None:
    with database.transaction() as session:
        ids = {ask(session, "hvor er æ"), entry(session)}
    with database.transaction() as session:
        [asked], [way_on] = list_asks(session), list_entries(session)
        assert {one.id for one in list_added(session)} == ids
        assert count_drafts(session) == 2
        assert knowledge_version(session) == 0
    assert (asked.target, asked.text, asked.by_name) == ("plan/A/1-1", "hvor er æ", "Ivar")
    assert asked.at == NOW
    assert not asked.is_published
    assert {name: getattr(way_on, name) for name in ENTRY} == ENTRY
    assert (way_on.asks, way_on.checked) == (("å", "ø"), date(2026, 11, 23))


def test_publishing_moves_the_version_once_and_taking_back_once_more(database: Database) -> None:
    with database.transaction() as session:
        ids = [ask(session), entry(session)]
        assert publish(session, ids, by_name="Eva", now=LATER) == 2
        assert knowledge_version(session) == 1
        assert publish(session, ids, by_name="Ivar", now=LATER) == 0
        assert knowledge_version(session) == 1
    with database.transaction() as session:
        assert all((one.is_published, one.by_name) == (True, "Eva") for one in list_added(session))
        assert take_back(session, ids[0], by_name="Ivar", now=LATER)
        assert not take_back(session, ids[0], by_name="Ivar", now=LATER)
        assert knowledge_version(session) == 2
        assert count_drafts(session) == 1


def test_what_is_published_is_neither_changed_nor_deleted(database: Database) -> None:
    with database.transaction() as session:
        asked, way_on = ask(session), entry(session)
        publish(session, [asked, way_on], by_name="Eva", now=LATER)
        before = list_added(session)
        assert not change_ask(session, asked, text="nytt", by_name="Ivar", now=LATER)
        changed = ENTRY | {"title": "Nytt"}
        assert not change_entry(session, way_on, **changed, asks=[], by_name="I", now=LATER)
        assert not delete_draft(session, asked)
        assert list_added(session) == before


def test_a_draft_is_changed_and_deleted(database: Database) -> None:
    with database.transaction() as session:
        asked, way_on = ask(session), entry(session)
        assert change_ask(session, asked, text="nytt", by_name="Eva", now=LATER)
        changed = ENTRY | {"title": "Nytt"}
        assert change_entry(session, way_on, **changed, asks=["i"], by_name="Eva", now=LATER)
    with database.transaction() as session:
        [one], [other] = list_asks(session), list_entries(session)
        assert (one.text, one.by_name, one.at) == ("nytt", "Eva", LATER)
        assert (other.title, other.asks) == ("Nytt", ("i",))
        assert delete_draft(session, asked)
        assert delete_draft(session, way_on)
        assert not delete_draft(session, way_on)
        assert list_added(session) == []


def test_of_many_who_publish_the_same_at_once_one_does(database: Database) -> None:
    with database.transaction() as session:
        id = ask(session)
    moved: list[int] = []

    def press() -> None:
        with database.transaction() as session:
            moved.append(publish(session, [id], by_name="Ivar", now=LATER))

    threads = [Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moved) == [0, 0, 0, 0, 0, 1]
    with database.transaction() as session:
        assert knowledge_version(session) == 1


def test_the_last_review_of_a_question_holds(database: Database) -> None:
    with database.transaction() as session:
        for cause, target in (("utdatert", ""), ("feil avsnitt", "plan/A/1-1")):
            review(session, ["q", "r"], cause=cause, target=target, by_name="Ivar", now=NOW)
    with database.transaction() as session:
        found = reviews(session)
    assert set(found) == {"q", "r"}
    assert (found["q"].cause, found["q"].target) == ("feil avsnitt", "plan/A/1-1")


@pytest.mark.parametrize("days", [364, 366])
def test_a_review_and_a_draft_are_kept_for_a_year(database: Database, days: int) -> None:
    today = NOW.date() + timedelta(days=days)
    with database.transaction() as session:
        # What it is about is still there; only the review and the drafts grow old.
        keep_question(session, text="Hva?", language="nb", day=today)
        [question] = list_kept_questions(session)
        review(session, [question.id], cause="utdatert", target="", by_name="Ivar", now=NOW)
        ask(session)
        entry(session)
        publish(session, [ask(session, "publisert")], by_name="Ivar", now=NOW)
        delete_expired(session, today)
        kept = days < 365
        assert bool(reviews(session)) == kept
        assert [one.is_published for one in list_added(session)].count(True) == 1
        assert count_drafts(session) == (2 if kept else 0)


def test_a_review_goes_with_what_it_is_about(database: Database) -> None:
    with database.transaction() as session:
        keep_question(session, text="Hva?", language="nb", day=NOW.date())
        add_feedback(session, passage="p", reaction="dislike", reason="", text="", day=NOW.date())
        items = [list_kept_questions(session)[0].id, list_feedback(session)[0].id]
        review(session, [*items, "gone"], cause="utdatert", target="", by_name="I", now=NOW)
        delete_expired(session, NOW.date())
        assert set(reviews(session)) == set(items)
