"""What the plan promises: the skoleeierteam sets how it stands, and everybody reads it."""

from datetime import timedelta

import pytest

from dialogs.messages import CardReply, Choice, Page, Reply, TextInput, TextReply
from knowledge.library import Library
from storage.database import Database
from storage.promise_statuses import SetStatus, set_status, statuses_set
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    START,
    UNKNOWN,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown

PROMISE = "kompetansestrategi"
TITLE = "Kompetansestrategi for ansatte på alle nivåer"
PATH = f"lofter/{PROMISE}"


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def page(kommune: Kommune, path: str, who: str, **query: str) -> str:
    found = kommune.assistant.browser.page(path, query, who)
    assert isinstance(found, Page)
    return f"{shown(found.cards)}\n{found}"


def set_by(kommune: Kommune, who: str, status: str, note: str = "") -> list[Reply]:
    return kommune.press(who, "promise_status", promise=PROMISE, status=status, note=note)


def test_the_school_owner_sets_it_in_the_chat_and_everybody_reads_it(kommune: Kommune) -> None:
    asked = kommune.write(HANNE_SKOLEEIER, "hva er lovet?")
    form = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Sett status"], promise=PROMISE)
    done = kommune.follow(
        HANNE_SKOLEEIER, buttons(form)["Lagre status"], status="under arbeid", note="Utkast i mai."
    )
    assert "Statusen er lagret" in shown(done)
    told = shown(kommune.write(ANE_LÆRER, "hva er lovet?"))
    assert f"{TITLE}. Kommunen. Status: under arbeid. 23.11.2026" in told
    assert "Status: under arbeid" in shown(kommune.write(BJØRN_LÆRER, "kva er lova?"))
    read = page(kommune, PATH, ANE_LÆRER)
    assert "Utkast i mai." in read
    assert "Hanne Myhre, 23.11.2026" in read


def test_the_page_runs_the_same_form(kommune: Kommune) -> None:
    assert "under arbeid" in page(kommune, PATH, HANNE_SKOLEEIER)
    value = {"verb": "promise_status", "promise": PROMISE, "status": "finnes", "note": ""}
    done = kommune.assistant.browser.press(value, HANNE_SKOLEEIER)
    assert "Statusen er lagret" in shown(done)
    assert f"{TITLE} (finnes, 23.11.2026)" in page(kommune, "lofter", ANE_LÆRER)


@pytest.mark.parametrize("who", [ANE_LÆRER, DAVID_REKTOR, JORUNN_ADMINISTRATOR, UNKNOWN])
def test_nobody_else_sets_it(kommune: Kommune, who: str) -> None:
    set_by(kommune, who, "finnes")
    value = {"verb": "promise_status", "promise": PROMISE, "status": "finnes"}
    kommune.assistant.browser.press(value, who)
    with kommune.session() as session:
        assert statuses_set(session) == {}
    assert "Sett status" not in buttons(kommune.write(who, "hva er lovet?"))
    found = kommune.assistant.browser.page(PATH, {}, who)
    assert found is None or not any(card.buttons for card in found.cards)


def test_an_unknown_status_brings_the_form_back_with_what_was_written(kommune: Kommune) -> None:
    [card] = set_by(kommune, HANNE_SKOLEEIER, "kanskje", "Dette skrev jeg")
    assert isinstance(card, CardReply)
    assert "Velg en status." in shown([card])
    [note] = [block for block in card.blocks if isinstance(block, TextInput)]
    [status] = [block for block in card.blocks if isinstance(block, Choice)]
    assert (note.value, status.value) == ("Dette skrev jeg", "")
    with kommune.session() as session:
        assert statuses_set(session) == {}


def test_a_note_that_is_too_long_or_about_somebody_is_not_kept(kommune: Kommune) -> None:
    assert "Skriv høyst 500" in shown(set_by(kommune, HANNE_SKOLEEIER, "finnes", "a" * 501))
    [refused] = set_by(kommune, HANNE_SKOLEEIER, "finnes", "Ring 41 22 33 44, fnr 01010112345")
    assert isinstance(refused, TextReply)
    with kommune.session() as session:
        assert statuses_set(session) == {}


@pytest.mark.parametrize("odd", [None, 1, ["x"], {"a": 1}, "x" * 300, "finnes-ikke"])
def test_odd_values_do_nothing(kommune: Kommune, odd: object) -> None:
    kommune.press(HANNE_SKOLEEIER, "promise_status", promise=odd, status="finnes", note="")
    kommune.press(HANNE_SKOLEEIER, "promise_status", promise=PROMISE, status=odd, note=odd)
    kommune.press(HANNE_SKOLEEIER, "promise_form", promise=odd)
    with kommune.session() as session:
        assert statuses_set(session) == {}


def test_the_same_pressed_again_keeps_who_said_it_first(kommune: Kommune) -> None:
    set_by(kommune, HANNE_SKOLEEIER, "finnes")
    set_by(kommune, IVAR_FAGRÅDGIVER, "finnes")
    with kommune.session() as session:
        assert statuses_set(session)[PROMISE].by_name == "Hanne Myhre"
    set_by(kommune, IVAR_FAGRÅDGIVER, "ikke startet")
    with kommune.session() as session:
        found = statuses_set(session)[PROMISE]
    assert (found.by_name, found.status) == ("Ivar Kleiva", "ikke startet")


def test_the_list_can_be_searched_and_filtered(kommune: Kommune) -> None:
    set_by(kommune, HANNE_SKOLEEIER, "finnes")
    assert TITLE in page(kommune, "lofter", ANE_LÆRER, q="KOMPETANSESTRATEGI ansatte")
    hits = page(kommune, "lofter", ANE_LÆRER, status="finnes")
    assert hits.count("/side/lofter/") == 1
    assert "/side/lofter/" not in page(kommune, "lofter", ANE_LÆRER, q="finnes ikke i det hele")
    assert "/side/lofter/" in page(kommune, "lofter", ANE_LÆRER, status="tull")


def test_an_unknown_promise_is_no_page(kommune: Kommune) -> None:
    assert kommune.assistant.browser.page("lofter/finnes-ikke", {}, HANNE_SKOLEEIER) is None


def test_a_name_that_has_been_forgotten_is_not_shown(kommune: Kommune) -> None:
    with kommune.session() as session:
        set_status(session, SetStatus(PROMISE, "finnes", "", "", START - timedelta(days=2_000)))
    assert "Sist satt: 02.06.2021" in page(kommune, PATH, ANE_LÆRER)


def test_it_is_said_in_nynorsk_too(kommune: Kommune) -> None:
    set_by(kommune, HANNE_SKOLEEIER, "finnes")
    read = page(kommune, PATH, IVAR_FAGRÅDGIVER)
    assert "finst" in read
    assert "Lagre status" in read


def test_the_status_stands_under_the_quotation(kommune: Kommune, library: Library) -> None:
    assert "Status:" not in shown(kommune.write(ANE_LÆRER, "Hva er PRUVA?"))
    [promise, *_] = [
        one for one in library.promises if "Del 2 › Ambisjon 2 skole › PRUVA" in one.sections
    ]
    kommune.press(HANNE_SKOLEEIER, "promise_status", promise=promise.id, status="finnes", note="")
    assert f"{promise.title}: Status: finnes." in shown(kommune.write(ANE_LÆRER, "Hva er PRUVA?"))
