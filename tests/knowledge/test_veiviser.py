"""The veiviser as data: what ships is whole, and every mistake of a file is told."""

import re
from collections import Counter
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from knowledge.answers import Beside, find_answer
from knowledge.library import HOME, Library
from knowledge.veiviser import VEIVISER, Entry, as_document, read_veiviser

GOOD = """
[[entry]]
id = "vikar"
title = "Vikar"
title_nn = "Vikar"
text = "Spør rektor."
text_nn = "Spør rektor."
owner = "Rektor"
checked = 2026-11-20
demo = true
ask = ["hvordan får vi vikar"]
"""

# National, official sites only: the kommune puts in its own.
SITES = {
    "kompetanse.udir.no",
    "lovdata.no",
    "www.arbeidstilsynet.no",
    "www.datatilsynet.no",
    "www.feide.no",
    "www.foreldreutvalgene.no",
    "www.helsenorge.no",
    "www.nav.no",
    "www.spk.no",
    "www.ssb.no",
    "www.statsforvalteren.no",
    "www.tolkeregisteret.no",
    "www.udir.no",
    "www.valg.no",
    "www.vilbli.no",
    "www.yr.no",
}


@pytest.fixture(scope="module")
def entries() -> dict[str, Entry]:
    found, problems = read_veiviser(HOME / "veiviser.toml")
    assert problems == []
    return found


def mistakes(folder: Path, text: str) -> list[str]:
    file = folder / "veiviser.toml"
    file.write_text(text, encoding="utf-8")
    return read_veiviser(file)[1]


def test_every_entry_that_ships_is_marked_as_an_example(entries: dict[str, Entry]) -> None:
    assert [entry.id for entry in entries.values() if not entry.demo] == []
    assert {entry.checked for entry in entries.values()} == {date(2026, 11, 20)}


def test_ids_are_unique(entries: dict[str, Entry]) -> None:
    text = (HOME / "veiviser.toml").read_text(encoding="utf-8")
    assert len(re.findall(r"^\[\[entry\]\]$", text, re.MULTILINE)) == len(entries)


def test_every_entry_is_short_and_in_both_languages(entries: dict[str, Entry]) -> None:
    for entry in entries.values():
        for text in (entry.text, entry.text_nn):
            assert 20 <= len(text) <= 240, entry.id
            assert text.endswith("."), entry.id
        assert entry.title, entry.id
        assert entry.title_nn, entry.id
        assert entry.owner, entry.id


def test_no_entry_gives_a_telephone_number_or_an_address(entries: dict[str, Entry]) -> None:
    for entry in entries.values():
        for text in (entry.text, entry.text_nn):
            assert not re.search(r"\d{2} ?\d{2} ?\d{2}|@", text), entry.id


def test_links_go_to_national_sites(entries: dict[str, Entry]) -> None:
    for entry in entries.values():
        if entry.link:
            link = urlsplit(entry.link)
            assert (link.scheme, link.path) == ("https", ""), entry.id
            assert link.netloc in SITES, entry.id


def test_every_entry_has_enough_ways_of_asking(entries: dict[str, Entry]) -> None:
    for entry in entries.values():
        assert 12 <= len(entry.ask) <= 18, entry.id


def test_no_way_of_asking_belongs_to_two_entries(entries: dict[str, Entry]) -> None:
    asked = Counter(ask.lower() for entry in entries.values() for ask in entry.ask)
    assert [ask for ask, times in asked.items() if times > 1] == []


def test_no_way_of_asking_belongs_to_a_document_too(library: Library) -> None:
    places: dict[str, set[bool]] = {}
    for passage in library.passages:
        for ask in passage.asks:
            places.setdefault(ask.lower(), set()).add(passage.document.id == VEIVISER)
    assert [ask for ask, where in places.items() if len(where) > 1] == []


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("når er høstferien i år?", "skoleferier"),
        ("jeg er syk, hvordan leverer jeg egenmelding?", "egenmelding"),
        ("korleis får vi tak i vikar?", "vikar"),
        ("printeren virker ikke", "printer"),
        ("jeg har glemt passordet mitt", "passord"),
    ],
)
def test_a_common_question_beside_the_documents_gets_a_way_on(
    library: Library, question: str, entry: str
) -> None:
    result = find_answer(library, question)
    assert isinstance(result, Beside)
    assert result.entry == entry


def test_for_the_ranking_each_entry_is_a_section_with_its_questions() -> None:
    entry = Entry(
        id="vikar",
        title="Vikar",
        title_nn="Vikar",
        text="Spør rektor.",
        text_nn="Spør rektor.",
        owner="Rektor",
        checked=date(2026, 11, 20),
        ask=["hvordan får vi vikar"],
    )
    document, curated = as_document({"vikar": entry})
    assert (document.id, [section.path for section in document.sections]) == (
        VEIVISER,
        [("Vikar",)],
    )
    (one,) = curated
    assert (one.section, one.ask) == (document.sections[0], ("hvordan får vi vikar",))


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD) == []


def test_no_file_is_no_entries(tmp_path: Path) -> None:
    assert read_veiviser(tmp_path / "veiviser.toml") == ({}, [])


def test_a_file_that_is_not_toml_gets_one_sentence(tmp_path: Path) -> None:
    (problem,) = mistakes(tmp_path, "[[entry]\n")
    assert problem.startswith("veiviser.toml: filen er ikke gyldig TOML: ")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (('owner = "Rektor"\n', ""), "veiviser.toml, oppføring 1: «owner»: "),
        (("checked = 2026-11-20", 'checked = "i går"'), "veiviser.toml, oppføring 1: «checked»: "),
        (("owner =", 'telefon = "12"\nowner ='), "veiviser.toml, oppføring 1: «telefon»: "),
        (('["hvordan får vi vikar"]', '"vikar"'), "veiviser.toml, oppføring 1: «ask»: "),
    ],
)
def test_a_mistake_gets_one_sentence_with_its_place(
    tmp_path: Path, wrong: tuple[str, str], told: str
) -> None:
    (problem,) = mistakes(tmp_path, GOOD.replace(*wrong))
    assert problem.startswith(told)


def test_the_same_id_twice_is_told(tmp_path: Path) -> None:
    assert mistakes(tmp_path, GOOD + GOOD) == ["veiviser.toml: «vikar» står to ganger."]


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('owner = "Rektor"\n', "").replace("text_nn", "tekst_nn") + GOOD + GOOD
    assert [problem.split(": ")[0] for problem in mistakes(tmp_path, text)] == [
        "veiviser.toml, oppføring 1",
        "veiviser.toml, oppføring 1",
        "veiviser.toml, oppføring 1",
        "veiviser.toml",
    ]
