"""Who is in which groups decides role and unit; what is odd is told."""

from datetime import UTC, datetime

import pytest

from dialogs.directory.directory_file import AppRoleEntry, DirectoryFile, GroupEntry, UnitEntry
from dialogs.directory.people_of_groups import (
    MOST_IN_A_WIDE_ROLE,
    RANK,
    Problem,
    people_of_groups,
)
from dialogs.wording import read_wordings
from storage.directory import DirectoryEntry, GroupReading, Mirror
from storage.people import RegisteredPerson
from storage.people_file import ROLES

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NORDLIA, BAKKEN = "Nordlia skole", "Bakken skole"
GROUPS = {  # by a letter: role, unit
    "n": ("lærer", NORDLIA),
    "b": ("lærer", BAKKEN),
    "N": ("rektor", NORDLIA),
    "B": ("rektor", BAKKEN),
    "a": ("avdelingsleder", NORDLIA),
    "t": ("tillitsvalgt", ""),
    "s": ("skoleeierteam", ""),
    "i": ("administrator", ""),
}
FILE = DirectoryFile(
    unit=[
        UnitEntry(name=NORDLIA, kind="skole", school_type="barneskole", zone="Sone nord"),
        UnitEntry(name=BAKKEN, kind="skole"),
    ],
    group=[
        GroupEntry(id=id, name=f"Gruppe {id}", role=role, unit=unit)
        for id, (role, unit) in GROUPS.items()
    ],
    app_role=[AppRoleEntry(value="Fagradgiver", role="fagrådgiver")],
)


def of_groups(groups: str, *roles: str) -> tuple[list[RegisteredPerson], list[Problem]]:
    """What becomes of Ane, who is in these groups and has these app roles."""
    mirror = Mirror(
        {
            id: GroupReading(id, frozenset(["ane"]), (), "link", NOW)
            for id in (*groups, *(f"approlle:{role}" for role in roles))
        },
        {"ane": DirectoryEntry("ane", "Ane", "ane@fjordvik.example", "nn")},
    )
    return people_of_groups(FILE, mirror)


def test_a_person_gets_the_role_and_all_that_the_file_says_of_the_unit() -> None:
    expected = RegisteredPerson(
        "ane",
        "Ane",
        "ane@fjordvik.example",
        "lærer",
        NORDLIA,
        "skole",
        "barneskole",
        "Sone nord",
        "nn",
    )
    assert of_groups("n") == ([expected], [])


@pytest.mark.parametrize(
    ("groups", "role", "unit", "told"),
    [
        ("nN", "rektor", NORDLIA, []),
        ("naN", "rektor", NORDLIA, []),
        ("na", "avdelingsleder", NORDLIA, []),
        ("bN", "rektor", NORDLIA, ["several_units"]),  # a leader's before a teacher's
        ("bn", "lærer", NORDLIA, ["several_units"]),  # what stands first in the file
        ("BN", "rektor", NORDLIA, ["several_units"]),
        ("tn", "tillitsvalgt", NORDLIA, []),  # works where they teach
        ("t", "tillitsvalgt", "", []),
        ("sn", "skoleeierteam", "", ["several_roles"]),
        ("iN", "administrator", "", ["several_roles"]),
        ("si", "skoleeierteam", "", ["several_roles"]),
        ("tN", "rektor", NORDLIA, ["several_roles"]),
    ],
)
def test_of_several_groups_one_wins_and_what_is_odd_is_told(
    groups: str, role: str, unit: str, told: list[str]
) -> None:
    (person,), problems = of_groups(groups)
    assert (person.role, person.unit) == (role, unit)
    assert [one.kind for one in problems] == told


def test_an_app_role_is_a_role_like_that_of_a_group() -> None:
    (person,), _ = of_groups("", "Fagradgiver")
    assert (person.role, person.unit) == ("fagrådgiver", "")


def test_every_role_has_a_rank() -> None:
    assert sorted(RANK) == sorted(ROLES)


def test_an_empty_group_is_told_of_and_an_unread_one_is_not_called_empty() -> None:
    mirror = Mirror({"n": GroupReading("n", frozenset(), (), "link", NOW)})
    assert people_of_groups(FILE, mirror) == ([], [Problem("empty", {"group": "Gruppe n"})])


def test_each_problem_is_a_sentence_in_both_languages() -> None:
    _, units = of_groups("BN")
    _, roles = of_groups("si")
    for wording in read_wordings().values():
        said = [wording.say(f"directory_problem_{one.kind}", **one.values) for one in units + roles]
        assert "Ane" in said[0]
        assert f"{NORDLIA}, {BAKKEN}" in said[0]
        assert "skoleeierteam, administrator" in said[1]


def test_a_group_of_everybody_makes_nobody_an_administrator() -> None:
    everybody = {f"p{number}" for number in range(MOST_IN_A_WIDE_ROLE + 1)}
    people = {key: DirectoryEntry(key, key, "", "nb") for key in everybody}
    for group, members, expected in (
        ("i", everybody, 0),
        ("i", everybody - {"p0"}, MOST_IN_A_WIDE_ROLE),
        ("n", everybody, MOST_IN_A_WIDE_ROLE + 1),
    ):
        read = GroupReading(group, frozenset(members), (), "link", NOW)
        found, problems = people_of_groups(FILE, Mirror({group: read}, people))
        assert len(found) == expected
        assert [one.kind for one in problems] == ([] if expected else ["too_many"])
