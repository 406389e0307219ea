"""/papir/…: the papers that links of ours open, and what to do where a link is too old."""

import asyncio
import logging
from pathlib import Path
from typing import Protocol

from aiohttp import web

from bot.links import PATH, Link, LinkRefused, Links, utc_now
from bot.pages.static_pages import HEADERS, HTTPS_ONLY
from bot.papers.files import PaperFile, disposition, paper_file
from dialogs.messages import Paper

log = logging.getLogger("kvalitetsbot.papers")

CLOSED = Path(__file__).parent / "static" / "lenke.html"


class Papers(Protocol):
    """Where the papers are. It blocks; it runs in a thread."""

    def paper(self, address: str, reader: str) -> Paper | None: ...


def add_papers(app: web.Application, links: Links, papers: Papers, *, https: bool) -> None:
    """Serve the papers; `https` says that the bot's public address is one."""
    headers = {**HEADERS, **(HTTPS_ONLY if https else {}), "Cache-Control": "no-store"}
    closed = CLOSED.read_text("utf-8")

    def refuse(reason: str) -> web.Response:
        log.info("action=paper_refused reason=%s", reason)
        return web.Response(status=404, text=closed, content_type="text/html", headers=headers)

    async def serve(request: web.Request) -> web.Response:
        try:
            link = links.read(request.match_info["token"])
        except LinkRefused as refused:
            return refuse(str(refused))
        file = await asyncio.to_thread(_opened, papers, link)
        if file is None:
            return refuse("closed")
        # A card shows the picture; the others are for the reader to keep.
        kind = "inline" if link.format == "png" else "attachment"
        own = {
            "Content-Type": file.content_type,
            "Content-Disposition": disposition(file.name, kind=kind),
        }
        return web.Response(body=file.body, headers={**headers, **own})

    app.router.add_get(f"{PATH}/{{token}}/{{name}}", serve)  # answers HEAD as well


def _opened(papers: Papers, link: Link) -> PaperFile | None:
    paper = papers.paper(link.paper, link.reader)
    return paper_file(paper, link.format, link.paper, utc_now()) if paper else None
