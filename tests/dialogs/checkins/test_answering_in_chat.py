"""A question at a time in the chat, for clients where a card can't be filled in."""

from datetime import timedelta

import pytest

from dialogs.messages import TextReply
from knowledge.library import Library
from storage.database import Database
from tests.dialogs.checkins.asking import SURVEY, Asking, question_set
from tests.dialogs.kommune import ANE_LÆRER, BJØRN_LÆRER, DAVID_REKTOR, buttons
from tests.dialogs.shown import shown

CHAT = "Svar her i chatten, ett spørsmål om gangen"


@pytest.fixture
def kommune(library: Library, database: Database) -> Asking:
    kommune = Asking(library, database)
    kommune.ask(question_set())
    return kommune


def begin(kommune: Asking, who: str = ANE_LÆRER) -> str:
    return shown(kommune.follow(who, buttons(kommune.open(who))[CHAT]))


def test_a_reflection_is_answered_a_question_at_a_time(kommune: Asking) -> None:
    first = begin(kommune)
    assert "ingen ser hva du har svart" in first
    assert "Spørsmål 1 av 3" in first
    assert "1 er «dårlig», 5 er «godt»" in first
    second = shown(kommune.write(ANE_LÆRER, "4"))
    assert "Spørsmål 2 av 3" in second
    assert "2: Litt" in second
    third = shown(kommune.write(ANE_LÆRER, "litt"))
    assert "Skriv «hopp over»" in third
    end = shown(kommune.write(ANE_LÆRER, "Mer tid til samarbeid."))
    assert "Mer tid til samarbeid." in end
    assert kommune.counted() == {}
    assert "Sendt." in shown(kommune.write(ANE_LÆRER, "send"))
    assert kommune.counted() == {("trivsel", 4): 1, ("tid", 2): 1}
    assert [one.text for one in kommune.texts()] == ["Mer tid til samarbeid."]
    assert kommune.draft(ANE_LÆRER) == {}


def test_nothing_of_what_was_typed_stays_in_the_conversation(kommune: Asking) -> None:
    begin(kommune)
    for said in ("4", "litt", "Mer tid til samarbeid."):
        kommune.write(ANE_LÆRER, said)
        digest, doing = kommune.remembered(ANE_LÆRER)
        assert digest == ""
        assert set(doing) == {"round", "question", "at"}
    kommune.write(ANE_LÆRER, "send")
    assert kommune.remembered(ANE_LÆRER) == ("", None)


def test_a_pair_of_scales_is_answered_with_two_numbers(
    library: Library, database: Database
) -> None:
    kommune = Asking(library, database)
    kommune.ask(question_set(**SURVEY))
    begin(kommune)
    pair = shown(kommune.write(ANE_LÆRER, "lang"))
    assert "Kompetanse? 1 er «liten», 5 er «stor»." in pair
    assert "Tema Digital handler om noe." in pair
    for said in ("5 og 4", "2, 5", "hopp over", "3 3"):
        kommune.write(ANE_LÆRER, said)
    kommune.write(ANE_LÆRER, "send")
    assert len(kommune.counted()) == 6


def test_a_question_to_the_bot_in_between_is_answered_and_the_open_one_comes_again(
    kommune: Asking,
) -> None:
    begin(kommune)
    answer, again = kommune.write(ANE_LÆRER, "Hva er PRUVA?")
    assert isinstance(answer, TextReply)
    assert answer.sources
    assert "Spørsmål 1 av 3" in shown([again])
    assert "Spørsmål 2 av 3" in shown(kommune.write(ANE_LÆRER, "4"))


def test_a_question_that_was_meant_as_the_answer_can_be_used(kommune: Asking) -> None:
    begin(kommune)
    kommune.write(ANE_LÆRER, "4")
    kommune.write(ANE_LÆRER, "1")
    _, again = kommune.write(ANE_LÆRER, "Hvordan får vi mer tid?")
    use = buttons([again])["Bruk «Hvordan får vi mer tid?» som svar"]
    assert "Hvordan får vi mer tid?" in shown(kommune.follow(ANE_LÆRER, use))
    kommune.write(ANE_LÆRER, "send")
    assert [one.text for one in kommune.texts()] == ["Hvordan får vi mer tid?"]


def test_what_is_no_answer_says_what_to_write(kommune: Asking) -> None:
    begin(kommune)
    said = shown(kommune.write(ANE_LÆRER, "sånn passe"))
    assert "Velg et tall fra 1 til 5." in said
    assert "Spørsmål 1 av 3" in said


def test_words_that_stand_for_buttons_work_here_too(kommune: Asking) -> None:
    begin(kommune)
    assert "må ha et svar" in shown(kommune.write(ANE_LÆRER, "hopp over"))
    kommune.write(ANE_LÆRER, "4")
    assert "Spørsmål 1 av 3" in shown(kommune.write(ANE_LÆRER, "tilbake"))
    assert "Spørsmål 2 av 3" in shown(kommune.write(ANE_LÆRER, "neste"))
    assert "er lagret" in shown(kommune.write(ANE_LÆRER, "senere"))
    assert kommune.remembered(ANE_LÆRER)[1] is None
    assert "Spørsmål 2 av 3" in begin(kommune)


def test_the_same_words_work_in_steg_for_steg_as_before(kommune: Asking) -> None:
    kommune.press(DAVID_REKTOR, "start", guide="plan", draft="a" * 32)
    kommune.write(DAVID_REKTOR, "Vi vil lykkes.")
    assert "Hva vil dere?" in shown(kommune.write(DAVID_REKTOR, "tilbake"))
    assert "Du har ikke noe utkast" in shown(kommune.write(ANE_LÆRER, "tilbake"))


def test_a_worry_is_stopped_before_anything_is_kept(kommune: Asking) -> None:
    begin(kommune)
    kommune.write(ANE_LÆRER, "4")
    kommune.write(ANE_LÆRER, "1")
    said = kommune.write(ANE_LÆRER, "En elev i klassen min blir slått hjemme.")
    assert "slått" not in shown(said)
    assert set(kommune.draft(ANE_LÆRER)) == {"trivsel", "tid"}


def test_what_is_written_after_the_round_closed_is_refused_and_forgotten(kommune: Asking) -> None:
    begin(kommune)
    kommune.write(ANE_LÆRER, "4")
    with kommune.session() as session:
        from dataclasses import replace

        from storage.rounds import change_round, find_round

        round = find_round(session, "r" * 32)
        assert round is not None
        change_round(session, replace(round, closes=kommune.now))
    assert "er lukket" in shown(kommune.write(ANE_LÆRER, "2"))
    assert kommune.draft(ANE_LÆRER) == {}
    assert kommune.remembered(ANE_LÆRER)[1] is None


def test_after_another_card_or_a_long_time_what_is_written_is_a_question(kommune: Asking) -> None:
    begin(kommune)
    kommune.open(ANE_LÆRER)
    assert "Spørsmål" not in shown(kommune.write(ANE_LÆRER, "4"))
    begin(kommune)
    kommune.now += timedelta(hours=5)
    assert "Spørsmål" not in shown(kommune.write(ANE_LÆRER, "4"))
    assert kommune.draft(ANE_LÆRER) == {}


def test_it_is_in_nynorsk_for_those_who_write_it(kommune: Asking) -> None:
    title = "Svar her i chatten, eitt spørsmål om gongen"
    first = shown(kommune.follow(BJØRN_LÆRER, buttons(kommune.open(BJØRN_LÆRER))[title]))
    assert "Korleis går det med trivsel?" in first
