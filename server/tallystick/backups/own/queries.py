"""Which targets and backups does a user have? Every SELECT about them, and what its rows hold."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, select

from tallystick.backups.own import rules
from tallystick.backups.own.tables import BACKUP, BACKUP_TARGET, MEMORY, backup, backup_target, backup_target_memory
from tallystick.errors import NotVisible
from tallystick.store.pages import Page, page_size
from tallystick.store.statements import prepare
from tallystick.store.tx import ReadTx
from tallystick.v1.backup_pb2 import Backup, BackupTarget

_SPACE_ID, _TARGET_ID = bindparam("space_id", type_=Uuid), bindparam("target_id", type_=Uuid)
_backup = select(
    backup.c.backup_id, backup.c.target_id, backup.c.lease_id, backup.c.leased_until, backup.c.version, backup.c.amount
).where(backup.c.space_id == _SPACE_ID)

TARGETS = prepare(
    select(backup_target.c.target_id, backup_target.c.version, backup_target.c.amount)
    .where(backup_target.c.space_id == _SPACE_ID)
    .order_by(backup_target.c.target_id)
)
REMEMBERED = prepare(
    select(backup_target_memory.c.target_id, backup_target_memory.c.version, backup_target_memory.c.amount).where(
        backup_target_memory.c.space_id == _SPACE_ID, backup_target_memory.c.key == bindparam("key", type_=Text)
    )
)
BY_ID = prepare(_backup.where(backup.c.backup_id == bindparam("backup_id", type_=Uuid)))
# Ids grow with time.
NEWEST = prepare(
    _backup.where(backup.c.backup_id < bindparam("before_id", type_=Uuid))
    .order_by(backup.c.backup_id.desc())
    .limit(bindparam("limit", type_=Integer))
)
ALL = prepare(_backup.order_by(backup.c.backup_id.desc()))
_LAST_ID = UUID(int=2**128 - 1)


class BackupRow(NamedTuple):
    """A backup, and who works on it until when."""

    backup: Backup
    lease_id: UUID | None
    leased_until: datetime

    def is_worked_on(self, now: datetime) -> bool:
        return self.backup.state == rules.RUNNING and self.leased_until > now

    def as_of(self, now: datetime) -> Backup:
        """As its user sees it."""
        return rules.as_seen(self.backup, is_worked_on=self.is_worked_on(now))


async def list_targets(tx: ReadTx) -> list[BackupTarget]:
    rows = await tx.fetch(TARGETS(space_id=tx.space_id))
    return [_open_target(tx, *row) for row in rows]


async def get_target(tx: ReadTx, target_id: UUID) -> BackupTarget:
    for row in await tx.fetch(TARGETS(space_id=tx.space_id)):
        if row[0] == target_id:
            return _open_target(tx, *row)
    raise NotVisible


async def list_remembered(tx: ReadTx, key: str) -> dict[UUID, str]:
    """What is remembered under a key, of each target that has something there."""
    rows = await tx.fetch(REMEMBERED(space_id=tx.space_id, key=key))
    return {
        target_id: tx.open_cell(MEMORY, version, cell, target_id=target_id, key=key).decode()
        for target_id, version, cell in rows
    }


async def get_backup(tx: ReadTx, backup_id: UUID) -> BackupRow:
    rows = await tx.fetch(BY_ID(space_id=tx.space_id, backup_id=backup_id))
    if not rows:
        raise NotVisible
    return _open_backup(tx, *rows[0])


async def list_all(tx: ReadTx) -> list[BackupRow]:
    """The newest first."""
    return [_open_backup(tx, *row) for row in await tx.fetch(ALL(space_id=tx.space_id))]


async def list_page(tx: ReadTx, request: Any, after: Sequence[str] | None) -> Page[BackupRow]:
    size, before = page_size(request.page_size), UUID(after[0]) if after else _LAST_ID
    rows = await tx.fetch(NEWEST(space_id=tx.space_id, before_id=before, limit=size + 1))
    found = [_open_backup(tx, *row) for row in rows[:size]]
    return Page(found, (found[-1].backup.id,) if len(rows) > size else ())


def _open_target(tx: ReadTx, target_id: UUID, version: int, cell: bytes) -> BackupTarget:
    return BackupTarget.FromString(tx.open_cell(BACKUP_TARGET, version, cell, target_id=target_id))


def _open_backup(
    tx: ReadTx,
    backup_id: UUID,
    target_id: UUID,
    lease_id: UUID | None,
    leased_until: datetime,
    version: int,
    cell: bytes,
) -> BackupRow:
    opened = Backup.FromString(tx.open_cell(BACKUP, version, cell, backup_id=backup_id))
    return BackupRow(opened, lease_id, leased_until)
