"""How does a whole server come back? In an order in which a kill at any moment leaves what was there, or what was restored.

1. The archive is read to its end; one that is damaged, foreign, newer or closed otherwise is refused here.
2. What is there is looked at, and backed up if it is to be replaced.
3. The archive is loaded into a schema that nobody looks into, brought up to this server's, and proven there.
4. The keyring is kept, and the schema takes its place, in one commit.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psycopg

from tallystick.backups.archive.passphrase import Passphrase
from tallystick.backups.archive.reader import open_archive
from tallystick.backups.spool import read_file, spool
from tallystick.backups.whole import scratch, switching
from tallystick.backups.whole.contents import Contents
from tallystick.backups.whole.erased import Erased, fetch_erased
from tallystick.backups.whole.examining import Examined, examine
from tallystick.backups.whole.keyrings import Adopted, adopt
from tallystick.backups.whole.loading import Loading
from tallystick.backups.whole.writing import WholeServer
from tallystick.store import migrate
from tallystick.store.keyring import Keyring

SUFFIX = ".tally"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server lives. The owner may change the schema, and the reader sees every row."""

    app_url: str
    owner_url: str
    reader_url: str
    keyring_path: Path
    keyring_given: str
    backups_dir: Path


NOBODY_ERASED = Erased()

# What is done to a restored database before it takes its place, by whoever knows the features: erasures that are half done are finished,
# and every space is proven. Returns the spaces that differ.
Finish = Callable[[str, Keyring], Awaitable[frozenset[UUID]]]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back."""

    examined: Examined
    safety: Path | None
    differing: frozenset[UUID]


class Restoring:
    """Puts archives of a whole server in its place."""

    def __init__(self, place: Place, tables: Collection[str], finish: Finish, tell: Tell, contents: Contents) -> None:
        self._place = place
        self._tables = tables
        self._finish = finish
        self._tell = tell
        self._contents = contents

    async def run(
        self, path: Path, passphrase: Passphrase, *, replace: bool, erased_since: Erased = NOBODY_ERASED
    ) -> Restored:
        """`erased_since`: who must not come back, besides those whom the database that is there knows to be erased."""
        examined = await examine(path, passphrase)
        self._tell(f"{path}: whole, of {examined.created_at.isoformat(timespec='seconds')}")
        with scratch.alone(self._place.owner_url) as connection:
            switching.require_alone(connection)
            is_empty = switching.is_empty(connection)
            if not replace:
                switching.require_empty(connection)
            place = self._place
            adopted = adopt(place.keyring_given, place.keyring_path, examined.lookup_secret, is_empty=is_empty)
            safety = None if is_empty else await self._save(adopted.keyring, passphrase)
            try:
                erased = erased_since if is_empty else erased_since | fetch_erased(connection)
                differing = await self._load(connection, path, passphrase, adopted, erased)
            finally:
                scratch.clear(connection)
        return Restored(examined, safety, differing)

    async def _save(self, keyring: Keyring, passphrase: Passphrase) -> Path:
        """What is replaced can be brought back in the same way."""
        folder = self._place.backups_dir
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{SUFFIX}"
        server = WholeServer(self._place.reader_url, keyring, self._tables, self._contents)
        await spool(server.write(passphrase), path)
        await examine(path, passphrase)
        self._tell(f"{path}: what was there, closed with the same passphrase")
        return path

    async def _load(
        self, connection: psycopg.Connection, path: Path, passphrase: Passphrase, adopted: Adopted, erased: Erased
    ) -> frozenset[UUID]:
        differing = await self.rebuild(connection, path, passphrase, adopted.keyring, erased)
        adopted.keep()
        switching.switch(connection)
        return differing

    async def rebuild(
        self, connection: psycopg.Connection, path: Path, passphrase: Passphrase, keyring: Keyring, erased: Erased
    ) -> frozenset[UUID]:
        """The archive's database in the scratch schema, as it would take its place."""
        owner_url = self._place.owner_url
        archive = await open_archive(read_file(path), passphrase)
        scratch.make(connection, owner_url, archive.manifest.schema_revision)
        with connection.transaction():
            off = scratch.undress(connection)
            await Loading(connection, keyring, self._contents, self._tell).run(archive)
            scratch.dress(connection, off)
        if archive.manifest.schema_revision != migrate.newest():
            migrate.upgrade(scratch.within(owner_url))
        if erased and (came_back := switching.forget_the_erased(connection, erased)):
            self._tell(f"erased again: {came_back} users")
        switching.renew(connection)
        switching.analyze(connection)
        return await self._finish(scratch.within(self._place.app_url), keyring)
