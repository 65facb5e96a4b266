"""How do the rows of an archive come into the empty tables? As they were taken, table by table, while the archive is read a second time."""

from collections.abc import AsyncIterator, Callable

import psycopg
from psycopg import sql

from tallystick.backups.ahead import in_thread
from tallystick.backups.archive.reader import Archive, OpenedPart
from tallystick.backups.archive.rows import PREFIX, Unframing
from tallystick.backups.errors import NotAsManyRows, NotOfAServer
from tallystick.backups.whole import keys
from tallystick.backups.whole.contents import PREFIX as CONTENTS_PREFIX
from tallystick.backups.whole.contents import Contents, failure_of
from tallystick.backups.whole.scratch import SCHEMA
from tallystick.backups.whole.selection import KEYS, LEFT_OUT
from tallystick.backups.whole.snapshot import COPY_HEADER, COPY_TRAILER
from tallystick.store.keyring import Keyring
from tallystick.store.keys import purpose

GATHERED_BYTES = 512 * 1024
_KEY_COLUMNS = ("space_id", "generation", "master_id", "wrapped", "created_at")


class Loading:
    """Loads one archive into the scratch schema."""

    def __init__(
        self, connection: psycopg.Connection, keyring: Keyring, contents: Contents, tell: Callable[[str], None]
    ) -> None:
        """`keyring`: what the keys of the spaces are wrapped with from now on."""
        self._connection = connection
        self._keyring = keyring
        self._contents = contents
        self._tell = tell

    async def run(self, archive: Archive) -> None:
        async for part in archive.parts():
            if part.name == keys.PART:
                await self._load_keys(part)
            elif part.name.startswith(PREFIX):
                table = part.name.removeprefix(PREFIX)
                if table not in LEFT_OUT:
                    await self._load_rows(
                        part, table, archive.manifest.columns[table], archive.manifest.row_counts[table]
                    )
            elif part.name.startswith(CONTENTS_PREFIX):
                await self._put_content(part)

    async def _put_content(self, part: OpenedPart) -> None:
        try:
            await self._contents.put(part.name.removeprefix(CONTENTS_PREFIX), part.pieces())
        except ValueError:
            raise NotOfAServer(f"The archive has a part {part.name}, which is no content of a file.") from None
        except OSError as away:
            raise failure_of(away) from away

    async def _load_rows(self, part: OpenedPart, table: str, columns: tuple[str, ...], promised: int) -> None:
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(SCHEMA, table), names)
        with self._connection.cursor() as cursor:
            with cursor.copy(query) as copy:
                await in_thread(copy.write, COPY_HEADER)
                async for rows in _gathered(part):
                    await in_thread(copy.write, rows)
                await in_thread(copy.write, COPY_TRAILER)
            loaded = cursor.rowcount
        if loaded != promised:
            raise NotAsManyRows(f"{table} has {loaded} rows after loading, and {promised} were promised.")
        self._tell(f"{table}: {loaded} rows")

    async def _load_keys(self, part: OpenedPart) -> None:
        """Few, beside the rows. Each is wrapped on its way, so none is ever written in plain."""
        read = keys.KeysRead(part.pieces())
        await read.common()
        names = sql.SQL(", ").join(map(sql.Identifier, _KEY_COLUMNS))
        query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(SCHEMA, KEYS), names)
        with self._connection.cursor() as cursor, cursor.copy(query) as copy:
            async for each in read.keys():
                wrapped = self._keyring.wrap(each.key, purpose(each.space_id, each.generation))
                row = (each.space_id, each.generation, wrapped.master_id, wrapped.sealed, each.created_at)
                copy.write_row(row)


async def _gathered(part: OpenedPart) -> AsyncIterator[bytes]:
    unframing, gathered = Unframing(), bytearray()
    async for piece in part.pieces():
        gathered += unframing.add(piece)
        if len(gathered) >= GATHERED_BYTES:
            yield bytes(gathered)
            gathered.clear()
    if gathered:
        yield bytes(gathered)
