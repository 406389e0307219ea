"""Lists of people that the skoleeierteam keeps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.sizes import MESSAGE_BYTES, message_bytes
from dialogs.meetings.calendar import create_meeting
from dialogs.meetings.groups import MOST_SHOWN
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, Paragraph, Reply, TextInput
from knowledge.library import Library
from storage.database import Database
from storage.meeting_groups import list_groups, members_of
from storage.outbox import rows_of
from storage.people import RegisteredPerson, import_people
from tests.bot.test_cards import activities_for
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    PEOPLE,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
)
from tests.dialogs.meetings.test_meeting_card import a_meeting
from tests.dialogs.shown import shown

NAME = "Nyutdannede"


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    kommune = Kommune(library, database)
    emailed = [
        replace(one, email=f"{one.name.split()[0].casefold()}@eksempel.no") for one in PEOPLE
    ]
    with kommune.session() as session:
        import_people(session, emailed, dry_run=False)
    return kommune


def make(kommune: Kommune, people: str = "", name: str = NAME) -> list[Reply]:
    """A group with these people; the card of it."""
    made = kommune.follow(
        HANNE_SKOLEEIER,
        buttons(kommune.write(HANNE_SKOLEEIER, "grupper"))["Lag gruppen"],
        name=name,
    )
    if not people:
        return made
    return kommune.follow(HANNE_SKOLEEIER, buttons(made)["Legg til"], people=people)


def members(kommune: Kommune, name: str = NAME) -> set[str]:
    with kommune.session() as session:
        return members_of(session, name)


def field(replies: list[Reply], id: str) -> str:
    (card,) = replies
    assert isinstance(card, CardReply)
    (found,) = [one for one in card.blocks if isinstance(one, TextInput) and one.id == id]
    return found.value


def test_an_empty_list_says_what_a_group_is(kommune: Kommune) -> None:
    assert "En gruppe er en liste" in shown(kommune.write(HANNE_SKOLEEIER, "grupper"))
    assert "Ei gruppe er ei liste" in shown(kommune.write(IVAR_FAGRÅDGIVER, "grupper"))


def test_people_are_put_in_by_address_and_by_name(kommune: Kommune) -> None:
    replies = make(kommune, "ANE@eksempel.no\nBjørn Åsheim <bjørn@eksempel.no>\nkari moen")
    assert "3 er lagt til." in shown(replies)
    assert field(replies, "people") == ""
    assert len(choice(replies, "members").options) == 3
    assert "Ane Solbakk (Nordlia skole, ane@eksempel.no)" in shown(replies)
    listed = kommune.write(HANNE_SKOLEEIER, "grupper")
    assert choice(listed, "group").options == ((NAME, "Nyutdannede (3 personer)"),)
    opened = kommune.follow(HANNE_SKOLEEIER, buttons(listed)["Vis gruppen"], group=NAME)
    assert "Kari Moen" in shown(opened)
    again = kommune.follow(HANNE_SKOLEEIER, buttons(opened)["Legg til"], people="ane@eksempel.no")
    assert "Ingen nye er lagt til." in shown(again)
    assert len(members(kommune)) == 3


def test_who_is_unknown_is_told_with_what_was_typed_and_what_may_be_meant(
    kommune: Kommune,
) -> None:
    replies = make(kommune, "ane@eksempel.no\nKari Moe\nukjent@annetsted.no\nElvis Presley")
    text = shown(replies)
    assert "1 er lagt til." in text
    assert "Finner ikke «Kari Moe» i personregisteret. Mente du Kari Moen (Nordlia skole" in text
    assert "Finner ikke «Elvis Presley» i personregisteret. Skriv e-postadressen." in text
    assert field(replies, "people") == "Kari Moe\nukjent@annetsted.no\nElvis Presley"
    assert members(kommune) == {ANE_LÆRER}


def test_two_of_the_same_name_are_told_apart_by_address(kommune: Kommune) -> None:
    twin = RegisteredPerson("twin", "Ane Solbakk", "ane2@eksempel.no", "lærer")
    with kommune.session() as session:
        import_people(session, [*PEOPLE, twin], dry_run=False)
    replies = make(kommune, "Ane Solbakk")
    assert "Flere heter «Ane Solbakk»" in shown(replies)
    assert members(kommune) == set()
    kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Legg til"], people="ane2@eksempel.no")
    assert members(kommune) == {"twin"}


@pytest.mark.parametrize("name", ["", "a: b", "a + b", "a, b", "a;b", "x" * 61])
def test_a_name_that_can_not_stand_in_an_audience_is_refused(kommune: Kommune, name: str) -> None:
    replies = make(kommune, name=name)
    assert "Skriv et navn på gruppen" in shown(replies)
    assert field(replies, "name") == name
    with kommune.session() as session:
        assert list_groups(session) == {}


def test_a_group_is_made_once_whatever_the_case(kommune: Kommune) -> None:
    make(kommune, "ane@eksempel.no")
    replies = make(kommune, name="NYUTDANNEDE")
    assert "Gruppen «Nyutdannede» finnes fra før." in shown(replies)
    with kommune.session() as session:
        assert list_groups(session) == {NAME: 1}


def test_members_are_taken_out_by_choice(kommune: Kommune) -> None:
    replies = make(kommune, "ane@eksempel.no, bjørn@eksempel.no")
    out = buttons(replies)["Ta ut de valgte"]
    after = kommune.follow(HANNE_SKOLEEIER, out, members=ANE_LÆRER)
    assert "1 er tatt ut." in shown(after)
    assert members(kommune) == {BJØRN_LÆRER}
    for nothing in (ANE_LÆRER, "", "who?"):
        again = kommune.follow(HANNE_SKOLEEIER, out, members=nothing)
        assert "Velg dem som skal ut" in shown(again)
    assert members(kommune) == {BJØRN_LÆRER}


def test_who_comes_and_goes_is_reminded_or_not(kommune: Kommune) -> None:
    """Changing a group plans the reminders of its meetings anew."""
    make(kommune, "ane@eksempel.no")
    with kommune.session() as session:
        meeting = a_meeting(audience=(f"gruppe: {NAME}",))
        create_meeting(session, SendingTimes(), meeting, by=None, now=kommune.now)

    def waiting() -> set[str]:
        with kommune.session() as session:
            rows = rows_of(session, "meeting:møte1")
            return {row.person for row in rows if row.state == "venter"}

    assert waiting() == {ANE_LÆRER}
    card = kommune.press(HANNE_SKOLEEIER, "group_open", group=NAME)
    kommune.follow(HANNE_SKOLEEIER, buttons(card)["Legg til"], people="bjørn@eksempel.no")
    assert waiting() == {ANE_LÆRER, BJØRN_LÆRER}
    kommune.follow(HANNE_SKOLEEIER, buttons(card)["Ta ut de valgte"], members=ANE_LÆRER)
    assert waiting() == {BJØRN_LÆRER}
    kommune.press(HANNE_SKOLEEIER, "group_delete", group=NAME)
    assert waiting() == set()


def test_deleting_warns_of_the_meetings_that_use_the_group(kommune: Kommune) -> None:
    replies = make(kommune, "ane@eksempel.no")
    asked = kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Slett gruppen"])
    assert "Disse møtene" not in shown(asked)
    with kommune.session() as session:
        meeting = a_meeting(audience=("ledere", f"gruppe: {NAME}"))
        create_meeting(session, SendingTimes(), meeting, by=None, now=kommune.now)
    asked = kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Slett gruppen"])
    assert "torsdag 3. desember kl. 12–14: Skoleledermøte i desember" in shown(asked)
    kept = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Behold gruppen"])
    assert "Gruppe: Nyutdannede" in shown(kept)
    gone = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Slett gruppen"])
    assert "Gruppen «Nyutdannede» er slettet." in shown(gone)
    again = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Slett gruppen"])
    assert "Gruppen finnes ikke lenger." in shown(again)
    with kommune.session() as session:
        assert list_groups(session) == {}


def test_a_large_group_is_shown_some_at_a_time_on_small_cards(kommune: Kommune) -> None:
    many = [
        RegisteredPerson(
            f"00000000-0000-4000-8000-{9_000 + n:012}",
            f"Fornavn Mellomnavn Etternavnsen {n:03}",
            f"fornavn.mellomnavn.etternavnsen{n:03}@eksempel.kommune.no",
            "lærer",
            "Strandvik ungdomsskole med et langt navn",
            "skole",
        )
        for n in range(100)
    ]
    with kommune.session() as session:
        import_people(session, [*PEOPLE, *many], dry_run=False)
    names = [one.name for one in many]
    make(kommune, "\n".join(names[:60]))
    replies = kommune.press(HANNE_SKOLEEIER, "group_add", group=NAME, people="\n".join(names[60:]))
    sizes = []
    for first in (1, 31, 61, 91, 1):
        last = min(first + MOST_SHOWN - 1, 100)
        assert f"Nummer {first}–{last} av 100." in shown(replies)
        sizes += [message_bytes(one) for one in activities_for(replies[0])]
        replies = kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Vis de neste"])
    assert max(sizes) <= MESSAGE_BYTES
    unknown = "\n".join(f"Ukjent Person {n}" for n in range(150))
    told = kommune.press(HANNE_SKOLEEIER, "group_add", group=NAME, people=unknown)
    assert "Og 142 til som ikke ble funnet." in shown(told)
    assert field(told, "people") == unknown
    assert all(message_bytes(one) <= MESSAGE_BYTES for one in activities_for(told[0]))
    long = "x" * 3_001
    kept = kommune.press(HANNE_SKOLEEIER, "group_add", group=NAME, people=long)
    assert field(kept, "people") == long
    (card,) = kept
    assert isinstance(card, CardReply)
    assert any(isinstance(one, Paragraph) and "for mange" in one.text for one in card.blocks)


@pytest.mark.parametrize(
    "who", [ANE_LÆRER, DAVID_REKTOR, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR, UNKNOWN]
)
def test_only_organisers_see_and_change_groups_also_with_forged_buttons(
    kommune: Kommune, who: str
) -> None:
    make(kommune, "bjørn@eksempel.no")
    value: dict[str, Any] = {
        "group": NAME,
        "name": "Ny",
        "people": "ane@eksempel.no",
        "members": BJØRN_LÆRER,
    }
    texts = [shown(kommune.write(who, "grupper"))]
    texts += [
        shown(kommune.press(who, f"group_{verb}", **value))
        for verb in ("list", "make", "open", "add", "remove", "delete_ask", "delete")
    ]
    assert not any("Bjørn" in text or NAME in text for text in texts)
    assert members(kommune) == {BJØRN_LÆRER}
    with kommune.session() as session:
        assert list_groups(session) == {NAME: 1}


@pytest.mark.parametrize("junk", [None, 7, "", "borte", ["a"], {"a": 1}, "x" * 5_000, -1, 10**40])
def test_forged_values_never_break_a_turn(kommune: Kommune, junk: Any) -> None:
    make(kommune, "bjørn@eksempel.no")
    for verb in ("make", "open", "add", "remove", "delete_ask", "delete"):
        for key in ("group", "name", "people", "members", "from"):
            if (verb, key) == ("delete", "group"):
                continue
            kommune.now += timedelta(minutes=1)
            value = {"group": "annen", key: junk}
            assert shown(kommune.press(HANNE_SKOLEEIER, f"group_{verb}", **value))
    assert members(kommune) == {BJØRN_LÆRER}
