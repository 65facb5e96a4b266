"""How do rows lie in a part, and how many are there? Each behind its length, in four bytes. Pure."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable

from tallystick.backups.archive.errors import Contradiction
from tallystick.backups.archive.streams import flowing

PREFIX = "rows/"
LENGTH_BYTES = 4
# A row is whole in memory, and nothing else is.
ROW_BYTES_MAX = 16 * 1024 * 1024


class RowCounter:
    """Counts rows as the pieces of a part go by, wherever those are cut."""

    __slots__ = ("_length", "_rest", "count")

    def __init__(self) -> None:
        self.count = 0
        self._rest = 0
        self._length = b""

    def add(self, piece: bytes) -> None:
        at = 0
        while at < len(piece):
            if self._rest:
                step = min(self._rest, len(piece) - at)
                self._rest -= step
            else:
                step = min(LENGTH_BYTES - len(self._length), len(piece) - at)
                self._read_length(piece[at : at + step])
            at += step

    def finish(self) -> int:
        if self._rest or self._length:
            raise Contradiction("a part of rows ends inside of one")
        return self.count

    def _read_length(self, found: bytes) -> None:
        self._length += found
        if len(self._length) == LENGTH_BYTES:
            self._rest, self._length = _bounded(int.from_bytes(self._length)), b""
            self.count += 1


async def framed(rows: AsyncIterable[bytes] | Iterable[bytes]) -> AsyncIterator[bytes]:
    """Rows as a part of them is written."""
    async for row in flowing(rows):
        yield _bounded(len(row)).to_bytes(LENGTH_BYTES) + row


async def rows_of(pieces: AsyncIterable[bytes] | Iterable[bytes]) -> AsyncIterator[bytes]:
    """The rows of a part, which the reader has counted and bounded."""
    buffer = bytearray()
    async for piece in flowing(pieces):
        buffer += piece
        at = 0
        while (end := _end_of_row(buffer, at)) <= len(buffer):
            yield bytes(buffer[at + LENGTH_BYTES : end])
            at = end
        del buffer[:at]


class Unframing:
    """Takes the lengths away again, for whoever wants many rows at once and knows from the rows where each ends."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def add(self, piece: bytes) -> bytes:
        """The rows that are whole now, one after the other."""
        buffer = self._rest + piece
        rows, at, size = [], 0, len(buffer)
        while (start := at + LENGTH_BYTES) <= size:
            end = start + int.from_bytes(buffer[at:start])
            if end > size:
                break
            rows.append(buffer[start:end])
            at = end
        self._rest = buffer[at:]
        return b"".join(rows)


def _end_of_row(buffer: bytearray, at: int) -> int:
    start = at + LENGTH_BYTES
    return start + int.from_bytes(buffer[at:start]) if start <= len(buffer) else start


def _bounded(size: int) -> int:
    if size > ROW_BYTES_MAX:
        raise Contradiction(f"a row has more than {ROW_BYTES_MAX} bytes")
    return size
