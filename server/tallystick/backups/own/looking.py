"""Is a backup still what it was, and how does one go away? Asked of where it lies: what is known of it here proves nothing."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime
from uuid import UUID

from tallystick.backups.archive.errors import PassphraseUnfit, WrongPassphrase
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.own import commands, keeping, queries, rules
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.making import TELL_EVERY_S, read_whole
from tallystick.backups.own.steps import find_first
from tallystick.backups.own.writing import Account
from tallystick.backups.targets.target import RUN_LABEL, TargetFailed
from tallystick.caller import Caller
from tallystick.store.store import Store
from tallystick.times import to_timestamp
from tallystick.v1.backup_pb2 import Backup, BackupProblem, BackupStep
from tallystick.v1.backup_service_pb2 import (
    DeleteBackupRequest,
    DeleteBackupResponse,
    VerifyBackupRequest,
    VerifyBackupResponse,
)


class Looking:
    """Reads backups again, and deletes them."""

    def __init__(self, store: Store, drives: Drives) -> None:
        self._store = store
        self._drives = drives

    async def verify(self, caller: Caller, request: VerifyBackupRequest) -> AsyncGenerator[VerifyBackupResponse, None]:
        self._drives.require_client()
        tx = self._store.reader(caller, caller.home_id, request)
        backup = (await queries.get_backup(tx, UUID(request.backup_id))).backup
        if not backup.stored_id:
            raise rules.not_done()
        account = Account(step=BackupStep.BACKUP_STEP_READING_BACK)
        reading = asyncio.create_task(self._read(caller, backup, request.passphrase, account))
        told = None
        try:
            while not reading.done():
                await asyncio.wait({reading}, timeout=TELL_EVERY_S)
                if (progress := account.compose()) != told:
                    told = progress
                    yield VerifyBackupResponse(progress=progress)
            yield VerifyBackupResponse(backup=reading.result())
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def delete(self, caller: Caller, request: DeleteBackupRequest) -> DeleteBackupResponse:
        """First where it lies: what is forgotten here first would stay there for good."""
        first = await find_first(self._store, caller, request, DeleteBackupResponse)
        if first is not None:
            return first
        self._drives.require_client()
        tx = self._store.reader(caller, caller.home_id, request)
        row = await queries.get_backup(tx, UUID(request.backup_id))
        if row.is_worked_on(self._store.clock.now()):
            raise rules.running()
        await self._take_away(caller, row.backup)
        return await self._store.write(caller, caller.home_id, request, commands.delete_backup, DeleteBackupResponse)

    async def _take_away(self, caller: Caller, backup: Backup) -> None:
        """Also what a try that was interrupted has left."""
        target_id = UUID(backup.target_id)
        try:
            drive = await self._drives.open(caller, target_id)
            if backup.stored_id:
                await drive.delete(backup.stored_id)
            for stored in [each async for each in drive.list({RUN_LABEL: backup.id})]:
                await drive.delete(stored.id)
        except TargetFailed as failed:
            await self._drives.note_failure(caller, target_id, failed)
            raise rules.error_of(failed) from failed

    async def _read(self, caller: Caller, backup: Backup, passphrase: str, account: Account) -> Backup:
        target_id = UUID(backup.target_id)
        try:
            drive = await self._drives.open(caller, target_id)
            await read_whole(drive, backup.stored_id, passphrase_of(passphrase), account, backup.sha256)
        except Exception as failed:
            await self._drives.note_failure(caller, target_id, failed)
            problem = rules.problem_of(failed)
            if problem in rules.LASTING and not isinstance(failed, WrongPassphrase):
                await self._note(caller, backup, problem)
            raise rules.error_of(failed) from failed
        return await self._note(caller, backup, BackupProblem.BACKUP_PROBLEM_UNSPECIFIED)

    async def _note(self, caller: Caller, backup: Backup, problem: BackupProblem.ValueType) -> Backup:
        def change(kept: Backup, now: datetime) -> None:
            kept.problem = problem
            kept.state = rules.FAILED if problem else rules.DONE
            if not problem:
                kept.verified_at.CopyFrom(to_timestamp(now))

        audited = "backup_unreadable" if problem else "backup_verified"
        return await keeping.note(self._store, caller, UUID(backup.id), change, audited)


def passphrase_of(text: str) -> Passphrase:
    """One that could never have been chosen is wrong, as any other is."""
    try:
        return Passphrase(text)
    except PassphraseUnfit as unfit:
        raise WrongPassphrase("this passphrase does not open the archive") from unfit
