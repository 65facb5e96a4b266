"""Who works on a restore, and what became of it? As with backups: whoever does says so again and again; who comes later goes on when nobody
does."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select

from tallystick.backups.own import rules as of_backups
from tallystick.backups.own.restores import rules
from tallystick.backups.own.steps import take_step
from tallystick.backups.own.tables import RESTORE, backup_restore
from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.v1.backup_restore_pb2 import Restored

ALL = prepare(
    select(
        backup_restore.c.restore_id,
        backup_restore.c.lease_id,
        backup_restore.c.leased_until,
        backup_restore.c.version,
        backup_restore.c.amount,
    ).where(backup_restore.c.space_id == bindparam("space_id", type_=Uuid))
)


@dataclass(slots=True)
class Restore:
    """A space on its way back."""

    id: UUID
    is_done: bool = False
    # While it is not done it says only which backups were made first.
    restored: Restored = field(default_factory=Restored)

    def to_text(self) -> str:
        restored = b64encode(self.restored.SerializeToString(deterministic=True)).decode()
        return json.dumps({"is_done": self.is_done, "restored": restored})

    @classmethod
    def of_text(cls, restore_id: UUID, text: str) -> "Restore":
        kept = json.loads(text)
        return cls(restore_id, kept["is_done"], Restored.FromString(b64decode(kept["restored"])))


@dataclass(frozen=True, slots=True)
class RestoreRow:
    """A restore, and who works on it until when."""

    restore: Restore
    lease_id: UUID | None
    leased_until: datetime

    def is_worked_on(self, now: datetime) -> bool:
        return self.lease_id is not None and self.leased_until > now


async def list_restores(tx: ReadTx) -> list[RestoreRow]:
    return [
        RestoreRow(
            Restore.of_text(restore_id, tx.open_cell(RESTORE, version, cell, restore_id=restore_id).decode()),
            lease_id,
            leased_until,
        )
        for restore_id, lease_id, leased_until, version, cell in await tx.fetch(ALL(space_id=tx.space_id))
    ]


async def get_restore(tx: ReadTx, restore_id: UUID) -> RestoreRow:
    for row in await list_restores(tx):
        if row.restore.id == restore_id:
            return row
    raise NotVisible


def keep(tx: WriteTx, restore: Restore, lease_id: UUID | None, leased_until: datetime) -> None:
    tx.keep_cell(
        RESTORE, restore.to_text().encode(), restore_id=restore.id, lease_id=lease_id, leased_until=leased_until
    )


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a restore."""

    store: Store
    caller: Caller
    restore_id: UUID
    lease_id: UUID

    async def renew(self) -> None:
        await self.change(lambda restore: None)

    async def change(self, change: Callable[[Restore], None]) -> Restore:
        """Whoever lost the lease meanwhile has nothing to say any more."""
        found: list[Restore] = []

        async def step(tx: WriteTx) -> None:
            restore = (await self._require(tx)).restore
            change(restore)
            keep(tx, restore, self.lease_id, tx.now + of_backups.LEASE)
            found.append(restore)

        await take_step(self.store, self.caller, step)
        return found[-1]

    async def finish(self, restored: Restored) -> Restored:
        """It is done."""
        found: list[Restored] = []

        async def step(tx: WriteTx) -> None:
            restore = (await self._require(tx)).restore
            restored.safety_backup_ids[:] = restore.restored.safety_backup_ids
            keep(tx, Restore(restore.id, is_done=True, restored=restored), None, tx.now)
            tx.audit("backup_restored", UUID(restored.space_id))
            found.append(restored)

        await take_step(self.store, self.caller, step)
        return found[-1]

    async def release(self) -> None:
        """Nobody works on it any more, and it is not done."""

        async def step(tx: WriteTx) -> None:
            row = await get_restore(tx, self.restore_id)
            if row.lease_id == self.lease_id:
                keep(tx, row.restore, None, tx.now)

        await take_step(self.store, self.caller, step)

    async def _require(self, tx: WriteTx) -> RestoreRow:
        row = await get_restore(tx, self.restore_id)
        if row.lease_id != self.lease_id:
            raise rules.restore_running()
        return row


async def take(store: Store, caller: Caller, restore_id: UUID) -> Lease | Restored:
    """The right to work on it, or what was restored."""
    lease_id = store.clock.new_id()
    found: list[Lease | Restored] = []

    async def step(tx: WriteTx) -> None:
        rows = await list_restores(tx)
        (mine,) = [row for row in rows if row.restore.id == restore_id]
        if mine.restore.is_done:
            found.append(mine.restore.restored)
            return
        if any(row.is_worked_on(tx.now) for row in rows):
            raise rules.restore_running()
        keep(tx, mine.restore, lease_id, tx.now + of_backups.LEASE)
        found.append(Lease(store, caller, restore_id, lease_id))

    await take_step(store, caller, step)
    # A commit that is tried again finds it anew.
    return found[-1]
