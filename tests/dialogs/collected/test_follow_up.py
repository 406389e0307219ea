"""What was heard and what is done: written, sent to those who were asked, planned, evaluated."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from dialogs.guide_files import Guides
from dialogs.messages import Reply
from dialogs.plan_rows import rows_in
from knowledge.library import Library
from storage.audit import check
from storage.ballots import Named, keep_named
from storage.database import Database
from storage.drafts import answers_of
from storage.follow_ups import find_follow_up, follow_ups_of
from storage.meetings import Meeting, add_meeting
from storage.rounds import units_sharing
from storage.tables import AuditEntry, Conversation, GuideDraft
from tests.dialogs.collected.closed_rounds import CLOSED, a_set, close_a_round
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    START,
    UNKNOWN,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown

FILLED = {
    "heard": "Tiden strekker ikke til.",
    "measure": "Fellestiden blir fredet til samarbeid.",
    "responsible": "Kari Moen",
    "deadline": "2027-03-15",
}
NEXT_MORNING = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def kommune(library: Library, database: Database, guides: Guides) -> Kommune:
    kommune = Kommune(library, database, *guides.all)
    with kommune.session() as session:
        close_a_round(session, audience=("alle",))
    return kommune


def write(kommune: Kommune, who: str, round: str = "runde1", **changes: Any) -> list[Reply]:
    """Write a new measure through the cards."""
    listed = kommune.press(who, "follow_up", round=round)
    form = kommune.follow(who, buttons(listed)["Nytt tiltak"])
    return kommune.follow(who, buttons(form)["Lagre"], **{**FILLED, **changes})


def send(kommune: Kommune, who: str) -> list[Reply]:
    listed = kommune.press(who, "follow_up", round="runde1")
    return kommune.follow(who, buttons(listed)["Send til dem som ble spurt"])


# Writing


def test_the_team_writes_for_the_kommune_and_everybody_who_was_asked_hears(
    kommune: Kommune,
) -> None:
    assert "Fellestiden" in shown(write(kommune, HANNE_SKOLEEIER))
    assert "Fellestiden" not in shown(kommune.write(ANE_LÆRER, "hva ble gjort"))
    assert "Sendt. 8 personer" in shown(send(kommune, HANNE_SKOLEEIER))
    sent = kommune.messages_at(NEXT_MORNING)
    assert {ANE_LÆRER, BJØRN_LÆRER, DAVID_REKTOR, GEIR_TILLITSVALGT} <= sent.keys()
    assert HANNE_SKOLEEIER not in sent
    assert JORUNN_ADMINISTRATOR not in sent
    assert all(len(replies) == 1 for replies in sent.values())
    said = shown(sent[ANE_LÆRER])
    assert "Tiden strekker ikke til." in said
    assert "Fellestiden" in said
    assert "15.03.2027" in said
    assert "Det vart høyrt" in shown(sent[BJØRN_LÆRER])
    assert "Fellestiden" in shown(kommune.write(ANE_LÆRER, "Hva ble gjort?"))
    assert "Fellestiden" in shown(kommune.write(BJØRN_LÆRER, "kva vart gjort"))


def test_a_schools_measures_are_for_its_own_people_alone(kommune: Kommune) -> None:
    write(kommune, DAVID_REKTOR)
    send(kommune, DAVID_REKTOR)
    sent = kommune.messages_at(NEXT_MORNING)
    assert sent.keys() == {ANE_LÆRER, DAVID_REKTOR, KARI_AVDELINGSLEDER}
    for who in (BJØRN_LÆRER, LARS_REKTOR, HANNE_SKOLEEIER, GEIR_TILLITSVALGT):
        assert "Fellestiden" not in shown(kommune.write(who, "hva ble gjort"))
        assert "Fellestiden" not in shown(kommune.press(who, "follow_up", round="runde1"))


def test_several_measures_for_one_thing_heard_and_nothing_is_sent_twice(kommune: Kommune) -> None:
    write(kommune, HANNE_SKOLEEIER)
    listed = kommune.press(HANNE_SKOLEEIER, "follow_up", round="runde1")
    form = kommune.follow(HANNE_SKOLEEIER, buttons(listed)["Nytt tiltak"])
    assert "Tiden strekker ikke til." in shown(form)  # what was heard stands there to begin with
    old = buttons(kommune.press(HANNE_SKOLEEIER, "follow_up", round="runde1"))
    assert "Sendt. 8" in shown(send(kommune, HANNE_SKOLEEIER))
    again = kommune.follow(HANNE_SKOLEEIER, old["Send til dem som ble spurt"])
    assert "Dette er sendt før" in shown(again)
    write(kommune, HANNE_SKOLEEIER, measure="Vi spør igjen til våren.")
    send(kommune, HANNE_SKOLEEIER)
    sent = kommune.messages_at(NEXT_MORNING)[ANE_LÆRER]
    assert len(sent) == 2
    assert sum("Fellestiden" in shown([one]) for one in sent) == 1


def test_saving_twice_keeps_one(kommune: Kommune) -> None:
    listed = kommune.press(HANNE_SKOLEEIER, "follow_up", round="runde1")
    form = kommune.follow(HANNE_SKOLEEIER, buttons(listed)["Nytt tiltak"])
    for _ in range(2):
        saved = kommune.follow(HANNE_SKOLEEIER, buttons(form)["Lagre"], **FILLED)
    assert shown(saved).count("Tiden strekker ikke til.") == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"heard": ""}, "Skriv hva dere har hørt"),
        ({"measure": "  "}, "Skriv hva dere gjør"),
        ({"measure": "å" * 1_001}, "Kort den ned til 1000 tegn"),
        ({"deadline": "i morgen"}, "Fristen er ikke en dato"),
        ({"heard": 7, "measure": None}, "Skriv hva dere har hørt"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_written_stands(
    kommune: Kommune, changes: dict[str, Any], told: str
) -> None:
    said = shown(write(kommune, HANNE_SKOLEEIER, **changes))
    assert told in said
    assert "Kari Moen" in said


def test_a_worry_is_not_kept(kommune: Kommune) -> None:
    write(kommune, HANNE_SKOLEEIER, heard="Eleven Ola Hansen blir slått hjemme.")
    listed = kommune.press(HANNE_SKOLEEIER, "follow_up", round="runde1")
    assert "Ola" not in shown(listed)


def test_it_is_deleted_before_it_is_sent_and_edited_after(kommune: Kommune) -> None:
    write(kommune, HANNE_SKOLEEIER)
    write(kommune, HANNE_SKOLEEIER, measure="Noe annet.")
    listed = kommune.press(HANNE_SKOLEEIER, "follow_up", round="runde1")
    chosen = _newest(kommune)
    asked = kommune.follow(HANNE_SKOLEEIER, buttons(listed)["Slett"], follow_up=chosen)
    assert "Slette dette tiltaket?" in shown(asked)
    left = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Ja, slett"])
    assert "Noe annet." not in shown(left)
    assert "Fellestiden" in shown(left)
    send(kommune, HANNE_SKOLEEIER)
    chosen = _newest(kommune)
    refused = kommune.press(
        HANNE_SKOLEEIER, "follow_up_delete", round="runde1", follow_up=chosen, sure=True
    )
    assert "kan ikke slettes" in shown(refused)
    form = kommune.press(HANNE_SKOLEEIER, "follow_up_edit", follow_up=chosen)
    assert "evaluering av effekt" in shown(form)
    effect = {**FILLED, "effect": "Alle team har nå fast tid."}
    kommune.follow(HANNE_SKOLEEIER, buttons(form)["Lagre"], **effect)
    assert "Alle team har nå fast tid." in shown(kommune.write(ANE_LÆRER, "hva ble gjort"))


@pytest.mark.parametrize(
    "who",
    [
        ANE_LÆRER,
        KARI_AVDELINGSLEDER,
        FATIMA_AVDELINGSLEDER,
        GEIR_TILLITSVALGT,
        JORUNN_ADMINISTRATOR,
        UNKNOWN,
    ],
)
@pytest.mark.parametrize(
    "verb", ["follow_up_edit", "follow_up_save", "follow_up_delete", "follow_up_send"]
)
def test_nobody_else_writes(kommune: Kommune, who: str, verb: str) -> None:
    write(kommune, HANNE_SKOLEEIER)
    before = _kept(kommune)
    value = {"round": "runde1", "follow_up": _newest(kommune), "sure": True, **FILLED}
    value["follow_ups"] = [value["follow_up"]]
    said = shown(kommune.press(who, verb, **value | {"measure": "Ødelagt"}))
    assert "Fellestiden" not in said
    assert _kept(kommune) == before


@pytest.mark.parametrize("who", [DAVID_REKTOR, ELI_REKTOR])
def test_rektor_can_not_change_the_kommunes_nor_another_schools(kommune: Kommune, who: str) -> None:
    write(kommune, HANNE_SKOLEEIER)
    kommunes = _newest(kommune)
    write(kommune, LARS_REKTOR)
    before = _kept(kommune)
    for id in {one.id for one in before} | {kommunes}:
        for verb in ("follow_up_edit", "follow_up_save", "follow_up_delete", "follow_up_plan"):
            value = {"round": "runde1", "follow_up": id, "sure": True}
            said = shown(kommune.press(who, verb, **{**FILLED, "measure": "Ødelagt", **value}))
            assert "Fellestiden" not in said
    assert _kept(kommune) == before


@pytest.mark.parametrize("odd", [None, 7, [], {}, "x" * 5_000, "æ\x00"])
def test_anything_may_come_with_a_button(kommune: Kommune, odd: Any) -> None:
    for verb in ("follow_up", "follow_up_edit", "follow_up_save", "follow_up_delete"):
        assert kommune.press(HANNE_SKOLEEIER, verb, round=odd, follow_up=odd)
        assert kommune.press(HANNE_SKOLEEIER, verb, round="runde1", follow_up=odd, new=odd)
    for verb in ("follow_up_send", "follow_up_plan", "result_share", "result_unshare"):
        assert kommune.press(HANNE_SKOLEEIER, verb, round="runde1", follow_ups=odd, follow_up=odd)
    assert _kept(kommune) == []


# The plan and the deadline


def test_one_press_puts_it_in_the_schools_plan(kommune: Kommune) -> None:
    write(kommune, DAVID_REKTOR)
    id = _newest(kommune)
    put = kommune.press(DAVID_REKTOR, "follow_up_plan", round="runde1", follow_up=id)
    assert "står nå i skolens utviklingsplan" in shown(put)
    (row,) = _plan_rows(kommune)
    assert row["tiltak"] == FILLED["measure"]
    assert row["frist"] == "2027-03-15"
    assert row["ansvarlig"] == KARI_AVDELINGSLEDER
    again = kommune.press(DAVID_REKTOR, "follow_up_plan", round="runde1", follow_up=id)
    assert "fra før" in shown(again)
    assert len(_plan_rows(kommune)) == 1
    kommune.follow(DAVID_REKTOR, buttons(put)["Angre"])
    assert _plan_rows(kommune) == []


def test_a_rektor_takes_the_kommunes_measure_in_when_it_is_told(kommune: Kommune) -> None:
    write(kommune, HANNE_SKOLEEIER)
    id = _newest(kommune)
    before = kommune.press(DAVID_REKTOR, "follow_up_plan", round="runde1", follow_up=id)
    assert "Fellestiden" not in shown(before)
    send(kommune, HANNE_SKOLEEIER)
    after = kommune.press(DAVID_REKTOR, "follow_up_plan", round="runde1", follow_up=id)
    assert "står nå i skolens utviklingsplan" in shown(after)
    assert "utviklingsplan" in shown(kommune.press(ANE_LÆRER, "follow_up_plan", follow_up=id))
    assert len(_plan_rows(kommune)) == 1


def test_who_wrote_it_is_reminded_once_when_the_deadline_comes(kommune: Kommune) -> None:
    write(kommune, HANNE_SKOLEEIER, deadline="2026-12-01")
    first = _newest(kommune)
    write(kommune, HANNE_SKOLEEIER, deadline="2026-12-01", measure="Noe annet.")
    form = kommune.press(HANNE_SKOLEEIER, "follow_up_edit", follow_up=first)
    kommune.follow(HANNE_SKOLEEIER, buttons(form)["Lagre"], **{**FILLED, "effect": "Gjort."})
    assert kommune.messages_at(datetime(2026, 12, 1, 6, tzinfo=UTC)) == {}
    sent = kommune.messages_at(datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert sent.keys() == {HANNE_SKOLEEIER}
    (reminder,) = sent[HANNE_SKOLEEIER]
    assert "Noe annet." in shown([reminder])
    assert "Hva førte det til?" in shown([reminder])
    assert kommune.messages_at(datetime(2026, 12, 2, 9, tzinfo=UTC)) == {}


# Sharing the school's result


def test_rektor_shares_after_one_question_and_takes_it_back(kommune: Kommune) -> None:
    asked = kommune.press(DAVID_REKTOR, "result_share", round="runde1")
    said = shown(asked)
    assert "skoleeierteamet dette om Nordlia skole" in said
    assert "færre enn 5" in said
    assert "aldri rangert" in said
    assert _sharing(kommune) == set()
    done = kommune.follow(DAVID_REKTOR, buttons(asked)["Del med skoleeierteamet"])
    assert "deler nå resultatet" in shown(done)
    assert _sharing(kommune) == {"Nordlia skole"}
    back = kommune.follow(DAVID_REKTOR, buttons(done)["Trekk tilbake"])
    assert "Trukket tilbake" in shown(back)
    assert _sharing(kommune) == set()


@pytest.mark.parametrize(
    "who",
    [ANE_LÆRER, KARI_AVDELINGSLEDER, GEIR_TILLITSVALGT, HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER, UNKNOWN],
)
def test_nobody_but_rektor_shares(kommune: Kommune, who: str) -> None:
    kommune.press(who, "result_share", round="runde1", sure=True)
    assert _sharing(kommune) == set()


def test_what_is_shown_for_the_kommune_alone_has_nothing_to_share(kommune: Kommune) -> None:
    with kommune.session() as session:
        questions = a_set(finest="kommune")
        close_a_round(session, questions, id="runde2", audience=("ledere",))
    said = shown(kommune.press(DAVID_REKTOR, "result_share", round="runde2", sure=True))
    assert "bare for hele kommunen" in said
    assert "skoleeierteamet for kommunen" in shown(
        kommune.press(DAVID_REKTOR, "follow_up", round="runde2")
    )


# The page, and named answers


def test_the_page_has_the_form_for_those_who_follow_up_and_words_for_the_rest(
    kommune: Kommune,
) -> None:
    write(kommune, HANNE_SKOLEEIER)
    browser = kommune.assistant.browser
    page = browser.page("oppfolging/runde1", {}, HANNE_SKOLEEIER)
    assert page is not None
    assert "Fellestiden" in shown(page.cards)
    of_ane = browser.page("oppfolging/runde1", {}, ANE_LÆRER)
    assert of_ane is not None
    assert "Fellestiden" not in shown(of_ane.cards)
    value = {**buttons([*page.cards])["Send til dem som ble spurt"].value}
    assert "Sendt" in shown(browser.press(value, HANNE_SKOLEEIER))
    of_ane = browser.page("oppfolging/runde1", {}, ANE_LÆRER)
    assert of_ane is not None
    assert "Fellestiden" in shown(of_ane.cards)
    assert browser.page("oppfolging/annet", {}, ANE_LÆRER) is None


def test_named_answers_are_for_the_team_and_each_reading_is_recorded(kommune: Kommune) -> None:
    with kommune.session() as session:
        questions = a_set(visibility="navngitt", to=("ledere",))
        close_a_round(session, questions, id="runde3", audience=("ledere",))
        answer = {"gaar": 4, "ord": "Vi er i gang."}
        keep_named(
            session, "runde3", Named("Nordlia skole", DAVID_REKTOR, "David Lunde", answer, CLOSED)
        )
    browser = kommune.assistant.browser
    for who in (DAVID_REKTOR, ANE_LÆRER, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR):
        assert browser.page("navngitt/runde3", {}, who) is None
        assert browser.page("navngitt", {}, who) is None
    assert browser.page("navngitt/runde1", {}, HANNE_SKOLEEIER) is None  # without names
    assert _reads(kommune) == []
    listed = browser.page("navngitt", {}, HANNE_SKOLEEIER)
    assert listed is not None
    assert _reads(kommune) == []  # no answers there
    for _ in range(2):
        page = browser.page("navngitt/runde3", {}, HANNE_SKOLEEIER)
        assert page is not None
        assert "Vi er i gang." in shown(page.cards)
        assert "David Lunde" in shown(page.cards)
    assert _reads(kommune) == [(HANNE_SKOLEEIER, "navngitte svar", "round:runde3")] * 2
    with kommune.session() as session:
        assert check(session) == []


def test_seeing_who_comes_to_a_meeting_is_recorded(kommune: Kommune) -> None:
    with kommune.session() as session:
        add_meeting(
            session,
            Meeting(
                id="m1",
                kind="fellesmøte",
                title="Fellesmøte",
                starts=START + timedelta(days=5),
                ends=START + timedelta(days=5, hours=1),
                audience=("alle",),
                asks_answer=True,
                changed_at=START,
            ),
        )
    kommune.press(ANE_LÆRER, "meeting_answers", meeting="m1")
    assert _reads(kommune) == []
    assert "Ane Solbakk" in shown(kommune.press(HANNE_SKOLEEIER, "meeting_answers", meeting="m1"))
    assert _reads(kommune) == [(HANNE_SKOLEEIER, "hvem som kommer", "meeting:m1")]


def test_seeing_who_was_not_reached_is_recorded(kommune: Kommune) -> None:
    with kommune.session() as session:
        chat = select(Conversation).where(Conversation.sender == ANE_LÆRER)
        session.exec(chat).one().installed = False
    write(kommune, HANNE_SKOLEEIER)
    send(kommune, HANNE_SKOLEEIER)
    assert ANE_LÆRER not in kommune.messages_at(NEXT_MORNING)
    kommune.write(HANNE_SKOLEEIER, "leveringsstatus")
    assert _reads(kommune) == []
    assert "Ane Solbakk" in shown(kommune.write(JORUNN_ADMINISTRATOR, "leveringsstatus"))
    assert _reads(kommune) == [(JORUNN_ADMINISTRATOR, "hvem som ikke kan nås", "people")]


def _kept(kommune: Kommune) -> list[Any]:
    units = ["", "Nordlia skole", "Bakken skole", "Fjellheim skole", "Strandvik ungdomsskole"]
    with kommune.session() as session:
        return follow_ups_of(session, "runde1", units)


def _newest(kommune: Kommune) -> str:
    newest = max(_kept(kommune), key=lambda one: one.at)
    with kommune.session() as session:
        assert find_follow_up(session, newest.id) == newest
    return str(newest.id)


def _plan_rows(kommune: Kommune) -> list[dict[str, Any]]:
    with kommune.session() as session:
        plan = session.exec(
            select(GuideDraft).where(
                GuideDraft.guide == "utviklingsplan", GuideDraft.owner_name == "Nordlia skole"
            )
        ).one()
        return rows_in(answers_of(session, plan.id))


def _sharing(kommune: Kommune) -> set[str]:
    with kommune.session() as session:
        return units_sharing(session, "runde1")


def _reads(kommune: Kommune) -> list[tuple[str, str, str]]:
    with kommune.session() as session:
        rows = session.exec(select(AuditEntry).order_by(col(AuditEntry.number))).all()
        return [(row.reader, row.what, row.subject) for row in rows]
