"""What is sent of a round, to whom and when; and what closing it does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from dialogs.checkins.closing import close_due_rounds, close_round
from dialogs.checkins.round_planning import plan_rounds, subject_of
from dialogs.meetings.sending_times import OSLO
from dialogs.messages import Reply
from dialogs.reports import Group, report_from_json
from knowledge.library import Library
from storage.ballots import answered_by, rewrite_open_rounds, tallies, texts_of
from storage.database import Database
from storage.outbox import rows_of
from storage.preferences import set_preference
from storage.rounds import add_round, result_of, round_of_month
from tests.dialogs.checkins.rounds_made import LEADERS, NORDLIA, ROUND, Rounds
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    buttons,
)
from tests.dialogs.shown import shown

IN_CHAT = {ANE_LÆRER, BJØRN_LÆRER, GEIR_TILLITSVALGT}  # of the lærere; the others have no chat
OPENS = datetime(2026, 11, 24, 7, tzinfo=UTC)  # Tuesday at eight
REMINDED = datetime(2026, 11, 26, 7, tzinfo=UTC)  # two school days before Monday
CLOSES = datetime(2026, 11, 30, 23, tzinfo=UTC)
NIGHT = datetime(2026, 12, 1, 2, 10, tzinfo=UTC)
RESULT = datetime(2026, 12, 1, 7, tzinfo=UTC)
LEADERS_OF_ALL = {DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR, FATIMA_AVDELINGSLEDER, ELI_REKTOR}


@pytest.fixture
def kommune(library: Library, database: Database) -> Rounds:
    return Rounds(library, database)


def plan(kommune: Rounds) -> None:
    with kommune.session() as session:
        plan_rounds(session, kommune.sending, kommune.now)


def close(kommune: Rounds, at: datetime = NIGHT) -> int:
    kommune.now = at
    return close_due_rounds(kommune.database, kommune.sending, at, kommune.smallest)


def of_rounds(sent: dict[str, list[Reply]]) -> dict[str, str]:
    return {who: shown(replies) for who, replies in sent.items()}


def test_tillitsvalgte_see_the_questions_at_once_and_before_their_colleagues(
    kommune: Rounds,
) -> None:
    kommune.made(purpose="Velge hva vi snakker om.")
    sent = of_rounds(kommune.messages_at(kommune.now))
    assert sent.keys() == {GEIR_TILLITSVALGT}
    told = sent[GEIR_TILLITSVALGT]
    assert "Spørsmåla kjem: Korleis går det?" in told
    assert "Korleis går det med trivsel?" in told
    assert "Velge hva vi snakker om." in told
    assert "tysdag 24. november – måndag 30. november" in told


def test_each_is_invited_once_when_the_round_opens(kommune: Rounds) -> None:
    kommune.made()
    kommune.messages_at(kommune.now)
    assert not kommune.messages_at(OPENS - timedelta(minutes=1))
    sent = of_rounds(kommune.messages_at(OPENS))
    assert sent.keys() == IN_CHAT
    assert "Hvordan går det med trivsel?" in sent[ANE_LÆRER]
    plan(kommune)
    assert not kommune.messages_at(OPENS + timedelta(hours=1))


def test_one_reminder_goes_to_who_was_invited_and_has_not_answered(kommune: Rounds) -> None:
    kommune.made()
    kommune.messages_at(OPENS)
    kommune.vote(ANE_LÆRER)
    with kommune.session() as session:
        set_preference(session, BJØRN_LÆRER, "rounds", False)
    plan(kommune)
    sent = of_rounds(kommune.messages_at(REMINDED))
    assert sent.keys() == {GEIR_TILLITSVALGT}
    assert "Dette er den einaste påminninga." in sent[GEIR_TILLITSVALGT]
    assert not kommune.messages_at(CLOSES - timedelta(minutes=1))


def test_who_stops_reminders_on_one_still_gets_the_rounds(kommune: Rounds) -> None:
    assert "Selve rundene får du fortsatt" in shown(
        kommune.write(ANE_LÆRER, "stopp påminnelser om spørrerunder")
    )
    kommune.made()
    assert ANE_LÆRER in kommune.messages_at(OPENS)
    assert kommune.messages_at(REMINDED).keys() == {BJØRN_LÆRER, GEIR_TILLITSVALGT}
    kommune.write(ANE_LÆRER, "start påminnelser om spørrerunder")


def test_a_short_round_has_no_reminder(kommune: Rounds) -> None:
    kommune.made(last=date(2026, 11, 26))
    kommune.messages_at(OPENS)
    with kommune.session() as session:
        reasons = {row.reason for row in rows_of(session, subject_of(ROUND))}
    assert "round_reminder" not in reasons


def test_who_is_new_in_the_register_is_invited_and_who_left_is_not(kommune: Rounds) -> None:
    kommune.made()
    people = [one for one in kommune.people if one.key != BJØRN_LÆRER]
    without = [one if one.key != ANE_LÆRER else replace(one, role="rektor") for one in people]
    kommune.register(without)
    plan(kommune)
    assert kommune.messages_at(OPENS).keys() == {GEIR_TILLITSVALGT}
    kommune.register(kommune.people)
    kommune.now = OPENS + timedelta(hours=2)
    plan(kommune)
    assert kommune.messages_at(kommune.now).keys() == {ANE_LÆRER, BJØRN_LÆRER}


def test_of_a_cancelled_round_nothing_more_is_sent(kommune: Rounds) -> None:
    kommune.made()
    asked = kommune.press(HANNE_SKOLEEIER, "round_cancel_ask", round=ROUND)
    assert "er avlyst" in shown(kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Ja, avlys runden"]))
    plan(kommune)
    assert not kommune.messages_at(OPENS)


def test_nobody_answers_after_the_last_day_even_before_the_night(kommune: Rounds) -> None:
    kommune.made()
    kommune.now = CLOSES
    assert not kommune.round().is_open(kommune.now)


# Closing


def test_a_round_is_closed_once_and_its_result_is_told_to_those_who_see_it(
    kommune: Rounds,
) -> None:
    kommune.made()
    kommune.messages_at(REMINDED)
    for who in kommune.teachers()[:8]:
        kommune.vote(who)
    assert close(kommune, CLOSES - timedelta(seconds=1)) == 0
    assert (close(kommune), close(kommune)) == (1, 0)
    with kommune.session() as session:
        kept = result_of(session, ROUND)
        public = result_of(session, ROUND, public=True)
        assert not answered_by(session, ROUND)
        assert not tallies(session, ROUND)
    assert kept is not None
    assert public is not None
    report = report_from_json(kept)
    assert (report.smallest, public["smallest"]) == (5, 20)
    # 8 of 17, in tens of per cent.
    assert report.rates[Group("kommune")] == 50
    assert not kommune.messages_at(RESULT - timedelta(minutes=1))
    sent = of_rounds(kommune.messages_at(RESULT))
    assert sent.keys() == {*IN_CHAT, *LEADERS_OF_ALL, HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER}
    assert "Dere på Nordlia skole ser skolens resultat først" in sent[ANE_LÆRER]
    assert "samlet for kommunen" in sent[HANNE_SKOLEEIER]
    assert "Rektor og tillitsvalgt får resultatet samtidig" in sent[DAVID_REKTOR]
    assert not kommune.messages_at(RESULT + timedelta(days=1))


def test_a_schools_own_result_is_told_at_the_school_alone(kommune: Rounds) -> None:
    kommune.made(DAVID_REKTOR, audience=(f"enhet: {NORDLIA}",))
    for one in range(6):
        kommune.vote(f"{NORDLIA}-{one}".casefold(), point=3 + one % 2)
    close(kommune)
    sent = kommune.messages_at(RESULT)
    assert sent.keys() == {DAVID_REKTOR, KARI_AVDELINGSLEDER, ANE_LÆRER}
    with kommune.session() as session:
        report = report_from_json(result_of(session, ROUND) or {})
    assert {group.kind for group in report.figures} <= {"kommune", "rolle"}


def test_of_leaders_the_kommune_alone_is_computed(kommune: Rounds) -> None:
    kommune.made(set=LEADERS, audience=("ledere",), first=date(2026, 11, 23), discussed_on=None)
    for who in LEADERS_OF_ALL:
        kommune.vote(who)
    close(kommune)
    with kommune.session() as session:
        report = report_from_json(result_of(session, ROUND) or {})
    assert {group.kind for group in report.figures} <= {"kommune", "rolle"}
    assert report.rates.keys() <= {Group("kommune")}
    assert kommune.messages_at(RESULT).keys() == {
        *LEADERS_OF_ALL,
        HANNE_SKOLEEIER,
        IVAR_FAGRÅDGIVER,
    }
    assert JORUNN_ADMINISTRATOR not in LEADERS_OF_ALL


def test_no_message_tells_afterwards_who_had_answered(kommune: Rounds) -> None:
    kommune.made()
    kommune.messages_at(OPENS)
    kommune.vote(ANE_LÆRER)
    kommune.messages_at(REMINDED)
    close(kommune)
    kommune.messages_at(RESULT)
    with kommune.session() as session:
        rows = rows_of(session, subject_of(ROUND))
    assert {row.reason for row in rows} == {"round_questions", "round_result"}
    states = {row.person: row.state for row in rows if row.reason == "round_result"}
    assert states[ANE_LÆRER] == states[BJØRN_LÆRER] == "sendt"


def test_what_was_shared_unasked_in_a_month_closes_without_rates_or_messages(
    kommune: Rounds,
) -> None:
    made = kommune.made()
    month = replace(made, id="m" * 32, month="2026-11:prove", audience=("alle",), opens=OPENS)
    with kommune.session() as session:
        add_round(session, month)
    for who in kommune.teachers()[:6]:
        kommune.vote(who, month.id)
    assert close(kommune) == 2
    with kommune.session() as session:
        assert not rows_of(session, subject_of(month.id))
        kept = round_of_month(session, "2026-11:prove")
        report = report_from_json(result_of(session, month.id) or {})
    assert kept is not None
    assert kept.closed_at is not None
    assert not report.rates


def test_one_round_that_can_not_be_closed_does_not_hold_the_others(
    kommune: Rounds, caplog: pytest.LogCaptureFixture
) -> None:
    made = kommune.made()
    with kommune.session() as session:
        add_round(session, replace(made, id="0" * 32, asked={"id": "ødelagt"}))
    assert close(kommune) == 1
    assert kommune.round().closed_at is not None
    assert "action=round_not_closed" in caplog.text
    assert "ødelagt" not in caplog.text


def test_killed_between_any_two_statements_a_round_is_open_as_before_or_closed(
    kommune: Rounds,
) -> None:
    """Killed after the first statement, after the second, and so on, until it comes through."""
    kommune.made()
    kommune.now = OPENS
    for who in kommune.teachers()[:6]:
        kommune.vote(who, text="Vi trenger tid.")
    engine = kommune.database._engine
    for statements in range(1, 200):
        left = statements

        def kill(*_: object) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed

        event.listen(engine, "before_cursor_execute", kill)
        try:
            with kommune.session() as session:
                close_round(session, kommune.sending, ROUND, NIGHT, 5)
            break
        except Killed:
            pass
        finally:
            event.remove(engine, "before_cursor_execute", kill)
        assert kommune.round().closed_at is None
        with kommune.session() as session:
            assert len(answered_by(session, ROUND)) == 6
            assert sum(one.count for one in tallies(session, ROUND)) == 12  # by place and by role
            assert result_of(session, ROUND) is None
    assert statements > 8
    assert kommune.round().closed_at is not None
    with kommune.session() as session:
        assert len(texts_of(session, ROUND)) == 6
        assert not answered_by(session, ROUND)
    rewrite_open_rounds(kommune.database)


class Killed(Exception):
    """The process is gone."""


def test_planning_again_changes_nothing(kommune: Rounds) -> None:
    kommune.made()

    def waiting() -> list[tuple[str, str, datetime]]:
        with kommune.session() as session:
            return [
                (row.person, row.reason, row.due) for row in rows_of(session, subject_of(ROUND))
            ]

    before = waiting()
    kommune.now += timedelta(hours=3)
    plan(kommune)
    assert waiting() == before
    assert {
        due.astimezone(OSLO).hour for _, reason, due in before if reason != "round_questions"
    } == {8}
