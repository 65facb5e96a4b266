"""Budgets: what people mean to spend, the items that they are made of, and money in envelopes.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, refuse_unrecorded

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ENTITIES = ("budget", "budget_item", "budget_move")


def upgrade() -> None:
    _create_entity("budget")
    _create_entity(
        "budget_item",
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
    )
    op.create_index("ix_budget_item_order", "budget_item", ["space_id", "budget_id", "position", "id"], unique=False)
    _create_entity(
        "budget_move",
        sa.Column("budget_id", sa.Uuid(), nullable=False),
        sa.Column("period_from_on", sa.Date(), nullable=False),
    )
    op.create_index("ix_budget_move_budget", "budget_move", ["space_id", "budget_id", "period_from_on"], unique=False)
    for table in ENTITIES:
        grant(table, "SELECT, INSERT, UPDATE")
        bind_to_space(table)
        refuse_unrecorded(table)


def downgrade() -> None:
    for table in reversed(ENTITIES):
        op.drop_table(table)


def _create_entity(name: str, *columns: sa.Column) -> None:  # type: ignore[type-arg]  # of any type
    op.create_table(
        name,
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f(f"pk_{name}")),
    )
