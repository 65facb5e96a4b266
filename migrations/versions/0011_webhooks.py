"""Webhooks: addresses that are told what happens in a book or a group.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, refuse_unrecorded

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

APART = ("webhook_follow", "webhook_attempt", "webhook_dead_letter")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_webhook")),
    )
    grant("webhook", "SELECT, INSERT, UPDATE")
    bind_to_space("webhook")
    refuse_unrecorded("webhook")
    _create_what_stands_apart()
    for table in APART:
        grant(table, "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    for table in (*reversed(APART), "webhook"):
        op.drop_table(table)


def _create_what_stands_apart() -> None:
    _create_of_webhook(
        "webhook_follow",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("told_seq", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("ix_webhook_follow_due", "webhook_follow", ["due_at"], unique=False, postgresql_where=due)
    _create_of_webhook(
        "webhook_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("status_code", sa.SmallInteger(), nullable=False),
        sa.Column("problem", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        key="id",
    )
    _create_of_webhook(
        "webhook_dead_letter",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ordinals", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        key="delivery_id",
    )


def _create_of_webhook(name: str, *columns: sa.Column, key: str | None = None) -> None:  # type: ignore[type-arg]  # of any type
    keys = ["space_id", "webhook_id", *([key] if key else [])]
    op.create_table(
        name,
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}")),
    )
