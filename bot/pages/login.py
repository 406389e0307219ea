"""/side/inn/…: the number to press in the chat, the way in after it, and the way out.

GET changes nothing, since programs that look through messages open links too.
"""

import asyncio
import logging

from aiohttp import web

from bot.links import LOGIN_PATH, SIDE_PATH, Links
from bot.pages.html import CSRF, login_html, notice_html, tab_html
from bot.pages.visits import FRAMED, NotOurs, Visits, digest, new_secret, wished_language
from dialogs.page_login import PageDoor

log = logging.getLogger("kvalitetsbot.pages")


def add_login(app: web.Application, links: Links, door: PageDoor, visits: Visits) -> None:
    """Serve the way in and the way out."""

    async def show(request: web.Request) -> web.Response:
        login = links.read_page_login(request.match_info["login"])
        guest = visits.guest(request)
        fresh = guest or new_secret()
        response = await _numbered(request, login, fresh, waiting=False)
        if not guest and response.status == 200:
            visits.give_guest(response, fresh)
        return response

    async def enter(request: web.Request) -> web.Response:
        login = links.read_page_login(request.match_info["login"])
        guest = visits.guest(request)
        try:
            await visits.form(request, guest, CSRF)
        except NotOurs as refused:
            log.info("action=page_login_refused reason=%s", refused)
            return _closed(request, 403)
        session = new_secret()
        place = visits.place(login, guest)
        outcome = await asyncio.to_thread(door.enter, login, place, digest(session))
        if outcome == "waiting":
            return await _numbered(request, login, guest, waiting=True)
        if outcome == "refused":
            log.info("action=page_login_refused reason=closed")
            return _closed(request, 404)
        response = web.Response(status=303, headers={"Location": f"{SIDE_PATH}/"})
        visits.begin(response, session)
        return response

    async def leave(request: web.Request) -> web.Response:
        for held in visits.held(request):
            request[FRAMED] = held.framed
            try:
                await visits.form(request, held.secret, CSRF)
            except NotOurs as refused:
                if str(refused) != "token":
                    raise
                continue  # the form may be of the other session
            await asyncio.to_thread(door.leave, held.digest)
            text = notice_html(wished_language(request), "side_left")
            if held.framed:
                look = visits.look(request)
                text = tab_html(look.language or wished_language(request), "tab_left", look.theme)
            response = web.Response(text=text, content_type="text/html")
            visits.end(response, held)
            return response
        raise NotOurs("token")

    async def _numbered(
        request: web.Request, login: str, guest: str, *, waiting: bool
    ) -> web.Response:
        # An address that isn't ours is looked up as well: one can't tell by how long it takes.
        shown = await asyncio.to_thread(door.shown, login, visits.place(login, guest))
        if shown is None:
            return _closed(request, 404)
        text = login_html(shown.language, shown.number, visits.csrf(guest), waiting=waiting)
        return web.Response(text=text, content_type="text/html")

    app.router.add_get(f"{LOGIN_PATH}/{{login}}", show)
    app.router.add_post(f"{LOGIN_PATH}/{{login}}", enter)
    app.router.add_post(f"{SIDE_PATH}/ut", leave)


def _closed(request: web.Request, status: int) -> web.Response:
    text = notice_html(wished_language(request), "side_closed")
    return web.Response(status=status, text=text, content_type="text/html")
