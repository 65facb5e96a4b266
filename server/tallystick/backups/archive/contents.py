"""Which parts went by, how large was each, and is that all? Writer and reader keep the same account, which must come out even. Pure."""

import re
from collections.abc import Mapping
from hashlib import sha256

from tallystick.backups.archive.errors import Contradiction
from tallystick.backups.archive.records import NAME_BYTES_MAX, PART_END
from tallystick.backups.archive.rows import PREFIX, RowCounter

NAME = "contents"
# Names can be written to a disk as they are: none leaves its folder, and no two differ only in how they are written.
NAMES = re.compile(r"[a-z0-9_][a-z0-9_.-]*(/[a-z0-9_][a-z0-9_.-]*)*")
# About 300 bytes are kept for each part, so that the account stays below what scrypt takes.
PARTS_MAX = 500_000


class Contents:
    """The account of an archive while it is written or read."""

    def __init__(self) -> None:
        self._lines: dict[str, bytes] = {}
        self._rows: dict[str, int] = {}
        self._part = _Part("")
        self.plain_bytes = 0

    @property
    def parts(self) -> int:
        return len(self._lines)

    def begin(self, name: str) -> None:
        if len(name) > NAME_BYTES_MAX or not NAMES.fullmatch(name):
            raise Contradiction("no part may have such a name")
        if name in self._lines:
            raise Contradiction(f"the part {name} comes twice")
        if len(self._lines) >= PARTS_MAX:
            raise Contradiction(f"an archive has {PARTS_MAX} parts at most")
        self._part = _Part(name)

    def add(self, piece: bytes) -> None:
        self._part.add(piece)
        self.plain_bytes += len(piece)

    def end(self) -> bytes:
        """What closes the part: its size and its SHA-256."""
        part = self._part
        self._lines[part.name] = b"%b %d %b\n" % (part.hash.hexdigest().encode(), part.size, part.name.encode())
        if part.rows is not None:
            self._rows[part.name.removeprefix(PREFIX)] = part.rows.finish()
        return PART_END.pack(part.size, part.hash.digest())

    def list(self) -> list[bytes]:
        """What closes the archive: a line for each part so far, in their order."""
        return [*self._lines.values()]

    def require_rows(self, promised: Mapping[str, int]) -> None:
        differing = sorted(name for name in {*promised, *self._rows} if promised.get(name) != self._rows.get(name))
        if differing:
            raise Contradiction(f"not as many rows as the manifest says: {', '.join(differing)}")


class _Part:
    """What is known so far of the part that is going by."""

    __slots__ = ("hash", "name", "rows", "size")

    def __init__(self, name: str) -> None:
        self.name = name
        self.hash = sha256()
        self.size = 0
        self.rows = RowCounter() if name.startswith(PREFIX) else None

    def add(self, piece: bytes) -> None:
        self.hash.update(piece)
        self.size += len(piece)
        if self.rows is not None:
            self.rows.add(piece)
