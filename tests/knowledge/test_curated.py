"""Curated questions: a quote finds its place, and every mistake is told with what to do."""

from pathlib import Path

import pytest

from knowledge.curated import Curated, read_curated
from knowledge.documents import Document, read_document
from knowledge.library import HOME, Library, load_library
from tests.knowledge.files import write

PLAN = """# Del 1

## Verdier

Barna er  med. De er modige og trygge. Alle hører til. Slik er det.

Skolen skal:

- lytte til elevene
- følge planen

| Dato | Møte |
|---|---|
| 3. mai | Oppstart |
| 4. juni | Slutt |

## Mål

Alle skal lære.
"""


@pytest.fixture
def plan(tmp_path: Path) -> Document:
    return read_document(write(tmp_path / "plan.md", PLAN))


def read(tmp_path: Path, plan: Document, **files: str) -> tuple[list[Curated], list[str]]:
    folder = tmp_path / "questions"
    folder.mkdir()
    for name, content in files.items():
        write(folder / f"{name}.toml", content)
    return read_curated(folder, [plan])


def file_of(*answers: str, document: str = "plan") -> str:
    return f'document = "{document}"\n' + "".join(answers)


def answer(*lines: str, section: str = "Del 1 › Verdier", ask: str = '["hva da"]') -> str:
    return "\n".join(["[[answer]]", f'section = "{section}"', *lines, f"ask = {ask}", ""])


def quoted(curated: Curated) -> list[str]:
    return [unit.text for unit in curated.section.units[curated.first : curated.last + 1]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('quote = "De er modige og trygge."', ["De er modige og trygge."]),
        (
            'quote = "Barna er med. … Alle hører til."',
            ["Barna er med.", "De er modige og trygge.", "Alle hører til."],
        ),
        (
            'quote = "Barna er med. ... Alle hører til."',
            ["Barna er med.", "De er modige og trygge.", "Alle hører til."],
        ),
        ('quote = "barna ER   med…modige"', ["Barna er med.", "De er modige og trygge."]),
        (
            'quote = "Skolen skal: … følge planen"',
            ["Skolen skal:", "lytte til elevene", "følge planen"],
        ),
        ('quote = "modige"', ["De er modige og trygge."]),
        ('row = "4. juni"', ["4. juni – Møte: Slutt"]),
    ],
)
def test_a_quote_or_row_finds_the_units_it_begins_and_ends_in(
    tmp_path: Path, plan: Document, line: str, expected: list[str]
) -> None:
    (found,), problems = read(tmp_path, plan, a=file_of(answer(line)))
    assert quoted(found) == expected
    assert problems == []


def test_an_outline_is_the_headings_below(tmp_path: Path, plan: Document) -> None:
    text = file_of(answer("outline = true", section="Del 1"))
    (found,), problems = read(tmp_path, plan, a=text)
    assert found.outline
    assert found.section.heading == "Del 1"
    assert problems == []


def test_the_ways_of_asking_come_along_as_they_are_written(tmp_path: Path, plan: Document) -> None:
    text = file_of(answer('quote = "Alle"', ask='["hvem er med", "kven er med"]'))
    (found,), _ = read(tmp_path, plan, a=text)
    assert found.ask == ("hvem er med", "kven er med")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (file_of(answer('quote = "Alle"'), document="ukjent"), "dokumentet «ukjent» finnes ikke"),
        (file_of(answer('quote = "Alle"', section="Nei")), "fant ikke avsnittet «Nei»"),
        (file_of(answer('quote = "Finnes ikke"')), "fant ikke teksten «finnes ikke»"),
        (file_of(answer('quote = "Barna … nei"')), "fant ikke slutten «nei»"),
        (file_of(answer('quote = "Alle … Barna"')), "fant ikke slutten «barna»"),
        (file_of(answer('row = "1. april"')), "begynner med «1. april»"),
        (file_of(answer()), "mangler «quote», «row» eller «outline»"),
        (file_of(answer('quote = "Alle"', ask="[]")), "mangler «ask»"),
        (file_of(answer('quot = "Alle"')), "quot"),
        ('document = "plan"\n[[answer]]\nsection = "Del 1"\n', "ask"),
        ("document = plan\n", "TOML"),
        (answer('quote = "Alle"'), "document"),
    ],
)
def test_a_mistake_is_told_with_the_file_and_what_is_wrong(
    tmp_path: Path, plan: Document, content: str, told: str
) -> None:
    found, (problem,) = read(tmp_path, plan, feil=content)
    assert found == []
    assert problem.startswith("feil.toml")
    assert told in problem
    assert "\n" not in problem


def test_every_mistake_of_every_file_is_told_at_once_and_the_rest_is_kept(
    tmp_path: Path, plan: Document
) -> None:
    found, problems = read(
        tmp_path,
        plan,
        a=file_of(answer('quote = "Nei"'), answer('row = "Nei"'), answer('quote = "Alle"')),
        b="ikke toml",
        c=file_of(answer('quote = "Slik er det."'), answer('quote = "Alle"', section="Nei")),
    )
    assert [problem.partition(",")[0].partition(":")[0] for problem in problems] == [
        "a.toml",
        "a.toml",
        "b.toml",
        "c.toml",
    ]
    assert [problem.count("svar 2") for problem in problems] == [0, 1, 0, 1]
    assert [quoted(one) for one in found] == [["Alle hører til."], ["Slik er det."]]


# What ships


def test_the_files_that_ship_have_no_mistakes() -> None:
    assert load_library()[1] == []


def test_every_section_of_the_plan_that_has_text_can_be_asked_for(library: Library) -> None:
    plan = next(document for document in library.documents if document.id == "kvalitetsplan")
    asked = {passage.section for passage in library.passages if passage.asks}
    forgotten = [
        section.name
        for section in plan.sections
        if any(unit.kind != "heading" for unit in section.units) and section not in asked
    ]
    assert forgotten == []


def test_hundreds_of_ways_of_asking_ship_in_both_languages(library: Library) -> None:
    asks = [ask for passage in library.passages for ask in passage.asks]
    assert len(asks) > 1000
    assert sum(ask.startswith(("kva ", "korleis ", "kven ", "kvifor ")) for ask in asks) > 200


def test_no_way_of_asking_is_empty_or_written_twice_for_the_same_answer(library: Library) -> None:
    for passage in library.passages:
        asks = [ask.strip().casefold() for ask in passage.asks]
        assert all(asks), passage.id
        assert len(asks) == len(set(asks)), passage.id


def test_every_document_that_ships_can_be_asked_for(library: Library) -> None:
    curated, _ = read_curated(HOME / "questions", library.documents)
    assert {one.section.document for one in curated} == set(library.documents)
