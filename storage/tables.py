"""All tables on one page; every personal column says what it is for and when it goes.

`SQLModel` classes are the shape of the tables. A column that says something about a person, or in
which a person has written freely, is marked with `personal(purpose, retention)`; the sentences are
Norwegian, since they are read by people outside the code. `retention.py` keeps what they promise.
"""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, MetaData, Text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class Moment(TypeDecorator[datetime]):
    """A point in time: time zone required on the way in, UTC on the way out, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored datetime needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite keeps no time zone; what it holds was written as UTC.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text as people write it, without what a database refuses: NUL and half surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None or (value.isascii() and "\x00" not in value):
            return value
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def personal(purpose: str, retention: str) -> dict[str, Any]:
    """Mark a column as personal: what it is kept for, and when it is deleted."""
    return {"info": {"purpose": purpose, "retention": retention}}


WHILE_IN_REGISTER = "Slettes når personen går ut av personregisteret."
A_YEAR_AFTER_LAST_MESSAGE = "Slettes tolv måneder etter siste melding i samtalen."
A_YEAR = "Slettes etter tolv måneder."

TO_KNOW_THE_PERSON = "Kjenne igjen den som skriver, og vite hva vedkommende har tilgang til."
TO_HOLD_THE_THREAD = "Forstå oppfølgingsspørsmål og svare på det språket personen har valgt."
TO_ANSWER_ONCE = "Kjenne igjen en melding som Teams sender på nytt, så den bare besvares én gang."
TO_IMPROVE_ANSWERS = "Vise skoleeierteamet hva planen ikke svarer på, og hva som bør rettes."


class Table(SQLModel):
    """What the tables share: constraints with names, so that a migration can find them again."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
        }
    )


class Unit(Table, table=True):
    """A school, a barnehage or another place where people work."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_type=Words, unique=True)
    kind: str = Field(sa_type=Words)
    school_type: str = Field(default="", sa_type=Words)
    zone: str = Field(default="", sa_type=Words)


class Person(Table, table=True):
    """Somebody in the people register; the table is the register, so a row gone is access gone."""

    id: int | None = Field(default=None, primary_key=True)
    aad_object_id: str = Field(
        sa_type=Words,
        unique=True,
        sa_column_kwargs=personal(TO_KNOW_THE_PERSON, WHILE_IN_REGISTER),
    )
    name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_THE_PERSON, WHILE_IN_REGISTER)
    )
    email: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_KNOW_THE_PERSON, WHILE_IN_REGISTER),
    )
    role: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_THE_PERSON, WHILE_IN_REGISTER)
    )
    unit_id: int | None = Field(
        default=None,
        foreign_key="unit.id",
        sa_column_kwargs=personal(TO_KNOW_THE_PERSON, WHILE_IN_REGISTER),
    )
    language: str = Field(
        default="nb",
        sa_type=Words,
        sa_column_kwargs=personal(TO_HOLD_THE_THREAD, WHILE_IN_REGISTER),
    )


class Conversation(Table, table=True):
    """One chat: whom it is with, what it was last about, and what is needed to answer once."""

    id: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_HOLD_THE_THREAD, A_YEAR_AFTER_LAST_MESSAGE),
    )
    sender: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_THE_PERSON, A_YEAR_AFTER_LAST_MESSAGE)
    )
    language: str | None = Field(
        default=None,
        sa_type=Words,
        sa_column_kwargs=personal(TO_HOLD_THE_THREAD, A_YEAR_AFTER_LAST_MESSAGE),
    )
    acting_as: str | None = Field(default=None, sa_type=Words)  # a demo person, never a real one
    reference: dict[str, Any] = Field(
        default_factory=dict,
        sa_type=JSON,
        sa_column_kwargs=personal(
            "Kunne skrive til personen i den samme samtalen.", A_YEAR_AFTER_LAST_MESSAGE
        ),
    )
    topic: dict[str, Any] | None = Field(
        default=None,
        sa_type=JSON(none_as_null=True),
        sa_column_kwargs=personal(TO_HOLD_THE_THREAD, A_YEAR_AFTER_LAST_MESSAGE),
    )
    recent: list[str] = Field(
        default_factory=list,
        sa_type=JSON,
        sa_column_kwargs=personal(TO_ANSWER_ONCE, A_YEAR_AFTER_LAST_MESSAGE),
    )
    last_digest: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_ANSWER_ONCE, A_YEAR_AFTER_LAST_MESSAGE),
    )
    last_arrived: datetime | None = Field(
        default=None,
        sa_type=Moment,
        sa_column_kwargs=personal(TO_ANSWER_ONCE, A_YEAR_AFTER_LAST_MESSAGE),
    )
    last_finished: datetime | None = Field(
        default=None,
        sa_type=Moment,
        sa_column_kwargs=personal(TO_ANSWER_ONCE, A_YEAR_AFTER_LAST_MESSAGE),
    )
    answers: list[list[str]] = Field(
        default_factory=list,
        sa_type=JSON,
        sa_column_kwargs=personal(
            "Vite hvilket avsnitt en tilbakemelding gjelder.", A_YEAR_AFTER_LAST_MESSAGE
        ),
    )
    installed: bool = Field(
        default=True,
        sa_column_kwargs=personal(
            "Ikke skrive til den som har fjernet appen.", A_YEAR_AFTER_LAST_MESSAGE
        ),
    )
    updated: date = Field(
        sa_column_kwargs=personal("Vite når samtalen skal slettes.", A_YEAR_AFTER_LAST_MESSAGE),
    )


class KeptQuestion(Table, table=True):
    """A question sent without a name: no person, no conversation, no time finer than the day.

    The id holds no order, and SQLite's hidden row number is off.
    """

    __tablename__ = "kept_question"
    __table_args__ = {"sqlite_with_rowid": False}

    id: str = Field(primary_key=True, sa_type=Words)
    text: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_IMPROVE_ANSWERS, A_YEAR))
    language: str = Field(sa_type=Words)
    day: date


class Feedback(Table, table=True):
    """What somebody thought of a quoted passage, without a name; see `KeptQuestion`."""

    __table_args__ = {"sqlite_with_rowid": False}

    id: str = Field(primary_key=True, sa_type=Words)
    passage: str = Field(sa_type=Words)
    reaction: str = Field(sa_type=Words)
    reason: str = Field(default="", sa_type=Words)
    text: str = Field(
        default="", sa_type=Words, sa_column_kwargs=personal(TO_IMPROVE_ANSWERS, A_YEAR)
    )
    day: date


class Secret(Table, table=True):
    """A secret that the copies of the program share."""

    name: str = Field(primary_key=True, sa_type=Words)
    value: str = Field(sa_type=Words)
