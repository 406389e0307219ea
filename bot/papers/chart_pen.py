"""Draws from the top downwards without knowing how tall it becomes; matplotlib does the rest."""

from collections.abc import Callable, Iterator
from typing import Any

from bot.papers.timeline import fonts_of_ours

DPI = 72  # so that one unit is one pixel
LINE_HEIGHT = 1.35
MOST_LINES = 6

# How matplotlib orders what is drawn.
_BEHIND, _LINES, _BOXES, _MARKS, _TEXT = 0, 2, 3, 4, 5


class Pen:
    """Remembers what is drawn, in pixels from the top left corner; `top` is where it has come."""

    def __init__(self, width: int, colour: str, letters: int) -> None:
        self.width = width
        self.top = 2.0
        self._colour = colour
        self._letters = letters
        self._fonts = fonts_of_ours()
        self._drawn: list[Callable[[Any], object]] = []

    @property
    def height(self) -> float:
        return max(self.top, 10.0)

    def skip(self, height: float) -> None:
        self.top += height

    def lines(self, text: str, *, colour: str = "", left: float = 2, bold: bool = False) -> None:
        """A text as wide as the picture, on as many lines as it needs."""
        step = self._letters * LINE_HEIGHT
        for line in self._wrapped(text, self.width - left - 2, bold):
            self._write(left, self.top + step / 2, line, colour or self._colour, "left", bold)
            self.top += step

    def text(
        self,
        x: float,
        y: float,
        text: str,
        colour: str,
        *,
        bold: bool = False,
        inside: bool = False,
    ) -> None:
        """A short text around a point; `inside` moves it in from the edges of the picture."""
        if inside:
            half = self.wide(text) / 2
            x = min(max(x, half + 2), self.width - half - 2)
        self._write(x, y, text, colour, "center", bold)

    def box(
        self, left: float, top: float, width: float, height: float, colour: str, edge: str
    ) -> None:
        self._drawn.append(
            lambda axes: axes.barh(
                top + height / 2,
                width,
                height=height,
                left=left,
                color=colour,
                edgecolor=edge,
                linewidth=1.2,
                zorder=_BOXES,
            )
        )

    def line(
        self, xs: list[float], ys: list[float], colour: str, wide: float, *, behind: bool = False
    ) -> None:
        order = _BEHIND if behind else _LINES
        self._drawn.append(
            lambda axes: axes.plot(xs, ys, color=colour, linewidth=wide, zorder=order)
        )

    def mark(self, x: float, y: float, shape: str, colour: str) -> None:
        self._drawn.append(
            lambda axes: axes.plot(
                [x], [y], marker=shape, markersize=9, color=colour, zorder=_MARKS
            )
        )

    def wide(self, text: str, *, bold: bool = False) -> float:
        """How many pixels a text takes."""
        return self._fonts.width(self._fonts.shown(text), self._letters, bold=bold)

    def figure(self, ground: str) -> Any:
        """All that was drawn, as a matplotlib figure of its own."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        size = (self.width / DPI, self.height / DPI)
        figure = Figure(figsize=size, dpi=DPI, facecolor=ground)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        for draw in self._drawn:
            draw(axes)
        axes.set_xlim(0, self.width)
        axes.set_ylim(self.height, 0)
        axes.axis("off")
        return figure

    def _write(self, x: float, y: float, text: str, colour: str, align: str, bold: bool) -> None:
        shown = self._fonts.shown(text)
        look = {
            **self._fonts.look,
            "font": self._fonts.bold if bold else self._fonts.look["font"],
            "fontsize": self._letters * 72 / DPI,
            "color": colour,
        }
        # By the base line: in the middle of what is written, lines would jump with their letters.
        down = self._letters * 0.36
        self._drawn.append(
            lambda axes: axes.text(x, y + down, shown, ha=align, zorder=_TEXT, **look)
        )

    def _wrapped(self, text: str, room: float, bold: bool) -> Iterator[str]:
        line, count = "", 0
        for word in self._pieces(text, room, bold):
            longer = f"{line} {word}".strip()
            if line and self.wide(longer, bold=bold) > room:
                count += 1
                if count == MOST_LINES:
                    yield f"{line} …"
                    return
                yield line
                line = word
            else:
                line = longer
        if line:
            yield line

    def _pieces(self, text: str, room: float, bold: bool) -> Iterator[str]:
        """The words of a text; one that is wider than a line, in pieces."""
        for word in text.split():
            piece = ""
            for sign in word:
                if piece and self.wide(piece + sign, bold=bold) > room:
                    yield piece
                    piece = ""
                piece += sign
            yield piece
