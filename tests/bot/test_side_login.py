"""The way in to the page: nobody gets in but the person who pressed the number of that browser."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
import pytest_asyncio

from dialogs.messages import CardReply, TextReply
from knowledge.library import Library
from storage.database import Database
from storage.my_deletion import delete_mine
from storage.page_logins import delete_expired_logins
from storage.people import find_person, import_people
from tests.bot.side import Web, add_samples, number_on, serving
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    HANNE_SKOLEEIER,
    PEOPLE,
    UNKNOWN,
    Kommune,
)

pytestmark = pytest.mark.asyncio


@pytest.fixture(autouse=True)
def samples() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        add_samples(patch)
        yield


@pytest_asyncio.fixture
async def served(library: Library, database: Database) -> AsyncIterator[Web]:
    async with serving(Kommune(library, database)) as web:
        yield web


async def test_the_number_is_pressed_in_the_chat_and_the_browser_is_in(served: Web) -> None:
    tab = served.tab()
    path, numbers = served.ask(HANNE_SKOLEEIER)
    shown = await tab.get(path)
    number = number_on(shown)
    assert number in numbers
    assert f"Trykk på {number} i chatten" in shown.said
    assert "Gå tilbake til siden" in served.press(HANNE_SKOLEEIER, path, number)
    answer = await tab.post(path, await tab.fields(path))
    assert (answer.status, answer.headers["Location"]) == (303, "/side/")
    page = await tab.get("/side/prove")
    assert page.status == 200
    assert "Hanne Myhre" in page.said


async def test_the_cookies_are_for_this_host_alone_and_no_script_reads_them(served: Web) -> None:
    tab = await served.inside()
    given = [one for one in tab.set_cookies if "Max-Age=0" not in one]
    assert sorted(one.partition("=")[0] for one in given) == ["__Host-inn", "__Host-side"]
    for one in given:
        for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert attribute in one
        assert "Domain" not in one


async def test_the_database_holds_nothing_that_a_browser_could_show(served: Web) -> None:
    tab = await served.inside()
    with served.kommune.session() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM page_session").all()
    assert len(rows) == 1
    assert tab.cookies["__Host-side"] not in repr(rows)


async def test_opening_the_link_changes_nothing_however_often(served: Web) -> None:
    path, _ = served.ask(HANNE_SKOLEEIER)

    def rows() -> str:
        with served.kommune.session() as session:
            return repr(
                [
                    session.connection().exec_driver_sql(f"SELECT * FROM {table}").all()
                    for table in ("page_login", "page_session")
                ]
            )

    before = rows()
    for _ in range(5):
        scanner = served.tab()  # it keeps no cookies from one time to the next
        assert (await scanner.get(path)).status == 200
        assert (await scanner.send("HEAD", path)).status == 200
    assert rows() == before
    tab = served.tab()
    served.press(HANNE_SKOLEEIER, path, number_on(await tab.get(path)))
    assert (await tab.post(path, await tab.fields(path))).status == 303


async def test_the_number_stays_the_same_in_a_browser_and_differs_between_browsers(
    served: Web,
) -> None:
    path, numbers = served.ask(HANNE_SKOLEEIER)
    tab = served.tab()
    assert len({number_on(await tab.get(path)) for _ in range(5)}) == 1
    others = {number_on(await served.tab().get(path)) for _ in range(60)}
    assert others == set(numbers)


async def test_nobody_is_in_before_the_number_is_pressed(served: Web) -> None:
    tab = served.tab()
    path, _ = served.ask(HANNE_SKOLEEIER)
    shown = await tab.get(path)
    answer = await tab.post(path, await tab.fields(path))
    assert "Du har ikke trykket på" in answer.said
    assert number_on(answer) == number_on(shown)
    assert (await tab.get("/side/")).status == 401
    served.press(HANNE_SKOLEEIER, path, number_on(shown))
    assert (await tab.post(path, await tab.fields(path))).status == 303


async def test_a_link_is_good_once(served: Web) -> None:
    tab = served.tab()
    path, _ = served.ask(HANNE_SKOLEEIER)
    served.press(HANNE_SKOLEEIER, path, number_on(await tab.get(path)))
    fields = await tab.fields(path)
    guest = tab.cookies["__Host-inn"]
    assert (await tab.post(path, fields)).status == 303
    again = served.tab()
    again.cookies["__Host-inn"] = guest
    assert (await again.post(path, fields)).status == 404
    assert "__Host-side" not in again.cookies
    assert (await served.tab().get(path)).status == 404


async def test_after_ten_minutes_a_link_lets_nobody_in(served: Web) -> None:
    tab = served.tab()
    path, _ = served.ask(HANNE_SKOLEEIER)
    served.press(HANNE_SKOLEEIER, path, number_on(await tab.get(path)))
    fields = await tab.fields(path)
    served.kommune.now += timedelta(minutes=10)
    assert (await tab.post(path, fields)).status == 404
    late = await tab.get(path)
    assert late.status == 404
    assert "Skriv «siden»" in late.said


async def test_another_person_can_not_press_for_somebody_elses_link(served: Web) -> None:
    tab = served.tab()
    path, _ = served.ask(HANNE_SKOLEEIER)
    number = number_on(await tab.get(path))
    assert "virker ikke lenger" in served.press(ANE_LÆRER, path, number)
    answer = await tab.post(path, await tab.fields(path))
    assert "Du har ikke trykket på" in answer.said
    assert "__Host-side" not in tab.cookies


async def test_another_browser_with_the_link_is_not_let_in_by_the_number_of_the_first(
    served: Web,
) -> None:
    path, _ = served.ask(HANNE_SKOLEEIER)
    mine, thief = served.tab(), served.tab()
    number = number_on(await mine.get(path))
    while number_on(await thief.get(path)) == number:
        thief = served.tab()
    served.press(HANNE_SKOLEEIER, path, number)
    assert (await thief.post(path, await thief.fields(path))).status == 404
    assert "__Host-side" not in thief.cookies
    # The link is closed for both: something was wrong.
    assert (await mine.get(path)).status == 404


async def test_a_second_number_closes_the_link(served: Web) -> None:
    tab = served.tab()
    path, numbers = served.ask(HANNE_SKOLEEIER)
    number = number_on(await tab.get(path))
    fields = await tab.fields(path)
    wrong = next(one for one in numbers if one != number)
    served.press(HANNE_SKOLEEIER, path, wrong)
    assert "Skriv «siden»" in served.press(HANNE_SKOLEEIER, path, number)
    assert (await tab.post(path, fields)).status == 404


async def test_pressing_the_same_number_again_changes_nothing(served: Web) -> None:
    tab = served.tab()
    path, _ = served.ask(HANNE_SKOLEEIER)
    number = number_on(await tab.get(path))
    for _ in range(2):
        assert f"Du trykket på {number}" in served.press(HANNE_SKOLEEIER, path, number)
    assert (await tab.post(path, await tab.fields(path))).status == 303


@pytest.mark.parametrize(
    "name",
    ["x", "-", "abc-def", "a" * 48 + "-" + "0" * 40, "%F0%9F%98%80-æ", "%00-%00", "a" * 3_000],
)
async def test_a_forged_link_shows_the_same_as_one_that_is_used(served: Web, name: str) -> None:
    tab = served.tab()
    forged = await tab.get(f"/side/inn/{name}")
    path, _ = served.ask(HANNE_SKOLEEIER)
    served.kommune.now += timedelta(minutes=10)
    old = await tab.get(path)
    assert (forged.status, forged.body) == (old.status, old.body)
    assert not tab.cookies
    tab.cookies["__Host-inn"] = "noe"
    assert (await tab.post(f"/side/inn/{name}", {"nokkel": ""})).status == 403


async def test_another_site_can_not_send_the_browser_in(served: Web) -> None:
    tab = served.tab()
    path, _ = served.ask(HANNE_SKOLEEIER)
    served.press(HANNE_SKOLEEIER, path, number_on(await tab.get(path)))
    fields = await tab.fields(path)
    for headers in (
        {"Origin": "https://ondt.eksempel.no"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert (await tab.post(path, fields, **headers)).status == 403
    assert (await tab.send("POST", path, data=fields)).status == 403
    assert (await tab.post(path, {"nokkel": "0" * 64})).status == 403
    assert "__Host-side" not in tab.cookies
    assert (await tab.post(path, fields)).status == 303


@pytest.mark.parametrize(("idle", "status"), [(59, 200), (60, 401)])
async def test_a_session_ends_after_an_hour_without_use(
    served: Web, idle: int, status: int
) -> None:
    tab = await served.inside()
    served.kommune.now += timedelta(minutes=idle)
    assert (await tab.get("/side/prove")).status == status


async def test_a_session_ends_after_eight_hours_whatever_one_does(served: Web) -> None:
    tab = await served.inside()
    begun = served.kommune.now
    while served.kommune.now < begun + timedelta(hours=8, minutes=-30):
        served.kommune.now += timedelta(minutes=30)
        assert (await tab.get("/side/prove")).status == 200
    served.kommune.now = begun + timedelta(hours=8)
    assert (await tab.get("/side/prove")).status == 401


async def test_who_leaves_the_register_is_out_at_once(served: Web) -> None:
    tab = await served.inside()
    waiting = served.tab()
    path, _ = served.ask(HANNE_SKOLEEIER)
    served.press(HANNE_SKOLEEIER, path, number_on(await waiting.get(path)))
    fields = await waiting.fields(path)
    with served.kommune.session() as session:
        import_people(session, [one for one in PEOPLE if one.key != HANNE_SKOLEEIER], False)
    assert (await tab.get("/side/prove")).status == 401
    assert (await waiting.post(path, fields)).status == 404
    with served.kommune.session() as session:
        assert delete_expired_logins(session, served.kommune.now) == 3  # two logins, one session


async def test_logging_out_ends_the_session_also_for_a_copied_cookie(served: Web) -> None:
    tab = await served.inside()
    copied = served.tab()
    copied.cookies = dict(tab.cookies)
    assert (await copied.get("/side/prove")).status == 200
    assert (await tab.post("/side/ut", {"nokkel": "feil"})).status == 403
    left = await tab.post("/side/ut", await tab.fields("/side/prove"))
    assert "Du er logget ut" in left.said
    assert "__Host-side" not in tab.cookies
    assert (await copied.get("/side/prove")).status == 401


async def test_all_of_somebodys_ways_in_can_be_closed(served: Web) -> None:
    tab, other = await served.inside(), await served.inside(ANE_LÆRER)
    with served.kommune.session() as session:
        hanne = find_person(session, HANNE_SKOLEEIER)
        assert hanne is not None
        delete_mine(session, hanne)
    assert (await tab.get("/side/prove")).status == 401
    assert (await other.get("/side/prove")).status == 200


async def test_the_way_in_is_in_the_language_of_the_person(served: Web) -> None:
    path, _ = served.ask(BJØRN_LÆRER)
    shown = await served.tab().get(path)
    assert '<html lang="nn"' in shown.text
    assert "Talet ditt er" in shown.said
    stranger = await served.tab().get("/side/", **{"Accept-Language": "nn-NO,nb;q=0.5"})
    assert "Du er ikkje logga inn" in stranger.said


@pytest.mark.parametrize("word", ["siden", "Nettsiden", "nettsida!", "åpne siden"])
async def test_the_page_is_asked_for_in_the_chat(served: Web, word: str) -> None:
    for _ in range(2):  # again at once is no repeat: the first may be lost
        [card] = served.kommune.write(HANNE_SKOLEEIER, word)
        assert isinstance(card, CardReply)
        assert len({one.title for one in card.buttons}) == 6
    [reply] = served.kommune.write(UNKNOWN, word)
    assert isinstance(reply, TextReply)
