"""What each address under /side answers, to somebody who is in."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol

from aiohttp import web

from bot.links import SIDE_PATH, Links, is_side_path, utc_now
from bot.pages.html import (
    CHART_NUMBER,
    CHART_THEME,
    CHART_WIDTH,
    CSRF,
    FROM,
    Place,
    charts_of,
    notice_html,
    page_html,
    say,
)
from bot.pages.visits import NotOurs, Visits, digest, query_of, values_of, wished_language
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
from dialogs.page_login import PageDoor, Visitor

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A drawing needs its own style and nothing else, also when it is opened by itself.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
LONGEST_PATH = 500
MOST_CHARTS = 1_000

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
WithVisitor = Callable[[web.Request, Visitor], Awaitable[web.StreamResponse]]


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

    def for_visitors(self, handler: WithVisitor) -> Handler:
        """The handler for who is in; anybody else is told how to get in."""

        async def serve(request: web.Request) -> web.StreamResponse:
            session = self._visits.session(request)
            visitor = None
            if session:
                visitor = await asyncio.to_thread(self._site.page_door.visitor, digest(session))
            if visitor is None:
                return html_response(notice_html(wished_language(request), "side_stranger"), 401)
            return await handler(request, visitor)

        return serve

    async def page(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        path, query = request.match_info["path"], query_of(request)
        page = await asyncio.to_thread(self._page, path, query, visitor)
        if page is None:
            return _missing(visitor)
        place = self._place(request, visitor, path=f"{SIDE_PATH}/{path}", query=query)
        return html_response(await asyncio.to_thread(page_html, page, place, self._links))

    async def press(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        form = await self._visits.form(request, self._visits.session(request), CSRF)
        if form.pressed is None:
            raise NotOurs("value")
        key = visitor.person.key
        replies = await asyncio.to_thread(self._site.browser.press, form.pressed, key)
        # What it was pressed on, as it is afterwards: for its menu, and as the way back.
        address = form.values.get(FROM, "")
        path, _, query = address.partition("?")
        before = None
        if is_side_path(address):
            rest = path.removeprefix(f"{SIDE_PATH}/")
            before = await asyncio.to_thread(self._page, rest, values_of(query), visitor)
        page = _answer(replies, before, visitor.language)
        back = (say(page.language, "side_back_to_start"), f"{SIDE_PATH}/")
        if before is not None:
            back = (say(page.language, "side_back", title=before.title), address)
            page = replace(page, trail=(*before.trail, (before.title, address)))
        place = self._place(request, visitor, back=back, before=address if before else "")
        return html_response(await asyncio.to_thread(page_html, page, place, self._links))

    async def file(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        path, ending = request.match_info["path"], request.match_info["ext"]
        query = {**query_of(request), "format": ending}
        found = await asyncio.to_thread(self._site.browser.file, path, query, visitor.person.key)
        if isinstance(found, Paper) and ending == "docx":
            file = await asyncio.to_thread(paper_file, found, "docx", path, utc_now())
            return _download(file.body, file.content_type, file.name)
        if not isinstance(found, Workbook) or ending == "docx":
            return _missing(visitor)
        name = file_name(Paper(found.title, ()), "txt").removesuffix("txt") + ending
        if ending == "xlsx":
            from bot.papers.workbook import xlsx

            return _download(await asyncio.to_thread(xlsx, found), XLSX, name)
        return await _stream(request, found, name)

    async def picture(self, request: web.Request, visitor: Visitor) -> web.StreamResponse:
        """A chart of a page, drawn of the page as it now is for who looks at it."""
        query = query_of(request)
        number = query.pop(CHART_NUMBER, "")
        theme = "dark" if query.pop(CHART_THEME, "") == "dark" else "light"
        width = "narrow" if query.pop(CHART_WIDTH, "") == "narrow" else "wide"
        page = await asyncio.to_thread(self._page, request.match_info["path"], query, visitor)
        chart = _numbered(page, number) if page is not None else None
        if page is None or chart is None:
            return _missing(visitor)
        from bot.papers.chart import svg

        body = await asyncio.to_thread(svg, chart, page.language, theme, width)
        return web.Response(
            body=body,
            content_type="image/svg+xml",
            headers={"Content-Security-Policy": PICTURE_POLICY},
        )

    def _page(self, path: str, query: Mapping[str, str], visitor: Visitor) -> Page | None:
        if len(path) > LONGEST_PATH or not path.isprintable():
            return None
        return self._site.browser.page(path, query, visitor.person.key)

    def _place(
        self,
        request: web.Request,
        visitor: Visitor,
        *,
        path: str = "",
        query: dict[str, str] | None = None,
        back: tuple[str, str] | None = None,
        before: str = "",
    ) -> Place:
        csrf = self._visits.csrf(self._visits.session(request))
        return Place(csrf, visitor.person.name, path, query, back, before)


def html_response(text: str, status: int = 200) -> web.Response:
    # Half a sign, which only JSON can write, has no bytes of its own.
    body = text.encode("utf-8", "replace")
    return web.Response(status=status, body=body, content_type="text/html", charset="utf-8")


def _missing(visitor: Visitor) -> web.Response:
    return html_response(notice_html(visitor.language, "side_missing", back=True), 404)


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
