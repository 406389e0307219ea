"""An odd word for each person, and for what each writes: where they turn up when all is read.

Everybody answers a round of the kommune, a school's own and a survey through the real assistant;
the rounds are closed, shared and followed up. Then readers of every role open every page, file,
picture, card and message, and the log and the database are read: each word is where it may be.
"""

import io
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from docx import Document
from openpyxl import load_workbook

from bot.papers.files import paper_file
from bot.papers.workbook import csv, xlsx
from dialogs.browser import FILES, PAGES
from dialogs.checkins.ballot_form import TELL_UNIT
from dialogs.checkins.closing import close_due_rounds
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Button, CardReply, Chart, Page, Paper, Workbook
from knowledge.library import Library
from storage.ballots import rewrite_open_rounds
from storage.database import Database
from storage.people import RegisteredPerson, import_people
from tests.dialogs.checkins.asking import SURVEY, Asking, question_set
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    PEOPLE,
    buttons,
)
from tests.dialogs.shown import shown
from tests.faults.crowd import rows, tables

NORDLIA, FJELLHEIM, BAKKEN = "Nordlia skole", "Fjellheim skole", "Bakken skole"
STRANDVIK = "Strandvik ungdomsskole"
SIZES = {NORDLIA: 14, FJELLHEIM: 12, STRANDVIK: 12, BAKKEN: 2}  # lærere; Bakken is a small school
TICKING = {NORDLIA: 6, FJELLHEIM: 4}  # how many tell their school's name: at Fjellheim, too few
OF_ALL, OWN, SURVEYED, FEW = "a" * 32, "b" * 32, "c" * 32, "d" * 32
ROUNDS = (OF_ALL, OWN, SURVEYED, FEW)
WRITING_IN_FEW = 4
TEAM = {HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER}
HERE = {DAVID_REKTOR, KARI_AVDELINGSLEDER, ANE_LÆRER}
READERS = (
    HANNE_SKOLEEIER,
    DAVID_REKTOR,
    ANE_LÆRER,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    LARS_REKTOR,
    JORUNN_ADMINISTRATOR,
)
DRAFT = "Zkladdq"
SURVEY_CARDS = (
    ("@", {"erfaring__value": "lang"}),
    (
        "digital",
        {
            "verktoy__kompetanse": "2",
            "verktoy__viktighet": "4",
            "nettvett__kompetanse": "3",
            "nettvett__viktighet": "5",
        },
    ),
    ("ledelse", {"klassen__kompetanse": "4", "klassen__viktighet": "4"}),
)


def name_of(number: int) -> str:
    return f"Zyxo{number:03}qvist"


def said(number: int, round: str) -> str:
    """What a person writes in a round: somebody who finds it has found the person."""
    return f"Qwerq{number:03}{round[0]} vil ha ro"


class Canaries(Asking):
    """The kommune, and what everybody did in it."""

    def __init__(self, library: Library, database: Database) -> None:
        sets = [question_set(), question_set(**SURVEY)]
        super().__init__(library, database, *sets)
        self.people = list(_lærere())
        with self.session() as session:
            import_people(session, [*PEOPLE, *self.people], dry_run=False)
        self.ask(sets[0], id=OF_ALL)
        self.ask(sets[0], id=OWN, unit=NORDLIA, audience=(f"enhet: {NORDLIA}",))
        self.ask(sets[1], id=SURVEYED)
        self.ask(sets[0], id=FEW)
        self.ticking: set[int] = set()
        for number, person in enumerate(self.people, start=1):
            of_school = sum(1 for one in self.people[:number] if one.unit == person.unit)
            if of_school <= TICKING.get(person.unit, 0):
                self.ticking.add(number)
            self._answer(number, person)
        # Begun, and never sent.
        for who in (GEIR_TILLITSVALGT, ANE_LÆRER):
            self.survey(who, f"{DRAFT} {who}", send=False)

    def _answer(self, number: int, person: RegisteredPerson) -> None:
        for round in (OF_ALL, OWN, FEW):
            if round == OWN and person.unit != NORDLIA:
                continue
            text = "" if round == FEW and number > WRITING_IN_FEW else said(number, round)
            tick = {TELL_UNIT: "ja"} if number in self.ticking else {}
            filled = {"trivsel__value": str(number % 5 + 1), "tid__value": "litt", **tick}
            sent = self.press(person.key, "round_answer", round=round, stotte__value=text, **filled)
            assert "Sendt." in shown(sent), shown(sent)
        self.survey(person.key, said(number, SURVEYED))

    def survey(self, who: str, comment: str, *, send: bool = True) -> None:
        for section, fields in SURVEY_CARDS:
            point = int(who[-2:]) % 5 + 1
            filled = {id: str(point) if "__k" in id else one for id, one in fields.items()}
            more = {"kommentar__value": comment} if section == "digital" else {}
            end = self.press(who, "ballot_next", round=SURVEYED, section=section, **filled, **more)
        if send:
            assert "Sendt." in shown(self.follow(who, buttons(end)["Send"]))

    def end(self) -> dict[str, list[str]]:
        """A night, the close, what is sent then, and what the leaders do; messages by reader."""
        rewrite_open_rounds(self.database)
        self.now += timedelta(days=5)
        assert close_due_rounds(self.database, SendingTimes(), self.now, 5) == len(ROUNDS)
        for round, who in ((OF_ALL, FATIMA_AVDELINGSLEDER), (OWN, DAVID_REKTOR)):
            self.press(who, "result_share", round=round, sure=True)
            self.press(DAVID_REKTOR, "result_share", round=round, sure=True)
        for round, who in ((OF_ALL, HANNE_SKOLEEIER), (OWN, DAVID_REKTOR)):
            self.press(
                who,
                "follow_up_save",
                round=round,
                follow_up=round[:1] * 32,
                heard="Støy.",
                measure="Ro i teamtiden.",
            )
            self.press(who, "follow_up_send", round=round, follow_ups=[round[:1] * 32])
        sent: dict[str, list[str]] = {}
        for _ in range(4):
            for who, replies in self.messages_at(self.now + timedelta(days=1)).items():
                sent.setdefault(who, []).append(shown(replies))
        return sent


def _lærere() -> Iterator[RegisteredPerson]:
    like = {one.unit: one for one in PEOPLE if one.unit}
    units = [unit for unit, size in SIZES.items() for _ in range(size)]
    for number, unit in enumerate(units, start=1):
        key = f"00000000-0000-4000-9000-{number:012}"
        name = f"{name_of(number)} Zet"
        yield replace(like[unit], key=key, name=name, role="lærer", language="nb")


# Reading all of it


def everything_read(kommune: Canaries, who: str) -> dict[str, str]:
    """All that the person is shown, by where it stands."""
    found: dict[str, str] = {}
    browser = kommune.assistant.browser
    for path in (f"{first}/{rest}" for first in PAGES for rest in ("", *ROUNDS)):
        more = ({"side": "2"}, {"q": "Qwerq"}) if path.startswith("tekster") else ()
        for query in ({}, *more):
            page = browser.page(path, query, who)
            if page is not None:
                found[f"page {path} {query}"] = text_of_page(page)
    for path in (f"{first}/{rest}" for first in FILES for rest in (*ROUNDS, "2026")):
        for ending in ("xlsx", "csv", "docx"):
            schools = (NORDLIA, FJELLHEIM, BAKKEN) if path == f"undersokelse/{SURVEYED}" else ()
            for school in ("", *schools):
                query = {"format": ending} | ({"skole": school} if school else {})
                file = browser.file(path, query, who)
                if file is not None:
                    found[f"file {path}.{ending} {school}"] = text_of_file(kommune, file, ending)
    for round in ROUNDS:
        for question in ("trivsel", "tid", "stotte", "verktoy.kompetanse", "kommentar"):
            paper = kommune.assistant.paper(f"result:{round}:{question}", who)
            if paper is not None:
                found[f"picture {round} {question}"] = text_of_paper(paper)
    for words in ("refleksjoner", "spørrerunder", "hva ble gjort", "undersøkelsen", "hjelp"):
        found[f"chat {words}"] = shown(kommune.write(who, words))
    for verb in ("results", "round_show", "round_open", "follow_up", "survey_process"):
        for round in ROUNDS:
            found[f"card {verb} {round}"] = shown(kommune.press(who, verb, round=round))
    return found


def text_of_page(page: Page) -> str:
    links = "\n".join(f"{title} {path}" for title, path in (*page.files, *page.trail))
    pressed = "\n".join(
        repr(one.value) for card in page.cards for one in card.buttons if isinstance(one, Button)
    )
    charts = "\n".join(map(repr, charts_of(page)))
    return "\n".join((page.title, shown(page.cards), links, pressed, charts))


def charts_of(page: Page) -> list[Chart]:
    return [block for card in page.cards for block in card.blocks if isinstance(block, Chart)]


def text_of_paper(paper: Paper) -> str:
    return "\n".join((paper.title, paper.byline, shown([CardReply("", paper.blocks)])))


def text_of_file(kommune: Canaries, file: Workbook | Paper, ending: str) -> str:
    """The file as it is sent, read back: a line for each row or paragraph."""
    if isinstance(file, Paper):
        if ending != "docx":
            return text_of_paper(file)
        document = Document(io.BytesIO(paper_file(file, "docx", "", kommune.now).body))
        properties = document.core_properties
        lines = [paragraph.text for paragraph in document.paragraphs]
        lines += [
            " | ".join(cell.text for cell in row.cells)
            for table in document.tables
            for row in table.rows
        ]
        return "\n".join((*lines, properties.author, properties.last_modified_by))
    if ending == "csv":
        return b"".join(csv(file)).decode("utf-8-sig")
    book = load_workbook(io.BytesIO(xlsx(file)))
    lines = [
        " | ".join("" if one is None else str(one) for one in row)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
    ]
    return "\n".join((*lines, str(book.properties.creator), str(book.properties.lastModifiedBy)))


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    return caplog


def test_no_canary_is_where_it_may_not_be(
    library: Library, database: Database, log: pytest.LogCaptureFixture
) -> None:
    kommune = Canaries(library, database)
    assert_drafts_and_answers_are_nobodys_while_it_is_open(kommune)
    sent = kommune.end()
    read = {who: everything_read(kommune, who) for who in READERS}
    some_lærer = kommune.people[SIZES[NORDLIA]].key  # at Fjellheim
    read[some_lærer] = everything_read(kommune, some_lærer)
    for who, messages in sent.items():
        read.setdefault(who, {})["messages"] = "\n".join(messages)
    assert_no_names(kommune, read)
    assert_texts_are_read_by_those_they_are_for(kommune, read)
    assert_no_school_stands_beside_a_text_that_did_not_tick(kommune, read)
    assert_a_small_school_has_no_number(read)
    assert "Qwerq" not in log.text
    assert DRAFT not in log.text
    assert not any(name_of(n) in log.text for n in range(1, len(kommune.people) + 1))
    assert not any(one.key in log.text for one in kommune.people)
    assert_nothing_is_left_of_drafts_and_of_who(kommune)


def assert_drafts_and_answers_are_nobodys_while_it_is_open(kommune: Canaries) -> None:
    for who in (HANNE_SKOLEEIER, DAVID_REKTOR, LARS_REKTOR):
        for place, text in everything_read(kommune, who).items():
            assert "Qwerq" not in text, place
            assert DRAFT not in text, place
            assert "Zyxo" not in text, place


def assert_no_names(kommune: Canaries, read: Mapping[str, Mapping[str, str]]) -> None:
    for who, places in read.items():
        for place, text in places.items():
            assert "Zyxo" not in text, f"{who} reads a name in {place}"
            assert "00000000-0000-4000-9000" not in text, f"{who} reads a key in {place}"
            assert DRAFT not in text, f"{who} reads a draft in {place}"


def assert_texts_are_read_by_those_they_are_for(
    kommune: Canaries, read: Mapping[str, Mapping[str, str]]
) -> None:
    for who, places in read.items():
        everything = "\n".join(places.values())
        for number, person in enumerate(kommune.people, start=1):
            ticked = person.unit == NORDLIA and number in kommune.ticking
            may = {
                OF_ALL: who in TEAM or (who in HERE and ticked),
                OWN: who in HERE,
                SURVEYED: who in TEAM,
                FEW: False,
            }
            for round, reads in may.items():
                is_read = f"{said(number, round)[:9]}" in everything
                if round == OWN and person.unit != NORDLIA:
                    assert not is_read
                elif who in READERS and reads:
                    assert is_read, f"{who} does not read {said(number, round)}"
                else:
                    assert not is_read or reads, f"{who} reads {said(number, round)}"


def assert_no_school_stands_beside_a_text_that_did_not_tick(
    kommune: Canaries, read: Mapping[str, Mapping[str, str]]
) -> None:
    beside: Counter[str] = Counter()
    for who in TEAM & read.keys():
        for place, text in read[who].items():
            for line in text.splitlines():
                found = re.search(r"Qwerq(\d{3})(\w)", line)
                schools = [unit for unit in SIZES if unit in line]
                if found and schools:
                    assert schools == [NORDLIA], f"{line} in {place}"
                    assert int(found[1]) in kommune.ticking, f"{line} in {place}"
                    beside[place] += 1
    assert beside


def assert_a_small_school_has_no_number(read: Mapping[str, Mapping[str, str]]) -> None:
    """Bakken's two and their rektor: no count, mean or share of them anywhere; nor a rate."""
    hidden = 0
    for who, places in read.items():
        for place, text in places.items():
            for line in text.splitlines():
                hidden += "Bakken" in line
                if place.startswith("file") and BAKKEN in line:
                    numbers = re.sub(r"Bakken skole|\b\d+ personer|minst \d+", "", line)
                    assert not re.search(r"\d", numbers), f"{who} reads «{line}» in {place}"
                for row in re.findall(r"ChartRow\(label='Bakken[^)]*?parts=\(([^)]*)", line):
                    assert not row, f"{who} reads {row} in {place}"
    assert hidden


def assert_nothing_is_left_of_drafts_and_of_who(kommune: Canaries) -> None:
    texts = {"ballot_text"}  # which are to be read
    for table in tables(kommune.database):
        for row in rows(kommune.database, table):
            row_text = repr(row)
            assert DRAFT not in row_text, table
            if table not in texts:
                assert "Qwerq" not in row_text, table
            elif "00000000-0000-4000" in row_text or "Zyxo" in row_text:
                pytest.fail(f"{table} has a person beside a text")
    for table in ("answered", "ballot", "ballot_draft"):
        assert not rows(kommune.database, table)
