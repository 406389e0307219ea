"""Answering a short reflection: half a minute, once, and nobody can take it back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dialogs.messages import Message, MessageKind
from knowledge.library import Library
from storage.ballots import answered_by, named_answer_of
from storage.database import Database
from storage.rounds import change_round, find_round
from tests.dialogs.checkins.asking import FILLED, ROUND, Asking, inputs, question_set
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    KARI_AVDELINGSLEDER,
    UNKNOWN,
    buttons,
)
from tests.dialogs.shown import shown

SENT = "Sendt. Svarene dine kan ikke hentes fram igjen, heller ikke av deg."


@pytest.fixture
def kommune(library: Library, database: Database) -> Asking:
    return Asking(library, database)


@pytest.fixture
def asked(kommune: Asking) -> Asking:
    kommune.ask(question_set())
    return kommune


def change(kommune: Asking, **changes: Any) -> None:
    from dataclasses import replace

    with kommune.session() as session:
        round = find_round(session, ROUND)
        assert round is not None
        change_round(session, replace(round, **changes))


# The card


def test_the_card_says_who_sees_what_before_the_first_question(asked: Asking) -> None:
    lines = shown(asked.open(ANE_LÆRER)).splitlines()
    assert lines[0] == "Hvordan går det?"
    assert lines[1].startswith(
        "Svarene vises bare samlet for minst 5 personer: Skolen ser sitt eget resultat,"
        " skoleeierteamet ser kommunens og sonenes (og skolens hvis rektor deler det), alle andre"
        " ser bare kommunens, og ingen ser hva du har svart."
    )
    first_question = next(n for n, line in enumerate(lines) if "trivsel" in line)
    assert first_question > 1
    assert "Siste dag å svare: fredag 27. november. Det tar et halvt minutt." in shown(
        asked.open(ANE_LÆRER)
    )
    assert set(inputs(asked.open(ANE_LÆRER))) == {*FILLED, "tell_unit"}


def test_the_sentence_follows_whom_the_results_are_shown_for(kommune: Asking) -> None:
    kommune.ask(question_set(finest="kommune"))
    kommune.ask(question_set(), id="s" * 32, unit="Nordlia skole")
    whole = shown(kommune.open(ANE_LÆRER))
    assert "samlet for hele kommunen og for minst 5 personer, aldri for skolen din" in whole
    assert "Del det med skolens navn" not in whole
    own = shown(kommune.open(ANE_LÆRER, "s" * 32))
    assert "til dere som arbeider ved Nordlia skole" in own
    assert "(og til skoleeierteamet hvis rektor deler resultatet)" in own
    assert "Del det med skolens navn" not in own


def test_the_card_is_in_nynorsk_for_those_who_write_it(asked: Asking) -> None:
    card = shown(asked.open(BJØRN_LÆRER))
    assert "Korleis går det?" in card
    assert "ingen ser kva du har svart" in card


# Sending


def test_answers_are_counted_and_the_person_is_told_that_they_are_out_of_reach(
    asked: Asking,
) -> None:
    card = asked.open(ANE_LÆRER)
    sent = asked.follow(
        ANE_LÆRER, buttons(card)["Send"], **FILLED | {"stotte__value": "Mer tid sammen."}
    )
    assert SENT in shown(sent)
    assert "Resultatet kommer mandag 30. november." in shown(sent)
    assert asked.counted() == {("trivsel", 4): 1, ("tid", 2): 1}
    (text,) = asked.texts()
    assert (text.question, text.text, text.unit) == ("stotte", "Mer tid sammen.", "")


def test_the_school_role_and_no_more_go_with_the_answers(asked: Asking) -> None:
    asked.answer(ANE_LÆRER)
    asked.answer(DAVID_REKTOR)
    asked.answer(GEIR_TILLITSVALGT)
    assert {
        (one.name, one.zone, one.school_type) for one in asked.tallies() if one.facet == "sted"
    } == {
        ("Nordlia skole", "Sone nord", "barneskole"),
        ("Strandvik ungdomsskole", "Sone sør", "ungdomsskole"),
    }
    roles = {(one.name, one.count) for one in asked.tallies() if one.facet == "rolle"}
    assert roles == {("lærer", 2), ("leder", 1)}
    assert not [one for one in asked.tallies() if one.facet == "erfaring"]


def test_where_only_the_kommune_is_shown_the_school_is_not_kept(kommune: Asking) -> None:
    kommune.ask(question_set(finest="kommune"))
    kommune.answer(ANE_LÆRER, stotte="Mer tid.", tell_unit="ja")
    assert {(one.name, one.zone, one.school_type) for one in kommune.tallies()} == {
        ("", "", ""),
        ("lærer", "", ""),
    }


def test_the_school_is_told_with_a_text_only_when_it_is_ticked(asked: Asking) -> None:
    given = FILLED | {"stotte__value": "Mer tid.", "tell_unit": "ja"}
    asked.follow(ANE_LÆRER, buttons(asked.open(ANE_LÆRER))["Send"], **given)
    asked.answer(KARI_AVDELINGSLEDER, stotte="Mer rom.")
    assert {(one.text, one.unit) for one in asked.texts()} == {
        ("Mer tid.", "Nordlia skole"),
        ("Mer rom.", ""),
    }


def test_what_is_missing_is_asked_for_with_what_was_written(asked: Asking) -> None:
    again = asked.answer(ANE_LÆRER, trivsel="", stotte="Mer tid.")
    assert "Velg et tall fra 1 til 5." in shown(again)
    assert inputs(again)["tid__value"] == "litt"
    assert inputs(again)["stotte__value"] == "Mer tid."
    assert asked.counted() == {}
    assert SENT in shown(asked.answer(ANE_LÆRER))


def test_sending_nothing_is_told_kindly(kommune: Asking) -> None:
    section = question_set().section[0].model_dump()
    section["step"] = section["step"][-1:]
    kommune.ask(question_set(section=(section,)))
    again = kommune.press(ANE_LÆRER, "round_answer", round=ROUND, stotte__value="  ")
    assert "Svar på minst ett spørsmål" in shown(again)
    with kommune.session() as session:
        assert answered_by(session, ROUND) == set()


def test_a_worry_is_stopped_before_anything_is_kept(asked: Asking) -> None:
    worry = "En elev i klassen min blir slått hjemme."
    replies = asked.answer(ANE_LÆRER, stotte=worry)
    assert "slått" not in shown(replies)
    assert "Rett teksten i kortet over" in shown(replies)
    assert (asked.counted(), asked.texts(), asked.draft(ANE_LÆRER)) == ({}, [], {})
    assert SENT in shown(asked.answer(ANE_LÆRER))


# Again, late, and not theirs


def test_pressing_twice_is_one_ballot_and_the_first_counts(asked: Asking) -> None:
    first = asked.answer(ANE_LÆRER)
    again = asked.answer(ANE_LÆRER, trivsel="1")
    assert SENT in shown(first)
    assert SENT in shown(again)
    assert "Det første du sendte, teller." in shown(again)
    assert asked.counted() == {("trivsel", 4): 1, ("tid", 2): 1}
    assert SENT in shown(asked.open(ANE_LÆRER))


@pytest.mark.parametrize("new_ids", [False, True])
def test_teams_delivering_the_answer_four_times_is_one_ballot(asked: Asking, new_ids: bool) -> None:
    replies = []
    for number in range(4):
        asked.now += timedelta(seconds=1)
        message = Message(
            id=f"same {number if new_ids else 0}",
            conversation=f"chat with {ANE_LÆRER}",
            sender=ANE_LÆRER,
            arrived=asked.now,
            kind=MessageKind.BUTTON,
            value={"verb": "round_answer", "round": ROUND, **FILLED},
        )
        replies += asked.assistant.handle(message)
    assert len(replies) == (4 if new_ids else 1)
    assert all(SENT in shown([one]) for one in replies)
    assert asked.counted() == {("trivsel", 4): 1, ("tid", 2): 1}


def test_a_late_answer_is_refused_kindly_with_when_the_result_comes(asked: Asking) -> None:
    asked.now = datetime(2026, 11, 27, 23, 30, tzinfo=UTC)
    late = shown(asked.answer(ANE_LÆRER))
    assert "siste dag å svare var fredag 27. november" in late
    assert "Resultatet kommer mandag 30. november." in late
    assert asked.counted() == {}


def test_a_round_that_is_not_open_or_is_cancelled_says_so(asked: Asking) -> None:
    change(asked, opens=asked.now + timedelta(days=1))
    assert "er ikke åpnet ennå" in shown(asked.answer(ANE_LÆRER))
    change(asked, opens=asked.now - timedelta(days=1), cancelled_at=asked.now)
    assert "er avlyst" in shown(asked.answer(ANE_LÆRER))
    assert asked.counted() == {}


def test_only_those_who_are_asked_may_answer(kommune: Asking) -> None:
    kommune.ask(question_set(), audience=("lærere i sone: Sone nord",))
    for other in (BJØRN_LÆRER, DAVID_REKTOR, HANNE_SKOLEEIER):
        assert SENT not in shown(kommune.answer(other)), other
        assert "trivsel" not in shown(kommune.open(other)), other
    assert "personregister" in shown(kommune.answer(UNKNOWN))
    assert kommune.counted() == {}
    assert SENT in shown(kommune.answer(ANE_LÆRER))


@pytest.mark.parametrize(
    "forged",
    [
        {"trivsel__value": "6"},
        {"trivsel__value": -1},
        {"trivsel__value": {"a": 1}},
        {"trivsel__value": True},
        {"tid__value": "aldri"},
        {"tid__value": ["ja"]},
        {"stotte__value": 7},
        {"stotte__value": "x" * 4_000},
        {"round": "somewhere"},
        {"round": None},
        {"round": ["r"]},
        {"round": "x" * 100_000},
    ],
)
def test_what_is_forged_is_never_counted(asked: Asking, forged: dict[str, Any]) -> None:
    value = {"round": ROUND, **FILLED, **forged}
    assert SENT not in shown(asked.press(ANE_LÆRER, "round_answer", **value))
    assert asked.counted() == {}
    assert asked.texts() == []


def test_fields_that_are_not_asked_are_not_kept(asked: Asking) -> None:
    asked.answer(ANE_LÆRER, other="5", erfaring="lang")
    assert set(asked.counted()) == {("trivsel", 4), ("tid", 2)}
    assert not [one for one in asked.tallies() if one.facet == "erfaring"]


@pytest.mark.parametrize(
    "verb",
    [
        *("ballot_begin", "ballot_show", "ballot_next", "ballot_back", "ballot_later"),
        *("ballot_own", "ballot_send", "ballot_chat", "ballot_use_text"),
    ],
)
def test_buttons_of_another_kind_of_round_count_nothing(asked: Asking, verb: str) -> None:
    for section in (None, "alt", "@", 3):
        replies = asked.press(ANE_LÆRER, verb, round=ROUND, section=section, **FILLED)
        assert replies
    assert asked.counted() == {}


def test_nothing_of_the_answers_stays_in_the_conversation(asked: Asking) -> None:
    asked.answer(ANE_LÆRER, stotte="Mer tid.")
    assert asked.remembered(ANE_LÆRER) == ("", None)
    asked.answer(BJØRN_LÆRER, trivsel="", stotte="Meir tid.")
    assert asked.remembered(BJØRN_LÆRER)[0] == ""


# With names


def test_rektor_answers_for_the_school_and_may_change_it_until_the_round_closes(
    kommune: Asking,
) -> None:
    kommune.ask(question_set(visibility="navngitt"), audience=("ledere",))
    card = kommune.open(DAVID_REKTOR)
    assert "Svaret vises med skolens navn og ditt" in shown(card)
    sent = kommune.follow(DAVID_REKTOR, buttons(card)["Send svaret for skolen"], **FILLED)
    assert "Svaret for Nordlia skole er sendt, med skolens navn og ditt." in shown(sent)
    change = kommune.follow(DAVID_REKTOR, buttons(sent)["Endre svaret"])
    assert inputs(change)["trivsel__value"] == "4"
    kommune.answer(DAVID_REKTOR, trivsel="2")
    with kommune.session() as session:
        kept = named_answer_of(session, ROUND, "Nordlia skole")
    assert kept is not None
    assert (kept.person_name, kept.answers["trivsel"]) == ("David Lunde", 2)
    assert kommune.counted() == {}


def test_others_than_rektor_and_the_deputy_do_not_answer_for_the_school(kommune: Asking) -> None:
    kommune.ask(question_set(visibility="navngitt"), audience=("ledere",))
    assert "Rektor svarer for Nordlia skole" in shown(kommune.answer(KARI_AVDELINGSLEDER))
    from storage.shared import name_deputy

    with kommune.session() as session:
        name_deputy(session, "Nordlia skole", KARI_AVDELINGSLEDER, by=DAVID_REKTOR, at=kommune.now)
    assert "er sendt" in shown(kommune.answer(KARI_AVDELINGSLEDER))
    now = shown(kommune.open(DAVID_REKTOR))
    assert "Svaret som gjelder nå, ble sendt av Kari Moen" in now
