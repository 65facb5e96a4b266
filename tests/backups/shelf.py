"""What do tests of archives put into them, and how do they come by one? Small chunks and a cheap passphrase, so that thousands are read."""

import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Cost, Passphrase
from tallystick.backups.archive.reader import open_archive
from tallystick.backups.archive.streams import Pieces
from tallystick.backups.archive.writer import Part, write_archive

PASSPHRASE = Passphrase("correct horse battery staple")
CHEAP = Cost(log_n=1)
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


async def written(parts: Sequence[Part], told: Manifest | None = None, *, chunk_bits: int = SMALL) -> bytes:
    """An archive, always the same for the same parts."""
    source = write_archive(
        told or manifest(),
        parts,
        PASSPHRASE,
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
