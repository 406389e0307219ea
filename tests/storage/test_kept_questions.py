"""Questions and feedback that are sent without a name, and how long they stay."""

from datetime import date, timedelta

from storage.database import Database
from storage.feedback import add_feedback, list_feedback
from storage.kept_questions import keep_question, list_kept_questions
from storage.retention import KEPT_FOR, delete_expired
from storage.tables import Conversation

TODAY = date(2026, 11, 21)


def test_kept_questions_are_listed_newest_day_first(database: Database) -> None:
    with database.transaction() as session:
        for days_ago, text in ((2, "eldst"), (0, "nyest"), (1, "midt i")):
            day = TODAY - timedelta(days=days_ago)
            keep_question(session, text=text, language="nn", day=day)
    with database.transaction() as session:
        questions = list_kept_questions(session)
    assert [question.text for question in questions] == ["nyest", "midt i", "eldst"]
    assert questions[0].language == "nn"


def test_sending_the_same_question_twice_keeps_it_once(database: Database) -> None:
    for _ in range(2):
        with database.transaction() as session:
            keep_question(session, text="Hva er PRUVA?", language="nb", day=TODAY)
            keep_question(session, text="Kva er PRUVA?", language="nn", day=TODAY)
    with database.transaction() as session:
        assert len(list_kept_questions(session)) == 2


def test_feedback_comes_back_as_it_was_given(database: Database) -> None:
    with database.transaction() as session:
        add_feedback(
            session,
            passage="plan/ambisjon-2",
            reaction="dislike",
            reason="utdatert",
            text="Dette gjaldt i fjor.",
            day=TODAY,
        )
    with database.transaction() as session:
        (given,) = list_feedback(session)
    assert given.model_dump(exclude={"id"}) == {
        "passage": "plan/ambisjon-2",
        "reaction": "dislike",
        "reason": "utdatert",
        "text": "Dette gjaldt i fjor.",
        "day": TODAY,
    }


def test_what_is_a_year_old_stays_and_what_is_older_is_deleted(database: Database) -> None:
    with database.transaction() as session:
        for name, day in (("stays", TODAY - KEPT_FOR), ("goes", TODAY - 2 * KEPT_FOR)):
            session.add(Conversation(id=name, sender="b", updated=day))
            keep_question(session, text=name, language="nb", day=day)
            add_feedback(session, passage=name, reaction="like", reason="", text="", day=day)
    with database.transaction() as session:
        assert delete_expired(session, TODAY) == 3
    with database.transaction() as session:
        assert [question.text for question in list_kept_questions(session)] == ["stays"]
        assert [given.passage for given in list_feedback(session)] == ["stays"]
        assert session.get(Conversation, "goes") is None
        assert session.get(Conversation, "stays") is not None
