"""Books, accounts, categories and transactions.

What a person sees differently: nothing was there before.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, refuse_unrecorded

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

GRANTS = {
    "book": "SELECT, INSERT, UPDATE",
    "account": "SELECT, INSERT, UPDATE",
    "category": "SELECT, INSERT, UPDATE",
    "transaction": "SELECT, INSERT, UPDATE",
    "entry": "SELECT, INSERT, UPDATE",
    "balance": "SELECT, INSERT, UPDATE",
    "total": "SELECT, INSERT, UPDATE",
}
SPACE_BOUND = (
    "book",
    "account",
    "category",
    "transaction",
    "entry",
    "balance",
    "total",
)
STAMPED = (
    "book",
    "account",
    "category",
    "transaction",
    "entry",
    "balance",
    "total",
)


def upgrade() -> None:
    create_book()
    create_account()
    create_category()
    create_transaction()
    create_entry()
    create_balance()
    create_total()
    for table, rights in GRANTS.items():
        grant(table, rights)
    for table in SPACE_BOUND:
        bind_to_space(table)
    for table in STAMPED:
        refuse_unrecorded(table)


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)


def create_book() -> None:
    op.create_table(
        "book",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("base_currency", sa.CHAR(length=3), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_book")),
    )


def create_account() -> None:
    op.create_table(
        "account",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_account")),
    )


def create_category() -> None:
    op.create_table(
        "category",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["space_id", "parent_id"],
            ["category.space_id", "category.id"],
            name=op.f("fk_category_space_id_parent_id"),
        ),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_category")),
    )


def create_transaction() -> None:
    op.create_table(
        "transaction",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_transaction")),
    )
    op.create_index("ix_transaction_newest", "transaction", ["space_id", "booked_on", "id"], unique=False)


def create_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "transaction_id", "line", name=op.f("pk_entry")),
    )
    op.create_index(
        "ix_entry_account", "entry", ["space_id", "account_id", "booked_on", "transaction_id"], unique=False
    )


def create_balance() -> None:
    op.create_table(
        "balance",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "account_id", name=op.f("pk_balance")),
        postgresql_with={"fillfactor": "70"},
    )


def create_total() -> None:
    op.create_table(
        "total",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "account_id", "category_id", "currency", "month", name=op.f("pk_total")),
        postgresql_with={"fillfactor": "70"},
    )
