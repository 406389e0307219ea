"""Block -> the elements of an Adaptive Card 1.5 that show it.

Card text stands in TextRuns, which are never read as Markdown: phones show the backslashes of an
escaped TextBlock. Only headings are TextBlocks, since only those have the heading role.
"""

import math
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, assert_never

from bot.links import Links
from bot.markdown import escape_line, shown_lines
from bot.papers.chart_table import chart_table
from bot.sizes import PIECE_BYTES, SURELY_SMALL, Json, halves, message_bytes
from dialogs.messages import (
    Block,
    Chart,
    Choice,
    DateInput,
    Facts,
    FeedAddress,
    Items,
    Language,
    NumberInput,
    PageAddress,
    PageLinks,
    Paragraph,
    Picture,
    Table,
    TextInput,
    WebLinks,
)

MAX_EXPANDED_CHOICES = 5

_WORDS: dict[Language, dict[str, str]] = {
    "nb": {
        "error": "Feil: ",
        "choose": "Velg ett av alternativene.",
        "choose several": "Velg ett eller flere av alternativene.",
        "write": "Skriv noe her.",
        "number": "Skriv et tall.",
        "between": "Skriv et tall fra {minimum} til {maximum}.",
        "at least": "Skriv et tall som er {minimum} eller mer.",
        "at most": "Skriv et tall som er {maximum} eller mindre.",
        "date": "Velg en dato.",
        "no rows": "Ingen rader.",
        "open page": "Åpne siden",
    },
    "nn": {
        "error": "Feil: ",
        "choose": "Vel eitt av alternativa.",
        "choose several": "Vel eitt eller fleire av alternativa.",
        "write": "Skriv noko her.",
        "number": "Skriv eit tal.",
        "between": "Skriv eit tal frå {minimum} til {maximum}.",
        "at least": "Skriv eit tal som er {minimum} eller meir.",
        "at most": "Skriv eit tal som er {maximum} eller mindre.",
        "date": "Vel ein dato.",
        "no rows": "Ingen rader.",
        "open page": "Opne sida",
    },
}
_DATE_FUNCTION = re.compile(r"\{(?=\{(?:DATE|TIME)\()")


def elements(block: Block, language: Language, links: Links) -> Iterator[Json]:
    """The elements of one block, each small enough to share a card with others."""
    words = _WORDS[language]
    match block:
        case Paragraph(text, "heading"):
            yield heading(text, "Default")
        case Paragraph(text, "error"):
            # A screen reader says no colours, so the word says that it is an error.
            yield from _lines(words["error"] + text.strip(), color="Attention", weight="Bolder")
        case Paragraph(text, "quote"):
            yield from _quote(text)
        case Paragraph(text, "note"):
            yield from _lines(text, size="Small", isSubtle=True)
        case Paragraph(text):
            yield from _lines(text)
        case Items(items):
            for item in items:
                yield from _tight(_lines(f"• {item}"))
        case WebLinks(links=pairs):
            for text, address in pairs:
                yield from _tight([_web_link(text, address)])
        case Facts(pairs):
            for label, value in pairs:
                yield from _labelled(label, value)
        case Table():
            yield from _table(block, words["no rows"])
        case Picture():
            yield {
                "type": "Image",
                "url": links.picture(block.paper, block.reader),
                "altText": _without_functions(block.alt),
                "size": "Stretch",
                "msteams": {"allowExpand": True},
            }
        case Chart(title=title):
            # A card shows a drawing as a `Picture`; what stands here are its numbers.
            yield heading(title, "Default")
            yield from _table(chart_table(block, language), words["no rows"])
        case PageLinks(links=pairs):
            for text, path in pairs:
                yield from _tight([_opening(text, links.page(path))])
        case PageAddress(login):
            opens = {"type": "Action.OpenUrl", "title": words["open page"]}
            yield {"type": "ActionSet", "actions": [{**opens, "url": links.page_login(login)}]}
        case FeedAddress(feed):
            yield from _feed_address(links.calendar(feed))
        case Choice():
            yield _choice(block, words["choose several" if block.several else "choose"])
        case TextInput():
            yield _text_input(block, words["write"])
        case NumberInput():
            yield _number_input(block, words)
        case DateInput():
            yield _date_input(block, words["date"])
        case _:
            assert_never(block)


def heading(text: str, size: str) -> Json:
    line = " ".join(one for one in shown_lines(text) if one)
    return {
        "type": "TextBlock",
        "text": escape_line(_without_functions(line)),
        "style": "heading",
        "weight": "Bolder",
        "size": size,
        "wrap": True,
    }


def belongs_to_the_next(element: Json) -> bool:
    """A heading, or what is wrong with the field that follows."""
    if element.get("style") == "heading":
        return True
    return any(run.get("color") == "Attention" for run in element.get("inlines", ()))


def is_input(element: Json) -> bool:
    return bool(element["type"].startswith("Input."))


# Texts


def _lines(text: str, **look: Any) -> Iterator[Json]:
    for piece in _pieces(text):
        yield _rich(_run(piece, **look))


def _web_link(text: str, address: str) -> Json:
    """A run that opens a page; only https, whatever a guide may say."""
    return _opening(text, address) if address.startswith("https://") else _rich(_run(text))


def _opening(text: str, address: str) -> Json:
    opens = {"type": "Action.OpenUrl", "url": address, "tooltip": text}
    return _rich(_run(text, selectAction=opens, underline=True))


def _feed_address(address: str) -> Iterator[Json]:
    """The address to copy, as web pages and as calendars know it; on a line of its own each."""
    for one in (address, f"webcal:{address.partition(':')[2]}"):
        yield _rich(_run(one, fontType="Monospace", size="Small"))


def _labelled(label: str, value: str) -> Iterator[Json]:
    first, *rest = _pieces(value) or ["–"]
    shown = [_rich(_run(f"{label}: ", weight="Bolder"), _run(first))]
    yield from _tight([*shown, *(_rich(_run(piece)) for piece in rest)])


def _named(name: str, value: str) -> Iterator[Json]:
    """The second cell of a row after the first, which may be as long as it."""
    *before, last = _pieces(name) or ["–"]
    yield from _tight(_rich(_run(piece, weight="Bolder")) for piece in before)
    if len(last) <= SURELY_SMALL:
        yield from _labelled(last, value)
    else:
        yield from _tight([_rich(_run(f"{last}:", weight="Bolder"))])
        yield from _tight(_lines(value or "–"))


def _quote(text: str) -> Iterator[Json]:
    waiting: list[Json] = []
    for element in _lines(text):
        if waiting and message_bytes([*waiting, element]) > PIECE_BYTES:
            yield {"type": "Container", "style": "emphasis", "items": waiting}
            waiting = []
        waiting.append(element)
    if waiting:
        yield {"type": "Container", "style": "emphasis", "items": waiting}


def _table(table: Table, no_rows: str) -> Iterator[Json]:
    """Row by row: Teams on phones shows Table elements too narrow, or as an empty space."""
    for row in table.rows:
        name, *rest = row
        if len(rest) == 1:  # the heading of one column need not be said again in every row
            yield from _named(name, rest[0])
            continue
        first, *more = list(_lines(name, weight="Bolder")) or [_rich(_run("–"))]
        yield {**first, "separator": True}
        yield from _tight(more)
        for column, cell in zip(table.columns[1:], rest, strict=True):
            yield from _labelled(column, cell)
    if not table.rows:
        yield from _lines(no_rows, isSubtle=True)


def _tight(shown: Iterable[Json]) -> Iterator[Json]:
    for element in shown:
        yield {**element, "spacing": "Small"}


def _pieces(text: str) -> list[str]:
    """The lines of a text, each short enough to share a card with others."""
    pieces: list[str] = []
    waiting = [line for line in reversed(shown_lines(text)) if line]
    while waiting:
        line = waiting.pop()
        if len(line) > SURELY_SMALL and message_bytes(line) > PIECE_BYTES:
            waiting.extend(reversed(halves(line)))
        else:
            pieces.append(line)
    return pieces


def _rich(*runs: Json) -> Json:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(text: str, **style: Any) -> Json:
    return {"type": "TextRun", "text": _without_functions(text), **style}


def _without_functions(text: str) -> str:
    """Cards replace {{DATE(…)}} by a date; a word joiner, which is invisible, stops that."""
    return _DATE_FUNCTION.sub("{\u2060", text)


# Inputs


def _field(block: Choice | TextInput | NumberInput | DateInput, kind: str, error: str) -> Json:
    field: Json = {
        "type": kind,
        "id": block.id,
        "label": _without_functions(block.label),
        "isRequired": block.required,
        "errorMessage": block.error or error,
    }
    return {**field, "value": block.value} if block.value else field


def _choice(choice: Choice, error: str) -> Json:
    # Some clients read the titles of expanded choices as Markdown; a list to pull down never is.
    plain = all(escape_line(label) == label for _, label in choice.options)
    expanded = plain and len(choice.options) <= MAX_EXPANDED_CHOICES
    field = {
        **_field(choice, "Input.ChoiceSet", error),
        "style": "expanded" if expanded else "compact",
        "wrap": True,
        "choices": [{"title": label, "value": value} for value, label in choice.options],
    }
    if choice.several:
        # These are ticked off, never pulled down, so that Markdown must be escaped.
        titles = [
            {"title": escape_line(_without_functions(label)), "value": value}
            for value, label in choice.options
        ]
        field |= {"style": "expanded", "isMultiSelect": True, "choices": titles}
    return field


def _text_input(block: TextInput, error: str) -> Json:
    hint = {"placeholder": block.hint} if block.hint else {}
    return {
        **_field(block, "Input.Text", error),
        "isMultiline": block.lines,
        "maxLength": block.longest,
        **hint,
    }


def _number_input(block: NumberInput, words: dict[str, str]) -> Json:
    limits = {"min": block.minimum, "max": block.maximum}
    field = {
        **_field(block, "Input.Number", _number_error(block, words)),
        **{name: _number(limit) for name, limit in limits.items() if limit is not None},
    }
    if block.value:
        try:
            value = float(block.value)
        except ValueError:
            return _as_written(field)
        if not math.isfinite(value):
            return _as_written(field)
        field["value"] = _number(value)
    return field


def _number_error(block: NumberInput, words: dict[str, str]) -> str:
    low, high = block.minimum, block.maximum
    if low is None and high is None:
        return words["number"]
    name = "at most" if low is None else "at least" if high is None else "between"
    shown = {"minimum": low, "maximum": high}
    return words[name].format(
        **{key: f"{limit:g}".replace(".", ",") for key, limit in shown.items() if limit is not None}
    )


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _date_input(block: DateInput, error: str) -> Json:
    field = _field(block, "Input.Date", error)
    if block.value:
        try:
            date.fromisoformat(block.value)
        except ValueError:
            return _as_written(field)
    return field


def _as_written(field: Json) -> Json:
    """A text field instead: the right one could not show what was written by mistake."""
    kept = {name: value for name, value in field.items() if name not in ("min", "max")}
    return {**kept, "type": "Input.Text"}
