"""Addresses that anybody who has them may open: papers, for a day, and calendars, until renewed."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import jwt

PATH = "/papir"
CALENDAR_PATH = "/kalender"
VALID = timedelta(hours=24)

Format = Literal["docx", "txt", "ics", "png"]

_ALGORITHM = "HS256"
_PURPOSE = "kvalitetsbot:paper"
_CALENDAR_PURPOSE = "kvalitetsbot:calendar"
_MAC_DIGITS = 40  # 160 bits, in hexadecimal


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
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def download(self, paper: str, format: Literal["docx", "txt", "ics"], reader: str) -> str:
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
        return f"{self._public_url}{CALENDAR_PATH}/{feed}-{self._mac(feed)}.ics"

    def read_calendar(self, name: str) -> str:
        """The id in the last part of a calendar's address; "" for what is none of ours."""
        feed, _, mac = name.removesuffix(".ics").rpartition("-")
        genuine = hmac.compare_digest(self._mac(feed).encode(), mac.encode("utf-8", "replace"))
        return feed if genuine else ""

    def _mac(self, feed: str) -> str:
        named = feed.encode("utf-8", "replace")
        return hmac.digest(self._calendar_key, named, hashlib.sha256).hex()[:_MAC_DIGITS]

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
