"""How do the rows of a file come to lie beside the book, each with what is known of it? Read, compared, and kept some at a time.

Nothing of the book changes meanwhile. Whoever begins later takes over from whoever began before: the import counts its readings, and
every commit asks whether it is still of the last one.
"""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import InvalidInput, NotVisible
from tallystick.imports import commands
from tallystick.imports.comparing import Compared, Comparing
from tallystick.imports.contents import read_whole
from tallystick.imports.keys import Keys
from tallystick.imports.making import Making, Read, Said, look_around
from tallystick.imports.profiles import profile_id_of
from tallystick.imports.queries import get_secret
from tallystick.imports.reading.lines import Line, RowError
from tallystick.imports.reading.splitwise import SharedLine, SharedReading
from tallystick.imports.rows import Naming, compose_failed, compose_row
from tallystick.imports.shared.comparing import ComparingShared
from tallystick.imports.shared.placing import member_ids_of
from tallystick.imports.shared.rows import as_line
from tallystick.imports.shared.rows import compose_row as compose_shared_row
from tallystick.imports.steps import take_step
from tallystick.ledger.categories.queries import CATEGORIES
from tallystick.ledger.nouns.queries import find_all
from tallystick.store.store import Store
from tallystick.store.tx import ReadTx
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_rows_pb2 import ImportRow
from tallystick.v1.import_service_pb2 import ProcessImportRequest

# Rows are no changes: a commit may hold more of them than of those.
ROWS_IN_COMMIT = 2000
TOLD_EVERY = 1000


class Unreadable(Exception):
    """The file is gone, or is none any more that was understood."""


class Staging:
    """Compares the rows of imports with their book."""

    def __init__(self, store: Store, making: Making) -> None:
        self._store = store
        self._making = making

    async def stage(self, caller: Caller, of_import: Import) -> AsyncGenerator[int, None]:
        """Yields how many rows are compared, until all are and kept."""
        request = ProcessImportRequest(space_id=of_import.space_id, import_id=of_import.id)
        tx = self._store.reader(caller, of_import.space_id, request)
        of_import = await take_step(self._store, caller, of_import, "compare", commands.begin_comparing)
        readings = of_import.readings
        read = await self._read(tx, of_import)
        secret = await get_secret(tx)
        shared = read.understood.shared
        composed = _compose_shared(shared, of_import) if shared else self._compose(tx, read, of_import)
        rows, failed = await composed
        told: asyncio.Queue[int] = asyncio.Queue()
        comparing = (ComparingShared if shared else Comparing)(tx, Keys(secret), told.put_nowait)
        work = asyncio.create_task(comparing.compare(rows))
        try:
            async for done in _until_done(work, told):
                yield done
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        kept = sorted([*failed, *(each.row for each in rows)], key=lambda row: row.row_no)
        for start in range(0, len(kept), ROWS_IN_COMMIT):
            part = kept[start : start + ROWS_IN_COMMIT]
            keep = partial(commands.keep_rows, rows=part, readings=readings)
            await take_step(self._store, caller, of_import, f"rows from {start}", keep)
            yield start + len(part)
        likeness = str(profile_id_of(secret, read.understood.fingerprint))
        end = partial(commands.end_comparing, counts=commands.count_all(kept), readings=readings, likeness=likeness)
        await take_step(self._store, caller, of_import, "compared", end)

    async def fail(self, caller: Caller, of_import: Import) -> Import:
        """Nothing can come of it any more."""
        return await take_step(self._store, caller, of_import, "fail", commands.fail_import)

    async def _read(self, tx: ReadTx, of_import: Import) -> Read:
        """The file as it was understood when it was asked about."""
        around = await look_around(tx)
        try:
            data = await read_whole(await self._making.open_content(tx, UUID(of_import.file_id)))
            read = await self._making.read(
                tx,
                around,
                data,
                of_import.choices,
                Said(of_import.accounts, of_import.members),
                "",
                with_memory=False,
            )
        except (NotVisible, InvalidInput) as gone:
            raise Unreadable from gone
        if read.understood.questions:
            raise Unreadable
        return read

    async def _compose(self, tx: ReadTx, read: Read, of_import: Import) -> tuple[list[Compared], list[ImportRow]]:
        """Rows that can be compared, and those that cannot even be read. They are counted as they stand in the file."""
        around = await look_around(tx)
        categories = await find_all(tx, CATEGORIES, lambda _: True)
        naming = Naming(of_import.accounts, around.accounts, categories, of_import.choices.categories)
        found = read.understood.lines
        in_order: list[Line | RowError] = sorted([*found.lines, *found.errors], key=_row_of)
        rows, failed = list[Compared](), list[ImportRow]()
        for row_no, each in enumerate(in_order, 1):
            if row_no % TOLD_EVERY == 0:
                await asyncio.sleep(0)
            if isinstance(each, RowError):
                failed.append(compose_failed(row_no, each))
            else:
                rows.append(Compared(each, compose_row(row_no, each, naming)))
        return rows, failed


async def _compose_shared(shared: SharedReading, of_import: Import) -> tuple[list[Compared], list[ImportRow]]:
    """The same of what a group shares. Who somebody is stands in the import."""
    member_ids = member_ids_of(of_import)
    in_order: list[SharedLine | RowError] = sorted([*shared.lines, *shared.errors], key=_row_of)
    rows, failed = list[Compared](), list[ImportRow]()
    for row_no, each in enumerate(in_order, 1):
        if row_no % TOLD_EVERY == 0:
            await asyncio.sleep(0)
        if isinstance(each, RowError):
            failed.append(compose_failed(row_no, each))
        else:
            rows.append(Compared(as_line(each), compose_shared_row(row_no, each, shared.members, member_ids)))
    return rows, failed


def _row_of(each: Line | SharedLine | RowError) -> int:
    return each.row


async def _until_done(work: "asyncio.Task[None]", told: "asyncio.Queue[int]") -> AsyncGenerator[int, None]:
    """What is told while somebody works, and then what went wrong, if something did."""
    while not work.done():
        hearing = asyncio.create_task(told.get())
        await asyncio.wait([work, hearing], return_when=asyncio.FIRST_COMPLETED)
        if hearing.done():
            yield hearing.result()
        else:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
    await work
