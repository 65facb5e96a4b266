"""Groups: shared expenses, what members owe each other, settlements; and books that follow a group.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, refuse_unrecorded

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ENTITIES = (
    "expense_group",
    "join_request",
    "expense",
    "expense_comment",
    "recurring_expense",
    "settlement",
    "settlement_plan",
    "group_link",
)
APART = ("group_listing", "recurring_due", "group_follow")


def upgrade() -> None:
    _create_entity("expense_group", sa.Column("default_currency", sa.CHAR(3), nullable=False))
    _create_entity(
        "join_request",
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.SmallInteger(), nullable=False),
    )
    op.create_index("ix_join_request_user", "join_request", ["space_id", "user_id"], unique=False)
    _create_entity(
        "expense",
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("refund_of_id", sa.Uuid(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
    )
    op.create_index("ix_expense_newest", "expense", ["space_id", "booked_on", "id"], unique=False)
    for name in ("refund_of", "import"):
        column = f"{name}_id"
        index = "ix_expense_refund_of" if name == "refund_of" else "ix_expense_import_id"
        condition = sa.text(f"{column} IS NOT NULL")
        op.create_index(index, "expense", ["space_id", column], unique=False, postgresql_where=condition)
    _create_entity("expense_comment", sa.Column("expense_id", sa.Uuid(), nullable=False))
    op.create_index("ix_expense_comment_expense", "expense_comment", ["space_id", "expense_id", "id"], unique=False)
    _create_entity("recurring_expense", sa.Column("next_on", sa.Date(), nullable=True))
    _create_entity(
        "settlement",
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
    )
    op.create_index("ix_settlement_newest", "settlement", ["space_id", "booked_on", "id"], unique=False)
    _create_entity("settlement_plan", sa.Column("state", sa.SmallInteger(), nullable=False))
    _create_entity(
        "group_link",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
    )
    op.create_table(
        "tally",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("amount", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "currency", name=op.f("pk_tally")),
        postgresql_with={"fillfactor": "70"},
    )
    _create_what_stands_apart()
    for table in APART:
        grant(table, "SELECT, INSERT, UPDATE, DELETE")
    for table in (*ENTITIES, "tally"):
        grant(table, "SELECT, INSERT, UPDATE")
        bind_to_space(table)
        refuse_unrecorded(table)


def downgrade() -> None:
    for table in (*APART, "tally", *reversed(ENTITIES)):
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


def _create_what_stands_apart() -> None:
    op.create_table(
        "group_listing",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("default_currency", sa.CHAR(3), nullable=False),
        sa.Column("join_policy", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_group_listing")),
    )
    op.create_index("ix_group_listing_name", "group_listing", ["name", "space_id"], unique=False)
    op.create_table(
        "recurring_due",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("recurring_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "recurring_id", name=op.f("pk_recurring_due")),
    )
    op.create_index("ix_recurring_due_at", "recurring_due", ["due_at"], unique=False)
    op.create_table(
        "group_follow",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("followed_seq", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "link_id", name=op.f("pk_group_follow")),
    )
    op.create_index("ix_group_follow_group", "group_follow", ["group_id"], unique=False)
