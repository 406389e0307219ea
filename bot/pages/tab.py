"""/fane: the page as a tab in Teams, where Teams says who it is (Entra single sign-on).

The only page of ours with scripts: TeamsJS and ours, both from here. What it lets somebody in to is
/side, as for who comes from the chat.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.identity import Refused
from bot.links import SIDE_PATH, TAB_PATH
from bot.pages.html import tab_html
from bot.pages.static_pages import HTTPS_ONLY
from bot.pages.visits import (
    Held,
    Look,
    NotOurs,
    Visits,
    language_of,
    new_secret,
    theme_of,
    wished_language,
)
from bot.settings import Settings
from bot.tab_tokens import TabTokenCheck
from dialogs.page_login import PageDoor
from dialogs.tab_visit import ASK_PATH

log = logging.getLogger("kvalitetsbot.pages")

SCRIPTS = Path(__file__).parent / "static" / "tab"
# Where Teams and the other programs that show tabs have their pages, by Microsoft's list.
TEAMS_HOSTS = (
    "https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft "
    "https://*.microsoft365.com https://*.office.com"
)
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    f"img-src 'self'; style-src 'self'; frame-ancestors {TEAMS_HOSTS}; base-uri 'none'; "
    "form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SCRIPT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=3600",
}
LARGEST_BODY = 4 * 1024
BODY_TIMEOUT = 10.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Tab:
    """The way in by Teams. It lets nobody in before `begin` has given it the check of tokens."""

    def __init__(self, settings: Settings, visits: Visits, door: PageDoor) -> None:
        self._local, self._visits, self._door = settings.local, visits, door
        self._check: TabTokenCheck | None = None

    def begin(self, check: TabTokenCheck) -> None:
        self._check = check

    async def close(self) -> None:
        if self._check is not None:
            await self._check.close()

    async def show(self, request: web.Request) -> web.Response:
        """The page that signs in. The manifest may say the language and theme in its address."""
        language = language_of(request.query.get("sprak", "")) or wished_language(request)
        theme = theme_of(request.query.get("tema", ""))
        text = tab_html(language, "tab_local" if self._local else "tab_in", theme)
        return web.Response(text=text, content_type="text/html")

    async def enter(self, request: web.Request) -> web.Response:
        """Let in who the token says; answers where to go. Every refused token is the same 401."""
        try:
            if self._check is None:
                raise Refused(401, "tab_not_here")
            self._visits.check_origin(request)
            if request.content_type != "application/json" or "Content-Encoding" in request.headers:
                return _refuse(415, "content_type")
            user = await self._check.check(request.headers)
            look = await _look(request)
        except NotOurs as refused:
            return _refuse(403, str(refused))
        except Refused as refused:
            return _refuse(refused.status, refused.reason)
        except web.HTTPRequestEntityTooLarge:
            return _refuse(413, "too_large")
        except TimeoutError:
            return _refuse(408, "body_too_slow")
        held = Held(new_secret(), framed=True)
        registered = await asyncio.to_thread(
            self._door.enter_by_tab, user.key, user.name, user.roles, held.digest
        )
        for former in self._visits.held(request):
            if former.framed:
                await asyncio.to_thread(self._door.leave, former.digest)
        to = f"{SIDE_PATH}/" if registered else f"{SIDE_PATH}/{ASK_PATH}"
        response = web.json_response({"til": to})
        self._visits.begin_tab(response, held, look)
        return response


def add_tab(app: web.Application, settings: Settings, visits: Visits, door: PageDoor) -> Tab:
    """Serve the tab and its scripts."""
    tab = Tab(settings, visits, door)
    app.router.add_get(TAB_PATH, tab.show)
    app.router.add_post(f"{TAB_PATH}/inn", tab.enter)
    for path in sorted(SCRIPTS.glob("*.js")):
        app.router.add_get(f"{TAB_PATH}/{path.name}", _script(path))
    headers = HEADERS | (HTTPS_ONLY if settings.public_url.startswith("https://") else {})

    async def guard(request: web.Request, response: web.StreamResponse) -> None:
        """Also for what is refused before any handler is found."""
        if request.path == TAB_PATH or request.path.startswith(f"{TAB_PATH}/"):
            for name, value in headers.items():
                response.headers.setdefault(name, value)

    app.on_response_prepare.append(guard)
    return tab


def _script(path: Path) -> Handler:
    body = path.read_bytes()

    async def serve(request: web.Request) -> web.Response:
        response = web.Response(
            body=body, content_type="text/javascript", charset="utf-8", headers=SCRIPT_HEADERS
        )
        response.enable_compression()  # TeamsJS is 200 kB, and 60 when it is packed
        return response

    return serve


async def _look(request: web.Request) -> Look:
    """The theme and the language that Teams is shown in; what isn't understood is left to us."""
    if (request.content_length or 0) > LARGEST_BODY:
        raise web.HTTPRequestEntityTooLarge(LARGEST_BODY, request.content_length or 0)
    async with asyncio.timeout(BODY_TIMEOUT):
        body = await request.read()
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return Look()
    theme, locale = (said.get("tema"), said.get("sprak")) if isinstance(said, dict) else ("", "")
    return Look(
        theme_of(theme) if isinstance(theme, str) else "auto",
        language_of(locale) if isinstance(locale, str) else None,
    )


def _refuse(status: int, reason: str) -> web.Response:
    log.info("action=tab_refused status=%d reason=%s", status, reason)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return web.json_response({"feil": "avvist"}, status=status, headers=headers)
