"""Privacy and terms, which the Teams app links to: fixed HTML files and one style sheet."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
PAGES = {
    "/personvern": "personvern.nb.html",
    "/personvern/nynorsk": "personvern.nn.html",
    "/vilkar": "vilkar.nb.html",
    "/vilkar/nynorsk": "vilkar.nn.html",
}
STYLE = "/pages.css"
# The Teams app gives the root as its website.
FRONT_PAGE = "/vilkar"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "public, max-age=3600",
}
# A browser that has seen it uses https for a year.
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_pages(app: web.Application, *, https: bool) -> None:
    """Serve the pages; `https` says that the bot's public address is one."""
    headers = HEADERS | HTTPS_ONLY if https else HEADERS
    for address, name in PAGES.items():
        app.router.add_get(address, _fixed(name, "text/html", headers))
    app.router.add_get(STYLE, _fixed("pages.css", "text/css", headers))
    app.router.add_get("/", _front_page(headers))


def _fixed(name: str, content_type: str, headers: dict[str, str]) -> Handler:
    text = (FOLDER / name).read_text("utf-8")

    async def serve(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=content_type, charset="utf-8", headers=headers)

    return serve


def _front_page(headers: dict[str, str]) -> Handler:
    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={**headers, "Location": FRONT_PAGE})

    return redirect
