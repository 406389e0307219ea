"""/side/…: the page in the browser, what is pressed on it, its files and its pictures.

Every answer has headers that let it run nothing and load nothing from elsewhere. What may be read
and done is decided in dialogs/; here is only made sure who it is.
"""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bot.errors import log_error
from bot.links import SIDE_PATH, Links
from bot.pages.html import STYLES_PATH, notice_html
from bot.pages.login import add_login
from bot.pages.side_handlers import SideHandlers, Site, html_response
from bot.pages.static_pages import HTTPS_ONLY
from bot.pages.tab import TEAMS_HOSTS, Tab, add_tab
from bot.pages.visits import FRAMED, NotOurs, Visits, wished_language
from bot.settings import Settings

log = logging.getLogger("kvalitetsbot.pages")

STYLES = Path(__file__).parent / "static" / "side"
STYLE_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    # With "no-referrer" browsers send "Origin: null", and forms could not be told from others'.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# The same in the tab in Teams, which shows it in a frame.
IN_TEAMS = HEADERS["Content-Security-Policy"].replace(
    "frame-ancestors 'none'", f"frame-ancestors {TEAMS_HOSTS}"
)
STYLE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=3600",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_side_pages(
    app: web.Application, links: Links, site: Site, settings: Settings, secret: str
) -> Tab:
    """Serve the page, for whoever the chat has let in; and the tab, which lets in by Teams."""
    visits = Visits(settings, secret)
    served = SideHandlers(links, site, visits)
    add_styles(app)
    routes = app.router
    add_login(app, links, site.page_door, visits)
    routes.add_get(SIDE_PATH, _to_the_front)
    routes.add_post(f"{SIDE_PATH}/trykk", served.for_anybody_in(served.press))
    routes.add_get(
        f"{SIDE_PATH}/fil/{{path:.+}}.{{ext:xlsx|csv|docx}}", served.for_visitors(served.file)
    )
    routes.add_get(f"{SIDE_PATH}/bilde/{{path:.*}}", served.for_visitors(served.picture))
    routes.add_get(f"{SIDE_PATH}/{{path:.*}}", served.for_anybody_in(served.page))
    headers = HEADERS | (HTTPS_ONLY if settings.public_url.startswith("https://") else {})

    async def guard(request: web.Request, response: web.StreamResponse) -> None:
        """Also for what is refused before any handler is found."""
        if request.path == SIDE_PATH or request.path.startswith(f"{SIDE_PATH}/"):
            if request.get(FRAMED):
                response.headers.setdefault("Content-Security-Policy", IN_TEAMS)
            for name, value in headers.items():
                response.headers.setdefault(name, value)

    app.on_response_prepare.append(guard)
    app.middlewares.append(_always_a_page)
    return add_tab(app, settings, visits, site.page_door)


def add_styles(app: web.Application) -> None:
    """The style sheets, which are the same for everybody and say nothing of anybody."""
    for path in sorted(STYLES.iterdir()):
        app.router.add_get(f"{STYLES_PATH}/{path.name}", _style(path))


def _style(path: Path) -> Handler:
    body = path.read_bytes()

    async def serve(request: web.Request) -> web.Response:
        return web.Response(
            body=body,
            content_type=STYLE_TYPES[path.suffix],
            charset="utf-8",
            headers=STYLE_HEADERS,
        )

    return serve


async def _to_the_front(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": f"{SIDE_PATH}/"})


@web.middleware
async def _always_a_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What goes wrong under /side is told as a page, without anything of what was sent."""
    if request.path != SIDE_PATH and not request.path.startswith(f"{SIDE_PATH}/"):
        return await handler(request)
    language = wished_language(request)
    try:
        return await handler(request)
    except NotOurs as refused:
        log.info("action=page_refused reason=%s", refused)
        return html_response(notice_html(language, "side_refused", back=True), 403)
    except web.HTTPRequestEntityTooLarge:
        return html_response(notice_html(language, "side_too_large", back=True), 413)
    except TimeoutError:
        return html_response(notice_html(language, "side_refused", back=True), 408)
    except web.HTTPException as error:
        response = html_response(notice_html(language, "side_missing", back=True), error.status)
        if allowed := error.headers.get("Allow"):
            response.headers["Allow"] = allowed
        return response
    except Exception as error:
        log_error("page_failed", error)
        return html_response(notice_html(language, "side_fault"), 500)
