"""Answers: short, word for word, honest about old sources, and none where nothing is said."""

import re
from pathlib import Path

import pytest

from dialogs.contacts import read_contacts
from dialogs.messages import Language
from dialogs.questions import LONGEST_ANSWER, Answered, answer, respond
from dialogs.wording import Wording
from knowledge.answers import Found, find_answer
from knowledge.library import Library, load_documents
from tests.knowledge.files import write, write_docx, write_pdf

QUOTED = re.compile(r"«(.+?)» \[\d\]", re.DOTALL)
LEFT_OUT = re.compile(r"\[…\] | ?…$")


def ask(library: Library, question: str, context: str = "", language: Language = "nb") -> Answered:
    contacts, wording = read_contacts(), Wording(language)
    topic = respond(library, contacts, wording, context).topic if context else None
    return respond(library, contacts, wording, question, topic)


def cited(answered: Answered) -> list[str]:
    return [source.section for source in answered.reply.sources]


def documents_cited(answered: Answered) -> set[str]:
    return {source.document for source in answered.reply.sources}


@pytest.fixture(scope="module")
def answers(library: Library) -> dict[str, Answered]:
    """Question -> answer, for one way of asking for each passage."""
    questions = [passage.asks[0] for passage in library.passages if passage.asks]
    return {question: ask(library, question) for question in questions}


# What is quoted


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("Hva er PRUVA?", ["praktisk", "relevant", "utfordrende", "variert", "aktiv"]),
        (
            "Hva er hjørneflaggene?",
            [
                "• engasjerende organisasjonskultur",
                "• trygg og inkluderende praksis",
                "• utvikling av kompetanse og kvalitet",
                "• samarbeid, involvering og medvirkning",
            ],
        ),
        (
            "Hvilke tiltak har ambisjon 2 for skolene?",
            [
                "praktisk, relevant, utfordrende, variert og aktiv undervisning",
                "prinsippene for samarbeidslæring",
                "læringsfremmende vurderingspraksis",
                "samarbeid om planlegging og gjennomføring av undervisningen",
                "morgendagens klasserom",
            ],
        ),
        ("Når var møtet om elevmedvirkning?", ["12.11.2020"]),
        ("Hvor lang tid tar modul 2?", ["6–7"]),
        ("Må vi ta modulene i rekkefølge?", ["modul 1 må"]),
    ],
)
def test_the_answer_shows_all_that_was_asked_for(
    library: Library, question: str, shown: list[str]
) -> None:
    answered = ask(library, question)
    assert answered.answered
    for words in shown:
        assert words in answered.reply.text.lower()


def test_every_answer_is_short_and_names_its_source(answers: dict[str, Answered]) -> None:
    for question, answered in answers.items():
        text = answered.reply.text
        assert 0 < len(text) <= LONGEST_ANSWER == 1_200, question
        if answered.answered:
            number = len(answered.reply.sources)
            last = answered.reply.sources[-1]
            assert text.endswith(f"[{number}] {last.document}, {last.section}"), question


def test_what_stands_between_quotation_marks_stands_in_the_plan(
    library: Library, answers: dict[str, Answered]
) -> None:
    plan = " ".join(
        unit.text
        for document in library.documents
        if document.about.quoted
        for section in document.sections
        for unit in section.units
    )
    found = 0
    for question, answered in answers.items():
        for quotation in QUOTED.findall(answered.reply.text):
            for line in quotation.split("\n"):
                for piece in LEFT_OUT.split(line.removeprefix("• ")):
                    assert piece.strip() in plan, question
            found += 1
    assert found > 200


def test_every_quotation_is_from_the_section_that_is_named(
    library: Library, answers: dict[str, Answered]
) -> None:
    for question in answers:
        result = find_answer(library, question)
        if not isinstance(result, Found):
            continue
        for quote in result.quotes:
            section = quote.passage.section
            below = section.document.children(section)
            known = " ".join([*(u.text for u in section.units), *(s.heading for s in below)])
            for unit in quote.units:
                assert unit.text.removesuffix(" …") in known, question


def test_a_slip_of_the_plan_is_quoted_as_it_is_and_said_to_be_the_plans_own(
    library: Library, answers: dict[str, Answered]
) -> None:
    found = 0
    for question, answered in answers.items():
        result = find_answer(library, question)
        if isinstance(result, Found):
            for slip in (s for quote in result.quotes for unit in quote.units for s in unit.slips):
                assert f"[sic] «{slip}» står slik i planen." in answered.reply.text, question
                found += 1
    assert found > 5


def test_the_suggestions_are_the_whole_section_and_two_questions_that_are_answered(
    library: Library,
) -> None:
    for question in ("Hva er PRUVA?", "Hva er livsmestring?", "Hva er grunnmuren?"):
        whole, *neighbours = ask(library, question).reply.suggestions
        assert whole.title == "Vis hele avsnittet"
        assert len(neighbours) == 2
        for neighbour in neighbours:
            assert neighbour.say != question
            assert ask(library, neighbour.say).answered, neighbour.say


def test_the_words_around_the_quotation_follow_the_language_and_the_quotation_does_not(
    library: Library,
) -> None:
    nb, nn = (ask(library, "Hva er gode overganger?", "", lang) for lang in ("nb", "nn"))
    assert QUOTED.findall(nb.reply.text) == QUOTED.findall(nn.reply.text)
    assert nb.reply.suggestions[0].title == "Vis hele avsnittet"
    assert nn.reply.suggestions[0].title == "Vis heile avsnittet"


# Barnehage and skole


@pytest.mark.parametrize(
    ("question", "sections"),
    [
        ("Hva er ambisjon 4?", {"Del 2 › Ambisjon 4 barnehage", "Del 2 › Ambisjon 4 skole"}),
        (
            "Hvordan følges nyutdannede opp?",
            {
                "Del 2 › Ambisjon 4 barnehage › Nyutdannede barnehagelærere",
                "Del 2 › Ambisjon 4 skole › Nyutdannede lærere",
            },
        ),
        (
            "Hva er gode overganger?",
            {
                "Del 2 › Ambisjon 3 barnehage › Gode overganger",
                "Del 2 › Ambisjon 1 skole › Gode overganger",
            },
        ),
    ],
)
def test_where_the_question_says_neither_both_are_offered_each_once(
    library: Library, question: str, sections: set[str]
) -> None:
    found = cited(ask(library, question))
    assert sections <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("Hva er ambisjon 4 for skolene?", "Del 2 › Ambisjon 4 skole"),
        ("Hva er ambisjon 4 for barnehagene?", "Del 2 › Ambisjon 4 barnehage"),
        ("Hvilke tiltak har ambisjon 1 i barnehagen?", "Del 2 › Ambisjon 1 barnehage"),
        ("Kva tiltak har ambisjon 3 for skulane?", "Del 2 › Ambisjon 3 skole"),
    ],
)
def test_where_the_question_says_which_only_that_is_shown(
    library: Library, question: str, section: str
) -> None:
    assert cited(ask(library, question)) == [section]


@pytest.mark.parametrize(
    ("before", "question", "section"),
    [
        (
            "Hvilke tiltak har ambisjon 2 for skolene?",
            "og for barnehagene?",
            "Del 2 › Ambisjon 2 barnehage",
        ),
        ("Hva er ambisjon 3 for barnehagene?", "hva med skolen?", "Del 2 › Ambisjon 3 skole"),
        (
            "Hvordan følger skolene opp nyutdannede lærere?",
            "hva med barnehagen?",
            "Del 2 › Ambisjon 4 barnehage › Nyutdannede barnehagelærere",
        ),
        ("Hva er modul 3?", "hvor lang tid tar den?", "Modulene › Modul 3"),
        ("Hvor lang tid tar modul 2?", "og modul 4?", "Modulene › Modul 4"),
    ],
)
def test_a_follow_up_keeps_the_thread(
    library: Library, before: str, question: str, section: str
) -> None:
    assert cited(ask(library, question, context=before)) == [section]


# What the documents don't say


@pytest.mark.parametrize(
    "question",
    [
        "Hva er hovedstaden i Frankrike?",
        "Hvordan steker jeg pannekaker?",
        "Hvem vant VM i fotball i 1998?",
        "Hvor høyt er Galdhøpiggen?",
        "Hva er oppskriften på lasagne?",
        "Hvordan bytter jeg dekk på bilen?",
        "Hvilket antivirusprogram bruker kommunen?",
        "Når kommer bussen?",
        "Kva er det til lunsj i kantina?",
        "Hvor mange barnehager er det i Bergen?",
        "Hvem vant fotballcupen i fjor?",
        "Hvor mange dager er det til jul?",
        "Kan jeg ta med hund på jobb?",
        "Hva koster skoleskyssen?",
        "asdf qwer zxcv",
        "What is the capital of Norway?",
    ],
)
def test_what_the_documents_do_not_say_is_declined_with_a_way_on(
    library: Library, question: str
) -> None:
    answered = ask(library, question)
    assert not answered.answered
    assert answered.reply.sources == ()
    assert answered.reply.text
    assert any(question in one.say for one in answered.reply.suggestions)


@pytest.mark.parametrize(
    "question",
    [
        "Når er neste skoleledermøte?",
        "Kva dato er neste skuleleiarmøte?",
        "Når er neste LED-skole?",
        "neste møte",
        "Hva er tema på neste møte?",
        "Når møtes skolelederne neste gang?",
        "Når er det skoleledermøte igjen?",
        "Er det skoleledermøte denne uka?",
        "Hvilke møter har vi i år?",
        "kommende skoleledermøter",
        "Når er møtet i morgen?",
    ],
)
def test_the_old_calendar_never_answers_for_a_meeting_to_come(
    library: Library, question: str
) -> None:
    answered = ask(library, question)
    assert not answered.answered
    assert "Møteplan 2020–2021" not in documents_cited(answered)


# Old and foreign sources


@pytest.mark.parametrize(
    ("question", "language", "first"),
    [
        (
            "Hvordan gjennomføres skolebasert vurdering i Haugesund?",
            "nb",
            "Haugesund 2018; regelverket er endret siden",
        ),
        (
            "Korleis blir skulebasert vurdering gjennomført i Haugesund?",
            "nn",
            "Haugesund 2018; regelverket er endra sidan",
        ),
        (
            "Hvilke refleksjonsspørsmål er det om læringsmiljøet?",
            "nb",
            "Haugesund 2018; regelverket er endret siden",
        ),
        ("Når var møtet om elevmedvirkning?", "nb", "Møteplanen gjelder skoleåret 2020–2021"),
        ("Hvor lang tid tar modul 2?", "nb", "Høgskolen i Innlandet 2019"),
    ],
)
def test_an_answer_from_an_old_or_foreign_source_says_so_first(
    library: Library, question: str, language: Language, first: str
) -> None:
    assert ask(library, question, language=language).reply.text.startswith(first)


def test_every_answer_that_quotes_an_old_source_begins_with_its_note(
    library: Library, answers: dict[str, Answered]
) -> None:
    by_name = {document.short: document for document in library.documents}
    for question, answered in answers.items():
        notes = [by_name[name].about.note for name in documents_cited(answered)]
        for note in filter(None, notes):
            place = answered.reply.text.find(note)
            assert 0 <= place < answered.reply.text.find("[1]"), question


def test_the_yearly_report_is_said_to_be_no_longer_required(library: Library) -> None:
    for question in ("Må vi lage tilstandsrapport?", "Er årlig tilstandsrapport påkrevd?"):
        assert "Siden 1. august 2024 kreves ikke" in ask(library, question).reply.text


# Somebody's own folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dokumenter")
    write(
        folder / "skoleskyss.md",
        "# Skoleskyss\n\n## Rett til skyss\n\n"
        "Elever på 2.–10. trinn har rett til gratis skyss når skoleveien er over fire kilometer. "
        "På 1. trinn er grensen to kilometer.\n\n"
        "## Søknad\n\nSøknaden sendes til fylkeskommunen innen 1. mai.\n",
    )
    write(
        folder / "sfo.txt",
        "Åpningstider\n\nSFO er åpen fra klokka 07.15 til 16.45.\n\n"
        "Betaling\n\nOppholdet betales den 15. i hver måned.\n",
        "cp1252",
    )
    write_docx(folder / "ordensregler.docx")
    write_pdf(
        folder / "permisjon.pdf",
        ["Permisjon i inntil to uker innvilges av rektor.", "Lengre permisjon avslås."],
    )
    return folder


@pytest.mark.parametrize(
    ("question", "document", "said"),
    [
        ("hvor lang må skoleveien være for å få skyss", "skoleskyss", "over fire kilometer"),
        ("kor lang må skulevegen vere for å få skyss", "skoleskyss", "over fire kilometer"),
        ("hvor sendes søknaden", "skoleskyss", "fylkeskommunen"),
        ("når er SFO åpen", "sfo", "07.15"),
        ("hvor skal mobilen være på 9. trinn", "ordensregler", "Mobilhotellet"),
        ("hvem invilger permisjon", "permisjon", "av rektor"),
    ],
)
def test_a_folder_without_curated_questions_is_answered_from(
    folder: Path, question: str, document: str, said: str
) -> None:
    library, problems = load_documents(folder)
    answered = ask(library, question)
    assert problems == []
    assert answered.answered
    assert answered.reply.sources[0].document == document
    assert said in answered.reply.text


@pytest.mark.parametrize("question", ["Hva er PRUVA?", "hvem vant VM i fotball i 1998"])
def test_a_folder_answers_only_from_its_own_files(folder: Path, question: str) -> None:
    library, _ = load_documents(folder)
    assert {document.id for document in library.documents} == {
        "ordensregler",
        "permisjon",
        "sfo",
        "skoleskyss",
    }
    assert not ask(library, question).answered


@pytest.mark.parametrize(
    "question",
    ["Hva er PRUVA?", "hva er hjørneflaggene", "Hva er samarbeidslæring?", "autoritative voksne"],
)
def test_an_answer_leads_on_with_two_other_questions(library: Library, question: str) -> None:
    reply = answer(library, Wording("nb"), question).reply
    whole, *neighbours = [suggestion.title for suggestion in reply.suggestions]
    assert whole == "Vis hele avsnittet"
    assert len(set(neighbours)) == 2
    assert question.rstrip("?").lower() not in [n.rstrip("?").lower() for n in neighbours]
