"""Answering a survey: theme by theme, saved as one goes, seen once by oneself, and sent."""

from typing import Any

import pytest

from dialogs.messages import Facts, Reply, Table
from dialogs.question_set import QuestionSet
from knowledge.library import Library
from storage.database import Database
from tests.dialogs.checkins.asking import ROUND, SURVEY, Asking, inputs, question_set
from tests.dialogs.kommune import ANE_LÆRER, DAVID_REKTOR, buttons
from tests.dialogs.shown import shown

DIGITAL = {
    "verktoy__kompetanse": "5",
    "verktoy__viktighet": "4",
    "nettvett__kompetanse": "2",
    "nettvett__viktighet": "5",
    "kommentar__value": "",
}
LEADING = {"klassen__kompetanse": "3", "klassen__viktighet": "3"}


@pytest.fixture
def kommune(library: Library, database: Database) -> Asking:
    kommune = Asking(library, database)
    kommune.ask(survey())
    return kommune


def survey() -> QuestionSet:
    return question_set(**SURVEY)


def begin(kommune: Asking, who: str = ANE_LÆRER) -> list[Reply]:
    card = buttons(kommune.open(who))
    return kommune.follow(who, card.get("Begynn") or card["Fortsett"])


def walk(kommune: Asking, who: str = ANE_LÆRER, **changed: Any) -> list[Reply]:
    """Through all cards, to the end before sending."""
    replies = begin(kommune, who)
    for given in ({"erfaring__value": "lang"}, DIGITAL | changed, LEADING):
        replies = kommune.follow(who, buttons(replies)["Neste"], **given)
    return replies


def test_the_way_in_says_who_sees_what_the_themes_and_the_time(kommune: Asking) -> None:
    lines = shown(kommune.open(ANE_LÆRER)).splitlines()
    assert lines[1].startswith("Svarene vises bare samlet for minst 5 personer")
    assert "Tema Digital" in lines
    assert "Tema Ledelse" in lines
    assert any("Det tar om lag 7 minutter." in line for line in lines)
    assert not inputs(kommune.open(ANE_LÆRER))


def test_background_comes_first_then_each_theme_with_its_definition(kommune: Asking) -> None:
    first = begin(kommune)
    assert "Rolle: lærer, fra personregisteret." in shown(first)
    assert set(inputs(first)) == {"erfaring__value"}
    theme = kommune.follow(ANE_LÆRER, buttons(first)["Neste"], erfaring__value="kort")
    assert "Tema 1 av 2 · Undersøkelsen" in shown(theme)
    assert "Tema Digital handler om noe." in shown(theme)
    assert "Om verktoy (eksempel)" in shown(theme)
    assert "Om nettvett (eksempel)" not in shown(theme)
    assert set(inputs(theme)) == set(DIGITAL)


def test_all_is_counted_with_the_experience_and_the_draft_is_deleted(kommune: Asking) -> None:
    end = walk(kommune, kommentar__value="Vi trenger kurs.")
    assert set(kommune.draft(ANE_LÆRER)) == {
        "erfaring",
        "verktoy",
        "nettvett",
        "kommentar",
        "klassen",
    }
    sent = kommune.follow(ANE_LÆRER, buttons(end)["Send"])
    assert "heller ikke av deg" in shown(sent)
    assert kommune.draft(ANE_LÆRER) == {}
    assert kommune.counted() == {
        ("verktoy.kompetanse", 5): 1,
        ("verktoy.viktighet", 4): 1,
        ("nettvett.kompetanse", 2): 1,
        ("nettvett.viktighet", 5): 1,
        ("klassen.kompetanse", 3): 1,
        ("klassen.viktighet", 3): 1,
    }
    assert {one.name for one in kommune.tallies() if one.facet == "erfaring"} == {"lang"}
    assert [one.text for one in kommune.texts()] == ["Vi trenger kurs."]


def test_a_theme_with_something_missing_is_saved_and_asked_again(kommune: Asking) -> None:
    first = kommune.follow(ANE_LÆRER, buttons(begin(kommune))["Neste"], erfaring__value="kort")
    again = kommune.follow(
        ANE_LÆRER, buttons(first)["Neste"], **DIGITAL | {"nettvett__viktighet": ""}
    )
    assert "Velg et tall fra 1 til 5." in shown(again)
    assert inputs(again)["nettvett__kompetanse"] == "2"
    assert kommune.draft(ANE_LÆRER)["verktoy"] == {"kompetanse": 5, "viktighet": 4}


def test_later_keeps_what_is_filled_in_and_goes_on_there(kommune: Asking) -> None:
    first = kommune.follow(ANE_LÆRER, buttons(begin(kommune))["Neste"], erfaring__value="kort")
    half = {"verktoy__kompetanse": "5", "verktoy__viktighet": "4"}
    later = kommune.follow(ANE_LÆRER, buttons(first)["Lagre og fortsett senere"], **half)
    assert "bare du ser det" in shown(later)
    theme = kommune.follow(ANE_LÆRER, buttons(later)["Fortsett"])
    assert inputs(theme)["verktoy__kompetanse"] == "5"
    assert "Fortsett" in buttons(kommune.open(ANE_LÆRER))


def test_looking_back_loses_nothing(kommune: Asking) -> None:
    first = kommune.follow(ANE_LÆRER, buttons(begin(kommune))["Neste"], erfaring__value="kort")
    background = kommune.follow(ANE_LÆRER, buttons(first)["Tilbake"], **DIGITAL)
    assert inputs(background)["erfaring__value"] == "kort"
    theme = kommune.follow(ANE_LÆRER, buttons(background)["Neste"], erfaring__value="lang")
    assert inputs(theme)["nettvett__viktighet"] == "5"


def test_a_comment_that_is_emptied_is_gone(kommune: Asking) -> None:
    walk(kommune, kommentar__value="Vi trenger kurs.")
    theme = kommune.press(ANE_LÆRER, "ballot_show", round=ROUND, section="digital")
    assert inputs(theme)["kommentar__value"] == "Vi trenger kurs."
    kommune.follow(ANE_LÆRER, buttons(theme)["Neste"], **DIGITAL)
    kommune.press(ANE_LÆRER, "ballot_send", round=ROUND)
    assert kommune.texts() == []


def test_no_empty_question_holds_later_or_back_from_being_pressed(kommune: Asking) -> None:
    first = kommune.follow(ANE_LÆRER, buttons(begin(kommune))["Neste"], erfaring__value="kort")
    (card,) = first
    assert not any(getattr(block, "required", False) for block in card.blocks)  # type: ignore[union-attr]


def test_own_answers_are_shown_before_sending_strengths_first(kommune: Asking) -> None:
    end = walk(kommune)
    own = kommune.follow(ANE_LÆRER, buttons(end)["Vis mine svar én gang"])
    text = shown(own)
    assert text.index("Dette er du god på") < text.index("Avstanden mellom")
    (table,) = [block for block in own[0].blocks if isinstance(block, Table)]  # type: ignore[union-attr]
    assert table.rows == (
        ("Tema Digital", "3,5", "4,5", "1,0"),
        ("Tema Ledelse", "3,0", "3,0", "0,0"),
    )
    assert "Om verktoy" in text[: text.index("Avstanden mellom")]
    (facts,) = [block for block in own[0].blocks if isinstance(block, Facts)]  # type: ignore[union-attr]
    assert len(facts.pairs) == 5
    kommune.follow(ANE_LÆRER, buttons(own)["Send"])
    after = kommune.follow(ANE_LÆRER, buttons(end)["Vis mine svar én gang"])
    assert "Sendt." in shown(after)
    assert "3,5" not in shown(after)


def test_sending_too_early_leads_to_what_is_missing(kommune: Asking) -> None:
    replies = kommune.press(ANE_LÆRER, "ballot_send", round=ROUND)
    assert "Her mangler det svar." in shown(replies)
    assert set(inputs(replies)) == {"erfaring__value"}
    assert kommune.counted() == {}


def test_a_worry_in_a_comment_is_not_even_saved_in_the_draft(kommune: Asking) -> None:
    first = kommune.follow(ANE_LÆRER, buttons(begin(kommune))["Neste"], erfaring__value="kort")
    worry = DIGITAL | {"kommentar__value": "En elev i klassen min blir slått hjemme."}
    for title in ("Neste", "Tilbake", "Lagre og fortsett senere"):
        replies = kommune.follow(ANE_LÆRER, buttons(first)[title], **worry)
        assert "slått" not in shown(replies)
        assert set(kommune.draft(ANE_LÆRER)) == {"erfaring"}
    assert kommune.remembered(ANE_LÆRER)[0] == ""


def test_a_late_survey_is_refused_and_its_draft_is_gone(kommune: Asking) -> None:
    end = walk(kommune)
    kommune.now = kommune.now.replace(day=28)
    assert "er lukket" in shown(kommune.follow(ANE_LÆRER, buttons(end)["Send"]))
    assert kommune.draft(ANE_LÆRER) == {}
    assert kommune.counted() == {}


def test_nobody_reaches_the_draft_of_another(kommune: Asking) -> None:
    walk(kommune, kommentar__value="Vi trenger kurs.")
    theirs = kommune.press(DAVID_REKTOR, "ballot_show", round=ROUND, section="digital")
    assert "kurs" not in shown(theirs)
    assert set(inputs(theirs).values()) == {""}
    assert kommune.draft(DAVID_REKTOR) == {}


@pytest.mark.parametrize("section", ["nowhere", "", None, 7, "x" * 1_000])
def test_a_section_that_is_not_there_shows_where_the_person_is(
    kommune: Asking, section: object
) -> None:
    for verb in ("ballot_show", "ballot_next", "ballot_back"):
        replies = kommune.press(ANE_LÆRER, verb, round=ROUND, section=section)
        assert "Litt om deg" in shown(replies)


def test_the_survey_that_ships_can_be_walked_to_its_end(
    library: Library, database: Database
) -> None:
    from dialogs.guide_files import load_guides

    kommune = Asking(library, database, shipped=True)
    found = next(one for one in load_guides()[0].sets.values() if one.kind == "undersøkelse")
    kommune.ask(found, id="s" * 32)
    replies = kommune.press(ANE_LÆRER, "ballot_begin", round="s" * 32)
    for _ in range(len(found.section) + 2):
        if "Neste" not in buttons(replies):
            break
        given = {id: _any_answer(replies, id) for id in inputs(replies)}
        replies = kommune.follow(ANE_LÆRER, buttons(replies)["Neste"], **given)
    sent = kommune.follow(ANE_LÆRER, buttons(replies)["Send"])
    assert "Sendt." in shown(sent)
    assert len(kommune.counted(round="s" * 32)) == len(found.questions("nb"))


def _any_answer(replies: list[Reply], id: str) -> str:
    from dialogs.messages import Choice

    found = [
        block
        for block in replies[0].blocks  # type: ignore[union-attr]
        if isinstance(block, Choice) and block.id == id
    ]
    return found[0].options[0][0] if found else "Helt greit."
