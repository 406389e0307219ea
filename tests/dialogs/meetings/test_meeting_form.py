"""Putting in, changing, repeating and cancelling a meeting, as an organiser does it in the chat."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sizes import MESSAGE_BYTES, message_bytes
from dialogs.meetings.kinds import KINDS
from dialogs.meetings.meeting_fields import LONGEST, read_clock
from dialogs.meetings.meeting_repeat import MOST, dates_of
from dialogs.meetings.sending_times import OSLO
from dialogs.messages import (
    Button,
    CardReply,
    Choice,
    DateInput,
    DialogReply,
    Message,
    MessageKind,
    Paragraph,
    Reply,
    TextInput,
)
from knowledge.holidays import Holiday, Holidays
from knowledge.library import Library
from storage.database import Database
from storage.meeting_answers import set_answer
from storage.meetings import Meeting, find_meeting, meetings_between
from storage.outbox import rows_of
from tests.bot.test_cards import activities_for
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    LARS_REKTOR,
    START,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
)
from tests.dialogs.shown import shown

# A meeting as it is filled in; in January, so that its reminders are in good time.
FILLED = {
    "kind": "skoleledermøte",
    "title": "Skoleledermøte i januar",
    "day": "2027-01-14",
    "begins": "12",
    "ends": "kl. 14.00",
    "place": "Rådhuset",
    "link": "https://teams.example/møte?a=1",
    "topic": "Elevmedvirkning",
    "preparation": "Les kapittel 2.",
    "audience": "ledere",
    "audience_text": "",
    "asks_answer": "ja",
    "day_before": "nei",
}
JANUARY = datetime(2027, 1, 14, 12, tzinfo=OSLO)
NOT_ORGANISERS = (ANE_LÆRER, DAVID_REKTOR, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR, UNKNOWN)


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def meetings(kommune: Kommune) -> list[Meeting]:
    """All that is in the calendar, cancelled or not."""
    with kommune.session() as session:
        years = timedelta(days=2_000)
        return meetings_between(session, START - years, START + years, cancelled=True)


def fill_in(kommune: Kommune, **changes: str) -> list[Reply]:
    """The preview of what is filled in, or the form again."""
    opened = kommune.follow(
        HANNE_SKOLEEIER, buttons(kommune.write(HANNE_SKOLEEIER, "nytt møte"))["Åpne skjemaet"]
    )
    show = buttons(opened)["Se hvordan det blir"]
    return kommune.follow(HANNE_SKOLEEIER, show, **{**FILLED, **changes})


def put_in(kommune: Kommune, **changes: str) -> Meeting:
    """A meeting that is put in through the form."""
    before = {one.id for one in meetings(kommune)}
    preview = fill_in(kommune, **changes)
    kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn møtet"])
    (made,) = [one for one in meetings(kommune) if one.id not in before]
    return made


def card_of(replies: list[Reply]) -> CardReply:
    (card,) = replies
    assert isinstance(card, CardReply)
    return card


def errors_by_field(replies: list[Reply]) -> dict[str, str]:
    """What stands right above each field."""
    found, said = {}, ""
    for block in card_of(replies).blocks:
        if isinstance(block, Paragraph):
            said = block.text
        elif isinstance(block, Choice | TextInput | DateInput):
            if said:
                found[block.id] = said
            said = ""
    return found


def values(replies: list[Reply]) -> dict[str, str]:
    """What stands in the fields."""
    return {
        block.id: block.value
        for block in card_of(replies).blocks
        if isinstance(block, Choice | TextInput | DateInput)
    }


# Putting in


def test_a_meeting_is_seen_before_it_is_put_in_and_then_planned(kommune: Kommune) -> None:
    preview = fill_in(kommune)
    text = shown(preview)
    for expected in (
        "Slik blir møtet: Skoleledermøte i januar",
        "Når: torsdag 14. januar kl. 12–14",
        "For: ledere",
        "5 får påminnelser om møtet.",
        "Påminnelsen går torsdag 7. januar kl. 08.00",
    ):
        assert expected in text
    assert "Merk" not in text
    assert meetings(kommune) == []
    replies = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn møtet"])
    assert "Møtet er lagt inn." in shown(replies)
    assert {"Endre", "Gjenta", "Mer"} <= buttons(replies).keys()
    (made,) = meetings(kommune)
    assert (made.starts, made.ends) == (JANUARY, JANUARY + timedelta(hours=2))
    assert (made.audience, made.asks_answer, made.day_before) == (("ledere",), True, False)
    assert (made.organiser_name, made.version) == ("Hanne Myhre", 1)
    with kommune.session() as session:
        rows = rows_of(session, f"meeting:{made.id}")
        assert len(rows) == 5
        assert {row.due for row in rows} == {datetime(2027, 1, 7, 8, tzinfo=OSLO)}


def test_pressing_twice_makes_one_meeting(kommune: Kommune) -> None:
    put = buttons(fill_in(kommune))["Legg inn møtet"]
    kommune.follow(HANNE_SKOLEEIER, put)
    kommune.now += timedelta(minutes=10)
    again = kommune.follow(HANNE_SKOLEEIER, put)
    assert len(meetings(kommune)) == 1
    assert "lagt inn fra før" in shown(again)


def test_all_errors_come_at_once_beside_their_fields_and_all_is_kept(kommune: Kommune) -> None:
    wrong = {
        "kind": "annen",
        "title": "x" * 151,
        "day": "snart",
        "begins": "25",
        "ends": "tolv",
        "link": "http://eksempel.no",
        "audience": "-",
        "audience_text": "foreldre",
    }
    replies = fill_in(kommune, **wrong)
    errors = errors_by_field(replies)
    assert set(errors) >= {
        "other_kind",
        "title",
        "day",
        "begins",
        "ends",
        "link",
        "audience_text",
    }
    assert values(replies) == {**FILLED, "other_kind": "", "until": "", **wrong}
    assert meetings(kommune) == []


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"ends": "12:00"}, "ends", "slutte etter"),
        ({"ends": "11"}, "ends", "slutte etter"),
        ({"until": "2027-01-13"}, "until", "etter den første"),
        ({"until": "en gang"}, "until", "la feltet stå tomt"),
        ({"day": "2026-11-20"}, "day", "passert"),
        ({"day": "2026-11-23", "begins": "8", "ends": "11"}, "day", "passert"),
        ({"begins": "24"}, "begins", "klokkeslett"),
        ({"link": "https://a b.no"}, "link", "https://"),
        ({"link": "https://trusted.no@evil.example/"}, "link", "https://"),
        ({"link": "javascript:alert(1)"}, "link", "https://"),
        ({"link": "https://["}, "link", "https://"),
        ({"audience": ""}, "audience_text", "Målgruppen mangler"),
        ({"audience": "planeten"}, "audience_text", "ukjent"),
        ({"kind": "noe helt annet"}, "kind", "Velg en type"),
        ({"preparation": "x" * 1_501}, "preparation", "1500 tegn"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    kommune: Kommune, changes: dict[str, str], field: str, told: str
) -> None:
    replies = fill_in(kommune, **changes)
    assert told in errors_by_field(replies)[field]
    assert set(errors_by_field(replies)) <= {field, "kind"}  # «Noe må rettes» stands first


def test_correcting_opens_the_form_with_what_was_filled_in(kommune: Kommune) -> None:
    again = kommune.follow(HANNE_SKOLEEIER, buttons(fill_in(kommune))["Rett opp"])
    assert values(again) == {**FILLED, "other_kind": "", "until": ""}
    preview = kommune.follow(
        HANNE_SKOLEEIER,
        buttons(again)["Se hvordan det blir"],
        **{**FILLED, "title": "", "kind": "annen", "other_kind": "ledersamling"},
    )
    kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn møtet"])
    (made,) = meetings(kommune)
    assert (made.kind, made.title) == ("ledersamling", "Ledersamling")
    kinds = dict(choice(kommune.press(HANNE_SKOLEEIER, "meeting_form"), "kind").options)
    assert {*KINDS, "ledersamling", "annen"} == kinds.keys()


def test_a_meeting_may_go_over_days_and_end_at_midnight(kommune: Kommune) -> None:
    made = put_in(kommune, until="15.01.2027", begins="0", ends="24:00")
    assert made.starts == datetime(2027, 1, 14, tzinfo=OSLO)
    assert made.ends == datetime(2027, 1, 16, tzinfo=OSLO)
    form = kommune.press(HANNE_SKOLEEIER, "meeting_form", meeting=made.id)
    assert {**values(form)} | {"until": "2027-01-15", "begins": "00:00", "ends": "24:00"} == values(
        form
    )


def test_the_audience_is_what_is_chosen_and_what_is_written(kommune: Kommune) -> None:
    written = "tillitsvalgte\nledere\nsone: Nord"
    made = put_in(kommune, audience_text=written, link="teams.example/x")
    assert made.audience == ("ledere", "tillitsvalgte", "sone: Sone nord")
    assert made.link == "https://teams.example/x"
    form = kommune.press(HANNE_SKOLEEIER, "meeting_form", meeting=made.id)
    assert values(form)["audience"] == "ledere"
    assert values(form)["audience_text"] == "tillitsvalgte\nsone: Sone nord"


def test_what_may_be_unwise_is_told_but_not_refused(kommune: Kommune) -> None:
    put_in(kommune)
    collides = shown(fill_in(kommune, begins="13", ends="15", audience="sone: Sone nord"))
    assert "3 av deltakerne er også invitert til torsdag 14. januar kl. 12–14" in collides
    assert "også invitert" not in shown(fill_in(kommune, begins="14", ends="15"))
    assert "også invitert" not in shown(fill_in(kommune, audience="tillitsvalgte"))
    for changes, told in (
        ({"day": "2027-01-16"}, "Merk: Lørdag 16. januar er i en helg."),
        ({"day": "2027-05-17"}, "Merk: Mandag 17. mai er en helligdag"),
        ({"day": "2026-12-29"}, "Merk: Tirsdag 29. desember er skolefri ("),
        ({"begins": "18", "ends": "20"}, "utenfor vanlig arbeidstid"),
        ({"audience": "-", "audience_text": "skoletype: 1–10-skole"}, "2 får påminnelser"),
    ):
        preview = fill_in(kommune, **changes)
        assert told in shown(preview)
        assert "Legg inn møtet" in buttons(preview)


def test_a_meeting_soon_says_when_its_reminder_goes(kommune: Kommune) -> None:
    soon = shown(fill_in(kommune, day="2026-11-25"))
    assert "Det er kort tid til møtet, så påminnelsen går mandag 23. november" in soon


def test_who_has_not_installed_the_bot_is_counted(kommune: Kommune) -> None:
    kommune._send(LARS_REKTOR, MessageKind.REMOVED)
    assert "4 får påminnelser om møtet. 1 kan ikke nås" in shown(fill_in(kommune))


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_same_cards_come_in_a_dialog(kommune: Kommune, language: str) -> None:
    who = HANNE_SKOLEEIER if language == "nb" else IVAR_FAGRÅDGIVER
    (intro,) = kommune.write(who, "nytt møte")
    assert isinstance(intro, CardReply)
    button, in_chat = intro.buttons
    assert isinstance(button, Button)
    assert isinstance(in_chat, Button)
    assert button.opens_dialog
    assert not in_chat.opens_dialog  # for a client without dialogs
    (form,) = kommune._send(who, MessageKind.OPEN_DIALOG, value=button.value)
    assert isinstance(form, DialogReply)
    (show,) = form.card.buttons
    assert isinstance(show, Button)
    filled = {**show.value, **FILLED}
    (preview,) = kommune._send(who, MessageKind.DIALOG, value=filled)
    assert isinstance(preview, DialogReply)
    put = preview.card.buttons[0]
    assert isinstance(put, Button)
    (card,) = kommune._send(who, MessageKind.DIALOG, value=put.value)
    assert isinstance(card, CardReply), "the dialog closes and the meeting stands in the chat"
    assert card.about == f"meeting:{meetings(kommune)[0].id}"


# Rights


@pytest.mark.parametrize("who", NOT_ORGANISERS)
def test_only_organisers_change_anything_also_with_forged_buttons(
    kommune: Kommune, who: str
) -> None:
    made = put_in(kommune)
    before = meetings(kommune)
    which: dict[str, Any] = {
        "meeting": made.id,
        "filled": FILLED,
        "new": uuid4().hex,
        "which": "one",
    }
    for verb in (
        "meeting_new",
        "meeting_form",
        "meeting_preview",
        "meeting_save",
        "meeting_repeat",
        "meeting_repeat_dates",
        "meeting_repeat_save",
        "meeting_cancel_ask",
        "meeting_cancel",
        "meeting_restore",
    ):
        more = {"meetings": [made.id], "how": "week", "until": "2027-03-01", "days": "2027-01-21"}
        text = shown(kommune.press(who, verb, **which, **more))
        assert "Skoleledermøte i januar" not in text
        assert "skoleeierteam" in text.casefold() or "skuleeigarteam" in text or who == UNKNOWN
    assert meetings(kommune) == before
    assert "Fyll ut" not in shown(kommune.write(who, "nytt møte"))


@pytest.mark.parametrize(
    "junk", [None, 7, "", "x" * 5_000, ["a"], {"a": 1}, {"kind": 7, "day": []}, True]
)
def test_forged_values_never_break_a_turn(kommune: Kommune, junk: Any) -> None:
    made = put_in(kommune)
    for verb in (
        "meeting_form",
        "meeting_preview",
        "meeting_save",
        "meeting_repeat",
        "meeting_repeat_dates",
        "meeting_repeat_save",
        "meeting_cancel_ask",
        "meeting_cancel",
        "meeting_restore",
    ):
        for key in ("meeting", "new", "filled", "was", "how", "until", "days", "meetings", "which"):
            value = {"meeting": made.id, key: junk}
            assert shown(kommune.press(HANNE_SKOLEEIER, verb, **value)), (verb, key)


# Changing


def change(kommune: Kommune, made: Meeting, who: str = HANNE_SKOLEEIER, **changes: str) -> Any:
    """The preview of a change."""
    form = kommune.press(who, "meeting_form", meeting=made.id)
    show = next(iter(buttons(form).values()))
    return kommune.follow(who, show, **{**values(form), **changes})


def test_a_change_says_what_and_who_gets_to_know(kommune: Kommune) -> None:
    made = put_in(kommune)
    with kommune.session() as session:
        set_answer(session, made.id, DAVID_REKTOR, "kommer", "", kommune.now)
    kommune.messages_at(datetime(2027, 1, 7, 8, 30, tzinfo=OSLO))
    preview = change(kommune, made, begins="13", ends="15", place="")
    text = shown(preview)
    for expected in (
        "Når: torsdag 14. januar kl. 13–15 (var: torsdag 14. januar kl. 12–14)",
        "Sted: tomt (var: Rådhuset)",
        "5 som har hørt om møtet, får beskjed om endringen.",
        "1 har svart",
    ):
        assert expected in text
    saved = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Lagre endringen"])
    assert "Endringen er lagret." in shown(saved)
    (now,) = meetings(kommune)
    assert (now.starts, now.place, now.version) == (JANUARY + timedelta(hours=1), "", 2)
    again = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Lagre endringen"])
    assert "Endringen er lagret." in shown(again)
    assert meetings(kommune) == [now]


def test_small_changes_tell_nobody_and_none_is_none(kommune: Kommune) -> None:
    made = put_in(kommune)
    assert "ingen får melding om" in shown(change(kommune, made, title="Ny tittel"))
    assert "Ingen har hørt om møtet ennå" in shown(change(kommune, made, place="Skolen"))
    unchanged = change(kommune, made, begins="12.00")
    assert "Ingenting er endret." in shown(unchanged)
    assert "Lagre endringen" not in buttons(unchanged)


def test_two_organisers_lose_nothing(kommune: Kommune) -> None:
    made = put_in(kommune)
    mine = change(kommune, made, place="Skolen", topic="Vurdering")
    theirs = change(kommune, made, IVAR_FAGRÅDGIVER, place="Kinoen", preparation="Les kapittel 3.")
    kommune.follow(IVAR_FAGRÅDGIVER, buttons(theirs)["Lagre endringa"])
    replies = kommune.follow(HANNE_SKOLEEIER, buttons(mine)["Lagre endringen"])
    text, fields = shown(replies), values(replies)
    assert "Ivar Kleiva har endret møtet" in text
    assert "Endret i mellomtiden: «Kinoen»" in text
    assert (fields["place"], fields["topic"]) == ("Skolen", "Vurdering")
    assert fields["preparation"] == "Les kapittel 3."
    preview = kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Se hvordan det blir"], **fields)
    kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Lagre endringen"])
    (now,) = meetings(kommune)
    assert (now.place, now.topic, now.preparation) == ("Skolen", "Vurdering", "Les kapittel 3.")


def test_the_same_change_by_two_is_no_conflict(kommune: Kommune) -> None:
    made = put_in(kommune)
    mine, theirs = (change(kommune, made, begins="11") for _ in range(2))
    for preview in (mine, theirs):
        saved = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Lagre endringen"])
        assert "Endringen er lagret." in shown(saved)


def test_a_cancelled_meeting_is_not_changed(kommune: Kommune) -> None:
    made = put_in(kommune)
    preview = change(kommune, made, place="Skolen")
    kommune.press(HANNE_SKOLEEIER, "meeting_cancel", meeting=made.id)
    replies = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Lagre endringen"])
    assert "avlyst eller slettet" in shown(replies)
    assert meetings(kommune)[0].place == "Rådhuset"


def test_a_meeting_that_was_held_may_be_corrected_but_not_moved_into_the_past(
    kommune: Kommune,
) -> None:
    made = put_in(kommune)
    kommune.now = JANUARY + timedelta(days=1)
    assert "Lagre endringen" in buttons(change(kommune, made, topic="Noe annet"))
    assert "passert" in shown(change(kommune, made, begins="11"))


# Repeating


def repeat(kommune: Kommune, made: Meeting, how: str, until: str) -> list[Reply]:
    asked = kommune.press(HANNE_SKOLEEIER, "meeting_repeat", meeting=made.id)
    show = buttons(asked)["Vis datoene"]
    return kommune.follow(HANNE_SKOLEEIER, show, how=how, until=until)


def test_a_meeting_is_repeated_at_the_same_hour_over_holidays_and_summer_time(
    kommune: Kommune,
) -> None:
    made = put_in(kommune)
    preview = repeat(kommune, made, "fortnight", "2027-04-30")
    days = [day for day, _ in choice(preview, "days").options]
    assert "torsdag 25. februar" not in shown(preview) or "Hoppet over" in shown(preview)
    assert "2027-03-25" not in days, "skjærtorsdag"
    save = buttons(preview)["Legg inn møtene"]
    ticked = [day for day in days if day != "2027-02-11"]
    done = kommune.follow(HANNE_SKOLEEIER, save, days=",".join(ticked))
    assert f"{len(ticked)} møter er lagt inn." in shown(done)
    series = meetings(kommune)
    assert len(series) == len(ticked) + 1
    assert {one.series for one in series} == {made.id}
    assert {one.starts.astimezone(OSLO).time() for one in series} == {time(12)}
    assert {one.starts.astimezone(OSLO).utcoffset() for one in series} == {
        timedelta(hours=1),
        timedelta(hours=2),
    }
    assert {one.title for one in series} == {made.title}
    again = kommune.follow(HANNE_SKOLEEIER, save, days=",".join(ticked))
    assert "lagt inn fra før" in shown(again)
    assert meetings(kommune) == series


def test_what_repeats_badly_is_told(kommune: Kommune) -> None:
    made = put_in(kommune)
    for how, until, told in (
        ("week", "2027-01-14", "etter det første"),
        ("week", "2030-01-01", "innen to år"),
        ("week", "", "Velg en dato"),
        ("sometimes", "2027-03-01", "Velg hvor ofte"),
        ("four_weeks", "2027-01-20", "Det blir ingen møter"),
    ):
        replies = repeat(kommune, made, how, until)
        assert told in shown(replies)
        assert values(replies) == {"how": how, "until": until}
    preview = repeat(kommune, made, "week", "2027-02-11")
    nothing = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn møtene"], days="")
    assert "Velg minst én dato" in shown(nothing)
    forged = kommune.follow(HANNE_SKOLEEIER, buttons(nothing)["Legg inn møtene"], days="2027-01-30")
    assert "Velg minst én dato" in shown(forged)
    assert len(meetings(kommune)) == 1


def test_a_date_where_the_people_are_busy_says_so(kommune: Kommune) -> None:
    made = put_in(kommune)
    put_in(kommune, day="2027-01-21", title="Fagdag")
    options = dict(choice(repeat(kommune, made, "week", "2027-02-05"), "days").options)
    assert options["2027-01-21"] == "torsdag 21. januar (kolliderer med «Fagdag»)"
    assert options["2027-01-28"] == "torsdag 28. januar"


def test_changing_one_of_a_series_changes_that_one(kommune: Kommune) -> None:
    made = put_in(kommune)
    preview = repeat(kommune, made, "week", "2027-02-05")
    kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn møtene"], days="2027-01-21")
    _, second = meetings(kommune)
    saved = change(kommune, second, place="Kinoen")
    kommune.follow(HANNE_SKOLEEIER, buttons(saved)["Lagre endringen"])
    assert [one.place for one in meetings(kommune)] == ["Rådhuset", "Kinoen"]


@pytest.mark.parametrize(
    ("first", "how", "until", "days"),
    [
        (date(2027, 1, 14), "week", date(2027, 1, 28), ["2027-01-21", "2027-01-28"]),
        (date(2027, 1, 14), "fortnight", date(2027, 2, 12), ["2027-01-28", "2027-02-11"]),
        (date(2027, 1, 14), "four_weeks", date(2027, 2, 12), ["2027-02-11"]),
        (date(2027, 1, 14), "month", date(2027, 3, 31), ["2027-02-11", "2027-03-11"]),
        (date(2027, 1, 28), "month", date(2027, 2, 28), ["2027-02-25"]),
        (date(2026, 12, 31), "month", date(2027, 2, 28), ["2027-01-28", "2027-02-25"]),
    ],
)
def test_the_days_of_a_repeated_meeting(
    first: date, how: str, until: date, days: list[str]
) -> None:
    found = dates_of(first, how, until, Holidays())
    assert [day.isoformat() for day in found.days] == days


def test_days_without_school_are_skipped_and_told() -> None:
    break_ = Holiday(name="Fri", name_nn="Fri", first=date(2027, 1, 18), last=date(2027, 1, 24))
    found = dates_of(date(2027, 1, 14), "week", date(2027, 2, 1), Holidays((break_,)))
    assert (found.days, found.skipped) == ((date(2027, 1, 28),), (date(2027, 1, 21),))


@given(
    st.dates(date(2024, 1, 1), date(2035, 1, 1)),
    st.sampled_from(["week", "fortnight", "four_weeks", "month"]),
    st.integers(1, 730),
)
def test_repeated_days_are_the_same_weekday_in_order_and_never_too_many(
    first: date, how: str, ahead: int
) -> None:
    until = first + timedelta(days=ahead)
    found = dates_of(first, how, until, Holidays())
    assert len(found.days) <= MOST
    assert list(found.days) == sorted(set(found.days))
    assert all(first < day <= until and day.weekday() == first.weekday() for day in found.days)
    assert found.more <= (len(found.days) == MOST)


# Cancelling


def test_a_cancellation_can_be_undone_before_anybody_hears_of_it(kommune: Kommune) -> None:
    made = put_in(kommune)
    kommune.messages_at(datetime(2027, 1, 7, 8, 30, tzinfo=OSLO))
    asked = kommune.press(HANNE_SKOLEEIER, "meeting_cancel_ask", meeting=made.id)
    assert "5 personer har hørt om dette" in shown(asked)
    replies = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Avlys møtet"], because="Sykdom")
    assert "Møtet er avlyst: Sykdom" in shown(replies)
    back = kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Angre avlysningen"])
    assert "Møtet står i kalenderen igjen." in shown(back)
    (now,) = meetings(kommune)
    assert (now.cancelled_at, now.cancelled_because) == (None, "")
    sent = kommune.messages_at(kommune.now + timedelta(minutes=10))
    assert "avlyst" not in shown([one for replies in sent.values() for one in replies])
    twice = kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Angre avlysningen"])
    assert "ingen avlyste møter" in shown(twice)


def test_cancelling_twice_changes_nothing_more(kommune: Kommune) -> None:
    made = put_in(kommune)
    asked = kommune.press(HANNE_SKOLEEIER, "meeting_cancel_ask", meeting=made.id)
    kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Avlys møtet"], because="Sykdom")
    before = meetings(kommune)
    again = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Avlys møtet"], because="Noe annet")
    assert "avlyst fra før" in shown(again)
    assert meetings(kommune) == before


def test_a_reason_that_is_too_long_is_kept_and_told(kommune: Kommune) -> None:
    made = put_in(kommune)
    asked = kommune.press(HANNE_SKOLEEIER, "meeting_cancel_ask", meeting=made.id)
    again = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Avlys møtet"], because="x" * 501)
    assert "500 tegn" in errors_by_field(again)["because"]
    assert values(again)["because"] == "x" * 501
    assert meetings(kommune)[0].cancelled_at is None


def test_a_meeting_that_was_held_is_not_cancelled(kommune: Kommune) -> None:
    made = put_in(kommune)
    kommune.now = JANUARY + timedelta(days=1)
    for verb in ("meeting_cancel_ask", "meeting_cancel"):
        replies = kommune.press(HANNE_SKOLEEIER, verb, meeting=made.id)
        assert "Møtet er holdt, så det kan ikke avlyses." in shown(replies)


def test_all_that_is_left_of_a_series_is_cancelled_and_restored(kommune: Kommune) -> None:
    made = put_in(kommune)
    preview = repeat(kommune, made, "week", "2027-02-12")
    days = ",".join(day for day, _ in choice(preview, "days").options)
    kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn møtene"], days=days)
    _, second, *rest = meetings(kommune)
    asked = kommune.press(HANNE_SKOLEEIER, "meeting_cancel_ask", meeting=second.id)
    assert f"Alle {len(rest) + 1} møtene som gjenstår" in shown(asked)
    replies = kommune.follow(HANNE_SKOLEEIER, buttons(asked)["Avlys møtet"], which="rest")
    assert f"{len(rest) + 1} møter er avlyst." in shown(replies)
    assert [bool(one.cancelled_at) for one in meetings(kommune)] == [
        False,
        *[True] * (len(rest) + 1),
    ]
    back = kommune.follow(HANNE_SKOLEEIER, buttons(replies)["Angre avlysningen"])
    assert f"{len(rest) + 1} møter står i kalenderen igjen." in shown(back)
    assert not any(one.cancelled_at for one in meetings(kommune))


# Reading, and the size of the cards


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("12", "12:00"),
        ("12.00", "12:00"),
        ("12:30", "12:30"),
        ("kl 12", "12:00"),
        ("kl. 8.15", "8:15"),
        ("Klokka 8", "8:00"),
        ("1200", "12:00"),
        ("930", "9:30"),
        (" 9 ", "9:00"),
        ("0", "0:00"),
        ("24", "24:00"),
        ("24:01", None),
        ("25", None),
        ("12:60", None),
        ("tolv", None),
        ("", None),
        ("12:5", None),
        ("-1", None),
    ],
)
def test_a_clock_is_read_as_people_write_it(text: str, clock: str | None) -> None:
    found = read_clock(text)
    if clock is None:
        assert found is None
    else:
        hours, minutes = map(int, clock.split(":"))
        assert found == timedelta(hours=hours, minutes=minutes)


@pytest.mark.parametrize("letter", ["x", "ø"])
def test_the_cards_stay_small_however_much_is_written(kommune: Kommune, letter: str) -> None:
    long = {field: letter * longest for field, longest in LONGEST.items()}
    link = "https://teams.example/"
    long |= {
        "link": link + "x" * (LONGEST["link"] - len(link)),
        "audience_text": "personer: ",
        "begins": FILLED["begins"],
        "ends": FILLED["ends"],
    }
    form = fill_in(kommune, **long)
    preview = fill_in(kommune, **{**long, "audience_text": ""})
    assert "Legg inn møtet" in buttons(preview)
    made = put_in(kommune, **{**long, "audience_text": ""})
    changed = change(kommune, made, preparation="y" * LONGEST["preparation"])
    for replies in (form, preview, changed):
        activities = activities_for(card_of(replies))
        assert all(message_bytes(one) <= MESSAGE_BYTES + 500 for one in activities)


def test_a_meeting_that_is_gone_is_told(kommune: Kommune) -> None:
    for verb in ("meeting_form", "meeting_repeat", "meeting_cancel_ask", "meeting_cancel"):
        text = shown(kommune.press(HANNE_SKOLEEIER, verb, meeting="borte"))
        assert "slettet" in text or "finnes ikke" in text
    with kommune.session() as session:
        assert find_meeting(session, "borte") is None


def test_the_same_message_delivered_twice_is_answered_once(kommune: Kommune) -> None:
    put = buttons(fill_in(kommune))["Legg inn møtet"]
    message = Message(
        id="twice",
        conversation=f"chat with {HANNE_SKOLEEIER}",
        sender=HANNE_SKOLEEIER,
        arrived=kommune.now,
        kind=MessageKind.BUTTON,
        value=put.value,
    )
    assert kommune.assistant.handle(message)
    assert kommune.assistant.handle(message) == []
