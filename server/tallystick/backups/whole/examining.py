"""Is an archive whole, ours, and one that this server can put back? Asked before anything is touched: all of it is read."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tallystick.backups.archive.errors import Contradiction
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.reader import Archive, open_archive
from tallystick.backups.archive.rows import PREFIX
from tallystick.backups.archive.streams import Pieces
from tallystick.backups.errors import NewerSchema, NotOfAServer
from tallystick.backups.spool import read_file
from tallystick.backups.whole import keys
from tallystick.store import migrate


@dataclass(frozen=True, slots=True, repr=False)
class Examined:
    """An archive that was read to its end."""

    manifest: Manifest
    lookup_secret: bytes
    parts: int
    plain_bytes: int

    @property
    def created_at(self) -> datetime:
        return self.manifest.created_at


async def examine(path: Path, passphrase: Passphrase) -> Examined:
    return await examine_stream(read_file(path), passphrase)


async def examine_stream(source: Pieces, passphrase: Passphrase) -> Examined:
    """Reads a whole archive, and every key in it."""
    archive = await open_archive(source, passphrase)
    lookup_secret = await _read(archive)
    require_ours(archive.manifest, has_keys=lookup_secret is not None)
    assert lookup_secret is not None, "an archive without keys was just refused"
    return Examined(archive.manifest, lookup_secret, archive.account.parts, archive.account.plain_bytes)


async def _read(archive: Archive) -> bytes | None:
    lookup_secret = None
    async for part in archive.parts():
        if part.name == keys.PART:
            read = keys.KeysRead(part.pieces())
            lookup_secret = (await read.common()).lookup_secret
            async for _ in read.keys():
                pass
    return lookup_secret


def require_ours(manifest: Manifest, *, has_keys: bool) -> None:
    if not has_keys or not manifest.columns:
        raise NotOfAServer("This archive is whole, but not of a whole server.")
    if not migrate.knows(manifest.schema_revision):
        raise NewerSchema(
            f"This archive has the schema {manifest.schema_revision}, and this server knows up to {migrate.newest()}. "
            "To fix: restore with a server that is as new as the archive"
        )
    without = sorted({*manifest.row_counts} - {*manifest.columns})
    if without:
        raise Contradiction(f"{PREFIX}{without[0]} has no columns")
