"""How is nothing lost of what is to be replaced? It is backed up first, as any backup is; if that fails nothing is replaced."""

from collections.abc import Callable
from contextlib import aclosing
from functools import partial

from sqlalchemy import Uuid, bindparam, select

from tallystick.backups.own import queries
from tallystick.backups.own import rules as of_backups
from tallystick.backups.own.making import Making
from tallystick.backups.own.restores import kept, rules
from tallystick.backups.own.restores.kept import Lease, Restore
from tallystick.caller import Caller
from tallystick.store.statements import prepare
from tallystick.store.store import Store
from tallystick.store.tables import space
from tallystick.v1.backup_pb2 import Backup
from tallystick.v1.backup_restore_pb2 import RestoreBackupRequest
from tallystick.v1.backup_service_pb2 import CreateBackupRequest

# Each holds all that the caller sees. Where people go on changing what is to be replaced, somebody should ask them first.
TRIES_MAX = 3
SEQ = prepare(select(space.c.seq).where(space.c.id == bindparam("space_id", type_=Uuid)))


class Safety:
    """Makes backups before something is replaced."""

    def __init__(self, store: Store, making: Making) -> None:
        self._store = store
        self._making = making

    async def back_up(
        self,
        caller: Caller,
        request: RestoreBackupRequest,
        target_id: str,
        lease: Lease,
        tell: Callable[[int], None],
    ) -> None:
        """What is to be replaced, as it is now: what was changed while it was backed up would be lost."""
        for _ in range(TRIES_MAX):
            before = await self._get_seq(caller, request)
            await self._make(caller, request, target_id, lease, tell)
            if await self._get_seq(caller, request) == before:
                return
        raise rules.interrupted()

    async def _get_seq(self, caller: Caller, request: RestoreBackupRequest) -> int:
        tx = self._store.reader(caller, request.space_id, request)
        return int((await tx.fetch(SEQ(space_id=tx.space_id)))[0][0])

    async def _make(
        self,
        caller: Caller,
        request: RestoreBackupRequest,
        target_id: str,
        lease: Lease,
        tell: Callable[[int], None],
    ) -> None:
        """One that an earlier try has begun is gone on with."""
        number, made = await self._find_last(caller, request, lease)
        again = number - 1 if made is not None and made.state == of_backups.RUNNING else number
        wanted = CreateBackupRequest(
            request_id=str(rules.id_of_safety(lease.restore_id, again)),
            target_id=target_id,
            passphrase=request.passphrase,
        )
        async with aclosing(self._making.make(caller, wanted, request.space_id)) as steps:
            async for step in steps:
                tell(step.progress.bytes)
                if step.HasField("backup"):
                    made = step.backup
                    await lease.change(partial(_add, backup_id=made.id))
        if made is None or made.state != of_backups.DONE:
            raise of_backups.running()

    async def _find_last(
        self, caller: Caller, request: RestoreBackupRequest, lease: Lease
    ) -> tuple[int, Backup | None]:
        """How many were begun, and the last of them."""
        tx = self._store.reader(caller, caller.home_id, request)
        ids = (await kept.get_restore(tx, lease.restore_id)).restore.restored.safety_backup_ids
        known = {row.backup.id: row.backup for row in await queries.list_all(tx)}
        return len(ids), known.get(ids[-1]) if ids else None


def _add(restore: Restore, *, backup_id: str) -> None:
    if backup_id not in restore.restored.safety_backup_ids:
        restore.restored.safety_backup_ids.append(backup_id)
