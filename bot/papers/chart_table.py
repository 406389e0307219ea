"""Chart -> the same numbers as a table, for cards, files and beside the picture. Pure."""

from collections.abc import Iterable

from dialogs.messages import Chart, ChartPart, ChartPoint, ChartRow, Language, Table

_WORDS: dict[Language, dict[str, str]] = {
    "nb": {"row": "Rad", "answers": "Svar", "why": "Merknad"},
    "nn": {"row": "Rad", "answers": "Svar", "why": "Merknad"},
}
NOTHING = "–"


def chart_table(chart: Chart, language: Language) -> Table:
    """A row for each row of the chart, a column for each label that all rows can share.

    Rows whose categories were merged in different ways share no labels: then all of a row stands
    in one cell.
    """
    words = _WORDS[language]
    labels = _shared_labels(chart.rows)
    notes = any(row.note for row in chart.rows)
    last = (words["why"],) if notes else ()
    if labels is None:
        return Table(
            (words["row"], words["answers"], *last),
            tuple(
                (row.label, _in_one_cell(row) or NOTHING, *([row.note] if notes else []))
                for row in chart.rows
            ),
        )
    return Table(
        (words["row"], *labels, *last),
        tuple(
            (
                row.label,
                *(_told(row).get(label, NOTHING) for label in labels),
                *([row.note] if notes else []),
            )
            for row in chart.rows
        ),
    )


def decimal(value: float) -> str:
    """«3,4», as numbers are written in Norway."""
    return f"{value:.1f}".replace(".", ",").replace("-0,0", "0,0").replace("-", "−")


def _shared_labels(rows: Iterable[ChartRow]) -> tuple[str, ...] | None:
    """The labels of all rows that have any, in order; None when the rows differ."""
    shown = [tuple(_told(row)) for row in rows if row.parts or row.points]
    if not shown or any(one != shown[0] for one in shown):
        return None
    return shown[0]


def _told(row: ChartRow) -> dict[str, str]:
    return {
        **{part.label: str(part.count) for part in row.parts},
        **{point.label: _point(point) for point in row.points},
    }


def _in_one_cell(row: ChartRow) -> str:
    things: tuple[ChartPart | ChartPoint, ...] = (*row.parts, *row.points)
    return "\n".join(
        f"{one.label}: {one.count if isinstance(one, ChartPart) else _point(one)}" for one in things
    )


def _point(point: ChartPoint) -> str:
    uncertain = f" (± {decimal(point.margin)})" if point.margin else ""
    return f"{decimal(point.value)}{uncertain}"
