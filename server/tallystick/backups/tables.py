"""What is kept of backups of the whole server? What became of each that was tried, for as long as its file is there and a while longer."""

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Integer, LargeBinary, Table, Text, Uuid

from tallystick.store.metadata import metadata, small_enum

# Written when a backup is over, so no row ever says that one is going on. It belongs to no space, and says nothing that people wrote.
backup_run = Table(
    "backup_run",
    metadata,
    Column("id", Uuid, primary_key=True),
    # Where the archive is, how its file is called, and what the target calls it.
    Column("target", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("stored_id", Text),
    small_enum("state"),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("finished_at", DateTime(timezone=True), nullable=False),
    # Why it failed: a reason that never changes.
    Column("reason", Text),
    Column("size_bytes", BigInteger),
    Column("sha256", LargeBinary),
    # How many rows each table had, as JSON: the next backup is held against it.
    Column("row_counts", Text),
    # What was odd about it, as JSON: tables that shrank.
    Column("shrunk", Text),
    # When it was last proven by restoring it, and when retention took its file away.
    Column("restored_at", DateTime(timezone=True)),
    # How many spaces differed in themselves then, here as there.
    Column("differing", Integer),
    Column("dropped_at", DateTime(timezone=True)),
    Index("ix_backup_run_target", "target", "started_at"),
)

# What is wrong with the backups of a target at this moment, and when the operator was told so. A row goes when all is well again.
backup_trouble = Table(
    "backup_trouble",
    metadata,
    Column("target", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("told_on", Date, nullable=False),
)
