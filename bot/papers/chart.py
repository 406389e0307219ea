"""Chart -> a picture: SVG for the page, in light and dark, wide and narrow; PNG for cards.

Colour is never alone in saying something: parts have their counts and labels, points their marks.
The same chart gives the same bytes every time. matplotlib is loaded when needed.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.papers.chart_pen import Pen
from bot.papers.chart_table import decimal
from bot.papers.timeline import DRAWING, LARGEST
from dialogs.messages import Block, Chart, ChartPart, ChartPoint, ChartRow, Language

Width = Literal["wide", "narrow"]
Theme = Literal["light", "dark"]

# All lengths are pixels of a picture that is shown in its own size; phones get the narrow one.
WIDTHS: dict[Width, int] = {"wide": 680, "narrow": 260}
PNG_WIDTH = 320  # before it is enlarged; phones show cards about 300 pixels wide
LETTERS = 15
LINE = 20
BAR = 32
LANE = 24
GAP = 18
PLOT = 96  # the height of one measure over time
EDGE = 42  # beside the scale, where the values of the outermost points stand
BESIDE = 4
DRAWN_AT_ONCE = 512  # pictures that are remembered: about 20 kB each


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a theme. `shades` go from the first category to the last."""

    text: str
    subtle: str
    grid: str
    shades: tuple[str, ...]
    marks: tuple[str, ...]
    ground: str = "none"


_SHADES = ("#d3e4f3", "#9cc4e4", "#5f9ccd", "#2c6fa6", "#0d4373")
LOOKS: dict[Theme, Look] = {
    "light": Look("#1b1f23", "#4d5661", "#aab4be", _SHADES, ("#0d4373", "#a8480b", "#2b6b2b")),
    "dark": Look("#f2f4f6", "#c2cad2", "#6b7681", _SHADES, ("#9cc4e4", "#f5b27a", "#9fd39f")),
}
_SHAPES = ("o", "D", "s")
_PAPER = Look("#1b1f23", "#4d5661", "#aab4be", _SHADES, LOOKS["light"].marks, "#ffffff")
_NOTHING: dict[Language, str] = {"nb": "Ingenting å vise.", "nn": "Ingenting å vise."}


@lru_cache(DRAWN_AT_ONCE)
def svg(chart: Chart, language: Language, theme: Theme = "light", width: Width = "wide") -> bytes:
    """The chart without its title, on whatever ground it stands on."""
    return _saved(chart, language, LOOKS[theme], WIDTHS[width], format="svg")


@lru_cache(DRAWN_AT_ONCE)
def png(chart: Chart, language: Language) -> bytes:
    """The chart under its title, at most 1024 pixels on either side, with large letters."""
    return _saved(chart, language, _PAPER, PNG_WIDTH, format="png")


def _saved(
    chart: Chart, language: Language, look: Look, width: int, *, format: Literal["svg", "png"]
) -> bytes:
    with DRAWING:
        import matplotlib

        pen = Pen(width, look.text, LETTERS)
        if format == "png":
            pen.skip(GAP / 2)
            pen.lines(chart.title, bold=True)
            pen.skip(GAP / 2)
        _draw(pen, chart, look, language)
        file = io.BytesIO()
        figure = pen.figure(look.ground)
        # Without these two, matplotlib puts random names and the hour in the file.
        with matplotlib.rc_context({"svg.hashsalt": "kvalitetsbot", "svg.fonttype": "path"}):
            if format == "svg":
                figure.savefig(file, format="svg", metadata={"Date": None})
            else:
                enlarged = min(LARGEST / pen.width, LARGEST / pen.height)
                figure.savefig(file, format="png", dpi=figure.dpi * enlarged)
        return file.getvalue()


def _draw(pen: Pen, chart: Chart, look: Look, language: Language) -> None:
    if not chart.rows:
        pen.lines(_NOTHING[language], colour=look.subtle)
    if chart.kind == "points":
        _draw_legend(pen, chart, look)
        _draw_scale(pen, chart, look)
    for row in chart.rows:
        if row.label:
            pen.lines(row.label)
        match chart.kind:
            case "shares" if any(part.count > 0 for part in row.parts):
                _draw_shares(pen, row, chart.categories, look)
            case "points" if row.points:
                _draw_points(pen, row, chart, look)
            case "change" if row.points:
                _draw_change(pen, row, chart.categories, look)
        if row.note:
            pen.lines(row.note, colour=look.subtle)
        pen.skip(GAP)


# Parts of a whole


def _draw_shares(pen: Pen, row: ChartRow, categories: int, look: Look) -> None:
    parts = [part for part in row.parts if part.count > 0]
    whole = sum(part.count for part in parts)
    room = pen.width - 2 * BESIDE
    left = float(BESIDE)
    fits = True
    places = []
    for part in parts:
        width = room * part.count / whole
        places.append((part, left, width))
        fits = fits and max(pen.wide(part.label), pen.wide(str(part.count))) + 8 <= width
        left += width
    pen.skip(BESIDE)
    for part, left, width in places:
        shade = _shade(part, categories, look)
        pen.box(left, pen.top, width, BAR, shade, look.subtle)
        if pen.wide(str(part.count)) + 6 <= width:
            pen.text(left + width / 2, pen.top + BAR / 2, str(part.count), _on(shade), bold=True)
    pen.skip(BAR)
    if fits:
        for part, left, width in places:
            pen.text(left + width / 2, pen.top + LINE / 2, part.label, look.subtle)
        pen.skip(LINE)
        return
    pen.skip(BESIDE)
    for part, _, _ in places:
        pen.box(BESIDE, pen.top + 4, 12, 12, _shade(part, categories, look), look.subtle)
        pen.lines(f"{part.label}: {part.count}", colour=look.subtle, left=BESIDE + 20)


def _shade(part: ChartPart, categories: int, look: Look) -> str:
    """The colour in the middle of the categories that the part covers."""
    middle = (part.first + part.last) / 2 - 1
    place = middle / max(categories - 1, 1) * (len(look.shades) - 1)
    low = min(max(int(place), 0), len(look.shades) - 1)
    high = min(low + 1, len(look.shades) - 1)
    share = min(max(place - low, 0.0), 1.0)
    mixed = (
        round(a + (b - a) * share)
        for a, b in zip(_rgb(look.shades[low]), _rgb(look.shades[high]), strict=True)
    )
    return "#" + "".join(f"{one:02x}" for one in mixed)


def _on(shade: str) -> str:
    """Black or white, whichever can be read on the shade."""
    red, green, blue = (_linear(one / 255) for one in _rgb(shade))
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if light > 0.179 else "#ffffff"


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.03928 else float(((value + 0.055) / 1.055) ** 2.4)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


# Points on a scale


def _along(pen: Pen, value: float, categories: int) -> float:
    share = (min(max(value, 1.0), categories) - 1) / max(categories - 1, 1)
    return EDGE + (pen.width - 2 * EDGE) * share


def _labels(chart: Chart) -> list[str]:
    return list(dict.fromkeys(point.label for row in chart.rows for point in row.points))


def _mark(chart: Chart, label: str, look: Look) -> tuple[str, str]:
    """The shape and the colour of the points with this label."""
    number = _labels(chart).index(label) % len(_SHAPES)
    return _SHAPES[number], look.marks[number]


def _draw_legend(pen: Pen, chart: Chart, look: Look) -> None:
    for label in _labels(chart):
        pen.mark(10, pen.top + LINE / 2, *_mark(chart, label, look))
        pen.lines(label, left=26)
    pen.skip(GAP / 2)


def _draw_scale(pen: Pen, chart: Chart, look: Look) -> None:
    for value in range(1, chart.categories + 1):
        x = _along(pen, value, chart.categories)
        pen.text(x, pen.top + LINE / 2, str(value), look.subtle)
    pen.skip(LINE + GAP / 2)


def _draw_points(pen: Pen, row: ChartRow, chart: Chart, look: Look) -> None:
    """A lane for each point, so that their uncertainties don't hide each other."""
    places = [
        (_along(pen, point.value, chart.categories), pen.top + LANE * (number + 0.5))
        for number, point in enumerate(row.points)
    ]
    for value in range(1, chart.categories + 1):
        x = _along(pen, value, chart.categories)
        pen.line([x, x], [pen.top, pen.top + LANE * len(places)], look.grid, 1, behind=True)
    pen.line([x for x, _ in places], [y for _, y in places], look.subtle, 2)
    middle = sum(x for x, _ in places) / len(places)
    for point, (x, y) in zip(row.points, places, strict=True):
        shape, colour = _mark(chart, point.label, look)
        low = _along(pen, point.value - point.margin, chart.categories)
        high = _along(pen, point.value + point.margin, chart.categories)
        if point.margin:
            _whisker(pen, [low, high], [y, y], colour)
        pen.mark(x, y, shape, colour)
        # On the side where the line to the other point doesn't strike it out.
        said = decimal(point.value)
        away = pen.wide(said, bold=True) / 2 + 8
        at = min(low, x - 5) - away if x < middle else max(high, x + 5) + away
        pen.text(at, y, said, look.text, bold=True)
    pen.skip(LANE * len(places))


def _whisker(pen: Pen, xs: list[float], ys: list[float], colour: str) -> None:
    pen.line(xs, ys, colour, 2)
    for x, y in zip(xs, ys, strict=True):
        if xs[0] == xs[1]:
            pen.line([x - 5, x + 5], [y, y], colour, 2)
        else:
            pen.line([x, x], [y - 5, y + 5], colour, 2)


# One measure over time


def _draw_change(pen: Pen, row: ChartRow, categories: int, look: Look) -> None:
    left, right = EDGE, pen.width - EDGE
    top, bottom = pen.top + LINE, pen.top + LINE + PLOT
    for value in (1, categories):
        y = _height(value, categories, top, bottom)
        pen.text(8, y, str(value), look.subtle)
        pen.line([20, pen.width - BESIDE], [y, y], look.grid, 1, behind=True)
    step = (right - left) / max(len(row.points) - 1, 1)
    xs = [left + step * number for number in range(len(row.points))]
    if len(row.points) == 1:
        xs = [(left + right) / 2]
    ys = [_height(point.value, categories, top, bottom) for point in row.points]
    pen.line(xs, ys, look.marks[0], 2)
    widest = max(pen.wide(point.label) for point in row.points) + 8
    apart = max(1, int(-(-widest // max(step, 1)))) if len(row.points) > 1 else 1
    for number, (point, x, y) in enumerate(zip(row.points, xs, ys, strict=True)):
        _draw_moment(pen, point, x, y, categories, (top, bottom), look)
        if (len(row.points) - 1 - number) % apart == 0:  # the newest is always named
            pen.text(x, bottom + LINE * 0.8, point.label, look.subtle, inside=True)
    pen.skip(LINE + PLOT + LINE * 1.4)


def _draw_moment(
    pen: Pen,
    point: ChartPoint,
    x: float,
    y: float,
    categories: int,
    between: tuple[float, float],
    look: Look,
) -> None:
    top, bottom = between
    high = _height(point.value + point.margin, categories, top, bottom)
    low = _height(point.value - point.margin, categories, top, bottom)
    if point.margin:
        _whisker(pen, [x, x], [low, high], look.marks[0])
    pen.mark(x, y, _SHAPES[0], look.marks[0])
    pen.text(x, high - LINE * 0.6, decimal(point.value), look.text, bold=True)


def _height(value: float, categories: int, top: float, bottom: float) -> float:
    share = (min(max(value, 1.0), categories) - 1) / max(categories - 1, 1)
    return bottom - (bottom - top) * share


# Papers


def first_chart(blocks: tuple[Block, ...]) -> Chart | None:
    """The chart that stands for a paper where it is shown as a picture."""
    return next((block for block in blocks if isinstance(block, Chart)), None)
