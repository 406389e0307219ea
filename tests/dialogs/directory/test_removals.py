"""Nobody leaves the register before an administrator has seen who, and said so."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from dialogs.directory.register_sync import Reading, Sync, Unread, apply_reading
from dialogs.messages import CardReply, Reply
from knowledge.library import Library
from storage.audit import last_entry
from storage.database import Database
from storage.directory import DirectoryEntry, GroupReading, pending_removals
from storage.people import RegisteredPerson, import_people, list_people
from tests.dialogs.access_matrix import kept
from tests.dialogs.directory.groups import file_of
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    JORUNN_ADMINISTRATOR,
    PEOPLE,
    START,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown


class Directory(Kommune):
    """A kommune whose register is read from groups, one for each role and unit."""

    def sync(
        self,
        *gone: str,
        people: Sequence[RegisteredPerson] = tuple(PEOPLE),
        unread: Sequence[Unread] = (),
        empty: bool = False,
        **how: Any,
    ) -> Sync:
        """The groups are read: everybody is in theirs but those who are gone.

        What is empty then isn't in the file any more, unless it is to be found `empty`.
        """
        self.now += timedelta(minutes=1)
        file, ids = file_of(people if empty else [one for one in people if one.key not in gone])
        groups = []
        for id, members in ids.items():
            there = [one for one in members if one.key not in gone]
            entries = tuple(
                DirectoryEntry(one.key, one.name, one.email, one.language) for one in there
            )
            keys = frozenset(one.key for one in there)
            groups.append(GroupReading(id, keys, entries, "link", self.now))
        with self.session() as session:
            sending = self.assistant._sending
            reading = Reading(groups, unread)
            return apply_reading(session, file, reading, sending, self.now, **how)

    def names(self) -> set[str]:
        with self.session() as session:
            return {one.name for one in list_people(session)}

    def sent_to(self, who: str) -> list[Reply]:
        return self.messages_at(self.now + timedelta(minutes=1)).get(who, [])


@pytest.fixture
def kommune(library: Library, database: Database) -> Directory:
    kommune = Directory(library, database)
    kommune.sync()
    assert kommune.now < START + timedelta(hours=2)
    return kommune


def test_who_is_gone_stays_and_the_administrator_is_told_once(kommune: Directory) -> None:
    assert kommune.sync(ANE_LÆRER).new_removals == 1
    told = kommune.sent_to(JORUNN_ADMINISTRATOR)
    text = shown(told)
    assert "Ikke i gruppene lenger: 1" in text
    assert "Ane Solbakk, lærer, Nordlia skole" in text
    assert {"Ta dem ut", "Vent"} <= buttons(told).keys()
    assert "Ane Solbakk" in kommune.names()
    kommune.sync(ANE_LÆRER)
    assert kommune.sent_to(JORUNN_ADMINISTRATOR) == []


def test_they_are_told_in_nynorsk_too(kommune: Directory) -> None:
    nynorsk = [
        one
        if one.key != JORUNN_ADMINISTRATOR
        else RegisteredPerson(one.key, one.name, "", one.role, language="nn")
        for one in PEOPLE
    ]
    kommune.sync(ANE_LÆRER, people=nynorsk)
    told = kommune.sent_to(JORUNN_ADMINISTRATOR)
    assert "Desse står i personregisteret, men ikkje i nokon av gruppene" in shown(told)
    replies = kommune.follow(JORUNN_ADMINISTRATOR, buttons(told)["Ta dei ut"])
    assert shown(replies) == "Tekne ut av personregisteret: 1."


def test_they_leave_when_the_administrator_says_so_and_lose_their_access(
    kommune: Directory,
) -> None:
    kommune.sync(ANE_LÆRER)
    card = kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    replies = kommune.follow(JORUNN_ADMINISTRATOR, buttons(card)["Ta dem ut"])
    assert shown(replies) == "Tatt ut av personregisteret: 1."
    assert "Ane Solbakk" not in kommune.names()
    assert "Det er ingen å ta ut." in shown(kommune.write(JORUNN_ADMINISTRATOR, "katalogen"))
    again = kommune.follow(JORUNN_ADMINISTRATOR, buttons(card)["Ta dem ut"])
    assert "Det er ingen å ta ut." in shown(again)
    assert len(kommune.names()) == len(PEOPLE) - 1


def test_waiting_changes_nothing(kommune: Directory) -> None:
    kommune.sync(ANE_LÆRER)
    card = kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    replies = kommune.follow(JORUNN_ADMINISTRATOR, buttons(card)["Vent"])
    assert "Ingen er tatt ut." in shown(replies)
    assert "Ane Solbakk" in shown(kommune.write(JORUNN_ADMINISTRATOR, "katalogen"))


def test_an_old_card_takes_out_nobody_who_came_to_the_list_later(kommune: Directory) -> None:
    kommune.sync(ANE_LÆRER)
    card = kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    kommune.sync(ANE_LÆRER, BJØRN_LÆRER)
    replies = kommune.follow(JORUNN_ADMINISTRATOR, buttons(card)["Ta dem ut"])
    assert "Listen er endret siden du fikk kortet" in shown(replies)
    assert "Bjørn Åsheim" in shown(replies)
    assert len(kommune.names()) == len(PEOPLE)


def test_who_is_back_in_a_group_is_taken_off_the_list_and_no_message_is_sent(
    kommune: Directory,
) -> None:
    kommune.sync(ANE_LÆRER)
    kommune.sync()
    assert kommune.sent_to(JORUNN_ADMINISTRATOR) == []
    card = kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    assert "Det er ingen å ta ut." in shown(card)


def test_of_many_at_once_it_is_asked_whether_it_is_meant(kommune: Directory) -> None:
    gone = [one.key for one in PEOPLE if one.role != "administrator"][:6]
    found = kommune.sync(*gone)
    assert [one.kind for one in found.doubts] == ["many"]
    told = kommune.sent_to(JORUNN_ADMINISTRATOR)
    assert f"Dette er mange: 6 av {len(PEOPLE)}" in shown(told)
    asked = kommune.follow(JORUNN_ADMINISTRATOR, buttons(told)["Ta dem ut"])
    assert "Er du sikker?" in shown(asked)
    assert len(kommune.names()) == len(PEOPLE)
    kommune.follow(JORUNN_ADMINISTRATOR, buttons(asked)["Ja, ta ut alle (6)"])
    assert len(kommune.names()) == len(PEOPLE) - 6


def test_five_of_few_are_not_called_many(kommune: Directory) -> None:
    gone = [one.key for one in PEOPLE if one.role != "administrator"][:5]
    assert kommune.sync(*gone).doubts == ()


def test_an_empty_group_is_doubted(kommune: Directory) -> None:
    found = kommune.sync(ANE_LÆRER, empty=True)
    assert [one.kind for one in found.doubts] == ["empty"]
    card = kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    assert "Grupper som er tomme: 1" in shown(card)
    asked = kommune.follow(JORUNN_ADMINISTRATOR, buttons(card)["Ta dem ut"])
    assert "Er du sikker?" in shown(asked)


def test_while_a_group_can_not_be_read_nobody_new_is_on_their_way_out(kommune: Directory) -> None:
    found = kommune.sync(ANE_LÆRER, unread=[Unread("Lærere Bakken", "missing")], remove=True)
    assert found.new_removals == 0
    assert found.removed == ()
    told = shown(kommune.sent_to(JORUNN_ADMINISTRATOR))
    assert "Gruppen «Lærere Bakken» finnes ikke i Entra ID." in told
    with kommune.session() as session:
        assert pending_removals(session) == []
    kommune.sync(ANE_LÆRER, unread=[Unread("Lærere Bakken", "missing")])
    assert kommune.sent_to(JORUNN_ADMINISTRATOR) == []  # of the same, once a week


def test_removing_at_once_is_for_when_nothing_is_odd(kommune: Directory) -> None:
    assert [one.name for one in kommune.sync(ANE_LÆRER, remove=True).removed] == ["Ane Solbakk"]
    assert "Ane Solbakk" not in kommune.names()
    rest = [one for one in PEOPLE if one.key != ANE_LÆRER]
    gone = [one.key for one in rest if one.role != "administrator"][:6]
    found = kommune.sync(*gone, people=rest, remove=True)
    assert found.removed == ()
    assert len(kommune.names()) == len(rest)


def test_a_dry_run_changes_nothing(kommune: Directory) -> None:
    before = kept(kommune.database)
    found = kommune.sync(ANE_LÆRER, dry_run=True)
    assert [one.name for one in found.changes.removed] == ["Ane Solbakk"]
    assert kept(kommune.database) == before


def test_an_administrator_does_not_shut_themselves_out(kommune: Directory) -> None:
    kommune.sync(ANE_LÆRER, JORUNN_ADMINISTRATOR)
    card = kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    replies = kommune.follow(JORUNN_ADMINISTRATOR, buttons(card)["Ta dem ut"])
    assert "En annen administrator må ta deg ut." in shown(replies)
    assert "Jorunn Berge" in kommune.names()
    assert "Ane Solbakk" not in kommune.names()


def test_who_reads_the_names_is_written_in_the_audit_log(kommune: Directory) -> None:
    kommune.sync(ANE_LÆRER)
    kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    with kommune.session() as session:
        entry = last_entry(session)
    assert entry is not None
    assert (entry.reader, entry.what) == (JORUNN_ADMINISTRATOR, "hvem som går ut av registeret")


def test_a_long_list_is_shown_a_page_at_a_time_and_taken_out_as_a_whole(
    kommune: Directory,
) -> None:
    school = "Skolen med det lange navnet på Østre Fjordvik oppvekstsenter"
    more = [
        RegisteredPerson(
            f"{number:08}-0000-4000-8000-000000000000",
            f"Nr. {number:03}",
            "",
            "lærer",
            school,
            "skole",
        )
        for number in range(400)
    ]
    kommune.sync(people=[*PEOPLE, *more])
    gone = [one.key for one in more[:31]]
    assert kommune.sync(*gone, people=[*PEOPLE, *more]).doubts == ()
    card = kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    assert "Nr. 014" in shown(card)
    assert "Nr. 015" not in shown(card)
    assert "Side 1 av 3" in shown(card)
    card = kommune.follow(JORUNN_ADMINISTRATOR, buttons(card)["Neste side"])
    assert "Nr. 015" in shown(card)
    kommune.follow(JORUNN_ADMINISTRATOR, buttons(card)["Ta dem ut"])
    assert len(kommune.names()) == len(PEOPLE) + 400 - 31


def test_without_groups_the_command_says_where_the_register_comes_from(
    library: Library, database: Database
) -> None:
    kommune = Kommune(library, database)
    text = shown(kommune.write(JORUNN_ADMINISTRATOR, "katalogen"))
    assert "Kvalitetsbot leser ikke grupper i Entra ID." in text


def test_who_is_no_administrator_any_more_gets_no_list(kommune: Directory) -> None:
    kommune.sync(ANE_LÆRER)
    others = [one for one in PEOPLE if one.key != JORUNN_ADMINISTRATOR]
    with kommune.session() as session:
        import_people(session, others, dry_run=False)
    assert kommune.sent_to(JORUNN_ADMINISTRATOR) == []
    refused = kommune.write(DAVID_REKTOR, "katalogen")
    assert "Det er administrator som holder personregisteret ved like." in shown(refused)


def test_an_unknown_language_in_the_directory_keeps_the_one_we_know(kommune: Directory) -> None:
    file, ids = file_of(PEOPLE)
    groups = [
        GroupReading(
            id,
            frozenset(one.key for one in people),
            tuple(DirectoryEntry(one.key, one.name) for one in people),
            "link",
            kommune.now,
        )
        for id, people in ids.items()
    ]
    with kommune.session() as session:
        reading = Reading(groups)
        found = apply_reading(session, file, reading, kommune.assistant._sending, kommune.now)
        languages = {one.key: one.language for one in list_people(session)}
    assert found.changes.changed == ()
    assert languages[BJØRN_LÆRER] == "nn"


def test_the_card_is_one_for_teams(kommune: Directory) -> None:
    kommune.sync(ANE_LÆRER)
    (card,) = kommune.write(JORUNN_ADMINISTRATOR, "katalogen")
    assert isinstance(card, CardReply)
    assert len(card.buttons) <= 6
