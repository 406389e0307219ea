"""Who a request to the page is from, and whether a page of ours sent it: cookies and forms."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from bot.pages.html import FIELD, PRESSED, PRESSED_ALONE, Theme
from bot.settings import Settings
from dialogs.messages import Language
from dialogs.page_login import NUMBERS

LARGEST_FORM = 256 * 1024
FORM_TIMEOUT = 10.0
MOST_FIELDS = 500
SECRET_BYTES = 32
LOGIN_COOKIE_LASTS = 600

# The tab in Teams is a frame of another site: only such cookies are sent from there. Python 3.11
# knows no "Partitioned".
TAB_COOKIE, LOOK_COOKIE = "__Host-fane", "__Host-fane-visning"
_IN_A_FRAME = "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"

# Set on a request that is answered in the tab in Teams: it may be shown in a frame there.
FRAMED = web.RequestKey("framed", bool)

_PURPOSE = b"kvalitetsbot:page"
_FORM = "application/x-www-form-urlencoded"
_ON_THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")


class NotOurs(Exception):
    """The form was not sent by a page of ours to the one who sends it, or isn't a form at all."""


@dataclass(frozen=True, slots=True)
class Form:
    """What came with a form: the last value of each name, and what a button acts on."""

    values: Mapping[str, str]
    pressed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A session that a browser holds the secret of, if it is one; `framed` is that of the tab."""

    secret: str
    framed: bool = False

    @property
    def digest(self) -> str:
        """What is kept of it. A session of the tab is never one of the browser, nor the other."""
        return digest(f"tab:{self.secret}" if self.framed else self.secret)


@dataclass(frozen=True, slots=True)
class Look:
    """How the tab is shown: as Teams is."""

    theme: Theme = "auto"
    language: Language | None = None


class Visits:
    """The cookies of one site, and all that is worked out of them. Nothing is kept here."""

    def __init__(self, settings: Settings, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), _PURPOSE, hashlib.sha256)
        # On one's own machine there is no https, and some browsers refuse such cookies then.
        self._secure = not settings.local
        prefix = "__Host-" if self._secure else ""
        self._session_cookie, self._login_cookie = f"{prefix}side", f"{prefix}inn"
        self._origins = {_origin(settings.public_url)}
        if settings.local:
            self._origins |= {f"http://{host}:{settings.port}" for host in _ON_THIS_MACHINE}

    # What the browser holds

    def held(self, request: web.Request) -> list[Held]:
        """What the browser holds. Its own session comes first: no other site's frame sends it."""
        browser = request.cookies.get(self._session_cookie, "")
        tab = request.cookies.get(TAB_COOKIE, "")
        return [one for one in (Held(browser), Held(tab, framed=True)) if one.secret]

    def begin(self, response: web.Response, session: str) -> None:
        """The browser's session from now on, until it is closed or the session ends."""
        self._set(response, self._session_cookie, session)
        response.del_cookie(self._login_cookie, path="/", secure=self._secure)

    def end(self, response: web.Response, held: Held) -> None:
        if held.framed:
            response.headers.add("Set-Cookie", f"{TAB_COOKIE}=; {_IN_A_FRAME}; Max-Age=0")
        else:
            response.del_cookie(self._session_cookie, path="/", secure=self._secure)

    def begin_tab(self, response: web.Response, held: Held, look: Look) -> None:
        """The session of the tab from now on, shown like this, until Teams is closed."""
        shown = f"{look.theme}-{look.language or ''}"
        response.headers.add("Set-Cookie", f"{TAB_COOKIE}={held.secret}; {_IN_A_FRAME}")
        response.headers.add("Set-Cookie", f"{LOOK_COOKIE}={shown}; {_IN_A_FRAME}")

    def look(self, request: web.Request) -> Look:
        """How the tab is shown, whatever the cookie holds."""
        theme, _, language = request.cookies.get(LOOK_COOKIE, "").partition("-")
        return Look(theme_of(theme), language_of(language))

    def guest(self, request: web.Request) -> str:
        """The secret of a browser that isn't in yet; "" when it has none."""
        return request.cookies.get(self._login_cookie, "")

    def give_guest(self, response: web.Response, guest: str) -> None:
        self._set(response, self._login_cookie, guest, max_age=LOGIN_COOKIE_LASTS)

    def _set(
        self, response: web.Response, name: str, value: str, max_age: int | None = None
    ) -> None:
        response.set_cookie(
            name,
            value,
            path="/",
            max_age=max_age,
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    # What is worked out of it

    def place(self, login: str, guest: str) -> int:
        """Which of the numbers of a login this browser shows."""
        return int.from_bytes(self._mac("number", login, guest)) % NUMBERS

    def csrf(self, secret: str) -> str:
        """The token of the forms that are shown to the browser with this secret."""
        return self._mac("form", secret).hex()

    def _mac(self, *parts: str) -> bytes:
        named = json.dumps(parts).encode()
        return hmac.digest(self._key, named, hashlib.sha256)

    # Forms

    def check_origin(self, request: web.Request) -> None:
        """Raises NotOurs unless a page of ours sent the request."""
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if request.headers.get("Origin") not in self._origins or site != "same-origin":
            raise NotOurs("origin")

    async def form(self, request: web.Request, secret: str, csrf_field: str) -> Form:
        """The form, when a page of ours that was shown to the holder of `secret` sent it.

        Raises NotOurs; HTTPRequestEntityTooLarge or TimeoutError for what is too large or too slow.
        """
        self.check_origin(request)
        if request.content_type != _FORM or "Content-Encoding" in request.headers:
            raise NotOurs("content_type")
        if (request.content_length or 0) > LARGEST_FORM:
            raise web.HTTPRequestEntityTooLarge(LARGEST_FORM, request.content_length or 0)
        async with asyncio.timeout(FORM_TIMEOUT):
            body = await request.read()
        values = _values(body.decode("utf-8", "replace"))
        token = values.get(csrf_field, "").encode("utf-8", "replace")
        if not secret or not hmac.compare_digest(token, self.csrf(secret).encode()):
            raise NotOurs("token")
        return Form(values, _pressed(values))


def theme_of(name: str) -> Theme:
    """The theme of the page by that of Teams: "default", "dark", "contrast"; or by ours."""
    if name in ("dark", "contrast"):
        return "dark"
    return "light" if name in ("default", "light") else "auto"


def language_of(locale: str) -> Language | None:
    """The written language of a locale such as "nn-NO"; None when it is neither of ours."""
    first = locale.lower().partition("-")[0]
    if first == "nn":
        return "nn"
    return "nb" if first in ("nb", "no") else None


def new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """What is kept of a session's secret: who reads the database can't be anybody with it."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def query_of(request: web.Request) -> dict[str, str]:
    """The query parameters, several of a name with commas between, as fields are."""
    return values_of(request.query_string)


def values_of(query: str) -> dict[str, str]:
    """The values of a query string; nothing of one with too many."""
    try:
        return _values(query)
    except NotOurs:
        return {}


def wished_language(request: web.Request) -> Language:
    """The written language to use for who hasn't said who they are."""
    first = request.headers.get("Accept-Language", "").partition(",")[0]
    return "nn" if first.strip().lower().startswith("nn") else "nb"


def _values(encoded: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise NotOurs("fields") from error
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        cleaned = value.replace("\r\n", "\n").replace("\x00", "")
        values.setdefault(name, []).append(cleaned)
    return {name: ",".join(one for one in given if one) for name, given in values.items()}


def _pressed(values: Mapping[str, str]) -> Mapping[str, Any] | None:
    """What the pressed button carries, with the fields of its form unless it sends none."""
    carried = values.get(PRESSED) or values.get(PRESSED_ALONE)
    if carried is None:
        return None
    try:
        value = json.loads(carried, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise NotOurs("value") from error
    if not isinstance(value, dict):
        raise NotOurs("value")
    if PRESSED in values:
        value |= {
            name.removeprefix(FIELD): written
            for name, written in values.items()
            if name.startswith(FIELD)
        }
    return value


def _not_json(constant: str) -> Any:
    raise ValueError(constant)


def _origin(address: str) -> str:
    """As a browser sends it: without the port that goes without saying."""
    parts = urlsplit(address)
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return f"{parts.scheme}://{parts.netloc.removesuffix(usual)}".lower()
