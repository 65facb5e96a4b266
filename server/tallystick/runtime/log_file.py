"""How PostgreSQL's log stays small while PostgreSQL itself writes to it."""

import os
import shutil
import threading
from pathlib import Path

LOG_SIZE_MAX_BYTES = 10 * 1024 * 1024
KEPT_FILES = 5
CHECK_INTERVAL_S = 60.0
TAIL_BYTES = 4000


class RotatedLog:
    """A file that a child appends to, copied away and emptied when it has grown.

    A file and not a pipe: a pipe would stop PostgreSQL when we are slow and lose its words when we die. Not
    PostgreSQL's own collector either: that process outlives the postmaster, so nobody could wait for its end.
    """

    def __init__(self, path: Path, *, size_max_bytes: int = LOG_SIZE_MAX_BYTES) -> None:
        self.path = path
        self._size_max_bytes = size_max_bytes
        self._closed = threading.Event()

    def open_for_child(self) -> int:
        """A descriptor in append mode, so that writing goes on at the start after the file was emptied."""
        self.rotate_if_large()
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def watch(self) -> None:
        self._closed.clear()
        threading.Thread(target=self._watch, name="log-rotation", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def rotate_if_large(self) -> None:
        if not self.path.exists() or self.path.stat().st_size <= self._size_max_bytes:
            return
        for number in range(KEPT_FILES - 1, 0, -1):
            older = self._numbered(number)
            if older.exists():
                older.rename(self._numbered(number + 1))
        shutil.copy2(self.path, self._numbered(1))
        os.truncate(self.path, 0)

    def size_bytes(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def read_tail(self, since_bytes: int = 0) -> str:
        """The last words, none older than the given position."""
        if not self.path.exists():
            return ""
        with self.path.open("rb") as file:
            file.seek(max(since_bytes, self.size_bytes() - TAIL_BYTES))
            return file.read().decode(errors="replace")

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")

    def _watch(self) -> None:
        while not self._closed.wait(CHECK_INTERVAL_S):
            self.rotate_if_large()
