"""What is sent of meetings says what, why, when and where, and is right when it is sent."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dialogs.meetings.calendar import (
    cancel_meeting,
    change_meeting,
    create_meeting,
    restore_meeting,
)
from dialogs.meetings.planning import plan_all, plan_person
from dialogs.meetings.sending_times import OSLO, SendingTimes
from dialogs.messages import CardReply, Download, Reply
from knowledge.library import Library
from storage.database import Database
from storage.meeting_answers import set_answer
from storage.meetings import Meeting
from storage.outbox import queue
from storage.people import find_person
from storage.reminder_wishes import Wish, set_wish
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown

CARD = "activity of the card"


def oslo(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


class Meetings(Kommune):
    """The kommune with a calendar."""

    def __init__(self, library: Library, database: Database) -> None:
        super().__init__(library, database)
        self.sending = SendingTimes(library.holidays)

    def create(self, starts: str = "2026-12-03T12:00", id: str = "m1", **fields: Any) -> None:
        begins = oslo(starts)
        values: dict[str, Any] = {
            "id": id,
            "kind": "skoleledermøte",
            "title": "Skoleledermøte",
            "starts": begins,
            "ends": begins + timedelta(hours=2),
            "place": "Rådhuset",
            "topic": "Elevmedvirkning",
            "preparation": "Les kapittel 2.",
            "audience": ("ledere",),
            "changed_at": self.now,
        }
        meeting = Meeting(**values | fields)
        with self.session() as session:
            by = find_person(session, HANNE_SKOLEEIER)
            create_meeting(session, self.sending, meeting, by=by, now=self.now)

    def change(self, id: str = "m1", **changes: Any) -> None:
        with self.session() as session:
            by = find_person(session, HANNE_SKOLEEIER)
            assert change_meeting(session, self.sending, id, changes, by=by, now=self.now)

    def move(self, starts: str, id: str = "m1") -> None:
        begins = oslo(starts)
        self.change(id, starts=begins, ends=begins + timedelta(hours=2))

    def cancel(self, id: str = "m1", because: str = "Sykdom") -> None:
        with self.session() as session:
            by = find_person(session, HANNE_SKOLEEIER)
            cancel_meeting(session, self.sending, id, because, by=by, now=self.now)

    def restore(self, id: str = "m1") -> None:
        with self.session() as session:
            by = find_person(session, HANNE_SKOLEEIER)
            restore_meeting(session, self.sending, id, by=by, now=self.now)

    def wish(self, person: str, **wish: Any) -> None:
        with self.session() as session:
            set_wish(session, person, Wish(**wish))
            plan_person(session, self.sending, person, self.now)

    def sent(self, moment: str, to: str = DAVID_REKTOR) -> str:
        """What this person is sent then, as it is read."""
        return shown(self.messages_at(oslo(moment)).get(to, []))

    def remember_card(self) -> None:
        """David was sent a card of the meeting."""
        chat = f"chat with {DAVID_REKTOR}"
        self.assistant.remember_cards([(chat, CARD, "meeting:m1")])


@pytest.fixture
def kommune(library: Library) -> Iterator[Meetings]:
    database = Database("sqlite://")
    database.migrate()
    yield Meetings(library, database)
    database.close()


def cards(replies: list[Reply]) -> list[CardReply]:
    return [reply for reply in replies if isinstance(reply, CardReply)]


# The reminder


def test_the_reminder_says_what_why_when_where_and_how_to_stop(kommune: Meetings) -> None:
    kommune.create()
    (card,) = cards(kommune.messages_at(oslo("2026-11-26T08:00"))[DAVID_REKTOR])
    assert card.title == "Skoleledermøte torsdag 3. desember kl. 12–14"
    assert card.about == "meeting:m1"
    text = shown([card])
    for said in (
        "Du får dette fordi møtet er for ledere.",
        "Rådhuset",
        "Elevmedvirkning",
        "Les kapittel 2.",
        "Neste steg: Gjør det som står under forberedelse.",
        "Knappene under utsetter, endrer eller stopper påminnelser.",
    ):
        assert said in text
    titles = [button.title for button in card.buttons]
    assert {"Legg i kalenderen", "Utsett", "Stopp påminnelser", "Endre påminnelser"} <= set(titles)
    assert any(isinstance(button, Download) for button in card.buttons)


def test_it_is_sent_in_the_language_of_the_person(kommune: Meetings) -> None:
    kommune.create(audience=("lærere",))
    sent = kommune.messages_at(oslo("2026-11-26T08:00"))
    assert "Du får dette fordi møtet er for lærarar." in shown(sent[BJØRN_LÆRER])
    assert "Du får dette fordi møtet er for lærere." in shown(sent[ANE_LÆRER])


def test_where_an_answer_is_wanted_it_is_asked_for_and_can_be_given(kommune: Meetings) -> None:
    kommune.create(asks_answer=True)
    sent = kommune.messages_at(oslo("2026-11-26T08:00"))[DAVID_REKTOR]
    assert "Kommer du? Du har ikke svart ennå." in shown(sent)
    assert list(buttons(sent))[:5] == [
        "Kommer",
        "Forfall",
        "Stedfortreder",
        "Utsett",
        "Stopp påminnelser",
    ]
    kommune.follow(DAVID_REKTOR, buttons(sent)["Forfall"])
    kommune.change(place="Skolen")
    sent_later = kommune.messages_at(oslo("2026-11-26T09:00"))
    assert DAVID_REKTOR not in sent_later
    assert "Endret: Skoleledermøte" in shown(sent_later[ELI_REKTOR])


@pytest.mark.parametrize(
    ("audience", "said"),
    [
        (("alle",), "møtet er for alle."),
        (("ledere i sone: Sone nord",), "møtet er for ledere i Sone nord."),
        (("tillitsvalgte", "sone: Sone nord"), "møtet er for Sone nord."),
        (("ledere i enhet: Nordlia skole",), "møtet er for ledere ved Nordlia skole."),
        (("skoletype: barneskole",), "møtet er for skoletypen barneskole."),
        (("gruppe: ingen", "enhet: Nordlia skole"), "møtet er for Nordlia skole."),
    ],
)
def test_it_says_which_audience_the_person_is_in(
    kommune: Meetings, audience: tuple[str, ...], said: str
) -> None:
    kommune.create(audience=audience)
    assert f"Du får dette fordi {said}" in kommune.sent("2026-11-26T08:00")


# What is checked when it is sent


def stale(kommune: Meetings, **about: Any) -> None:
    """Queue a reminder as if planning had left it there."""
    with kommune.session() as session:
        queue(
            session,
            person=DAVID_REKTOR,
            reason="meeting_reminder",
            occasion="stale",
            about={"meeting": "m1", "starts": oslo("2026-12-03T12:00").isoformat(), "days": 7}
            | about,
            due=kommune.now,
            latest=oslo("2026-12-03T12:00"),
        )


@pytest.mark.parametrize("what", ["gone", "moved", "left", "absent", "stopped", "weekly", "begun"])
def test_a_reminder_that_should_not_be_sent_any_more_is_not(kommune: Meetings, what: str) -> None:
    kommune.create(audience=("lærere",) if what == "left" else ("ledere",))
    with kommune.session() as session:
        if what == "absent":
            set_answer(session, "m1", DAVID_REKTOR, "forfall", "", kommune.now)
        if what in ("stopped", "weekly"):
            set_wish(session, DAVID_REKTOR, Wish(stopped=what == "stopped", weekly=True))
    moved = {"starts": oslo("2026-12-04T12:00").isoformat()} if what == "moved" else {}
    stale(kommune, **(moved | ({"meeting": "m9"} if what == "gone" else {})))
    when = "2026-12-03T12:00" if what == "begun" else "2026-11-24T10:00"
    assert kommune.sent(when) == ""


def test_outside_the_allowed_hours_it_waits_and_is_not_sent_when_that_is_too_late(
    kommune: Meetings,
) -> None:
    kommune.create()
    stale(kommune)
    assert kommune.sent("2026-11-24T19:00") == ""
    assert kommune.sent("2026-11-25T07:29") == ""
    assert "Skoleledermøte torsdag" in kommune.sent("2026-11-25T07:30")
    kommune.create("2026-12-09T07:00", "m2")
    # Down from the week before until the evening before the meeting.
    assert kommune.sent("2026-12-08T20:00", ELI_REKTOR) == ""
    assert kommune.sent("2026-12-09T06:59", ELI_REKTOR) == ""


def test_in_a_pause_it_waits_until_the_first_allowed_moment_after(kommune: Meetings) -> None:
    kommune.create()
    stale(kommune)
    with kommune.session() as session:
        set_wish(session, DAVID_REKTOR, Wish(paused_until=date(2026, 11, 30)))
    assert kommune.sent("2026-11-24T10:00") == ""
    assert "Skoleledermøte torsdag" in kommune.sent("2026-11-30T07:30")


def test_after_three_hours_down_each_gets_it_once_and_what_has_begun_is_not_sent(
    kommune: Meetings,
) -> None:
    kommune.create()
    kommune.create("2026-11-26T09:00", "m2", title="LED-skole", day_before=True)
    kommune.messages_at(oslo("2026-11-23T10:00"))
    with kommune.session() as session:
        plan_all(session, kommune.sending, kommune.now)
    sent = kommune.messages_at(oslo("2026-11-26T11:00"))[DAVID_REKTOR]
    assert [card.title for card in cards(sent)] == ["Skoleledermøte torsdag 3. desember kl. 12–14"]
    assert kommune.sent("2026-11-26T14:00") == ""


# Changes


def test_a_change_says_from_and_to(kommune: Meetings) -> None:
    kommune.create(link="https://teams.example/1", asks_answer=True)
    kommune.messages_at(oslo("2026-11-26T08:00"))
    kommune.move("2026-12-04T09:30")
    kommune.change(place="", topic="Vurdering", link="https://teams.example/2", preparation="")
    assert kommune.sent("2026-11-26T08:01") == ""
    text = kommune.sent("2026-11-26T08:03")
    for said in (
        "Endret: Skoleledermøte fredag 4. desember kl. 09.30–11.30",
        "Tid: fra torsdag 3. desember kl. 12–14 til fredag 4. desember kl. 09.30–11.30",
        "Sted: ikke lenger Rådhuset.",
        "Tema: fra Elevmedvirkning til Vurdering",
        "Møtelenken er ny.",
        "Det er ikke lenger noe å forberede.",
        "Svar på nytt",
        "Du får dette fordi møtet er for ledere.",
    ):
        assert said in text
    assert kommune.sent("2026-11-26T12:00") == ""


def test_a_change_in_nynorsk(kommune: Meetings) -> None:
    kommune.create(audience=("tillitsvalgte",), place="")
    kommune.messages_at(oslo("2026-11-26T08:00"))
    kommune.change(place="Rådhuset")
    text = kommune.sent("2026-11-26T08:03", GEIR_TILLITSVALGT)
    assert "Endra: Skoleledermøte torsdag 3. desember kl. 12–14" in text
    assert "Stad: Rådhuset" in text


def test_a_cancellation_says_so_with_the_reason_and_the_time_they_knew(kommune: Meetings) -> None:
    kommune.create()
    kommune.messages_at(oslo("2026-11-26T08:00"))
    kommune.move("2026-12-04T12:00")
    kommune.cancel(because="Vannlekkasje")
    text = kommune.sent("2026-11-26T08:03")
    assert "Avlyst: Skoleledermøte torsdag 3. desember kl. 12–14" in text
    assert "Vannlekkasje" in text
    assert "Lurer du på noe, spør Hanne Myhre." in text
    kommune.restore()
    text = kommune.sent("2026-11-26T08:10")
    assert "Blir holdt likevel: Skoleledermøte fredag 4. desember kl. 12–14" in text
    assert kommune.sent("2026-12-03T12:00") == ""


def test_a_cancellation_the_evening_before_an_early_meeting_is_told_at_once(
    kommune: Meetings,
) -> None:
    kommune.create("2026-12-03T07:30")
    kommune.messages_at(oslo("2026-11-26T08:00"))
    kommune.now = oslo("2026-12-02T21:00")
    kommune.cancel()
    assert "Avlyst: Skoleledermøte" in kommune.sent("2026-12-02T21:03")


def test_a_cancellation_the_evening_before_a_later_meeting_waits_for_the_morning(
    kommune: Meetings,
) -> None:
    kommune.create()
    kommune.messages_at(oslo("2026-11-26T08:00"))
    kommune.now = oslo("2026-12-02T21:00")
    kommune.cancel()
    assert kommune.sent("2026-12-02T21:03") == ""
    assert "Avlyst: Skoleledermøte" in kommune.sent("2026-12-03T07:30")


# Cards that were sent


def test_a_sent_card_is_changed_to_the_meeting_as_it_is_now(kommune: Meetings) -> None:
    kommune.create()
    kommune.remember_card()
    kommune.change(place="Skolen")
    (outgoing,) = kommune.outgoing_at(kommune.now)
    assert (outgoing.replaces, outgoing.conversation) == (CARD, f"chat with {DAVID_REKTOR}")
    text = shown([outgoing.reply])
    assert "Endret 23.11. kl. 09.11. Slik er møtet nå." in text
    assert "Skolen" in text
    kommune.cancel()
    (outgoing,) = kommune.outgoing_at(kommune.now)
    text = shown([outgoing.reply])
    assert "Avlyst: Skoleledermøte" in text
    assert "Møtet er avlyst: Sykdom" in text
    assert "Kommer" not in text


def test_a_card_of_who_is_not_invited_any_more_tells_nothing_of_the_meeting(
    kommune: Meetings,
) -> None:
    kommune.create()
    kommune.remember_card()
    kommune.change(audience=("lærere",), place="Hemmelig rom", topic="Lønn")
    (outgoing,) = kommune.outgoing_at(kommune.now)
    text = shown([outgoing.reply])
    assert "Dette møtet er ikke for deg lenger." in text
    assert "Hemmelig" not in text
    assert "Lønn" not in text


# The list for the week


def test_the_list_has_this_week_and_the_next_and_opens_a_meeting(kommune: Meetings) -> None:
    kommune.wish(DAVID_REKTOR, weekly=True)
    kommune.create()
    kommune.create("2026-12-08T08:30", "m2", title="LED-skole", preparation="")
    kommune.create("2026-12-15T08:30", "m3", title="Workshop")
    sent = kommune.messages_at(oslo("2026-11-30T08:00"))
    (card,) = cards(sent[DAVID_REKTOR])
    assert card.title == "Uke 49: 2 møter"
    text = shown([card])
    for said in (
        "Denne uka",
        "torsdag 3. desember kl. 12–14: Skoleledermøte (Rådhuset) – Tema: Elevmedvirkning"
        " – Forberedelse: Les kapittel 2.",
        "Neste uke",
        "tirsdag 8. desember kl. 08.30–10.30: LED-skole",
    ):
        assert said in text
    assert "Workshop" not in text
    opened = kommune.follow(DAVID_REKTOR, buttons([card])["Vis møtet"], meeting="m2")
    assert "LED-skole" in shown(opened)


def test_the_list_leaves_out_what_is_not_for_the_person_any_more(kommune: Meetings) -> None:
    kommune.wish(DAVID_REKTOR, weekly=True)
    kommune.create()
    kommune.create("2026-12-08T08:30", "m2", title="LED-skole", asks_answer=True)
    with kommune.session() as session:
        set_answer(session, "m2", DAVID_REKTOR, "forfall", "", kommune.now)
    (card,) = cards(kommune.messages_at(oslo("2026-11-30T08:00"))[DAVID_REKTOR])
    assert card.title == "Uke 49: ett møte"
    with kommune.session() as session:
        set_answer(session, "m1", DAVID_REKTOR, "forfall", "", kommune.now)
    assert kommune.sent("2026-12-07T08:00") == ""
