"""The files made of a paper: Word, plain text, calendar and picture."""

import io
import os
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.styles.styles import Styles
from icalendar import Calendar
from PIL import Image

from bot.papers.calendar_file import calendar_file
from bot.papers.files import file_name
from bot.papers.plain import plain
from bot.papers.timeline import timeline
from bot.papers.word import word
from dialogs.messages import (
    Block,
    Event,
    Facts,
    Items,
    Language,
    Moments,
    Paper,
    Paragraph,
    Picture,
    Table,
    TextInput,
)
from tests.bot.papers import MODULES, NOW, RICH, WIDE
from tests.bot.test_cards import ANGRY_TEXTS

DANGEROUS = [
    *ANGRY_TEXTS,
    "=1+1",
    "=cmd|' /C calc'!A0",
    '{ HYPERLINK "https://eksempel.no" }',
    "<w:p><w:r><w:t>fet</w:t></w:r></w:p>",
    "$x^2$ og $\\frac{1}{2}$",
    "a\x0bb\x0cc\x85d\u2028e\ud800f\ufffeg",
    "BEGIN:VEVENT\r\nSUMMARY:ondt\r\nEND:VEVENT",
]
BLOCKS: tuple[Block, ...] = (
    *(
        Paragraph(text, style)
        for style in ("heading", "normal", "quote", "note", "error")
        for text in DANGEROUS
    ),
    Items(tuple(DANGEROUS)),
    Facts(tuple((text, text) for text in DANGEROUS)),
    Table(("A", "B"), tuple((text, text) for text in DANGEROUS)),
    Picture("draft:1", "kari", "".join(DANGEROUS)),
)
ANGRY = Paper(
    "".join(DANGEROUS),
    BLOCKS,
    "".join(DANGEROUS),
    tuple(
        Event(str(n), text, date(2027, 1, 1), date(2027, 1, 2 + n), text)
        for n, text in enumerate(DANGEROUS)
    ),
)


def opened(paper: Paper) -> Any:
    return Document(io.BytesIO(word(paper, NOW)))


def letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


# Word


def test_the_headings_of_a_word_file_are_headings_with_their_levels() -> None:
    found = [
        (line.style.name, line.text)
        for line in opened(RICH).paragraphs
        if line.style.name.startswith("Heading")
    ]
    assert found[:3] == [
        ("Heading 1", "Planbeskrivelse 0.13 for Bjørnåsen skole"),
        ("Heading 2", "Skole og skoletype"),
        ("Heading 2", "Forventninger til profesjonsfellesskapet"),
    ]
    assert [style for style, _ in found].count("Heading 1") == 1


@pytest.mark.parametrize(("language", "tag"), [("nb", "nb-NO"), ("nn", "nn-NO")])
def test_a_word_file_says_its_title_and_its_language(language: Language, tag: str) -> None:
    document = opened(replace(RICH, language=language))
    properties = document.core_properties
    assert properties.title == RICH.title
    assert (properties.language, properties.author) == (tag, "Kvalitetsbot")
    assert properties.created == NOW
    assert "python" not in properties.comments
    languages = document.styles.element.findall(f".//{qn('w:lang')}")
    assert {one.get(qn("w:val")) for one in languages} == {tag}


def test_a_table_in_a_word_file_repeats_its_header_on_every_page() -> None:
    [table] = opened(RICH).tables
    header, *rows = table.rows
    assert [cell.text for cell in header.cells] == ["Arena", "Hvem", "Når"]
    assert header._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert not any(row._tr.findall(f".//{qn('w:tblHeader')}") for row in rows)
    assert rows[1].cells[1].text == "Ledergruppen\nog tillitsvalgte"


def test_a_wide_table_gets_a_page_that_lies_down() -> None:
    upright, lying = opened(RICH).sections[0], opened(WIDE).sections[0]
    assert upright.page_width < upright.page_height
    assert lying.page_width > lying.page_height


def test_texts_keep_their_paragraphs_and_lists_are_lists() -> None:
    document = opened(RICH)
    shown = [(line.style.name, line.text) for line in document.paragraphs]
    assert ("Normal", "Deretter velger vi to områder.\nHvert team tar ett hver.") in shown
    assert [style for style, _ in shown].count("List Bullet") == 3
    assert ("List Bullet", "To linjer\ni ett punkt") in shown
    assert [style for style, text in shown if text.startswith("«Skolen")] == ["Quote"]
    assert ("Normal", "Kontakt: –") in shown


def test_a_sheet_to_fill_in_by_hand_has_lines_to_write_on() -> None:
    document = opened(Paper("Ark", (Paragraph("Spørsmål", "heading"), Paragraph("\n" * 6))))
    assert [line.style.name for line in document.paragraphs].count("Skrivelinje") == 6


def test_the_timeline_in_a_word_file_can_be_read_aloud() -> None:
    """It stands after the byline, as wide as the text, and says the same in words."""
    document = opened(RICH)
    [picture] = document.inline_shapes
    said = picture._inline.docPr.get("descr")
    assert said.startswith("Modul 0: Forberedelse for skolens ledergruppe: 04.01.2027–15.01.2027; ")
    assert said.count(";") == len(MODULES) - 1
    title, byline, shown, *_ = document.paragraphs
    assert [title.style.name, byline.style.name] == ["Heading 1", "Subtitle"]
    assert shown._p.find(f".//{qn('w:drawing')}") is not None
    assert picture.width == pytest.approx(Cm(21 - 2 * 2.2), abs=Cm(0.1))


def test_a_timeline_of_very_many_periods_has_room_on_a_page_of_a_word_file() -> None:
    [shown], drawn = opened(many(30)).inline_shapes, picture(many(30))
    assert shown.height < Cm(29.7 - 2 * 2.2)
    assert shown.width / shown.height == pytest.approx(drawn.width / drawn.height, rel=0.01)


def test_a_paper_with_one_period_is_read_without_a_picture() -> None:
    assert not opened(replace(RICH, events=MODULES[:1])).inline_shapes


def test_what_turns_the_text_around_does_nothing_in_a_file_and_emoji_stay_whole() -> None:
    paper = Paper("Plan", (Paragraph("\u202esnudd\u202c \u2066rett\u2069 👩\u200d🏫"),))
    assert opened(paper).paragraphs[1].text == "snudd rett 👩\u200d🏫"
    assert "snudd rett 👩\u200d🏫" in plain(paper)


def test_the_lines_to_write_on_stand_on_the_same_page_as_their_question() -> None:
    blocks = (
        *(Paragraph("Før", "heading"), Paragraph("Tekst før.")),
        *(Paragraph("Spørsmål", "heading"), Paragraph("Helt ut?"), Paragraph("Hjelp", "note")),
        Paragraph("\n" * 3),
    )
    kept = [
        line.paragraph_format.keep_with_next for line in opened(Paper("Ark", blocks)).paragraphs
    ]
    assert kept == [None, None, None, True, True, True, True, True, None]


def words_fit(table: Any) -> bool:
    """Whether each column is as wide as its longest word: 0.2 cm a letter, and its edges."""
    return all(
        column.cells[0].width
        >= Cm(0.2) * max(len(word) for c in column.cells for word in c.text.split())
        for column in table.columns
    )


def test_no_word_of_the_plan_is_parted_by_the_edge_of_its_column() -> None:
    [table] = opened(WIDE).tables
    assert words_fit(table)
    widths = [cell.width for cell in table.rows[0].cells]
    assert max(widths) == widths[1], "the column with most text is the widest"
    assert sum(widths) <= Cm(29.7 - 2 * 2.2 + 0.1)


def test_a_table_that_is_too_wide_for_the_page_stays_on_it() -> None:
    names = tuple(f"{n} " + "bokstav" * 5 for n in range(8))
    [table] = opened(Paper("Plan", (Table(names, ((("kort",) * 8),)),))).tables
    assert sum(cell.width for cell in table.rows[0].cells) <= Cm(29.7 - 2 * 2.2 + 0.1)


def test_a_very_long_paper_becomes_a_word_file_without_searching_its_styles_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[str] = []
    search: Any = Styles.get_style_id

    def counted(styles: Styles, *args: Any) -> Any:
        searched.append("")
        return search(styles, *args)

    monkeypatch.setattr(Styles, "get_style_id", counted)
    rows = tuple(("Tiltak", "Kari") for _ in range(50))
    word(Paper("Plan", (*(Paragraph("Tekst"),) * 100, Table(("A", "B"), rows))), NOW)
    assert len(searched) < 10


def test_nothing_that_people_write_comes_alive_in_a_word_file() -> None:
    """No field, link, object or macro, and nothing fetched from anywhere."""
    with zipfile.ZipFile(io.BytesIO(word(ANGRY, NOW))) as file:
        parts = {name: file.read(name).decode("utf-8", "replace") for name in file.namelist()}
    assert not any(name.endswith((".bin", ".vml")) or "embed" in name for name in parts)
    assert not any('TargetMode="External"' in text for text in parts.values())
    text = parts["word/document.xml"]
    for tag in ("fldChar", "fldSimple", "instrText", "hyperlink", "object", "control", "m:oMath"):
        assert f"<w:{tag}" not in text
        assert f"<{tag}" not in text


def test_a_word_file_has_every_letter_that_was_written() -> None:
    document = opened(ANGRY)
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    shown = letters("".join(one.text for one in [*document.paragraphs, *cells]))
    for text in DANGEROUS:
        for line in text.replace("\x85", "\n").splitlines():
            assert letters(line.replace("\ud800", "").replace("\ufffe", "")) in shown


def test_a_very_long_title_does_not_stop_the_file() -> None:
    assert len(opened(Paper("Ord " * 200, ())).core_properties.title) <= 255


def test_a_table_with_very_long_cells_may_be_parted_by_the_end_of_a_page() -> None:
    table = Table(("Mål", "Tiltak"), (("Kort", "Kort"), ("Kort", "ord " * 750)))
    _, short, long = opened(Paper("Plan", (table,))).tables[0].rows
    assert short._tr.find(f".//{qn('w:cantSplit')}") is not None
    assert long._tr.find(f".//{qn('w:cantSplit')}") is None


def test_fields_to_fill_in_are_not_printed() -> None:
    paper = Paper("Plan", (TextInput("a", "Felt", "verdi"), Paragraph("Tekst")))
    assert "Felt" not in plain(paper)
    assert [line.text for line in opened(paper).paragraphs] == ["Plan", "Tekst"]


# Plain text


def test_plain_text_has_underlined_headings_and_lines_as_long_as_they_were() -> None:
    text = plain(replace(RICH, blocks=(*RICH.blocks, Paragraph("ord " * 100 + "slutt"))))
    lines = text.split("\n")
    assert lines[:4] == [
        "Planbeskrivelse 0.13 for Bjørnåsen skole",
        "=" * 40,
        "",
        "Bjørnåsen skole, 2026–2027",
    ]
    assert "-" * len("Samarbeid med andre skoler") in lines
    assert "Hvem: Ledergruppen\n  og tillitsvalgte\nNår: Annenhver" in text
    assert "• To linjer\n  i ett punkt" in text
    assert max(map(len, lines)) > 400
    assert text.endswith("slutt\n")


def test_plain_text_has_no_control_characters() -> None:
    text = plain(ANGRY)
    assert not [sign for sign in text if sign != "\n" and (sign < " " or "\x7f" <= sign < "\xa0")]
    text.encode()


# Calendar


def entries(paper: Paper, address: str = "draft:1") -> list[Any]:
    return list(Calendar.from_ical(calendar_file(paper, address, NOW)).walk("VEVENT"))


def test_an_event_is_whole_days_with_its_last_day_in_it() -> None:
    first, *_ = entries(RICH)
    assert (first.decoded("dtstart"), first.decoded("dtend")) == (
        date(2027, 1, 4),
        date(2027, 1, 16),
    )
    assert first["summary"] == "Modul 0: Forberedelse for skolens ledergruppe"
    assert first.decoded("dtstamp") == NOW.astimezone(UTC)
    [meeting] = [one for one in entries(RICH) if one["summary"] == "Fellesmøte"]
    assert meeting.decoded("dtend") - meeting.decoded("dtstart") == timedelta(days=1)
    assert meeting["description"].startswith("Ta med notatene.\n\n")


def test_an_event_that_has_moved_is_moved_in_the_calendar_and_not_copied() -> None:
    moved = replace(MODULES[0], day=date(2027, 2, 1), until=date(2027, 2, 2))
    [before] = entries(Paper("Plan", (), events=MODULES[:1]))
    [after] = entries(Paper("Planen", (), events=(moved,)))
    assert before["uid"] == after["uid"]


def test_the_events_of_two_plans_do_not_replace_each_other() -> None:
    uids = {one["uid"] for address in ("draft:1", "draft:2") for one in entries(RICH, address)}
    assert len(uids) == 2 * len(MODULES)


def test_nothing_that_people_write_adds_lines_to_a_calendar() -> None:
    shown = entries(ANGRY)
    assert len(shown) == len(DANGEROUS)
    assert all(not one.errors for one in shown)
    lines = calendar_file(ANGRY, "draft:1", NOW).split(b"\r\n")
    assert lines.count(b"BEGIN:VEVENT") == len(DANGEROUS)
    assert all(len(line) <= 75 for line in lines)


# Calendar: meetings

STARTS = datetime(2026, 12, 3, 12, tzinfo=ZoneInfo("Europe/Oslo"))
MOMENTS = Moments(
    starts=STARTS,
    ends=STARTS + timedelta(hours=2),
    changed_at=datetime(2026, 11, 20, 9, tzinfo=UTC),
    version=3,
    place="Rådhuset, møterom 2; inngang B",
    link="https://teams.eksempel.no/møte?a=1,2;b",
)
MEETING = Event("meeting-1", "Skoleledermøte", STARTS.date(), STARTS.date(), "Tema: Æ", MOMENTS)


def meeting_entry(event: Event = MEETING, **moments: Any) -> Any:
    changed = replace(event, moments=replace(MOMENTS, **moments))
    [entry] = entries(Paper("Møter", (), events=(changed,)))
    assert not entry.errors
    return entry


def test_a_meeting_is_read_back_as_it_was_put_in() -> None:
    entry = meeting_entry()
    assert entry["uid"] == "meeting-1@kvalitetsbot"
    assert entry.decoded("dtstart") == STARTS
    assert entry.decoded("dtend") == STARTS + timedelta(hours=2)
    assert entry["summary"] == "Skoleledermøte"
    assert entry["description"] == "Tema: Æ"
    assert entry["location"] == "Rådhuset, møterom 2; inngang B"
    assert entry["url"] == "https://teams.eksempel.no/møte?a=1,2;b"
    assert entry["sequence"] == 3
    assert entry["status"] == "CONFIRMED"
    assert entry.decoded("dtstamp") == entry.decoded("last-modified") == MOMENTS.changed_at
    assert not entry.walk("VALARM")
    assert "transp" not in entry, "a meeting fills its time"


def test_a_meeting_has_the_same_id_in_every_file_and_the_same_bytes_until_it_is_changed() -> None:
    paper = Paper("Møter", (), events=(MEETING,))
    later = NOW + timedelta(days=3)
    assert calendar_file(paper, "a", NOW) == calendar_file(paper, "b", later)


def test_a_cancelled_meeting_stands_as_cancelled() -> None:
    assert meeting_entry(cancelled=True)["status"] == "CANCELLED"


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        (date(2026, 10, 23), 12, 10),  # summer time ends on the 25th
        (date(2026, 10, 26), 12, 11),
        (date(2027, 3, 26), 8, 7),
        (date(2027, 3, 29), 8, 6),
    ],
)
def test_a_meeting_is_at_its_hour_on_both_sides_of_the_change_of_clocks(
    day: date, clock: int, utc: int
) -> None:
    starts = datetime.combine(day, time(clock), ZoneInfo("Europe/Oslo"))
    entry = meeting_entry(starts=starts, ends=starts + timedelta(hours=1))
    assert entry.decoded("dtstart").astimezone(UTC).hour == utc


def test_a_meeting_of_whole_days_is_days_in_the_calendar() -> None:
    starts = datetime(2027, 3, 27, tzinfo=ZoneInfo("Europe/Oslo"))  # the clocks change on the 28th
    entry = meeting_entry(starts=starts, ends=datetime(2027, 3, 29, tzinfo=starts.tzinfo))
    assert entry.decoded("dtstart") == date(2027, 3, 27)
    assert entry.decoded("dtend") == date(2027, 3, 29)


@pytest.mark.parametrize(
    "text",
    [
        *DANGEROUS,
        "Møte\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Falsk",
        'a, b; c \\ d: «e» "f"',
        "æøå ÆØÅ é 👩\u200d🏫 " * 30,
        "BEGIN:VEVENT",
    ],
)
def test_what_people_write_of_a_meeting_stays_text(text: str) -> None:
    event = replace(MEETING, title=text, text=f"Tema: {text}")
    entry = meeting_entry(event, place=text, link=text)
    assert letters(entry["summary"]) == letters(entry.get("location", ""))
    assert letters(entry["description"]) == "Tema" + letters(entry["summary"])
    assert "url" not in entry
    changed = replace(event, moments=replace(MOMENTS, place=text, link=f"https://a.no/{text}"))
    lines = calendar_file(Paper("Møter", (), events=(changed,)), "x", NOW).split(b"\r\n")
    assert lines.count(b"BEGIN:VEVENT") == lines.count(b"END:VEVENT") == 1
    assert all(len(line) <= 75 for line in lines)


def test_line_breaks_in_the_preparation_are_kept() -> None:
    entry = meeting_entry(replace(MEETING, text="Tema: A\n\nForberedelse: B\nC"))
    assert entry["description"] == "Tema: A\n\nForberedelse: B\nC"


# The picture


def picture(paper: Paper) -> Image.Image:
    shown = Image.open(io.BytesIO(timeline(paper)))
    assert shown.format == "PNG"
    return shown.convert("RGB")


def many(count: int) -> Paper:
    day = date(2026, 8, 17)
    return Paper(
        "Plan",
        (),
        events=tuple(
            Event(str(n), f"Tiltak {n} med navn", day + timedelta(n * 20), day + timedelta(n * 25))
            for n in range(count)
        ),
    )


@pytest.mark.parametrize("count", [0, 1, 6, 30])
def test_a_timeline_is_never_larger_than_teams_shows(count: int) -> None:
    shown = picture(many(count))
    assert shown.width <= 1024
    assert shown.height <= 1024
    assert len(timeline(many(count))) < 1_000_000


def bars(shown: Image.Image) -> list[tuple[int, int]]:
    """Where each bar begins and ends, from the top."""
    blue = (0x1D, 0x5C, 0x96)
    found: list[tuple[int, int]] = []
    above = False
    for y in range(shown.height):
        xs = [x for x in range(shown.width) if shown.getpixel((x, y)) == blue]
        if xs and not above:
            found.append((xs[0], xs[-1]))
        above = bool(xs)
    return found


def test_the_bars_stand_in_the_order_of_the_events_and_as_far_apart() -> None:
    shown = bars(picture(RICH))
    assert len(shown) == len(MODULES)
    assert [begin for begin, _ in shown] == sorted(begin for begin, _ in shown)
    assert shown[1][1] - shown[1][0] > 3 * (shown[0][1] - shown[0][0])


def test_a_timeline_can_be_drawn_of_whatever_people_write() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of signs that its font has not
        assert len(bars(picture(ANGRY))) == len(DANGEROUS)


@pytest.mark.parametrize("first", [date(1, 1, 1), date(2027, 1, 1), date(9999, 12, 31)])
def test_a_plan_without_an_end_can_be_drawn_and_put_in_a_calendar(first: date) -> None:
    paper = Paper("Plan", (), events=(Event("a", "Alltid", first, date(9999, 12, 31)),))
    assert len(bars(picture(paper))) == 1
    assert len(entries(paper)) == 1


def test_timelines_of_several_people_are_drawn_at_the_same_time() -> None:
    papers = [many(n) for n in range(1, 9)]
    alone = [timeline(paper) for paper in papers]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(timeline, papers)) == alone


@pytest.fixture
def closed_home(tmp_path: Path) -> Iterator[dict[str, str]]:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    yield {**os.environ, "HOME": str(home), "TMPDIR": str(tmp_path)}
    home.chmod(0o700)
    assert not list(home.iterdir())


def test_nothing_is_left_on_the_machine_and_matplotlib_waits_until_it_is_needed(
    closed_home: dict[str, str], tmp_path: Path
) -> None:
    program = """
import sys
from bot.papers.files import paper_file
from tests.bot.papers import NOW, RICH
paper_file(RICH, "txt", "draft:1", NOW)
assert "matplotlib" not in sys.modules
assert paper_file(RICH, "png", "draft:1", NOW).body.startswith(b"\\x89PNG")
assert "matplotlib.pyplot" not in sys.modules
"""
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=root,
        env=closed_home,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


# The name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plan for 2026/2027: «Sammen»", "Plan for 2026 2027 Sammen.docx"),
        ("../../etc/passwd", "etc passwd.docx"),
        ("", "dokument.docx"),
        ("👩‍🏫", "dokument.docx"),
        ("Ord " * 100, "Ord Ord"),
    ],
)
def test_a_file_is_called_after_the_paper(title: str, name: str) -> None:
    shown = file_name(Paper(title, ()), "docx")
    assert shown.startswith(name)
    assert len(shown) < 100
