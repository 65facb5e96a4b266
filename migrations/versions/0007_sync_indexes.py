"""An index of what a new copy of a space is made of.

What a person sees differently: nothing. It is built beside the running server, without locking its table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # Building takes as long as the table is large; it waits for no one and no one waits for it.
        op.execute("SET statement_timeout = 0")
        op.create_index(
            "ix_journal_current",
            "journal",
            ["space_id", "seq", "ordinal"],
            unique=False,
            postgresql_where=sa.text("superseded_by IS NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.execute("RESET statement_timeout")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_journal_current", "journal", postgresql_concurrently=True, if_exists=True)
