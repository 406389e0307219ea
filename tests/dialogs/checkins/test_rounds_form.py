"""Starting a round in the chat and on the page, the card of one, and the list of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dialogs.browser import PAGE_VERBS
from dialogs.messages import Button, CardReply, DateInput, PageLinks, Reply, TextInput
from knowledge.library import Library
from storage.database import Database
from storage.rounds import list_rounds
from tests.dialogs.checkins.rounds_made import LEADERS, NORDLIA, OTHER, ROUND, SHORT, SURVEY, Rounds
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
    UNKNOWN,
    buttons,
    choice,
)
from tests.dialogs.shown import shown

OPEN = datetime(2026, 11, 25, 9, tzinfo=UTC)
FILLED = {
    "audience": "lærere",
    "audience_text": "",
    "first": "24.11.2026",
    "last": "30. november",
    "repeat": "måned",
    "discussed_on": "10.11.",
    "purpose": "Vi ser på svarene i skoleledermøtet.",
}


@pytest.fixture
def kommune(library: Library, database: Database) -> Rounds:
    return Rounds(library, database)


def fill(
    kommune: Rounds, who: str = HANNE_SKOLEEIER, set: str = SHORT.id, **filled: Any
) -> list[Reply]:
    """From «ny spørrerunde» to what comes after the form."""
    chosen = kommune.follow(who, buttons(kommune.write(who, "ny spørrerunde"))["Neste"], set=set)
    return kommune.follow(who, buttons(chosen)["Se hvordan det blir"], **FILLED | filled)


def count(kommune: Rounds) -> int:
    with kommune.session() as session:
        return len(list_rounds(session))


def fields(replies: list[Reply]) -> dict[str, str]:
    return {
        block.id: block.value
        for reply in replies
        if isinstance(reply, CardReply)
        for block in reply.blocks
        if isinstance(block, TextInput | DateInput)
    }


def links(replies: list[Reply]) -> list[str]:
    return [
        path
        for reply in replies
        if isinstance(reply, CardReply)
        for block in reply.blocks
        if isinstance(block, PageLinks)
        for _, path in block.links
    ]


def test_the_form_proposes_what_is_possible_as_it_stands(kommune: Rounds) -> None:
    chosen = kommune.follow(
        HANNE_SKOLEEIER,
        buttons(kommune.write(HANNE_SKOLEEIER, "ny spørrerunde"))["Neste"],
        set=SHORT.id,
    )
    seen = kommune.follow(
        HANNE_SKOLEEIER,
        buttons(chosen)["Se hvordan det blir"],
        **{
            **fields(chosen),
            "audience": choice(chosen, "audience").value,
            "discussed_on": "2026-11-20",
        },
    )
    assert fields(chosen)["first"] == "2026-11-25"
    assert fields(chosen)["last"] == "2026-12-01"
    assert "Start" in buttons(seen)


def test_the_preview_says_who_gets_it_when_and_who_sees_what(kommune: Rounds) -> None:
    text = shown(fill(kommune))
    assert "Slik blir det: Hvordan går det?" in text
    assert "Runden går til 17 personer på 3 skoler." in text
    assert "Noen har ikke installert boten ennå (14 personer)." in text
    assert "Tillitsvalgte får spørsmålene med en gang, før kollegene (1 på disse skolene)." in text
    assert "Runden sendes tirsdag 24. november kl. 08.00." in text
    assert "én påminnelse torsdag 26. november kl. 08.00" in text
    assert "Resultatet kommer tirsdag 1. desember kl. 08.00." in text
    assert "Drøftet med hovedtillitsvalgt: tirsdag 10. november" in text
    assert "Drøftingen gjelder for hele serien." in text
    assert "minst 5" in text
    assert "Hvordan går det med trivsel?" in text
    assert count(kommune) == 0


def test_start_pressed_twice_starts_one_round(kommune: Rounds) -> None:
    start = buttons(fill(kommune))["Start"]
    replies = [kommune.follow(HANNE_SKOLEEIER, start) for _ in range(2)]
    assert "Runden er lagt inn." in shown(replies[0])
    assert "Runden er alt lagt inn." in shown(replies[1])
    assert count(kommune) == 1
    # Somebody else with the same id sees nothing of it.
    assert "finnes ikke" in shown(kommune.follow(DAVID_REKTOR, start))


@pytest.mark.parametrize(
    ("filled", "told"),
    [
        ({"discussed_on": ""}, "Fyll ut datoen for drøftingen."),
        ({"discussed_on": "en gang i høst"}, "Velg en dato."),
        ({"first": "tull"}, "Velg en dato."),
        ({"first": ["x"]}, "Velg en dato."),
        ({"last": "aldri"}, "Velg en dato."),
        ({"audience": "-", "audience_text": ""}, "Målgruppen mangler."),
        ({"audience": "-", "audience_text": "sone: Vest"}, "Finner ikke sonen «Vest»"),
        ({"audience": {"a": 1}, "audience_text": ""}, "Målgruppen mangler."),
        ({"audience_text": "gruppe: Alle"}, "Finner ikke gruppen"),
        ({"purpose": "x" * 501}, "Kort den ned til 500 tegn."),
        ({"first": "23.11.2026"}, "skal se spørsmålene før kollegene"),
    ],
)
def test_what_is_wrong_stands_at_the_field_with_what_was_written(
    kommune: Rounds, filled: dict[str, Any], told: str
) -> None:
    again = fill(kommune, **filled)
    assert told in shown(again)
    kept = fields(again)
    for field, value in filled.items():
        if isinstance(value, str) and field in kept and len(value) < 500:
            assert kept[field] == value
    assert count(kommune) == 0
    # Corrected, it goes on.
    seen = kommune.follow(HANNE_SKOLEEIER, buttons(again)["Se hvordan det blir"], **FILLED)
    assert "Start" in buttons(seen)


def test_rett_opp_brings_back_what_was_filled_in(kommune: Rounds) -> None:
    seen = fill(kommune)
    again = kommune.follow(HANNE_SKOLEEIER, buttons(seen)["Rett opp"])
    assert fields(again)["purpose"] == FILLED["purpose"]
    assert choice(again, "repeat").value == "måned"


def test_an_empty_last_day_is_a_week_for_a_reflection_and_two_for_a_survey(
    kommune: Rounds,
) -> None:
    assert "tirsdag 24. november – mandag 30. november" in shown(fill(kommune, last=""))
    survey = fill(kommune, set=SURVEY.id, last="")
    assert "tirsdag 24. november – mandag 7. desember" in shown(survey)


def test_a_rektor_chooses_among_what_is_the_schools_and_asks_the_school(kommune: Rounds) -> None:
    new = kommune.write(DAVID_REKTOR, "ny spørrerunde")
    assert {value for value, _ in choice(new, "set").options} == {SHORT.id, SURVEY.id}
    seen = fill(kommune, DAVID_REKTOR)
    assert "Runden går til 8 personer på Nordlia skole." in shown(seen)
    started = kommune.follow(DAVID_REKTOR, buttons(seen)["Start"])
    assert "lærere i enhet: Nordlia skole" in shown(started)
    assert kommune.press(DAVID_REKTOR, "round_form", set=LEADERS.id)
    assert count(kommune) == 1


@pytest.mark.parametrize("who", [ANE_LÆRER, KARI_AVDELINGSLEDER, GEIR_TILLITSVALGT, UNKNOWN])
@pytest.mark.parametrize("verb", ["round_new", "round_form", "round_preview", "round_start"])
def test_nobody_else_gets_at_the_form(kommune: Rounds, who: str, verb: str) -> None:
    start = dict(buttons(fill(kommune))["Start"].value)
    kommune.press(who, **{**start, "verb": verb})
    assert count(kommune) == 0


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"set": "finnes ikke"},
        {"set": [1]},
        {"set": SHORT.id, "filled": "x", "new": 3},
        {"set": SHORT.id, "filled": {"first": {}}, "new": "x" * 5000},
    ],
)
def test_forged_values_start_nothing(kommune: Rounds, value: dict[str, Any]) -> None:
    for verb in ("round_form", "round_preview", "round_start", "round_show", "round_later"):
        assert kommune.press(HANNE_SKOLEEIER, verb, **value)
    assert count(kommune) == 0


# On the page


def test_the_same_cards_are_a_form_on_the_page(kommune: Rounds) -> None:
    browser = kommune.assistant.browser
    page = browser.page("ny-runde", {}, HANNE_SKOLEEIER)
    assert page is not None
    assert isinstance(page.cards[0].buttons[0], Button)
    form = browser.press({**page.cards[0].buttons[0].value, "set": SHORT.id}, HANNE_SKOLEEIER)
    seen = browser.press({**buttons(form)["Se hvordan det blir"].value, **FILLED}, HANNE_SKOLEEIER)
    assert "Runden er lagt inn." in shown(
        browser.press(buttons(seen)["Start"].value, HANNE_SKOLEEIER)
    )
    assert count(kommune) == 1
    for who in (ANE_LÆRER, JORUNN_ADMINISTRATOR, UNKNOWN):
        assert browser.page("ny-runde", {}, who) is None
    assert {"round_start", "round_close", "round_cancel", "round_later"} <= PAGE_VERBS


# One round


def test_the_round_is_closed_after_asking_once(kommune: Rounds) -> None:
    kommune.made()
    kommune.now = OPEN
    shown_first = kommune.press(HANNE_SKOLEEIER, "round_show", round=ROUND)
    asked = kommune.follow(HANNE_SKOLEEIER, buttons(shown_first)["Lukk nå"])
    assert kommune.round().closed_at is None
    yes = buttons(asked)["Ja, lukk runden"]
    assert "resultatet er klart" in shown(kommune.follow(HANNE_SKOLEEIER, yes))
    assert kommune.round().closed_at is not None
    assert links(kommune.follow(IVAR_FAGRÅDGIVER, yes)) == [f"/side/runder/{ROUND}"]
    late = kommune.press(HANNE_SKOLEEIER, "round_cancel", round=ROUND)
    assert "Runden er lukket" in shown(late)
    assert kommune.round().cancelled_at is None


def test_the_deadline_is_put_off_and_a_wrong_one_comes_back(kommune: Rounds) -> None:
    kommune.made()
    kommune.now = OPEN
    asked = kommune.press(HANNE_SKOLEEIER, "round_later_ask", round=ROUND)
    save = buttons(asked)["Lagre"]
    for written, told in (("tull", "Velg en dato."), ("2026-11-26", "bare flyttes til senere")):
        again = kommune.follow(HANNE_SKOLEEIER, save, last=written)
        assert told in shown(again)
        assert fields(again)["last"] == written
    done = kommune.follow(HANNE_SKOLEEIER, save, last="2026-12-04")
    assert "Fristen er flyttet." in shown(done)
    assert "fredag 4. desember" in shown(done)


def test_repeating_is_stopped_with_one_press(kommune: Rounds) -> None:
    kommune.made(repeat="måned")
    shown_first = kommune.press(HANNE_SKOLEEIER, "round_show", round=ROUND)
    stop = buttons(shown_first)["Stopp gjentakelsen"]
    assert "Denne runden er den siste." in shown(kommune.follow(HANNE_SKOLEEIER, stop))
    assert kommune.round().repeat == ""


@pytest.mark.parametrize("who", [ANE_LÆRER, DAVID_REKTOR, GEIR_TILLITSVALGT, UNKNOWN])
def test_nobody_else_closes_puts_off_or_cancels(kommune: Rounds, who: str) -> None:
    kommune.made(repeat="måned")
    kommune.now = OPEN
    before = kommune.round()
    for verb in (
        "round_close_ask",
        "round_close",
        "round_later_ask",
        "round_later",
        "round_cancel_ask",
        "round_cancel",
        "round_stop_repeat",
    ):
        assert kommune.press(who, verb, round=ROUND, last="2026-12-04")
    assert kommune.round() == before


def test_a_planned_round_is_known_to_who_started_it_and_the_tillitsvalgte(
    kommune: Rounds,
) -> None:
    kommune.made()
    for who, sees in (
        (IVAR_FAGRÅDGIVER, True),
        (GEIR_TILLITSVALGT, True),
        (ANE_LÆRER, False),
        (DAVID_REKTOR, False),
        (JORUNN_ADMINISTRATOR, False),
        (UNKNOWN, False),
    ):
        text = shown(kommune.press(who, "round_show", round=ROUND))
        assert ("trivsel" in text) == sees, who


def test_a_schools_own_round_is_not_for_the_skoleeierteam(kommune: Rounds) -> None:
    kommune.made(DAVID_REKTOR, audience=(f"enhet: {NORDLIA}",))
    kommune.now = OPEN
    for who in (HANNE_SKOLEEIER, LARS_REKTOR, ELI_REKTOR):
        assert "trivsel" not in shown(kommune.press(who, "round_show", round=ROUND))
        assert NORDLIA not in shown(kommune.write(who, "spørrerunder"))


# The list


def test_the_list_has_the_rate_in_tens_and_never_who(kommune: Rounds) -> None:
    kommune.made()
    kommune.now = OPEN
    for who in kommune.teachers()[:8]:
        kommune.vote(who)
    text = shown(kommune.write(HANNE_SKOLEEIER, "spørrerunder"))
    assert "Omtrent 50 % har svart." in text
    assert "Ane" not in text
    for who in (DAVID_REKTOR, ANE_LÆRER, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR):
        assert "%" not in shown(kommune.write(who, "spørrerunder"))


def test_of_a_schools_own_round_no_rate_is_told_while_it_is_open(kommune: Rounds) -> None:
    kommune.made(DAVID_REKTOR, audience=(f"enhet: {NORDLIA}",))
    kommune.now = OPEN
    kommune.vote(ANE_LÆRER)
    assert "%" not in shown(kommune.write(DAVID_REKTOR, "spørrerunder"))
    assert "%" not in shown(kommune.press(DAVID_REKTOR, "round_show", round=ROUND))


def test_a_laerer_answers_from_the_list_until_they_have(kommune: Rounds) -> None:
    assert "Det er ingen spørrerunder for deg nå" in shown(kommune.write(ANE_LÆRER, "spørrerunder"))
    kommune.made()
    kommune.now = OPEN
    listed = kommune.write(ANE_LÆRER, "spørrerunder")
    opened = kommune.follow(ANE_LÆRER, buttons(listed)["Svar"])
    assert "Hvordan går det med trivsel?" in shown(opened)
    kommune.vote(ANE_LÆRER)
    assert "Svar" not in buttons(kommune.write(ANE_LÆRER, "spørrerunder"))
    assert "Svar" in buttons(kommune.write(BJØRN_LÆRER, "spørjerundar"))


def test_tillitsvalgte_find_those_to_come_with_their_questions(kommune: Rounds) -> None:
    kommune.made()
    listed = kommune.write(GEIR_TILLITSVALGT, "spørjerundar")
    assert "Rundar som kjem til kollegaene dine" in shown(listed)
    one = kommune.follow(GEIR_TILLITSVALGT, buttons(listed)["Vis runden"], round=ROUND)
    assert "Korleis går det med trivsel?" in shown(one)
    assert "Avlys" not in buttons(one)


def test_closed_rounds_are_listed_for_those_who_see_their_results(kommune: Rounds) -> None:
    kommune.made(set=LEADERS, audience=("ledere",), discussed_on=None)
    kommune.made(id=OTHER)
    kommune.now = OPEN
    for id in (ROUND, OTHER):
        kommune.press(HANNE_SKOLEEIER, "round_close", round=id)
    assert set(links(kommune.write(HANNE_SKOLEEIER, "spørrerunder"))) == {
        f"/side/runder/{ROUND}",
        f"/side/runder/{OTHER}",
    }
    assert f"/side/runder/{ROUND}" in links(kommune.write(FATIMA_AVDELINGSLEDER, "spørrerunder"))
    assert links(kommune.write(ANE_LÆRER, "spørrerunder")) == [f"/side/runder/{OTHER}"]


def test_a_rektor_sees_what_is_open_for_the_colleagues(kommune: Rounds) -> None:
    kommune.made(audience=("lærere",))
    kommune.now = OPEN
    assert "Åpne for kollegene dine" in shown(kommune.write(DAVID_REKTOR, "spørrerunder"))
    assert "Åpne for kollegene dine" not in shown(kommune.write(ANE_LÆRER, "spørrerunder"))
