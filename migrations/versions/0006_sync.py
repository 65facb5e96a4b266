"""Conflicts, what an answer is, and what members do not see any more.

What a person sees differently: nothing until the server is replaced. Every new column has a default that says what was true before,
so the server that runs meanwhile goes on.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, hide_private_rows, refuse_unrecorded

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conflict",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("private_to", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_conflict")),
    )
    op.create_index("ix_conflict_state", "conflict", ["space_id", "state", "id"], unique=False)
    grant("conflict", "SELECT, INSERT, UPDATE")
    bind_to_space("conflict")
    refuse_unrecorded("conflict")
    hide_private_rows("conflict")
    op.add_column("answer", sa.Column("kind", sa.SmallInteger(), server_default=sa.text("1"), nullable=False))
    op.add_column("space", sa.Column("sight_revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False))


def downgrade() -> None:
    op.drop_column("space", "sight_revision")
    op.drop_column("answer", "kind")
    op.drop_table("conflict")
