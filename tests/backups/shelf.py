"""What do tests of archives put into them, and how do they come by one? Small chunks and a cheap passphrase, so that thousands are read."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Cost, Passphrase
from tallystick.backups.archive.reader import open_archive
from tallystick.backups.archive.recipient import Recipient, lock_for
from tallystick.backups.archive.streams import Pieces
from tallystick.backups.archive.writer import Part, write_archive

PASSPHRASE = Passphrase("correct horse battery staple")
CHEAP = Cost(log_n=1)
RECIPIENT = Recipient.of(PASSPHRASE, CHEAP, random.Random(2).randbytes)
# Chunks of 64 bytes.
SMALL = 6


def manifest(**row_counts: int) -> Manifest:
    return Manifest(
        schema_revision="1",
        server_version="0.1.0",
        postgresql_major=18,
        created_at=datetime(2026, 2, 3, 9, 30, tzinfo=UTC),
        row_counts=row_counts,
        space_kinds={"home": 1},
        key_ids=("m1",),
    )


async def written(
    parts: Sequence[Part], told: Manifest | None = None, *, chunk_bits: int = SMALL, for_key: bool = False
) -> bytes:
    """An archive, always the same for the same parts. For a key: with the same data key, under another lock each time."""
    source = write_archive(
        told or manifest(),
        parts,
        lock_for(RECIPIENT, chunk_bits, random.Random(1).randbytes) if for_key else PASSPHRASE,
        cost=CHEAP,
        chunk_bits=chunk_bits,
        randomness=random.Random(1).randbytes,
    )
    return b"".join([piece async for piece in source])


async def read(source: Pieces, passphrase: Passphrase = PASSPHRASE) -> tuple[Manifest, list[tuple[str, bytes]]]:
    archive = await open_archive(source, passphrase)
    parts = [(part.name, b"".join([piece async for piece in part.pieces()])) async for part in archive.parts()]
    return archive.manifest, parts


def kept(parts: Mapping[str, bytes]) -> list[Part]:
    return [Part(name, [content]) for name, content in parts.items()]
