"""How does an import come to its end, and back? Step by step, each in a commit of its own, until nothing is left to do.

Every step is a request whose id follows from the import and its version: whoever takes it once more, after a crash or beside another call,
is answered what was done.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

from tallystick.caller import Caller
from tallystick.errors import NotVisible
from tallystick.imports import commands, recording, reverting
from tallystick.imports.categories import IN_COMMIT, MADE_MAX, Missing, all_missing, make_categories
from tallystick.imports.commands import Commit
from tallystick.imports.destinations import destination_of, is_shared
from tallystick.imports.queries import WANTED_AFTER, get_import, open_rows
from tallystick.imports.staging import Staging, Unreadable
from tallystick.imports.steps import take_step
from tallystick.imports.telling import Tell, compose_finished
from tallystick.store.store import Store
from tallystick.v1.import_pb2 import Import
from tallystick.v1.import_service_pb2 import (
    ProcessImportRequest,
    ProcessImportResponse,
    RevertImportRequest,
    RevertImportResponse,
)

SLICE_ROWS = 2000


class Running:
    """Processes and reverts imports."""

    def __init__(self, store: Store, staging: Staging, tell: Tell) -> None:
        self._store = store
        self._staging = staging
        self._tell = tell
        # Who compares which import in this process, and how many wait for it.
        self._turns: dict[UUID, tuple[asyncio.Lock, int]] = {}

    async def process(
        self, caller: Caller, request: ProcessImportRequest
    ) -> AsyncGenerator[ProcessImportResponse, None]:
        of_import = await self._get(caller, request)
        recording.require_processable(of_import)
        if of_import.status == commands.UNREAD:
            async for compared in self.compare(caller, request):
                yield ProcessImportResponse(compared=compared)
            of_import = await self._get(caller, request)
            recording.require_processable(of_import)
        if request.only_compare or of_import.status == commands.DONE:
            yield ProcessImportResponse(file_import=of_import)
            return
        if of_import.status == commands.READY:
            of_import = await self._step(caller, of_import, "begin", recording.begin_processing)
        of_import = await self._make_categories(caller, request, of_import)
        while of_import.status == commands.PROCESSING:
            at = of_import.processed_to
            command = partial(recording.process_rows, after_row_no=at)
            of_import = await self._step(caller, of_import, f"rows after {at}", command)
            if of_import.processed_to == at:
                break
            yield ProcessImportResponse(file_import=of_import)
        if of_import.status == commands.PROCESSING:
            await self._tell_of(caller, request, of_import)
            of_import = await self._step(caller, of_import, "end", recording.end_processing)
        recording.require_processable(of_import)
        yield ProcessImportResponse(file_import=of_import)

    async def compare(self, caller: Caller, request: ProcessImportRequest) -> AsyncGenerator[int, None]:
        """How many rows are compared, until all are. Of two calls in this process, the second waits and finds it done."""
        async with self._turn(UUID(request.import_id)):
            of_import = await self._get(caller, request)
            if of_import.status != commands.UNREAD:
                return
            try:
                async for compared in self._staging.stage(caller, of_import):
                    yield compared
            except Unreadable:
                failed = await self._staging.fail(caller, await self._get(caller, request))
                await self._tell_of(caller, request, failed)

    async def revert(self, caller: Caller, request: RevertImportRequest) -> AsyncGenerator[RevertImportResponse, None]:
        of_import = await self._get(caller, request)
        reverting.require_begun(of_import)
        if of_import.status in {commands.PROCESSING, commands.DONE}:
            of_import = await self._step(caller, of_import, "begin reverting", reverting.begin_reverting)
        while of_import.status == commands.REVERTING:
            at = of_import.processed_to
            command = partial(reverting.revert_rows, after_row_no=at)
            of_import = await self._step(caller, of_import, f"revert after {at}", command)
            if of_import.processed_to == at:
                of_import = await self._step(caller, of_import, "end reverting", reverting.end_reverting)
            else:
                yield RevertImportResponse(file_import=of_import)
        yield RevertImportResponse(file_import=of_import)

    async def _make_categories(self, caller: Caller, request: ProcessImportRequest, of_import: Import) -> Import:
        if of_import.status != commands.PROCESSING or not of_import.choices.create_categories or is_shared(of_import):
            return of_import
        missing = await self._find_missing(caller, request)
        for start in range(0, len(missing), IN_COMMIT):
            command = partial(make_categories, wanted=missing[start : start + IN_COMMIT])
            of_import = await self._step(caller, of_import, f"categories from {start}", command)
        return of_import

    async def _find_missing(self, caller: Caller, request: ProcessImportRequest) -> list[Missing]:
        """All that the rows name. Beyond what a book can be meant to have, rows stay without one."""
        tx = self._store.reader(caller, request.space_id, request)
        import_id, after = UUID(request.import_id), 0
        found: dict[tuple[int, str], Missing] = {}
        while True:
            rows = await tx.fetch(
                WANTED_AFTER(space_id=tx.space_id, import_id=import_id, after=after, limit=SLICE_ROWS)
            )
            found |= all_missing(open_rows(tx, import_id, rows))
            if len(rows) < SLICE_ROWS:
                return [*found.values()][:MADE_MAX]
            after = rows[-1][0]
            await asyncio.sleep(0)

    async def _tell_of(self, caller: Caller, request: ProcessImportRequest, of_import: Import) -> None:
        try:
            name = await destination_of(of_import).get_name(self._store.reader(caller, request.space_id, request))
        except NotVisible:
            name = ""
        await self._tell(compose_finished(of_import, name))

    async def _get(self, caller: Caller, request: ProcessImportRequest | RevertImportRequest) -> Import:
        return await get_import(self._store.reader(caller, request.space_id, request), UUID(request.import_id))

    async def _step(self, caller: Caller, of_import: Import, what: str, command: Commit) -> Import:
        return await take_step(self._store, caller, of_import, what, command)

    @asynccontextmanager
    async def _turn(self, import_id: UUID) -> AsyncIterator[None]:
        lock, waiting = self._turns.get(import_id, (asyncio.Lock(), 0))
        self._turns[import_id] = (lock, waiting + 1)
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._turns.pop(import_id)
            if waiting > 1:
                self._turns[import_id] = (lock, waiting - 1)
