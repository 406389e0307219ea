"""Who may press what: for every verb, what each person is told about a school's drafts and sharing.

The matrix is data. A cell names what the person is told, and the tests see to the rest: that nobody
is shown what isn't theirs, and that a refused press changes nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dialogs.assistant import VERBS
from dialogs.guide_files import Guides
from knowledge.library import Library
from storage.database import Database
from storage.drafts import Owner, save_answer, start_draft
from storage.people import find_person
from storage.shared import comments_of
from tests.dialogs.access_matrix import (
    AN_ID,
    ODD,
    OWN,
    PEOPLE,
    Pressing,
    cells,
    is_told,
    read,
)
from tests.dialogs.collected.test_access_of_rounds import OF_ROUNDS
from tests.dialogs.directory.test_access_of_directory import MATRIX as OF_DIRECTORY
from tests.dialogs.handovers.test_access_of_handovers import OF_HANDOVERS
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    GEIR_TILLITSVALGT,
    IVAR_FAGRÅDGIVER,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    UNKNOWN,
    Kommune,
    buttons,
    make_guide,
)
from tests.dialogs.learning.test_access_of_learning import MATRIX as OF_LEARNING
from tests.dialogs.meetings.test_access_of_meetings import MATRIX as OF_MEETINGS

LEADERS_HERE = {DAVID_REKTOR, KARI_AVDELINGSLEDER}
READERS = {*LEADERS_HERE, ANE_LÆRER, LARS_REKTOR}  # of what is shared with the zone

# The cells; besides, refused with this sentence.
TOLD = {
    "-": "steps_gone",
    "u": "share_unknown",
    "s": "steps_unknown",
    "n": "steps_not_yours",
    "0": "steps_nothing_open",
    "r": "share_only_rektor",
    "p": "plan_source_gone",
    "w": "plan_row_gone",
    "y": "deadline_not_yours",
    "l": "deadline_ask_leader",
    "d": "plan_not_shared",
    "a": "plan_owners_none",
    "k": "plan_no_school",
    "q": "plan_unknown",
    "m": "modules_no_school",
    "v": "modules_unknown",
    "g": "shared_gone",
    "h": "shared_nothing",
    "c": "comment_not_yours",
    "t": "withdraw_not_yours",
    "f": "deputy_only_rektor",
    "e": "deputy_error",
    "i": "digest_not_yours",
    "x": "send_unknown",
    "b": "old_button",
}

DRAFT = AN_ID
SHARED = "shared-by-nordlia"
SECRET = "Utkastets hemmelighet"
OF_THE_ZONE = "Det sonen får lese"
STEP = {"draft": DRAFT, "step": "maal"}
OPTIONAL = {"draft": DRAFT, "step": "frist"}
ROW = {"draft": DRAFT, "step": "rader"}
ANES_ROW, DAVIDS_ROW = "a" * 32, "d" * 32


def version(world: "World") -> dict[str, Any]:
    return {"version": world.version}


def plan_row(row: str) -> Callable[["World"], dict[str, Any]]:
    return lambda world: {"draft": world.plan, "row": row}


def put_in_plan(world: "World") -> dict[str, Any]:
    return {"draft": world.plan, "rows": world.put_in_plan}


Pressed = Mapping[str, Any] | Callable[["World"], dict[str, Any]]

LEADERS = "..-- ---- ---s"  # the ledergruppe, and to everybody else the draft is gone
ASKED = "..-- ---- ---u"
SHARING = "...." + "gggg" + "gggu"
# verb -> what the button carries, and a cell for each person
#        here: rektor, avd.leder, lærer; rektor in the zone · elsewhere: rektor, avd.leder, lærer,
#        tillitsvalgt · skoleeier, fagrådgiver, administrator, unknown
MATRIX: dict[str, tuple[Pressed, str]] = {
    # One draft
    "open": (STEP, LEADERS),
    "answer": ({**STEP, "base": 1, "maal__value": "Nytt mål"}, LEADERS),
    "later": ({**STEP, "base": 1, "maal__value": "Nytt mål"}, LEADERS),
    "skip": (OPTIONAL, LEADERS),
    "back": (OPTIONAL, LEADERS),
    "keep": (STEP, LEADERS),
    "why": (STEP, LEADERS),
    "use_text": ({**OPTIONAL, "text": "Til våren"}, LEADERS),
    "overview": ({"draft": DRAFT}, LEADERS),
    "history": ({"draft": DRAFT}, LEADERS),
    "finish": ({"draft": DRAFT}, LEADERS),
    "whole": ({"draft": DRAFT}, LEADERS),
    "whole_save": ({"draft": DRAFT, "page": 0, "frist__value": "Til våren"}, LEADERS),
    "row_edit": ({**ROW, "row": "r1"}, LEADERS),
    "row_save": ({**ROW, "row": "r1", "base": 2, "rader__hva": "Annet"}, LEADERS),
    "row_delete": ({**ROW, "row": "r1", "base": 2}, LEADERS),
    "row_restore": ({**ROW, "row": "r2"}, LEADERS),
    "rows_again": (ROW, LEADERS),
    "rows_again_now": (ROW, LEADERS),
    "plan_section": (lambda world: {"row": DAVIDS_ROW}, "..dw wwdd aakq"),
    "delete_ask": ({"draft": DRAFT}, LEADERS),
    "delete_not": ({"draft": DRAFT}, "oooo oooo oooo"),
    "delete": ({"draft": DRAFT, "revision": 4}, LEADERS),
    "start": ({"guide": "plan", "draft": DRAFT}, "..no oonn nnns"),
    "carry_on": ({}, ".000 0000 000s"),
    # Sharing it
    "preview": ({"draft": DRAFT}, ASKED),
    "share_ask": ({"draft": DRAFT}, ".r-- ---- ---u"),
    "share": ({"draft": DRAFT, "revision": 4, "audience": "ledere"}, ".r-- ---- ---u"),
    "tell_rektor": ({"draft": DRAFT}, ASKED),
    "withdraw_ask": (version, ".ttt gggg gggu"),
    "withdraw": (version, ".ttt gggg gggu"),
    "deputy_ask": ({}, ".ffo offf fffu"),
    "deputy": ({"person": KARI_AVDELINGSLEDER}, ".ffe efff fffu"),
    # What is shared
    "shared_list": ({}, ".... hhhh hhhu"),
    "shared_read": (version, SHARING),
    "shared_versions": (version, SHARING),
    "comment_ask": (version, SHARING),
    "comment": (lambda world: {**version(world), "id": "c" * 32, "text": "Fint!"}, SHARING),
    "comment_delete": (
        lambda world: {**version(world), "id": world.comment},
        "cc.c cccc cccu",
    ),
    "useful": (version, SHARING),
    "digest": ({"on": False}, "ooio ooii ooiu"),
    # The utviklingsplan
    "plan": ({}, "..do oodd aakq"),
    "to_plan": (STEP, "..pp pppp pppp"),
    "plan_update": (
        lambda world: {**STEP, "rows": world.put_in_plan},
        "..pp pppp pppp",
    ),
    "plan_undo": (put_in_plan, "..ww wwww wwww"),
    "plan_done": (plan_row(ANES_ROW), "yy.y yyyy yyyw"),
    "plan_leave": (plan_row(DAVIDS_ROW), ".yly yyll llll"),
    # For everybody
    "modules": ({}, "oooo oooo oomv"),
    "teamtid": ({"section": "Begreper › Dybdelæring"}, "oooo oooo oooo"),
    "send_question": ({"text": "Hva er PRUVA?"}, "oooo oooo ooox"),
    "act_as": ({"person": DAVID_REKTOR}, "bbbb bbbb bbbb"),
}


class World(Pressing):
    """The kommune, with what the buttons act upon."""

    def __init__(self, template: "Template", folder: Path) -> None:
        super().__init__(template.file, template.library, template.guides, folder)
        self.version: str = template.version
        self.plan: str = template.plan
        self.comment: str = template.comment
        self.put_in_plan: dict[str, int] = template.put_in_plan

    def nordlias(self) -> list[str]:
        """What Nordlia has written and shared."""
        kept = self.kept()
        mine = (DRAFT, SHARED, self.plan, self.version)
        others = ("outbox", "kept_question")  # messages to people, and what nobody owns
        rows = [row for name in sorted(kept) if name not in others for row in kept[name]]
        # By their keys, which stand first: anybody may write the id of a draft as a text.
        keys = [(row, row.lstrip("(").split(", ")[:2]) for row in rows]
        return [row for row, key in keys if any(repr(id) in key for id in mine)]


class Template:
    """The kommune as it is before anybody presses: Nordlia has a draft, a plan and a version."""

    def __init__(self, library: Library, guides: Guides, folder: Path) -> None:
        self.library, self.file = library, folder / "kommune.db"
        steps = make_guide().model_dump()["step"]
        table = {
            "id": "rader",
            "kind": "table",
            "text": "Hva mer?",
            "text_nn": "Kva meir?",
            "optional": True,
            "prefill": "last_year",
            "columns": ({"id": "hva", "kind": "short_text", "label": "Hva", "label_nn": "Kva"},),
        }
        plan = make_guide(step=(*steps, table))
        self.guides = Guides({**guides.by_id, plan.id: plan})
        database = Database(f"sqlite:///{self.file}")
        database.migrate()
        kommune = Kommune(library, database, plan, *guides.all)
        self._draft(kommune, DRAFT, SECRET)
        self._draft(kommune, SHARED, OF_THE_ZONE)
        with kommune.session() as session:
            for key, row in (("r1", {"hva": SECRET}), ("r2", {"hva": "Slettet"}), ("r2", None)):
                self._save(kommune, session, DRAFT, f"rader/{key}", row)
        self.version: str = kommune.share(SHARED, "sonen")
        kommune.press(ANE_LÆRER, "comment", version=self.version, id="b" * 32, text="Godt tenkt.")
        with kommune.session() as session:
            (comment,) = comments_of(session, SHARED)
        self.comment: str = comment.id
        empty_plan = buttons(kommune.press(DAVID_REKTOR, "plan"))
        self.plan: str = empty_plan["Legg til tiltak"].value["draft"]
        with kommune.session() as session:
            for id, who in ((DAVIDS_ROW, DAVID_REKTOR), (ANES_ROW, ANE_LÆRER)):
                row = {"tiltak": f"Kurs {id[:1]}", "ansvarlig": who, "maal": SECRET}
                self._save(kommune, session, self.plan, f"tiltak/{id}", row)
        put = buttons(kommune.press(DAVID_REKTOR, "to_plan", **STEP))["Angre"].value["rows"]
        self.put_in_plan: dict[str, int] = put
        kommune.press(DAVID_REKTOR, "open", **STEP)
        database.close()

    def _draft(self, kommune: Kommune, id: str, answer: str) -> None:
        with kommune.session() as session:
            start_draft(
                session,
                id=id,
                guide="plan",
                owner=Owner("school", "Nordlia skole"),
                year="2026–2027",
                about="",
                slot="plan|school|Nordlia skole|2026–2027|" if id == DRAFT else id,
                person=DAVID_REKTOR,
                at=kommune.now,
            )
        kommune.answer(id, answer)

    def _save(self, kommune: Kommune, session: Any, draft: str, key: str, value: Any) -> None:
        person = find_person(session, DAVID_REKTOR)
        assert person is not None
        save_answer(
            session,
            draft,
            key,
            value,
            base=None,
            person_key=person.key,
            person_name=person.name,
            at=kommune.now,
        )


@pytest.fixture(scope="module")
def template(
    library: Library, guides: Guides, tmp_path_factory: pytest.TempPathFactory
) -> Template:
    return Template(library, guides, tmp_path_factory.mktemp("template"))


def carried(verb: str, world: World) -> Mapping[str, Any]:
    value = MATRIX[verb][0]
    return value(world) if callable(value) else value


def assert_keeps_secrets(who: str, text: str) -> None:
    if who not in LEADERS_HERE:
        assert SECRET not in text
    if who not in READERS:
        assert OF_THE_ZONE not in text


def test_every_verb_is_in_one_matrix() -> None:
    matrices = [
        MATRIX.keys(),
        OF_MEETINGS.keys(),
        OF_ROUNDS,
        OF_HANDOVERS,
        OF_DIRECTORY.keys(),
        OF_LEARNING.keys(),
    ]
    assert sorted(verb for matrix in matrices for verb in matrix) == sorted(VERBS)


@pytest.mark.parametrize("verb", MATRIX)
def test_who_is_refused_is_told_why_and_changes_nothing(
    template: Template, tmp_path: Path, verb: str
) -> None:
    world = World(template, tmp_path)
    value = carried(verb, world)
    before = world.kept()
    for name, cell in cells(MATRIX[verb][1]):
        if cell in TOLD:
            text = read(world.press(PEOPLE[name], verb, value))
            assert is_told(text, TOLD[cell]), f"{name} pressed {verb}: {text}"
            assert_keeps_secrets(PEOPLE[name], text)
            assert world.kept() == before, f"{name} pressed {verb}"
    world.database.close()


@pytest.mark.parametrize("verb", MATRIX)
def test_who_may_is_not_refused_and_sees_no_more_than_that(
    template: Template, tmp_path: Path, verb: str
) -> None:
    for name, cell in cells(MATRIX[verb][1]):
        if cell in TOLD:
            continue
        world = World(template, tmp_path)
        before = world.nordlias()
        text = read(world.press(PEOPLE[name], verb, carried(verb, world)))
        assert text
        refused = [key for key in TOLD.values() if is_told(text, key)]
        assert not refused, f"{name} pressed {verb}: {text}"
        assert_keeps_secrets(PEOPLE[name], text)
        if cell == OWN:
            assert world.nordlias() == before, f"{name} pressed {verb}"
        world.database.close()


@pytest.mark.parametrize("verb", MATRIX)
def test_a_forged_card_neither_fails_nor_tells_nor_changes_what_is_others(
    template: Template, tmp_path: Path, verb: str
) -> None:
    world = World(template, tmp_path)
    real = carried(verb, world)
    names = {*real, "draft", "step", "row", "rows", "base", "version", "guide", "about", "bases"}
    before = world.nordlias()
    for who in (ELI_REKTOR, GEIR_TILLITSVALGT, IVAR_FAGRÅDGIVER, UNKNOWN):
        for odd in ODD:
            for forged in (dict.fromkeys(names, odd), {**dict.fromkeys(names, odd), **real}):
                assert_keeps_secrets(who, read(world.press(who, verb, forged)))
    assert world.nordlias() == before
    world.database.close()


@pytest.mark.parametrize("verb", MATRIX)
def test_a_leaders_own_card_may_be_as_odd_as_it_likes(
    template: Template, tmp_path: Path, verb: str
) -> None:
    """One value at a time is odd, so that every check behind the others is reached."""
    world = World(template, tmp_path)
    real = carried(verb, world)
    for odd in ODD:
        for name in [*real] or ["draft"]:
            assert world.press(DAVID_REKTOR, verb, {**real, name: odd})
    world.database.close()
