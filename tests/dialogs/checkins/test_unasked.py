"""«Refleksjon»: for oneself, or shared once a month without a name."""

from datetime import UTC, datetime

import pytest

from dialogs.messages import CardReply, Choice
from knowledge.library import Library
from storage.database import Database
from storage.drafts import Owner, answers_of, list_drafts
from storage.rounds import Round, list_rounds
from tests.dialogs.checkins.asking import FILLED, Asking, inputs, question_set
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    HANNE_SKOLEEIER,
    UNKNOWN,
    buttons,
)
from tests.dialogs.shown import shown

WRITTEN = FILLED | {"stotte__value": "Vi øver på å lytte."}


@pytest.fixture
def kommune(library: Library, database: Database) -> Asking:
    return Asking(
        library,
        database,
        question_set("maned", unasked=True, to=("lærere", "tillitsvalgte")),
        question_set("andre", unasked=True, to=("lærere",), title="Noe annet"),
        question_set("ledelse", unasked=True, to=("ledere",), title="Å lede"),
        question_set("aldri", to=("alle",)),
    )


def rounds(kommune: Asking) -> list[Round]:
    with kommune.session() as session:
        return list_rounds(session)


def notes(kommune: Asking, who: str = ANE_LÆRER) -> list[dict[str, object]]:
    with kommune.session() as session:
        found = list_drafts(session, [Owner("person", who)], guide="refleksjonsnotat")
        return [
            {key: one.value for key, one in answers_of(session, draft.id).items()}
            for draft in found
        ]


def share(kommune: Asking, who: str = ANE_LÆRER, **filled: str) -> str:
    shown_card = buttons(kommune.press(who, "unasked_show", set="maned"))
    return shown(kommune.follow(who, shown_card["Del uten navn"], **{**WRITTEN, **filled}))


def test_a_role_with_one_set_gets_its_card_at_once_and_others_choose(kommune: Asking) -> None:
    (choice,) = [
        block
        for reply in kommune.write(ANE_LÆRER, "refleksjon")
        if isinstance(reply, CardReply)
        for block in reply.blocks
        if isinstance(block, Choice)
    ]
    assert {value for value, _ in choice.options} == {"maned", "andre"}
    leader = kommune.write(DAVID_REKTOR, "refleksjon")
    assert "Å lede" in shown(leader)
    assert set(inputs(leader)) == set(FILLED)


def test_those_who_have_none_and_those_who_are_unknown_are_told(kommune: Asking) -> None:
    assert "ingen refleksjon for rollen din" in shown(kommune.write(HANNE_SKOLEEIER, "refleksjon"))
    assert "personregister" in shown(kommune.write(UNKNOWN, "refleksjon"))
    theirs = shown(kommune.press(DAVID_REKTOR, "unasked_share", set="maned", **FILLED))
    assert "Sendt" not in theirs
    assert rounds(kommune) == []


def test_the_card_says_who_sees_what_of_either_way_before_the_questions(kommune: Asking) -> None:
    text = shown(kommune.press(ANE_LÆRER, "unasked_show", set="maned"))
    assert text.index("Beholder du den for deg selv, ser bare du den") < text.index("trivsel")
    assert "samlet for hele kommunen og for minst 5 personer" in text


def test_what_is_kept_is_listed_read_and_deleted_by_the_person_alone(kommune: Asking) -> None:
    shown_card = buttons(kommune.press(ANE_LÆRER, "unasked_show", set="maned"))
    kept = kommune.follow(ANE_LÆRER, shown_card["Behold for meg selv"], **WRITTEN)
    assert "Bare du ser den." in shown(kept)
    assert notes(kommune) == [
        {
            "refleksjon": "Hvordan går det?, 23.11.2026",
            "svar_1": "Hvordan går det med trivsel?\n4",
            "svar_2": "Velg tid.\nLitt",
            "svar_3": "Hva tenker du om stotte?\nVi øver på å lytte.",
        }
    ]
    listed = shown(kommune.write(ANE_LÆRER, "mine refleksjoner"))
    assert "Hvordan går det?, 23.11.2026" in listed
    assert "Hvordan går det?, 23.11.2026" in shown(kommune.write(ANE_LÆRER, "steg for steg"))
    assert "ingen refleksjoner" in shown(kommune.write(BJØRN_LÆRER, "refleksjonane mine")).replace(
        "refleksjonar", "refleksjoner"
    )
    (draft,) = [one.value["draft"] for one in buttons(kept).values()]
    overview = kommune.press(ANE_LÆRER, "overview", draft=draft)
    assert "Vi øver på å lytte." in shown(overview)
    asked = kommune.follow(ANE_LÆRER, buttons(overview)["Slett utkastet"])
    kommune.follow(ANE_LÆRER, next(b for t, b in buttons(asked).items() if "lett" in t))
    assert notes(kommune) == []
    assert rounds(kommune) == []


def test_keeping_twice_is_one_note(kommune: Asking) -> None:
    keep = buttons(kommune.press(ANE_LÆRER, "unasked_show", set="maned"))["Behold for meg selv"]
    for _ in range(2):
        kommune.follow(ANE_LÆRER, keep, **WRITTEN)
    assert len(notes(kommune)) == 1


def test_a_long_text_is_kept_whole(kommune: Asking) -> None:
    keep = buttons(kommune.press(ANE_LÆRER, "unasked_show", set="maned"))["Behold for meg selv"]
    kommune.follow(ANE_LÆRER, keep, **FILLED | {"stotte__value": "å" * 3_000})
    assert notes(kommune)[0]["svar_3"] == "å" * 3_000


def test_what_is_shared_goes_into_the_round_of_the_month_for_the_kommune_only(
    kommune: Asking,
) -> None:
    assert "Sendt. Svarene dine kan ikke hentes fram igjen" in share(kommune)
    (round,) = rounds(kommune)
    assert round.month == "2026-11:maned"
    assert round.title == "Hvordan går det?: delt uoppfordret i november 2026"
    assert {(one.facet, one.name, one.zone) for one in kommune.tallies(round.id)} == {
        ("sted", "", ""),
        ("rolle", "lærer", ""),
    }
    assert [one.text for one in kommune.texts(round.id)] == ["Vi øver på å lytte."]
    assert notes(kommune) == []
    assert kommune.remembered(ANE_LÆRER) == ("", None)


def test_once_a_month_for_each_person_and_set(kommune: Asking) -> None:
    share(kommune)
    again = share(kommune, trivsel__value="1")
    assert "Du kan dele igjen fra tirsdag 1. desember" in again
    assert "Vi øver på å lytte." in again
    nynorsk = buttons(kommune.press(BJØRN_LÆRER, "unasked_show", set="maned"))
    assert "Sendt" in shown(kommune.follow(BJØRN_LÆRER, nynorsk["Del utan namn"], **WRITTEN))
    (round,) = rounds(kommune)
    assert kommune.counted(round=round.id) == {("trivsel", 4): 2, ("tid", 2): 2}
    other = buttons(kommune.press(ANE_LÆRER, "unasked_show", set="andre"))["Del uten navn"]
    assert "Sendt" in shown(kommune.follow(ANE_LÆRER, other, **WRITTEN))
    kommune.now = datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert "Sendt" in share(kommune)
    assert {one.month for one in rounds(kommune)} == {
        "2026-11:maned",
        "2026-11:andre",
        "2026-12:maned",
    }


def test_the_month_begins_and_ends_at_midnight_in_oslo(kommune: Asking) -> None:
    kommune.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)  # in January already
    share(kommune)
    (round,) = rounds(kommune)
    assert round.month == "2027-01:maned"
    assert round.opens == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert round.closes == datetime(2027, 1, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("verb", ["unasked_keep", "unasked_share"])
def test_worries_empty_cards_and_forged_values_are_not_kept(kommune: Asking, verb: str) -> None:
    worry = WRITTEN | {"stotte__value": "En elev i klassen min blir slått hjemme."}
    assert "slått" not in shown(kommune.press(ANE_LÆRER, verb, set="maned", **worry))
    assert "Velg et tall" in shown(kommune.press(ANE_LÆRER, verb, set="maned"))
    for forged in ("", None, 7, "aldri", "ledelse", ["maned"]):
        kommune.press(ANE_LÆRER, verb, set=forged, draft="../x", **FILLED)
    assert notes(kommune) == []
    assert rounds(kommune) == []


def test_leaders_of_several_schools_share_the_same_round(kommune: Asking) -> None:
    for who in (DAVID_REKTOR, ELI_REKTOR):
        theirs = buttons(kommune.write(who, "refleksjon"))["Del uten navn"]
        assert "Sendt" in shown(kommune.follow(who, theirs, **WRITTEN))
    (round,) = rounds(kommune)
    assert {(one.facet, one.name, one.count) for one in kommune.tallies(round.id)} == {
        ("sted", "", 2),
        ("rolle", "leder", 2),
    }
