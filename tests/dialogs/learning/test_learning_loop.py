"""From a question sent in vain to an answer: found, tried, measured, published, taken back."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import CardReply, Choice, Message, MessageKind, TextInput, TextReply
from knowledge.library import Library
from storage.added_knowledge import knowledge_version, list_added, list_asks, list_entries
from storage.feedback import add_feedback
from storage.reviews import reviews
from tests.dialogs.kommune import ANE_LÆRER, HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER
from tests.dialogs.learning.school_rules import (
    FRUIT,
    MOBILE,
    WATCH,
    Teaching,
    button_of,
    links_of,
    passage,
    read_rules,
)
from tests.dialogs.shown import shown

ASKED = "Kan ungene ringe hjem fra klasserommet?"
ENTRY = {
    "entry": "b" * 32,
    "title": "Parkering for ansatte",
    "title_nn": "Parkering for tilsette",
    "text": "Spør Eiendom om oblat.",
    "text_nn": "Spør Eigedom om oblat.",
    "owner": "Eiendom",
    "link": "https://eksempel.no/parkering",
    "asks": "hvor parkerer jeg\n\n  hvor får jeg   oblat til bilen ",
}


class Copy:
    """Another copy of the program on the same database."""

    def __init__(self, kommune: Teaching, library: Library | None = None) -> None:
        self._kommune, self._asked = kommune, 0
        self.assistant = Assistant(
            library or kommune.library,
            Guides({}),
            kommune.database,
            read_contacts(),
            "secret",
            clock=lambda: kommune.now,
        )

    def answers(self, question: str) -> str:
        self._asked += 1
        message = Message(
            f"{id(self)} {self._asked}",
            f"chat at {id(self)}",
            ANE_LÆRER,
            self._kommune.now,
            MessageKind.TEXT,
            question,
        )
        return shown(self.assistant.handle(message), buttons=False)


def test_a_way_of_asking_is_published_at_one_copy_and_answers_at_the_other(
    kommune: Teaching,
) -> None:
    other, item = Copy(kommune), kommune.sends(ASKED)
    assert "finner jeg ikke" in other.answers(ASKED)
    kommune.adds(item, MOBILE, ASKED)
    other.assistant.read_news()
    assert "finner jeg ikke" in other.answers(ASKED)  # a draft answers nobody
    assert "Utkasta er publiserte" in shown(kommune.publishes())
    assert "finner jeg ikke" in other.answers(ASKED)  # not until it has looked
    for copy in (kommune, other):
        copy.assistant.read_news()
    assert "Mobilen skal være avslått" in other.answers(ASKED)
    assert "Mobilen skal være avslått" in shown(kommune.write(ANE_LÆRER, ASKED))
    # Nothing has changed for the rest.
    assert "et eple hver fredag" in other.answers("får elevene frukt")
    page = kommune.page("/utkast")
    assert "Ivar Kleiva" in shown(page.cards)
    [card] = [one for one in page.cards if one.buttons]
    taken = kommune.presses(**card.buttons[0].value)  # type: ignore[union-attr]
    assert "trekt tilbake" in shown(taken)
    other.assistant.read_news()
    assert "finner jeg ikke" in other.answers(ASKED)


def test_what_is_published_already_answers_from_the_start(kommune: Teaching) -> None:
    kommune.adds(kommune.sends(ASKED), MOBILE, ASKED)
    kommune.publishes()
    later = Copy(kommune)
    later.assistant.read_news()
    assert "Mobilen skal være avslått" in later.answers(ASKED)


def test_a_turn_under_way_keeps_the_library_it_began_with(kommune: Teaching) -> None:
    before = kommune.assistant._workbench.present.library
    kommune.adds(kommune.sends(ASKED), MOBILE, ASKED)
    kommune.publishes()
    kommune.assistant.read_news()
    assert ASKED not in [one.question for one in before.asked]
    assert kommune.assistant._workbench.present.library is not before


def test_an_entry_is_written_tried_and_answers_in_both_languages(kommune: Teaching) -> None:
    kommune.presses("learning_entry_save", **ENTRY)
    kommune.presses("learning_entry_save", **ENTRY)  # pressed twice
    with kommune.session() as session:
        [entry] = list_entries(session)
    assert entry.asks == ("hvor parkerer jeg", "hvor får jeg oblat til bilen")
    tried = shown(kommune.presses("learning_try", question="hvor parkerer jeg"))
    assert "Spør Eigedom om oblat." in tried
    kommune.publishes()
    kommune.assistant.read_news()
    said = shown(kommune.write(ANE_LÆRER, "Hvor parkerer jeg?"))
    assert "Spør Eiendom om oblat." in said
    assert "https://eksempel.no/parkering" in said
    assert "Ansvarlig for denne opplysningen: Eiendom" in said
    assert "Spør Eigedom" in shown(kommune.write(IVAR_FAGRÅDGIVER, "Hvor parkerer jeg?"))


@pytest.mark.parametrize(
    "question",
    [
        ASKED,
        "får elevene bruke mobilen",
        "hvor parkerer jeg",
        "hva koster en bolle",
        "hvem passer på i friminuttet",
        "og hjelm?",
        "kven tek vare på mobilen",
        "hei",
    ],
)
def test_what_is_tried_is_what_the_chat_then_answers(kommune: Teaching, question: str) -> None:
    kommune.adds(kommune.sends(ASKED), MOBILE, ASKED)
    kommune.presses("learning_entry_save", **ENTRY)
    [tried, _] = kommune.presses("learning_try", HANNE_SKOLEEIER, question=question)
    assert isinstance(tried, CardReply)
    kommune.publishes()
    kommune.assistant.read_news()
    [said] = kommune.write(HANNE_SKOLEEIER, question)
    assert isinstance(said, TextReply)
    # In the chat another way on may stand below: asking a person.
    assert said.text.startswith(getattr(tried.blocks[-1], "text", "-"))


def test_a_worry_or_a_name_is_answered_as_such_and_never_kept(kommune: Teaching) -> None:
    item = kommune.sends(ASKED)
    worry = "Jeg er redd for at en elev blir slått hjemme av faren sin"
    assert "bekymring" in shown(kommune.presses("learning_try", question=worry)).lower()
    for text in (worry, "Ring 41 22 33 44, fnr 01010112345"):
        [refused] = kommune.adds(item, MOBILE, text)
        assert isinstance(refused, TextReply)
        [refused] = kommune.presses("learning_entry_save", **ENTRY | {"text": text})
        assert isinstance(refused, TextReply)
    with kommune.session() as session:
        assert list_added(session) == []
        assert reviews(session) == {}


# The list and the cases


def test_like_questions_stand_together_and_nobody_is_named(kommune: Teaching) -> None:
    kommune.sends("Er epler gratis?", date(2026, 11, 2))
    kommune.sends("er eplene gratis", date(2026, 11, 9))
    kommune.sends("Hvor er vaktmesteren?", date(2026, 11, 5))
    text = kommune.reads("", HANNE_SKOLEEIER)
    assert "«Er epler gratis?» (antall: 2, sist 09.11.2026, ubehandlet)" in text
    assert "«Hvor er vaktmesteren?» (antall: 1, sist 05.11.2026, ubehandlet)" in text
    for person in ("Ane", "Ivar", "Nordlia"):
        assert person not in text


def test_answers_with_a_thumb_down_are_put_together_by_passage(kommune: Teaching) -> None:
    with kommune.session() as session:
        for text in ("Gjelder ikke lenger", ""):
            for heading in (MOBILE, FRUIT):
                add_feedback(
                    session,
                    passage=passage(kommune.library, heading),
                    reaction="dislike",
                    reason="utdatert",
                    text=text,
                    day=date(2026, 11, 3),
                )
        add_feedback(
            session, passage="p", reaction="like", reason="", text="", day=date(2026, 11, 3)
        )
    links = links_of(kommune.page("", HANNE_SKOLEEIER))
    [path] = [path for text, path in links.items() if "Frukt" in text]
    assert "antall: 2" in next(text for text in links if "Frukt" in text)
    case = kommune.reads(path.removeprefix("/side/laering"), HANNE_SKOLEEIER)
    assert "03.11.2026: utdatert · Gjelder ikke lenger" in case
    assert "Elevene får et eple hver fredag." in case
    item = path.rpartition("/")[2]
    form = button_of(kommune.page(f"/sak/{item}"), "learning_review")
    kommune.presses(**form.value, cause="utdatert", target="-")
    assert "Frukt" not in str(links_of(kommune.page("")))
    assert "Frukt" in str(links_of(kommune.page("", hva="utdatert")))


def test_a_case_shows_what_the_bot_answers_now_and_is_judged_as_a_whole_or_one_by_one(
    kommune: Teaching,
) -> None:
    first = kommune.sends("Er epler gratis?", date(2026, 11, 2))
    second = kommune.sends("er eplene gratis", date(2026, 11, 9))
    page = kommune.page(f"/sak/{first}")
    assert "Elevene får et eple hver fredag." in shown(page.cards)
    alone = links_of(page)["er eplene gratis"]
    assert alone == f"/side/laering/sak/{second}/alene"
    button = button_of(kommune.page(f"/sak/{second}/alene"), "learning_review")
    kommune.presses(**button.value, cause="ikke noe å gjøre", target="-")
    with kommune.session() as session:
        assert set(reviews(session)) == {second}
    assert "1 ubehandla, Ikkje noko å gjere" in shown(kommune.page("").cards)
    kommune.presses(**button_of(page, "learning_review").value, cause="utdatert", target="-")
    with kommune.session() as session:
        assert {one.cause for one in reviews(session).values()} == {"utdatert"}
    assert "«Er epler gratis?»" not in kommune.reads("")
    assert "«Er epler gratis?»" in kommune.reads("", hva="alle")


def test_what_is_pressed_is_answered_in_the_language_of_the_page(kommune: Teaching) -> None:
    """The one chosen in the chat, though the register has another."""
    item = kommune.sends("Er epler gratis?")
    kommune.write(IVAR_FAGRÅDGIVER, "bokmål")
    button = button_of(kommune.page(f"/sak/{item}"), "learning_review")
    said = shown(kommune.presses(**button.value, cause="utdatert", target="-"))
    assert "Årsaken er lagret." in said


def test_words_on_the_page_find_passages_to_choose(kommune: Teaching) -> None:
    item = kommune.sends("Hva med snøballer?")
    target = passage(kommune.library, WATCH)

    def offered(**query: str) -> list[str]:
        cards = kommune.page(f"/sak/{item}", **query).cards
        [choice] = [b for card in cards for b in card.blocks if getattr(b, "id", "") == "target"]
        assert isinstance(choice, Choice)
        return [value for value, _ in choice.options]

    assert target not in offered()
    assert target in offered(q="tilsyn i friminuttet")


def test_long_lists_are_turned_page_by_page(kommune: Teaching) -> None:
    words = [f"{a}{b}" for a in ("fjell", "hav", "skog", "elv", "myr", "by") for b in "abcdef"]
    for word in words:
        kommune.sends(f"Hvor er {word}huset?")
    pages = [kommune.page("", HANNE_SKOLEEIER)]
    while "Neste side" in links_of(pages[-1]):
        path = links_of(pages[-1])["Neste side"]
        pages.append(kommune.page("", HANNE_SKOLEEIER, fra=path.rpartition("fra=")[2]))
    assert len(pages) == 2
    listed = [text for page in pages for text in links_of(page) if text.startswith("«")]
    assert len(listed) == len(set(listed)) > 25
    assert kommune.reads("", HANNE_SKOLEEIER, fra="99999999") != ""


# What is wrong is told, and what was written is not lost


def test_what_is_missing_is_told_and_what_was_filled_in_stands(kommune: Teaching) -> None:
    item, target = kommune.sends(ASKED), passage(kommune.library, MOBILE)

    def told(**value: Any) -> str:
        [card] = kommune.presses("learning_add_ask", items=[item], **value)
        assert isinstance(card, CardReply)
        kept = [b.value for b in card.blocks if isinstance(b, TextInput)]
        assert kept == [value["ask"][:200]]
        return shown([card])

    good = {"cause": "feil avsnitt", "target": target, "ask": "æøå i taket"}
    assert "Vel ei årsak." in told(**good | {"cause": "fordi"})
    assert "Vel avsnittet" in told(**good | {"target": "-"})
    assert "finst ikkje lenger" in told(**good | {"target": "regler/borte/1-1"})
    assert "høgst 200 teikn" in told(**good | {"ask": "hus " * 60 + "tak"})
    assert "minst eitt ord" in told(**good | {"ask": "hva er det"})
    assert "lagd til frå før" in told(**good | {"ask": "Får elevene bruke mobilen"})
    with kommune.session() as session:
        assert list_added(session) == []
    kommune.adds(item, MOBILE, "æøå i taket")
    kommune.adds(item, MOBILE, "æøå i taket")
    with kommune.session() as session:
        assert [one.text for one in list_asks(session)] == ["æøå i taket"]


@pytest.mark.parametrize(
    ("field", "written", "told"),
    [
        ("title", "", "Fyll ut «Tittel på bokmål»."),
        ("text_nn", "", "Fyll ut «Svar på nynorsk»."),
        ("owner", "x" * 101, "«Ansvarleg, som blir vist i svaret (avdeling eller funksjon)» er"),
        ("link", "http://eksempel.no", "Lenkja må byrje med https://"),
        ("link", "https://eksempel.no/a b", "Lenkja må byrje med https://"),
        ("link", "javascript:alert(1)", "Lenkja må byrje med https://"),
        ("asks", "\n \n", "Skriv mellom éin og 20"),
        ("asks", "\n".join(f"hvor er hus {n}" for n in range(21)), "Skriv mellom éin og 20"),
        ("asks", "hva er det", "minst eitt ord"),
    ],
)
def test_an_entry_that_is_wrong_comes_back_as_it_was_written(
    kommune: Teaching, field: str, written: str, told: str
) -> None:
    [card] = kommune.presses("learning_entry_save", **ENTRY | {field: written})
    assert isinstance(card, CardReply)
    assert told in shown([card])
    values = {b.id: b.value for b in card.blocks if isinstance(b, TextInput)}
    expected = {**ENTRY, field: written.strip()}
    assert values == {name: expected[name].strip() for name in values}
    with kommune.session() as session:
        assert list_entries(session) == []


def test_a_draft_is_changed_on_the_page_and_deleted_when_one_is_sure(kommune: Teaching) -> None:
    kommune.adds(kommune.sends(ASKED), MOBILE, ASKED)
    with kommune.session() as session:
        [draft] = list_asks(session)
    kommune.presses("learning_ask_save", added=draft.id, ask="får vi  sjekke melding")
    assert "får vi sjekke melding" in kommune.reads("/utkast", HANNE_SKOLEEIER)
    [asked] = kommune.presses("learning_delete", added=draft.id)
    assert "Slette utkastet?" in shown([asked])
    assert "får vi sjekke melding" in kommune.reads("/utkast")
    assert isinstance(asked, CardReply)
    kommune.presses(**asked.buttons[0].value)  # type: ignore[union-attr]
    assert "Ingenting er lagt til" in kommune.reads("/utkast")


def test_the_same_title_twice_would_be_one_place_in_the_ranking(kommune: Teaching) -> None:
    kommune.presses("learning_entry_save", **ENTRY)
    kommune.publishes()
    kommune.assistant.read_news()
    [card] = kommune.presses("learning_entry_save", **ENTRY | {"entry": "c" * 32})
    assert "Det finst ein vegvisar med den tittelen" in shown([card])


def test_a_passage_that_is_gone_is_told_and_ignored(
    kommune: Teaching, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kommune.adds(kommune.sends(ASKED), MOBILE, ASKED)
    kommune.publishes()
    # The next start of the bot reads a document with another heading.
    later = Copy(kommune, read_rules(tmp_path / "changed", "Telefon"))
    later.assistant.read_news()
    assert "finner jeg ikke" in later.answers(ASKED)
    assert "action=added_ask_ignored" in caplog.text
    assert ASKED not in caplog.text
    page = later.assistant.browser.page("laering/utkast", {}, HANNE_SKOLEEIER)
    assert page is not None
    assert "Avsnittet finnes ikke lenger" in shown(page.cards)


def test_the_version_moves_only_when_something_is_published(kommune: Teaching) -> None:
    kommune.adds(kommune.sends(ASKED), MOBILE, ASKED)
    with kommune.session() as session:
        assert knowledge_version(session) == 0
    kommune.publishes()
    assert "Det er ingen utkast" in kommune.reads("/gevinst")
    with kommune.session() as session:
        assert knowledge_version(session) == 1
