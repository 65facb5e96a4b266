"""Who keeps the list of the erased beside the archives? Whichever server looks first after somebody was erased, within minutes.

What a list has it keeps: a server that was restored from an old archive may not know of everybody any more who is in it. One that another
passphrase closes stays where it is, and a new one is begun.
"""

from pathlib import Path
from uuid import uuid4

import psycopg

from tallystick.backups.archive.errors import ArchiveError
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.aside import aside
from tallystick.backups.errors import BackupError
from tallystick.backups.spool import spool
from tallystick.backups.targets.target import RUN_LABEL, Stored, Target, TargetFailed
from tallystick.backups.whole.erased import NAME, Erased, fetch_erased, read_erased, write_erased
from tallystick.log import log

KIND_LABELS = {"kind": "erased"}


class ErasedLists:
    """Keeps a list at each target."""

    def __init__(self, url: str, passphrase: Passphrase, spool_dir: Path) -> None:
        """`url`: of a role that sees every row."""
        self._url = url
        self._passphrase = passphrase
        self._spool_dir = spool_dir
        # What the list of each target is known to have.
        self._kept: dict[str, Erased] = {}

    async def keep(self, name: str, target: Target) -> None:
        """Best effort: where it fails, the next look tries again, and backups go on."""
        try:
            await aside(lambda: self._keep(name, target))
        except (ArchiveError, BackupError, TargetFailed, psycopg.Error, OSError) as failed:
            log("erased_not_kept", level="error", target=name, error=failed)

    async def _keep(self, name: str, target: Target) -> None:
        with psycopg.connect(self._url) as connection:
            found = fetch_erased(connection)
        if self._kept.get(name, Erased()).has_all(found):
            return
        stored = await target.find(KIND_LABELS)
        before = await self._read(name, target, stored) if stored else None
        if before is None or not before.has_all(found):
            run = stored.labels[RUN_LABEL] if stored and before is not None else f"erased {uuid4()}"
            found = found | (before or Erased())
            await self._store(target, run, found)
        self._kept[name] = found

    async def _read(self, name: str, target: Target, stored: Stored) -> Erased | None:
        """None: it is none that we can open."""
        try:
            return await read_erased(target.read(stored.id), self._passphrase)
        except (ArchiveError, BackupError) as closed:
            log("erased_list_unreadable", level="error", target=name, error=closed)
            return None

    async def _store(self, target: Target, run: str, erased: Erased) -> None:
        self._spool_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._spool_dir / f"{uuid4().hex}-{NAME}"
        try:
            spooled = await spool(write_erased(erased, self._passphrase), path)
            await target.store(NAME, {RUN_LABEL: run, **KIND_LABELS}, spooled)
        finally:
            path.unlink(missing_ok=True)
