"""What an insider may try: to see who answered what by asking, changing and subtracting."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations

import pytest

from dialogs.checkins.closing import close_due_rounds
from dialogs.collected.results import read_texts, readable_by, seen_by, texts_seen_by
from dialogs.guide_files import Guides
from dialogs.reports import Group, Report, report_from_json
from knowledge.library import Library
from storage.ballots import Place, cast
from storage.database import Database
from storage.people import RegisteredPerson, find_person
from storage.rounds import change_round, result_of, share_result
from tests.dialogs.checkins.rounds_made import (
    FJELLHEIM,
    MONDAY_AFTER,
    NORDLIA,
    OTHER,
    ROUND,
    TUESDAY,
    Rounds,
)
from tests.dialogs.collected.rounds_world import (
    CLOSED,
    MEASURE_SCHOOL,
    OWN_CLOSED,
    SAID_OWN,
    World,
)
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    PEOPLE,
)
from tests.dialogs.shown import shown

K = 5
WHOLE = Group("kommune")


@pytest.fixture
def kommune(library: Library, database: Database) -> Rounds:
    return Rounds(library, database, colleagues=12)


@pytest.fixture(scope="module")
def kept(library: Library, guides: Guides) -> World:
    return World(library, guides)


def open_now(kommune: Rounds) -> None:
    """A round of the kommune that opened this morning."""
    made = replace(kommune.made(), opens=kommune.now - timedelta(hours=1))
    with kommune.session() as session:
        change_round(session, made)


def close(kommune: Rounds) -> Report:
    kommune.now = kommune.round().closes + timedelta(hours=1)
    assert close_due_rounds(kommune.database, kommune.sending, kommune.now, K) == 1
    return result(kommune)


def result(kommune: Rounds) -> Report:
    with kommune.session() as session:
        kept = result_of(session, ROUND)
    assert kept is not None
    return report_from_json(kept)


def person(kommune: Rounds | World, key: str) -> RegisteredPerson:
    with kommune.database.transaction() as session:
        found = find_person(session, key)
    assert found is not None
    return found


def assert_nothing_small(report: Report) -> None:
    """No cell, nor difference between a group and those inside it, of fewer than k people."""
    for question in {id for by in report.figures.values() for id in by}:
        shown_groups = {
            group: by[question] for group, by in report.figures.items() if by[question].cells
        }
        for figure in shown_groups.values():
            assert all(cell.count == 0 or cell.count >= K for cell in figure.cells)
        whole = shown_groups.get(WHOLE)
        for kind in ("sone", "skoletype", "skole", "rolle", "erfaring"):
            people = [one.people for group, one in shown_groups.items() if group.kind == kind]
            for size in range(1, len(people) + 1):
                for some in combinations(people, size):
                    assert whole is not None
                    rest = whole.people - sum(some)
                    assert rest == 0 or rest >= K


# Whom one asks


def test_the_team_cannot_ask_one_school_with_a_few_others_around_it(kommune: Rounds) -> None:
    """Bakken has a rektor only: the result of both would be Nordlia's."""
    both = (f"enhet: {NORDLIA}", "enhet: Bakken skole")
    for audience in (both, ("sone: Sone nord",)):
        said = kommune.make(audience=audience)
        assert isinstance(said, list)
        assert "Nordlia skole" in said[0]
        assert "rektor der som spør" in said[0]
    assert kommune.made(audience=(f"enhet: {NORDLIA}", f"enhet: {FJELLHEIM}")).id == ROUND


def test_a_rektor_cannot_ask_again_soon_with_one_person_less(kommune: Rounds) -> None:
    own = (f"enhet: {NORDLIA}",)
    kommune.made(DAVID_REKTOR, audience=own)
    for lines in (own, (f"lærere i enhet: {NORDLIA}",)):
        for first in (TUESDAY, MONDAY_AFTER, date(2026, 12, 8)):
            wanted = {"first": first, "last": first + timedelta(days=6)}
            said = kommune.make(DAVID_REKTOR, id=OTHER, audience=lines, **wanted)
            assert isinstance(said, list), f"{lines} from {first}"


@pytest.mark.parametrize("line", ["personer: ane@eksempel.no", "gruppe: x", "tillitsvalgte"])
def test_few_are_never_asked_without_names(kommune: Rounds, line: str) -> None:
    assert isinstance(kommune.make(audience=(line,)), list)


# While it is open


def test_a_school_that_changes_zone_meanwhile_is_counted_once(kommune: Rounds) -> None:
    open_now(kommune)
    half = kommune.teachers()[::2]
    for number, who in enumerate(half):
        kommune.vote(who, point=number % 2 * 4 + 1)
    moved = [
        replace(one, zone="Sone nord") if one.unit == FJELLHEIM else one for one in kommune.people
    ]
    kommune.register(moved)
    for number, who in enumerate(set(kommune.teachers()) - {*half}):
        kommune.vote(who, point=number % 2 * 4 + 1)
    report = close(kommune)
    assert_nothing_small(report)
    assert report.figures[WHOLE]["trivsel"].people == len(kommune.teachers())


def test_leaving_the_register_takes_nobodys_answer_out_of_the_crowd(kommune: Rounds) -> None:
    """Between answering and closing all but two of Nordlia go: their answers are still there."""
    open_now(kommune)
    for number, who in enumerate(kommune.teachers()):
        kommune.vote(who, point=number % 2 * 4 + 1)
    here = [one for one in kommune.people if one.unit == NORDLIA and one.role == "lærer"]
    gone = {one.key for one in here[2:]}
    kommune.register([one for one in kommune.people if one.key not in gone])
    report = close(kommune)
    assert_nothing_small(report)
    assert report.figures[WHOLE]["trivsel"].people == len(kommune.teachers())
    assert Group("skole", NORDLIA) not in report.rates  # two are asked there now, and two leaders


def test_a_round_that_only_one_school_answered_tells_of_no_zone(kommune: Rounds) -> None:
    open_now(kommune)
    here = [one.key for one in kommune.people if one.unit == NORDLIA and one.role == "lærer"]
    for number, who in enumerate(here):
        kommune.vote(who, point=number % 2 * 4 + 1)
    report = close(kommune)
    assert_nothing_small(report)
    told = {group.kind for group, by in report.figures.items() if by["trivsel"].cells}
    assert not told & {"sone", "skoletype"}  # that would say whose the kommune's result is


def test_a_cancelled_round_never_comes_back(kommune: Rounds) -> None:
    open_now(kommune)
    for who in kommune.teachers():
        kommune.vote(who, text="Vi trenger mer ro.")
    kommune.press(HANNE_SKOLEEIER, "round_cancel", round=ROUND)
    for verb in ("round_close", "round_later", "round_stop_repeat", "round_show", "results"):
        kommune.press(HANNE_SKOLEEIER, verb, round=ROUND, last="2026-12-10")
    kommune.now = kommune.round().closes + timedelta(days=1)
    assert close_due_rounds(kommune.database, kommune.sending, kommune.now, K) == 0
    hanne = person(kommune, HANNE_SKOLEEIER)
    with kommune.session() as session:
        assert result_of(session, ROUND) is None
        assert seen_by(session, hanne, ROUND) is None


def test_closing_again_computes_nothing_again(kommune: Rounds) -> None:
    open_now(kommune)
    for number, who in enumerate(kommune.teachers()):
        kommune.vote(who, point=number % 5 + 1)
    kommune.press(HANNE_SKOLEEIER, "round_close", round=ROUND)
    first = result(kommune)
    # What came in some other way afterwards is not in it either.
    with kommune.session() as session:
        cast(session, ROUND, [("trivsel", 5)], [], place=Place(NORDLIA), role="lærer")
    kommune.press(HANNE_SKOLEEIER, "round_close", round=ROUND)
    close_due_rounds(kommune.database, kommune.sending, kommune.now + timedelta(days=30), K)
    assert result(kommune) == first


# Who somebody is


def test_a_radgiver_who_works_at_a_school_too_reads_its_result_when_it_is_shared(
    kept: World,
) -> None:
    world = kept.again()
    ivar = replace(
        person(world, IVAR_FAGRÅDGIVER),
        unit=NORDLIA,
        unit_kind="skole",
        school_type="barneskole",
        zone="Sone nord",
    )
    school = Group("skole", NORDLIA)
    with world.database.transaction() as session:
        seen = seen_by(session, ivar, CLOSED)
        assert seen is not None
        assert school not in seen.report.figures
        assert school not in seen.report.rates
        assert seen_by(session, ivar, OWN_CLOSED) is None
        share_result(session, CLOSED, NORDLIA, DAVID_REKTOR, world.now)
        share_result(session, OWN_CLOSED, NORDLIA, DAVID_REKTOR, world.now)
        shared = seen_by(session, ivar, CLOSED)
        assert shared is not None
        assert school in shared.report.figures
        own = seen_by(session, ivar, OWN_CLOSED)
        assert own is not None
        assert not texts_seen_by(session, ivar, own)  # numbers are shared, texts are not
        assert not readable_by(session, ivar, own).counts


def test_what_a_school_has_shared_and_taken_back_is_gone_everywhere(kept: World) -> None:
    world = kept.again()
    world.press(DAVID_REKTOR, "result_share", {"round": OWN_CLOSED, "sure": True})
    page = world.assistant.browser.page(f"runder/{OWN_CLOSED}", {}, HANNE_SKOLEEIER)
    assert page is not None
    assert SAID_OWN not in shown(page.cards)
    assert MEASURE_SCHOOL not in shown(page.cards)
    world.press(DAVID_REKTOR, "result_unshare", {"round": OWN_CLOSED})
    browser = world.assistant.browser
    for path in (f"{first}/{OWN_CLOSED}" for first in ("runder", "tekster", "oppfolging")):
        assert browser.page(path, {}, HANNE_SKOLEEIER) is None
    for ending in ("xlsx", "csv", "docx"):
        assert browser.file(f"runder/{OWN_CLOSED}", {"format": ending}, HANNE_SKOLEEIER) is None
    assert world.assistant.paper(f"result:{OWN_CLOSED}:trivsel", HANNE_SKOLEEIER) is None


def test_a_deputy_does_not_share_results_nor_follow_them_up(kept: World) -> None:
    world = kept.again()
    world.press(DAVID_REKTOR, "deputy", {"person": KARI_AVDELINGSLEDER})
    before = world.kept()
    world.press(KARI_AVDELINGSLEDER, "result_share", {"round": CLOSED, "sure": True})
    world.press(
        KARI_AVDELINGSLEDER,
        "follow_up_save",
        {"round": CLOSED, "follow_up": "9" * 32, "heard": "a", "measure": "b"},
    )
    assert world.kept() == before


def test_the_page_and_the_file_let_the_same_texts_be_read(kept: World) -> None:
    world = kept.again()
    with world.database.transaction() as session:
        for who in (*(one.key for one in PEOPLE), LARS_REKTOR, ELI_REKTOR, ANE_LÆRER):
            reader = find_person(session, who)
            assert reader is not None
            for round in (CLOSED, OWN_CLOSED):
                seen = seen_by(session, reader, round)
                if seen is None:
                    continue
                readable = readable_by(session, reader, seen)
                page, _ = read_texts(session, readable, limit=10_000)
                file = [
                    one for some in texts_seen_by(session, reader, seen).values() for one in some
                ]
                assert sorted((one.text, one.unit) for one in page) == sorted(
                    (one.text, one.unit) for one in file
                )
