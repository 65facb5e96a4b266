"""Who works on a backup, and what became of it? Whoever makes one says so again and again; who comes later goes on when nobody does."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from tallystick.backups.own import commands, queries, rules
from tallystick.backups.own.steps import take_step
from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.times import to_timestamp
from tallystick.v1.backup_pb2 import Backup

Change = Callable[[Backup, datetime], None]


class Taken(NamedTuple):
    """A backup, and the lease under which it is worked on. None: somebody else does, or it is over."""

    backup: Backup
    lease_id: UUID | None


async def take(store: Store, caller: Caller, backup_id: UUID) -> Taken:
    """The backup as it is, and whether it is for the caller to go on with it."""
    lease_id = store.clock.new_id()
    found: list[Taken] = []

    async def step(tx: WriteTx) -> None:
        row = await queries.get_backup(tx, backup_id)
        if row.backup.state != rules.RUNNING or row.is_worked_on(tx.now):
            found.append(Taken(row.backup, None))
            return
        await commands.require_idle(tx, but=backup_id)
        commands.keep_backup(tx, row.backup, lease_id, tx.now + rules.LEASE)
        found.append(Taken(row.backup, lease_id))

    await take_step(store, caller, step)
    # A commit that is tried again finds it anew.
    return found[-1]


async def renew(store: Store, caller: Caller, backup_id: UUID, lease_id: UUID) -> None:
    async def step(tx: WriteTx) -> None:
        row = await _require_lease(tx, backup_id, lease_id)
        commands.keep_backup(tx, row.backup, lease_id, tx.now + rules.LEASE)

    await take_step(store, caller, step)


async def release(store: Store, caller: Caller, backup_id: UUID, lease_id: UUID) -> None:
    """Nobody works on it any more, and it is not over."""

    async def step(tx: WriteTx) -> None:
        row = await queries.get_backup(tx, backup_id)
        if row.lease_id == lease_id:
            commands.keep_backup(tx, row.backup, None, tx.now)

    await take_step(store, caller, step)


async def finish(store: Store, caller: Caller, backup_id: UUID, lease_id: UUID, change: Change, audited: str) -> Backup:
    """It is over. Whoever lost the lease meanwhile has nothing to say any more."""
    found: list[Backup] = []

    async def step(tx: WriteTx) -> None:
        row = await _require_lease(tx, backup_id, lease_id)
        found.append(_change(tx, row.backup, change))
        tx.audit(audited, backup_id)

    await take_step(store, caller, step)
    return found[-1]


async def note(store: Store, caller: Caller, backup_id: UUID, change: Change, audited: str) -> Backup:
    """What was seen of one that is over."""
    found: list[Backup] = []

    async def step(tx: WriteTx) -> None:
        row = await queries.get_backup(tx, backup_id)
        if row.is_worked_on(tx.now):
            raise rules.running()
        found.append(_change(tx, row.backup, change))
        tx.audit(audited, backup_id)

    await take_step(store, caller, step)
    return found[-1]


def _change(tx: WriteTx, kept: Backup, change: Change) -> Backup:
    change(kept, tx.now)
    if not kept.HasField("finished_at"):
        kept.finished_at.CopyFrom(to_timestamp(tx.now))
    commands.keep_backup(tx, kept, None, tx.now)
    return kept


async def _require_lease(tx: WriteTx, backup_id: UUID, lease_id: UUID) -> queries.BackupRow:
    row = await queries.get_backup(tx, backup_id)
    if row.lease_id != lease_id:
        raise NotVisible
    return row
