"""Indexes for the filters of transactions and for the keys of imports.

What a person sees differently: nothing. Each index is built beside the running server, without locking its table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # Building takes as long as the table is large; it waits for no one and no one waits for it.
        op.execute("SET statement_timeout = 0")
        op.create_index(
            "ix_entry_category",
            "entry",
            ["space_id", "category_id", "booked_on", "transaction_id"],
            unique=False,
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_entry_import_id",
            "entry",
            ["space_id", "import_id"],
            unique=False,
            postgresql_where=sa.text("import_id IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_entry_pending",
            "entry",
            ["space_id", "account_id", "booked_on"],
            unique=False,
            postgresql_where=sa.text("live AND status = 1"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_transaction_kind",
            "transaction",
            ["space_id", "kind", "booked_on", "id"],
            unique=False,
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_transaction_payee",
            "transaction",
            ["space_id", "payee_id", "booked_on", "id"],
            unique=False,
            postgresql_where=sa.text("payee_id IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_transaction_payment_method",
            "transaction",
            ["space_id", "payment_method_id", "booked_on", "id"],
            unique=False,
            postgresql_where=sa.text("payment_method_id IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_transaction_refund_of",
            "transaction",
            ["space_id", "refund_of_id"],
            unique=False,
            postgresql_where=sa.text("refund_of_id IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_transaction_status",
            "transaction",
            ["space_id", "status", "booked_on", "id"],
            unique=False,
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.execute("RESET statement_timeout")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_transaction_status", "transaction", postgresql_concurrently=True, if_exists=True)
        op.drop_index("ix_transaction_refund_of", "transaction", postgresql_concurrently=True, if_exists=True)
        op.drop_index("ix_transaction_payment_method", "transaction", postgresql_concurrently=True, if_exists=True)
        op.drop_index("ix_transaction_payee", "transaction", postgresql_concurrently=True, if_exists=True)
        op.drop_index("ix_transaction_kind", "transaction", postgresql_concurrently=True, if_exists=True)
        op.drop_index("ix_entry_pending", "entry", postgresql_concurrently=True, if_exists=True)
        op.drop_index("ix_entry_import_id", "entry", postgresql_concurrently=True, if_exists=True)
        op.drop_index("ix_entry_category", "entry", postgresql_concurrently=True, if_exists=True)
