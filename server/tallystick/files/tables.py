"""How are files kept? What they are called is in their space; their keys lie sealed beside it. Where their contents are is no secret."""

from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, LargeBinary, Table, Uuid, column

from tallystick.store.entity import Derived, Entity
from tallystick.store.metadata import SPACE_BOUND, entity_table, metadata, space_column
from tallystick.v1.file_pb2 import File

# `private_to` is the only user who sees the row; row-level security holds the others off (migrations/guards.py).
file = entity_table("file", Column("private_to", Uuid))

# The key of each content, sealed with the space's: whoever seals a space again touches this row and not the content. While a file is on
# its way, what it is going to be stands behind the key. Unlike entities these rows are deleted: without its key a content cannot be read,
# wherever a copy of it still lies.
file_key = Table(
    "file_key",
    metadata,
    space_column(),
    Column("file_id", Uuid, primary_key=True),
    Column("amount", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    info={SPACE_BOUND: True},
)

# Where each content is, how large, and on whose account. `finished_at` is null while it is on its way. From `remove_at` on it may be taken
# away: of an upload that is its end, of a deleted file the end of its keeping. It holds no secret, and stands outside row-level security,
# so that one query counts what a user has, and another finds what is to be taken away.
file_content = Table(
    "file_content",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("file_id", Uuid, primary_key=True),
    Column("content_id", Uuid, nullable=False),
    Column("user_id", Uuid),
    Column("size_bytes", BigInteger, nullable=False),
    Column("part_bytes", Integer, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True)),
    Column("remove_at", DateTime(timezone=True)),
    Index("ix_file_content_user", "user_id"),
    Index("ix_file_content_content", "content_id"),
    Index("ix_file_content_remove", "remove_at", postgresql_where=column("remove_at").is_not(None)),
)

# Spaces that were here before a restore put others in the place of all of them. What still lies of their contents is nobody's.
replaced_space = Table("replaced_space", metadata, Column("id", Uuid, primary_key=True))

FILE = Entity(file, File, lambda message: {"private_to": UUID(message.private_to) if message.private_to else None})
FILE_KEY = Derived(file_key)
