"""The address of one's own calendar over HTTP: what it gives, to whom, and what it never tells."""

import logging
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from bot.links import Links
from dialogs.messages import Event, Moments, Paper
from tests.bot.fakes import LINKS, LOCAL, SECRET, FakeAssistant, serving

FEED = "0123456789abcdef0123456789abcdef"
STARTS = datetime(2026, 12, 3, 11, tzinfo=UTC)
MEETING = Event(
    "meeting-1",
    "Skoleledermøte",
    date(2026, 12, 3),
    date(2026, 12, 3),
    "Tema: Elevmedvirkning",
    Moments(starts=STARTS, ends=STARTS + timedelta(hours=2), changed_at=STARTS - timedelta(9)),
)
PAPER = Paper("Møter fra Kvalitetsbot", (), events=(MEETING,))


def assistant_with(paper: Paper | None = PAPER) -> FakeAssistant:
    assistant = FakeAssistant()
    if paper is not None:
        assistant.calendars[FEED] = paper
    return assistant


def path_of(address: str) -> str:
    return address.removeprefix("https://bot.eksempel.no")


ADDRESS = path_of(LINKS.calendar(FEED))


async def fetched(
    path: str = ADDRESS,
    *,
    method: str = "GET",
    assistant: FakeAssistant | None = None,
    **headers: str,
) -> tuple[int, dict[str, str], bytes]:
    asked = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        serving(assistant or assistant_with(), settings=LOCAL) as client,
        client.session.request(method, client.url + path, headers=asked) as response,
    ):
        return response.status, dict(response.headers), await response.read()


def test_the_address_is_the_same_each_time_and_long_enough_not_to_be_guessed() -> None:
    assert LINKS.calendar(FEED) == LINKS.calendar(FEED)
    mac = LINKS.calendar(FEED).removesuffix(".ics").rpartition("-")[2]
    assert len(mac) * 4 >= 128
    assert LINKS.read_calendar(ADDRESS.rpartition("/")[2]) == FEED


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-",
        ".ics",
        f"{FEED}.ics",
        f"{FEED}-.ics",
        f"{FEED}-{'0' * 40}.ics",
        f"{FEED}-æ.ics",
        "a" * 5000,
        LINKS.calendar("annen").rpartition("/")[2].replace("annen", FEED),
        Links("en annen", "https://bot.eksempel.no").calendar(FEED).rpartition("/")[2],
        ADDRESS.rpartition("/")[2].removesuffix(".ics")[:-1] + ".ics",
    ],
)
def test_the_id_alone_gives_no_address(name: str) -> None:
    """What stands in the database is the id; the rest takes the secret."""
    assert LINKS.read_calendar(name) == ""


@pytest.mark.asyncio
async def test_it_gives_a_calendar_that_says_how_often_to_come_back() -> None:
    status, headers, body = await fetched()
    assert status == 200
    assert headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert headers["Cache-Control"] == "private, max-age=300"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in body
    assert b"X-PUBLISHED-TTL:PT6H\r\n" in body
    calendar = Calendar.from_ical(body)
    assert calendar["x-wr-calname"] == "Møter fra Kvalitetsbot"
    [event] = calendar.walk("VEVENT")
    assert event["summary"] == "Skoleledermøte"
    assert event.decoded("dtstart") == STARTS


@pytest.mark.asyncio
async def test_what_has_not_changed_is_not_sent_again() -> None:
    _, first, _ = await fetched()
    status, headers, body = await fetched(If_None_Match=first["Etag"])
    assert (status, body) == (304, b"")
    assert headers["Etag"] == first["Etag"]
    assert headers["Cache-Control"] == "private, max-age=300"
    for tag in (f'"x", W/{first["Etag"]}', "*"):
        assert (await fetched(If_None_Match=tag))[0] == 304
    moved = assistant_with(replace(PAPER, events=(replace(MEETING, title="Flyttet"),)))
    status, headers, _ = await fetched(assistant=moved, If_None_Match=first["Etag"])
    assert status == 200
    assert headers["Etag"] != first["Etag"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "path",
    [
        f"/kalender/{FEED}.ics",
        f"/kalender/{FEED}-{'0' * 40}.ics",
        "/kalender/x",
        path_of(LINKS.calendar("f" * 32)),
        path_of(Links("en annen", "https://bot.eksempel.no").calendar(FEED)),
    ],
    ids=["id alone", "forged", "nonsense", "renewed", "another bot"],
)
async def test_an_address_that_does_not_work_says_what_to_do_and_nothing_else(path: str) -> None:
    status, headers, body = await fetched(path)
    assert status == 404
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    text = body.decode()
    assert "Skriv «kalenderlenke»" in text
    assert "verkar ikkje lenger" in text
    assert "VCALENDAR" not in text


@pytest.mark.asyncio
async def test_every_address_is_looked_up_so_that_time_tells_nothing() -> None:
    assistant = assistant_with()
    for path in (ADDRESS, "/kalender/x", f"/kalender/{FEED}.ics"):
        await fetched(path, assistant=assistant)
    assert assistant.looked_up == [FEED, "", ""]


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "PROPFIND"])
async def test_it_is_only_read(method: str) -> None:
    status, headers, _ = await fetched(method=method)
    assert status == 405
    assert headers["Allow"] == "GET"


@pytest.mark.asyncio
async def test_the_address_stands_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeAssistant):
        def calendar(self, feed: str) -> Paper | None:
            raise RuntimeError(f"{feed} {SECRET}")

    caplog.set_level(logging.DEBUG)
    forged = f"/kalender/{FEED}-{'0' * 40}.ics"
    await fetched()
    await fetched(forged)
    status, _, body = await fetched(assistant=Broken())
    assert (status, body) == (500, b'{"error": "internal"}')
    assert "action=calendar_refused" in caplog.text
    assert "action=request_failed" in caplog.text
    assert FEED not in caplog.text
    assert SECRET not in caplog.text
