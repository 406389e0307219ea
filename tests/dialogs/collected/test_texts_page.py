"""What people wrote in a round: who may read it, how it is found, and themes on it."""

import random
import time
from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import insert

from dialogs.collected.results import read_texts, readable_by, seen_by, texts_seen_by
from dialogs.messages import CardReply, Choice, Page, PageLinks, Paragraph, TextInput
from dialogs.reports import texts_to_read
from knowledge.library import Library
from storage.ballots import Place, Text, cast, set_themes, texts_of
from storage.database import Database, Session
from storage.people import find_person
from storage.rounds import share_result
from storage.tables import BallotText
from tests.dialogs.collected.closed_rounds import a_set, close_a_round, write_texts
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    PEOPLE,
    START,
    UNKNOWN,
    Kommune,
)
from tests.dialogs.shown import shown

NORDLIA = "Nordlia skole"


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def page(kommune: Kommune, who: str, path: str = "tekster/runde1", **query: str) -> Page:
    found = kommune.assistant.browser.page(path, query, who)
    assert found is not None
    return found


def quotes(found: Page) -> list[str]:
    return [
        block.text
        for card in found.cards
        for block in card.blocks
        if isinstance(block, Paragraph) and block.style == "quote"
    ]


def themed(kommune: Kommune, text: str, *themes: str) -> str:
    """The id of the text with these words, which has got these themes."""
    with kommune.session() as session:
        id = next(one.id for one in texts_of(session, "runde1") if one.text == text)
        set_themes(session, id, themes)
    return id


def test_five_must_have_written_before_anybody_reads(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", "En", "To", "Tre", "Fire")
    found = page(kommune, HANNE_SKOLEEIER)
    assert not quotes(found)
    assert "Tekster vises når minst 5 har skrevet" in shown(found.cards)
    assert not found.filters
    with kommune.session() as session:
        write_texts(session, "runde1", "Fem")
    assert sorted(quotes(page(kommune, HANNE_SKOLEEIER))) == ["En", "Fem", "Fire", "To", "Tre"]


def test_a_school_reads_what_its_people_ticked_and_no_others(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *(f"Uten navn {n}" for n in range(7)))
        write_texts(session, "runde1", *(f"Fra Nordlia {n}" for n in range(5)), unit=NORDLIA)
        write_texts(
            session, "runde1", *(f"Fra Fjellheim {n}" for n in range(4)), unit="Fjellheim skole"
        )
    for own in (ANE_LÆRER, DAVID_REKTOR):
        said = quotes(page(kommune, own))
        assert len(said) == 5
        assert all(text.startswith("Fra Nordlia") for text in said)
    for few in (BJØRN_LÆRER, ELI_REKTOR):
        assert not quotes(page(kommune, few))
    said = quotes(page(kommune, HANNE_SKOLEEIER))
    assert len(said) == 16
    # Four who ticked are too few for their school to be named.
    assert Counter("(Nordlia skole)" in text for text in said)[True] == 5
    assert not any("(Fjellheim skole)" in text for text in said)
    for outside in (JORUNN_ADMINISTRATOR, UNKNOWN):
        assert kommune.assistant.browser.page("tekster/runde1", {}, outside) is None


def test_a_schools_own_texts_are_read_at_the_school_even_when_its_numbers_are_shared(
    kommune: Kommune,
) -> None:
    with kommune.session() as session:
        close_a_round(session, unit=NORDLIA, audience=(f"enhet: {NORDLIA}",))
        write_texts(session, "runde1", *(f"Hos oss {n}" for n in range(6)))
        share_result(session, "runde1", NORDLIA, DAVID_REKTOR, START)
    assert len(quotes(page(kommune, ANE_LÆRER))) == 6
    assert not quotes(page(kommune, HANNE_SKOLEEIER))
    assert "Hos oss" not in shown(kommune.press(HANNE_SKOLEEIER, "results", round="runde1"))


def test_fifty_stand_on_a_page_in_an_order_that_stays_and_says_nothing(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *(f"Tekst nummer {n:03}" for n in range(120)))
    first, second = page(kommune, HANNE_SKOLEEIER), page(kommune, HANNE_SKOLEEIER, side="2")
    assert quotes(first) == quotes(page(kommune, HANNE_SKOLEEIER))
    assert len(quotes(first)) == len(quotes(second)) == 50
    last = page(kommune, HANNE_SKOLEEIER, side="3")
    every = [*quotes(first), *quotes(second), *quotes(last)]
    assert len(set(every)) == 120
    assert every != sorted(every)
    assert "Viser 51–100 av 120" in shown(second.cards)
    ways = [
        link
        for card in second.cards
        for b in card.blocks
        if isinstance(b, PageLinks)
        for link in b.links
    ]
    assert ("Forrige side", "/side/tekster/runde1?side=1") in ways
    assert ("Neste side", "/side/tekster/runde1?side=3") in ways
    for beyond in ("99", "99999"):
        assert quotes(page(kommune, HANNE_SKOLEEIER, side=beyond)) == quotes(last)
    for odd in ("0", "-1", "²", "x", "1" * 400, ""):
        assert quotes(page(kommune, HANNE_SKOLEEIER, side=odd)) == quotes(first)


@pytest.mark.parametrize(
    ("search", "hits"),
    [
        ("tid", ["Vi trenger TID, og vikarer"]),
        ("ØVING", ["Øving på å lede"]),
        ("øving LEDE", ["Øving på å lede"]),
        ("100 %", ["100 % enig"]),
        ("_", []),
        ("%%", []),
        ("' OR 1=1 --", []),
        ("vikarer lede", []),
        ("a" * 5_000, []),
    ],
)
def test_search_finds_every_word_in_any_case(
    kommune: Kommune, search: str, hits: list[str]
) -> None:
    with kommune.session() as session:
        close_a_round(session)
        texts = ("Vi trenger TID, og vikarer", "Øving på å lede", "100 % enig", "Nei", "Ja")
        write_texts(session, "runde1", *texts)
    found = page(kommune, HANNE_SKOLEEIER, q=search)
    assert quotes(found) == hits
    if not hits:
        assert "Ingen tekster passer" in shown(found.cards)
    field = next(one for one in found.filters if isinstance(one, TextInput))
    assert field.value == search[:100]


def test_themes_are_put_on_filtered_by_and_counted_from_five(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *(f"Om tid {n}" for n in range(6)), "Om ro")
    for n in range(5):
        themed(kommune, f"Om tid {n}", "tid")
    id = themed(kommune, "Om ro")
    replies = kommune.press(HANNE_SKOLEEIER, "text_themes", text=id, themes=" Ro,  VIKARER , ro,")
    assert "Temaene er lagret" in shown(replies)
    themes = next(one for one in page(kommune, HANNE_SKOLEEIER).filters if one.id == "tema")
    assert isinstance(themes, Choice)
    assert [label for _, label in themes.options] == ["Alle temaer", "ro", "tid (5)", "vikarer"]
    assert quotes(page(kommune, HANNE_SKOLEEIER, tema="ro")) == ["Om ro"]
    assert len(quotes(page(kommune, HANNE_SKOLEEIER, tema="tid"))) == 5
    assert len(quotes(page(kommune, HANNE_SKOLEEIER, tema="finnes ikke"))) == 7
    assert quotes(page(kommune, HANNE_SKOLEEIER, tema="tid", q="tid 3")) == ["Om tid 3"]
    kommune.press(IVAR_FAGRÅDGIVER, "text_themes", text=id, themes="")
    assert len(quotes(page(kommune, HANNE_SKOLEEIER, tema="ro"))) == 7


def test_the_form_of_a_text_on_the_page_saves_its_themes(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *(f"Tekst {n}" for n in range(5)))
    card = next(one for one in page(kommune, HANNE_SKOLEEIER).cards if one.title == "Tekst 1")
    (save,) = card.buttons
    browser = kommune.assistant.browser
    pressed = browser.press({**save.value, "themes": "tid"}, HANNE_SKOLEEIER)  # type: ignore[union-attr]
    assert "Temaene er lagret" in shown(pressed)
    again = browser.press({**save.value, "themes": "tid"}, HANNE_SKOLEEIER)  # type: ignore[union-attr]
    assert "Temaene er lagret" in shown(again)
    assert len(quotes(page(kommune, HANNE_SKOLEEIER, tema="tid"))) == 1


def test_only_the_skoleeierteam_sets_themes_and_in_a_schools_own_round_its_leaders(
    kommune: Kommune,
) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *(f"Tekst {n}" for n in range(5)), unit=NORDLIA)
    id = themed(kommune, "Tekst 1")
    for reader in (ANE_LÆRER, DAVID_REKTOR):
        assert "skoleeierteamet som setter temaer" in shown(
            kommune.press(reader, "text_themes", text=id, themes="tid")
        )
        assert not any(card.buttons for card in page(kommune, reader).cards)
    for other in (ELI_REKTOR, JORUNN_ADMINISTRATOR):
        assert "ikke der lenger, eller du kan ikke lese den" in shown(
            kommune.press(other, "text_themes", text=id, themes="tid")
        )
    with kommune.session() as session:
        assert not any(one.themes for one in texts_of(session, "runde1"))
        close_a_round(session, id="egen", unit=NORDLIA, audience=(f"enhet: {NORDLIA}",))
        write_texts(session, "egen", *(f"Egen {n}" for n in range(5)))
        own = texts_of(session, "egen")[0].id
    for leader in (DAVID_REKTOR, KARI_AVDELINGSLEDER):
        assert "Temaene er lagret" in shown(
            kommune.press(leader, "text_themes", text=own, themes="tid")
        )
    for other in (ANE_LÆRER, HANNE_SKOLEEIER):
        assert "lagret" not in shown(kommune.press(other, "text_themes", text=own, themes="ro"))


@pytest.mark.parametrize(
    ("themes", "said"),
    [
        ("a,b,c,d,e,f", "Skriv høyst 5 temaer"),
        ("x" * 41, "hvert på høyst 40 tegn"),
        ("01017012345", "uten navn på personer"),
    ],
)
def test_what_cannot_be_a_theme_comes_back_as_it_was_written(
    kommune: Kommune, themes: str, said: str
) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *(f"Tekst {n}" for n in range(5)))
    id = themed(kommune, "Tekst 1")
    (card,) = kommune.press(HANNE_SKOLEEIER, "text_themes", text=id, themes=themes)
    assert isinstance(card, CardReply)
    assert said in shown([card])
    assert next(b for b in card.blocks if isinstance(b, TextInput)).value == themes
    with kommune.session() as session:
        assert not any(one.themes for one in texts_of(session, "runde1"))


@pytest.mark.parametrize("text", ["finnes ikke", "", None, 7, ["a"], {"a": 1}, "x" * 9_000])
def test_a_forged_text_is_nobodys(kommune: Kommune, text: object) -> None:
    assert "ikke der lenger" in shown(
        kommune.press(HANNE_SKOLEEIER, "text_themes", text=text, themes=7)
    )


def test_a_page_reads_the_same_as_the_rule_for_texts(kommune: Kommune) -> None:
    """Random rounds: a page shows exactly the texts, and the names, that `texts_to_read` gives."""
    rng = random.Random(7)
    units = [NORDLIA, "Bakken skole", "Fjellheim skole", ""]
    two = a_set().model_dump(mode="json")
    (section,) = two["section"]
    section["step"] = [*section["step"], {**section["step"][1], "id": "mer"}]
    for round in range(12):
        id = f"runde{round}"
        own = NORDLIA if round % 4 == 3 else ""
        with kommune.session() as session:
            close_a_round(session, a_set(**two), id=id, unit=own)
            for n in range(rng.randrange(40)):
                unit, question = rng.choice(units), rng.choice(["ord", "mer"])
                place = Place(unit or "Bakken skole", "Sone nord", "barneskole")
                written = rng.choice(["", " ", f"Tekst {n}"])
                cast(session, id, (), [(question, written)], place=place, tell_unit=bool(unit))
            for person in PEOPLE:
                found = find_person(session, person.key)
                seen = seen_by(session, found, id) if found else None
                if found is None or seen is None:
                    continue
                rule = texts_seen_by(session, found, seen)
                shown_texts = read_texts(session, readable_by(session, found, seen), limit=999)[0]
                by_rule = Counter(_said(text) for texts in rule.values() for text in texts)
                assert Counter(_said(text) for text in shown_texts) == by_rule, person.name


def _said(text: Text) -> tuple[str, str, str]:
    return text.question, text.text, text.unit


def test_a_round_with_a_hundred_thousand_texts_is_read_in_half_a_second(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        _write_many(session, 100_000)
    for query in ({}, {"q": "nummer 77"}, {"q": "e"}, {"side": "1900"}, {"tema": "tid"}):
        page(kommune, HANNE_SKOLEEIER, **query)
        taken = []
        for _ in range(3):
            begun = time.process_time()  # others may be using the machine
            page(kommune, HANNE_SKOLEEIER, **query)
            taken.append(time.process_time() - begun)
        assert min(taken) < 0.5, query


def _write_many(session: Session, many: int) -> None:
    rows = [
        {
            "id": uuid4().hex,
            "round": "runde1",
            "question": "ord",
            "text": f"Vi trenger mer tid til å øve sammen, og her er tekst nummer {n} om det.",
            "unit": f"Skole {n % 40}" if n % 3 == 0 else "",
        }
        for n in range(many)
    ]
    session.connection().execute(insert(BallotText), rows)


def test_the_rule_of_texts_takes_no_longer_for_many(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        _write_many(session, 20_000)
        texts = texts_of(session, "runde1")
    begun = time.process_time()
    assert len(texts_to_read(texts, 5)["ord"]) == 20_000
    assert time.process_time() - begun < 1
