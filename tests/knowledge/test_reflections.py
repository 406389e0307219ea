"""Refleksjonsspørsmål as data: the nearest heading's are used, and every mistake is told."""

from pathlib import Path

import pytest

from knowledge.library import HOME, Library
from knowledge.reflections import Reflections, read_reflections

ABOVE = "Kvalitetsplanen › Del 2 › Ambisjon 2 skole"
BELOW = "Del 2 › Ambisjon 2 skole › PRUVA"
GOOD = f"""
[[reflection]]
section = "{ABOVE}"
ask = ["Hva ser vi?", "Hva gjør vi?"]
ask_nn = ["Kva ser vi?", "Kva gjer vi?"]
"""


def read(folder: Path, text: str, library: Library) -> tuple[Reflections, list[str]]:
    file = folder / "reflections.toml"
    file.write_text(text, encoding="utf-8")
    return read_reflections(file, library.documents)


def test_what_ships_is_whole(library: Library) -> None:
    reflections, problems = read_reflections(HOME / "reflections.toml", library.documents)
    assert problems == []
    for reflection in reflections.by_section.values():
        for question in (*reflection.ask, *reflection.ask_nn):
            assert question.endswith("?"), reflection.section


def test_a_section_of_the_plan_always_has_questions(library: Library) -> None:
    reflections, _ = read_reflections(HOME / "reflections.toml", library.documents)
    plan = next(d for d in library.documents if d.short == "Kvalitetsplanen")
    without = [s.name for s in plan.sections if s.path and not reflections.nearest(s)]
    assert without == []


def test_a_section_without_questions_has_those_of_the_heading_above(
    tmp_path: Path, library: Library
) -> None:
    reflections, problems = read(tmp_path, GOOD, library)
    assert problems == []
    plan = next(d for d in library.documents if d.short == "Kvalitetsplanen")
    found = reflections.nearest(plan.by_name[BELOW])
    assert found is not None
    assert found.section == ABOVE
    own = GOOD.replace(ABOVE, f"Kvalitetsplanen › {BELOW}")
    nearer = read(tmp_path, GOOD + own, library)[0].nearest(plan.by_name[BELOW])
    assert nearer is not None
    assert nearer.section.endswith("PRUVA")
    assert reflections.nearest(plan.by_name["Del 1 › Grunnmur"]) is None


def test_the_same_heading_in_another_document_is_another_section(
    tmp_path: Path, library: Library
) -> None:
    reflections, _ = read(tmp_path, GOOD, library)
    others = [s for d in library.documents if d.short != "Kvalitetsplanen" for s in d.sections]
    assert not any(reflections.nearest(section) for section in others)


def test_no_file_is_no_questions(tmp_path: Path, library: Library) -> None:
    assert read_reflections(tmp_path / "no.toml", library.documents) == (Reflections(), [])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("Ambisjon 2", "Ambisjon 9"), "reflections.toml: avsnittet «Kvalitetsplanen › Del 2 › Am"),
        (('"Kva ser vi?", ', ""), "reflections.toml, refleksjon 1: «ask_nn»: "),
        (('"Kva gjer vi?"', '"Kva gjer vi?", "Kvifor?"'), "reflections.toml, «Kvalitetsplanen › "),
        (("ask =", "spør ="), "reflections.toml: filen er ikke gyldig TOML: "),
        (("ask_nn", "ask_en"), "reflections.toml, refleksjon 1: «ask_nn»: "),
    ],
)
def test_a_mistake_gets_a_sentence_with_its_place(
    tmp_path: Path, library: Library, wrong: tuple[str, str], told: str
) -> None:
    problems = read(tmp_path, GOOD.replace(*wrong), library)[1]
    assert problems[0].startswith(told)
