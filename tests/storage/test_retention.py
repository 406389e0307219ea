"""What the tables promise to delete is deleted on the day, and nothing before it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from storage.attempts import end_attempt, lease
from storage.calendar_feeds import feed_of
from storage.database import Database
from storage.drafts import Draft, Owner, finish_draft, remember_place, save_answer, start_draft
from storage.meeting_answers import set_answer
from storage.meeting_groups import add_group, add_members
from storage.meeting_imports import PendingImport, keep_import
from storage.meetings import Meeting, add_meeting, find_meeting
from storage.outbox import queue
from storage.people import RegisteredPerson, import_people
from storage.preferences import preference, set_preference
from storage.reminder_wishes import Wish, set_wish
from storage.retention import (
    DRAFTS_KEPT_FOR,
    IMPORTS_KEPT_FOR,
    KEPT_FOR,
    MEETING_ANSWERS_KEPT_FOR,
    MEETING_NAMES_KEPT_FOR,
    MESSAGES_KEPT_FOR,
    SHARED_KEPT_FOR,
    WITHDRAWN_KEPT_FOR,
    delete_expired,
)
from storage.shared import (
    add_comment,
    cards_about,
    deputy_of,
    mark_useful,
    name_deputy,
    remember_cards,
    share,
    withdraw,
)
from storage.tables import (
    CalendarFeed,
    Comment,
    Conversation,
    DraftAnswer,
    DraftPlace,
    GroupMember,
    GuideDraft,
    MeetingAnswer,
    MeetingGroup,
    MeetingImport,
    OutboxRow,
    ReminderWish,
    SharedVersion,
    UsefulMark,
)

DAY = timedelta(days=1)
THEN = datetime(2026, 11, 23, 12, tzinfo=UTC)
ANNE = RegisteredPerson("anne", "Anne", "", "avdelingsleder", "Nordlia skole", "skole")
EVA = RegisteredPerson("eva", "Eva", "", "administrator")


def clean(database: Database, at: datetime) -> int:
    with database.transaction() as session:
        return delete_expired(session, at.date())


def rows(database: Database, *tables: Any) -> list[int]:
    """How many rows each table holds."""
    with database.transaction() as session:
        return [len(session.exec(select(table)).all()) for table in tables]


def begin(database: Database, id: str = "d1") -> Draft:
    with database.transaction() as session:
        draft = start_draft(
            session,
            id=id,
            guide="sot",
            owner=Owner("school", "Nordlia skole"),
            year="2026–2027",
            about="",
            slot=id,
            person="anne",
            at=THEN,
        )
        remember_place(session, id, "anne", "navn", (), THEN)
    write(database, "en", THEN, id)
    return draft


def write(database: Database, value: str, at: datetime, id: str = "d1") -> None:
    with database.transaction() as session:
        save_answer(
            session, id, "navn", value, base=None, person_key="anne", person_name="Anne", at=at
        )


def shared(database: Database, draft: Draft, at: datetime = THEN) -> str:
    """A version with a comment and a mark; gives its id."""
    with database.transaction() as session:
        version = share(
            session,
            draft=draft,
            title="SØT",
            audience="alle",
            zone="",
            paper={},
            text="",
            person_key="anne",
            person_name="Anne",
            at=at,
        ).id
        add_comment(
            session,
            version,
            id=f"c-{version}",
            person_key="olav",
            person_name="Olav",
            unit="",
            text="Fint!",
            at=at,
        )
        mark_useful(session, draft.id, "olav")
    return version


def test_a_draft_goes_two_years_after_its_last_change_with_all_that_is_in_it(
    database: Database,
) -> None:
    tables = (GuideDraft, DraftAnswer, DraftPlace)
    begin(database)
    begin(database, "d2")
    write(database, "to", THEN + DAY, "d2")
    assert clean(database, THEN + DRAFTS_KEPT_FOR) == 0
    assert clean(database, THEN + DRAFTS_KEPT_FOR + DAY) == 1
    assert rows(database, *tables) == [1, 2, 1]
    assert clean(database, THEN + DRAFTS_KEPT_FOR + 2 * DAY) == 1
    assert rows(database, *tables) == [0, 0, 0]


def test_finishing_a_draft_is_a_change(database: Database) -> None:
    begin(database)
    with database.transaction() as session:
        finish_draft(session, "d1", THEN + DAY)
    assert clean(database, THEN + DRAFTS_KEPT_FOR + DAY) == 0


def test_what_is_shared_stays_for_five_years_though_the_draft_is_gone(database: Database) -> None:
    tables = (SharedVersion, Comment, UsefulMark)
    shared(database, begin(database))
    assert clean(database, THEN + SHARED_KEPT_FOR) == 1
    assert rows(database, GuideDraft, *tables) == [0, 1, 1, 1]
    assert clean(database, THEN + SHARED_KEPT_FOR + DAY) == 3
    assert rows(database, *tables) == [0, 0, 0]


def test_the_mark_of_who_found_it_useful_goes_with_the_last_version(database: Database) -> None:
    draft = begin(database)
    shared(database, draft)
    with database.transaction() as session:
        second = start_draft(
            session,
            id=draft.id,
            guide="",
            owner=draft.owner,
            year="",
            about="",
            slot="",
            person="",
            at=THEN,
        )
    assert second.revision == 1
    shared(database, second, at=THEN + 2 * DAY)
    clean(database, THEN + SHARED_KEPT_FOR + DAY)
    assert rows(database, SharedVersion, Comment, UsefulMark) == [1, 1, 1]


def test_what_is_withdrawn_goes_a_year_later(database: Database) -> None:
    version = shared(database, begin(database))
    with database.transaction() as session:
        withdraw(session, version, THEN + DAY)
    clean(database, THEN + DAY + WITHDRAWN_KEPT_FOR)
    assert rows(database, SharedVersion, Comment) == [1, 1]
    clean(database, THEN + 2 * DAY + WITHDRAWN_KEPT_FOR)
    assert rows(database, SharedVersion, Comment, UsefulMark) == [0, 0, 0]
    assert rows(database, GuideDraft) == [1]


@pytest.mark.parametrize("sent", [True, False])
def test_a_message_goes_ninety_days_after_it_was_sent_or_last_could_be(
    database: Database, sent: bool
) -> None:
    # Sent at once, though it could have been sent ten days later; or never.
    last = THEN if sent else THEN + 10 * DAY
    with database.transaction() as session:
        session.add(Conversation(id="chat", sender="anne", updated=(THEN + KEPT_FOR).date()))
        session.flush()
        queue(
            session,
            person="anne",
            reason="comment",
            occasion="c1",
            about={},
            due=THEN,
            latest=THEN + 10 * DAY,
        )
        if sent:
            (id,) = lease(session, THEN, limit=1, worker="w", until=THEN + DAY, local=False)
            end_attempt(session, id, "sendt", THEN)
    assert clean(database, last + MESSAGES_KEPT_FOR) == 0
    assert clean(database, last + MESSAGES_KEPT_FOR + DAY) == 1
    assert rows(database, OutboxRow) == [0]


def test_sent_cards_are_forgotten_with_their_conversation(database: Database) -> None:
    with database.transaction() as session:
        session.add(Conversation(id="chat1", sender="anne", updated=THEN.date()))
        session.add(Conversation(id="chat2", sender="olav", updated=(THEN + DAY).date()))
        remember_cards(session, [("chat1", "a1", "x"), ("chat2", "a2", "x")])
    clean(database, THEN + KEPT_FOR)
    with database.transaction() as session:
        assert cards_about(session, "x") == [("chat1", "a1"), ("chat2", "a2")]
    clean(database, THEN + KEPT_FOR + DAY)
    with database.transaction() as session:
        assert cards_about(session, "x") == [("chat2", "a2")]


def test_preferences_and_the_right_to_share_go_with_the_person(database: Database) -> None:
    def kept() -> tuple[bool, str | None]:
        with database.transaction() as session:
            digest = preference(session, "anne", "weekly_digest", default=True)
            return not digest, deputy_of(session, "Nordlia skole")

    with database.transaction() as session:
        import_people(session, [ANNE, EVA], dry_run=False)
        set_preference(session, "anne", "weekly_digest", False)
        name_deputy(session, "Nordlia skole", "anne", "david", THEN)
    assert clean(database, THEN) == 0
    assert kept() == (True, "anne")
    with database.transaction() as session:
        import_people(session, [EVA], dry_run=False)
    assert clean(database, THEN) == 2
    assert kept() == (False, None)


def test_answers_to_a_meeting_go_thirty_days_after_it_and_names_after_two_years(
    database: Database,
) -> None:
    def kept() -> Meeting:
        with database.transaction() as session:
            meeting = find_meeting(session, "m1")
            assert meeting is not None
            return meeting

    with database.transaction() as session:
        add_meeting(
            session,
            Meeting(
                id="m1",
                kind="workshop",
                title="Workshop",
                starts=THEN,
                ends=THEN + timedelta(hours=2),
                audience=("ledere", "personer: anne@fjordvik.no"),
                changed_at=THEN,
                organiser="eva",
                organiser_name="Eva",
                changed_by_name="Eva",
            ),
        )
        set_answer(session, "m1", "anne", "stedfortreder", "Olav", THEN)
    assert clean(database, THEN + MEETING_ANSWERS_KEPT_FOR) == 0
    assert clean(database, THEN + MEETING_ANSWERS_KEPT_FOR + DAY) == 1
    assert rows(database, MeetingAnswer) == [0]
    assert clean(database, THEN + MEETING_NAMES_KEPT_FOR) == 0
    assert kept().organiser_name == "Eva"
    assert clean(database, THEN + MEETING_NAMES_KEPT_FOR + DAY) == 1
    assert (kept().organiser, kept().organiser_name, kept().changed_by_name) == ("", "", "")
    assert kept().audience == ("ledere",)
    assert clean(database, THEN + MEETING_NAMES_KEPT_FOR + 2 * DAY) == 0


def test_a_file_of_meetings_that_nobody_confirms_goes_after_two_days(database: Database) -> None:
    with database.transaction() as session:
        keep_import(session, PendingImport("i1", "eva", "møter.csv", [], THEN))
    assert clean(database, THEN + IMPORTS_KEPT_FOR) == 0
    assert clean(database, THEN + IMPORTS_KEPT_FOR + DAY) == 1
    assert rows(database, MeetingImport) == [0]


def test_wishes_groups_and_calendars_go_with_the_person(database: Database) -> None:
    tables = (ReminderWish, GroupMember, CalendarFeed)
    with database.transaction() as session:
        import_people(session, [ANNE, EVA], dry_run=False)
        add_group(session, "nyutdannede")
        add_members(session, "nyutdannede", ["anne", "eva"])
        for person in ("anne", "eva"):
            set_wish(session, person, Wish(weekly=True))
            feed_of(session, person)
    assert clean(database, THEN) == 0
    assert rows(database, *tables) == [2, 2, 2]
    with database.transaction() as session:
        import_people(session, [EVA], dry_run=False)
    assert clean(database, THEN) == 3
    assert rows(database, *tables, MeetingGroup) == [1, 1, 1, 1]
