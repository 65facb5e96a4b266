"""What is a body made of? Records: a part begins, blocks of it, it ends, and the end of all. Pure.

Each block is compressed by itself. A reader never opens more than one, whose size it knows before, and none grows more than EXPANSION_MAX
times: what would, is stored as it is. So a small archive cannot be made to fill a disk.
"""

import struct
import zlib
from enum import IntEnum

from tallystick.backups.archive.errors import Damaged, TooCostly

BLOCK_BYTES = 64 * 1024
EXPANSION_MAX = 64
# Measured in server/docs/decisions/0024-archives-of-our-own.md.
LEVEL = 6
# What does not shrink at its beginning is a picture or sealed. To try all of it takes longer than anything else.
SAMPLE_BYTES = 4096
RECORD = struct.Struct(">BI")
PLAIN_SIZE = struct.Struct(">I")
PART_END = struct.Struct(">Q32s")
NAME_BYTES_MAX = 200


class Kind(IntEnum):
    END = 0
    PART = 1
    STORED = 2
    DEFLATED = 3
    PART_END = 4


# How long what follows a record's head may be.
_BOUNDS = {
    Kind.END: (0, 0),
    Kind.PART: (1, NAME_BYTES_MAX),
    Kind.STORED: (1, BLOCK_BYTES),
    Kind.DEFLATED: (PLAIN_SIZE.size + 1, BLOCK_BYTES),
    Kind.PART_END: (PART_END.size, PART_END.size),
}


def compose(kind: Kind, payload: bytes = b"") -> bytes:
    return RECORD.pack(kind, len(payload)) + payload


def parse_head(head: bytes) -> tuple[Kind, int]:
    """Which kind of record comes, and how long it is."""
    number, size = RECORD.unpack(head)
    low, high = _BOUNDS.get(number, (1, 0))
    if not low <= size <= high:
        raise Damaged("body", "no record is like this")
    return Kind(number), size


def compose_block(plain: bytes) -> bytes:
    """From one byte to BLOCK_BYTES."""
    if len(_deflate(plain[:SAMPLE_BYTES])) < len(plain[:SAMPLE_BYTES]):
        deflated = _deflate(plain)
        if PLAIN_SIZE.size + len(deflated) < len(plain) <= EXPANSION_MAX * len(deflated):
            return compose(Kind.DEFLATED, PLAIN_SIZE.pack(len(plain)) + deflated)
    return compose(Kind.STORED, plain)


def inflate(payload: bytes) -> bytes:
    """What a DEFLATED record holds."""
    (size,) = PLAIN_SIZE.unpack_from(payload)
    deflated = payload[PLAIN_SIZE.size :]
    if size > min(BLOCK_BYTES, EXPANSION_MAX * len(deflated)):
        raise TooCostly("a block would grow more than any block of ours")
    inflating = zlib.decompressobj()
    try:
        plain = inflating.decompress(deflated, size + 1)
    except zlib.error:
        raise Damaged("body", "a block cannot be opened") from None
    if len(plain) > size:
        raise TooCostly("a block grows more than it says")
    if not plain or len(plain) < size or not inflating.eof or inflating.unused_data:
        raise Damaged("body", "a block is not as long as it says")
    return plain


def _deflate(plain: bytes) -> bytes:
    return zlib.compress(plain, LEVEL)
