"""/kalender/…: a person's own meetings, fetched again and again by the calendar they use.

The address is the only key there is, so it is written in no log.
"""

import asyncio
import hashlib
import logging
from datetime import timedelta
from typing import Protocol

from aiohttp import ETag, web

from bot.links import CALENDAR_PATH, Links, utc_now
from bot.pages.static_pages import HEADERS, HTTPS_ONLY
from dialogs.messages import Paper

log = logging.getLogger("kvalitetsbot.calendars")

REFRESH = timedelta(hours=6)
GONE = (
    "Denne kalenderadressen virker ikke lenger.\n"
    "Skriv «kalenderlenke» til Kvalitetsbot i Teams, så får du adressen som gjelder nå.\n\n"
    "Denne kalenderadressa verkar ikkje lenger.\n"
    "Skriv «kalenderlenke» til Kvalitetsbot i Teams, så får du adressa som gjeld no.\n"
)


class Calendars(Protocol):
    """Where the calendars are. It blocks; it runs in a thread."""

    def calendar(self, feed: str) -> Paper | None: ...


def add_calendars(app: web.Application, links: Links, calendars: Calendars, *, https: bool) -> None:
    """Serve the calendars; `https` says that the bot's public address is one."""
    headers = {
        **HEADERS,
        **(HTTPS_ONLY if https else {}),
        "Cache-Control": "private, max-age=300",
    }
    missing = {**headers, "Cache-Control": "no-store"}

    async def serve(request: web.Request) -> web.Response:
        # An address that isn't ours is looked up as well: one can't tell by how long it takes.
        feed = links.read_calendar(request.match_info["name"])
        body = await asyncio.to_thread(_file, calendars, feed)
        if body is None:
            log.info("action=calendar_refused")
            return web.Response(status=404, text=GONE, headers=missing)
        tag = ETag(hashlib.sha256(body).hexdigest()[:32])
        known = request.if_none_match or ()
        if any(one.value in (tag.value, "*") for one in known):
            response = web.Response(status=304, headers=headers)
        else:
            response = web.Response(
                body=body, content_type="text/calendar", charset="utf-8", headers=headers
            )
        response.etag = tag
        return response

    app.router.add_get(f"{CALENDAR_PATH}/{{name}}", serve, allow_head=False)


def _file(calendars: Calendars, feed: str) -> bytes | None:
    # It takes a while to load: not at start, but when it is first needed.
    from bot.papers.calendar_file import calendar_file

    paper = calendars.calendar(feed)
    return calendar_file(paper, "calendar", utc_now(), refresh=REFRESH) if paper else None
