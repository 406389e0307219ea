"""The page on a free port, with a sample of all that a page can hold, and browsers that use it."""

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from html import unescape
from http.cookies import SimpleCookie
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.links import Links
from bot.pages.side_pages import add_side_pages
from bot.pages.tab import Tab as TeamsTab
from bot.settings import Settings
from dialogs import assistant, browser
from dialogs.context import Composing, Context
from dialogs.messages import (
    Button,
    CardReply,
    Chart,
    ChartPart,
    ChartPoint,
    ChartRow,
    Choice,
    DateInput,
    Download,
    Facts,
    FeedAddress,
    Items,
    NumberInput,
    Page,
    PageAddress,
    PageLinks,
    Paper,
    Paragraph,
    Picture,
    Reply,
    Sheet,
    Table,
    TextInput,
    TextReply,
    WebLinks,
    Workbook,
)
from tests.dialogs.kommune import HANNE_SKOLEEIER, Kommune

SECRET = "hemmelig"
HTTPS = Settings(public_url="https://bot.eksempel.no")
LOCAL = Settings(local=True)
LINKS = Links(SECRET, HTTPS.public_url)

MENU = (("Oversikt", "/side/"), ("Prøve", "/side/prove"), ("Runder", "/side/runder"))
SHARES = Chart(
    "shares",
    "I hvilken grad får dere til samarbeidslæring?",
    "Kommunen: 12 svarte 1 eller 2, 60 svarte 3, 81 svarte 4 eller 5. Bakken vises ikke.",
    (
        ChartRow(
            "Kommunen",
            (ChartPart("1–2", 12, 1, 2), ChartPart("3", 60, 3, 3), ChartPart("4–5", 81, 4, 5)),
        ),
        ChartRow("Sone nord", (ChartPart("1–3", 40, 1, 3), ChartPart("4–5", 22, 4, 5))),
        ChartRow("Bakken skole", note="Vises ikke: for få har svart."),
    ),
)
POINTS = Chart(
    "points",
    "Avstanden mellom kompetanse og behov",
    "Vurdering: kompetansen er 3,2 og behovet 4,4.",
    (
        ChartRow(
            "Vurdering for læring",
            points=(ChartPoint("Kompetansen", 3.2, 0.3), ChartPoint("Behovet", 4.4, 0.2)),
        ),
        ChartRow(
            "Dybdelæring",
            points=(ChartPoint("Kompetansen", 1.1, 0.3), ChartPoint("Behovet", 4.9, 0.2)),
        ),
    ),
)
CHANGE = Chart(
    "change",
    "Siden sist",
    "2,8 i september, 3,1 i oktober og 3,4 i november.",
    (
        ChartRow(
            "Vi får til samarbeid",
            points=tuple(
                ChartPoint(month, value, 0.2)
                for month, value in (("sep. 2026", 2.8), ("okt. 2026", 3.1), ("nov. 2026", 3.4))
            ),
        ),
    ),
)


def sample(language: Any = "nb") -> Page:
    """Every kind of block and input, with errors, and texts as long as people write them."""
    form = CardReply(
        "Ny oppfølging",
        (
            Paragraph("Det dere skriver her, går tilbake til dem som svarte."),
            Paragraph("Skriv hva dere hørte.", "error"),
            TextInput("hort", "Hva hørte dere?", "", hint="For eksempel …", longest=2000),
            TextInput("tiltak", "Tiltak", "Felles tid\ni teamet", required=False),
            TextInput("ansvarlig", "Ansvarlig", "Kari", lines=False),
            Choice(
                "hvem", "Hvem får vite det?", (("alle", "Alle"), ("noen", "Noen")), value="noen"
            ),
            Choice(
                "flere",
                "Hvilke roller?",
                (("l", "Lærer"), ("r", "Rektor"), ("t", "Tillitsvalgt")),
                value="l,t",
                several=True,
            ),
            Choice(
                "skole",
                "Hvilken skole?",
                tuple((str(n), f"Skole {n}") for n in range(12)),
                required=False,
            ),
            Paragraph("Tallet må være fra 1 til 60.", "error"),
            NumberInput("uker", "Antall uker", "75", minimum=1, maximum=60),
            Paragraph("Velg en dato.", "error"),
            DateInput("frist", "Frist", "12. januarr"),
            DateInput("dag", "Dag", "2027-03-01", required=False),
        ),
        (
            Button("Tilbake", {"verb": "prove_back"}, sends_inputs=False),
            Button("Lagre", {"verb": "prove_save", "runde": "æ'\"<1>"}, weight="main"),
            Button("Slett", {"verb": "prove_save"}, weight="danger", sends_inputs=False),
            Download("Word", "plan:1", "docx", HANNE_SKOLEEIER),
        ),
        language,
    )
    read = CardReply(
        "Fellestid i november",
        (
            Paragraph("Kort refleksjon › november 2026", "note"),
            Paragraph(
                "80 % svarte.\n\nDette er viktig:\n• Ingen kan kjennes igjen\n• Fem eller flere"
            ),
            Paragraph("Det som ble sagt", "heading"),
            Paragraph("«Vi trenger mer tid sammen.»\n\n«Det går bedre nå.»", "quote"),
            Items(("Tid til å planlegge", "Ro i timene")),
            Facts((("Åpnet", "2. november"), ("Lukket", "16. november"), ("Status", ""))),
            Table(
                ("Sone", "Svar", "Gjennomsnitt", "Spredning", "Endring siden sist"),
                (
                    ("Sone nord", "112", "3,4", "0,9", "+0,2"),
                    ("Sone sør", "87", "3,6", "0,8", "−0,1"),
                    ("Ungdomsskoler", "–", "–", "–", "vises ikke"),
                ),
            ),
            SHARES,
            POINTS,
            CHANGE,
            Picture("plan:1", HANNE_SKOLEEIER, "Tidslinje: januar til juni"),
            WebLinks((("Udir", "https://eksempel.no/udir"), ("Farlig", "javascript:alert(1)"))),
            PageLinks((("Runden", "/side/runder/1"), ("Ut", "//ondt.eksempel.no"))),
            FeedAddress("abc"),
            PageAddress("login"),
        ),
        (),
        language,
    )
    filters = (
        TextInput("sok", "Søk i tekstene", "tid", required=False, lines=False),
        Choice("tema", "Tema", (("tid", "Tid"), ("ro", "Arbeidsro")), required=False, value="tid"),
    )
    return Page(
        "Refleksjoner i november",
        (read, form),
        MENU,
        (("Oversikt", "/side/"), ("Runder", "/side/runder")),
        (("Excel", "/side/fil/prove/1.xlsx"), ("CSV", "/side/fil/prove/1.csv")),
        filters,
        language,
    )


WORKBOOK = Workbook("Tall for november", (Sheet("Tall", ("Sone", "Svar"), (("Sone nord", 112),)),))


def save(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    said = ", ".join(f"{key}={value[key]}" for key in sorted(value) if key != "verb")
    return [TextReply(f"Lagret: {said}")]


def back(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    buttons = (Button("Lagre igjen", {"verb": "prove_save"}), Button("Chat", {"verb": "help"}))
    return [CardReply("Et kort", (Paragraph(f"Fra {sorted(value)}"), SHARES), buttons)]


def fail(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    raise RuntimeError("hemmelig innhold")


def add_samples(patch: pytest.MonkeyPatch) -> None:
    """A page, files and buttons of their own, beside those that ship."""

    def paged(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
        if rest == "feil":
            raise RuntimeError("hemmelig innhold")
        return sample(composing.language) if rest in ("", "1") else None

    def filed(composing: Composing, rest: str, query: Mapping[str, str]) -> Workbook | Paper | None:
        if rest != "1":
            return None
        return Paper("Rapport", (Paragraph("Tekst"),)) if query["format"] == "docx" else WORKBOOK

    patch.setitem(browser.PAGES, "prove", paged)
    patch.setitem(browser.FILES, "prove", filed)
    for verb, pressed in (("prove_save", save), ("prove_back", back), ("prove_fail", fail)):
        patch.setitem(assistant.VERBS, verb, pressed)
        patch.setattr(browser, "PAGE_VERBS", browser.PAGE_VERBS)
        browser.PAGE_VERBS.add(verb)


class Answer:
    """What a browser got."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def said(self) -> str:
        """The text of the page as one reads it."""
        return unescape(re.sub(r"<[^>]+>", " ", self.text))


class Tab:
    """A browser: it keeps its cookies, and follows no redirects by itself."""

    def __init__(self, session: aiohttp.ClientSession, url: str, origin: str) -> None:
        self._session, self._url, self.origin = session, url, origin
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, headers=headers)

    async def post(self, path: str, fields: Any = None, **headers: str) -> Answer:
        return await self.send(
            "POST", path, data=fields or {}, headers={"Origin": self.origin} | headers
        )

    async def send(
        self, method: str, path: str, *, data: Any = None, headers: Any = None
    ) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if isinstance(data, Mapping | list):
            data = aiohttp.FormData(data)
        async with self._session.request(
            method,
            self._url + path,
            data=data,
            headers={**({"Cookie": cookie} if cookie else {}), **(headers or {})},
            allow_redirects=False,
        ) as response:
            for one in response.headers.getall("Set-Cookie", []):
                self.set_cookies.append(one)
                # Python 3.11 doesn't know the last word.
                for name, morsel in SimpleCookie(one.replace("; Partitioned", "")).items():
                    if morsel["max-age"] == "0":
                        self.cookies.pop(name, None)
                    else:
                        self.cookies[name] = morsel.value
            return Answer(response.status, response.headers, await response.read())

    async def fields(self, path: str) -> dict[str, str]:
        """The token of the forms on a page."""
        found = re.search(r'name="nokkel" value="([0-9a-f]+)"', (await self.get(path)).text)
        return {"nokkel": found[1] if found else "", "fra": path}


class Web:
    """The page of a kommune, and the browsers that visit it."""

    def __init__(
        self,
        kommune: Kommune,
        app: web.Application,
        url: str,
        settings: Settings,
        in_teams: TeamsTab,
    ) -> None:
        self.kommune, self.app, self.url, self.settings = kommune, app, url, settings
        self.in_teams = in_teams
        self.outside: aiohttp.ClientSession | None = None

    def tab(self) -> Tab:
        assert self.outside is not None
        origin = self.url if self.settings.local else self.settings.public_url
        return Tab(self.outside, self.url, origin)

    def ask(self, who: str) -> tuple[str, list[int]]:
        """The path of a new link, and the numbers of its card."""
        [card] = self.kommune.write(who, "siden")
        assert isinstance(card, CardReply)
        [login] = [one.login for one in card.blocks if isinstance(one, PageAddress)]
        numbers = [int(one.title) for one in card.buttons if isinstance(one, Button)]
        return LINKS.page_login(login).removeprefix(HTTPS.public_url), numbers

    def press(self, who: str, path: str, number: int) -> str:
        login = LINKS.read_page_login(path.rpartition("/")[2])
        [reply] = self.kommune.press(who, "page_number", login=login, number=number)
        assert isinstance(reply, TextReply)
        return reply.text

    async def inside(self, who: str = HANNE_SKOLEEIER) -> Tab:
        """A browser that this person is in with."""
        tab = self.tab()
        path, _ = self.ask(who)
        shown = await tab.get(path)
        self.press(who, path, number_on(shown))
        answer = await tab.post(path, await tab.fields(path))
        assert answer.status == 303, answer.said
        return tab


def number_on(answer: Answer) -> int:
    found = re.search(r'class="tall">(\d\d)<', answer.text)
    assert found, answer.said
    return int(found[1])


@contextlib.asynccontextmanager
async def serving(kommune: Kommune, settings: Settings = HTTPS) -> AsyncIterator[Web]:
    """The page, on a free port of this machine."""
    app = web.Application()
    in_teams = add_side_pages(
        app, Links(SECRET, settings.public_url), kommune.assistant, settings, SECRET
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as outside:
            served = Web(kommune, app, url, settings, in_teams)
            served.outside = outside
            yield served
    finally:
        await runner.cleanup()
