"""How does an archive of the whole server come to be? What it will hold is counted first, in the moment that is then read."""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from tallystick import __version__
from tallystick.backups.ahead import ahead, in_thread
from tallystick.backups.archive.manifest import Manifest
from tallystick.backups.archive.passphrase import USUAL, Cost, Passphrase
from tallystick.backups.archive.rows import PREFIX
from tallystick.backups.archive.writer import Part, write_archive
from tallystick.backups.errors import ContentsAway, KeyMissing
from tallystick.backups.whole import keys
from tallystick.backups.whole.contents import PREFIX as CONTENTS_PREFIX
from tallystick.backups.whole.contents import Contents, failure_of
from tallystick.backups.whole.selection import KEYS, Selected, choose
from tallystick.backups.whole.snapshot import WholeSnapshot, snapshot_of
from tallystick.store.keyring import Keyring, KeyringError, Wrapped
from tallystick.store.keys import purpose


class WholeServer:
    """What is backed up: a database, the keyring that opens its keys, and the contents of files."""

    def __init__(
        self, url: str, keyring: Keyring, tables: Collection[str], contents: Contents, cost: Cost = USUAL
    ) -> None:
        """`url`: of a role that sees every row. `tables`: all of the schema."""
        self._url = url
        self._keyring = keyring
        self._tables = tables
        self._contents = contents
        self._cost = cost

    async def write(self, passphrase: Passphrase) -> AsyncGenerator[bytes, None]:
        """The archive's bytes, of the moment in which the first is asked for."""
        opened = snapshot_of(self._url)
        snapshot = await in_thread(opened.__enter__)
        try:
            selected = choose(await in_thread(snapshot.columns), self._tables)
            told = await in_thread(self._compose_manifest, snapshot, selected)
            # Whatever still reads from the connection ends before that is closed, also where the archive is given up in the middle.
            async with AsyncExitStack() as reading:
                parts = self._parts(snapshot, selected, reading)
                async for piece in write_archive(told, parts, passphrase, cost=self._cost):
                    yield piece
        finally:
            await in_thread(opened.__exit__, None, None, None)

    def _compose_manifest(self, snapshot: WholeSnapshot, selected: list[Selected]) -> Manifest:
        self._keyring.catch_up()
        return Manifest(
            schema_revision=snapshot.revision(),
            server_version=__version__,
            postgresql_major=snapshot.postgresql_major(),
            created_at=datetime.now(UTC),
            row_counts={table.name: snapshot.count(table.name) for table in selected},
            space_kinds=snapshot.space_kinds(),
            key_ids=self._keyring.ids,
            columns={table.name: table.columns for table in selected},
        )

    async def _parts(
        self, snapshot: WholeSnapshot, selected: list[Selected], reading: AsyncExitStack
    ) -> AsyncIterator[Part]:
        def read(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
            stream = ahead(pieces)
            reading.push_async_callback(stream.aclose)
            return stream

        yield Part(keys.PART, read(self._key_lines(snapshot)))
        for table in selected:
            yield Part(PREFIX + table.name, read(snapshot.rows(table)))
        # After the rows: whatever the rows of that moment name was there before.
        taken = 0
        try:
            async for name, pieces in self._contents.list():
                yield Part(CONTENTS_PREFIX + name, pieces)
                taken += 1
        except OSError as away:
            raise failure_of(away) from away
        if not taken and await in_thread(snapshot.names_contents):
            # A folder that is not mounted looks like an empty one.
            raise ContentsAway(
                "There are files, and nothing lies where their contents should. Is TALLYSTICK_FILES_DIR right?"
            )

    def _key_lines(self, snapshot: WholeSnapshot) -> Iterator[bytes]:
        yield keys.compose_common(keys.Common(self._keyring.lookup_secret, snapshot.count(KEYS)))
        for space_id, generation, master_id, wrapped, created_at in snapshot.wrapped_keys():
            try:
                key = self._keyring.unwrap(Wrapped(master_id, wrapped), purpose(space_id, generation))
            except KeyringError as missing:
                raise KeyMissing(f"The key of the space {space_id} cannot be opened: {missing}") from missing
            yield keys.compose_key(keys.SpaceKey(space_id, generation, key, created_at))
