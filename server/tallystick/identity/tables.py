"""How are users, sessions and keys kept? Apart from spaces, but for the user's own words, which are sealed in the home space."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from tallystick.store.entity import Entity
from tallystick.store.metadata import created_at, entity_table, metadata, small_enum
from tallystick.v1.identity_pb2 import User

# What a user says about themselves, in their home space: it syncs, and it is erased with the home's key.
profile = entity_table("profile")
PROFILE = Entity(profile, User, lambda message: {})


def _moment(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


# What signing in needs. The address itself is in the sealed profile; here is only a keyed hash of it.
login = Table(
    "login",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("home_id", Uuid, nullable=False),
    Column("email_hash", LargeBinary),
    Column("email_verified", Boolean, nullable=False),
    Column("password_hash", Text),
    # Rises with every new password; whatever was made for an older one is void.
    Column("password_version", Integer, nullable=False),
    _moment("erased_at"),
    created_at(),
    UniqueConstraint("email_hash"),
)

# One signed-in device: a family of refresh tokens.
session = Table(
    "session",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("device_name_sealed", LargeBinary, nullable=False),
    _moment("last_used_at", nullable=False),
    # The end of its newest refresh token, and the end that no refresh can move.
    _moment("expires_at", nullable=False),
    _moment("family_expires_at", nullable=False),
    _moment("ended_at"),
    created_at(),
    Index("ix_session_user_id", "user_id"),
)

refresh_token = Table(
    "refresh_token",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("session_id", Uuid, nullable=False),
    Column("user_id", Uuid, nullable=False),
    _moment("expires_at", nullable=False),
    # Set once, by whichever call exchanges it first. The successor is kept sealed for a short while, for lost replies.
    _moment("used_at"),
    Column("used_request_id", Uuid),
    Column("successor_sealed", LargeBinary),
    created_at(),
    Index("ix_refresh_token_session_id", "session_id"),
    Index("ix_refresh_token_expires_at", "expires_at"),
)

# Tokens that travel by mail: they verify an address or reset a password, once.
mail_token = Table(
    "mail_token",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    small_enum("purpose"),
    Column("password_version", Integer, nullable=False),
    _moment("expires_at", nullable=False),
    _moment("used_at"),
    created_at(),
    Index("ix_mail_token_expires_at", "expires_at"),
)

# Devices that signed in before: strangers' failed attempts do not lock them out.
known_device = Table(
    "known_device",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    _moment("last_used_at", nullable=False),
    created_at(),
    Index("ix_known_device_user_id", "user_id"),
)

access_key = Table(
    "access_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("name_sealed", LargeBinary, nullable=False),
    Column("book_ids", ARRAY(Uuid), nullable=False),
    small_enum("scope"),
    _moment("expires_at", nullable=False),
    _moment("revoked_at"),
    _moment("last_used_at"),
    created_at(),
    UniqueConstraint("secret_hash"),
    Index("ix_access_key_user_id", "user_id"),
)

# Failed attempts by address, by account, and by both together. `subject` is a keyed hash that starts with its kind.
throttle = Table(
    "throttle",
    metadata,
    Column("subject", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    _moment("last_failed_at", nullable=False),
    _moment("blocked_until"),
)

# The keys that access tokens are signed with, shared by all server processes. The private half is wrapped by the keyring.
signing_key = Table(
    "signing_key",
    metadata,
    Column("kid", Text, primary_key=True),
    Column("public", LargeBinary, nullable=False),
    Column("master_id", Text, nullable=False),
    Column("private_wrapped", LargeBinary, nullable=False),
    _moment("signs_from", nullable=False),
    _moment("retires_at", nullable=False),
    created_at(),
)

# What each user has used of the hour's quota, over all server processes.
quota_use = Table(
    "quota_use",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("hour", DateTime(timezone=True), primary_key=True),
    Column("units", BigInteger, nullable=False),
)
