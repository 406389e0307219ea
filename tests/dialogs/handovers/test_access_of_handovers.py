"""Who may press what of the questions that are handed over: every verb, everybody.

The matrix is data, as in tests/dialogs/test_access_matrix.py. Ane has asked three questions: one is
new, one Ivar has taken, one he has answered.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dialogs.assistant import VERBS
from dialogs.browser import PAGE_VERBS
from dialogs.guide_files import Guides
from dialogs.handovers import adviser_answer, answer_as_entry, asking, desk, own_questions
from knowledge.library import Library
from storage.database import Database
from storage.handovers import Handover, add_handover
from tests.dialogs.access_matrix import ODD, PEOPLE, Pressing, cells, is_told, read
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    UNKNOWN,
    Kommune,
)

SECRET = "Anes eget spørsmål"
READERS = {ANE_LÆRER, IVAR_FAGRÅDGIVER}
OUTSIDERS = (DAVID_REKTOR, BJØRN_LÆRER, HANNE_SKOLEEIER, JORUNN_ADMINISTRATOR, UNKNOWN)
NEW, TAKEN, ANSWERED, FREE = ({"handover": one * 32} for one in "1234")

TOLD = {  # refused, with this sentence
    "u": "share_unknown",
    "g": "handover_gone",
    "a": "handover_not_adviser",
    "n": "handover_nobody",
}
EVERYBODY = ".... .... ...u"
ASKER = "gg.g gggg gggu"
ADVISER = "aaaa aaaa a.au"
# verb, and what of -> what the button carries, and a cell for each person
#        here: rektor, avd.leder, lærer; rektor in the zone · elsewhere: rektor, avd.leder, lærer,
#        tillitsvalgt · skoleeier, fagrådgiver, administrator, unknown
MATRIX: dict[str, tuple[Mapping[str, Any], str]] = {
    "handover_send": ({"new": FREE["handover"], "text": "Hva er PRUVA?"}, ".... .... .n.u"),
    "handover_cancel": ({}, EVERYBODY),
    "handover_own": ({}, EVERYBODY),
    "handover_mine": (NEW, ASKER),
    "handover_mine, answered": (ANSWERED, ASKER),
    "handover_withdraw": (NEW, ASKER),
    "handover_withdraw, taken": (TAKEN, ASKER),
    "handover_thanks": (ANSWERED, ASKER),
    "handover_wonder": (ANSWERED, ASKER),
    "handover_send_more": ({**ANSWERED, "base": 2, "text": "Og så?"}, ASKER),
    "handover_desk": ({}, ADVISER),
    "handover_open": (NEW, ADVISER),
    "handover_open, answered": (ANSWERED, ADVISER),
    "handover_take": (NEW, ADVISER),
    "handover_give_back": (TAKEN, ADVISER),
    "handover_pass": (TAKEN, ADVISER),
    "handover_pass_on": ({**TAKEN, "to": HANNE_SKOLEEIER}, ADVISER),
    "handover_answer": ({**TAKEN, "base": 1, "text": "Slik."}, ADVISER),
    "handover_entry": (ANSWERED, ADVISER),
}
OF_HANDOVERS = {row.partition(",")[0] for row in MATRIX}
MODULES = (adviser_answer, answer_as_entry, asking, desk, own_questions)


class World(Pressing):
    def handovers(self) -> list[Any]:
        return self.kept()["handover"]


@pytest.fixture(scope="module")
def file(library: Library, guides: Guides, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("handovers") / "kommune.db"
    database = Database(f"sqlite:///{found}")
    database.migrate()
    kommune = Kommune(library, database, *guides.all)
    ivar = {"assigned": IVAR_FAGRÅDGIVER, "assigned_name": "Ivar Kleiva"}
    states: tuple[tuple[Mapping[str, str], dict[str, Any]], ...] = (
        (NEW, {}),
        (TAKEN, {"state": "tildelt", "revision": 1, **ivar}),
        (ANSWERED, {"state": "besvart", "revision": 2, "answer": SECRET, **ivar}),
    )
    with kommune.session() as session:
        for which, rest in states:
            add_handover(
                session,
                Handover(
                    id=which["handover"],
                    asker=ANE_LÆRER,
                    asker_name="Ane Solbakk",
                    question=SECRET,
                    at=kommune.now,
                    **{"answered_at": kommune.now, **rest} if "answer" in rest else rest,
                ),
            )
    database.close()
    return found


@pytest.fixture
def world(file: Path, library: Library, guides: Guides, tmp_path: Path) -> World:
    return World(file, library, guides, tmp_path)


def press(world: World, who: str, row: str, value: Mapping[str, Any]) -> str:
    text = read(world.press(who, row.partition(",")[0], value))
    if who not in READERS:
        assert SECRET not in text, f"{who} pressed {row}"
    return text


def test_every_verb_of_these_modules_is_in_the_matrix_and_none_is_for_the_page() -> None:
    theirs = {verb for module in MODULES for verb in module.VERBS}
    assert theirs == OF_HANDOVERS
    assert theirs <= VERBS.keys()
    assert not theirs & set(PAGE_VERBS)


@pytest.mark.parametrize("row", MATRIX)
def test_who_is_refused_is_told_why_and_leaves_no_trace(world: World, row: str) -> None:
    value, people = MATRIX[row]
    before = world.kept()
    for name, cell in cells(people):
        if cell in TOLD:
            text = press(world, PEOPLE[name], row, value)
            assert is_told(text, TOLD[cell]), f"{name} pressed {row}: {text}"
            assert world.kept() == before, f"{name} pressed {row}"
    world.database.close()


@pytest.mark.parametrize("row", MATRIX)
def test_who_may_is_not_refused(
    file: Path, library: Library, guides: Guides, tmp_path: Path, row: str
) -> None:
    value, people = MATRIX[row]
    for name, cell in cells(people):
        if cell in TOLD:
            continue
        world = World(file, library, guides, tmp_path)
        text = press(world, PEOPLE[name], row, value)
        assert text
        refused = [key for key in TOLD.values() if is_told(text, key)]
        assert not refused, f"{name} pressed {row}: {text}"
        world.database.close()


@pytest.mark.parametrize("verb", sorted(OF_HANDOVERS))
def test_a_forged_card_neither_fails_nor_tells_nor_changes_what_is_others(
    world: World, verb: str
) -> None:
    real = MATRIX[verb][0]
    names = {*real, "handover", "new", "text", "base", "passage", "to"}
    before = world.handovers()
    for who in OUTSIDERS:
        for odd in ODD:
            for forged in (dict.fromkeys(names, odd), {**dict.fromkeys(names, odd), **real}):
                press(world, who, verb, forged)
    assert set(before) <= set(world.handovers())
    world.database.close()


@pytest.mark.parametrize("verb", sorted(OF_HANDOVERS))
@pytest.mark.parametrize("who", [ANE_LÆRER, IVAR_FAGRÅDGIVER])
def test_ones_own_card_may_be_as_odd_as_it_likes(world: World, verb: str, who: str) -> None:
    """One value at a time is odd, so that every check behind the others is reached."""
    real = MATRIX[verb][0]
    for odd in ODD:
        for name in {*real, "text", "passage", "base"}:
            assert press(world, who, verb, {**real, name: odd})
    world.database.close()
