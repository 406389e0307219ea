"""What each address under /side answers, to somebody who is in."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from aiohttp import web

from bot.links import SIDE_PATH, Links, is_side_path, utc_now
from bot.pages.html import (
    CHART_NUMBER,
    CHART_THEME,
    CHART_WIDTH,
    CSRF,
    FROM,
    Place,
    Theme,
    charts_of,
    notice_html,
    page_html,
    say,
    tab_html,
)
from bot.pages.visits import (
    FRAMED,
    Held,
    NotOurs,
    Visits,
    query_of,
    values_of,
    wished_language,
)
from bot.papers.files import disposition, file_name, paper_file
from dialogs.browser import PAGE_VERBS, Browser
from dialogs.messages import (
    Button,
    CardReply,
    Chart,
    DialogReply,
    Language,
    Page,
    Paper,
    Paragraph,
    Reply,
    TextReply,
    Workbook,
)
from dialogs.page_login import PageDoor, Stranger, Visitor
from dialogs.tab_visit import ASK_PATH

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A drawing needs its own style and nothing else, also when it is opened by itself.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
LONGEST_PATH = 500
MOST_CHARTS = 1_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
WithVisit = Callable[[web.Request, "Visit"], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who is in: by which session, and how they are shown the page."""

    visitor: Visitor | Stranger
    held: Held
    language: Language
    theme: Theme = "auto"


class Site(Protocol):
    """What the page is made of. All of it blocks; it runs in threads."""

    @property
    def browser(self) -> Browser: ...

    @property
    def page_door(self) -> PageDoor: ...


class SideHandlers:
    """The handlers, with what they share."""

    def __init__(self, links: Links, site: Site, visits: Visits) -> None:
        self._links, self._site, self._visits = links, site, visits

    def for_visitors(self, handler: WithVisit) -> Handler:
        """The handler for who is in the register; anybody else is told how to get in."""

        async def serve(request: web.Request, visit: Visit) -> web.StreamResponse:
            if isinstance(visit.visitor, Stranger):
                return _missing(visit)
            return await handler(request, visit)

        return self.for_anybody_in(serve)

    def for_anybody_in(self, handler: WithVisit) -> Handler:
        """The handler also for strangers, whom the tab in Teams has let in."""

        async def serve(request: web.Request) -> web.StreamResponse:
            held = self._visits.held(request)
            for one in held:
                visit = await self._visit(request, one)
                if visit is not None:
                    request[FRAMED] = one.framed
                    return await handler(request, visit)
            language = wished_language(request)
            if any(one.framed for one in held):
                request[FRAMED] = True
                look = self._visits.look(request)
                text = tab_html(look.language or language, "tab_ended", look.theme)
                return html_response(text, 401)
            return html_response(notice_html(language, "side_stranger"), 401)

        return serve

    async def _visit(self, request: web.Request, held: Held) -> Visit | None:
        door = self._site.page_door
        if not held.framed:
            visitor = await asyncio.to_thread(door.visitor, held.digest)
            return Visit(visitor, held, visitor.language) if visitor else None
        found = await asyncio.to_thread(door.tab_visitor, held.digest)
        if found is None:
            return None
        look = self._visits.look(request)
        language = look.language or wished_language(request)
        if isinstance(found, Visitor):
            language = found.language
        return Visit(found, held, language, look.theme)

    async def page(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        path, query = request.match_info["path"], query_of(request)
        if isinstance(visit.visitor, Stranger) and not path:
            return web.Response(status=302, headers={"Location": f"{SIDE_PATH}/{ASK_PATH}"})
        page = await asyncio.to_thread(self._page, path, query, visit)
        if page is None:
            return _missing(visit)
        place = self._place(visit, path=f"{SIDE_PATH}/{path}", query=query)
        return html_response(await asyncio.to_thread(page_html, page, place, self._links))

    async def press(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        form = await self._visits.form(request, visit.held.secret, CSRF)
        if form.pressed is None:
            raise NotOurs("value")
        replies = await asyncio.to_thread(self._pressed, form.pressed, visit)
        # What it was pressed on, as it is afterwards: for its menu, and as the way back.
        address = form.values.get(FROM, "")
        path, _, query = address.partition("?")
        before = None
        if is_side_path(address):
            rest = path.removeprefix(f"{SIDE_PATH}/")
            before = await asyncio.to_thread(self._page, rest, values_of(query), visit)
        page = _answer(replies, before, visit.language)
        back = (say(page.language, "side_back_to_start"), f"{SIDE_PATH}/")
        if before is not None:
            back = (say(page.language, "side_back", title=before.title), address)
            page = replace(page, trail=(*before.trail, (before.title, address)))
        place = self._place(visit, back=back, before=address if before else "")
        return html_response(await asyncio.to_thread(page_html, page, place, self._links))

    async def file(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        path, ending = request.match_info["path"], request.match_info["ext"]
        query = {**query_of(request), "format": ending}
        found = await asyncio.to_thread(self._file, path, query, visit)
        if isinstance(found, Paper) and ending == "docx":
            file = await asyncio.to_thread(paper_file, found, "docx", path, utc_now())
            return _download(file.body, file.content_type, file.name)
        if not isinstance(found, Workbook) or ending == "docx":
            return _missing(visit)
        name = file_name(Paper(found.title, ()), "txt").removesuffix("txt") + ending
        if ending == "xlsx":
            from bot.papers.workbook import xlsx

            return _download(await asyncio.to_thread(xlsx, found), XLSX, name)
        return await _stream(request, found, name)

    async def picture(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        """A chart of a page, drawn of the page as it now is for who looks at it."""
        query = query_of(request)
        number = query.pop(CHART_NUMBER, "")
        theme = "dark" if query.pop(CHART_THEME, "") == "dark" else "light"
        width = "narrow" if query.pop(CHART_WIDTH, "") == "narrow" else "wide"
        page = await asyncio.to_thread(self._page, request.match_info["path"], query, visit)
        chart = _numbered(page, number) if page is not None else None
        if page is None or chart is None:
            return _missing(visit)
        from bot.papers.chart import svg

        body = await asyncio.to_thread(svg, chart, page.language, theme, width)
        return web.Response(
            body=body,
            content_type="image/svg+xml",
            headers={"Content-Security-Policy": PICTURE_POLICY},
        )

    def _page(self, path: str, query: Mapping[str, str], visit: Visit) -> Page | None:
        if len(path) > LONGEST_PATH or not path.isprintable():
            return None
        if isinstance(visit.visitor, Stranger):
            return self._site.browser.stranger_page(path, visit.language)
        return self._site.browser.page(path, query, visit.visitor.person.key)

    def _file(self, path: str, query: Mapping[str, str], visit: Visit) -> Workbook | Paper | None:
        if isinstance(visit.visitor, Stranger):
            return None
        return self._site.browser.file(path, query, visit.visitor.person.key)

    def _pressed(self, value: Mapping[str, Any], visit: Visit) -> list[Reply]:
        if isinstance(visit.visitor, Stranger):
            return self._site.browser.stranger_press(value, visit.language)
        return self._site.browser.press(value, visit.visitor.person.key)

    def _place(
        self,
        visit: Visit,
        *,
        path: str = "",
        query: dict[str, str] | None = None,
        back: tuple[str, str] | None = None,
        before: str = "",
    ) -> Place:
        csrf = self._visits.csrf(visit.held.secret)
        name = "" if isinstance(visit.visitor, Stranger) else visit.visitor.person.name
        return Place(csrf, name, path, query, back, before, visit.theme, visit.held.framed)


def html_response(text: str, status: int = 200) -> web.Response:
    # Half a sign, which only JSON can write, has no bytes of its own.
    body = text.encode("utf-8", "replace")
    return web.Response(status=status, body=body, content_type="text/html", charset="utf-8")


def _missing(visit: Visit) -> web.Response:
    text = notice_html(visit.language, "side_missing", back=True, theme=visit.theme)
    return html_response(text, 404)


def _download(body: bytes, content_type: str, name: str) -> web.Response:
    headers = {"Content-Type": content_type, "Content-Disposition": disposition(name)}
    return web.Response(body=body, headers=headers)


async def _stream(request: web.Request, workbook: Workbook, name: str) -> web.StreamResponse:
    """The first sheet as CSV, a piece at a time: it may be long."""
    from bot.papers.workbook import csv

    response = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": disposition(name),
        }
    )
    pieces = iter(csv(workbook))
    # Before the headers are sent: a fault after them can't be told.
    piece = await asyncio.to_thread(next, pieces, None)
    await response.prepare(request)
    while piece is not None:
        await response.write(piece)
        piece = await asyncio.to_thread(next, pieces, None)
    await response.write_eof()
    return response


def _numbered(page: Page, number: str) -> Chart | None:
    charts = charts_of(page)[:MOST_CHARTS]
    found = [chart for at, chart in enumerate(charts) if str(at) == number]
    return found[0] if found else None


def _answer(replies: list[Reply], before: Page | None, language: Language) -> Page:
    """What a press is answered with, as a page: each card and text is a section."""
    cards = [_section(reply, language) for reply in replies]
    if not cards:
        cards = [CardReply("", (Paragraph(say(language, "side_nothing_more")),), (), language)]
    return Page(
        cards[0].title or say(language, "side_answered"),
        tuple(cards),
        before.menu if before is not None else (),
        language=cards[0].language if cards[0].title else language,
    )


def _section(reply: Reply, language: Language) -> CardReply:
    if isinstance(reply, TextReply):
        return CardReply("", (Paragraph(reply.text),), (), language)
    card = reply.card if isinstance(reply, DialogReply) else reply
    # A card of the chat may have buttons that are of no use here.
    usable = (
        one
        for one in card.buttons
        if not isinstance(one, Button) or one.value.get("verb") in PAGE_VERBS
    )
    return replace(card, buttons=tuple(usable))
