"""How does a book or a group come back from a backup? Its archive is fetched, closed as it is, and read to its end; what is to be
replaced is backed up; then the space is written.

It is done while its caller listens. When they go away it stops, and the same request goes on: it brings the passphrase, which is kept
nowhere. Until the space is there whole nobody sees anything of it.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from uuid import UUID

from tallystick.backups.archive.errors import Damaged
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.aside import aside
from tallystick.backups.job import LEFT_AFTER_S
from tallystick.backups.own import queries
from tallystick.backups.own import rules as of_backups
from tallystick.backups.own.drives import Drives
from tallystick.backups.own.looking import passphrase_of
from tallystick.backups.own.making import AT_ONCE, RENEW_EVERY_S, TELL_EVERY_S, Making
from tallystick.backups.own.restores import kept, rules
from tallystick.backups.own.restores.kept import Lease, Restore
from tallystick.backups.own.restores.reading import Surveyed, opened, survey
from tallystick.backups.own.restores.rebuilding import Rebuilding
from tallystick.backups.own.restores.safety import Safety
from tallystick.backups.spool import spool, sweep
from tallystick.caller import Caller
from tallystick.errors import TallystickError
from tallystick.log import log
from tallystick.rebuilding.source import Rebuilt
from tallystick.store.audit import AuditNote
from tallystick.store.noting import note
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx, WriteTx
from tallystick.v1.backup_pb2 import Backup
from tallystick.v1.backup_restore_pb2 import (
    RestoreBackupRequest,
    RestoreBackupResponse,
    Restored,
    RestoreProgress,
    RestoreStep,
)
from tallystick.v1.space_pb2 import SpaceKind

_S = RestoreStep


class Content(Protocol):
    """What is in a file."""

    def pieces(self) -> AsyncIterable[bytes]: ...


# Opens a file that somebody sees, in a space that is being read. NotVisible: there is none.
OpenContent = Callable[[ReadTx, UUID], Awaitable[Content]]
# Tells the others of a space who has put it back, by which restore.
TellRestored = Callable[[Caller, UUID, SpaceKind.ValueType, UUID], Awaitable[None]]


@dataclass(slots=True)
class Gone:
    """What has gone by so far."""

    step: RestoreStep.ValueType = _S.RESTORE_STEP_WAITING
    bytes: int = 0
    revisions_done: int = 0
    revisions: int = 0

    def begin(self, step: RestoreStep.ValueType) -> None:
        self.step, self.bytes = step, 0

    def went(self, bytes_done: int) -> None:
        self.bytes = bytes_done

    def wrote(self, revisions: int) -> None:
        self.revisions_done = revisions

    def compose(self) -> RestoreProgress:
        return RestoreProgress(
            step=self.step, bytes=self.bytes, revisions_done=self.revisions_done, revisions=self.revisions
        )


@dataclass(frozen=True, slots=True)
class Work:
    """One restore that is being done."""

    caller: Caller
    request: RestoreBackupRequest
    lease: Lease
    # Where the archive is, if a target has it; and where the safety backup goes, if one is needed.
    backup: Backup | None
    target_id: str
    gone: Gone = field(default_factory=Gone)

    @property
    def space_id(self) -> UUID:
        return UUID(self.request.space_id)


class Restoring:
    """Restores spaces."""

    def __init__(
        self,
        store: Store,
        drives: Drives,
        making: Making,
        rebuilding: Rebuilding,
        open_content: OpenContent,
        tell: TellRestored,
        spool_dir: Path,
    ) -> None:
        self._store = store
        self._drives = drives
        self._safety = Safety(store, making)
        self.rebuilding = rebuilding
        self._open_content = open_content
        self._tell = tell
        self._spool_dir = spool_dir
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def restore(
        self, caller: Caller, request: RestoreBackupRequest
    ) -> AsyncGenerator[RestoreBackupResponse, None]:
        rules.require_target_told(request)
        first = await self._find_done(caller, request)
        if first is not None:
            yield RestoreBackupResponse(restored=first)
            return
        backup, target_id = await self._require_admitted(caller, request)
        await self._store.write(caller, caller.home_id, request, begin_restore, RestoreBackupResponse)
        taken = await kept.take(self._store, caller, UUID(request.request_id))
        if isinstance(taken, Restored):
            yield RestoreBackupResponse(restored=taken)
            return
        work = Work(caller, request, taken, backup, target_id)
        async with aclosing(self._watch(work)) as steps:
            async for step in steps:
                yield step

    async def _find_done(self, caller: Caller, request: RestoreBackupRequest) -> Restored | None:
        """What came of this very request. What it was restored from may be gone since."""
        answered = await self._store.find_answer(caller, caller.home_id, request, RestoreBackupResponse)
        if answered is None:
            return None
        tx = self._store.reader(caller, caller.home_id, request)
        restore = (await kept.get_restore(tx, UUID(request.request_id))).restore
        return restore.restored if restore.is_done else None

    async def _require_admitted(self, caller: Caller, request: RestoreBackupRequest) -> tuple[Backup | None, str]:
        """Everything that can be refused without the archive, before anything is written."""
        home = self._store.reader(caller, caller.home_id, request)
        backup = None
        if request.backup_id:
            self._drives.require_client()
            backup = (await queries.get_backup(home, UUID(request.backup_id))).backup
            if not backup.stored_id:
                raise of_backups.not_done()
        else:
            await self._open_content(home, UUID(request.file_id))
        target_id = request.target_id or (backup.target_id if backup is not None else "")
        if rules.is_over(request):
            # The door asks for the role.
            await self._store.reader(caller, request.space_id, request).fetch_all()
            self._drives.require_client()
            of_backups.require_connected(await queries.get_target(home, UUID(target_id)))
        return backup, target_id

    async def _watch(self, work: Work) -> AsyncGenerator[RestoreBackupResponse, None]:
        """What goes on, now and then; and what was restored when it is."""
        running = asyncio.create_task(self._run(work))
        told, renewed_s = None, time.monotonic()
        try:
            while not running.done():
                await asyncio.wait({running}, timeout=TELL_EVERY_S)
                progress = work.gone.compose()
                if progress != told:
                    told = progress
                    yield RestoreBackupResponse(progress=progress)
                if time.monotonic() - renewed_s > RENEW_EVERY_S and not running.done():
                    await work.lease.renew()
                    renewed_s = time.monotonic()
            yield RestoreBackupResponse(restored=running.result())
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def _run(self, work: Work) -> Restored:
        try:
            async with self._turns:
                return await self._restore(work)
        except asyncio.CancelledError:
            await work.lease.release()
            raise
        except Exception as failed:
            if not isinstance(failed, TallystickError):
                log("own_restore_failed", level="error", error=failed)
            await self._note_failure(work, failed)
            await work.lease.release()
            raise rules.error_of(failed) from failed

    async def _note_failure(self, work: Work, failed: Exception) -> None:
        if work.backup is not None:
            await self._drives.note_failure(work.caller, UUID(work.backup.target_id), failed)

    async def _restore(self, work: Work) -> Restored:
        passphrase = passphrase_of(work.request.passphrase)
        path = self._spool_dir / f"restore-{work.lease.lease_id}"
        try:
            await self._fetch(work, path)
            work.gone.begin(_S.RESTORE_STEP_VERIFYING)
            surveyed = await aside(lambda: survey(path, passphrase, work.space_id))
            work.gone.revisions = surveyed.revisions
            if rules.is_over(work.request):
                work.gone.begin(_S.RESTORE_STEP_BACKING_UP)
                await self._safety.back_up(work.caller, work.request, work.target_id, work.lease, work.gone.went)
            work.gone.begin(_S.RESTORE_STEP_REBUILDING)
            rebuilt = await self._rebuild(work, path, passphrase, surveyed)
        finally:
            path.unlink(missing_ok=True)
        return await self._finish(work, surveyed, rebuilt)

    async def _fetch(self, work: Work, path: Path) -> None:
        """As it is: nothing of it is ever plain on a disk."""
        self._spool_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        sweep(self._spool_dir, time.time() - LEFT_AFTER_S)
        work.gone.begin(_S.RESTORE_STEP_FETCHING)
        if work.backup is not None:
            drive = await self._drives.open(work.caller, UUID(work.backup.target_id))
            source: AsyncIterable[bytes] = drive.read(work.backup.stored_id)
        else:
            home = self._store.reader(work.caller, work.caller.home_id, work.request)
            source = (await self._open_content(home, UUID(work.request.file_id))).pieces()
        spooled = await spool(_counted(source, work.gone), path)
        if work.backup is not None and work.backup.sha256 not in {b"", spooled.sha256}:
            # Whoever reads the Drive knows the public key of a scheduled backup, and can close another one for it.
            raise Damaged("archive", "it is not the one that was stored")

    async def _rebuild(self, work: Work, path: Path, passphrase: Passphrase, surveyed: Surveyed) -> Rebuilt:
        is_over = rules.is_over(work.request)
        renamed = None if is_over else surveyed.renamed_for(work.caller.user_id)
        async with opened(path, passphrase, surveyed, renamed) as source:
            if is_over:
                return await self.rebuilding.over(work.caller, work.request, source, work.gone.wrote)
            return await self.rebuilding.into_new(work.caller, work.request, source, work.request.name, work.gone.wrote)

    async def _finish(self, work: Work, surveyed: Surveyed, rebuilt: Rebuilt) -> Restored:
        """The others of the space are told before it is noted that it is done: after that nobody would."""
        await note(self._store, work.caller, rebuilt.space_id, AuditNote("backup_restored", work.lease.restore_id))
        if rules.is_over(work.request):
            await self._tell(work.caller, rebuilt.space_id, surveyed.head.kind, work.lease.restore_id)
        restored = Restored(
            space_id=str(rebuilt.space_id),
            kind=surveyed.head.kind,
            entities=rebuilt.entities,
            revisions=rebuilt.revisions,
            files=rebuilt.files,
        )
        return await work.lease.finish(restored)


async def begin_restore(tx: WriteTx, request: RestoreBackupRequest) -> RestoreBackupResponse:
    """Nobody works on it yet."""
    kept.keep(tx, Restore(UUID(request.request_id)), None, tx.now)
    tx.audit("backup_restore_begun", UUID(request.space_id))
    return RestoreBackupResponse()


async def _counted(source: AsyncIterable[bytes], gone: Gone) -> AsyncGenerator[bytes, None]:
    async for piece in source:
        gone.bytes += len(piece)
        yield piece
