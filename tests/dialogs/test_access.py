"""Who may do what with drafts and with what is shared."""

import pytest

from dialogs.access import may_edit, may_share, owner_for, owners_of, reader
from storage.drafts import Owner
from storage.people import RegisteredPerson
from storage.people_file import ROLES
from tests.dialogs.kommune import make_guide

NORDLIA = Owner("school", "Nordlia skole")
TEAM = Owner("skoleeierteam", "")


def person(role: str, unit: str = "", zone: str = "", key: str = "k") -> RegisteredPerson:
    return RegisteredPerson(key, "Navn", "", role, unit, "skole" if unit else "", "", zone)


def at_nordlia(role: str, key: str = "k") -> RegisteredPerson:
    return person(role, "Nordlia skole", "Sone nord", key)


@pytest.mark.parametrize("role", ROLES)
def test_the_draft_of_a_school_is_its_leaders_to_edit(role: str) -> None:
    assert may_edit(at_nordlia(role), NORDLIA) is (role in ("rektor", "avdelingsleder"))
    assert not may_edit(person(role, "Fjellheim skole", "Sone sør"), NORDLIA)
    assert not may_edit(person(role), NORDLIA)


@pytest.mark.parametrize("role", ROLES)
def test_the_draft_of_the_team_is_the_teams_to_edit_and_share(role: str) -> None:
    team = role in ("skoleeierteam", "fagrådgiver")
    assert may_edit(person(role), TEAM) is team
    assert may_share(person(role), TEAM, deputy=None) is team


@pytest.mark.parametrize("role", ROLES)
def test_only_rektor_and_the_deputy_share_for_the_school(role: str) -> None:
    someone = at_nordlia(role)
    assert may_share(someone, NORDLIA, deputy=None) is (role == "rektor")
    as_deputy = may_share(someone, NORDLIA, deputy=someone.key)
    assert as_deputy is (role in ("rektor", "avdelingsleder"))
    assert not may_share(person(role, "Fjellheim skole"), NORDLIA, deputy="k")


def test_a_deputy_who_has_moved_or_got_another_role_shares_no_more() -> None:
    assert may_share(at_nordlia("avdelingsleder"), NORDLIA, deputy="k")
    assert not may_share(at_nordlia("lærer"), NORDLIA, deputy="k")
    assert not may_share(person("avdelingsleder", "Fjellheim skole"), NORDLIA, deputy="k")


@pytest.mark.parametrize("role", ROLES)
def test_what_is_ones_own_nobody_else_edits(role: str) -> None:
    assert may_edit(at_nordlia(role, "k"), Owner("person", "k"))
    assert not may_edit(at_nordlia(role, "another"), Owner("person", "k"))
    assert may_share(at_nordlia(role, "k"), Owner("person", "k"), deputy=None)


@pytest.mark.parametrize(
    ("kind", "someone"),
    [
        ("school", at_nordlia("rektor")),
        ("school", at_nordlia("avdelingsleder")),
        ("skoleeierteam", person("skoleeierteam")),
        ("skoleeierteam", person("fagrådgiver")),
        ("person", at_nordlia("lærer")),
        ("person", at_nordlia("tillitsvalgt")),
    ],
)
def test_what_somebody_begins_is_theirs_to_edit(kind: str, someone: RegisteredPerson) -> None:
    guide = make_guide(owner=kind, roles=(someone.role,))
    assert owner_for(guide, someone) in owners_of(someone)


@pytest.mark.parametrize(
    ("someone", "leader", "owner_team"),
    [
        (at_nordlia("rektor"), True, False),
        (at_nordlia("avdelingsleder"), True, False),
        (person("rektor"), False, False),  # of no school
        (at_nordlia("lærer"), False, False),
        (at_nordlia("tillitsvalgt"), False, False),
        (person("skoleeierteam"), False, True),
        (person("fagrådgiver"), False, True),
        (person("administrator"), False, False),
    ],
    ids=lambda one: one.role if isinstance(one, RegisteredPerson) else "",
)
def test_a_reader_is_a_leader_by_a_school_and_owner_team_by_role(
    someone: RegisteredPerson, leader: bool, owner_team: bool
) -> None:
    made = reader(someone)
    assert (made.leader, made.owner_team) == (leader, owner_team)
    assert (made.key, made.unit, made.zone) == (someone.key, someone.unit, someone.zone)
