"""Spaces, members, the journal and the audit.

What a person sees differently: nothing was there before.
"""

import sqlalchemy as sa
from alembic import op

from guards import (
    bind_to_space,
    create_app_role,
    create_refusing_function,
    drop_refusing_function,
    grant,
    refuse_unrecorded,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GRANTS = {
    "space": "SELECT, INSERT, UPDATE",
    "space_key": "SELECT, INSERT, UPDATE, DELETE",
    "user_space": "SELECT, INSERT, UPDATE (left_at), DELETE",
    "member": "SELECT, INSERT, UPDATE",
    "journal": "SELECT, INSERT, UPDATE (superseded_by, body)",
    "answer": "SELECT, INSERT, UPDATE (body)",
    "answer_apart": "SELECT, INSERT, UPDATE (body, body_expires_at)",
    "audit": "SELECT, INSERT",
    "invitation": "SELECT, INSERT, UPDATE",
    "invitation_route": "SELECT, INSERT, DELETE",
}
SPACE_BOUND = (
    "space_key",
    "member",
    "journal",
    "answer",
    "invitation",
)
STAMPED = (
    "member",
    "invitation",
)


def upgrade() -> None:
    create_app_role()
    create_refusing_function()
    create_space()
    create_space_key()
    create_user_space()
    create_member()
    create_journal()
    create_answer()
    create_answer_apart()
    create_audit()
    create_invitation()
    create_invitation_route()
    for table, rights in GRANTS.items():
        grant(table, rights)
    # Alembic's own table: a server asks at its start whether the schema is as new as it needs.
    grant("alembic_version", "SELECT")
    for table in SPACE_BOUND:
        bind_to_space(table)
    for table in STAMPED:
        refuse_unrecorded(table)


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)
    drop_refusing_function()


def create_space() -> None:
    op.create_table(
        "space",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("access_revision", sa.BigInteger(), nullable=False),
        sa.Column("key_generation", sa.SmallInteger(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_space")),
        postgresql_with={"fillfactor": "50"},
    )


def create_space_key() -> None:
    op.create_table(
        "space_key",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.SmallInteger(), nullable=False),
        sa.Column("master_id", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "generation", name=op.f("pk_space_key")),
    )


def create_user_space() -> None:
    op.create_table(
        "user_space",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "space_id", name=op.f("pk_user_space")),
    )


def create_member() -> None:
    op.create_table(
        "member",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_member")),
        sa.UniqueConstraint("space_id", "user_id", name=op.f("uq_member_space_id_user_id")),
    )


def create_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("entity_kind", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("op", sa.SmallInteger(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("space_id", "seq", "ordinal", name=op.f("pk_journal")),
    )
    op.create_index("ix_journal_entity", "journal", ["space_id", "entity_id", "seq"], unique=False)


def create_answer() -> None:
    op.create_table(
        "answer",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "request_id", name=op.f("pk_answer")),
    )


def create_answer_apart() -> None:
    op.create_table(
        "answer_apart",
        sa.Column("scope", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("body_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("scope", "request_id", name=op.f("pk_answer_apart")),
    )


def create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("address_hash", sa.LargeBinary(), nullable=True),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope_id", "seq", name=op.f("pk_audit")),
    )


def create_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_invitation")),
    )


def create_invitation_route() -> None:
    op.create_table(
        "invitation_route",
        sa.Column("lookup", sa.LargeBinary(), nullable=False),
        sa.Column("invitation_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("lookup", "invitation_id", name=op.f("pk_invitation_route")),
    )
    op.create_index("ix_invitation_route_invitation_id", "invitation_route", ["invitation_id"], unique=False)
