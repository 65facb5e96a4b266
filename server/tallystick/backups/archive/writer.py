"""How does an archive come to be? Part by part, and out as it grows: nothing of it is ever whole in memory or on a disk in plain."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from tallystick.backups.archive import contents, manifest, records
from tallystick.backups.archive.chunks import Sealer
from tallystick.backups.archive.contents import Contents
from tallystick.backups.archive.errors import Contradiction
from tallystick.backups.archive.head import CHUNK_BITS, Randomness, lock
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import USUAL, Cost, Passphrase
from tallystick.backups.archive.recipient import Locked
from tallystick.backups.archive.records import BLOCK_BYTES, Kind
from tallystick.backups.archive.streams import Flow, Pieces, flowing


@dataclass(frozen=True)
class Part:
    """What is to be kept under a name. Nobody needs to know before how much it is."""

    name: str
    content: Pieces


async def write_archive(
    told: Manifest,
    parts: Flow[Part],
    closing: Passphrase | Locked,
    *,
    cost: Cost = USUAL,
    chunk_bits: int = CHUNK_BITS,
    randomness: Randomness = os.urandom,
) -> AsyncGenerator[bytes, None]:
    """The archive's bytes. It is one only when all have come: whoever stores them must not keep what an error cut short. What is locked
    already is so as it is, and for this archive alone."""
    if isinstance(closing, Locked):
        head, key = closing.head, closing.key
    else:
        head, key = await asyncio.to_thread(lock, closing, cost, chunk_bits, randomness)
    yield head.raw
    sealer = Sealer(key, head)
    async for record in _records(told, parts):
        for chunk in sealer.add(record):
            yield chunk
        await asyncio.sleep(0)
    yield sealer.finish()


async def _records(told: Manifest, parts: Flow[Part]) -> AsyncIterator[bytes]:
    account = Contents()
    async for record in _part(account, Part(manifest.NAME, [manifest.compose(told)])):
        yield record
    async for part in flowing(parts):
        if part.name == contents.NAME:
            raise Contradiction("the part that closes the archive is not given")
        async for record in _part(account, part):
            yield record
    account.require_rows(told.row_counts)
    async for record in _part(account, Part(contents.NAME, account.list())):
        yield record
    yield records.compose(Kind.END)


async def _part(account: Contents, part: Part) -> AsyncIterator[bytes]:
    account.begin(part.name)
    yield records.compose(Kind.PART, part.name.encode())
    async for block in _blocks(part.content):
        account.add(block)
        yield records.compose_block(block)
    yield records.compose(Kind.PART_END, account.end())


async def _blocks(content: Pieces) -> AsyncIterator[bytes]:
    """Small pieces are gathered, since alone they would hardly shrink; large ones are cut."""
    buffer = bytearray()
    async for piece in flowing(content):
        for at in range(0, len(piece), BLOCK_BYTES):
            buffer += piece[at : at + BLOCK_BYTES]
            if len(buffer) >= BLOCK_BYTES:
                yield bytes(buffer[:BLOCK_BYTES])
                del buffer[:BLOCK_BYTES]
    if buffer:
        yield bytes(buffer)
