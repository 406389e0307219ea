"""The search extension: what is found, what it is inserted as, and what is asked most."""

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialogs.assistant import Assistant
from dialogs.contacts import read_contacts
from dialogs.guide_files import Guides
from dialogs.messages import Message, Paragraph, TextReply
from dialogs.plan_search import FoundPassage, FoundPassages, find_passages
from dialogs.wording import read_wordings
from knowledge.library import Library, load_documents
from knowledge.veiviser import VEIVISER
from storage.database import Database
from tests.dialogs.kommune import ANE_LÆRER, BJØRN_LÆRER, UNKNOWN

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def assistant(library: Library, guides: Guides, database: Database) -> Assistant:
    return Assistant(library, guides, database, read_contacts(), "hemmelig", clock=lambda: NOW)


def find(
    assistant: Assistant, text: str, who: str = ANE_LÆRER, skip: int = 0, count: int = 25
) -> FoundPassages:
    return assistant.find_passages(text, who, skip=skip, count=count)


def titles(found: FoundPassages) -> list[str]:
    return [one.title for one in found.passages]


def paragraphs(passage: FoundPassage) -> list[str]:
    return [block.text for block in passage.card.blocks if isinstance(block, Paragraph)]


@pytest.mark.parametrize(
    ("written", "finds"),
    [
        ("tidlig innsats", "Tidlig innsats"),
        ("tidl", "Tidlig innsats"),
        ("Hva er PRUVA?", "PRUVA"),
        ("kva er tidleg innsats", "Tidlig innsats"),
        ("fravær", "Fravær"),
        ("hjørneflagene", "Hjørneflaggene"),
        ("FRAVÆR", "Fravær"),
    ],
)
def test_words_and_questions_find_the_paragraph(
    assistant: Assistant, written: str, finds: str
) -> None:
    assert finds in titles(find(assistant, written))[:3]


def test_a_passage_of_the_plan_is_inserted_word_for_word_with_its_source(
    assistant: Assistant, library: Library
) -> None:
    plan = {
        passage.text
        for passage in library.passages
        if passage.document.about.quoted and not passage.outline
    }
    passage = find(assistant, "fravær").passages[0]
    address, quoted, source = paragraphs(passage)
    assert address == "Kvalitetsplanen › Del 2 › Ambisjon 3 skole › Fravær"
    assert quoted[0] + quoted[-1] == "«»"
    assert " ".join(quoted[1:-1].replace("• ", "").split()) in {" ".join(p.split()) for p in plan}
    assert source == "Kilde: Drammen kommune, Kvalitetsplan for helhetlig læringsløp"
    assert not passage.card.buttons, "a card in a colleague's chat does nothing"


def test_an_old_source_says_so_on_the_card_as_well(assistant: Assistant) -> None:
    found = find(assistant, "møteplan")
    passage = next(one for one in found.passages if one.title == "Om møteplanen")
    assert any("historisk" in text for text in paragraphs(passage))
    assert any(text.startswith("Gjengitt med våre ord.") for text in paragraphs(passage))


def test_each_section_is_offered_once_and_the_veiviser_not_at_all(
    assistant: Assistant, library: Library
) -> None:
    for written in ("samarbeid", "elevmedvirkning", "lønn", "leksehjelp", "ambisjon 2"):
        found = find(assistant, written)
        where = [paragraphs(one)[0] for one in found.passages]
        assert len(set(where)) == len(where)
        assert not [one for one in where if one.casefold().startswith(VEIVISER)]


@pytest.mark.parametrize("written", ["xyzzy", "oppskrift på vafler", "!?#", "....", "  ;;;  "])
def test_nothing_found_is_said_in_a_sentence(assistant: Assistant, written: str) -> None:
    found = find(assistant, written)
    assert found == FoundPassages(instead=read_wordings()["nb"].say("search_nothing"))
    assert find(assistant, written, BJØRN_LÆRER).instead.startswith("Fann ikkje")


def test_a_worry_is_not_searched_for(assistant: Assistant) -> None:
    found = find(assistant, "en elev i klassen min blir slått hjemme")
    assert found.passages == ()
    assert "113" in found.instead
    assert "\n" not in found.instead
    assert "slått" not in found.instead
    personal = find(assistant, "Kari Nordmann 01019012345")
    assert personal.passages == ()
    assert "Kari" not in personal.instead


def test_a_document_without_headings_can_be_inserted_from(tmp_path: Path) -> None:
    (tmp_path / "rutine.txt").write_text("Nøkkelen til gymsalen henger på kontoret.", "utf-8")
    library, problems = load_documents(tmp_path)
    assert not problems
    found = find_passages(library, read_contacts(), read_wordings()["nb"], "gymsalen")
    (passage,) = found.passages
    assert passage.title
    assert any("Nøkkelen til gymsalen" in text for text in paragraphs(passage))


def test_pages_together_are_the_whole_list(assistant: Assistant) -> None:
    whole = titles(find(assistant, "ambisjon 2"))
    assert len(whole) > 6
    paged = [
        title
        for skip in range(0, len(whole) + 3, 3)
        for title in titles(find(assistant, "ambisjon 2", skip=skip, count=3))
    ]
    assert paged == whole
    assert find(assistant, "ambisjon 2", skip=999) == FoundPassages()


def test_before_anybody_has_asked_there_is_something_to_begin_with(assistant: Assistant) -> None:
    first = titles(find(assistant, ""))
    assert first == titles(find(assistant, " h ")), "one letter is no search yet"
    assert {"PRUVA", "Hjørneflaggene", "Tidlig innsats"} & {*first}
    assert titles(find(assistant, "", BJØRN_LÆRER))


def test_what_is_asked_most_comes_first_whether_asked_in_a_chat_or_in_a_group(
    assistant: Assistant,
) -> None:
    def ask(question: str, public: bool) -> None:
        message = Message(question, "c", UNKNOWN, NOW, text=question, public=public)
        (reply,) = assistant.handle(message)
        assert isinstance(reply, TextReply)
        assert reply.passage
        assistant.remember_sent([("c", "sent", reply.passage)])

    ask("hva er elevmedvirkning", False)
    ask("hva sier planen om fravær?", False)
    ask("hva sier planen om fravær", True)
    assert find(assistant, "").passages[0].title == "Fravær"
    assert len(find(assistant, "").passages) > 3, "and what there is to begin with"


def test_a_passage_that_is_no_longer_in_the_library_is_not_offered(library: Library) -> None:
    wording, contacts = read_wordings()["nb"], read_contacts()
    own = next(p.id for p in library.passages if p.document.id == VEIVISER)
    with_gone = find_passages(library, contacts, wording, "", most_asked=["gone/a/0-1", own])
    assert with_gone == find_passages(library, contacts, wording, "")


def test_the_same_search_gives_the_same_answer_within_a_second(
    assistant: Assistant, library: Library
) -> None:
    """Words of the plan in any order, and questions that somebody wrote down."""
    chance = random.Random(6)
    words = sorted(library.words.known)
    asked = [one.question for one in chance.sample(library.asked, 60)]
    searches = asked + [" ".join(chance.sample(words, n % 6 + 1)) for n in range(60)]
    took = []
    for written in searches:
        began = time.perf_counter()
        found = find(assistant, written)
        took.append(time.perf_counter() - began)
        assert bool(found.passages) is not bool(found.instead)
        assert found == find(assistant, written)
    assert sorted(took)[int(0.95 * len(took))] < 1
