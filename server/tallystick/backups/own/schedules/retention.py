"""How do backups go that came by themselves? After a newer one was read back; never one that was made by hand, and no file but our own."""

from uuid import UUID

from tallystick.backups.own import queries, writes
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.schedules import rules
from tallystick.backups.own.schedules.kept import Kept
from tallystick.backups.own.steps import take_step
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.target import RUN_LABEL, TargetFailed
from tallystick.caller import Caller
from tallystick.log import log
from tallystick.store.store import Store
from tallystick.store.tx import WriteTx
from tallystick.v1.backup_pb2 import Backup
from tallystick.v1.backup_service_pb2 import CreateBackupRequest


class Retention:
    """Deletes what a schedule does not keep."""

    def __init__(self, store: Store, drives: Drives) -> None:
        self._store = store
        self._drives = drives

    async def drop(self, caller: Caller, target_id: UUID, kept: Kept) -> None:
        """A Drive that deletes nothing for the moment is asked again after the next backup."""
        tx = self._store.reader(caller, caller.home_id, CreateBackupRequest())
        backups = [row.backup for row in await queries.list_all(tx)]
        going = rules.list_to_drop(backups, target_id, kept, self._store.clock.now())
        if not going:
            return
        try:
            drive = await self._drives.open(caller, target_id)
            for backup in going:
                await self._take_away(drive, backup)
                await self._forget(caller, backup)
        except TargetFailed as failed:
            log("backups_not_dropped", level="warning", reason=str(failed.reason), target_id=str(target_id))

    async def _take_away(self, drive: DriveTarget, backup: Backup) -> None:
        """Also what a try that was interrupted has left."""
        if backup.stored_id:
            await drive.delete(backup.stored_id)
        for stored in [each async for each in drive.list({RUN_LABEL: backup.id})]:
            await drive.delete(stored.id)

    async def _forget(self, caller: Caller, backup: Backup) -> None:
        """First where it lies: what is forgotten here first would stay there for good."""

        async def step(tx: WriteTx) -> None:
            tx.beside(writes.FORGET_BACKUP(of_space=tx.space_id, of_backup=UUID(backup.id)))
            tx.audit("backup_dropped", UUID(backup.id))

        await take_step(self._store, caller, step)
