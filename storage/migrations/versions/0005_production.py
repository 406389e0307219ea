"""Groups, the directory, what is deleted again after a restore, the learning loop, handovers.

Only adds: a copy of the version before keeps working beside it.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("person", sa.Column("source", sa.Text(), nullable=False, server_default=""))
    _table("group_turn", ("conversation", "activity"), sa.Column("day", sa.Date(), nullable=False))
    _table("passage_asked", ("passage", "month"), sa.Column("number", sa.Integer(), nullable=False))
    _table("directory_cursor", ("group",), *_texts("next_link"), _moment("read_at"))
    _table("directory_person", ("person",), *_texts("name", "email", "language"))
    _table("directory_member", ("group", "person"))
    _table("pending_removal", ("person",), _moment("noted_at"))
    _table("app_installation", ("person",), *_texts("state", "problem"), _moment("tried_at"))
    _table("deletion", ("id",), *_texts("person", "what"), _moment("at"))
    _table("reviewed_question", ("item",), *_texts("cause", "target", "by_name"), _moment("at"))
    _table("added_ask", ("id",), *_texts("passage", "text", "state", "by_name"), _moment("at"))
    _table(
        "added_entry",
        ("id",),
        *_texts("title", "title_nn", "text", "text_nn", "owner", "link", "state", "by_name"),
        sa.Column("checked", sa.Date(), nullable=False),
        sa.Column("asks", sa.JSON(), nullable=False),
        _moment("at"),
    )
    op.create_table(
        "knowledge_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_version"),
    )
    _table(
        "handover",
        ("id",),
        *_texts("asker", "asker_name", "question", "state", "assigned", "assigned_name", "answer"),
        sa.Column("revision", sa.Integer(), nullable=False),
        _moment("at"),
        sa.Column("answered_at", _MOMENT, nullable=True),
        sa.Column("closed_at", _MOMENT, nullable=True),
    )
    op.create_index("ix_handover_state", "handover", ["state"])
    op.create_index("ix_handover_asker", "handover", ["asker"])


def downgrade() -> None:
    for table in (
        "handover",
        "knowledge_version",
        "added_entry",
        "added_ask",
        "reviewed_question",
        "deletion",
        "app_installation",
        "pending_removal",
        "directory_member",
        "directory_person",
        "directory_cursor",
        "passage_asked",
        "group_turn",
    ):
        op.drop_table(table)
    with op.batch_alter_table("person") as person:
        person.drop_column("source")


def _table(name: str, keys: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    op.create_table(
        name, *_texts(*keys), *columns, sa.PrimaryKeyConstraint(*keys, name=f"pk_{name}")
    )


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, _MOMENT, nullable=False)
