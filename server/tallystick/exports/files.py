"""What is an export before it is a file? A name, and pieces that come one after the other, as fast as somebody takes them."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import NamedTuple

from tallystick.exports.rules import CONTENT_TYPES
from tallystick.exports.sheets import Sheet
from tallystick.v1.export_pb2 import ExportEnd, ExportFormat, ExportHeader, ExportProgress
from tallystick.v1.export_service_pb2 import ExportResponse

# Small enough for every limit on the way, large enough that what is around a chunk does not count.
CHUNK_BYTES = 64 * 1024


class Piece(NamedTuple):
    """Some bytes, and how many items are done with them, altogether."""

    data: bytes
    items: int


@dataclass(frozen=True, slots=True)
class ComingFile:
    """A file that is made while it is sent."""

    name: str
    content_type: str
    items: int
    pieces: AsyncGenerator[Piece, None]


def table(name: str, sheet: Sheet, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> ComingFile:
    """A table that is known already."""

    async def pieces() -> AsyncGenerator[Piece, None]:
        yield Piece(sheet.begin(columns) + sheet.rows(rows), len(rows))

    return ComingFile(name, CONTENT_TYPES[ExportFormat.EXPORT_FORMAT_CSV], len(rows), pieces())


async def chunks(file: ComingFile) -> AsyncGenerator[Piece, None]:
    """The pieces, cut and put together to chunks of one size."""
    held, items = bytearray(), 0
    async with aclosing(file.pieces) as pieces:
        async for data, items in pieces:
            held += data
            while len(held) >= CHUNK_BYTES:
                yield Piece(bytes(held[:CHUNK_BYTES]), items)
                del held[:CHUNK_BYTES]
    if held:
        yield Piece(bytes(held), items)


async def responses(file: ComingFile) -> AsyncGenerator[ExportResponse, None]:
    """The file as it travels: the header, chunks with progress, and the end."""
    header = ExportHeader(file_name=file.name, content_type=file.content_type, items=file.items)
    yield ExportResponse(header=header)
    digest, size, told = hashlib.sha256(), 0, 0
    async with aclosing(chunks(file)) as pieces:
        async for data, items in pieces:
            digest.update(data)
            size += len(data)
            yield ExportResponse(chunk=data)
            if items > told:
                told = items
                yield ExportResponse(progress=ExportProgress(items=items))
    yield ExportResponse(end=ExportEnd(size_bytes=size, sha256=digest.digest()))
