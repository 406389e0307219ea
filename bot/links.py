"""Addresses of ours: papers, for a day; calendars, until renewed; the page and the way in to it."""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import jwt

PATH = "/papir"
CALENDAR_PATH = "/kalender"
SIDE_PATH = "/side"
LOGIN_PATH = f"{SIDE_PATH}/inn"
TAB_PATH = "/fane"
VALID = timedelta(hours=24)

Format = Literal["docx", "txt", "ics", "json", "png"]

_ALGORITHM = "HS256"
_PURPOSE = "kvalitetsbot:paper"
_CALENDAR_PURPOSE = "kvalitetsbot:calendar"
_LOGIN_PURPOSE = "kvalitetsbot:page login"
_MAC_DIGITS = 40  # 160 bits, in hexadecimal
_ELSEWHERE = re.compile(r"[\s\\]|//|/\.\.?(?:/|$)")


class LinkRefused(Exception):
    """The link is not one of ours, or too old."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a link opens: the paper at `paper`, as that person may read it."""

    paper: str
    format: Format
    reader: str


def utc_now() -> datetime:
    return datetime.now(UTC)


class Links:
    """Makes and reads links. All copies of the program that share the secret know each other's."""

    def __init__(
        self, secret: str, public_url: str, clock: Callable[[], datetime] = utc_now
    ) -> None:
        # A key of its own, so that nothing else signed with the secret is ever a link.
        self._key = hmac.digest(secret.encode(), _PURPOSE.encode(), hashlib.sha256)
        self._calendar_key = hmac.digest(
            secret.encode(), _CALENDAR_PURPOSE.encode(), hashlib.sha256
        )
        self._login_key = hmac.digest(secret.encode(), _LOGIN_PURPOSE.encode(), hashlib.sha256)
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def download(
        self, paper: str, format: Literal["docx", "txt", "ics", "json"], reader: str
    ) -> str:
        return self._address(Link(paper, format, reader), f"dokument.{format}")

    def picture(self, paper: str, reader: str) -> str:
        return self._address(Link(paper, "png", reader), "tidslinje.png")

    def read(self, token: str) -> Link:
        """What a link of ours opens; raises LinkRefused."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_PURPOSE,
                options={"require": ["aud", "exp"]},
            )
            return Link(claims["paper"], claims["format"], claims["reader"])
        except (jwt.InvalidTokenError, KeyError) as error:
            raise LinkRefused(type(error).__name__) from error

    def calendar(self, feed: str) -> str:
        """The address of the calendar with this id. Without the secret, the id gives no address."""
        return f"{self._public_url}{CALENDAR_PATH}/{feed}-{_mac(self._calendar_key, feed)}.ics"

    def read_calendar(self, name: str) -> str:
        """The id in the last part of a calendar's address; "" for what is none of ours."""
        return _genuine(self._calendar_key, name.removesuffix(".ics"))

    def page(self, path: str) -> str:
        """The address of a path of the page ("/side/…"); of its front for any other path."""
        return f"{self._public_url}{path if is_side_path(path) else SIDE_PATH + '/'}"

    def page_login(self, login: str) -> str:
        """The address of the way in with this id. Without the secret, the id gives no address."""
        return f"{self._public_url}{LOGIN_PATH}/{login}-{_mac(self._login_key, login)}"

    def read_page_login(self, name: str) -> str:
        """The id in the last part of a way in; "" for what is none of ours."""
        return _genuine(self._login_key, name)

    def _address(self, link: Link, name: str) -> str:
        claims = {
            "paper": link.paper,
            "format": link.format,
            "reader": link.reader,
            "aud": _PURPOSE,
            "exp": self._clock() + VALID,
        }
        token = jwt.encode(claims, self._key, _ALGORITHM)
        return f"{self._public_url}{PATH}/{token}/{name}"


def is_side_path(path: str) -> bool:
    """Whether a path leads to the page, and nowhere else whatever a browser makes of it."""
    where = re.split(r"[?#]", path, maxsplit=1)[0]
    return path.startswith(f"{SIDE_PATH}/") and not _ELSEWHERE.search(where) and path.isprintable()


def _mac(key: bytes, id: str) -> str:
    return hmac.digest(key, id.encode("utf-8", "replace"), hashlib.sha256).hex()[:_MAC_DIGITS]


def _genuine(key: bytes, name: str) -> str:
    """The id of "<id>-<mac>"; "" when the mac isn't its own."""
    id, _, mac = name.rpartition("-")
    fits = hmac.compare_digest(_mac(key, id).encode(), mac.encode("utf-8", "replace"))
    return id if fits else ""
