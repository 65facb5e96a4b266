"""Where do the bytes of a file come from? From whoever keeps files: this feature knows no more of them than this."""

from collections.abc import AsyncIterator
from typing import Protocol
from uuid import UUID

from tallystick.errors import NotVisible
from tallystick.imports.reading.decoding import FILE_BYTES_MAX
from tallystick.imports.reading.lines import refusal
from tallystick.store.tx import ReadTx


class FileHead(Protocol):
    """What is known of a file without its content."""

    @property
    def name(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...


class FileContent(Protocol):
    """A file that is whole."""

    @property
    def file(self) -> FileHead: ...
    def pieces(self) -> AsyncIterator[bytes]: ...


class OpenContent(Protocol):
    """Opens a file of the space that `tx` looks at. One that is not there, or not whole, is not visible."""

    async def __call__(self, tx: ReadTx, file_id: UUID) -> FileContent: ...


async def read_whole(content: FileContent) -> bytes:
    """All of it, if it is not too much to be read as a whole."""
    if content.file.size_bytes > FILE_BYTES_MAX:
        raise refusal(f"is longer than {FILE_BYTES_MAX} bytes")
    data = bytearray()
    async for piece in content.pieces():
        data += piece
        if len(data) > FILE_BYTES_MAX:
            raise refusal(f"is longer than {FILE_BYTES_MAX} bytes")
    return bytes(data)


async def no_content(tx: ReadTx, file_id: UUID) -> FileContent:
    """Where nobody keeps files there is none."""
    await tx.fetch_all()
    raise NotVisible
