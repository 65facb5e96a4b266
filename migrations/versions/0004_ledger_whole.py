"""Payees, payment methods, tags, reconciliations, templates, rates and rules; and what transactions say of them.

What a person sees differently: nothing until the server is replaced. Every new column has a default that says what was true before,
so the server that runs meanwhile goes on.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, hide_private_rows, refuse_unrecorded, show_private_rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SPACE_BOUND = (
    "payee",
    "payment_method",
    "rate",
    "reconciliation",
    "rule",
    "tag",
    "template",
    "transaction_tag",
)
OUTSIDE = {
    "template_due": "SELECT, INSERT, UPDATE, DELETE",
    "provider_rate": "SELECT, INSERT, UPDATE",
    "job_run": "SELECT, INSERT, UPDATE",
}
PRIVATE = ("account", "transaction", "journal", "reconciliation", "template")


def upgrade() -> None:
    create_entities()
    create_tables_outside_of_spaces()
    for table in SPACE_BOUND:
        grant(table, "SELECT, INSERT, UPDATE")
        bind_to_space(table)
        refuse_unrecorded(table)
    for table, rights in OUTSIDE.items():
        grant(table, rights)
    add_columns()
    for table in PRIVATE:
        hide_private_rows(table)


def downgrade() -> None:
    for table in PRIVATE:
        show_private_rows(table)
    op.drop_column("transaction", "gist")
    op.drop_column("transaction", "private_to")
    op.drop_column("transaction", "refund_of_id")
    op.drop_column("transaction", "payment_method_id")
    op.drop_column("transaction", "payee_id")
    op.drop_column("transaction", "status")
    op.drop_column("space", "deleted_at")
    op.drop_column("journal", "private_to")
    op.drop_column("entry", "import_id")
    op.drop_column("entry", "live")
    op.drop_column("entry", "status")
    op.drop_column("category", "position")
    op.drop_column("account", "private_to")
    op.drop_column("account", "position")
    for table in (*OUTSIDE, *SPACE_BOUND):
        op.drop_table(table)


def add_columns() -> None:
    op.add_column("account", sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("account", sa.Column("private_to", sa.Uuid(), nullable=True))
    op.add_column("category", sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("entry", sa.Column("status", sa.SmallInteger(), server_default=sa.text("2"), nullable=False))
    op.add_column("entry", sa.Column("live", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    op.add_column("entry", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.add_column("journal", sa.Column("private_to", sa.Uuid(), nullable=True))
    op.add_column("space", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("transaction", sa.Column("status", sa.SmallInteger(), server_default=sa.text("2"), nullable=False))
    op.add_column("transaction", sa.Column("payee_id", sa.Uuid(), nullable=True))
    op.add_column("transaction", sa.Column("payment_method_id", sa.Uuid(), nullable=True))
    op.add_column("transaction", sa.Column("refund_of_id", sa.Uuid(), nullable=True))
    op.add_column("transaction", sa.Column("private_to", sa.Uuid(), nullable=True))
    op.add_column("transaction", sa.Column("gist", sa.LargeBinary(), nullable=True))


def create_entities() -> None:
    op.create_table(
        "payee",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_payee")),
    )
    op.create_table(
        "payment_method",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_payment_method")),
    )
    op.create_table(
        "rate",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("base", sa.CHAR(length=3), nullable=False),
        sa.Column("quote", sa.CHAR(length=3), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_rate")),
    )
    op.create_index("ix_rate_newest", "rate", ["space_id", "effective_on", "id"], unique=False)
    op.create_table(
        "reconciliation",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("statement_on", sa.Date(), nullable=False),
        sa.Column("private_to", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_reconciliation")),
    )
    op.create_index(
        "ix_reconciliation_account", "reconciliation", ["space_id", "account_id", "statement_on", "id"], unique=False
    )
    op.create_table(
        "rule",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_rule")),
    )
    op.create_table(
        "tag",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_tag")),
    )
    op.create_table(
        "template",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("mode", sa.SmallInteger(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("private_to", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_template")),
    )
    op.create_table(
        "transaction_tag",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "transaction_id", "tag_id", name=op.f("pk_transaction_tag")),
    )
    op.create_index(
        "ix_transaction_tag_newest",
        "transaction_tag",
        ["space_id", "tag_id", "booked_on", "transaction_id"],
        unique=False,
    )


def create_tables_outside_of_spaces() -> None:
    op.create_table(
        "job_run",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "job", "slot", name=op.f("pk_job_run")),
    )
    op.create_index(
        "ix_job_run_open", "job_run", ["job", "leased_until"], unique=False, postgresql_where=sa.text("state = 1")
    )
    op.create_table(
        "provider_rate",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("base", sa.CHAR(length=3), nullable=False),
        sa.Column("quote", sa.CHAR(length=3), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("source", "base", "quote", "effective_on", name=op.f("pk_provider_rate")),
    )
    op.create_index(
        "ix_provider_rate_newest", "provider_rate", ["effective_on", "source", "base", "quote"], unique=False
    )
    op.create_table(
        "template_due",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "template_id", name=op.f("pk_template_due")),
    )
    op.create_index("ix_template_due_at", "template_due", ["due_at"], unique=False)
