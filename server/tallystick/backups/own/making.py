"""How is a backup of one user made? Written to a file of this machine, closed from its first byte; stored; and read back, to its end, from
where it lies. Only then it is done.

By hand it is made while its caller listens. When they go away it stops, and the same request goes on: it brings the passphrase, which is
kept nowhere. One that comes by itself is closed for a public key, and whoever makes it knows what opens it for as long as that takes.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from tallystick.backups.archive.errors import Contradiction, Damaged
from tallystick.backups.archive.passphrase import USUAL, Cost, Passphrase
from tallystick.backups.archive.reader import Opening, Verified, verify
from tallystick.backups.archive.recipient import Locked, Recipient, lock_for
from tallystick.backups.archive.writer import write_archive
from tallystick.backups.aside import aside
from tallystick.backups.job import LEFT_AFTER_S
from tallystick.backups.own import commands, keeping, queries, rules
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.holdings import Holdings
from tallystick.backups.own.writing import Account, OwnArchive
from tallystick.backups.spool import spool, sweep
from tallystick.backups.targets.drive.drive import DriveTarget
from tallystick.backups.targets.target import RUN_LABEL, SpooledArchive, Stored, TargetFailed
from tallystick.caller import Caller
from tallystick.errors import TallystickError
from tallystick.log import log
from tallystick.store.store import Store
from tallystick.times import to_datetime, to_timestamp
from tallystick.v1.backup_pb2 import Backup, BackupStep
from tallystick.v1.backup_service_pb2 import CreateBackupRequest, CreateBackupResponse

# Tells a user that a backup failed, and when the last good one was made.
Tell = Callable[[UUID, UUID, datetime | None], Awaitable[None]]

# Each takes 128 MiB while its key is made, and a good part of a processor.
AT_ONCE = 2
TELL_EVERY_S = 1.0
RENEW_EVERY_S = 60.0
KIND_LABELS = {"kind": "own"}
OWN_PARTS = 2


@dataclass(frozen=True, slots=True)
class Work:
    """One backup that is being made."""

    caller: Caller
    request: CreateBackupRequest
    backup: Backup
    lease_id: UUID
    closing: Passphrase | Recipient
    account: Account
    # When it may begin, and whether its user is told if it fails.
    turn: AbstractAsyncContextManager[None]
    tells: bool

    @property
    def id(self) -> UUID:
        return UUID(self.backup.id)

    @property
    def target_id(self) -> UUID:
        return UUID(self.backup.target_id)


class Making:
    """Makes backups."""

    def __init__(self, store: Store, drives: Drives, holdings: Holdings, spool_dir: Path, tell: Tell) -> None:
        self._store = store
        self._drives = drives
        self._holdings = holdings
        self._spool_dir = spool_dir
        self._tell = tell
        self._turns = asyncio.Semaphore(AT_ONCE)
        self.cost: Cost = USUAL

    async def make(
        self, caller: Caller, request: CreateBackupRequest, before_restore_of: str = ""
    ) -> AsyncGenerator[CreateBackupResponse, None]:
        passphrase = rules.read_passphrase(request.passphrase)
        self._drives.require_client()
        begin = partial(commands.begin_backup, before_restore_of=before_restore_of)
        begun = await self._store.write(caller, caller.home_id, request, begin, CreateBackupResponse)
        taken = await keeping.take(self._store, caller, UUID(begun.backup.id))
        yield CreateBackupResponse(backup=taken.backup)
        if taken.lease_id is None:
            if taken.backup.state == rules.FAILED:
                raise rules.error_of_problem(taken.backup.problem)
            return
        work = Work(caller, request, taken.backup, taken.lease_id, passphrase, Account(), self._turns, tells=True)
        async with aclosing(self._watch(work)) as steps:
            async for step in steps:
                yield step

    async def make_scheduled(
        self, caller: Caller, request: CreateBackupRequest, recipient: Recipient, *, tells: bool
    ) -> Backup:
        """What became of it, also if it failed. RUNNING: somebody else makes it, or went away. Whoever asks for it has hands of their own,
        and waits for nobody's turn."""
        begin = partial(commands.begin_backup, scheduled=True)
        begun = await self._store.write(caller, caller.home_id, request, begin, CreateBackupResponse)
        taken = await keeping.take(self._store, caller, UUID(begun.backup.id))
        if taken.lease_id is None:
            return taken.backup
        work = Work(caller, request, taken.backup, taken.lease_id, recipient, Account(), nullcontext(), tells=tells)
        # A failure is noted, and found there.
        with suppress(TallystickError):
            async with aclosing(self._watch(work)) as steps:
                async for _ in steps:
                    pass
        tx = self._store.reader(caller, caller.home_id, request)
        return (await queries.get_backup(tx, work.id)).backup

    async def _watch(self, work: Work) -> AsyncGenerator[CreateBackupResponse, None]:
        """What goes on, now and then; and the backup when it is done."""
        making = asyncio.create_task(self._make(work))
        told, renewed_s = None, time.monotonic()
        try:
            while not making.done():
                await asyncio.wait({making}, timeout=TELL_EVERY_S)
                progress = work.account.compose()
                if progress != told:
                    told = progress
                    yield CreateBackupResponse(progress=progress)
                if time.monotonic() - renewed_s > RENEW_EVERY_S and not making.done():
                    await keeping.renew(self._store, work.caller, work.id, work.lease_id)
                    renewed_s = time.monotonic()
            yield CreateBackupResponse(backup=making.result())
        finally:
            making.cancel()
            await asyncio.gather(making, return_exceptions=True)

    async def _make(self, work: Work) -> Backup:
        try:
            async with work.turn:
                return await self._make_whole(work)
        except asyncio.CancelledError:
            await keeping.release(self._store, work.caller, work.id, work.lease_id)
            raise
        except Exception as failed:
            await self._note_failure(work, failed)
            raise rules.error_of(failed) from failed

    async def _make_whole(self, work: Work) -> Backup:
        drive = await self._drives.open(work.caller, work.target_id)
        opening = lock_for(work.closing) if isinstance(work.closing, Recipient) else work.closing
        path = self._spool_dir / work.backup.id
        try:
            spooled = await self._spool(work, opening, path)
            work.account.begin(BackupStep.BACKUP_STEP_STORING)
            labels = {RUN_LABEL: work.backup.id, **KIND_LABELS}
            stored = await drive.store(work.backup.name, labels, spooled)
        finally:
            path.unlink(missing_ok=True)
        await self._read_back(work, opening, drive, stored)
        await self._drives.look(work.caller, work.target_id, drive)

        def change(kept: Backup, now: datetime) -> None:
            account = work.account
            kept.state, kept.stored_id = rules.DONE, stored.id
            kept.size_bytes, kept.sha256 = spooled.size_bytes, spooled.sha256
            kept.books, kept.groups, kept.files = account.books, account.groups, account.files
            kept.spaces.extend(account.restorable)
            kept.verified_at.CopyFrom(to_timestamp(now))

        return await keeping.finish(self._store, work.caller, work.id, work.lease_id, change, "backup_made")

    async def _spool(self, work: Work, closing: Passphrase | Locked, path: Path) -> SpooledArchive:
        self._spool_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(self._spool_dir, time.time() - LEFT_AFTER_S)
        work.account.begin(BackupStep.BACKUP_STEP_WRITING)
        archive = OwnArchive(await self._holdings.look(work.caller, work.request), work.account)
        told = archive.compose_manifest(self._store.clock.now())
        async with aclosing(archive.parts()) as parts:
            return await spool(write_archive(told, parts, closing, cost=self.cost), path)

    async def _read_back(self, work: Work, opening: Opening, drive: DriveTarget, stored: Stored) -> None:
        """From where it lies. What cannot be read there is no backup, and does not stay there."""
        work.account.begin(BackupStep.BACKUP_STEP_READING_BACK)
        try:
            told = await read_whole(drive, stored.id, opening, work.account)
            _require_all(told, work.account)
        except Exception:
            with suppress(TargetFailed):
                await drive.delete(stored.id)
            raise

    async def _note_failure(self, work: Work, failed: Exception) -> None:
        """The user is told before it is noted that it failed: after that nobody would."""
        problem = rules.problem_of(failed)
        log("own_backup_failed", level="error", error=failed)
        await self._drives.note_failure(work.caller, work.target_id, failed)
        if work.tells:
            await self._tell(work.caller.user_id, work.id, await self._last_good_at(work.caller))

        def change(kept: Backup, now: datetime) -> None:
            kept.state, kept.problem = rules.FAILED, problem

        await keeping.finish(self._store, work.caller, work.id, work.lease_id, change, "backup_failed")

    async def _last_good_at(self, caller: Caller) -> datetime | None:
        tx = self._store.reader(caller, caller.home_id, CreateBackupRequest())
        good = [row.backup for row in await queries.list_all(tx) if row.backup.state == rules.DONE]
        return to_datetime(good[0].finished_at) if good else None


def _require_all(told: Verified, account: Account) -> None:
    """The manifest and the list of parts are parts, too."""
    if told.parts != account.parts + OWN_PARTS:
        raise Contradiction("not as many parts as were written")


async def read_whole(
    drive: DriveTarget, stored_id: str, opening: Opening, account: Account, digest: bytes = b""
) -> Verified:
    """Reads an archive to its end. In a thread: it is opened, unpacked and hashed. With a digest it must be that very file: whoever has a
    public key can close another one for it."""
    hashed = sha256()

    async def counted() -> AsyncIterator[bytes]:
        async with aclosing(drive.read(stored_id)) as pieces:
            async for piece in pieces:
                account.bytes += len(piece)
                hashed.update(piece)
                yield piece

    verified = await aside(lambda: verify(counted(), opening))
    if digest and hashed.digest() != digest:
        raise Damaged("archive", "it is whole, and not the one that was stored")
    return verified
