"""«Mine opplysninger»: what is kept of me is shown, can be taken along, and deleted."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.papers.files import paper_file
from dialogs import my_data
from dialogs.guide_files import Guides
from dialogs.messages import CardReply, Download
from dialogs.wording import read_wordings
from knowledge.library import Library
from storage.audit import record
from storage.ballots import draft_of, save_draft
from storage.calendar_feeds import feed_of
from storage.database import Database
from storage.drafts import answers_of, find_draft, history_of
from storage.meeting_answers import answers_by, set_answer
from storage.meetings import Meeting, add_meeting
from storage.my_deletion import COLLEAGUE
from storage.my_rows import KINDS, purposes_of
from storage.outbox import queue
from storage.page_logins import add_login, add_session, person_of_session
from storage.people import find_person
from storage.preferences import preference, set_preference
from storage.reminder_wishes import Wish, set_wish, wish_of
from storage.rounds import Round, add_round
from storage.shared import add_comment, comments_of, find_shared, mark_useful, useful_count
from storage.tables import Conversation, OutboxRow
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    HANNE_SKOLEEIER,
    KARI_AVDELINGSLEDER,
    START,
    UNKNOWN,
    Kommune,
    buttons,
    make_guide,
)
from tests.dialogs.shown import shown

NOTES = make_guide("notater", owner="person", roles=("lærer",), audiences=(), suggested=None)
TEAM = make_guide(
    "teamtid", owner="person", roles=("lærer",), audiences=("alle",), suggested="alle"
)


@pytest.fixture
def kommune(library: Library, database: Database) -> Kommune:
    return Kommune(library, database, NOTES, TEAM)


def ask(kommune: Kommune, who: str, text: str = "mine opplysninger") -> CardReply:
    (card,) = kommune.write(who, text)
    assert isinstance(card, CardReply)
    return card


def delete(kommune: Kommune, who: str) -> str:
    """Delete through the cards; gives what is said afterwards."""
    asked = kommune.follow(who, buttons([ask(kommune, who)])["Slett …"])
    return shown(kommune.follow(who, buttons(asked)["Ja, slett"]))


def everything_of(kommune: Kommune, who: str) -> None:
    """Something of all that a person may leave in the database, and delete."""
    kommune.write(who, "Hva er PRUVA?")
    kommune.draft(who, guide="notater", answer="Bare for meg.")
    with kommune.session() as session:
        set_preference(session, who, "weekly_digest", False)
        set_wish(session, who, Wish(weekly=True))
        feed_of(session, who)
        add_round(session, a_round())
        save_draft(session, "r1", who, {"fatt_til": "halvveis"})
        add_login(session, id="l1", person=who, numbers=(1, 2), now=kommune.now)
        add_session(session, "s1", who, kommune.now)
        add_meeting(session, a_meeting())
        set_answer(session, "m1", who, "kommer", "", kommune.now)
        queue(
            session,
            person=who,
            reason="comment",
            occasion="o1",
            about={"version": "x"},
            due=START + timedelta(days=9),
            latest=START + timedelta(days=10),
        )


def a_round() -> Round:
    return Round(
        id="r1",
        question_set="rett-vei",
        asked={},
        title="På rett vei?",
        audience=("lærere",),
        opens=START,
        closes=START + timedelta(days=7),
        created_by=HANNE_SKOLEEIER,
        created_by_name="Hanne Myhre",
    )


def a_meeting() -> Meeting:
    return Meeting(
        id="m1",
        kind="fellesmøte",
        title="Fellesmøte",
        starts=START + timedelta(days=5),
        ends=START + timedelta(days=5, hours=1),
        audience=("alle",),
        changed_at=START,
    )


# Seeing


def test_a_person_sees_what_is_kept_and_what_it_is_for(kommune: Kommune) -> None:
    everything_of(kommune, ANE_LÆRER)
    card = ask(kommune, ANE_LÆRER)
    said = shown([card])
    for title in (
        "Deg i personregisteret (1)",
        "Egne notater og utkast (1)",
        "Svar du ikke har sendt (1)",
        "Nettlesere du er logget inn i (1)",
        "Ønsker om påminnelser (1)",
    ):
        assert title in said
    assert "Slettes når personen går ut av personregisteret." in said
    assert "Ingen vet hvilke som er dine" in said
    formats = {one.format for one in card.buttons if isinstance(one, Download)}
    assert formats == {"docx", "txt", "json"}


def test_it_is_said_in_nynorsk_too(kommune: Kommune) -> None:
    said = shown([ask(kommune, BJØRN_LÆRER, "Mine opplysningar")])
    assert "Blir sletta når personen går ut av personregisteret." in said
    assert "Slettes" not in said


def test_every_kind_has_its_texts_in_both_languages() -> None:
    for wording in read_wordings().values():
        labels = dict(wording.many("my_data_columns"))
        for kind in KINDS:
            assert wording.say(f"my_data_kind_{kind.name}")
            assert kind.fate != "kept" or wording.say(f"my_data_why_{kind.name}")
            assert not [name for name in kind.columns if name not in labels]
    nynorsk = dict(read_wordings()["nn"].many("my_data_marks"))
    assert not [
        one for kind in KINDS for pair in purposes_of(kind) for one in pair if one not in nynorsk
    ]


def test_somebody_outside_the_register_sees_the_conversation_alone(kommune: Kommune) -> None:
    kommune.write(UNKNOWN, "hei")
    card = ask(kommune, UNKNOWN)
    assert "Samtalen med boten (1)" in shown([card])
    assert not [one for one in card.buttons if isinstance(one, Download)]
    assert "personregisteret" not in shown([card])


# Taking along


def test_the_files_hold_what_is_kept_and_only_ones_own(kommune: Kommune) -> None:
    everything_of(kommune, ANE_LÆRER)
    kommune.draft(BJØRN_LÆRER, guide="notater", answer="Bjørns notat.")
    paper = kommune.assistant.paper(my_data.ADDRESS, ANE_LÆRER)
    assert paper is not None
    read = json.loads(paper_file(paper, "json", my_data.ADDRESS, kommune.now).body)
    assert read["kept"]["own_answer"]["rows"][0]["value"] == "Bare for meg."
    assert read["kept"]["ballot_draft"]["rows"][0]["answers"] == {"fatt_til": "halvveis"}
    text = paper_file(paper, "txt", my_data.ADDRESS, kommune.now).body.decode()
    assert "Bare for meg." in text
    assert "Ane Solbakk" in text
    assert "Bjørn" not in text + json.dumps(read, ensure_ascii=False)


def test_no_secret_of_a_way_in_is_in_the_files(kommune: Kommune) -> None:
    everything_of(kommune, ANE_LÆRER)
    with kommune.session() as session:
        feed = feed_of(session, ANE_LÆRER)
    paper = kommune.assistant.paper(my_data.ADDRESS, ANE_LÆRER)
    assert paper is not None
    whole = json.dumps(dict(paper.data))
    assert feed not in whole
    assert "numbers" not in whole
    assert all("id" not in row for kind in paper.data["kept"].values() for row in kind["rows"])


def test_a_person_sees_who_has_read_about_them(kommune: Kommune) -> None:
    everything_of(kommune, ANE_LÆRER)
    with kommune.session() as session:
        record(session, kommune.now, HANNE_SKOLEEIER, "hvem som kommer", "meeting:m1")
    paper = kommune.assistant.paper(my_data.ADDRESS, ANE_LÆRER)
    assert paper is not None
    assert [row["reader"] for row in paper.data["kept"]["read_about_me"]["rows"]] == ["Hanne Myhre"]
    of_bjørn = kommune.assistant.paper(my_data.ADDRESS, BJØRN_LÆRER)
    assert of_bjørn is not None
    assert of_bjørn.data["kept"]["read_about_me"]["rows"] == []


# Deleting


def test_what_is_ones_own_is_deleted_after_one_question(kommune: Kommune) -> None:
    everything_of(kommune, ANE_LÆRER)
    draft = _own_draft(kommune, ANE_LÆRER)
    said = delete(kommune, ANE_LÆRER)
    assert "Egne notater og utkast (1)" in said
    with kommune.session() as session:
        assert find_draft(session, draft) is None
        assert draft_of(session, "r1", ANE_LÆRER) == {}
        assert preference(session, ANE_LÆRER, "weekly_digest", default=True)
        assert wish_of(session, ANE_LÆRER) == Wish()
        assert answers_by(session, ANE_LÆRER) == {}
        assert person_of_session(session, "s1", kommune.now) is None
        rows = session.exec(select(OutboxRow).where(OutboxRow.person == ANE_LÆRER)).all()
        assert not rows
        chat = session.exec(select(Conversation).where(Conversation.sender == ANE_LÆRER)).one()
        assert (chat.topic, chat.doing, chat.last_digest) == (None, None, "")
    again = shown([ask(kommune, ANE_LÆRER)])
    for gone in ("notater", "Svar du ikke", "Ønsker", "Nettlesere", "Meldinger", "husker"):
        assert gone not in again
    assert "Deg i personregisteret (1)" in again


def test_nobody_elses_is_touched(kommune: Kommune) -> None:
    kommune.draft(BJØRN_LÆRER, guide="notater", answer="Bjørns notat.")
    draft = _own_draft(kommune, BJØRN_LÆRER)
    everything_of(kommune, ANE_LÆRER)
    with kommune.session() as session:
        set_preference(session, BJØRN_LÆRER, "weekly_digest", False)
    delete(kommune, ANE_LÆRER)
    with kommune.session() as session:
        assert answers_of(session, draft)["maal"].value == "Bjørns notat."
        assert not preference(session, BJØRN_LÆRER, "weekly_digest", default=True)


def test_the_question_says_what_goes_what_stays_and_why(kommune: Kommune) -> None:
    everything_of(kommune, ANE_LÆRER)
    asked = shown(kommune.follow(ANE_LÆRER, buttons([ask(kommune, ANE_LÆRER)])["Slett …"]))
    assert "Dette blir slettet:" in asked
    assert "Kommunen har registeret" in asked
    assert "Ingen vet hvilke som er dine" in asked
    with kommune.session() as session:  # nothing is done yet
        assert draft_of(session, "r1", ANE_LÆRER)


def test_what_a_school_owns_stays_without_the_name(kommune: Kommune) -> None:
    draft = kommune.draft(KARI_AVDELINGSLEDER, answer="Vi øver sammen.")
    kommune.answer(draft, "Innen jul", DAVID_REKTOR, "frist")
    version = kommune.share(draft, who=DAVID_REKTOR)
    said = delete(kommune, KARI_AVDELINGSLEDER)
    assert "Navnet ditt er tatt ut" in said
    with kommune.session() as session:
        written = {one.key: (one.author, one.author_name) for one in history_of(session, draft)}
        found = find_draft(session, draft)
    assert written["maal"] == ("", COLLEAGUE)
    assert written["frist"] == (DAVID_REKTOR, "David Lunde")
    assert found is not None
    assert found.started_by == ""
    delete(kommune, DAVID_REKTOR)
    with kommune.session() as session:
        reader = find_person(session, DAVID_REKTOR)
        assert reader is not None
        kept = find_shared(session, version, _reader(reader))
    assert kept is not None  # the school's plan is still shared
    assert (kept.shared_by, kept.shared_by_name) == ("", COLLEAGUE)
    assert "David" not in shown(kommune.press(DAVID_REKTOR, "shared_read", version=version))


def test_what_one_shared_of_ones_own_is_withdrawn_and_emptied(kommune: Kommune) -> None:
    version = kommune.share(kommune.draft(ANE_LÆRER, guide="teamtid"), "alle", ANE_LÆRER)
    assert "dybdelæring" in shown(kommune.press(BJØRN_LÆRER, "shared_read", version=version))
    delete(kommune, ANE_LÆRER)
    assert "dybdelæring" not in shown(kommune.press(BJØRN_LÆRER, "shared_read", version=version))
    with kommune.session() as session:
        rows = session.connection().exec_driver_sql("SELECT * FROM shared_version").all()
    assert len(rows) == 1
    assert "Ane" not in str(rows)
    assert ANE_LÆRER not in str(rows)
    assert "dybdelæring" not in str(rows)


def test_comments_and_marks_go(kommune: Kommune) -> None:
    draft = kommune.draft()
    version = kommune.share(draft, "alle")
    with kommune.session() as session:
        for who, name in ((ANE_LÆRER, "Ane"), (BJØRN_LÆRER, "Bjørn")):
            add_comment(
                session,
                version,
                id=f"c{name}",
                person_key=who,
                person_name=name,
                unit="",
                text="Fint!",
                at=kommune.now,
            )
            mark_useful(session, draft, who)
    delete(kommune, ANE_LÆRER)
    with kommune.session() as session:
        assert [one.person_name for one in comments_of(session, draft)] == ["Bjørn"]
        assert useful_count(session, draft) == 1


def test_deleting_twice_does_no_harm(kommune: Kommune) -> None:
    everything_of(kommune, ANE_LÆRER)
    delete(kommune, ANE_LÆRER)
    said = shown(kommune.press(ANE_LÆRER, "my_data_delete", sure=True))
    assert "Egne notater" not in said


@pytest.mark.parametrize("sure", [None, "ja", 1, [], {}])
def test_only_the_button_of_the_question_deletes(kommune: Kommune, sure: Any) -> None:
    everything_of(kommune, ANE_LÆRER)
    kommune.press(ANE_LÆRER, "my_data_delete", sure=sure)
    with kommune.session() as session:
        assert draft_of(session, "r1", ANE_LÆRER)


def test_the_kinds_of_the_real_guides_hold(
    library: Library, database: Database, guides: Guides
) -> None:
    kommune = Kommune(library, database, *guides.all)
    kommune.draft(ANE_LÆRER, guide="notater", answer="")
    assert "Egne notater og utkast (1)" in shown([ask(kommune, ANE_LÆRER)])


def _own_draft(kommune: Kommune, who: str) -> str:
    with kommune.session() as session:
        found = session.connection().exec_driver_sql(
            f"SELECT id FROM draft WHERE owner_kind = 'person' AND owner_name = '{who}'"
        )
        return str(found.scalars().one())


def _reader(person: Any) -> Any:
    from dialogs.access import reader

    return reader(person)
