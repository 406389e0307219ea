"""All tables on one page; every personal column says what it is for and when it goes.

`SQLModel` classes are the shape of the tables. A column that says something about a person, or in
which a person has written freely, is marked with `personal(purpose, retention)`; the sentences are
Norwegian, since they are read by people outside the code. `retention.py` keeps what they promise.
"""

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, Index, MetaData, Text, UniqueConstraint, text
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

TWO_YEARS_AFTER_LAST_CHANGE = "Slettes to år etter siste endring i utkastet."
AFTER_SHARING = (
    "Slettes tolv måneder etter at delingen er trukket tilbake, og senest fem år etter delingen."
)
WITH_THE_VERSION = "Slettes når personen fjerner den, og senest sammen med versjonen den gjelder."
WITH_WHAT_IS_SHARED = "Slettes sammen med den siste versjonen som er delt."
UNTIL_ANOTHER_IS_NAMED = (
    "Slettes når rektor velger en annen eller ingen, og når stedfortrederen går ut av"
    " personregisteret."
)
WITH_THE_CONVERSATION = "Slettes sammen med samtalen, tolv måneder etter siste melding i den."
NINETY_DAYS_AFTER_SENDING = (
    "Slettes 90 dager etter at meldingen er sendt, eller senest skulle vært sendt."
)

TO_WRITE_TOGETHER = "La dem som eier utkastet, fortsette på det og se hvem som skrev hva og når."
TO_KNOW_THE_OWNER = "Vite hvem som eier utkastet."
TO_RESUME = "Ta personen tilbake til steget vedkommende var på, og fortelle hva som er nytt siden."
TO_SHARE = "Vise det som er delt, til dem det er delt med, og hvem som delte det."
TO_LEARN_TOGETHER = "La kolleger gi innspill til hverandres planer, med navn."
TO_COUNT_USEFUL = "Telle hvor mange som har hatt nytte av det som er delt, én gang per person."
TO_LET_A_DEPUTY_SHARE = "Vite hvem som kan dele på vegne av skolen, og hvem som har bestemt det."
TO_CHANGE_SENT_CARDS = "Endre kort som er sendt, når det de viser, er endret eller trukket tilbake."
TO_HEED_WISHES = "Sende personen bare det vedkommende vil ha."
TO_WRITE_TO_THE_PERSON = "Sende personen en melding til rett tid, og bare én gang."

TWO_YEARS_AFTER_THE_MEETING = "Slettes to år etter møtet; møtet selv blir stående uten navn."
THIRTY_DAYS_AFTER_THE_MEETING = "Slettes 30 dager etter møtet."
WHILE_IN_GROUP = "Slettes når personen tas ut av gruppen eller går ut av personregisteret."
A_DAY_AFTER_READING = "Slettes når møtene er lagt inn eller forkastet, og senest etter to dager."
A_MINUTE_AFTER_SENDING = "Slettes noen minutter etter sendingen."

TO_ASK_THE_ORGANISER = "Vite hvem som har lagt inn eller endret møtet, og hvem en kan spørre."
TO_INVITE = "Vite hvem møtet gjelder for, så de rette får påminnelsen."
TO_COUNT_WHO_COMES = "La den som holder møtet, vite hvem som kommer."
TO_REMIND_AS_WISHED = "Sende påminnelser om møter når og så ofte som personen vil ha dem."
TO_FILL_A_CALENDAR = "Gi personen møtene sine i egen kalender."
TO_CONFIRM_AN_IMPORT = "La personen se hva en fil med møter endrer, før det blir lagret."
TO_KEEP_THE_PACE = "Ikke sende meldinger fortere enn Teams tar imot dem."

TWO_YEARS_AFTER_THE_ROUND = "Slettes to år etter at runden er lukket."
UNTIL_THE_ROUND_CLOSES = "Slettes når runden lukkes."
UNTIL_SENT = "Slettes når svarene er sendt, og senest når runden lukkes."
A_QUARTER_OF_AN_HOUR = "Slettes samme natt; virker i ti minutter."
A_WORKING_DAY = "Slettes samme natt; virker i åtte timer."
FIVE_YEARS = "Slettes etter fem år."

TO_ASK_ONCE = "Ikke spørre den som har svart, og ta imot bare ett svar fra hver."
TO_SAVE_AS_ONE_GOES = "La personen fortsette på svarene sine før de er sendt."
TO_COUNT_ANSWERS = "Regne ut tall for grupper på minst fem; raden sier ikke hvem som svarte."
TO_READ_REFLECTIONS = "Vise hva folk har skrevet, uten navn."
TO_ANSWER_FOR_THE_SCHOOL = "Vise skolens offisielle svar, med navnet på lederen som svarte."
TO_KNOW_WHO_ASKS = "Vise hvem som står bak en spørrerunde, og hvem som har delt eller fulgt opp."
TO_LET_INTO_THE_PAGE = "Slippe personen inn på nettsiden uten passord."
TO_ACCOUNT_FOR_READING = "Vise hvem som har lest opplysninger med navn om andre."

WHILE_IN_DIRECTORY = "Slettes når personen går ut av gruppene i Entra ID som boten leser."
AS_LONG_AS_BACKUPS = "Slettes når ingen sikkerhetskopi er eldre, etter 400 dager."
UNTIL_DELETED = (
    "Slettes når det som er lagt til, blir slettet, og et utkast senest tolv måneder etter siste"
    " endring."
)
A_YEAR_AFTER_THE_ANSWER = (
    "Slettes tolv måneder etter at spørsmålet er lukket eller trukket, og senest to år etter at"
    " det ble stilt."
)

TO_MIRROR_THE_DIRECTORY = "Holde personregisteret likt med gruppene i Entra ID."
TO_REPORT_REMOVALS = "Vise administrator hvem som går ut av registeret, før det skjer."
TO_INSTALL_THE_APP = "Installere appen for dem som mangler den, og bare prøve én gang."
TO_DELETE_AGAIN = "Slette på nytt det som kommer tilbake med en sikkerhetskopi."
TO_KNOW_WHO_WROTE = "Vite hvem som står for det boten svarer, og hvem en kan spørre."
TO_ANSWER_THE_ASKER = "La en fagrådgiver svare den som har bedt om det, med navn."


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
    # "" for the file and the directory; "approlle" and the day for who last signed in then with an
    # app role of Entra's, and is here by that alone.
    source: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs={
            "server_default": "",
            **personal(TO_KNOW_THE_PERSON, WHILE_IN_REGISTER),
        },
    )


class Conversation(Table, table=True):
    """One chat: whom it is with, what it was last about, and what is needed to answer once."""

    # Whoever is written to is found by who they are, in any case.
    __table_args__ = (Index("ix_conversation_sender", text("lower(sender)")),)

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
    doing: dict[str, Any] | None = Field(
        default=None,
        sa_type=JSON(none_as_null=True),
        sa_column_kwargs=personal(
            "Ta imot svaret på det steget personen holder på med.", A_YEAR_AFTER_LAST_MESSAGE
        ),
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


class GuideDraft(Table, table=True):
    """A guide that somebody has begun; the row is also the lock of everything written in it.

    The owner is a name and no foreign key: a unit may leave the register, its drafts stay.
    """

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_owner", "owner_kind", "owner_name"),)

    id: str = Field(primary_key=True, sa_type=Words)
    # What there is only one of, such as a school's plan of a year.
    slot: str = Field(
        sa_type=Words,
        unique=True,
        sa_column_kwargs=personal(TO_KNOW_THE_OWNER, TWO_YEARS_AFTER_LAST_CHANGE),
    )
    guide: str = Field(sa_type=Words)
    owner_kind: str = Field(sa_type=Words)
    owner_name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_THE_OWNER, TWO_YEARS_AFTER_LAST_CHANGE)
    )
    year: str = Field(sa_type=Words)
    about: str = Field(default="", sa_type=Words)
    revision: int = 0
    started_by: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_WRITE_TOGETHER, TWO_YEARS_AFTER_LAST_CHANGE)
    )
    started_at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_WRITE_TOGETHER, TWO_YEARS_AFTER_LAST_CHANGE)
    )
    changed_at: datetime = Field(
        sa_type=Moment,
        sa_column_kwargs=personal("Vite når utkastet skal slettes.", TWO_YEARS_AFTER_LAST_CHANGE),
    )
    finished_at: datetime | None = Field(default=None, sa_type=Moment)


class DraftAnswer(Table, table=True):
    """One writing of one answer. Rows are only added: the newest of a key is what holds now."""

    __tablename__ = "answer"

    draft: str = Field(primary_key=True, foreign_key="draft.id", sa_type=Words)
    key: str = Field(primary_key=True, sa_type=Words)
    revision: int = Field(primary_key=True)
    value: Any = Field(
        sa_type=JSON,
        nullable=False,
        sa_column_kwargs=personal(TO_WRITE_TOGETHER, TWO_YEARS_AFTER_LAST_CHANGE),
    )
    author: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_WRITE_TOGETHER, TWO_YEARS_AFTER_LAST_CHANGE)
    )
    author_name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_WRITE_TOGETHER, TWO_YEARS_AFTER_LAST_CHANGE)
    )
    at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_WRITE_TOGETHER, TWO_YEARS_AFTER_LAST_CHANGE)
    )


class DraftPlace(Table, table=True):
    """Where in a draft a person was last, and which steps the guide had then."""

    __tablename__ = "place"
    __table_args__ = (Index("ix_place_person", "person"),)

    draft: str = Field(primary_key=True, foreign_key="draft.id", sa_type=Words)
    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_RESUME, TWO_YEARS_AFTER_LAST_CHANGE),
    )
    step: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_RESUME, TWO_YEARS_AFTER_LAST_CHANGE)
    )
    steps: list[str] = Field(
        sa_type=JSON, sa_column_kwargs=personal(TO_RESUME, TWO_YEARS_AFTER_LAST_CHANGE)
    )
    at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_RESUME, TWO_YEARS_AFTER_LAST_CHANGE)
    )


class SharedVersion(Table, table=True):
    """A draft as it was when it was shared; it stays when the draft is gone.

    `unit` is the school of the audience "skolen", `search` is what a search looks through.
    """

    __tablename__ = "shared_version"
    __table_args__ = (
        UniqueConstraint("draft", "revision", name="uq_shared_version_draft_revision"),
        UniqueConstraint("draft", "number", name="uq_shared_version_draft_number"),
    )

    id: str = Field(primary_key=True, sa_type=Words)
    draft: str = Field(sa_type=Words)
    revision: int
    number: int
    guide: str = Field(sa_type=Words)
    owner_kind: str = Field(sa_type=Words)
    owner_name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_THE_OWNER, AFTER_SHARING)
    )
    title: str = Field(sa_type=Words)
    audience: str = Field(sa_type=Words)
    unit: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_SHARE, AFTER_SHARING))
    zone: str = Field(sa_type=Words)
    paper: dict[str, Any] = Field(sa_type=JSON, sa_column_kwargs=personal(TO_SHARE, AFTER_SHARING))
    search: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_SHARE, AFTER_SHARING))
    shared_by: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_SHARE, AFTER_SHARING))
    shared_by_name: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_SHARE, AFTER_SHARING))
    shared_at: datetime = Field(sa_type=Moment, sa_column_kwargs=personal(TO_SHARE, AFTER_SHARING))
    withdrawn_at: datetime | None = Field(default=None, sa_type=Moment)


class Comment(Table, table=True):
    """What a colleague wrote about something shared."""

    __table_args__ = (Index("ix_comment_draft", "draft"), Index("ix_comment_version", "version"))

    id: str = Field(primary_key=True, sa_type=Words)
    draft: str = Field(sa_type=Words)
    version: str = Field(foreign_key="shared_version.id", sa_type=Words)
    person: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_LEARN_TOGETHER, WITH_THE_VERSION)
    )
    person_name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_LEARN_TOGETHER, WITH_THE_VERSION)
    )
    unit: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_LEARN_TOGETHER, WITH_THE_VERSION))
    text: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_LEARN_TOGETHER, WITH_THE_VERSION))
    at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_LEARN_TOGETHER, WITH_THE_VERSION)
    )


class UsefulMark(Table, table=True):
    """That a person found something shared useful."""

    __tablename__ = "useful_mark"

    draft: str = Field(primary_key=True, sa_type=Words)
    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_COUNT_USEFUL, WITH_WHAT_IS_SHARED),
    )


class Deputy(Table, table=True):
    """Who, besides rektor, may share on behalf of a school."""

    unit: str = Field(primary_key=True, sa_type=Words)
    person: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_LET_A_DEPUTY_SHARE, UNTIL_ANOTHER_IS_NAMED)
    )
    named_by: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_LET_A_DEPUTY_SHARE, UNTIL_ANOTHER_IS_NAMED)
    )
    at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_LET_A_DEPUTY_SHARE, UNTIL_ANOTHER_IS_NAMED)
    )


class SentCard(Table, table=True):
    """A card that was sent, and what it shows, so that it can be changed afterwards."""

    __tablename__ = "sent_card"
    __table_args__ = (Index("ix_sent_card_about", "about"),)

    conversation: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_CHANGE_SENT_CARDS, WITH_THE_CONVERSATION),
    )
    activity: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_CHANGE_SENT_CARDS, WITH_THE_CONVERSATION),
    )
    about: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_CHANGE_SENT_CARDS, WITH_THE_CONVERSATION)
    )


class Preference(Table, table=True):
    """What a person has said yes or no to."""

    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_HEED_WISHES, WHILE_IN_REGISTER),
    )
    name: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_HEED_WISHES, WHILE_IN_REGISTER),
    )
    value: bool = Field(sa_column_kwargs=personal(TO_HEED_WISHES, WHILE_IN_REGISTER))


class OutboxRow(Table, table=True):
    """A message that waits to be sent to one person, or has been; composed when it is due."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("person", "reason", "occasion", name="uq_outbox_person_reason_occasion"),
        Index("ix_outbox_state_next_try", "state", "next_try"),
        Index("ix_outbox_subject", "subject"),
    )

    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_WRITE_TO_THE_PERSON, NINETY_DAYS_AFTER_SENDING)
    )
    reason: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_WRITE_TO_THE_PERSON, NINETY_DAYS_AFTER_SENDING)
    )
    occasion: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_WRITE_TO_THE_PERSON, NINETY_DAYS_AFTER_SENDING)
    )
    about: dict[str, Any] = Field(
        sa_type=JSON, sa_column_kwargs=personal(TO_WRITE_TO_THE_PERSON, NINETY_DAYS_AFTER_SENDING)
    )
    due: datetime = Field(sa_type=Moment)
    latest: datetime = Field(sa_type=Moment)
    conversation: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_CHANGE_SENT_CARDS, NINETY_DAYS_AFTER_SENDING),
    )
    replaces: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_CHANGE_SENT_CARDS, NINETY_DAYS_AFTER_SENDING),
    )
    # What the message is about, such as "meeting:<id>"; "" for what nobody asks about.
    subject: str = Field(default="", sa_type=Words)
    state: str = Field(default="venter", sa_type=Words)
    next_try: datetime = Field(sa_type=Moment)  # `due`, then later for each try that failed
    attempts: int = 0
    unknowns: int = 0  # of the attempts, those that nobody knows the outcome of
    leased_by: str = Field(default="", sa_type=Words)  # which copy of the program has taken it
    leased_until: datetime | None = Field(default=None, sa_type=Moment)
    attempted: datetime | None = Field(default=None, sa_type=Moment)  # when the last one began
    settled: datetime | None = Field(default=None, sa_type=Moment)
    # What the last attempt that failed was answered: "403 ConversationBlockedByUser".
    problem: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(
            "Si hva som må gjøres for at personen skal få meldinger.", NINETY_DAYS_AFTER_SENDING
        ),
    )
    sent: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_WRITE_TO_THE_PERSON, NINETY_DAYS_AFTER_SENDING),
    )


class Pace(Table, table=True):
    """When the next message may be sent; its row is also the lock of all who send."""

    scope: str = Field(primary_key=True, sa_type=Words)
    next_at: datetime = Field(sa_type=Moment)
    closed_until: datetime | None = Field(default=None, sa_type=Moment)  # Teams asked us to wait


class Post(Table, table=True):
    """That something was sent to a conversation lately: a conversation takes only so much."""

    __table_args__ = (Index("ix_post_conversation_at", "conversation", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    conversation: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KEEP_THE_PACE, A_MINUTE_AFTER_SENDING)
    )
    at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_KEEP_THE_PACE, A_MINUTE_AFTER_SENDING)
    )


class Meeting(Table, table=True):
    """A meeting in the calendar, as it now is.

    `source` tells which entry of a file it came from, so that the file can be read again.
    `audience` is lines as people write them: "ledere", "sone: Sone nord", "personer: a@b.no".
    `version` counts the changes that those who were told of the meeting must hear of.
    """

    __table_args__ = (Index("ix_meeting_starts", "starts"), Index("ix_meeting_series", "series"))

    id: str = Field(primary_key=True, sa_type=Words)
    source: str | None = Field(default=None, sa_type=Words, unique=True)
    series: str = Field(default="", sa_type=Words)  # the same for meetings that repeat each other
    kind: str = Field(sa_type=Words)
    title: str = Field(sa_type=Words)
    starts: datetime = Field(sa_type=Moment)
    ends: datetime = Field(sa_type=Moment)
    place: str = Field(default="", sa_type=Words)
    link: str = Field(default="", sa_type=Words)
    topic: str = Field(default="", sa_type=Words)
    preparation: str = Field(default="", sa_type=Words)
    audience: list[str] = Field(
        sa_type=JSON, sa_column_kwargs=personal(TO_INVITE, TWO_YEARS_AFTER_THE_MEETING)
    )
    asks_answer: bool = False
    day_before: bool = False
    homework: str = Field(default="", sa_type=Words)  # mellomarbeid, until the next of its kind
    version: int = 1
    cancelled_at: datetime | None = Field(default=None, sa_type=Moment)
    cancelled_because: str = Field(default="", sa_type=Words)
    organiser: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_ASK_THE_ORGANISER, TWO_YEARS_AFTER_THE_MEETING),
    )
    organiser_name: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_ASK_THE_ORGANISER, TWO_YEARS_AFTER_THE_MEETING),
    )
    changed_by_name: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_ASK_THE_ORGANISER, TWO_YEARS_AFTER_THE_MEETING),
    )
    changed_at: datetime = Field(sa_type=Moment)


class MeetingGroup(Table, table=True):
    """A list of people that the skoleeierteam keeps, such as the newly qualified."""

    __tablename__ = "meeting_group"

    name: str = Field(primary_key=True, sa_type=Words)


class GroupMember(Table, table=True):
    """That a person is in a group."""

    __tablename__ = "group_member"

    group: str = Field(primary_key=True, foreign_key="meeting_group.name", sa_type=Words)
    person: str = Field(
        primary_key=True, sa_type=Words, sa_column_kwargs=personal(TO_INVITE, WHILE_IN_GROUP)
    )


class MeetingAnswer(Table, table=True):
    """What somebody said to «Kommer du?»: kommer, forfall or stedfortreder."""

    __tablename__ = "meeting_answer"

    meeting: str = Field(primary_key=True, foreign_key="meeting.id", sa_type=Words)
    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_COUNT_WHO_COMES, THIRTY_DAYS_AFTER_THE_MEETING),
    )
    answer: str = Field(
        sa_type=Words,
        sa_column_kwargs=personal(TO_COUNT_WHO_COMES, THIRTY_DAYS_AFTER_THE_MEETING),
    )
    deputy: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_COUNT_WHO_COMES, THIRTY_DAYS_AFTER_THE_MEETING),
    )
    at: datetime = Field(
        sa_type=Moment,
        sa_column_kwargs=personal(TO_COUNT_WHO_COMES, THIRTY_DAYS_AFTER_THE_MEETING),
    )


class ReminderWish(Table, table=True):
    """When a person wants to be reminded of meetings; no row means as most: once, a week before.

    `days_before` is how many days before each meeting, `at` is a time of day in Oslo ("08:00").
    """

    __tablename__ = "reminder_wish"

    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_REMIND_AS_WISHED, WHILE_IN_REGISTER),
    )
    days_before: list[int] = Field(
        sa_type=JSON, sa_column_kwargs=personal(TO_REMIND_AS_WISHED, WHILE_IN_REGISTER)
    )
    at: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_REMIND_AS_WISHED, WHILE_IN_REGISTER)
    )
    weekly: bool = Field(sa_column_kwargs=personal(TO_REMIND_AS_WISHED, WHILE_IN_REGISTER))
    paused_until: date | None = Field(
        default=None, sa_column_kwargs=personal(TO_REMIND_AS_WISHED, WHILE_IN_REGISTER)
    )
    stopped: bool = Field(sa_column_kwargs=personal(TO_REMIND_AS_WISHED, WHILE_IN_REGISTER))


class CalendarFeed(Table, table=True):
    """The address of a person's own calendar; a new id is a new address."""

    __tablename__ = "calendar_feed"

    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_FILL_A_CALENDAR, WHILE_IN_REGISTER),
    )
    id: str = Field(
        sa_type=Words,
        unique=True,
        sa_column_kwargs=personal(TO_FILL_A_CALENDAR, WHILE_IN_REGISTER),
    )


class MeetingImport(Table, table=True):
    """Rows of a file of meetings that somebody has yet to confirm."""

    __tablename__ = "meeting_import"

    id: str = Field(primary_key=True, sa_type=Words)
    person: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_CONFIRM_AN_IMPORT, A_DAY_AFTER_READING)
    )
    file: str = Field(sa_type=Words)
    rows: list[dict[str, Any]] = Field(
        sa_type=JSON, sa_column_kwargs=personal(TO_CONFIRM_AN_IMPORT, A_DAY_AFTER_READING)
    )
    at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_CONFIRM_AN_IMPORT, A_DAY_AFTER_READING)
    )


class AskedRound(Table, table=True):
    """A question set put to some people from one day to another; a closed one has results.

    `asked` is the question set as it was when the round was made. `audience` is lines without
    persons, such as "lærere" and "sone: Sone nord". `unit` is the school whose rektor asks, "" for
    the skoleeierteam. `month` ("2026-11") marks the round of what was shared unasked that month.
    """

    __tablename__ = "round"
    __table_args__ = (Index("ix_round_opens", "opens"),)

    id: str = Field(primary_key=True, sa_type=Words)
    question_set: str = Field(sa_type=Words)
    asked: dict[str, Any] = Field(sa_type=JSON)
    title: str = Field(sa_type=Words)
    purpose: str = Field(default="", sa_type=Words)
    audience: list[str] = Field(sa_type=JSON)
    unit: str = Field(default="", sa_type=Words)
    month: str | None = Field(default=None, sa_type=Words, unique=True)
    series: str = Field(default="", sa_type=Words)
    repeat: str = Field(default="", sa_type=Words)
    discussed_on: date | None = None  # drøftet med hovedtillitsvalgt
    opens: datetime = Field(sa_type=Moment)
    closes: datetime = Field(sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    cancelled_at: datetime | None = Field(default=None, sa_type=Moment)
    process: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # date of each survey step
    created_by: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_ASKS, TWO_YEARS_AFTER_THE_ROUND)
    )
    created_by_name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_ASKS, TWO_YEARS_AFTER_THE_ROUND)
    )


class Answered(Table, table=True):
    """That a person has answered a round. It has no key, no time and no order of what was said."""

    __table_args__ = {"sqlite_with_rowid": False}

    round: str = Field(primary_key=True, foreign_key="round.id", sa_type=Words)
    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_ASK_ONCE, UNTIL_THE_ROUND_CLOSES),
    )


class BallotDraft(Table, table=True):
    """What a person has filled in and not sent."""

    __tablename__ = "ballot_draft"
    __table_args__ = {"sqlite_with_rowid": False}

    round: str = Field(primary_key=True, foreign_key="round.id", sa_type=Words)
    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_SAVE_AS_ONE_GOES, UNTIL_SENT),
    )
    answers: dict[str, Any] = Field(
        sa_type=JSON, sa_column_kwargs=personal(TO_SAVE_AS_ONE_GOES, UNTIL_SENT)
    )


class Ballot(Table, table=True):
    """One answer to one question, seen one way: by place, by role, or by experience.

    An answer is a row for each `facet` there is ("sted", "rolle", "erfaring"), so that nothing
    tells which role and which school go together, nor which answers are the same person's. `value`
    is the number of the chosen category, from 1; `name` is the school, the role or the experience.
    There is no time, the id holds no order, all rows are written anew in random order every night,
    and when the round closes its results are computed and its rows deleted.
    """

    __table_args__ = {"sqlite_with_rowid": False}

    # The round first: its rows stand together, and are counted and deleted together.
    round: str = Field(primary_key=True, foreign_key="round.id", sa_type=Words)
    id: str = Field(primary_key=True, sa_type=Words)
    question: str = Field(sa_type=Words)
    value: int = Field(sa_column_kwargs=personal(TO_COUNT_ANSWERS, UNTIL_THE_ROUND_CLOSES))
    facet: str = Field(sa_type=Words)
    name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_COUNT_ANSWERS, UNTIL_THE_ROUND_CLOSES)
    )
    zone: str = Field(default="", sa_type=Words)
    school_type: str = Field(default="", sa_type=Words)


class BallotText(Table, table=True):
    """What somebody wrote in a round. `unit` only where the person ticked that it may be told."""

    __tablename__ = "ballot_text"
    __table_args__ = (
        Index("ix_ballot_text_in_order", "round", "question", "id"),  # to show some of them
        Index("ix_ballot_text_round_question_unit", "round", "question", "unit"),  # to count them
        {"sqlite_with_rowid": False},
    )

    id: str = Field(primary_key=True, sa_type=Words)
    round: str = Field(foreign_key="round.id", sa_type=Words)
    question: str = Field(sa_type=Words)
    text: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_READ_REFLECTIONS, TWO_YEARS_AFTER_THE_ROUND)
    )
    unit: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_READ_REFLECTIONS, TWO_YEARS_AFTER_THE_ROUND),
    )


class TextTheme(Table, table=True):
    """A theme that a reader has put on a text, to find what belongs together."""

    __tablename__ = "text_theme"

    text: str = Field(primary_key=True, sa_type=Words)
    theme: str = Field(primary_key=True, sa_type=Words)


class NamedAnswer(Table, table=True):
    """A leader's official answer for a school, in a round whose answers are with names."""

    __tablename__ = "named_answer"

    round: str = Field(primary_key=True, foreign_key="round.id", sa_type=Words)
    unit: str = Field(primary_key=True, sa_type=Words)
    person: str = Field(
        sa_type=Words,
        sa_column_kwargs=personal(TO_ANSWER_FOR_THE_SCHOOL, TWO_YEARS_AFTER_THE_ROUND),
    )
    person_name: str = Field(
        sa_type=Words,
        sa_column_kwargs=personal(TO_ANSWER_FOR_THE_SCHOOL, TWO_YEARS_AFTER_THE_ROUND),
    )
    answers: dict[str, Any] = Field(
        sa_type=JSON,
        sa_column_kwargs=personal(TO_ANSWER_FOR_THE_SCHOOL, TWO_YEARS_AFTER_THE_ROUND),
    )
    at: datetime = Field(
        sa_type=Moment,
        sa_column_kwargs=personal(TO_ANSWER_FOR_THE_SCHOOL, TWO_YEARS_AFTER_THE_ROUND),
    )


class RoundResult(Table, table=True):
    """The numbers of a closed round: computed once, never again. `public` is with k = 20."""

    __tablename__ = "round_result"

    round: str = Field(primary_key=True, foreign_key="round.id", sa_type=Words)
    report: dict[str, Any] = Field(sa_type=JSON)
    public: dict[str, Any] = Field(sa_type=JSON)


class ResultShare(Table, table=True):
    """That a school has shared its result of a round with the skoleeierteam."""

    __tablename__ = "result_share"

    round: str = Field(primary_key=True, foreign_key="round.id", sa_type=Words)
    unit: str = Field(primary_key=True, sa_type=Words)
    by: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_ASKS, TWO_YEARS_AFTER_THE_ROUND)
    )
    at: datetime = Field(sa_type=Moment)


class FollowUp(Table, table=True):
    """What was heard in a round and what is done about it, by a school or (unit "") the kommune."""

    __tablename__ = "follow_up"
    __table_args__ = (Index("ix_follow_up_round", "round"),)

    id: str = Field(primary_key=True, sa_type=Words)
    round: str = Field(foreign_key="round.id", sa_type=Words)
    unit: str = Field(default="", sa_type=Words)
    heard: str = Field(sa_type=Words)
    measure: str = Field(sa_type=Words)
    responsible: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_KNOW_WHO_ASKS, TWO_YEARS_AFTER_THE_ROUND),
    )
    deadline: date | None = None
    effect: str = Field(default="", sa_type=Words)  # evaluering: what it led to
    by: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_ASKS, TWO_YEARS_AFTER_THE_ROUND)
    )
    by_name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_ASKS, TWO_YEARS_AFTER_THE_ROUND)
    )
    at: datetime = Field(sa_type=Moment)
    told_at: datetime | None = Field(default=None, sa_type=Moment)


class PromiseStatus(Table, table=True):
    """How it stands with a promise of the plan, as the skoleeierteam has set it."""

    __tablename__ = "promise_status"

    promise: str = Field(primary_key=True, sa_type=Words)
    status: str = Field(sa_type=Words)
    note: str = Field(default="", sa_type=Words)
    by_name: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_ASKS, FIVE_YEARS))
    at: datetime = Field(sa_type=Moment)


class PageLogin(Table, table=True):
    """A way in to the page that was asked for in the chat; good once, for ten minutes.

    `numbers` are those of the card. The browser shows one of them, `pressed` is what was pressed.
    """

    __tablename__ = "page_login"

    id: str = Field(primary_key=True, sa_type=Words)
    person: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_LET_INTO_THE_PAGE, A_QUARTER_OF_AN_HOUR)
    )
    numbers: list[int] = Field(sa_type=JSON)
    pressed: int | None = None
    used: bool = False
    expires: datetime = Field(sa_type=Moment)


class PageSession(Table, table=True):
    """That a browser is somebody's; `id` is a digest of what the browser holds."""

    __tablename__ = "page_session"

    id: str = Field(primary_key=True, sa_type=Words)
    person: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_LET_INTO_THE_PAGE, A_WORKING_DAY)
    )
    seen: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_LET_INTO_THE_PAGE, A_WORKING_DAY)
    )
    expires: datetime = Field(sa_type=Moment)


class AuditEntry(Table, table=True):
    """That somebody read named data about others. Rows are only added; each seals those before.

    `hash` is of this row and of `previous`, the hash of the row before.
    """

    __tablename__ = "audit_entry"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_ACCOUNT_FOR_READING, FIVE_YEARS)
    )
    reader: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_ACCOUNT_FOR_READING, FIVE_YEARS)
    )
    what: str = Field(sa_type=Words)
    subject: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_ACCOUNT_FOR_READING, FIVE_YEARS)
    )
    previous: str = Field(sa_type=Words)
    hash: str = Field(sa_type=Words)


class GroupTurn(Table, table=True):
    """That a message in a team or a group chat has been answered: nothing else of it is kept.

    Of a turn that took long there is a second row, with a keyed digest of its content and the time:
    Teams may send it again under another id.
    """

    __tablename__ = "group_turn"

    conversation: str = Field(primary_key=True, sa_type=Words)
    activity: str = Field(primary_key=True, sa_type=Words)
    day: date


class PassageAsked(Table, table=True):
    """How often a passage was the answer in a month ("2026-11"); nothing of who asked."""

    __tablename__ = "passage_asked"

    passage: str = Field(primary_key=True, sa_type=Words)
    month: str = Field(primary_key=True, sa_type=Words)
    number: int


class DirectoryCursor(Table, table=True):
    """How far a group of the directory (Entra) has been read: where its next changes are."""

    __tablename__ = "directory_cursor"

    group: str = Field(primary_key=True, sa_type=Words)
    next_link: str = Field(sa_type=Words)
    read_at: datetime = Field(sa_type=Moment)


class DirectoryPerson(Table, table=True):
    """Somebody in one of the directory's groups, as the directory has them."""

    __tablename__ = "directory_person"

    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_MIRROR_THE_DIRECTORY, WHILE_IN_DIRECTORY),
    )
    name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_MIRROR_THE_DIRECTORY, WHILE_IN_DIRECTORY)
    )
    email: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_MIRROR_THE_DIRECTORY, WHILE_IN_DIRECTORY),
    )
    language: str = Field(
        default="nb",
        sa_type=Words,
        sa_column_kwargs=personal(TO_MIRROR_THE_DIRECTORY, WHILE_IN_DIRECTORY),
    )


class DirectoryMember(Table, table=True):
    """That somebody is in a group of the directory, or has an app role there (the group's id)."""

    __tablename__ = "directory_member"

    group: str = Field(primary_key=True, sa_type=Words)
    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_MIRROR_THE_DIRECTORY, WHILE_IN_DIRECTORY),
    )


class PendingRemoval(Table, table=True):
    """Somebody whom the directory has no more, until an administrator lets them leave."""

    __tablename__ = "pending_removal"

    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_REPORT_REMOVALS, WHILE_IN_REGISTER),
    )
    noted_at: datetime = Field(sa_type=Moment)


class AppInstallation(Table, table=True):
    """That the bot has tried to install the Teams app for somebody, and how that went."""

    __tablename__ = "app_installation"

    person: str = Field(
        primary_key=True,
        sa_type=Words,
        sa_column_kwargs=personal(TO_INSTALL_THE_APP, WHILE_IN_REGISTER),
    )
    state: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_INSTALL_THE_APP, WHILE_IN_REGISTER)
    )
    problem: str = Field(default="", sa_type=Words)
    tried_at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_INSTALL_THE_APP, WHILE_IN_REGISTER)
    )


class Deletion(Table, table=True):
    """That somebody left the register, or deleted what was kept about them.

    So that the same is done again when a backup from before it is restored. `what` is
    "register" or "mine".
    """

    id: str = Field(primary_key=True, sa_type=Words)
    person: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_DELETE_AGAIN, AS_LONG_AS_BACKUPS)
    )
    what: str = Field(sa_type=Words)
    at: datetime = Field(
        sa_type=Moment, sa_column_kwargs=personal(TO_DELETE_AGAIN, AS_LONG_AS_BACKUPS)
    )


class ReviewedQuestion(Table, table=True):
    """What a fagrådgiver found of a kept question, or of a 👎 (`item` is the id of either).

    `cause` is why the answer was not good; `target` is the passage or the entry ("veiviser:<id>")
    that should have answered, "" for none.
    """

    __tablename__ = "reviewed_question"

    item: str = Field(primary_key=True, sa_type=Words)
    cause: str = Field(sa_type=Words)
    target: str = Field(default="", sa_type=Words)
    by_name: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_WROTE, A_YEAR))
    at: datetime = Field(sa_type=Moment)


class AddedAsk(Table, table=True):
    """A way of asking for a passage that a fagrådgiver has added. `state`: utkast, publisert."""

    __tablename__ = "added_ask"

    id: str = Field(primary_key=True, sa_type=Words)
    passage: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    state: str = Field(sa_type=Words)
    by_name: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_WROTE, UNTIL_DELETED))
    at: datetime = Field(sa_type=Moment)


class AddedEntry(Table, table=True):
    """An entry of the veiviser that a fagrådgiver has added. `state`: utkast, publisert."""

    __tablename__ = "added_entry"

    id: str = Field(primary_key=True, sa_type=Words)
    title: str = Field(sa_type=Words)
    title_nn: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    text_nn: str = Field(sa_type=Words)
    owner: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_WROTE, UNTIL_DELETED))
    link: str = Field(default="", sa_type=Words)
    checked: date
    asks: list[str] = Field(sa_type=JSON)
    state: str = Field(sa_type=Words)
    by_name: str = Field(sa_type=Words, sa_column_kwargs=personal(TO_KNOW_WHO_WROTE, UNTIL_DELETED))
    at: datetime = Field(sa_type=Moment)


class KnowledgeVersion(Table, table=True):
    """One row: grows with each publishing, so that every copy of the program reads anew."""

    __tablename__ = "knowledge_version"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int


class Handover(Table, table=True):
    """A question that somebody has asked a fagrådgiver by name, and its answer.

    `state`: ny, tildelt, besvart, lukket, trukket.
    """

    __table_args__ = (Index("ix_handover_state", "state"), Index("ix_handover_asker", "asker"))

    id: str = Field(primary_key=True, sa_type=Words)
    asker: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_ANSWER_THE_ASKER, A_YEAR_AFTER_THE_ANSWER)
    )
    asker_name: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_ANSWER_THE_ASKER, A_YEAR_AFTER_THE_ANSWER)
    )
    question: str = Field(
        sa_type=Words, sa_column_kwargs=personal(TO_ANSWER_THE_ASKER, A_YEAR_AFTER_THE_ANSWER)
    )
    state: str = Field(sa_type=Words)
    revision: int = 0
    assigned: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_ANSWER_THE_ASKER, A_YEAR_AFTER_THE_ANSWER),
    )
    assigned_name: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_ANSWER_THE_ASKER, A_YEAR_AFTER_THE_ANSWER),
    )
    answer: str = Field(
        default="",
        sa_type=Words,
        sa_column_kwargs=personal(TO_ANSWER_THE_ASKER, A_YEAR_AFTER_THE_ANSWER),
    )
    at: datetime = Field(sa_type=Moment)
    answered_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
