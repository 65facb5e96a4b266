"""How does a folder of this machine serve as a target? Files appear in it whole, or not at all, whenever the power goes.

An archive is written beside its place, brought to the disk, read back and compared, and only then named. What is known about it lies in a
small file beside it: without that it is an archive still, with its name, size and age. What does not begin as archives do is others'.
"""

import asyncio
import errno
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tallystick.backups.targets import shelving
from tallystick.backups.targets.target import (
    RUN_LABEL,
    SpooledArchive,
    Stored,
    TargetFailed,
    TargetReason,
    has_labels,
    require_labels,
)

T = TypeVar("T")

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG}
_MESSAGES = {
    TargetReason.FULL: "The disk of the folder for archives is full, or takes no file as large as this.",
    TargetReason.REFUSED: "The folder for archives cannot be written to. Look at its owner and permissions.",
    TargetReason.GONE: "It is not in the folder for archives, or the folder itself is not there.",
    TargetReason.UNREACHABLE: "The disk of the folder for archives fails.",
    TargetReason.DAMAGED: "What the folder for archives holds is not what was put into it.",
}


@dataclass(frozen=True, slots=True)
class FolderTarget:
    """A folder. It must exist: one that is made where a disk should be mounted would fill the wrong disk."""

    path: Path

    async def store(self, name: str, labels: Mapping[str, str], source: SpooledArchive) -> Stored:
        require_labels(labels)
        of_run = [stored async for stored in self.list({RUN_LABEL: labels[RUN_LABEL]})]
        for stored in of_run:
            if stored.sha256 == source.sha256:
                return stored
        made = await self._do(lambda stop: shelving.store(self.path, name, labels, source, stop))
        # Of an archive that was made anew the first is not needed, now that the second is there.
        for stored in of_run:
            await self.delete(stored.id)
        return made

    async def find(self, labels: Mapping[str, str]) -> Stored | None:
        async with aclosing(self.list(labels)) as found:
            return await anext(found, None)

    async def list(self, labels: Mapping[str, str]) -> AsyncGenerator[Stored]:
        for stored in await self._do(lambda _: shelving.list_all(self.path)):
            if has_labels(stored.labels, labels):
                yield stored

    async def read(self, stored_id: str) -> AsyncGenerator[bytes]:
        reading = await self._do(lambda _: shelving.open_archive(self.path, stored_id))
        try:
            while piece := await self._do(lambda _: reading.read()):
                yield piece
            if not reading.is_whole():
                raise _failed(TargetReason.DAMAGED)
        finally:
            reading.close()

    async def delete(self, stored_id: str) -> None:
        await self._do(lambda _: shelving.delete(self.path, stored_id))

    async def check(self) -> None:
        await self._do(lambda _: shelving.check(self.path))

    async def _do(self, step: Callable[[shelving.Stop], T]) -> T:
        """In a thread, which is told when nobody waits for it any more."""
        stop = shelving.Stop()
        try:
            return await asyncio.to_thread(step, stop)
        except asyncio.CancelledError:
            stop.set()
            raise
        except shelving.NotSame as other:
            raise _failed(TargetReason.DAMAGED) from other
        except OSError as failed:
            raise _failed(_reason_of(failed)) from failed


def _reason_of(failed: OSError) -> TargetReason:
    if failed.errno in _FULL:
        return TargetReason.FULL
    if failed.errno in _REFUSED:
        return TargetReason.REFUSED
    return TargetReason.GONE if failed.errno == errno.ENOENT else TargetReason.UNREACHABLE


def _failed(reason: TargetReason) -> TargetFailed:
    return TargetFailed(reason, _MESSAGES[reason])


def make_folder(path: Path) -> Path:
    """For a folder that is the server's own, as one in its data directory."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
