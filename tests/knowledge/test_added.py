"""What is added to a library: it answers in another one, and the old one stays as it was."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.added import Added, is_there, with_added
from knowledge.answers import Beside, Found, NotFound, find_answer
from knowledge.library import Library, load_documents
from knowledge.veiviser import Entry
from tests.knowledge.files import write

RULES = """# Regler

## Mobil

Mobilen skal være avslått i timen. Læreren tar vare på den.

## Frukt

Elevene får et eple hver fredag.
"""

PARKING = Entry(
    id="parkering",
    title="Parkering for ansatte",
    title_nn="Parkering for tilsette",
    text="Spør vaktmesteren om parkering.",
    text_nn="Spør vaktmeisteren om parkering.",
    owner="Eiendom",
    checked=date(2026, 11, 20),
    ask=["hvor parkerer jeg", "er det parkering ved skolen"],
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    write(tmp_path / "regler.md", RULES)
    return load_documents(tmp_path)[0]


def passage_about(library: Library, word: str) -> str:
    return next(id for id, one in library.by_id.items() if word in one.text)


def test_a_way_of_asking_finds_the_passage_in_the_new_library_alone(library: Library) -> None:
    mobile = passage_about(library, "avslått")
    asked = "kan ungene ringe hjem fra klasserommet"
    added, missing = with_added(library, Added(asks=((mobile, asked),)))
    assert not missing
    found = find_answer(added, asked)
    assert isinstance(found, Found)
    assert found.quotes[0].passage.id == mobile
    assert isinstance(find_answer(library, asked), NotFound)


def test_an_entry_answers_beside_the_documents(library: Library) -> None:
    added, _ = with_added(library, Added(entries=(PARKING,)))
    found = find_answer(added, "hvor parkerer jeg")
    assert isinstance(found, Beside)
    assert found.entry == "parkering"
    assert "parkering" not in library.veiviser


def test_a_way_of_asking_for_an_entry_joins_its_own(library: Library) -> None:
    asks = (("veiviser:parkering", "får jeg oblat til bilen"),)
    added, missing = with_added(library, Added(asks, (PARKING,)))
    assert not missing
    assert added.veiviser["parkering"].ask == [*PARKING.ask, "får jeg oblat til bilen"]
    assert PARKING.ask == ["hvor parkerer jeg", "er det parkering ved skolen"]


@pytest.mark.parametrize("gone", ["regler/Mobil/9-9", "veiviser:borte", "", "veiviser:"])
def test_what_is_gone_is_told_and_left_out(library: Library, gone: str) -> None:
    added, missing = with_added(library, Added(asks=((gone, "noe helt annet"),)))
    assert missing == [gone]
    assert not is_there(library, gone)
    assert not added.asked


def test_what_is_held_out_is_held_out_of_the_library_and_not_of_what_is_added(
    library: Library,
) -> None:
    mobile = passage_about(library, "avslått")
    first, _ = with_added(library, Added(asks=((mobile, "Får vi ringe?"),)))
    without, _ = with_added(first, Added(), frozenset(["får vi ringe?"]))
    assert not without.asked
    again, _ = with_added(first, Added(asks=((mobile, "får vi ringe?"),)), {"får vi ringe?"})
    assert [one.question for one in again.asked] == ["får vi ringe?"]


def test_the_key_is_that_of_the_content() -> None:
    one = Added((("a", "b"),), (PARKING,))
    assert one.key == Added((("a", "b"),), (PARKING.model_copy(),)).key
    assert one.key != Added((("a", "c"),), (PARKING,)).key
    assert one.key != Added((("a", "b"),)).key
