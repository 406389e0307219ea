"""«Undersøkelsen»: the steps of the source with their dates and texts, and who may set them."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.sizes import MESSAGE_BYTES, message_bytes
from dialogs.assistant import VERBS
from dialogs.checkins.survey_steps import STEPS, planned, proposed_day
from dialogs.context import OSLO
from dialogs.guide_files import load_guides
from dialogs.messages import CardReply, Choice, DateInput, Paragraph, Reply, Table
from dialogs.question_set_files import load_question_sets
from dialogs.wording import read_wordings
from knowledge.holidays import Holidays
from knowledge.library import Library
from storage.database import Database
from storage.rounds import Round, add_round, change_round, find_round
from tests.bot.test_cards import activities_for
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
)
from tests.dialogs.shown import shown

SURVEY = load_question_sets()[0]["kompetanseundersokelsen"]
ROUND = "survey"
FIRST, LAST = date(2027, 1, 11), date(2027, 1, 22)
# The steps of the source, in its order; some of them are a step for each thing to be done.
IDS = [
    "forankring",
    "lister",
    "rektorer",
    "informasjon",
    "fellestid",
    "feil",
    "paminnelse",
    "presentasjon",
    "analysemote",
    "prioritering",
    "forslag",
    "gir_mening",
    "tiltak",
    "evaluering",
]


def survey(**changes: Any) -> Round:
    made = Round(
        id=ROUND,
        question_set=SURVEY.id,
        asked=SURVEY.model_dump(mode="json"),
        title=SURVEY.title,
        audience=("lærere", "ledere"),
        discussed_on=date(2026, 11, 10),
        opens=datetime(2027, 1, 11, 8, tzinfo=OSLO),
        closes=datetime(2027, 1, 23, tzinfo=OSLO),
        created_by=HANNE_SKOLEEIER,
        created_by_name="Hanne Myhre",
    )
    return replace(made, **changes)


def put_in(kommune: Kommune, round: Round) -> None:
    with kommune.session() as session:
        add_round(session, round)


def kept(kommune: Kommune) -> Round:
    with kommune.session() as session:
        found = find_round(session, ROUND)
    assert found is not None
    return found


def step(kommune: Kommune, id: str, who: str = HANNE_SKOLEEIER) -> list[Reply]:
    return kommune.press(who, "survey_step", round=ROUND, step=id)


def date_input(replies: list[Reply]) -> DateInput:
    return next(
        block
        for reply in replies
        if isinstance(reply, CardReply)
        for block in reply.blocks
        if isinstance(block, DateInput)
    )


def rows(replies: list[Reply]) -> dict[str, tuple[str, str]]:
    """(date, state) of each step that the card lists, by its name."""
    [card] = [one for one in replies if isinstance(one, CardReply)]
    [table] = [one for one in card.blocks if isinstance(one, Table)]
    return {name: (day, state) for day, name, state in table.rows}


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    kommune = Kommune(library, database)
    put_in(kommune, survey())
    return kommune


# The dates


def test_the_steps_follow_the_months_of_the_source() -> None:
    """Answered in January, presented in February … and «gir dette mening?» in June."""
    days = {one.step.id: one.day for one in planned(survey(), Holidays(), date(2026, 10, 1))}
    assert list(days) == IDS
    months = [days[id].month for id in IDS[7:12]]
    assert months == [2, 3, 4, 5, 6]
    assert days["informasjon"] < days["fellestid"] == FIRST
    assert FIRST < days["feil"] < days["paminnelse"] <= LAST
    assert days["evaluering"].year == 2028


@pytest.mark.parametrize("weeks", range(0, 52, 5))
def test_a_proposed_date_is_a_school_day_in_good_order(library: Library, weeks: int) -> None:
    moved = timedelta(weeks=weeks)
    round = survey(opens=survey().opens + moved, closes=survey().closes + moved)
    days = [proposed_day(round, one, library.holidays) for one in STEPS]
    answering = [one.answering for one in STEPS]
    asked = [day for day, is_answering in zip(days, answering, strict=True) if is_answering]
    around = [day for day in days if day not in asked]
    assert all(library.holidays.is_school_day(day) for day in around)
    assert days[:4] == sorted(days[:4])
    assert days[7:] == sorted(days[7:])
    first, last = round.opens.date(), (round.closes - timedelta(days=1)).date()
    assert max(days[:4]) < first
    assert all(first <= day <= last for day in asked)
    assert min(days[7:]) > last


def test_nothing_is_presented_while_people_still_answer() -> None:
    late = survey(closes=survey().closes + timedelta(weeks=8))
    days = {one.step.id: one.day for one in planned(late, Holidays(), date(2026, 10, 1))}
    assert days["presentasjon"] >= date(2027, 3, 26)


# The overview


@pytest.mark.parametrize("who", [HANNE_SKOLEEIER, DAVID_REKTOR, ANE_LÆRER, JORUNN_ADMINISTRATOR])
def test_everybody_sees_the_steps_and_their_dates(kommune: Kommune, who: str) -> None:
    replies = kommune.write(who, "undersøkelsen")
    assert len(rows(replies)) == len(IDS)
    assert rows(replies)["Svare i fellestid"] == ("11.01.2027", "Foreslått dato")
    assert "fra mandag 11. januar til og med fredag 22. januar" in shown(replies)


@pytest.mark.parametrize("who", [BJØRN_LÆRER, IVAR_FAGRÅDGIVER])
def test_in_nynorsk_too(kommune: Kommune, who: str) -> None:
    text = shown(kommune.write(who, "Prosessen for undersøkinga"))
    assert "Kompetanseundersøkinga: prosessen" in text
    assert "Spørje: Gir dette meining?" in text


def test_what_is_done_of_itself_is_said(kommune: Kommune) -> None:
    assert rows(kommune.write(ANE_LÆRER, "undersøkelsen"))["Forankre hos de tillitsvalgte"] == (
        "10.11.2026",
        "Gjort 10.11.2026",
    )
    kommune.now = datetime(2027, 2, 1, 9, tzinfo=UTC)
    listed = rows(kommune.write(ANE_LÆRER, "undersøkelsen"))
    assert listed["Svare i fellestid"] == ("11.01.2027", "Gjort 22.01.2027")
    assert listed["Informere alle rektorene"][1] == "Datoen er passert"


def test_the_first_step_that_is_not_done_is_proposed(kommune: Kommune) -> None:
    assert choice(kommune.write(HANNE_SKOLEEIER, "undersøkelsen"), "step").value == "lister"


def test_an_earlier_survey_has_a_button(kommune: Kommune) -> None:
    year = timedelta(days=366)
    put_in(kommune, survey(id="old", opens=survey().opens - year, closes=survey().closes - year))
    replies = kommune.write(HANNE_SKOLEEIER, "undersøkelsen")
    earlier = buttons(replies)["Vis Kompetanseundersøkelsen fra 2026"]
    assert rows(kommune.follow(HANNE_SKOLEEIER, earlier))["Svare i fellestid"][0] == "12.01.2026"


def test_without_a_survey_the_skoleeierteam_is_told_how_to_begin(
    library: Library, database: Database
) -> None:
    kommune = Kommune(library, database)
    text = shown(kommune.write(HANNE_SKOLEEIER, "undersøkelsen"))
    assert "Skriv «ny spørrerunde»" in text
    assert "minst 5 personer" in text
    assert "Skoleeierteamet sier fra" in shown(kommune.write(ANE_LÆRER, "undersøkelsen"))


def test_a_short_reflection_is_no_survey(library: Library, database: Database) -> None:
    kommune = Kommune(library, database)
    asked = load_question_sets()[0]["rett-vei"].model_dump(mode="json")
    put_in(kommune, survey(asked=asked))
    assert "Ingen undersøkelse ennå" in shown(kommune.write(ANE_LÆRER, "undersøkelsen"))
    assert "avlyst eller finnes ikke" in shown(step(kommune, "tiltak"))


# A step


@pytest.mark.parametrize("who", [HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER])
def test_each_step_says_what_and_has_a_text_ready(kommune: Kommune, who: str) -> None:
    for id in IDS:
        [card] = step(kommune, id, who)
        assert isinstance(card, CardReply)
        quoted = [b for b in card.blocks if isinstance(b, Paragraph) and b.style == "quote"]
        assert len(quoted) == 1
        assert len(quoted[0].text) > 100
        assert "{" not in shown([card])
        assert "artlegg" not in shown([card])  # it is never called kartlegging


def test_the_letter_says_when_who_sees_what_and_what_it_is_not_for(kommune: Kommune) -> None:
    text = shown(step(kommune, "informasjon", DAVID_REKTOR))
    for said in (
        "mandag 11. januar",
        "fredag 22. januar",
        "rundt 8 minutter",
        "minst 5 personer",
        "ikke om enkeltpersoner",
        "ingen leder ser om du har svart",
    ):
        assert said in text


def test_a_date_is_set_and_stands_for_everybody(kommune: Kommune) -> None:
    asked = step(kommune, "presentasjon")
    saved = kommune.follow(
        HANNE_SKOLEEIER, buttons(asked)["Lagre datoen"], day_presentasjon="2027-02-18"
    )
    assert "Datoen er satt til torsdag 18. februar." in shown(saved)
    assert kept(kommune).process["presentasjon"] == "2027-02-18"
    listed = rows(kommune.write(ANE_LÆRER, "undersøkelsen"))
    assert listed["Presentere resultatene"] == ("18.02.2027", "Dato er satt")
    assert "torsdag 18. februar" in shown(step(kommune, "informasjon"))


def test_a_date_that_was_set_stays_when_the_answering_is_moved(kommune: Kommune) -> None:
    kommune.press(HANNE_SKOLEEIER, "survey_date", round=ROUND, step="tiltak", day_tiltak="1.9.2027")
    with kommune.session() as session:
        change_round(session, replace(kept(kommune), closes=survey().closes + timedelta(weeks=1)))
    assert rows(kommune.write(ANE_LÆRER, "undersøkelsen"))["Sette i gang tiltak"][0] == "01.09.2027"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("en gang i mars", "«en gang i mars» er ikke en dato"),
        ("", "Datoen mangler"),
        ("2037-02-18", "mer enn to år"),
        ("31.02.2027", "«31.02.2027» er ikke en dato"),
        (["2027-02-18"], "Datoen mangler"),
        ("x" * 5_000, "er ikke en dato"),
    ],
)
def test_what_is_no_date_is_told_and_nothing_is_kept(
    kommune: Kommune, given: Any, said: str
) -> None:
    replies = kommune.press(
        HANNE_SKOLEEIER, "survey_date", round=ROUND, step="tiltak", day_tiltak=given
    )
    assert said in shown(replies)
    assert date_input(replies).error
    assert kept(kommune) == survey()


def test_a_step_is_marked_as_done_and_again_not(kommune: Kommune) -> None:
    done = buttons(step(kommune, "lister"))["Merk som gjort"]
    for _ in range(2):  # pressed twice
        assert "merket som gjort" in shown(kommune.follow(HANNE_SKOLEEIER, done))
    listed = rows(kommune.write(ANE_LÆRER, "undersøkelsen"))
    assert listed["Se over listene over hvem som skal svare"][1] == "Gjort 23.11.2026"
    undone = buttons(step(kommune, "lister"))["Ikke gjort likevel"]
    kommune.follow(HANNE_SKOLEEIER, undone)
    listed = rows(kommune.write(ANE_LÆRER, "undersøkelsen"))
    assert listed["Se over listene over hvem som skal svare"][1] == "Foreslått dato"


def test_the_analysemote_begins_from_its_step(library: Library, database: Database) -> None:
    guide = load_guides()[0].get("analysemote")
    assert guide is not None
    kommune = Kommune(library, database, guide)
    put_in(kommune, survey())
    begun = kommune.follow(
        DAVID_REKTOR, buttons(step(kommune, "analysemote", DAVID_REKTOR))["Begynn analysemøtet"]
    )
    assert "Begynn med det dere er gode på" in shown(begun)
    assert "Begynn analysemøtet" not in buttons(step(kommune, "analysemote", GEIR_TILLITSVALGT))


# Who


@pytest.mark.parametrize("who", [DAVID_REKTOR, GEIR_TILLITSVALGT])
def test_schools_read_the_texts_but_set_nothing(kommune: Kommune, who: str) -> None:
    replies = step(kommune, "fellestid", who)
    assert "fellestid" in shown(replies)
    assert not {"Lagre datoen", "Merk som gjort"} & buttons(replies).keys()


@pytest.mark.parametrize("who", [ANE_LÆRER, JORUNN_ADMINISTRATOR])
def test_others_follow_the_dates(kommune: Kommune, who: str) -> None:
    replies = kommune.write(who, "undersøkelsen")
    assert not buttons(replies)
    assert len(rows(step(kommune, "fellestid", who))) == len(IDS)


@pytest.mark.parametrize(
    "who", [ANE_LÆRER, DAVID_REKTOR, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR, UNKNOWN]
)
def test_only_the_skoleeierteam_sets_dates_of_its_survey(kommune: Kommune, who: str) -> None:
    for verb in ("survey_date", "survey_done"):
        kommune.press(who, verb, round=ROUND, step="tiltak", day_tiltak="2027-09-01", done=True)
    assert kept(kommune) == survey()


def test_a_survey_of_a_school_is_its_rektors(library: Library, database: Database) -> None:
    kommune = Kommune(library, database)
    put_in(kommune, survey(unit="Nordlia skole"))
    assert "Lagre datoen" in buttons(step(kommune, "tiltak", DAVID_REKTOR))
    assert rows(kommune.write(ANE_LÆRER, "undersøkelsen"))
    for who in (ELI_REKTOR, HANNE_SKOLEEIER):
        assert "Tiltak" not in shown(step(kommune, "tiltak", who))
        kommune.press(who, "survey_date", round=ROUND, step="tiltak", day_tiltak="2027-09-01")
    assert not kept(kommune).process


FORGED: list[dict[str, Any]] = [
    {},
    {"round": 7, "step": "tiltak"},
    {"round": "unknown", "step": "tiltak"},
    {"round": ROUND, "step": "done"},
    {"round": ROUND, "step": ["tiltak"], "done": True},
    {"round": ROUND, "step": "tiltak", "done": "yes"},
    {"round": ROUND, "step": "tiltak", "done": 1, "day_lister": "2027-01-01"},
]


@pytest.mark.parametrize("verb", sorted(one for one in VERBS if one.startswith("survey_")))
def test_a_forged_value_changes_nothing(kommune: Kommune, verb: str) -> None:
    for value in FORGED:
        assert kommune.press(HANNE_SKOLEEIER, verb, **value)
    assert kept(kommune) == survey()


def test_a_survey_that_is_cancelled_is_gone(kommune: Kommune) -> None:
    with kommune.session() as session:
        change_round(session, survey(cancelled_at=kommune.now))
    assert "avlyst eller finnes ikke" in shown(step(kommune, "tiltak"))
    assert "Ingen undersøkelse ennå" in shown(kommune.write(ANE_LÆRER, "undersøkelsen"))


# The page, and Teams


def test_the_page_has_the_steps_as_forms_that_save(kommune: Kommune) -> None:
    browser = kommune.assistant.browser
    page = browser.page(f"prosess/{ROUND}", {}, HANNE_SKOLEEIER)
    assert page is not None
    assert len(page.cards) == 1 + len(IDS)
    ids = [one.id for card in page.cards for one in card.blocks if isinstance(one, DateInput)]
    assert len(ids) == len(set(ids)) == len(IDS)
    save = buttons([page.cards[-1]])["Lagre datoen"]
    replies = browser.press({**save.value, "day_evaluering": "2028-01-20"}, HANNE_SKOLEEIER)
    assert "20. januar" in shown(replies)
    assert kept(kommune).process == {"evaluering": "2028-01-20"}
    for card in (*page.cards, *(one for one in replies if isinstance(one, CardReply))):
        verbs = {one.value["verb"] for one in buttons([card]).values()}
        assert verbs <= {"survey_date", "survey_done"}


def test_the_page_is_read_by_others_without_forms(kommune: Kommune) -> None:
    browser = kommune.assistant.browser
    for who, cards in ((DAVID_REKTOR, 1 + len(IDS)), (ANE_LÆRER, 1)):
        page = browser.page(f"prosess/{ROUND}", {}, who)
        assert page is not None
        assert len(page.cards) == cards
        assert not [b for c in page.cards for b in c.blocks if isinstance(b, DateInput | Choice)]
        assert not [button for card in page.cards for button in card.buttons]
    assert browser.page("prosess/unknown", {}, HANNE_SKOLEEIER) is None
    assert browser.page("prosess", {}, HANNE_SKOLEEIER) is not None


def test_each_card_can_be_sent_as_one(kommune: Kommune) -> None:
    sent = kommune.write(HANNE_SKOLEEIER, "undersøkelsen")
    for id in IDS:
        sent += step(kommune, id)
    for reply in sent:
        [activity] = activities_for(reply)
        assert message_bytes(activity) < MESSAGE_BYTES


def test_every_step_has_all_its_texts_in_both_languages() -> None:
    for language, wording in read_wordings().items():
        for one in STEPS:
            for part in ("title", "who", "what", "text"):
                said = json.dumps(wording.many(f"survey_step_{one.id}_{part}"))
                assert len(said) > 5, (language, one.id, part)
