"""What guides propose, and let people choose between."""

from dataclasses import replace
from inspect import signature

import pytest

from dialogs.actions import ACTIONS
from dialogs.guide import Guide
from dialogs.guide_files import load_guides
from dialogs.known import Known
from dialogs.questions import find_section
from knowledge.library import Library
from tests.dialogs.known import COLLEAGUES, known_about

PARAMETERS = {"prefill": 3, "choices": 1, "compute": 2, "rule": 2}


@pytest.fixture(scope="module")
def guide() -> Guide:
    found = load_guides()[0].get("planbeskrivelse")
    assert found is not None
    return found


@pytest.fixture
def known(library: Library) -> Known:
    return known_about(library=library)


def test_every_action_takes_what_its_purpose_gives() -> None:
    for name, action in ACTIONS.items():
        assert len(signature(action.call).parameters) == PARAMETERS[action.purpose], name


def test_the_school_and_its_type_are_written_for_you(guide: Guide, known: Known) -> None:
    assert ACTIONS["school_name"].call(known, guide, guide.step[0]) == "Nordlia skole, barneskole"
    nowhere = replace(known, person=replace(known.person, unit="", school_type=""))
    assert ACTIONS["school_name"].call(nowhere, guide, guide.step[0]) is None


def test_last_years_answer_is_that_of_the_same_step_and_guide(guide: Guide) -> None:
    step = guide.step[1]
    known = known_about(earlier=lambda id: {step.id: "i fjor"} if id == guide.id else {})
    assert ACTIONS["last_year"].call(known, guide, step) == "i fjor"
    assert ACTIONS["last_year"].call(known, guide, guide.step[2]) is None


def test_the_goals_of_the_utviklingsplan_stand_one_a_line_and_once(guide: Guide) -> None:
    rows = [{"maal": "Lese mer"}, {"maal": None}, {}, {"maal": " Lese mer "}, {"maal": "Le mer"}]
    known = known_about(plan=lambda: rows)
    assert ACTIONS["plan_goals"].call(known, guide, guide.step[0]) == "Lese mer\nLe mer"
    assert ACTIONS["plan_goals"].call(known_about(), guide, guide.step[0]) is None


def test_colleagues_with_the_same_name_are_told_apart() -> None:
    offered = ACTIONS["colleagues"].call(known_about())
    assert offered == (
        ("k1", "Ane Li"),
        ("k2", "Bo Dal (lærer)"),
        ("k3", "Bo Dal (tillitsvalgt)"),
    )
    assert len(COLLEAGUES) == len(offered)


def test_what_a_plan_serves_are_the_ambisjoner_of_the_schools_and_their_tiltak(
    known: Known,
) -> None:
    offered = dict(ACTIONS["plan_sections"].call(known))
    assert offered["Kvalitetsplanen › Del 2 › Ambisjon 2 skole"] == "Ambisjon 2 skole"
    assert offered["Kvalitetsplanen › Del 2 › Ambisjon 2 skole › PRUVA"].endswith("› PRUVA")
    assert not [label for label in offered.values() if "barnehage" in label]
    assert all(find_section(known.library, address) for address in offered)
    assert not [address for address in offered if "," in address]  # several are sent with commas


def test_a_kindergarten_is_offered_its_own(library: Library) -> None:
    offered = ACTIONS["plan_sections"].call(known_about(unit_kind="barnehage", library=library))
    assert offered
    assert all(label.split(" › ")[0].endswith("barnehage") for _, label in offered)


def test_the_skoleeierteam_is_offered_both(library: Library) -> None:
    of_all = ACTIONS["plan_sections"].call(known_about("skoleeierteam", "", "", library=library))
    firsts = {label.split(" › ")[0].split()[-1] for _, label in of_all}
    assert firsts == {"barnehage", "skole"}
