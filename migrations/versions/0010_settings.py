"""Settings: preferences, displays, and what apps keep for themselves.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, refuse_unrecorded

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ENTITIES = ("preferences", "display", "client_value")


def upgrade() -> None:
    _create_entity("preferences")
    _create_entity("display", sa.Column("book_id", sa.Uuid(), nullable=False))
    op.create_index("ix_display_book", "display", ["space_id", "book_id", "id"], unique=False)
    _create_entity(
        "client_value",
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("gist", sa.LargeBinary(), nullable=False),
    )
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
