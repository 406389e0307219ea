"""Deadlines of the utviklingsplan: who is reminded, when, and when they aren't."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from dialogs.deadlines import deadline_events, reminder_at
from dialogs.guide_files import Guides
from dialogs.messages import Reply
from dialogs.plan_rows import rows_of
from knowledge.library import Library
from storage.database import Database
from storage.drafts import Owner
from storage.people import import_people, list_people
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    KARI_AVDELINGSLEDER,
    UNKNOWN,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown

NORDLIA = Owner("school", "Nordlia skole")
FRIST = "2027-02-15"
A_WEEK_BEFORE = datetime(2027, 2, 8, 7, tzinfo=UTC)  # 08:00 in Oslo, in winter
MOVED = "2027-03-15"
DONE = "Merk som ferdig"
LEAVE = "Fjern meg som ansvarlig"


@pytest.fixture
def kommune(library: Library, database: Database, guides: Guides) -> Kommune:
    return Kommune(library, database, *guides.all)


def save(kommune: Kommune, row: str = "", who: str = DAVID_REKTOR, **cells: str) -> str:
    """Write a row in the plan through its form, or write it over; gives the row's id."""
    card = kommune.write(who, "utviklingsplanen")
    draft = buttons(card)["Legg til tiltak"].value["draft"]
    base = 0
    if row:
        opened = kommune.press(who, "row_edit", draft=draft, step="tiltak", row=row)
        base = next(one.value["base"] for one in buttons(opened).values() if "base" in one.value)
    row = row or uuid4().hex
    given = {f"tiltak__{name}": cell for name, cell in {"tiltak": "Lesekurs", **cells}.items()}
    where: dict[str, Any] = {"draft": draft, "step": "tiltak", "row": row, "base": base}
    kommune.press(who, "row_save", **where, **given)
    return row


def delete(kommune: Kommune, row: str) -> None:
    card = kommune.write(DAVID_REKTOR, "utviklingsplanen")
    draft = buttons(card)["Legg til tiltak"].value["draft"]
    opened = kommune.press(DAVID_REKTOR, "row_edit", draft=draft, step="tiltak", row=row)
    kommune.follow(DAVID_REKTOR, buttons(opened)["Slett raden"])


def rows(kommune: Kommune, year: str = "2026–2027") -> list[dict[str, Any]]:
    with kommune.session() as session:
        return rows_of(session, NORDLIA, year)


def reminded(kommune: Kommune, when: datetime = A_WEEK_BEFORE) -> dict[str, list[Reply]]:
    return kommune.messages_at(when)


# When


@pytest.mark.parametrize(
    ("now", "due"),
    [
        # A week before at eight o'clock, also when summer time begins in between.
        (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 3, 25, 7, tzinfo=UTC)),
        # Too late for that: the next morning.
        (datetime(2027, 3, 26, 12, tzinfo=UTC), datetime(2027, 3, 27, 7, tzinfo=UTC)),
        (datetime(2027, 3, 27, 12, tzinfo=UTC), datetime(2027, 3, 28, 6, tzinfo=UTC)),
        (datetime(2027, 3, 26, 2, tzinfo=UTC), datetime(2027, 3, 26, 7, tzinfo=UTC)),
        (datetime(2027, 3, 31, 12, tzinfo=UTC), datetime(2027, 4, 1, 6, tzinfo=UTC)),
        # Too late for any reminder.
        (datetime(2027, 4, 1, 12, tzinfo=UTC), None),
        (datetime(2027, 4, 2, 0, tzinfo=UTC), None),
    ],
)
def test_reminder_comes_a_week_before_or_the_next_morning(
    now: datetime, due: datetime | None
) -> None:
    assert reminder_at(date(2027, 4, 1), now) == due


@pytest.mark.parametrize("frist", [date.min, date.max])
def test_no_date_is_too_odd_to_be_a_deadline(frist: date) -> None:
    reminder_at(frist, A_WEEK_BEFORE)


def test_the_responsible_leader_is_told_what_why_when_and_what_next(kommune: Kommune) -> None:
    save(
        kommune,
        maal="Bedre lesing",
        ansvarlig=KARI_AVDELINGSLEDER,
        frist=FRIST,
        kjennetegn="Elevene velger bøker selv.",
    )
    assert reminded(kommune, A_WEEK_BEFORE - timedelta(minutes=1)) == {}
    sent = reminded(kommune)
    assert list(sent) == [KARI_AVDELINGSLEDER]
    replies = sent[KARI_AVDELINGSLEDER]
    for wanted in (
        "Frist om 7 dager",
        "ansvarlig for tiltaket i utviklingsplanen for Nordlia skole",
        "Tiltak: Lesekurs",
        "Mål: Bedre lesing",
        "Frist: 15.02.2027",
        "Elevene velger bøker selv.",
        "ikke ha flere påminnelser",
    ):
        assert wanted in shown(replies)
    assert set(buttons(replies)) == {"Åpne tiltaket", DONE, LEAVE}
    opened = kommune.follow(KARI_AVDELINGSLEDER, buttons(replies)["Åpne tiltaket"])
    assert "Lesekurs" in shown(opened)
    assert reminded(kommune, A_WEEK_BEFORE + timedelta(days=1)) == {}


def test_saving_the_row_again_reminds_once(kommune: Kommune) -> None:
    row = save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    save(kommune, row, ansvarlig=ANE_LÆRER, frist=FRIST, maal="Lesing")
    sent = reminded(kommune)
    assert len(sent[ANE_LÆRER]) == 1
    assert "Mål: Lesing" in shown(sent[ANE_LÆRER])


@pytest.mark.parametrize("cells", [{"ansvarlig": ANE_LÆRER}, {"frist": FRIST}])
def test_nobody_is_reminded_without_both_a_person_and_a_deadline(
    kommune: Kommune, cells: dict[str, str]
) -> None:
    save(kommune, **cells)
    assert reminded(kommune) == {}


def test_a_deadline_that_is_moved_is_reminded_of_on_its_new_date_only(kommune: Kommune) -> None:
    row = save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    save(kommune, row, ansvarlig=ANE_LÆRER, frist=MOVED)
    assert reminded(kommune) == {}
    assert "15.03.2027" in shown(reminded(kommune, A_WEEK_BEFORE + timedelta(days=28))[ANE_LÆRER])


def test_a_deadline_that_is_moved_back_is_reminded_of_after_all(kommune: Kommune) -> None:
    row = save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    save(kommune, row, ansvarlig=ANE_LÆRER, frist=MOVED)
    save(kommune, row, ansvarlig=ANE_LÆRER, frist=FRIST)
    assert list(reminded(kommune)) == [ANE_LÆRER]


def test_whoever_takes_over_is_reminded_instead(kommune: Kommune) -> None:
    row = save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    save(kommune, row, ansvarlig=KARI_AVDELINGSLEDER, frist=FRIST)
    assert list(reminded(kommune)) == [KARI_AVDELINGSLEDER]


def test_what_is_finished_or_deleted_reminds_nobody(kommune: Kommune) -> None:
    row = save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    other = save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    save(kommune, row, ansvarlig=ANE_LÆRER, frist=FRIST, status="ferdig")
    delete(kommune, other)
    assert reminded(kommune) == {}


def test_whoever_has_left_the_school_is_not_told_of_its_plan(kommune: Kommune) -> None:
    save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    save(kommune, ansvarlig=KARI_AVDELINGSLEDER, frist=FRIST)
    with kommune.session() as session:
        people = {one.key: one for one in list_people(session)}
        del people[ANE_LÆRER]
        kari = people[KARI_AVDELINGSLEDER]
        elsewhere = people[ELI_REKTOR].unit
        people[kari.key] = type(kari)(
            kari.key, kari.name, kari.email, kari.role, elsewhere, "skole"
        )
        import_people(session, list(people.values()), dry_run=False)
    assert reminded(kommune) == {}


def test_a_reminder_that_could_not_be_sent_in_time_is_dropped(kommune: Kommune) -> None:
    save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    assert reminded(kommune, datetime(2027, 2, 15, 23, 30, tzinfo=UTC)) == {}


def test_a_late_reminder_says_how_late_it_is(kommune: Kommune) -> None:
    save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    save(kommune, ansvarlig=KARI_AVDELINGSLEDER, frist="2027-02-16")
    sent = reminded(kommune, datetime(2027, 2, 15, 7, tzinfo=UTC))
    assert "Frist i dag" in shown(sent[ANE_LÆRER])
    assert "Frist i morgen" in shown(sent[KARI_AVDELINGSLEDER])


def test_an_answer_put_in_the_plan_with_a_deadline_reminds_too(kommune: Kommune) -> None:
    draft = kommune.draft(guide="sot", answer="")
    cells = {"tiltak__tiltak": "Lesekurs", "tiltak__ansvarlig": ANE_LÆRER, "tiltak__frist": FRIST}
    where = {"draft": draft, "step": "tiltak", "row": uuid4().hex, "base": 0}
    kommune.press(DAVID_REKTOR, "row_save", **where, **cells)
    put = kommune.press(DAVID_REKTOR, "to_plan", draft=draft, step="tiltak")
    kommune.follow(DAVID_REKTOR, buttons(put)["Angre"])
    kommune.press(DAVID_REKTOR, "to_plan", draft=draft, step="tiltak")
    assert len(reminded(kommune)[ANE_LÆRER]) == 1


# What the reminded person can do


def test_a_lærer_may_only_mark_the_row_as_finished(kommune: Kommune) -> None:
    save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    replies = reminded(kommune)[ANE_LÆRER]
    assert set(buttons(replies)) == {DONE}
    assert "Si fra til rektor" in shown(replies)
    done = buttons(replies)[DONE]
    assert "Merket som ferdig: «Lesekurs»" in shown(kommune.follow(ANE_LÆRER, done))
    assert rows(kommune)[0]["status"] == "ferdig"
    assert "allerede" in shown(kommune.follow(ANE_LÆRER, done))
    card = shown(kommune.write(DAVID_REKTOR, "utviklingsplanen"))
    assert "Status: Ferdig" in card
    mine = {"draft": done.value["draft"], "row": done.value["row"]}
    assert "ledergruppe" in shown(kommune.press(ANE_LÆRER, "plan_leave", **mine))
    edit = kommune.press(ANE_LÆRER, "row_edit", step="tiltak", **mine)
    assert "Lesekurs" not in shown(edit)


def test_a_leader_can_stop_being_responsible(kommune: Kommune) -> None:
    save(kommune, ansvarlig=KARI_AVDELINGSLEDER, frist=FRIST)
    replies = reminded(kommune)[KARI_AVDELINGSLEDER]
    left = kommune.follow(KARI_AVDELINGSLEDER, buttons(replies)[LEAVE])
    assert "ikke lenger ansvarlig for «Lesekurs»" in shown(left)
    assert rows(kommune)[0]["ansvarlig"] is None
    again = kommune.follow(KARI_AVDELINGSLEDER, buttons(replies)[LEAVE])
    assert "Bare den som står som ansvarlig" in shown(again)


def test_nobody_else_can_finish_a_row_by_its_button(kommune: Kommune) -> None:
    save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    done = buttons(reminded(kommune)[ANE_LÆRER])[DONE]
    for stranger in (BJØRN_LÆRER, ELI_REKTOR, KARI_AVDELINGSLEDER, UNKNOWN):
        said = shown(kommune.follow(stranger, done))
        assert said
        assert "Lesekurs" not in said
    assert rows(kommune)[0].get("status") != "ferdig"


def test_the_button_of_a_deleted_row_says_so(kommune: Kommune) -> None:
    row = save(kommune, ansvarlig=ANE_LÆRER, frist=FRIST)
    done = buttons(reminded(kommune)[ANE_LÆRER])[DONE]
    delete(kommune, row)
    assert "ikke i utviklingsplanen lenger" in shown(kommune.follow(ANE_LÆRER, done))


def test_a_reminder_is_in_the_language_of_who_reads_it(kommune: Kommune) -> None:
    save(kommune, who=FATIMA_AVDELINGSLEDER, ansvarlig=BJØRN_LÆRER, frist=FRIST)
    text = shown(reminded(kommune)[BJØRN_LÆRER])
    assert "Frist om 7 dagar" in text
    assert "Du får denne påminninga" in text


# Across August


def test_a_deadline_after_the_summer_is_reminded_of_whichever_plan_it_stands_in(
    kommune: Kommune,
) -> None:
    kommune.now = datetime(2027, 6, 10, 8, tzinfo=UTC)
    save(kommune, ansvarlig=ANE_LÆRER, frist="2027-08-09")
    row = save(kommune, ansvarlig=KARI_AVDELINGSLEDER, frist="2027-09-20")
    before_the_new_plan = reminded(kommune, datetime(2027, 8, 2, 6, tzinfo=UTC))
    assert list(before_the_new_plan) == [ANE_LÆRER]
    kommune.write(DAVID_REKTOR, "utviklingsplanen")
    kommune.follow(ANE_LÆRER, buttons(before_the_new_plan[ANE_LÆRER])[DONE])
    assert [one.get("status") for one in rows(kommune, "2027–2028")] == ["ferdig", None]
    sent = reminded(kommune, datetime(2027, 9, 13, 6, tzinfo=UTC))
    assert list(sent) == [KARI_AVDELINGSLEDER]
    save(kommune, row, ansvarlig=KARI_AVDELINGSLEDER, frist="2027-10-20")
    assert list(reminded(kommune, datetime(2027, 10, 13, 6, tzinfo=UTC))) == [KARI_AVDELINGSLEDER]


# In the calendar


def test_the_calendar_holds_the_deadlines_that_are_not_met() -> None:
    given = [
        {"id": "a", "tiltak": "Lesekurs " * 20, "frist": FRIST, "kjennetegn": "Elevene leser."},
        {"id": "b", "tiltak": "Skrivekurs", "frist": FRIST, "status": "ferdig"},
        {"id": "c", "tiltak": "Bibliotek"},
        {"id": "d", "frist": "en gang"},
    ]
    (event,) = deadline_events(given)
    assert (event.id, event.day, event.until) == ("a", date(2027, 2, 15), date(2027, 2, 15))
    assert event.title.endswith("…")
    assert "Elevene leser." in event.text
