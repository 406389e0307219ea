"""Meetings and reminders, and an outbox that survives what can go wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(_text("subject"))
        # A copy of the version before may still be running: its rows, which lack this, are sent.
        long_ago = "1970-01-01 00:00:00"
        outbox.add_column(sa.Column("next_try", _MOMENT, nullable=False, server_default=long_ago))
        outbox.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        outbox.add_column(sa.Column("unknowns", sa.Integer(), nullable=False, server_default="0"))
        outbox.add_column(_text("leased_by"))
        outbox.add_column(sa.Column("leased_until", _MOMENT, nullable=True))
        outbox.add_column(_text("problem"))
        outbox.drop_index("ix_outbox_state_due")
        outbox.create_index("ix_outbox_state_next_try", ["state", "next_try"])
        outbox.create_index("ix_outbox_subject", ["subject"])
    op.create_index("ix_conversation_sender", "conversation", [sa.text("lower(sender)")])
    op.create_table(
        "pace",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("closed_until", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("scope", name="pk_pace"),
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
    )
    op.create_index("ix_post_conversation_at", "post", ["conversation", "at"])
    op.create_table(
        "meeting",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("series", "kind", "title", "place", "link", "topic", "preparation")
        ),
        sa.Column("starts", _MOMENT, nullable=False),
        sa.Column("ends", _MOMENT, nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("asks_answer", sa.Boolean(), nullable=False),
        sa.Column("day_before", sa.Boolean(), nullable=False),
        sa.Column("homework", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", _MOMENT, nullable=True),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("cancelled_because", "organiser", "organiser_name", "changed_by_name")
        ),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meeting"),
        sa.UniqueConstraint("source", name="uq_meeting_source"),
    )
    op.create_index("ix_meeting_starts", "meeting", ["starts"])
    op.create_index("ix_meeting_series", "meeting", ["series"])
    op.create_table(
        "meeting_group",
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meeting_group"),
    )
    op.create_table(
        "group_member",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["meeting_group.name"], name="fk_group_member_group"),
        sa.PrimaryKeyConstraint("group", "person", name="pk_group_member"),
    )
    op.create_table(
        "meeting_answer",
        sa.Column("meeting", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("deputy", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.id"], name="fk_meeting_answer_meeting"),
        sa.PrimaryKeyConstraint("meeting", "person", name="pk_meeting_answer"),
    )
    op.create_table(
        "reminder_wish",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("days_before", sa.JSON(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_reminder_wish"),
    )
    op.create_table(
        "calendar_feed",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_calendar_feed"),
        sa.UniqueConstraint("id", name="uq_calendar_feed_id"),
    )
    op.create_table(
        "meeting_import",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_meeting_import"),
    )


def downgrade() -> None:
    for table in (
        *("meeting_import", "calendar_feed", "reminder_wish", "meeting_answer", "group_member"),
        *("meeting_group", "meeting", "post", "pace"),
    ):
        op.drop_table(table)
    op.drop_index("ix_conversation_sender", "conversation")
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_index("ix_outbox_state_next_try")
        outbox.drop_index("ix_outbox_subject")
        for column in (
            *("subject", "next_try", "attempts", "unknowns"),
            *("leased_by", "leased_until", "problem"),
        ):
            outbox.drop_column(column)
        outbox.create_index("ix_outbox_state_due", ["state", "due"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, server_default="")
