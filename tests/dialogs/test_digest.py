"""The weekly digest, and how far the schools are in numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from dialogs.messages import CardReply, Table
from knowledge.library import Library
from storage.database import Database
from storage.drafts import Owner, save_answer, start_draft
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    HANNE_SKOLEEIER,
    IVAR_FAGRÅDGIVER,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    UNKNOWN,
    Kommune,
    buttons,
    choice,
    make_guide,
)
from tests.dialogs.shown import shown

MONDAY = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)  # 08:00 in Oslo
OTHERS = {LARS_REKTOR, ELI_REKTOR, FATIMA_AVDELINGSLEDER, HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER}


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(
        library,
        database,
        make_guide("sot", title="Situasjon og tiltak", title_nn="Situasjon og tiltak på nynorsk"),
        make_guide("team", owner="skoleeierteam", roles=("skoleeierteam",)),
    )


def test_what_was_shared_in_a_week_comes_in_one_message_on_monday(kommune: Kommune) -> None:
    plan = kommune.share()
    sot = kommune.share(kommune.draft(LARS_REKTOR, guide="sot"), who=LARS_REKTOR)
    assert kommune.messages_at(MONDAY - timedelta(seconds=1)) == {}
    sent = kommune.messages_at(MONDAY)
    assert all(len(messages) == 1 for messages in sent.values())
    assert sent.keys() == OTHERS | {DAVID_REKTOR, KARI_AVDELINGSLEDER}
    digest = sent[ELI_REKTOR]
    assert "Delt i uke 48" in shown(digest)
    assert [id for id, _ in choice(digest, "version").options] == [sot, plan]
    read = kommune.follow(ELI_REKTOR, buttons(digest)["Les"], version=plan)
    assert "dybdelæring" in shown(read)
    assert kommune.messages_at(MONDAY + timedelta(days=1)) == {}


def test_nobody_hears_of_their_own_school(kommune: Kommune) -> None:
    kommune.share()
    assert kommune.messages_at(MONDAY).keys() == OTHERS
    kommune.share(kommune.draft(LARS_REKTOR), who=LARS_REKTOR)
    sent = kommune.messages_at(MONDAY + timedelta(days=7))
    assert "Nordlia" not in shown(sent[DAVID_REKTOR])
    assert LARS_REKTOR not in sent


@pytest.mark.parametrize(
    ("audience", "told"),
    [
        ("skolen", set()),
        ("sonen", {LARS_REKTOR}),
        ("ledere", OTHERS),
        ("skoleeierteamet", {HANNE_SKOLEEIER, IVAR_FAGRÅDGIVER}),
        ("alle", set()),
    ],
)
def test_the_leaders_and_the_team_among_the_readers_are_told(
    kommune: Kommune, audience: str, told: set[str]
) -> None:
    kommune.share(audience=audience)
    assert kommune.messages_at(MONDAY).keys() == told


def test_what_the_team_shares_goes_to_leaders_and_not_to_the_team(kommune: Kommune) -> None:
    kommune.share(kommune.draft(HANNE_SKOLEEIER, guide="team"), "ledere", HANNE_SKOLEEIER)
    told = kommune.messages_at(MONDAY)
    leaders = {LARS_REKTOR, ELI_REKTOR, FATIMA_AVDELINGSLEDER, DAVID_REKTOR, KARI_AVDELINGSLEDER}
    assert told.keys() == leaders
    assert "Skoleeierteamet" in shown(told[ELI_REKTOR])


def test_the_digest_is_in_the_language_of_the_person(kommune: Kommune) -> None:
    kommune.share()
    text = shown(kommune.messages_at(MONDAY)[IVAR_FAGRÅDGIVER])
    assert "Delt i veke 48" in text
    assert "Stopp vekeoversikta" in text


def test_what_is_withdrawn_before_monday_is_not_in_it(kommune: Kommune) -> None:
    version = kommune.share()
    kommune.press(DAVID_REKTOR, "withdraw", version=version)
    assert kommune.messages_at(MONDAY) == {}


def test_a_week_holds_what_was_shared_in_it_and_nothing_from_other_weeks(kommune: Kommune) -> None:
    kommune.share()
    kommune.now = MONDAY - timedelta(hours=1)  # the next week, but before the digest is sent
    kommune.share(kommune.draft(LARS_REKTOR, guide="sot"), who=LARS_REKTOR)
    first, second = (
        shown(kommune.messages_at(at)[ELI_REKTOR]) for at in (MONDAY, MONDAY + timedelta(days=7))
    )
    assert "Plan for skolen" in first
    assert "Situasjon" not in first
    assert "Situasjon" in second
    assert "Plan for skolen" not in second


@pytest.mark.parametrize(
    ("shared_at", "sent_at"),
    [
        # Summer time begins on 28 March and ends on 31 October 2027.
        (datetime(2027, 3, 31, 12, 0, tzinfo=UTC), datetime(2027, 4, 5, 6, 0, tzinfo=UTC)),
        (datetime(2027, 10, 29, 12, 0, tzinfo=UTC), datetime(2027, 11, 1, 7, 0, tzinfo=UTC)),
        # Monday is 2. påskedag: on the next school day, when working hours begin.
        (datetime(2027, 3, 24, 12, 0, tzinfo=UTC), datetime(2027, 3, 30, 5, 30, tzinfo=UTC)),
        # Late on Sunday, and on Monday just after midnight in Oslo.
        (datetime(2026, 11, 29, 22, 50, tzinfo=UTC), datetime(2026, 11, 30, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 29, 23, 10, tzinfo=UTC), datetime(2026, 12, 7, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_digest_comes_at_eight_in_oslo(
    kommune: Kommune, shared_at: datetime, sent_at: datetime
) -> None:
    kommune.now = shared_at
    kommune.share()
    assert kommune.messages_at(sent_at - timedelta(seconds=1)) == {}
    assert kommune.messages_at(sent_at).keys() == OTHERS


def test_who_has_stopped_the_digest_gets_none_until_it_is_started_again(kommune: Kommune) -> None:
    assert "ikke ukesoversikten lenger" in shown(kommune.write(ELI_REKTOR, "stopp ukesoversikten"))
    kommune.share()
    digest = kommune.messages_at(MONDAY)
    assert ELI_REKTOR not in digest
    stop = buttons(digest[IVAR_FAGRÅDGIVER])["Stopp vekeoversikta"]
    assert "vekeoversikta lenger" in shown(kommune.follow(IVAR_FAGRÅDGIVER, stop))
    assert "Du får ukesoversikten" in shown(kommune.write(ELI_REKTOR, "start ukesoversikten"))
    kommune.share(kommune.draft(guide="sot"))
    sent = kommune.messages_at(MONDAY + timedelta(days=7))
    assert ELI_REKTOR in sent
    assert IVAR_FAGRÅDGIVER not in sent


def test_who_does_not_get_the_digest_is_told_so(kommune: Kommune) -> None:
    assert "bare til skoleledere" in shown(kommune.write(ANE_LÆRER, "start ukesoversikten"))
    assert "berre til skuleleiarar" in shown(kommune.write(BJØRN_LÆRER, "stopp vekeoversikta"))
    assert "personregister" in shown(kommune.write(UNKNOWN, "stopp ukesoversikten"))


# How far the schools are


def _schools_with_drafts(kommune: Kommune, guide: str, count: int) -> None:
    with kommune.session() as session:
        for number in range(count):
            start_draft(
                session,
                id=f"{guide} {number}",
                guide=guide,
                owner=Owner("school", f"Skole {number}"),
                year="2026–2027",
                about="",
                slot=f"{guide} {number}",
                person=DAVID_REKTOR,
                at=kommune.now,
            )
            save_answer(
                session,
                f"{guide} {number}",
                "maal",
                "Et mål",
                base=0,
                person_key=DAVID_REKTOR,
                person_name="David Lunde",
                at=kommune.now,
            )


def test_the_team_sees_numbers_and_never_a_school(kommune: Kommune) -> None:
    _schools_with_drafts(kommune, "plan", 4)
    _schools_with_drafts(kommune, "sot", 2)
    replies = kommune.write(HANNE_SKOLEEIER, "Hvor langt er skolene?")
    card = replies[0]
    assert isinstance(card, CardReply)
    (table,) = [block for block in card.blocks if isinstance(block, Table)]
    few = "færre enn 3"
    assert table.rows == (
        ("Plan for skolen", "4", few, few),
        ("Situasjon og tiltak", few, few, few),
    )
    assert "Skole 1" not in shown(replies)


def test_a_guide_that_nobody_has_begun_looks_like_one_that_two_have(kommune: Kommune) -> None:
    before = kommune.write(HANNE_SKOLEEIER, "hvor langt er skolene")
    _schools_with_drafts(kommune, "plan", 2)
    assert kommune.write(HANNE_SKOLEEIER, "hvor langt er skolene") == before


def test_the_numbers_are_for_the_team_alone(kommune: Kommune) -> None:
    for person in (DAVID_REKTOR, KARI_AVDELINGSLEDER, ANE_LÆRER):
        said = shown(kommune.write(person, "hvor langt er skolene"))
        assert "for skoleeierteamet" in said
    assert "personregister" in shown(kommune.write(UNKNOWN, "hvor langt er skolene"))
    assert "Plan for skulen" in shown(kommune.write(IVAR_FAGRÅDGIVER, "kor langt er skulane"))
