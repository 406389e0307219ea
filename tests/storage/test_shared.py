"""What is shared is read by those it is shared with, found again, talked about and taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from storage.database import Database
from storage.drafts import Draft, DraftGone, Owner, delete_draft, save_answer, start_draft
from storage.people import RegisteredPerson, import_people
from storage.shared import (
    Comment,
    Reader,
    Version,
    add_comment,
    cards_about,
    comments_of,
    delete_comment,
    deputy_of,
    find_shared,
    list_shared,
    mark_useful,
    name_deputy,
    remember_cards,
    share,
    useful_count,
    versions_of,
    withdraw,
)
from tests.storage.at_once import at_once

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NORDLIA = Owner("school", "Nordlia skole")
TEAM = Owner("skoleeierteam", "")

READERS = {
    "lærer her": Reader("ane", "Nordlia skole", "nord", leader=False, owner_team=False),
    "rektor her": Reader("david", "Nordlia skole", "nord", leader=True, owner_team=False),
    "rektor i sonen": Reader("tor", "Eikeskogen skole", "nord", leader=True, owner_team=False),
    "lærer i sonen": Reader("kari", "Eikeskogen skole", "nord", leader=False, owner_team=False),
    "rektor ellers": Reader("olav", "Fjellheim skole", "sør", leader=True, owner_team=False),
    "lærer ellers": Reader("bjørn", "Fjellheim skole", "sør", leader=False, owner_team=False),
    "skoleeier": Reader("hanne", "", "", leader=False, owner_team=True),
    "administrator": Reader("jorunn", "", "", leader=False, owner_team=False),
}
THE_SCHOOL = {"lærer her", "rektor her"}
LEADERS_ELSEWHERE = {"rektor i sonen", "rektor ellers"}


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def do(database: Database, action: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    with database.transaction() as session:
        return action(session, *arguments, **named)


def draft(database: Database, id: str = "d1", owner: Owner = NORDLIA, guide: str = "sot") -> Draft:
    begun: Draft = do(
        database,
        start_draft,
        id=id,
        guide=guide,
        owner=owner,
        year="2026–2027",
        about="",
        slot=id,
        person="david",
        at=NOON,
    )
    return begun


def shared(database: Database, of: Draft, audience: str = "alle", **changes: Any) -> Version:
    values: dict[str, Any] = {
        "title": "SØT",
        "zone": "nord",
        "paper": {"title": "SØT", "blocks": []},
        "text": "",
        "person_key": "david",
        "person_name": "David Lunde",
        "at": NOON,
    }
    version: Version = do(database, share, draft=of, audience=audience, **{**values, **changes})
    return version


def who_reads(database: Database, version: Version) -> set[str]:
    """Those who find it, who must be those who see it in the list."""
    find = {
        name for name, reader in READERS.items() if do(database, find_shared, version.id, reader)
    }
    listed = {name for name, reader in READERS.items() if do(database, list_shared, reader)[1] == 1}
    assert find == listed
    return find


def test_a_version_is_read_as_it_was_shared(database: Database) -> None:
    paper = {"title": "SØT", "blocks": [{"text": "æøå 👩‍🏫"}]}
    version = shared(database, draft(database), paper=paper)
    assert version == Version(
        id=version.id,
        draft="d1",
        guide="sot",
        owner=NORDLIA,
        number=1,
        title="SØT",
        audience="alle",
        paper=paper,
        shared_by="david",
        shared_by_name="David Lunde",
        shared_at=NOON,
        withdrawn_at=None,
    )
    assert do(database, find_shared, version.id, READERS["lærer ellers"]) == version


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("skolen", THE_SCHOOL),
        ("sonen", {*THE_SCHOOL, "rektor i sonen"}),
        ("ledere", {*THE_SCHOOL, *LEADERS_ELSEWHERE, "skoleeier"}),
        ("skoleeierteamet", {*THE_SCHOOL, "skoleeier"}),
        ("alle", set(READERS)),
        ("noe annet", THE_SCHOOL),
    ],
)
def test_a_school_shares_with_those_it_chooses(
    database: Database, audience: str, readers: set[str]
) -> None:
    assert who_reads(database, shared(database, draft(database), audience)) == readers


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("skolen", {"skoleeier"}),
        ("ledere", {"rektor her", *LEADERS_ELSEWHERE, "skoleeier"}),
        ("alle", set(READERS)),
    ],
)
def test_what_the_team_shares_the_team_always_reads(
    database: Database, audience: str, readers: set[str]
) -> None:
    version = shared(database, draft(database, owner=TEAM), audience, zone="")
    assert who_reads(database, version) == readers


def test_ones_own_for_the_school_is_read_where_one_worked_when_sharing(database: Database) -> None:
    bjørn = RegisteredPerson("bjørn", "Bjørn", "", "lærer", "Nordlia skole", "skole", zone="nord")
    do(database, import_people, [bjørn], dry_run=False)
    version = shared(database, draft(database, owner=Owner("person", "bjørn")), "skolen")
    do(database, import_people, [replace(bjørn, unit="Fjellheim skole")], dry_run=False)
    assert who_reads(database, version) == {*THE_SCHOOL, "lærer ellers"}


def test_a_school_without_a_zone_shares_with_no_other_when_it_shares_with_the_zone(
    database: Database,
) -> None:
    version = shared(database, draft(database), "sonen", zone="")
    assert who_reads(database, version) == THE_SCHOOL
    stray = Reader("x", "Annen skole", "", leader=True, owner_team=False)
    assert do(database, find_shared, version.id, stray) is None


def written(database: Database, of: Draft, value: str) -> Draft:
    """The draft after one more answer."""
    answer = do(
        database,
        save_answer,
        of.id,
        "navn",
        value,
        base=None,
        person_key="david",
        person_name="David",
        at=NOON,
    )
    return replace(of, revision=answer.revision)


def test_sharing_the_same_again_is_the_same_version_for_another_audience(
    database: Database,
) -> None:
    first = draft(database)
    version = shared(database, first, "skolen")
    again = shared(database, first, "ledere", at=after(1), paper={"another": True})
    # For its new readers it is shared now, as it looks now.
    changed = replace(version, audience="ledere", paper={"another": True}, shared_at=after(1))
    assert again == changed


def test_a_changed_draft_is_a_new_version_beside_the_old(database: Database) -> None:
    first = draft(database)
    one = shared(database, first)
    two = shared(database, written(database, first, "nytt"), at=after(1), paper={"new": True})
    assert (two.number, two.paper) == (2, {"new": True})
    assert do(database, versions_of, "d1") == [one, two]
    assert do(database, find_shared, one.id, READERS["lærer ellers"]) == one
    assert do(database, list_shared, READERS["lærer ellers"]) == ([two], 1)


def test_a_new_version_for_fewer_closes_the_old_for_the_others(database: Database) -> None:
    first = draft(database)
    one = shared(database, first, "alle")
    shared(database, written(database, first, "nytt"), "skolen", at=after(1))
    assert who_reads(database, one) == THE_SCHOOL


def test_a_new_version_for_more_leaves_the_old_to_those_it_was_for(database: Database) -> None:
    first = draft(database)
    one = shared(database, first, "skolen")
    shared(database, written(database, first, "nytt"), "alle", at=after(1))
    assert do(database, find_shared, one.id, READERS["skoleeier"]) is None
    assert do(database, find_shared, one.id, READERS["lærer her"]) is not None


def test_two_who_share_the_same_at_once_make_one_version(copies: tuple[Database, Database]) -> None:
    same = draft(copies[0])
    one, other = at_once([partial(shared, copy, same) for copy in copies])
    assert one == other
    assert do(copies[0], versions_of, "d1") == [one]


def test_two_who_share_at_once_different_revisions_get_a_number_each(
    copies: tuple[Database, Database],
) -> None:
    first = draft(copies[0])
    second = written(copies[0], first, "nytt")
    at_once([partial(shared, copies[0], first), partial(shared, copies[1], second)])
    assert [version.number for version in do(copies[0], versions_of, "d1")] == [1, 2]


def test_withdrawing_takes_back_every_version(database: Database) -> None:
    first = draft(database)
    one = shared(database, first)
    two = shared(database, written(database, first, "nytt"))
    do(database, withdraw, one.id, after(1))
    do(database, withdraw, two.id, after(2))
    assert who_reads(database, one) == who_reads(database, two) == set()
    withdrawn = [version.withdrawn_at for version in do(database, versions_of, "d1")]
    assert withdrawn == [after(1), after(1)]


def test_withdrawing_leaves_other_drafts_alone(database: Database) -> None:
    gone, kept = (shared(database, draft(database, id)) for id in ("d1", "d2"))
    do(database, withdraw, gone.id, after(1))
    do(database, withdraw, "unknown", after(1))
    assert do(database, find_shared, kept.id, READERS["lærer ellers"]) == kept


def test_what_was_withdrawn_can_be_shared_anew(database: Database) -> None:
    same = draft(database)
    version = shared(database, same)
    do(database, withdraw, version.id, after(1))
    again = shared(database, same, "ledere", person_key="anne", person_name="Anne", at=after(2))
    assert again == replace(
        version, audience="ledere", shared_by="anne", shared_by_name="Anne", shared_at=after(2)
    )
    assert do(database, find_shared, version.id, READERS["rektor ellers"]) == again


def test_what_is_shared_outlives_the_draft_and_can_still_be_withdrawn(database: Database) -> None:
    of = draft(database)
    version = shared(database, of)
    do(database, delete_draft, "d1")
    assert who_reads(database, version) == set(READERS)
    do(database, withdraw, version.id, NOON)
    assert who_reads(database, version) == set()
    with pytest.raises(DraftGone):
        shared(database, of)


def test_the_list_shows_the_last_shared_first_a_page_at_a_time(database: Database) -> None:
    for number in range(12):
        shared(database, draft(database, f"d{number}"), title=f"{number}", at=after(number))
    reader = READERS["lærer ellers"]
    page, total = do(database, list_shared, reader)
    assert ([version.title for version in page], total) == ([f"{n}" for n in range(11, 1, -1)], 12)
    page, total = do(database, list_shared, reader, offset=10, limit=5)
    assert ([version.title for version in page], total) == (["1", "0"], 12)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", True),
        ("  ", True),
        ("lesing", True),
        ("LESING økt", True),
        ("ØKT LeSI", True),
        ("søt", True),
        ("nordlia", True),
        ("lunde", True),
        ("a\u030arstrinn", True),
        ("100 %", True),
        ("lesing regning", False),
        ("_", False),
        ("l%g", False),
        ("\x00", True),
        ("\ud83d", False),
        ("les " * 500, True),
        (" ".join(f"ord{n}" for n in range(2000)), False),
    ],
)
def test_a_search_finds_what_has_all_its_words_in_any_case(
    database: Database, search: str, found: bool
) -> None:
    text = "Økt LESING på alle Årstrinn, 100 % sikkert"
    shared(database, draft(database), text=text)
    versions, total = do(database, list_shared, READERS["lærer ellers"], search=search)
    assert (len(versions), total) == ((1, 1) if found else (0, 0))


def test_a_search_never_shows_what_is_not_for_the_reader(database: Database) -> None:
    shared(database, draft(database), "skolen", text="lesing")
    assert do(database, list_shared, READERS["skoleeier"], search="lesing") == ([], 0)


def test_the_list_can_be_of_one_guide(database: Database) -> None:
    shared(database, draft(database, "d1"))
    other = shared(database, draft(database, "d2", guide="modul-1"))
    assert do(database, list_shared, READERS["lærer her"], guide="modul-1") == ([other], 1)


def comment(database: Database, version: Version, id: str, minute: float = 0) -> None:
    do(
        database,
        add_comment,
        version.id,
        id=id,
        person_key="olav",
        person_name="Olav Kvamme",
        unit="Fjellheim skole",
        text="Dette vil vi prøve!",
        at=after(minute),
    )


def test_comments_on_all_versions_are_read_together_oldest_first(database: Database) -> None:
    first = draft(database)
    one = shared(database, first)
    two = shared(database, written(database, first, "nytt"))
    comment(database, two, "c2", minute=2)
    comment(database, one, "c1", minute=1)
    assert do(database, comments_of, "d1") == [
        Comment(id, version.id, "olav", "Olav Kvamme", "Fjellheim skole", "Dette vil vi prøve!", at)
        for id, version, at in (("c1", one, after(1)), ("c2", two, after(2)))
    ]


def test_a_comment_sent_twice_at_once_stands_once(copies: tuple[Database, Database]) -> None:
    version = shared(copies[0], draft(copies[0]))
    at_once([partial(comment, copy, version, "c1") for copy in copies])
    assert len(do(copies[0], comments_of, "d1")) == 1


def test_a_comment_on_what_is_gone_is_not_kept(database: Database) -> None:
    version = shared(database, draft(database))
    comment(database, replace(version, id="gone"), "c1")
    assert do(database, comments_of, "d1") == []


def test_one_deletes_ones_own_comments_only(database: Database) -> None:
    comment(database, shared(database, draft(database)), "c1")
    assert not do(database, delete_comment, "c1", "david")
    assert do(database, delete_comment, "c1", "olav")
    assert not do(database, delete_comment, "c1", "olav")
    assert do(database, comments_of, "d1") == []


def test_each_person_counts_once_as_having_found_it_useful(database: Database) -> None:
    shared(database, draft(database))
    assert do(database, mark_useful, "d1", "olav")
    assert not do(database, mark_useful, "d1", "olav")
    assert do(database, mark_useful, "d1", "tor")
    assert do(database, useful_count, "d1") == 2
    assert do(database, useful_count, "d2") == 0


def test_pressing_useful_on_two_devices_at_once_counts_once(
    copies: tuple[Database, Database],
) -> None:
    shared(copies[0], draft(copies[0]))
    told = at_once([partial(do, copy, mark_useful, "d1", "olav") for copy in copies])
    assert sorted(told) == [False, True]
    assert do(copies[0], useful_count, "d1") == 1


def test_a_school_has_one_deputy_or_none(database: Database) -> None:
    assert do(database, deputy_of, "Nordlia skole") is None
    for person in ("anne", "kari"):
        do(database, name_deputy, "Nordlia skole", person, "david", NOON)
        assert do(database, deputy_of, "Nordlia skole") == person
    assert do(database, deputy_of, "Fjellheim skole") is None
    do(database, name_deputy, "Nordlia skole", None, "david", NOON)
    assert do(database, deputy_of, "Nordlia skole") is None


def test_two_who_name_a_deputy_at_once_leave_one(copies: tuple[Database, Database]) -> None:
    tasks = [
        partial(do, copy, name_deputy, "Nordlia skole", person, "david", NOON)
        for copy, person in zip(copies, ("anne", "kari"), strict=True)
    ]
    at_once(tasks)
    assert do(copies[0], deputy_of, "Nordlia skole") in ("anne", "kari")


def test_sent_cards_are_found_by_what_they_show(database: Database) -> None:
    cards = [("chat2", "a2", "version:v1"), ("chat1", "a1", "version:v1"), ("chat1", "a3", "x")]
    for _ in range(2):
        do(database, remember_cards, cards)
    assert do(database, cards_about, "version:v1") == [("chat1", "a1"), ("chat2", "a2")]
    assert do(database, cards_about, "version:v2") == []
