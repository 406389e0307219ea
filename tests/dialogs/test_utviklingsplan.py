"""The school's levende utviklingsplan: how it is shown, how answers come into it, and August."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from dialogs.answer_choices import handle
from dialogs.guide import LONGEST_CELL
from dialogs.guide_files import Guides
from dialogs.messages import Button, CardReply, Download, Reply, TextReply
from dialogs.plan_copies import shorten
from dialogs.plan_rows import rows_of
from dialogs.school_year import school_year, year_before
from knowledge.library import Library
from storage.database import Database
from storage.drafts import Owner, list_drafts
from storage.people import import_people, list_people
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
)
from tests.dialogs.shown import shown

NORDLIA = Owner("school", "Nordlia skole")
JUNE = datetime(2026, 6, 15, 8, tzinfo=UTC)
ADD = "Legg til tiltak"
SECTION = "Vis i Kvalitetsplanen"
SHOW = "Vis utviklingsplanen"
IN_PLAN = "Lagt i utviklingsplanen"
TO_PLAN = "Legg i utviklingsplanen"
THERE_ALREADY = "Står allerede i utviklingsplanen"


@pytest.fixture
def kommune(library: Library, database: Database, guides: Guides) -> Kommune:
    return Kommune(library, database, *guides.all)


def plan_of(kommune: Kommune, who: str = DAVID_REKTOR) -> dict[str, Any]:
    """What the button «Legg til tiltak» on this person's card carries."""
    return dict(buttons(kommune.write(who, "utviklingsplanen"))[ADD].value)


def add_row(kommune: Kommune, who: str = DAVID_REKTOR, **cells: str) -> str:
    """Write a row in the plan through its form; gives the row's id."""
    row = uuid4().hex
    save_row(kommune, row, 0, who, **cells)
    return row


def save_row(
    kommune: Kommune, row: str, base: int, who: str = DAVID_REKTOR, **cells: str
) -> list[Reply]:
    draft = plan_of(kommune, who)["draft"]
    given = {f"tiltak__{column}": cell for column, cell in cells.items()}
    return kommune.press(who, "row_save", draft=draft, step="tiltak", row=row, base=base, **given)


def revision_of(kommune: Kommune, row: str, who: str = DAVID_REKTOR) -> int:
    draft = plan_of(kommune, who)["draft"]
    card = kommune.press(who, "row_edit", draft=draft, step="tiltak", row=row)
    found = [one.value["base"] for one in buttons(card).values() if "base" in one.value]
    return int(found[0])


def rows(kommune: Kommune, year: str = "2026–2027", owner: Owner = NORDLIA) -> list[dict[str, Any]]:
    with kommune.session() as session:
        return rows_of(session, owner, year)


def sot(kommune: Kommune, who: str = DAVID_REKTOR, **given: str) -> str:
    """The id of a SØT with a theme and an answer."""
    draft = kommune.draft(who, guide="sot", answer="")
    for step, text in {"tema": "Lesing på mellomtrinnet", **given}.items():
        kommune.answer(draft, text, who, step)
    return draft


def put(kommune: Kommune, draft: str, step: str = "situasjon", who: str = DAVID_REKTOR) -> Any:
    return kommune.press(who, "to_plan", draft=draft, step=step)


def let_kari_move(kommune: Kommune) -> None:
    with kommune.session() as session:
        people = {one.key: one for one in list_people(session)}
        kari = people[KARI_AVDELINGSLEDER]
        moved = replace(kari, role="lærer", unit=people[LARS_REKTOR].unit)
        import_people(session, [*({**people, kari.key: moved}).values()], dry_run=False)


def downloads(kommune: Kommune) -> list[Download]:
    """The ways to take the plan out, on its card."""
    (card,) = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    assert isinstance(card, CardReply)
    return [one for one in card.buttons if isinstance(one, Download)]


# School years


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2026, 7, 31), "2025–2026"),
        (date(2026, 8, 1), "2026–2027"),
        (date(2026, 12, 31), "2026–2027"),
        (date(2027, 1, 1), "2026–2027"),
    ],
)
def test_school_year_begins_on_the_first_of_august(day: date, year: str) -> None:
    assert school_year(day) == year


def test_year_before_is_the_one_that_ended_when_it_began() -> None:
    assert year_before("2026–2027") == "2025–2026"
    with pytest.raises(ValueError, match="2026"):
        year_before("2026")


# The card


def test_an_empty_plan_says_how_things_come_into_it(kommune: Kommune) -> None:
    replies = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    text = shown(replies)
    assert "Utviklingsplanen for Nordlia skole, 2026–2027" in text
    assert "ingen tiltak ennå" in text
    assert "«Legg i utviklingsplanen»" in text
    assert ADD in buttons(replies)
    assert "Endre" not in buttons(replies)


@pytest.mark.parametrize(
    "said",
    [
        "Utviklingsplan",
        "vis utviklingsplanen",
        "utviklingsplanen vår",
        "Utviklingsplanen til skulen",
    ],
)
def test_the_plan_is_asked_for_in_several_ways(kommune: Kommune, said: str) -> None:
    assert "Utviklingsplanen for Nordlia skole" in shown(kommune.write(DAVID_REKTOR, said))


def test_the_plan_shows_rows_under_their_goals_with_everything_readable(kommune: Kommune) -> None:
    section = "Kvalitetsplanen › Del 2 › Ambisjon 2 skole › PRUVA"
    add_row(
        kommune,
        maal="Bedre lesing",
        tiltak="Lesekurs for alle trinn",
        ansvarlig=ANE_LÆRER,
        frist="2027-02-15",
        kjennetegn="Elevene velger bøker selv.",
        ambisjon=section,
        status="i_gang",
    )
    add_row(kommune, tiltak="Rydde i lærerværelset")
    add_row(kommune, maal="bedre  lesing", tiltak="Besøk på biblioteket")
    text = shown(kommune.write(DAVID_REKTOR, "utviklingsplanen"))
    for wanted in (
        "Ansvarlig: Ane Solbakk",
        "Frist: 15.02.2027",
        "Kjennetegn på at vi er på rett vei: Elevene velger bøker selv.",
        "Ambisjon 2 skole › PRUVA",
        "Status: I gang",
    ):
        assert wanted in text
    assert "passert" not in text
    lines = text.splitlines()
    together = [
        lines.index(one)
        for one in (
            "Bedre lesing",
            "Tiltak 1: Lesekurs for alle trinn",
            "Tiltak 2: Besøk på biblioteket",
            "Uten mål",
            "Tiltak 3: Rydde i lærerværelset",
        )
    ]
    assert together == sorted(together)


def test_a_passed_deadline_is_pointed_out_until_the_row_is_finished(kommune: Kommune) -> None:
    row = add_row(kommune, tiltak="Lesekurs", frist="2026-11-20")
    assert "20.11.2026 (fristen er passert)" in shown(kommune.write(DAVID_REKTOR, "utviklingsplan"))
    base = revision_of(kommune, row)
    save_row(kommune, row, base, tiltak="Lesekurs", frist="2026-11-20", status="ferdig")
    assert "passert" not in shown(kommune.write(DAVID_REKTOR, "utviklingsplan"))


def test_a_row_is_chosen_and_opened_to_be_edited(kommune: Kommune) -> None:
    add_row(kommune, tiltak="Lesekurs")
    second = add_row(kommune, tiltak="Skrivekurs")
    replies = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    options = choice(replies, "row").options
    assert options[1] == (second, "2. Skrivekurs")
    opened = kommune.follow(DAVID_REKTOR, buttons(replies)["Endre"], row=second)
    assert "Skrivekurs" in shown(opened)
    assert "Lesekurs" not in shown(opened)


def test_the_plan_is_shared_and_taken_out_like_any_draft(kommune: Kommune) -> None:
    add_row(kommune, tiltak="Lesekurs", frist="2027-02-15")
    (card,) = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    assert isinstance(card, CardReply)
    taken_out = [one for one in card.buttons if isinstance(one, Download)]
    assert [one.format for one in taken_out] == ["docx", "txt", "ics"]
    for download in taken_out:
        paper = kommune.assistant.paper(download.paper, download.reader)
        assert paper is not None
        assert [event.day for event in paper.events] == [date(2027, 2, 15)]
    previewed = kommune.follow(DAVID_REKTOR, buttons([card])["Forhåndsvis og del"])
    assert "Lesekurs" in shown(previewed)


def test_somebody_who_has_left_is_said_to_be_gone(kommune: Kommune) -> None:
    add_row(kommune, tiltak="Lesekurs", ansvarlig=ANE_LÆRER)
    add_row(kommune, tiltak="Skrivekurs", ansvarlig=KARI_AVDELINGSLEDER)
    let_kari_move(kommune)
    with kommune.session() as session:
        staying = [one for one in list_people(session) if one.key != ANE_LÆRER]
        import_people(session, staying, dry_run=False)
    text = shown(kommune.write(DAVID_REKTOR, "utviklingsplanen"))
    assert "Ansvarlig: ikke lenger i registeret" in text
    assert "Ansvarlig: Kari Moen (ikke lenger ved skolen)" in text
    assert ANE_LÆRER not in text


def test_a_row_keeps_whoever_has_left_until_somebody_else_is_chosen(kommune: Kommune) -> None:
    row = add_row(kommune, tiltak="Skrivekurs", ansvarlig=KARI_AVDELINGSLEDER)
    other = add_row(kommune, tiltak="Lesekurs")
    let_kari_move(kommune)
    draft = plan_of(kommune)["draft"]
    card = kommune.press(DAVID_REKTOR, "row_edit", draft=draft, step="tiltak", row=row)
    people = choice(card, "tiltak__ansvarlig")
    assert people.value == handle(KARI_AVDELINGSLEDER)
    assert (handle(KARI_AVDELINGSLEDER), "Kari Moen (ikke lenger ved skolen)") in people.options
    sent = {"tiltak__tiltak": "Skrivekurs i mai", "tiltak__ansvarlig": people.value}
    kommune.follow(DAVID_REKTOR, buttons(card)["Lagre raden"], **sent)
    by_id = {one["id"]: one for one in rows(kommune)}
    assert by_id[row]["tiltak"] == "Skrivekurs i mai"
    assert by_id[row]["ansvarlig"] == KARI_AVDELINGSLEDER
    forged = save_row(kommune, other, 1, tiltak="Lesekurs", ansvarlig=KARI_AVDELINGSLEDER)
    assert "Raden er lagret" not in shown(forged)
    (paper,) = [one for one in downloads(kommune) if one.format == "docx"]
    word = kommune.assistant.paper(paper.paper, paper.reader)
    assert word is not None
    assert "Kari Moen (ikke lenger ved skolen)" in str(word.blocks)
    save_row(kommune, row, revision_of(kommune, row), tiltak="Skrivekurs", ansvarlig=ANE_LÆRER)
    card = kommune.press(DAVID_REKTOR, "row_edit", draft=draft, step="tiltak", row=row)
    assert "Kari Moen" not in shown(card)


def test_whoever_has_left_and_was_replaced_meanwhile_is_shown_as_a_collision(
    kommune: Kommune,
) -> None:
    row = add_row(kommune, tiltak="Skrivekurs", ansvarlig=KARI_AVDELINGSLEDER)
    base = revision_of(kommune, row)
    let_kari_move(kommune)
    save_row(kommune, row, base, tiltak="Skrivekurs", ansvarlig=ANE_LÆRER)
    told = save_row(kommune, row, base, tiltak="Skrivekurs", ansvarlig=KARI_AVDELINGSLEDER)
    assert "Ansvarlig: Ane Solbakk" in shown(told)
    assert choice(told, "tiltak__ansvarlig").value == handle(KARI_AVDELINGSLEDER)
    assert rows(kommune)[0]["ansvarlig"] == ANE_LÆRER


def test_the_section_of_a_row_is_one_press_away(kommune: Kommune) -> None:
    section = "Kvalitetsplanen › Del 2 › Ambisjon 2 skole › PRUVA"
    row = add_row(kommune, tiltak="Lesekurs", ambisjon=section)
    without = add_row(kommune, tiltak="Skrivekurs")
    card = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    read = kommune.follow(DAVID_REKTOR, buttons(card)[SECTION], row=row)
    assert section in shown(read)
    assert len(shown(read)) > 2 * len(section)
    back = kommune.follow(DAVID_REKTOR, buttons(read)["Tilbake til utviklingsplanen"])
    assert "Utviklingsplanen for Nordlia skole" in shown(back)
    told = kommune.follow(DAVID_REKTOR, buttons(card)[SECTION], row=without)
    assert "«Skrivekurs» er ikke knyttet til noe avsnitt" in shown(told)
    assert "ikke i utviklingsplanen lenger" in shown(
        kommune.press(ELI_REKTOR, "plan_section", row=row)
    )
    for who in (ANE_LÆRER, HANNE_SKOLEEIER, UNKNOWN):
        assert section not in shown(kommune.press(who, "plan_section", row=row))


def test_what_is_done_with_a_row_leads_back_to_the_plans_own_card(kommune: Kommune) -> None:
    card = kommune.follow(
        DAVID_REKTOR, buttons(kommune.write(DAVID_REKTOR, "utviklingsplanen"))[ADD]
    )
    title = "Utviklingsplanen for Nordlia skole, 2026–2027"
    assert shown(kommune.follow(DAVID_REKTOR, buttons(card)["Tilbake"])).startswith(title)
    saved = kommune.follow(DAVID_REKTOR, buttons(card)["Lagre raden"], tiltak__tiltak="Lesekurs")
    assert shown(saved).startswith(f"{title}\nRaden er lagret.\n")
    assert "Steg 2 av 2" not in shown(saved)
    assert "Angre" not in buttons(saved)
    (row,) = rows(kommune)
    opened = kommune.follow(DAVID_REKTOR, buttons(saved)["Endre"], row=row["id"])
    deleted = kommune.follow(DAVID_REKTOR, buttons(opened)["Slett raden"])
    assert shown(deleted).startswith(f"{title}\nRaden er slettet.\n")
    undone = kommune.follow(DAVID_REKTOR, buttons(deleted)["Angre"])
    assert shown(undone).startswith(f"{title}\nRaden er tilbake.\n")
    assert [one["tiltak"] for one in rows(kommune)] == ["Lesekurs"]
    nothing = kommune.follow(DAVID_REKTOR, buttons(undone)["Endre"])
    assert shown(nothing).startswith(f"{title}\nVelg hvilken rad det gjelder.\n")


def test_the_ledergruppe_has_one_plan_together_and_no_other_school_sees_it(
    kommune: Kommune,
) -> None:
    add_row(kommune, tiltak="Lesekurs")
    assert "Lesekurs" in shown(kommune.write(KARI_AVDELINGSLEDER, "utviklingsplanen"))
    for stranger in (ELI_REKTOR, LARS_REKTOR):
        assert "Lesekurs" not in shown(kommune.write(stranger, "utviklingsplanen"))


def test_long_plans_have_every_word_and_short_choices(kommune: Kommune) -> None:
    long = "Ord " * (LONGEST_CELL // 4)
    add_row(kommune, tiltak=long.strip(), kjennetegn=long.strip())
    replies = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    assert shown(replies).count("Ord") > 2 * (LONGEST_CELL // 4) - 3
    assert all(len(label) < 100 for _, label in choice(replies, "row").options)


# Those who may not edit


def test_staff_read_what_the_ledergruppe_has_shared_and_nothing_else(kommune: Kommune) -> None:
    add_row(kommune, tiltak="Lesekurs")
    before = shown(kommune.write(ANE_LÆRER, "utviklingsplanen"))
    assert "ikke delt utviklingsplanen" in before
    assert "Lesekurs" not in before
    kommune.share(plan_of(kommune)["draft"], "skolen")
    replies = kommune.write(ANE_LÆRER, "utviklingsplanen")
    assert "Delt av David Lunde 23.11.2026" in shown(replies)
    read = kommune.follow(ANE_LÆRER, buttons(replies)["Les utviklingsplanen"])
    assert "Lesekurs" in shown(read)
    assert "ikkje delt" in shown(kommune.write(BJØRN_LÆRER, "utviklingsplanen"))


def test_skoleeierteamet_sees_only_what_is_shared_with_it(kommune: Kommune) -> None:
    add_row(kommune, tiltak="Lesekurs")
    draft = plan_of(kommune)["draft"]
    kommune.share(draft, "skolen")
    assert "Ingen skole har delt" in shown(kommune.write(HANNE_SKOLEEIER, "utviklingsplanen"))
    kommune.share(draft, "skoleeierteamet")
    replies = kommune.write(HANNE_SKOLEEIER, "utviklingsplanen")
    assert "Én skole har delt" in shown(replies)
    listed = kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Vis planene"])
    assert "Nordlia skole" in shown(listed)


def test_others_are_told_whose_the_plan_is(kommune: Kommune) -> None:
    assert "kommunens personregister" in shown(kommune.write(UNKNOWN, "utviklingsplanen"))
    assert "hører til en skole" in shown(kommune.write(JORUNN_ADMINISTRATOR, "utviklingsplanen"))
    assert "ikkje delt" in shown(kommune.write(GEIR_TILLITSVALGT, "utviklingsplanen"))


# «Legg i utviklingsplanen»


def test_an_answer_goes_in_with_one_press_and_can_be_taken_out_again(kommune: Kommune) -> None:
    draft = sot(kommune, situasjon="Mange leser lite.\n\nBiblioteket er stengt.")
    replies = put(kommune, draft)
    assert IN_PLAN in shown(replies)
    (row,) = rows(kommune)
    assert row["maal"] == "Lesing på mellomtrinnet"
    assert row["tiltak"] == "Mange leser lite.\n\nBiblioteket er stengt."
    edited = kommune.follow(DAVID_REKTOR, buttons(replies)["Endre"])
    assert "Mange leser lite." in shown(edited)
    assert "Mange leser lite." in shown(kommune.follow(DAVID_REKTOR, buttons(replies)[SHOW]))
    undo = buttons(replies)["Angre"]
    assert "Angret" in shown(kommune.follow(DAVID_REKTOR, undo))
    assert rows(kommune) == []
    assert "allerede angret" in shown(kommune.follow(DAVID_REKTOR, undo))
    assert IN_PLAN in shown(put(kommune, draft))
    assert len(rows(kommune)) == 1


def test_pressing_twice_makes_one_row(kommune: Kommune) -> None:
    draft = sot(kommune, situasjon="Mange leser lite.")
    put(kommune, draft)
    again = put(kommune, draft, who=KARI_AVDELINGSLEDER)
    assert THERE_ALREADY in shown(again)
    assert "Mange leser lite." in shown(again)
    assert set(buttons(again)) == {"Endre", SHOW}
    assert len(rows(kommune)) == 1


def test_a_changed_answer_can_be_updated_in_the_plan(kommune: Kommune) -> None:
    draft = sot(kommune, situasjon="Mange leser lite.")
    put(kommune, draft)
    (row,) = rows(kommune)
    base = revision_of(kommune, row["id"])
    cells = {"maal": "Lesing", "tiltak": row["tiltak"], "ansvarlig": ANE_LÆRER}
    save_row(kommune, row["id"], base, **cells)
    kommune.answer(draft, "Færre leser lite.", step="situasjon")
    again = put(kommune, draft)
    assert "endret siden" in shown(again)
    updated = kommune.follow(DAVID_REKTOR, buttons(again)["Oppdater"])
    assert "Færre leser lite." in shown(updated)
    (row,) = rows(kommune)
    assert row["tiltak"] == "Færre leser lite."
    assert (row["maal"], row["ansvarlig"]) == ("Lesing", ANE_LÆRER)
    assert "Oppdater" not in buttons(put(kommune, draft))
    kommune.follow(DAVID_REKTOR, buttons(updated)["Angre"])
    assert rows(kommune)[0]["tiltak"] == "Mange leser lite."


def test_a_row_that_was_worked_on_in_the_plan_is_not_offered_back(kommune: Kommune) -> None:
    draft = sot(kommune, situasjon="Mange leser lite.")
    put(kommune, draft)
    (row,) = rows(kommune)
    save_row(kommune, row["id"], revision_of(kommune, row["id"]), tiltak="Lesekurs hver uke")
    again = put(kommune, draft)
    assert "Lesekurs hver uke" in shown(again)
    assert "Oppdater" not in buttons(again)


def test_what_somebody_has_changed_since_is_neither_undone_nor_updated(kommune: Kommune) -> None:
    draft = sot(kommune, situasjon="Mange leser lite.")
    first = put(kommune, draft)
    kommune.answer(draft, "Færre leser lite.", step="situasjon")
    offered = put(kommune, draft)
    (row,) = rows(kommune)
    base = revision_of(kommune, row["id"])
    save_row(kommune, row["id"], base, KARI_AVDELINGSLEDER, tiltak="Lesekurs hver uke")
    for button in (buttons(first)["Angre"], buttons(offered)["Oppdater"]):
        refused = shown(kommune.follow(DAVID_REKTOR, button))
        assert "endret av Kari Moen" in refused
        assert "Lesekurs hver uke" in refused
    assert rows(kommune)[0]["tiltak"] == "Lesekurs hver uke"


def test_a_table_gives_a_row_for_each_of_its_rows_with_deadlines_and_all(kommune: Kommune) -> None:
    draft = sot(kommune)
    given: list[dict[str, str]] = [
        {"tiltak": "Lesekurs", "ansvarlig": ANE_LÆRER, "frist": "2027-02-15"},
        {"tiltak": "Skrivekurs"},
    ]
    for cells in given:
        row = {f"tiltak__{column}": cell for column, cell in cells.items()}
        where = {"draft": draft, "step": "tiltak", "row": uuid4().hex, "base": 0}
        kommune.press(DAVID_REKTOR, "row_save", **where, **row)
    replies = put(kommune, draft, "tiltak")
    first, second = rows(kommune)
    assert (first["tiltak"], first["ansvarlig"], first["frist"]) == tuple(given[0].values())
    assert second["tiltak"] == "Skrivekurs"
    row = {"tiltak__tiltak": "Bibliotekbesøk"}
    where = {"draft": draft, "step": "tiltak", "row": uuid4().hex, "base": 0}
    kommune.press(DAVID_REKTOR, "row_save", **where, **row)
    more = put(kommune, draft, "tiltak")
    assert "2 tiltak herfra sto der fra før" in shown(more)
    assert [row["tiltak"] for row in rows(kommune)] == ["Lesekurs", "Skrivekurs", "Bibliotekbesøk"]
    kommune.follow(DAVID_REKTOR, buttons(replies)["Angre"])
    assert [row["tiltak"] for row in rows(kommune)] == ["Bibliotekbesøk"]


def test_cells_that_the_plan_has_no_column_for_are_named_in_the_text(kommune: Kommune) -> None:
    draft = kommune.draft(guide="planbeskrivelse", answer="")
    step = next(s for s in kommune.guides["planbeskrivelse"].step if s.kind == "table")
    where = {"draft": draft, "step": step.id, "row": uuid4().hex, "base": 0}
    cells = {f"{step.id}__arena": "Fellestid", f"{step.id}__bruk": "Vi leser sammen."}
    kommune.press(DAVID_REKTOR, "row_save", **where, **cells)
    put(kommune, draft, step.id)
    arena, use = (column.label for column in step.columns)
    assert rows(kommune)[0]["tiltak"] == f"{arena}: Fellestid\n{use}: Vi leser sammen."


def test_an_answer_that_is_no_text_says_what_it_answers(kommune: Kommune) -> None:
    draft = kommune.draft(guide="planbeskrivelse", answer="")
    step = next(s for s in kommune.guides["planbeskrivelse"].step if s.kind == "date")
    kommune.answer(draft, "2027-01-12", step=step.id)
    put(kommune, draft, step.id)
    (row,) = rows(kommune)
    assert row["tiltak"].startswith(step.heading("nb"))
    assert "2027" in row["tiltak"]


def test_what_is_too_long_is_kept_up_to_a_sentence_and_marked() -> None:
    assert shorten("Kort.") == "Kort."
    sentence = "Vi leser sammen hver dag. "
    short = shorten(sentence * 200)
    assert len(short) <= LONGEST_CELL
    assert short.endswith("hver dag. […]")
    assert len(shorten("å" * 5_000)) == LONGEST_CELL


def test_a_table_row_that_is_too_long_is_said_to_be_cut(kommune: Kommune) -> None:
    draft = kommune.draft(guide="planbeskrivelse", answer="")
    step = next(s for s in kommune.guides["planbeskrivelse"].step if s.kind == "table")
    where = {"draft": draft, "step": step.id, "row": uuid4().hex, "base": 0}
    long = ("Vi leser sammen hver dag. " * 200)[: LONGEST_CELL - 1]
    cells = {f"{step.id}__arena": "Fellestid", f"{step.id}__bruk": long}
    kommune.press(DAVID_REKTOR, "row_save", **where, **cells)
    said = shown(put(kommune, draft, step.id))
    assert "Begynnelsen er lagt i planen" in said
    assert rows(kommune)[0]["tiltak"].endswith("[…]")


@pytest.mark.parametrize("step", ["situasjon", "om", "finnes_ikke", 7])
def test_a_step_without_an_answer_gives_nothing_to_put_in(kommune: Kommune, step: Any) -> None:
    (reply,) = kommune.press(DAVID_REKTOR, "to_plan", draft=sot(kommune), step=step)
    assert isinstance(reply, TextReply)
    assert reply.text
    assert rows(kommune) == []


@pytest.mark.parametrize("step", ["", None])
def test_the_overview_asks_for_a_step_before_anything_goes_in_the_plan(
    kommune: Kommune, step: str | None
) -> None:
    draft = sot(kommune, situasjon="Mange leser lite.")
    button = buttons(kommune.press(DAVID_REKTOR, "overview", draft=draft))[TO_PLAN]
    told = kommune.follow(DAVID_REKTOR, button, step=step)
    assert shown(told).splitlines()[1] == "Velg først steget du vil legge i utviklingsplanen."
    assert rows(kommune) == []
    kommune.follow(DAVID_REKTOR, buttons(told)[TO_PLAN], step="situasjon")
    assert [row["tiltak"] for row in rows(kommune)] == ["Mange leser lite."]


def test_only_those_who_may_edit_an_answer_can_put_it_in_a_plan(kommune: Kommune) -> None:
    draft = sot(kommune, situasjon="Mange leser lite.")
    for stranger in (ELI_REKTOR, ANE_LÆRER, HANNE_SKOLEEIER, UNKNOWN):
        (reply,) = put(kommune, draft, who=stranger)
        assert isinstance(reply, TextReply)
        assert "Mange leser" not in reply.text
    own = kommune.draft(HANNE_SKOLEEIER, guide="skoleeiertanker", answer="")
    step = next(s for s in kommune.guides["skoleeiertanker"].step if s.kind == "long_text")
    kommune.answer(own, "Vi vil støtte skolene.", HANNE_SKOLEEIER, step.id)
    refused = put(kommune, own, step.id, HANNE_SKOLEEIER)
    assert "Bare skolens ledergruppe" in shown(refused)


def test_forged_buttons_are_answered_and_change_nothing(kommune: Kommune) -> None:
    row = add_row(kommune, tiltak="Lesekurs")
    draft = plan_of(kommune)["draft"]
    odd: list[Any] = [None, 7, "", "x" * 5_000, [], {}, {"a": "b"}, {row: True}, {row: "1"}]
    for verb in ("to_plan", "plan_update", "plan_undo", "plan_done", "plan_leave", "plan"):
        for value in odd:
            given = {"draft": draft, "step": value, "row": value, "rows": value, "year": value}
            assert kommune.press(DAVID_REKTOR, verb, **given)
            assert kommune.press(DAVID_REKTOR, verb, **{**given, "draft": value})
    assert [one["tiltak"] for one in rows(kommune)] == ["Lesekurs"]
    theirs = {"draft": draft, "rows": {row: 1}}
    assert kommune.press(ELI_REKTOR, "plan_undo", **theirs)
    assert len(rows(kommune)) == 1


# August


def begin_old_plan(kommune: Kommune) -> tuple[str, str, str]:
    """A plan of 2025–2026 with two rows under way and one that is finished."""
    kommune.now = JUNE
    first = add_row(kommune, maal="Lesing", tiltak="Lesekurs", ansvarlig=ANE_LÆRER)
    second = add_row(kommune, KARI_AVDELINGSLEDER, tiltak="Skrivekurs", status="i_gang")
    done = add_row(kommune, tiltak="Bibliotek", status="ferdig")
    return first, second, done


def test_a_card_from_last_year_changes_this_years_plan(kommune: Kommune) -> None:
    first, second, done = begin_old_plan(kommune)
    draft = plan_of(kommune)["draft"]
    cards = {
        row: kommune.press(DAVID_REKTOR, "row_edit", draft=draft, step="tiltak", row=row)
        for row in (first, second, done)
    }
    new = kommune.follow(
        DAVID_REKTOR, buttons(kommune.write(DAVID_REKTOR, "utviklingsplanen"))[ADD]
    )
    before = rows(kommune, "2025–2026")
    kommune.now = datetime(2026, 8, 17, 8, tzinfo=UTC)  # nobody has opened this year's plan
    text = {"tiltak__tiltak": "Lesekurs i september"}
    saved = kommune.follow(DAVID_REKTOR, buttons(cards[first])["Lagre raden"], **text)
    assert "2026–2027\nRaden er lagret." in shown(saved)
    save_row(kommune, second, revision_of(kommune, second), KARI_AVDELINGSLEDER, tiltak="Rettet")
    told = kommune.follow(DAVID_REKTOR, buttons(cards[second])["Lagre raden"], **text)
    assert "Kari Moen skrev dette" in shown(told)
    told = kommune.follow(DAVID_REKTOR, buttons(cards[done])["Slett raden"])
    said = "Planen for 2025–2026 er avsluttet. Endre tiltaket i årets plan."
    assert shown(told).startswith(f"Utviklingsplanen for Nordlia skole, 2026–2027\n{said}\n")
    for _ in range(2):
        kommune.follow(DAVID_REKTOR, buttons(new)["Lagre raden"], tiltak__tiltak="Nytt")
    assert [row["tiltak"] for row in rows(kommune)] == ["Lesekurs i september", "Rettet", "Nytt"]
    assert rows(kommune, "2025–2026") == before


def test_a_new_plan_begins_with_what_the_year_before_left_unfinished(kommune: Kommune) -> None:
    first, second, _ = begin_old_plan(kommune)
    kommune.now = datetime(2026, 8, 17, 8, tzinfo=UTC)
    replies = kommune.write(KARI_AVDELINGSLEDER, "utviklingsplanen")
    text = shown(replies)
    assert "Overført fra 2025–2026: 2 tiltak som ikke er ferdige." in text
    assert "Lesekurs" in text
    assert "Skrivekurs" in text
    assert "Bibliotek" not in text
    assert [row["id"] for row in rows(kommune)] == [first, second]
    again = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    assert "Overført" not in shown(again)
    assert len(rows(kommune)) == 2


def test_last_years_plan_stays_and_can_be_read(kommune: Kommune) -> None:
    begin_old_plan(kommune)
    kommune.now = datetime(2026, 8, 17, 8, tzinfo=UTC)
    replies = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    old = kommune.follow(DAVID_REKTOR, buttons(replies)["Planen for 2025–2026"])
    assert "Bibliotek" in shown(old)
    assert "Endre" not in buttons(old)
    assert "2026–2027" in shown(kommune.follow(DAVID_REKTOR, buttons(old)["Årets plan"]))
    assert "Bibliotek" in shown(kommune.write(DAVID_REKTOR, "fjorårets plan"))
    assert "Bibliotek" in shown(kommune.write(DAVID_REKTOR, "utviklingsplanen: 2025-2026"))
    assert "Bibliotek" not in shown(kommune.write(DAVID_REKTOR, "utviklingsplanen: 1999"))


def test_what_is_deleted_or_changed_this_year_doesnt_come_back(kommune: Kommune) -> None:
    first, second, _ = begin_old_plan(kommune)
    kommune.now = datetime(2026, 8, 17, 8, tzinfo=UTC)
    draft = plan_of(kommune)["draft"]
    base = revision_of(kommune, first)
    where = {"draft": draft, "step": "tiltak", "row": first, "base": base}
    kommune.press(DAVID_REKTOR, "row_delete", **where)
    save_row(kommune, second, revision_of(kommune, second), tiltak="Skrivekurs i mai")
    assert [row["tiltak"] for row in rows(kommune)] == ["Skrivekurs i mai"]


def test_the_school_year_turns_at_midnight_in_norway(kommune: Kommune) -> None:
    begin_old_plan(kommune)
    kommune.now = datetime(2026, 7, 31, 21, 50, tzinfo=UTC)  # 23.50 in Oslo
    assert "2025–2026" in shown(kommune.write(DAVID_REKTOR, "utviklingsplanen"))
    kommune.now = datetime(2026, 7, 31, 22, 5, tzinfo=UTC)  # 00.05 on 1 August
    assert "Overført fra 2025–2026" in shown(kommune.write(DAVID_REKTOR, "utviklingsplanen"))


def test_two_leaders_who_open_it_at_once_have_one_plan(kommune: Kommune) -> None:
    begin_old_plan(kommune)
    kommune.now = datetime(2026, 8, 17, 8, tzinfo=UTC)
    assert plan_of(kommune)["draft"] == plan_of(kommune, KARI_AVDELINGSLEDER)["draft"]
    with kommune.session() as session:
        found = list_drafts(session, [NORDLIA], guide="utviklingsplan", year="2026–2027")
    assert len(found) == 1
    assert len(rows(kommune)) == 2


def test_an_answer_put_in_first_in_august_brings_last_years_rows_along(kommune: Kommune) -> None:
    begin_old_plan(kommune)
    kommune.now = datetime(2026, 8, 17, 8, tzinfo=UTC)
    said = shown(put(kommune, sot(kommune, situasjon="Mange leser lite.")))
    assert IN_PLAN in said
    assert "Overført fra 2025–2026: 2 tiltak" in said
    assert len(rows(kommune)) == 3


def test_before_the_new_plan_is_opened_other_guides_lean_on_what_it_will_begin_with(
    kommune: Kommune,
) -> None:
    first, second, _ = begin_old_plan(kommune)
    assert [row["id"] for row in rows(kommune, "2026–2027")] == [first, second]
    assert len(rows(kommune, "2025–2026")) == 3


def test_an_answer_that_was_carried_over_is_known_again(kommune: Kommune) -> None:
    kommune.now = JUNE
    draft = sot(kommune, situasjon="Mange leser lite.")
    put(kommune, draft)
    (row,) = rows(kommune, "2025–2026")
    base = revision_of(kommune, row["id"])
    save_row(kommune, row["id"], base, tiltak="Lesekurs hver uke")
    kommune.now = datetime(2026, 8, 17, 8, tzinfo=UTC)
    again = put(kommune, draft)
    assert THERE_ALREADY in shown(again)
    assert "Oppdater" not in buttons(again)


# Nynorsk


def test_the_plan_speaks_nynorsk(kommune: Kommune) -> None:
    kommune.write(DAVID_REKTOR, "nynorsk")
    begin_old_plan(kommune)
    kommune.now = datetime(2026, 8, 17, 8, tzinfo=UTC)
    replies = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    text = shown(replies)
    for wanted in ("Overført frå 2025–2026: 2 tiltak som ikkje er ferdige.", "Ansvarleg: Ane"):
        assert wanted in text
    said = put(kommune, sot(kommune, situasjon="Mange les lite."))
    assert "Angre" in buttons(said)
    back: Button = buttons(said)["Angre"]
    assert "Angra." in shown(kommune.follow(DAVID_REKTOR, back))
