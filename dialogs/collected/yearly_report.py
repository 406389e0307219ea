"""The draft of the yearly information to kommunestyret (opplæringslova § 17-12), for Word.

It holds public results (groups of at least 20, the kommune as a whole), what has been done, and the
titles of what schools have shared. Figures of others are linked, never typed again; what people
must write themselves is marked.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time

from dialogs.access import is_school_owner, reader
from dialogs.checkins.round_words import title_in
from dialogs.collected import figures
from dialogs.collected.menu import menu_for, trail_for
from dialogs.collected.promises_page import STATUSES
from dialogs.collected.results import WHOLE
from dialogs.collected.round_sheets import first_and_last
from dialogs.context import OSLO, Composing, Filed, Paged
from dialogs.dates import show_date
from dialogs.messages import (
    Block,
    CardReply,
    Facts,
    Items,
    Page,
    PageLinks,
    Paper,
    Paragraph,
    Table,
)
from dialogs.promises import promises_now
from dialogs.question_set_files import questions_of
from dialogs.questions import status_name
from dialogs.reports import Report, report_from_json
from dialogs.school_year import first_day, school_year
from dialogs.wording import Wording
from storage.follow_ups import follow_ups_of
from storage.meetings import meetings_between
from storage.rounds import Round, list_rounds, result_of
from storage.shared import Version, list_shared

PUBLIC = 20  # people behind a number that is public
EARLIER_YEARS = 3
_AT_ONCE = 200


def _page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """What the draft is, and the way to that of this school year and earlier ones."""
    if rest or not is_school_owner(composing.person):
        return None
    wording = composing.wording
    this = first_day(school_year(composing.today)).year
    links = tuple(
        (wording.say("yearly_open", year=_named(year)), f"/side/fil/arsmelding/{year}.docx")
        for year in range(this, this - EARLIER_YEARS, -1)
    )
    blocks: tuple[Block, ...] = (
        *(Paragraph(text) for text in wording.many("yearly_about")),
        Items(tuple(wording.many("yearly_to_do"))),
        PageLinks(links),
    )
    title = wording.say("yearly_menu")
    return Page(
        title,
        (CardReply(title, blocks, language=composing.language),),
        menu_for(wording, composing.person),
        trail_for(wording),
        language=composing.language,
    )


def _file(composing: Composing, rest: str, query: Mapping[str, str]) -> Paper | None:
    """The draft of the school year that begins in the year `rest`; for the skoleeierteam alone."""
    if query.get("format") != "docx" or not is_school_owner(composing.person):
        return None
    this = first_day(school_year(composing.today)).year
    if rest not in {str(year) for year in range(this, this - EARLIER_YEARS, -1)}:
        return None
    return yearly_paper(composing, int(rest))


def yearly_paper(composing: Composing, year: int) -> Paper:
    """The draft for the school year that begins in August of `year`."""
    wording = composing.wording
    first, last = _moment(year), _moment(year + 1)
    blocks: list[Block] = [
        Paragraph(wording.say("yearly_draft")),
        Paragraph(wording.say("yearly_to_do_title"), "heading"),
        Items(tuple(wording.many("yearly_to_do"))),
        Paragraph(wording.say("yearly_law_title"), "heading"),
        *(Paragraph(text) for text in wording.many("yearly_law")),
    ]
    for key in ("environment", "results", "completion"):
        blocks += _theme(wording, key)
    blocks += _answers(composing, first, last)
    blocks += _done(composing, first, last)
    blocks += _plans(composing, first, last)
    blocks += _meetings(composing, first, last)
    blocks += _promises(composing)
    blocks += [
        Paragraph(wording.say("yearly_numbers_title"), "heading"),
        Paragraph(wording.say("yearly_numbers", smallest=PUBLIC)),
    ]
    title = wording.say("yearly_title", year=_named(year))
    byline = wording.say("yearly_byline", day=show_date(composing.today))
    return Paper(title, tuple(blocks), byline, language=wording.language)


def _named(year: int) -> str:
    return school_year(date(year, 8, 1))


def _moment(year: int) -> datetime:
    return datetime.combine(date(year, 8, 1), time(0), OSLO)


def _theme(wording: Wording, key: str) -> Iterator[Block]:
    """One of the three that the law names: what to write, and where the figures are."""
    yield Paragraph(wording.say(f"yearly_{key}_title"), "heading")
    yield Paragraph(wording.say(f"yearly_{key}"))
    yield Items(tuple(wording.many(f"yearly_{key}_links")))


# What people have answered


def _answers(composing: Composing, first: datetime, last: datetime) -> Iterator[Block]:
    wording = composing.wording
    yield Paragraph(wording.say("yearly_answers_title"), "heading")
    rounds = _closed(composing, first, last)
    shown = [blocks for round in rounds if (blocks := list(_round(composing, round)))]
    if not shown:
        yield Paragraph(wording.say("yearly_no_answers", smallest=PUBLIC))
        return
    yield Paragraph(wording.say("yearly_answers", smallest=PUBLIC))
    for blocks in shown:
        yield from blocks


def _closed(composing: Composing, first: datetime, last: datetime) -> list[Round]:
    """The kommune's own rounds that were closed in the school year, in the order they opened."""
    found = [
        round
        for round in list_rounds(composing.session)
        if not round.unit and round.closed_at is not None and first <= round.opens < last
    ]
    return found[::-1]


def _round(composing: Composing, round: Round) -> Iterator[Block]:
    """A table of the public result for the kommune as a whole; nothing when it holds none."""
    report = _public(composing, round)
    if report is None:
        return
    wording, language = composing.wording, composing.language
    rows = []
    for question in questions_of(round.asked).questions(language):
        figure = report.figures.get(WHOLE, {}).get(question.id)
        if figure is not None and figures.is_shown(figure):
            said = figures.distribution(wording, question, figure)
            rows.append((question.text, said, figures.mean(wording, figure)))
    if not rows:
        return
    opened, closed = first_and_last(round)
    rate = report.rates.get(WHOLE)
    said = wording.say(
        "yearly_round",
        title=title_in(language, round),
        first=show_date(opened),
        last=show_date(closed),
        rate=figures.rate(wording, rate) if rate is not None else wording.say("files_not_shown"),
    )
    yield Paragraph(said)
    yield Table(tuple(wording.many("yearly_answers_columns")), tuple(rows))


def _public(composing: Composing, round: Round) -> Report | None:
    kept = result_of(composing.session, round.id, public=True)
    report = report_from_json(kept) if kept is not None else None
    return report if report is not None and report.smallest >= PUBLIC else None


# What has been done


def _done(composing: Composing, first: datetime, last: datetime) -> Iterator[Block]:
    """What the kommune has said that it heard and does. Not who: that is for people to add."""
    wording = composing.wording
    yield Paragraph(wording.say("yearly_done_title"), "heading")
    rows = tuple(
        (
            one.heard,
            one.measure,
            show_date(one.deadline) if one.deadline else "–",
            one.effect or wording.say("yearly_fill"),
        )
        for round in _closed(composing, first, last)
        for one in follow_ups_of(composing.session, round.id, [""], told=True)
    )
    if rows:
        yield Table(tuple(wording.many("yearly_done_columns")), rows)
    else:
        yield Paragraph(wording.say("yearly_nothing_done"))


def _plans(composing: Composing, first: datetime, last: datetime) -> Iterator[Block]:
    """Titles of what schools have shared with the team this year, by school."""
    wording = composing.wording
    yield Paragraph(wording.say("yearly_plans_title"), "heading")
    shared = [
        one
        for one in _shared(composing)
        if one.owner.kind == "school" and first <= one.shared_at < last
    ]
    by_school: dict[str, list[Version]] = {}
    for one in shared:
        by_school.setdefault(one.owner.name, []).append(one)
    rows = tuple(
        (school, "\n".join(sorted(one.title for one in by_school[school])))
        for school in figures.alphabetical(by_school)
    )
    if rows:
        yield Paragraph(wording.say("yearly_plans"))
        yield Table(tuple(wording.many("yearly_plans_columns")), rows)
    else:
        yield Paragraph(wording.say("yearly_no_plans"))


def _shared(composing: Composing) -> Iterator[Version]:
    offset, total = 0, 1
    while offset < total:
        found, total = list_shared(
            composing.session, reader(composing.person), offset=offset, limit=_AT_ONCE
        )
        yield from found
        offset += _AT_ONCE


def _meetings(composing: Composing, first: datetime, last: datetime) -> Iterator[Block]:
    """How many there have been of each kind; their titles may name people."""
    wording = composing.wording
    yield Paragraph(wording.say("yearly_meetings_title"), "heading")
    held = meetings_between(composing.session, first, min(last, composing.now))
    rows = tuple((kind, str(count)) for kind, count in _counted(one.kind for one in held))
    if rows:
        yield Table(tuple(wording.many("yearly_meetings_columns")), rows)
    else:
        yield Paragraph(wording.say("yearly_no_meetings"))


def _counted(kinds: Iterable[str]) -> list[tuple[str, int]]:
    counted = Counter(kinds)
    return [(kind, counted[kind]) for kind in figures.alphabetical(counted)]


def _promises(composing: Composing) -> Iterator[Block]:
    wording = composing.wording
    counted: Counter[str] = Counter(
        one.status for one in promises_now(composing.session, composing.library.promises)
    )
    yield Paragraph(wording.say("yearly_promises_title"), "heading")
    yield Paragraph(wording.say("yearly_promises", day=show_date(composing.today)))
    yield Facts(tuple((status_name(wording, one), str(counted[one])) for one in STATUSES))


PAGES: dict[str, Paged] = {"arsmelding": _page}
FILES: dict[str, Filed] = {"arsmelding": _file}
