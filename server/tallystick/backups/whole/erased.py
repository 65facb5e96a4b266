"""Who must not come back with an archive? Users that were erased after it was made, and access keys that were revoked.

A list of their ids lies beside the archives of each target: no name, no address, in an archive's format and closed with its passphrase. So
whoever can write there cannot have people erased. A restore applies it.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg

from tallystick import __version__
from tallystick.backups.archive.errors import Damaged
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import USUAL, Cost, Passphrase
from tallystick.backups.archive.reader import open_archive
from tallystick.backups.archive.streams import Pieces
from tallystick.backups.archive.writer import Part, write_archive
from tallystick.backups.errors import NotOfTheErased
from tallystick.store import migrate

PART = "erased"
NAME = "tallystick-erased.tally"
# What a target makes of the name when it is taken.
NAMES = "tallystick-erased*.tally"
_USERS = "SELECT user_id, erased_at FROM login WHERE erased_at IS NOT NULL"
_KEYS = "SELECT id, revoked_at FROM access_key WHERE revoked_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Erased:
    """Ids, and when each was erased or revoked."""

    users: Mapping[UUID, datetime] = field(default_factory=dict)
    access_keys: Mapping[UUID, datetime] = field(default_factory=dict)

    def __or__(self, other: "Erased") -> "Erased":
        return Erased({**self.users, **other.users}, {**self.access_keys, **other.access_keys})

    def __bool__(self) -> bool:
        return bool(self.users or self.access_keys)

    def has_all(self, other: "Erased") -> bool:
        return other.users.keys() <= self.users.keys() and other.access_keys.keys() <= self.access_keys.keys()


def find_beside(archive: Path) -> list[Path]:
    """The lists that lie where the archive lies."""
    return sorted(path for path in archive.parent.glob(NAMES) if path != archive)


def fetch_erased(connection: psycopg.Connection) -> Erased:
    """What a database knows."""
    users: Mapping[UUID, datetime] = dict(connection.execute(_USERS).fetchall())
    keys: Mapping[UUID, datetime] = dict(connection.execute(_KEYS).fetchall())
    return Erased(users, keys)


def write_erased(erased: Erased, passphrase: Passphrase, cost: Cost = USUAL) -> AsyncGenerator[bytes, None]:
    told = Manifest(
        schema_revision=migrate.newest(),
        server_version=__version__,
        postgresql_major=0,
        created_at=datetime.now(UTC),
        row_counts={},
        space_kinds={},
        key_ids=(),
    )
    return write_archive(told, [Part(PART, [_compose(erased)])], passphrase, cost=cost)


async def read_erased(source: Pieces, passphrase: Passphrase) -> Erased:
    """Raises ArchiveError, and NotOfTheErased for an archive of something else."""
    archive, found = await open_archive(source, passphrase), None
    async for part in archive.parts():
        content = b"".join([piece async for piece in part.pieces()]) if part.name == PART else None
        found = content if content is not None else found
    if found is None:
        raise NotOfTheErased("This archive is whole, but is no list of erased users.")
    return _parse(found)


def _compose(erased: Erased) -> bytes:
    def dated(ids: Mapping[UUID, datetime]) -> dict[str, str]:
        return {str(each): moment.isoformat() for each, moment in sorted(ids.items())}

    return json.dumps({"users": dated(erased.users), "access_keys": dated(erased.access_keys)}).encode()


def _parse(text: bytes) -> Erased:
    def dated(ids: Mapping[str, str]) -> dict[UUID, datetime]:
        return {UUID(each): datetime.fromisoformat(moment) for each, moment in ids.items()}

    try:
        document = json.loads(text)
        return Erased(dated(document["users"]), dated(document["access_keys"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Damaged(PART, "it cannot be read") from None
