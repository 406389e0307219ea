"""Every address of the page: who gets what, with which headers, and what a form must carry."""

import gzip
import io
import re
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp.test_utils import make_mocked_request
from docx import Document
from openpyxl import load_workbook

from bot.pages.side_handlers import PICTURE_POLICY
from bot.pages.side_pages import HEADERS
from bot.pages.visits import NotOurs, Visits
from bot.settings import Settings
from dialogs import assistant, browser
from knowledge.library import Library
from storage.database import Database
from tests.bot.side import LOCAL, Answer, Tab, Web, add_samples, number_on, serving
from tests.dialogs.kommune import ANE_LÆRER, HANNE_SKOLEEIER, Kommune

pytestmark = pytest.mark.asyncio

# A path for each route that somebody must be in to use, and what it answers who is.
INSIDE = {
    ("GET", "/side/{path}"): ("/side/prove", 200),
    ("GET", "/side/fil/{path}.{ext}"): ("/side/fil/prove/1.csv", 200),
    ("GET", "/side/bilde/{path}"): ("/side/bilde/prove?_nr=0&_tema=dark", 200),
    ("POST", "/side/trykk"): ("/side/trykk", 403),
    ("POST", "/side/ut"): ("/side/ut", 403),
}
# And those that are for anybody.
OUTSIDE = {
    ("GET", "/side"): ("/side", 302),
    ("GET", "/side/inn/{login}"): ("/side/inn/abc-def", 404),
    ("POST", "/side/inn/{login}"): ("/side/inn/abc-def", 403),
}
SAVE = '{"verb": "prove_save"}'


@pytest.fixture(autouse=True)
def samples() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        add_samples(patch)
        yield


@pytest_asyncio.fixture
async def served(library: Library, database: Database) -> AsyncIterator[Web]:
    async with serving(Kommune(library, database)) as web:
        yield web


def routes(served: Web) -> set[tuple[str, str]]:
    return {
        (route.method, route.resource.canonical)
        for route in served.app.router.routes()
        if route.resource is not None
        and route.resource.canonical.startswith("/side")
        and route.method != "HEAD"
    }


def guarded(answer: Answer) -> bool:
    policy = answer.headers.get("Content-Security-Policy")
    own = {**HEADERS, "Content-Security-Policy": policy}
    return (
        policy in (HEADERS["Content-Security-Policy"], PICTURE_POLICY)
        and all(answer.headers.get(name) == value for name, value in own.items())
        and answer.headers.get("Strict-Transport-Security", "").startswith("max-age=31536000")
    )


async def test_every_route_stands_in_the_table(served: Web) -> None:
    assert routes(served) == {*INSIDE, *OUTSIDE}


@pytest.mark.parametrize("session", ["none", "false", "true"])
async def test_every_route_answers_by_who_asks_and_with_the_headers_of_the_page(
    served: Web, session: str
) -> None:
    tab = await served.inside() if session == "true" else served.tab()
    if session == "false":
        tab.cookies["__Host-side"] = "æ" * 40
    for (method, _), (path, status) in {**INSIDE, **OUTSIDE}.items():
        answer = await tab.send(method, path, headers={"Origin": tab.origin})
        inside = path in dict(INSIDE.values())
        if path == "/side/ut":
            assert answer.status == 403  # without a token, whoever asks
        elif inside and session != "true":
            assert answer.status == 401
            assert "Skriv «siden» til Kvalitetsbot" in answer.said
        else:
            assert answer.status == status, (path, answer.said)
        assert guarded(answer), (path, answer.headers)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/side/trykk"),
        ("DELETE", "/side/prove"),
        ("POST", "/side/finnes-ikke"),
        ("GET", "/side/finnes-ikke"),
        ("GET", "/side/prove/2"),
        ("GET", "/side/%00"),
        ("GET", "/side/%ff%fe"),
        ("GET", "/side/" + "a" * 2_000),
        ("GET", "/side/fil/prove/2.xlsx"),
        ("GET", "/side/fil/prove/1.exe"),
        ("GET", "/side/fil/../prove.csv"),
        ("GET", "/side/bilde/prove?_nr=99"),
        ("GET", "/side/bilde/prove?_nr=-1"),
        ("GET", "/side/bilde/prove?_nr=%D9%A1"),
        ("GET", "/side/bilde/prove"),
    ],
)
async def test_what_is_not_there_is_a_page_that_says_so(
    served: Web, method: str, path: str
) -> None:
    tab = await served.inside()
    answer = await tab.send(method, path, headers={"Origin": tab.origin})
    assert answer.status in (404, 405)
    assert "Finner ikke siden" in answer.said
    assert guarded(answer)


async def test_a_fault_tells_nothing_of_what_was_in_it(
    served: Web, caplog: pytest.LogCaptureFixture
) -> None:
    tab = await served.inside()
    pressed = {**await tab.fields("/side/prove"), "trykk": '{"verb": "prove_fail"}'}
    for answer in (await tab.get("/side/prove/feil"), await tab.post("/side/trykk", pressed)):
        assert answer.status == 500
        assert "feil hos oss" in answer.said
        assert "hemmelig" not in answer.text
        assert guarded(answer)
    assert "hemmelig" not in caplog.text


async def test_a_press_runs_the_handler_of_the_chat_with_the_fields_of_the_form(
    served: Web,
) -> None:
    tab = await served.inside()
    fields = [
        *(await tab.fields("/side/prove")).items(),
        ("felt.hort", "Mye\r\nog <b>mer</b>"),
        ("felt.flere", ""),
        ("felt.flere", "l"),
        ("felt.flere", "t"),
        ("felt.hvem", ""),
        ("trykk", '{"verb": "prove_save", "runde": "1"}'),
    ]
    answer = await tab.post("/side/trykk", fields)
    assert answer.status == 200
    assert "Lagret: flere=l,t, hort=Mye og <b>mer</b>, hvem=, runde=1" in " ".join(
        answer.said.split()
    )
    assert "Tilbake til Refleksjoner i november" in answer.said
    assert 'href="/side/prove"' in answer.text
    assert "Runder" in answer.said  # the menu is there still


async def test_a_button_without_inputs_sends_only_what_it_carries(served: Web) -> None:
    tab = await served.inside()
    fields = {
        **await tab.fields("/side/prove"),
        "felt.hort": "noe",
        "trykk-alene": '{"verb": "prove_back"}',
    }
    answer = await tab.post("/side/trykk", fields)
    assert "Fra ['verb']" in answer.said
    assert "Et kort" in answer.said
    assert "Lagre igjen" in answer.said
    # What only the chat can do is not offered.
    assert ">Chat<" not in answer.text


async def test_a_form_of_several_steps_keeps_the_page_that_it_began_on(served: Web) -> None:
    """Its answers have the menu and the way back, however many times one presses."""
    tab = await served.inside()
    fields = await tab.fields("/side/prove")
    first = await tab.post("/side/trykk", {**fields, "trykk-alene": '{"verb": "prove_back"}'})
    assert 'name="fra" value="/side/prove"' in first.text
    assert 'href="/side/prove"' in first.text


async def test_only_buttons_of_the_page_can_be_pressed_on_it(served: Web) -> None:
    tab = await served.inside()
    chat_only = set(assistant.VERBS) - browser.PAGE_VERBS
    assert "page_number" in chat_only
    for verb in sorted(chat_only)[:20]:
        fields = {**await tab.fields("/side/prove"), "trykk": f'{{"verb": "{verb}"}}'}
        answer = await tab.post("/side/trykk", fields)
        assert "knappen" in answer.said.lower()


@pytest.mark.parametrize(
    "carried",
    ["", "1", "[]", "{", '"verb"', "NaN", "[" * 50_000, "9" * 10_000, '{"verb": ["a"]}', "{}"],
)
async def test_what_a_button_can_not_have_carried_is_refused(served: Web, carried: str) -> None:
    tab = await served.inside()
    answer = await tab.post("/side/trykk", {**await tab.fields("/side/prove"), "trykk": carried})
    assert answer.status == (200 if carried.startswith("{") and carried != "{" else 403)
    assert "Lagret" not in answer.said
    assert guarded(answer)


async def test_half_a_sign_and_what_no_database_takes_are_no_fault(served: Web) -> None:
    tab = await served.inside()
    carried = '{"verb": "prove_save", "a": "\\ud800", "b": "\\u0000"}'
    fields = {**await tab.fields("/side/prove"), "trykk": carried, "felt.c": "\x00x"}
    answer = await tab.post("/side/trykk", fields)
    assert answer.status == 200
    assert "c=x" in answer.said


async def _refused(tab: Tab, fields: dict[str, str], **headers: str) -> None:
    answer = await tab.post("/side/trykk", fields, **headers)
    assert answer.status == 403
    assert "Lagret" not in answer.said
    assert guarded(answer)


async def test_a_form_without_the_token_of_the_session_changes_nothing(served: Web) -> None:
    tab, other = await served.inside(), await served.inside(ANE_LÆRER)
    fields = {**await tab.fields("/side/prove"), "trykk": SAVE}
    assert (await tab.post("/side/trykk", fields)).status == 200
    await _refused(tab, {"trykk": SAVE})
    await _refused(tab, {**fields, "nokkel": ""})
    await _refused(tab, {**fields, "nokkel": "0" * 64})
    await _refused(tab, {**fields, "nokkel": "æ"})
    await _refused(tab, {**fields, **await other.fields("/side/prove")})
    await _refused(other, fields)


async def test_a_form_from_another_site_changes_nothing(served: Web) -> None:
    tab = await served.inside()
    fields = {**await tab.fields("/side/prove"), "trykk": SAVE}
    for origin in ("https://ondt.eksempel.no", "null", "http://bot.eksempel.no", ""):
        await _refused(tab, fields, Origin=origin)
    for site in ("cross-site", "same-site", "none"):
        await _refused(tab, fields, **{"Sec-Fetch-Site": site})
    answer = await tab.send("POST", "/side/trykk", data=fields)  # no Origin at all
    assert answer.status == 403


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://bot.eksempel.no:443", "https://bot.eksempel.no"),
        ("https://Bot.eksempel.no/under/her", "https://bot.eksempel.no"),
        ("https://bot.eksempel.no:8443", "https://bot.eksempel.no:8443"),
    ],
)
async def test_our_own_origin_is_known_however_the_address_is_written(
    address: str, origin: str
) -> None:
    visits = Visits(Settings(public_url=address), "hemmelig")
    visits.check_origin(make_mocked_request("POST", "/side/trykk", headers={"Origin": origin}))
    for other in (f"{origin}4", f"{origin}.ondt.no", origin.replace("https", "http")):
        asked = make_mocked_request("POST", "/side/trykk", headers={"Origin": other})
        with pytest.raises(NotOurs):
            visits.check_origin(asked)


async def test_a_form_of_another_kind_or_too_large_is_refused(served: Web) -> None:
    tab = await served.inside()
    fields = {**await tab.fields("/side/prove"), "trykk": SAVE}
    json = await tab.post("/side/trykk", b'{"trykk": 1}', **{"Content-Type": "application/json"})
    assert json.status == 403
    form = {"Content-Encoding": "gzip", "Content-Type": "application/x-www-form-urlencoded"}
    packed = await tab.post("/side/trykk", gzip.compress(urlencode(fields).encode()), **form)
    assert packed.status == 403
    large = await tab.post("/side/trykk", {**fields, "felt.a": "a" * 300_000})
    assert large.status == 413
    assert "for stort" in large.said
    assert guarded(large)
    many = await tab.post("/side/trykk", {**fields, **{f"felt.{n}": "a" for n in range(600)}})
    assert many.status == 403


@pytest.mark.parametrize("back", ["//ondt.eksempel.no", "https://ondt.eksempel.no", "/papir/x", ""])
async def test_the_way_back_leads_nowhere_else(served: Web, back: str) -> None:
    tab = await served.inside()
    fields = {**await tab.fields("/side/prove"), "trykk": SAVE, "fra": back}
    answer = await tab.post("/side/trykk", fields)
    assert answer.status == 200
    assert "ondt" not in answer.text
    assert "Tilbake til forsiden" in answer.said


async def test_files_are_downloaded_with_their_names(served: Web) -> None:
    tab = await served.inside()
    excel = await tab.get("/side/fil/prove/1.xlsx")
    sheet = load_workbook(io.BytesIO(excel.body)).active
    assert sheet is not None
    assert "Sone nord" in {cell.value for row in sheet.rows for cell in row}
    csv = await tab.get("/side/fil/prove/1.csv")
    assert csv.body.startswith(b"\xef\xbb\xbf")
    assert "Sone nord;112" in csv.body.decode("utf-8-sig")
    word = await tab.get("/side/fil/prove/1.docx")
    assert "Tekst" in [one.text for one in Document(io.BytesIO(word.body)).paragraphs]
    for answer, name in (
        (excel, "Tall for november.xlsx"),
        (csv, "Tall for november.csv"),
        (word, "Rapport.docx"),
    ):
        assert f'attachment; filename="{name}"' in answer.headers["Content-Disposition"]
        assert guarded(answer)


async def test_the_pictures_of_a_page_are_there_in_light_and_dark_wide_and_narrow(
    served: Web,
) -> None:
    tab = await served.inside()
    page = (await tab.get("/side/prove?sok=a%26b")).text
    addresses = re.findall(r'(?:src|srcset)="(/side/bilde/[^"]+)"', page)
    assert len(addresses) == 3 * 4
    bodies = set()
    for address in addresses:
        answer = await tab.get(address.replace("&amp;", "&"))
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
        assert guarded(answer)
        bodies.add(answer.body)
    assert len(bodies) == len(addresses)
    assert (await served.tab().get(addresses[0])).status == 401


async def test_styles_are_for_anybody_and_nothing_else_is(served: Web) -> None:
    tab = served.tab()
    for name in ("side.css", "tema.css", "designsystemet.css", "pil.svg"):
        answer = await tab.get(f"/stil/{name}")
        assert answer.status == 200
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("../page_login.toml", "", "%2e%2e/vilkar.nb.html"):
        assert (await tab.get(f"/stil/{name}")).status == 404


async def test_on_ones_own_machine_the_page_works_without_https(
    library: Library, database: Database
) -> None:
    async with serving(Kommune(library, database), LOCAL) as served:
        tab = served.tab()
        tab.origin = "http://localhost:3978"
        path, _ = served.ask(HANNE_SKOLEEIER)
        number = number_on(await tab.get(path))
        served.press(HANNE_SKOLEEIER, path, number)
        assert (await tab.post(path, await tab.fields(path))).status == 303
        page = await tab.get("/side/prove")
        assert page.status == 200
        assert "Strict-Transport-Security" not in page.headers
        assert set(tab.cookies) == {"side"}
