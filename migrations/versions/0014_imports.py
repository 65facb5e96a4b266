"""Imports: files on their way into a book, what was answered about them, and their rows beside the book.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, hide_private_rows, refuse_unrecorded

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STAMPED = ("file_import", "import_profile", "import_secret")


def upgrade() -> None:
    _create_entity(
        "file_import",
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("private_to", sa.Uuid(), nullable=True),
    )
    _create_entity("import_profile")
    op.create_table(
        "import_secret",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "name", name=op.f("pk_import_secret")),
    )
    for table in STAMPED:
        grant(table, "SELECT, INSERT, UPDATE")
        bind_to_space(table)
        refuse_unrecorded(table)
    hide_private_rows("file_import")
    op.create_table(
        "import_row",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "import_id", "row_no", name=op.f("pk_import_row")),
    )
    op.create_index(
        "ix_import_row_wanted",
        "import_row",
        ["space_id", "import_id", "row_no"],
        unique=False,
        postgresql_where=sa.text("is_wanted"),
    )
    grant("import_row", "SELECT, INSERT, UPDATE, DELETE")
    bind_to_space("import_row")


def downgrade() -> None:
    for table in ("import_row", *reversed(STAMPED)):
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
