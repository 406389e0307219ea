"""Figures as text: columns that line up, and the goal beside each figure that has one."""

from collections.abc import Sequence
from dataclasses import dataclass

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure and what it should be. `at_most` turns the comparison round."""

    name: str
    value: float
    bound: float
    unit: str = ""
    at_most: bool = False

    @property
    def reached(self) -> bool:
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Lines of columns: the first to the left, the others to the right."""
    cells = [list(head), *([_text(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join(line.rstrip() for line in lines)


def goals(figures: Sequence[Goal]) -> str:
    """One line a figure: name, value, goal, and whether it is reached."""
    rows = [
        (
            goal.name,
            f"{_number(goal.value)} {goal.unit}".strip(),
            f"{'<=' if goal.at_most else '>='} {_number(goal.bound)} {goal.unit}".strip(),
            "reached" if goal.reached else "NOT REACHED",
        )
        for goal in figures
    ]
    return table(("figure", "measured", "goal", ""), rows)


def _text(cell: Cell) -> str:
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.0f}"
