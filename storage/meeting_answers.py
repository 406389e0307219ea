"""What people answer to «Kommer du?»."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import bindparam, update
from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.tables import MeetingAnswer

Answer = Literal["kommer", "forfall", "stedfortreder"]


ANSWERS: tuple[Answer, ...] = get_args(Answer)


@dataclass(frozen=True, slots=True)
class PersonAnswer:
    """What somebody said to «Kommer du?»; `deputy` is who comes instead."""

    person: str
    answer: Answer
    deputy: str
    at: datetime


_ANSWER = select(
    col(MeetingAnswer.person),
    col(MeetingAnswer.answer),
    col(MeetingAnswer.deputy),
    col(MeetingAnswer.at),
).where(
    col(MeetingAnswer.meeting) == bindparam("meeting"),
    col(MeetingAnswer.person) == bindparam("person"),
)


def set_answer(
    session: Session, meeting: str, person: str, answer: Answer, deputy: str, at: datetime
) -> None:
    """Remember what somebody answered; the last answer holds."""
    key = {"meeting": meeting, "person": person}
    values = {"answer": answer, "deputy": deputy, "at": at}
    insert_if_absent(session, MeetingAnswer, {**key, **values})
    session.connection().execute(
        update(MeetingAnswer)
        .where(col(MeetingAnswer.meeting) == meeting, col(MeetingAnswer.person) == person)
        .values(**values)
    )


def answers_of(session: Session, meeting: str) -> dict[str, PersonAnswer]:
    """What people have answered, by person."""
    wanted = select(
        col(MeetingAnswer.person),
        col(MeetingAnswer.answer),
        col(MeetingAnswer.deputy),
        col(MeetingAnswer.at),
    ).where(col(MeetingAnswer.meeting) == meeting)
    rows = session.connection().execute(wanted)
    return {row[0]: PersonAnswer(row[0], row[1], row[2], row[3]) for row in rows}  # type: ignore[arg-type]


def answer_of(session: Session, meeting: str, person: str) -> PersonAnswer | None:
    """What the person has answered; None when they haven't."""
    asked = {"meeting": meeting, "person": person}
    row = session.connection().execute(_ANSWER, asked).first()
    return PersonAnswer(*row) if row is not None else None  # type: ignore[arg-type]


def answers_by(session: Session, person: str) -> dict[str, PersonAnswer]:
    """What the person has answered, by meeting."""
    wanted = select(
        col(MeetingAnswer.meeting),
        col(MeetingAnswer.answer),
        col(MeetingAnswer.deputy),
        col(MeetingAnswer.at),
    ).where(col(MeetingAnswer.person) == person)
    rows = session.connection().execute(wanted)
    return {row.meeting: PersonAnswer(person, row.answer, row.deputy, row.at) for row in rows}


def clear_answers(session: Session, meeting: str) -> int:
    """Forget all answers, since they were to another time; says how many."""
    gone = delete(MeetingAnswer).where(col(MeetingAnswer.meeting) == meeting)
    return session.connection().execute(gone).rowcount
