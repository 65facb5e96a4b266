"""Users, sessions and keys.

What a person sees differently: nothing was there before.
"""

import sqlalchemy as sa
from alembic import op

from guards import bind_to_space, grant, refuse_unrecorded

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

GRANTS = {
    "login": "SELECT, INSERT, UPDATE",
    "profile": "SELECT, INSERT, UPDATE",
    "session": "SELECT, INSERT, UPDATE, DELETE",
    "refresh_token": "SELECT, INSERT, UPDATE, DELETE",
    "mail_token": "SELECT, INSERT, UPDATE, DELETE",
    "known_device": "SELECT, INSERT, UPDATE, DELETE",
    "access_key": "SELECT, INSERT, UPDATE, DELETE",
    "throttle": "SELECT, INSERT, UPDATE, DELETE",
    "signing_key": "SELECT, INSERT, UPDATE, DELETE",
    "quota_use": "SELECT, INSERT, UPDATE, DELETE",
}
SPACE_BOUND = ("profile",)
STAMPED = ("profile",)


def upgrade() -> None:
    create_login()
    create_profile()
    create_session()
    create_refresh_token()
    create_mail_token()
    create_known_device()
    create_access_key()
    create_throttle()
    create_signing_key()
    create_quota_use()
    for table, rights in GRANTS.items():
        grant(table, rights)
    for table in SPACE_BOUND:
        bind_to_space(table)
    for table in STAMPED:
        refuse_unrecorded(table)


def downgrade() -> None:
    for table in reversed(GRANTS):
        op.drop_table(table)


def create_login() -> None:
    op.create_table(
        "login",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(), nullable=True),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_version", sa.Integer(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_login")),
        sa.UniqueConstraint("email_hash", name=op.f("uq_login_email_hash")),
    )


def create_profile() -> None:
    op.create_table(
        "profile",
        sa.Column("space_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("space_id", "id", name=op.f("pk_profile")),
    )


def create_session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("device_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("family_expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], unique=False)


def create_refresh_token() -> None:
    op.create_table(
        "refresh_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_request_id", sa.Uuid(), nullable=True),
        sa.Column("successor_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_token")),
    )
    op.create_index("ix_refresh_token_expires_at", "refresh_token", ["expires_at"], unique=False)
    op.create_index("ix_refresh_token_session_id", "refresh_token", ["session_id"], unique=False)


def create_mail_token() -> None:
    op.create_table(
        "mail_token",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.SmallInteger(), nullable=False),
        sa.Column("password_version", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_mail_token")),
    )
    op.create_index("ix_mail_token_expires_at", "mail_token", ["expires_at"], unique=False)


def create_known_device() -> None:
    op.create_table(
        "known_device",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_known_device")),
    )
    op.create_index("ix_known_device_user_id", "known_device", ["user_id"], unique=False)


def create_access_key() -> None:
    op.create_table(
        "access_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("book_ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("scope", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_key")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_access_key_secret_hash")),
    )
    op.create_index("ix_access_key_user_id", "access_key", ["user_id"], unique=False)


def create_throttle() -> None:
    op.create_table(
        "throttle",
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_throttle")),
    )


def create_signing_key() -> None:
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("master_id", sa.Text(), nullable=False),
        sa.Column("private_wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )


def create_quota_use() -> None:
    op.create_table(
        "quota_use",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "hour", name=op.f("pk_quota_use")),
    )
