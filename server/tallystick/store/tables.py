"""Which tables does the store itself keep? Spaces with their keys and members, the journal, answers to requests, and the audit.

Nothing points at `space` with a foreign key: only the write door writes, and it holds the space's row while it does.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    column,
    literal_column,
)

from tallystick.store.metadata import SPACE_BOUND, created_at, entity_table, metadata, small_enum, space_column

# The head of each space. It holds no secret and stands outside row-level security, so that one query can ask the heads of many.
# A fill factor of a half keeps the update of seq, which every write does, on its own page.
space = Table(
    "space",
    metadata,
    Column("id", Uuid, primary_key=True),
    small_enum("kind"),
    Column("seq", BigInteger, nullable=False),
    Column("epoch", Uuid, nullable=False),
    Column("access_revision", BigInteger, nullable=False),
    # Rises when members stop seeing something that they saw: their copies must be made anew.
    Column("sight_revision", BigInteger, nullable=False, server_default=literal_column("1")),
    Column("key_generation", SmallInteger, nullable=False),
    Column("erased_at", DateTime(timezone=True)),
    # Since when it is hidden for all its members, with everything in it.
    Column("deleted_at", DateTime(timezone=True)),
    created_at(),
    postgresql_with={"fillfactor": "50"},
)

# A space's data keys, each closed with a master key. Destroying the rows erases the space.
space_key = Table(
    "space_key",
    metadata,
    space_column(),
    Column("generation", SmallInteger, primary_key=True),
    Column("master_id", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    created_at(),
    info={SPACE_BOUND: True},
)

# Which spaces a user is in, or was: whoever is erased must be found in the spaces they left, too. It says no more than that, and
# stands outside row-level security because it crosses spaces.
user_space = Table(
    "user_space",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("space_id", Uuid, primary_key=True),
    Column("left_at", DateTime(timezone=True)),
    created_at(),
)

member = entity_table(
    "member",
    Column("user_id", Uuid),
    small_enum("role"),
    small_enum("state"),
    UniqueConstraint("space_id", "user_id"),
)

# All changes of a space in order: sync, activity, history, undo and audit read it. `body` is the entity after the change, sealed
# as it travels on the wire. `superseded_by` is the seq of the entity's next change, so that a first sync can skip this one.
journal = Table(
    "journal",
    metadata,
    space_column(),
    Column("seq", BigInteger, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("entity_kind", Text, nullable=False),
    Column("entity_id", Uuid, nullable=False),
    small_enum("op"),
    Column("actor_id", Uuid, nullable=False),
    Column("session_id", Uuid),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("request_id", Uuid, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("superseded_by", BigInteger),
    # The only user who may see the change; row-level security holds the others off.
    Column("private_to", Uuid),
    Index("ix_journal_entity", "space_id", "entity_id", "seq"),
    # What a new copy is made of: each entity's newest change.
    Index("ix_journal_current", "space_id", "seq", "ordinal", postgresql_where=column("superseded_by").is_(None)),
    info={SPACE_BOUND: True},
)

# The first answer to every request that wrote, for ever: a repeat gets it again.
answer = Table(
    "answer",
    metadata,
    space_column(),
    Column("request_id", Uuid, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # What the body is (store/answers.py).
    Column("kind", SmallInteger, nullable=False, server_default=literal_column("1")),
    info={SPACE_BOUND: True},
)

# The same for requests that are in no space: signing in, sessions, keys. `scope` is the user, or a hash of what the request is about.
# The body is erased when it held secrets and its time is over; the row stays.
answer_apart = Table(
    "answer_apart",
    metadata,
    Column("scope", Uuid, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("body", LargeBinary),
    Column("body_expires_at", DateTime(timezone=True)),
    created_at(),
)

# What concerns safety: sign-ins, sessions, roles, keys, deletions. One chain of hashes per user or space.
audit = Table(
    "audit",
    metadata,
    Column("scope_id", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("action", Text, nullable=False),
    Column("actor_id", Uuid),
    Column("session_id", Uuid),
    Column("subject_id", Uuid),
    Column("request_id", Uuid),
    Column("address_hash", LargeBinary),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)
