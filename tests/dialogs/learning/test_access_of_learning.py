"""Who may press what of the learning loop, and who is shown its pages: everybody, every verb.

The matrix is data, as in tests/dialogs/test_access_matrix.py. A fagrådgiver writes, the
skoleeierteam reads and tries, and nobody else sees anything of it.
"""

from collections.abc import Mapping
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from dialogs.assistant import VERBS
from dialogs.browser import PAGE_VERBS
from dialogs.guide_files import Guides
from dialogs.learning import (
    case_page,
    drafts_page,
    entry_form,
    gain_page,
    learning_page,
    try_page,
)
from knowledge.library import Library
from storage.added_knowledge import add_ask, add_entry, publish
from storage.database import Database
from storage.kept_questions import keep_question, list_kept_questions
from storage.people import import_people
from tests.dialogs.access_matrix import AN_ID, ODD, PEOPLE, Pressing, cells, is_told, read
from tests.dialogs.kommune import HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER, START
from tests.dialogs.kommune import PEOPLE as REGISTER
from tests.dialogs.learning.school_rules import MOBILE, passage, read_rules

SECRET = "Hvorfor lekker taket over sløydsalen?"
DRAFT, ENTRY, PUBLISHED = "draft", "entry", "published"

# The cells; besides ".", refused with this sentence.
TOLD = {"u": "share_unknown", "-": "learning_not_yours"}
TEACHES = "---- ---- -.-u"
READS = "---- ---- ..-u"
JUDGED = {"items": ["item"], "cause": "utdatert", "target": "-"}
ENTRY_FORM = {
    "entry": AN_ID,
    "title": "Tak",
    "title_nn": "Tak",
    "text": "Spør Eiendom.",
    "text_nn": "Spør Eigedom.",
    "owner": "Eiendom",
    "link": "",
    "asks": "hvem reparerer taket",
}
# verb -> what the button carries, and a cell for each person
#        here: rektor, avd.leder, lærer; rektor in the zone · elsewhere: rektor, avd.leder, lærer,
#        tillitsvalgt · skoleeier, fagrådgiver, administrator, unknown
MATRIX: dict[str, tuple[Mapping[str, Any], str]] = {
    "learning_review": (JUDGED, TEACHES),
    "learning_add_ask": ({**JUDGED, "target": MOBILE, "ask": "hvem ringer hjem"}, TEACHES),
    "learning_ask_save": ({"added": DRAFT, "ask": "hvem ringer hjem"}, TEACHES),
    "learning_delete": ({"added": DRAFT, "sure": True}, TEACHES),
    "learning_take_back": ({"added": PUBLISHED}, TEACHES),
    "learning_entry_save": (ENTRY_FORM, TEACHES),
    "learning_publish": ({"measured": "x", "sure": True}, TEACHES),
    "learning_try": ({"question": "får elevene frukt"}, READS),
}
MODULES = (case_page, drafts_page, entry_form, gain_page, learning_page, try_page)
PATHS = ("", "/utkast", "/utkast/ny", "/prov", "/gevinst", "/sak/{item}", "/sak/{item}/alene")


class School(Pressing):
    """A copy of a database with a question, drafts and something published."""

    def __init__(self, library: Library, file: Path, folder: Path, ids: Mapping[str, str]) -> None:
        super().__init__(file, library, Guides({}), folder)
        self.ids = ids

    def value(self, verb: str) -> dict[str, Any]:
        """What the button carries, with the ids of this database."""
        value = dict(MATRIX[verb][0])
        if "items" in value:
            value["items"] = [self.ids["item"]]
        for name in ("added", "target"):
            value[name] = self.ids.get(value.get(name, ""), value.get(name))
        return value


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, Path, dict[str, str]]:
    folder = tmp_path_factory.mktemp("made")
    library = read_rules(folder / "rules")
    database = Database(f"sqlite:///{folder / 'made.db'}")
    database.migrate()
    with database.transaction() as session:
        import_people(session, REGISTER, dry_run=False)
        keep_question(session, text=SECRET, language="nb", day=date(2026, 11, 2))
        target, by = passage(library, MOBILE), {"by_name": "Ivar Kleiva", "now": START}
        published = add_ask(session, target=target, text="hvem har mobilen", **by)  # type: ignore[arg-type]
        publish(session, [published], **by)  # type: ignore[arg-type]
        fields = {name: text for name, text in ENTRY_FORM.items() if name not in ("entry", "asks")}
        ids = {
            "item": list_kept_questions(session)[0].id,
            DRAFT: add_ask(session, target=target, text="hvor er mobilen", **by),  # type: ignore[arg-type]
            ENTRY: add_entry(session, **fields, asks=["hvem fikser tak"], **by),  # type: ignore[arg-type]
            PUBLISHED: published,
            MOBILE: target,
        }
    database.close()
    return library, folder / "made.db", ids


@pytest.fixture
def school(made: tuple[Library, Path, dict[str, str]], tmp_path: Path) -> School:
    library, file, ids = made
    return School(library, file, tmp_path, ids)


def test_every_verb_of_learning_is_in_the_matrix() -> None:
    theirs = {verb for module in MODULES for verb in getattr(module, "VERBS", {})}
    assert theirs == MATRIX.keys()
    assert theirs <= VERBS.keys() & PAGE_VERBS


@pytest.mark.parametrize("verb", MATRIX)
def test_who_is_refused_is_told_why_and_leaves_no_trace(school: School, verb: str) -> None:
    before, value = school.kept(), school.value(verb)
    for name, cell in cells(MATRIX[verb][1]):
        if cell not in TOLD:
            continue
        who = PEOPLE[name]
        for text in (
            read(school.press(who, verb, value)),
            read(school.assistant.browser.press({**value, "verb": verb}, who)),
        ):
            assert SECRET not in text
            assert not text or is_told(text, TOLD[cell]), f"{name} pressed {verb}: {text}"
        assert school.kept() == before, f"{name} pressed {verb}"


@pytest.mark.parametrize("verb", MATRIX)
def test_who_may_is_not_refused(school: School, verb: str) -> None:
    """In the chat too: there is no such button there, but who may, may."""
    for name, cell in cells(MATRIX[verb][1]):
        if cell == ".":
            text = read(school.press(PEOPLE[name], verb, school.value(verb)))
            refused = [key for key in (*TOLD.values(), "old_button") if is_told(text, key)]
            assert text
            assert not refused, f"{name} pressed {verb}: {text}"


@pytest.mark.parametrize("verb", MATRIX)
def test_odd_values_neither_fail_nor_reach_anything(school: School, verb: str) -> None:
    real = school.value(verb)
    names = [*real, "items", "added", "target", "sure"]
    for odd in ODD:
        assert school.press(IVAR_FAGRÅDGIVER, verb, dict.fromkeys(names, odd))
        for name in real:
            assert school.press(IVAR_FAGRÅDGIVER, verb, {**real, name: odd})
            school.press(HANNE_SKOLEEIER, verb, {**real, name: odd})
    odds = cycle(ODD)
    assert school.press(IVAR_FAGRÅDGIVER, verb, {**real, "items": [next(odds) for _ in range(9)]})


@pytest.mark.parametrize("path", PATHS)
def test_the_pages_are_for_the_skoleeierteam_alone(school: School, path: str) -> None:
    browser, path = school.assistant.browser, "laering" + path.format(**school.ids)
    shown_to = {name for name, who in PEOPLE.items() if browser.page(path, {}, who) is not None}
    writing = {"fagrådgiver"} if path.endswith("/ny") else {"skoleeier", "fagrådgiver"}
    assert shown_to == writing


def test_who_only_reads_is_shown_no_form_but_that_to_try(school: School) -> None:
    for path in PATHS:
        page = school.assistant.browser.page(
            "laering" + path.format(**school.ids), {}, HANNE_SKOLEEIER
        )
        verbs = {one.value["verb"] for card in (page.cards if page else ()) for one in card.buttons}  # type: ignore[union-attr]
        assert verbs <= {"learning_try"}, path


@pytest.mark.parametrize(
    "path", ["/x", "/sak", "/sak/", "/sak/x", "/sak/{item}/x", "/utkast/x", "/prov/x", "/gevinst/x"]
)
def test_what_isnt_there_is_no_page(school: School, path: str) -> None:
    path = "laering" + path.format(**school.ids)
    assert school.assistant.browser.page(path, {}, IVAR_FAGRÅDGIVER) is None


def test_a_published_entry_has_no_form(school: School) -> None:
    path = f"laering/utkast/{school.ids[ENTRY]}"
    assert school.assistant.browser.page(path, {}, IVAR_FAGRÅDGIVER) is not None
    with school.database.transaction() as session:
        publish(session, [school.ids[ENTRY]], by_name="Ivar", now=school.now)
    assert school.assistant.browser.page(path, {}, IVAR_FAGRÅDGIVER) is None


@pytest.mark.parametrize("words", ["lær boten", "Lære boten", "lær opp boten!"])
def test_the_words_are_for_the_skoleeierteam_alone(school: School, words: str) -> None:
    for name, who in PEOPLE.items():
        text = read(school.write(who, words))
        assert SECRET not in text
        may = name in ("skoleeier", "fagrådgiver")
        assert is_told(text, "learning_open") == may
        assert is_told(text, "learning_not_yours") != may
