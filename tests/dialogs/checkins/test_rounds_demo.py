"""The demo kommune has results to read and a round to answer, made up and marked so."""

from datetime import UTC, datetime, timedelta

import pytest

from dialogs.checkins.demo_rounds import load_demo_rounds
from dialogs.checkins.round_planning import plan_rounds
from dialogs.collected.results import rounds_seen_by, seen_by, texts_seen_by
from dialogs.guide_files import Guides
from dialogs.meetings.sending_times import SendingTimes
from dialogs.reports import Group
from storage.database import Database
from storage.outbox import rows_of
from storage.people import RegisteredPerson, import_people, list_people
from storage.rounds import list_rounds, result_of

SENDING = SendingTimes()
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def loaded(database: Database, guides: Guides) -> Database:
    with database.transaction() as session:
        load_demo_rounds(session, SENDING, guides.sets, 5, NOW)
    return database


def test_there_are_closed_rounds_to_read_and_one_to_answer(loaded: Database) -> None:
    with loaded.transaction() as session:
        rounds = list_rounds(session)
    assert all(one.title.endswith("(demo)") for one in rounds)
    assert [one.id for one in rounds if one.is_open(NOW)] == ["demo-apen"]
    closed = [one for one in rounds if one.closed_at is not None]
    assert {one.question_set for one in closed} == {
        "manedens-refleksjon",
        "kompetanseundersokelsen",
    }
    assert all(one.opens < one.closes < NOW for one in closed)


def test_nobody_is_met_by_an_invitation_but_who_waits_is_reminded(loaded: Database) -> None:
    with loaded.transaction() as session:
        plan_rounds(session, SENDING, NOW + timedelta(hours=1))
        waiting = {
            row.reason for row in rows_of(session, "round:demo-apen") if row.state == "venter"
        }
    assert waiting == {"round_reminder"}


def test_each_sees_what_is_theirs_to_see(loaded: Database) -> None:
    with loaded.transaction() as session:
        by_role = {one.name.split()[0]: one for one in list_people(session)}
        for who, groups in (
            ("David", {Group("kommune"), Group("skole", "Nordlia skole")}),
            ("Hanne", {Group("kommune"), Group("sone", "Sone nord")}),
        ):
            person = by_role[who]
            read = rounds_seen_by(session, person)
            assert len(read) == 3
            for one in read:
                seen = seen_by(session, person, one.id)
                assert seen is not None
                assert groups <= seen.report.figures.keys()
                assert any(
                    not figure.withheld
                    for group in groups
                    for figure in seen.report.figures[group].values()
                )
        newest = seen_by(session, by_role["Hanne"], "demo-refleksjon-2")
        assert newest is not None
        assert texts_seen_by(session, by_role["Hanne"], newest)["strever"]


def test_loading_again_changes_nothing_and_the_answers_are_always_the_same(
    loaded: Database, guides: Guides
) -> None:
    def kept(database: Database) -> list[object]:
        with database.transaction() as session:
            return [result_of(session, one.id) for one in list_rounds(session)]

    before = kept(loaded)
    with loaded.transaction() as session:
        load_demo_rounds(session, SENDING, guides.sets, 5, NOW + timedelta(days=40))
    assert kept(loaded) == before


def test_a_kommune_with_its_own_people_gets_none(database: Database, guides: Guides) -> None:
    with database.transaction() as session:
        kari = RegisteredPerson("kari", "Kari", "", "lærer")
        import_people(session, [*list_people(session), kari], dry_run=False)
        load_demo_rounds(session, SENDING, guides.sets, 5, NOW)
        assert not list_rounds(session)
