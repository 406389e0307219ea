"""Who is shown what on the page: every page and file × every kind of id × every role × login.

The paths are made from the router and from what dialogs/browser.py registers. What is shown to whom
is the table in docs/security.md; a path that isn't in it is there for nobody.
"""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import pytest_asyncio
from aiohttp import ClientSession, DummyCookieJar, web

from bot.pages.side_pages import add_side_pages
from bot.pages.visits import digest
from dialogs.browser import FILES, PAGES
from dialogs.guide_files import Guides
from dialogs.messages import Page, Paper, Workbook
from knowledge.library import Library
from storage.page_logins import add_session
from tests.bot.side import HTTPS, LINKS, SECRET, Tab
from tests.dialogs.collected import rounds_world as made
from tests.dialogs.collected.rounds_world import World, assert_keeps_secrets
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    UNKNOWN,
)

SECURITY = Path(__file__).parents[2] / "docs" / "security.md"
SECTION = "## Rounds and the page"
SHOWN, MISSING, STRANGER = "shown", "404", "401"

# The columns of the table. Where several people stand in one, they are shown the same.
COLUMNS: dict[str, tuple[str, ...]] = {
    "rektor": (DAVID_REKTOR,),
    "leader": (KARI_AVDELINGSLEDER,),
    "lærer": (ANE_LÆRER,),
    "rektor elsewhere": (LARS_REKTOR, ELI_REKTOR),
    "leader elsewhere": (FATIMA_AVDELINGSLEDER,),
    "lærer elsewhere": (BJØRN_LÆRER,),
    "tillitsvalgt elsewhere": (GEIR_TILLITSVALGT,),
    "team": (HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER),
    "administrator": (JORUNN_ADMINISTRATOR,),
    "no login": (UNKNOWN,),
}
PEOPLE = [who for column in COLUMNS.values() for who in column if who != UNKNOWN]
FORMATS = ("xlsx", "csv", "docx")
EVERY_FORMAT = "xlsx, csv, docx"
# The routes under /side: those whose paths are in the table, and those that are not for reading.
READING = {"/side/{path}", "/side/fil/{path}.{ext}", "/side/bilde/{path}"}
OTHER = {"/side", "/side/inn/{login}", "/side/trykk", "/side/ut"}

Row = tuple[str, ...]
Table = dict[str, Row]


def kinds(world: World) -> dict[str, str]:
    """What the table calls each kind of id -> one of that kind."""
    return {
        "": "",
        "kommune, planned": made.PLANNED,
        "kommune, open": made.OPEN,
        "kommune, closed": made.CLOSED,
        "kommune, survey": made.SURVEY_ALL,
        "own, planned": made.OWN_PLANNED,
        "own, open": made.OWN_OPEN,
        "own, closed": made.OWN_CLOSED,
        "own, survey open": made.SURVEY_OPEN,
        "own, survey": made.SURVEY_CLOSED,
        "with names, open": made.NAMED_OPEN,
        "with names, closed": made.NAMED_CLOSED,
        "plan for the school": world.for_school,
        "plan for leaders": world.for_leaders,
        "promise": world.library.promises[0].id,
        "this year": "2026",
        "a text": world.text,
        "a measure": made.TOLD_OWN,
        "a login": made.LOGIN,
        "a person": DAVID_REKTOR,
        "odd": "../" + made.OWN_CLOSED,
    }


@pytest.fixture(scope="module")
def world(library: Library, guides: Guides) -> World:
    return World(library, guides)


def paths(world: World) -> Iterator[tuple[str, str, str]]:
    """(what the table calls it, path, query) of every page and file with every kind of id."""
    for kind, id in kinds(world).items():
        rest = f"/{id}" if id else ""
        named = f"/<{kind}>" if kind else ""
        for first in PAGES:
            yield f"/side/{first}{named}", f"/side/{first}{rest}", ""
        for first in FILES:
            for ending in FORMATS:
                path = f"/side/fil/{first}{rest or '/'}.{ending}"
                yield f"/side/fil/{first}{named}.{ending}", path, ""
    for school in (made.NORDLIA, made.FJELLHEIM):
        for ending in FORMATS:
            path = f"/side/fil/undersokelse/{made.SURVEY_ALL}.{ending}"
            named = f"/side/fil/undersokelse/<kommune, survey>.{ending}?skole={school}"
            yield named, path, f"?skole={quote(school)}"


def shown_to(world: World, path: str, query: str, who: str) -> Page | Paper | Workbook | None:
    """What dialogs gives for the path, without the door."""
    browser = world.assistant.browser
    asked = {"skole": unquote(query.partition("=")[2])} if query else {}
    if path.startswith("/side/fil/"):
        rest, _, ending = path.removeprefix("/side/fil/").rpartition(".")
        found = browser.file(rest, {**asked, "format": ending}, who)
        fits = isinstance(found, Paper) if ending == "docx" else isinstance(found, Workbook)
        return found if fits else None
    return browser.page(path.removeprefix("/side/"), asked, who)


def table_in_docs() -> Table:
    """The table of the section, by path; a file that is the same in all formats is one row."""
    section = SECURITY.read_text("utf-8").partition(SECTION)[2].partition("\n## ")[0]
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|"))
        for line in section.splitlines()
        if line.startswith("|")
    ]
    assert rows, f"docs/security.md has no table under «{SECTION}»"
    assert rows[0][1:] == tuple(COLUMNS)
    table: Table = {}
    for written, *cells in rows[2:]:
        path = written.strip("`")
        assert path not in table, f"{path} stands twice"
        table[path] = tuple(cells)
    return table


def unfolded(table: Table) -> Table:
    """Each format by itself."""
    return {
        path.replace(EVERY_FORMAT, ending): row
        for path, row in table.items()
        for ending in (FORMATS if EVERY_FORMAT in path else ("",))
    }


def folded(table: Table) -> Table:
    """As the docs have it, in the order of the alphabet."""
    found: Table = {}
    for path, row in table.items():
        every = re.sub(r"\.(xlsx|csv|docx)", f".{EVERY_FORMAT}", path)
        formats = [every.replace(EVERY_FORMAT, ending) for ending in FORMATS]
        same = every != path and all(table.get(one) == row for one in formats)
        found[every if same else path] = row
    return dict(sorted(found.items()))


@pytest.fixture(scope="module")
def as_it_is(world: World) -> Table:
    return what_is_shown(world)


def what_is_shown(world: World) -> Table:
    """The table as it ought to be: a row for each path that is shown to somebody."""
    table: Table = {}
    for name, path, query in paths(world):
        row = []
        for column in COLUMNS.values():
            found = [shown_to(world, path, query, who) for who in column]
            cells = {MISSING if one is None else SHOWN for one in found}
            assert len(cells) == 1, f"{name}: {column} are not shown the same"
            row.append(cells.pop())
        assert row[-1] == MISSING
        row[-1] = STRANGER
        if SHOWN in row:
            table[name] = tuple(row)
    return table


def lines(table: Table) -> list[str]:
    return [f"| `{path}` | {' | '.join(row)} |" for path, row in table.items()]


def test_the_table_in_the_docs_is_how_it_is(as_it_is: Table) -> None:
    """Both ways; what pytest tells as the difference is what to write there."""
    assert lines(table_in_docs()) == lines(folded(as_it_is))


def test_every_page_and_file_is_there_for_somebody(as_it_is: Table) -> None:
    pages = {path.split("/")[2] for path in as_it_is if "/fil/" not in path}
    assert pages == {*PAGES}
    assert {path.split("/")[3] for path in as_it_is if "/fil/" in path} == {*FILES}


# Through the door


@pytest_asyncio.fixture
async def door(world: World) -> AsyncIterator[tuple[web.Application, dict[str, Tab]]]:
    """The page, and a browser for everybody: all but one of them have a session."""
    app = web.Application()
    add_side_pages(app, LINKS, world.assistant, HTTPS, SECRET)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with ClientSession(cookie_jar=DummyCookieJar()) as outside:
            tabs = {who: Tab(outside, url, HTTPS.public_url) for who in (*PEOPLE, UNKNOWN)}
            for number, (who, tab) in enumerate(tabs.items()):
                tab.cookies["__Host-side"] = secret = f"{number:064}"
                if who != UNKNOWN:
                    with world.database.transaction() as session:
                        add_session(session, digest(secret), who, world.now)
            yield app, tabs
    finally:
        await runner.cleanup()


@pytest.mark.asyncio
async def test_the_door_lets_through_just_that(
    world: World, door: tuple[web.Application, dict[str, Tab]]
) -> None:
    """Status by status; and what is shown holds nothing that is for others."""
    app, tabs = door
    routes = {
        route.resource.canonical
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/side")
    }
    assert routes == READING | OTHER
    table, differences, charts = unfolded(table_in_docs()), [], 0
    for name, path, query in paths(world):
        if name not in table or path.endswith((".xlsx", ".docx")):  # the door is the same
            continue
        chart = ""
        for column, cell in zip(COLUMNS.values(), table[name], strict=True):
            who = column[-1]
            answer = await tabs[who].get(path + query)
            told = {200: SHOWN, 404: MISSING, 401: STRANGER}[answer.status]
            if told != cell:
                differences.append((name, who, told, cell))
            assert_keeps_secrets(who, answer.said, name)
            drawn = re.search(r'src="(/side/bilde/[^"]+)"', answer.text)
            chart = chart or (drawn[1].replace("&amp;", "&") if drawn else "")
        if chart:  # the pictures of a page are for who is shown the page
            charts += 1
            for who, column_of in ((DAVID_REKTOR, 0), (ELI_REKTOR, 3), (JORUNN_ADMINISTRATOR, 8)):
                status = (await tabs[who].get(chart)).status
                assert status == (200 if table[name][column_of] == SHOWN else 404), (name, who)
            assert (await tabs[UNKNOWN].get(chart)).status == 401
    assert not differences
    assert charts > 3
