"""Search: however people ask, they find the section that says it."""

import json

import pytest

from knowledge.kinds import kind_of
from knowledge.library import Library
from knowledge.search import Topic, is_follow_up, read_question, search, topic_of
from knowledge.veiviser import VEIVISER


def sections(library: Library, question: str, topic: Topic | None = None) -> list[str]:
    """The sections of the plan's and the other documents' passages, best first, each once."""
    hits = search(library, read_question(library, question, topic))
    passages = [hit.passage for hit in hits if hit.passage.document.id != VEIVISER]
    return list(dict.fromkeys(passage.section.name for passage in passages))


@pytest.mark.parametrize(
    ("question", "section"),
    [
        # Misspelled
        ("hva er samarbedslæring", "Del 2 › Ambisjon 2 skole › Samarbeidslæring"),
        ("autoritatve voksne", "Del 2 › Ambisjon 1 skole › Autoritative voksne"),
        ("morgendagens klassrom", "Del 2 › Ambisjon 2 skole › Morgendagens klasserom"),
        ("karierreveiledning på ungdomstrinet", "Del 2 › Ambisjon 3 skole › Karriereveiledning"),
        # Nynorsk
        ("korleis legg de opp til elevmedverknad", "Del 2 › Ambisjon 1 skole › Elevmedvirkning"),
        ("kva er ein autoritativ vaksen", "Del 2 › Ambisjon 1 skole › Autoritative voksne"),
        ("heim-skule-samarbeid", "Del 2 › Ambisjon 1 skole › Veileder for hjem-skolesamarbeid"),
        ("kva er visjonen til skulane", "Del 1 › Visjoner for barnehage og skole"),
        # One or two words
        ("karriereveiledning", "Del 2 › Ambisjon 3 skole › Karriereveiledning"),
        ("kjennetegn lekeglede", "Del 2 › Ambisjon 1 barnehage › Kjennetegn på lekeglede"),
        ("selvhevdelse", "Del 1 › Kompetanse › Livsmestring › Sosial kompetanse"),
        ("bærende bjelker", "Del 1 › Grunnmur"),
        # Compounds that the plan writes in two words, and the reverse
        ("elevfravær", "Del 2 › Ambisjon 3 skole › Fravær"),
        ("klasseledelse", "Del 2 › Ambisjon 1 skole › Trygge og gode klasseledere"),
        (
            "praksis for vurdering som fremmer læring",
            "Del 2 › Ambisjon 2 skole › Læringsfremmende vurderingspraksis",
        ),
        # Other forms than the plan's
        ("profesjonsveiledere for nye lærere", "Del 2 › Ambisjon 4 skole › Nyutdannede lærere"),
        (
            "kunne vise kompetanse på ulike måter",
            "Del 2 › Ambisjon 2 skole › Læringsfremmende vurderingspraksis",
        ),
        ("landingssida", "Del 2 › Ambisjon 4 barnehage › Landingssiden for barnehage og skoler"),
        # The other documents
        ("hvor lenge varer modul 3", "Modulene › Modul 3"),
        ("hva er check-back", "Prosessen steg for steg › Check-back"),
        ("hva står på kronbladene", "Forventningsblomsten"),
    ],
)
def test_what_is_asked_for_comes_first(library: Library, question: str, section: str) -> None:
    assert sections(library, question)[0] == section


@pytest.mark.parametrize(
    "question",
    ["hva er elevmedvirkning", "HVA ER ELEVMEDVIRKNING?", "  hva er   elevmedvirkning ?! "],
)
def test_capitals_spaces_and_marks_make_no_difference(library: Library, question: str) -> None:
    assert sections(library, question) == sections(library, "hva er elevmedvirkning?")


@pytest.mark.parametrize(
    ("asks", "level"),
    [
        ("ambisjon 2 for skolene", "skole"),
        ("ambisjon 2 for barnehagene", "barnehage"),
        ("ambisjon 4 for skulane", "skole"),
        ("gode overganger for elevene", "skole"),
        ("gode overganger fra barnehagen", "barnehage"),
        ("grunnmuren i barnehagene", "barnehage"),
        ("oppfølging av nyutdannede barnehagelærere", "barnehage"),
    ],
)
def test_barnehage_and_skole_are_told_apart(library: Library, asks: str, level: str) -> None:
    best = search(library, read_question(library, asks))[0]
    assert best.passage.level == level


def test_the_best_come_first_each_once_and_no_more_than_asked_for(library: Library) -> None:
    hits = search(library, read_question(library, "hva er livsmestring"), 5)
    assert len(hits) == 5
    assert len({hit.passage.id for hit in hits}) == 5
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.parametrize("question", ["", "   ", "?!", "hva er det", "og i på til", "😀", "\x00"])
def test_a_question_without_any_word_that_tells_finds_nothing(
    library: Library, question: str
) -> None:
    assert search(library, read_question(library, question)) == []


@pytest.mark.parametrize(
    ("question", "follows"),
    [
        ("og for barnehagene?", True),
        ("hva med skolen?", True),
        ("kva med skulane?", True),
        ("hvem har ansvaret for det?", True),
        ("hva er PRUVA?", False),
        ("hvilke tiltak har ambisjon 2 for skolene?", False),
        ("samarbeidslæring", False),
    ],
)
def test_a_follow_up_is_told_from_a_new_question(
    library: Library, question: str, follows: bool
) -> None:
    assert is_follow_up(library, question) is follows


def test_a_follow_up_leans_on_the_question_before(library: Library) -> None:
    before = read_question(library, "Hvordan følges nyutdannede lærere opp i skolen?")
    topic = topic_of(before, search(library, before)[0].passage)
    assert (
        sections(library, "og i barnehagen?", topic)[0]
        == "Del 2 › Ambisjon 4 barnehage › Nyutdannede barnehagelærere"
    )


def test_a_new_question_forgets_the_one_before(library: Library) -> None:
    topic = Topic(("lekeglede", "barnehagene"), "")
    assert sections(library, "hva er PRUVA?", topic) == sections(library, "hva er PRUVA?")


def test_what_is_remembered_of_a_question_can_be_stored_and_holds_only_known_words(
    library: Library,
) -> None:
    query = read_question(library, "Hva gjør Kjellaug med elevmedvirkning?")
    topic = topic_of(query, search(library, query)[0].passage)
    assert Topic.from_json(json.loads(json.dumps(topic.to_json()))) == topic
    assert "elevmedvirkning" in topic.words
    assert "kjellaug" not in topic.words


@pytest.mark.parametrize("stored", [None, {}, {"words": "x"}, {"passage": 7}])
def test_whatever_was_stored_can_be_read(stored: dict[str, object] | None) -> None:
    topic = Topic.from_json(stored)
    assert topic is None or topic.words == ()


@pytest.mark.parametrize(
    ("bokmål", "nynorsk", "kind"),
    [
        ("hvem har ansvaret", "kven har ansvaret", "who"),
        ("hvorfor samarbeidslæring", "kvifor samarbeidslæring", "why"),
        ("hvordan jobber vi", "korleis jobbar vi", "how"),
        ("hvor lang tid tar det", "kor lang tid tek det", "long"),
        ("når var møtet", "når var møtet", "when"),
        ("hvilke tiltak", "kva for tiltak", "which"),
        ("hva er PRUVA", "kva er PRUVA", "what"),
        ("PRUVA", "PRUVA", ""),
    ],
)
def test_what_kind_of_answer_is_wanted_is_the_same_in_both_languages(
    bokmål: str, nynorsk: str, kind: str
) -> None:
    assert kind_of(bokmål) == kind_of(nynorsk) == kind
