"""Schedules of backups: when backups come by themselves to the targets of users.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup_schedule",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "target_id", name=op.f("pk_backup_schedule")),
    )
    op.create_table(
        "backup_due",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "target_id", name=op.f("pk_backup_due")),
    )
    op.create_index("ix_backup_due_at", "backup_due", ["due_at"], unique=False)
    for table in ("backup_schedule", "backup_due"):
        grant(table, "SELECT, INSERT, UPDATE, DELETE")
    bind_to_space("backup_schedule")


def downgrade() -> None:
    op.drop_table("backup_due")
    op.drop_table("backup_schedule")
