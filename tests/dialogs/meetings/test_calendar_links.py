"""«Legg i kalenderen», and the address of one's own calendar."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.cards import activities_for
from bot.links import Links
from dialogs.context import OSLO
from dialogs.meetings.calendar import cancel_meeting, change_meeting, create_meeting
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, Download, Event, FeedAddress, Paper
from knowledge.library import Library
from storage.calendar_feeds import feed_of
from storage.database import Database
from storage.meetings import Meeting
from storage.people import find_person, import_people, list_people
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    PEOPLE,
    START,
    UNKNOWN,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown

SENDING = SendingTimes()


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def put_in(kommune: Kommune, id: str = "m", days: int = 10, **more: Any) -> Meeting:
    starts = datetime(2026, 11, 23, 12, tzinfo=OSLO) + timedelta(days=days)
    fields: dict[str, Any] = {
        "id": id,
        "kind": "skoleledermøte",
        "title": "Skoleledermøte",
        "starts": starts,
        "ends": starts + timedelta(hours=2),
        "audience": ("ledere",),
        "changed_at": START,
        "topic": "Elevmedvirkning",
        "preparation": "Les Ambisjon 2.",
    }
    with kommune.session() as session:
        return create_meeting(
            session, SENDING, Meeting(**(fields | more)), by=None, now=kommune.now
        )


def feed(kommune: Kommune, who: str = DAVID_REKTOR) -> str:
    [card] = kommune.write(who, "kalenderlenke")
    assert isinstance(card, CardReply)
    [address] = [one for one in card.blocks if isinstance(one, FeedAddress)]
    return address.feed


def events(kommune: Kommune, id: str) -> dict[str, Event]:
    paper = kommune.assistant.calendar(id)
    assert paper is not None
    return {one.id.removeprefix("meeting-"): one for one in paper.events}


def downloads(kommune: Kommune, who: str = DAVID_REKTOR, meeting: str = "m") -> list[Download]:
    [card] = kommune.press(who, "meeting_show", meeting=meeting)
    if not isinstance(card, CardReply):
        return []
    return [one for one in card.buttons if isinstance(one, Download)]


# One meeting


def test_a_meeting_is_put_in_the_calendar_by_those_whom_it_is_for(kommune: Kommune) -> None:
    put_in(kommune, place="Rådhuset", link="https://teams.eksempel.no/1")
    for who in (DAVID_REKTOR, HANNE_SKOLEEIER):
        [download] = downloads(kommune, who)
        assert download == Download("Legg i kalenderen", "meeting:m", "ics", who)
    paper = kommune.assistant.paper("meeting:m", DAVID_REKTOR)
    assert paper is not None
    [event] = paper.events
    assert (event.id, event.title) == ("meeting-m", "Skoleledermøte")
    assert event.text == "Tema: Elevmedvirkning\n\nForberedelse: Les Ambisjon 2."
    assert event.moments is not None
    assert event.moments.place == "Rådhuset"
    assert event.moments.version == 1


def test_nobody_else_gets_the_file_even_with_its_address(kommune: Kommune) -> None:
    put_in(kommune)
    assert downloads(kommune, ANE_LÆRER) == []
    for who in (ANE_LÆRER, UNKNOWN, ""):
        assert kommune.assistant.paper("meeting:m", who) is None
    assert kommune.assistant.paper("meeting:x", DAVID_REKTOR) is None


def test_a_cancelled_meeting_can_be_taken_out_and_one_that_is_over_is_left(
    kommune: Kommune,
) -> None:
    put_in(kommune)
    with kommune.session() as session:
        cancel_meeting(session, SENDING, "m", "Sykdom", by=None, now=kommune.now)
    assert [one.title for one in downloads(kommune)] == ["Ta ut av kalenderen"]
    paper = kommune.assistant.paper("meeting:m", DAVID_REKTOR)
    assert paper is not None
    [event] = paper.events
    assert event.moments is not None
    assert event.moments.cancelled
    assert event.moments.version == 2
    assert event.title == "AVLYST: Skoleledermøte"
    assert "Avlyst fordi: Sykdom" in event.text
    kommune.now += timedelta(days=11)
    assert downloads(kommune) == []


# One's own calendar


@pytest.mark.parametrize("written", ["kalenderlenke", "Kalenderlenkje", "kalenderadresse?"])
def test_the_card_says_what_the_address_is_and_who_can_read_it(
    kommune: Kommune, written: str
) -> None:
    replies = kommune.write(DAVID_REKTOR, written)
    said = shown(replies)
    for part in ("Den som har den, kan lese", "ingen svar", "Outlook", "iPhone", "Lag ny adresse"):
        assert part in said
    [card] = replies
    [activity] = activities_for(card, Links("hemmelig", "https://bot.eksempel.no"))
    lines = [
        run["text"]
        for element in activity["attachments"][0]["content"]["body"]
        for run in element.get("inlines", ())
    ]
    [https] = [line for line in lines if line.startswith("https://bot.eksempel.no/kalender/")]
    assert f"webcal{https.removeprefix('https')}" in lines


def test_the_address_is_the_same_until_it_is_renewed_and_then_the_old_one_is_nobodys(
    kommune: Kommune,
) -> None:
    put_in(kommune)
    old = feed(kommune)
    assert feed(kommune) == old
    assert list(events(kommune, old)) == ["m"]
    renew = buttons(kommune.write(DAVID_REKTOR, "kalenderlenke"))["Lag ny adresse"]
    replies = kommune.follow(DAVID_REKTOR, renew)
    assert "virker ikke lenger" in shown(replies)
    new = feed(kommune)
    assert new != old
    assert kommune.assistant.calendar(old) is None
    assert list(events(kommune, new)) == ["m"]
    kommune.follow(DAVID_REKTOR, renew)
    assert feed(kommune) == new, "pressed again, the address that was just copied stays"


@pytest.mark.parametrize("value", [{}, {"feed": 7}, {"feed": ["x"]}, {"feed": "x"}])
def test_a_forged_renewal_renews_nothing(kommune: Kommune, value: dict[str, Any]) -> None:
    old = feed(kommune)
    kommune.press(DAVID_REKTOR, "calendar_renew", **value)
    assert feed(kommune) == old
    assert feed(kommune, ANE_LÆRER) != old


def test_nobody_renews_the_address_of_another(kommune: Kommune) -> None:
    old = feed(kommune)
    kommune.press(ANE_LÆRER, "calendar_renew", feed=old)
    assert feed(kommune) == old


def test_it_holds_ones_own_meetings_from_a_month_back_to_a_year_ahead(kommune: Kommune) -> None:
    put_in(kommune, "over", -29)
    put_in(kommune, "old", -32)
    put_in(kommune, "soon")
    put_in(kommune, "far", 364)
    put_in(kommune, "too far", 367)
    put_in(kommune, "theirs", 5, audience=("lærere",))
    put_in(kommune, "gone", 6)
    put_in(kommune, "gone long ago", -40)
    with kommune.session() as session:
        for id in ("gone", "gone long ago"):
            cancel_meeting(session, SENDING, id, "", by=None, now=kommune.now)
    found = events(kommune, feed(kommune))
    assert list(found) == ["over", "gone", "soon", "far"]
    gone = found["gone"].moments
    assert gone is not None
    assert gone.cancelled
    assert list(events(kommune, feed(kommune, ANE_LÆRER))) == ["theirs"]
    assert "theirs" in events(kommune, feed(kommune, HANNE_SKOLEEIER))


def test_a_change_is_a_later_version_of_the_same(kommune: Kommune) -> None:
    put_in(kommune)
    id = feed(kommune)
    before = events(kommune, id)["m"].moments
    kommune.now += timedelta(hours=1)
    with kommune.session() as session:
        change_meeting(session, SENDING, "m", {"place": "Biblioteket"}, by=None, now=kommune.now)
    after = events(kommune, id)["m"].moments
    assert before is not None
    assert after is not None
    assert (before.version, after.version, after.place) == (1, 2, "Biblioteket")
    assert after.changed_at > before.changed_at


def test_it_names_nobody_and_tells_no_answers(kommune: Kommune) -> None:
    put_in(kommune, organiser_name="Hanne Myhre", asks_answer=True)
    kommune.press(DAVID_REKTOR, "meeting_answer", meeting="m", answer="forfall")
    paper = kommune.assistant.calendar(feed(kommune))
    assert "Hanne" not in repr(paper)
    assert "forfall" not in repr(paper)


def test_who_has_left_the_register_has_no_calendar(kommune: Kommune) -> None:
    put_in(kommune)
    id = feed(kommune)
    with kommune.session() as session:
        left = [one for one in list_people(session) if one.key != DAVID_REKTOR]
        import_people(session, left, dry_run=False)
        assert find_person(session, DAVID_REKTOR) is None
    assert kommune.assistant.calendar(id) is None
    assert "personregister" in shown(kommune.write(UNKNOWN, "kalenderlenke"))


def test_it_is_in_the_language_of_the_person(kommune: Kommune) -> None:
    put_in(kommune, audience=("lærere",))
    paper = kommune.assistant.calendar(feed(kommune, BJØRN_LÆRER))
    assert isinstance(paper, Paper)
    assert (paper.title, paper.language) == ("Møte frå Kvalitetsbot", "nn")
    assert "Førebuing: " in paper.events[0].text


def test_nobodys_calendar_is_nothing(kommune: Kommune) -> None:
    for id in ("", "x", "'; drop table person", feed(kommune)[:-1]):
        assert kommune.assistant.calendar(id) is None
    with kommune.session() as session:
        assert len({feed_of(session, one.key) for one in PEOPLE}) == len(PEOPLE)
