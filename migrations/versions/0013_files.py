"""Files: what people attach, import and keep. Their contents lie outside of the database.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes. Transactions and expenses that named
files go on naming them.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, hide_private_rows, refuse_unrecorded

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("private_to", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_file")),
    )
    grant("file", "SELECT, INSERT, UPDATE")
    bind_to_space("file")
    hide_private_rows("file")
    refuse_unrecorded("file")
    _create_keys()
    _create_contents()


def downgrade() -> None:
    for table in ("file_content", "file_key", "file"):
        op.drop_table(table)


def _create_keys() -> None:
    op.create_table(
        "file_key",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "file_id", name=op.f("pk_file_key")),
    )
    grant("file_key", "SELECT, INSERT, UPDATE, DELETE")
    bind_to_space("file_key")


def _create_contents() -> None:
    op.create_table(
        "file_content",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("part_bytes", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remove_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "file_id", name=op.f("pk_file_content")),
    )
    for name in ("user", "content"):
        op.create_index(f"ix_file_content_{name}", "file_content", [f"{name}_id"], unique=False)
    due = sa.text("remove_at IS NOT NULL")
    op.create_index("ix_file_content_remove", "file_content", ["remove_at"], unique=False, postgresql_where=due)
    grant("file_content", "SELECT, INSERT, UPDATE, DELETE")
