"""Where does an archive lie before it is anywhere else? In a file of its own, which is whole from the moment it has its name.

Only closed bytes are written, never plain ones, so what a killed process leaves behind tells nothing. It is hidden, and locked while
somebody writes it: no list of archives has it, and the next one that is written beside it takes it away.
"""

import fcntl
import os
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from tallystick.backups.ahead import ahead, in_thread
from tallystick.backups.errors import NoRoom
from tallystick.backups.targets.target import SpooledArchive
from tallystick.durable import sync_directory

PRIVATE_MODE = 0o600
PARTIAL = ".partial"
READ_BYTES = 1024 * 1024
# As `spool` calls what it is writing, and nobody else does.
_OURS = re.compile(r"\..+\.[0-9a-f]{16}\.partial")


async def spool(source: AsyncIterable[bytes], path: Path) -> SpooledArchive:
    """Writes a file beside its place, makes it durable, and gives it its name at the end. Nothing is left of one that failed."""
    partial: Path | None = None
    try:
        await in_thread(sweep_dead, path.parent)
        partial, descriptor = _create(path)
        try:
            done = await _write(source, descriptor)
            # Locked until it has its name.
            await in_thread(_rename, partial, path)
        finally:
            os.close(descriptor)
    except OSError as full:
        raise NoRoom(f"{path} cannot be written: {full.strerror or full}") from full
    finally:
        if partial:
            partial.unlink(missing_ok=True)
        if isinstance(source, AsyncGenerator):
            await source.aclose()
    return SpooledArchive(path, *done)


def sweep(folder: Path, before_s: float) -> int:
    """Takes away what killed processes left in a folder that is ours alone, if it is older than that instant. Returns how much."""
    left = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before_s]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def sweep_dead(folder: Path) -> None:
    """Takes away what was being written there by somebody who died. What the living write is locked."""
    # A folder may not be ours to look into, and a file may be gone.
    with suppress(OSError):
        for path in folder.iterdir():
            if _OURS.fullmatch(path.name):
                with suppress(OSError), path.open("rb") as left:
                    fcntl.flock(left.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()


async def read_file(path: Path) -> AsyncIterator[bytes]:
    async for piece in ahead(_pieces(path)):
        yield piece


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(READ_BYTES):
            yield piece


def _create(path: Path) -> tuple[Path, int]:
    while True:
        partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}{PARTIAL}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_MODE)
        # Between the two somebody who sweeps may have come by.
        if _lock(descriptor) and os.fstat(descriptor).st_nlink:
            return partial, descriptor
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Whether nobody else has it. Where a file system has no locks, nobody sweeps either."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


async def _write(source: AsyncIterable[bytes], descriptor: int) -> tuple[int, bytes]:
    size, hashed, buffer = 0, sha256(), bytearray()
    async for piece in source:
        size += len(piece)
        hashed.update(piece)
        buffer += piece
        if len(buffer) >= READ_BYTES:
            await in_thread(_write_all, descriptor, bytes(buffer))
            buffer.clear()
    await in_thread(_write_all, descriptor, bytes(buffer))
    await in_thread(os.fsync, descriptor)
    return size, hashed.digest()


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _rename(partial: Path, path: Path) -> None:
    partial.replace(path)
    sync_directory(path.parent)
