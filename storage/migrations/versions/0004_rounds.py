"""Rounds and their answers, what they led to, the page's sessions, and who read named data."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "round",
        *_texts("id", "question_set", "title", "purpose", "unit", "series", "repeat"),
        *_texts("created_by", "created_by_name"),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("process", sa.JSON(), nullable=False),
        sa.Column("discussed_on", sa.Date(), nullable=True),
        *_moments("opens", "closes"),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.Column("cancelled_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_round"),
        sa.UniqueConstraint("month", name="uq_round_month"),
    )
    op.create_index("ix_round_opens", "round", ["opens"])
    op.create_table(
        "answered",
        *_texts("round", "person"),
        _of_round("answered"),
        sa.PrimaryKeyConstraint("round", "person", name="pk_answered"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot_draft",
        *_texts("round", "person"),
        sa.Column("answers", sa.JSON(), nullable=False),
        _of_round("ballot_draft"),
        sa.PrimaryKeyConstraint("round", "person", name="pk_ballot_draft"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot",
        *_texts("round", "id", "question", "facet", "name", "zone", "school_type"),
        sa.Column("value", sa.Integer(), nullable=False),
        _of_round("ballot"),
        sa.PrimaryKeyConstraint("round", "id", name="pk_ballot"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ballot_text",
        *_texts("id", "round", "question", "text", "unit"),
        _of_round("ballot_text"),
        sa.PrimaryKeyConstraint("id", name="pk_ballot_text"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ballot_text_in_order", "ballot_text", ["round", "question", "id"])
    op.create_index(
        "ix_ballot_text_round_question_unit", "ballot_text", ["round", "question", "unit"]
    )
    op.create_table(
        "text_theme",
        *_texts("text", "theme"),
        sa.PrimaryKeyConstraint("text", "theme", name="pk_text_theme"),
    )
    op.create_table(
        "named_answer",
        *_texts("round", "unit", "person", "person_name"),
        sa.Column("answers", sa.JSON(), nullable=False),
        *_moments("at"),
        _of_round("named_answer"),
        sa.PrimaryKeyConstraint("round", "unit", name="pk_named_answer"),
    )
    op.create_table(
        "round_result",
        *_texts("round"),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("public", sa.JSON(), nullable=False),
        _of_round("round_result"),
        sa.PrimaryKeyConstraint("round", name="pk_round_result"),
    )
    op.create_table(
        "result_share",
        *_texts("round", "unit", "by"),
        *_moments("at"),
        _of_round("result_share"),
        sa.PrimaryKeyConstraint("round", "unit", name="pk_result_share"),
    )
    op.create_table(
        "follow_up",
        *_texts("id", "round", "unit", "heard", "measure", "responsible", "effect"),
        *_texts("by", "by_name"),
        sa.Column("deadline", sa.Date(), nullable=True),
        *_moments("at"),
        sa.Column("told_at", _MOMENT, nullable=True),
        _of_round("follow_up"),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up"),
    )
    op.create_index("ix_follow_up_round", "follow_up", ["round"])
    op.create_table(
        "promise_status",
        *_texts("promise", "status", "note", "by_name"),
        *_moments("at"),
        sa.PrimaryKeyConstraint("promise", name="pk_promise_status"),
    )
    op.create_table(
        "page_login",
        *_texts("id", "person"),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("pressed", sa.Integer(), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=False),
        *_moments("expires"),
        sa.PrimaryKeyConstraint("id", name="pk_page_login"),
    )
    op.create_table(
        "page_session",
        *_texts("id", "person"),
        *_moments("seen", "expires"),
        sa.PrimaryKeyConstraint("id", name="pk_page_session"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        *_moments("at"),
        *_texts("reader", "what", "subject", "previous", "hash"),
        sa.PrimaryKeyConstraint("number", name="pk_audit_entry"),
    )


def downgrade() -> None:
    for table in (
        *("audit_entry", "page_session", "page_login", "promise_status", "follow_up"),
        *("result_share", "round_result", "named_answer", "text_theme", "ballot_text", "ballot"),
        *("ballot_draft", "answered", "round"),
    ):
        op.drop_table(table)


def _texts(*names: str) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.Text(), nullable=False) for name in names)


def _moments(*names: str) -> tuple[sa.Column[object], ...]:
    return tuple(sa.Column(name, _MOMENT, nullable=False) for name in names)


def _of_round(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["round"], ["round.id"], name=f"fk_{table}_round")
