"""Page -> HTML that works without scripts: what people wrote is never anything but text.

Jinja is loaded when the first page is shown.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode, urlsplit

from bot.links import SIDE_PATH, TAB_PATH, Links, is_side_path
from bot.pages.html_fields import field_of
from bot.papers.chart_table import chart_table
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Chart,
    Choice,
    DateInput,
    Download,
    Facts,
    FeedAddress,
    Items,
    Language,
    NumberInput,
    Page,
    PageAddress,
    PageLinks,
    Paragraph,
    Picture,
    Table,
    TextInput,
    WebLinks,
)
from dialogs.wording import Wording, read_wordings

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
STYLES_PATH = "/stil"
PICTURE_PATH = f"{SIDE_PATH}/bilde"

# Names of fields. Those of cards come after "felt." so that none of them can be one of ours.
FIELD = "felt."
PRESSED, PRESSED_ALONE = "trykk", "trykk-alene"
CSRF, FROM = "nokkel", "fra"
# Query parameters of a picture beside those of the page that it stands on.
CHART_NUMBER, CHART_THEME, CHART_WIDTH = "_nr", "_tema", "_bredde"

_NARROW, _DARK = "(max-width: 40rem)", "(prefers-color-scheme: dark)"
_HEAVY = {"normal": "secondary", "main": "", "danger": "secondary"}


# "auto" is what the browser is set to; in the tab, the theme of Teams.
Theme = Literal["auto", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is shown, and to whom; without a path, its charts are tables only.

    `before` is the address of the page that was left by pressing, for the answers to the press.
    `framed` is in the tab in Teams, where links to elsewhere open outside it.
    """

    csrf: str
    name: str
    path: str = ""
    query: Mapping[str, str] | None = None
    back: tuple[str, str] | None = None
    before: str = ""
    theme: Theme = "auto"
    framed: bool = False

    @property
    def address(self) -> str:
        if self.before:
            return self.before
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def page_html(page: Page, place: Place, links: Links) -> str:
    """The whole page. Buttons and forms carry the token of the reader's session."""
    pictures = _Pictures(place)
    return (
        _environment()
        .get_template("page.html")
        .render(
            **_words(page.language, place.theme),
            heading=page.title,
            framed=place.framed,
            menu=_ours(page.menu),
            trail=_ours(page.trail),
            files=_ours(page.files),
            back=place.back,
            filters=[
                field_of(one, f"utvalg-{n}", one.id, []) for n, one in enumerate(page.filters)
            ],
            cards=[
                _card(card, number, page, pictures, links) for number, card in enumerate(page.cards)
            ],
            csrf=place.csrf,
            name=place.name,
            path_here=place.path,
            address_here=place.address,
        )
    )


def notice_html(language: Language, name: str, *, back: bool = False, theme: Theme = "auto") -> str:
    """A page that says one thing, by the name of its texts: `name` and `name`_title."""
    words = _wordings()[language]
    return (
        _environment()
        .get_template("notice.html")
        .render(
            **_words(language, theme),
            heading=words.say(f"{name}_title"),
            texts=[words.say(name)],
            back=back,
        )
    )


def login_html(language: Language, number: int, csrf: str, *, waiting: bool) -> str:
    """The number to press in the chat, and the way in after it."""
    heading = _wordings()[language].say("side_in_title")
    return (
        _environment()
        .get_template("login.html")
        .render(**_words(language), heading=heading, number=number, csrf=csrf, waiting=waiting)
    )


def tab_html(
    language: Language, name: Literal["tab_in", "tab_ended", "tab_left", "tab_local"], theme: Theme
) -> str:
    """The tab in Teams: while it signs in, or what there is to do instead."""
    heading = "tab_ended_title" if name == "tab_ended" else "tab_title"
    return (
        _environment()
        .get_template("tab.html")
        .render(
            **_words(language, theme),
            heading=_wordings()[language].say(heading),
            name=name,
            tab=TAB_PATH,
        )
    )


def charts_of(page: Page) -> list[Chart]:
    """The charts of a page in the order in which their pictures are numbered."""
    return [block for card in page.cards for block in card.blocks if isinstance(block, Chart)]


def say(language: Language, key: str, **filled: object) -> str:
    return _wordings()[language].say(key, **filled)


# What the templates are given


@cache
def _wordings() -> Mapping[Language, Wording]:
    return read_wordings()


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {"parts_of": _parts, "side": SIDE_PATH, "styles": STYLES_PATH}
    return environment


def _words(language: Language, theme: Theme = "auto") -> dict[str, Any]:
    return {"language": language, "say": _wordings()[language].say, "theme": theme}


def _ours(pairs: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [(title, path) for title, path in pairs if is_side_path(path)]


class _Pictures:
    """Numbers the charts of a page, and says where their pictures are."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._count = 0

    def next(self) -> tuple[str, str, list[tuple[str, str]]]:
        """An id, the address of the picture ("" for none), and others by when to use them."""
        number, self._count = self._count, self._count + 1
        id = f"diagram-{number}"
        if not self._place.path:
            return id, "", []
        if self._place.theme != "auto":
            theme = self._place.theme
            narrow = [(_NARROW, self._address(number, theme, "narrow"))]
            return id, self._address(number, theme, "wide"), narrow
        sources = [
            (f"{_NARROW} and {_DARK}", self._address(number, "dark", "narrow")),
            (_NARROW, self._address(number, "light", "narrow")),
            (_DARK, self._address(number, "dark", "wide")),
        ]
        return id, self._address(number, "light", "wide"), sources

    def _address(self, number: int, theme: str, width: str) -> str:
        own = {CHART_NUMBER: number, CHART_THEME: theme, CHART_WIDTH: width}
        path = self._place.path.removeprefix(SIDE_PATH)
        return f"{PICTURE_PATH}{path}?{urlencode({**(self._place.query or {}), **own})}"


def _card(
    card: CardReply, number: int, page: Page, pictures: _Pictures, links: Links
) -> dict[str, Any]:
    # A single card often has the title of the page, which need not be said twice.
    title = "" if number == 0 and card.title == page.title else card.title
    return {
        "id": f"del-{number}",
        "title": title,
        "blocks": list(_blocks(card, f"f{number}", pictures, links)),
        # Of several buttons, the browser presses the first when somebody presses Enter in a field.
        "buttons": sorted(
            (_button(one, links) for one in card.buttons), key=lambda one: not one["main"]
        ),
        "is_form": any(isinstance(one, Button) for one in card.buttons),
    }


def _button(button: Button | Download, links: Links) -> dict[str, Any]:
    if isinstance(button, Download):
        href = _local(links.download(button.paper, button.format, button.reader))
        return {"title": button.title, "href": href, "main": False}
    return {
        "title": button.title,
        "href": "",
        "name": PRESSED if button.sends_inputs else PRESSED_ALONE,
        "value": json.dumps(dict(button.value), ensure_ascii=False),
        "variant": _HEAVY[button.weight],
        "danger": button.weight == "danger",
        "novalidate": not button.sends_inputs,
        "main": button.weight == "main",
    }


def _blocks(
    card: CardReply, prefix: str, pictures: _Pictures, links: Links
) -> Iterator[dict[str, Any]]:
    """The blocks of a card; what is wrong with a field goes to the field that follows it."""
    errors: list[str] = []
    above = card.title
    for number, block in enumerate(card.blocks):
        if isinstance(block, Paragraph) and block.style == "error":
            errors.append(block.text.strip())
            continue
        if isinstance(block, Choice | TextInput | NumberInput | DateInput):
            yield field_of(block, f"{prefix}-{number}", FIELD + block.id, errors)
        else:
            yield from ({"kind": "error", "text": text} for text in errors)
            yield _block(block, card, above, pictures, links)
            if isinstance(block, Paragraph) and block.style == "heading":
                above = block.text
        errors = []
    yield from ({"kind": "error", "text": text} for text in errors)


def _block(
    block: Block, card: CardReply, above: str, pictures: _Pictures, links: Links
) -> dict[str, Any]:
    """`above` is the heading that the block stands under: what it says isn't said again."""
    match block:
        case Paragraph(text, style):
            return {"kind": style, "text": text}
        case Items(items):
            return {"kind": "items", "list": [_together(one) for one in items]}
        case WebLinks(links=pairs):
            safe = [(text, to if to.startswith("https://") else "") for text, to in pairs]
            return {"kind": "links", "list": safe}
        case PageLinks(links=pairs):
            return {
                "kind": "links",
                "list": [(text, to if is_side_path(to) else "") for text, to in pairs],
            }
        case Facts(pairs):
            return {"kind": "facts", "list": pairs}
        case Table():
            caption = card.title or say(card.language, "side_table")
            return {"kind": "table", "table": _table(block), "caption": caption}
        case Chart():
            id, picture, sources = pictures.next()
            return {
                "kind": "chart",
                "id": id,
                "title": block.title,
                "title_shown": block.title != above,
                "alt": block.alt,
                "picture": picture,
                "sources": sources,
                "table": _table(chart_table(block, card.language)),
            }
        case Picture():
            address = _local(links.picture(block.paper, block.reader))
            return {"kind": "picture", "picture": address, "alt": block.alt}
        case FeedAddress(feed):
            return {"kind": "code", "text": links.calendar(feed)}
        case PageAddress():
            # Who reads this is in already.
            return {"kind": "normal", "text": ""}
        case _:
            raise TypeError(type(block).__name__)


def _table(table: Table) -> dict[str, Any]:
    rows = [[_together(cell) for cell in row] for row in table.rows]
    return {"columns": table.columns, "rows": rows, "caption_shown": False}


def _together(text: str) -> str:
    """The text with each sign on the same line as its number."""
    return text.replace("± ", "±\u00a0")


def _parts(text: str) -> list[dict[str, Any]]:
    """The paragraphs of a text and the lists in it, as dialogs/messages.py has them written."""
    parts: list[dict[str, Any]] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines: list[str] = []
        items: list[str] = []
        for line in paragraph.splitlines():
            if line.startswith("• "):
                items.append(line.removeprefix("• "))
            elif items:  # what follows a list begins anew
                parts += [{"lines": lines, "items": []}] if lines else []
                parts.append({"items": items})
                lines, items = [line], []
            else:
                lines.append(line)
        parts += [{"lines": lines, "items": []}] if any(lines) else []
        parts += [{"items": items}] if items else []
    return parts


def _local(address: str) -> str:
    """An address of ours without the host: a page may only show pictures of its own."""
    return urlsplit(address).path
