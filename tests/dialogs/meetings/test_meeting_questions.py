"""Questions to the calendar: which they are, which they are not, and what is answered."""

import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialogs.context import OSLO
from dialogs.meetings.asked import Asked, read_asked
from dialogs.meetings.calendar import cancel_meeting, create_meeting
from dialogs.meetings.periods import find_period
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import CardReply, MessageKind, TextReply
from knowledge.library import Library
from storage.database import Database
from storage.meetings import Meeting, save_meeting
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    START,
    UNKNOWN,
    Kommune,
    buttons,
)
from tests.dialogs.shown import shown

TODAY = START.astimezone(OSLO).date()  # Monday 23 November 2026
KNOWLEDGE = Path(__file__).parents[3] / "knowledge"


def moment(day: str, clock: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=OSLO)


def meeting(id: str, day: str, kind: str = "skoleledermøte", **more: Any) -> Meeting:
    fields: dict[str, Any] = {
        "id": id,
        "kind": kind,
        "title": kind.capitalize() if kind.islower() else kind,
        "starts": moment(day),
        "ends": moment(day, "14:00"),
        "audience": ("ledere",),
        "changed_at": START,
    }
    return Meeting(**(fields | more))


YEAR = (
    meeting(
        "des",
        "2026-12-03",
        topic="Elevmedvirkning",
        preparation="Les Ambisjon 2.",
        place="Rådhuset",
    ),
    meeting("led", "2027-01-14", "LED-skole", topic="Ledelse av profesjonelle fellesskap"),
    meeting("feb", "2027-02-04", topic="Skolebasert vurdering"),
    meeting(
        "uke9", "2027-03-04", topic="Lærende møter", preparation="Ta med møtestrukturen dere har."
    ),
    meeting("fag", "2027-03-18", "fagsamtale", audience=("ledere i sone: Sone nord",)),
    meeting("led2", "2027-04-15", "LED-skole", topic="Konflikter og motstand"),
    meeting("lærere", "2027-01-20", "workshop", topic="Dybdelæring", audience=("lærere",)),
)


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    kommune = Kommune(library, database)
    put_in(kommune, *YEAR)
    return kommune


@pytest.fixture(scope="module")
def only_asked(library: Library) -> Iterator[Kommune]:
    """The same for all that only ask: nothing is changed by that."""
    database = Database("sqlite://")
    database.migrate()
    kommune = Kommune(library, database)
    put_in(kommune, *YEAR)
    yield kommune
    database.close()


def put_in(kommune: Kommune, *meetings: Meeting) -> None:
    with kommune.session() as session:
        for one in meetings:
            create_meeting(session, SendingTimes(), one, by=None, now=kommune.now)


def answer(kommune: Kommune, text: str, who: str = DAVID_REKTOR) -> TextReply:
    [reply] = kommune.write(who, text)
    assert isinstance(reply, TextReply), shown([reply])
    return reply


def is_of_the_calendar(reply: TextReply) -> bool:
    return not reply.sources and ("kalender" in reply.text or " kl. " in reply.text)


# What is answered


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "neste møte",
            ["Skoleledermøte er torsdag 3. desember kl. 12–14", "Rådhuset", "Les Ambisjon 2."],
        ),
        ("Når er neste skoleledermøte?", ["torsdag 3. desember kl. 12–14", "Elevmedvirkning"]),
        ("nesste møte", ["3. desember"]),
        ("nar er neste mote", ["3. desember"]),
        ("når er neste skoleldermøte", ["3. desember"]),
        ("når er neste rektormøte?", ["3. desember"]),
        ("hva skal jeg forberede til neste møte?", ["Les Ambisjon 2."]),
        ("hvor er neste møte", ["Rådhuset"]),
        ("Når møtes vi neste gang?", ["3. desember"]),
        ("Når møtes skolelederne neste gang?", ["3. desember"]),
        ("når er LED-skole", ["2 møter", "14. januar", "15. april"]),
        ("neste led skole", ["14. januar", "profesjonelle fellesskap"]),
        ("møter i vår", ["5 møter", "14. januar", "4. mars", "18. mars", "15. april"]),
        ("møter i høst", ["3. desember"]),
        ("hva har vi i desember?", ["3. desember"]),
        ("hva har vi i desmber", ["3. desember"]),
        ("er det noe i uke 9?", ["4. mars", "Lærende møter"]),
        ("møter denne uka", ["ingen møter", "Neste møte er torsdag 3. desember"]),
        ("har vi møte på torsdag?", ["ingen møter", "26.11.2026", "3. desember"]),
        ("er det møte neste torsdag", ["3. desember"]),
        ("har vi møte 4. mars", ["Lærende møter"]),
        ("møter fra 1. januar til 10. februar", ["14. januar", "4. februar"]),
        ("når er skoleledermøtene i vår", ["4. februar", "4. mars"]),
        ("når handler det om elevmedvirkning?", ["3. desember"]),
        ("når handler det om medvirkning for elevene", ["3. desember"]),
        ("når handler det om elevmedvikning?", ["3. desember"]),
        ("når er møtet om skolebasert vurdering", ["4. februar"]),
        ("hvilket møte handler om konflikter?", ["15. april"]),
        ("når har vi om konflikt", ["15. april"]),
        ("når handler det om romfart?", ["Ingen av møtene", "romfart"]),
        ("når er det møte?", ["3. desember"]),
        ("Hei! Når er neste møte?", ["3. desember"]),
        ("møteplan", ["6 møter"]),
        ("hvilke møter har jeg", ["6 møter"]),
        ("når er fagsamtalen", ["18. mars"]),
        ("hva er mellomarbeidet", ["3. desember", "Les Ambisjon 2."]),
    ],
)
def test_a_question_to_the_calendar_is_answered_from_it(
    only_asked: Kommune, question: str, expected: list[str]
) -> None:
    reply = answer(only_asked, question)
    for one in expected:
        assert one in reply.text
    assert not reply.sources


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("neste møte", "torsdag 3. desember kl. 12–14"),
        ("Når er neste skuleleiarmøte?", "3. desember"),
        ("kva skal eg førebu til neste møte?", "Les Ambisjon 2."),
        ("kva har vi i desember", "3. desember"),
        ("møte i haust", "3. desember"),
        ("møte til våren", "LED-skole"),
        ("er det noko i veke 9?", "4. mars"),
        ("når handlar det om elevmedverknad?", "3. desember"),
        ("når er møtet om skulebasert vurdering", "4. februar"),
        ("har vi møte i morgon", "Det står ingen møte for deg i kalenderen i morgon"),
    ],
)
def test_it_is_asked_in_nynorsk_and_answered_in_nynorsk(
    only_asked: Kommune, question: str, expected: str
) -> None:
    assert expected in answer(only_asked, question, IVAR_FAGRÅDGIVER).text


def test_one_is_only_told_of_ones_own_meetings(kommune: Kommune) -> None:
    for question in ("neste møte", "møter i vår", "er det noe i uke 3"):
        text = answer(kommune, question, ANE_LÆRER).text
        assert "20. januar" in text
        assert "Skoleledermøte" not in text
        assert "LED-skole" not in text
    # Those who keep the calendar are told of all.
    assert "6 møter" in answer(kommune, "møter i vår", HANNE_SKOLEEIER).text
    for question in ("når handler det om elevmedvirkning?", "når er neste skoleledermøte"):
        assert "3. desember" not in answer(kommune, question, BJØRN_LÆRER).text


@pytest.mark.parametrize("question", ["neste møte", "når er neste skoleledermøte", "møter i vår"])
def test_who_is_not_in_the_register_is_told_whom_the_meetings_are_for(
    only_asked: Kommune, question: str
) -> None:
    text = answer(only_asked, question, UNKNOWN).text
    assert "personregister" in text
    assert "desember" not in text


def test_what_is_cancelled_or_over_is_not_the_next(kommune: Kommune) -> None:
    with kommune.session() as session:
        cancel_meeting(session, SendingTimes(), "des", "Sykdom", by=None, now=kommune.now)
    assert "14. januar" in answer(kommune, "neste møte").text
    kommune.now = moment("2027-01-14", "13:00")
    assert "14. januar" in answer(kommune, "neste møte").text, "it is still going on"
    kommune.now = moment("2027-01-14", "14:01")
    assert "4. februar" in answer(kommune, "neste møte").text
    assert (
        "tema her: torsdag 14. januar"
        in answer(kommune, "når handler det om profesjonelle fellesskap").text
    )


def test_without_any_meeting_it_says_so(library: Library, database: Database) -> None:
    empty = Kommune(library, database)
    assert answer(empty, "neste møte").text == "Det står ingen møter for deg i kalenderen framover."
    assert "skoleledermøte" in answer(empty, "når er neste skoleledermøte").text
    # Of what only a calendar with it in could know, the documents and the veiviser are asked.
    assert not is_of_the_calendar(answer(empty, "når er fagsamtalen?"))


def test_nothing_to_prepare_is_said_plainly(kommune: Kommune) -> None:
    assert (
        "ikke lagt inn noe å forberede"
        in answer(kommune, "hva skal jeg forberede til neste LED-skole?").text
    )


def test_a_long_list_is_short_enough_for_a_phone(kommune: Kommune) -> None:
    put_in(kommune, *(meeting(f"m{n}", f"2027-05-{n + 1:02}") for n in range(20)))
    text = answer(kommune, "møter i mai").text
    assert "Det er 20 møter" in text
    assert text.count("• ") == 12
    assert "… og 8 til" in text


# One press further


def test_the_suggestions_lead_to_the_card_and_to_the_plan(kommune: Kommune) -> None:
    show, paragraphs = answer(kommune, "neste møte").suggestions
    assert (show.title, show.say) == ("Vis møtet", "Vis møtet: 03.12.2026 Skoleledermøte")
    [card] = kommune.write(DAVID_REKTOR, show.say)
    assert isinstance(card, CardReply)
    assert card.about == "meeting:des"
    assert paragraphs.title == "Avsnitt om Elevmedvirkning"
    assert answer(kommune, paragraphs.say).sources


def test_somebody_elses_meeting_is_not_shown_by_its_name(kommune: Kommune) -> None:
    assert "finnes ikke" in shown(kommune.write(ANE_LÆRER, "Vis møtet: 03.12.2026 Skoleledermøte"))
    assert "finnes ikke" in shown(kommune.write(ANE_LÆRER, "Vis møtet: {0} %s ../"))


def test_the_topic_of_a_meeting_leads_to_a_quotation_with_its_source(kommune: Kommune) -> None:
    card = kommune.press(DAVID_REKTOR, "meeting_show", meeting="des")
    [reply] = kommune.follow(DAVID_REKTOR, buttons(card)["Hva sier planen om temaet?"])
    assert isinstance(reply, TextReply)
    assert reply.sources
    assert "medvirk" in reply.text.lower()


def test_a_topic_that_the_plan_says_nothing_of_is_answered_plainly(kommune: Kommune) -> None:
    put_in(kommune, meeting("x", "2026-12-10", topic="Innkjøp av brannslukkingsapparater"))
    [reply] = kommune.press(DAVID_REKTOR, "meeting_topic", meeting="x")
    assert isinstance(reply, TextReply)
    assert not reply.sources
    assert reply.text


def test_a_topic_is_no_worry_and_no_small_talk_of_the_one_who_presses(kommune: Kommune) -> None:
    put_in(kommune, meeting("x", "2026-12-10", topic="Når noen blir slått: meldeplikten vår"))
    [reply] = kommune.press(DAVID_REKTOR, "meeting_topic", meeting="x")
    assert "116 111" not in shown([reply])


@pytest.mark.parametrize(
    "value", [{}, {"meeting": 7}, {"meeting": "x" * 500}, {"meeting": ["des"]}]
)
def test_a_forged_topic_button_shows_nothing(kommune: Kommune, value: dict[str, Any]) -> None:
    assert "finnes ikke" in shown(kommune.press(DAVID_REKTOR, "meeting_topic", **value))


def test_the_topic_of_somebody_elses_meeting_is_not_shown(kommune: Kommune) -> None:
    assert "ikke for deg" in shown(kommune.press(ANE_LÆRER, "meeting_topic", meeting="des"))
    assert "personregister" in shown(kommune.press(UNKNOWN, "meeting_topic", meeting="des"))


# What is not asked of the calendar

# All with a word of meetings, times or the calendar's topics in them.
PLAN_QUESTIONS = """
Hva sier planen om foreldremøter?
Hva er skolebasert vurdering?
hvordan arbeide med møtestruktur
hva handler ambisjon 2 om?
Hva er lærende møter?
hva er et lærende møte
hvordan leder jeg et møte om vurdering?
Hvordan forbereder vi møtet om elevmedvirkning?
Hvorfor har vi samarbeidsmøter?
hva er LED-skole
hva er et skoleledermøte
hva handler LED-skole om
Kva er LED-skule?
hvem deltar på skoleledermøter
hvor mange skoleledermøter var det i 2020–2021
når var LED-skole
Når var møtet om elevmedvirkning?
når var det siste skoleledermøtet
Hva var tema 29. oktober 2020?
hva står det om vår visjon
hva er vår ambisjon
hva betyr det i vår skole at alle er med
hvordan kan vi ha lærende møter i vår kommune
hvilke måter kan vi vise det på
hvilke møter bør vi ha på skolen for å lykkes
hva skal til for at møtet blir lærende
hva er forskjellen på informasjonsmøte og lærende møte
når skal vi ha foreldresamtale
når er foreldremøtet
når er utviklingssamtalen
når skal vi ta opp en bekymring
når skal elevene medvirke
når bør vi snakke om elevmedvirkning med elevene
når er elevmedvirkning viktig
når er skolebasert vurdering vellykket
når skal vi sette inn hjelp
når åpner modul 3
når begynner skolen igjen
når er det høstferie
er det ferie i uke 9
har vi skole på fredag
er det planleggingsdag i morgen
hva gjør vi når noen blir mobbet
hva skal jeg gjøre i dag
hva er planen for kvalitet
hvem har ansvar for møtene
hva er kvalitetslag og når møtes det
hva er sonesamarbeid
kva er lærande nettverk
hvordan fungerer lærende nettverk
hva er en fagsamtale
hvem er med på fagsamtalen
kan rektor bestemme møtetid
må jeg gå på møter i fritida
hvor lang tid skal et teammøte ta
hvordan skrive møtereferat
hva bør stå i en møteinnkalling
hvordan sørge for at alle kommer til orde i møter
hva sier planen om 5. trinn
hva skal vi ha på plass før sommeren
hva er målet for dette skoleåret
hva er tiltakene for våren
hva er fristen i mars
gi meg tips til samlingsstund i barnehagen
hva er bra samlinger i barnehagen
hvordan starte et møte
Hvilken rolle har tillitsvalgte i samarbeidsmøtene?
kven leier skuleleiarmøta
korleis kan møta bli betre
""".strip().split("\n")


@pytest.mark.parametrize("question", PLAN_QUESTIONS)
def test_a_question_to_the_plan_stays_with_the_plan(only_asked: Kommune, question: str) -> None:
    """In a calendar with meetings on just these things, which is the hardest."""
    assert not is_of_the_calendar(answer(only_asked, question, HANNE_SKOLEEIER))


def curated() -> list[str]:
    files = [*sorted((KNOWLEDGE / "questions").glob("*.toml")), KNOWLEDGE / "veiviser.toml"]
    tables = [tomllib.loads(file.read_text("utf-8")) for file in files]
    return [
        asked
        for table in tables
        for row in [*table.get("answer", ()), *table.get("entry", ())]
        for asked in row["ask"]
    ]


# Each of them asks for the date of a meeting that comes, or for all dates without saying when.
TRULY_ASKED = set(
    """
alle datoer for skoleledermøter
kan du liste opp skoleledermøtene
skoleledermøter datoer
alle datoer for LED-skole
LED-skole datoer
når er neste møte
når er neste skoleledermøte
når er neste rektormøte
møteplan for i år
når er neste LED-skole
hvilken dag er neste nettverkssamling
er det møte i morgen
når er neste skuleleiarmøte
når er det møte neste gong
neste møte dato
møteplan for skoleåret nå
når på dagen begynner møtet
kva klokkeslett byrjar møtet
klokkeslett skoleledermøte
hva er agendaen på neste rektormøte
dato for samlingene for nyutdannede
når møtes det lærende nettverket om å lære å lære
hva er temaet på neste sonesamling
""".strip().split("\n")
)


def reader(library: Library) -> Callable[[str], Asked | None]:
    words = library.words

    def read(text: str) -> Asked | None:
        return read_asked(text, TODAY, (), lambda word: words.stem(word) in words.known)

    return read


def test_of_all_curated_questions_only_those_that_ask_for_a_date_are_taken(
    library: Library,
) -> None:
    """What is only perhaps the name of a meeting is held against the titles in the calendar."""
    read = reader(library)
    asked = {text: found for text in curated() if (found := read(text))}
    taken = {text for text, found in asked.items() if not found.name}
    assert len(curated()) > 20_000
    assert taken == TRULY_ASKED
    titles = {one.title.casefold() for one in YEAR} | {"fagdag", "personalmøte"}
    named = {found.name for found in asked.values() if found.name}
    assert not named & titles


def test_what_names_the_years_of_the_old_calendar_stays_with_it(
    library: Library, kommune: Kommune
) -> None:
    read = reader(library)
    historical = [text for text in curated() if "2020" in text or "2021" in text]
    assert len(historical) > 50
    assert not [text for text in historical if read(text)]
    for question in ("møter våren 2021", "når er LED-skole i 2020", "skoleledermøter i mai 2021"):
        assert not is_of_the_calendar(answer(kommune, question))


def test_a_worry_is_a_worry_first(kommune: Kommune) -> None:
    for text in ("når handler det om at en elev slår meg", "er det møte i dag, jeg vil dø"):
        assert not is_of_the_calendar(answer(kommune, text))


@pytest.mark.parametrize(
    "text",
    ["", " ", "?", "møte" * 60, "når " * 50, "i uke 99 møte", "møte 31.02.2027", "om om om", "\n"],
)
def test_nonsense_is_no_question_to_the_calendar(library: Library, text: str) -> None:
    assert reader(library)(text) is None


def test_a_kind_of_ones_own_is_asked_for_by_its_name(kommune: Kommune) -> None:
    put_in(kommune, meeting("f", "2027-02-11", "Fagdag", title="Fagdag i matematikk"))
    assert "11. februar" in answer(kommune, "når er fagdagen?").text
    assert "11. februar" in answer(kommune, "når er neste fagdag").text
    assert "11. februar" in answer(kommune, "når er fagdagen i matematikk").text


def test_a_question_to_the_calendar_in_the_middle_of_a_guide_is_answered_and_the_step_shown_again(
    kommune: Kommune,
) -> None:
    draft = kommune.draft(answer="")
    kommune.press(DAVID_REKTOR, "show_step", draft=draft, step="maal")
    first, *rest = kommune._send(DAVID_REKTOR, MessageKind.TEXT, text="Når er neste møte?")
    assert isinstance(first, TextReply)
    assert "3. desember" in first.text
    assert isinstance(rest[-1], CardReply) if rest else True


# Periods


@pytest.mark.parametrize(
    ("today", "text", "first", "last"),
    [
        ("2026-11-22", "i vår", "2027-01-01", "2027-07-31"),
        ("2027-02-01", "i vår", "2027-01-01", "2027-07-31"),
        ("2026-08-01", "til våren", "2027-01-01", "2027-07-31"),
        ("2026-11-22", "i høst", "2026-08-01", "2026-12-31"),
        ("2027-03-01", "til hausten", "2027-08-01", "2027-12-31"),
        ("2026-11-22", "i november", "2026-11-01", "2026-11-30"),
        ("2026-11-22", "i oktober", "2027-10-01", "2027-10-31"),
        ("2026-12-31", "neste måned", "2027-01-01", "2027-01-31"),
        ("2026-11-22", "denne uka", "2026-11-16", "2026-11-22"),
        ("2026-11-22", "neste veke", "2026-11-23", "2026-11-29"),
        ("2026-11-22", "i uke 53", "2026-12-28", "2027-01-03"),
        ("2026-11-22", "uke 9–11", "2027-03-01", "2027-03-21"),
        ("2026-11-22", "før jul", "2026-11-22", "2026-12-24"),
        ("2026-11-22", "etter nyttår", "2027-01-01", "2027-07-31"),
        ("2026-11-22", "før påske", "2026-11-22", "2027-03-24"),
        ("2026-11-22", "etter påske", "2027-03-30", "2027-07-31"),
        ("2026-11-22", "neste skoleår", "2027-08-01", "2028-07-31"),
        ("2026-11-22", "resten av skoleåret", "2026-11-22", "2027-07-31"),
        ("2026-11-22", "torsdag i uke 9", "2027-03-04", "2027-03-04"),
        ("2026-11-22", "fra 1. desember til 20. januar", "2026-12-01", "2027-01-20"),
        ("2026-11-22", "i februar 2028", "2028-02-01", "2028-02-29"),
    ],
)
def test_periods_are_read_as_a_norwegian_means_them(
    today: str, text: str, first: str, last: str
) -> None:
    period, rest = find_period(f"møter {text}", date.fromisoformat(today))
    assert period is not None
    assert (period.first, period.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert rest == "møter"


def test_reading_takes_no_time_worth_mentioning(library: Library) -> None:
    read = reader(library)
    hard = "når " + "i uke 9 til om fra mellom og neste vår " * 3
    begun = datetime.now(OSLO)
    for _ in range(100):
        read(hard)
    assert datetime.now(OSLO) - begun < timedelta(seconds=2)


def test_meetings_out_of_order_are_told_in_order(kommune: Kommune) -> None:
    with kommune.session() as session:
        save_meeting(session, meeting("feb", "2027-06-03"))
    text = answer(kommune, "møter i vår").text
    assert text.index("14. januar") < text.index("15. april") < text.index("3. juni")
