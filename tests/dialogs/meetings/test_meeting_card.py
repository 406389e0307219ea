"""A meeting as people see it: when it is, who sees it, and what they can do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dialogs.meetings.calendar import cancel_meeting, create_meeting
from dialogs.meetings.meeting_card import find_mine, meeting_facts, meeting_line, when_text
from dialogs.meetings.sending_times import OSLO, SendingTimes
from dialogs.messages import CardReply, WebLinks
from dialogs.wording import read_wordings
from knowledge.library import Library
from storage.database import Database
from storage.meeting_groups import add_group, add_members
from storage.meetings import Meeting, find_meeting
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    START,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
)
from tests.dialogs.shown import shown

WORDINGS = read_wordings()
DECEMBER = datetime(2026, 12, 3, 12, tzinfo=OSLO)
TODAY = date(2026, 11, 23)


def a_meeting(**changes: Any) -> Meeting:
    values: dict[str, Any] = {
        "id": "møte1",
        "kind": "skoleledermøte",
        "title": "Skoleledermøte i desember",
        "starts": DECEMBER,
        "ends": DECEMBER + timedelta(hours=2),
        "audience": ("ledere",),
        "changed_at": START,
    }
    return Meeting(**(values | changes))


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def put_in(kommune: Kommune, **changes: Any) -> Meeting:
    """A meeting in the calendar of this kommune."""
    with kommune.session() as session:
        meeting = a_meeting(**changes)
        return create_meeting(session, SendingTimes(), meeting, by=None, now=kommune.now)


# When


@pytest.mark.parametrize(
    ("starts", "ends", "nb", "nn"),
    [
        ("2026-12-03 12:00", "2026-12-03 14:00", "torsdag 3. desember kl. 12–14", ""),
        ("2026-12-01 08:30", "2026-12-01 10:00", "tirsdag 1. desember kl. 08.30–10.00", "tysdag"),
        ("2026-11-30 08:00", "2026-11-30 09:00", "mandag 30. november kl. 8–9", "måndag"),
        ("2026-12-05 12:00", "2026-12-05 13:00", "lørdag 5. desember kl. 12–13", "laurdag"),
        ("2026-12-06 12:00", "2026-12-06 13:00", "søndag 6. desember kl. 12–13", "sundag"),
        ("2027-06-02 12:00", "2027-06-02 13:00", "onsdag 2. juni kl. 12–13", ""),
        ("2027-08-18 12:00", "2027-08-18 13:00", "onsdag 18. august 2027 kl. 12–13", ""),
        ("2021-01-12 12:00", "2021-01-12 13:00", "tirsdag 12. januar 2021 kl. 12–13", "tysdag"),
        (
            "2027-01-14 10:00",
            "2027-01-15 15:00",
            "torsdag 14. januar kl. 10 – fredag 15. januar kl. 15",
            "",
        ),
        ("2027-01-14 00:00", "2027-01-15 00:00", "torsdag 14. januar, hele dagen", "heile"),
        ("2027-01-14 00:00", "2027-01-16 00:00", "torsdag 14. januar – fredag 15. januar", ""),
        ("2027-01-14 20:00", "2027-01-15 00:00", "torsdag 14. januar kl. 20–24", ""),
    ],
)
def test_when_a_meeting_is_stands_as_people_write_it(
    starts: str, ends: str, nb: str, nn: str
) -> None:
    begins, stops = (
        datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=OSLO).astimezone(UTC)
        for text in (starts, ends)
    )
    meeting = a_meeting(starts=begins, ends=stops)
    assert when_text(WORDINGS["nb"], meeting, TODAY) == nb
    assert nn in when_text(WORDINGS["nn"], meeting, TODAY)


def test_a_line_says_where_and_whether_it_is_cancelled() -> None:
    line = meeting_line(WORDINGS["nb"], a_meeting(place="Rådhuset", cancelled_at=START))
    assert line == ("Avlyst: torsdag 3. desember kl. 12–14: Skoleledermøte i desember (Rådhuset)")


# The card


def test_the_card_says_all_and_links_only_to_https(kommune: Kommune) -> None:
    put_in(
        kommune,
        place="Rådhuset",
        link="https://teams.example/m",
        topic="Elevmedvirkning",
        preparation="Les kapittel 2.",
    )
    (card,) = kommune.press(DAVID_REKTOR, "meeting_show", meeting="møte1")
    assert isinstance(card, CardReply)
    text = shown([card])
    assert card.about == "meeting:møte1"
    for expected in (
        "Når: torsdag 3. desember kl. 12–14",
        "Hvor: Rådhuset",
        "Tema: Elevmedvirkning",
        "Forberedelse: Les kapittel 2.",
        "Åpne møtelenken",
    ):
        assert expected in text
    with kommune.session() as session:
        found = find_meeting(session, "møte1")
        assert found
        context: Any = type(
            "Writing", (), {"session": session, "wording": WORDINGS["nb"], "today": TODAY}
        )
        blocks = meeting_facts(context, replace(found, link="javascript:alert(1)"))
    assert not any(isinstance(block, WebLinks) for block in blocks)


def test_a_cancelled_meeting_says_so_first_with_the_reason(kommune: Kommune) -> None:
    put_in(kommune)
    with kommune.session() as session:
        cancel_meeting(session, SendingTimes(), "møte1", "Sykdom", by=None, now=kommune.now)
    replies = kommune.press(DAVID_REKTOR, "meeting_show", meeting="møte1")
    assert shown(replies).splitlines()[1] == "Møtet er avlyst: Sykdom"
    assert not {"Endre", "Avlys", "Angre avlysningen"} & buttons(replies).keys()


def test_a_meeting_that_was_held_says_so_and_can_not_be_changed(kommune: Kommune) -> None:
    put_in(kommune)
    kommune.now = DECEMBER + timedelta(days=1)
    replies = kommune.press(HANNE_SKOLEEIER, "meeting_show", meeting="møte1")
    assert "Møtet er holdt." in shown(replies)
    assert not {"Endre", "Gjenta", "Avlys"} & buttons(replies).keys()


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        (DAVID_REKTOR, True),
        (HANNE_SKOLEEIER, True),
        (IVAR_FAGRÅDGIVER, True),
        (ANE_LÆRER, False),
        (GEIR_TILLITSVALGT, False),
        (JORUNN_ADMINISTRATOR, False),
    ],
)
def test_only_those_whom_it_is_for_and_organisers_see_a_meeting(
    kommune: Kommune, who: str, sees: bool
) -> None:
    put_in(kommune)
    for replies in (
        kommune.press(who, "meeting_show", meeting="møte1"),
        kommune.write(who, "møter"),
    ):
        assert ("Skoleledermøte i desember" in shown(replies)) is sees
    organises = who in (HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER)
    replies = kommune.press(who, "meeting_show", meeting="møte1")
    assert ("Endre" in buttons(replies)) is organises


def test_what_has_no_room_on_the_card_is_behind_one_more_button(kommune: Kommune) -> None:
    """An organiser who is invited and asked can do more than six things with a meeting."""
    put_in(kommune, audience=("alle",), asks_answer=True, topic="Elevmedvirkning")
    card = kommune.press(HANNE_SKOLEEIER, "meeting_show", meeting="møte1")
    assert isinstance(card[0], CardReply)
    assert len(card[0].buttons) == 6
    more = kommune.follow(HANNE_SKOLEEIER, buttons(card)["Mer"])
    assert isinstance(more[0], CardReply)
    assert 2 <= len(more[0].buttons) <= 6
    together = [one.title for one in (*card[0].buttons, *more[0].buttons)]
    assert {"Endre", "Gjenta", "Avlys", "Mer"} <= set(together)
    assert len(together) == len(set(together))
    assert "Skoleledermøte" in shown(kommune.press(ANE_LÆRER, "meeting_more", meeting="møte1"))
    put_in(kommune, id="møte2", title="Hemmelig", audience=("ledere",))
    assert "Hemmelig" not in shown(kommune.press(ANE_LÆRER, "meeting_more", meeting="møte2"))


def test_somebody_who_is_not_in_the_register_sees_nothing(kommune: Kommune) -> None:
    put_in(kommune, audience=("alle",))
    for replies in (
        kommune.press(UNKNOWN, "meeting_show", meeting="møte1"),
        kommune.press(UNKNOWN, "meeting_list"),
        kommune.write(UNKNOWN, "mine møter"),
    ):
        assert "Skoleledermøte" not in shown(replies)


@pytest.mark.parametrize("value", ["borte", 7, None, {"a": 1}, ["møte1"], "x" * 500])
def test_a_forged_id_opens_nothing(kommune: Kommune, value: object) -> None:
    put_in(kommune)
    text = shown(kommune.press(ANE_LÆRER, "meeting_show", meeting=value))
    assert "Skoleledermøte" not in text
    assert text


# The list


def test_the_list_has_the_next_ten_and_opens_one(kommune: Kommune) -> None:
    for week in range(12):
        put_in(
            kommune,
            id=f"møte{week}",
            title=f"Møte nummer {week}",
            starts=DECEMBER + timedelta(weeks=week),
            ends=DECEMBER + timedelta(weeks=week, hours=1),
        )
    replies = kommune.write(DAVID_REKTOR, "Mine møter")
    options = choice(replies, "meeting").options
    assert [value for value, _ in options] == [f"møte{week}" for week in range(10)]
    assert options[0][1] == "torsdag 3. desember kl. 12–13: Møte nummer 0"
    assert "de 10 første av 12" in shown(replies)
    opened = kommune.follow(DAVID_REKTOR, buttons(replies)["Vis møtet"], meeting="møte3")
    assert "Møte nummer 3" in shown(opened)
    assert "Vis møtet" in buttons(kommune.follow(DAVID_REKTOR, buttons(replies)["Vis møtet"]))


def test_the_list_has_what_goes_on_now_but_not_what_is_over_or_cancelled(
    kommune: Kommune,
) -> None:
    put_in(kommune)
    put_in(kommune, id="avlyst", title="Avlyst møte", starts=DECEMBER + timedelta(hours=1))
    with kommune.session() as session:
        cancel_meeting(session, SendingTimes(), "avlyst", "", by=None, now=kommune.now)
    kommune.now = DECEMBER + timedelta(hours=1)
    assert [value for value, _ in choice(kommune.write(DAVID_REKTOR, "møter"), "meeting").options]
    kommune.now = DECEMBER + timedelta(hours=3)
    assert "Det er ingen møter for deg framover." in shown(kommune.write(DAVID_REKTOR, "møter"))


def test_an_empty_list_says_where_meetings_come_from(kommune: Kommune) -> None:
    assert "Skoleeierteamet legger inn møtene" in shown(kommune.write(ANE_LÆRER, "møter"))
    assert "Skuleeigarteamet legg inn møta" in shown(kommune.write(BJØRN_LÆRER, "mine møte"))
    replies = kommune.write(HANNE_SKOLEEIER, "møter")
    assert list(buttons(replies)) == ["Nytt møte", "Importer møter", "Grupper"]


def test_a_group_decides_who_sees_a_meeting(kommune: Kommune) -> None:
    with kommune.session() as session:
        add_group(session, "Nyutdannede")
        add_members(session, "Nyutdannede", [ANE_LÆRER])
    put_in(kommune, audience=("gruppe: Nyutdannede",))
    assert "Skoleledermøte" in shown(kommune.write(ANE_LÆRER, "møter"))
    assert "Skoleledermøte" not in shown(kommune.write(ELI_REKTOR, "møter"))


def test_nobody_finds_meetings_without_a_person() -> None:
    context: Any = type("Writing", (), {"person": None})
    assert find_mine(context, START, START) == []
