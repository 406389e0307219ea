"""Who may press what of the meetings: create, move, cancel, import, keep groups, see answers.

As in tests/dialogs/test_access_matrix.py the matrix is data. The meeting that is acted upon is for
the leaders of Sone nord; two of them have answered, and one will send somebody else.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from dialogs.assistant import PAPERS, VERBS
from dialogs.guide_files import Guides
from dialogs.meetings.calendar import cancel_meeting, create_meeting
from dialogs.meetings.planning import moment_text
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Button, CardReply, DialogReply, Download, Reply
from knowledge.library import Library
from storage.calendar_feeds import feed_of
from storage.database import Database, Session
from storage.meeting_answers import set_answer
from storage.meeting_groups import add_group, add_members
from storage.meeting_imports import PendingImport, keep_import
from storage.meetings import Meeting
from storage.tables import OutboxRow
from tests.dialogs.access_matrix import DOES, ODD, OWN, PEOPLE, Pressing, cells, is_told, read
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    UNKNOWN,
    Kommune,
)

ORGANISERS = {HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER}
INVITED = {DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR}
OUTSIDERS = (ANE_LÆRER, ELI_REKTOR, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR, UNKNOWN)

TOLD = {  # refused, with this sentence
    "u": "share_unknown",
    "n": "answering_not_invited",
    "a": "answering_not_yours",
    "m": "meeting_only_organisers",
    "f": "meeting_not_for_you",
    "g": "meeting_gone",
    "h": "homework_not_yours",
    "i": "meeting_import_not_yours",
    "p": "meeting_import_gone",
    "r": "reminder_wishes_gone",
    "s": "delivery_not_organiser",
    "e": "delivery_not_organiser_all",
    "d": "delivery_not_yours",
}

MEETING, CANCELLED = "f" * 32, "c" * 32
STARTS = datetime(2026, 12, 10, 11, tzinfo=UTC)  # 12:00 in Oslo; reminded of after this week
SECRET = "Ledermøtets hemmelighet"  # in all that is written of the meeting
DEPUTY = "Vikar Vikarsen"  # whom David sends
GROUP, IMPORT = "Gruppen ingen ser", "1" * 32
ON = {"meeting": MEETING}
ASKED = {**ON, "starts": moment_text(STARTS)}
FILLED = {
    "kind": "skoleledermøte",
    "title": "Enda et møte",
    "day": "2027-01-14",
    "begins": "12",
    "ends": "14",
    "audience": "ledere",
    "audience_text": "",
    "asks_answer": "nei",
    "day_before": "nei",
}
REPEATED = {**ON, "how": "week", "until": "2027-01-31"}
ROWS = "type;tittel;start;slutt;målgruppe\nskoleledermøte;Fra fil;14.01.2027 12:00;13:00;ledere"
ROW = {
    "type": "skoleledermøte",
    "tittel": SECRET,
    "start": "14.01.2027 12:00",
    "slutt": "13:00",
    "målgruppe": "ledere",
}
IN_GROUP = {"group": GROUP}
WISH = {"how": "hvert", "days": "7,1", "at": "08:00"}


def davids_feed(world: "World") -> dict[str, Any]:
    return {"feed": world.feed}


Pressed = Mapping[str, Any] | Callable[["World"], dict[str, Any]]

FOR_THE_INVITED = "..n. nnnn nnnu"  # to everybody else it is no meeting of theirs
FOR_WHO_MAY_SEE = "..f. ffff ..fu"
FOR_ORGANISERS = "mmmm mmmm ..mu"
OF_ONESELF = "oooo oooo ooou"
# verb -> what the button carries, and a cell for each person
#        here: rektor, avd.leder, lærer; rektor in the zone · elsewhere: rektor, avd.leder, lærer,
#        tillitsvalgt · skoleeier, fagrådgiver, administrator, unknown
MATRIX: dict[str, tuple[Pressed, str]] = {
    # Seeing a meeting
    "meeting_show": (ON, FOR_WHO_MAY_SEE),
    "meeting_more": (ON, FOR_WHO_MAY_SEE),
    "meeting_topic": (ON, FOR_WHO_MAY_SEE),
    "meeting_named": ({"said": f"10.12.2026 {SECRET}"}, "..g. gggg ..gu"),
    "meeting_list": ({}, OF_ONESELF),
    # Answering
    "meeting_answer": ({**ASKED, "answer": "kommer"}, FOR_THE_INVITED),
    "meeting_answer_change": (ASKED, FOR_THE_INVITED),
    "meeting_deputy": ({**ASKED, "name": "Noen Andre"}, FOR_THE_INVITED),
    "meeting_answers": (ON, "aaaa aaaa ..au"),
    "meeting_nudge": (ON, "aaaa aaaa ..au"),
    # Creating, moving, cancelling, repeating
    "meeting_new": ({}, FOR_ORGANISERS),
    "meeting_change": (ON, FOR_ORGANISERS),
    "meeting_form": (ON, FOR_ORGANISERS),
    "meeting_preview": ({"new": "2" * 32, **FILLED}, FOR_ORGANISERS),
    "meeting_save": ({**ON, "filled": FILLED}, FOR_ORGANISERS),
    "meeting_cancel_ask": (ON, FOR_ORGANISERS),
    "meeting_cancel": ({**ON, "because": "Syk.", "which": "one"}, FOR_ORGANISERS),
    "meeting_restore": ({"meetings": [CANCELLED]}, FOR_ORGANISERS),
    "meeting_repeat": (ON, FOR_ORGANISERS),
    "meeting_repeat_dates": (REPEATED, FOR_ORGANISERS),
    "meeting_repeat_save": ({**REPEATED, "days": "2026-12-17"}, FOR_ORGANISERS),
    "homework_ask": (ON, "hhhh hhhh ..hu"),
    "homework_set": ({**ON, "homework": "Les kapittel 2."}, "hhhh hhhh ..hu"),
    # Importing: what waits is Hanne's
    "meeting_import": ({}, "iiii iiii ..iu"),
    "meeting_import_look": ({"rows": ROWS}, "iiii iiii ..iu"),
    "meeting_import_apply": ({"import": IMPORT, "seen": "x"}, "iiii iiii .piu"),
    "meeting_import_drop": ({"import": IMPORT}, "iiii iiii .piu"),
    # Groups
    "group_list": ({}, FOR_ORGANISERS),
    "group_make": ({"name": "Nyutdannede"}, FOR_ORGANISERS),
    "group_open": (IN_GROUP, FOR_ORGANISERS),
    "group_add": ({**IN_GROUP, "people": "Kari Moen"}, FOR_ORGANISERS),
    "group_remove": ({**IN_GROUP, "members": ANE_LÆRER}, FOR_ORGANISERS),
    "group_delete_ask": (IN_GROUP, FOR_ORGANISERS),
    "group_delete": (IN_GROUP, FOR_ORGANISERS),
    # Delivery
    "delivery_status": ({}, "dddd dddd ee.u"),
    "delivery_again": (ON, "ssss ssss ..su"),
    # One's own reminders and calendar
    "reminder_wishes": ({}, OF_ONESELF),
    "reminder_save": (WISH, OF_ONESELF),
    "reminder_stop": ({}, OF_ONESELF),
    "reminder_start": ({}, OF_ONESELF),
    "reminder_undo": ({**WISH, "stopped": True, "paused_until": ""}, OF_ONESELF),
    "reminder_snooze_ask": (ASKED, "..r. rrrr rrru"),
    "reminder_snooze": ({**ASKED, "day": "2026-12-09"}, "..r. rrrr rrru"),
    "calendar_show": ({}, OF_ONESELF),
    "calendar_renew": (davids_feed, OF_ONESELF),
}


class World(Pressing):
    """The kommune, with the address of David's calendar."""

    def __init__(self, template: "Template", folder: Path) -> None:
        super().__init__(template.file, template.library, template.guides, folder)
        self.feed: str = template.feed

    def others(self, who: str) -> list[str]:
        """All that is kept but what has this person's key: meetings, groups, others' answers."""
        kept = self.kept()
        return [row for name in sorted(kept) for row in kept[name] if who not in row]


class Template:
    """The kommune before anybody presses."""

    def __init__(self, library: Library, guides: Guides, folder: Path) -> None:
        self.library, self.guides, self.file = library, guides, folder / "kommune.db"
        database = Database(f"sqlite:///{self.file}")
        database.migrate()
        kommune = Kommune(library, database)
        with kommune.session() as session:
            self._meetings(session, kommune.now)
            set_answer(session, MEETING, KARI_AVDELINGSLEDER, "forfall", "", kommune.now)
            set_answer(session, MEETING, DAVID_REKTOR, "stedfortreder", DEPUTY, kommune.now)
            add_group(session, GROUP)
            add_members(session, GROUP, [ANE_LÆRER])
            rows = [{"number": 2, "cells": ROW, "source": "", "cancelled": False}]
            waiting = PendingImport(IMPORT, HANNE_SKOLEEIER, "møter.csv", rows, kommune.now)
            keep_import(session, waiting)
            self.feed: str = feed_of(session, DAVID_REKTOR)
            feed_of(session, ELI_REKTOR)
            theirs = select(OutboxRow).where(col(OutboxRow.person) == LARS_REKTOR)
            for row in session.exec(theirs):
                row.state, row.due = "ukjent", kommune.now
                session.add(row)
        database.close()

    def _meetings(self, session: Session, now: datetime) -> None:
        for id in (MEETING, CANCELLED):
            meeting = Meeting(
                id=id,
                kind="skoleledermøte",
                title=SECRET,
                starts=STARTS,
                ends=STARTS + timedelta(hours=2),
                audience=("ledere i sone: Sone nord",),
                changed_at=now,
                place=SECRET,
                topic=f"Dybdelæring og {SECRET}",
                preparation=SECRET,
                homework=SECRET,
                asks_answer=True,
            )
            create_meeting(session, SendingTimes(), meeting, by=None, now=now)
        cancel_meeting(session, SendingTimes(), CANCELLED, SECRET, by=None, now=now)


@pytest.fixture(scope="module")
def template(
    library: Library, guides: Guides, tmp_path_factory: pytest.TempPathFactory
) -> Template:
    return Template(library, guides, tmp_path_factory.mktemp("template"))


@pytest.fixture
def world(template: Template, tmp_path: Path) -> World:
    return World(template, tmp_path)


def carried(verb: str, world: World) -> Mapping[str, Any]:
    value = MATRIX[verb][0]
    return value(world) if callable(value) else value


def assert_keeps_secrets(who: str, text: str) -> None:
    if who in ORGANISERS:
        return
    assert GROUP not in text
    if who not in INVITED:
        assert SECRET not in text
    if who != DAVID_REKTOR:
        assert DEPUTY not in text
    for name in ("Ane Solbakk", "Fatima Noor"):  # a stranger's colleagues are nobody's business
        assert who in {ANE_LÆRER, *INVITED, JORUNN_ADMINISTRATOR} or name not in text


@pytest.mark.parametrize("verb", MATRIX)
def test_who_is_refused_is_told_why_and_changes_nothing(world: World, verb: str) -> None:
    value = carried(verb, world)
    before = world.kept()
    for name, cell in cells(MATRIX[verb][1]):
        if cell in TOLD:
            text = read(world.press(PEOPLE[name], verb, value))
            assert is_told(text, TOLD[cell]), f"{name} pressed {verb}: {text}"
            assert_keeps_secrets(PEOPLE[name], text)
            assert world.kept() == before, f"{name} pressed {verb}"
    world.database.close()


@pytest.mark.parametrize("verb", MATRIX)
def test_who_may_is_not_refused_and_sees_no_more_than_that(
    template: Template, tmp_path: Path, verb: str
) -> None:
    for name, cell in cells(MATRIX[verb][1]):
        if cell in TOLD:
            continue
        assert cell in (DOES, OWN)
        world, who = World(template, tmp_path), PEOPLE[name]
        before = world.others(who)
        text = read(world.press(who, verb, carried(verb, world)))
        assert text
        refused = [key for key in TOLD.values() if is_told(text, key)]
        assert not refused, f"{name} pressed {verb}: {text}"
        assert not is_told(text, "old_button"), f"{name} pressed {verb}"
        assert_keeps_secrets(who, text)
        if who not in ORGANISERS:
            assert world.others(who) == before, f"{name} pressed {verb}"
        world.database.close()


@pytest.mark.parametrize("verb", MATRIX)
def test_a_forged_card_neither_fails_nor_tells_nor_changes_what_is_others(
    world: World, verb: str
) -> None:
    """Odd values, and then every id there is, whatever button it belongs to."""
    real = carried(verb, world)
    every: dict[str, Any] = {}
    for one in MATRIX:
        every |= carried(one, world)
    every |= {"person": DAVID_REKTOR, "colleague": DAVID_REKTOR, "said": SECRET, "from": 2**40}
    forgeries: list[Mapping[str, Any]] = [{**every, **real}]
    for odd in ODD:
        forgeries += [dict.fromkeys(every, odd), {**dict.fromkeys(every, odd), **real}]
    for who in (ANE_LÆRER, ELI_REKTOR, JORUNN_ADMINISTRATOR):
        before = world.others(who)
        for forged in forgeries:
            assert_keeps_secrets(who, read(world.press(who, verb, forged)))
        assert world.others(who) == before
    world.database.close()


@pytest.mark.parametrize("verb", MATRIX)
@pytest.mark.parametrize("who", [DAVID_REKTOR, HANNE_SKOLEEIER])
def test_a_card_of_ones_own_may_be_as_odd_as_it_likes(world: World, verb: str, who: str) -> None:
    """One value at a time is odd, so that every check behind the others is reached."""
    real = carried(verb, world)
    for odd in ODD:
        for name in [*real] or ["meeting"]:
            assert world.press(who, verb, {**real, name: odd})
        if isinstance(filled := real.get("filled"), Mapping):
            for field in filled:
                assert world.press(who, verb, {**real, "filled": {**filled, field: odd}})
    world.database.close()


@pytest.mark.parametrize("verb", MATRIX)
def test_every_button_on_the_cards_is_answered(
    template: Template, tmp_path: Path, verb: str
) -> None:
    for who in (DAVID_REKTOR, HANNE_SKOLEEIER, JORUNN_ADMINISTRATOR):
        world = World(template, tmp_path)
        for button in _buttons(world.press(who, verb, carried(verb, world))):
            if isinstance(button, Button):
                assert button.value["verb"] in VERBS, button.title
            elif isinstance(button, Download):
                assert button.paper.partition(":")[0] in PAPERS, button.title
        world.database.close()


def _buttons(replies: list[Reply]) -> list[object]:
    cards = [one.card if isinstance(one, DialogReply) else one for one in replies]
    return [button for card in cards if isinstance(card, CardReply) for button in card.buttons]


# Besides buttons: what is written, and files


@pytest.mark.parametrize(
    "question",
    [
        "neste møte",
        "mine møter",
        "når er neste skoleledermøte",
        "er det noe i uke 50",
        f"når handler det om {SECRET}",
        f"vis møtet: 10.12.2026 {SECRET}",
        "hva er mellomarbeidet?",
        "grupper",
        "leveringsstatus",
    ],
)
def test_a_question_tells_nobody_of_what_isnt_for_them(world: World, question: str) -> None:
    for who in OUTSIDERS:
        text = read(world.write(who, question))
        # What they wrote themselves may be said back to them; what the calendar has, not.
        assert_keeps_secrets(who, text.replace(f"«{SECRET.casefold()}»", ""))
    world.database.close()


def test_the_file_of_a_meeting_is_for_who_may_see_it(world: World) -> None:
    may = {who for who in PEOPLE.values() if world.assistant.paper(f"meeting:{MEETING}", who)}
    assert may == {*INVITED, *ORGANISERS}
    assert not any(world.assistant.paper("meeting:../../x", who) for who in PEOPLE.values())
    world.database.close()


def test_an_address_shows_the_meetings_of_its_person_alone(world: World) -> None:
    with world.database.transaction() as session:
        feeds = {who: feed_of(session, who) for who in PEOPLE.values() if who != UNKNOWN}
    has = {who for who, feed in feeds.items() if _titles(world, feed)}
    assert has == {*INVITED, *ORGANISERS}
    for odd in ("", "x" * 10_000, "\x00", MEETING):
        assert world.assistant.calendar(odd) is None
    world.database.close()


def _titles(world: World, feed: str) -> list[str]:
    paper = world.assistant.calendar(feed)
    assert paper is not None
    return [one.title for one in paper.events if SECRET in one.title]
