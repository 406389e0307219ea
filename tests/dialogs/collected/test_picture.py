"""«Refleksjoner» in the chat: the newest result as a picture and in words, and nothing else."""

from datetime import timedelta
from typing import TypeVar

import pytest

from dialogs.messages import CardReply, Chart, PageLinks, Picture, Reply
from dialogs.reports import Figure, Group, Report
from knowledge.library import Library
from storage.database import Database
from storage.rounds import share_result
from tests.dialogs.collected.closed_rounds import (
    CLOSED,
    FJELLHEIM,
    HIDDEN,
    NORD,
    NORDLIA,
    OPENED,
    WHOLE,
    a_report,
    a_set,
    a_survey,
    close_a_round,
    figure,
    write_texts,
)
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    JORUNN_ADMINISTRATOR,
    START,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
)
from tests.dialogs.shown import shown

A_MONTH = timedelta(days=30)
A_SMALL_ONE = Report(5, {WHOLE: {"gaar": figure(9, 9)}})


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


Kind = TypeVar("Kind")


def blocks_of(replies: list[Reply], kind: type[Kind]) -> list[Kind]:
    cards = [reply for reply in replies if isinstance(reply, CardReply)]
    return [block for card in cards for block in card.blocks if isinstance(block, kind)]


@pytest.mark.parametrize(
    ("who", "said", "answer"),
    [
        (ANE_LÆRER, "refleksjoner", "Det er ingen resultater for deg ennå."),
        (BJØRN_LÆRER, "Refleksjonar?", "Det er ingen resultat for deg enno."),
        (HANNE_SKOLEEIER, "resultater", "Skriv «spørrerunder»"),
        (UNKNOWN, "refleksjoner", "for dem som står i kommunens personregister"),
    ],
)
def test_before_any_round_is_closed_it_is_said_what_comes(
    kommune: Kommune, who: str, said: str, answer: str
) -> None:
    assert answer in shown(kommune.write(who, said))


def test_the_result_is_shown_as_a_picture_and_with_all_its_numbers_in_words(
    kommune: Kommune,
) -> None:
    with kommune.session() as session:
        close_a_round(session)
    replies = kommune.write(ANE_LÆRER, "refleksjoner")
    text = shown(replies)
    assert "Refleksjon i november" in text
    assert "Svarprosent: Hele kommunen ca. 70 %, Nordlia skole 90 % eller mer" in text
    assert "Hele kommunen: 170 svar – 1: 12 (7 %), 2: 23 (14 %)" in text
    assert "Snitt 3,4 (± 0,2)." in text
    assert "Nordlia skole: 24 svar" in text
    assert "Sone nord" not in text  # a zone is for the skoleeierteam
    assert "Fjellheim" not in text
    (picture,) = blocks_of(replies, Picture)
    assert picture.paper == "result:runde1:gaar"
    assert picture.reader == ANE_LÆRER
    assert "170 svar" in picture.alt
    assert "Nordlia skole: 24 svar" in picture.alt


def test_the_picture_is_drawn_of_what_the_reader_may_see(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    paper = kommune.assistant.paper("result:runde1:gaar", ANE_LÆRER)
    assert paper is not None
    (chart,) = paper.blocks
    assert isinstance(chart, Chart)
    assert [row.label for row in chart.rows] == ["Hele kommunen", "Nordlia skole"]
    assert [part.count for part in chart.rows[0].parts] == [12, 23, 34, 45, 56]
    for address in ("result:runde1:finnes_ikke", "result:runde2:gaar", "result:", "result:x"):
        assert kommune.assistant.paper(address, ANE_LÆRER) is None
    # Nobody asked the administrator: nothing of it is theirs.
    assert kommune.assistant.paper("result:runde1:gaar", JORUNN_ADMINISTRATOR) is None


def test_the_skoleeierteam_sees_zones_and_no_school_until_it_shares(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    text = shown(kommune.write(HANNE_SKOLEEIER, "refleksjoner"))
    assert "Sone nord: 30 svar – 1–2: 9 (30 %), 3–5: 21 (70 %). Snitt 3,1 (± 0,4), anslag." in text
    assert "Nordlia" not in text
    assert "Fjellheim" not in text


def test_what_is_withheld_is_said_to_be_so_in_the_same_words_whatever_the_reason(
    kommune: Kommune,
) -> None:
    with kommune.session() as session:
        close_a_round(session)
        for id, hidden in (
            ("b", Figure(withheld="neighbour")),
            ("c", Figure(withheld="merged")),
        ):
            figures = {WHOLE: {"gaar": figure(9, 9)}, FJELLHEIM: {"gaar": hidden}}
            close_a_round(
                session,
                report=Report(5, figures),
                id=id,
                opens=OPENED - A_MONTH,
            )
    texts = [
        shown(kommune.press(BJØRN_LÆRER, "results", round=id)).partition("Fjellheim skole")[2]
        for id in ("runde1", "b", "c")
    ]
    said = {text.partition("\n")[0] for text in texts}
    assert said == {": blir ikkje vist"}
    assert all("eller svara er for like" in text for text in texts)


def test_a_round_that_too_few_answered_says_so_and_shows_no_picture(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session, report=Report(5, {WHOLE: {"gaar": HIDDEN}}))
    replies = kommune.write(ANE_LÆRER, "refleksjoner")
    assert "Ingen tall kan vises, fordi for få har svart eller" in shown(replies)
    assert not blocks_of(replies, Picture)


def test_another_round_and_another_question_are_chosen_on_the_card(kommune: Kommune) -> None:
    survey = {
        WHOLE: {
            f"{step}.{scale}": figure(count, 20)
            for step, count in (("lede", 31), ("koder", 32))
            for scale in ("kompetanse", "viktighet")
        }
    }
    with kommune.session() as session:
        close_a_round(session)
        close_a_round(
            session,
            a_survey(),
            Report(5, survey),
            id="undersøkelse",
            title="Kompetanse i høst",
            opens=OPENED - A_MONTH,
        )
    replies = kommune.write(ANE_LÆRER, "refleksjoner")
    assert [id for id, _ in choice(replies, "round").options] == ["runde1", "undersøkelse"]
    show = buttons(replies)["Vis"]
    # The question of the card is not one of the round that is chosen.
    other = kommune.follow(ANE_LÆRER, show, round="undersøkelse", question="gaar")
    assert "Kompetanse i høst" in shown(other)
    assert "51 svar – 1: 31" in shown(other)
    again = kommune.follow(
        ANE_LÆRER, buttons(other)["Vis"], round="undersøkelse", question="koder.viktighet"
    )
    assert "52 svar – 1: 32" in shown(again)
    assert ("Les mer på siden", "/side/undersokelse/undersøkelse") in [
        link for block in blocks_of(again, PageLinks) for link in block.links
    ]


@pytest.mark.parametrize("round", ["finnes ikke", "", 7, None, ["runde1"], "x" * 5_000])
def test_a_forged_button_shows_nothing_that_the_person_may_not_see(
    kommune: Kommune, round: object
) -> None:
    with kommune.session() as session:
        close_a_round(session, audience=("ledere",), id="ledere", report=a_report())
    text = shown(kommune.press(ANE_LÆRER, "results", round=round))
    assert "Det er ingen resultater for deg" in text
    assert "svar –" not in text


def test_those_who_may_read_see_some_texts_and_the_way_to_all(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *(f"Vi trenger mer tid, nummer {n}." for n in range(6)))
    text = shown(kommune.write(HANNE_SKOLEEIER, "refleksjoner"))
    assert text.count("Vi trenger mer tid") == 3
    links = blocks_of(kommune.write(HANNE_SKOLEEIER, "refleksjoner"), PageLinks)
    assert ("Les alt som er skrevet (6)", "/side/tekster/runde1") in links[0].links
    assert "mer tid" not in shown(kommune.write(ANE_LÆRER, "refleksjoner"))
    assert "mer tid" not in shown(kommune.write(DAVID_REKTOR, "refleksjoner"))


def test_who_may_act_finds_the_way_from_the_card(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    rektor = buttons(kommune.write(DAVID_REKTOR, "refleksjoner"))
    assert rektor["Del med skoleeierteamet"].value == {"verb": "result_share", "round": "runde1"}
    assert rektor["Hva gjør vi med det?"].value == {"verb": "follow_up", "round": "runde1"}
    owner = buttons(kommune.write(HANNE_SKOLEEIER, "refleksjoner"))
    assert "Hva gjør vi med det?" in owner
    assert "Del med skoleeierteamet" not in owner
    assert "Hva gjør vi med det?" not in buttons(kommune.write(ANE_LÆRER, "refleksjoner"))
    with kommune.session() as session:
        share_result(session, "runde1", "Nordlia skole", DAVID_REKTOR, START)
    again = buttons(kommune.write(DAVID_REKTOR, "refleksjoner"))
    assert "Del med skoleeierteamet" not in again


def test_a_schools_own_round_is_for_the_school_and_shows_no_ledergruppe(kommune: Kommune) -> None:
    leaders = Group("rolle", "leder")
    report = Report(5, {WHOLE: {"gaar": figure(11, 12)}, leaders: {"gaar": figure(5, 8)}})
    with kommune.session() as session:
        close_a_round(
            session,
            report=report,
            id="egen",
            unit="Nordlia skole",
            audience=("enhet: Nordlia skole",),
        )
    assert "Nordlia skole: 23 svar" in shown(kommune.write(ANE_LÆRER, "refleksjoner"))
    page = kommune.assistant.browser.page("runder/egen", {}, DAVID_REKTOR)
    assert page is not None
    assert "Ledere" not in shown(page.cards)
    for other in (BJØRN_LÆRER, ELI_REKTOR, GEIR_TILLITSVALGT, HANNE_SKOLEEIER):
        assert kommune.assistant.browser.page("runder/egen", {}, other) is None
        assert "23 svar" not in shown(kommune.press(other, "results", round="egen"))
    with kommune.session() as session:
        share_result(session, "egen", "Nordlia skole", DAVID_REKTOR, START)
    assert "Nordlia skole: 23 svar" in shown(
        kommune.press(HANNE_SKOLEEIER, "results", round="egen")
    )


def test_leaders_see_what_their_teachers_were_asked_and_teachers_not_what_leaders_were(
    kommune: Kommune,
) -> None:
    with kommune.session() as session:
        close_a_round(session)
    for leader in (DAVID_REKTOR, ELI_REKTOR, FATIMA_AVDELINGSLEDER, GEIR_TILLITSVALGT):
        assert "170 svar" in shown(kommune.write(leader, "refleksjoner"))
    with kommune.session() as session:
        close_a_round(session, id="ledere", audience=("ledere",), report=A_SMALL_ONE)
    assert "18 svar" in shown(kommune.press(DAVID_REKTOR, "results", round="ledere"))
    for other in (ANE_LÆRER, BJØRN_LÆRER, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR):
        assert "18 svar" not in shown(kommune.press(other, "results", round="ledere"))


def test_a_round_of_one_zone_is_not_for_the_other(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session, audience=("lærere i sone: Sone nord",))
    for who in (ANE_LÆRER, DAVID_REKTOR):
        assert "170 svar" in shown(kommune.write(who, "refleksjoner"))
    for other in (BJØRN_LÆRER, ELI_REKTOR, GEIR_TILLITSVALGT):
        assert "170 svar" not in shown(kommune.write(other, "refleksjoner"))
        assert "170 svar" not in shown(kommune.press(other, "results", round="runde1"))


def test_what_a_tillitsvalgt_sees_is_the_schools_and_the_kommunes(kommune: Kommune) -> None:
    strandvik = Group("skole", "Strandvik ungdomsskole")
    figures = {WHOLE: {"gaar": figure(30, 31)}, strandvik: {"gaar": figure(13, 14)}}
    figures |= {NORDLIA: {"gaar": figure(17, 17)}, NORD: {"gaar": figure(17, 17)}}
    with kommune.session() as session:
        close_a_round(session, report=Report(5, figures))
    text = shown(kommune.write(GEIR_TILLITSVALGT, "resultat"))
    assert "Heile kommunen: 61 svar" in text
    assert "Strandvik ungdomsskole: 27 svar" in text
    assert "34 svar" not in text


def test_a_round_of_texts_alone_has_no_picture(kommune: Kommune) -> None:
    only = a_set().model_dump(mode="json")
    only["section"][0]["step"] = only["section"][0]["step"][1:]
    with kommune.session() as session:
        close_a_round(session, a_set(**only), Report(5, {}), closed_at=CLOSED)
    replies = kommune.write(ANE_LÆRER, "refleksjoner")
    assert "bare svar i fritekst" in shown(replies)
    assert not blocks_of(replies, Picture)
