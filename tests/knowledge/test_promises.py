"""The plan's promises as data: what ships is whole, and every mistake of a file is told."""

from pathlib import Path

import pytest

from knowledge.documents import Document, Section, read_document
from knowledge.library import HOME
from knowledge.promises import Promise, read_promises

PROMISES = HOME / "promises.toml"

GOOD = """
[[promise]]
id = "rammeverk"
kind = "dokument"
title = "Rammeverk"
sections = ["Grunnmur"]
responsible = ["skoleeier"]
"""


@pytest.fixture(scope="module")
def plan() -> Document:
    return read_document(HOME / "documents" / "kvalitetsplan.md")


@pytest.fixture(scope="module")
def promises(plan: Document) -> list[Promise]:
    found, problems = read_promises(PROMISES, [plan])
    assert problems == []
    return found


def mistakes(folder: Path, text: str) -> list[str]:
    """What is told of a file with this text, beside a document with the one section «Grunnmur»."""
    (folder / "plan.md").write_text("## Grunnmur\n\nTekst.\n", encoding="utf-8")
    file = folder / "promises.toml"
    file.write_text(text, encoding="utf-8")
    return read_promises(file, [read_document(folder / "plan.md")])[1]


def tiltak_headings(plan: Document) -> list[Section]:
    return [
        section
        for section in plan.sections
        if section.level == 4
        and section.path[0] == "Del 2"
        and not section.heading.startswith("Kjennetegn")
    ]


def test_every_promise_starts_as_not_set(promises: list[Promise]) -> None:
    assert {promise.status for promise in promises} == {"ikke satt"}
    assert {(p.link, p.owner, p.updated) for p in promises} == {("", "", None)}


def test_every_promise_has_a_title_a_place_and_a_party(promises: list[Promise]) -> None:
    for promise in promises:
        assert promise.title, promise.id
        assert promise.sections, promise.id
        assert promise.responsible, promise.id
        alone = promise.responsible == ["ikke oppgitt"]
        assert alone or "ikke oppgitt" not in promise.responsible, promise.id


def test_ids_are_unique(promises: list[Promise]) -> None:
    ids = [promise.id for promise in promises]
    assert len(ids) == len(set(ids))


def test_every_tiltak_of_part_two_is_a_promise_and_nothing_else_is(
    plan: Document, promises: list[Promise]
) -> None:
    promised = [name for p in promises if p.kind == "tiltak" for name in p.sections]
    assert sorted(promised) == sorted(section.name for section in tiltak_headings(plan))


# What a promised paper looks like in a heading. A tiltak may promise one without such a word.
PAPERS = ("veileder for", "handlingsplan", "verktøykasse", "kompetansehevingsplan", "strategi")


def test_a_paper_named_in_a_heading_is_also_a_document(
    plan: Document, promises: list[Promise]
) -> None:
    papers = {name for p in promises if p.kind == "dokument" for name in p.sections}
    for section in tiltak_headings(plan):
        if any(word in section.heading.lower() for word in PAPERS):
            assert section.name in papers


def test_a_party_is_named_as_the_plan_names_it(plan: Document, promises: list[Promise]) -> None:
    for promise in promises:
        text = " ".join(
            unit.text for name in promise.sections for unit in plan.by_name[name].units
        ).lower()
        for party in promise.responsible:
            if party != "ikke oppgitt":
                assert party.split()[0].lower().rstrip("e") in text, (promise.id, party)


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD) == []


def test_no_file_is_no_promises(tmp_path: Path) -> None:
    assert read_promises(tmp_path / "promises.toml", []) == ([], [])


def test_a_file_that_is_not_toml_gets_one_sentence(tmp_path: Path) -> None:
    (problem,) = mistakes(tmp_path, "[[promise]\n")
    assert problem.startswith("promises.toml: filen er ikke gyldig TOML: ")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (('kind = "dokument"', 'kind = "møte"'), "promises.toml, løfte 1: «kind»: "),
        (
            ('title = "Rammeverk"', 'title = "Rammeverk"\nstatus = "ferdig"'),
            "promises.toml, løfte 1: «status»: ",
        ),
        (('title = "Rammeverk"\n', ""), "promises.toml, løfte 1: «title»: "),
        (("title =", "tittel = 1\ntitle ="), "promises.toml, løfte 1: «tittel»: "),
        (
            ('"Grunnmur"', '"Kjeller"'),
            "promises.toml, «rammeverk»: avsnittet «Kjeller» finnes ikke.",
        ),
    ],
)
def test_a_mistake_gets_one_sentence_with_its_place(
    tmp_path: Path, wrong: tuple[str, str], told: str
) -> None:
    (problem,) = mistakes(tmp_path, GOOD.replace(*wrong))
    assert problem.startswith(told)


def test_the_same_id_twice_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD + GOOD) == ["promises.toml: «rammeverk» står to ganger."]


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace('"Grunnmur"', '"Kjeller", "Loft"')
        + GOOD.replace('kind = "dokument"', 'kind = "møte"').replace("title", "tittel")
        + GOOD
    )
    problems = mistakes(tmp_path, text)
    assert [problem.split(":")[0] for problem in problems] == [
        "promises.toml, løfte 2",
        "promises.toml, løfte 2",
        "promises.toml, løfte 2",
        "promises.toml",
        "promises.toml, «rammeverk»",
        "promises.toml, «rammeverk»",
    ]
