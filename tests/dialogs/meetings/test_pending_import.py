"""Importing in the chat: what it changes is shown first, and the second press is harmless."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.cards import activities_for, card_for
from bot.sizes import MESSAGE_BYTES, message_bytes
from dialogs.messages import AttachedFile, CardReply, Items, MessageKind, Reply, TextInput
from knowledge.library import Library
from storage.database import Database
from storage.meetings import Meeting, meetings_between
from storage.people import find_person
from tests.bot.fakes import LINKS
from tests.dialogs.kommune import (
    ANE_LÆRER,
    DAVID_REKTOR,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    JORUNN_ADMINISTRATOR,
    UNKNOWN,
    Kommune,
    buttons,
)
from tests.dialogs.meetings.files_of_meetings import HEADING, ROW, csv_of
from tests.dialogs.shown import shown

LATER = "LED-skole;Team;10.12.2026 09:00;15:00;ledere"
PASTED = f"{HEADING}\n{ROW}\n{LATER}".replace(";", "\t")
NOT_YOURS = "Det er skoleeierteamet som legger inn møter."


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database)


def meetings(kommune: Kommune) -> list[Meeting]:
    first, last = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    with kommune.session() as session:
        return meetings_between(session, first, last)


def attach(
    kommune: Kommune, content: bytes, name: str = "møter.csv", who: str = HANNE_SKOLEEIER
) -> list[Reply]:
    return attach_file(kommune, AttachedFile(name, content), who)


def attach_file(kommune: Kommune, file: AttachedFile, who: str = HANNE_SKOLEEIER) -> list[Reply]:
    return kommune._send(who, MessageKind.TEXT, file=file)


def look(kommune: Kommune, text: str = PASTED, who: str = HANNE_SKOLEEIER) -> list[Reply]:
    asked = kommune.write(who, "importer møter")
    return kommune.follow(who, buttons(asked)["Se hva som blir endret"], rows=text)


def kept(replies: list[Reply]) -> str:
    card = replies[0]
    assert isinstance(card, CardReply)
    return next(block.value for block in card.blocks if isinstance(block, TextInput))


def test_pasted_rows_are_shown_before_they_are_put_in(kommune: Kommune) -> None:
    preview = look(kommune)
    told = shown(preview)
    assert "Dette blir endret" in told
    assert "Nye: 2" in told
    assert "03.12.2026 kl. 12.00–14.00: skoleledermøte: Elevmedvirkning – " in told
    assert "Inviterte til sammen: 5. Av dem kan 5 få melding i Teams." in told
    assert not meetings(kommune)
    done = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn 2 møter"])
    assert "Importert" in shown(done)
    assert [one.title for one in meetings(kommune)] == ["Elevmedvirkning", "Team"]
    assert meetings(kommune)[0].organiser_name == "Hanne Myhre"


def test_pressing_twice_is_harmless(kommune: Kommune) -> None:
    preview = look(kommune)
    for _ in range(2):
        again = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn 2 møter"])
    assert "alt lagt inn eller forkastet" in shown(again)
    assert "alt lagt inn eller forkastet" in shown(
        kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Forkast"])
    )
    assert len(meetings(kommune)) == 2


def test_what_is_dropped_is_gone(kommune: Kommune) -> None:
    preview = look(kommune)
    dropped = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Forkast"])
    assert "Ingenting er lagt inn" in shown(dropped)
    kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn 2 møter"])
    assert not meetings(kommune)


def test_what_is_wrong_is_told_with_what_was_pasted_kept(kommune: Kommune) -> None:
    text = PASTED.replace("ledere", "rørleggere").replace("10.12.2026", "10.13.2026")
    wrong = look(kommune, text)
    assert "Rad 2: Målgruppen «rørleggere» er ukjent" in shown(wrong)
    assert "Rad 3: start «10.13.2026 09:00» er ikke et tidspunkt" in shown(wrong)
    assert kept(wrong) == text
    fixed = kommune.follow(HANNE_SKOLEEIER, buttons(wrong)["Se hva som blir endret"], rows=PASTED)
    assert "Legg inn 2 møter" in buttons(fixed)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "Lim inn overskriftene og minst én rad"),
        ("x" * 8_001, "Det du limte inn, er for langt"),
        ('"' * 7_000, "Det du limte inn, er for langt"),
        (7, "Lim inn overskriftene og minst én rad"),
        ("hei", "Første rad må være overskriftene"),
    ],
)
def test_what_cannot_be_rows_is_told(kommune: Kommune, text: str, told: str) -> None:
    assert told in shown(look(kommune, text))


def test_a_card_with_all_that_may_be_pasted_and_everything_wrong_can_be_sent(
    kommune: Kommune,
) -> None:
    rows = [f"skoleledermøte\tÆøå {n}\t1\t2\trørleggere" for n in range(300)]
    text = "\n".join([HEADING.replace(";", "\t"), *rows])[:8_000]
    wrong = look(kommune, text)
    assert "feil til." in shown(wrong)
    assert kept(wrong) == text.strip()
    for reply in wrong:
        for activity in activities_for(reply, LINKS):
            assert message_bytes(activity) < 28_000


def test_a_preview_of_many_meetings_is_short_enough_for_one_card(kommune: Kommune) -> None:
    rows = [ROW.replace("Elevmedvirkning", f"Møte {n}") for n in range(500)]
    preview = attach(kommune, csv_of(*rows))
    assert "Legg inn 500 møter" in buttons(preview)
    assert "Og 488 til." in shown(preview)
    card = preview[0]
    assert isinstance(card, CardReply)
    assert message_bytes(card_for(card, LINKS)) < MESSAGE_BYTES


# Attached files


def test_an_attached_file_is_shown_put_in_and_updated(kommune: Kommune) -> None:
    preview = attach(kommune, csv_of(ROW, LATER))
    assert "Fra møter.csv." in shown(preview)
    kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn 2 møter"])
    assert "Det er ingenting å endre" in shown(attach(kommune, csv_of(ROW, LATER)))
    moved = attach(kommune, csv_of(ROW.replace("03.12.2026", "04.12.2026"), LATER))
    assert "fra 03.12.2026 kl. 12.00–14.00 til 04.12.2026 kl. 12.00–14.00" in shown(moved)
    kommune.follow(HANNE_SKOLEEIER, buttons(moved)["Endre 1 møte"])
    assert meetings(kommune)[0].starts.day == 4


def test_two_files_at_once_are_not_taken_for_a_repeat(kommune: Kommune) -> None:
    kommune.now -= timedelta(minutes=1)
    first = attach(kommune, csv_of(ROW))
    kommune.now -= timedelta(minutes=1)  # at the same moment
    second = attach(kommune, csv_of(ROW, LATER))
    assert "Legg inn 1 møte" in buttons(first)
    assert "Legg inn 2 møter" in buttons(second)
    # The first preview was replaced.
    gone = kommune.follow(HANNE_SKOLEEIER, buttons(first)["Legg inn 1 møte"])
    assert "alt lagt inn eller forkastet" in shown(gone)


def test_a_wrong_file_is_told_with_what_to_do(kommune: Kommune) -> None:
    wrong = attach(kommune, csv_of("a;;;;"))
    assert "Rad 2: tittel mangler." in shown(wrong)
    assert "Legg ved fila på nytt når den er rettet." in shown(wrong)
    assert isinstance(wrong[0], CardReply)
    assert any(isinstance(block, Items) for block in wrong[0].blocks)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (AttachedFile("a.csv", problem="too large"), "Fila er for stor"),
        (AttachedFile("a.csv", problem="unreachable"), "Jeg fikk ikke hentet fila fra Teams"),
        (AttachedFile("elev.docx", problem="other kind"), "Jeg leser ikke «elev.docx»"),
        (AttachedFile("a.csv", problem="several"), "Legg ved én fil om gangen"),
    ],
)
def test_a_file_that_was_not_fetched_is_told(
    kommune: Kommune, file: AttachedFile, told: str
) -> None:
    assert told in shown(attach_file(kommune, file))


def test_when_the_calendar_has_changed_it_is_shown_anew(kommune: Kommune) -> None:
    preview = attach(kommune, csv_of(ROW, LATER))
    other = attach(kommune, csv_of(ROW), who=IVAR_FAGRÅDGIVER)
    kommune.follow(IVAR_FAGRÅDGIVER, buttons(other)["Legg inn 1 møte"])
    again = kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn 2 møter"])
    assert "Kalenderen er endret siden du så på dette" in shown(again)
    kommune.follow(HANNE_SKOLEEIER, buttons(again)["Legg inn 1 møte"])
    assert len(meetings(kommune)) == 2


def test_in_nynorsk_it_is_told_in_nynorsk(kommune: Kommune) -> None:
    assert "Kan òg ha: stad, lenkje" in shown(kommune.write(IVAR_FAGRÅDGIVER, "importer møte"))
    assert "Noko må rettast" in shown(attach(kommune, csv_of("a;;;;"), who=IVAR_FAGRÅDGIVER))


# Rights


@pytest.mark.parametrize("who", [ANE_LÆRER, DAVID_REKTOR, GEIR_TILLITSVALGT, JORUNN_ADMINISTRATOR])
def test_others_are_told_who_may(kommune: Kommune, who: str) -> None:
    with kommune.session() as session:
        person = find_person(session, who)
        assert person is not None
        nynorsk = person.language == "nn"
    told = "Det er skuleeigarteamet som legg inn møte." if nynorsk else NOT_YOURS
    preview = look(kommune)
    forged = buttons(preview)["Legg inn 2 møter"]
    assert told in shown(kommune.write(who, "importer møter"))
    assert told in shown(kommune.press(who, "meeting_import_look", rows=PASTED))
    assert told in shown(kommune.follow(who, forged))
    assert told in shown(kommune.follow(who, buttons(preview)["Forkast"]))
    files = "tek ikkje imot filer" if nynorsk else "tar ikke imot filer"
    assert files in shown(attach(kommune, csv_of(ROW), who=who))
    assert not meetings(kommune)


def test_somebody_elses_rows_cannot_be_put_in(kommune: Kommune) -> None:
    preview = look(kommune)
    gone = kommune.follow(IVAR_FAGRÅDGIVER, buttons(preview)["Legg inn 2 møter"])
    assert "alt lagt inn eller forkasta" in shown(gone)
    assert not meetings(kommune)
    kommune.follow(HANNE_SKOLEEIER, buttons(preview)["Legg inn 2 møter"])
    assert len(meetings(kommune)) == 2


@pytest.mark.parametrize("value", [{}, {"import": 7}, {"import": "x" * 300}, {"import": ["a"]}])
def test_forged_values_change_nothing(kommune: Kommune, value: dict[str, object]) -> None:
    for verb in ("meeting_import_apply", "meeting_import_drop"):
        told = shown(kommune.press(HANNE_SKOLEEIER, verb, **value))
        assert "alt lagt inn eller forkastet" in told


def test_somebody_who_is_not_registered_may_not(kommune: Kommune) -> None:
    assert "personregister" in shown(kommune.write(UNKNOWN, "importer møter"))
    assert "tar ikke imot filer" in shown(attach(kommune, csv_of(ROW), who=UNKNOWN))
