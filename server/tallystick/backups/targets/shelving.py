"""How do files get into a folder so that nothing half is ever seen there? Blocking; `folder` calls this from threads.

.NAME.XXXX.partial   being written. Locked by who writes it: the kernel unlocks it when they die, and the next one sweeps it
NAME.labels          what is known about an archive, made before the archive is
NAME                 the archive
"""

import errno
import fcntl
import hashlib
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from threading import Event

from tallystick.backups.archive.head import MAGIC
from tallystick.backups.targets.target import SpooledArchive, Stored
from tallystick.durable import sync_directory

PIECE_BYTES = 2**20
PARTIAL, LABELS = ".partial", ".labels"
LABELS_BYTES_MAX = 64 * 1024
NAMES_MAX = 1000
NAME_SHOWN = 100
# Labels whose archive did not follow in this time have none.
ORPHAN_S = 3600

Stop = Event


class NotSame(Exception):
    """What was read back is not what was written."""


class Stopped(Exception):
    """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known about an archive beside what its file says."""

    labels: Mapping[str, str] = field(default_factory=dict)
    sha256: bytes | None = None
    created_at: datetime | None = None

    @classmethod
    def read(cls, text: bytes) -> "_Known":
        told = json.loads(text)
        labels = {str(key): str(value) for key, value in told["labels"].items()}
        return cls(labels, bytes.fromhex(told["sha256"]), datetime.fromisoformat(told["created_at"]))

    def to_bytes(self) -> bytes:
        assert self.sha256 is not None
        assert self.created_at is not None
        known = {"labels": self.labels, "sha256": self.sha256.hex(), "created_at": self.created_at.isoformat()}
        return json.dumps(known).encode()


class Reading:
    """An archive that is being read."""

    def __init__(self, opened: FileIO, stored: Stored) -> None:
        self._opened = opened
        self._stored = stored
        self._read_bytes = 0
        self._digest = hashlib.sha256()

    def read(self) -> bytes:
        piece = self._opened.read(PIECE_BYTES)
        self._read_bytes += len(piece)
        self._digest.update(piece)
        return piece

    def is_whole(self) -> bool:
        is_same = self._stored.sha256 in (None, self._digest.digest())
        return is_same and self._read_bytes == self._stored.size_bytes

    def close(self) -> None:
        self._opened.close()


def store(folder: Path, name: str, labels: Mapping[str, str], source: SpooledArchive, stop: Stop) -> Stored:
    require_plain(name)
    sweep(folder)
    with _writing(folder, name) as (partial, written):
        _copy(source, written, stop)
        os.fsync(written.fileno())
        _require_same(partial, source)
        free = _take_name(folder, name)
        _write_labels(folder, free, labels, source)
        partial.rename(folder / free)
        sync_directory(folder)
    return _describe(folder / free)


def list_all(folder: Path) -> list[Stored]:
    found = []
    for path in sorted(folder.iterdir()):
        # It may be deleted while it is looked at.
        with suppress(FileNotFoundError):
            if _is_archive(path):
                found.append(_describe(path))
    return sorted(found, key=lambda stored: stored.created_at, reverse=True)


def open_archive(folder: Path, stored_id: str) -> Reading:
    path = _require_archive(folder, stored_id)
    stored = _describe(path)
    return Reading(FileIO(path, "rb"), stored)


def delete(folder: Path, stored_id: str) -> None:
    """First the archive: labels without one are swept, and an archive without labels would seem another."""
    try:
        path = _require_archive(folder, stored_id)
    except FileNotFoundError:
        if not folder.is_dir():
            raise
        return
    path.unlink(missing_ok=True)
    sync_directory(folder)
    _labels_of(path).unlink(missing_ok=True)


def check(folder: Path) -> None:
    sweep(folder)
    with _writing(folder, "check") as (_, written):
        written.write(MAGIC)
        written.flush()
        os.fsync(written.fileno())


def sweep(folder: Path) -> None:
    """What the dead left behind. What the living write is locked."""
    for path in folder.iterdir():
        if path.name.startswith(".") and path.name.endswith(PARTIAL):
            _remove_unless_locked(path)
        elif path.name.endswith(LABELS) and not path.with_name(path.name.removesuffix(LABELS)).exists():
            _remove_if_old(path)


def require_plain(name: str) -> None:
    """A name is one, and no path, so that nothing outside of the folder is ever named."""
    if not name or name.startswith(".") or name != Path(name).name or name.endswith((PARTIAL, LABELS)) or "\0" in name:
        raise FileNotFoundError(errno.ENOENT, "no name of an archive")


@contextmanager
def _writing(folder: Path, name: str) -> Iterator[tuple[Path, FileIO]]:
    """A file that nobody sees, and that is gone unless it was renamed."""
    partial, written = _create(folder, name)
    try:
        with written:
            yield partial, written
    finally:
        partial.unlink(missing_ok=True)


def _create(folder: Path, name: str) -> tuple[Path, FileIO]:
    while True:
        partial = folder / f".{name[:NAME_SHOWN]}.{secrets.token_hex(8)}{PARTIAL}"
        written = FileIO(partial, "xb", opener=lambda path, flags: os.open(path, flags, 0o600))
        # Between the two somebody who sweeps may have come by.
        if _lock(written) and os.fstat(written.fileno()).st_nlink:
            return partial, written
        written.close()


def _lock(opened: FileIO) -> bool:
    """Whether nobody else has it. Where a file system has no locks, nobody has it."""
    try:
        fcntl.flock(opened.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as odd:
        if odd.errno not in (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
    return True


def _copy(source: SpooledArchive, written: FileIO, stop: Stop) -> None:
    with source.path.open("rb") as opened:
        while piece := opened.read(PIECE_BYTES):
            if stop.is_set():
                raise Stopped
            _write_all(written, piece)


def _write_all(written: FileIO, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[written.write(rest) :]


def _require_same(partial: Path, source: SpooledArchive) -> None:
    """From the disk, as far as the system lets us ask for that."""
    with partial.open("rb") as opened:
        if sys.platform == "linux":
            with suppress(OSError):
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if hashlib.file_digest(opened, "sha256").digest() != source.sha256:
            raise NotSame


def _take_name(folder: Path, name: str) -> str:
    """This name, or one like it. Who makes the file of its labels has it."""
    stem, dot, ending = name.partition(".")
    for number in range(1, NAMES_MAX):
        free = name if number == 1 else f"{stem}-{number}{dot}{ending}"
        with suppress(FileExistsError):
            if not (folder / free).exists():
                FileIO(_labels_of(folder / free), "xb", opener=lambda path, flags: os.open(path, flags, 0o600)).close()
                return free
    raise FileExistsError(errno.EEXIST, "too many archives of one name")


def _write_labels(folder: Path, name: str, labels: Mapping[str, str], source: SpooledArchive) -> None:
    known = _Known(dict(labels), source.sha256, datetime.now(UTC))
    with _writing(folder, name) as (partial, written):
        _write_all(written, known.to_bytes())
        os.fsync(written.fileno())
        partial.rename(_labels_of(folder / name))


def _describe(path: Path) -> Stored:
    status, known = path.stat(), _read_known(path)
    return Stored(
        id=path.name,
        name=path.name,
        size_bytes=status.st_size,
        sha256=known.sha256,
        created_at=known.created_at or datetime.fromtimestamp(status.st_mtime, UTC),
        labels=known.labels,
    )


def _read_known(path: Path) -> _Known:
    """Nothing, where there is nothing to be read: the archive is there all the same."""
    try:
        with _labels_of(path).open("rb") as opened:
            return _Known.read(opened.read(LABELS_BYTES_MAX))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return _Known()


def _labels_of(path: Path) -> Path:
    return path.with_name(path.name + LABELS)


def _is_archive(path: Path) -> bool:
    """By how it begins: a folder may have other things in it, and archives that were copied there under other names."""
    if path.name.startswith(".") or not path.is_file():
        return False
    with path.open("rb") as opened:
        return opened.read(len(MAGIC)) == MAGIC


def _require_archive(folder: Path, stored_id: str) -> Path:
    require_plain(stored_id)
    path = folder / stored_id
    if not path.exists() or not _is_archive(path):
        raise FileNotFoundError(errno.ENOENT, "no archive of this name")
    return path


def _remove_unless_locked(path: Path) -> None:
    with suppress(FileNotFoundError), FileIO(path, "r+b") as opened:
        if _lock(opened):
            path.unlink()


def _remove_if_old(path: Path) -> None:
    """An archive may be about to follow."""
    with suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > ORPHAN_S:
            path.unlink()
