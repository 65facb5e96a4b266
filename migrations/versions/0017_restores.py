"""Restores by users: which spaces are on their way back from a backup, and which have come.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup_restore",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("restore_id", sa.Uuid(), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "restore_id", name=op.f("pk_backup_restore")),
    )
    grant("backup_restore", "SELECT, INSERT, UPDATE, DELETE")
    bind_to_space("backup_restore")


def downgrade() -> None:
    op.drop_table("backup_restore")
