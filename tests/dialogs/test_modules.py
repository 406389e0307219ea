"""The modules of kompetansepakken: their order, a plan with dates, and what is odd about dates."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from dialogs.guide import Guide, Step
from dialogs.known import Known
from dialogs.messages import Items, Paragraph, Table
from dialogs.modules import (
    events,
    in_order,
    module_name,
    module_order,
    module_orders,
    module_rows,
    module_timeline,
    module_warnings,
    modules,
    periods,
    seen_by_school,
)
from dialogs.questions import find_section
from knowledge.holidays import Holidays
from knowledge.library import Library
from storage.drafts import Owner
from storage.people import RegisteredPerson

RECTOR = RegisteredPerson("k", "Rita", "r@x", "rektor", "Nordlia skole", "skole")
STEP = Step(id="moduler", kind="read", text="x", text_nn="x")


@pytest.fixture
def known(library: Library) -> Known:
    return Known(
        today=date(2026, 8, 10),
        language="nb",
        person=RECTOR,
        owner=Owner("school", "Nordlia skole"),
        year="2026–2027",
        about="",
        answers={"start": "2026-08-17", "rekkefolge": "2-3-4"},
        library=library,
        earlier=lambda guide: {},
        newest=lambda guide: {},
        plan=list,
        colleagues=list,
        somebody=lambda key: None,
        finished=frozenset,
    )


def guide(id: str) -> Guide:
    return Guide(
        id=id,
        title="x",
        title_nn="x",
        about="x",
        about_nn="x",
        source="x",
        minutes=1,
        owner="school",
        roles=("rektor",),
        step=(STEP,),
    )


def plan(known: Known, **dates: tuple[str, str]) -> list[dict[str, Any]]:
    """The proposed rows, with the dates of some modules changed: modul_2=("…", "…")."""
    rows = module_rows(known, STEP)
    assert rows is not None
    for id, (first, last) in dates.items():
        row = next(row for row in rows if row["id"] == id.replace("_", "-"))
        row["fra"], row["til"] = first, last
    return rows


def warnings(known: Known, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    return module_warnings(rows, known.language, known.library.holidays)


# The facts


def test_the_facts_stand_in_the_document_too(library: Library) -> None:
    """Weeks, parts and titles are those of the section that the card names as its source."""
    for module in modules():
        section = find_section(library, module.source)
        assert section is not None
        text = " ".join(unit.text for unit in section.units)
        assert f"{module.weeks_from}–{module.weeks_to} uker" in text
        assert module.title in section.heading
        if module.leader_weeks_from:
            assert f"{module.leader_weeks_from}–{module.leader_weeks_to} uker for leder" in text
        if module.number > 0:
            units = [unit.text for unit in section.units if unit.kind == "item"]
            assert units == list(module.parts)


def test_every_module_is_told_in_both_languages() -> None:
    assert [module.number for module in modules()] == [0, 1, 2, 3, 4, 5]
    for module in modules():
        assert module.guide == f"modul-{module.number}"
        assert len(module.parts) == len(module.parts_nn)
    assert modules()[3].named("nn") == "Modul 3: Djupnelæring"


# The order


@pytest.mark.parametrize(
    ("number", "finished"),
    [
        (0, ()),
        (0, (1, 2, 3, 4, 5)),
        (1, ()),
        (2, (1,)),
        (3, (1,)),
        (4, (1,)),
        (2, (1, 4)),
        (5, (1, 2, 3, 4)),
    ],
)
def test_a_module_may_begin_when_what_comes_before_it_is_finished(
    known: Known, number: int, finished: tuple[int, ...]
) -> None:
    done = replace(known, finished=lambda: frozenset(f"modul-{n}" for n in finished))
    assert module_order(done, guide(f"modul-{number}")) == ""


@pytest.mark.parametrize(
    ("number", "finished", "why"),
    [
        (2, (), "Modul 1 må gjennomføres før modul 2, så gjør"),
        (4, (0, 2, 3), "Modul 1 må gjennomføres før modul 4, så gjør"),
        (5, (), "Modul 1 må gjennomføres før modul 5, så gjør"),
        (5, (1,), "Modul 5 tas til slutt, så gjør ferdig modul 2, 3 og 4 først."),
        (5, (1, 3), "Modul 5 tas til slutt, så gjør ferdig modul 2 og 4 først."),
        (5, (1, 2, 4), "Modul 5 tas til slutt, så gjør ferdig modul 3 først."),
    ],
)
def test_tried_too_early_it_says_what_must_be_finished_first(
    known: Known, number: int, finished: tuple[int, ...], why: str
) -> None:
    done = replace(known, finished=lambda: frozenset(f"modul-{n}" for n in finished))
    assert module_order(done, guide(f"modul-{number}")).startswith(why)


def test_why_not_is_said_in_nynorsk_to_who_reads_nynorsk(known: Known) -> None:
    assert "må gjennomførast" in module_order(replace(known, language="nn"), guide("modul-3"))


def test_other_guides_may_always_begin(known: Known) -> None:
    assert module_order(known, guide("sot")) == ""


def test_the_school_chooses_between_six_orders(known: Known) -> None:
    orders = dict(module_orders(known))
    assert len(orders) == 6
    assert orders["2-3-4"] == "Modul 2, så modul 3, så modul 4"
    assert orders["4-2-3"] == "Modul 4, så modul 2, så modul 3"
    assert [module.number for module in in_order("4-2-3")] == [0, 1, 4, 2, 3, 5]


@pytest.mark.parametrize("chosen", [None, "", "2-3", "5-1-0", "2-2-2", 7, "noe annet"])
def test_an_order_that_is_none_leaves_the_modules_in_theirs(chosen: object) -> None:
    assert in_order(chosen) == modules()


# The plan


def test_a_plan_of_the_least_time_takes_about_six_months(known: Known) -> None:
    rows = plan(known)
    assert [row["id"] for row in rows] == [f"modul-{n}" for n in range(6)]
    assert (rows[0]["fra"], rows[0]["til"]) == ("2026-08-17", "2026-08-21")
    assert (rows[-1]["fra"], rows[-1]["til"]) == ("2027-01-18", "2027-02-12")
    months = (date.fromisoformat(rows[-1]["til"]) - date(2026, 8, 17)).days / 30.44
    assert 5.5 < months < 6.5


@pytest.mark.parametrize("start", ["2025-08-18", "2026-10-05", "2027-01-04", "2028-04-19"])
def test_each_module_gets_its_least_weeks_and_no_plan_begins_or_ends_in_a_holiday(
    known: Known, start: str
) -> None:
    rows = plan(replace(known, answers={"start": start, "rekkefolge": "4-3-2"}))
    holidays = known.library.holidays
    shown = periods(rows)
    assert [one.module.number for one in shown if one.module] == [0, 1, 4, 3, 2, 5]
    for one in shown:
        assert one.module is not None
        assert holidays.school_weeks(one.first, one.last) == one.module.weeks_from
        assert holidays.is_school_day(one.first)
        assert holidays.is_school_day(one.last)
    assert all(before.last < after.first for before, after in pairwise(shown))
    assert warnings(known, rows) == ()


def test_a_start_in_a_holiday_becomes_the_first_day_after_it(known: Known) -> None:
    rows = plan(replace(known, answers={"start": "2026-09-30"}))
    assert rows[0]["fra"] == "2026-10-05"


@pytest.mark.parametrize("answers", [{}, {"start": None}, {"start": "i høst"}])
def test_without_a_start_there_is_no_plan_to_propose(known: Known, answers: dict[str, Any]) -> None:
    assert module_rows(replace(known, answers=answers), STEP) is None


def test_the_rows_are_written_in_the_language_of_who_makes_the_plan(known: Known) -> None:
    assert plan(known)[3]["modul"] == "Modul 3: Dybdelæring"
    assert plan(replace(known, language="nn"))[3]["modul"] == "Modul 3: Djupnelæring"


def test_the_timeline_shows_dates_weeks_and_the_whole_duration(known: Known) -> None:
    answered = replace(known, answers={"moduler": plan(known)})
    table, total, *rest = module_timeline(answered, STEP)
    assert isinstance(table, Table)
    assert table.columns == ("Modul", "Fra", "Til", "Uke")
    assert table.rows[0] == ("Modul 0: Introduksjon", "17.08.2026", "21.08.2026", "34")
    assert table.rows[4][3] == "50–2"  # over the new year
    assert total == Paragraph("Fra 17.08.2026 til 12.02.2027: om lag 6 måneder, 23 skoleuker.")
    assert [b.text for b in rest if isinstance(b, Paragraph)] == [
        "Demo: skoleferiene er et eksempel. Kommunen setter inn sine egne."
    ]


def test_the_timeline_stands_in_the_order_of_the_dates_and_says_what_is_odd(known: Known) -> None:
    rows = plan(known, modul_2=("2026-12-01", "2027-01-15"))
    blocks = module_timeline(replace(known, answers={"moduler": rows}), STEP)
    table, listed = blocks[0], next(block for block in blocks if isinstance(block, Items))
    assert isinstance(table, Table)
    assert [row[0][:7] for row in table.rows[2:4]] == ["Modul 3", "Modul 2"]
    assert "Modul 4 begynner før Modul 2 er ferdig 15.01.2027." in listed.items


def test_a_timeline_without_dates_says_so(known: Known) -> None:
    (said,) = module_timeline(replace(known, answers={"moduler": [{"id": "x"}]}), STEP)
    assert said == Paragraph("Ingen av modulene har datoer ennå.", "note")


# What people make of the dates


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"modul_0": ("2026-08-21", "2026-08-17")},
            "Modul 0 slutter før den begynner.",
        ),
        (
            {"modul_2": ("2026-09-14", "2026-11-04")},
            "Modul 2 begynner før Modul 1 er ferdig 18.09.2026.",
        ),
        (
            {"modul_3": ("2026-05-04", "2026-06-05")},
            "Modul 3 begynner før Modul 1, men modul 1 må gjennomføres før modul 2–5.",
        ),
        (
            {"modul_5": ("2026-09-21", "2026-10-23")},
            "Modul 5 begynner før Modul 4, men modul 5 tas til slutt.",
        ),
        (
            {"modul_2": ("2026-09-21", "2026-10-23")},
            "Modul 2 har fått 4 skoleuker. Kilden sier minst 6.",
        ),
        (
            {"modul_2": ("2026-09-28", "2026-11-13")},
            "Modul 2 begynner i skoleferien (høstferie).",
        ),
        (
            {"modul_5": ("2029-05-01", "2029-12-01")},
            "Skoleferiene er lagt inn til 19.08.2029. Datoer etter det kan treffe en ferie.",
        ),
    ],
)
def test_odd_dates_get_a_clear_sentence(
    known: Known, changed: dict[str, tuple[str, str]], told: str
) -> None:
    assert told in warnings(known, plan(known, **changed))


def test_a_row_without_a_date_is_named(known: Known) -> None:
    rows = plan(known)
    del rows[1]["til"]
    rows[2]["fra"] = "snart"
    assert warnings(known, rows)[:2] == (
        "«Modul 1: Overordnet del – verdiløftet i praksis» mangler en dato.",
        "«Modul 2: Læreplaner for fag» mangler en dato.",
    )


def test_one_pair_of_rows_gets_one_sentence(known: Known) -> None:
    """Modul 5 over modul 4: that it comes last is said, not that they overlap as well."""
    rows = plan(known, modul_5=("2027-01-04", "2027-02-05"))
    told = [line for line in warnings(known, rows) if "Modul 5" in line and "Modul 4" in line]
    assert told == ["Modul 5 begynner før Modul 4 er ferdig 15.01.2027."]


def test_a_row_of_the_schools_own_is_welcome(known: Known) -> None:
    own = {"id": "a1", "modul": "Felles oppstart", "fra": "2026-08-14", "til": "2026-08-14"}
    rows = [*plan(known), own]
    assert warnings(known, rows) == ("Felles oppstart begynner i skoleferien (sommerferie).",)
    assert events(rows, "nb")[0].title == "Felles oppstart"


def test_a_row_counts_as_the_module_it_is_named(known: Known) -> None:
    rows = [{"id": "a1", "modul": " modul 4, på nytt", "fra": "2026-10-05", "til": "2026-10-30"}]
    (one,) = periods(rows)
    assert one.module == modules()[4]


def test_no_holidays_at_all_is_told(known: Known) -> None:
    assert module_warnings(plan(known), "nb", Holidays()) == (
        "Ingen skoleferier er lagt inn. Datoene kan treffe en ferie.",
    )


def test_the_calendar_gets_each_module_with_its_forberedelse(known: Known) -> None:
    found = events([*plan(known), {"id": "x", "modul": "uten dato"}], "nn")
    assert [event.id for event in found] == [f"modul-{n}" for n in range(6)]
    assert (found[1].day, found[1].until) == (date(2026, 8, 24), date(2026, 9, 18))
    assert found[1].text == modules()[1].prepare_nn


def test_what_ends_before_it_begins_is_left_out_of_the_calendar(known: Known) -> None:
    rows = plan(known, modul_0=("2026-08-21", "2026-08-17"))
    assert len(events(rows, "nb")) == 5


# Who sees what, and notes


def test_of_the_leaders_drafts_the_school_sees_dates_meetings_and_forberedelse_only() -> None:
    seen = {
        (guide, step)
        for guide in ("fremdriftsplan", "modul-0", "modul-3", "planbeskrivelse", "sot")
        for step in ("start", "moduler", "fellesmoter", "forberedelse", "oppfolging")
        if seen_by_school(guide, step)
    }
    assert seen == {
        ("fremdriftsplan", "moduler"),
        ("modul-0", "fellesmoter"),
        ("modul-0", "forberedelse"),
        ("modul-3", "fellesmoter"),
        ("modul-3", "forberedelse"),
    }


def test_notes_know_which_module_they_are_for(known: Known) -> None:
    about = replace(known, about="modul-2")
    assert module_name(about, guide("notater"), STEP) == "Modul 2: Læreplaner for fag"
    assert module_name(known, guide("notater"), STEP) is None
