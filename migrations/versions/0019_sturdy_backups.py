"""Sturdier backups: what a proof found, which troubles the operator was told, and of which spaces a restore took the place.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import grant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("backup_run", sa.Column("differing", sa.Integer(), nullable=True))
    grant("backup_run", "UPDATE (differing)")
    op.create_table(
        "backup_trouble",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("target", "cause", name=op.f("pk_backup_trouble")),
    )
    grant("backup_trouble", "SELECT, INSERT, UPDATE, DELETE")
    op.create_table(
        "replaced_space",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replaced_space")),
    )
    grant("replaced_space", "SELECT")


def downgrade() -> None:
    op.drop_table("replaced_space")
    op.drop_table("backup_trouble")
    op.drop_column("backup_run", "differing")
