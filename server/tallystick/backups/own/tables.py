"""What is kept of a user's own backups? Where they may be stored, and what became of each. All of it in the user's home, and sealed.

Nothing of it is an entity: devices have no use for a copy, and what is forgotten is gone, also from the journal.
"""

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, Table, Text, Uuid

from tallystick.store.entity import Derived
from tallystick.store.metadata import SPACE_BOUND, metadata, space_column

# A place for backups, as its user sees it.
backup_target = Table(
    "backup_target",
    metadata,
    space_column(),
    Column("target_id", Uuid, primary_key=True),
    Column("amount", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    info={SPACE_BOUND: True},
)
# What is remembered of a place and shown to nobody, by a key: the permission, a question on its way, what uploads have got to.
backup_target_memory = Table(
    "backup_target_memory",
    metadata,
    space_column(),
    Column("target_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("amount", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    info={SPACE_BOUND: True},
)
# A backup. While somebody makes it `leased_until` is in the future; of one that is over it means nothing.
backup = Table(
    "backup",
    metadata,
    space_column(),
    Column("backup_id", Uuid, primary_key=True),
    Column("target_id", Uuid, nullable=False),
    Column("lease_id", Uuid),
    Column("leased_until", DateTime(timezone=True), nullable=False),
    Column("amount", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    info={SPACE_BOUND: True},
)
# When backups come to a place by themselves, and for which public key they are closed.
backup_schedule = Table(
    "backup_schedule",
    metadata,
    space_column(),
    Column("target_id", Uuid, primary_key=True),
    Column("amount", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    info={SPACE_BOUND: True},
)
# When each schedule is to be looked at, as jobs/due says. It says no more than that, and stands outside row-level security.
backup_due = Table(
    "backup_due",
    metadata,
    Column("space_id", Uuid, primary_key=True),
    Column("target_id", Uuid, primary_key=True),
    Column("user_id", Uuid, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("leased_until", DateTime(timezone=True)),
    Index("ix_backup_due_at", "due_at"),
)

# A space on its way back from a backup, by the request that wants it. The lease is as that of a backup.
backup_restore = Table(
    "backup_restore",
    metadata,
    space_column(),
    Column("restore_id", Uuid, primary_key=True),
    Column("lease_id", Uuid),
    Column("leased_until", DateTime(timezone=True), nullable=False),
    Column("amount", LargeBinary, nullable=False),
    Column("version", BigInteger, nullable=False),
    info={SPACE_BOUND: True},
)

BACKUP_TARGET = Derived(backup_target)
MEMORY = Derived(backup_target_memory)
BACKUP = Derived(backup)
BACKUP_SCHEDULE = Derived(backup_schedule)
RESTORE = Derived(backup_restore)
