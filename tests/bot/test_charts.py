"""Charts: what is drawn can be read without colours, and is the same every time."""

import hashlib
import io
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from PIL import Image

from bot.links import Link
from bot.papers.chart import LOOKS, _on, _rgb, _shade, png, svg
from bot.papers.chart_table import chart_table
from bot.papers.files import paper_file
from dialogs.messages import Chart, ChartPart, ChartPoint, ChartRow, Paper
from tests.bot.side import CHANGE, POINTS, SHARES
from tests.dialogs.kommune import START

CHARTS = {"shares": SHARES, "points": POINTS, "change": CHANGE}
EDGE_CASES = {
    "no rows": Chart("shares", "Tomt", "", ()),
    "nothing in a row": Chart("shares", "Tomt", "", (ChartRow("A"), ChartRow("", note="Hvorfor"))),
    "only zeros": Chart("shares", "Null", "", (ChartRow("A", (ChartPart("1", 0, 1, 1),)),)),
    "outside the scale": Chart(
        "points", "Ute", "", (ChartRow("A", points=(ChartPoint("x", 9.0, 3.0),)),)
    ),
    "one moment": Chart("change", "Nå", "", (ChartRow("A", points=(ChartPoint("nå", 3.0),)),)),
    "one category": Chart("shares", "Én", "", (ChartRow("A", (ChartPart("Ja", 9, 1, 1),)),), 1),
    "many categories": Chart(
        "shares", "Mange", "", (ChartRow("A", (ChartPart("9–12", 9, 9, 12),)),), 12
    ),
    "more marks than shapes": Chart(
        "points",
        "Fem",
        "",
        (ChartRow("A", points=tuple(ChartPoint(str(n), n, 0.5) for n in range(1, 6))),),
    ),
    "many moments": Chart(
        "change",
        "År",
        "",
        (ChartRow("A", points=tuple(ChartPoint(f"måned {n}", 3.0, 0.1) for n in range(40))),),
    ),
    "odd letters": Chart("shares", "$x^2$ 😀 \x00", "", (ChartRow("$\\frac{1" + "a" * 300),)),
}


@pytest.mark.parametrize("name", [*CHARTS, *EDGE_CASES])
def test_every_chart_is_a_sound_picture_in_each_theme_and_width(name: str) -> None:
    chart = {**CHARTS, **EDGE_CASES}[name]
    for theme in ("light", "dark"):
        for width, pixels in (("wide", 680), ("narrow", 260)):
            root = ET.fromstring(svg(chart, "nb", theme, width))
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert root.get("viewBox", "").startswith(f"0 0 {pixels} ")
            tags = {one.tag.rpartition("}")[2] for one in root.iter()}
            assert not tags & {"script", "foreignObject", "image", "a"}
    drawn = Image.open(io.BytesIO(png(chart, "nn")))
    assert max(drawn.size) <= 1024
    assert drawn.size[0] > 500 or drawn.size[1] > 1000


def test_the_same_chart_is_the_same_bytes_also_in_another_process() -> None:
    code = (
        "import hashlib; from bot.papers.chart import svg, png; from tests.bot.side import SHARES;"
        "print(hashlib.sha256(svg(SHARES, 'nb') + png(SHARES, 'nb')).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    svg.cache_clear()
    png.cache_clear()
    runs.add(hashlib.sha256(svg(SHARES, "nb") + png(SHARES, "nb")).hexdigest() + "\n")
    assert len(runs) == 1
    assert b"date" not in svg(SHARES, "nb").lower()


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [value / 255 for value in _rgb(colour)]
        linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_and_marks_can_be_read_on_what_they_stand_on(theme: Any) -> None:
    look = LOOKS[theme]
    for categories in range(1, 12):
        for first in range(1, categories + 1):
            for last in range(first, categories + 1):
                shade = _shade(ChartPart("", 1, first, last), categories, look)
                assert contrast(shade, _on(shade)) >= 4.5
    # The cards of the page in Designsystemet's light and dark.
    for ground in ("#ffffff",) if theme == "light" else ("#181a1b", "#15283f"):
        assert contrast(look.text, ground) >= 4.5
        assert contrast(look.subtle, ground) >= 4.5
        assert all(contrast(mark, ground) >= 3 for mark in look.marks)


def test_the_table_has_a_column_for_each_label_where_all_rows_share_them() -> None:
    table = chart_table(POINTS, "nb")
    assert table.columns == ("Rad", "Kompetansen", "Behovet")
    assert table.rows[0] == ("Vurdering for læring", "3,2 (± 0,3)", "4,4 (± 0,2)")


def test_rows_that_were_merged_in_different_ways_keep_their_own_labels() -> None:
    table = chart_table(SHARES, "nb")
    assert table.columns == ("Rad", "Svar", "Merknad")
    assert table.rows == (
        ("Kommunen", "1–2: 12\n3: 60\n4–5: 81", ""),
        ("Sone nord", "1–3: 40\n4–5: 22", ""),
        ("Bakken skole", "–", "Vises ikke: for få har svart."),
    )


def test_a_paper_with_a_chart_is_shown_as_that_chart() -> None:
    paper = Paper("Resultat", (SHARES,))
    link = Link("result:1:tid", "png", "kari")
    file = paper_file(paper, link.format, link.paper, START)
    assert file.body == png(SHARES, "nb")
    assert file.content_type == "image/png"
