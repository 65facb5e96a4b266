"""How do processes of one machine take turns? By a lock on a file, which the system releases whatever becomes of its holder."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_POLL_S = 0.02


@contextmanager
def locked_file(path: Path, timeout_s: float) -> Iterator[None]:
    """Holds the lock inside the block. TimeoutError if another has it for that long.

    The file stays: who removed it would take the lock away from whoever waits for it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        ends_at = time.monotonic() + timeout_s
        while True:
            try:
                _try_lock(descriptor)
                break
            except OSError:
                if time.monotonic() >= ends_at:
                    raise TimeoutError(f"another process holds {path}") from None
            time.sleep(_POLL_S)
        yield
    finally:
        # The lock goes with the last descriptor.
        os.close(descriptor)
