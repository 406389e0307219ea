"""Rows of a table: what is computed anew, and what of a row the guard reads."""

from typing import Any

import pytest

from dialogs.guide_files import Guides
from knowledge.library import Library
from storage.database import Database
from storage.drafts import answers_of
from tests.dialogs.kommune import (
    DAVID_REKTOR,
    KARI_AVDELINGSLEDER,
    Kommune,
    buttons,
    make_guide,
)
from tests.dialogs.shown import shown

AGAIN = "Regn ut på nytt"
OURS = {
    "moduler__modul": "Vår egen modul",
    "moduler__fra": "2027-01-11",
    "moduler__til": "2027-01-22",
}


@pytest.fixture
def kommune(library: Library, database: Database, guides: Guides) -> Kommune:
    return Kommune(library, database, *guides.all)


def rows(kommune: Kommune, draft: str, step: str = "moduler") -> dict[str, Any]:
    """The rows that stand in a table, by id."""
    with kommune.session() as session:
        stored = answers_of(session, draft)
    found = {key.partition("/")[2]: one.value for key, one in stored.items() if f"{step}/" in key}
    return {id: row for id, row in found.items() if row is not None}


def timetable(kommune: Kommune) -> dict[str, str]:
    """The draft and step of a fremdriftsplan whose rows are computed."""
    draft = kommune.draft(guide="fremdriftsplan", answer="")
    kommune.answer(draft, "2027-01-11", step="start")
    kommune.answer(draft, "etter_hverandre", step="rekkefolge")
    kommune.press(DAVID_REKTOR, "open", draft=draft, step="moduler")
    assert len(rows(kommune, draft)) > 1
    return {"draft": draft, "step": "moduler"}


def change_a_row(kommune: Kommune, where: dict[str, str], who: str = DAVID_REKTOR) -> None:
    row = next(iter(rows(kommune, where["draft"])))
    card = kommune.press(who, "row_edit", **where, row=row)
    saved = kommune.follow(who, buttons(card)["Lagre raden"], **OURS)
    assert "Raden er lagret" in shown(saved)


def test_computing_anew_asks_before_it_replaces_what_people_have_written(kommune: Kommune) -> None:
    where = timetable(kommune)
    computed = rows(kommune, where["draft"])
    change_a_row(kommune, where)
    changed = rows(kommune, where["draft"])
    asked = kommune.press(DAVID_REKTOR, "rows_again", **where)
    assert shown(asked).startswith("Regne ut på nytt?\nRadene som står her nå, blir byttet ut.")
    assert rows(kommune, where["draft"]) == changed
    kommune.follow(DAVID_REKTOR, buttons(asked)["Behold radene"])
    assert rows(kommune, where["draft"]) == changed
    done = kommune.follow(DAVID_REKTOR, buttons(asked)[AGAIN])
    assert "Radene er regnet ut på nytt." in shown(done)
    assert rows(kommune, where["draft"]) == computed


def test_what_was_written_after_it_asked_is_asked_about_again(kommune: Kommune) -> None:
    where = timetable(kommune)
    asked = kommune.press(DAVID_REKTOR, "rows_again", **where)
    change_a_row(kommune, where, KARI_AVDELINGSLEDER)
    changed = rows(kommune, where["draft"])
    again = kommune.follow(DAVID_REKTOR, buttons(asked)[AGAIN])
    assert shown(again) == shown(asked)
    assert rows(kommune, where["draft"]) == changed
    kommune.follow(DAVID_REKTOR, buttons(again)[AGAIN])
    assert rows(kommune, where["draft"]) != changed


@pytest.mark.parametrize("revision", [None, "3", True, [], -1])
def test_a_forged_button_computes_nothing(kommune: Kommune, revision: Any) -> None:
    where = timetable(kommune)
    change_a_row(kommune, where)
    before = rows(kommune, where["draft"])
    kommune.press(DAVID_REKTOR, "rows_again_now", **where, revision=revision)
    assert rows(kommune, where["draft"]) == before


@pytest.mark.parametrize("verb", ["rows_again", "rows_again_now"])
def test_when_nothing_can_be_computed_the_rows_stay_and_that_is_said(
    kommune: Kommune, verb: str
) -> None:
    draft = kommune.draft(guide="fremdriftsplan", answer="")
    where = {"draft": draft, "step": "moduler"}
    kommune.press(DAVID_REKTOR, "row_save", **where, row="a" * 32, base=0, **OURS)
    told = kommune.press(DAVID_REKTOR, verb, **where)
    assert "Det er ikke noe å regne ut ennå. Radene står som de var." in shown(told)
    assert list(rows(kommune, draft)) == ["a" * 32]


def test_computing_anew_speaks_nynorsk(kommune: Kommune) -> None:
    where = timetable(kommune)
    kommune.write(DAVID_REKTOR, "nynorsk")
    asked = kommune.press(DAVID_REKTOR, "rows_again", **where)
    assert shown(asked).startswith("Rekne ut på nytt?\nRadene som står her no, blir bytte ut.")
    assert set(buttons(asked)) == {"Rekn ut på nytt", "Behald radene"}


def test_only_what_people_write_themselves_is_read_by_the_guard(
    library: Library, database: Database
) -> None:
    """An option may be worded as something that nobody may write of a pupil."""
    worry = "en elev blir slått hjemme"
    table = {
        "id": "rader",
        "kind": "table",
        "text": "Hva?",
        "text_nn": "Kva?",
        "columns": (
            {"id": "hva", "kind": "short_text", "label": "Hva", "label_nn": "Kva"},
            {
                "id": "hvem",
                "kind": "one_of",
                "label": "Hvem",
                "label_nn": "Kven",
                "optional": True,
                "choices": ({"value": "01017012345", "text": "Alle", "text_nn": "Alle"},),
            },
        ),
    }
    steps = make_guide().model_dump()["step"]
    kommune = Kommune(library, database, make_guide(id="rader", step=(*steps, table)))
    draft = kommune.draft(guide="rader", answer="Svar")
    where: dict[str, Any] = {"draft": draft, "step": "rader", "row": "a" * 32, "base": 0}
    cells = {"rader__hva": "Lesekurs", "rader__hvem": "01017012345"}
    assert "Raden er lagret" in shown(kommune.press(DAVID_REKTOR, "row_save", **where, **cells))
    kommune.press(DAVID_REKTOR, "row_save", **{**where, "row": "b" * 32}, rader__hva=worry)
    assert list(rows(kommune, draft, "rader")) == ["a" * 32]
