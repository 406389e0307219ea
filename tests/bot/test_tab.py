"""The page as a tab in Teams: who is let in, what they are shown, and in whose frame."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from bot.pages.tab import SCRIPTS, TEAMS_HOSTS
from bot.settings import Settings
from bot.tab_tokens import TabTokenCheck
from bot.web import build_app
from dialogs.browser import FILES, PAGE_VERBS, PAGES
from dialogs.wording import read_wordings
from knowledge.library import Library
from storage.database import Database
from storage.people import find_person, import_people
from tests.bot.entra import Entra
from tests.bot.fakes import APP_ID, PRODUCTION, TENANT
from tests.bot.side import HTTPS, LOCAL, SECRET, Answer, Tab, Web, serving
from tests.bot.side_window import AXE
from tests.bot.test_tab_tokens import REFUSED
from tests.dialogs.kommune import ANE_LÆRER, HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER, PEOPLE, Kommune

pytestmark = pytest.mark.asyncio

STRANGER = "77777777-7777-4777-8777-777777777777"
IN_TEAMS = f"frame-ancestors {TEAMS_HOSTS};"
NOWHERE = "frame-ancestors 'none'"
NB, NN = (read_wordings()[one] for one in ("nb", "nn"))


class Teams:
    """A kommune with its page, and Teams, which signs people in to it."""

    def __init__(self, served: Web, entra: Entra) -> None:
        self.served, self.entra = served, entra

    async def enter(
        self, tab: Tab, token: str, said: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = {
            "Origin": tab.origin,
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }
        data = said if isinstance(said, bytes) else json.dumps(said or {}).encode()
        sent |= headers or {}
        return await tab.send("POST", "/fane/inn", data=data, headers=sent)

    async def inside(self, who: str, said: Any = None, **claims: Any) -> Tab:
        tab = self.served.tab()
        answer = await self.enter(tab, self.entra.tab_token(oid=who, **claims), said)
        assert answer.status == 200, answer.text
        return tab


@pytest_asyncio.fixture
async def teams(library: Library, database: Database) -> AsyncIterator[Teams]:
    entra = Entra()
    async with entra.running() as outside, serving(Kommune(library, database)) as served:
        check = TabTokenCheck(PRODUCTION, outside)
        served.in_teams.begin(check)
        yield Teams(served, entra)
        await served.in_teams.close()


def ask(tab_fields: dict[str, str], question: str) -> dict[str, str]:
    return {**tab_fields, "trykk": '{"verb": "page_ask"}', "felt.question": question}


# The way in


async def test_who_is_in_the_register_gets_the_page_in_the_frame_of_teams(teams: Teams) -> None:
    tab = teams.served.tab()
    answer = await teams.enter(tab, teams.entra.tab_token(oid=HANNE_SKOLEEIER))
    assert json.loads(answer.text) == {"til": "/side/"}
    page = await tab.get("/side/")
    assert page.status == 200
    assert "Hanne Myhre" in page.said
    assert IN_TEAMS in page.headers["Content-Security-Policy"] + ";"
    assert NOWHERE not in page.headers["Content-Security-Policy"]
    assert "script-src" not in page.headers["Content-Security-Policy"]


async def test_the_cookies_of_the_tab_are_for_a_frame_of_another_site(teams: Teams) -> None:
    tab = await teams.inside(HANNE_SKOLEEIER)
    assert [one.partition("=")[0] for one in tab.set_cookies] == [
        "__Host-fane",
        "__Host-fane-visning",
    ]
    for one in tab.set_cookies:
        assert one.endswith("; Path=/; Secure; HttpOnly; SameSite=None; Partitioned")
        assert "Domain" not in one


async def test_the_way_in_from_the_chat_is_still_there_and_in_nobodys_frame(teams: Teams) -> None:
    tab = await teams.served.inside(ANE_LÆRER)
    page = await tab.get("/side/")
    assert "Ane Solbakk" in page.said
    assert NOWHERE in page.headers["Content-Security-Policy"]


async def test_a_browser_session_is_no_session_of_the_tab_and_the_other_way_round(
    teams: Teams,
) -> None:
    chat = await teams.served.inside(ANE_LÆRER)
    in_teams = await teams.inside(HANNE_SKOLEEIER)
    swapped = teams.served.tab()
    swapped.cookies["__Host-fane"] = chat.cookies["__Host-side"]
    assert (await swapped.get("/side/")).status == 401
    swapped.cookies = {"__Host-side": in_teams.cookies["__Host-fane"]}
    assert (await swapped.get("/side/")).status == 401


async def test_of_two_sessions_the_browsers_own_is_used_and_else_the_tabs(teams: Teams) -> None:
    tab = await teams.served.inside(ANE_LÆRER)
    tab.cookies |= (await teams.inside(HANNE_SKOLEEIER)).cookies
    page = await tab.get("/side/")
    assert "Ane Solbakk" in page.said
    assert NOWHERE in page.headers["Content-Security-Policy"]
    tab.cookies["__Host-side"] = "ended"
    page = await tab.get("/side/")
    assert "Hanne Myhre" in page.said
    assert IN_TEAMS in page.headers["Content-Security-Policy"] + ";"


async def test_every_refused_token_is_answered_the_same_and_lets_nobody_in(
    teams: Teams, caplog: pytest.LogCaptureFixture
) -> None:
    answers = set()
    for make in REFUSED.values():
        tab = teams.served.tab()
        answer = await teams.enter(tab, make(teams.entra).replace("\n", ""))
        answers.add((answer.status, answer.text))
        assert not tab.cookies
    assert answers == {(401, '{"feil": "avvist"}')}
    assert "eyJ" not in caplog.text
    assert "hanne" not in caplog.text.lower()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://teams.microsoft.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
    ],
    ids=str,
)
async def test_only_our_own_page_may_hand_over_a_token(
    teams: Teams, headers: dict[str, str], status: int
) -> None:
    tab = teams.served.tab()
    answer = await teams.enter(tab, teams.entra.tab_token(), headers=headers)
    assert answer.status == status
    assert bool(tab.cookies) == (status == 200)


@pytest.mark.parametrize(
    "said",
    [b"", b"{", b"[]", b'"x"', b"7", b'{"tema": {}, "sprak": 7}', b'{"tema": "\xff"}', b"[" * 4000],
)
async def test_a_body_that_is_not_understood_is_no_hindrance(teams: Teams, said: bytes) -> None:
    tab = teams.served.tab()
    assert (await teams.enter(tab, teams.entra.tab_token(), said)).status == 200
    assert tab.cookies["__Host-fane-visning"] == "auto-"


async def test_a_large_body_is_refused(teams: Teams) -> None:
    answer = await teams.enter(teams.served.tab(), teams.entra.tab_token(), b" " * 5000)
    assert answer.status == 413


async def test_the_same_token_again_is_another_session_and_the_first_one_of_the_tab_ends(
    teams: Teams,
) -> None:
    """Whoever has a token may use it until it ends; it gives no more than it did."""
    token = teams.entra.tab_token(oid=HANNE_SKOLEEIER)
    tab, other = teams.served.tab(), teams.served.tab()
    for one in (tab, other):
        assert (await teams.enter(one, token)).status == 200
    first = tab.cookies["__Host-fane"]
    assert first != other.cookies["__Host-fane"]
    assert (await teams.enter(tab, token)).status == 200
    assert (await tab.get("/side/")).status == 200
    assert (await other.get("/side/")).status == 200
    tab.cookies["__Host-fane"] = first
    assert (await tab.get("/side/")).status == 401


async def test_a_session_of_the_tab_ends_and_says_so_in_the_frame(teams: Teams) -> None:
    tab = await teams.inside(HANNE_SKOLEEIER)
    for _ in range(9):
        teams.served.kommune.now += timedelta(minutes=55)
        answer = await tab.get("/side/")
    assert answer.status == 401
    assert NB.say("tab_ended") in answer.said
    assert 'href="/fane"' in answer.text
    assert IN_TEAMS in answer.headers["Content-Security-Policy"] + ";"


async def test_logging_out_of_the_tab_ends_its_session(teams: Teams) -> None:
    tab = await teams.inside(HANNE_SKOLEEIER)
    held, fields = tab.cookies["__Host-fane"], await tab.fields("/side/")
    answer = await tab.post("/side/ut", fields)
    assert NB.say("tab_left") in answer.said
    assert IN_TEAMS in answer.headers["Content-Security-Policy"] + ";"
    assert "__Host-fane" not in tab.cookies
    tab.cookies["__Host-fane"] = held
    assert (await tab.get("/side/")).status == 401


async def test_a_form_of_the_tab_needs_its_token_and_our_origin(teams: Teams) -> None:
    tab = await teams.inside(HANNE_SKOLEEIER)
    fields = ask(await tab.fields("/side/spor"), "Hva er PRUVA?")
    assert (await tab.post("/side/trykk", fields)).status == 200
    assert (await tab.post("/side/trykk", {**fields, "nokkel": "0" * 64})).status == 403
    elsewhere = {"Origin": "https://teams.microsoft.com"}
    assert (await tab.post("/side/trykk", fields, **elsewhere)).status == 403
    assert (await tab.post("/side/ut", {"nokkel": "0" * 64})).status == 403


@pytest.mark.parametrize(
    ("theme", "shown"),
    [("dark", "dark"), ("contrast", "dark"), ("default", "light"), ("x", "auto")],
)
async def test_the_page_has_the_theme_of_teams(teams: Teams, theme: str, shown: str) -> None:
    tab = await teams.inside(HANNE_SKOLEEIER, {"tema": theme, "sprak": "nb-no"})
    for path in ("/side/", "/side/finnes-ikke"):
        assert f'data-color-scheme="{shown}"' in (await tab.get(path)).text


@pytest.mark.parametrize("cookie", ["", "dark", "-", "<b>-<b>", "dark-xx", "æ" * 300])
async def test_a_look_that_is_none_is_ours(teams: Teams, cookie: str) -> None:
    tab = await teams.inside(HANNE_SKOLEEIER)
    tab.cookies["__Host-fane-visning"] = cookie
    page = await tab.get("/side/")
    assert page.status == 200
    assert re.search(r'data-color-scheme="(auto|dark)"', page.text)


# Strangers: of the kommune, and not in the register


async def test_a_stranger_asks_the_plan_and_gets_the_answer_of_the_chat(teams: Teams) -> None:
    tab = teams.served.tab()
    answer = await teams.enter(tab, teams.entra.tab_token(oid=STRANGER))
    assert json.loads(answer.text) == {"til": "/side/spor"}
    assert (await tab.get("/side/")).headers["Location"] == "/side/spor"
    page = await tab.get("/side/spor")
    assert NB.say("tab_stranger") in page.said
    assert IN_TEAMS in page.headers["Content-Security-Policy"] + ";"
    fields = ask(await tab.fields("/side/spor"), "Hva er PRUVA?")
    answered = await tab.post("/side/trykk", fields)
    [reply] = teams.served.kommune.write(ANE_LÆRER, "Hva er PRUVA?")
    first, *_, source = reply.text.split("\n")  # type: ignore[union-attr]
    assert first in answered.said
    assert source in answered.said
    assert "Hva er PRUVA?" in answered.text  # to be asked otherwise


async def test_every_path_of_the_page_but_one_is_closed_to_a_stranger(teams: Teams) -> None:
    """Every route, every page and file that a module has, every button."""
    tab = await teams.inside(STRANGER)
    opened = []
    for first in [*PAGES, *FILES]:
        for rest in ("", "/1", "/00000000000000000000000000000000"):
            for path in (
                f"/side/{first}{rest}",
                f"/side/bilde/{first}{rest}?_nr=0",
                *(f"/side/fil/{first}{rest or '/'}.{one}" for one in ("xlsx", "csv", "docx")),
            ):
                answer = await tab.get(path)
                if answer.status == 200:
                    opened.append(path)
                else:
                    assert answer.status in (302, 404), path
                    assert answer.headers.get("Location", "/side/spor") == "/side/spor"
    assert opened == ["/side/spor"]
    fields = await tab.fields("/side/spor")
    before = _everything(teams)
    refused = NB.say("old_button")
    for verb in PAGE_VERBS:
        pressed = {**fields, "trykk": json.dumps({"verb": verb, "sure": True})}
        said = (await tab.post("/side/trykk", pressed)).said
        assert (refused in said) == (verb != "page_ask"), verb
    assert _everything(teams) == before


async def test_every_route_of_the_page_is_closed_to_a_stranger_but_those_we_know(
    teams: Teams,
) -> None:
    known = {
        "/side": 302,
        "/side/inn/{login}": 404,
        "/side/trykk": 403,  # without a token
        "/side/ut": 403,
        "/side/fil/{path}.{ext}": 404,
        "/side/bilde/{path}": 404,
        "/side/{path}": 404,
    }
    tab, found = await teams.inside(STRANGER), {}
    for route in teams.served.app.router.routes():
        resource = route.resource.canonical if route.resource else ""
        if resource.startswith("/side") and route.method != "HEAD":
            path = resource.replace("{path}", "runder").replace("{ext}", "csv")
            status = (await tab.send(route.method, path.replace("{login}", "a-b"))).status
            found[resource] = status
    assert found == known | {"/side/inn/{login}": 403}  # the last of its two: a POST


async def test_a_question_on_the_page_is_kept_nowhere_and_a_worry_is_told_where_to_go(
    teams: Teams,
) -> None:
    tab = await teams.inside(STRANGER)
    before = _everything(teams)
    fields = await tab.fields("/side/spor")
    worry = "En elev sa at faren slår henne hjemme"
    said = await tab.post("/side/trykk", ask(fields, worry))
    assert NB.say("worry").split("\n")[0] in said.said
    assert worry not in said.said
    unknown = await tab.post("/side/trykk", ask(fields, "Når går bussen til månen?"))
    assert "Når går bussen til månen?" in unknown.text
    assert _everything(teams) == before


async def test_an_empty_question_says_what_to_do(teams: Teams) -> None:
    tab = await teams.inside(STRANGER, {"sprak": "nn-NO"})
    for question in ("", "  \n "):
        answer = await tab.post("/side/trykk", ask(await tab.fields("/side/spor"), question))
        assert NN.say("tab_ask_empty") in answer.said


async def test_who_leaves_the_register_is_a_stranger_at_once(teams: Teams) -> None:
    tab = await teams.inside(HANNE_SKOLEEIER)
    with teams.served.kommune.session() as session:
        rest = [one for one in PEOPLE if one.key != HANNE_SKOLEEIER]
        import_people(session, rest, dry_run=False)
    assert (await tab.get("/side/")).headers["Location"] == "/side/spor"
    assert (await tab.get("/side/runder")).status == 404


# App roles


@pytest.mark.parametrize(
    ("app_roles", "role"),
    [
        (["skoleeierteam"], "skoleeierteam"),
        (["fagradgiver"], "fagrådgiver"),
        (["Fagrådgiver"], "fagrådgiver"),
        (["administrator"], "administrator"),
        (["tillitsvalgt"], "tillitsvalgt"),
        (["tillitsvalgt", "noe.annet", "skoleeierteam"], "skoleeierteam"),
        (["rektor"], None),
        (["avdelingsleder", "lærer"], None),
        (["Administrator.ReadWrite.All"], None),
        ([], None),
    ],
    ids=str,
)
async def test_an_app_role_that_needs_no_school_lets_in(
    teams: Teams, app_roles: list[str], role: str | None
) -> None:
    tab = await teams.inside(STRANGER.upper(), name="Åse Vik", roles=app_roles)
    with teams.served.kommune.session() as session:
        person = find_person(session, STRANGER)
    assert (person.role if person else None) == role
    page = await tab.get("/side/")
    assert page.status == (302 if role is None else 200)
    assert role is None or "Åse Vik" in page.said


async def test_who_loses_the_app_role_loses_the_access_at_the_next_sign_in(teams: Teams) -> None:
    tab = await teams.inside(STRANGER, roles=["administrator"])
    assert (await tab.get("/side/")).status == 200
    other = await teams.inside(STRANGER, roles=["tillitsvalgt"])
    with teams.served.kommune.session() as session:
        person = find_person(session, STRANGER)
        assert person is not None
        assert person.role == "tillitsvalgt"
    await teams.inside(STRANGER)
    for one in (tab, other):
        assert (await one.get("/side/")).status == 302


async def test_the_register_goes_before_app_roles(teams: Teams) -> None:
    for app_roles in (["administrator"], []):
        tab = await teams.inside(IVAR_FAGRÅDGIVER, name="Administratoren", roles=app_roles)
        assert "Ivar Kleiva" in (await tab.get("/side/")).said
        with teams.served.kommune.session() as session:
            person = find_person(session, IVAR_FAGRÅDGIVER)
        assert person == next(one for one in PEOPLE if one.key == IVAR_FAGRÅDGIVER)


async def test_who_has_no_name_is_let_in_all_the_same(teams: Teams) -> None:
    tab = await teams.inside(STRANGER, name=None, roles=["administrator"])
    assert NB.say("tab_no_name") in (await tab.get("/side/")).said


# The page that signs in


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [
        ("/fane", "nb-NO", "nb"),
        ("/fane", "nn-NO,nb", "nn"),
        ("/fane?sprak=nn-no", "nb", "nn"),
        ("/fane?sprak=nb-no&tema=dark", "nn", "nb"),
        ("/fane?sprak=en-us&tema=%3Cscript%3E", "nb", "nb"),
    ],
)
async def test_the_page_that_signs_in_runs_our_own_scripts_alone(
    teams: Teams, path: str, accepts: str, language: str
) -> None:
    answer = await teams.served.tab().get(path, **{"Accept-Language": accepts})
    assert answer.status == 200
    assert f'<html lang="{language}"' in answer.text
    assert NB.say("tab_wait") in answer.said or language == "nn"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; connect-src 'self';" in policy
    assert "unsafe" not in policy
    assert IN_TEAMS in policy
    assert re.findall(r'<script src="([^"]+)" defer></script>', answer.text) == [
        "/fane/teams.js",
        "/fane/fane.js",
    ]
    assert answer.text.count("<script") == 2
    assert answer.headers["Strict-Transport-Security"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


async def test_the_scripts_are_scripts_and_packed(teams: Teams) -> None:
    tab = teams.served.tab()
    for name in ("teams.js", "fane.js"):
        answer = await tab.get(f"/fane/{name}", **{"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.body == (SCRIPTS / name).read_bytes()
    assert (await tab.get("/fane/finnes-ikke.js")).status == 404


async def test_teamsjs_is_that_of_the_package() -> None:
    package = AXE.parents[1] / "@microsoft" / "teams-js" / "dist" / "umd"
    if not package.is_dir():
        pytest.skip("trenger npm-pakken @microsoft/teams-js (kjør make setup)")
    theirs = (package / "MicrosoftTeams.min.js").read_bytes()
    assert (SCRIPTS / "teams.js").read_bytes() == theirs


async def test_on_ones_own_machine_the_tab_says_that_it_can_not(
    library: Library, database: Database
) -> None:
    async with serving(Kommune(library, database), LOCAL) as served:
        tab = served.tab()
        page = await tab.get("/fane")
        assert NB.say("tab_local") in page.said
        assert NB.say("tab_way_in") in page.said
        assert "<script" not in page.text
        headers = {"Origin": tab.origin, "Content-Type": "application/json"}
        answer = await tab.send("POST", "/fane/inn", data=b"{}", headers=headers)
        assert answer.status == 401


async def test_the_running_bot_serves_the_tab(library: Library, database: Database) -> None:
    """All of it built as `serve` builds it, with Entra outside."""
    entra, kommune = Entra(), Kommune(library, database)
    settings = Settings(
        public_url=HTTPS.public_url, app_id=APP_ID, app_password="x", tenant_id=TENANT
    )
    async with entra.running() as outside, aiohttp.ClientSession() as caller:
        app = build_app(
            settings, kommune.assistant, secret=SECRET, site=kommune.assistant, session=outside
        )
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            tab = Tab(caller, url, settings.public_url)
            sent = {
                "Origin": tab.origin,
                "Content-Type": "application/json",
                "Authorization": f"Bearer {entra.tab_token(oid=HANNE_SKOLEEIER)}",
            }
            assert (await tab.send("POST", "/fane/inn", data=b"{}", headers=sent)).status == 200
            assert "Hanne Myhre" in (await tab.get("/side/")).said
            assert entra.entra_fetches == 1
        finally:
            await runner.cleanup()


def _everything(teams: Teams) -> list[str]:
    """All that the database holds, but when sessions were used."""
    with teams.served.kommune.session() as session:
        connection = session.connection()
        tables = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'page_session'"
        ).all()
        return [
            repr(connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()) for (name,) in tables
        ]
