"""Backups of users: where each user's own backups are stored, and what became of each.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ("backup_target", "backup_target_memory", "backup")


def upgrade() -> None:
    _create("backup_target", "target_id")
    _create("backup_target_memory", "target_id", sa.Column("key", sa.Text(), nullable=False))
    _create(
        "backup",
        "backup_id",
        sa.Column("target_id", sa.Uuid(), nullable=False),
        sa.Column("lease_id", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
    )
    for table in TABLES:
        grant(table, "SELECT, INSERT, UPDATE, DELETE")
        bind_to_space(table)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _create(name: str, own_key: str, *columns: sa.Column) -> None:  # type: ignore[type-arg]  # of any type
    keys = ["space_id", own_key, *(column.name for column in columns if column.name == "key")]
    op.create_table(
        name,
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column(own_key, sa.Uuid(), nullable=False),
        *columns,
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*keys, name=op.f(f"pk_{name}")),
    )
