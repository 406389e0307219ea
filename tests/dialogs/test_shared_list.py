"""«Delt av skolene»: finding, reading, versions, comments, «nyttig», and the authors' notice."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from dialogs.messages import CardReply, Paragraph, TextInput
from knowledge.library import Library
from storage.database import Database
from storage.shared import Reader, comments_of, find_shared, useful_count
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    HANNE_SKOLEEIER,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    Kommune,
    buttons,
    choice,
    make_guide,
)
from tests.dialogs.shown import shown

NOT_SHARED = "Dette er ikke delt med deg"


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(
        library,
        database,
        make_guide("sot", title="Situasjon og tiltak", title_nn="Situasjon og tiltak"),
        make_guide("own", owner="person", roles=("lærer",)),
    )


def comment(kommune: Kommune, who: str, version: str, text: str) -> str:
    """Comment through the card; gives what is shown."""
    asked = kommune.press(who, "comment_ask", version=version)
    return shown(kommune.follow(who, buttons(asked)["Send kommentaren"], text=text))


# Finding


def test_an_empty_list_says_so(kommune: Kommune) -> None:
    assert "Ingen har delt noe med deg ennå" in shown(kommune.write(ELI_REKTOR, "delt av skolene"))
    assert "Ingen har delt noko" in shown(kommune.write(BJØRN_LÆRER, "delt av skulane"))


def test_the_newest_is_first_and_chosen_and_read_by_one_press(kommune: Kommune) -> None:
    kommune.share(kommune.draft(answer="Den første."))
    newest = kommune.share(kommune.draft(guide="sot", answer="Den andre."))
    listed = kommune.write(ELI_REKTOR, "Delt av skolene?")
    offered = choice(listed, "version")
    assert [label for _, label in offered.options] == [
        "Situasjon og tiltak – Nordlia skole, 23.11.2026",
        "Plan for skolen – Nordlia skole, 23.11.2026",
    ]
    assert offered.value == newest
    assert "Den andre." in shown(
        kommune.follow(ELI_REKTOR, buttons(listed)["Les"], version=offered.value)
    )


def test_the_list_says_how_it_was_received(kommune: Kommune) -> None:
    version = kommune.share()
    kommune.press(ELI_REKTOR, "useful", version=version)
    comment(kommune, ELI_REKTOR, version, "Dette tar vi med oss.")
    listed = shown(kommune.write(LARS_REKTOR, "delt av skolene"))
    assert "23.11.2026 (1 synes det er nyttig, 1 kommentar)" in listed


def test_five_are_shown_at_a_time(kommune: Kommune) -> None:
    for number in range(7):
        kommune.share(kommune.draft(answer=f"Plan {number}."))
    first = kommune.write(ELI_REKTOR, "delt av skolene")
    assert "Viser 1–5 av 7" in shown(first)
    assert "Forrige side" not in buttons(first)
    second = kommune.follow(ELI_REKTOR, buttons(first)["Neste side"])
    assert "Viser 6–7 av 7" in shown(second)
    assert "Neste side" not in buttons(second)
    ids = [id for page in (first, second) for id, _ in choice(page, "version").options]
    assert len(set(ids)) == 7
    assert kommune.follow(ELI_REKTOR, buttons(second)["Forrige side"]) == first
    assert "Viser 6–7 av 7" in shown(kommune.press(ELI_REKTOR, "shared_list", offset=10_000))


def test_a_search_finds_words_schools_and_kinds(kommune: Kommune) -> None:
    kommune.share(kommune.draft(answer="Vi vil lykkes med dybdelæring."))
    kommune.share(
        kommune.draft(LARS_REKTOR, guide="sot", answer="Elevene leser mer."), who=LARS_REKTOR
    )
    for search, found, other in (
        ("DYBDELÆRING", "Nordlia", "Bakken"),
        ("bakken", "Bakken", "Nordlia"),
        ("Lars Vik", "Bakken", "Nordlia"),
    ):
        text = shown(kommune.write(ELI_REKTOR, f"delt av skolene: {search}"))
        assert found in text
        assert other not in text
    listed = kommune.write(ELI_REKTOR, "delt av skolene")
    assert ("sot", "Situasjon og tiltak") in choice(listed, "guide").options
    narrowed = kommune.follow(ELI_REKTOR, buttons(listed)["Søk"], guide="sot", search="")
    assert "Bakken" in shown(narrowed)
    assert "Nordlia" not in shown(narrowed)


def test_a_search_without_hits_says_so_and_keeps_the_words(kommune: Kommune) -> None:
    kommune.share()
    replies = kommune.write(ELI_REKTOR, "delt av skolene: romfart")
    assert "Jeg finner ikke noe slikt" in shown(replies)
    card = replies[0]
    assert isinstance(card, CardReply)
    assert [b.value for b in card.blocks if isinstance(b, TextInput)] == ["romfart"]
    assert "Søk" in buttons(replies)


# Versions


def test_a_new_version_keeps_the_old_readable(kommune: Kommune) -> None:
    draft = kommune.draft(answer="Slik tenkte vi først.")
    old = kommune.share(draft)
    kommune.answer(draft, "Slik tenker vi nå.")
    new = kommune.share(draft)
    listed = choice(kommune.write(ELI_REKTOR, "delt av skolene"), "version")
    assert listed.options == ((new, "Plan for skolen – Nordlia skole, 23.11.2026, versjon 2"),)
    read = kommune.press(ELI_REKTOR, "shared_read", version=new)
    assert "Slik tenker vi nå." in shown(read)
    versions = kommune.follow(ELI_REKTOR, buttons(read)["Tidligere versjoner"])
    assert choice(versions, "version").options == (
        (new, "Versjon 2, delt 23.11.2026 av David Lunde"),
        (old, "Versjon 1, delt 23.11.2026 av David Lunde"),
    )
    earlier = kommune.follow(ELI_REKTOR, buttons(versions)["Les"], version=old)
    assert "Slik tenkte vi først." in shown(earlier)
    assert "Dette er versjon 1. Det finnes en nyere." in shown(earlier)
    assert kommune.follow(ELI_REKTOR, buttons(earlier)["Les den nyeste"]) == read


def test_an_old_version_is_for_those_who_read_the_newest(kommune: Kommune) -> None:
    draft = kommune.draft(answer="Slik tenkte vi først.")
    old = kommune.share(draft, "alle")
    kommune.answer(draft, "Slik tenker vi nå.")
    kommune.share(draft, "skolen")
    assert NOT_SHARED in shown(kommune.press(ELI_REKTOR, "shared_read", version=old))
    assert "først" in shown(kommune.press(ANE_LÆRER, "shared_read", version=old))


def test_what_is_withdrawn_does_not_come_back_with_a_new_version(kommune: Kommune) -> None:
    draft = kommune.draft(answer="Dette angrer vi på.")
    old = kommune.share(draft)
    kommune.press(DAVID_REKTOR, "withdraw", version=old)
    kommune.answer(draft, "Dette står vi for.")
    new = kommune.share(draft)
    read = kommune.press(ELI_REKTOR, "shared_read", version=new)
    assert "Tidligere versjoner" not in buttons(read)
    assert NOT_SHARED in shown(kommune.press(ELI_REKTOR, "shared_read", version=old))


def test_what_is_shared_stays_when_its_draft_is_deleted(kommune: Kommune) -> None:
    draft = kommune.draft()
    version = kommune.share(draft)
    ask = kommune.press(DAVID_REKTOR, "delete_ask", draft=draft)
    kommune.press(DAVID_REKTOR, "delete", draft=draft, revision=1)
    assert "dybdelæring" in shown(kommune.press(ELI_REKTOR, "shared_read", version=version)), ask
    assert "trukket tilbake" in shown(kommune.press(DAVID_REKTOR, "withdraw", version=version))


# Comments


def test_a_comment_stands_under_what_it_is_about_with_name_and_school(kommune: Kommune) -> None:
    version = kommune.share()
    after = comment(kommune, ELI_REKTOR, version, "  Dette tar vi med oss.  ")
    assert "Kommentaren din er lagt inn." in after
    read = shown(kommune.press(LARS_REKTOR, "shared_read", version=version))
    assert "Kommentarer (1)\nEli Strand, Strandvik ungdomsskole, 23.11.2026\nDette tar vi" in read


def test_the_comment_card_says_who_reads_and_that_worries_go_elsewhere(kommune: Kommune) -> None:
    version = kommune.share(audience="sonen")
    asked = shown(kommune.press(LARS_REKTOR, "comment_ask", version=version))
    assert "skolelederne i sonen kan lese kommentaren" in asked
    assert "ikke en varslingskanal" in asked


def test_the_same_comment_sent_twice_is_one(kommune: Kommune) -> None:
    version = kommune.share()
    button = buttons(kommune.press(ELI_REKTOR, "comment_ask", version=version))["Send kommentaren"]
    for _ in range(2):
        read = shown(kommune.follow(ELI_REKTOR, button, text="Godt tenkt."))
    assert read.count("Godt tenkt.") == 1


@pytest.mark.parametrize("text", ["", "   \n ", None, 7, ["hei"]])
def test_an_empty_comment_is_asked_for_again(kommune: Kommune, text: object) -> None:
    version = kommune.share()
    replies = kommune.press(ELI_REKTOR, "comment", version=version, id=uuid4().hex, text=text)
    assert "Skriv en kommentar før du sender." in shown(replies)
    assert "Send kommentaren" in buttons(replies)


def test_a_comment_that_is_too_long_is_kept_to_be_shortened(kommune: Kommune) -> None:
    version = kommune.share()
    long = "Dette er bra. " * 80
    said = comment(kommune, ELI_REKTOR, version, long)
    assert f"på {len(long.strip())} tegn" in said
    assert long.strip() in said
    assert "Kommentarer" not in shown(kommune.press(LARS_REKTOR, "shared_read", version=version))


def test_a_worry_is_met_and_never_kept_or_repeated(kommune: Kommune) -> None:
    version = kommune.share()
    worry = "En elev i klassen min blir slått hjemme"
    said = comment(kommune, ELI_REKTOR, version, worry)
    assert "Jeg kan ikke ta imot bekymringer" in said
    assert worry not in said
    assert "Kommentarer" not in shown(kommune.press(ELI_REKTOR, "shared_read", version=version))
    with kommune.session() as session:
        row = session.connection().exec_driver_sql(
            "SELECT last_digest FROM conversation WHERE sender = ?", (ELI_REKTOR,)
        )
        assert row.scalar() is not None
    comment(kommune, ELI_REKTOR, version, worry)
    with kommune.session() as session:
        row = session.connection().exec_driver_sql(
            "SELECT last_digest FROM conversation ORDER BY last_arrived DESC LIMIT 1"
        )
        assert row.scalar() == ""


def test_one_deletes_ones_own_comment_and_nobody_elses(kommune: Kommune) -> None:
    version = kommune.share()
    comment(kommune, ELI_REKTOR, version, "Dette angrer jeg på.")
    with kommune.session() as session:
        shared = find_shared(session, version, _leader())
        assert shared is not None
        (theirs,) = comments_of(session, shared.draft)
    for person in (LARS_REKTOR, DAVID_REKTOR, HANNE_SKOLEEIER):
        said = shown(kommune.press(person, "comment_delete", id=theirs.id, version=version))
        assert "ikke din" in said
        assert "angrer" in said  # still there
    read = kommune.press(ELI_REKTOR, "shared_read", version=version)
    gone = shown(kommune.follow(ELI_REKTOR, buttons(read)["Slett kommentaren din"]))
    assert "Kommentaren din er slettet." in gone
    assert "angrer" not in gone


def test_of_several_comments_one_chooses_which_to_delete(kommune: Kommune) -> None:
    version = kommune.share()
    comment(kommune, ELI_REKTOR, version, "Den første.")
    comment(kommune, ELI_REKTOR, version, "Den andre.")
    read = kommune.press(ELI_REKTOR, "shared_read", version=version)
    first = choice(read, "id").options[0][0]
    after = shown(kommune.follow(ELI_REKTOR, buttons(read)["Slett kommentaren din"], id=first))
    assert "Den andre." in after
    assert "Den første." not in after


# «Nyttig»


def test_somebody_finds_it_useful_once(kommune: Kommune) -> None:
    version = kommune.share()
    first = kommune.press(ELI_REKTOR, "shared_read", version=version)
    said = shown(kommune.follow(ELI_REKTOR, buttons(first)["Nyttig"]))
    assert "er nyttig: 1" in said
    again = shown(kommune.follow(ELI_REKTOR, buttons(first)["Nyttig"]))
    assert "alt sagt at" in again
    kommune.press(LARS_REKTOR, "useful", version=version)
    read = kommune.press(ANE_LÆRER, "shared_read", version=version)
    assert "Nyttig (2)" in buttons(read)
    with kommune.session() as session:
        shared = find_shared(session, version, _leader())
        assert shared is not None
        assert useful_count(session, shared.draft) == 2


# Telling the authors

AFTERNOON = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # 15:00 in Oslo


def test_authors_are_told_once_a_day_of_all_that_has_come(kommune: Kommune) -> None:
    draft = kommune.draft(KARI_AVDELINGSLEDER)
    version = kommune.share(draft)
    comment(kommune, ELI_REKTOR, version, "Dette tar vi med oss.")
    comment(kommune, LARS_REKTOR, version, "Godt tenkt.")
    kommune.press(HANNE_SKOLEEIER, "useful", version=version)
    assert kommune.messages_at(AFTERNOON - timedelta(seconds=1)) == {}
    sent = kommune.messages_at(AFTERNOON)
    assert sent.keys() == {DAVID_REKTOR, KARI_AVDELINGSLEDER}  # who shared it, and who wrote it
    (notice,) = sent[DAVID_REKTOR]
    text = shown([notice])
    assert "Nytt om «Plan for skolen»" in text
    assert (
        "2 nye kommentarer, fra Eli Strand (Strandvik ungdomsskole), Lars Vik (Bakken skole)."
        in text
    )
    assert "Én til synes at det er nyttig." in text
    assert "Godt tenkt." in shown(kommune.follow(DAVID_REKTOR, buttons([notice])["Les"]))
    assert kommune.messages_at(AFTERNOON + timedelta(hours=8)) == {}


def test_what_comes_later_is_told_the_next_day_and_only_that(kommune: Kommune) -> None:
    version = kommune.share()
    comment(kommune, ELI_REKTOR, version, "Dette tar vi med oss.")
    kommune.messages_at(AFTERNOON)
    comment(kommune, LARS_REKTOR, version, "Godt tenkt.")
    assert kommune.messages_at(AFTERNOON + timedelta(hours=2)) == {}
    text = shown(kommune.messages_at(AFTERNOON + timedelta(days=1))[DAVID_REKTOR])
    assert "1 ny kommentar, fra Lars Vik (Bakken skole)." in text


def test_nobody_is_told_at_weekends(kommune: Kommune) -> None:
    version = kommune.share()
    kommune.now = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)  # Friday after 15
    comment(kommune, ELI_REKTOR, version, "Dette tar vi med oss.")
    assert kommune.messages_at(datetime(2026, 11, 29, 20, 0, tzinfo=UTC)).get(DAVID_REKTOR) is None
    monday = kommune.messages_at(datetime(2026, 11, 30, 14, 0, tzinfo=UTC))
    assert "1 ny kommentar" in shown(monday[DAVID_REKTOR])


def test_nobody_is_told_of_their_own_comment_or_of_one_that_is_gone(kommune: Kommune) -> None:
    version = kommune.share()
    comment(kommune, DAVID_REKTOR, version, "Spør gjerne.")
    comment(kommune, ELI_REKTOR, version, "Dette angrer jeg på.")
    read = kommune.press(ELI_REKTOR, "shared_read", version=version)
    kommune.follow(ELI_REKTOR, buttons(read)["Slett kommentaren din"])
    assert kommune.messages_at(AFTERNOON) == {}


def test_an_author_who_may_not_read_it_any_more_is_not_told(kommune: Kommune) -> None:
    version = kommune.share()
    comment(kommune, ELI_REKTOR, version, "Dette tar vi med oss.")
    kommune.press(DAVID_REKTOR, "withdraw", version=version)
    assert kommune.messages_at(AFTERNOON) == {}


def test_what_is_a_lærers_own_is_commented_to_that_lærer(kommune: Kommune) -> None:
    version = kommune.share(kommune.draft(BJØRN_LÆRER, guide="own"), "alle", BJØRN_LÆRER)
    comment(kommune, FATIMA_AVDELINGSLEDER, version, "Dette tar vi med oss.")
    sent = kommune.messages_at(AFTERNOON)
    assert sent.keys() == {BJØRN_LÆRER}
    assert "1 ny kommentar, frå Fatima Noor (Fjellheim skole)." in shown(sent[BJØRN_LÆRER])


def test_no_card_says_less_than_it_holds(kommune: Kommune) -> None:
    """A long paper stays whole on the card: the door splits it."""
    long = "Vi øver hver dag, og vi skriver ned hva vi ser. " * 60
    version = kommune.share(kommune.draft(answer=long.strip()))
    card = kommune.press(ELI_REKTOR, "shared_read", version=version)[0]
    assert isinstance(card, CardReply)
    assert long.strip() in "".join(b.text for b in card.blocks if isinstance(b, Paragraph))
    assert card.about == f"version:{version}"


def _leader() -> Reader:
    return Reader("", "Nordlia skole", "", leader=True, owner_team=False)
