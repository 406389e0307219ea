"""What the tables promise to delete is deleted on the day, and nothing before it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from storage import tables
from storage.app_roles import register_by_app_role
from storage.attempts import end_attempt, lease
from storage.audit import check, record
from storage.ballots import (
    Named,
    Place,
    cast,
    keep_named,
    mark_answered,
    save_draft,
    set_themes,
    texts_of,
)
from storage.calendar_feeds import feed_of
from storage.database import Database
from storage.deletions import list_deletions
from storage.drafts import Draft, Owner, finish_draft, remember_place, save_answer, start_draft
from storage.follow_ups import FollowUp, add_follow_up, find_follow_up
from storage.handovers import Handover, add_handover
from storage.meeting_answers import set_answer
from storage.meeting_groups import add_group, add_members
from storage.meeting_imports import PendingImport, keep_import
from storage.meetings import Meeting, add_meeting, find_meeting
from storage.outbox import queue
from storage.page_logins import add_login, add_session
from storage.people import RegisteredPerson, import_people, list_people
from storage.preferences import preference, set_preference
from storage.reminder_wishes import Wish, set_wish
from storage.retention import (
    APP_ROLE_GOOD_FOR,
    DRAFTS_KEPT_FOR,
    IMPORTS_KEPT_FOR,
    KEPT_FOR,
    MEETING_ANSWERS_KEPT_FOR,
    MEETING_NAMES_KEPT_FOR,
    MESSAGES_KEPT_FOR,
    PROMISES_KEPT_FOR,
    READS_KEPT_FOR,
    ROUNDS_KEPT_FOR,
    SHARED_KEPT_FOR,
    WITHDRAWN_KEPT_FOR,
    delete_expired,
)
from storage.rounds import (
    Round,
    add_round,
    change_round,
    find_round,
    share_result,
    units_sharing,
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
    Answered,
    AskedRound,
    AuditEntry,
    Ballot,
    BallotDraft,
    BallotText,
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
    NamedAnswer,
    OutboxRow,
    PageLogin,
    PageSession,
    PromiseStatus,
    ReminderWish,
    ResultShare,
    SharedVersion,
    TextTheme,
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


# Rounds


ROUND_CLOSES = THEN + 7 * DAY


def answered_round(database: Database, id: str = "r1", **changes: Any) -> None:
    """A round with all that hangs on it, as if it had been closed without being emptied."""
    closed_at = changes.pop("closed_at", ROUND_CLOSES)
    with database.transaction() as session:
        import_people(session, [ANNE, EVA], dry_run=False)
        made = Round(
            id=id,
            question_set="rett-vei",
            asked={},
            title="På rett vei?",
            audience=("lærere",),
            opens=THEN,
            closes=ROUND_CLOSES,
            created_by="eva",
            created_by_name="Eva",
            closed_at=closed_at,
            **changes,
        )
        add_round(session, made)
        mark_answered(session, id, "anne")
        save_draft(session, id, "anne", {"a": 1})
        place = Place("Nordlia skole")
        cast(session, id, [("a", 1)], [("b", "Vi trenger tid.")], place=place, tell_unit=True)
        (written,) = texts_of(session, id)
        set_themes(session, written.id, ["tid"])
        keep_named(session, id, Named("Nordlia skole", "anne", "Anne", {"a": 1}, THEN))
        share_result(session, id, "Nordlia skole", "anne", THEN)
        add_follow_up(
            session,
            FollowUp(
                id=f"f-{id}",
                round=id,
                unit="Nordlia skole",
                heard="Tid",
                measure="Fellestid",
                responsible="Anne",
                by="anne",
                by_name="Anne",
                at=THEN,
                told_at=THEN,
            ),
        )


def test_who_answered_and_what_goes_when_the_round_is_closed_or_cancelled(
    database: Database,
) -> None:
    personal = (Answered, BallotDraft, Ballot)
    answered_round(database, closed_at=None)
    assert clean(database, THEN + DAY) == 0
    assert 0 not in rows(database, *personal)
    with database.transaction() as session:
        found = find_round(session, "r1")
        assert found is not None
        change_round(session, replace(found, closed_at=ROUND_CLOSES))
    clean(database, ROUND_CLOSES + DAY)
    assert rows(database, *personal, BallotText, TextTheme) == [0, 0, 0, 1, 1]
    answered_round(database, "r2", closed_at=None, cancelled_at=THEN)
    clean(database, THEN + DAY)
    assert rows(database, *personal, BallotText, TextTheme) == [0, 0, 0, 1, 1]


def test_texts_and_names_of_a_round_go_two_years_after_it_and_the_rest_stays(
    database: Database,
) -> None:
    answered_round(database)
    clean(database, ROUND_CLOSES + ROUNDS_KEPT_FOR)
    assert rows(database, BallotText, TextTheme, NamedAnswer) == [1, 1, 1]
    clean(database, ROUND_CLOSES + ROUNDS_KEPT_FOR + DAY)
    assert rows(database, BallotText, TextTheme, NamedAnswer) == [0, 0, 0]
    with database.transaction() as session:
        found, follow_up = find_round(session, "r1"), find_follow_up(session, "f-r1")
        assert units_sharing(session, "r1") == {"Nordlia skole"}
        (share,) = session.exec(select(ResultShare)).all()
    assert found is not None
    assert (found.title, found.created_by, found.created_by_name) == ("På rett vei?", "", "")
    assert follow_up is not None
    assert (follow_up.by, follow_up.by_name, follow_up.responsible) == ("", "", "")
    assert follow_up.measure == "Fellestid"
    assert share.by == ""
    assert clean(database, ROUND_CLOSES + ROUNDS_KEPT_FOR + 2 * DAY) == 0


def test_a_round_that_was_never_closed_is_emptied_all_the_same(database: Database) -> None:
    answered_round(database, closed_at=None)
    clean(database, ROUND_CLOSES + ROUNDS_KEPT_FOR + DAY)
    kept = rows(database, Answered, BallotDraft, Ballot, BallotText, NamedAnswer, AskedRound)
    assert kept == [0, 0, 0, 0, 0, 1]


def test_who_left_the_register_leaves_no_draft_and_cannot_answer_again(database: Database) -> None:
    """A register may be wrong for a night: that somebody has answered is kept until the end."""
    answered_round(database, closed_at=None)
    with database.transaction() as session:
        import_people(session, [EVA], dry_run=False)
    assert clean(database, THEN + DAY) == 1
    assert rows(database, Answered, BallotDraft) == [1, 0]
    assert rows(database, Ballot, BallotText) == [1, 1]  # nobody knows whose they are


def test_who_set_a_status_and_who_read_is_forgotten_after_five_years(database: Database) -> None:
    with database.transaction() as session:
        session.add(PromiseStatus(promise="p1", status="holdt", by_name="Eva", at=THEN))
        record(session, THEN, "eva", "navngitte svar", "round:r1")
        record(session, THEN + 2 * DAY, "eva", "navngitte svar", "round:r1")
    assert clean(database, THEN + READS_KEPT_FOR) == 0
    assert PROMISES_KEPT_FOR == READS_KEPT_FOR
    assert clean(database, THEN + READS_KEPT_FOR + DAY) == 2
    with database.transaction() as session:
        assert check(session) == []
        (status,) = session.exec(select(PromiseStatus)).all()
    assert (status.status, status.by_name) == ("holdt", "")
    assert rows(database, AuditEntry) == [1]


def test_ways_in_to_the_page_are_deleted_at_night_and_when_the_person_leaves(
    database: Database,
) -> None:
    with database.transaction() as session:
        import_people(session, [ANNE, EVA], dry_run=False)
        add_login(session, id="l1", person="anne", numbers=(1, 2), now=THEN)
        add_session(session, "s1", "anne", THEN)
        add_session(session, "s2", "eva", THEN)
    clean(database, THEN)
    assert rows(database, PageLogin, PageSession) == [1, 2]
    with database.transaction() as session:
        import_people(session, [EVA], dry_run=False)
    clean(database, THEN)
    assert rows(database, PageLogin, PageSession) == [0, 1]
    clean(database, THEN + DAY)
    assert rows(database, PageLogin, PageSession) == [0, 0]


def test_an_app_role_is_good_for_thirty_days_after_a_sign_in(database: Database) -> None:
    """Nobody tells us that Entra has taken it away, when they don't open the tab any more."""
    with database.transaction() as session:
        import_people(session, [EVA], dry_run=False)
        for key in ("odd", "per"):
            register_by_app_role(session, key, key.title(), "administrator", THEN)
        register_by_app_role(session, "per", "Per", "administrator", THEN + DAY)
        # Signs in as well, but is there by the file.
        register_by_app_role(session, EVA.key, EVA.name, "skoleeierteam", THEN)
    clean(database, THEN + APP_ROLE_GOOD_FOR)
    with database.transaction() as session:
        assert [one.key for one in list_people(session)] == ["eva", "odd", "per"]
    clean(database, THEN + APP_ROLE_GOOD_FOR + DAY)
    with database.transaction() as session:
        assert [one.key for one in list_people(session)] == ["eva", "per"]
        assert [(one.person, one.what) for one in list_deletions(session)] == [("odd", "register")]


def test_a_question_to_a_fagrådgiver_goes_a_year_after_it_is_closed_and_two_after_it_was_asked(
    database: Database,
) -> None:
    with database.transaction() as session:
        for id, closed in (("lukket", THEN), ("venter", None)):
            made = Handover(
                id=id, asker="anne", asker_name="Anne", question="Hva?", at=THEN, closed_at=closed
            )
            assert add_handover(session, made)
    for days, left in ((365, 2), (366, 1), (730, 1), (731, 0)):
        clean(database, THEN + days * DAY)
        assert rows(database, tables.Handover) == [left], days


def test_messages_that_tell_who_had_answered_go_when_the_round_is_over(database: Database) -> None:
    def waiting() -> list[str]:
        with database.transaction() as session:
            return sorted(row.reason for row in session.exec(select(OutboxRow)).all())

    answered_round(database, closed_at=None)
    with database.transaction() as session:
        for reason in ("round_reminder", "round_invitation", "round_result"):
            queue(
                session,
                person="anne",
                reason=reason,
                occasion="r1",
                about={},
                due=THEN,
                latest=THEN + 9 * DAY,
                subject="round:r1",
            )
    clean(database, THEN + DAY)
    assert len(waiting()) == 3
    with database.transaction() as session:
        found = find_round(session, "r1")
        assert found is not None
        change_round(session, replace(found, closed_at=ROUND_CLOSES))
    clean(database, THEN + DAY)
    assert waiting() == ["round_result"]
