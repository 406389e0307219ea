"""«påminnelser»: each wish as it is told, what is sent after it, and putting a reminder off."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dialogs.meetings.calendar import change_meeting, create_meeting
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, DateInput, Reply
from knowledge.library import Library
from storage.database import Database
from storage.meetings import Meeting
from storage.outbox import rows_of
from storage.reminder_wishes import Wish, wish_of
from tests.dialogs.kommune import (
    DAVID_REKTOR,
    ELI_REKTOR,
    GEIR_TILLITSVALGT,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
)
from tests.dialogs.shown import shown

MEETING = "m" * 32
STARTS = datetime(2026, 12, 3, 11, tzinfo=UTC)  # a Thursday, 12:00 in Oslo
REMINDED = datetime(2026, 11, 26, 7, tzinfo=UTC)  # a week before, 08:00 in Oslo


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    kommune = Kommune(library, database)
    plan(kommune)
    return kommune


def plan(kommune: Kommune, id: str = MEETING, **changes: Any) -> None:
    meeting = {
        "id": id,
        "kind": "skoleledermøte",
        "title": "Skoleledermøte",
        "starts": STARTS,
        "ends": STARTS + timedelta(hours=2),
        "audience": ("ledere",),
        "changed_at": kommune.now,
    }
    with kommune.session() as session:
        create_meeting(
            session, SendingTimes(), Meeting(**{**meeting, **changes}), by=None, now=kommune.now
        )


def wish(kommune: Kommune, who: str = ELI_REKTOR) -> Wish:
    with kommune.session() as session:
        return wish_of(session, who)


def save(kommune: Kommune, who: str = ELI_REKTOR, **filled: Any) -> list[Reply]:
    card = kommune.write(who, "påminnelser")
    form = {"how": "hvert", "days": "7", "at": "08:00", "paused_until": ""}
    return kommune.follow(who, next(iter(buttons(card).values())), **{**form, **filled})


def reminded(kommune: Kommune, when: datetime, who: str = ELI_REKTOR) -> bool:
    return who in kommune.messages_at(when)


def reminder(kommune: Kommune) -> list[Reply]:
    return kommune.messages_at(REMINDED)[ELI_REKTOR]


# The card


def test_the_card_says_how_it_is_and_when_the_next_one_comes(kommune: Kommune) -> None:
    card = kommune.write(ELI_REKTOR, "Påminnelser")
    assert "Du blir påminnet en uke før hvert møte, kl. 08.00." in shown(card)
    told = "Neste påminnelse: torsdag 26. november kl. 08.00, om «Skoleledermøte»."
    assert told in shown(card)
    assert choice(card, "days").value == "7"
    assert choice(card, "at").value == "08:00"
    assert list(buttons(card)) == ["Lagre", "Stopp alle"]


def test_in_nynorsk(kommune: Kommune) -> None:
    card = kommune.write(GEIR_TILLITSVALGT, "påminningar")
    assert "Du blir påmint ei veke før kvart møte, kl. 08.00." in shown(card)
    assert "Inga påminning ventar no." in shown(card)


def test_it_is_for_those_in_the_register(kommune: Kommune) -> None:
    assert "personregister" in shown(kommune.write(UNKNOWN, "påminnelser"))
    assert wish(kommune, UNKNOWN) == Wish()


def test_more_reminders_at_another_hour(kommune: Kommune) -> None:
    saved = save(kommune, days="1,3,7", at="14:00")
    said = "Du blir påminnet en uke før, tre dager før og dagen før hvert møte, kl. 14.00."
    assert said in shown(saved)
    assert wish(kommune) == Wish((7, 3, 1), "14:00")
    assert not reminded(kommune, REMINDED)
    assert reminded(kommune, REMINDED + timedelta(hours=6))
    assert reminded(kommune, datetime(2026, 12, 2, 13, tzinfo=UTC))


def test_nothing_ticked_is_no_reminder(kommune: Kommune) -> None:
    saved = save(kommune, days="")
    assert "Du får ikke påminnelser" in shown(saved)
    assert "Ingen påminnelse venter nå." in shown(saved)
    assert wish(kommune).days_before == ()
    assert not reminded(kommune, REMINDED)


def test_a_change_can_be_undone(kommune: Kommune) -> None:
    undone = kommune.follow(ELI_REKTOR, buttons(save(kommune, days=""))["Angre"])
    assert "Du blir påminnet en uke før hvert møte, kl. 08.00." in shown(undone)
    assert wish(kommune) == Wish()
    assert reminded(kommune, REMINDED)


def test_teams_leaves_out_what_has_nothing_ticked(kommune: Kommune) -> None:
    kommune.press(ELI_REKTOR, "reminder_save", how="hvert", at="08:00")
    assert wish(kommune).days_before == ()


def test_one_list_on_mondays_instead(kommune: Kommune) -> None:
    saved = save(kommune, how="uke")
    assert "Du får én liste hver mandag kl. 08.00" in shown(saved)
    assert "Neste liste: mandag 30. november kl. 08.00." in shown(saved)
    assert not reminded(kommune, REMINDED)
    assert reminded(kommune, datetime(2026, 11, 30, 7, tzinfo=UTC))


def test_a_pause_until_a_date(kommune: Kommune) -> None:
    saved = save(kommune, paused_until="2026-12-01")
    assert "Du har pause, og får ingenting før tirsdag 1. desember." in shown(saved)
    assert wish(kommune).paused_until == date(2026, 12, 1)
    assert not reminded(kommune, REMINDED)
    assert reminded(kommune, datetime(2026, 12, 1, 7, tzinfo=UTC))


def test_starting_again_ends_the_pause(kommune: Kommune) -> None:
    saved = save(kommune, paused_until="2026-12-01")
    kommune.follow(ELI_REKTOR, buttons(saved)["Start igjen"])
    assert wish(kommune) == Wish()
    assert reminded(kommune, REMINDED)


@pytest.mark.parametrize(
    "until", ["2026-11-23", "2020-01-01", "2027-11-30", "i morgen", "2026-13-01", "20261201"]
)
def test_a_pause_that_can_not_be_is_told_and_the_rest_is_kept(kommune: Kommune, until: str) -> None:
    again = save(kommune, days="14", at="10:00", paused_until=until)
    assert "Pausen må slutte etter i dag og innen ett år." in shown(again)
    assert choice(again, "days").value == "14"
    assert choice(again, "at").value == "10:00"
    assert isinstance(again[0], CardReply)
    assert [one.value for one in again[0].blocks if isinstance(one, DateInput)] == [until]
    assert wish(kommune) == Wish()


@pytest.mark.parametrize(
    "filled",
    [
        {"days": "0"},
        {"days": "31"},
        {"days": "7;DROP"},
        {"days": [7]},
        {"at": "08:05"},
        {"at": None},
        {"how": "aldri"},
        {"how": ["hvert"]},
    ],
)
def test_what_our_card_can_not_have_sent_changes_nothing(
    kommune: Kommune, filled: dict[str, Any]
) -> None:
    save(kommune, **filled)
    assert wish(kommune) == Wish()


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"days": "7", "at": "08:00", "how": "hvert", "stopped": "ja"},
        {
            "days": "7",
            "at": "08:00",
            "how": "hvert",
            "stopped": False,
            "paused_until": "2099-01-01",
        },
    ],
)
def test_a_forged_undo_changes_nothing(kommune: Kommune, value: dict[str, Any]) -> None:
    save(kommune, days="14")
    kommune.press(ELI_REKTOR, "reminder_undo", **value)
    assert wish(kommune).days_before == (14,)


def test_saving_the_same_offers_nothing_to_undo(kommune: Kommune) -> None:
    assert "Angre" not in buttons(save(kommune))


# From the reminder


def test_a_reminder_is_stopped_in_one_press(kommune: Kommune) -> None:
    stopped = kommune.follow(ELI_REKTOR, buttons(reminder(kommune))["Stopp påminnelser"])
    assert "heller ikke når et møte blir flyttet eller avlyst" in shown(stopped)
    with kommune.session() as session:
        change_meeting(
            session, SendingTimes(), MEETING, {"place": "Et annet"}, by=None, now=kommune.now
        )
    sent = kommune.messages_at(kommune.now + timedelta(minutes=5))
    assert DAVID_REKTOR in sent
    assert ELI_REKTOR not in sent
    kommune.follow(ELI_REKTOR, buttons(stopped)["Start igjen"])
    assert wish(kommune) == Wish()


def test_who_has_stopped_sees_so_and_can_start_with_other_wishes(kommune: Kommune) -> None:
    kommune.press(ELI_REKTOR, "reminder_stop")
    card = kommune.write(ELI_REKTOR, "påminnelser")
    assert "Påminnelser er stoppet." in shown(card)
    assert list(buttons(card)) == ["Lagre og start igjen", "Start igjen"]
    save(kommune, days="14")
    assert wish(kommune) == Wish((14,))


def test_only_what_lies_ahead_is_offered_to_put_off_until(kommune: Kommune) -> None:
    asked = kommune.follow(ELI_REKTOR, buttons(reminder(kommune))["Utsett"])
    assert list(buttons(asked)) == [
        "I morgen: fredag 27. november kl. 08.00",
        "Dagen før: onsdag 2. desember kl. 08.00",
        "Samme dag: torsdag 3. desember kl. 08.00",
    ]
    kommune.now = datetime(2026, 12, 2, 12, tzinfo=UTC)
    value = {"meeting": MEETING}
    asked = kommune.press(ELI_REKTOR, "reminder_snooze_ask", **value)
    assert list(buttons(asked)) == ["I morgen: torsdag 3. desember kl. 08.00"]
    kommune.now = datetime(2026, 12, 3, 8, tzinfo=UTC)
    asked = kommune.press(ELI_REKTOR, "reminder_snooze_ask", **value)
    assert "ikke noe tidspunkt igjen" in shown(asked)


def test_before_a_weekend_it_is_put_off_until_school_days(kommune: Kommune) -> None:
    monday = datetime(2026, 12, 7, 11, tzinfo=UTC)
    plan(kommune, "n" * 32, starts=monday, ends=monday + timedelta(hours=1))
    kommune.now = datetime(2026, 12, 3, 9, tzinfo=UTC)  # a Thursday
    asked = kommune.press(ELI_REKTOR, "reminder_snooze_ask", meeting="n" * 32)
    assert list(buttons(asked)) == [
        "I morgen: fredag 4. desember kl. 08.00",
        "Samme dag: mandag 7. desember kl. 08.00",
    ]
    kommune.now += timedelta(days=1)
    asked = kommune.press(ELI_REKTOR, "reminder_snooze_ask", meeting="n" * 32)
    assert list(buttons(asked)) == ["Neste skoledag: mandag 7. desember kl. 08.00"]


def test_what_is_put_off_comes_once_more_then(kommune: Kommune) -> None:
    asked = kommune.follow(ELI_REKTOR, buttons(reminder(kommune))["Utsett"])
    before = buttons(asked)["Dagen før: onsdag 2. desember kl. 08.00"]
    for _ in range(2):
        said = kommune.follow(ELI_REKTOR, before)
        told = "Du blir påminnet om «Skoleledermøte» igjen onsdag 2. desember kl. 08.00."
        assert told in shown(said)
    save(kommune, at="08:00")  # planning anew keeps it
    assert not reminded(kommune, datetime(2026, 12, 2, 6, 59, tzinfo=UTC))
    sent = kommune.messages_at(datetime(2026, 12, 2, 7, tzinfo=UTC))
    assert [len(replies) for replies in sent.values()] == [1]
    assert sent.keys() == {ELI_REKTOR}


def test_an_old_day_is_asked_for_again(kommune: Kommune) -> None:
    asked = kommune.follow(ELI_REKTOR, buttons(reminder(kommune))["Utsett"])
    tomorrow = buttons(asked)["I morgen: fredag 27. november kl. 08.00"]
    kommune.now += timedelta(days=3)
    again = kommune.follow(ELI_REKTOR, tomorrow)
    assert "Når vil du bli påminnet om møtet igjen?" in shown(again)


@pytest.mark.parametrize("day", ["2026-12-01", "2030-01-01", "", ["x"], 7])
def test_a_day_that_was_not_offered_is_not_taken(kommune: Kommune, day: Any) -> None:
    said = kommune.press(ELI_REKTOR, "reminder_snooze", meeting=MEETING, day=day)
    assert "Når vil du bli påminnet" in shown(said)
    with kommune.session() as session:
        rows = rows_of(session, f"meeting:{MEETING}", person=ELI_REKTOR)
    assert not [row for row in rows if "snooze" in row.occasion]


def test_after_a_move_nothing_is_put_off_and_the_meeting_is_shown(kommune: Kommune) -> None:
    asked = kommune.follow(ELI_REKTOR, buttons(reminder(kommune))["Utsett"])
    with kommune.session() as session:
        moved = {"starts": STARTS + timedelta(days=1), "ends": STARTS + timedelta(days=1, hours=1)}
        change_meeting(session, SendingTimes(), MEETING, moved, by=None, now=kommune.now)
    told = kommune.follow(ELI_REKTOR, next(iter(buttons(asked).values())))
    assert "påminnelsen er ikke utsatt" in shown(told)
    assert "fredag 4. desember" in shown(told)


def test_who_is_not_invited_can_put_nothing_off(kommune: Kommune) -> None:
    told = kommune.press(GEIR_TILLITSVALGT, "reminder_snooze_ask", meeting=MEETING)
    assert "ikkje invitert" in shown(told)
    assert "Skoleledermøte" not in shown(told)
