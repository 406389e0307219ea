"""Starting a round and changing it: what protects those who are asked, in every case."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dialogs.checkins import rounds
from dialogs.meetings.sending_times import OSLO
from dialogs.question_set_files import questions_of
from knowledge.library import Library
from storage.ballots import answered_by, draft_of, save_draft, tallies, texts_of
from storage.database import Database
from storage.people import find_person
from storage.rounds import Round, list_rounds
from tests.dialogs.checkins.rounds_made import (
    BOKMÅL,
    DISCUSSED,
    FJELLHEIM,
    LEADERS,
    NAMED,
    NORDLIA,
    OTHER,
    ROUND,
    SHORT,
    SURVEY,
    Rounds,
)
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
)


@pytest.fixture
def kommune(library: Library, database: Database) -> Rounds:
    return Rounds(library, database)


def change(kommune: Rounds, who: str = HANNE_SKOLEEIER, **changes: Any) -> Round | list[str]:
    with kommune.session() as session:
        by = find_person(session, who)
        assert by is not None
        done = rounds.change(
            session,
            kommune.sending,
            ROUND,
            by=by,
            wording=BOKMÅL,
            smallest=5,
            now=kommune.now,
            **changes,
        )
    return done if isinstance(done, Round) else [one.text for one in done]


def cancel(kommune: Rounds, who: str = HANNE_SKOLEEIER) -> Round | list[str]:
    with kommune.session() as session:
        by = find_person(session, who)
        assert by is not None
        done = rounds.cancel_round(
            session, kommune.sending, ROUND, by=by, wording=BOKMÅL, now=kommune.now
        )
    return done if isinstance(done, Round) else [one.text for one in done]


def test_a_round_opens_at_eight_and_closes_at_the_midnight_after_its_last_day(
    kommune: Rounds,
) -> None:
    made = kommune.made(purpose="Snakke om det.")
    assert made.opens.astimezone(OSLO) == datetime(2026, 11, 24, 8, tzinfo=OSLO)
    assert made.closes.astimezone(OSLO) == datetime(2026, 12, 1, tzinfo=OSLO)
    assert made == kommune.round()
    assert (made.unit, made.created_by_name) == ("", "Hanne Myhre")
    asked = kommune.teachers()
    with kommune.session() as session:
        assert sorted(one.key for one in rounds.invited_to(session, made)) == sorted(asked)


def test_the_same_again_makes_one_round_and_sends_nothing_twice(kommune: Rounds) -> None:
    assert kommune.made() == kommune.made(purpose="Noe annet")
    with kommune.session() as session:
        assert len(list_rounds(session)) == 1


def test_a_round_never_reaches_anybody_outside_the_schools(kommune: Rounds) -> None:
    made = kommune.made(audience=("alle",))
    with kommune.session() as session:
        roles = {one.role for one in rounds.invited_to(session, made)}
    assert roles == {"lærer", "tillitsvalgt", "rektor", "avdelingsleder"}


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"discussed_on": None}, "ikke spurt før spørsmålene er drøftet med hovedtillitsvalgt"),
        ({"discussed_on": date(2026, 11, 24)}, "ikke kommet ennå"),
        ({"discussed_on": date(2025, 11, 1)}, "mer enn et år siden"),
        ({"first": date(2026, 11, 22)}, "Første dag er over"),
        ({"first": date(2026, 11, 23)}, "Velg tirsdag 24. november eller senere"),
        ({"first": date(2028, 1, 1), "last": date(2028, 1, 9)}, "mer enn et år fram"),
        ({"last": date(2026, 11, 23)}, "Siste dag må være tirsdag 24. november eller senere"),
        # A Saturday opens on Monday.
        ({"first": date(2026, 11, 28), "last": date(2026, 11, 29)}, "mandag 30. november"),
        ({"last": date(2026, 12, 22)}, "Velg mandag 21. desember eller tidligere"),
        ({"audience": ("gruppe: Noen",)}, "ikke gå til en gruppe"),
        ({"audience": ("lærere", "personer: a@b.no")}, "ikke gå til en gruppe"),
        ({"audience": ("enhet: Nordlia skole",)}, "det rektor der som spør"),
        ({"audience": ("enhet: Finnes ikke",)}, "må det være minst 5"),
        ({"audience": ("tillitsvalgte",)}, "For få blir spurt (1)."),
        ({"set": NAMED, "audience": ("alle",)}, "Bare ledere"),
        ({"set": NAMED, "audience": ("ledere i enhet: Borte",)}, "Ingen i personregisteret"),
    ],
)
def test_what_does_not_protect_people_is_refused_with_what_to_do(
    kommune: Rounds, wanted: dict[str, Any], told: str
) -> None:
    said = kommune.make(**wanted)
    assert isinstance(said, list)
    assert any(told in one for one in said), said
    with kommune.session() as session:
        assert not list_rounds(session)


def test_all_that_is_wrong_is_told_at_once(kommune: Rounds) -> None:
    said = kommune.make(discussed_on=None, last=date(2026, 11, 23), audience=("gruppe: Noen",))
    assert isinstance(said, list)
    assert len(said) == 3


def test_leaders_may_be_asked_today_and_without_a_discussion(kommune: Rounds) -> None:
    made = kommune.made(
        set=LEADERS, audience=("ledere",), first=date(2026, 11, 23), discussed_on=None
    )
    assert made.opens == kommune.now.astimezone(UTC)
    named = kommune.made(set=NAMED, audience=("ledere",), discussed_on=None, id=OTHER)
    assert named.opens > made.opens


def test_a_smallest_group_that_is_raised_holds(kommune: Rounds) -> None:
    kommune.smallest = 20
    said = kommune.make()
    assert isinstance(said, list)
    assert "må det være minst 20" in said[0]


# At most one question set a month


@pytest.mark.parametrize(
    ("first", "near"),
    [
        (date(2026, 11, 30), True),  # the same month
        (date(2026, 12, 14), True),  # twenty days after
        (date(2026, 12, 15), False),
    ],
)
def test_a_laerer_is_asked_once_a_month_with_three_weeks_between(
    kommune: Rounds, first: date, near: bool
) -> None:
    kommune.made()
    said = kommune.make(id=OTHER, set=SURVEY, first=first, last=first + timedelta(days=6))
    if not near:
        assert isinstance(said, Round)
        return
    assert isinstance(said, list)
    assert said == [
        "Noen av lærerne får også «Hvordan går det?», som åpner tirsdag 24. november. En lærer "
        "får høyst én runde i måneden, med minst tre uker mellom. Velg tirsdag 15. desember."
    ]


def test_the_day_that_is_proposed_is_free(kommune: Rounds) -> None:
    kommune.made()
    kommune.made(id=OTHER, first=date(2027, 1, 4), last=date(2027, 1, 10))
    said = kommune.make(id="c" * 32, first=date(2026, 12, 1), last=date(2026, 12, 7))
    assert isinstance(said, list)
    proposed = said[0].rpartition("Velg ")[2]
    assert proposed == "mandag 1. februar."
    assert isinstance(
        kommune.make(id="c" * 32, first=date(2027, 2, 1), last=date(2027, 2, 7)), Round
    )


def test_a_rektors_round_counts_as_well_as_the_skoleeierteams(kommune: Rounds) -> None:
    own = (f"lærere i enhet: {NORDLIA}",)
    kommune.made(DAVID_REKTOR, audience=own)
    said = kommune.make(id=OTHER)
    assert isinstance(said, list)
    assert "høyst én runde i måneden" in said[0]
    # Where nobody would get both, both are well.
    geir = next(one for one in kommune.people if one.role == "tillitsvalgt")
    more = [replace(geir, key=f"strandvik-{n}", role="lærer") for n in range(5)]
    kommune.register([*kommune.people, *more])
    assert isinstance(kommune.make(id=OTHER, audience=("sone: Sone sør",)), Round)


def test_leaders_alone_are_not_counted_among_the_laerere(kommune: Rounds) -> None:
    kommune.made()
    assert isinstance(
        kommune.make(id=OTHER, set=LEADERS, audience=("ledere",), discussed_on=None), Round
    )


def test_what_is_shared_unasked_is_no_round_to_anybody(kommune: Rounds) -> None:
    from storage.rounds import add_round

    made = kommune.made()
    with kommune.session() as session:
        month = replace(made, id="m" * 32, month="2026-12", audience=("alle",))
        month = replace(month, opens=made.opens + timedelta(days=7))
        add_round(session, replace(month, closes=made.closes + timedelta(days=30)))
    assert isinstance(
        kommune.make(id=OTHER, first=date(2026, 12, 15), last=date(2026, 12, 18)), Round
    )


def test_a_cancelled_round_is_not_in_the_way(kommune: Rounds) -> None:
    kommune.made()
    assert isinstance(cancel(kommune), Round)
    assert isinstance(kommune.make(id=OTHER), Round)


# Who may


def test_a_rektor_asks_their_own_school_and_nobody_else(kommune: Rounds) -> None:
    made = kommune.made(DAVID_REKTOR, audience=(f"enhet: {NORDLIA}",))
    assert made.unit == NORDLIA
    for audience in (("lærere",), ("alle",), (f"enhet: {FJELLHEIM}",), ("sone: Sone nord",)):
        said = kommune.make(DAVID_REKTOR, id=OTHER, audience=audience)
        assert said == [
            "Du kan spørre dem som arbeider på Nordlia skole. Velg alle eller lærerne på "
            "skolen din."
        ]


def test_a_rektors_round_needs_the_discussion_too(kommune: Rounds) -> None:
    said = kommune.make(DAVID_REKTOR, audience=(f"enhet: {NORDLIA}",), discussed_on=None)
    assert isinstance(said, list)
    assert "drøftet med hovedtillitsvalgt" in said[0]


def test_a_ledergruppe_is_asked_for_the_kommune_only(kommune: Rounds) -> None:
    said = kommune.make(DAVID_REKTOR, set=LEADERS, audience=(f"enhet: {NORDLIA}",))
    assert isinstance(said, list)
    assert "bare for hele kommunen" in said[0]


def test_what_leaders_alone_answer_is_shown_for_the_kommune_only(kommune: Rounds) -> None:
    """Whatever the question set: a school's leaders are too few, and everybody knows who they are.

    SHORT is a set whose results are shown for schools.
    """
    made = kommune.made(set=SHORT, audience=("ledere",), discussed_on=None)
    assert questions_of(made.asked).finest == "kommune"
    lærere = kommune.made(set=SHORT, audience=("lærere",), id=OTHER)
    assert questions_of(lærere.asked).finest == "skole"


@pytest.mark.parametrize(
    "who", [ANE_LÆRER, KARI_AVDELINGSLEDER, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR]
)
def test_nobody_else_starts_rounds(kommune: Rounds, who: str) -> None:
    said = kommune.make(who)
    assert isinstance(said, list)
    assert "skoleeierteamet som starter" in said[0]


# Changing


def test_a_planned_round_may_move_by_the_same_rules(kommune: Rounds) -> None:
    kommune.made()
    moved = change(kommune, first=date(2026, 11, 26), last=date(2026, 12, 2))
    assert isinstance(moved, Round)
    assert moved.opens.astimezone(OSLO).date() == date(2026, 11, 26)
    assert change(kommune, audience=("gruppe: Noen",)) != moved
    assert kommune.round() == moved
    # Somebody else of the team may; a rektor may not.
    assert isinstance(change(kommune, IVAR_FAGRÅDGIVER, last=date(2026, 12, 3)), Round)
    assert change(kommune, DAVID_REKTOR, last=date(2026, 12, 4)) == [
        "Denne spørrerunden finnes ikke, eller er ikke din å endre. Skriv «spørrerunder», så ser "
        "du dem som er for deg."
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"audience": ("alle",)}, "Da kan bare fristen utsettes"),
        ({"first": date(2026, 12, 1)}, "Da kan bare fristen utsettes"),
        ({"repeat": "måned"}, "Da kan bare fristen utsettes"),
        ({"last": date(2026, 11, 27)}, "bare flyttes til senere"),
        ({"last": date(2026, 12, 22)}, "høyst 28 dager"),
    ],
)
def test_of_an_open_round_only_the_deadline_moves_and_only_to_later(
    kommune: Rounds, changes: dict[str, Any], told: str
) -> None:
    kommune.made()
    kommune.now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    before = kommune.round()
    said = change(kommune, **changes)
    assert isinstance(said, list)
    assert told in said[0]
    assert kommune.round() == before
    later = change(kommune, last=date(2026, 12, 4))
    assert isinstance(later, Round)
    assert later.closes.astimezone(OSLO).date() == date(2026, 12, 5)
    assert (later.asked, later.audience) == (before.asked, before.audience)


def test_a_deadline_does_not_run_into_the_next_round_of_the_same_laerere(kommune: Rounds) -> None:
    kommune.made()
    kommune.made(id=OTHER, first=date(2026, 12, 15), last=date(2026, 12, 18))
    kommune.now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert isinstance(change(kommune, last=date(2026, 12, 14)), Round)
    said = change(kommune, last=date(2026, 12, 15))
    assert isinstance(said, list)
    assert "åpner for noen av de samme lærerne" in said[0]


def test_cancelling_deletes_all_that_was_answered_and_can_be_said_twice(kommune: Rounds) -> None:
    kommune.made(repeat="måned")
    kommune.now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    kommune.vote(ANE_LÆRER, text="Vi trenger tid.")
    with kommune.session() as session:
        save_draft(session, ROUND, GEIR_TILLITSVALGT, {"trivsel": 3})
    assert isinstance(cancel(kommune, DAVID_REKTOR), list)
    assert isinstance(cancel(kommune), Round)
    cancelled = cancel(kommune)
    assert isinstance(cancelled, Round)
    assert cancelled.repeat == ""
    with kommune.session() as session:
        assert not answered_by(session, ROUND)
        assert not tallies(session, ROUND)
        assert not texts_of(session, ROUND)
        assert not draft_of(session, ROUND, GEIR_TILLITSVALGT)
    assert change(kommune, last=date(2026, 12, 4)) == [
        "Runden er avlyst. Svarene er slettet, og ingen får se dem."
    ]


def test_rektors_of_other_schools_neither_change_nor_cancel(kommune: Rounds) -> None:
    kommune.made(DAVID_REKTOR, audience=(f"enhet: {NORDLIA}",))
    for who in (LARS_REKTOR, HANNE_SKOLEEIER, ANE_LÆRER):
        assert isinstance(cancel(kommune, who), list)
    assert kommune.round().cancelled_at is None
    assert isinstance(cancel(kommune, DAVID_REKTOR), Round)


# Repeating


def repeats(kommune: Rounds) -> list[Round]:
    with kommune.session() as session:
        return rounds.make_repeats(
            session, kommune.sending, wording=BOKMÅL, smallest=5, now=kommune.now
        )


def close(kommune: Rounds, id: str, now: datetime) -> None:
    from dialogs.checkins.closing import close_round

    kommune.now = now
    with kommune.session() as session:
        assert close_round(session, kommune.sending, id, now, 5)


def test_a_series_goes_on_when_the_last_one_has_closed(kommune: Rounds) -> None:
    first = kommune.made(repeat="måned")
    assert repeats(kommune) == []  # it is open, or to come
    close(kommune, ROUND, datetime(2026, 12, 1, 3, tzinfo=UTC))
    (second,) = repeats(kommune)
    assert repeats(kommune) == []
    # The 24th is in the Christmas holiday: the first school day after it that is free.
    assert second.opens.astimezone(OSLO).date() == date(2027, 1, 4)
    assert (second.asked, second.discussed_on, second.series) == (first.asked, DISCUSSED, ROUND)
    assert second.closes - second.opens == first.closes - first.opens
    close(kommune, second.id, second.closes)
    (third,) = repeats(kommune)
    # The 24th of January is a Sunday, and the first day that is three weeks and a month after.
    assert third.opens.astimezone(OSLO).date() == date(2027, 2, 1)


def test_a_series_ends_when_it_is_stopped(kommune: Rounds) -> None:
    kommune.made(repeat="halvår")
    kommune.now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert isinstance(change(kommune, repeat=""), Round)
    close(kommune, ROUND, datetime(2026, 12, 1, 3, tzinfo=UTC))
    assert repeats(kommune) == []


def test_a_rektors_series_ends_with_the_rektor(kommune: Rounds) -> None:
    kommune.made(DAVID_REKTOR, audience=(f"enhet: {NORDLIA}",), repeat="måned")
    close(kommune, ROUND, datetime(2026, 12, 1, 3, tzinfo=UTC))
    kommune.register([one for one in kommune.people if one.key != DAVID_REKTOR])
    assert repeats(kommune) == []
    kommune.register(kommune.people)
    assert len(repeats(kommune)) == 1


def test_a_series_waits_while_its_people_are_too_few(kommune: Rounds) -> None:
    kommune.made(repeat="år")
    close(kommune, ROUND, datetime(2026, 12, 1, 3, tzinfo=UTC))
    kommune.register([one for one in kommune.people if one.role != "lærer"])
    assert repeats(kommune) == []
    kommune.register(kommune.people)
    (next,) = repeats(kommune)
    assert next.opens.astimezone(OSLO).date() == date(2027, 11, 24)
