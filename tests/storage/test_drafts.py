"""Drafts: nothing written is lost, nobody overwrites anybody silently, everybody finds back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from storage.database import Database
from storage.drafts import (
    Answer,
    Conflict,
    Draft,
    DraftGone,
    Owner,
    Place,
    answers_of,
    count_drafts,
    delete_draft,
    find_draft,
    finish_draft,
    history_of,
    latest_draft,
    list_drafts,
    place_of,
    places_of,
    remember_place,
    save_answer,
    start_draft,
)
from storage.people import RegisteredPerson, import_people
from storage.shared import share, versions_of, withdraw
from tests.storage.at_once import at_once

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NORDLIA = Owner("school", "Nordlia skole")
FJELLHEIM = Owner("school", "Fjellheim skole")
NAMES = {"david": "David Lunde", "anne": "Anne-Margrethe Kristoffersen-Høgetveit"}


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def start(database: Database, id: str = "d1", **changes: Any) -> Draft:
    values: dict[str, Any] = {
        "guide": "planbeskrivelse",
        "owner": NORDLIA,
        "year": "2026–2027",
        "about": "",
        "slot": id,
        "person": "david",
        "at": NOON,
    }
    with database.transaction() as session:
        return start_draft(session, id=id, **{**values, **changes})


def save(
    database: Database,
    value: Any,
    *,
    key: str = "navn",
    draft: str = "d1",
    base: int | None = 0,
    person: str = "david",
    at: datetime = NOON,
) -> Answer | Conflict:
    with database.transaction() as session:
        return save_answer(
            session,
            draft,
            key,
            value,
            base=base,
            person_key=person,
            person_name=NAMES[person],
            at=at,
        )


def read(database: Database, query: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    with database.transaction() as session:
        return query(session, *arguments, **named)


def values(database: Database, draft: str = "d1") -> dict[str, Any]:
    answers = read(database, answers_of, draft)
    return {key: answer.value for key, answer in answers.items()}


def test_a_draft_is_found_as_it_was_begun(database: Database) -> None:
    begun = start(database, about="plan › tiltak")
    assert begun == Draft(
        id="d1",
        guide="planbeskrivelse",
        owner=NORDLIA,
        year="2026–2027",
        about="plan › tiltak",
        revision=0,
        started_by="david",
        started_at=NOON,
        finished_at=None,
    )
    assert read(database, find_draft, "d1") == begun
    assert read(database, find_draft, "d2") is None


def test_beginning_what_there_is_one_of_continues_it(database: Database) -> None:
    first = start(database, slot="plan/nordlia")
    assert start(database, "d2", slot="plan/nordlia", person="anne") == first
    assert read(database, find_draft, "d2") is None


def test_an_old_button_finds_the_draft_that_it_made(database: Database) -> None:
    first = start(database, slot="plan/nordlia/2026")
    start(database, "d2", slot="plan/nordlia/2027")
    assert start(database, "d1", slot="plan/nordlia/2027") == first


def test_two_who_begin_at_once_are_in_the_same_draft(copies: tuple[Database, Database]) -> None:
    tasks = [
        partial(start, copy, id, slot="plan/nordlia", person=person)
        for copy, id, person in zip(copies, ("d1", "d2"), ("david", "anne"), strict=True)
    ]
    one, other = at_once(tasks)
    assert one == other
    assert len(read(copies[0], list_drafts, [NORDLIA])) == 1


def test_drafts_are_listed_by_owner_last_begun_first(database: Database) -> None:
    start(database, "d1", guide="modul-1", at=after(1))
    start(database, "d2", year="2025–2026", at=after(2))
    start(database, "d3", owner=FJELLHEIM, at=after(3))
    start(database, "d4", owner=Owner("person", "david"), at=after(4))

    def listed(*owners: Owner, **which: str) -> list[str]:
        return [draft.id for draft in read(database, list_drafts, owners, **which)]

    assert listed(NORDLIA) == ["d2", "d1"]
    assert listed(NORDLIA, Owner("person", "david")) == ["d4", "d2", "d1"]
    assert listed(NORDLIA, guide="modul-1") == ["d1"]
    assert listed(NORDLIA, year="2025–2026") == ["d2"]
    assert listed(Owner("person", "Nordlia skole")) == []
    assert listed() == []


def test_the_latest_draft_is_that_of_the_latest_year(database: Database) -> None:
    start(database, "d1", year="2025–2026", at=after(9))
    start(database, "d2", at=after(1))
    start(database, "d3", at=after(2))
    start(database, "d4", guide="modul-1", at=after(3))
    read(database, finish_draft, "d2", after(4))

    def latest(**which: Any) -> str | None:
        draft = read(database, latest_draft, NORDLIA, "planbeskrivelse", **which)
        return draft.id if isinstance(draft, Draft) else None

    assert latest() == "d3"
    assert latest(finished=True) == "d2"
    assert latest(finished=False) == "d3"
    assert latest(before_year="2026–2027") == "d1"
    assert latest(before_year="2026–2027", finished=True) is None


@pytest.mark.parametrize(
    "value",
    [
        "Vi vil … «lære»\n👩‍🏫",
        True,
        None,
        3,
        2.5,
        ["a", "b"],
        {"from": "2027-01-12", "until": "2027-03-01"},
        "\x00 \ud83d",
        "x" * 3000,
    ],
)
def test_an_answer_comes_back_as_it_was_written(database: Database, value: Any) -> None:
    start(database)
    saved = save(database, value)
    assert saved == Answer("navn", value, 1, "david", "David Lunde", NOON)
    assert read(database, answers_of, "d1") == {"navn": saved}
    assert read(database, find_draft, "d1").revision == 1


def test_the_newest_writing_holds_and_the_order_is_that_of_the_first(database: Database) -> None:
    start(database)
    save(database, "Nordlia", key="navn")
    save(database, "barneskole", key="type")
    save(database, "Nordlia skole", key="navn", base=1, person="anne", at=after(5))
    answers = read(database, answers_of, "d1")
    assert list(answers) == ["navn", "type"]
    assert answers["navn"] == Answer("navn", "Nordlia skole", 3, "anne", NAMES["anne"], after(5))


def test_everything_ever_written_is_kept_with_who_and_when(database: Database) -> None:
    start(database)
    save(database, "en")
    save(database, None, base=1, person="anne", at=after(1))
    save(database, "to", base=2, at=after(2))
    history = read(database, history_of, "d1")
    assert [(answer.value, answer.author, answer.at) for answer in history] == [
        ("en", "david", NOON),
        (None, "anne", after(1)),
        ("to", "david", after(2)),
    ]


def test_the_name_of_who_wrote_survives_the_register(database: Database) -> None:
    david = RegisteredPerson("david", "David Lunde", "", "rektor", "Nordlia skole", "skole")
    eva = RegisteredPerson("eva", "Eva", "", "administrator")
    read(database, import_people, [david], dry_run=False)
    start(database)
    save(database, "en")
    read(database, import_people, [eva], dry_run=False)
    assert read(database, list_drafts, [NORDLIA])
    assert read(database, answers_of, "d1")["navn"].author_name == "David Lunde"


def test_who_has_not_seen_the_newest_writing_is_shown_it_and_overwrites_nothing(
    database: Database,
) -> None:
    start(database)
    now = save(database, "Anne sitt", person="anne")
    assert isinstance(now, Answer)
    assert save(database, "David sitt", base=0) == Conflict(now)
    assert values(database) == {"navn": "Anne sitt"}
    assert read(database, find_draft, "d1").revision == 1
    kept = save(database, "David sitt", base=now.revision)
    assert isinstance(kept, Answer)


def test_the_same_value_again_is_no_change_and_no_conflict(database: Database) -> None:
    start(database)
    value = {"from": "2027-01-12", "until": "2027-03-01"}
    first = save(database, value)
    again = dict(reversed(value.items()))
    assert save(database, again, base=0, person="anne", at=after(1)) == first
    assert read(database, find_draft, "d1").revision == 1


def test_yes_is_not_the_number_one(database: Database) -> None:
    start(database)
    save(database, True)
    save(database, 1, base=1)
    assert values(database)["navn"] is not True


def test_without_a_base_an_answer_is_written_anyway(database: Database) -> None:
    start(database)
    save(database, "en")
    save(database, "to", base=None)
    assert values(database) == {"navn": "to"}


def test_other_answers_do_not_stand_in_the_way(database: Database) -> None:
    start(database)
    save(database, "en", key="navn")
    assert isinstance(save(database, "to", key="type", person="anne"), Answer)


def test_of_two_who_save_the_same_step_at_once_one_is_told(
    copies: tuple[Database, Database],
) -> None:
    start(copies[0])
    for number in range(5):
        key = f"rad/{number}"
        tasks = [
            partial(save, copy, person, key=key, person=person)
            for copy, person in zip(copies, ("david", "anne"), strict=True)
        ]
        saved = at_once(tasks)
        (kept,) = [result for result in saved if isinstance(result, Answer)]
        (told,) = [result for result in saved if isinstance(result, Conflict)]
        assert told.now == kept
        assert values(copies[1])[key] == kept.value


def test_many_who_save_at_once_lose_nothing(copies: tuple[Database, Database]) -> None:
    start(copies[0])
    tasks = [partial(save, copies[number % 2], number, key=f"rad/{number}") for number in range(8)]
    revisions = {answer.revision for answer in at_once(tasks) if isinstance(answer, Answer)}
    assert revisions == set(range(1, 9))
    assert values(copies[0]) == {f"rad/{number}": number for number in range(8)}
    assert read(copies[1], find_draft, "d1").revision == 8


def test_a_finished_draft_stays_finished_from_the_first_time(
    database: Database,
) -> None:
    start(database)
    read(database, finish_draft, "d1", after(1))
    read(database, finish_draft, "d1", after(2))
    assert read(database, find_draft, "d1").finished_at == after(1)


def test_a_deleted_draft_leaves_what_was_shared_and_nothing_else(database: Database) -> None:
    draft = start(database, slot="plan/nordlia")
    save(database, "en")
    read(database, remember_place, "d1", "david", "navn", ["navn"], NOON)
    version = shared(database, draft)
    read(database, delete_draft, "d1")
    assert read(database, find_draft, "d1") is None
    assert values(database) == {}
    assert read(database, places_of, "david") == []
    assert [one.id for one in read(database, versions_of, "d1")] == [version]
    assert start(database, "d2", slot="plan/nordlia").id == "d2"


def test_writing_in_a_deleted_draft_fails(database: Database) -> None:
    with pytest.raises(DraftGone):
        save(database, "en")


def test_saving_while_it_is_deleted_leaves_nothing_behind(
    copies: tuple[Database, Database],
) -> None:
    one, other = copies

    def try_to_save() -> bool:
        try:
            save(one, "en")
        except DraftGone:
            return False
        return True

    def remove() -> bool:
        read(other, delete_draft, "d1")
        return True

    start(one)
    at_once([try_to_save, remove])
    assert read(one, history_of, "d1") == []


def test_each_person_has_a_place_of_their_own_in_a_draft(database: Database) -> None:
    start(database)
    read(database, remember_place, "d1", "david", "navn", ("navn", "type"), NOON)
    read(database, remember_place, "d1", "anne", "navn", ("navn",), after(1))
    read(database, remember_place, "d1", "anne", "type", ("navn", "type"), after(2))
    david = Place("d1", "david", "navn", ("navn", "type"), NOON)
    assert read(database, place_of, "d1", "david") == david
    anne = Place("d1", "anne", "type", ("navn", "type"), after(2))
    assert read(database, place_of, "d1", "anne") == anne
    assert read(database, place_of, "d1", "eva") is None


def test_a_person_finds_back_to_where_they_were_last(database: Database) -> None:
    start(database, "d1")
    start(database, "d2")
    assert read(database, places_of, "david") == []
    for minute, (draft, step) in enumerate([("d1", "a"), ("d2", "b"), ("d1", "c")]):
        read(database, remember_place, draft, "david", step, (), after(minute))
    place = read(database, places_of, "david")[0]
    assert (place.draft, place.step) == ("d1", "c")


def test_two_devices_at_once_remember_one_place(copies: tuple[Database, Database]) -> None:
    start(copies[0])
    tasks = [
        partial(read, copy, remember_place, "d1", "david", step, (), NOON)
        for copy, step in zip(copies, "ab", strict=True)
    ]
    at_once(tasks)
    assert read(copies[0], place_of, "d1", "david").step in ("a", "b")


def test_the_counts_are_of_schools_and_tell_no_more(database: Database) -> None:
    drafts = [
        start(database, "d1"),
        start(database, "d2"),
        start(database, "d3", owner=FJELLHEIM),
        start(database, "d4", owner=FJELLHEIM, guide="modul-1"),
    ]
    start(database, "d5", owner=Owner("person", "david"))
    start(database, "d6", year="2025–2026")
    for number in range(1, 7):
        save(database, "noe", draft=f"d{number}")
    start(database, "d7", guide="sot")  # looked at, and nothing written
    for draft in ("d1", "d2"):
        read(database, finish_draft, draft, NOON)
    counts = read(database, count_drafts, "2026–2027")
    assert counts == [("modul-1", 1, 0, 0), ("planbeskrivelse", 2, 1, 0)]
    shared(database, drafts[0], audience="skolen")
    version = shared(database, drafts[2])
    assert read(database, count_drafts, "2026–2027")[1] == ("planbeskrivelse", 2, 1, 1)
    read(database, withdraw, version, NOON)
    assert read(database, count_drafts, "2026–2027") == counts


def shared(database: Database, draft: Draft, audience: str = "alle") -> str:
    with database.transaction() as session:
        return share(
            session,
            draft=draft,
            title="Plan",
            audience=audience,
            zone="",
            paper={},
            text="",
            person_key="david",
            person_name="David Lunde",
            at=NOON,
        ).id
