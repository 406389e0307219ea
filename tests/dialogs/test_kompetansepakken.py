"""«Hvor er vi?»: each role gets what it needs of the school's way through kompetansepakken."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dialogs.guide import Column, Guide, Option, Step
from dialogs.guide_files import load_guides
from dialogs.kompetansepakken import COMMANDS, VERBS, where_are_we
from dialogs.messages import Table
from dialogs.modules import MEETINGS, PREPARE, module_of_guide
from knowledge.library import Library
from storage.database import Database, Session
from storage.drafts import Owner, finish_draft, save_answer, start_draft
from tests.dialogs.shown import shown
from tests.dialogs.turns import NOW, button, card_of, context_for

LEADERS = ("rektor", "avdelingsleder")
SCHOOL = "Nordlia skole"
REKTOR, TEACHER = "David Lunde", "Ane Solbakk"
ROWS = (
    ("modul-0", "Modul 0: Introduksjon", "2026-08-17", "2026-08-21"),
    ("modul-1", "Modul 1: Overordnet del", "2026-08-24", "2026-09-18"),
    ("modul-3", "Modul 3: Dybdelæring", "2026-10-05", "2026-10-30"),
)


def guide(id: str, owner: Any = "school", roles: tuple[str, ...] = LEADERS, *steps: Step) -> Guide:
    return Guide(
        id=id,
        title=id,
        title_nn=id,
        about="x",
        about_nn="x",
        source="x",
        minutes=1,
        owner=owner,
        roles=roles,
        step=steps or (Step(id="x", kind="short_text", text="x", text_nn="x"),),
    )


MEETING_STEP = Step(
    id=MEETINGS,
    kind="table",
    text="x",
    text_nn="x",
    columns=(
        Column(
            id="del",
            kind="one_of",
            label="Del",
            label_nn="Del",
            choices=(Option(value="film", text="Filmen", text_nn="Filmen"),),
        ),
        Column(id="dato", kind="date", label="Dato", label_nn="Dato"),
        Column(id="tema", kind="short_text", label="Tema", label_nn="Tema"),
        Column(id="internt", kind="long_text", label="Internt", label_nn="Internt"),
        Column(id="leder", kind="one_of", label="Leder", label_nn="Leiar"),
    ),
)
GUIDES = {
    "fremdriftsplan": guide("fremdriftsplan"),
    "notater": guide("notater", "person", ("lærer", "tillitsvalgt")),
    **{f"modul-{n}": guide(f"modul-{n}", "school", LEADERS, MEETING_STEP) for n in range(6)},
}


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


def draft(
    session: Session,
    guide: str,
    *,
    school: str = SCHOOL,
    finished: bool = False,
    year: str = "2026–2027",
    at: datetime = NOW,
    answers: dict[str, Any] | None = None,
) -> str:
    id = f"{guide}|{school}|{year}"
    owner = Owner("school", school)
    start_draft(
        session,
        id=id,
        guide=guide,
        owner=owner,
        year=year,
        about="",
        slot=id,
        person="rektor",
        at=at,
    )
    for key, value in (answers or {}).items():
        save_answer(session, id, key, value, base=None, person_key="k", person_name="Rektor", at=at)
    if finished:
        finish_draft(session, id, at)
    return id


def plan(session: Session, *, finished: bool = True, **where: Any) -> str:
    answers: dict[str, Any] = {"rekkefolge": "3-2-4"}
    for id, modul, first, last in ROWS:
        answers[f"moduler/{id}"] = {"modul": modul, "fra": first, "til": last}
    return draft(session, "fremdriftsplan", finished=finished, answers=answers, **where)


def asked(session: Session, library: Library, name: str = "", **turn: Any) -> str:
    return shown(where_are_we(context_for(session, library, GUIDES, name, **turn)))


def on(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, 0, tzinfo=UTC)


# The leaders


def test_a_new_school_is_led_to_making_a_plan_or_beginning(
    session: Session, library: Library
) -> None:
    card = card_of(where_are_we(context_for(session, library, GUIDES, REKTOR)))
    text = shown([card])
    assert "Skolen har ingen fremdriftsplan ennå." in text
    assert text.count("ikke begynt") == 6
    assert "Neste steg: begynn på Modul 0: Introduksjon." in text
    make = button(card, "Lag fremdriftsplan").value
    assert (make["verb"], make["guide"], make["about"]) == ("start", "fremdriftsplan", "")
    assert button(card, "Begynn på modul 0").value["guide"] == "modul-0"


def test_the_leaders_see_status_and_planned_dates_of_every_module(
    session: Session, library: Library
) -> None:
    plan_id = plan(session)
    draft(session, "modul-0", finished=True)
    begun = draft(session, "modul-1")
    card = card_of(where_are_we(context_for(session, library, GUIDES, REKTOR)))
    table = next(block for block in card.blocks if isinstance(block, Table))
    assert table.rows[:4] == (
        ("Modul 0: Introduksjon", "ferdig", "17.08.2026–21.08.2026"),
        ("Modul 1: Overordnet del – verdiløftet i praksis", "i gang", "24.08.2026–18.09.2026"),
        ("Modul 3: Dybdelæring", "ikke begynt", "05.10.2026–30.10.2026"),
        ("Modul 2: Læreplaner for fag", "ikke begynt", "–"),
    )
    assert "Neste steg: gå videre med Modul 1" in shown([card])
    assert button(card, "Gå videre med modul 1").value == {"verb": "open", "draft": begun}
    assert button(card, "Se fremdriftsplanen").value == {"verb": "overview", "draft": plan_id}


@pytest.mark.parametrize(
    ("today", "told"),
    [
        (date(2026, 8, 3), "Planen begynner 17.08.2026 med Modul 0: Introduksjon."),
        (date(2026, 8, 17), "er Nordlia skole etter planen i Modul 0: Introduksjon (til 21.08."),
        (date(2026, 9, 18), "er Nordlia skole etter planen i Modul 1: Overordnet del (til 18.09."),
        (date(2026, 9, 29), "mellom to moduler. Modul 3: Dybdelæring begynner 05.10.2026."),
        (date(2026, 11, 2), "Etter planen var Nordlia skole ferdig 30.10.2026."),
    ],
)
def test_where_the_school_is_follows_from_the_dates_of_the_plan(
    session: Session, library: Library, today: date, told: str
) -> None:
    plan(session)
    assert told in asked(session, library, REKTOR, now=on(today))


def test_every_leader_of_the_school_sees_the_same(session: Session, library: Library) -> None:
    plan(session, school="Fjellheim skole")
    text = asked(session, library, "Fatima Noor")
    assert "Fjellheim skole etter planen i Modul 1" in text
    assert "Skolen har ingen fremdriftsplan ennå." in asked(session, library, REKTOR)


def test_a_plan_that_is_a_draft_is_called_one(session: Session, library: Library) -> None:
    plan(session, finished=False)
    text = asked(session, library, REKTOR)
    assert "24.08.2026–18.09.2026" in text
    assert "er et utkast til dere fullfører den" in text


def test_a_plan_begun_without_dates_is_opened_and_not_made_again(
    session: Session, library: Library
) -> None:
    id = draft(session, "fremdriftsplan")
    card = card_of(where_are_we(context_for(session, library, GUIDES, REKTOR)))
    assert "Skolen har ingen fremdriftsplan ennå." in shown([card])
    assert button(card, "Lag fremdriftsplan").value == {"verb": "open", "draft": id}


def test_the_newest_plan_with_dates_counts(session: Session, library: Library) -> None:
    plan(session)
    draft(session, "fremdriftsplan", year="2027–2028", at=on(date(2027, 8, 20)))
    assert "24.08.2026–18.09.2026" in asked(session, library, REKTOR)


def test_a_module_finished_last_year_stays_finished(session: Session, library: Library) -> None:
    for number in range(6):
        draft(session, f"modul-{number}", finished=True, year="2025–2026")
    text = asked(session, library, REKTOR)
    assert text.count("| ferdig |") == 6
    assert "Alle modulene er ferdige." in text


def test_a_school_past_modul_0_is_not_sent_back_to_it(session: Session, library: Library) -> None:
    draft(session, "modul-1", finished=True)
    assert "Neste steg: begynn på Modul 2: Læreplaner for fag." in asked(session, library, REKTOR)


def test_the_leaders_are_told_what_the_others_see(session: Session, library: Library) -> None:
    assert "De ser ikke noe annet i utkastene." in asked(session, library, REKTOR)


# Everybody else at the school


def test_a_teacher_sees_the_module_of_these_weeks(session: Session, library: Library) -> None:
    plan(session)
    card = card_of(where_are_we(context_for(session, library, GUIDES, TEACHER)))
    text = shown([card])
    assert card.title == "Modul 1: Overordnet del – verdiløftet i praksis"
    assert "Nordlia skole er i gang med denne modulen." in text
    assert "Etter planen: 24.08.2026–18.09.2026." in text
    assert "Elevstemmer" in text
    notes = button(card, "Mine notater").value
    assert (notes["verb"], notes["guide"], notes["about"]) == ("start", "notater", "modul-1")
    assert "Bare du ser notatene dine." in text


def test_between_two_modules_a_teacher_sees_the_next(session: Session, library: Library) -> None:
    plan(session)
    text = asked(session, library, TEACHER, now=on(date(2026, 9, 29)))
    assert text.startswith("Modul 3: Dybdelæring\nDette er den neste modulen ved Nordlia skole.")


def test_a_module_that_is_finished_early_gives_way_to_the_next(
    session: Session, library: Library
) -> None:
    plan(session)
    draft(session, "modul-1", finished=True)
    assert asked(session, library, TEACHER).startswith("Modul 3: Dybdelæring\nDette er den neste")


def test_a_teacher_sees_the_fellesmoter_in_order_and_the_forberedelse(
    session: Session, library: Library
) -> None:
    plan(session)
    answers = {
        f"{MEETINGS}/b": {"dato": "2026-09-15", "tema": "Elevstemmer"},
        f"{MEETINGS}/a": {
            "dato": "2026-09-01",
            "tema": "Verdiløftet",
            "internt": "hemmelig",
            "del": "film",
        },
        f"{MEETINGS}/c": {"dato": None, "tema": "Oppsummering", "leder": "00-4"},
        f"{MEETINGS}/d": None,
        PREPARE: "Se filmen før møtet.",
        "oppfolging": "Bare for oss ledere.",
    }
    draft(session, "modul-1", answers=answers)
    text = asked(session, library, TEACHER)
    assert (
        "Fellesmøter\n01.09.2026: Filmen – Verdiløftet\n15.09.2026: Elevstemmer\n"
        "Oppsummering\n"
        "Forberedelse\nSe filmen før møtet.\nDeler" in text
    )
    for kept in ("hemmelig", "Bare for oss", "00-4"):
        assert kept not in text


def test_without_the_leaders_words_the_source_says_what_to_expect(
    session: Session, library: Library
) -> None:
    text = asked(session, library, TEACHER)
    assert "Ledergruppen har ikke lagt inn datoer for fellesmøtene ennå." in text
    assert "Forslag fra Kvalitetsbot." in text
    assert "Kilde: Kompetansepakken › Modulene › Modul 0" in text


def test_a_teacher_does_not_see_the_dates_of_an_unfinished_plan(
    session: Session, library: Library
) -> None:
    plan(session, finished=False)
    text = asked(session, library, TEACHER)
    assert "2026" not in text
    assert "Ledergruppen har ikke fullført en fremdriftsplan ennå" in text


def test_without_a_plan_the_module_that_is_begun_is_shown(
    session: Session, library: Library
) -> None:
    draft(session, "modul-1", finished=True)
    draft(session, "modul-4")
    text = asked(session, library, TEACHER)
    assert text.startswith("Modul 4: Tverrfaglige tema i overordnet del\nNordlia skole er i gang")


def test_another_schools_plan_is_never_shown(session: Session, library: Library) -> None:
    plan(session, school="Fjellheim skole")
    assert "24.08.2026" not in asked(session, library, TEACHER)


def test_a_school_that_is_through_is_told_so(session: Session, library: Library) -> None:
    plan(session)
    for number in range(6):
        draft(session, f"modul-{number}", finished=True)
    assert "Nordlia skole er ferdig med alle modulene" in asked(session, library, TEACHER)


def test_a_tillitsvalgt_reads_the_same_as_the_teachers(session: Session, library: Library) -> None:
    plan(session, school="Strandvik ungdomsskole")
    text = asked(session, library, "Geir Øyen", language="nn")
    assert "Strandvik ungdomsskole er i gang med denne modulen." in text
    assert "Notata mine" in text


# The rest


def test_the_skoleeierteam_sees_numbers_and_no_school(session: Session, library: Library) -> None:
    for school in ("Nordlia skole", "Fjellheim skole", "Strandvik ungdomsskole"):
        finished = school != "Nordlia skole"
        draft(session, "modul-1", school=school, finished=finished, answers={"om": True})
    text = asked(session, library, "Hanne Myhre")
    assert "Modul 1: Overordnet del – verdiløftet i praksis | 3 | færre enn 3" in text
    assert "Modul 0: Introduksjon | færre enn 3 | færre enn 3" in text
    assert "skoleåret 2026–2027" in text
    assert not any(school in text for school in ("Nordlia", "Fjellheim", "Strandvik"))


@pytest.mark.parametrize("name", ["Cecilie Dahle", "Jorunn Berge"])
def test_who_is_at_no_school_is_told_whom_it_is_for(
    session: Session, library: Library, name: str
) -> None:
    assert "Kompetansepakken er for skolene" in asked(session, library, name)


def test_somebody_unknown_sees_no_school(session: Session, library: Library) -> None:
    plan(session)
    assert asked(session, library).startswith("Hvor langt en skole er kommet")


def test_a_guide_that_is_not_there_has_no_button(session: Session, library: Library) -> None:
    context = context_for(session, library, {}, TEACHER)
    assert card_of(where_are_we(context)).buttons == ()


def test_the_bare_words_are_commands_and_a_question_is_not() -> None:
    assert {"hvor er vi", "kor er vi", "kompetansepakken", "neste modul"} <= COMMANDS.keys()
    assert {"modulene", "modulane"} <= COMMANDS.keys()
    assert not any("hva" in phrase or "?" in phrase for phrase in COMMANDS)


def test_the_button_shows_the_same_card(session: Session, library: Library) -> None:
    context = context_for(session, library, {}, TEACHER)
    assert VERBS["modules"](context, {"verb": "modules", "x": 1}) == where_are_we(context)


def test_the_guides_of_the_modules_have_the_steps_that_all_may_see() -> None:
    """«Hvor er vi?» finds the fellesmøter and the forberedelse by the names of their steps."""
    guides, _ = load_guides()
    ours = [one for one in guides.all if module_of_guide(one.id)]
    assert len(ours) == 6
    for one in ours:
        step = one.find(MEETINGS)
        assert step is not None, one.id
        assert any(column.kind == "date" for column in step.columns), one.id
        prepare = one.find(PREPARE)
        assert prepare is not None, one.id
        assert prepare.kind == "long_text", one.id
        assert one.starts_when == "module_order" or one.id in ("modul-0", "modul-1")


def test_numbers_and_dates_of_forged_rows_do_not_break_the_card(
    session: Session, library: Library
) -> None:
    rows = {"moduler/x": {"modul": 3, "fra": "nå"}}
    draft(session, "fremdriftsplan", finished=True, answers=rows)
    meetings = {f"{MEETINGS}/a": {"dato": "snart", "tema": "Oppstart"}}
    draft(session, "modul-0", answers=meetings)
    assert "Oppstart" in asked(session, library, TEACHER)
    assert "Skolen har ingen fremdriftsplan ennå." in asked(session, library, REKTOR)
