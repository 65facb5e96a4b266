"""Notifications: what users should know of, in their homes; how far each space was read for it, and what is to be looked at.

What a person sees differently: nothing until the server is replaced. Nothing that was there changes. Of what happened before, nobody is
told: spaces that are there are followed from where they are.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, refuse_unrecorded

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ENTITIES = ("notification", "notification_preferences")
DUES = {
    "reminder_due": "template_id",
    "spending_due": "book_id",
    "digest_due": "home_id",
    "device_due": "session_id",
}
APART = ("notice_follow", *DUES)


def upgrade() -> None:
    _create_entity(
        "notification",
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_only", sa.Boolean(), nullable=False),
    )
    for name, columns, condition in (
        ("newest", ["created_at", "id"], "deleted_at IS NULL"),
        ("unread", ["created_at", "id"], "deleted_at IS NULL AND read_at IS NULL"),
        ("read", ["read_at"], "deleted_at IS NULL"),
    ):
        op.create_index(
            f"ix_notification_{name}",
            "notification",
            ["space_id", *columns],
            unique=False,
            postgresql_where=sa.text(condition),
        )
    _create_entity("notification_preferences", sa.Column("digest", sa.SmallInteger(), nullable=False))
    op.create_table(
        "notice_follow",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("followed_seq", sa.BigInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("space_id", name=op.f("pk_notice_follow")),
    )
    for name, id_column in DUES.items():
        _create_due(name, id_column)
    op.execute("INSERT INTO notice_follow (space_id, followed_seq) SELECT id, seq FROM space WHERE erased_at IS NULL")
    for table in APART:
        grant(table, "SELECT, INSERT, UPDATE, DELETE")
    for table in ENTITIES:
        grant(table, "SELECT, INSERT, UPDATE")
        bind_to_space(table)
        refuse_unrecorded(table)


def downgrade() -> None:
    for table in (*APART, *reversed(ENTITIES)):
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


def _create_due(name: str, id_column: str) -> None:
    further = [sa.Column("sent_until", sa.DateTime(timezone=True), nullable=True)] if name == "digest_due" else []
    op.create_table(
        name,
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column(id_column, sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        *further,
        sa.PrimaryKeyConstraint("space_id", id_column, name=op.f(f"pk_{name}")),
    )
    op.create_index(f"ix_{name}_at", name, ["due_at"], unique=False)
