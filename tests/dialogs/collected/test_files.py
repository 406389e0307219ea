"""What can be downloaded of a round: the numbers one may see, and no other."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from docx import Document

from bot.papers.word import word
from dialogs.messages import Paper, Sheet, Workbook
from dialogs.papers import words_of
from dialogs.reports import Group, Report
from knowledge.library import Library
from storage.database import Database
from storage.follow_ups import FollowUp, add_follow_up
from storage.rounds import share_result
from tests.dialogs.collected.closed_rounds import (
    HIDDEN,
    WHOLE,
    a_report,
    a_survey,
    close_a_round,
    figure,
    write_texts,
)
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    START,
    UNKNOWN,
    Kommune,
)

EVERYBODY = (ANE_LÆRER, BJØRN_LÆRER, DAVID_REKTOR, HANNE_SKOLEEIER, JORUNN_ADMINISTRATOR)


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def get(kommune: Kommune, path: str, who: str, format: str, **query: str) -> Any:
    return kommune.assistant.browser.file(path, {**query, "format": format}, who)


def workbook(kommune: Kommune, who: str, path: str = "runder/runde1", **query: str) -> Workbook:
    found = get(kommune, path, who, "xlsx", **query)
    assert isinstance(found, Workbook)
    return found


def paper(kommune: Kommune, who: str, path: str = "runder/runde1", **query: str) -> Paper:
    found = get(kommune, path, who, "docx", **query)
    assert isinstance(found, Paper)
    return found


def sheet(book: Workbook, name: str) -> Sheet:
    return next(one for one in book.sheets if one.name == name)


def groups(book: Workbook) -> list[str]:
    return list(dict.fromkeys(str(row[1]) for row in sheet(book, "Svar").rows))


def test_a_workbook_has_a_row_for_each_answer_of_each_group(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    book = workbook(kommune, HANNE_SKOLEEIER)
    rows = [row for row in sheet(book, "Svar").rows if row[1] == "Hele kommunen"]
    assert [(row[5], row[7], row[8], row[9]) for row in rows] == [
        (1, 12, 7.1, 170),
        (2, 23, 13.5, 170),
        (3, 34, 20.0, 170),
        (4, 45, 26.5, 170),
        (5, 56, 32.9, 170),
    ]
    [mean] = [row for row in sheet(book, "Gjennomsnitt").rows if row[1] == "Hele kommunen"]
    assert mean[3:] == (170, 3.4, 0.2, 1.1, None)
    assert [one.name for one in book.sheets] == ["Svar", "Gjennomsnitt", "Svarprosent", "Om runden"]


def test_merged_answers_stand_as_one_and_the_mean_is_called_an_estimate(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    book = workbook(kommune, HANNE_SKOLEEIER)
    rows = [row for row in sheet(book, "Svar").rows if row[1] == "Sone nord"]
    assert [row[5:8] for row in rows] == [(1, 2, 9), (3, 5, 21)]
    assert rows[0][4] == "1 – dårlig / 2"
    [mean] = [row for row in sheet(book, "Gjennomsnitt").rows if row[1] == "Sone nord"]
    assert mean[7] == "ja"


def test_what_is_withheld_is_a_colon_and_a_note_says_why(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    book = workbook(kommune, BJØRN_LÆRER)
    assert groups(book) == ["Heile kommunen", "Fjellheim skole", "Leiarar"]
    [row] = [row for row in sheet(book, "Svar").rows if row[1] == "Fjellheim skole"]
    assert row[4:] == (None, None, None, ":", ":", ":")
    assert any(note.startswith("«:»") for note in sheet(book, "Svar").notes)


def test_the_school_owner_gets_a_school_when_it_has_shared(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    assert "Nordlia skole" not in groups(workbook(kommune, HANNE_SKOLEEIER))
    with kommune.session() as session:
        share_result(session, "runde1", "Nordlia skole", DAVID_REKTOR, START)
    shared = workbook(kommune, HANNE_SKOLEEIER)
    assert "Nordlia skole" in groups(shared)
    assert "Fjellheim skole" not in groups(shared)


def test_a_teacher_gets_the_kommune_and_the_own_school(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    assert groups(workbook(kommune, ANE_LÆRER)) == ["Hele kommunen", "Nordlia skole", "Ledere"]
    text = words_of(paper(kommune, ANE_LÆRER))
    assert "Nordlia skole" in text
    assert "Fjellheim" not in text
    assert "Sone nord" not in text


def test_who_was_not_asked_gets_nothing(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session, unit="Nordlia skole", audience=("enhet: Nordlia skole",))
    for format in ("xlsx", "csv", "docx"):
        assert get(kommune, "runder/runde1", ANE_LÆRER, format) is not None
        for who in (BJØRN_LÆRER, HANNE_SKOLEEIER, JORUNN_ADMINISTRATOR, UNKNOWN):
            assert get(kommune, "runder/runde1", who, format) is None


def test_an_open_round_an_unknown_one_and_an_odd_format_give_nothing(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    assert get(kommune, "runder/finnes-ikke", HANNE_SKOLEEIER, "xlsx") is None
    assert get(kommune, "runder/runde1", HANNE_SKOLEEIER, "exe") is None
    assert kommune.assistant.browser.file("runder/runde1", {}, HANNE_SKOLEEIER) is None
    assert get(kommune, "undersokelse/runde1", HANNE_SKOLEEIER, "docx") is None  # no survey


def test_texts_come_along_when_one_may_read_them(kommune: Kommune) -> None:
    written = [f"Vi trenger tid {number}" for number in range(6)]
    from_nordlia = [f"Fra Nordlia {number}" for number in range(5)]
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *written)
        write_texts(
            session, "runde1", *(f"Fra Nordlia {n}" for n in range(5)), unit="Nordlia skole"
        )
    owner = sheet(workbook(kommune, HANNE_SKOLEEIER), "Det folk skrev").rows
    assert {row[1] for row in owner} == {*written, *from_nordlia}
    assert {row[2] for row in owner if str(row[1]).startswith("Fra")} == {"Nordlia skole"}
    teacher = sheet(workbook(kommune, ANE_LÆRER), "Det folk skrev").rows
    assert {row[1] for row in teacher} == set(from_nordlia)
    assert "Vi trenger tid 1" in words_of(paper(kommune, HANNE_SKOLEEIER))
    assert "Vi trenger tid" not in words_of(paper(kommune, ANE_LÆRER))


def test_few_texts_are_not_exported(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
        write_texts(session, "runde1", *(f"Bare få {n}" for n in range(4)))
    book = workbook(kommune, HANNE_SKOLEEIER)
    assert "Bare få" not in str(book)
    assert "Det folk skrev" not in [one.name for one in book.sheets]


def test_the_report_says_what_the_numbers_are_used_for_and_not(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    text = words_of(paper(kommune, HANNE_SKOLEEIER))
    for said in ("å lære", "å rangere", "Finne ut hva vi trenger", "ca. 70 %", "3: 34 (20 %)"):
        assert said in text


def test_a_surveys_main_report_has_no_school_and_says_strengths_first(kommune: Kommune) -> None:
    with kommune.session() as session:
        _close_a_survey(session)
        share_result(session, "runde1", "Nordlia skole", DAVID_REKTOR, START)
    main = paper(kommune, HANNE_SKOLEEIER, "undersokelse/runde1")
    text = words_of(main)
    assert main.title == "Hovedrapport: Kompetanseundersøkelsen"
    assert "Nordlia" not in text
    assert "Klasseledelse: Lede klassen" in text
    assert "Klasseledelse: Koding" not in text
    assert text.index("Styrker") < text.index("Å lede en klasse.")
    assert text.index("Lede klassen") < text.index("Koding")
    assert "+2,0 (± 0,4)" in text


def test_a_school_report_is_for_the_school_and_for_those_it_has_shared_with(
    kommune: Kommune,
) -> None:
    with kommune.session() as session:
        _close_a_survey(session)
    path, school = "undersokelse/runde1", {"skole": "Nordlia skole"}
    own = paper(kommune, DAVID_REKTOR, path, **school)
    assert own.title == "Rapport for Nordlia skole: Kompetanseundersøkelsen"
    assert "Nordlia skole" in words_of(own)
    for who in (BJØRN_LÆRER, HANNE_SKOLEEIER, UNKNOWN):
        assert get(kommune, path, who, "docx", **school) is None
    with kommune.session() as session:
        share_result(session, "runde1", "Nordlia skole", DAVID_REKTOR, START)
    assert paper(kommune, HANNE_SKOLEEIER, path, **school).title == own.title
    rows = sheet(workbook(kommune, HANNE_SKOLEEIER, path, **school), "Svar").rows
    assert {row[1] for row in rows} == {"Hele kommunen", "Nordlia skole"}


def test_the_reports_become_word_files_with_pictures_and_tables(kommune: Kommune) -> None:
    with kommune.session() as session:
        _close_a_survey(session)
        write_texts(session, "runde1", *(f"=1+1 og <b>tekst</b> {n}" for n in range(5)))
    for path, pictures in (("undersokelse/runde1", 1), ("runder/runde1", 0)):
        made = paper(kommune, HANNE_SKOLEEIER, path)
        document = Document(io.BytesIO(word(made, START)))
        assert document.paragraphs[0].text == made.title
        assert len(document.inline_shapes) == pictures
        cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
        assert any("Hele kommunen" in text for text in cells)


def _close_a_survey(session: Any) -> None:
    def gap(competence: float, importance: float) -> dict[str, Any]:
        return {"kompetanse": competence, "viktighet": importance}

    figures = {
        group: {
            f"{step}.{scale}": figure(5, 5, 10, 10, 10, mean=value)
            for step, means in (("lede", gap(4.2, 4.1)), ("koder", gap(2.2, 4.2)))
            for scale, value in means.items()
        }
        for group in (WHOLE, Group("skole", "Nordlia skole"))
    }
    report = Report(5, figures, {WHOLE: 80})
    title = "Kompetanseundersøkelsen"
    close_a_round(session, a_survey(), report, title=title, audience=("lærere", "ledere"))


# The yearly information to kommunestyret


def test_the_yearly_draft_is_marked_and_says_what_people_must_do(kommune: Kommune) -> None:
    draft = paper(kommune, HANNE_SKOLEEIER, "arsmelding/2026")
    text = words_of(draft)
    assert draft.title.startswith("UTKAST")
    assert "2026–2027" in draft.title
    for said in ("Læringsmiljø", "Læringsresultater", "Gjennomføring", "§ 17-12", "[Fyll ut]"):
        assert said in text
    assert "https://skoleporten.udir.no" in text
    assert "Selve lovteksten er ikke hentet herfra" in text


def test_the_yearly_draft_holds_public_results_alone(kommune: Kommune) -> None:
    public = Report(20, {WHOLE: {"gaar": figure(0, 20, 30, 40, 80)}, **_schools()}, {WHOLE: 70})
    with kommune.session() as session:
        close_a_round(session, public=public)
        close_a_round(session, id="r2", title="Egen runde", unit="Nordlia skole", public=public)
        close_a_round(
            session, id="r3", title="Holder tilbake", public=Report(20, {WHOLE: {"gaar": HIDDEN}})
        )
        close_a_round(session, id="r4", title="For små grupper", public=a_report(5))
        last_year = datetime(2025, 10, 1, tzinfo=UTC)
        close_a_round(session, id="r5", title="I fjor", public=public, opens=last_year)
    text = words_of(paper(kommune, HANNE_SKOLEEIER, "arsmelding/2026"))
    assert "Refleksjon i november" in text
    assert "2: 20 (12 %)" in text
    assert "12 (7 %)" not in text  # of the report for smaller groups
    for hidden in ("Egen runde", "Holder tilbake", "For små grupper", "I fjor", "Nordlia"):
        assert hidden not in text
    assert "I fjor" in words_of(paper(kommune, HANNE_SKOLEEIER, "arsmelding/2025"))


def _schools() -> dict[Group, Any]:
    return {Group("skole", "Nordlia skole"): {"gaar": figure(0, 20, 20, 20, 20)}}


def test_the_yearly_draft_tells_what_was_heard_and_done_without_names(kommune: Kommune) -> None:
    made = FollowUp(
        id="f" * 32,
        round="runde1",
        heard="Vi hørte at teamtid mangler",
        measure="Teamtid hver uke",
        responsible="Kari Hemmelig",
        by=HANNE_SKOLEEIER,
        by_name="Hanne Myhre",
        at=START,
        told_at=START + timedelta(hours=1),
    )
    with kommune.session() as session:
        close_a_round(session)
        add_follow_up(session, made)
        add_follow_up(session, replace(made, id="e" * 32, measure="Ikke sendt ennå", told_at=None))
        add_follow_up(session, replace(made, id="d" * 32, measure="Skolens", unit="Nordlia skole"))
    text = words_of(paper(kommune, HANNE_SKOLEEIER, "arsmelding/2026"))
    assert "Teamtid hver uke" in text
    for hidden in ("Kari Hemmelig", "Hanne Myhre", "Ikke sendt ennå", "Skolens"):
        assert hidden not in text


def test_the_yearly_draft_names_what_schools_have_shared_with_the_team(kommune: Kommune) -> None:
    kommune.share(audience="skoleeierteamet")
    draft = kommune.draft(DAVID_REKTOR, answer="Bare for skolen")
    kommune.share(draft, audience="skolen")
    text = words_of(paper(kommune, HANNE_SKOLEEIER, "arsmelding/2026"))
    assert text.count("Plan for skolen") == 1
    assert "Nordlia skole" in text
    assert "David Lunde" not in text


def test_only_the_school_owner_gets_the_yearly_draft(kommune: Kommune) -> None:
    browser = kommune.assistant.browser
    for who in (*EVERYBODY, UNKNOWN):
        allowed = who == HANNE_SKOLEEIER
        assert (get(kommune, "arsmelding/2026", who, "docx") is not None) == allowed
        assert (browser.page("arsmelding", {}, who) is not None) == allowed
    for path in ("arsmelding/", "arsmelding/1066", "arsmelding/../x", "arsmelding/2030"):
        assert get(kommune, path, HANNE_SKOLEEIER, "docx") is None
    assert get(kommune, "arsmelding/2026", HANNE_SKOLEEIER, "xlsx") is None


def test_everything_is_there_in_nynorsk_too(kommune: Kommune) -> None:
    with kommune.session() as session:
        close_a_round(session)
    assert "Heile kommunen" in groups(workbook(kommune, IVAR_FAGRÅDGIVER))
    assert "Kjelde" in words_of(paper(kommune, IVAR_FAGRÅDGIVER))
    draft = paper(kommune, IVAR_FAGRÅDGIVER, "arsmelding/2026")
    assert draft.language == "nn"
    assert "Kva kommunestyret skal få vite" in words_of(draft)
