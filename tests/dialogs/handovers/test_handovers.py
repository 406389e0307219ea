"""What people see of «spør en fagrådgiver»: who hears what, once, and what is never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dialogs.handovers.nightly import keep_handovers
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, Reply
from knowledge.documents import read_documents
from knowledge.library import HOME, Library
from knowledge.norwegian import WordLists
from storage.database import Database
from storage.handovers import Handover, add_handover, find_handover, handovers_of
from storage.my_rows import rows_about
from storage.people import find_person
from storage.retention import delete_expired
from storage.shared import cards_about
from tests.dialogs.handovers.desk_world import OTHER_ADVISER, QUESTION, Desk
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    IVAR_FAGRÅDGIVER,
    buttons,
    choice,
)
from tests.dialogs.shown import shown
from tests.knowledge.files import write

NIGHT = datetime(2026, 11, 23, 22, tzinfo=UTC)


@pytest.fixture
def desk(library: Library, database: Database) -> Desk:
    return Desk(library, database)


def titles(replies: list[Reply]) -> list[str]:
    return [one.title for one in replies if isinstance(one, CardReply)]


# Asking


def test_both_fagrådgivere_hear_of_it_and_nobody_else(desk: Desk) -> None:
    desk.ask()
    sent = desk.soon()
    assert sent.keys() == {IVAR_FAGRÅDGIVER, OTHER_ADVISER}
    assert QUESTION in shown(sent[IVAR_FAGRÅDGIVER])
    assert "Ane Solbakk, Nordlia skole, i dag" in shown(sent[IVAR_FAGRÅDGIVER])


def test_several_within_an_hour_are_one_message(desk: Desk) -> None:
    for number in range(3):
        desk.ask(f"Spørsmål nummer {number} om PRUVA?")
    assert titles(desk.soon()[IVAR_FAGRÅDGIVER]) == ["3 nye spørsmål"]
    desk.ask("Spørsmål nummer 4 om PRUVA?")
    assert IVAR_FAGRÅDGIVER not in desk.soon()
    desk.now += timedelta(minutes=50)
    assert titles(desk.soon()[IVAR_FAGRÅDGIVER]) == ["4 nye spørsmål"]


def test_nobody_is_disturbed_in_the_night_or_when_it_is_taken_already(desk: Desk) -> None:
    desk.now = NIGHT
    id = desk.ask()
    assert desk.soon() == {}
    desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    desk.now = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert desk.soon() == {}


def test_a_fagrådgiver_may_ask_but_not_answer_their_own(desk: Desk) -> None:
    id = desk.ask(who=IVAR_FAGRÅDGIVER)
    assert desk.soon().keys() == {OTHER_ADVISER}
    assert "finnes ikke" in shown(desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id))
    assert QUESTION not in shown(desk.write(IVAR_FAGRÅDGIVER, "innboks"))


def test_the_same_question_from_another_card_is_not_sent_twice(desk: Desk) -> None:
    id = desk.ask()
    assert desk.ask() == id
    with desk.session() as session:
        assert len(handovers_of(session, ANE_LÆRER)) == 1


def test_a_text_that_is_too_long_comes_back_as_it_was(desk: Desk) -> None:
    card = desk.write(ANE_LÆRER, "spør en fagrådgiver")
    long = "Hva er PRUVA? " * 80
    again = desk.follow(ANE_LÆRER, buttons(card)["Send"], text=long)
    assert "1119 tegn" in shown(again)
    assert long.strip() in shown(again)


def test_there_is_an_end_to_how_many_may_wait(desk: Desk) -> None:
    for number in range(10):
        desk.ask(f"Spørsmål nummer {number} om PRUVA?")
    card = desk.write(ANE_LÆRER, "spør en fagrådgiver")
    refused = shown(desk.follow(ANE_LÆRER, buttons(card)["Send"], text="Enda et om PRUVA?"))
    assert "10 spørsmål som venter" in refused
    assert "Enda et om PRUVA?" in refused


# Taking and answering


def test_the_cards_of_others_are_changed_when_somebody_takes_it(desk: Desk) -> None:
    id = desk.ask()
    desk.soon()
    desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    changed = desk.outgoing_at(desk.now + timedelta(minutes=1))
    assert {one.conversation for one in changed} == {
        f"chat with {IVAR_FAGRÅDGIVER}",
        f"chat with {OTHER_ADVISER}",
    }
    assert all(one.replaces for one in changed)
    of_other = next(one.reply for one in changed if OTHER_ADVISER in one.conversation)
    assert "Ivar Kleiva har tatt" in shown([of_other])
    assert "Jeg tar det" not in shown([of_other])


def test_what_is_withdrawn_disappears_from_the_cards_and_from_us(desk: Desk) -> None:
    id = desk.ask()
    desk.soon()
    desk.press(ANE_LÆRER, "handover_withdraw", handover=id)
    changed = desk.outgoing_at(desk.now + timedelta(minutes=1))
    assert len(changed) == 2
    assert QUESTION not in shown([one.reply for one in changed])
    assert desk.handover(id).question == ""


def test_deleting_what_is_kept_about_one_takes_the_questions_and_the_cards(desk: Desk) -> None:
    id = desk.ask()
    desk.soon()
    desk.press(ANE_LÆRER, "my_data_delete", sure=True)
    with desk.session() as session:
        assert find_handover(session, id) is None
    changed = desk.outgoing_at(desk.now + timedelta(minutes=1))
    assert len(changed) == 2
    assert QUESTION not in shown([one.reply for one in changed])


@pytest.mark.parametrize("given_back", [False, True])
def test_deleting_takes_the_words_off_the_cards_of_who_saw_them_taken(
    desk: Desk, given_back: bool
) -> None:
    id = desk.ask()
    desk.soon()
    desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    if given_back:
        desk.press(IVAR_FAGRÅDGIVER, "handover_give_back", handover=id)
    assert QUESTION in str(desk.soon()[OTHER_ADVISER])
    desk.press(ANE_LÆRER, "my_data_delete", sure=True)
    changed = desk.soon()
    assert set(changed) == {IVAR_FAGRÅDGIVER, OTHER_ADVISER}
    assert QUESTION not in str(changed)


def test_two_who_take_it_at_once_are_one_and_the_other_is_told(
    library: Library, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'desk.db'}")
    database.migrate()
    desk = Desk(library, database)
    id = desk.ask()
    with ThreadPoolExecutor(2) as both:
        pressed = [
            both.submit(desk.press, who, "handover_take", handover=id)
            for who in (IVAR_FAGRÅDGIVER, OTHER_ADVISER)
        ]
        texts = sorted(shown(one.result()) for one in pressed)
    assert sum("Svar til Ane Solbakk" in text for text in texts) == 1
    assert sum("har tatt" in text for text in texts) == 1
    database.close()


def test_an_answer_may_quote_a_passage_and_the_asker_reads_it_once(desk: Desk) -> None:
    id = desk.ask()
    card = desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    passage = choice(card, "passage").options[1][0]
    sent = buttons(card)["Send svaret"]
    desk.follow(IVAR_FAGRÅDGIVER, sent, text="Se her.", passage=passage)
    again = desk.follow(IVAR_FAGRÅDGIVER, sent, text="Se her.", passage=passage)
    assert titles(again) == ["Svaret er sendt til Ane Solbakk"]
    told = desk.soon()[ANE_LÆRER]
    assert titles(told) == ["Svar på spørsmålet ditt"]
    read = shown(told)
    assert all(one in read for one in (QUESTION, "Ivar Kleiva svarer", "Se her.", "«", "› PRUVA"))
    assert ANE_LÆRER not in desk.soon()


def test_a_passage_of_a_document_without_headings_may_be_quoted(
    tmp_path: Path, database: Database
) -> None:
    write(tmp_path / "regler.md", "Elevene får et eple hver fredag.\n")
    documents, _ = read_documents(tmp_path)
    desk = Desk(Library(documents, [], WordLists.read(HOME / "words")), database)
    id = desk.ask("Får elevene eple eller pære på fredag?")
    card = desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    assert "1. regler: Elevene får et eple hver fredag." in shown(card)


def test_a_passage_that_is_gone_is_said_and_the_answer_stays(desk: Desk) -> None:
    id = desk.ask()
    card = desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    again = desk.follow(IVAR_FAGRÅDGIVER, buttons(card)["Send svaret"], text="Se.", passage="x")
    assert "finnes ikke lenger" in shown(again)
    assert "Se." in shown(again)
    assert desk.handover(id).state == "tildelt"


def test_an_answer_with_personal_data_is_not_kept_but_not_lost_either(desk: Desk) -> None:
    id = desk.ask()
    card = desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    text = "Ring moren til Lise Berg i 4B, hun heter Kari og bor i Storgata 4."
    again = desk.follow(IVAR_FAGRÅDGIVER, buttons(card)["Send svaret"], text=text)
    assert "ikke sendt" in shown(again)
    assert text in shown(again)
    assert desk.handover(id).answer == ""


def test_advice_about_hard_things_can_be_sent(desk: Desk) -> None:
    id = desk.ask()
    for text in ("Er dere i tvil, så drøft det med barnevernet.", "Aktivitetsplikten gjelder da."):
        card = desk.press(IVAR_FAGRÅDGIVER, "handover_open", handover=id)
        if desk.handover(id).state == "ny":
            card = desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
        if desk.handover(id).state == "tildelt":
            sent = desk.follow(IVAR_FAGRÅDGIVER, buttons(card)["Send svaret"], text=text)
            assert "Svaret er sendt" in shown(sent)
        more = desk.press(ANE_LÆRER, "handover_wonder", handover=id)
        desk.follow(ANE_LÆRER, buttons(more)["Send"], text="Og ellers?")


def test_an_answer_to_what_has_changed_since_is_asked_for_again(desk: Desk) -> None:
    id = desk.ask()
    card = desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    old = buttons(card)["Send svaret"]
    desk.follow(IVAR_FAGRÅDGIVER, old, text="Slik.")
    more = desk.press(ANE_LÆRER, "handover_wonder", handover=id)
    desk.follow(ANE_LÆRER, buttons(more)["Send"], text="Og på 9. trinn?")
    again = desk.follow(IVAR_FAGRÅDGIVER, old, text="Slik der også.")
    assert "endret siden kortet kom" in shown(again)
    assert "Og på 9. trinn?" in shown(again)
    assert "Slik der også." in shown(again)
    sent = desk.follow(IVAR_FAGRÅDGIVER, buttons(again)["Send svaret"], text="Slik der også.")
    assert titles(sent) == ["Svaret er sendt til Ane Solbakk"]


def test_wondering_twice_from_one_card_is_sent_once(desk: Desk) -> None:
    id = desk.ask()
    desk.take_and_answer(id)
    more = buttons(desk.press(ANE_LÆRER, "handover_wonder", handover=id))["Send"]
    desk.follow(ANE_LÆRER, more, text="Og på 9. trinn?")
    desk.follow(ANE_LÆRER, more, text="Og på 9. trinn?")
    assert desk.handover(id).question.count("Og på 9. trinn?") == 1


def test_what_is_given_back_goes_to_the_others_and_not_to_who_gave_it(desk: Desk) -> None:
    id = desk.ask()
    desk.soon()
    desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=id)
    desk.press(IVAR_FAGRÅDGIVER, "handover_give_back", handover=id)
    desk.now += timedelta(hours=1)
    new = {
        one.conversation
        for one in desk.outgoing_at(desk.now + timedelta(minutes=5))
        if not one.replaces
    }
    assert new == {f"chat with {OTHER_ADVISER}"}


# The night


def night(desk: Desk, days: int = 0) -> None:
    desk.now += timedelta(days=days)
    keep_handovers(desk.database, SendingTimes(), desk.now)


def test_an_answer_that_nobody_minds_is_closed_after_a_fortnight(desk: Desk) -> None:
    id = desk.ask()
    desk.take_and_answer(id)
    desk.soon()
    night(desk, days=13)
    assert desk.handover(id).state == "besvart"
    night(desk, days=2)
    assert desk.handover(id).state == "lukket"
    assert ANE_LÆRER not in desk.soon()


def test_who_leaves_takes_their_questions_along_and_leaves_others_to_the_rest(
    desk: Desk,
) -> None:
    closed, new = desk.ask(), desk.ask("Hva er hjørneflagg?", BJØRN_LÆRER)
    desk.soon()
    desk.press(IVAR_FAGRÅDGIVER, "handover_take", handover=new)
    desk.roles(**{ANE_LÆRER: "", IVAR_FAGRÅDGIVER: ""})
    desk.now += timedelta(hours=2)
    night(desk)
    assert desk.handover(closed).state == "lukket"
    assert (desk.handover(new).state, desk.handover(new).assigned) == ("ny", "")
    told = desk.soon()[OTHER_ADVISER]
    assert "Hva er hjørneflagg?" in shown(told)
    assert QUESTION not in shown(told)
    night(desk)
    assert desk.soon() == {}


# What is kept


def test_questions_are_kept_as_long_as_the_table_says(desk: Desk) -> None:
    closed, withdrawn, waiting = desk.ask(), desk.ask("Trukket om PRUVA?"), desk.ask("Venter?")
    desk.take_and_answer(closed)
    desk.press(ANE_LÆRER, "handover_thanks", handover=closed)
    desk.press(ANE_LÆRER, "handover_withdraw", handover=withdrawn)

    def left(days: int) -> set[str]:
        with desk.session() as session:
            delete_expired(session, desk.now.date() + timedelta(days=days))
            return {one.id for one in handovers_of(session, ANE_LÆRER)}

    assert left(365) == {closed, withdrawn, waiting}
    assert left(366) == {waiting}
    assert left(2 * 365) == {waiting}
    assert left(2 * 365 + 1) == set()


def test_people_find_what_they_asked_and_what_they_answered(desk: Desk) -> None:
    desk.take_and_answer(desk.ask(), "Slik gjør dere.")
    with desk.session() as session:
        ane, ivar = find_person(session, ANE_LÆRER), find_person(session, IVAR_FAGRÅDGIVER)
        assert ane is not None
        assert ivar is not None
        (asked,) = rows_about(session, ane)["handover"]
        (answered,) = rows_about(session, ivar)["handover_answer"]
    assert (asked["question"], asked["answer"]) == (QUESTION, "Slik gjør dere.")
    assert "question" not in answered  # that is the asker's


def test_who_has_no_part_in_it_sees_nothing_of_it(desk: Desk) -> None:
    id = desk.ask()
    desk.take_and_answer(id, "Slik gjør dere.")
    verbs = ("mine", "withdraw", "thanks", "wonder", "send_more", "open", "take", "answer")
    for who in (DAVID_REKTOR, ELI_REKTOR, BJØRN_LÆRER):
        for verb in verbs:
            text = shown(desk.press(who, f"handover_{verb}", handover=id, text="Hei", base=2))
            assert QUESTION not in text
            assert "Slik gjør dere." not in text
    assert desk.handover(id).state == "besvart"


def test_an_id_that_is_somebody_elses_is_no_way_in(desk: Desk) -> None:
    id = desk.ask()
    told = desk.press(BJØRN_LÆRER, "handover_send", new=id, text="Mitt spørsmål om PRUVA?")
    assert "borte" in shown(told)
    assert desk.handover(id).asker == ANE_LÆRER


def test_old_cards_about_questions_are_found_by_day_and_no_further(desk: Desk) -> None:
    desk.ask()
    desk.soon()
    with desk.session() as session:
        assert len(cards_about(session, f"handovers:{desk.now:%Y-%m-%d}")) == 2


def test_adding_the_same_twice_is_one(desk: Desk) -> None:
    one = Handover(id="1" * 32, asker=ANE_LÆRER, asker_name="Ane", question="?", at=desk.now)
    with desk.session() as session:
        assert add_handover(session, one)
        assert not add_handover(session, one)
