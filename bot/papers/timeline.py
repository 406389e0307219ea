"""Paper -> a picture of its events as bars along the months. matplotlib is loaded when needed."""

import io
import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from bot.papers.written import day_after
from dialogs.messages import Event, Language, Paper

# All lengths are pixels. Teams takes pictures up to 1024 × 1024, and a phone shrinks them to about
# 300 pixels, so that the letters must be large.
WIDTH = 800
LARGEST = 1024
EDGE = 16
LETTERS = 28
LINE = 36
BAR = 26
GAP = 30
MONTH_ROOM = 84
LETTERS_A_LINE = 44
MOST_LINES = 4
SHORTEST_BAR = 10
MOST_MONTH_LINES = 36
DPI = 100

GROUND, TEXT, FILL, GRID = "#ffffff", "#1b1f23", "#1d5c96", "#b9c3cc"

# The same in bokmål and nynorsk.
MONTHS = (
    *("jan.", "feb.", "mars", "april", "mai", "juni"),
    *("juli", "aug.", "sep.", "okt.", "nov.", "des."),
)
_NOTHING: dict[Language, str] = {"nb": "Ingen datoer ennå.", "nn": "Ingen datoar enno."}
# Behind the text, so that the lines of the months do not strike it out.
_CLEAR = {"facecolor": GROUND, "edgecolor": "none", "pad": 2}
# The fonts of matplotlib are shared by all threads.
DRAWING = Lock()


def timeline(paper: Paper) -> bytes:
    """A PNG with every event in its order: dates and name, and the bar below."""
    with DRAWING:
        return _drawn(paper)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where a day is: whole months from `first` up to `end`."""

    first: date
    end: date

    def x(self, day: date) -> float:
        return EDGE + (WIDTH - 2 * EDGE) * (day - self.first).days / (self.end - self.first).days

    def months(self) -> Iterator[date]:
        month = self.first
        while month < self.end:
            yield month
            month = _next_month(month)


def _drawn(paper: Paper) -> bytes:
    fonts = fonts_of_ours()
    labels = [_label(event, fonts) for event in paper.events] or [[_NOTHING[paper.language]]]
    height = 2 * LINE + EDGE + sum(len(lines) * LINE + BAR + GAP for lines in labels)
    figure, axes = _canvas(height)
    if paper.events:
        scale = _scale(paper.events)
        _draw_months(axes, scale, height, fonts)
    top = 2 * LINE + EDGE
    for number, lines in enumerate(labels):
        for line in lines:
            top += LINE
            axes.text(EDGE, top - LINE / 4, line, bbox=_CLEAR, **fonts.look)
        if paper.events:
            _draw_bar(axes, scale, paper.events[number], top)
        top += BAR + GAP
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI * min(1.0, LARGEST / height))
    return file.getvalue()


def _canvas(height: float) -> tuple[Any, Any]:
    """A figure where one unit is one pixel, from the top left corner."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / DPI, height / DPI), facecolor=GROUND)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    axes.axis("off")
    return figure, axes


def _draw_months(axes: Any, scale: _Scale, height: float, fonts: "Fonts") -> None:
    months = list(scale.months())
    apart = -(-MONTH_ROOM * len(months) // (WIDTH - 2 * EDGE))  # so that names do not touch
    year = 0
    for number, month in enumerate(months):
        x = scale.x(month)
        if number % apart == 0 or len(months) <= MOST_MONTH_LINES:
            axes.plot([x, x], [2 * LINE, height], color=GRID, linewidth=1.5, zorder=0)
        if number % apart == 0:
            axes.text(x, 2 * LINE - LINE / 4, MONTHS[month.month - 1], **fonts.look)
            if month.year != year:
                axes.text(x, LINE - LINE / 4, str(month.year), **fonts.look)
            year = month.year


def _draw_bar(axes: Any, scale: _Scale, event: Event, top: float) -> None:
    begin, end = scale.x(event.day), scale.x(day_after(event.until))
    axes.barh(
        top + BAR / 2,
        max(end - begin, SHORTEST_BAR),
        height=BAR - 6,
        left=min(begin, WIDTH - EDGE - SHORTEST_BAR),
        color=FILL,
        zorder=2,
    )


def _scale(events: tuple[Event, ...]) -> _Scale:
    first = min(event.day for event in events)
    last = max(event.until for event in events)
    return _Scale(first.replace(day=1), _next_month(last))


def _next_month(day: date) -> date:
    if (day.year, day.month) == (date.max.year, date.max.month):
        return date.max
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _label(event: Event, fonts: "Fonts") -> list[str]:
    dates = f"{event.day:%d.%m.}"
    if event.until > event.day:
        dates += f"–{event.until:%d.%m.}"
    text = fonts.shown(f"{dates}  {' '.join(event.title.split())}")
    return textwrap.wrap(
        text, LETTERS_A_LINE, max_lines=MOST_LINES, placeholder=" …", drop_whitespace=True
    )


class Fonts:
    """matplotlib's own font, which is there whatever the machine has."""

    def __init__(self) -> None:
        # It wants a folder for its list of fonts; the home folder may be closed to writing.
        given = os.environ.get("MPLCONFIGDIR")
        with TemporaryDirectory(prefix="kvalitetsbot-") as folder:
            os.environ["MPLCONFIGDIR"] = given or folder
            try:
                import matplotlib
                from matplotlib import font_manager
            finally:
                if given is None:
                    del os.environ["MPLCONFIGDIR"]
        folder_of_fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        path = folder_of_fonts / "DejaVuSans.ttf"
        self.bold = folder_of_fonts / "DejaVuSans-Bold.ttf"
        self._plain, self._bold = font_manager.get_font(path), font_manager.get_font(self.bold)
        self._signs = frozenset(self._plain.get_charmap())
        # What people write between two $ is no formula.
        self.look: dict[str, Any] = {
            "font": path,
            "fontsize": LETTERS * 72 / DPI,
            "color": TEXT,
            "parse_math": False,
        }

    def width(self, text: str, letters: float, *, bold: bool = False) -> float:
        """How many pixels a text takes in letters of so many pixels. Only while DRAWING is held."""
        font = self._bold if bold else self._plain
        font.set_size(letters, 72)
        font.set_text(text, 0.0)
        return float(font.get_width_height()[0]) / 64

    def shown(self, text: str) -> str:
        """The text without what the font can't draw, such as emoji, and without controls."""
        return "".join(sign for sign in text if sign.isprintable() and ord(sign) in self._signs)


@cache
def fonts_of_ours() -> Fonts:
    return Fonts()
