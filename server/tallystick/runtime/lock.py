"""Who may use a data directory: one process at a time."""

import fcntl
import json
import os
from pathlib import Path

from tallystick.runtime.errors import DataDirectoryInUse

LOCK_FILE = "lock"
LOCK_FILE_SIZE_MAX_BYTES = 4096


class DirectoryLock:
    """An flock on a file in the directory; the kernel lets go of it when the holder dies, however it dies."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._fd: int | None = None

    @property
    def held(self) -> bool:
        return self._fd is not None

    def acquire(self) -> None:
        if self._fd is not None:
            return
        # The file is never removed: a lock on a removed file excludes nobody.
        fd = os.open(self._directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fd, 0)
            os.pwrite(fd, json.dumps({"pid": os.getpid()}).encode(), 0)
        except BlockingIOError:
            holder_pid = _find_holder_pid(fd)
            os.close(fd)
            raise DataDirectoryInUse(self._directory, holder_pid) from None
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd

    def release(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _find_holder_pid(fd: int) -> int | None:
    """The pid the holder wrote; None in the instant between its taking the lock and writing."""
    try:
        written = json.loads(os.pread(fd, LOCK_FILE_SIZE_MAX_BYTES, 0))
    except ValueError:
        return None
    return int(written["pid"])
