"""Who may press what about the register and the directory: administrators, and nobody else."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dialogs.directory.removals import _name_of
from dialogs.guide_files import Guides
from knowledge.library import Library
from storage.database import Database
from storage.directory import begin_sync, note_removals, pending_removals
from storage.people import list_people
from tests.dialogs.access_matrix import ODD, PEOPLE, Pressing, cells, is_told, read
from tests.dialogs.kommune import ANE_LÆRER, JORUNN_ADMINISTRATOR, START, Kommune

TOLD = {"a": "directory_not_yours", "u": "share_unknown"}
LIST = "0" * 32  # stands for the list as it is
ADMINISTRATORS = "aaaa aaaa aa.u"
# verb -> what the button carries, and a cell for each person
#        here: rektor, avd.leder, lærer; rektor in the zone · elsewhere: rektor, avd.leder, lærer,
#        tillitsvalgt · skoleeier, fagrådgiver, administrator, unknown
MATRIX: dict[str, tuple[Mapping[str, Any], str]] = {
    "directory_removals": ({"page": 0}, ADMINISTRATORS),
    "directory_remove": ({"list": LIST, "sure": True}, ADMINISTRATORS),
    "directory_wait": ({}, ADMINISTRATORS),
}
NAME = "Ane Solbakk"


class World(Pressing):
    def carried(self, verb: str) -> dict[str, Any]:
        value = dict(MATRIX[verb][0])
        if "list" in value:
            with self.database.transaction() as session:
                value["list"] = _name_of(pending_removals(session))
        return value

    def names(self) -> set[str]:
        with self.database.transaction() as session:
            return {one.name for one in list_people(session)}


@pytest.fixture
def world(library: Library, guides: Guides, tmp_path: Path) -> World:
    """Ane is on her way out."""
    file = tmp_path / "kommune.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    kommune = Kommune(library, database)
    with kommune.session() as session:
        begin_sync(session, START)
        note_removals(session, {ANE_LÆRER}, START)
    database.close()
    return World(file, library, guides, tmp_path)


@pytest.mark.parametrize("verb", MATRIX)
def test_who_is_refused_is_told_why_and_changes_nothing(world: World, verb: str) -> None:
    value, before = world.carried(verb), world.kept()
    for name, cell in cells(MATRIX[verb][1]):
        if cell in TOLD:
            text = read(world.press(PEOPLE[name], verb, value))
            assert is_told(text, TOLD[cell]), f"{name} pressed {verb}: {text}"
            assert NAME not in text
            assert world.kept() == before, f"{name} pressed {verb}"


@pytest.mark.parametrize("verb", MATRIX)
def test_the_administrator_is_not_refused(world: World, verb: str) -> None:
    text = read(world.press(JORUNN_ADMINISTRATOR, verb, world.carried(verb)))
    assert not [key for key in TOLD.values() if is_told(text, key)]
    assert (NAME in world.names()) is (verb != "directory_remove")


@pytest.mark.parametrize("verb", MATRIX)
def test_a_forged_card_neither_fails_nor_lets_anybody_go(world: World, verb: str) -> None:
    for who in PEOPLE.values():
        for odd in ODD:
            for forged in ({"page": odd, "list": odd, "sure": odd}, {"list": odd, "sure": True}):
                text = read(world.press(who, verb, forged))
                assert text
                assert who == JORUNN_ADMINISTRATOR or NAME not in text
    assert NAME in world.names()


@pytest.mark.parametrize("word", ["katalogen", "katalog", "Katalogen"])
def test_the_words_are_for_administrators_too(world: World, word: str) -> None:
    for who in PEOPLE.values():
        assert (NAME in read(world.write(who, word))) is (who == JORUNN_ADMINISTRATOR)
