"""A file that somebody attaches in the personal chat: fetched from where Teams keeps it.

Teams puts the file in the sender's OneDrive and tells us an address that is good for a few
minutes and holds its own key. Nothing else is fetched than small files of meetings from there.
"""

import logging
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.activity import clean_text
from bot.sizes import Json
from dialogs.meetings.file_rows import LARGEST_FILE
from dialogs.meetings.meeting_files import EXTENSIONS
from dialogs.messages import AttachedFile

log = logging.getLogger("kvalitetsbot.files")

FILE_TYPE = "application/vnd.microsoft.teams.file.download.info"
HOSTS = ".sharepoint.com"
TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
MOST_REDIRECTS = 3
LONGEST_NAME = 200
REDIRECTS = frozenset({301, 302, 303, 307, 308})


def files_of(attachments: Sequence[Json] | None) -> list[Json]:
    """The attached files; a message's own formatting and pictures are attachments too."""
    return [one for one in attachments or () if one.get("contentType") == FILE_TYPE]


async def fetch_file(session: aiohttp.ClientSession, files: Sequence[Json]) -> AttachedFile:
    """The file with what is in it, or with the reason that it wasn't fetched."""
    name = files[0].get("name")
    name = clean_text(name, LONGEST_NAME) if isinstance(name, str) else ""
    if len(files) > 1:
        return AttachedFile(name, problem="several")
    # What can't be meetings is never fetched: it may hold what the bot should not know.
    if PurePath(name.casefold()).suffix not in (*EXTENSIONS, ".xls"):
        return AttachedFile(name, problem="other kind")
    content = files[0].get("content")
    address = content.get("downloadUrl") if isinstance(content, dict) else None
    try:
        found = await _fetch(session, address if isinstance(address, str) else "")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        # Never the address: it opens the file.
        log.warning("action=file_not_fetched error=%s", type(error).__name__)
        return AttachedFile(name, problem="unreachable")
    if len(found) > LARGEST_FILE:
        return AttachedFile(name, problem="too large")
    return AttachedFile(name, found)


async def _fetch(session: aiohttp.ClientSession, address: str) -> bytes:
    """What is there, one byte more than the largest file at most."""
    for _ in range(1 + MOST_REDIRECTS):
        if not is_allowed(address):
            raise ValueError("not an address of Teams' files")
        async with session.get(address, allow_redirects=False, timeout=TIMEOUT) as response:
            if response.status in REDIRECTS:
                address = urljoin(address, response.headers.get("Location", ""))
                continue
            response.raise_for_status()
            found = bytearray()
            async for piece in response.content.iter_chunked(64_000):
                found += piece
                if len(found) > LARGEST_FILE:
                    break
            return bytes(found)
    raise ValueError("sent on too many times")


def is_allowed(address: str) -> bool:
    """Https to the usual port of a host in SharePoint."""
    parts = urlsplit(address)
    host = (parts.hostname or "").rstrip(".")
    usual = parts.port in (None, 443) and parts.username is None
    return parts.scheme == "https" and host.endswith(HOSTS) and usual
