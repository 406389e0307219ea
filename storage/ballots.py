"""Answers of rounds, and that people have answered: kept so that nobody can put them together.

What is anonymous is so by how it is stored. An answer is a row for each way of looking at it, tied
neither to a person nor to the person's other answers; see `tables.Ballot`.
"""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import cast as as_type
from sqlalchemy import func, insert, update
from sqlalchemy.types import Text as Characters
from sqlmodel import Session, col, delete, select

from storage.database import Database, insert_if_absent
from storage.tables import (
    Answered,
    AskedRound,
    Ballot,
    BallotDraft,
    BallotText,
    NamedAnswer,
    TextTheme,
)

Facet = Literal["sted", "rolle", "erfaring"]
AT_ONCE = 2_000  # rows in one statement

_RANDOM = random.SystemRandom()
_NEW_ID_SQLITE = func.lower(func.hex(func.randomblob(16)))
_NEW_ID_POSTGRESQL = func.replace(as_type(func.gen_random_uuid(), Characters), "-", "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is from; all "" in a round that is shown for the whole kommune only."""

    unit: str = ""
    zone: str = ""
    school_type: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many gave this answer to this question, by one facet; `place` only of "sted"."""

    question: str
    value: int
    facet: str
    name: str
    zone: str
    school_type: str
    count: int


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote; `unit` where they ticked that their school's name may be told."""

    id: str
    question: str
    text: str
    unit: str
    themes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """A leader's official answer for a school."""

    unit: str
    person: str
    person_name: str
    answers: dict[str, Any]
    at: datetime


# Drafts


def save_draft(session: Session, round: str, person: str, answers: dict[str, Any]) -> None:
    """Keep what the person has filled in so far, all of it."""
    key = {"round": round, "person": person}
    insert_if_absent(session, BallotDraft, {**key, "answers": answers})
    session.connection().execute(
        update(BallotDraft)
        .where(col(BallotDraft.round) == round, col(BallotDraft.person) == person)
        .values(answers=answers)
    )


def draft_of(session: Session, round: str, person: str) -> dict[str, Any]:
    """What the person has filled in; {} for nothing."""
    wanted = select(col(BallotDraft.answers)).where(
        col(BallotDraft.round) == round, col(BallotDraft.person) == person
    )
    row = session.connection().execute(wanted).first()
    return dict(row[0]) if row is not None else {}


def drop_draft(session: Session, round: str, person: str) -> None:
    session.connection().execute(
        delete(BallotDraft).where(
            col(BallotDraft.round) == round, col(BallotDraft.person) == person
        )
    )


# Answering


def has_answered(session: Session, round: str, person: str) -> bool:
    wanted = select(col(Answered.person)).where(
        col(Answered.round) == round, col(Answered.person) == person
    )
    return session.connection().execute(wanted).first() is not None


def answered_by(session: Session, round: str) -> set[str]:
    """The keys of those who have answered an open round. Only counts of it may ever be shown."""
    wanted = select(col(Answered.person)).where(col(Answered.round) == round)
    return set(session.connection().execute(wanted).scalars())


def mark_answered(session: Session, round: str, person: str) -> bool:
    """Note that the person answers now; False when they have already."""
    values = {"round": round, "person": person}
    if has_answered(session, round, person):
        return False
    insert_if_absent(session, Answered, values)
    return True


def cast(
    session: Session,
    round: str,
    values: Sequence[tuple[str, int]],
    texts: Sequence[tuple[str, str]],
    *,
    place: Place,
    role: str = "",
    experience: str = "",
    tell_unit: bool = False,
) -> None:
    """Put a person's answers in: (question, category from 1) and (question, text).

    The caller has locked the round and marked that the person has answered, and deletes the draft,
    all in this transaction. `role` and `experience` "" are not kept at all, nor a blank text: then
    texts can be counted without being read.
    """
    rows = [
        row
        for question, value in values
        for row in _rows(round, question, value, place, role, experience)
    ]
    _RANDOM.shuffle(rows)
    _insert_all(session, Ballot, rows)
    written = [
        {
            "id": uuid4().hex,
            "round": round,
            "question": question,
            "text": text,
            "unit": place.unit if tell_unit else "",
        }
        for question, text in texts
        if text.strip()
    ]
    _RANDOM.shuffle(written)
    _insert_all(session, BallotText, written)


def keep_named(session: Session, round: str, answer: Named) -> None:
    """Keep a leader's official answer; one a school, the last holds while the round is open."""
    key = {"round": round, "unit": answer.unit}
    values = {
        "person": answer.person,
        "person_name": answer.person_name,
        "answers": answer.answers,
        "at": answer.at,
    }
    insert_if_absent(session, NamedAnswer, {**key, **values})
    session.connection().execute(
        update(NamedAnswer)
        .where(col(NamedAnswer.round) == round, col(NamedAnswer.unit) == answer.unit)
        .values(**values)
    )


def named_answers(session: Session, round: str) -> list[Named]:
    """The official answers of a round, by school. Each reading of them goes in the audit log."""
    wanted = (
        select(NamedAnswer).where(col(NamedAnswer.round) == round).order_by(col(NamedAnswer.unit))
    )
    return [
        Named(one.unit, one.person, one.person_name, dict(one.answers), one.at)
        for one in session.exec(wanted)
    ]


def named_answer_of(session: Session, round: str, unit: str) -> Named | None:
    """What a school has answered, for those who answer for it."""
    one = session.get(NamedAnswer, (round, unit), populate_existing=True)
    if one is None:
        return None
    return Named(one.unit, one.person, one.person_name, dict(one.answers), one.at)


# Counting and closing


def tallies(session: Session, round: str) -> list[Tally]:
    """All answers of a round, counted; for dialogs/reports.py alone."""
    columns = [
        col(getattr(Ballot, name))
        for name in ("question", "value", "facet", "name", "zone", "school_type")
    ]
    counted = (
        select(*columns, func.count())  # type: ignore[call-overload]  # up to four columns
        .where(col(Ballot.round) == round)
        .group_by(*columns)
    )
    return [Tally(*row) for row in session.connection().execute(counted)]


def texts_of(session: Session, round: str) -> list[Text]:
    """All that people wrote in a round; for dialogs/reports.py alone."""
    themes: dict[str, list[str]] = {}
    marked = (
        select(col(TextTheme.text), col(TextTheme.theme))
        .join(BallotText, col(BallotText.id) == col(TextTheme.text))
        .where(col(BallotText.round) == round)
        .order_by(col(TextTheme.theme))
    )
    for text, theme in session.connection().execute(marked):
        themes.setdefault(text, []).append(theme)
    wanted = select(
        col(BallotText.id), col(BallotText.question), col(BallotText.text), col(BallotText.unit)
    ).where(col(BallotText.round) == round)
    rows = session.connection().execute(wanted)
    return [Text(*row, tuple(themes.get(row[0], ()))) for row in rows]


def set_themes(session: Session, text: str, themes: Iterable[str]) -> None:
    """The themes of a text are these, and no others."""
    connection = session.connection()
    connection.execute(delete(TextTheme).where(col(TextTheme.text) == text))
    for theme in sorted(set(themes)):
        connection.execute(insert(TextTheme).values(text=text, theme=theme))


def forget_who(session: Session, round: str) -> None:
    """At close: delete who has answered, what was not sent, and the answers that are now counted.

    The texts stay, written anew in random order under new ids.
    """
    for table in (Answered, BallotDraft, Ballot):
        session.connection().execute(delete(table).where(col(table.round) == round))
    _rewrite(session, BallotText, round)


def rewrite_open_rounds(database: Database) -> None:
    """Each night: write what open rounds hold anew, in random order and under new ids.

    Two copies of the database from different nights can't be put together row by row, and neither
    the place of a row nor PostgreSQL's xmin tells when it came. One round a transaction: people may
    be answering, and wait.
    """
    is_open = col(AskedRound.closed_at).is_(None)
    with database.transaction() as session:
        rounds = list(session.exec(select(AskedRound.id).where(is_open)))
    for round in rounds:
        locked = select(col(AskedRound.id)).where(col(AskedRound.id) == round, is_open)
        with database.transaction() as session:
            if session.exec(locked.with_for_update()).first() is not None:
                for table in (Answered, Ballot, BallotText):
                    _rewrite(session, table, round)


def _rows(
    round: str, question: str, value: int, place: Place, role: str, experience: str
) -> Iterable[dict[str, Any]]:
    same = {"round": round, "question": question, "value": value}
    nowhere = {"zone": "", "school_type": ""}
    where = {"zone": place.zone, "school_type": place.school_type}
    yield {"id": uuid4().hex, **same, "facet": "sted", "name": place.unit, **where}
    if role:
        yield {"id": uuid4().hex, **same, "facet": "rolle", "name": role, **nowhere}
    if experience:
        yield {"id": uuid4().hex, **same, "facet": "erfaring", "name": experience, **nowhere}


def _rewrite(session: Session, table: Any, round: str) -> None:
    """All the rows of a round anew. There may be a million, so the database does it by itself."""
    connection = session.connection()
    has_id = "id" in table.__table__.columns  # texts have no themes yet: those come after the close
    of_round = table.__table__.c.round == round
    if connection.dialect.name == "postgresql":
        names = [column.name for column in table.__table__.columns]
        gone = delete(table).where(of_round).returning(*table.__table__.columns).cte("gone")
        columns = [_NEW_ID_POSTGRESQL if one == "id" else gone.c[one] for one in names]
        shuffled = select(*columns).order_by(func.gen_random_uuid())  # sorted when all are gone
        connection.execute(insert(table).from_select(names, shuffled))
    elif has_id:
        # SQLite keeps these rows by their keys, so a new id is a new place. They are moved in the
        # order of the ids they had, and the order within a page would tell it: so twice, and the
        # ids in between stand in no copy.
        for _ in range(2):
            connection.execute(update(table).where(of_round).values(id=_NEW_ID_SQLITE))
    else:
        every = select(*table.__table__.columns).where(of_round)
        rows = [dict(row._mapping) for row in connection.execute(every)]
        _RANDOM.shuffle(rows)
        connection.execute(delete(table).where(of_round))
        _insert_all(session, table, rows)


def _insert_all(session: Session, table: Any, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), AT_ONCE):
        session.connection().execute(insert(table), rows[start : start + AT_ONCE])
